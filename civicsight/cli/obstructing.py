"""The permit check: what proposed facilities take from the cameras that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.commands import VIOLATION
from civicsight.cli.inputs import read_inputs, reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.show import print_notes, show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from civicsight.cli.session import Session
    from civicsight.coverage.obstruction import Permit
    from civicsight.coverage.result import CheckResult
    from civicsight.model import City
    from civicsight.rules import Rules


ProposalOption = Annotated[
    Path,
    typer.Option(
        "--proposal",
        "-p",
        help=str(
            N_(
                "Proposed facilities, CSV, XLSX or vector layer; 'civicsight template proposals' "
                "writes one to fill in."
            )
        ),
    ),
]
SeasonOption = Annotated[
    str, typer.Option("--season", help=str(N_("Which leaves hang in the trees: summer or winter.")))
]
YearsOption = Annotated[
    int | None,
    typer.Option(
        "--years",
        min=0,
        max=50,
        help=str(N_("How many years trees are followed; by default as the rule packs ask.")),
    ),
]


@reads_city
def obstruct(
    ctx: typer.Context,
    *,
    reading: Any,
    proposal: ProposalOption,
    out: OutOption = Path("out/permits"),
    season: SeasonOption = "summer",
    years: YearsOption = None,
    json_: JsonOption = False,
) -> None:
    """Check proposed facilities and write their sheets; what is declared is about their list."""
    from civicsight.io import read_proposals
    from civicsight.io.packs import load_packs
    from civicsight.io.source_options import NOTHING
    from civicsight.scene.bodies import SEASONS

    session: Session = ctx.obj
    inputs, rules, night = reading
    if season not in SEASONS:
        raise typer.BadParameter(", ".join(SEASONS), param_hint="--season")
    packs = load_packs(user=rules or ())
    place, inventory, _ = read_inputs(session, replace(inputs, declared=NOTHING))
    keep, declared = inputs.keep_good, inputs.declared or NOTHING
    with session.step(N_("Reading the proposals")):
        proposals, report = read_proposals(proposal, near=place, declared=declared, keep_good=keep)
    print_notes(session, report.told())
    result = _check(session, place, inventory, packs, season, night=night)
    permits = _permits(session, result, proposals, season, years)
    _print_losses(session, result, permits, out, json_=json_)


def _print_losses(
    session: Session, result: CheckResult, permits: Sequence[Permit], out: Path, *, json_: bool
) -> None:
    """Write and print what was found, and end with the exit code of a facility that harms."""
    from civicsight.report.licence import describe_editions
    from civicsight.report.permit_files import write_permits

    with session.step(N_("Writing")) as tick:
        files = write_permits(result, permits, out, progress=tick)
    if json_:
        packs = [
            {
                "pack": pack.id,
                "version": pack.version,
                "released": pack.released,
                "in_force": pack.instrument.in_force,
                "status": pack.instrument.status,
            }
            for pack in result.rules.packs
        ]
        session.show_json({"permits": [*map(figures_of, permits)], "law": packs}, files)
    else:
        _show(session, permits)
        days = [each.facility.planned_on for each in permits if each.facility.planned_on]
        for text in describe_editions(result.rules, session.language, min(days, default="")):
            session.out.print(
                session.translate(text), markup=False, highlight=False, soft_wrap=True
            )
        show_files(session, files)
    if any(permit.verdict == "refused" for permit in permits):
        raise typer.Exit(VIOLATION)


def figures_of(permit: Permit) -> dict[str, Any]:
    """Return what a permit check found, as plain numbers that JSON can hold."""
    from civicsight.coverage.obstruction import worst_share
    from civicsight.report.permit_page import limits_of

    loss = permit.loss
    limits = limits_of(permit).replace([float("inf")], None).astype(object)
    return {
        "proposal_id": permit.facility.id,
        "kind": permit.facility.kind,
        "harms": permit.holds,
        "verdict": permit.verdict,
        "view_lost": worst_share(permit.outlook) if permit.looked else None,
        "view_tolerated": permit.tolerance,
        "cameras": sorted(set(loss.cameras["camera_id"])),
        "losses": loss.cameras.to_dict("records"),
        "parts": loss.parts.to_dict("records"),
        "share_lost": dict(zip(loss.totals["reading"], loss.totals["share_lost"], strict=True))
        if permit.looked
        else None,
        "limits": limits.where(limits.notna(), None).to_dict("records"),
        "growth": permit.growth.to_dict("records"),
        "lost_m2": {name: lost.lost_m2 for name, lost in permit.ground.items()},
    }


def _check(
    session: Session, place: City, cameras: Any, rules: Rules, season: str, *, night: bool
) -> CheckResult:
    from civicsight.coverage.check import check

    with session.step(N_("Computing what the cameras see")) as tick:
        return check(
            place,
            cameras,
            rules=rules,
            raster=False,
            night=night,
            season=season,  # type: ignore[arg-type]  # checked by the command
            progress=tick,
        )


def _permits(
    session: Session,
    result: CheckResult,
    proposals: gpd.GeoDataFrame,
    season: str,
    years: int | None,
) -> tuple[Permit, ...]:
    from civicsight.coverage.obstruction import obstruct as check_permits

    with session.step(N_("Trying the facilities")) as tick:
        return check_permits(
            result,
            proposals,
            season=season,  # type: ignore[arg-type]  # checked by the command
            years=years,
            ground=True,
            progress=tick,
        )


def _show(session: Session, permits: Sequence[Permit]) -> None:
    """Print what a person wants to know first of each facility."""
    from civicsight.report.permit_files import brief_permit

    for permit in permits:
        for line in brief_permit(permit, session.language):
            session.out.print(line, markup=False, highlight=False)
