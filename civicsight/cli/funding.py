"""Who pays for what of a plan: sums by source, year and district, the list of projects, a lease."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_inputs import (
    READER,
    ActorOption,
    FromOption,
    StoreOption,
    VersionOption,
    WhichOption,
    is_public,
    read_version,
    run_check,
)
from civicsight.cli.plans import keep
from civicsight.cli.show import show_files, show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.planning.money.funding import Funding

SourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--sources",
        help=str(
            N_(
                "Table of who pays, CSV or XLSX: camera_id, owner, district, measure, source, "
                "unit; by default the rules that the plan keeps."
            )
        ),
    ),
]


@reads_city
def fund(
    ctx: typer.Context,
    *,
    reading: Any,
    source: FromOption,
    plan: WhichOption = None,
    version: VersionOption = None,
    sources: SourcesOption = None,
    store: StoreOption = None,
    as_: ActorOption = "",
    out: OutOption = Path("out/funding"),
    json_: JsonOption = False,
) -> None:
    """Say who pays for what of a plan."""
    from civicsight.core.i18n import LANGUAGES
    from civicsight.planning.money.funding import fund as assign
    from civicsight.planning.money.lease import compare_lease
    from civicsight.planning.money.payers import payers_of, read_payers, with_payers
    from civicsight.presentation.lexicon import number
    from civicsight.report.plan.funding import source_text, summary_of, wan, write_funding
    from civicsight.report.plan.teller import teller_of

    session: Session = ctx.obj
    if store is not None and not (as_.strip() and plan):
        who = "--as" if plan else "--plan"
        raise typer.BadParameter(session.translate(N_("who keeps which plan?")), param_hint=who)
    is_folder = Path(source).is_dir()
    require_effect(ctx, {"plan": ("store",)} if is_folder else {})
    made, root = read_version(source, None if is_folder else plan, version, as_ or READER)
    payers = payers_of(made) if sources is None else read_payers(sources)
    made = with_payers(made, payers)
    result = run_check(session, reading, public=is_public(made))
    funding = assign(made, payers, result.cameras["owner"])
    lease = compare_lease(made, funding)
    kept = None
    if store is not None and plan is not None:
        kept = keep(session, store, as_, plan, made, result.city.name)
        root = kept[1]
    tellers = [
        teller_of(made, result, language)
        for language in sorted(LANGUAGES, key=lambda one: one != session.language)
    ]
    with session.step(N_("Writing")):
        files = write_funding(funding, lease, tellers, out, payers=payers, root=root)
    if json_:
        session.show_json(_figures(funding, lease, kept), files)
        return
    # Print the sums by year and source.

    rows: list[tuple[Any, ...]] = [
        (row.year, source_text(row.source), number(row.points), wan(row.hundreds))
        for row in funding.by("year", "source").itertuples()
    ]
    total = funding.total
    rows.append((N_("In all"), "", number(total["points"]), wan(total["hundreds"])))
    headings = (N_("Year"), N_("Money from"), N_("Points"), N_("Investment (10,000 yuan)"))
    show_table(session, headings, rows, (2, 3))
    for text in summary_of(funding, lease):
        session.out.print(session.translate(text), markup=False, highlight=False)
    if kept is not None:
        text = N_("Kept as version %(n)s, root %(root)s", n=kept[0], root=kept[1])
        session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)
    show_files(session, files)


def _figures(funding: Funding, lease: Any, kept: tuple[int, str] | None) -> dict[str, Any]:
    sums = {
        f"by_{name}": funding.by(*keys).to_dict("records")
        for name, keys in (
            ("source", ("source",)),
            ("year", ("year",)),
            ("district", ("district",)),
        )
    }
    return {
        "cost_yuan": int(funding.total["cost_yuan"]),
        **sums,
        "projects": funding.projects.reset_index().to_dict("records"),
        "idle": len(funding.idle),
        "lease": None
        if lease is None
        else {
            "points": lease.points,
            "crossing": lease.crossing,
            "crossing_present": lease.crossing_present,
        },
        "kept": None if kept is None else {"version": kept[0], "root": kept[1]},
    }
