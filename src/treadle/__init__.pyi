# Generated from _public_names.py by `python -m treadle._public_names`; do not edit.
from treadle.core.keys import AssetCheckKey as AssetCheckKey
from treadle.core.keys import AssetKey as AssetKey
from treadle.core.run_states import RunStatus as DagsterRunStatus
from treadle.core.run_states import RunStatus as RunStatus

__version__: str
