"""What a planner brings in: read through the one gate, shown, and offered as a project."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import geopandas as gpd
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.application.columns import Table, understand
from civicsight.application.faults import fault, reject
from civicsight.core.errors import N_, InputError, MismatchError, Text
from civicsight.core.figure import keyed
from civicsight.core.i18n import in_all
from civicsight.inventory import Reconciliation, reconcile
from civicsight.inventory.difference import kept_apart_in
from civicsight.inventory.filled_in import read_filled_in
from civicsight.inventory.survey import SHEET
from civicsight.inventory.survey_results import take_survey
from civicsight.io.apart.outcome import TABLE_OF
from civicsight.io.apart.reading import read_apart
from civicsight.io.datums import DATUMS
from civicsight.io.edits import apply, compare
from civicsight.io.guessing import INVENTORY
from civicsight.io.project_file import save_city
from civicsight.io.reader_registry import CITY, TABLE_READERS, put_rows, read_rows
from civicsight.io.report import LAYER_LABELS, unread_rows
from civicsight.io.source_options import NOTHING, Declared
from civicsight.model import CAMERAS
from civicsight.presentation.lexicon import number, share
from civicsight.report.quality.limits import quality_of
from civicsight.report.survey import summary_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from civicsight.io.datums import Datum
    from civicsight.io.edits import Edits
    from civicsight.io.report import ImportReport
    from civicsight.model import City
    from civicsight.rules import Rules

GUESSED: Final = ""
"""Kind of a source whose content says what it is."""

CATALOGUE: Final = "catalogue"
SURVEYED: Final = "surveyed"
KIND_LABELS: Final[dict[str, Text]] = {
    GUESSED: N_("as its content says"),
    **{
        kind: N_("catalogue of GB/T 28181")
        if kind == CATALOGUE
        else LAYER_LABELS[TABLE_OF.get(kind, kind)]
        for kind in TABLE_READERS
    },
    SURVEYED: N_("results of a survey"),
}
"""What a source may hold, by kind."""

UNDECLARED: Final = ""
DATUM_LABELS: Final[dict[str, Text]] = {
    UNDECLARED: N_("not declared: as the file says"),
    **dict(zip(DATUMS, map(Text, ("WGS 84", "CGCS2000", "GCJ-02", "BD-09")), strict=True)),
}
"""Geodetic systems that a person may declare."""

NUMBERED: Final = re.compile(r"(?:EPSG\s*:\s*)?(\d{4,6})", re.IGNORECASE)
BOOKS: Final = (".xlsx", ".et", ".xls")
"""Ends of files that hold several sheets."""

UNSAFE: Final = re.compile(r"[^\w.-]+")
MAX_NAME, NAME_END, MIDDLE = 60, 24, "__"
"""Letters of a name: four bytes each at most, and a system takes 255."""

UNTOLD: Final = "table.kind"
"""Code of the refusal of a table that fits several kinds."""

Report = Callable[[Text, float | None], None]
Note = Callable[[Table], None]
Put = Callable[["City"], "City"]
"""Puts what was read into a project."""


def asked_crs(text: str) -> CRS | None:
    """Return the coordinate system that a person names by its number, None where he names none.

    Raises
    ------
    InputError
        If there is no such system. Other words that PROJ knows may name files of this machine.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    named = NUMBERED.fullmatch(plain)
    try:
        if named:
            return CRS.from_epsg(int(named[1]))
    except CRSError:
        pass
    return reject("app.crs", found=plain[:60])


def take_in(
    base: City,
    path: Path,
    *,
    kind: str,
    declared: Declared = NOTHING,
    keep_good: bool = False,
    progress: Report | None = None,
    note: Note | None = None,
) -> Intake:
    """Read a file into a project without changing it.

    Parameters
    ----------
    base
        The project that is open.
    path
        The file, under a name that `safe_name` gave it.
    kind, declared
        What it holds, a key of `KIND_LABELS`, and what a person knows of it.
    keep_good
        Whether good rows are taken where others are bad.
    tell
        Called with each step, and how much of it is done where anybody knows.
    note
        Called with what was understood of a file of rows, also where its rows are refused then.

    Raises
    ------
    InputError
        If it cannot be read, or holds a whole city.
    """
    progress = progress or (lambda _step, _share: None)
    progress(N_("is being read"), None)
    found = kind_of(path, kind, declared, note)
    if found == CITY:
        reject("app.import:city", path.name)
    if found == SURVEYED:
        return _take_survey(base, path, declared, keep_good=keep_good)
    note_table(path, found, declared, note)
    rows, own = read_rows(path, found, base, declared=declared, keep_good=keep_good)
    progress(N_("is compared with the project"), None)
    city, report = put_rows(base, found, rows, own)
    edits = compare(base, city, source=report.source)
    against = _against_register(base, found, rows, own)
    return Intake(found, declared.datum, report, edits, apply(base, edits), against)


def _against_register(
    base: City, kind: str, rows: gpd.GeoDataFrame, report: ImportReport
) -> Reconciliation | None:
    """Hold a list of cameras against those of the project; None where it is none, or has none."""
    if TABLE_OF.get(kind, kind) != CAMERAS.name or base.cameras.empty:
        return None
    return reconcile(
        base.cameras,
        rows,
        given=report.given,
        source=report.source,
        unread=unread_rows(report),
        apart=kept_apart_in(base.changes),
        reading=report.told(),
    )


def _take_survey(base: City, path: Path, declared: Declared, *, keep_good: bool) -> Intake:
    """Read what a survey found: values in place of assumptions, and who found them."""
    asked = {"crs": base.crs, "near": base.extent, "keep_good": keep_good}
    surveyed, report = read_filled_in(SURVEYED, path, SHEET, declared, **asked)
    found = take_survey(base, surveyed, report.source)
    edits = compare(base, found.city, source=report.source)
    return Intake(
        SURVEYED, declared.datum, report, edits, apply(base, edits), told=tuple(summary_of(found))
    )


def kind_of(path: Path, kind: str, declared: Declared, note: Note | None) -> str:
    """Return what a file holds: as somebody says, else as its content looks.

    Of a table that fits several kinds it is noted what it would be as an inventory.

    Raises
    ------
    InputError
        If it cannot be told.
    """
    if kind != GUESSED:
        return kind
    if _is_survey(path, declared):
        return SURVEYED
    try:
        return str(read_apart("kind", path, declared))
    except InputError as error:
        if any(fault.code == UNTOLD for fault in error.faults):
            note_table(path, INVENTORY, declared, note)
        raise


def _is_survey(path: Path, declared: Declared) -> bool:
    """Tell whether a file is the workbook of a survey: it has the sheet that is filled in."""
    if path.suffix.lower() not in BOOKS:
        return False
    try:
        read_apart("kind", path, replace(declared, layer=in_all(SHEET)))
    except InputError as error:
        return any(fault.code == UNTOLD for fault in error.faults)
    return True


def note_table(path: Path, kind: str, declared: Declared, note: Note | None) -> None:
    """Tell whoever wishes it what is understood of a file of rows."""
    table = None if note is None else understand(path, kind, declared)
    if note is not None and table is not None:
        note(table)


def safe_name(name: str) -> str:
    """Return the name of a file without folders, marks and signs that a name need not have.

    What it ends with stays, for it may say how to read it; the middle of a long name goes.
    """
    plain = UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).lstrip(".") or "upload"
    if len(plain) <= MAX_NAME:
        return plain
    return f"{plain[: MAX_NAME - len(MIDDLE) - NAME_END]}{MIDDLE}{plain[-NAME_END:]}"


def together(base: City, intakes: Sequence[Intake]) -> City:
    """Return a project with the changes of several files, one after the other.

    Raises
    ------
    InputError
        If one changes what another has changed already.
    """
    city = base
    for intake in intakes:
        try:
            put = apply(city, intake.edits) if intake.put is None else intake.put(city)
            city = _with_counts(put, intake.report, before=len(city.provenance))
        except MismatchError:
            raise InputError([fault("app.import:twice", intake.report.source)]) from None
    return city


def _with_counts(city: City, report: ImportReport, *, before: int) -> City:
    """Return a city that keeps how many rows of a file were read, kept, mended and refused.

    What was put in knows its good rows alone; `before` entries are of what was there already.
    """
    told = {entry.layer: entry for entry in report.provenance()}
    entries = list(city.provenance)
    for at in range(before, len(entries)):
        own = told.get(entries[at].layer)
        if own is not None:
            entries[at] = replace(
                entries[at],
                read=own.read,
                kept=own.kept,
                repaired=own.repaired,
                rejected=own.rejected,
                notes=own.notes,
                datum=own.datum,
                counts=(*entries[at].counts, *own.counts),
            )
    return replace(city, provenance=tuple(entries))


def project_file(city: City) -> bytes:
    """Return a city as the file of a project."""
    with TemporaryDirectory(prefix="civicsight-") as folder:
        return save_city(city, Path(folder) / "project.gpkg").read_bytes()


FIGURE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "buildings.height_assumed": "data.heights_assumed",
        "cameras.no_direction": "data.missing.azimuth_deg",
        "cameras.unused": "data.unused",
        "gates.inferred": "data.inferred",
    }
)
"""Which figure of a check says the same as what the data lack."""


def quality_rows(
    city: City, rules: Rules, translate: Callable[[Text], str]
) -> list[tuple[str, ...]]:
    """Return what the data lack, in how many rows, what follows from it and what would lift it."""
    return [
        (
            translate(LAYER_LABELS.get(limit.layer, Text(limit.layer))),
            translate(limit.lack),
            keyed(FIGURE_OF[limit.code], number(limit.count))
            if limit.code in FIGURE_OF
            else number(limit.count),
            share(limit.share) if limit.of else "",
            translate(limit.effect),
            translate(limit.remedy),
        )
        for limit in quality_of(city, rules=rules).limits
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What became of a file.

    Parameters
    ----------
    kind, datum
        What it was read as, and the datum that a person declared; None where nobody did.
    report, edits
        What happened to its rows, and what they change in the project.
    city
        The project with the changes in it.
    against
        A list of cameras held against the register of the project; None of everything else.
    put
        What puts it into a project as somebody settled it; None puts it in as it was read.
    told
        What is to be said of it before anything else.
    """

    kind: str
    datum: Datum | None
    report: ImportReport
    edits: Edits
    city: City
    against: Reconciliation | None = None
    put: Put | None = None
    told: tuple[Text, ...] = ()

    @property
    def changes_something(self) -> bool:
        """Whether it says anything else than the project, or less than its register."""
        return not self.edits.is_empty or (self.against is not None and not self.against.is_same)

    @property
    def placed(self) -> gpd.GeoSeries:
        """The new and moved rows of all layers where the declared datum puts them, by id."""
        shapes: dict[str, BaseGeometry] = {}
        for layer in self.edits.layers:
            shapes |= {str(label): shape for label, shape in layer.added.geometry.items()}
            shapes |= {entry.label: entry.geometry for entry in layer.reshaped if entry.geometry}
        kept = {label: shape for label, shape in shapes.items() if shape is not None}
        return gpd.GeoSeries(kept, crs=self.city.crs)

    @property
    def is_sure(self) -> bool:
        """Whether nothing stands against taking it: no warning, or a declared datum."""
        return not self.report.stops or self.datum is not None
