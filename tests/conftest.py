"""Fixtures and settings for every test."""

import os
import signal

from hypothesis import settings

pytest_plugins = ["tests.loaded_modules", "tests.postgres_server", "tests.small_disks"]

# No test is timed: a busy machine must not fail one. CI draws the same examples each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# A shell starts its background jobs with SIGINT ignored, and what tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
