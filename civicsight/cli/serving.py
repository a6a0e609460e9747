"""The app and who may sign in to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.settings import SETTINGS
from civicsight.store.actors import Actor, Role

if TYPE_CHECKING:
    from civicsight.cli.session import Session


NO_TOKEN = N_(
    "No token is asked for: as long as there are no accounts, every user and every program of this "
    "machine may act as its planner."
)

NameArgument = Annotated[
    str, typer.Argument(help=str(N_("Name by which opinions and approvals know the person.")))
]


def serve_app(
    ctx: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help=str(N_("Port to listen on.")))] = 8501,
    address: Annotated[
        str,
        typer.Option(help=str(N_("Address to listen on; another one than this needs sign-in."))),
    ] = "127.0.0.1",
    host: Annotated[
        list[str] | None,
        typer.Option(help=str(N_("Name by which browsers reach the app; may be repeated."))),
    ] = None,
    base_path: Annotated[
        str,
        typer.Option(
            help=str(N_("Path below which a reverse proxy hands the app on, as /civicsight."))
        ),
    ] = "",
    no_token: Annotated[
        bool,
        typer.Option(
            "--no-token", help=str(N_("Ask for no token: whoever reaches the address is let in."))
        ),
    ] = False,
    project: Annotated[
        Path | None,
        typer.Option(help=str(N_("Project file to open; by default central Helsinki."))),
    ] = None,
) -> None:
    """Start the app."""
    from civicsight.io.vectors.files import require_file
    from civicsight.ui.access.start import NONE, start_address
    from civicsight.ui.serve import OPENS_AT, serve

    session: Session = ctx.obj
    if project is not None:
        os.environ[_variable("project")] = str(require_file(project).resolve())
    os.environ[_variable("language")] = session.language

    if no_token:
        os.environ[_variable("token")] = NONE

    def tell(root: str) -> None:
        if no_token:
            session.tell(NO_TOKEN)
        session.tell(OPENS_AT)
        place = start_address(address, port, root)
        session.err.print(place, markup=False, highlight=False, soft_wrap=True)

    serve(address, port, tuple(host or ()), base_path, before=tell)


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
) -> None:
    """Add an account."""
    from civicsight.ui.access.accounts import accounts_path, add_account

    session: Session = ctx.obj
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask(session)
    path = accounts_path()
    add_account(path, Actor(name, role, district), password)
    session.tell(N_("%(name)s may sign in as %(role)s.", name=name, role=_label(role)))


def list_users(ctx: typer.Context) -> None:
    """List the accounts."""
    from civicsight.ui.access.accounts import accounts_path, read_accounts

    session: Session = ctx.obj
    accounts = read_accounts(accounts_path())
    for name, account in accounts.items():
        role = session.say(_label(account.actor.role))
        session.tell("  ".join(part for part in (name, role, account.actor.district) if part))
    if accounts:
        return
    if accounts_path().exists():
        session.tell(N_("The last account was removed: nobody can sign in until you add one."))
    else:
        session.tell(N_("Nobody has an account: the app serves this machine alone."))


def remove(ctx: typer.Context, name: NameArgument) -> None:
    """Remove an account."""
    from civicsight.ui.access.accounts import accounts_path, remove_account

    session: Session = ctx.obj
    if not remove_account(accounts_path(), name):
        fault = Fault(
            "accounts.unknown",
            accounts_path().name,
            found=name,
            expected=N_("a name that has an account"),
            remedy=N_("'civicsight app-user list' names them."),
        )
        raise InputError([fault])
    session.tell(N_("%(name)s may no longer sign in.", name=name))


def _ask(session: Session) -> str:
    """Ask for a password twice; what is typed is not shown."""
    first: str = typer.prompt(session.say(N_("Password")), hide_input=True, err=True)
    again: str = typer.prompt(session.say(N_("Password again")), hide_input=True, err=True)
    if first != again:
        fault = Fault(
            "accounts.differ",
            expected=N_("the same password twice"),
            remedy=N_("Run the command again."),
        )
        raise InputError([fault])
    return first


def _label(role: Role) -> Text:
    from civicsight.store.actors import ROLE_LABELS

    return ROLE_LABELS[role]


def _variable(name: str) -> str:
    return next(entry.variable for entry in SETTINGS if entry.name == name)
