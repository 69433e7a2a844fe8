"""Jobs that another process can make again: from a module-level name, or from a function and its arguments."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from treadle.core.errors import InvariantViolationError
from treadle.define.job_definition import JobDefinition


@attrs.frozen
class ReconstructableJob:
    """A job, and how another process makes it again. `reconstructable` and `build_reconstructable_job` make it.

    Args:
        module_name: of the module.
        function_name: the name in it: of a job, a graph, or a function that returns one.
        args: of the function.
        kwargs: of the function.
        working_directory: is searched for the module first.
        target: the job, graph or function, where it is here already.
    """

    module_name: str
    function_name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = attrs.field(factory=dict)
    working_directory: str | None = None
    target: Any = attrs.field(default=None, eq=False, repr=False)

    def get_definition(self) -> JobDefinition:
        """The job.

        Raises:
            InvariantViolationError: what stands under that name makes no job.
        """
        target = self.target
        if target is None:
            with _searching(self.working_directory):
                target = getattr(importlib.import_module(self.module_name), self.function_name)
        return _as_job(target, self.args, self.kwargs)

    def get_python_identifier(self) -> str:
        """Where the job is, for people."""
        return f"{self.module_name}.{self.function_name}"


def reconstructable(target: Any) -> ReconstructableJob:
    """A job that another process can make again.

    Args:
        target: a job that stands under its name in a module, or a function there that returns a job or a graph.

    Raises:
        InvariantViolationError: a lambda, a method, or something that is defined inside of a function.

    Example:
        >>> from treadle import execute_job, reconstructable  # doctest: +SKIP
        >>> execute_job(reconstructable(nightly), instance)  # doctest: +SKIP
    """
    if isinstance(target, JobDefinition):
        function = getattr(target.own_graph, "composition_fn", None)
        if target.own_graph is not None and function is None:
            return ReconstructableJob("", target.name, target=target)
        if function is None:
            raise InvariantViolationError(
                f"job `{target.name}` is one of assets; execute it as it is.", hint="pass the job itself"
            )
        _refuse_hidden(function, f"job `{target.name}`")
        return ReconstructableJob(function.__module__, target.name, target=target)
    if not callable(target):
        raise InvariantViolationError(
            f"`reconstructable` needs a job or a function that returns one, got {type(target).__name__}."
        )
    _refuse_hidden(target, "the function")
    return ReconstructableJob(target.__module__, target.__name__, target=target)


def build_reconstructable_job(
    reconstructor_module_name: str,
    reconstructor_function_name: str,
    reconstructable_args: Sequence[Any] | None = None,
    reconstructable_kwargs: Mapping[str, Any] | None = None,
    reconstructor_working_directory: str | None = None,
) -> ReconstructableJob:
    """A job that a function makes, in this process or another.

    Args:
        reconstructor_module_name: the function's module.
        reconstructor_function_name: the function.
        reconstructable_args: its arguments, plain values.
        reconstructable_kwargs: the same by name.
        reconstructor_working_directory: is searched for the module first.
    """
    return ReconstructableJob(
        reconstructor_module_name,
        reconstructor_function_name,
        tuple(reconstructable_args or ()),
        dict(reconstructable_kwargs or {}),
        reconstructor_working_directory,
    )


def job_of(job: Any) -> JobDefinition:
    """The job that is meant by a job, or by one that can be made again.

    Raises:
        InvariantViolationError: it is neither.
    """
    if isinstance(job, ReconstructableJob):
        return job.get_definition()
    if isinstance(job, JobDefinition):
        return job
    return _as_job(job, (), {})


def _as_job(target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> JobDefinition:
    if not isinstance(target, JobDefinition) and not hasattr(target, "to_job") and callable(target):
        target = target(*args, **kwargs)
    if hasattr(target, "to_job"):
        target = target.to_job()
    if not isinstance(target, JobDefinition):
        raise InvariantViolationError(f"a job was expected, got {type(target).__name__}.")
    return target


def _refuse_hidden(function: Any, what: str) -> None:
    name = getattr(function, "__qualname__", "")
    if "<lambda>" in name:
        raise InvariantViolationError(
            f"{what} is a lambda, which another process cannot import.",
            hint="define it with `def` in a module",
        )
    if "<locals>" in name or "." in name:
        raise InvariantViolationError(
            f"{what} is defined inside of `{name.rpartition('.')[0]}`, where another process cannot import it.",
            hint="move it to the top level of a module",
        )


@contextmanager
def _searching(folder: str | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
