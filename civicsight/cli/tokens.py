"""Which programs may read a project from the app, and until when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.faults import reject
from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_
from civicsight.store.actors import ROLE_LABELS, Actor, Role

if TYPE_CHECKING:
    from civicsight.application.tokens import Token
    from civicsight.cli.session import Session

NameArgument = Annotated[
    str, typer.Argument(help=str(N_("Name of the person or program that the token stands for.")))
]


def add(
    ctx: typer.Context,
    name: NameArgument,
    *,
    project: Annotated[Path, typer.Option(help=str(N_("Project file that it opens.")))],
    role: Annotated[
        Role | None,
        typer.Option(help=str(N_("What it may see; by default as the account of the name."))),
    ] = None,
    district: Annotated[str, typer.Option(help=str(N_("County of a district planner.")))] = "",
    plan: Annotated[
        str, typer.Option(help=str(N_("Plan to show as it is; by default what is approved.")))
    ] = "",
    days: Annotated[int, typer.Option(help=str(N_("For how many days.")))] = 90,
    json_: JsonOption = False,
) -> None:
    """Make a token."""
    from civicsight.application.tokens import OGC_PATH, add_token, tokens_path
    from civicsight.io.vectors.files import require_file

    session: Session = ctx.obj
    path = require_file(project).resolve()
    actor = _actor(name, role, district)
    told, token = add_token(tokens_path(), actor, path, days=days, plan_id=plan)
    if json_:
        place = f"{OGC_PATH}/{path.stem}"
        session.show_json({**_figures(name, token), "path": place, "token": told})
        return
    session.print(
        N_(
            "%(name)s may read %(project)s as %(role)s, until %(day)s, below %(path)s of the app. "
            "The token is shown this once; it goes into the header Authorization: Bearer.",
            name=name,
            project=path.name,
            role=ROLE_LABELS[actor.role],
            day=token.until.isoformat(),
            path=f"{OGC_PATH}/{path.stem}",
        )
    )
    session.out.print(told, markup=False, highlight=False, soft_wrap=True)


def list_tokens(ctx: typer.Context, *, json_: JsonOption = False) -> None:
    """List the tokens."""
    from civicsight.application.tokens import read_tokens, tokens_path

    session: Session = ctx.obj
    tokens = read_tokens(tokens_path())
    if json_:
        session.show_json({"tokens": [_figures(name, one) for name, one in tokens.items()]})
        return
    for name, one in tokens.items():
        role = session.translate(ROLE_LABELS[one.actor.role])
        over = session.translate(N_("over")) if one.is_over else ""
        told = (
            name,
            role,
            one.actor.district,
            one.project.name,
            one.plan_id,
            one.until.isoformat(),
            over,
        )
        session.print("  ".join(part for part in told if part))
    if not tokens:
        session.print(N_("There is no token: no program may read a project from the app."))


def revoke(ctx: typer.Context, name: NameArgument, *, json_: JsonOption = False) -> None:
    """Take a token away."""
    from civicsight.application.tokens import revoke_token, tokens_path

    session: Session = ctx.obj
    if not revoke_token(tokens_path(), name):
        reject("tokens.unknown", tokens_path().name, found=name)
    if json_:
        session.show_json({"revoked": name})
    else:
        session.print(N_("The token of %(name)s opens nothing any more.", name=name))


def _figures(name: str, token: Token) -> dict[str, Any]:
    return {
        "name": name,
        "role": str(token.actor.role),
        "district": token.actor.district,
        "project": str(token.project),
        "plan": token.plan_id or None,
        "until": token.until.isoformat(),
        "over": token.is_over,
    }


def _actor(name: str, role: Role | None, district: str) -> Actor:
    """Return whom a token stands for: as asked, else as the account of the name."""
    from civicsight.application.accounts import read_accounts
    from civicsight.core.own_files import accounts_path

    if role is not None:
        return Actor(name, role, district)
    account = read_accounts(accounts_path()).get(name)
    if account is None:
        reject("tokens.role", found=name)
    return account.actor
