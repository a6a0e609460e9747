"""The example row of a template, which is no row of a city."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from civicsight.core.errors import N_
from civicsight.io.report import row_text
from civicsight.io.source_options import Declared
from civicsight.io.tables.cells import cell_reader
from civicsight.io.tables.form import Form
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.sheet import Sheet
from civicsight.model import Column

Example = dict[str, str | list[str]]


@cache
def written_examples() -> dict[str, Example]:
    """Return the examples of the templates by table and column: a text, or Chinese and English."""
    found = files("civicsight.io.registers").joinpath("examples.json").read_text("utf-8")
    examples: dict[str, Example] = json.loads(found)
    return examples


def without_example(sheet: Sheet, found: dict[str, str], form: Form, declared: Declared) -> Sheet:
    """Return a sheet without the example row of its template; a note names the row.

    A row is the example if it says in all columns of the template what the example says. It stays
    where there is no other row, so that a template can be tried as it is.
    """
    index = form.table.index
    examples = [entry for entry in written_examples().values() if index in entry]
    example = {name: said for name, said in examples[0].items() if said} if examples else {}
    if not example or not example.keys() <= found.keys():
        return sheet
    columns = {column.name: column for column in (*form.table, *form.extra)}
    readers = {name: _reader(columns.get(name), form, declared) for name in example}
    mine = [
        number
        for number, row in enumerate(sheet.rows)
        if all(_is_said(row[found[name]], said, readers[name]) for name, said in example.items())
    ]
    if not mine:
        return sheet
    where = row_text(sheet.where[mine[0]])
    if len(sheet.rows) == 1:
        note = N_("%(where)s: the only row is the example of the template", where=where)
        return sheet._replace(notes=(*sheet.notes, note))
    note = N_("%(where)s: the example of the template, left out", where=where)
    keep = [number for number in range(len(sheet.rows)) if number not in mine]
    return sheet._replace(
        rows=[sheet.rows[number] for number in keep],
        where=[sheet.where[number] for number in keep],
        geometry=None if sheet.geometry is None else sheet.geometry.iloc[keep],
        notes=(*sheet.notes, note),
    )


def _reader(column: Column | None, form: Form, declared: Declared) -> Reader:
    return Cell if column is None else cell_reader(column, form, declared)


def _is_said(text: str | None, example: str | list[str], read: Reader) -> bool:
    """Tell whether a cell says what the example says, in whatever words."""
    if text is None:
        return False
    texts = [example] if isinstance(example, str) else example
    return read(text).value in [read(other).value for other in texts]
