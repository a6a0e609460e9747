"""Whatever came with a file is shown as signs that do nothing: terminal, log, page, paper."""

from __future__ import annotations

import json
import logging
import unicodedata
from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table

from civicsight.cli.entry import run
from civicsight.cli.session import inert_console
from civicsight.core.errors import N_, Fault, InputError, WriteError
from civicsight.core.html_safe import safe
from civicsight.core.i18n import translate
from civicsight.core.inert import inert
from civicsight.core.shown import ShownFormatter, shown

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
    table = Table(HOSTILE)
    table.add_row(HOSTILE, style="red")
    console.print(table)
    console.print(HOSTILE, markup=False)
    printed = out.getvalue()
    assert "\x1b[31m" in printed  # the row's own
    assert "\\u001b]0;t" in printed
    assert "\x1b]0" not in printed
    assert not {"\x9b", "\u202e", "\x07"} & {*printed}


SAID = {
    "a sentence": lambda: translate(
        N_("%(file)s cannot be used: %(reason)s", file=HOSTILE, reason="\n")
    ),
    "a fault": lambda: str(InputError([Fault("a.b", HOSTILE, HOSTILE, HOSTILE, HOSTILE)])),
    "a target": lambda: translate(WriteError(28, HOSTILE, N_("a text")).args[0]),
    "HTML": lambda: safe(HOSTILE),
    "a cell": lambda: str(inert(HOSTILE)).replace("\r", ""),  # a line of a cell
}


@pytest.mark.parametrize("where", SAID)
def test_no_sentence_page_or_cell_holds_a_sign_that_is_obeyed(where):
    assert not harmful(SAID[where]())


def test_a_name_makes_no_line_of_its_own():
    said = str(InputError([Fault("a.b", "x\nERROR: all is lost", found="1\n2")]))
    assert "\n" not in said


def test_a_log_holds_no_sign_that_is_obeyed():
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "name %s", (HOSTILE,), None)
    assert not harmful(ShownFormatter("%(message)s").format(record))


COMMANDS = [
    ["check", "{}"], ["import", "{}", "--out", "x.gpkg"], ["check", "{}", "--json"],
    ["rules", "check", "{}"], ["plan", "verify", "{}"], ["migrate", "{}"], ["show", "{}"],
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
