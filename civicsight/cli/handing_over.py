"""A plan handed over to another installation, and taken over or brought back from one."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.faults import reject
from civicsight.cli.options import AcceptOption, JsonOption, OutOption
from civicsight.cli.plan_inputs import ActorOption, RoleOption, acting, actor_of
from civicsight.cli.show import show_files, show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicsight.application.bringing_back import Held
    from civicsight.cli.session import Session
    from civicsight.store import Actor, Package

ProjectArgument = Annotated[
    Path, typer.Argument(help=str(N_("The project in which the plan is drawn, .gpkg.")))
]
PackageArgument = Annotated[
    Path, typer.Argument(help=str(N_("The hand-over package, as it came.")))
]
TargetArgument = Annotated[
    Path,
    typer.Argument(
        help=str(
            N_(
                "The project that has the plan; where there is no such file, it is begun with the "
                "package."
            )
        )
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", help=str(N_("File of plans or URL; by default that beside the project."))
    ),
]
RootOption = Annotated[
    str,
    typer.Option(
        "--root",
        help=str(
            N_(
                "Root of the package from its sheet, all 64 digits; without it a signature that is "
                "trusted here has to prove the package."
            )
        ),
    ),
]
UnprovenOption = Annotated[
    bool,
    typer.Option(
        "--unproven",
        help=str(
            N_("Take the package over although nothing proves it; the audit keeps that it was so.")
        ),
    ),
]
SettleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--settle",
        help=str(
            N_(
                "What holds for something that was changed on both sides: ID=ours, ID=theirs or "
                "ID=both; repeat it."
            )
        ),
    ),
]


def handover(
    ctx: typer.Context,
    project: ProjectArgument,
    plan: Annotated[str, typer.Argument(help=str(N_("The id of the plan.")))],
    *,
    as_: ActorOption,
    store: StoreOption = None,
    to: Annotated[str, typer.Option("--to", help=str(N_("To whom it is handed over.")))] = "",
    note: Annotated[str, typer.Option("--note", help=str(N_("What is said with it.")))] = "",
    role: RoleOption = None,
    out: OutOption = Path("out/handover"),
    json_: JsonOption = False,
) -> None:
    """Hand a plan over."""
    from civicsight.application.handing_over import pack_plan
    from civicsight.report.handover import write_handover

    session: Session = ctx.obj
    actor = actor_of(as_, role, "planner")
    with acting(session, store or str(plans_at(project))) as opened:
        made = pack_plan(opened, actor, plan, project, to=to, note=note)
    with session.step(N_("Writing")):
        written = write_handover(made.files, made.told, out, name=made.name)
    if json_:
        session.show_json({"root": made.root}, written)
        return
    text = N_("Root of the package: %(root)s", root=made.root)
    session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)
    show_files(session, written)


def takeover(
    ctx: typer.Context,
    package: PackageArgument,
    project: TargetArgument,
    *,
    as_: ActorOption,
    store: StoreOption = None,
    root: RootOption = "",
    settle: SettleOption = None,
    reason: Annotated[
        str, typer.Option("--reason", help=str(N_("Why it is settled so; the audit keeps it.")))
    ] = "",
    accept: AcceptOption = False,
    unproven: UnprovenOption = False,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Take a package over."""
    from civicsight.application.bringing_back import (
        hold_against,
        require_meant,
        require_project,
        take_over,
    )
    from civicsight.application.handing_over import desk_at, has_plan, open_package

    session: Session = ctx.obj
    actor = actor_of(as_, role, "planner")
    with session.step(N_("Reading the package")):
        found = open_package(package, root=root)
    begin = partial(
        _begin,
        session,
        found,
        package.name,
        project,
        store,
        actor,
        accept=accept,
        unproven=unproven,
        json_=json_,
    )
    if not project.exists():
        begin()
        return
    settled = _decisions(settle or [])
    with session.step(N_("Reading the project")):
        desk = desk_at(project)
    require_project(found, desk, package.name)
    if not has_plan(store or plans_at(project), actor, found.plan.plan_id):
        begin()
        return
    with acting(session, store or str(plans_at(project))) as opened:
        held = hold_against(opened, actor, found, desk, package.name)
        require_meant(held, settled)
        if accept and held.brings_something:
            take_over(opened, actor, held, settled, reason=reason, unproven=unproven)
        plan = opened.plan(actor, held.plan.plan_id)
    _show(session, held, settled, plan.version, accepted=accept, json_=json_)


def plans_at(project: Path) -> Path:
    """Return where the plans of a project are kept."""
    from civicsight.editing.projects import plans_beside

    return plans_beside(project)


def _decisions(texts: list[str]) -> dict[str, str]:
    """Return which side holds, by id.

    Raises
    ------
    typer.BadParameter
        If one is not ID=SIDE.
    InputError
        If an id has two sides.
    """
    found: dict[str, str] = {}
    for text in texts:
        label, _, side = text.rpartition("=")
        if not label:
            form = "ID=ours, ID=theirs, ID=both"
            raise typer.BadParameter(form, param_hint="--settle")
        if found.setdefault(label, side) != side:
            twice = f"{label}={found[label]}, {text}"
            reject("option.settle", field="--settle", found=twice)
    return found


def _begin(
    session: Session,
    package: Package,
    source: str,
    project: Path,
    store: str | None,
    actor: Actor,
    *,
    accept: bool,
    unproven: bool,
    json_: bool,
) -> None:
    """Begin a project with a package, or say what it would be."""
    from civicsight.application.handing_over import begin_with
    from civicsight.editing.projects import keep_handed
    from civicsight.store import open_store

    def keep(place: Path) -> None:
        with open_store(store or place, create=True) as opened:
            begin_with(opened, actor, package, source, unproven=unproven)

    if accept and project.exists():
        keep(plans_at(project))
    elif accept:
        keep_handed(project, package.project, package.law, keep)
    figures = {
        "plan": package.plan.plan_id,
        "version": package.head.n,
        "root": package.root,
        "begun": accept,
        "proof": asdict(package.proof),
    }
    if json_:
        session.show_json(figures)
        return
    _print_package(session, package)
    if accept:
        show_files(session, [project])
    else:
        session.print(
            N_("Nothing was written. To begin the project with it, repeat with --accept.")
        )


def _print_package(session: Session, package: Package) -> None:
    """Print what a package is."""
    from civicsight.application.handing_over import describe

    for text in describe(package):
        session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)


def _show(
    session: Session,
    held: Held,
    settled: Mapping[str, str],
    version: int,
    *,
    accepted: bool,
    json_: bool,
) -> None:
    """Print what either side changed, and what is still to be settled."""
    from civicsight.application.bringing_back import SIDES, STATES, describe_fields, side_of
    from civicsight.editing.merging import CONFLICT

    if json_:
        subjects = [
            {"id": one.label, "state": one.state, "decision": side_of(one, settled)}
            | ({} if one.remark is None else asdict(one.remark))
            for one in held.subjects
        ]
        remarks = sum(one.remark is not None for one in held.subjects)
        session.show_json(
            {
                "plan": held.plan.plan_id,
                "version": version,
                "root": held.package.root,
                "proof": asdict(held.package.proof),
                "base": held.base,
                "subjects": subjects,
                "remarks": remarks,
            }
        )
        return
    _print_package(session, held.package)
    text = N_("Both parted at version %(number)s of ours.", number=held.base)
    session.out.print(session.translate(text), markup=False, highlight=False)
    told: list[tuple[Any, ...]] = [
        (one.label, STATES[one.state], SIDES.get(side_of(one, settled)) or N_("still open"))
        for one in held.subjects
    ]
    show_table(session, (N_("Id"), N_("Who changed it"), N_("What holds")), told)
    rows = [
        (one.label, *cells)
        for one in held.subjects
        if one.state == CONFLICT or one.remark is not None
        for cells in describe_fields(held, one, session.translate)
    ]
    headings = (
        N_("Id"),
        N_("Layer"),
        N_("What"),
        N_("As both knew it"),
        SIDES["ours"],
        SIDES["theirs"],
    )
    if rows:
        show_table(session, headings, rows)
    if not accepted:
        session.print(
            N_("Nothing was written. To accept, settle what is open and repeat with --accept.")
        )
    elif held.brings_something:
        session.print(N_("Kept as version %(number)s.", number=version))
    else:
        session.print(N_("The package brings nothing that is not here."))
