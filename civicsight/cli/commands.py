"""The commands that compute: read, call the library, write, say what was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import Inputs, Reading, declares, read_inputs, reads_city
from civicsight.cli.options import (
    CamerasArgument,
    CellOption,
    CityArgument,
    CrsOption,
    DatumOption,
    DemOption,
    EncodingOption,
    JsonOption,
    KeepOption,
    LayerOption,
    MappingOption,
    NameOption,
    NorthOption,
    OutOption,
    RulesOption,
    SourceCrsOption,
    as_crs,
    as_declared,
)
from civicsight.cli.show import show_areas, show_brief, show_files, show_import
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.result import CheckResult
    from civicsight.io import ImportReport
    from civicsight.model import City
    from civicsight.rules import Rules


YearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        min=1_000,
        max=3_000,
        help=str(N_("Year whose buildings stand; by default the present one.")),
    ),
]

VIOLATION = 1
"""Exit code of a check that found a violation."""


def demo(
    ctx: typer.Context, *, out: OutOption = Path("out/demo"), json_: JsonOption = False
) -> None:
    """Check central Helsinki and the made-up district."""
    from civicsight.cli.commands import run_demo

    figures = run_demo(ctx.obj, out, quiet=json_)
    if json_:
        ctx.obj.show_json(figures)


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
    from civicsight.io import fetch_city

    session: Session = ctx.obj
    with session.step(N_("Asking OpenStreetMap")):
        city, report = fetch_city(_place(place), name=name, crs=as_crs(crs))
    save(session, city, out)
    show_import(session, report, json_=json_)
    if not json_:
        show_files(session, [out])


@reads_city
def check(
    ctx: typer.Context,
    *,
    reading: Any,
    out: OutOption = Path("out/check"),
    cell: CellOption = None,
    raster: Annotated[
        bool, typer.Option(help=str(N_("Whether to compute the coverage rasters.")))
    ] = True,
    year: YearOption = None,
    json_: JsonOption = False,
) -> None:
    """Check a city and write the report."""
    session: Session = ctx.obj
    inputs, rules, night = reading
    packs = _packs(rules)
    place, inventory, imports = read_inputs(session, inputs)
    result = run_check(
        session, place, inventory, packs, cell, raster=raster, night=night, year=year
    )
    files = run_report(session, result, out, imports)
    if json_:
        session.show_json(result.summary, files)
    else:
        show_brief(session, result)
        show_files(session, files)
    _end(result)


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
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    mapping: MappingOption = None,
    rules: RulesOption = None,
    cell: CellOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Compute coverage rasters."""
    from civicsight.cli.rasters import compute, write

    session: Session = ctx.obj
    packs = _packs(rules)
    require_effect(ctx, declares())
    declared = as_declared(datum, source_crs, encoding, layer, north, mapping)
    place, inventory, _ = read_inputs(
        session,
        Inputs(city, cameras, dem=dem, crs=as_crs(crs), declared=declared, keep_good=keep_good),
    )
    raster = compute(session, place, inventory, packs, reading, cell)
    files = write(session, place, raster, out)
    show_areas(session, raster, packs.ladder, json_=json_, files=files)


@reads_city
def export(
    ctx: typer.Context,
    *,
    reading: Any,
    out: Annotated[Path, typer.Option("--out", "-o", help=str(N_("The file to write.")))] = Path(
        "out/civicsight.gpkg"
    ),
    cell: CellOption = None,
    json_: JsonOption = False,
) -> None:
    """Check a city and write one file."""
    from civicsight.report.check_files import write_one

    session: Session = ctx.obj
    inputs, rules, night = reading
    packs = _packs(rules)
    place, inventory, _ = read_inputs(session, inputs)
    drawn = out.suffix == ".html"
    result = run_check(session, place, inventory, packs, cell, raster=drawn, night=night)
    with session.step(N_("Writing")):
        write_one(result, out, session.language)
    if json_:
        session.show_json(result.summary, [out])
    else:
        show_files(session, [out])
    _end(result)


def run_check(
    session: Session,
    city: City,
    cameras: Any,
    rules: Rules,
    cell_m: float | None,
    *,
    raster: bool = True,
    night: bool = False,
    year: int | None = None,
) -> CheckResult:
    """Check with progress shown."""
    from civicsight.coverage.check import check as check_city

    with session.step(N_("Computing what the cameras see")) as tick:
        return check_city(
            city,
            cameras,
            rules=rules,
            cell_m=cell_m,
            raster=raster,
            night=night,
            year=year,
            progress=tick,
        )


def check_reading(session: Session, reading: Reading) -> CheckResult:
    """Read what the options of a city say, and check it without rasters."""
    inputs, rules, night = reading
    place, inventory, _ = read_inputs(session, inputs)
    return run_check(session, place, inventory, _packs(rules), None, raster=False, night=night)


def run_report(
    session: Session, result: CheckResult, out: Path, imports: list[ImportReport]
) -> list[Path]:
    """Write the report with progress shown."""
    from civicsight.report import write_report

    with session.step(N_("Writing")) as tick:
        return write_report(result, out, imports=imports, progress=tick)


def save(session: Session, city: City, out: Path) -> None:
    """Save a city as a project, with the step shown."""
    from civicsight.io import save_city

    with session.step(N_("Writing")):
        save_city(city, out)


def _end(result: CheckResult) -> None:
    """End with the exit code of violations, if there are any."""
    if result.summary["findings"]["violations"]:
        raise typer.Exit(VIOLATION)


def _packs(user: list[Path] | None) -> Rules:
    from civicsight.io.packs import load_packs

    return load_packs(user=user or ())


def _place(text: str) -> Any:
    """Return four numbers as a box, anything else as a name."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        return text
    return numbers if len(numbers) == 4 else text


def run_demo(session: Session, out: Path, *, quiet: bool = False) -> dict[str, Any]:
    """Check both cities, print what was found, and return the figures by city."""
    from civicsight.editing.examples import DATA
    from civicsight.io import helsinki_path
    from civicsight.io.packs import load_packs

    cities: dict[str, tuple[Path, Path | None, str | None]] = {
        "helsinki": (helsinki_path(), None, "Helsinki")
    }
    if (DATA / "district.gpkg").is_file():
        cities["district"] = (DATA / "district.gpkg", DATA / "cameras.csv", None)
    else:
        session.print(
            N_(
                "The made-up district comes with a clone of the repository or a bundle; "
                "it is left out here."
            )
        )
    figures = {}
    for key, (path, cameras, name) in cities.items():
        city, inventory, imports = read_inputs(session, Inputs(path, cameras, name=name))
        result = run_check(session, city, inventory, load_packs(), 0.5)
        files = run_report(session, result, out / key, imports)
        figures[key] = {**result.summary, "files": [str(file) for file in files]}
        if not quiet:
            show_brief(session, result)
            show_files(session, files)
    return figures
