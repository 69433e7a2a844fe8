docker-compose restart dagster-webserver dagster-daemon
