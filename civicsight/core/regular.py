"""What is no file on a disk is refused before anything waits for it: a FIFO, a socket, a device."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from civicsight.core.errors import N_, Text, refuse

_KINDS: Final[dict[int, Text]] = {
    stat.S_IFIFO: N_("a FIFO"),
    stat.S_IFSOCK: N_("a socket"),
    stat.S_IFCHR: N_("a device"),
    stat.S_IFBLK: N_("a device"),
}


def require_regular(path: str | Path) -> Path:
    """Return a path unless something lies there that is neither a file nor a folder.

    Raises
    ------
    InputError
        If it is a FIFO, a socket or a device, which may give bytes without end, or none ever.
    """
    place = Path(path)
    try:
        kind = _KINDS.get(stat.S_IFMT(place.stat().st_mode))
    except (OSError, ValueError):  # nothing is there; whoever opens it says so
        kind = None
    if kind is not None:
        refuse(
            "file.special",
            place.name,
            N_("a file on a disk, not %(kind)s", kind=kind),
            N_("Save its content to a file, and name that file."),
        )
    return place


def require_all_regular(folder: Path) -> None:
    """Refuse a folder that anywhere holds what is neither a file nor a folder; see above."""
    for place in (folder, *sorted(folder.rglob("*"))):
        require_regular(place)
