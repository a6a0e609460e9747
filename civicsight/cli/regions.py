"""Regions of many counties: import them, check them on many workers, split a budget."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from civicsight.cli.faults import reject
from civicsight.cli.options import (
    CrsOption,
    JsonOption,
    NameOption,
    NightOption,
    OutOption,
    RulesOption,
    as_crs,
)
from civicsight.cli.plan_arguments import BudgetOfOption, budget_of_option, money_of
from civicsight.cli.show import show_files
from civicsight.core.errors import N_, MismatchError

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from civicsight.cli.session import Session
    from civicsight.region.folder import Region
    from civicsight.region.run import RegionResult

RESULTS: Final = Path("out/region")
"""Folder of results of a region."""

SourcesArgument = Annotated[
    list[str],
    typer.Argument(
        help=str(
            N_(
                "Files such as buildings.parquet, TABLE=FILE, a project (.gpkg), or "
                "postgresql://user@host/database?schema=name."
            )
        )
    ),
]
NewOption = Annotated[
    Path, typer.Option("--out", "-o", help=str(N_("Folder of the region; not there yet.")))
]
YearOption = Annotated[
    int | None,
    typer.Option("--year", min=1_000, max=3_000, help=str(N_("Year whose buildings stand."))),
]
RegionArgument = Annotated[
    Path, typer.Argument(help=str(N_("Folder of a region, as `civicsight region import` wrote.")))
]


def import_(
    ctx: typer.Context,
    sources: SourcesArgument,
    *,
    out: NewOption,
    tile: Annotated[
        float | None,
        typer.Option("--tile-m", min=100.0, max=1e6, help=str(N_("Side of a tile in metres."))),
    ] = None,
    by: Annotated[
        Path | None,
        typer.Option("--by", help=str(N_("Outlines of counties with codes, in place of tiles."))),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option("--window", help=str(N_("Read only what meets west,south,east,north [m]."))),
    ] = None,
    name: NameOption = None,
    crs: CrsOption = None,
    json_: JsonOption = False,
) -> None:
    """Import a region."""
    from civicsight.io import read_districts
    from civicsight.region.gather import Origin, counties_of, import_region
    from civicsight.region.sources import (
        area_of_sources,
        crs_of_sources,
        pieces_of_sources,
        source_of,
    )

    session: Session = ctx.obj
    if (tile is None) == (by is None):
        raise MismatchError(N_("name either --tile-m or --by: one of them cuts the region"))
    found = [source_of(word) for word in sources]
    working = as_crs(crs) or crs_of_sources(found)
    counties = None if by is None else counties_of(read_districts(by, crs=working)[0], working)
    box = _window(window)
    bare = [Path(word.rpartition("@")[2]).name for word in sources]  # no folder, no password
    origin = Origin(
        name or out.name,
        working,
        tile,
        counties,
        tuple(bare),
        area=area_of_sources(found, working, box),
    )
    with session.step(N_("Cutting the region")):
        region = import_region(pieces_of_sources(found, box), origin, out)
    _show_cut(session, region, json_=json_)


def _show_cut(session: Session, region: Region, *, json_: bool) -> None:
    """Print how a region was cut."""
    rows: dict[str, int] = {}
    for part in region.parts.values():
        for table, layer in part.layers.items():
            rows[table] = rows.get(table, 0) + layer.rows
    if json_:
        session.show_json({"parts": sorted(region.parts), "rows": rows})
        return
    session.print(N_("Parts: %(count)s", count=len(region.parts)))
    for table, count in sorted(rows.items()):
        session.print(f"  {table}: {count:,}")


def _window(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise typer.BadParameter(repr(text), param_hint="--window") from None
    return west, south, east, north


def check_(
    ctx: typer.Context,
    region: RegionArgument,
    *,
    out: OutOption = RESULTS,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=1_024, help=str(N_("Processes of this machine.")))
    ] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", help=str(N_("A cluster of Dask: local, or a scheduler as tls://host:port"))
        ),
    ] = None,
    night: NightOption = False,
    year: YearOption = None,
    rules: RulesOption = None,
    cell: Annotated[
        float | None,
        typer.Option(
            "--raster",
            min=0.1,
            max=100.0,
            help=str(N_("Draw rasters too, with cells of this side [m].")),
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Check a region."""
    from civicsight.region.run import check_region

    session: Session = ctx.obj
    opened, how = _asked(region, rules, night=night, year=year)
    with _workers(cluster, workers) as executor, session.step(N_("Checking the region")) as tick:
        found = check_region(
            opened, out, executor=executor, progress=tick, cell_m=cell, samples=False, **how
        )
    _finish(session, found, out, json_=json_)


def report_(
    ctx: typer.Context,
    region: RegionArgument,
    *,
    results: Annotated[
        Path,
        typer.Option("--results", help=str(N_("Folder of results that `region check` wrote."))),
    ] = RESULTS,
    out: OutOption = Path("out/region-report"),
    night: NightOption = False,
    year: YearOption = None,
    rules: RulesOption = None,
    json_: JsonOption = False,
) -> None:
    """Report on a region."""
    from civicsight.region.run import check_region

    session: Session = ctx.obj
    opened, how = _asked(region, rules, night=night, year=year)
    if not results.is_dir():
        reject("region.no_results", results.name)
    with session.step(N_("Putting results together")) as tick:
        found = check_region(opened, results, progress=tick, kept=True, samples=False, **how)
    _finish(session, found, out, json_=json_)


def _asked(
    folder: Path, rules: list[Path] | None, *, night: bool, year: int | None
) -> tuple[Region, dict[str, Any]]:
    """Open a region, and return how it is checked; a pack is read apart, before any worker does."""
    from civicsight.io.packs import load_packs
    from civicsight.region.folder import open_region
    from civicsight.region.own import Options
    from civicsight.region.run import packs_of

    load_packs(user=rules or ())
    how = {"packs": packs_of(rules or ()), "options": Options(night=night, year=year)}
    return open_region(folder), how


def _finish(session: Session, found: RegionResult, out: Path, *, json_: bool) -> None:
    """Write and tell what was found; what could not be judged is an exit code of its own."""
    from civicsight.region.page import summary_of, write_result

    files = write_result(found, out)
    if json_:
        session.show_json(summary_of(found), files)
    else:
        _show(session, found)
        show_files(session, files)
    if found.refused or found.hangs_on:
        raise typer.Exit(2)


def _workers(cluster: str | None, count: int) -> AbstractContextManager[Executor | None]:
    """Give workers: this process for one, processes of this machine, or a cluster."""
    from civicsight.region.cluster import LOCAL, workers_at

    if cluster is None and count == 1:
        return nullcontext()
    return workers_at(cluster or LOCAL, count if count > 1 else 0)


def _show(session: Session, found: RegionResult) -> None:
    """Print what a person wants to know first."""
    from civicsight.region.page import not_judged

    judged, new = len(found.parts), int(found.parts["computed"].sum()) if len(found.parts) else 0
    session.print(
        N_(
            "Parts judged: %(judged)s of %(total)s; computed this time: %(new)s",
            judged=judged,
            total=len(found.region.parts),
            new=new,
        )
    )
    for name, error in sorted(found.refused.items()):
        session.print(N_("%(part)s cannot be used: %(reason)s", part=name, reason=str(error)))
    for name, bad in sorted(found.hangs_on.items()):
        session.print(not_judged(name, bad))


def split(
    ctx: typer.Context,
    curves: Annotated[
        list[Path],
        typer.Argument(
            help=str(N_("Plan of each county, as a folder, or its curve as CSV, named by it."))
        ),
    ],
    *,
    budget: Annotated[
        str,
        typer.Option("--budget", help=str(N_("Money for all of them, in yuan or with its unit."))),
    ],
    budget_of: BudgetOfOption = "investment",
    json_: JsonOption = False,
) -> None:
    """Split a budget."""
    from civicsight.cli.plan_inputs import read_plan
    from civicsight.planning.prices.terms import BUDGET_OF
    from civicsight.region.curves import read_curve
    from civicsight.region.split import split_budget

    session: Session = ctx.obj
    known = {
        path.stem: read_plan(str(path), None, None, "").curve if path.is_dir() else read_curve(path)
        for path in curves
    }
    money, counts = money_of(budget), budget_of_option(budget_of)
    found = split_budget(known, money or 0.0, counts)
    told: dict[str, Any] = {
        "places": found.places,
        "most_places": found.most_places,
        "cost_yuan": found.cost_yuan,
        "budget_of": str(found.budget_of),
        "shares": found.shares.to_dict(orient="records"),
    }
    if json_:
        session.show_json(told)
        return
    for row in told["shares"]:
        session.print(
            N_(
                "%(part)s: %(of)s %(budget)s yuan, places made compliant: %(places)s",
                part=row["part"],
                of=BUDGET_OF[counts],
                budget=f"{row['budget_yuan']:,.0f}",
                places=f"{row['places']:g}",
            )
        )
    session.print(
        N_(
            "In all %(places)s places; no split of this money makes more than %(most)s compliant",
            places=f"{found.places:g}",
            most=f"{found.most_places:g}",
        )
    )
