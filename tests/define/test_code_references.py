"""Code references as links to source control."""

from pathlib import Path

import pytest

from treadle import (
    AnchorBasedFilePathMapping,
    AssetSpec,
    InvalidArgumentError,
    asset,
    link_code_references_to_git,
    with_source_code_references,
)

HERE = AnchorBasedFilePathMapping(Path(__file__), "src/test_code_references.py")


@asset
def table() -> None: ...


@pytest.mark.parametrize(
    ("url", "platform", "expected"),
    [
        ("https://github.com/o/r", None, "https://github.com/o/r/tree/main/src/test_code_references.py"),
        ("https://github.com/o/r.git", None, "https://github.com/o/r/tree/main/src/test_code_references.py"),
        ("git@github.com:o/r.git", None, "https://github.com/o/r/tree/main/src/test_code_references.py"),
        ("https://gitlab.com/o/r/", None, "https://gitlab.com/o/r/-/tree/main/src/test_code_references.py"),
        (
            "https://git.example/o/r",
            "gitlab",
            "https://git.example/o/r/-/tree/main/src/test_code_references.py",
        ),
    ],
)
def test_links(url: str, platform: str | None, expected: str) -> None:
    linked = link_code_references_to_git(
        with_source_code_references([table, AssetSpec("plain")]), url, "main", HERE, platform
    )
    reference = linked[0].metadata_by_key[table.key]["dagster/code_references"].code_references[0]
    assert reference.url.startswith(expected + "#L")
    assert linked[1].metadata == {}
    again = link_code_references_to_git(linked, url, "other", HERE, platform)
    assert again[0].metadata_by_key == linked[0].metadata_by_key


def test_a_host_that_tells_nothing_needs_a_platform() -> None:
    with pytest.raises(InvalidArgumentError, match="platform"):
        link_code_references_to_git([table], "https://git.example/o/r", "main", HERE)
    with pytest.raises(InvalidArgumentError, match="`github` or `gitlab`"):
        link_code_references_to_git([table], "https://git.example/o/r", "main", HERE, "svn")  # type: ignore[arg-type]


def test_the_anchor_of_a_git_link_may_be_a_folder():
    mapping = AnchorBasedFilePathMapping(Path("/home/me/flights"), "src/flights")
    assert mapping.convert_to_source_control_path(Path("/home/me/flights/defs.py")) == "src/flights/defs.py"
