@dg.asset(
    code_version="v2.0",  # Update when logic changes
)
def versioned_asset():
    """Asset with version tracking."""
    return compute_data_v2()
