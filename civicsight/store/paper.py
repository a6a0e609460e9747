"""An approval outside of its store: the entry of the audit that made it, beside the scan.

The hash of the entry is printed on the approval as the end of the audit. It covers the root of the
version and the digest of the scan, so that whoever holds it proves all three.
"""

from __future__ import annotations

import json
from dataclasses import asdict, astuple, fields
from typing import Final

from civicsight.core.bounded.text import load_json
from civicsight.store.actors import Act
from civicsight.store.audit import Entry
from civicsight.store.digest import digest_of

APPROVAL_FILE: Final = "approval.json"
SCAN: Final = "scan"
"""Stem of the name of the scan beside it."""

KINDS: Final = {"seq": int, "rev": int}


def write_entry(entry: Entry) -> bytes:
    """Return an entry as JSON."""
    return json.dumps(asdict(entry), ensure_ascii=False, indent=1).encode() + b"\n"


def read_entry(content: bytes) -> Entry:
    """Read the entry of an approval.

    Raises
    ------
    ValueError
        If it is none, or not what its own hash covers.
    """
    told = load_json(content)
    names = [entry.name for entry in fields(Entry)]
    if not isinstance(told, dict) or list(told) != names or content != _again(told):
        msg = "no entry of an audit"
        raise ValueError(msg)
    if not all(type(told[name]) is KINDS.get(name, str) for name in names):
        msg = "no entry of an approval"
        raise ValueError(msg)
    found = Entry(**told)
    if digest_of(astuple(found)[:-1]) != found.hash or not is_approval(found):
        msg = "another entry than its hash covers"
        raise ValueError(msg)
    return found


def is_approval(entry: Entry) -> bool:
    """Tell whether an entry records an approval, and not that one was refused."""
    says = json.loads(entry.body)
    return entry.action == Act.APPROVE and isinstance(says, dict) and "refused" not in says


def _again(told: dict[str, object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
