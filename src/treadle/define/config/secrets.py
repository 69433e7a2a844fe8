"""Which values are secret, and how they are kept out of what people read.

A value becomes known as secret when it is read for a field or an environment variable whose name says so
(`password`, `api_key`, …), when its field is declared secret, or when it is the password of a URL.
"""

import re

HIDDEN = "***"
_SECRET_NAME = re.compile(
    r"passw|pwd|webhook|dsn$|conn(ection)?_?str|(^|_)pw$|secret|token(?!i)|credential|private_?key|api_?key|access_?key|auth_?key|account_?key|\bkey\b|_key$",
    re.IGNORECASE,
)
_NOT_SECRET_NAME = re.compile(
    r"public|partition|primary|foreign|sort_?key|run_?key|asset_?key|io_manager", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(?P<head>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*:)(?P<password>[^\s/@]+)@")
_SHORTEST = 4

_known: set[str] = set()


def looks_secret(name: str) -> bool:
    """True if a field or variable of this name holds something nobody should see."""
    return bool(_SECRET_NAME.search(name)) and not _NOT_SECRET_NAME.search(name)


def remember_secret(value: object) -> None:
    """From now on `redact` hides this text; not one under four characters, which would hide half the log."""
    if isinstance(value, str) and len(value) >= _SHORTEST:
        _known.add(value)


def remember_by_name(name: str, value: object) -> None:
    """Remember the value if its name looks secret, and the password in it if it is a URL with one."""
    if not isinstance(value, str):
        return
    if looks_secret(name):
        remember_secret(value)
    elif "://" in value:
        for match in _URL_PASSWORD.finditer(value):
            remember_secret(match["password"])


def redact(text: str) -> str:
    """The text with known secrets, and passwords in URLs, replaced by `***`.

    Example:
        >>> redact("cannot reach postgresql://ann:hunter2@db/sales")
        'cannot reach postgresql://ann:***@db/sales'
    """
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\g<head>{HIDDEN}@", text)
    for secret in _known:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text
