"""Service account keys that are given as text: in the environment while a client is made and used, and gone afterwards."""

import base64
import binascii
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import treadle as dg

VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"


@contextmanager
def credentials_in_environment(encoded: str | None) -> Iterator[None]:
    """Let Google's libraries find a key for the time of the block.

    Args:
        encoded: the JSON key, in base64; None changes nothing.

    Raises:
        InvalidArgumentError: it is no JSON in base64. The text itself is never shown.
    """
    if not encoded:
        yield
        return
    key = _decoded(encoded)
    before = os.environ.get(VARIABLE)
    descriptor, path = tempfile.mkstemp(suffix=".json")  # readable by this user only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
        os.environ[VARIABLE] = path
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before
        os.unlink(path)


def _decoded(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=False)
        json.loads(key)
    except (binascii.Error, ValueError) as error:
        raise dg.InvalidArgumentError(
            "`gcp_credentials` is not a JSON key in base64.",
            hint="make it by `base64 -w0 key.json`",
        ) from error.with_traceback(None)
    return key


def emulator_credentials(variable: str) -> Any:
    """What stands for credentials where a client talks to an emulator; None elsewhere."""
    if not os.environ.get(variable):
        return None
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 - an optional package

    return AnonymousCredentials()  # type: ignore[no-untyped-call]


def missing_extra(error: ImportError) -> ImportError:
    """An error that names the extra to install."""
    return ImportError(
        f"{error}. Google Cloud's packages are an extra: pip install 'treadle[gcp]'.", name=error.name
    )
