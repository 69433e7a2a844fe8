"""The components that come with Treadle: functions, scripts, SQL, files of definitions, kept state.

They use only what a user's own component could use. Tests: tests/components/test_library.py.
"""
