"""Every case of the catalogue of bad inputs, through Python and through the command line.

``python -m tests.test_bad_input`` writes docs/bad-input.md: case, what happens, the message.
"""

from __future__ import annotations

import html
import io
import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from tests.bad_input.case import Case
from tests.bad_input.catalogue import CASES

LANGUAGES = ("zh_CN", "en")
NAMES = [f"{case.number:03d}-{re.sub(r'[^a-z0-9]+', '-', case.title.lower())}" for case in CASES]
REFUSED = ("rows", "refused")
PYTHON, COMMAND_LINE = 0, 1


def attempts() -> dict[str, tuple[Case, str]]:
    """Return what is tried on the command line, by name.

    Languages take turns from case to case; the first case of each fault and outcome is told in
    both, so that every kind of sentence is seen in every language.
    """
    seen: set[tuple[str, str, str]] = set()
    tried = {}
    for k, (name, case) in enumerate(zip(NAMES, CASES, strict=True)):
        for turn, language in enumerate((LANGUAGES[k % 2], LANGUAGES[1 - k % 2])):
            kind = (case.code, case.outcome, language)
            if turn == 0 or kind not in seen:
                tried[f"{name}-{language}"] = (case, language)
            seen.add(kind)
    return tried


ATTEMPTS = attempts()


def in_turn(values: Iterable[Any], turn: int) -> list[Any]:
    """Mark as slow what the other way tries, and a third case: both call one reader, set apart.

    The first case of each fault and outcome always goes by the command line.
    """
    seen: set[tuple[str, str]] = set()
    marked = []
    for value in values:
        case, *more = value if isinstance(value, tuple) else (value,)
        kind = (case.code, case.outcome)
        first = turn == COMMAND_LINE and kind not in seen
        tried = first or CASES.index(case) % 3 == turn
        seen.add(kind)
        marked.append(value if tried else pytest.param(case, *more, marks=pytest.mark.slow))
    return marked


def folder_state(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("case", in_turn(CASES, PYTHON), ids=NAMES)
def test_through_python(case: Case, tmp_path: Path) -> None:
    source = case.make(tmp_path)
    if case.outcome not in REFUSED:
        case.call(source)
        return
    with pytest.raises(InputError) as caught:
        case.call(source)
    faults = caught.value.faults
    assert case.code in {fault.code for fault in faults}
    for fault in faults:
        assert fault.file, "a fault names its file"
        assert "/" not in fault.file, "a fault never names a folder"
        assert str(fault.expected), "a fault says what was expected"
        assert str(fault.remedy), "a fault says how to mend it"


@pytest.mark.parametrize(
    ("case", "language"), in_turn(ATTEMPTS.values(), COMMAND_LINE), ids=ATTEMPTS
)
def test_through_the_command_line(
    case: Case, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    source, out = case.make(inside), tmp_path / "out.gpkg"
    before = folder_state(inside)
    code, text = attempt(case, source, out, language, capsys)
    assert "Traceback" not in text
    said = text.replace(str(out), out.name)  # only what was written is named with its folder
    assert str(tmp_path) not in said, "messages name files, not folders"
    for piece in case.says:
        assert piece in re.sub(r"\s*\n\s*", "", text) or piece in text, (piece, text)
    if case.outcome in REFUSED:
        assert code == BAD_INPUT, text
        assert not out.exists(), "nothing is written where an input is refused"
    else:
        assert code == OK, text
    assert folder_state(inside) == before, "the input is untouched"


def attempt(
    case: Case, source: Path, out: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Run the command of a case; return its exit code and all that it printed."""
    words = [word.format(input=source, out=out) for word in case.command]
    code = run([*words, "--lang", language])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def message_of(text: str) -> str:
    """Return the lines of the first fault as one cell of a table, or the last of a report."""
    told = [line.strip() for line in text.splitlines() if line.strip()]
    start = next((k for k, line in enumerate(told) if re.search(r"faults: |错误数", line)), None)
    piece = " ".join(told[start + 1 : start + 4]) if start is not None else ""
    return html.escape(piece[:240], quote=False).replace("|", "&#124;").replace("`", "&#96;")


def write_table(target: Path) -> None:
    """Try every case and write down what happens."""
    lines = [
        "# What happens to bad input",
        "",
        "Written by `python -m tests.test_bad_input`; every row is a test. 每一行都是一项测试。",
        "",
        "| case | input | outcome | message | 提示 |",
        "|---|---|---|---|---|",
    ]
    for case in CASES:
        said = {}
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                inside = Path(folder) / "in"
                inside.mkdir()
                source = case.make(inside)
                words = [
                    w.format(input=source, out=Path(folder) / "out.gpkg") for w in case.command
                ]
                printed = io.StringIO()
                with redirect_stdout(printed), redirect_stderr(printed):
                    run([*words, "--lang", language])
                said[language] = message_of(printed.getvalue())
        row = (str(case.number), case.title, case.outcome, said["en"], said["zh_CN"])
        lines.append("| " + " | ".join(row) + " |")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.environ["COLUMNS"] = "400"
    write_table(Path(__file__).parent.parent / "docs" / "bad-input.md")
