"""By what a hand-over package is proved, and which values civicsight never writes into one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.planning.record.root import LIST_FILE
from civicsight.store import keys
from civicsight.store.actors import State
from civicsight.store.audit import now
from civicsight.store.faults import fault
from civicsight.store.records import Plan, VersionHead

SIGNATURE_FILE: Final = f"{LIST_FILE}{keys.SIGNATURE_ENDING}"
"""The signature of the list, and so of everything in it."""

ROOT, KEY, UNPROVEN = "root", "key", "unproven"
"""By what a package is proved."""

MOST_LETTERS: Final = 10_000
"""No text of a package is longer."""

HEX: Final = re.compile(r"[0-9a-f]{64}")
HIDDEN: Final = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
"""Signs that steer a terminal or turn the direction of reading; tabs and ends of lines do not."""

EARLIEST: Final = datetime.fromisoformat("2000-01-01T00:00:00Z")
AHEAD: Final = timedelta(days=1)
"""So far may the clock of the other side be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Proof:
    """By what it is known that nobody changed a package on its way.

    Parameters
    ----------
    by
        `ROOT`, `KEY` or `UNPROVEN`.
    signer
        Under which name the key that signed it is trusted here; empty for the own one.
    key
        Fingerprint of the key that signed it; empty without a signature.
    """

    by: str
    signer: str = ""
    key: str = ""

    def describe(self) -> Text:
        """Say by what it is proved, or that it is not: the same words wherever one is named."""
        if self.by == ROOT:
            return N_("Proved by the root of its sheet.")
        if self.by == KEY and self.signer:
            return N_("Proved by the signature of %(signer)s.", signer=self.signer)
        if self.by == KEY:
            return N_("Proved by the signature of this installation.")
        if self.key:
            return N_(
                "Unproven: no root was given, and the key that signed it is not trusted here "
                "(%(key)s).",
                key=self.key,
            )
        return N_(
            "Unproven: no root was given, and nobody signed it. Anybody may have rewritten "
            "it, names and contents."
        )


def proof_of(signature: bytes | None, listing: bytes, source: str, *, given: bool) -> Proof:
    """Return by what a list is proved; refuse one that is not what was signed."""
    if signature is None:
        return Proof(ROOT if given else UNPROVEN)
    try:
        key = keys.signer_of(signature, listing, keys.HANDOVER)
    except ValueError as error:
        flaw = fault("handover.signature", source, SIGNATURE_FILE, found=str(error)[:80])
        raise InputError([flaw]) from None
    name = keys.signer_name(key)
    by = ROOT if given else UNPROVEN if name is None else KEY
    return Proof(by, name or "", key.fingerprint)


def value_faults(
    plan: Plan, head: VersionHead, exchanged: Iterable[str], handed: Mapping[str, str], source: str
) -> Iterator[Fault]:
    """Name the values of a package that civicsight never writes."""
    texts = {
        "plan.plan_id": plan.plan_id,
        "plan.name": plan.name,
        "plan.author": plan.author,
        "plan.district": plan.district,
        "plan.departments": "\n".join(plan.departments),
        "version.author": head.author,
        "version.note": head.note,
        "version.inputs": "\n".join(f"{key}\n{one}" for key, one in head.inputs.items()),
        **{f"handed.{key}": one for key, one in handed.items()},
    }
    for where, text in texts.items():
        if HIDDEN.search(text) or len(text) > MOST_LETTERS:
            yield fault("handover.text", source, where, found=ascii(text)[1:80], count=MOST_LETTERS)
    digests = [
        ("plan.digest", plan.digest),
        ("version.digest", head.digest),
        *([("version.parent", head.parent)] if head.parent else []),
        *(("exchanged", one) for one in exchanged),
    ]
    for where, text in digests:
        if not HEX.fullmatch(text):
            yield fault("handover.digest", source, where, found=ascii(text)[1:80])
    numbers = {
        "plan.rev": plan.rev,
        "plan.version": plan.version,
        "version.n": head.n,
        "version.rev": head.rev,
    }
    for where, number in numbers.items():
        if type(number) is not int or number < 1:
            yield fault("handover.number", source, where, found=ascii(number)[:80])
    for where, text in {"version.created_at": head.created_at, "handed.at": handed["at"]}.items():
        if not _is_time(text):
            yield fault("handover.time", source, where, found=ascii(text)[1:80])
    of_one = (plan.plan_id, plan.version, plan.digest) == (head.plan_id, head.n, head.digest)
    if not of_one or plan.state not in tuple(State) or not plan.plan_id.strip():
        yield fault("handover.plan", source, "plan", found=ascii(plan.state)[1:80])


def _is_time(text: str) -> bool:
    """Tell whether a text is a time as the store writes it, and not an absurd one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return text.endswith("Z") and EARLIEST <= at <= datetime.fromisoformat(now()) + AHEAD
