"""What code for components relies on beside the public names: schemas, resolvers, loading one type, names below."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pydantic
import pytest

import treadle as dg
import treadle.compat
from treadle.components import ResolutionContext, ResolvedAssetSpec
from treadle.components.resolution.errors import ResolutionError
from treadle.components.testing import create_defs_folder_sandbox
from treadle.components.tree import ComponentTree
from treadle.define.validation.errors import DefinitionsError


@pytest.fixture
def alias() -> Iterator[None]:
    was_on = treadle.compat.is_installed()
    treadle.compat.install()
    yield
    if not was_on:
        treadle.compat.uninstall()


@dataclass
class Named(dg.Resolvable):
    title: Annotated[
        str | None,
        dg.Resolver.default(form_config=dg.ComponentFormConfig(label="Title", placeholder="orders")),
    ] = None
    secret: Annotated[
        str, dg.Resolver.default(form_config=dg.ComponentFormConfig(hidden=True, advanced=True))
    ] = ""

    @classmethod
    def get_form_config(cls) -> dg.ComponentFormConfig:
        return dg.ComponentFormConfig(label="A named thing", editable=True)


def test_what_a_form_shows_stands_in_the_schema_under_the_keywords_that_forms_read() -> None:
    schema = Named.model().model_json_schema()
    assert (schema["title"], schema["x-app-managed"]) == ("A named thing", True)
    title, secret = schema["properties"]["title"], schema["properties"]["secret"]
    assert (title["title"], title["ui:placeholder"]) == ("Title", "orders")
    assert (secret["ui:widget"], secret["ui:advanced"]) == ("hidden", True)


def test_a_plain_model_keeps_its_name_in_the_schema_of_what_holds_it() -> None:
    class Rows(dg.Model):
        least: int = pydantic.Field(description="How many there must be.")

    @dataclass
    class Suite(dg.Resolvable):
        tests: list[Rows]

    schema = Suite.model().model_json_schema()
    assert schema["$defs"]["Rows"]["properties"]["least"]["description"] == "How many there must be."


def test_every_attribute_of_an_asset_tells_people_what_it_is() -> None:
    @dataclass
    class Holder(dg.Resolvable):
        spec: ResolvedAssetSpec

    kinds = Holder.model().model_json_schema()["$defs"]
    (fields,) = [kind["properties"] for kind in kinds.values() if "kinds" in kind.get("properties", ())]
    assert [each for each, schema in fields.items() if not schema.get("description")] == []


def test_a_resolver_of_the_whole_model_takes_its_own_attribute_too_but_needs_none() -> None:
    @dataclass
    class Greeting(dg.Resolvable):
        name: str
        text: Annotated[
            str, dg.Resolver.from_model(lambda context, model: f"{model.text or 'hello'} {model.name}")
        ]

    assert Greeting.resolve_from_yaml("name: Ada").text == "hello Ada"
    assert Greeting.resolve_from_yaml("{name: Ada, text: good day}").text == "good day Ada"


def _of_model(context: ResolutionContext, model: Any) -> str:
    return "made"


@pytest.mark.parametrize(
    "annotation",
    [
        list[Annotated[str, dg.Resolver.from_model(_of_model)]],
        dict[str, Annotated[str, dg.Resolver.from_model(_of_model)]],
        Annotated[str, dg.Resolver.from_model(_of_model)] | None,
    ],
)
def test_a_resolver_of_the_whole_model_can_not_stand_within_another_type(annotation: Any) -> None:
    cls = type("Holder", (dg.Model, dg.Resolvable), {"__annotations__": {"field": annotation}})
    with pytest.raises(ResolutionError, match="whole field"):
        cls.model()


def test_an_annotation_that_is_ready_to_use_is_named_where_the_bare_class_can_not_be_read() -> None:
    @dataclass
    class Table(dg.Resolvable):
        key: dg.AssetKey

    with pytest.raises(ResolutionError, match="ResolvedAssetKey"):
        Table.resolve_from_yaml("key: orders")


def test_attributes_go_in_by_name_so_a_positional_only_parameter_is_refused() -> None:
    class Pair(dg.Resolvable):
        def __init__(self, left: int, /, right: int) -> None: ...

    with pytest.raises(ResolutionError, match="positional-only"):
        Pair.resolve_from_yaml("{left: 1, right: 2}")


def test_a_path_without_a_file_stays_and_an_absolute_one_is_cleaned_without_following_links(
    tmp_path: Path,
) -> None:
    context = ResolutionContext.default()
    assert context.resolve_source_relative_path("data/orders.csv") == Path("data/orders.csv")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert context.resolve_source_relative_path(f"{tmp_path}/link/../link") == tmp_path / "link"


class Quiet(dg.Component):
    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        return dg.Definitions()


class Broken(dg.Component):
    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        return dg.Definitions()

    @classmethod
    def load(cls, attributes: Any, context: Any) -> "Broken":
        raise OSError("no such table")


def test_components_of_one_type_are_loaded_without_the_others() -> None:
    with create_defs_folder_sandbox() as sandbox:
        for cls in (Quiet, Broken):
            sandbox.scaffold_component(cls, cls.__name__.lower())
        (sandbox.defs_folder_path / "more.py").write_text(
            "import treadle as dg\n"
            f"from {Quiet.__module__} import Quiet\n"
            "@dg.component_instance\ndef told(context) -> Quiet:\n    return Quiet()\n"
            "@dg.component_instance\ndef untold(context):\n    raise OSError('not asked for')\n"
        )
        with sandbox.build_component_tree() as tree:
            assert [
                type(each) for each in tree.get_all_components(of_type=Quiet) if not isinstance(each, Broken)
            ]
            with pytest.raises(DefinitionsError, match="no such table"):
                tree.get_all_components(of_type=Broken)
            with pytest.raises(DefinitionsError, match="no such table"):
                tree.load_component("broken")
            with pytest.raises(DefinitionsError):
                tree.get_all_components(of_type=dg.Component)


def test_part_of_a_project_gives_its_assets_though_another_part_has_their_resources() -> None:
    def update(context: dg.AssetExecutionContext, store: dg.ResourceParam[str]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"store": store})

    component = dg.FunctionComponent(execution=update, assets=[dg.AssetSpec("orders")])
    defs = component.build_defs(ComponentTree.for_test().load_context)
    made = defs.get_assets_def("orders")
    assert dg.materialize([made], resources={"store": "here"}).success
    with pytest.raises(DefinitionsError, match="store"):
        defs.resolve_assets_def("orders")
    with pytest.raises(DefinitionsError, match="store"):
        defs.get_assets_def("customers")


@pytest.mark.usefixtures("alias")
def test_names_below_the_peers_components_give_what_they_say() -> None:
    models = importlib.import_module("dagster.components.resolved.core_models")
    spec = models.resolve_asset_spec(
        model=models.AssetSpecKwargs.model()(key="raw/orders", kinds=["duckdb"]),
        context=ResolutionContext.default(),
    )
    assert (spec.key.to_user_string(), spec.kinds) == ("raw/orders", {"duckdb"})
    errors = importlib.import_module("dagster.components.resolved.errors")
    assert errors.ResolutionException is ResolutionError
    variables = importlib.import_module("dagster.components.component.template_vars")
    assert variables.is_template_var(dg.template_var(lambda: 1)) and not variables.is_template_var(print)


@pytest.mark.usefixtures("alias")
def test_a_class_has_a_scaffolder_only_if_it_was_given_one() -> None:
    module = importlib.import_module("dagster.components.scaffold.scaffold")
    given = dg.scaffold_with(dg.Scaffolder)(type("Given", (), {}))
    assert module.has_scaffolder(given) and isinstance(module.get_scaffolder(given), dg.Scaffolder)
    assert not module.has_scaffolder(Quiet)
    with pytest.raises(dg.InvalidArgumentError, match="Quiet"):
        module.get_scaffolder(Quiet)
