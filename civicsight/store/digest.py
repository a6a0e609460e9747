"""Digests over stored bytes: what stands in the file, before anything is decoded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import file_digest as _file_digest
from hashlib import sha256
from pathlib import Path
from typing import Any

START = "0" * 64
"""What the first entry of a chain follows."""


def digest_of(values: Sequence[object], blob: bytes | None = None) -> str:
    """Return the SHA-256 of a row as the database holds it.

    Parameters
    ----------
    values
        Texts, whole numbers and None, in the order of their columns. A value whose type changed in
        the file (text to bytes) changes the digest.
    blob
        Bytes of a geometry, header included.
    """
    head = _ENCODER.encode([*values, None if blob is None else len(blob)])
    return sha256(head.encode("ascii") + (blob or b"")).hexdigest()


def as_text(value: Any) -> str:
    """Return the one JSON text of a value that the store writes."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def file_digest(path: str | Path) -> str:
    """Return the SHA-256 of a file, by which a plan knows its inputs again."""
    with Path(path).open("rb") as file:
        return _file_digest(file, "sha256").hexdigest()


def _other(value: object) -> str:
    """Write what a sound store never holds in a text column, so that it changes the digest."""
    return f"{type(value).__name__} {value!r}"


_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_other)
