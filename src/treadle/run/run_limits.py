"""How long a run may take, from its tags or its job."""

from collections.abc import Mapping
from typing import Final

from treadle.core.errors import InvalidDefinitionError

MAX_RUNTIME_TAG: Final = "dagster/max_runtime"


def run_timeout(tags: Mapping[str, str], timeout: float | None) -> float | None:
    """Seconds that the run may take: the tag `dagster/max_runtime`, else what the job says.

    Raises:
        InvalidDefinitionError: the tag is no number of seconds.
    """
    text = tags.get(MAX_RUNTIME_TAG)
    if text is None:
        return timeout
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if seconds <= 0:
        raise InvalidDefinitionError(
            f"The tag `{MAX_RUNTIME_TAG}` must be a number of seconds, not {text!r}.", code="invalid-tag"
        )
    return seconds
