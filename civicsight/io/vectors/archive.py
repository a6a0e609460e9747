"""Zipped layers: looked at member by member, then unpacked into a folder that does not stay.

References
----------
PKWARE, APPNOTE.TXT 6.3.10: general purpose bits 0 (encrypted) and 11 (names in UTF-8).
"""

from __future__ import annotations

import errno
import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NoReturn

from civicsight.core.errors import N_, Text, refuse
from civicsight.io.faults import reject
from civicsight.io.file_formats import FORMATS, recognise
from civicsight.io.format import PACKED
from civicsight.io.signatures import CATALOGUE_TABLE

MAX_MEMBERS = 1_000
MAX_EXPANDED = 2 << 30
"""Bytes that all members together may expand to."""

MAX_RATIO = 100
"""How many times its packed size a large archive may expand to; text of coordinates has 5 to 20."""

SMALL = 50 << 20
"""Below this expanded size [B] the ratio does not matter."""

PIECE = 1 << 20
UTF8_NAMES, ENCRYPTED = 0x800, 0x1

DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, in any folder and with any suffix."""

PARTED = tuple(entry.parts for entry in FORMATS if len(entry.parts) > 1)
"""Endings of files that belong to another, after its own."""


@contextmanager
def opened(archive: Path, layer: str | None = None) -> Iterator[Path]:
    """Unpack an archive that holds one data set, and give its path as long as it is needed.

    Parameters
    ----------
    archive
        ZIP file.
    layer
        Name of the data set without suffix, where there are several.

    Raises
    ------
    InputError
        If the archive is damaged, encrypted, expands beyond reason, has members that would leave
        the folder, are links, devices or archives themselves or share a name, or if it holds no
        data set or several.
    """
    with unpacked(archive) as files:
        yield _choose(archive, files, layer)


@contextmanager
def unpacked(archive: Path) -> Iterator[list[Path]]:
    """Unpack an archive, and give the paths of its members as long as they are needed.

    Raises
    ------
    InputError
        As `opened`, whatever its members hold.
    """
    with tempfile.TemporaryDirectory(prefix="civicsight-") as folder:
        try:
            with zipfile.ZipFile(archive) as source:
                _require_harmless(archive, source.infolist())
                files = _unpack(archive, source, Path(folder))
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
            _refuse_damaged(archive, error)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a place before the beginning, in a damaged list
                raise
            _refuse_damaged(archive, error)
        yield files


def _refuse_damaged(archive: Path, error: Exception) -> NoReturn:
    if hasattr(error, "faults"):  # an InputError is a ValueError too
        raise error
    reject("file.damaged", archive.name, found=str(error)[:100], driver="ZIP")


def _require_harmless(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    expanded = sum(member.file_size for member in members)
    packed = archive.stat().st_size
    wild = expanded > SMALL and expanded > MAX_RATIO * packed
    if expanded > MAX_EXPANDED or len(members) > MAX_MEMBERS or wild:
        reject(
            "archive.expands",
            archive.name,
            found=f"{len(members)}: {packed} -> {expanded} bytes",
            count=MAX_MEMBERS,
            limit=MAX_EXPANDED >> 20,
            ratio=MAX_RATIO,
        )
    seen: set[str] = set()
    for member in members:
        problem = _problem(member, seen)
        if problem:
            code, expected = problem
            refuse(
                code,
                archive.name,
                expected,
                N_("Pack the files of the layer again, and nothing else."),
                found=ascii(member.orig_filename)[1:-1][:100],
            )


MAX_NAME_BYTES = 240
"""Bytes of a name without its folders: systems take 255, and some room is kept."""


def _problem(member: zipfile.ZipInfo, seen: set[str]) -> tuple[str, Text] | None:
    """Return what speaks against a member, by its entry alone."""
    name = member.orig_filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    outside = name.startswith(("/", "\\")) or ".." in parts or ":" in name
    if outside or any(ord(char) < 32 for char in name) or not parts:
        return "archive.path", N_("names that stay inside of the archive")
    is_long = any(len(part.encode("utf-8", "replace")) > MAX_NAME_BYTES for part in parts)
    if is_long or any(DEVICES.fullmatch(part) for part in parts):
        long = N_("names of at most %(limit)s bytes", limit=MAX_NAME_BYTES)
        return "archive.path", long if is_long else N_("names that are no devices")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "archive.link", N_("plain files, without links")
    if member.flag_bits & ENCRYPTED:
        return "archive.encrypted", N_("an archive without a password")
    # By the name that it gets here: what is said in two codes can be one name.
    said = PurePosixPath(_name(member).replace("\\", "/")).parts
    plain = unicodedata.normalize("NFKC", "/".join(said)).casefold()
    if plain in seen:
        return "archive.twice", N_("each name once")
    seen.add(plain)
    return None


def _unpack(archive: Path, source: zipfile.ZipFile, folder: Path) -> list[Path]:
    """Write the members, each folder of the archive into one of ours with a plain name."""
    folders: dict[str, Path] = {}
    files = []
    for member in source.infolist():
        if member.is_dir():
            continue
        path = PurePosixPath(_name(member).replace("\\", "/"))
        number = folders.setdefault(str(path.parent), folder / str(len(folders)))
        inside = number / path.parent.name  # the folder of a FileGDB has the name of the data set
        inside.mkdir(parents=True, exist_ok=True)
        target = inside / path.name
        _write(source, member, target)
        found = recognise(target) if target.stat().st_size else None
        if found is not None and (PACKED in found.holds or found.name in {"archive", "XLSX"}):
            reject("archive.nested", archive.name, found=path.name)
        files.append(target)
    return files


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; Chinese archivers write GBK where the standard has CP437."""
    if member.flag_bits & UTF8_NAMES or member.filename.isascii():
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return member.filename


def _write(source: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write a member, but no more of it than its entry said."""
    left = member.file_size
    with source.open(member) as packed, target.open("wb") as out:
        while piece := packed.read(min(PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                msg = f"{target.name}: more than {member.file_size} bytes"
                raise zipfile.BadZipFile(msg)
            out.write(piece)


def _choose(archive: Path, files: list[Path], layer: str | None) -> Path:
    """Return the one data set, by content; what belongs to another file goes with it."""
    bases = [file.parent for file in files if file.name.lower() == CATALOGUE_TABLE]
    ends: dict[Path, set[str]] = {}
    for file in files:
        ends.setdefault(file.with_suffix(""), set()).add(file.suffix.lower())
    alone = [
        file
        for file in files
        if file.parent not in bases and not _belongs(file, ends[file.with_suffix("")])
    ]
    found = [*bases, *(file for file in alone if file.stat().st_size and _is_layer(file))]
    if len(found) > 1:
        # The list of a KMZ names its other files and holds no place.
        found = [
            file
            for file in found
            if not (file.suffix.lower() == ".kml" and b"<Placemark" not in file.read_bytes())
        ]
    names = ", ".join(file.name for file in found)
    if layer is not None and len(found) > 1:
        found = [file for file in found if layer in {file.stem, file.name}]
    if len(found) == 1:
        return found[0]
    workbook = any(file.name == "workbook.xml" for file in files)
    return refuse(
        "archive.several" if names else "archive.no_layer",
        archive.name,
        N_("one data set of a format that is read in the archive"),
        N_("Name the layer to read, or unpack the archive.")
        if names
        else N_("Pack all files of the layer, or give the file itself."),
        found=names[:200] or ("XLSX" if workbook else ", ".join(file.name for file in files)[:200]),
    )


def _is_layer(file: Path) -> bool:
    found = recognise(file)
    return found is not None and found.is_layer


def _belongs(file: Path, ends: set[str]) -> bool:
    """Tell whether a file is a part of another one, by the ends of all that share its name."""
    end = file.suffix.lower()
    return any(end in parts[1:] and parts[0] in ends for parts in PARTED)
