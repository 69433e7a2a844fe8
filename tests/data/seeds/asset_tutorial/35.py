@dg.asset(
    retry_policy=dg.RetryPolicy(
        max_retries=3,
        delay=30,  # seconds between retries
        backoff=dg.Backoff.EXPONENTIAL,  # 30s, 60s, 120s
    ),
)
def asset_with_retries():
    """Automatically retries on failure."""
    return fetch_unreliable_api()
