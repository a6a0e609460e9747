"""Surveys: the list that goes out, and the results that come back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from civicsight.cli.commands import check_reading, save
from civicsight.cli.inputs import reads_city
from civicsight.cli.inventories import ProjectArgument
from civicsight.cli.options import (
    AcceptOption,
    DatumOption,
    JsonOption,
    KeepOption,
    LocalOption,
    OutOption,
    SourceCrsOption,
    as_declared,
)
from civicsight.cli.show import print_notes, show_files, show_table
from civicsight.cli.sources import open_project
from civicsight.core.errors import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from civicsight.cli.session import Session
    from civicsight.inventory.survey_results import Survey

MOST_SHOWN = 20
"""So many stops are printed; the files have all of them."""

KindsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--stops",
        help=str(N_("Kind of stop: record, planned, gate or place; all by default. Repeat it.")),
    ),
]
MapDatumOption = Annotated[
    str,
    typer.Option(
        "--map-datum",
        help=str(
            N_(
                "System of the places in KML and GPX: wgs84; gcj02 for AMap and Tencent, bd09 for "
                "Baidu, whose programs shift what is in another."
            )
        ),
    ),
]
ResultsArgument = Annotated[
    Path,
    typer.Argument(
        help=str(
            N_("The filled-in workbook of the survey, or a table of its columns, CSV or XLSX.")
        )
    ),
]


@reads_city
def out_(
    ctx: typer.Context,
    *,
    reading: Any,
    stops: KindsOption = None,
    map_datum: MapDatumOption = "wgs84",
    out: OutOption = Path("out/survey"),
    json_: JsonOption = False,
) -> None:
    """Write the list of a survey."""
    from civicsight.editing.gate_list import write_gate_list
    from civicsight.inventory.survey import GATES, STOPS, survey_stops
    from civicsight.io.datums import Datum
    from civicsight.report.survey import write_survey

    session: Session = ctx.obj
    _require(stops or (), tuple(STOPS), "--stops")
    _require((map_datum,), get_args(Datum), "--map-datum")
    result = check_reading(session, reading)
    found = survey_stops(result, stops or tuple(STOPS))
    with session.step(N_("Writing")) as tick:
        files = write_survey(found, result.city, out, datum=map_datum, progress=tick)  # type: ignore[arg-type]  # checked above
    if found["kind"].eq("gate").any():
        files += write_gate_list(out / GATES, result, (), session.language)
    _show_stops(session, found, files, json_=json_)


def _require(given: Any, known: tuple[str, ...], option: str) -> None:
    if not set(given) <= set(known):
        raise typer.BadParameter(", ".join(known), param_hint=option)


def _show_stops(
    session: Session, stops: gpd.GeoDataFrame, files: list[Path], *, json_: bool
) -> None:
    from civicsight.inventory.survey import STOPS
    from civicsight.report.survey import HEADINGS, rows_of

    counts = {kind: int(stops["kind"].eq(kind).sum()) for kind in STOPS}
    if json_:
        session.show_json({"stops": counts}, files)
        return
    for kind, count in counts.items():
        text = N_("%(what)s: %(value)s", what=STOPS[kind], value=count)
        session.out.print(session.translate(text), markup=False, highlight=False)
    if stops.empty:
        session.print(
            N_("Nothing has to be looked at on site: no value of these kinds is assumed.")
        )
    rows = rows_of(stops, session.language)
    shown = [(stop, kind, name or subject, told) for stop, kind, subject, name, _, told in rows]
    show_table(session, HEADINGS[:4], shown[:MOST_SHOWN], (0,))
    if len(shown) > MOST_SHOWN:
        session.print(N_("... and %(count)s more", count=len(shown) - MOST_SHOWN))
    show_files(session, files)


def in_(
    ctx: typer.Context,
    project: ProjectArgument,
    path: ResultsArgument,
    *,
    accept: AcceptOption = False,
    keep_good: KeepOption = False,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    local: LocalOption = None,
    json_: JsonOption = False,
) -> None:
    """Take the results of a survey."""
    from civicsight.inventory.filled_in import read_filled_in
    from civicsight.inventory.survey import SHEET
    from civicsight.inventory.survey_results import take_survey

    session: Session = ctx.obj
    declared = as_declared(datum, source_crs, local=local)
    city = open_project(project)
    with session.step(N_("Reading the results")):
        asked = {"crs": city.crs, "near": city.extent, "keep_good": keep_good}
        surveyed, report = read_filled_in("surveyed", path, SHEET, declared, **asked)
    print_notes(session, report.told())
    found = take_survey(city, surveyed, path.name)
    if accept and found.city is not city:
        save(session, found.city, project)
    _show_results(session, found, len(report.rejected), accepted=accept, json_=json_)


def _show_results(
    session: Session, found: Survey, rejected: int, *, accepted: bool, json_: bool
) -> None:
    from civicsight.presentation.columns import HEADINGS, heading
    from civicsight.report.survey import summary_of

    counts = found.changes["field"].value_counts()
    if json_:
        values = {str(field): int(count) for field, count in counts.items()}
        session.show_json(
            {
                "values": values,
                "unbuildable": found.unbuildable.to_dict(),
                "silent": [*found.silent],
            }
        )
        return
    for text in summary_of(found):
        session.out.print(session.translate(text), markup=False, highlight=False)
    if rejected:
        session.print(N_("%(count)s rows of the list could not be used.", count=rejected))
    rows = [
        (heading(str(field).removeprefix("tags."), HEADINGS), int(count))
        for field, count in counts.items()
    ]
    show_table(session, (N_("Column"), N_("Values")), rows, (1,))
    if not accepted and len(found.changes):
        session.print(N_("Nothing was written into the project. To accept, repeat with --accept."))
