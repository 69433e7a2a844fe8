@dg.asset
def weather_data(weather_api: WeatherAPIResource):
    """Fetch weather data."""
    return weather_api.get_weather("London")
