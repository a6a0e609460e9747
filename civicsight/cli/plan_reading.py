"""What is read from plans: ledger, differences, documents, coverage year by year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.faults import reject
from civicsight.cli.inputs import read_inputs, reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_approved import approval_in, file_at, kept_scan, write_approval, write_end
from civicsight.cli.plan_inputs import (
    READER,
    FromOption,
    PlansArgument,
    ReaderOption,
    VersionOption,
    WhichOption,
    is_public,
    print_kept,
    read_plan,
    read_version,
    run_check,
)
from civicsight.cli.plan_output import describe, show_documents
from civicsight.cli.plans import write
from civicsight.cli.show import show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.planning.statement.difference import Difference
    from civicsight.planning.years.coverage_by_year import Covered


def ledger(
    ctx: typer.Context,
    source: PlansArgument,
    *,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    json_: JsonOption = False,
) -> None:
    """Show the ledger of a plan."""
    from civicsight.planning.record.actions import MEASURE_LABELS
    from civicsight.planning.record.documents import table_to_json
    from civicsight.presentation.lexicon import number

    session: Session = ctx.obj
    found = read_plan(source, plan, version, as_)
    print_kept(session, found)
    if json_:
        session.show_json(table_to_json(found.ledger)["columns"])
        return
    for row in found.ledger.itertuples():
        line = N_(
            "%(camera)s (%(measure)s, works %(cost)s yuan): for %(parts)s; instead: %(instead)s, "
            "dearer by %(saved)s",
            camera=row.camera_id,
            measure=MEASURE_LABELS[row.measure],
            cost=number(row.cost_yuan),
            parts=", ".join(row.parts),
            instead=", ".join(row.instead) or "–",
            saved=number(float(row.saved_yuan)),
        )
        session.out.print(session.translate(line), markup=False, highlight=False)


def diff(
    ctx: typer.Context,
    before: PlansArgument,
    after: Annotated[
        str | None,
        typer.Argument(help=str(N_("The other; by default the latest version of the same plan."))),
    ] = None,
    *,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    json_: JsonOption = False,
) -> None:
    """Compare plans.

    Raises
    ------
    InputError
        If both would be one and the same version.
    """
    from civicsight.planning.record.documents import table_to_json
    from civicsight.planning.statement.difference import compare_plans

    session: Session = ctx.obj
    if after is None and version is None:
        reject("plan.other", Path(before).name)
    in_file = after is not None and not Path(after).is_dir()  # which alone holds several plans
    one = read_plan(before, None if in_file and Path(before).is_dir() else plan, version, as_)
    two = read_plan(after or before, plan if in_file or after is None else None, None, as_)
    print_kept(session, two)
    found = compare_plans(one, two)
    if json_:
        compared = {
            "measures": found.measures,
            "money": found.money,
            "parts": found.parts.reset_index(),
        }
        tables = {name: table_to_json(table)["columns"] for name, table in compared.items()}
        figures = {name: [one.value for one in pair] for name, pair in found.figures.items()}
        session.show_json({**tables, "figures": figures, "inputs": list(found.inputs)})
        return
    _print_difference(session, found)


def _print_difference(session: Session, found: Difference) -> None:
    """Print what has changed as tables: figures, measures, money and parts."""
    from civicsight.planning.record.actions import MEASURE_LABELS
    from civicsight.planning.statement.difference import CHANGES
    from civicsight.presentation.columns import HEADINGS
    from civicsight.presentation.lexicon import number
    from civicsight.presentation.symbols import STATUS_LABELS

    before, after = N_("Before"), N_("After")
    rows: list[tuple[Any, ...]] = [
        (new.label, str(old), str(new)) for old, new in found.figures.values()
    ]
    show_table(session, (N_("What"), before, after), rows, (1, 2))
    if len(found.measures):
        rows = [
            (
                row.camera_id,
                CHANGES.get(row.what) or HEADINGS.get(row.what, row.what),
                MEASURE_LABELS.get(row.before, row.before),
                MEASURE_LABELS.get(row.after, row.after),
            )
            for row in found.measures.itertuples()
        ]
        show_table(session, (N_("Camera"), N_("What"), before, after), rows)
    money = found.money[found.money["change"].ne(0.0)]
    if len(money):
        rows = [
            (
                row.year,
                row.district or None,
                number(row.before),
                number(row.after),
                f"{row.change:+,.0f}",
            )
            for row in money.itertuples()
        ]
        headings = (N_("Year"), N_("District"), before, after, N_("Change [yuan]"))
        show_table(session, headings, rows, (2, 3, 4))
    for title, parts in ((N_("Parts gained"), found.gained), (N_("Parts lost"), found.lost)):
        if len(parts):
            rows = [
                (row.Index, *(STATUS_LABELS.get(each) for each in (row.before, row.after)))
                for row in parts.itertuples()
            ]
            show_table(session, (title, before, after), rows)
    for name in found.inputs:
        session.print(N_("made from another state of: %(name)s", name=name))


@reads_city
def export(
    ctx: typer.Context,
    *,
    reading: Any,
    source: FromOption,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    pdf: Annotated[
        bool, typer.Option("--pdf/--no-pdf", help=str(N_("Whether the pages are printed as PDF.")))
    ] = True,
    scan: Annotated[
        Path | None,
        typer.Option(
            "--scan", help=str(N_("Scan of the approval, to lie beside the plan it approves."))
        ),
    ] = None,
    out: OutOption = Path("out/plan"),
    json_: JsonOption = False,
) -> None:
    """Write the documents of a plan, with its approval if it has one."""
    from civicsight.presentation.changed_inputs import describe_changed

    session: Session = ctx.obj
    found, root = read_version(source, plan, version, as_)
    approval = approval_in(source, plan, root, as_)
    if scan is not None and approval is None:
        reject("approval.none", Path(source).name, field="--scan", found=scan.name)
    result = run_check(session, reading, public=is_public(found))
    stale = found.stale(result)
    for text in describe_changed(stale):
        session.print(text)
    files = write(session, found, result, out, pdf=pdf)
    if approval is not None:
        paper = file_at(scan) if scan else kept_scan(source, approval.plan_id, approval, as_)
        files += write_approval(out, approval, paper)
    if plan is not None and not Path(source).is_dir():
        files.append(write_end(out, source, as_))
    if json_:
        session.show_json({"stale": stale}, files)
        return
    for line in describe(found):
        session.out.print(session.translate(line), markup=False, highlight=False)
    show_documents(session, files)


@reads_city
def years(
    ctx: typer.Context,
    *,
    reading: Any,
    source: FromOption,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    json_: JsonOption = False,
) -> None:
    """Judge a plan year by year."""
    from civicsight.coverage.check import check
    from civicsight.io.packs import load_packs
    from civicsight.planning.years.coverage_by_year import cover_years

    session: Session = ctx.obj
    inputs, rules, night = reading
    found = read_plan(source, plan, version, as_)
    packs = load_packs(user=rules or ())
    place, cameras, _ = read_inputs(session, inputs)
    with session.step(N_("Computing what the cameras see")) as tick:
        now = check(place, cameras, rules=packs, raster=False, night=night, progress=tick)
    with session.step(N_("Going through the years")) as tick:
        covered = cover_years(place, found, now, night=night, progress=tick)
    if json_:
        told = covered.years.reset_index().to_dict("records")
        session.show_json({"years": told, "turns": covered.turns.to_dict("records")})
        return
    _print_covered(session, covered)


def _print_covered(session: Session, covered: Covered) -> None:
    """Print the years, and each gate that turns with what hides it then."""
    from civicsight.presentation.lexicon import share
    from civicsight.presentation.symbols import STATUS_LABELS

    if covered.years.empty:
        said = N_("The plan has no works, and no building comes or goes: all years are as today.")
        session.out.print(session.translate(said), markup=False, highlight=False)
        return
    headings = (
        N_("Year"),
        N_("Works done"),
        N_("Buildings"),
        N_("come"),
        N_("go"),
        *(STATUS_LABELS[name] for name in ("covered", "assumed", "possible", "gap")),
        N_("Met for sure"),
    )
    rows = [
        (
            row.Index,
            row.works,
            row.buildings,
            row.come,
            row.go,
            row.covered,
            row.assumed,
            row.possible,
            row.gap,
            share(row.share),
        )
        for row in covered.years.itertuples()
    ]
    show_table(session, headings, rows, range(1, len(headings)))
    turns = [
        (
            row.year,
            row.part_id,
            STATUS_LABELS.get(row.before),
            STATUS_LABELS.get(row.after),
            ", ".join(row.blockers) or None,
        )
        for row in covered.turns.itertuples()
    ]
    if turns:
        columns = (N_("Year"), N_("Part"), N_("Before"), N_("After"), N_("Hidden by"))
        show_table(session, columns, turns)
