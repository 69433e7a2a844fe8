# Backfill last 7 days
dagster asset backfill -m phlo.definitions \
  -a daily_weather_data \
  --from 2024-11-01 \
  --to 2024-11-07
