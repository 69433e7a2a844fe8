"""The debugger behind `context.pdb`, imported when it is asked for."""

from pdb import Pdb


def debugger() -> Pdb:
    """A debugger on this process's terminal. Ctrl-C stays the run's: it ends the run, not the debugger alone."""
    return Pdb(nosigint=True)
