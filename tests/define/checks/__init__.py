"""Checks that are built for users."""
