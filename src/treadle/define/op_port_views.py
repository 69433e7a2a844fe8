"""`op.input_defs`, `op.output_defs` and their relatives: an op's inputs and outputs with their names and resolved types."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from treadle.core.errors import InvariantViolationError, did_you_mean
from treadle.define.doors import open_door
from treadle.define.op_ports import In, Out
from treadle.define.parameters import NO_DEFAULT
from treadle.define.type_definition import TypeDefinition
from treadle.define.types import ANY, resolve_type

if TYPE_CHECKING:
    from treadle.define.docstrings import Described


class OpInput(msgspec.Struct, frozen=True, kw_only=True):
    """An input of an op, by name, with the type that its annotation stands for."""

    name: str
    dagster_type: TypeDefinition = ANY
    description: str | None = None
    default_value: Any = NO_DEFAULT
    metadata: Mapping[str, Any] = {}
    input_manager_key: str | None = None
    hardcoded_asset_key: Any = None

    @property
    def has_default_value(self) -> bool:
        """True where the input may stay unconnected."""
        return self.default_value is not NO_DEFAULT


class OpOutput(msgspec.Struct, frozen=True, kw_only=True):
    """An output of an op, by name, with the type that its annotation stands for."""

    name: str
    dagster_type: TypeDefinition = ANY
    description: str | None = None
    is_required: bool = True
    is_dynamic: bool = False
    io_manager_key: str = "io_manager"
    metadata: Mapping[str, Any] = {}
    code_version: str | None = None

    @property
    def optional(self) -> bool:
        """True where the op may end without giving it."""
        return not self.is_required


class PortQuestions:
    """What an op and a graph both tell of their inputs and outputs in the peer's older words."""

    __slots__ = ()
    _kind: ClassVar[str]
    name: str
    ins: Mapping[str, Any]
    outs: Mapping[str, Any]

    @property
    def input_dict(self) -> dict[str, OpInput]:
        """Its inputs by name."""
        raise NotImplementedError

    @property
    def output_dict(self) -> dict[str, OpOutput]:
        """Its outputs by name."""
        raise NotImplementedError

    @property
    def input_defs(self) -> list[OpInput]:
        """Its inputs, in order."""
        return list(self.input_dict.values())

    @property
    def output_defs(self) -> list[OpOutput]:
        """Its outputs, in order."""
        return list(self.output_dict.values())

    @property
    def positional_inputs(self) -> list[str]:
        """The names of its inputs, in order."""
        return list(self.ins)

    def has_input(self, name: str) -> bool:
        """Whether it has an input of that name."""
        return name in self.ins

    def has_output(self, name: str) -> bool:
        """Whether it has an output of that name."""
        return name in self.outs

    def input_def_named(self, name: str) -> OpInput:
        """An input.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        self._refuse_unknown("input", name, self.ins)
        return self.input_dict[name]

    def output_def_named(self, name: str) -> OpOutput:
        """An output.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        self._refuse_unknown("output", name, self.outs)
        return self.output_dict[name]

    def _refuse_unknown(self, what: str, name: str, known: Mapping[str, Any]) -> None:
        if name not in known:
            raise InvariantViolationError(
                f"{self._kind} `{self.name}` has no {what} `{name}`.", hint=did_you_mean(name, known)
            )


class OpPorts(PortQuestions):
    """What an op tells of its inputs and outputs."""

    __slots__ = ()
    _kind = "op"
    ins: Mapping[str, In]
    outs: Mapping[str, Out]
    code_version: str | None
    pool: str | None

    @property
    def input_dict(self) -> dict[str, OpInput]:
        """Its inputs by name."""
        said = self._said.parameters
        return {name: _input(name, taken, said.get(name)) for name, taken in self.ins.items()}

    @property
    def output_dict(self) -> dict[str, OpOutput]:
        """Its outputs by name."""
        result = self._said.result if len(self.outs) == 1 else None
        return {name: _output(name, given, self.code_version, result) for name, given in self.outs.items()}

    @property
    def pools(self) -> set[str]:
        """The pool that its steps wait for, if any."""
        return set() if self.pool is None else {self.pool}

    @property
    def _said(self) -> "Described":
        said: Described = open_door("described")(cleandoc(self.__doc__ or ""))
        return said


def _input(name: str, taken: In, said: str | None) -> OpInput:
    return OpInput(
        name=name,
        dagster_type=resolve_type(taken.dagster_type),
        description=taken.description or said or None,
        default_value=taken.default_value,
        metadata=taken.metadata or {},
        input_manager_key=taken.input_manager_key,
        hardcoded_asset_key=taken.asset_key,
    )


def _output(name: str, given: Out, code_version: str | None, said: str | None) -> OpOutput:
    return OpOutput(
        name=name,
        dagster_type=resolve_type(given.dagster_type),
        description=given.description or said or None,
        is_required=given.is_required,
        is_dynamic=given.is_dynamic,
        io_manager_key=given.io_manager_key or "io_manager",
        metadata=given.metadata or {},
        code_version=given.code_version or code_version,
    )
