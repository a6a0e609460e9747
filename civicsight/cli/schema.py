"""The schema of what commands print for a program, published by a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text as Line

from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.i18n import Language, translate

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.cli.shapes import Shape

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
STOPPED_BY: Final = ("Faults", "Error")
"""What any command may print in place of its figures; exit code 2 or 3 says so as well."""

HEADINGS: Final = (N_("Key"), N_("Type"), N_("Meaning"))
WHOLE: Final = N_("What every command prints with --json; a command is found under its name.")


def schema_of(words: str, language: Language) -> dict[str, Any]:
    """Return the schema of what a command prints, complete by itself."""
    from civicsight.cli.command_list import COMMANDS
    from civicsight.cli.outputs import SHARED, used_by
    from civicsight.cli.shapes import to_schema

    shape = _printed(words)
    return {
        "$schema": DIALECT,
        "title": f"civicsight {words} --json",
        "description": translate(COMMANDS[words].does, language),
        **to_schema(shape, language),
        "$defs": {name: to_schema(SHARED[name], language) for name in used_by(shape)},
    }


def schema_of_all(language: Language) -> dict[str, Any]:
    """Return the schemas of all commands as one document, each under the name of its command."""
    from civicsight.cli.outputs import SHARED
    from civicsight.cli.shapes import to_schema

    printed = {words: _printed(words) for words in _outputs()}
    return {
        "$schema": DIALECT,
        "title": "civicsight --json",
        "description": translate(WHOLE, language),
        "$defs": to_schema({**SHARED, **printed}, language),
    }


def _printed(words: str) -> Shape:
    from civicsight.cli.shapes import shared

    return {"anyOf": [_outputs()[words], *map(shared, STOPPED_BY)]}


def _outputs() -> dict[str, Shape]:
    """Return what each command prints, those of other packages as far as these say it."""
    from civicsight.cli.command_list import COMMANDS
    from civicsight.cli.outputs import OUTPUTS

    return {words: OUTPUTS.get(words, row.printed or {}) for words, row in COMMANDS.items()}


def schema(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(help=str(N_("A command, such as plan optimise; all without a name."))),
    ] = None,
    *,
    json_: JsonOption = False,
) -> None:
    """Show the schema of what commands print."""
    from civicsight.cli.outputs import SHARED, used_by

    session: Session = ctx.obj
    outputs = _outputs()
    words = " ".join(command or ())
    if words and words not in outputs:
        raise MismatchError(N_("no command %(found)s; 'civicsight --help' lists them", found=words))
    if json_:
        language = session.language
        session.show_json(schema_of(words, language) if words else schema_of_all(language))
        return
    for name in (words,) if words else outputs:
        _show(session, Text(f"civicsight {name} --json"), outputs[name])
    for name in used_by(_printed(words)) if words else SHARED:
        _show(session, Text(name), SHARED[name])


def _show(session: Session, title: Text, shape: Shape) -> None:
    """Print a shape as a table, a line a value."""
    from civicsight.cli.shapes import rows_of
    from civicsight.cli.show import show_table

    session.out.rule(Line(session.translate(title)))
    if "properties" in shape and "description" in shape:
        session.out.print(session.translate(shape["description"]), markup=False, highlight=False)
    rows = []
    for row in rows_of(shape):
        unit = f" [{row.unit}]" if row.unit else ""
        values = f": {', '.join(row.values)}" if row.values else ""
        rows.append((row.key, f"{row.kind}{unit}{values}", row.meaning))
    show_table(session, HEADINGS, rows)
