"""Where the functions of assets stand, in their metadata: `with_source_code_references`, and as links to source control."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from treadle.core.code_references import (
    CodeReference,
    FilePathMapping,
    LocalFileCodeReference,
    UrlCodeReference,
)
from treadle.core.deprecation import beta
from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.metadata import CodeReferencesMetadataValue
from treadle.core.specs import AssetSpec
from treadle.define.asset_definition import AssetsDefinition

_KEY = "dagster/code_references"


@beta()
def with_source_code_references(assets_defs: Sequence[Any]) -> list[Any]:
    """The same assets, with a code reference to the function of each in its metadata.

    Args:
        assets_defs: assets; what has no function stays as it is.
    """
    return [_with_reference(one) if isinstance(one, AssetsDefinition) else one for one in assets_defs]


def _with_reference(definition: AssetsDefinition) -> AssetsDefinition:
    path, _, line = (definition.where or "").rpartition(":")
    if not path:
        return definition
    label = definition.op.compute_fn.__name__ if hasattr(definition.op.compute_fn, "__name__") else None
    reference = LocalFileCodeReference(file_path=path, line_number=int(line), label=label)

    def change(spec: AssetSpec) -> AssetSpec:
        known = spec.metadata.get(_KEY)
        others = list(getattr(known, "code_references", ()))
        if reference in others:
            return spec
        return spec.merge_attributes(
            metadata={_KEY: CodeReferencesMetadataValue(code_references=[*others, reference])}
        )

    return definition.map_asset_specs(change)


@beta()
def link_code_references_to_git(
    assets_defs: Iterable[Any],
    git_url: str,
    git_branch: str,
    file_path_mapping: FilePathMapping,
    platform: Literal["github", "gitlab"] | None = None,
) -> list[Any]:
    """The same assets, their code references to local files made links to source control.

    Args:
        assets_defs: what `with_source_code_references` gave; what has no references stays as it is.
        git_url: of the repository, such as `https://github.com/owner/name`.
        git_branch: branch, tag or commit.
        file_path_mapping: how local paths become paths within the repository.
        platform: how links look; told by the URL of GitHub and GitLab.

    Raises:
        InvalidArgumentError: a platform that is unknown, or that the URL does not tell.
    """
    if not isinstance(file_path_mapping, FilePathMapping):
        raise wrong_type("file_path_mapping", "a FilePathMapping", file_path_mapping)
    link = _link_of(git_url, git_branch, platform)

    def change(spec: AssetSpec) -> AssetSpec:
        known = spec.metadata.get(_KEY)
        if not isinstance(known, CodeReferencesMetadataValue):
            return spec
        linked = [_linked(reference, link, file_path_mapping) for reference in known.code_references]
        return spec.merge_attributes(metadata={_KEY: CodeReferencesMetadataValue(code_references=linked)})

    return [
        one.map_asset_specs(change)
        if isinstance(one, AssetsDefinition)
        else change(one)
        if isinstance(one, AssetSpec)
        else one
        for one in assets_defs
    ]


def _link_of(git_url: str, git_branch: str, platform: str | None) -> str:
    if platform is None:
        platform = next((name for name in ("github", "gitlab") if name in git_url), None)
        if platform is None:
            raise InvalidArgumentError(
                f"argument `git_url` ({git_url}) does not tell how links look there", hint="give `platform=`"
            )
    if platform not in ("github", "gitlab"):
        raise InvalidArgumentError(f"argument `platform` must be `github` or `gitlab`, got {platform!r}")
    base = git_url.rstrip("/").removesuffix(".git")
    if base.startswith("git@"):
        base = "https://" + base.removeprefix("git@").replace(":", "/", 1)
    return f"{base}/tree/{git_branch}" if platform == "github" else f"{base}/-/tree/{git_branch}"


def _linked(reference: CodeReference, link: str, mapping: FilePathMapping) -> CodeReference:
    if not isinstance(reference, LocalFileCodeReference):
        return reference
    path = mapping.convert_to_source_control_path(Path(reference.file_path))
    line = f"#L{reference.line_number}" if reference.line_number is not None else ""
    return UrlCodeReference(url=f"{link}/{path}{line}", label=reference.label)
