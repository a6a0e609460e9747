"""What an approval stands on outside of its store: its entry of the audit, and who really acted.

The hash of the entry is printed on the approval as the end of the audit. It covers the root of the
version and the digest of the scan, so that whoever holds it proves all three.
"""

from __future__ import annotations

import json
from dataclasses import asdict, astuple, fields
from typing import Final

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, Text
from civicsight.store.actors import SIGNED_IN, Act
from civicsight.store.audit import Entry, has_members
from civicsight.store.records import Approval, digest_of
from civicsight.store.store import Store

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
    if (
        not isinstance(told, dict)
        or list(told) != names
        or content != json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
    ):
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


NOBODY_APPOINTED: Final = N_("No users are set up for these plans, so names are not verified.")
"""Said on every act in a store without appointments, of whoever has not signed in."""


def takes_any_name(store: Store) -> bool:
    """Tell whether nobody was ever appointed in a store, so that it takes any name."""
    with store.database.reading() as connection:
        return not has_members(connection)


def describe_unjudged(approval: Approval) -> Text:
    """Say how much of what was approved is not judged; it belongs on its paper."""
    if approval.not_judged is None:
        return N_("The approval does not record how much is not judged.")
    return N_(
        "Not judged with the approved plan: %(places)s places, %(parts)s gates and key parts.",
        **approval.not_judged,
    )


def describe_name(approval: Approval) -> Text:
    """Say what the name under an approval rests on; it belongs on its paper."""
    said = {"name": approval.name, "user": approval.user}
    if approval.signed_in in SIGNED_IN:
        how = SIGNED_IN[approval.signed_in]
        return N_("%(name)s signed in %(how)s; the name is verified.", name=approval.name, how=how)
    if approval.appointed is None:
        return N_("It was not recorded whether anybody had appointed %(name)s.", **said)
    if approval.appointed:
        if approval.user:
            return N_(
                "%(name)s was appointed; the user %(user)s of the computer entered it.", **said
            )
        return N_("%(name)s was appointed.", **said)
    if approval.user:
        return N_(
            "Nobody was appointed, and the name %(name)s was only claimed; the user %(user)s of "
            "the computer entered it.",
            **said,
        )
    return N_("Nobody was appointed, and the name %(name)s was only claimed.", **said)
