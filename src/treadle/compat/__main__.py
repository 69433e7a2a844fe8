"""`python -m treadle.compat script.py …` and `python -m treadle.compat -m module …`: run it with the alias."""

import os
import runpy
import sys

from treadle.compat.finder import install

USAGE = "usage: python -m treadle.compat (SCRIPT | -m MODULE) [ARGUMENT ...]"


def main() -> None:
    """Run what the arguments name, as Python would, with the peer's names resolving to Treadle."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.exit(USAGE if not arguments else print(USAGE))
    install()
    if arguments[0] != "-m":
        sys.argv[:] = arguments
        sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
        runpy.run_path(arguments[0], run_name="__main__")
        return
    if len(arguments) == 1:
        sys.exit(USAGE)
    sys.argv[:] = arguments[1:]
    sys.path[0] = os.getcwd()
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
