"""What people decide on plans: review, opinions, approval; and the file that keeps it all."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.faults import reject
from civicsight.cli.inputs import may_read_city
from civicsight.cli.options import JsonOption
from civicsight.cli.plan_approved import file_at
from civicsight.cli.plan_inputs import (
    ActorOption,
    PlanArgument,
    RoleOption,
    StoreArgument,
    acting,
    actor_of,
    print_clock,
    run_check,
)
from civicsight.cli.show import show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicsight.cli.session import Session
    from civicsight.store import Plan


DateOption = Annotated[
    str, typer.Option("--date", help=str(N_("Day of the document, YYYY-MM-DD.")))
]
RootOption = Annotated[
    str,
    typer.Option(
        "--root",
        "--digest",
        help=str(
            N_(
                "Root of the version that was seen: all 64 signs, as page one of its paper has "
                "them where the approval is."
            )
        ),
    ),
]
FolderOption = Annotated[Path, typer.Option("--out", "-o", help=str(N_("Folder for the copy.")))]


def new(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ActorOption,
    name: Annotated[str, typer.Option("--name", help=str(N_("What people call the plan.")))],
    district: Annotated[
        str, typer.Option("--district", help=str(N_("County it is for; empty for the whole city.")))
    ] = "",
    department: Annotated[
        list[str] | None,
        typer.Option(
            "--department", help=str(N_("A department that has to give its opinion; repeat it."))
        ),
    ] = None,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Begin a plan."""
    with acting(ctx.obj, store, create=True) as opened:
        begun = opened.new_plan(
            actor_of(as_, role, "planner"),
            plan,
            name=name,
            district=district,
            departments=tuple(department or ()),
        )
    _show_state(ctx.obj, begun, json_=json_)


def submit(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ActorOption,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Take a plan one step on: a draft into joint review, a reviewed plan to its approval."""
    from civicsight.store import State, start_review
    from civicsight.store import submit as hand_in

    actor = actor_of(as_, role, "planner")
    with acting(ctx.obj, store) as opened:
        head = opened.plan(actor, plan)
        move = start_review if head.state in (State.DRAFT, State.RETURNED) else hand_in
        moved = move(opened, actor, plan, base_rev=head.rev)
    _show_state(ctx.obj, moved, json_=json_)


def opinion(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ActorOption,
    department: Annotated[str, typer.Option("--department", help=str(N_("Who says it.")))],
    text: Annotated[str, typer.Option("--text", help=str(N_("What is said.")))],
    root: RootOption,
    date: DateOption,
    reply: Annotated[
        str, typer.Option("--reply", help=str(N_("Whether it agrees: agree, remark or disagree.")))
    ] = "",
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Record an opinion."""
    from civicsight.store import give_opinion

    actor = actor_of(as_, role, "reviewer")
    with acting(ctx.obj, store) as opened:
        give_opinion(
            opened,
            actor,
            plan,
            digest=root,
            department=department,
            dated_on=date,
            text=text,
            reply=reply,
        )
        head = opened.plan(actor, plan)
    _show_state(ctx.obj, head, json_=json_)


def send_back(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ActorOption,
    reason: Annotated[str, typer.Option("--reason", help=str(N_("What has to be mended.")))],
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Return a plan."""
    from civicsight.store import send_back as give_back

    actor = actor_of(as_, role, "municipal_approver")
    with acting(ctx.obj, store) as opened:
        head = opened.plan(actor, plan)
        moved = give_back(opened, actor, plan, base_rev=head.rev, reason=reason)
    _show_state(ctx.obj, moved, json_=json_)


@may_read_city
def approve(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    reading: Any,
    as_: ActorOption,
    body: Annotated[str, typer.Option("--body", help=str(N_("Who approved it.")))],
    number: Annotated[str, typer.Option("--number", help=str(N_("Number of the document.")))],
    date: DateOption,
    scan: Annotated[
        Path,
        typer.Option(
            "--scan",
            help=str(
                N_("The scanned document: PDF, JPEG, PNG, TIFF or OFD; its digest is computed.")
            ),
        ),
    ],
    paper: Annotated[
        Path | None,
        typer.Option(
            "--paper",
            help=str(
                N_(
                    "File that the paper was printed from, in place of --root: the sheet of the "
                    "decision, the page of the plan, a copy of the version, or its package."
                )
            ),
        ),
    ] = None,
    root: RootOption = "",
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Record an approval."""
    from civicsight.application.approving import describe_known, require_city, weigh_grounds
    from civicsight.application.review import version_in
    from civicsight.store import approve as decide
    from civicsight.store import describe_name, describe_unjudged, file_digest
    from civicsight.store.audit import Head

    actor = actor_of(as_, role, "municipal_approver")
    session: Session = ctx.obj
    if paper is not None and root:
        reject("option.paper", field="--paper", found=paper.name)
    scanned = file_at(scan)
    with acting(session, store) as opened:
        if paper is not None:
            printed = file_at(paper, whole=True)
            known = opened.list_versions(actor, plan)
            root = version_in(printed.name, printed.content, known).digest
        grounds = None
        if reading is not None:
            version = opened.read_version(actor, plan)
            base = file_digest(reading[0].city)
            result = run_check(session, reading)
            grounds = weigh_grounds(version, result, base)
            for text in describe_known(result, public=grounds.is_public):
                session.print(text)
        elif versions := opened.list_versions(actor, plan):
            require_city(opened.name, plan, versions[-1].inputs)
        found = decide(
            opened,
            actor,
            plan,
            digest=root,
            body=body,
            document_number=number,
            dated_on=date,
            scan=scanned,
            **({} if grounds is None else grounds.held()),
        )
        head = opened.plan(actor, plan)
    _show_state(session, head, json_=json_)
    if not json_:
        end = Head(found.head_entry, found.head_hash).describe()
        printed_on = N_("To be printed on the approval: %(line)s", line=end)
        for text in (describe_name(found), describe_unjudged(found), printed_on):
            session.err.print(
                session.translate(text), markup=False, highlight=False, soft_wrap=True
            )


def backup(
    ctx: typer.Context,
    store: StoreArgument,
    *,
    as_: ActorOption,
    out: FolderOption = Path("out/backup"),
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Back a project file up."""
    from civicsight.store import backup as copy

    session: Session = ctx.obj
    with acting(session, store) as opened, session.step(N_("Writing")):
        path = copy(opened, actor_of(as_, role, "admin"), out)
    show_files(session, [path], json_=json_)


def transfer(
    ctx: typer.Context,
    store: Annotated[
        str, typer.Argument(help=str(N_("File of plans, or URL of a database, to copy from.")))
    ],
    target: Annotated[
        str, typer.Argument(help=str(N_("File or URL to copy to, which holds no plans yet.")))
    ],
    *,
    as_: ActorOption,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Copy a store."""
    from civicsight.store import copy_store

    session: Session = ctx.obj
    step = N_("Copying the plans, and comparing both sides")
    with acting(session, store) as own, session.step(step):
        found = copy_store(own, target, actor_of(as_, role, "admin"))
    if json_:
        counts = {"plans": found.plans, "versions": found.versions, "entries": found.entries}
        session.show_json({**counts, "head": found.head.hash})
        return
    text = N_(
        "Plans: %(plans)s, versions: %(versions)s, entries of the audit: %(entries)s; the same on "
        "both sides. End of the audit: %(hash)s",
        plans=found.plans,
        versions=found.versions,
        entries=found.entries,
        hash=found.head.hash,
    )
    session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)


def restore(
    ctx: typer.Context,
    copy: Annotated[Path, typer.Argument(help=str(N_("The backup.")))],
    store: StoreArgument,
    *,
    as_: ActorOption,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Bring a backup back."""
    from civicsight.store import restore as bring_back

    session: Session = ctx.obj
    with acting(session, str(copy)), session.step(N_("Writing")):
        kept = bring_back(copy, store, actor_of(as_, role, "admin"))
    if json_:
        session.show_json({"kept": None if kept is None else str(kept)}, [Path(store)])
        return
    if kept is not None:
        session.print(N_("What was there is kept as %(file)s", file=kept.name))
    show_files(session, [Path(store)])


def audit(
    ctx: typer.Context,
    store: StoreArgument,
    *,
    as_: ActorOption,
    plan: Annotated[
        str | None, typer.Option("--plan", help=str(N_("Acts on this plan alone.")))
    ] = None,
    expect: Annotated[
        str,
        typer.Option(
            "--expect-head",
            help=str(
                N_(
                    "Digest from an approval, a paper or a backup, with the number of its entry "
                    "before it if that is known: it has to be there."
                )
            ),
        ),
    ] = "",
    pin: Annotated[
        list[Path] | None,
        typer.Option(
            "--pin",
            help=str(
                N_(
                    "File that left these plans and says the end of the audit: a hand-over "
                    "package, approval.json, audit.json, a page. Repeat it."
                )
            ),
        ),
    ] = None,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Verify a project file and list its audit."""
    from civicsight.application.review import ends_in
    from civicsight.store import verify
    from civicsight.store.ends import describe_outside, read_ends
    from civicsight.store.handover import EXPORTED, HANDED
    from civicsight.store.verify import clock_steps
    from civicsight.store.versions import TAKEN

    session: Session = ctx.obj
    actor = actor_of(as_, role, "auditor")
    comparing = N_("Comparing what is kept with what was written")
    with acting(session, store) as own, session.step(comparing):
        kept = read_ends(expect.encode(), "--expect-head") if expect else ()
        for file in (file_at(path, whole=True) for path in pin or ()):
            kept += ends_in(file.name, file.content, own.end(actor))
        found = verify(own, actor, ends=kept)
        entries, times = own.history(actor, plan), own.times(actor, plan)
    rows = [
        {
            "at": entry.at,
            "actor": entry.actor,
            "action": str(entry.action),
            "plan": entry.plan_id,
            "refused": "refused" in entry.says,
            "hash": entry.hash,
            "appointed": entry.says.get("appointed"),
            "user": entry.says.get("user"),
            "signed_in": entry.says.get("signed_in"),
            "taken": entry.says.get(TAKEN),
            "handover": entry.says.get(HANDED),
            "exported": entry.says.get(EXPORTED),
        }
        for entry in entries
    ]
    if json_:
        steps = [asdict(step) for step in clock_steps(times)]
        outside = [{"entry": end.seq, "digest": end.hash} for end in kept]
        session.show_json(
            {
                "head": found.head.hash,
                "entry": found.head.seq,
                "outside": outside,
                "entries": rows,
                "clock_set_back": steps,
            }
        )
        return
    for row in rows:
        session.out.print(_entry_line(session, row), markup=False, highlight=False)
    linked = N_("Each entry follows the one before. %(end)s", end=found.head.describe())
    for text in (linked, describe_outside(kept)):
        session.err.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)
    print_clock(session, times)


def _entry_line(session: Session, row: Mapping[str, Any]) -> str:
    """Say what was done, by whom, when by the clock here, and what is to be known of it."""
    from civicsight.presentation.lexicon import clock
    from civicsight.store import ACT_LABELS
    from civicsight.store.handover import EXPORTED, HANDED, describe_exchange
    from civicsight.store.versions import TAKEN

    marks = [N_("refused")] if row["refused"] else []
    claimed = row["appointed"] is False and not row["signed_in"]
    marks += [N_("only claimed")] if claimed else []
    marks += [N_("user %(name)s", name=row["user"])] if row["user"] else []
    marks += describe_exchange(
        {TAKEN: row["taken"], HANDED: row["handover"], EXPORTED: row["exported"]}
    )
    told = ", ".join(map(session.translate, marks))
    known = ACT_LABELS.get(str(row["action"]))
    done = row["action"] if known is None else session.translate(known)
    return f"{clock(row['at'])}  {row['actor']}  {done}  {row['plan'] or ''}  {told}".rstrip()


def _show_state(session: Session, plan: Plan, *, json_: bool) -> None:
    """Print where a plan stands."""
    figures: dict[str, Any] = {
        "plan": plan.plan_id,
        "state": str(plan.state),
        "version": plan.version,
        "root": plan.digest,
    }
    if json_:
        session.show_json(figures)
        return
    text = N_(
        "%(plan)s: %(state)s, version %(version)s, root %(root)s",
        plan=plan.name,
        state=STATE_LABELS[str(plan.state)],
        version=plan.version,
        root=plan.digest or "–",
    )
    session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)


STATE_LABELS = {
    "draft": N_("draft"),
    "joint_review": N_("in joint review"),
    "submitted": N_("submitted"),
    "returned": N_("returned"),
    "approved": N_("approved"),
    "in_implementation": N_("being built"),
    "superseded": N_("superseded"),
}
