"""Projects of earlier formats: read through a copy that goes through the steps since, or replaced.

A step changes tables by SQL. Triggers are set aside meanwhile and put back as they were: those of a
spatial index call functions that only GDAL and QGIS have, and a table that is made anew would lose
its own without a word. So no step may change a geometry or the key of a row.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from civicsight.core.atomic import flush, scratch_beside
from civicsight.core.errors import N_, InputError
from civicsight.io.file_formats import sniff
from civicsight.io.project_row import PROJECT_LAYER, read_version
from civicsight.io.refusal import refuse
from civicsight.io.vectors.database import quoted
from civicsight.model.format_versions import (
    FORMATS,
    PROJECT,
    Step,
    own_version,
    path_before,
    steps_from,
)

TRIGGERS: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"


@contextmanager
def as_of_today(file: Path) -> Iterator[Path]:
    """Give a file to read: itself, or a copy brought up to date if it is an earlier project.

    Parameters
    ----------
    file
        A GeoPackage; one that is no project stays what it is.

    Raises
    ------
    InputError
        If it is a later format, or a project that does not say which.
    """
    row = read_version(file)
    steps = steps_of(row, file.name) if row else ()
    if not steps:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="civicsight-") as folder:
        copy = Path(folder) / file.name
        bring_up(file, copy, steps)
        yield copy


def steps_of(row: dict[str, object], file: str) -> tuple[Step, ...]:
    """Return what leads from the format that a project states to today's."""
    return steps_from(PROJECT, row.get("format"), file, writer=str(row.get("civicsight") or ""))


def keep_before(file: Path) -> Path | None:
    """Copy a project of an earlier format beside itself, before it is replaced.

    Returns
    -------
    Path or None
        The copy; None where there is nothing of an earlier format.

    Raises
    ------
    InputError
        If it is a project of a later format.
    """
    row = _row(file)
    if not row or not steps_of(row, file.name):
        return None
    kept = path_before(file, int(str(row["format"])))
    with scratch_beside(kept, need_bytes=file.stat().st_size) as folder:
        scratch = folder / kept.name
        shutil.copyfile(file, scratch)
        flush(scratch)
        os.link(scratch, kept)
    return kept


def _row(file: Path) -> dict[str, object]:
    """Return what a project states; nothing of what is none or cannot be read."""
    if not file.is_file() or sniff(file) != "GPKG":
        return {}
    try:
        return read_version(file)
    except InputError:
        return {}


def bring_up(file: Path, target: Path, steps: tuple[Step, ...]) -> None:
    """Copy a project and take the copy through steps, in one transaction, down to the disk.

    Raises
    ------
    InputError
        If the copy is not sound afterwards.
    """
    shutil.copyfile(file, target)
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as base:
            _apply(base, steps)
            faults = base.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name) from error
        raise
    if faults != [("ok",)]:
        refuse(
            "project.migration",
            file.name,
            N_("a sound file after every step"),
            N_("Nothing was changed. Repair the file in QGIS, or restore a backup."),
            found=str(faults[0][0]),
        )
    flush(target)


def _apply(base: sqlite3.Connection, steps: tuple[Step, ...]) -> None:
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", "trusted_schema = OFF"):
        base.execute(f"PRAGMA {pragma}")
    base.execute("BEGIN EXCLUSIVE")
    triggers = base.execute(TRIGGERS).fetchall()
    for name, _ in triggers:
        base.execute(f"DROP TRIGGER {quoted(name)}")
    for step in steps:
        step.apply(base)
    _state(base)
    _put_back(base, triggers)
    base.execute("COMMIT")


def _state(base: sqlite3.Connection) -> None:
    """Write the number of today, and who wrote it where the file has a column for that."""
    columns = {row[1] for row in base.execute(f"PRAGMA table_info({PROJECT_LAYER})")}
    values = {"format": FORMATS[PROJECT].number, "civicsight": own_version()}
    for name in values.keys() & columns:
        base.execute(f"UPDATE {PROJECT_LAYER} SET {name} = ?", (values[name],))  # noqa: S608 - own names


def _put_back(base: sqlite3.Connection, triggers: list[tuple[str, str]]) -> None:
    """Make triggers again that a table still needs and that no step has made."""
    present = {name for name, _ in base.execute(TRIGGERS)}
    for name, statement in triggers:
        if name not in present:
            base.execute(statement)
