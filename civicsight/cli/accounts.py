"""Who may sign in to the app."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.faults import reject
from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_
from civicsight.store.actors import ROLE_LABELS, Actor, Role

if TYPE_CHECKING:
    from civicsight.cli.session import Session

NameArgument = Annotated[
    str, typer.Argument(help=str(N_("Name by which opinions and approvals know the person.")))
]


def add(
    ctx: typer.Context,
    name: NameArgument,
    *,
    role: Annotated[Role, typer.Option(help=str(N_("What the person is.")))],
    district: Annotated[str, typer.Option(help=str(N_("County of a district planner.")))] = "",
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help=str(N_("Take the password from the first line of the input."))
        ),
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Add an account."""
    from civicsight.application.accounts import add_account
    from civicsight.core.own_files import accounts_path

    session: Session = ctx.obj
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask(session)
    path = accounts_path()
    actor = Actor(name, role, district)
    add_account(path, actor, password)
    if json_:
        session.show_json(_figures(actor))
        return
    session.print(N_("%(name)s may sign in as %(role)s.", name=name, role=ROLE_LABELS[role]))


def list_users(ctx: typer.Context, *, json_: JsonOption = False) -> None:
    """List the accounts."""
    from civicsight.application.accounts import read_accounts
    from civicsight.core.own_files import accounts_path

    session: Session = ctx.obj
    accounts = read_accounts(accounts_path())
    if json_:
        session.show_json({"accounts": [_figures(one.actor) for one in accounts.values()]})
        return
    for name, account in accounts.items():
        role = session.translate(ROLE_LABELS[account.actor.role])
        session.print("  ".join(part for part in (name, role, account.actor.district) if part))
    if accounts:
        return
    if accounts_path().exists():
        session.print(N_("The last account was removed: nobody can sign in until you add one."))
    else:
        session.print(N_("Nobody has an account: the app serves this machine alone."))


def remove(ctx: typer.Context, name: NameArgument, *, json_: JsonOption = False) -> None:
    """Remove an account."""
    from civicsight.application.accounts import remove_account
    from civicsight.core.own_files import accounts_path

    session: Session = ctx.obj
    if not remove_account(accounts_path(), name):
        reject("accounts.unknown", accounts_path().name, found=name)
    if json_:
        session.show_json({"removed": name})
    else:
        session.print(N_("%(name)s may no longer sign in.", name=name))


def _figures(actor: Actor) -> dict[str, str]:
    return {"name": actor.name, "role": str(actor.role), "district": actor.district}


def _ask(session: Session) -> str:
    """Ask for a password twice; what is typed is not shown."""
    first: str = typer.prompt(session.translate(N_("Password")), hide_input=True, err=True)
    again: str = typer.prompt(session.translate(N_("Password again")), hide_input=True, err=True)
    if first != again:
        reject("accounts.differ")
    return first
