"""For the API reference: an `Example:` in a docstring is a block of code that was run, not prose."""

import re
from typing import Any

import griffe


class ExampleSections(griffe.Extension):
    """Reads `Example:` as the section that griffe calls `Examples:`."""

    def on_object(self, *, obj: Any, **_: Any) -> None:
        """Called by griffe for each function, class and module that it has read."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"(?m)^Example:$", "Examples:", obj.docstring.value)
