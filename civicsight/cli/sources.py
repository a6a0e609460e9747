"""One source of an import: what it is, what is understood of it, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import typer

from civicsight.cli.show import show_understood
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.cli.session import Session
    from civicsight.io import ImportReport
    from civicsight.io.edits import Edits
    from civicsight.io.rasters.files import Unit
    from civicsight.io.rasters.surface import SurfaceOptions
    from civicsight.io.source_options import Declared
    from civicsight.model import City


@dataclass(frozen=True, slots=True)
class Rasters:
    """Heights that raise a city: ground, surface and crowns, and what is said of them."""

    dem: Path | None = None
    dsm: Path | None = None
    canopy: Path | None = None
    unit: Unit | None = None
    surface: SurfaceOptions | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source with everything that the command line says about it."""

    path: Path
    kind: str
    declared: Declared
    name: str | None = None
    crs: CRS | None = None
    rasters: Rasters = Rasters()
    keep_good: bool = False


def as_rasters(
    dem: Path | None, dsm: Path | None, holds: str, canopy: Path | None, unit: str | None
) -> Rasters:
    """Return the rasters that options name.

    Raises
    ------
    typer.BadParameter
        If a value is not one that the option knows.
    """
    from civicsight.io.rasters.files import METRES
    from civicsight.io.rasters.surface import SurfaceHolds, SurfaceOptions

    known = get_args(SurfaceHolds)
    if holds not in known:
        raise typer.BadParameter(", ".join(known), param_hint="--dsm-holds")
    if unit is not None and unit not in METRES:
        raise typer.BadParameter(", ".join(METRES), param_hint="--unit")
    surface = SurfaceOptions(holds=holds, unit=unit)  # type: ignore[arg-type]  # checked above
    return Rasters(dem, dsm, canopy, unit, surface)


def open_project(path: Path) -> City:
    """Return a saved project."""
    from civicsight.io.apart.reading import read_apart

    city: City = read_apart("project", path)
    return city


def understand(session: Session, source: Source, mapping: Path | None, *, quiet: bool) -> None:
    """Show what is understood of a table, column by column, and write it as a mapping file."""
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.citymodels.reader import is_citymodel
    from civicsight.io.registers.templates import SOURCE_SCHEMAS
    from civicsight.io.report import LAYER_LABELS
    from civicsight.io.tables.mapping_file import write_mapping
    from civicsight.io.vectors.attributes import BUILDING_SCHEMA

    schema = SOURCE_SCHEMAS.get(source.kind)
    if source.kind == "buildings" and mapping is not None and not is_citymodel(source.path):
        schema = BUILDING_SCHEMA  # a layer may be large: what its report says is enough else
    if schema is None:
        return
    seen = read_apart("columns", source.path, source.kind, source.declared)
    if not quiet:
        title = N_(
            "%(source)s, read as %(layer)s (--as %(kind)s)",
            source=seen.source,
            layer=LAYER_LABELS[schema.table.name],
            kind=source.kind,
        )
        show_understood(session, title, seen.columns)
    if mapping is not None:
        said = source.declared.mapping
        write_mapping(mapping, seen, schema, said, language=session.language)


def read_source(source: Source, base: City | None) -> tuple[City, ImportReport, Edits | None]:
    """Read a source, alone or into a project.

    Returns
    -------
    city, report, edits
        The last is what would change in the project; None without one.
    """
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.assemble import add_canopy, add_surface, add_terrain
    from civicsight.io.edits import apply, compare
    from civicsight.io.reader_registry import CITY, read_into
    from civicsight.io.report import ImportReport

    if base is not None and source.kind == CITY:
        edits = compare(base, source.path)
        notes = (*edits.notes, *(one for layer in edits.layers for one in layer.notes))
        return apply(base, edits), ImportReport(edits.source, CITY, notes=notes), edits
    if source.kind == CITY:
        city, report = _read_city(source)
    else:
        city, report = read_into(
            source.path,
            source.kind,
            base,
            crs=source.crs,
            declared=source.declared,
            keep_good=source.keep_good,
        )
    # Raise a city on its rasters: the ground first, then crowns, then what else stands there.

    rasters, unit = source.rasters, source.rasters.unit
    if rasters.dem is not None:
        city, report = add_terrain(city, report, rasters.dem, unit=unit, read=read_apart)
    if rasters.canopy is not None:
        city, report = add_canopy(city, report, rasters.canopy, unit=unit, read=read_apart)
    if rasters.dsm is not None and rasters.surface is not None:
        surface = rasters.surface
        city, report = add_surface(city, report, rasters.dsm, options=surface, read=read_apart)
    return city, report, None if base is None else compare(base, city, source=report.source)


def _read_city(source: Source) -> tuple[City, ImportReport]:
    from civicsight.io.apart.reading import read_apart

    city, report = read_apart(
        "city",
        source.path,
        name=source.name,
        crs=source.crs,
        declared=source.declared,
        keep_good=source.keep_good,
    )
    return city, report
