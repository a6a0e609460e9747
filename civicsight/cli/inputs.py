"""What a check reads: a city, an inventory and registers, each with what is declared about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from civicsight.core.errors import N_
from civicsight.core.progress import hearing
from civicsight.io.source_options import NOTHING, Declared

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.cli.session import Session
    from civicsight.io import ImportReport
    from civicsight.model import City


@dataclass(frozen=True, slots=True)
class Registers:
    """Registers that go before what the map says."""

    places: Path | None = None
    entrances: Path | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where everything is; `declared` is about the inventory of cameras."""

    city: Path
    cameras: Path | None = None
    registers: Registers = Registers()
    dem: Path | None = None
    name: str | None = None
    crs: CRS | None = None
    declared: Declared = NOTHING
    keep_good: bool = False


def read_inputs(session: Session, inputs: Inputs) -> tuple[City, Any, list[ImportReport]]:
    """Read a city with its inventory and registers; a register goes before what the map says.

    Returns
    -------
    city, cameras, reports
        The cameras are None where those of the city are meant.
    """
    from civicsight.io import read_cameras, read_entrances, read_places
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.reader_registry import before
    from civicsight.io.report import warnings_of

    with session.step(N_("Reading the city")) as tick, hearing(tick):
        city, report = read_apart(
            "city",
            inputs.city,
            name=inputs.name,
            crs=inputs.crs,
            dem=inputs.dem,
            keep_good=inputs.keep_good,
        )
        imports = [report]
        keep_good, bare = inputs.keep_good, city
        for source, field, read in (
            (inputs.registers.places, "places", read_places),
            (inputs.registers.entrances, "entrances", read_entrances),
        ):
            if source is not None:
                table, more = read(source, near=bare, keep_good=keep_good)
                city = replace(city, **{field: before(table, getattr(city, field))})
                imports.append(more)
        cameras = None
        if inputs.cameras is not None:
            declared = inputs.declared
            cameras, more = read_cameras(
                inputs.cameras, near=bare, declared=declared, keep_good=keep_good
            )
            imports.append(more)
    for text in warnings_of(imports):
        session.tell(N_("Warning: %(text)s", text=text))
    return city, cameras, imports
