"""The commands, one function each: read, call the library, write, say what was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer

from civicsight.cli.show import show_areas, show_brief, show_files, show_import
from civicsight.errors import N_

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.city import ImportReport
    from civicsight.cli.session import Session
    from civicsight.coverage.check import CheckResult
    from civicsight.rules import Rules
    from civicsight.schema import City

VIOLATION = 1
"""Exit code of a check that found a violation."""

CityArgument = Annotated[
    Path,
    typer.Argument(
        help=str(
            N_("The city: OSM as .pbf or .osm, buildings in any vector format, or a saved project.")
        )
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
DemOption = Annotated[
    Path | None,
    typer.Option("--dem", help=str(N_("Ground heights, GeoTIFF or SRTM tile; flat without."))),
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
JsonOption = Annotated[
    bool, typer.Option("--json", help=str(N_("Print figures for a machine, nothing else.")))
]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=str(
        N_(
            "What a city's public-safety cameras really see, compared with what the law demands. "
            "Every command takes --lang zh_CN or --lang en."
        )
    ),
)


@app.command(help=str(N_("Work on two cities that need no download, and say what was found.")))
def demo(
    ctx: typer.Context, *, out: OutOption = Path("out/demo"), json_: JsonOption = False
) -> None:
    """Check central Helsinki and the made-up district."""
    from civicsight.cli.demo import run_demo

    figures = run_demo(ctx.obj, out, quiet=json_)
    if json_:
        ctx.obj.show_json(figures)


@app.command(help=str(N_("Download a city from OpenStreetMap and save it as a project.")))
def fetch(
    ctx: typer.Context,
    place: Annotated[
        str,
        typer.Argument(
            help=str(N_("Name such as 'Nanchang, China', or west,south,east,north in degrees."))
        ),
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help=str(N_("The project file to write (.gpkg).")))
    ],
    name: NameOption = None,
    crs: CrsOption = None,
    json_: JsonOption = False,
) -> None:
    """Download a city."""
    from civicsight.city import fetch_city

    session: Session = ctx.obj
    with session.step(N_("Asking OpenStreetMap")):
        city, report = fetch_city(_place(place), name=name, crs=_crs(crs))
    _save(session, city, report, out, json_=json_)


@app.command(
    "import",
    help=str(N_("Read a city, say what was read, mended and rejected, and save it as a project.")),
)
def import_(
    ctx: typer.Context,
    path: CityArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=str(N_("The project file to write (.gpkg).")))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=str(N_("Only report; write nothing.")))
    ] = False,
    name: NameOption = None,
    dem: DemOption = None,
    crs: CrsOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Read a city and save it."""
    from civicsight.city import read_city

    if out is None and not dry_run:
        raise typer.BadParameter(ctx.obj.say(N_("Give --out FILE.gpkg, or --dry-run.")))
    session: Session = ctx.obj
    with session.step(N_("Reading the city")):
        city, report = read_city(path, name=name, crs=_crs(crs), dem=dem, keep_good=keep_good)
    _save(session, city, report, None if dry_run else out, json_=json_)


@app.command(
    help=str(
        N_(
            "Compare what the cameras see with Articles 7 and 8, and write page, tables, layers "
            "and rasters."
        )
    )
)
def check(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    out: OutOption = Path("out/check"),
    rules: RulesOption = None,
    register: RegisterOption = None,
    entrances: EntrancesOption = None,
    dem: DemOption = None,
    name: NameOption = None,
    crs: CrsOption = None,
    cell: CellOption = None,
    raster: Annotated[
        bool, typer.Option(help=str(N_("Whether to compute the coverage rasters.")))
    ] = True,
    night: Annotated[
        bool, typer.Option("--night", help=str(N_("See no farther than each camera's own light.")))
    ] = False,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Check a city and write the report."""
    session: Session = ctx.obj
    packs = _packs(rules)
    with session.step(N_("Reading the city")):
        place, inventory, imports = read_inputs(
            city, cameras, register, entrances, dem, name, crs, keep_good=keep_good
        )
    result = run_check(session, place, inventory, packs, cell, raster=raster, night=night)
    files = run_report(session, result, out, imports)
    if json_:
        session.show_json({**result.summary, "files": [str(file) for file in files]})
    else:
        show_brief(session, result)
        show_files(session, files)
    if result.summary["findings"]["violations"]:
        raise typer.Exit(VIOLATION)


@app.command(
    help=str(N_("Compute what the cameras see on the ground, as rasters and nothing else."))
)
def coverage(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    out: OutOption = Path("out/coverage"),
    reading: Annotated[
        str,
        typer.Option(
            "--reading", help=str(N_("How far the poses are believed: sure, assumed or possible."))
        ),
    ] = "assumed",
    dem: DemOption = None,
    crs: CrsOption = None,
    cell: CellOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Compute coverage rasters."""
    from civicsight.cli.rasters import compute, write

    session: Session = ctx.obj
    with session.step(N_("Reading the city")):
        place, inventory, _ = read_inputs(
            city, cameras, None, None, dem, None, crs, keep_good=keep_good
        )
    raster = compute(session, place, inventory, reading, cell)
    files = write(session, place, raster, out)
    show_areas(session, raster, json_=json_, files=files)


@app.command(
    help=str(N_("Check a city and write one file: .gpkg, .xlsx, .html or .json by its name."))
)
def export(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help=str(N_("The file to write.")))] = Path(
        "out/civicsight.gpkg"
    ),
    rules: RulesOption = None,
    register: RegisterOption = None,
    crs: CrsOption = None,
    keep_good: KeepOption = False,
) -> None:
    """Check a city and write one file."""
    from civicsight.report.bundle import write_one

    session: Session = ctx.obj
    packs = _packs(rules)
    with session.step(N_("Reading the city")):
        place, inventory, _ = read_inputs(
            city, cameras, register, None, None, None, crs, keep_good=keep_good
        )
    result = run_check(session, place, inventory, packs, 0.5, raster=out.suffix == ".html")
    with session.step(N_("Writing")):
        write_one(result, out, session.language)
    show_files(session, [out])


def read_inputs(
    path: Path,
    cameras: Path | None,
    register: Path | None,
    entrances: Path | None,
    dem: Path | None,
    name: str | None,
    crs: str | None,
    *,
    keep_good: bool,
) -> tuple[City, Any, list[ImportReport]]:
    """Read a city with its inventory and registers; a register is put before what the map says."""
    from civicsight.city import read_cameras, read_city, read_entrances, read_register

    city, report = read_city(path, name=name, crs=_crs(crs), dem=dem, keep_good=keep_good)
    imports = [report]
    for source, read, field in (
        (register, read_register, "places"),
        (entrances, read_entrances, "entrances"),
    ):
        if source is not None:
            table, more = read(source, crs=city.crs, near=city.extent, keep_good=keep_good)
            joined = pd.concat([table, getattr(city, field)])
            joined = joined[~joined.index.duplicated()]
            city = replace(city, **{field: joined})
            imports.append(more)
    inventory = None
    if cameras is not None:
        inventory, more = read_cameras(cameras, crs=city.crs, near=city.extent, keep_good=keep_good)
        imports.append(more)
    return city, inventory, imports


def run_check(
    session: Session,
    city: City,
    cameras: Any,
    rules: Rules,
    cell_m: float | None,
    *,
    raster: bool = True,
    night: bool = False,
) -> CheckResult:
    """Check with progress shown."""
    from civicsight.coverage.check import check as check_city

    with session.step(N_("Computing what the cameras see")) as tick:
        return check_city(
            city, cameras, rules=rules, cell_m=cell_m, raster=raster, night=night, progress=tick
        )


def run_report(
    session: Session, result: CheckResult, out: Path, imports: list[ImportReport]
) -> list[Path]:
    """Write the report with progress shown."""
    from civicsight.report import write_report

    with session.step(N_("Writing")) as tick:
        return write_report(result, out, imports=imports, progress=tick)


def _packs(user: list[Path] | None) -> Rules:
    from civicsight.rules import load_packs

    return load_packs(user=user or ())


def _crs(text: str | None) -> CRS | None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if text is None:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise typer.BadParameter(str(error)) from error


def _place(text: str) -> Any:
    """Return four numbers as a box, anything else as a name."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        return text
    return numbers if len(numbers) == 4 else text


def _save(
    session: Session, city: City, report: ImportReport, out: Path | None, *, json_: bool
) -> None:
    from civicsight.city import save_city

    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        with session.step(N_("Writing")):
            save_city(city, out)
    show_import(session, report, json_=json_)
    if out is not None and not json_:
        show_files(session, [out])
