"""Algebra of selections: what is printed reads back, and resolution follows the laws of sets."""

from hypothesis import given, settings
from hypothesis import strategies as st

from treadle.core.errors import InvalidSubsetError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.graph import AssetsAndChecks, SelectableAsset

A = AssetSelection
NAMES = ["a", "b", "c", "raw/a", "raw/b", "stg/x_1", "stg/y", "z"]
any_text = st.text(st.sampled_from('ab/*"\\=<>() +é\n_'), max_size=6)
words = st.sampled_from(["g1", "g2", "or", "not"]) | any_text
leaves = st.one_of(
    st.just(A.all()),
    st.builds(A.groups, words),
    st.just(A.groups()),
    st.builds(A.kind, words | st.none()),
    st.builds(A.owner, words | st.none()),
    st.builds(A.tag, words, st.just("") | words),
    st.builds(A.key_substring, words),
    st.builds(
        lambda parts: A.from_string(f"key:{'*'.join(parts)}"),
        st.lists(st.sampled_from(["a", "raw/", "x_1"]), min_size=1),
    ),
)
depths = st.none() | st.integers(0, 3)


def combined(parts: st.SearchStrategy[AssetSelection]) -> st.SearchStrategy[AssetSelection]:
    return st.one_of(
        st.builds(lambda one, two: one | two, parts, parts),
        st.builds(lambda one, two: one & two, parts, parts),
        st.builds(lambda one, two: one - two, parts, parts),
        st.builds(lambda one: A.all() - one, parts),
        st.builds(lambda one, depth, itself: one.upstream(depth, itself), parts, depths, st.booleans()),
        st.builds(lambda one, depth, itself: one.downstream(depth, itself), parts, depths, st.booleans()),
        st.builds(lambda one: one.roots(), parts),
        st.builds(lambda one: one.sinks(), parts),
    )


readable = st.recursive(leaves, combined, max_leaves=8)
named = st.lists(st.sampled_from(NAMES), max_size=3).map(lambda names: A.assets(*names))
selections = st.recursive(
    leaves | named | st.just(A.all_asset_checks()) | named.map(lambda one: one.without_checks()),
    combined,
    max_leaves=8,
)


@st.composite
def graphs(draw: st.DrawFn) -> AssetsAndChecks:
    """A graph without cycles over all of NAMES."""
    keys = [AssetKey(name.split("/")) for name in NAMES]
    assets = [
        SelectableAsset(
            key=key,
            parents=draw(st.sets(st.sampled_from(keys[:i]))) if i else (),
            group=draw(st.sampled_from(["g1", "g2"])),
            kinds=frozenset(draw(st.sets(st.sampled_from(["g1", "or"])))),
            tags=draw(st.dictionaries(st.sampled_from(["g1", "g2"]), st.sampled_from(["", "g1"]))),
            owners=tuple(draw(st.sets(st.sampled_from(["g1", "not"])))),
            is_materializable=draw(st.booleans()),
        )
        for i, key in enumerate(keys)
    ]
    return AssetsAndChecks(assets, [AssetCheckKey(key, "c") for key in draw(st.sets(st.sampled_from(keys)))])


@given(readable)
def test_what_is_printed_reads_back_as_the_same_selection(selection: AssetSelection) -> None:
    assert A.from_string(str(selection)) == selection


@given(graphs(), st.lists(st.sampled_from(NAMES), max_size=3), readable)
def test_named_assets_read_back_as_the_same_assets(
    graph: AssetsAndChecks, names: list[str], other: AssetSelection
) -> None:
    selection = (A.assets(*names) | other.roots()).downstream()
    again = A.from_string(str(selection))
    assert again.resolve(graph) == selection.resolve(graph)
    assert again.resolve_checks(graph) == selection.resolve_checks(graph)


@settings(max_examples=60)
@given(graphs(), selections, selections)
def test_operators_are_the_operators_of_sets(
    graph: AssetsAndChecks, one: AssetSelection, two: AssetSelection
) -> None:
    for resolve in (A.resolve, A.resolve_checks):
        first, second = resolve(one, graph), resolve(two, graph)
        assert resolve(one | two, graph) == first | second
        assert resolve(one & two, graph) == first & second
        assert resolve(one - two, graph) == first - second


@settings(max_examples=60)
@given(graphs(), selections, st.integers(0, 4))
def test_walks_are_steps_of_one_level(graph: AssetsAndChecks, selection: AssetSelection, depth: int) -> None:
    stepwise = selection
    for _ in range(depth):
        stepwise = stepwise.downstream(1)
    assert stepwise.resolve(graph) == selection.downstream(depth).resolve(graph)
    assert selection.downstream().resolve(graph) == selection.downstream(len(NAMES)).resolve(graph)
    assert selection.upstream().resolve(graph) == selection.upstream(len(NAMES)).resolve(graph)


@settings(max_examples=60)
@given(graphs(), selections)
def test_everything_chosen_lies_below_its_roots_and_above_its_sinks(
    graph: AssetsAndChecks, selection: AssetSelection
) -> None:
    chosen = selection.resolve(graph)
    roots, sinks = selection.roots().resolve(graph), selection.sinks().resolve(graph)
    assert roots <= chosen and sinks <= chosen
    assert chosen <= selection.roots().downstream().resolve(graph)
    assert A.assets(*roots).roots().resolve(graph) == roots
    assert A.assets(*sinks).sinks().resolve(graph) == sinks
    for root in roots:
        assert not (A.assets(root).upstream(include_self=False).resolve(graph) & chosen)


@given(any_text | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        A.from_string(text)
    except InvalidSubsetError as error:
        assert 0 <= error.position <= len(text)  # type: ignore[attr-defined]
