"""What an act asks of what it is told: the root of the latest version, fresh inputs, full texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.planning.proof.root import SHORT, WHOLE, require_whole
from civicsight.store.records import VersionHead
from civicsight.store.refusals import refuse
from civicsight.store.transactions import Transaction, conflict
from civicsight.store.versions import load_heads


def stale_inputs(head: VersionHead, inputs: Mapping[str, str]) -> list[Text]:
    """Say which inputs of a version changed since it was computed.

    Parameters
    ----------
    head
        The version.
    inputs
        Digests of the inputs as they are now, by the names that the version gives them.
    """
    return [
        N_("%(name)s changed since version %(n)s was computed from it", name=name, n=head.n)
        for name, digest in sorted(head.inputs.items())
        if inputs.get(name) != digest
    ]


def require_latest(deed: Transaction, file: str, root: str) -> None:
    """Refuse a decision on a version that is no longer the latest, or that never was one.

    Raises
    ------
    Conflict
        If there is a later version by now.
    InputError
        If it is not the whole root of a version.
    """
    require_whole(root, file)
    before = deed.before
    if root == before.digest:
        return
    if any(head.digest == root for head in load_heads(deed.connection, file, before.plan_id)):
        raise conflict(deed.connection, file, before)
    refuse(
        "store.root",
        file,
        N_(
            "the root of version %(n)s, which begins with %(start)s",
            n=before.version,
            start=before.digest[:SHORT],
        ),
        N_(
            "Compare it with page one of the paper: it is the root of no version of this plan, "
            "mistyped or of another plan."
        ),
        where=before.plan_id,
        found=root,
        field="root",
    )


def require_fresh(deed: Transaction, file: str, inputs: Mapping[str, str] | None) -> None:
    """Refuse a version that was computed from other inputs than those of now, if they are known."""
    if inputs is None:
        return
    latest = load_heads(deed.connection, file, deed.before.plan_id)[-1]
    remedy = N_("Compute the plan again from what is there now, and commit it.")
    faults = [
        Fault(
            "store.stale",
            file,
            deed.before.plan_id,
            expected=N_("inputs as they were: %(what)s", what=text),
            remedy=remedy,
        )
        for text in stale_inputs(latest, inputs)
    ]
    if faults:
        raise InputError(faults)


def require_scan(file: str, plan_id: str, scan_sha256: str) -> None:
    """Refuse what is no digest of a scanned document."""
    if not WHOLE.fullmatch(scan_sha256):
        refuse(
            "store.scan",
            file,
            N_("the SHA-256 of the scanned document: 64 digits and small letters from a to f"),
            N_("Compute it from the file of the scan."),
            where=plan_id,
            found=scan_sha256,
            field="scan_sha256",
        )


def require_texts(
    file: str, plan_id: str, texts: Mapping[str, str], day: str = "2000-01-01"
) -> None:
    """Refuse what is empty, and a day that is none."""
    for name, text in texts.items():
        if not text.strip():
            refuse(
                "store.empty",
                file,
                N_("a text"),
                N_("Say what it is; the record is worth nothing without it."),
                where=plan_id,
                field=name,
            )
    try:
        good = date.fromisoformat(day).isoformat() == day
    except ValueError:
        good = False
    if not good:
        refuse(
            "store.date",
            file,
            N_("a date such as 2026-03-01"),
            N_("Write year, month and day."),
            where=plan_id,
            found=day,
        )
