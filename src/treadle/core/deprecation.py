"""Warnings of names and arguments that go away."""

import warnings


def deprecation_warning(
    subject: str, breaking_version: str, additional_warn_text: str | None = None, stacklevel: int = 3
) -> None:
    """Warn that something goes away.

    Args:
        subject: what.
        breaking_version: the first version without it.
        additional_warn_text: what to use in its place.
        stacklevel: whose line is named: 1 is this function's, 3 that of whoever called the caller.
    """
    text = f"{subject} is deprecated and goes away in {breaking_version}."
    warnings.warn(
        f"{text} {additional_warn_text}" if additional_warn_text else text,
        category=DeprecationWarning,
        stacklevel=stacklevel,
    )
