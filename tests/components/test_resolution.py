"""Objects made of YAML: the kinds of classes, templates, resolvers, specs."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic
import pytest

import treadle as dg
from treadle.components import ResolutionContext, ResolvedAssetAttributes, ResolvedBackfillPolicy
from treadle.components.resolution.errors import ResolutionError
from treadle.components.resolution.scopes import default_scope
from treadle.components.resolution.templates import render


class Column(dg.Model, dg.Resolvable):
    name: str


class Colour(enum.Enum):
    RED = "red"


class ByHand(dg.Resolvable):
    def __init__(self, x: int, y: str | None = None, *, columns: Sequence[Column] = ()) -> None:
        self.x, self.y, self.columns = x, y, columns


@dataclass
class Record(dg.Resolvable):
    key: dg.ResolvedAssetKey
    columns: list[Column]
    by_name: Mapping[str, Column] | None = None
    either: int | Column = 0
    client: dg.Injected[Any] | None = None


class Plain(dg.Model, dg.Resolvable):
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = "a"
    number: float = 1.0
    names: tuple[str, ...] = ()
    text: str = ""


def test_classes_with_an_annotated_init_dataclasses_and_models_are_all_made_of_yaml() -> None:
    made = ByHand.resolve_from_yaml("x: 3\ncolumns: [{name: '{{ n }}'}]", scope={"n": "id"})
    assert (made.x, made.y, [column.name for column in made.columns]) == (3, None, ["id"])
    record = Record.resolve_from_dict(
        {"key": "a/b", "columns": [{"name": "id"}], "by_name": {"k": {"name": "v"}}, "either": {"name": "c"}}
    )
    assert record.key == dg.AssetKey(["a", "b"])
    assert record.columns == [Column(name="id")] and record.by_name == {"k": Column(name="v")}
    assert record.either == Column(name="c")


def test_a_template_that_is_one_expression_gives_its_object() -> None:
    marker = object()
    record = Record.resolve_from_yaml(
        "key: a\ncolumns: '{{ columns }}'\nclient: '{{ client }}'",
        scope={"columns": [Column(name="x")], "client": marker},
    )
    assert record.client is marker and record.columns == [Column(name="x")]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("number: '{{ \"2.5\" }}'", "number", 2.5),
        ("names: '{{ [\"a\"] }}'", "names", ("a",)),
        ("text: '{{ \"5\" }}'", "text", "5"),
        ("text: 'a{{ 1 }}b{{ [2] }}'", "text", "a1b[2]"),
        ("text: '{% if true %}yes{% endif %}'", "text", "yes"),
        ("colour: red", "colour", Colour.RED),
        ("text: 2024-01-01", "text", "2024-01-01"),
    ],
)
def test_what_text_and_templates_become(text: str, field: str, value: object) -> None:
    assert getattr(Plain.resolve_from_yaml(text), field) == value


def test_what_a_template_gives_is_never_a_template_itself() -> None:
    class Loud(dg.Model, dg.Resolvable):
        a: Annotated[str, dg.Resolver(lambda context, value: context.resolve_value(value))]
        key: dg.ResolvedAssetKey
        b: str

    given = {"x": "{{ dg }}"}
    made = Loud.resolve_from_yaml("a: '{{ x }}'\nkey: '{{ x }}'\nb: '{{ x }}'", scope=given)
    assert made.a == made.b == "{{ dg }}" and made.key.to_user_string() == "{{ dg }}"


def test_resolvers_rename_take_the_whole_model_or_choose() -> None:
    class Made(dg.Model, dg.Resolvable):
        upper: Annotated[
            str,
            dg.Resolver.from_model(
                lambda context, model: model.lower.upper(), model_field_name="lower", model_field_type=str
            ),
        ]
        renamed: Annotated[int, dg.Resolver.default(model_field_name="other_name")] = 0
        either: Annotated[
            int | str,
            dg.Resolver.union(
                [
                    (int, dg.Resolver(lambda context, value: value + 1)),
                    (str, dg.Resolver(lambda context, value: value + "!")),
                ]
            ),
        ] = 0
        raw: Annotated[str, dg.Resolver.passthrough()] = ""

    made = Made.resolve_from_dict({"lower": "q", "other_name": 4, "either": 1, "raw": "{{ kept }}"})
    assert (made.upper, made.renamed, made.either, made.raw) == ("Q", 4, 2, "{{ kept }}")
    assert Made.resolve_from_dict({"lower": "q", "either": "s"}).either == "s!"


def test_what_is_not_given_is_left_to_the_class() -> None:
    class Defaulted(dg.Model, dg.Resolvable):
        n: Annotated[int, dg.Resolver(lambda context, value: value * 2)] = 3

    assert (Defaulted.resolve_from_yaml("{}").n, Defaulted.resolve_from_yaml("n: 3").n) == (3, 6)


def test_attributes_of_the_wrong_name_or_type_are_refused() -> None:
    for text in ("x: a", "y: b", "x: 1\nz: 2"):
        with pytest.raises(pydantic.ValidationError):
            ByHand.resolve_from_yaml(text)


def test_an_annotation_that_yaml_can_not_hold_is_refused_by_name() -> None:
    class Odd(dg.Resolvable):
        def __init__(self, x: object) -> None: ...

    with pytest.raises(dg.ResolutionError, match=r"`x` of `Odd`: `object` can not be read from YAML"):
        Odd.model()


def test_the_schema_of_a_class_shows_descriptions_and_examples() -> None:
    class Shown(dg.Model, dg.Resolvable):
        d: Annotated[int, dg.Resolver.default(description="how many", examples=[3])] = 1

    schema = Shown.model().model_json_schema()["properties"]["d"]
    assert (schema["description"], schema["examples"], schema["default"]) == ("how many", [3], 1)


class Specs(dg.Model, dg.Resolvable):
    specs: list[dg.ResolvedAssetSpec] = []
    checks: list[dg.ResolvedAssetCheckSpec] = []
    attributes: ResolvedAssetAttributes | None = None
    policy: ResolvedBackfillPolicy | None = None


def test_asset_specs_are_spelled_in_yaml() -> None:
    made = Specs.resolve_from_yaml(
        """
        specs:
          - key: a/b
            deps: [x/y]
            kinds: [table]
            tags: {tier: 1, gold: true}
            owners: ["{{ owner }}"]
            metadata: {rows: "{{ 1 + 1 }}"}
            code_version: "3"
            skippable: true
            group_name: g
            automation_condition: "{{ dg.AutomationCondition.on_cron('@daily') }}"
          - "{{ spec }}"
        checks:
          - {name: c, asset: a/b, additional_deps: [q], blocking: true, metadata: {m: 1}}
        policy: {type: multi_run, max_partitions_per_run: 5}
        """,
        scope={"owner": "team:x", "spec": dg.AssetSpec("given")},
    )
    spec, given = made.specs
    assert spec.key == dg.AssetKey(["a", "b"]) and given.key == dg.AssetKey("given")
    assert [dep.asset_key for dep in spec.deps] == [dg.AssetKey(["x", "y"])]
    assert (spec.tags["tier"], spec.tags["gold"], spec.kinds) == ("1", "True", {"table"})
    assert (list(spec.owners), spec.metadata["rows"], spec.skippable) == (["team:x"], 2, True)
    assert made.checks[0].blocking and made.checks[0].asset_key == dg.AssetKey(["a", "b"])
    assert made.policy == dg.BackfillPolicy.multi_run(5)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{type: daily, start_date: 2024-01-01}", dg.DailyPartitionsDefinition("2024-01-01")),
        (
            "{type: hourly, start_date: '2024-01-01-00:00', timezone: Europe/Berlin}",
            dg.HourlyPartitionsDefinition("2024-01-01-00:00", timezone="Europe/Berlin"),
        ),
        (
            "{type: weekly, start_date: '2024-01-01', day_offset: 2}",
            dg.WeeklyPartitionsDefinition("2024-01-01", day_offset=2),
        ),
        (
            "{type: time_window, start_date: '2024-01-01', fmt: '%Y-%m-%d', cron_schedule: '0 0 1 * *'}",
            dg.TimeWindowPartitionsDefinition(start="2024-01-01", fmt="%Y-%m-%d", cron_schedule="0 0 1 * *"),
        ),
        ("{type: static, partition_keys: [a, b]}", dg.StaticPartitionsDefinition(["a", "b"])),
        ("'{{ dg.StaticPartitionsDefinition([\"q\"]) }}'", dg.StaticPartitionsDefinition(["q"])),
    ],
)
def test_partitions_are_spelled_in_yaml(text: str, wanted: Any) -> None:
    made = Specs.resolve_from_yaml(f"specs: [{{key: a, partitions_def: {text}}}]")
    assert made.specs[0].partitions_def == wanted


def test_attributes_give_only_what_was_said() -> None:
    assert Specs.resolve_from_yaml("attributes: {group_name: g}").attributes == {"group_name": "g"}
    assert Specs.resolve_from_yaml("attributes: \"{{ {'group_name': 'q'} }}\"").attributes == {
        "group_name": "q"
    }
    with pytest.raises(pydantic.ValidationError):
        Specs.resolve_from_yaml("attributes: {key: k}")


def test_a_context_fills_in_at_any_depth_and_checks_the_type() -> None:
    context = ResolutionContext.default().with_scope(n=2)
    assert context.resolve_value({"a": ["{{ n }}", "x{{ n }}"]}) == {"a": [2, "x2"]}
    with pytest.raises(dg.ResolutionError, match="expected str, got int"):
        context.resolve_value("{{ n }}", as_type=str)


def test_a_misspelt_name_in_a_template_is_told_in_the_words_of_the_template() -> None:
    for text, told in (
        ("{{ automation_condition.eagr() }}", "`automation_condition` has no `eagr`"),
        ("{{ dg.AutomationConditon }}", "`dg` has no `AutomationConditon`"),
    ):
        with pytest.raises(ResolutionError, match="did you mean") as caught:
            render(text, default_scope())
        assert told in str(caught.value) and "Scope" not in str(caught.value)
