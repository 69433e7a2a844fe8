from dagster import ConfigurableResource
import requests

class WeatherAPIResource(ConfigurableResource):
    """Resource for weather API."""

    api_key: str
    base_url: str = "https://api.openweathermap.org/data/2.5"

    def get_weather(self, city: str) -> dict:
        """Fetch weather for a city."""
        url = f"{self.base_url}/weather"
        params = {"q": city, "appid": self.api_key}
        response = requests.get(url, params=params)
        response.raise_for_status()
        return response.json()


# Register resource
def build_resources():
    return dg.Definitions(
        resources={
            "weather_api": WeatherAPIResource(
                api_key=get_config().WEATHER_API_KEY,
            ),
        },
    )
