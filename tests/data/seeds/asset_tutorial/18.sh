dagster asset materialize -m phlo.definitions \
  -a daily_weather_data \
  --partition 2024-11-05
