"""Processes outside of a run that report into it."""
