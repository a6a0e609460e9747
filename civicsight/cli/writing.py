"""What people fill in and look at: templates of every table, and how good the data are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.importing import app
from civicsight.cli.options import OutOption
from civicsight.cli.show import show_files
from civicsight.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session

__all__ = ["app", "template"]

FORMS = ("xlsx", "csv")


@app.command(
    help=str(N_("Write empty tables to fill in, in both languages, each with an example row."))
)
def template(
    ctx: typer.Context,
    tables: Annotated[
        list[str] | None,
        typer.Argument(help=str(N_("Tables, such as cameras or signs; all without a name."))),
    ] = None,
    *,
    out: OutOption = Path("out/templates"),
    form: Annotated[
        str, typer.Option("--form", help=str(N_("xlsx for a workbook, csv for text.")))
    ] = "xlsx",
) -> None:
    """Write templates."""
    from civicsight.city.registers.templates import write_templates

    session: Session = ctx.obj
    if form not in FORMS:
        raise typer.BadParameter(", ".join(FORMS), param_hint="--form")
    with session.step(N_("Writing")):
        files = write_templates(out, tables=tables or None, form=form)  # type: ignore[arg-type]
    show_files(session, files)
