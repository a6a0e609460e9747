"""Files that a decision or a remark stands on: the scan of an approval, the drawing of a remark.

Their bytes are kept once, under their digest, which the entry of the audit names: whoever proves
the audit proves them. They are handed out as they came, and never opened here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.sql import ColumnElement

from civicsight.core.errors import Fault, InputError
from civicsight.io.signatures import ZIP
from civicsight.store.actors import Act
from civicsight.store.audit import Entry, entries, lock_chain
from civicsight.store.faults import fault, reject
from civicsight.store.records import Attachment
from civicsight.store.refusals import Damaged, changed
from civicsight.store.scans import is_scan
from civicsight.store.tables import ATTACHMENT, AUDIT

MAX_BYTES: Final = 20_000_000
MAX_FILES: Final = 5
NAME_SIGNS: Final = 120

STARTS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "tif": (b"II*\x00", b"MM\x00*"),
    "tiff": (b"II*\x00", b"MM\x00*"),
    "ofd": ZIP,
    "docx": ZIP,
    "xlsx": ZIP,
}
"""First bytes of what is taken, by the end of the name."""

SCANS: Final = ("pdf", "jpg", "jpeg", "png", "tif", "tiff", "ofd")
"""What a scanned document can be."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody hands in."""

    name: str
    content: bytes


def require_files(where: str, plan_id: str, files: Sequence[File]) -> None:
    """Refuse what is too much, or no document or picture.

    Raises
    ------
    InputError
        Names the file, what it is, and what is taken.
    """
    if len(files) > MAX_FILES:
        reject("store.attachments", where, plan_id, found=str(len(files)), most=MAX_FILES)
    for file in files:
        flaw = _flaw_of(file, where, plan_id)
        if flaw is not None:
            raise InputError([flaw])


def require_scan_file(where: str, plan_id: str, scan: File | None) -> None:
    """Refuse an approval without its scan, and a scan that is empty or no document.

    Raises
    ------
    InputError
        Names the file, what it is, and what is taken.
    """
    if scan is None:
        reject("store.scan:none", where, plan_id)
    end = scan.name.rpartition(".")[2].lower()
    is_document = end in SCANS and scan.content.startswith(STARTS[end])
    if is_document and is_scan(end, scan.content):
        require_files(where, plan_id, (scan,))
        return
    if not scan.content:
        reject("store.scan:empty", where, plan_id, scan.name, "0 B")
    if is_document:
        size = f"{len(scan.content)} B"
        reject("store.scan:cut", where, plan_id, scan.name, size, kind=end.upper())
    reject("store.scan:other", where, plan_id, scan.name, scan.content[:8].hex(" "))


def _flaw_of(file: File, where: str, plan_id: str) -> Fault | None:
    end = file.name.rpartition(".")[2].lower()
    if end not in STARTS:
        known = ", ".join(dict.fromkeys(STARTS))
        return fault(
            "store.attachment:kind", where, plan_id, file.name, end or file.name, known=known
        )
    if not file.content.startswith(STARTS[end]):
        start = file.content[:8].hex(" ")
        return fault("store.attachment:other", where, plan_id, file.name, start, kind=end)
    if len(file.content) > MAX_BYTES:
        size, most = f"{len(file.content) / 1e6:.1f} MB", MAX_BYTES // 1_000_000
        return fault("store.attachment:size", where, plan_id, file.name, size, most=most)
    return None


def size_of(files: Iterable[File]) -> int:
    """Return how many bytes it takes to keep files: a row is in the log and in its table."""
    return sum(3 * len(file.content) for file in files)


def keep_files(connection: Connection, files: Sequence[File]) -> dict[str, Any]:
    """Put files into a store, each once; return what the entry says of them, if there are any."""
    if files:
        lock_chain(connection)  # on a server two acts could bring the same new file
    kept = []
    for file in files:
        digest = sha256(file.content).hexdigest()
        there = select(ATTACHMENT.c.sha256).where(ATTACHMENT.c.sha256 == digest)
        if connection.execute(there).first() is None:
            connection.execute(insert(ATTACHMENT), {"sha256": digest, "body": file.content})
        name = PurePath(file.name.replace("\\", "/")).name[-NAME_SIGNS:]
        kept.append(asdict(Attachment(name, digest, len(file.content))))
    return {"files": kept} if kept else {}


def attachments_of(entry: Entry) -> tuple[Attachment, ...]:
    """Return the files that an entry of the audit names."""
    return tuple(Attachment(**one) for one in entry.says.get("files", ()))


def find_file(connection: Connection, file: str, plan_id: str, digest: str) -> bytes:
    """Return the bytes of a file of a plan; errors as of `workflow.read_attachment`."""
    if digest not in _named(connection, file, AUDIT.c.plan_id == plan_id):
        reject("store.no_attachment", file, plan_id, found=digest)
    found = select(ATTACHMENT.c.body).where(ATTACHMENT.c.sha256 == digest)
    body = connection.execute(found).scalar()
    if body is None or sha256(body).hexdigest() != digest:
        raise Damaged([changed(file, ATTACHMENT.name, digest)])
    return bytes(body)


def attachment_faults(connection: Connection, file: str) -> Iterator[Fault]:
    """Name each file that is missing, is not what was kept, or that no entry names."""
    named = _named(connection, file)
    rows = connection.execute(
        select(ATTACHMENT).execution_options(yield_per=1).order_by(ATTACHMENT.c.sha256)
    )
    for digest, body in rows:
        if digest not in named or not isinstance(body, bytes) or sha256(body).hexdigest() != digest:
            yield changed(file, ATTACHMENT.name, str(digest))
        named.discard(digest)
    for digest in sorted(named):
        yield changed(file, ATTACHMENT.name, digest, "-")


def _named(connection: Connection, file: str, *conditions: ColumnElement[bool]) -> set[str]:
    """Return the digests of the files that entries name."""
    acts = AUDIT.c.action.in_((Act.ANSWER, Act.APPROVE, Act.OPINION))
    done = entries(connection, file, acts, *conditions)
    return {one.sha256 for entry in done for one in attachments_of(entry)}
