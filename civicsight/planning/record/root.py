"""One digest for a plan: its root, over the list of everything it holds, file by file.

The list is text as ``sha256sum`` writes it, in the order of the names, so that whoever has a plan
checks it and counts its root without this program::

    sha256sum --check root.sha256 && sha256sum root.sha256

Documents that people read are no part of it: they are rendered anew from what is, and compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from civicsight.planning.faults import reject

LIST_FILE: Final = "root.sha256"
SHORT: Final = 12
"""Signs of a root that look a version up; only all of them prove it."""

WHOLE: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE | re.ASCII)
NAMED: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", re.IGNORECASE)
SCANNED: Final = "CIVICSIGHT PLAN ROOT "
"""What stands before the root in the QR code of a plan."""

LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\n]+)\n")


@dataclass(frozen=True, slots=True)
class Compared:
    """Names of files that are not as a list has them, that are not there, and that it has not."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Tell whether everything is as listed."""
        return not (self.changed or self.missing or self.foreign)


def list_of(files: Mapping[str, bytes]) -> bytes:
    r"""Return the list of files: a line each, digest and name.

    Examples
    --------
    >>> list_of({"b": b"", "a": b"1"}).decode().splitlines()[1]
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b'
    """
    return write_list({name: sha256(content).hexdigest() for name, content in files.items()})


def write_list(digests: Mapping[str, str]) -> bytes:
    """Return the list of names with their digests."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def read_list(content: bytes) -> dict[str, str]:
    """Return the digests of a list by name.

    Raises
    ------
    ValueError
        If it is not what `write_list` writes.
    """
    found = {name: digest for digest, name in LINE.findall(content.decode())}
    if not found or write_list(found) != content:
        msg = "no list of digests and names in their order"
        raise ValueError(msg)
    return found


def root_of(files: Mapping[str, bytes]) -> str:
    """Return the root of files, whatever list lies among them."""
    return sha256(list_of({n: c for n, c in files.items() if n != LIST_FILE})).hexdigest()


def compare(listed: Mapping[str, str], files: Mapping[str, bytes]) -> Compared:
    """Compare files with a list, which does not list itself."""
    found = {n: sha256(c).hexdigest() for n, c in files.items() if n != LIST_FILE}
    return Compared(
        tuple(sorted(name for name in listed.keys() & found if listed[name] != found[name])),
        tuple(sorted(listed.keys() - found)),
        tuple(sorted(found.keys() - listed)),
    )


def roots_in(content: bytes) -> set[str]:
    """Return the roots that a file can be of: those that stand in it whole, and that of a list.

    Pages, sheets, records and copies of a version name its root; the list of its files has it as
    its own digest.

    Examples
    --------
    >>> "ab" * 32 in roots_in(b"Root of the version: " + b"ab" * 32)
    True
    """
    named = {found.decode().lower() for found in NAMED.findall(content)}
    return named | {sha256(content).hexdigest()}


def to_scan(root: str) -> str:
    """Return what the QR code on paper says: the root as `whole_root` reads it, whatever scans it.

    Of capitals and digits alone a code is a third smaller.
    """
    return f"{SCANNED}{root.upper()}"


def whole_root(text: str, file: str) -> str:
    """Return a root that was typed in either case or scanned; its beginning proves nothing.

    Raises
    ------
    InputError
        If it has not 64 digits.

    Examples
    --------
    >>> whole_root(to_scan("ab" * 32), "--root") == "ab" * 32
    True
    """
    root = text.strip().lower().removeprefix(SCANNED.lower())
    if WHOLE.fullmatch(root):
        return root
    return reject("root.not_whole", file, field="root", found=text[:80], count=SHORT)
