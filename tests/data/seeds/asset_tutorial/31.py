CITIES = ["london", "new_york", "tokyo"]

def build_city_assets():
    """Generate asset for each city."""
    assets = []

    for city in CITIES:
        @dg.asset(name=f"weather_{city}")
        def city_weather_asset():
            return fetch_weather(city)

        assets.append(city_weather_asset)

    return assets
