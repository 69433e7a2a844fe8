"""Names of a code location and of what it holds, as schedules, sensors and tools pass them on."""

from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.values import TupleValue, set_field

THE_REPOSITORY = "__repository__"
"""What the definitions of a code location are called, where nobody named them."""


def _text(argument: str, value: object, owner: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(argument, "text", value, owner)
    return value


class CodeLocationSelector(TupleValue):
    """Names a code location.

    Args:
        location_name: its name.
    """

    __slots__ = ("location_name",)
    location_name: str

    def __init__(self, location_name: str) -> None:
        set_field(self, "location_name", _text("location_name", location_name, "CodeLocationSelector"))

    def to_repository_selector(self) -> "RepositorySelector":
        """Names its definitions."""
        return RepositorySelector(self.location_name, THE_REPOSITORY)


class RepositorySelector(TupleValue):
    """Names the definitions of a code location.

    Args:
        location_name: of the code location.
        repository_name: of the definitions.
    """

    __slots__ = ("location_name", "repository_name")
    location_name: str
    repository_name: str

    def __init__(self, location_name: str, repository_name: str) -> None:
        set_field(self, "location_name", _text("location_name", location_name, "RepositorySelector"))
        set_field(self, "repository_name", _text("repository_name", repository_name, "RepositorySelector"))


class JobSelector(TupleValue):
    """Names a job of a code location.

    Args:
        location_name: of the code location.
        repository_name: of the definitions; may be left out.
        job_name: of the job.

    Raises:
        InvalidArgumentError: no job name.
    """

    __slots__ = ("job_name", "location_name", "repository_name")
    location_name: str
    repository_name: str
    job_name: str

    def __init__(
        self, location_name: str, repository_name: str | None = None, job_name: str | None = None
    ) -> None:
        if job_name is None:
            raise InvalidArgumentError("JobSelector: argument `job_name` is missing")
        set_field(self, "location_name", _text("location_name", location_name, "JobSelector"))
        repository = THE_REPOSITORY if repository_name is None else repository_name
        set_field(self, "repository_name", _text("repository_name", repository, "JobSelector"))
        set_field(self, "job_name", _text("job_name", job_name, "JobSelector"))

    @property
    def repository_selector(self) -> RepositorySelector:
        """Names the definitions that have it."""
        return RepositorySelector(self.location_name, self.repository_name)
