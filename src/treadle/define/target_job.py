"""Which job a schedule or sensor starts: given as an object, a name, a late reference, or assets chosen on the spot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from treadle.core.deprecation import tell_user
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.jobs import UnresolvedAssetJobDefinition, define_asset_job, job_name_of
from treadle.define.parameters import NO_DEFAULT, raw_parameters
from treadle.define.where import where_of

ANONYMOUS_JOB: Final = "__anonymous_asset_job_"
"""What the names of jobs begin with that stand only for the `target` of a schedule or sensor."""


class TargetJob:
    """The job that a schedule or sensor starts: an object, a name, a late reference, or assets chosen here.

    Args:
        job: the job, its name, or a function without arguments that returns one of these.
        job_name: its name.
        target: a job, or a selection of assets, of which an unnamed job is made.
    """

    def __init__(self, job: Any = None, job_name: str | None = None, target: Any = None) -> None:
        given = [one for one in (job, job_name, target) if one is not None]
        if len(given) > 1:
            raise InvalidDefinitionError(
                "give one of `job`, `job_name` and `target`.", code="invalid-argument"
            )
        self._given: Any = given[0] if given else None
        if is_graph(self._given):
            tell_user("a graph as the job of a schedule or sensor is deprecated: write `graph.to_job()`")
            self._given = job_of_graph(self._given)
        self.is_selection = target is not None and not _is_job(target)
        """True where it was given assets, of which an unnamed job is made."""
        self.assets: tuple[AssetsDefinition, ...] = _assets_of(target)
        """The assets that it was given as objects."""

    @property
    def job_name(self) -> str | None:
        """The job's name, as the peer calls it."""
        return self.name

    @property
    def known_name(self) -> str | None:
        """The name as far as it is known without calling anything."""
        if self._is_unmade or _is_late(self._given):
            return None
        return job_name_of(self._given)

    def name_anonymous(self, owner: str) -> None:
        """Make the job of a selection, named after its schedule or sensor."""
        if self._is_unmade:
            self._given = define_asset_job(f"{ANONYMOUS_JOB}{owner}", selection=self._given)

    @property
    def _is_unmade(self) -> bool:
        return self.is_selection and not isinstance(self._given, UnresolvedAssetJobDefinition)

    @property
    def definition(self) -> Any:
        """The job, where it is known as an object."""
        if _is_late(self._given):
            self._given = _called(self._given)
        return None if self._given is None or isinstance(self._given, str) else self._given

    @property
    def name(self) -> str | None:
        """The job's name."""
        if _is_late(self._given):
            self._given = _called(self._given)
        return job_name_of(self._given)


def bound_targets(targets: Sequence[TargetJob], jobs: Mapping[str, Any]) -> list[TargetJob] | None:
    """The targets, jobs that were given as objects as their code location has them; None where they are these already.

    Args:
        targets: of one schedule or sensor.
        jobs: name -> job, with the location's resources.
    """
    found: list[TargetJob] = []
    for target in targets:
        job = target.definition
        bound = jobs.get(job.name) if hasattr(job, "bound_to") else None
        found.append(target if bound is None or bound is job else TargetJob(bound))
    return None if all(new is old for new, old in zip(found, targets, strict=True)) else found


def is_graph(given: Any) -> bool:
    """Whether a graph stands where a job is wanted."""
    return hasattr(given, "to_job") and hasattr(given, "nodes")


def job_of_graph(graph: Any) -> Any:
    """The one job of a graph, however many schedules and sensors name it."""
    found = getattr(graph, "own_job", None)
    if found is None or found.own_graph is not graph:  # a copy of the graph has the job of the other
        found = graph.own_job = graph.to_job()
    return found


def _is_job(target: Any) -> bool:
    return isinstance(target, UnresolvedAssetJobDefinition) or hasattr(target, "execute_in_process")


def _called(late: Callable[[], Any]) -> Any:
    """What a late reference gives.

    Raises:
        InvalidArgumentError: a function that wants arguments, so no such reference.
    """
    raw, _, _ = raw_parameters(late)
    if any(parameter.default is NO_DEFAULT for parameter in raw):
        error = wrong_type(
            "job", "a job, its name, or a function without arguments that gives one of these", late
        )
        error.where = where_of(late)
        raise error
    return late()


def _assets_of(target: Any) -> tuple[AssetsDefinition, ...]:
    if isinstance(target, AssetsDefinition):
        return (target,)
    if isinstance(target, list | tuple) and all(isinstance(one, AssetsDefinition) for one in target):
        return tuple(target)
    return ()


def _is_late(job: Any) -> bool:
    return callable(job) and not hasattr(job, "name")
