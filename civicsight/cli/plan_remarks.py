"""Remarks on a plan: leave and answer them, list them as threads, take a file out of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.effects import require_effect
from civicsight.cli.options import JsonOption
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
)
from civicsight.cli.show import show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session


def remark(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ActorOption,
    text: Annotated[str, typer.Option("--text", help=str(N_("What is said.")))],
    on: Annotated[
        str, typer.Option("--on", help=str(N_("Id of a camera or a place; empty for the plan.")))
    ] = "",
    to: Annotated[
        int, typer.Option("--to", help=str(N_("Number of the remark that this one answers.")))
    ] = 0,
    settled: Annotated[
        bool | None,
        typer.Option(
            "--settled/--reopened", help=str(N_("Settle the thread with it, or open it again."))
        ),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", help=str(N_("A document or a picture to attach; repeat it."))),
    ] = None,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Leave a remark, or answer one."""
    from civicsight.store import leave_remark

    session: Session = ctx.obj
    require_effect(ctx, {"settled": ("to",)})
    actor = actor_of(as_, role, "reviewer")
    files = [file_at(path) for path in file or ()]
    with acting(session, store) as opened:
        head = opened.plan(actor, plan)
        number = leave_remark(
            opened,
            actor,
            plan,
            text,
            digest=head.digest,
            subject=on,
            to=to,
            settled=settled,
            files=files,
        )
    if json_:
        session.show_json({"remark": number})
        return
    line = N_("Kept as number %(number)s; answer it with --to %(number)s", number=to or number)
    session.out.print(session.translate(line), markup=False, highlight=False)


def remarks(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    *,
    as_: ReaderOption = READER,
    open_: Annotated[
        bool, typer.Option("--open", help=str(N_("Only threads that nobody has settled.")))
    ] = False,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """List the remarks on a plan."""
    from civicsight.presentation.lexicon import clock
    from civicsight.store import threads

    session: Session = ctx.obj
    actor = actor_of(as_, role, "analyst")
    with acting(session, store) as opened:
        found = [one for one in threads(opened, actor, plan) if one.is_open or not open_]
    if json_:
        session.show_json([asdict(one) | {"open": one.is_open} for one in found])
        return
    for thread in found:
        state = N_("open") if thread.is_open else N_("settled")
        head = N_(
            "Remark %(number)s on %(subject)s: %(state)s",
            number=thread.seq,
            subject=thread.subject or N_("the plan"),
            state=state,
        )
        session.out.print(session.translate(head), markup=False, highlight=False)
        for one in thread.said:
            name = session.translate(one.who)
            who = f"{one.department} ({name})" if one.department else name
            session.out.print(f"  {clock(one.at)} {who}: {one.text}", markup=False, highlight=False)
            for file in one.files:
                session.out.print(
                    f"    {file.name} ({file.size} B) {file.sha256}", markup=False, highlight=False
                )


def take_file(
    ctx: typer.Context,
    store: StoreArgument,
    plan: PlanArgument,
    digest: Annotated[str, typer.Argument(help=str(N_("SHA-256 of the file, from the list.")))],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help=str(N_("Where it is written.")))],
    as_: ReaderOption = READER,
    role: RoleOption = None,
    json_: JsonOption = False,
) -> None:
    """Write a kept file."""
    from civicsight.core.atomic import written_whole
    from civicsight.store import read_attachment

    session: Session = ctx.obj
    with acting(session, store) as opened:
        content = read_attachment(opened, actor_of(as_, role, "analyst"), plan, digest)
    with written_whole(out) as scratch:
        scratch.write_bytes(content)
    show_files(session, [out], json_=json_)
