"""The application that every command joins."""

from __future__ import annotations

import typer

from civicsight.core.errors import N_

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=str(
        N_(
            "What a city's public-safety cameras really see, compared with what the law demands. "
            "Every command takes --lang zh_CN or --lang en."
        )
    ),
)
