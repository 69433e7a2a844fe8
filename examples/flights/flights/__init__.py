"""A real year of flights from New York's three airports, as an asset graph. `TABLES.md` beside it defines each table."""
