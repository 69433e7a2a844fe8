docker-compose logs dagster-webserver
