"""`treadle …`: the command line. Each command is one small module in `commands/`, imported when it is called.

Commands read what the user gave, call a lower room and print; they decide nothing. Exit codes: `exit_codes.py`.
May import everything below. Tests: tests/cli.
"""
