dagster asset materialize -m phlo.definitions \
  -a daily_weather_data \
  --partition $(date +%Y-%m-%d)
