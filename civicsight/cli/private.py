"""Who looks into private places, and what ends it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from civicsight.cli.commands import run_check
from civicsight.cli.inputs import read_inputs, reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.show import show_files
from civicsight.core.errors import N_
from civicsight.core.settings import present_day

if TYPE_CHECKING:
    from civicsight.cli.session import Session


@reads_city
def privacy(
    ctx: typer.Context,
    *,
    reading: Any,
    out: OutOption = Path("out/privacy"),
    json_: JsonOption = False,
) -> None:
    """Clear exposed cameras."""
    from civicsight.io.packs import load_packs
    from civicsight.planning.judging.dossier import Dossier
    from civicsight.planning.judging.remediation import COLUMNS, clear_exposed
    from civicsight.report.tables import write_csv

    session: Session = ctx.obj
    inputs, rules, night = reading
    place, inventory, _ = read_inputs(session, inputs)
    packs = load_packs(user=rules or ())
    result = run_check(session, place, inventory, packs, None, raster=False, night=night)
    dossier = Dossier(result, present_day())
    with session.step(N_("Looking for what clears each camera")) as tick:
        table = clear_exposed(dossier, progress=tick)
    path = out / "privacy.csv"
    with session.step(N_("Writing")):
        notes = [None if note is None else session.translate(note) for note in table["note"]]
        write_csv(path, table.assign(note=notes), COLUMNS)
    exposure = dossier.exposure
    before, after = exposure.plan_m2(masked=False), exposure.plan_m2()
    if json_:
        figures = {"cameras": len(table), "before_m2": before, "after_m2": after}
        session.show_json(figures, [path])
        return
    session.print(N_("cameras that could look into private places: %(count)s", count=len(table)))
    session.print(
        N_(
            "private wall in view: %(before).0f m2 without masks, %(after).0f m2 with them",
            before=before,
            after=after,
        )
    )
    show_files(session, [path])
