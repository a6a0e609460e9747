"""From the plan to what is bought and built: specifications without makers, and acceptance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.commands import VIOLATION, run_check
from civicsight.cli.inputs import Inputs, read_inputs
from civicsight.cli.obstructing import app
from civicsight.cli.options import (
    CamerasArgument,
    CityArgument,
    CrsOption,
    JsonOption,
    NameOption,
    NightOption,
    OutOption,
    RulesOption,
    as_crs,
)
from civicsight.cli.show import show_files
from civicsight.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.check import CheckResult

__all__ = ["accept", "app", "specify"]

MeasuredOption = Annotated[
    Path,
    typer.Option(
        "--measured",
        "-m",
        help=str(
            N_(
                "What was measured of each camera, CSV or XLSX; 'civicsight template measured' "
                "writes one to fill in."
            )
        ),
    ),
]


@app.command(
    help=str(
        N_(
            "Write what planned cameras have to deliver: pixels, angles, light, interface; no "
            "maker and no model."
        )
    )
)
def specify(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    out: OutOption = Path("out/specification"),
    rules: RulesOption = None,
    crs: CrsOption = None,
    name: NameOption = None,
    night: NightOption = False,
    json_: JsonOption = False,
) -> None:
    """Write the specification of a plan."""
    from civicsight.planning.specification import COLUMNS
    from civicsight.planning.specification import specify as write_specification
    from civicsight.report.tables import write_csv

    session: Session = ctx.obj
    result = _check(session, Inputs(city, cameras, name=name, crs=as_crs(crs)), rules, night=night)
    table = write_specification(result)
    path = out / "specification.csv"
    with session.step(N_("Writing")):
        write_csv(path, table, COLUMNS)
    if json_:
        session.show_json({"cameras": len(table), "files": [str(path)]})
        return
    session.tell(N_("cameras specified: %(count)s", count=len(table)))
    show_files(session, [path])


@app.command(
    help=str(
        N_(
            "Compare what was built with what was planned, camera by camera, and compute the "
            "coverage as built."
        )
    )
)
def accept(
    ctx: typer.Context,
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    measured: MeasuredOption,
    out: OutOption = Path("out/acceptance"),
    rules: RulesOption = None,
    crs: CrsOption = None,
    name: NameOption = None,
    json_: JsonOption = False,
) -> None:
    """Judge what was built."""
    from civicsight.city.registers.papers import read_measured
    from civicsight.planning.acceptance import CHECKS
    from civicsight.planning.acceptance import accept as judge_built
    from civicsight.planning.verdicts import OUTCOMES
    from civicsight.report.tables import write_csv

    session: Session = ctx.obj
    result = _check(session, Inputs(city, cameras, name=name, crs=as_crs(crs)), rules, night=False)
    table, _ = read_measured(measured, crs=result.city.crs, near=result.city.extent)
    found = judge_built(result, table)
    path = out / "acceptance.csv"
    with session.step(N_("Writing")):
        write_csv(path, found.checks.set_index("camera_id"), CHECKS)
    figures: dict[str, Any] = {
        "outcome": found.outcome,
        "lost": list(found.lost),
        "gained": list(found.gained),
    }
    if json_:
        session.show_json({**figures, "files": [str(path)]})
    else:
        session.tell(N_("acceptance: %(outcome)s", outcome=OUTCOMES[found.outcome]))
        session.tell(
            N_(
                "parts no longer covered as built: %(lost)s; newly covered: %(gained)s",
                lost=len(found.lost),
                gained=len(found.gained),
            )
        )
        show_files(session, [path])
    if found.outcome == "fail":
        raise typer.Exit(VIOLATION)


def _check(
    session: Session, inputs: Inputs, rules: list[Path] | None, *, night: bool
) -> CheckResult:
    from civicsight.rules import load_packs

    place, inventory, _ = read_inputs(session, inputs)
    packs = load_packs(user=rules or ())
    return run_check(session, place, inventory, packs, None, raster=False, night=night)
