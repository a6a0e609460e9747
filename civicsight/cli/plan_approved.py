"""The approval of a plan in its folder: written beside the documents, and held against them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from civicsight.cli.faults import reject
from civicsight.core.errors import N_, Text
from civicsight.core.regular import require_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicsight.store import File
    from civicsight.store.audit import Entry

ONLY_ITSELF: Final = N_(
    "only its own hash holds it; give the end of the audit that is printed on the approval as "
    "--root"
)
OF_THE_AUDIT: Final = N_(
    "it says how far the audit went; plan audit --pin compares the file of plans with it"
)
NO_SCAN: Final = N_("the scan that it names by its digest is not here")


@dataclass(frozen=True, slots=True)
class Approved:
    """What was found of an approval beside a plan.

    Parameters
    ----------
    names
        Files that belong to it.
    hash, root
        Hash of its entry, and the root that it approves; empty without one.
    changed
        Files that are not what it says.
    unproven
        What was held against nothing.
    not_judged
        How much it says is not judged with the plan; None where it says nothing of that.
    times
        Number and time of the entries that it stands among: those of its store, or its own alone.
    """

    names: frozenset[str] = frozenset()
    hash: str = ""
    root: str = ""
    changed: tuple[str, ...] = ()
    unproven: tuple[tuple[str, Text], ...] = ()
    times: tuple[tuple[int, str], ...] = ()
    not_judged: Mapping[str, int] | None = None


def look_at_approval(folder: Path, root: str) -> Approved:
    """Compare the approval in a folder with its own hash, and the scan with the approval.

    Parameters
    ----------
    folder, root
        Where it lies, and the root that it is to be proved from.
    """
    from civicsight.store import file_digest
    from civicsight.store.attestation import APPROVAL_FILE, SCAN, read_entry
    from civicsight.store.audit import NOT_JUDGED
    from civicsight.store.ends import END_FILE

    file, end = folder / APPROVAL_FILE, folder / END_FILE
    beside = frozenset({END_FILE} if end.is_file() else ())
    outside = tuple((name, OF_THE_AUDIT) for name in beside)
    if not file.is_file():
        return Approved(beside, unproven=outside)
    scans = sorted(path for path in folder.glob(f"{SCAN}.*") if path.is_file())
    names = frozenset({APPROVAL_FILE, *(path.name for path in scans)})
    try:
        entry = read_entry(file.read_bytes())
        says = {name: str(entry.says[name]) for name in ("digest", "scan_sha256")}
    except (ValueError, KeyError, TypeError, RecursionError):
        return Approved(names | beside, changed=(APPROVAL_FILE,), unproven=outside)
    changed = tuple(path.name for path in scans if file_digest(path) != says["scan_sha256"])
    unproven = outside
    unproven += () if entry.hash == root else tuple((name, ONLY_ITSELF) for name in sorted(names))
    unproven += () if scans else ((f"{SCAN}.*", NO_SCAN),)
    times = ((entry.seq, entry.at),)
    unjudged = entry.says.get(NOT_JUDGED)
    return Approved(names | beside, entry.hash, says["digest"], changed, unproven, times, unjudged)


def approval_in(source: str, plan: str | None, root: str, reader: str) -> Entry | None:
    """Return the entry that approved a version in a file of plans, the latest; None without one."""
    from civicsight.store import Actor, Role, open_store
    from civicsight.store.attestation import is_approval

    if plan is None or Path(source).is_dir():
        return None
    with open_store(source) as store:
        entries = store.history(Actor(reader, Role.ANALYST), plan)
    found = [e for e in entries if is_approval(e) and e.says.get("digest") == root]
    return found[-1] if found else None


def write_end(out: Path, source: str, reader: str) -> Path:
    """Write the end of the audit of a file of plans beside the documents of a plan."""
    from civicsight.core.atomic import written_whole
    from civicsight.store import Actor, Role, open_store
    from civicsight.store.ends import END_FILE, keep_outside

    with open_store(source) as store:
        content = keep_outside(store.end(Actor(reader, Role.ANALYST)))
    with written_whole(out / END_FILE) as scratch:
        scratch.write_bytes(content)
    return out / END_FILE


def file_at(path: Path, *, whole: bool = False) -> File:
    """Read a file that somebody hands in: no further than what is kept of one, or all of it."""
    from civicsight.store.attachments import MAX_BYTES, File

    with require_regular(path).open("rb") as file:
        return File(path.name, file.read(-1 if whole else MAX_BYTES + 1))


def kept_scan(source: str, plan: str, entry: Entry, reader: str) -> File | None:
    """Return the scan that is kept with an approval; None where it is kept elsewhere."""
    from civicsight.store import Actor, File, Role, open_store, read_attachment
    from civicsight.store.attachments import attachments_of

    for one in attachments_of(entry):
        with open_store(source) as store:
            actor = Actor(reader, Role.ANALYST)
            return File(one.name, read_attachment(store, actor, plan, one.sha256))
    return None


def write_approval(out: Path, entry: Entry, scan: File | None) -> list[Path]:
    """Write an approval, and its scan if there is one, beside the documents of the plan.

    Raises
    ------
    InputError
        If it is another scan than that of the approval.
    """
    from hashlib import sha256

    from civicsight.core.atomic import written_whole
    from civicsight.store.attestation import APPROVAL_FILE, SCAN, write_entry

    if scan is not None and sha256(scan.content).hexdigest() != entry.says["scan_sha256"]:
        reject("approval.scan", scan.name, digest=entry.says["scan_sha256"])
    contents = {APPROVAL_FILE: write_entry(entry)}
    if scan is not None:
        contents[f"{SCAN}{Path(scan.name).suffix}"] = scan.content
    for name, content in contents.items():
        with written_whole(out / name) as scratch:
            scratch.write_bytes(content)
    return [out / name for name in contents]
