"""Assets that outputs of an op or graph become: what `AssetsDefinition.from_op` and `from_graph` are told by output."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from treadle.core.catalog import InputNode
from treadle.core.errors import InvalidDefinitionError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.core.names import check_key_prefix
from treadle.core.specs import AssetDep, AssetSpec
from treadle.define.arguments import check_internal_asset_deps, check_mapping

ByName = Mapping[str, Any] | None
"""Input or output -> what is said of it."""


class AssetsByOutput(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is said of the assets that an op or graph makes, by its inputs and outputs.

    Args:
        key_prefix: put before all keys of outputs, also before those given.
        internal_asset_deps: the upstream keys of an output; outputs that it leaves out have none.
        attributes: of the specs: attribute -> output -> value.
    """

    keys_by_input_name: ByName = None
    keys_by_output_name: ByName = None
    key_prefix: Any = None
    internal_asset_deps: Mapping[str, AbstractSet[AssetKey]] | None = None
    partition_mappings: ByName = None
    group_name: str | None = None
    group_names_by_output_name: ByName = None
    attributes: Mapping[str, ByName] = {}

    def check_names(self, subject: str, ins: Iterable[str], outs: Iterable[str], where: str | None) -> None:
        """Refuse names of inputs and outputs that the op or graph does not have.

        Args:
            subject: the op or graph, for messages.
            where: `file:line` of it.

        Raises:
            InvalidDefinitionError: names the argument, and what there is.
        """
        check_internal_asset_deps(self.internal_asset_deps)
        of_inputs = {
            "keys_by_input_name": self.keys_by_input_name,
            "partition_mappings": self.partition_mappings,
        }
        of_outputs = {
            "keys_by_output_name": self.keys_by_output_name,
            "internal_asset_deps": self.internal_asset_deps,
            "group_names_by_output_name": self.group_names_by_output_name,
            **{_argument_of(attribute): names for attribute, names in self.attributes.items()},
        }
        if self.group_name is not None and self.group_names_by_output_name is not None:
            raise InvalidDefinitionError(
                "`group_name` and `group_names_by_output_name` both say the group.",
                code="invalid-argument",
                hint="give one of the two",
                where=where,
            )
        _refuse_unknown(subject, list(ins), "input", of_inputs, where)
        _refuse_unknown(subject, list(outs), "output", of_outputs, where)

    def key_of_input(self, name: str) -> AssetKey:
        """The asset that an input gets; where none is given, that of its name."""
        found: AssetKey = (self.keys_by_input_name or {}).get(name) or AssetKey(name)
        return found

    def mapping_of_input(self, name: str) -> Any:
        """The partition mapping given for an input, or None."""
        return (self.partition_mappings or {}).get(name)

    def specs(self, name: str, outs: Iterable[str]) -> dict[str, AssetSpec]:
        """The spec of each output's asset, dependencies left out.

        Args:
            name: of the op or graph: the key of its output `result`, where none is given.
        """
        prefix = check_key_prefix(self.key_prefix)
        found: dict[str, AssetSpec] = {}
        for output in outs:
            default = name if output == "result" else output
            key = (self.keys_by_output_name or {}).get(output) or AssetKey(default)
            given = {
                attribute: values[output]
                for attribute, values in self.attributes.items()
                if values and output in values
            }
            group = (self.group_names_by_output_name or {}).get(output) or self.group_name
            found[output] = AssetSpec(key.with_prefix(prefix) if prefix else key, group_name=group, **given)
        return found


def with_inputs_as_deps(
    specs: Mapping[str, AssetSpec],
    inputs: Iterable[InputNode],
    internal_asset_deps: Mapping[str, AbstractSet[AssetKey]] | None,
) -> list[AssetSpec]:
    """Specs that depend on what the inputs get, or on what `internal_asset_deps` says of their output."""
    by_key = {
        node.asset_key: AssetDep(node.asset_key, partition_mapping=node.partition_mapping) for node in inputs
    }
    found = []
    for output, spec in specs.items():
        deps = list(by_key.values())
        if internal_asset_deps:
            keys = internal_asset_deps.get(output, ())
            deps = [by_key.get(key) or AssetDep(key) for key in sorted(keys)]
        found.append(spec.replace_attributes(deps=[*deps, *spec.deps]))
    return found


def _refuse_unknown(
    subject: str, known: list[str], kind: str, given: Mapping[str, Any], where: str | None
) -> None:
    for argument, names in given.items():
        expected = f"a mapping of {kind} names to values"
        for name in check_mapping(argument, names, expected):
            if name not in known:
                has = f"its {kind}s are {', '.join(known)}" if known else f"it has no {kind}s"
                raise InvalidDefinitionError(
                    f"`{argument}` names the {kind} `{name}`, which {subject} does not have; {has}.",
                    code="unknown-input" if kind == "input" else "unknown-asset",
                    hint=did_you_mean(name, known),
                    where=where,
                )


def _argument_of(attribute: str) -> str:
    """The argument that gives an attribute by output: `tags_by_output_name`, `descriptions_by_output_name`."""
    if attribute.endswith("policy"):
        attribute = attribute.removesuffix("y") + "ies"
    elif attribute not in ("tags", "metadata", "owners"):
        attribute += "s"
    return f"{attribute}_by_output_name"
