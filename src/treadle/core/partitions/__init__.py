"""Partition definitions, sets and mappings."""
