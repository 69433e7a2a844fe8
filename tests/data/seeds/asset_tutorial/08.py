@dg.asset(
    deps=["upstream_asset"]  # Depends but doesn't need the data
)
def downstream_asset():
    """This runs after upstream_asset but doesn't use its data."""
    # Fetch data from database instead
    return query_database()
