"""Keys of assets and asset checks."""
