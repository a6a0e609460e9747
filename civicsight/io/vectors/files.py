"""Files as they come: read only while nobody changes them, shown to a library under plain names."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from civicsight.core.errors import N_, Text, refuse
from civicsight.io.faults import reject
from civicsight.io.signatures import HEAD_BYTES, FileHead, is_filegdb

ELSEWHERE: tuple[tuple[bytes, str], ...] = (
    (b"<OGRVRTDataSource", "GDAL VRT"),
    (b"<VRTDataset", "GDAL VRT"),
    (b"gdal_streamed_alg", "GDALG"),
    (b"<OGRWFSDataSource", "WFS"),
    (b"<OGRWFS3DataSource", "OGC API"),
    (b"<OGROAPIFDataSource", "OGC API"),
    (b"<OGRCSWDataSource", "CSW"),
    (b"WFS_Capabilities", "WFS"),
    (b"<GDAL_WMS", "WMS"),
)
"""What names a format that points to other files or addresses.

GDAL opens any of them under any name, also where another format begins: a VRT called
``a.geojson`` hands out what it points to.
"""

MAX_NAMED: Final = 30
"""Names of layers that a message lists."""


def require_file(path: str | Path) -> Path:
    """Return a path to an existing local file, or to the folder of a FileGDB.

    Raises
    ------
    InputError
        If it does not exist, is another folder or is empty; addresses and GDAL's virtual paths
        never exist.
    """
    file = Path(path).absolute()
    try:
        found = file.is_file() or is_filegdb(FileHead(file))
    except (OSError, ValueError):  # a name with NUL, or longer than the system allows
        found = False
    if not found:
        reject("file.missing", file.name)
    if file.stat().st_size == 0:
        reject("file.empty", file.name, found="0 bytes")
    return file


def require_size(file: Path, limit: int, remedy: Text) -> None:
    """Refuse a file that is larger than its reader takes.

    Parameters
    ----------
    file, limit
        The file, and how many bytes it may have.
    remedy
        What to do with a larger one.

    Raises
    ------
    InputError
        If it is larger.
    """
    size = file.stat().st_size
    if size > limit:
        expected = N_("at most %(limit)s bytes", limit=limit)
        refuse("file.too_large", file.name, expected, remedy, found=f"{size} bytes")


def head_of(file: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        refuse_unreadable(file, error)


def pointing_elsewhere(head: bytes) -> str:
    """Name the format that would lead to other files or addresses, empty for all others."""
    return next((name for mark, name in ELSEWHERE if mark in head), "")


def refuse_unreadable(file: Path, error: OSError) -> NoReturn:
    """Refuse a file that the system does not hand out."""
    gone = isinstance(error, FileNotFoundError)
    refuse(
        "file.missing" if gone else "file.unreadable",
        file.name,
        N_("an existing file") if gone else N_("a file that may be read"),
        N_("Check the path.") if gone else N_("Ask for the right to read it, or copy the file."),
        found=error.strerror or "",
    )


@contextmanager
def unchanged(file: Path, beside: Sequence[Path] = ()) -> Iterator[None]:
    """Make sure that nobody writes to a file, or takes it away, while it is read.

    Raises
    ------
    InputError
        If size, time or identity differ afterwards: what was read would be neither the old nor the
        new file. Faults found in the meantime are dropped for this one, as they may come from it.
    """
    watched = (file, *beside)
    before = [_state(path) for path in watched]
    try:
        yield
    finally:
        for path, state in zip(watched, before, strict=True):
            if _state(path) != state:
                reject("file.changed", path.name, found="changed" if path.exists() else "gone")


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def staged(members: Mapping[str, Path | bytes]) -> Iterator[Path]:
    """Show files to a native reader in a folder of their own, under plain names.

    So the reader finds exactly the companions that were checked, and a name such as ``a!b.zip``
    or ``/vsicurl`` means nothing to it. The folder holds links; where the system has none, copies.

    Parameters
    ----------
    members
        File, folder or content by the name that the reader shall see.
    """
    with tempfile.TemporaryDirectory(prefix="civicsight-") as name:
        folder = Path(name)
        for shown, real in members.items():
            _show(folder / shown, real)
        yield folder


def _show(shown: Path, real: Path | bytes) -> None:
    if isinstance(real, bytes):
        shown.write_bytes(real)
        return
    if real.is_dir():
        shown.mkdir()
        for member in (path for path in real.iterdir() if path.is_file()):
            _show(shown / member.name, member)
        return
    try:
        shown.symlink_to(real)
    except OSError:  # Windows asks for a privilege
        shutil.copyfile(real, shown)


def _listed(names: list[str]) -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" … (+{more})" if more > 0 else "")


def pick_layer(file: Path, names: list[str], every: list[str], layer: str | None) -> str:
    """Return the layer asked for, or the only one.

    Parameters
    ----------
    file
        For messages.
    names, every
        Layers that may be meant without saying so, and all that may be asked for.
    layer
        The one asked for.

    Raises
    ------
    InputError
        If there is none, it does not exist, or several may be meant.
    """
    if not every:
        expected = N_("at least one layer")
        refuse("layer.missing", file.name, expected, N_("Export or download the file again."))
    if layer is None and len(names) > 1:
        reject("layer.several", file.name, found=_listed(names))
    if layer is not None and layer not in every:
        expected = N_("one of %(names)s", names=_listed(names))
        refuse("layer.missing", file.name, expected, N_("Name a layer that exists."), found=layer)
    return names[0] if layer is None else layer
