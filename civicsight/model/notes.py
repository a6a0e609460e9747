"""What a person has to know of how lists were read: one kind of value for every way in.

A reader makes a note where it reads a row. Each terminal, page and notebook tells the same notes,
and a project, a check and a plan keep them. `NOTE_KINDS` is the one catalogue: what kinds there
are, how much each weighs, and what to do about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from zlib import crc32

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.core.i18n import label_in_all, translate

Weight = Literal["info", "doubt", "warn", "stop"]
"""How a list was read; what is in doubt or not used; what is heard first; what stops a check."""


@dataclass(frozen=True, slots=True)
class NoteKind:
    """A kind of note: its title, what to do about it, and how much it weighs."""

    title: Text
    remedy: Text = Text("")
    weight: Weight = "doubt"


def _info(title: Text) -> NoteKind:
    return NoteKind(title, weight="info")


_IN_SOURCE: Final = N_("Correct it in the source, and read the list again.")
_BY_MAPPING: Final = N_("If a column matters, say in a mapping file what it holds.")
_DECLARE: Final = N_(
    "Declare the datum that the coordinates look like and read again: --datum gcj02 for GCJ-02, "
    '--datum bd09 for BD-09, in Python Declared(datum="gcj02"); wgs84 if all is right as it is. In '
    "the app: the field Datum beside the file."
)

NOTE_KINDS: Final[Mapping[str, NoteKind]] = {
    "address.placed": NoteKind(
        N_("Rows that were placed by their address"), N_("Survey the rows on site.")
    ),
    "camera.altitude": NoteKind(
        N_("Altitudes, not used as heights of lenses"),
        N_("Enter the heights of the lenses above the ground."),
    ),
    "camera.coarse_picture": NoteKind(
        N_("Pictures that are very small"), N_("Check their size in the source.")
    ),
    "camera.future": NoteKind(
        N_("Cameras installed in the future"),
        N_("Correct the date, or record the cameras as planned."),
    ),
    "camera.heads": NoteKind(
        N_("Rows that stand for several cameras"),
        N_("Enter a row for each camera, with its direction."),
    ),
    "camera.high": NoteKind(N_("Lenses above 60 m"), N_("Check the unit of the height.")),
    "camera.lens": NoteKind(
        N_("Angles of view worked out, or left unknown, from focal lengths"),
        N_("Enter the angle of view."),
    ),
    "camera.looks_up": NoteKind(
        N_("Cameras that look up"), N_("If the source counts upwards, change the sign of the tilt.")
    ),
    "camera.low": NoteKind(N_("Lenses below the heads of people"), N_("Check the height.")),
    "camera.narrow_view": NoteKind(
        N_("Angles of view that are very small"), N_("Check their unit in the source.")
    ),
    "camera.outside": NoteKind(
        N_("Cameras outside the mapped area"), N_("Bring a larger map, or correct the coordinates.")
    ),
    "camera.radians": NoteKind(
        N_("Directions that may be radians"), N_("If they are radians, turn them into degrees.")
    ),
    "camera.repeated": NoteKind(
        N_("Records that are the same in all but the id"), N_("Remove the ones that are repeated.")
    ),
    "camera.same_digits": NoteKind(
        N_("Records with the coordinates of another in a different datum"), _IN_SOURCE
    ),
    "camera.same_point": NoteKind(
        N_("Records at the same point as another"),
        N_("If they are one camera, remove the other records."),
    ),
    "camera.zero_direction": NoteKind(
        N_("Directions of 0 in doubt"),
        N_("Leave the cells empty, or confirm that the cameras face north."),
    ),
    "cells.incomplete": NoteKind(
        N_("Fields that are missing or in doubt in rows that were kept"), _IN_SOURCE
    ),
    "cells.mended": NoteKind(N_("Values that were changed, replaced or left unknown"), _IN_SOURCE),
    "cells.read_as": NoteKind(
        N_("Values that were read as something else than they say"), _IN_SOURCE
    ),
    "cells.secret": NoteKind(N_("Cells of which a secret was cut out"), weight="info"),
    "columns.alike": NoteKind(
        N_("Columns not read, which look like something"),
        N_("If it is so, say it in a mapping file."),
    ),
    "columns.constant": NoteKind(
        N_("Columns with one value in all rows"),
        N_("Check whether the value was measured or filled in."),
    ),
    "columns.read": _info(N_("Columns that were understood")),
    "columns.said": NoteKind(
        N_("Columns read as the mapping says, against what they look like"),
        N_("Check the mapping."),
    ),
    "columns.secret": NoteKind(N_("Columns that look like secrets, not kept"), weight="info"),
    "columns.twins": NoteKind(
        N_("Columns that could mean the same as the one taken"),
        N_("If the wrong column was taken, name the right one in a mapping file."),
    ),
    "columns.unread": NoteKind(N_("Columns that were not read"), _BY_MAPPING),
    "datum.against": NoteKind(
        N_("A declared datum that fits worse than another"),
        N_("Check which datum is right."),
        "warn",
    ),
    "datum.assumed": NoteKind(
        N_("Datum assumed to be WGS 84"), N_("Declare the datum if it is another.")
    ),
    "datum.doubt": NoteKind(
        N_("A list of a map vendor without a datum"), N_("Declare the datum of the list.")
    ),
    "datum.mixed": NoteKind(
        N_("Rows that seem to be in another datum than the rest"),
        N_("Give each row its datum in a column datum, or hand the two parts in apart."),
        "warn",
    ),
    "datum.shift": NoteKind(N_("Places that seem shifted"), _DECLARE, "stop"),
    "datum.swapped": NoteKind(
        N_("Longitude and latitude that look swapped"),
        N_("Exchange the columns in the source, or declare the datum if all is right as it is."),
        "stop",
    ),
    "datum.untested": NoteKind(
        N_("Datum that was not tested"), N_("Declare the datum if it is known.")
    ),
    "edits.aside": NoteKind(N_("Columns that were left aside"), _BY_MAPPING),
    "edits.assumed": NoteKind(
        N_("New heights that are still marked as assumed"),
        N_("Clear height_assumed if they were measured."),
    ),
    "edits.emptied": NoteKind(
        N_("Layers that are empty in the file"), N_("If the rows are to stay, do not accept it.")
    ),
    "edits.lacking": _info(N_("Columns that the file lacks, left as they were")),
    "edits.outside": NoteKind(
        N_("Rows outside the area of the project"), N_("Check where they were drawn.")
    ),
    "edits.placed": _info(N_("Cameras that stand where the check moved them")),
    "file.unread": NoteKind(
        N_("Contents of the file that were not read"),
        N_("If they matter, export them as a layer or a table of their own."),
    ),
    "heights.assumed": NoteKind(
        N_("Buildings with an assumed height"), N_("Bring heights or storeys of these buildings.")
    ),
    "heights.elevations": NoteKind(
        N_("Heights that look like elevations"), N_("Give heights above the ground.")
    ),
    "heights.filled": NoteKind(
        N_("Heights that were filled in"), N_("Bring measured heights of these buildings.")
    ),
    "heights.roofs": NoteKind(
        N_("Pitched roofs, drawn as prisms"), N_("Nothing to do: views over the eaves are cut.")
    ),
    "heights.surface": NoteKind(
        N_("Obstacles of a surface that may be trees"), N_("Bring trees as a layer of their own.")
    ),
    "map.secret": NoteKind(
        N_("Secret cameras that were left out"), N_("Coverage may be better than is shown.")
    ),
    "places.coarse": NoteKind(
        N_("Coordinates that were cut short"), N_("Enter coordinates with five decimals.")
    ),
    "places.unclassed": NoteKind(
        N_("Places of no class, which nothing is asked of"),
        N_("Enter the item of the law or the name of the class; in a mapping file, the column."),
        "warn",
    ),
    "places.twice": NoteKind(
        N_("Places that may stand twice"), N_("Remove the second one if they are the same.")
    ),
    "raster.odd": NoteKind(
        N_("Rasters with odd values"), N_("Check the raster, and its value for no data.")
    ),
    "raster.unknown": NoteKind(
        N_("Areas of which the raster says nothing"), N_("Bring a raster that covers them.")
    ),
    "read.as": _info(N_("How the file was read")),
    "read.coordinates": _info(N_("How coordinates were read")),
    "read.raster": _info(N_("How heights were read from a raster")),
    "read.rows": _info(N_("How rows were read")),
    "read.spelling": _info(N_("How numbers, days and codes were read")),
    "rows.alike": NoteKind(
        N_("Identifiers that are almost the same"), N_("Make them the same, or plainly different.")
    ),
    "rows.beside": NoteKind(
        N_("Tables and titles beside the rows, left out"),
        N_("If they are rows, put them below the header."),
    ),
    "rows.coloured": NoteKind(
        N_("Colours of rows that were not read"),
        N_("If a colour means something, enter it in a column."),
    ),
    "rows.example": _info(N_("Example rows of a template, left out")),
    "rows.filtered": NoteKind(
        N_("Filters that were not read"), N_("If rows do not count, remove them.")
    ),
    "rows.hidden": NoteKind(
        N_("Hidden rows, read like the others"), N_("If rows do not count, remove them.")
    ),
    "rows.kept": _info(N_("Values that the source lacks, left as they were")),
    "rows.left_out": NoteKind(
        N_("Rows that are no records, left out"), N_("If they are records, fill them in like one.")
    ),
    "rows.looks": NoteKind(
        N_("Looks of rows that were not read"),
        N_("If rows are struck out or coloured, save the list as XLSX."),
    ),
    "rows.outside": NoteKind(
        N_("Rows outside the mapped area"), N_("Bring a larger map, or correct the coordinates.")
    ),
    "rows.refused": NoteKind(N_("Rows that could not be used"), _IN_SOURCE),
    "rows.struck": NoteKind(
        N_("Struck-out rows, read like the others"), N_("If rows do not count, remove them.")
    ),
    "rows.without_camera": NoteKind(
        N_("Rows that stand for no camera, left out"),
        N_("If there is a camera, correct the count."),
    ),
    "sheets.hidden": NoteKind(
        N_("Hidden sheets that were left out"), N_("If a sheet matters, name it with --layer.")
    ),
    "text.lost": NoteKind(
        N_("Characters that are lost or were removed"), N_("Export the list again as UTF-8.")
    ),
    "zone.doubt": NoteKind(
        N_("A zone that may be the wrong one"), N_("Check the zone of the coordinate system.")
    ),
}
"""Every kind of note by its name."""

ATTR: Final = "reading_notes"
"""Name in the ``attrs`` of a table under which the notes of its list are kept, as one text: pandas
copies what stands there at each step."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know of how a list was read.

    Parameters
    ----------
    kind
        A key of `NOTE_KINDS`.
    example
        What was found, in words: a sentence with the first values, or with all.
    count
        Of how many rows, columns or cells it holds.
    rows
        Ids in the table of the rows that it concerns, where it concerns some of them.
    layer, source
        Table of the project, and name of the file.
    """

    kind: str
    example: Text
    count: int = 1
    rows: tuple[str, ...] = ()
    layer: str = ""
    source: str = ""

    @property
    def title(self) -> Text:
        """What such notes are about."""
        return NOTE_KINDS[self.kind].title

    @property
    def remedy(self) -> Text:
        """What to do about it; empty where there is nothing to do."""
        return NOTE_KINDS[self.kind].remedy

    @property
    def weight(self) -> Weight:
        """How much it weighs."""
        return NOTE_KINDS[self.kind].weight

    @property
    def is_loud(self) -> bool:
        """Whether it is heard before anything else."""
        return self.weight in {"warn", "stop"}

    def __str__(self) -> str:
        """Return what was found, in English."""
        return str(self.example)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold, the example in every language."""
        return {
            "kind": self.kind,
            "weight": self.weight,
            "count": self.count,
            "layer": self.layer,
            "source": self.source,
            "title": str(self.title),
            "example": label_in_all(lambda language: translate(self.example, language)),
            "remedy": str(self.remedy),
            "rows": list(self.rows),
        }


def noted(kind: str, example: Text, count: int | None = None, rows: Iterable[str] = ()) -> Note:
    """Return a note; its count is by default the value ``count`` of its sentence, or 1."""
    said = dict(example.values).get("count", 1) if count is None else count
    return Note(kind, example, said if isinstance(said, int) else 1, tuple(rows))


def as_kept(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes as they come back from where they are kept: what was found is in words."""
    return tuple(note_from_dict(one.to_dict()) for one in notes)


def note_from_dict(data: Mapping[str, Any]) -> Note:
    """Return what `Note.to_dict` was made from; its example reads the same in each language."""
    example = Text("%(said)s", {"said": {str(k): str(v) for k, v in data["example"].items()}})
    rows = tuple(str(row) for row in data.get("rows", ()))
    kind = str(data["kind"])
    return Note(
        kind if kind in NOTE_KINDS else "cells.mended",  # of a later version
        example,
        int(data.get("count", 1)),
        rows,
        str(data.get("layer", "")),
        str(data.get("source", "")),
    )


def keep_on(table: pd.DataFrame, notes: Iterable[Note]) -> None:
    """Keep notes with a table that was read, so that whatever takes it tells them."""
    table.attrs[ATTR] = json.dumps([one.to_dict() for one in notes], ensure_ascii=False)


def kept_on(table: pd.DataFrame) -> tuple[Note, ...]:
    """Return the notes that `keep_on` kept with a table."""
    return tuple(map(note_from_dict, json.loads(table.attrs.get(ATTR, "[]"))))


def sentence_of(one: Note, *, named: bool = True) -> Text:
    """Return a note in one line: file, title, count, what to do, and what was found."""
    values = {"title": one.title, "count": count_of(one), "example": one.example}
    text = N_("%(title)s (%(count)s). Found: %(example)s", **values)
    if one.remedy.template:
        text = N_(
            "%(title)s (%(count)s). %(remedy)s Found: %(example)s", remedy=one.remedy, **values
        )
    return N_("%(what)s: %(value)s", what=one.source, value=text) if named and one.source else text


def count_of(one: Note) -> str:
    """Return how many rows a note is about, as it is shown."""
    which = crc32(str(one).encode())  # several may be of one kind
    return keyed(f"notes.{one.source}.{one.layer}.{one.kind}.{which}", f"{one.count:,}")


def placed(notes: Iterable[Note], layer: str, source: str) -> tuple[Note, ...]:
    """Return notes with the table and the file that they are about, where they name none."""
    return tuple(
        replace(one, layer=one.layer or layer, source=one.source or source) for one in notes
    )


def by_row(notes: Iterable[Note], layer: str) -> dict[str, list[Note]]:
    """Return by id of a table the notes that concern the row."""
    found: dict[str, list[Note]] = {}
    for one in notes:
        if one.layer == layer:
            for row in one.rows:
                found.setdefault(row, []).append(one)
    return found


def in_order(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return notes with what stops first, then what is in doubt, then how lists were read."""
    order: dict[Weight, int] = {"stop": 0, "warn": 1, "doubt": 2, "info": 3}
    return tuple(sorted(notes, key=lambda one: order[one.weight]))
