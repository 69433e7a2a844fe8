"""Files stay small, rooms say what they are for, and nothing of one machine is written down."""

import ast
import re

from tests.repository.source_tree import PACKAGE, ROOT, relative, room_of, source_files, tracked_files

LONGEST_FILE = 500

# file -> why it may be longer. A new entry needs a better reason than "not split yet".
LONGER_WITH_A_REASON: dict[str, str] = {}

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "misc", "common", "base_utils"}

# Put together from pieces, so that this file does not match itself.
HOSTS_AND_PATHS = re.compile(
    "|".join(
        [
            r'"resolved":\s*"https?' + "://",
            r'(?:extra-)?index-url[ =]+"?https?' + "://",
            r"https?" + r"://\S+\.(?:whl|tgz|tar\.gz)\b",
            "files" + r"\.pythonhosted\.org",
            "registry" + r"\.npmjs\.org",
            r"pypi\.org" + "/simple",
            r"(?<![\w.])/" + r"work/\w",
            r"(?<![\w.])/" + r"root/\.",
        ]
    )
)


def line_count(path: str) -> int:
    return (ROOT / path).read_text("utf-8").count("\n")


def test_no_source_file_is_longer_than_it_should_be() -> None:
    long = {
        relative(path): line_count(relative(path))
        for path in source_files()
        if line_count(relative(path)) > LONGEST_FILE and relative(path) not in LONGER_WITH_A_REASON
    }
    assert long == {}, "split by noun, or give the reason in LONGER_WITH_A_REASON"


def test_reasons_for_long_files_are_dropped_once_they_are_short() -> None:
    short = [
        path
        for path in LONGER_WITH_A_REASON
        if not (ROOT / path).is_file() or line_count(path) <= LONGEST_FILE
    ]
    assert short == []


def test_module_names_say_what_is_inside() -> None:
    vague = [
        relative(path) for path in source_files() if NAMES_THAT_SAY_NOTHING & {path.stem, path.parent.name}
    ]
    assert vague == []


def test_every_room_opens_with_a_short_note() -> None:
    """At most fifteen lines: what lives here, what must not, who may import it, where its tests are."""
    without, too_long = [], []
    for door in sorted(PACKAGE.glob("*/__init__.py")):
        inhabited = len(list(door.parent.glob("*.py"))) > 1
        note = ast.get_docstring(ast.parse(door.read_text("utf-8")))
        if inhabited and not note:
            without.append(room_of(door))
        elif note and note.count("\n") >= 15:
            too_long.append(room_of(door))
    assert (without, too_long) == ([], [])


def test_no_tracked_file_names_a_package_host_or_a_place_on_one_machine() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{relative(path)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), 1)
            if HOSTS_AND_PATHS.search(line) or f"{ROOT}/" in line
        ]
    assert found == []
