"""Fixtures and settings for every test."""

import os

from hypothesis import settings

pytest_plugins = ["tests.postgres_server"]

# No test is timed: a busy machine must not fail one. CI draws the same examples each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
