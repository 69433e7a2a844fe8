"""The name that was probably meant where Python says only that there is none."""

import importlib
import inspect
import re
from typing import Final

from treadle.core.errors import did_you_mean

_UNKNOWN_ARGUMENT: Final = re.compile(r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")


def hint_for_name(error: AttributeError | TypeError) -> str | None:
    """`did you mean …`, for an attribute that an object lacks or an argument that one of our functions lacks.

    Example:
        >>> from treadle import AutomationCondition
        >>> try:
        ...     AutomationCondition.eagr()
        ... except AttributeError as error:
        ...     hint_for_name(error)
        'did you mean `eager`?'
    """
    if isinstance(error, AttributeError):
        if not error.name or error.obj is None:
            return None
        return did_you_mean(error.name, [name for name in dir(error.obj) if not name.startswith("_")])
    found = _UNKNOWN_ARGUMENT.search(str(error))
    if found is None:
        return None
    called = getattr(importlib.import_module("treadle"), found[1], None)
    try:
        parameters = inspect.signature(called).parameters.values() if called is not None else ()
    except (TypeError, ValueError):
        return None
    return did_you_mean(found[2], [each.name for each in parameters if each.kind is not each.VAR_KEYWORD])
