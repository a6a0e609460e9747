"""The app, served to the browsers of this machine or of others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_
from civicsight.core.settings import SETTINGS

if TYPE_CHECKING:
    from civicsight.cli.session import Session


NO_TOKEN = N_(
    "No token is asked for: as long as there are no accounts, every user and every program of this "
    "machine may act as its planner."
)


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
        typer.Option(help=str(N_("Project file to open; by default the page of all projects."))),
    ] = None,
    json_: JsonOption = False,
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

    def print_address(root: str) -> None:
        if no_token:
            session.print(NO_TOKEN)
        session.print(OPENS_AT)
        place = start_address(address, port, root)
        if json_:
            session.show_json({"address": place})
            return
        session.err.print(place, markup=False, highlight=False, soft_wrap=True)

    serve(address, port, tuple(host or ()), base_path, before=print_address)


def _variable(name: str) -> str:
    return next(entry.variable for entry in SETTINGS if entry.name == name)
