"""Whatever came with a file is shown as signs that do nothing: terminal, log, page, paper."""

from __future__ import annotations

import json
import logging
import tempfile
import unicodedata
from io import BytesIO, StringIO
from pathlib import Path

import docx
import pandas as pd
import pytest
from openpyxl import load_workbook
from rich.console import Console
from rich.table import Table as Grid

from civicsight.cli.entry import run
from civicsight.cli.session import inert_console
from civicsight.cli.tree import program
from civicsight.core.errors import N_, Fault, InputError, WriteError
from civicsight.core.html_safe import safe
from civicsight.core.i18n import translate
from civicsight.core.inert import inert
from civicsight.core.shown import ShownFormatter, shown
from civicsight.presentation.document import Document, Section, Table
from civicsight.report.docx import write_docx
from civicsight.report.tables import write_workbook
from civicsight.ui.elements import as_frame
from tests.test_regular import asked, commands, soon, takes_path

HOSTILE = "a\x1b[31m\x1b]0;t\x07\x9b2J\u202egnp.exe\u2066\r\x7f\u2028\x00b"
"""Colours, the title of the window, a cleared screen, letters from right to left, a new line."""


def harmful(text: str) -> list[str]:
    """Return the signs of a text that a terminal or a reader obeys, by their class in Unicode."""
    obeyed = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return [
        sign
        for sign in text.translate({9: None, 10: None})
        if unicodedata.category(sign) in {"Cc", "Zl", "Zp"}
        or unicodedata.bidirectional(sign) in obeyed
    ]


def test_each_sign_that_is_obeyed_is_shown_by_its_number():
    signs = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
    assert not harmful(shown(signs))
    kept = "城市规划　é עברית العربية हिन्दी\u200d👩\u200d🚒\n\t"
    assert shown(kept) == kept
    assert shown("\x1b\u202e") == "\\u001b\\u202e"
    assert json.loads(shown(json.dumps(HOSTILE, ensure_ascii=False))) == HOSTILE


def test_a_console_shows_what_came_with_a_file_and_its_own_colours():
    out = StringIO()
    console = inert_console(
        Console(file=out, force_terminal=True, width=200, color_system="standard")
    )
    table = Grid(HOSTILE)
    table.add_row(HOSTILE, style="red")
    console.print(table)
    console.print(HOSTILE, markup=False)
    printed = out.getvalue()
    assert "\x1b[31m" in printed  # the row's own
    assert "\\u001b]0;t" in printed
    assert "\x1b]0" not in printed
    assert not {"\x9b", "\u202e", "\x07"} & {*printed}


def in_workbook(text):
    file = BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        frame = pd.DataFrame({"name": [text]}, index=pd.Index([text], name="camera_id"))
        write_workbook(path, {"cameras": frame}, {"about": text})
        file.write(path.read_bytes())
    book = load_workbook(file)
    return "".join(str(cell.value) for sheet in book for row in sheet for cell in row)


def in_document(text):
    table = Table(text, (text,), ((text,),))
    told = Document("en", text, (text,), (text,), (Section(text, [text, table]),))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.docx"
        write_docx(path, told, "a" * 64)
        made = docx.Document(str(path))
    cells = [cell.text for grid in made.tables for row in grid.rows for cell in row.cells]
    return "".join([made.core_properties.title, *(p.text for p in made.paragraphs), *cells])


SAID = {
    "a sentence": lambda: translate(
        N_("%(file)s cannot be used: %(reason)s", file=HOSTILE, reason="\n")
    ),
    "a fault": lambda: str(InputError([Fault("a.b", HOSTILE, HOSTILE, HOSTILE, HOSTILE)])),
    "a target": lambda: translate(WriteError(28, HOSTILE, N_("a text")).args[0]),
    "HTML": lambda: safe(HOSTILE),
    "a cell": lambda: str(inert(HOSTILE)),
    "a table of the app": lambda: as_frame([[HOSTILE]], ["a"]).iloc[0, 0],
    "a workbook": lambda: in_workbook(HOSTILE),
    "a document": lambda: in_document(HOSTILE),
}


@pytest.mark.parametrize("where", SAID)
def test_no_sentence_page_or_cell_holds_a_sign_that_is_obeyed(where):
    """Nor is it left out: a name that deceived elsewhere looked sound in a table."""
    said = SAID[where]()
    assert not harmful(said)
    assert "u202e" in said


def test_a_name_makes_no_line_of_its_own():
    said = str(InputError([Fault("a.b", "x\nERROR: all is lost", found="1\n2")]))
    assert "\n" not in said


def test_a_log_holds_no_sign_that_is_obeyed():
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "name %s", (HOSTILE,), None)
    assert not harmful(ShownFormatter("%(message)s").format(record))


COMMANDS = [
    ["check", "{}"], ["import", "{}", "--out", "x.gpkg"], ["check", "{}", "--json"],
    ["rules", "lint", "{}"], ["plan", "verify", "{}"], ["migrate", "{}"],
    ["plan", "audit", "{}", "--as", "x"],
]  # fmt: skip


def test_the_name_of_a_file_is_shown_by_every_command(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for end in (".csv", ".geojson", ".gpkg", ".yaml"):
        name = HOSTILE.replace("\x00", "") + end
        (tmp_path / name).write_bytes(b"x\x1b[31m,\xe2\x80\xae\n")
        for words in COMMANDS:
            run([word.format(name) for word in words] + ["--lang", "en"])
    told = capfd.readouterr()
    assert "\\u202e" in told.err
    assert not harmful(told.out + told.err)


@pytest.mark.slow
def test_the_name_of_a_file_is_shown_by_every_parameter_of_every_command(
    tmp_path, capfd, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = Path(HOSTILE.replace("\x00", "") + ".csv")
    path.write_bytes(b"x\x1b[31m,\xe2\x80\xae\n")
    wrong, said = {}, 0
    for words, command in commands(program("en", whole=True)):
        for parameter in filter(takes_path, command.params):
            with soon():
                run([*words.split(), *asked(command, parameter, path), "--lang", "en"])
            told = "".join(capfd.readouterr())
            said += "\\u202e" in told
            if harmful(told):
                wrong[words, parameter.name] = told
    assert (said > 100, wrong) == (True, {})
