"""How a selection text is refused: what, where, and what to write instead (issue 3 §2)."""

import pytest

from treadle.core.errors import InvalidAssetSelectionError, InvalidInvocationError, TreadleError
from treadle.core.keys import AssetKey
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.parser import DEEPEST_NESTING, split_at_commas


def refusal(text: str) -> InvalidAssetSelectionError:
    with pytest.raises(InvalidAssetSelectionError) as caught:
        AssetSelection.from_string(text)
    return caught.value


def marked(text: str) -> str:
    """The text from the caret on, as the message shows it."""
    *_, shown, caret = refusal(text).message.splitlines()
    assert caret.strip() == "^"
    return shown[caret.index("^") :]


@pytest.mark.parametrize(
    ("text", "from_the_caret_on", "problem", "hint"),
    [
        ("x y", "y", "unexpected `y`; expected `and`, `or` or the end", None),
        ("x,y", ",y", "unexpected `,`", "join selections with `or`"),
        ("x or", "", "ends too soon; expected a selection", None),
        ("and x", "and x", "unexpected `and`", "with a selection on its other side"),
        ("(key:x", "", "`)` for the bracket at column 1", None),
        ("x)", ")", "unexpected `)`", "no bracket to close"),
        ("key:", "", "expected a value for `key:`", None),
        ("key:*", "*", "unexpected `*`", "every asset is `*`"),
        ("key:my-asset", "-asset", "unexpected `-`", 'quote it: key:"my-asset"'),
        ("key:x++", "++", "unexpected `+`", "for several levels write a number"),
        ("key:'x'", "'x'", "unexpected `'`", "use double quotes"),
        ('key:"x', '"x', "never closed", "end the value"),
        ("group:m*", "*", "unexpected `*`", "only `key:` takes wildcards"),
        ("owner:team:data", ":data", "unexpected `:`", 'owner:"team:data"'),
        ("owner:ann@example.com", "@example.com", "unexpected `@`", 'owner:"ann@example.com"'),
        ("kind:a And kind:b", "And kind:b", "unexpected `And`", "write `and` or `AND`"),
        ("kind:a | kind:b", "| kind:b", "unexpected `|`", "write `or`"),
        ("tag:x=y=z", "=z", "unexpected `=`", None),
        ("group:a and grup:b", "grup:b", "no attribute `grup:`", "did you mean `group:`?"),
        ("quux:b", "quux:b", "no attribute `quux:`", "common ones are key:"),
        ("key:a or rots(*)", "rots(*)", "no function `rots`", "did you mean `roots(...)`?"),
        ("sources(*)", "sources(*)", "no function `sources`", "roots(...)"),
        ('"orders"', '"orders"', "expected a selection", 'key:"..."'),
        ("group:a and m1", "m1", 'needs `key:`: key:"m1"', 'write group:a and key:"m1"'),
        ("r1 or not (r2)", "r1 or not (r2)", 'needs `key:`: key:"r1"', 'write key:"r1" or not (key:"r2")'),
        ("group:a or m1+", "m1+", 'needs `key:`: key:"m1"', "every level"),
        ("group:a or + m1", "m1", 'needs `key:`: key:"m1"', "every level"),
        ("roots(+export)", "export)", 'needs `key:`: key:"export"', None),
        ("(y or z)+", "y or z)+", 'needs `key:`: key:"y"', None),
    ],
)
def test_an_error_points_at_the_character(
    text: str, from_the_caret_on: str, problem: str, hint: str | None
) -> None:
    error = refusal(text)
    assert marked(text) == from_the_caret_on
    assert problem in error.message
    assert (hint or "") in (error.hint or "")
    assert error.code == "invalid-selection"
    assert text[error.position :] == from_the_caret_on  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_text_is_refused_with_what_to_write(text: str) -> None:
    error = refusal(text)
    assert "the selection is empty" in error.message
    assert "`*`" in (error.hint or "")


def test_the_caret_stands_under_the_right_line() -> None:
    error = refusal("kind:dbt\n\tand grup:x\nor key:y")
    assert error.message.splitlines()[-2:] == ["   and grup:x", "       ^"]


def test_a_long_text_is_shown_only_around_the_mistake() -> None:
    error = refusal(" and ".join(["key:x"] * 500) + " & key:y" + " and key:z" * 500)
    assert all(len(line) < 150 for line in str(error).splitlines())
    assert marked(" or ".join(["key:x"] * 500) + " & key:y").startswith("& key:y")


def test_a_name_that_no_asset_can_have_is_refused_with_its_place() -> None:
    assert marked("../orders") == "../orders"
    assert "key:" in refusal("group:a or ../orders").message


def test_brackets_nest_deeply_but_not_without_end() -> None:
    def nested(depth: int) -> str:
        return "(" * depth + "*" + ")" * depth

    assert AssetSelection.from_string(nested(DEEPEST_NESTING)) == AssetSelection.all()
    assert "nested" in refusal(nested(100_000)).message


def test_brackets_side_by_side_are_not_nested() -> None:
    many = " or ".join(["(group:a and kind:b)"] * (DEEPEST_NESTING + 1))
    assert len(AssetSelection.from_string(many).operands) == DEEPEST_NESTING + 1  # type: ignore[attr-defined]


def test_a_thousand_negations_are_read() -> None:
    selection = AssetSelection.from_string("not " * 1001 + "group:a")
    assert str(selection) == "not " * 1001 + 'group:"a"'


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (" ( group : marts )  AND\n(kind:dbt) ", 'group:"marts" and kind:"dbt"'),
        ("2 + key:x", '2+key:"x"'),
        ("key:x + 3", 'key:"x"+3'),
        ("0+key:x", 'key:"x"'),
        ("+(key:x)+", '+key:"x" or key:"x"+'),
        ("*+", "*+"),
        ("not group:a or not group:b", '(not group:"a") or (not group:"b")'),
        ("not group:a and not group:b", '(not group:"a") and not group:"b"'),
        ("tag:a=", 'tag:"a"'),
        ("kind:or or kind:and", 'kind:"or" or kind:"and"'),
    ],
)
def test_spacing_and_brackets_change_nothing(text: str, same: str) -> None:
    assert str(AssetSelection.from_string(text)) == same
    assert AssetSelection.from_string(text) == AssetSelection.from_string(same)


def test_quotes_backslashes_and_stars_survive_in_quoted_values() -> None:
    key = AssetKey(['a"b\\c*d'])
    text = AssetSelection.assets(key).to_selection_str()
    assert text == r'key:"a\"b\\c\*d"'
    assert AssetSelection.from_string(text).value == ('a"b\\c*d',)  # type: ignore[attr-defined]


def test_a_list_for_the_command_line_is_split_outside_of_quotes_and_brackets() -> None:
    assert split_at_commas('a, key:"b,c" ,(d, e),') == ["a", 'key:"b,c"', "(d, e)"]


@pytest.mark.parametrize(
    ("build", "hint"),
    [
        (lambda: AssetSelection.assets("x") | "y", "from_coercible"),  # type: ignore[operator]
        (
            lambda: AssetSelection.assets(test_spacing_and_brackets_change_nothing),
            "decorate it with `@asset`",
        ),
        (lambda: AssetSelection.assets(3), "give a name"),
        (lambda: AssetSelection.assets({"a": 1}), "give a name"),
        (lambda: AssetSelection.checks("x"), "AssetCheckKey"),
        (lambda: AssetSelection.tag_string("a=b=c"), "AssetSelection.tag"),
        (lambda: AssetSelection.all().upstream(depth=-1), "all levels"),
        (lambda: AssetSelection.all().resolve(None), "definitions"),
    ],
)
def test_a_wrong_argument_is_refused_with_a_hint(build, hint: str) -> None:
    with pytest.raises(InvalidInvocationError) as caught:
        build()
    assert hint in (caught.value.hint or "")


def test_an_empty_list_and_a_number_are_no_selection() -> None:
    for nothing in ([], 3, [3], None):
        with pytest.raises(TreadleError):
            AssetSelection.from_coercible(nothing)


def test_the_older_name_of_assets_warns_at_the_users_line() -> None:
    with pytest.warns(DeprecationWarning, match="`AssetSelection.assets`") as caught:
        AssetSelection.keys("a")
    assert caught[0].filename == __file__
