"""The register of cameras against a new list: what differs, what was settled, what it becomes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.commands import save
from civicsight.cli.options import (
    AcceptOption,
    DatumOption,
    EncodingOption,
    GazetteerOption,
    JsonOption,
    KeepOption,
    LayerOption,
    LocalOption,
    MappingOption,
    NorthOption,
    OutOption,
    SourceCrsOption,
    as_declared,
)
from civicsight.cli.show import print_notes, show_files, show_table
from civicsight.cli.sources import open_project
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.inventory import Census, Reconciliation
    from civicsight.model import City

ProjectArgument = Annotated[
    Path, typer.Argument(help=str(N_("The project whose register of cameras is meant, .gpkg.")))
]
ListArgument = Annotated[
    Path,
    typer.Argument(
        help=str(N_("The new list of cameras: CSV, workbook, layer or catalogue of GB/T 28181."))
    ),
]
DecisionsOption = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        help=str(N_("The workbook or CSV of differences that this command wrote, filled in.")),
    ),
]
RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help=str(
            N_(
                "Settle all open differences of a kind: missing=keep, changed:height_m=take, "
                "moved=take@0.95 for pairs at least so certain; repeat it, the first that fits "
                "holds."
            )
        ),
    ),
]
ByOption = Annotated[
    str, typer.Option("--by", help=str(N_("Who settles, where the table does not say it.")))
]
OnOption = Annotated[
    str | None,
    typer.Option("--on", help=str(N_("Day of the decision, YYYY-MM-DD; today by default."))),
]
ReasonOption = Annotated[
    str, typer.Option("--reason", help=str(N_("Why it is settled so; by default the rule.")))
]


def reconcile(
    ctx: typer.Context,
    project: ProjectArgument,
    path: ListArgument,
    *,
    decisions: DecisionsOption = None,
    rule: RuleOption = None,
    by: ByOption = "",
    on: OnOption = None,
    reason: ReasonOption = "",
    accept: AcceptOption = False,
    out: OutOption = Path("out/reconciliation"),
    mapping: MappingOption = None,
    gazetteer: GazetteerOption = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    local: LocalOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    keep_good: KeepOption = False,
    json_: JsonOption = False,
) -> None:
    """Hold a new list against the register, settle differences, and put what was settled in."""
    from civicsight.inventory import read_rule, settle, take_census, take_over
    from civicsight.report.census import write_census

    session: Session = ctx.obj
    rules = [read_rule(text) for text in rule or ()]
    day = day_of(on)
    declared = as_declared(datum, source_crs, encoding, layer, north, mapping, gazetteer, local)
    city = open_project(project)
    found = _hold_against(session, city, path, declared, keep_good=keep_good)
    table, named = _decisions(decisions)
    found = settle(found, decisions=table, rules=rules, by=by, on=day, reason=reason, source=named)
    taken = take_over(city, found) if accept else city
    with session.step(N_("Writing")) as tick:
        files = write_census(found, out, name=city.name, synthetic=city.synthetic, progress=tick)
    if accept and taken is not city:
        save(session, taken, project)
        files.append(project)
    _show(session, found, take_census(found), files, accepted=accept, json_=json_)


def day_of(on: str | None) -> str:
    """Return the day that an option names, today where it names none."""
    from datetime import date

    from civicsight.core.settings import present_day

    try:
        return (present_day() if on is None else date.fromisoformat(on)).isoformat()
    except ValueError as error:
        expected = "YYYY-MM-DD"
        raise typer.BadParameter(expected, param_hint="--on") from error


def _hold_against(
    session: Session, city: City, path: Path, declared: Any, *, keep_good: bool
) -> Reconciliation:
    """Read the list near the project, and find what differs."""
    from civicsight.core.progress import hearing
    from civicsight.inventory import reconcile as hold_against
    from civicsight.inventory.difference import kept_apart_in
    from civicsight.io.catalogue.messages import is_catalogue
    from civicsight.io.reader_registry import read_rows
    from civicsight.io.report import unread_rows
    from civicsight.io.vectors.files import require_file

    kind = "catalogue" if is_catalogue(require_file(path)) else "cameras"
    with session.step(N_("Reading the list")) as tick, hearing(tick):
        listed, report = read_rows(path, kind, city, declared=declared, keep_good=keep_good)
    print_notes(session, report.told())
    with session.step(N_("Holding it against the register")):
        return hold_against(
            city.cameras,
            listed,
            given=report.given,
            source=report.source,
            unread=unread_rows(report),
            reading=report.told(),
            apart=kept_apart_in(city.changes),
        )


def _decisions(path: Path | None) -> tuple[Any, str]:
    """Return what people decided in a table, and its name."""
    from civicsight.inventory.decision_table import SHEET, headings, read_decisions
    from civicsight.inventory.filled_in import read_filled_in

    if path is None:
        return None, ""
    return read_decisions(read_filled_in("sheet", path, SHEET, asked=headings())), path.name


def _show(
    session: Session,
    found: Reconciliation,
    census: Census,
    files: list[Path],
    *,
    accepted: bool,
    json_: bool,
) -> None:
    """Print what was counted, what holds for the list as a whole, and where everything is."""
    from civicsight.inventory.difference import WHAT
    from civicsight.report.census import OWN, counts_of, summary_of

    if json_:
        session.show_json(counts_of(found, census), files)
        return
    for text in summary_of(found, census):
        session.out.print(session.translate(text), markup=False, highlight=False)
    names = ("differences", "cameras", "taken", "kept", "open")
    rows = [
        (WHAT[what], *map(str, counts)) for what, *counts in census.kinds[[*names]].itertuples()
    ]
    show_table(session, (OWN["what"], *(OWN[name] for name in names)), rows, range(1, 6))
    show_files(session, files)
    if not accepted and (census.kinds["taken"].sum() or census.kinds["kept"].sum()):
        session.print(N_("Nothing was written into the project. To accept, repeat with --accept."))
