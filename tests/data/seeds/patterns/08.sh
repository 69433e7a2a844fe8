pip install dagster dagster-webserver dagster-pandas
