# Wrong
def downstream(upsteam_asset):  # Typo!
    pass

# Correct
def downstream(upstream_asset):
    pass
