"""What the local planner brings in: read through the one gate, shown, and offered as a project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import geopandas as gpd

from civicsight.city.apart.reading import read_apart
from civicsight.city.declared import DATUMS, Declared
from civicsight.city.edits import apply, compare
from civicsight.city.kinds import CITY, FIELDS, READERS, read_into
from civicsight.city.project_file import save_city
from civicsight.city.report import LAYER_LABELS
from civicsight.errors import N_, Fault, InputError, Text
from civicsight.maps.words import number, share
from civicsight.report.quality.measure import quality_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from civicsight.city.declared import Datum
    from civicsight.city.edits import Edits
    from civicsight.city.report import ImportReport
    from civicsight.rules import Rules
    from civicsight.schema import City

MAX_BYTES: Final = 50_000_000
"""A larger file is imported on the command line, which does not hold it in a session."""

GUESSED: Final = ""
"""Kind of a source whose content says what it is."""

CATALOGUE: Final = "catalogue"
KIND_LABELS: Final[dict[str, Text]] = {
    GUESSED: N_("as its content says"),
    **{
        kind: N_("catalogue of GB/T 28181")
        if kind == CATALOGUE
        else LAYER_LABELS[FIELDS.get(kind, kind)]
        for kind in READERS
    },
}
"""What a source may hold, by kind."""

UNDECLARED: Final = ""
DATUM_LABELS: Final[dict[str, Text]] = {
    UNDECLARED: N_("not declared: as the file says"),
    **dict(zip(DATUMS, map(Text, ("WGS 84", "CGCS2000", "GCJ-02", "BD-09")), strict=True)),
}
"""Geodetic systems that a person may declare."""

UNSAFE: Final = re.compile(r"[^\w.-]+")


def take_in(
    base: City, name: str, content: bytes, *, kind: str, datum: str, keep_good: bool
) -> Intake:
    """Read a file into a project without changing it.

    Parameters
    ----------
    base
        The project that is open.
    name, content
        The file as it was sent; its folder is nobody's business.
    kind, datum
        Keys of `KIND_LABELS` and `DATUM_LABELS`.
    keep_good
        Whether good rows are taken where others are bad.

    Raises
    ------
    InputError
        If it is too large, cannot be read, or holds a whole city.
    """
    file = UNSAFE.sub("_", Path(name).name).lstrip(".") or "upload"
    if len(content) > MAX_BYTES:
        raise _refused(file, N_("at most %(size)s MB", size=MAX_BYTES // 1_000_000),
                       N_("Import it on the command line: civicsight import."))  # fmt: skip
    known = next((one for one in DATUMS if one == datum), None)
    declared = Declared(datum=known)
    with TemporaryDirectory(prefix="civicsight-") as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        found = read_apart("kind", path, declared) if kind == GUESSED else kind
        if found == CITY:
            raise _refused(file, N_("one table or layer, not a whole city"),
                           N_("Open a city on the command line: civicsight import."))  # fmt: skip
        city, report = read_into(path, found, base, declared=declared, keep_good=keep_good)
    edits = compare(base, city, source=report.source)
    return Intake(found, known, report, edits, apply(base, edits))


def project_file(city: City) -> bytes:
    """Return a city as the file of a project."""
    with TemporaryDirectory(prefix="civicsight-") as folder:
        return save_city(city, Path(folder) / "project.gpkg").read_bytes()


def quality_rows(city: City, rules: Rules, say: Callable[[Text], str]) -> list[tuple[str, ...]]:
    """Return what the data lack, in how many rows, what follows from it and what would lift it."""
    return [
        (
            say(LAYER_LABELS.get(limit.layer, Text(limit.layer))),
            say(limit.lack),
            number(limit.count),
            share(limit.share) if limit.of else "",
            say(limit.effect),
            say(limit.remedy),
        )
        for limit in quality_of(city, rules=rules).limits
    ]


def _refused(file: str, expected: Text, remedy: Text) -> InputError:
    return InputError([Fault("app.import", file, expected=expected, remedy=remedy)])


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
    """

    kind: str
    datum: Datum | None
    report: ImportReport
    edits: Edits
    city: City

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
        return not self.report.warnings or self.datum is not None
