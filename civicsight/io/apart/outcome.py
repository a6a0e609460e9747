"""What comes of a reading process: how it is refused, what it takes, and what it may return.

A file may have taken the reading process over; then what comes back is of its making, and is held
to what its reader returns before anybody uses it.
"""

from __future__ import annotations

import contextlib
import glob
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

import geopandas as gpd
import numpy as np

from civicsight.core import settings
from civicsight.core.errors import N_, InputError, Text, refuse
from civicsight.core.settings import MEGABYTE
from civicsight.io.apart import fence
from civicsight.io.faults import reject
from civicsight.io.project_layers import EditedFile
from civicsight.io.report import ImportReport
from civicsight.io.source_options import ColumnMapping
from civicsight.io.tables.addresses import Addresses
from civicsight.io.tables.column_matching import ColumnDescription, Understood
from civicsight.io.tables.sheet import Sheet
from civicsight.model import (
    BUILDINGS,
    CANOPIES,
    CITY_TABLES,
    OBSTACLES,
    PROPOSALS,
    RECORD_TABLES,
    City,
    Table,
)
from civicsight.model.plan_tables import GATE_LIST, MEASURED, PROGRESS, REPLIES, SURVEYED
from civicsight.model.terrain import Terrain
from civicsight.rules.document import Document

TABLE_OF: Final[Mapping[str, str]] = {
    "catalogue": "cameras", "private": "private_places", "consent": "consent_areas",
    "trees": "canopies", "boundary": "consent_areas",
}  # fmt: skip
"""Table of a city that a kind fills, where it has another name."""

_TABLES: Final = {
    table.name: table
    for table in (
        *(*CITY_TABLES, *RECORD_TABLES, PROPOSALS),
        *(MEASURED, GATE_LIST, SURVEYED, PROGRESS, REPLIES),
    )
}
DECLARED: Final[Mapping[str, Table]] = {
    **_TABLES,
    **{kind: _TABLES[name] for kind, name in TABLE_OF.items()},
    "canopy": CANOPIES,
    "surface": OBSTACLES,
    "heights": BUILDINGS,
}
"""The table that a reader returns with a report, by its name."""

KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(DECLARED, (gpd.GeoDataFrame, ImportReport)),
    "city": (City, ImportReport),
    "osm": (City, ImportReport),
    "terrain": (Terrain, ImportReport),
    "marks": (frozenset, dict),
    "project": (City,),
    "ground": (Terrain,),
    "edited": (EditedFile,),
    "gazetteer": (Addresses,),
    "heads": (gpd.GeoDataFrame,),
    "layers": (dict,),
    "kind": (str,),
    "mapping": (ColumnMapping,),
    "pack": (Document,),
    "handover": (dict,),
    "sheet": (Sheet,),
    "columns": (Understood,),
}
"""The types of what each reader returns."""

COLUMNS: Final = "columns"
"""Reader that says what was understood of a table."""

THREADS: Final = 1024
"""Threads of a reading process at most; libraries start as many as there are processors."""

ENTRIES, DEPTH = 20_000, 64
"""Files and folders that a reader makes at most, and how deep: archives have far fewer."""

OF_TEXT: Final = frozenset({"layers"})
"""Readers that return texts by name."""

OF_BYTES: Final = frozenset({"handover"})
"""Readers that return files by name, as bytes that nobody has decoded."""


def require_declared(reader: str, value: Any) -> None:
    """Refuse what a reader of this name does not return; of names of others nothing is known.

    Raises
    ------
    ValueError
        If it is of another type.
    SchemaError, CrsError
        If a table is not as it is declared; those of a city were looked at when it was made.
    """
    kinds = KINDS.get(reader)
    if kinds is None:
        return
    parts = value if len(kinds) > 1 and isinstance(value, tuple) else (value,)
    fits = len(parts) == len(kinds) and all(map(isinstance, parts, kinds))
    if reader in OF_TEXT:
        fits = fits and all(isinstance(said, str) for entry in value.items() for said in entry)
    if reader in OF_BYTES:
        fits = fits and all(_is_file(name, content) for name, content in value.items())
    if reader == COLUMNS:
        fits = fits and all(map(_is_column, value.columns))
    if not fits:
        msg = f"{', '.join(type(part).__name__ for part in parts)} instead of what {reader} is"
        raise ValueError(msg)
    if reader in DECLARED:
        DECLARED[reader].check(parts[0])


def _is_file(name: Any, content: Any) -> bool:
    """Tell whether this is a name and bytes."""
    return isinstance(name, str) and isinstance(content, np.ndarray) and content.dtype == np.uint8


def _is_column(said: Any) -> bool:
    """Tell whether this is what was understood of one column, in words that a page can show."""
    if type(said) is not ColumnDescription:
        return False
    shown = (said.header, said.meaning, said.unit, *sum(said.examples, ()))
    counts = (said.cells, said.lost, said.noticed, *(count for _, count in said.unread))
    return all(isinstance(text, str) for text in (*shown, *(text for text, _ in said.unread))) and (
        all(type(count) is int for count in counts) and isinstance(said.label, Text)
    )


ENDED: Final = -1000
"""No code of any process: nobody has said how it ended."""


LEAST_ROOM: Final = 500 * MEGABYTE
PER_BYTE, PER_PACKED_BYTE = 128, 1_280
"""What any file may take in memory, and each byte of it beside, one of an archive [bytes]. Honest
files of cities (GeoJSON, Parquet, extracts, models) took 190 MB and 40 for each byte at most."""

BY_CELLS: Final = frozenset({"ground", "terrain", "surface", "canopy", "heights"})
"""Readers that take what the cells of an area need, which are counted, however few bytes say it."""

ROOM: Final[Mapping[str, tuple[Text, str, Callable[[], int]]]] = {
    "memory": (
        N_("a file that needs at most %(limit)s MB of memory to read"),
        "CIVICSIGHT_READ_MEMORY",
        settings.read_resident,
    ),
    "disk": (
        N_("a file that needs at most %(limit)s MB of disk to read"),
        "CIVICSIGHT_READ_SCRATCH",
        settings.read_scratch,
    ),
}
"""What a reading process takes room of: what is said, the setting, and what it allows [bytes]."""


def memory_for(reader: str, path: Path) -> int:
    """Return how many bytes of memory the settings and the size of a file allow to its reader."""
    allowed = settings.read_resident()
    if reader in BY_CELLS:
        return allowed
    size, per_byte = 0, PER_BYTE
    beside = path.rglob("*") if path.is_dir() else path.parent.glob(f"{glob.escape(path.stem)}.*")
    with contextlib.suppress(OSError):  # the reader says what is wrong with such a file
        files = {path, *islice(beside, ENTRIES)}
        size = sum(one.stat().st_size for one in files if one.is_file())
        if path.is_file():
            with path.open("rb") as file:
                per_byte = PER_PACKED_BYTE if file.read(2) == b"PK" else PER_BYTE
    return min(allowed, LEAST_ROOM + per_byte * size)


def refuse_room(what: str, file: str, limit: int) -> NoReturn:
    """Refuse a file that needs more of what `ROOM` names than it may take [bytes]."""
    expected, name, allowed = ROOM[what]
    remedy = N_("Split the file, or raise %(name)s.", name=name)
    if limit < allowed():
        remedy = N_("Export the file again uncompressed, without what repeats in it.")
    said = Text(f"{expected.template}", {"limit": limit // MEGABYTE})
    refuse("file.too_large", file, said, remedy)


def refuse_time(file: str) -> NoReturn:
    """Refuse a file that takes longer than the settings allow."""
    reject("file.endless", file, limit=settings.read_seconds(), name="CIVICSIGHT_READ_SECONDS")


def refuse_dead(file: str, code: int) -> NoReturn:
    """Refuse a file of which its reader died, by a signal or with a code."""
    how = f"signal {-code}" if code < 0 and code != ENDED else f"code {code}"
    with contextlib.suppress(ValueError):
        how = f"signal {-code}, {signal.Signals(-code).name}"
    reject("file.deadly", file, found=how)


def refuse_damaged(file: str, found: str, trace: str = "") -> NoReturn:
    """Refuse a file that no reader could read, or of which one returned what it never does."""
    try:
        reject("file.unreadable", file, found=found[:200])
    except InputError as error:
        if trace:
            error.add_note(trace)
        raise


@dataclass(slots=True)
class Spent:
    """What a reading process took: time of a processor [s], and memory at its most [bytes]."""

    cpu_s: float = 0.0
    peak_bytes: int = 0


def resident(process: int, *, family: bool = True) -> int:
    """Return the memory that a process has in use, with those it started [bytes]; 0 if it ended."""
    return sum(map(_resident_alone, _family(process) if family else (process,)))


def threads(process: int) -> int:
    """Return how many threads a process has; 0 if it ended."""
    try:
        return len(os.listdir(f"/proc/{process}/task"))  # noqa: PTH208 - a count of names
    except OSError:
        return 0


def written(process: int) -> int:
    """Return what a process has written so far [bytes]; 0 if it ended.

    The kernel counts what calls write, also to a file that has no name any more. A process that is
    fenced in has no other way to write.

    Raises
    ------
    SetupError
        If the system does not tell it: what is not counted cannot be bounded.
    """
    try:
        lines = Path(f"/proc/{process}/io").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError as error:
        if _resident_alone(process) == 0:  # it is about to end: all that is left belongs to root
            return 0
        fence.refuse_unfenced("/proc/PID/io", error)
    return next(int(line[6:]) for line in lines if line.startswith("wchar:"))


def is_crowded(folder: Path) -> bool:
    """Tell whether a folder has more entries, or deeper ones, than any reader makes."""
    todo, entries = [(str(folder), 0)], 0
    while todo and entries <= ENTRIES:
        place, depth = todo.pop()
        with contextlib.suppress(OSError), os.scandir(place) as found:
            some = list(islice(found, ENTRIES + 1))
            entries += len(some)
            todo += [(one.path, depth + 1) for one in some if one.is_dir(follow_symlinks=False)]
        if depth > DEPTH:
            return True
    return entries > ENTRIES


def _resident_alone(process: int) -> int:
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _family(process: int) -> Iterator[int]:
    """Yield a process and what it started, itself or through others."""
    todo = [process]
    while todo:
        one = todo.pop()
        yield one
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii")
            todo += map(int, listed.split())
