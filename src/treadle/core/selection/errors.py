"""The errors of selections that do not read or do not resolve."""

from collections.abc import Collection

from treadle.core.errors import InvalidAssetSelectionError, InvalidSubsetError
from treadle.core.selection.near_names import did_you_mean, nearest_names

_WINDOW = 100
"""How many characters of a long selection are shown around the mistake."""


def syntax_error(
    text: str, position: int, problem: str, hint: str | None = None
) -> InvalidAssetSelectionError:
    """An error that shows `text` with a caret under the character at `position`.

    Its attributes `text`, `position` and `problem` are for tools that mark the place themselves.
    """
    line_start = text.rfind("\n", 0, position) + 1
    line_end = text.find("\n", position)
    line = text[line_start : line_end if line_end >= 0 else len(text)].replace("\t", " ").replace("\r", " ")
    column = position - line_start
    start = max(0, column - _WINDOW // 2)
    shown, before = line[start : start + _WINDOW], "..." if start else ""
    after = "..." if start + _WINDOW < len(line) else ""
    place = problem if "the selection" in problem else f"cannot read the selection: {problem}"
    message = f"{place}\n  {before}{shown}{after}\n  {' ' * (len(before) + column - start)}^"
    return InvalidAssetSelectionError(message, hint=hint, text=text, position=position, problem=problem)


def unknown_names_error(what: str, missing: Collection[str], known: Collection[str]) -> InvalidSubsetError:
    """Names that were asked for and do not exist, with the nearest that do."""
    ordered = sorted(missing)
    shown = ", ".join(f"`{name}`" for name in ordered[:5])
    more = f" and {len(ordered) - 5} more" if len(ordered) > 5 else ""
    plural = len(ordered) > 1
    article = "an" if what[0] in "aeiou" else "a"
    named = f"{what}s that do not exist" if plural else f"{article} {what} that does not exist"
    hint = did_you_mean(nearest_names(ordered[0], known))
    return InvalidSubsetError(
        f"the selection names {named}: {shown}{more}", hint=hint, missing=tuple(ordered)
    )
