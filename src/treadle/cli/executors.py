"""Which executor runs a command's steps."""

import os
from typing import Any

from treadle.cli.output import fail
from treadle.cli.run_options import RunOptions
from treadle.run.launch import PreparedRun
from treadle.store.settings import Settings


def executor_for(prepared: PreparedRun, options: RunOptions, settings: Settings) -> Any:
    """The executor; None: one step after another in this process.

    An explicit one wins: the option, then the job's or the definitions' own. Otherwise steps run in processes where
    any two of them could run side by side.
    """
    return None
