"""Years of a plan on the command line: what is covered when, as buildings come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from civicsight.cli.city_options import reads_city
from civicsight.cli.inputs import read_inputs
from civicsight.cli.options import JsonOption
from civicsight.cli.plan_duplicates import plan_app
from civicsight.cli.plan_inputs import (
    READER,
    FromOption,
    ReaderOption,
    VersionOption,
    WhichOption,
    read_plan,
)
from civicsight.cli.show import show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.planning.years import Covered

__all__ = ["plan_app"]


@plan_app.command(
    help=str(
        N_(
            "Say what a plan covers at the end of each year, among the buildings that stand in "
            "that year."
        )
    )
)
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
    from civicsight.planning.years import cover_years

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
    _tell(session, covered)


def _tell(session: Session, covered: Covered) -> None:
    """Print the years, and each gate that turns with what hides it then."""
    from civicsight.presentation.lexicon import share
    from civicsight.presentation.symbols import STATUS_LABELS

    heads = (N_("Year"), N_("Works done"), N_("Buildings"), N_("come"), N_("go"),
             *(STATUS_LABELS[name] for name in ("covered", "assumed", "possible", "gap")),
             N_("Met for sure"))  # fmt: skip
    rows = [
        (row.Index, row.works, row.buildings, row.come, row.go, row.covered, row.assumed,
         row.possible, row.gap, share(row.share))
        for row in covered.years.itertuples()
    ]  # fmt: skip
    show_table(session, heads, rows, range(1, len(heads)))
    turns = [
        (row.year, row.part_id, STATUS_LABELS.get(row.before), STATUS_LABELS.get(row.after),
         ", ".join(row.blockers) or None)
        for row in covered.turns.itertuples()
    ]  # fmt: skip
    if turns:
        columns = (N_("Year"), N_("Part"), N_("Before"), N_("After"), N_("Hidden by"))
        show_table(session, columns, turns)
