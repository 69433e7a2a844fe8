"""What a docstring says of parameters and of the result: in Google's, numpy's or Sphinx's style."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

_SPHINX_PARAMETER: Final = re.compile(r"^:param(?:eter)?\s+(?:\S+\s+)?(\w+):\s*(.*)$")
_SPHINX_RESULT: Final = re.compile(r"^:returns?(?:\s+[^:]+)?:\s*(.*)$")
_GOOGLE_SECTION: Final = re.compile(r"^(Args|Arguments|Parameters|Returns|Yields):\s*$")
_GOOGLE_ITEM: Final = re.compile(r"^(\*{0,2}\w+)\s*(?:\(.*?\))?:\s*(.*)$")
_UNDERLINE: Final = re.compile(r"^-{3,}\s*$")


class Described(NamedTuple):
    """Descriptions that a docstring gives."""

    parameters: dict[str, str]
    result: str | None


@lru_cache(maxsize=1024)
def described(text: str) -> Described:
    """The descriptions in a docstring; nothing of what it does not follow.

    Args:
        text: cleaned of indentation.

    Example:
        >>> described("Add.\\n\\nArgs:\\n    left: the first\\n\\nReturns:\\n    int: the sum")
        Described(parameters={'left': 'the first'}, result='the sum')
    """
    lines = text.splitlines()
    parameters: dict[str, str] = {}
    result: str | None = None
    for number, line in enumerate(lines):
        if found := _SPHINX_PARAMETER.match(line.strip()):
            parameters[found[1]] = found[2].strip()
        elif found := _SPHINX_RESULT.match(line.strip()):
            result = found[1].strip() or None
        elif found := _GOOGLE_SECTION.match(line):
            block = _indented(lines[number + 1 :])
            if found[1] in ("Returns", "Yields"):
                result = _after_type(block)
            else:
                parameters |= _google_items(block)
        elif _UNDERLINE.match(line) and number:
            title = lines[number - 1].strip()
            if title in ("Parameters", "Other Parameters"):
                parameters |= _numpy_items(lines[number + 1 :])
            elif title in ("Returns", "Yields"):
                result = next(iter(_numpy_items(lines[number + 1 :], any_head=True).values()), None)
    return Described(parameters, result)


def _indented(lines: list[str]) -> list[str]:
    """The lines of a section: up to the first one that is not indented."""
    block: list[str] = []
    for line in lines:
        if line.strip() and not line.startswith((" ", "\t")):
            break
        block.append(line)
    return block


def _google_items(block: list[str]) -> dict[str, str]:
    items: dict[str, str] = {}
    depth, name = None, None
    for line in block:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        depth = indent if depth is None else depth
        found = _GOOGLE_ITEM.match(line.strip()) if indent <= depth else None
        if found:
            name = found[1].lstrip("*")
            items[name] = found[2].strip()
        elif name is not None:
            items[name] = f"{items[name]} {line.strip()}".strip()
    return items


def _after_type(block: list[str]) -> str | None:
    text = " ".join(line.strip() for line in block if line.strip())
    head, colon, rest = text.partition(": ")
    return (rest if colon and " " not in head else text).strip() or None


def _numpy_items(lines: list[str], *, any_head: bool = False) -> dict[str, str]:
    items: dict[str, str] = {}
    name: str | None = None
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _UNDERLINE.match(lines[number + 1]):
            break
        if line and not line.startswith((" ", "\t")):
            name = line.strip() if any_head else line.partition(":")[0].strip()
            items[name] = ""
        elif line.strip() and name is not None:
            items[name] = f"{items[name]} {line.strip()}".strip()
    return {name: text for name, text in items.items() if text}
