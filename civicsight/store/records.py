"""What a store hands out: plans, versions and decisions on them, and digests of stored bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest as _file_digest
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it stands.

    Parameters
    ----------
    plan_id, name, author, district
        What it is called, who began it, and the county that it is for; no county is the city.
    departments
        Departments whose opinions have to be there before it is submitted.
    state
        One of `actors.State`.
    rev
        Revision, one more with every version and every change of state.
    version, digest
        Number and digest of the latest version; 0 and empty before the first.
    """

    plan_id: str
    name: str
    author: str
    district: str
    departments: tuple[str, ...]
    state: str
    rev: int
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class VersionHead:
    """What is known of a version without reading its content."""

    plan_id: str
    n: int
    rev: int
    parent: str
    author: str
    created_at: str
    note: str
    inputs: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version and its content, compared with its digest before it was handed out.

    Parameters
    ----------
    head
        Number, author, time, digests of the inputs, and the digest of the version.
    layers
        Tables by name, GeoDataFrames where they have a place.
    documents
        What JSON can hold, by name.
    """

    head: VersionHead
    layers: Mapping[str, pd.DataFrame]
    documents: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The digest to which opinions and approvals are bound."""
        return self.head.digest


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a department said of a version in the joint review.

    Parameters
    ----------
    department, name, dated_on, text, digest
        Who says what, who entered it, of which day, and the root of the version.
    reply
        Whether it agrees, a key of `planning.record.opinions.REPLIES`; empty where nobody said so.
    seq
        Number of its entry in the audit.
    answered_by
        Who answered for the department, where that was said.
    is_past
        Whether the plan was returned since: it is no opinion on what is handed in again.
    """

    department: str
    name: str
    dated_on: str
    text: str
    digest: str
    reply: str = ""
    seq: int = 0
    answered_by: str = ""
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """The decision on a version.

    Parameters
    ----------
    body, document_number, dated_on
        Who approved it, under which number, on which day.
    scan_sha256
        Digest of the scanned document.
    digest
        Digest of the version that was approved.
    name
        Who entered the approval.
    head_hash, head_entry
        End of the audit with this approval, and its number; printed on it, they prove later that
        nothing before was rewritten or cut off: ``verify(..., expect_head=...)``.
    appointed
        Whether anybody was appointed then, so that the name is more than a claim; None in approvals
        of before this was recorded.
    user
        User of the operating system who entered it, if one is known.
    scan
        The scanned document, where it is kept here and not elsewhere.
    signed_in
        How who entered it had signed in, a key of `actors.SIGNED_IN`; empty where nobody had to.
    not_judged
        How many ``places`` and ``parts`` are not judged with the plan, as its figures have it; None
        of a version that the optimiser did not draw up, and in approvals of before.
    """

    body: str
    document_number: str
    dated_on: str
    scan_sha256: str
    digest: str
    name: str
    head_hash: str
    appointed: bool | None = None
    user: str = ""
    scan: Attachment | None = None
    signed_in: str = ""
    head_entry: int = 0
    not_judged: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept: what it was called, the SHA-256 of its bytes, and how many there are."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision of a person on a question, or the waiver of a finding."""

    kind: str
    pack: str
    rule: str
    subject: str
    answer: str
    reason: str
    name: str
    answered_on: str
    digest: str


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
