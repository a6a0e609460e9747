"""A project that is begun with files: the city first, then whatever else there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from civicsight.application.columns import has_ended
from civicsight.application.intake import GUESSED, Intake, Note, Report, kind_of, note_table
from civicsight.core.errors import N_, InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.edits.model import Edits
from civicsight.io.packs import load_packs
from civicsight.io.reader_registry import CITY
from civicsight.io.registers.classes import classes_of
from civicsight.io.source_options import Classes, Declared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from civicsight.model import City
    from civicsight.rules import Rules

NO_PLANS: Final = Path("no plans yet")
"""Stands for the file of plans: a role alone decides who may begin a project."""

CITY_ENDINGS: Final = (".pbf", ".osm", ".gml", ".citygml", ".city.json", ".gpkg")
"""Files that are read first where several come at once: they may hold a whole city."""

TABLE_ENDINGS: Final = (".csv", ".txt", ".xls", ".xlsx", ".ods")
"""Files that are read last: a table is an inventory or a register."""


@dataclass(slots=True, eq=False)
class Beginning:
    """A project that does not exist yet; the first file makes its city.

    Parameters
    ----------
    name
        What it will be called; empty: as the first file is.
    city
        What was read so far; None before the first file.
    law, laws
        A rule pack of its own beside those of the program, as a file that was checked, and what
        the laws of all packs are called, by language; empty without one.
    classes
        What registers may call its classes of places; None without a pack of its own.
    boundary
        Area of a file that bounds the project, in the CRS of the city, and its name; None without.
    """

    name: str = ""
    city: City | None = None
    law: bytes = b""
    laws: tuple[Mapping[str, str], ...] = ()
    classes: Classes | None = None
    boundary: tuple[BaseGeometry, str] | None = None
    digest: str = field(default_factory=lambda: uuid4().hex)
    store_path: Path = NO_PLANS

    def take_city(
        self, path: Path, *, declared: Declared, keep_good: bool, progress: Report, note: Note
    ) -> Intake:
        """Read the city with which the project begins.

        Of a table, which holds none, it is noted what it is: it is read again once there is a city.

        Parameters
        ----------
        path, declared, keep_good
            The file, what is known of it, and whether good rows are taken where others are bad.
        tell, note
            As of `intake.take_in`.

        Raises
        ------
        InputError
            If the file holds none, or cannot be read.
        """
        progress(N_("is being read"), None)
        try:
            note_table(path, kind_of(path, GUESSED, declared, note), declared, note)
        except InputError as error:
            if has_ended(error):
                raise  # of everything else its reader says what is wrong
        city, report = read_apart(
            "city", path, name=self.name or None, declared=declared, keep_good=keep_good
        )
        self.city = city
        return Intake(CITY, declared.datum, report, Edits(report.source, ()), city)

    def take_law(self, content: bytes) -> None:
        """Take a rule pack for the project, read in a process of its own.

        Raises
        ------
        PackError
            If it has faults; each with line and field.
        """
        with TemporaryDirectory(prefix="civicsight-") as scratch:
            path = Path(scratch) / "law.yaml"
            path.write_bytes(content)
            rules = load_packs(user=[path])
            self.laws, self.classes = laws_of(rules), classes_of(rules)
        self.law = content

    def let_go(self, intake: Intake) -> None:
        """Forget the city, if it is the one of a file that was put away."""
        if intake.kind == CITY:
            self.city = self.boundary = None


def laws_of(rules: Rules) -> tuple[Mapping[str, str], ...]:
    """Return what the laws of all packs are called, by language."""
    return tuple(pack.instrument.name for pack in rules.packs)


def in_order(names: list[str]) -> list[int]:
    """Return in which order files are read that come at once: cities, other layers, tables.

    Examples
    --------
    >>> in_order(["cameras.csv", "houses.geojson", "town.osm.pbf"])
    [2, 1, 0]
    """

    def rank(n: int) -> int:
        name = names[n].lower()
        return 0 if name.endswith(CITY_ENDINGS) else 2 if name.endswith(TABLE_ENDINGS) else 1

    return sorted(range(len(names)), key=rank)
