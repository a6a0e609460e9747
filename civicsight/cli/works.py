"""From the plan to what is bought and built: specifications without makers, and acceptance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from civicsight.cli.commands import VIOLATION, check_reading
from civicsight.cli.effects import require_effect
from civicsight.cli.inputs import reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_inputs import (
    READER,
    ReaderOption,
    VersionOption,
    WhichOption,
    read_version,
)
from civicsight.cli.show import print_notes, show_files
from civicsight.core.errors import N_, MismatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicsight.cli.session import Session
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.works.acceptance import Acceptance


OfPlanOption = Annotated[
    str | None,
    typer.Option(
        "--of-plan", help=str(N_("Folder of the plan, or the project file (or URL) that holds it."))
    ),
]
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

OF_PLAN: Final = dict.fromkeys(("plan", "version", "as_"), ("of_plan",))
"""Options that say which plan is meant, where one is."""

NONE_PLANNED: Final = N_(
    "No camera of this inventory is planned or approved, so nothing can be specified. Name the "
    "plan whose cameras are to be specified: --of-plan."
)
NONE_OF_PLAN: Final = N_(
    "The plan adds or changes no camera, so nothing can be specified. Draw up a plan with measures "
    "first: civicsight plan optimise."
)


@reads_city
def specify(
    ctx: typer.Context,
    *,
    reading: Any,
    out: OutOption = Path("out/specification"),
    of_plan: OfPlanOption = None,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    json_: JsonOption = False,
) -> None:
    """Write the specification of a plan."""
    from civicsight.planning.works.specification import COLUMNS
    from civicsight.planning.works.specification import specify as write_specification
    from civicsight.presentation.changed_inputs import describe_changed
    from civicsight.report.tables import write_csv

    session: Session = ctx.obj
    require_effect(ctx, OF_PLAN)
    result = check_reading(session, reading)
    stale: list[str] = []
    if of_plan is not None:
        made, _ = read_version(of_plan, plan, version, as_)
        stale = made.stale(result)
        result, _ = _planned(session, made, result)
    table = write_specification(result)
    if table.empty:
        raise MismatchError(NONE_PLANNED if of_plan is None else NONE_OF_PLAN)
    path = out / "specification.csv"
    with session.step(N_("Writing")):
        write_csv(path, table, COLUMNS)
    if json_:
        session.show_json({"cameras": len(table), "stale": stale}, [path])
        return
    for text in describe_changed(stale):
        session.print(text)
    session.print(N_("cameras specified: %(count)s", count=len(table)))
    show_files(session, [path])


@reads_city
def accept(
    ctx: typer.Context,
    *,
    reading: Any,
    measured: MeasuredOption,
    out: OutOption = Path("out/acceptance"),
    of_plan: OfPlanOption = None,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    json_: JsonOption = False,
) -> None:
    """Judge what was built."""
    from civicsight.inventory.filled_in import read_filled_in
    from civicsight.io.source_options import NOTHING, Declared
    from civicsight.planning.works.acceptance import accept as judge_built
    from civicsight.presentation.names import name_all
    from civicsight.report.acceptance import PROTOCOL, write_acceptance
    from civicsight.report.progress import FILLED

    session: Session = ctx.obj
    require_effect(ctx, OF_PLAN)
    result = check_reading(session, reading)
    said = reading[0].declared or NOTHING
    placed = Declared(said.datum, said.crs, local=said.local)
    where = {"crs": result.city.crs, "near": result.city.extent}
    table, report = read_filled_in("measured", measured, FILLED, placed, **where)
    print_notes(session, report.told())
    bound: dict[str, Any] = {}
    wanted: list[str] | None = None
    if of_plan is not None:
        made, root = read_version(of_plan, plan, version, as_)
        bound = {"root": root, "stale": made.stale(result)}
        result, wanted = _planned(session, made, result)
    found = judge_built(result, table, wanted=wanted)
    path = out / PROTOCOL
    with session.step(N_("Writing")):
        write_acceptance(path, found)
    names = name_all(result, session.language).parts
    _show_acceptance(session, found, bound, path, names, json_=json_)
    if found.outcome == "fail":
        raise typer.Exit(VIOLATION)


def _planned(session: Session, plan: Plan, result: CheckResult) -> tuple[CheckResult, list[str]]:
    """Return the check of the city as a plan leaves it, and the cameras it has something done to.

    Cameras that it takes out of the count are not measured.
    """
    from civicsight.coverage.check import check
    from civicsight.planning.record.plan import planned_city

    city = planned_city(result, plan.measures, plan.cameras)
    with session.step(N_("Computing what the planned cameras see")) as tick:
        planned = check(city, rules=result.rules, raster=False, progress=tick, before=result.parts)
    works = plan.works
    return planned, sorted(map(str, works.index[works["measure"].ne("drop")]))


def _show_acceptance(
    session: Session,
    found: Acceptance,
    bound: dict[str, Any],
    path: Path,
    names: Mapping[str, str],
    *,
    json_: bool,
) -> None:
    """Print what was found, by which plan, and by name what is no longer covered."""
    from civicsight.planning.judging.verdicts import OUTCOMES

    lost, gained = list(found.lost), list(found.gained)
    if json_:
        told = {
            "outcome": found.outcome,
            "cameras": found.by_camera,
            "lost": lost,
            "gained": gained,
            **bound,
        }
        session.show_json(told, [path])
        return
    _print_bound(session, bound)
    session.print(N_("acceptance: %(outcome)s", outcome=OUTCOMES[found.outcome]))
    count = Counter(found.by_camera.values())
    text = N_(
        "Cameras: accepted %(met)s, not accepted %(failed)s, cannot be told %(open)s.",
        met=count["pass"],
        failed=count["fail"],
        open=count["undetermined"],
    )
    session.print(text)
    session.print(
        N_(
            "parts no longer covered as built: %(lost)s; newly covered: %(gained)s",
            lost=len(lost),
            gained=len(gained),
        )
    )
    for label in lost:
        text = N_("promised and not met as built: %(part)s", part=names.get(label, label))
        session.print(text)
    show_files(session, [path])


def _print_bound(session: Session, bound: dict[str, Any]) -> None:
    """Say which plan was built, and whether its inputs are still as they were."""
    from civicsight.presentation.changed_inputs import describe_changed

    if not bound:
        return
    text = N_("Measured against the plan with the root %(root)s", root=bound["root"])
    session.print(text, whole=True)
    for text in describe_changed(bound["stale"]):
        session.print(text)
