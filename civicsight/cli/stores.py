"""A database of plans set up: the role that owns it, and the one by which people work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session


def init(
    ctx: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            help=str(N_("URL of the database, with a role that may create roles on the server."))
        ),
    ],
    *,
    owner: Annotated[
        str, typer.Option("--owner", help=str(N_("Role that owns the tables, for migrations.")))
    ] = "civicsight_owner",
    user: Annotated[
        str, typer.Option("--user", help=str(N_("Role of planners and the app; it owns nothing.")))
    ] = "civicsight",
    json_: JsonOption = False,
) -> None:
    """Set a database up."""
    from civicsight.store.server_roles import init_store

    session: Session = ctx.obj
    found = init_store(url, owner=owner, user=user)
    if json_:
        session.show_json(
            {"owner": found.owner, "user": found.user, "made": list(found.made), "url": found.url}
        )
        return
    lines = [
        N_("Owner of the tables, for migrations alone: %(name)s", name=found.owner),
        N_("For planners and the app, who own nothing: %(url)s", url=found.url),
        *(
            N_("%(name)s is new and has no password: set one on the server.", name=name)
            for name in found.made
        ),
    ]
    for line in lines:
        session.out.print(session.translate(line), markup=False, highlight=False, soft_wrap=True)
