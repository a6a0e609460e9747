"""Consultation: what departments are asked, what they answered, and how that was settled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.inputs import reads_city
from civicsight.cli.options import AcceptOption, JsonOption, OutOption, RulesOption
from civicsight.cli.plan_approved import file_at
from civicsight.cli.plan_inputs import (
    READER,
    ActorOption,
    PlanArgument,
    ReaderOption,
    RoleOption,
    StoreArgument,
    acting,
    actor_of,
    is_public,
    run_check,
)
from civicsight.cli.show import show_files, show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from civicsight.cli.session import Session
    from civicsight.planning.record.consultation import Package

FromStoreOption = Annotated[
    str, typer.Option("--from", help=str(N_("The project file that holds the plans, or a URL.")))
]
PlanIdOption = Annotated[
    str, typer.Option("--plan", help=str(N_("The id of the plan in the project file.")))
]
FilesArgument = Annotated[
    list[Path], typer.Argument(help=str(N_("Workbooks that came back, one of each department.")))
]


MarkOption = Annotated[
    str,
    typer.Option(
        "--mark",
        help=str(
            N_(
                "Mark of handling on every page, sheet and file name: internal, confidential, "
                "secret or top_secret."
            )
        ),
    ),
]


def require_mark(mark: str) -> str:
    """Return a mark, or none.

    Raises
    ------
    typer.BadParameter
        If there is no such mark.
    """
    from civicsight.report.marking import MARKS

    if mark and mark not in MARKS:
        raise typer.BadParameter(", ".join(MARKS), param_hint="--mark")
    return mark


@reads_city
def consult(
    ctx: typer.Context,
    *,
    reading: Any,
    source: FromStoreOption,
    plan: PlanIdOption,
    as_: ReaderOption = READER,
    role: RoleOption = None,
    mark: MarkOption = "",
    out: OutOption = Path("out/consultation"),
    json_: JsonOption = False,
) -> None:
    """Write what each department is asked."""
    from civicsight.application.consultation import ask_about, read_stand
    from civicsight.planning.record.consultation import packages, plan_in, unplaced
    from civicsight.report.consultation import write_packages
    from civicsight.report.plan.teller import teller_of

    session: Session = ctx.obj
    actor = actor_of(as_, role, "analyst")
    with acting(session, source) as opened:
        head, version = opened.plan(actor, plan), opened.read_version(actor, plan)
        asked = ask_about(head, read_stand(opened, actor, head), opened.end(actor))
    made = plan_in(version.documents)
    result = run_check(session, reading, public=is_public(made))
    found = packages(made, result, head.departments, session.language)
    with session.step(N_("Writing")) as tick:
        files = write_packages(
            found,
            asked,
            teller_of(made, result, session.language),
            out,
            mark=require_mark(mark),
            progress=tick,
        )
    _show_packages(session, found, made.stale(result), unplaced(made, result), files, json_=json_)


def _show_packages(
    session: Session,
    found: tuple[Package, ...],
    stale: list[str],
    lost: int,
    files: list[Path],
    *,
    json_: bool,
) -> None:
    from civicsight.presentation.changed_inputs import describe_changed

    if json_:
        listed = [
            {
                "department": one.department,
                "named": one.is_named,
                "points": len(one.points),
                "listed": one.consulted is not None,
            }
            for one in found
        ]
        session.show_json({"departments": listed, "stale": stale, "unplaced": lost}, files)
        return
    for text in describe_changed(stale):
        session.print(text)
    if lost:
        text = N_(
            "Points whose places this city does not have, so that nobody can say whom they "
            "concern: %(count)s",
            count=lost,
        )
        session.print(text)
    headings = (N_("Department that is asked"), N_("Points"), N_("Named by the plan"))
    rows = [
        (one.department, len(one.points), N_("yes") if one.is_named else N_("no")) for one in found
    ]
    show_table(session, headings, rows, (1,))
    show_files(session, files)


def replies(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    paths: FilesArgument,
    *,
    as_: ActorOption,
    rules: RulesOption = None,
    accept: AcceptOption = False,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Take the answers of departments back."""
    from civicsight.application.consultation import read_answers
    from civicsight.io.packs import load_packs
    from civicsight.planning.record.consultation import plan_in
    from civicsight.store import Brought, take_replies

    session: Session = ctx.obj
    actor = actor_of(as_, role, "reviewer")
    with acting(session, store) as opened:
        head, version = opened.plan(actor, plan), opened.read_version(actor, plan)
        with session.step(N_("Reading the answers")):
            files = [(path.name, path) for path in paths]
            law = load_packs(user=rules or ())
            read = read_answers(files, plan_in(version.documents), head, law)
        brought = [
            Brought(name, said, file_at(path))
            for path, (name, said, _) in zip(paths, read, strict=True)
        ]
        taken = take_replies(opened, actor, plan, brought, digest=head.digest) if accept else ()
    _show_replies(session, read, taken, json_=json_)


def _show_replies(session: Session, read: list[Any], taken: Sequence[Any], *, json_: bool) -> None:
    from civicsight.planning.record.opinions import REPLIES

    rows = [
        {
            "department": name,
            "reply": next(one.reply for one in said if not one.subject),
            "agreed": sum(one.reply == "agree" and bool(one.subject) for one in said),
            "opinions": sum(one.reply != "agree" for one in said),
            "unanswered": silent,
        }
        for name, said, silent in read
    ]
    if json_:
        numbers = [[one.opinion, *one.remarks] for one in taken]
        session.show_json({"answers": rows, "kept": numbers})
        return

    asked = N_("Department that is asked")
    headings = (
        asked,
        N_("Answer to the plan as a whole"),
        N_("Points it agrees to"),
        N_("Opinions"),
        N_("Points without an answer"),
    )
    told = [
        (
            row["department"],
            REPLIES[row["reply"]],
            row["agreed"],
            row["opinions"],
            row["unanswered"],
        )
        for row in rows
    ]
    show_table(session, headings, told, (2, 3, 4))
    if not taken:
        session.print(N_("Nothing was kept. To keep them, repeat with --accept."))
        return
    for name, one in zip((row["department"] for row in rows), taken, strict=True):
        kept = ", ".join(map(str, (one.opinion, *one.remarks)))
        text = N_("%(department)s: kept as %(numbers)s", department=name, numbers=kept)
        session.out.print(session.translate(text), markup=False, highlight=False)


def settle(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    number: Annotated[int, typer.Argument(help=str(N_("Number of the opinion, from the list.")))],
    *,
    as_: ActorOption,
    adopted: Annotated[
        str, typer.Option("--adopted", help=str(N_("adopted, partly (in part) or refused (not).")))
    ],
    reason: Annotated[
        str, typer.Option("--reason", help=str(N_("What was changed, or why it was not.")))
    ],
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Settle an opinion of a department."""
    from civicsight.application.consultation import read_stand
    from civicsight.store import settle_opinion

    session: Session = ctx.obj
    actor = actor_of(as_, role, "planner")
    with acting(session, store) as opened:
        head = opened.plan(actor, plan)
        kept = settle_opinion(
            opened, actor, plan, number, digest=head.digest, adopted=adopted, reason=reason
        )
        stand = read_stand(opened, actor, head)
    left = sum(len(one.open) for one in stand)
    if json_:
        session.show_json({"settled": number, "entry": kept, "open": left})
        return
    text = N_(
        "Settled: %(number)s; opinions that are not settled: %(left)s", number=number, left=left
    )
    session.out.print(session.translate(text), markup=False, highlight=False)


def adoption(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ReaderOption = READER,
    role: RoleOption = None,
    mark: MarkOption = "",
    out: OutOption = Path("out/adoption"),
    json_: JsonOption = False,
) -> None:
    """Write how opinions were adopted."""
    from dataclasses import asdict

    from civicsight.application.consultation import ask_about, read_stand
    from civicsight.report.adoption import names_in, reply_of, summary_of, write_adoption

    session: Session = ctx.obj
    actor = actor_of(as_, role, "analyst")
    with acting(session, store) as opened:
        head = opened.plan(actor, plan)
        stand = read_stand(opened, actor, head)
        names = names_in(opened.read_version(actor, plan).documents) if head.version else {}
        asked = ask_about(head, stand, opened.end(actor))
    with session.step(N_("Writing")):
        files = write_adoption(stand, asked, out, names=names, mark=require_mark(mark))
    if json_:
        session.show_json({"departments": [asdict(one) for one in stand]}, files)
        return
    stage = N_("Stage: %(stage)s", stage=asked.stage)
    for text in (stage, *summary_of(stand)):
        session.out.print(session.translate(text), markup=False, highlight=False)
    # Print the opinions that nobody has settled, with the numbers by which they are.

    rows = [
        (
            voiced.number,
            one.department,
            voiced.subject or N_("the plan"),
            reply_of(voiced),
            voiced.text,
        )
        for one in stand
        for voiced in one.open
    ]
    if rows:
        headings = (
            N_("Number"),
            N_("Department that is asked"),
            N_("On what"),
            N_("Answer"),
            N_("Opinion"),
        )
        show_table(session, headings, rows, (0,))
    show_files(session, files)


@reads_city
def edition(
    ctx: typer.Context,
    *,
    reading: Any,
    source: FromStoreOption,
    plan: PlanIdOption,
    for_: Annotated[
        str, typer.Option("--for", help=str(N_("Whom it is for: full, finance, works or public.")))
    ],
    as_: ReaderOption = READER,
    role: RoleOption = None,
    mark: MarkOption = "",
    out: OutOption = Path("out/edition"),
    json_: JsonOption = False,
) -> None:
    """Write an edition of a plan."""
    from civicsight.application.consultation import ask_about, read_stand
    from civicsight.planning.judging.secrecy import count_unsaid, describe_unstated
    from civicsight.planning.record.consultation import plan_in
    from civicsight.presentation.changed_inputs import describe_changed
    from civicsight.report.editions import EDITIONS, NOT_MARKED, PUBLIC, write_edition
    from civicsight.report.plan.teller import teller_of

    session: Session = ctx.obj
    if for_ not in EDITIONS:
        raise typer.BadParameter(", ".join(EDITIONS), param_hint="--for")
    if require_mark(mark) and for_ == PUBLIC:
        raise typer.BadParameter(session.translate(NOT_MARKED), param_hint="--mark")
    actor = actor_of(as_, role, "analyst")
    with acting(session, source) as opened:
        head, version = opened.plan(actor, plan), opened.read_version(actor, plan)
        asked = ask_about(head, read_stand(opened, actor, head), opened.end(actor))
    made = plan_in(version.documents)
    result = run_check(session, reading, public=is_public(made))
    if for_ == PUBLIC and not is_public(made):
        for text in describe_unstated(result.cameras):
            session.print(text)
    with session.step(N_("Writing")):
        teller = teller_of(made, result, session.language)
        files = write_edition(for_, asked, teller, out, mark=mark)
    stale = made.stale(result)
    if json_:
        unsaid = count_unsaid(result.cameras)
        session.show_json({"stale": stale, "secrecy_unsaid": unsaid}, files)
        return
    for text in describe_changed(stale):
        session.print(text)
    show_files(session, files)
