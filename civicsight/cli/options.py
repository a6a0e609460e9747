"""The options that several commands share, each said once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.core.errors import N_

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.io.local_systems import LocalSystem
    from civicsight.io.source_options import Classes, ColumnMapping, Declared

CityArgument = Annotated[
    Path,
    typer.Argument(
        help=str(
            N_("The city: OSM as .pbf or .osm, buildings in any vector format, or a saved project.")
        )
    ),
]
CamerasOption = Annotated[
    Path | None,
    typer.Option(
        "--cameras",
        help=str(N_("Inventory of cameras, CSV or vector layer; by default those of the city.")),
    ),
]
CamerasArgument = Annotated[
    Path | None,
    typer.Argument(
        help=str(N_("Inventory of cameras, CSV or vector layer; by default those of the city."))
    ),
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", help=str(N_("Folder for the results; made if missing.")))
]
NameOption = Annotated[
    str | None, typer.Option("--name", help=str(N_("What people call the city.")))
]
BoundaryOption = Annotated[
    str | None,
    typer.Option(
        "--boundary",
        help=str(
            N_(
                "Boundary of the project: a file with areas, or name or code of a district of the "
                "data. What stands within reach of a camera beyond it is kept as surroundings."
            )
        ),
    ),
]
PlannedYearsOption = Annotated[
    str,
    typer.Option(
        "--years",
        help=str(N_("Years that the project plans for, such as 2027,2028; plans take them over.")),
    ),
]
DemOption = Annotated[
    Path | None,
    typer.Option(
        "--dem",
        help=str(N_("Ground heights: GeoTIFF, ASC grid, SRTM tile or LAS/LAZ; flat without.")),
    ),
]
CrsOption = Annotated[
    str | None,
    typer.Option(
        "--crs",
        help=str(
            N_("Working coordinate system in metres, such as EPSG:4548; by default chosen for you.")
        ),
    ),
]
KeepOption = Annotated[
    bool,
    typer.Option(
        "--keep-good", help=str(N_("Take the good rows where others are bad, instead of none."))
    ),
]
DsmOption = Annotated[
    Path | None,
    typer.Option(
        "--dsm",
        help=str(
            N_(
                "Surface heights, GeoTIFF, ASC grid or LAS/LAZ: obstacles where there are no "
                "footprints, heights where footprints have none."
            )
        ),
    ),
]
CanopyOption = Annotated[
    Path | None,
    typer.Option("--canopy", help=str(N_("Heights of tree crowns above the ground, GeoTIFF."))),
]
DatumOption = Annotated[
    str | None,
    typer.Option(
        "--datum",
        help=str(
            N_(
                "Geodetic system of longitudes and latitudes: wgs84, cgcs2000, gcj02 (AMap, "
                "Tencent) or bd09 (Baidu); declared by you, never guessed."
            )
        ),
    ),
]
SourceCrsOption = Annotated[
    str | None,
    typer.Option(
        "--source-crs",
        help=str(
            N_("Coordinate system of x and y, where the source names none, such as EPSG:4548.")
        ),
    ),
]
LocalOption = Annotated[
    Path | None,
    typer.Option(
        "--local",
        help=str(
            N_(
                "Four or seven parameters of the local system of x and y, CSV or XLSX: parameter, "
                "value; used while reading, kept nowhere."
            )
        ),
    ),
]
EncodingOption = Annotated[
    str | None,
    typer.Option(
        "--encoding", help=str(N_("Text encoding, such as gbk; by default found out and named."))
    ),
]
LayerOption = Annotated[
    str | None,
    typer.Option("--layer", help=str(N_("Layer of a vector file or sheet of a workbook."))),
]
NorthOption = Annotated[
    str | None,
    typer.Option(
        "--north",
        help=str(
            N_(
                "What azimuths count from: true or grid north; by default true north beside "
                "longitude and latitude, grid north beside metres."
            )
        ),
    ),
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        help=str(N_("Which column means what: a file that --write-mapping made and you edited.")),
    ),
]
GazetteerOption = Annotated[
    Path | None,
    typer.Option(
        "--gazetteer",
        help=str(
            N_(
                "A table with address, lon and lat, by which rows without coordinates are placed, "
                "before the addresses of the city itself."
            )
        ),
    ),
]
RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules", help=str(N_("A rule pack of yours (YAML), on top of the built-in ones."))
    ),
]
RegisterOption = Annotated[
    Path | None,
    typer.Option(
        "--register", help=str(N_("Register of mandatory places; outranks what the map says."))
    ),
]
EntrancesOption = Annotated[
    Path | None, typer.Option("--entrances", help=str(N_("Register of confirmed entrances.")))
]
CellOption = Annotated[
    float | None, typer.Option("--cell", help=str(N_("Side of a cell of the coverage raster [m].")))
]
NightOption = Annotated[
    bool, typer.Option("--night", help=str(N_("See no farther than each camera's own light.")))
]
JsonOption = Annotated[
    bool, typer.Option("--json", help=str(N_("Print figures for a machine, nothing else.")))
]

KindOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        help=str(
            N_(
                "What the source holds: city, buildings, cameras, catalogue, places, "
                "entrances, private, districts, signs, projects, obstacles or trees; by default "
                "judged by its content."
            )
        ),
    ),
]
IntoOption = Annotated[
    Path | None,
    typer.Option(
        "--into",
        help=str(
            N_(
                "The project that takes the rows, or the edited copy of itself; nothing is "
                "written without --accept."
            )
        ),
    ),
]
AcceptOption = Annotated[
    bool, typer.Option("--accept", help=str(N_("Accept the difference that was shown.")))
]
ProjectOption = Annotated[
    Path | None, typer.Option("--out", "-o", help=str(N_("The project file to write (.gpkg).")))
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help=str(N_("Replace a project that --out names.")))
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help=str(N_("Only report; write nothing.")))
]
WriteMappingOption = Annotated[
    Path | None,
    typer.Option(
        "--write-mapping",
        help=str(N_("Write what was understood of the columns, to edit and use again.")),
    ),
]
RejectsOption = Annotated[
    Path | None,
    typer.Option("--rejects", help=str(N_("Write every row that was refused, as CSV."))),
]
DsmHoldsOption = Annotated[
    str,
    typer.Option(
        "--dsm-holds",
        help=str(
            N_(
                "What --dsm holds: the surface above sea level, or heights above_ground of "
                "everything, or of buildings only."
            )
        ),
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", help=str(N_("Unit of heights in rasters that name none: m, ft or us-ft."))
    ),
]


def as_crs(text: str | None) -> CRS | None:
    """Return the coordinate system that an option names.

    Raises
    ------
    typer.BadParameter
        If there is no such system.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if text is None:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        sentence = N_("expected a coordinate system such as EPSG:4548, found %(found)s", found=text)
        raise typer.BadParameter(str(sentence)) from error


def as_declared(
    datum: str | None = None,
    source_crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    north: str | None = None,
    mapping: Path | None = None,
    gazetteer: Path | None = None,
    local: Path | None = None,
    rules: list[Path] | None = None,
) -> Declared:
    """Return what the options declare about a source; `rules` are packs that judge beside ours.

    Raises
    ------
    typer.BadParameter
        If a value is not one that the option knows.
    InputError
        If the mapping file, the gazetteer or the file of parameters cannot be used.
    """
    from civicsight.io.datums import DATUMS
    from civicsight.io.source_options import Declared
    from civicsight.io.tables.synonyms import normal
    from civicsight.io.tables.words import DATUM_OF

    datum = None if datum is None else DATUM_OF.get(normal(datum), datum)
    for value, known, name in ((datum, DATUMS, "--datum"), (north, ("grid", "true"), "--north")):
        if value is not None and value not in known:
            raise typer.BadParameter(", ".join(known), param_hint=name)
    declared = Declared(
        datum=datum,  # type: ignore[arg-type]  # checked above
        crs=as_crs(source_crs),
        encoding=encoding,
        layer=layer,
        north=north,  # type: ignore[arg-type]  # checked above
        mapping=None if mapping is None else _mapping(mapping),
        local=None if local is None else _local_system(local),
        classes=_classes(rules) if rules else None,
    )
    return declared if gazetteer is None else _with_gazetteer(declared, gazetteer)


def _classes(rules: list[Path]) -> Classes:
    from civicsight.io.packs import load_packs
    from civicsight.io.registers.classes import classes_of

    return classes_of(load_packs(user=rules))


def _with_gazetteer(declared: Declared, path: Path) -> Declared:
    """Return what is declared with the places of a gazetteer, in the datum and CRS declared."""
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.source_options import Declared

    known = read_apart("gazetteer", path, declared=Declared(datum=declared.datum, crs=declared.crs))
    return replace(declared, addresses=known)


def _local_system(path: Path) -> LocalSystem:
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.registers.local_systems import read_local_system

    return read_local_system(read_apart("sheet", path))


def _mapping(path: Path) -> ColumnMapping:
    from civicsight.io.apart.reading import read_apart

    mapping: ColumnMapping = read_apart("mapping", path)
    return mapping
