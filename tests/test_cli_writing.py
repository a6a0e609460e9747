"""Every verb that writes, on a disk that is full, read-only or closed, and in a poor locale."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from civicsight import io as city_room
from civicsight.cli import commands, plans
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.cli.session import Session
from civicsight.core.atomic import UNDER_WAY
from civicsight.core.errors import WriteError
from civicsight.editing import examples
from civicsight.io import save_city
from civicsight.model import CAMERAS
from tests.drawn import every_other
from tests.plan_made import checked, hand_plan
from tests.result_factory import make_result
from tests.result_town import make_city, table
from tests.test_cli import CAMERA

ROOT = Path(__file__).resolve().parent.parent
SAID = {
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "nothing may be written there",
    errno.EACCES: "nothing may be written there",
}
VERBS = {
    "import": "import TOWN --out OUT/a.gpkg",
    "check": "check TOWN --out OUT/a",
    "export": "export TOWN --out OUT/a.gpkg",
    "export a page": "export TOWN --out OUT/a.html",
    "catalogue": "catalogue TOWN --out OUT/a.xml --system 36010200002000000001 --keep-good",
    "demo": "demo --out OUT/a",
    "quality": "quality TOWN --out OUT/a",
    "template": "template signs --out OUT/a",
    "template as text": "template cameras --form csv --out OUT/a",
    "mapping": "import ROWS --as cameras --dry-run --write-mapping OUT/a.yaml",
}


@pytest.fixture
def town(tmp_path):
    city = replace(make_city("豫章"), cameras=table(CAMERAS, [CAMERA]))
    return save_city(city, tmp_path / "town.gpkg")


@pytest.fixture
def words(town, tmp_path, monkeypatch):
    """Return the words of a verb; what it computes before it writes was computed already."""
    result = make_result("豫章中学")
    result.summary = {"cameras": 4, "findings": {"violations": 1}}
    for module in (commands, commands):
        monkeypatch.setattr(module, "run_check", lambda *_, **__: result)
    monkeypatch.setattr(city_room, "helsinki_path", lambda: town)
    monkeypatch.setattr(examples, "DATA", tmp_path)
    rows = tmp_path / "rows.csv"
    rows.write_text("camera_id,x,y,height_m\nc1,390050,3172040,4\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    places = {"TOWN": str(town), "ROWS": str(rows), "OUT": str(tmp_path / "out")}

    def of(verb):
        text = VERBS[verb]
        for name, place in places.items():
            text = text.replace(name, place)
        return [*text.split(), "--lang", "en"]

    return of


def refusing(code, patch):
    """Let nothing be made in the folders that a person named; others stay as they are."""
    make = tempfile.mkdtemp

    def refused(suffix=None, prefix=None, dir=None):  # noqa: A002 - the names of mkdtemp
        if prefix == UNDER_WAY:
            raise OSError(code, os.strerror(code), f"{dir}/{prefix}x1y2z3")
        return make(suffix, prefix, dir)

    patch.setattr(tempfile, "mkdtemp", refused)


@pytest.mark.parametrize(
    ("verb", "code"),
    every_other(zip(VERBS, itertools.cycle(SAID), strict=False), 0),
    ids=list(VERBS),
)
def test_a_verb_that_cannot_write_names_what_was_asked_for(
    verb, code, words, tmp_path, capsys, monkeypatch
):
    with monkeypatch.context() as patch:
        refusing(code, patch)
        assert run(words(verb)) == BAD_INPUT
    told = " ".join(capsys.readouterr().err.split())
    assert SAID[code] in told
    assert "was not written" in told
    assert UNDER_WAY not in told
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "verb",
    [
        verb if k % 6 == 0 else pytest.param(verb, marks=pytest.mark.slow)
        for k, verb in enumerate(VERBS)
    ],
)
def test_the_same_verb_writes_where_it_may(verb, words, tmp_path):
    run(words(verb))
    left = list((tmp_path / "out").rglob("*"))
    assert left
    assert not [path for path in left if UNDER_WAY in str(path)]


@pytest.mark.slow
def test_a_plan_that_cannot_be_written_names_its_folder(tmp_path, monkeypatch):
    session = Session("en", Console(stderr=True), Console(stderr=True))
    refusing(errno.ENOSPC, monkeypatch)
    with pytest.raises(WriteError, match=r"^plan was not written: the disk is full"):
        plans.write(session, hand_plan(), checked(), tmp_path / "plan", pdf=False)


NARROW = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.skipif(os.name != "posix", reason="locales of POSIX")
@pytest.mark.parametrize(
    "more",
    [
        {"LC_ALL": "C"},
        pytest.param({"LC_ALL": "POSIX", "LANG": "zh_CN.UTF-8"}, marks=pytest.mark.slow),
        pytest.param({"PYTHONIOENCODING": "latin-1"}, marks=pytest.mark.slow),
    ],
    ids=["C", "POSIX", "latin"],
)
def test_chinese_is_printed_and_written_whatever_the_locale(more, town, tmp_path):
    """In the locale C names of files and all that is printed are ASCII to Python by themselves."""
    place = town.rename(tmp_path / "豫章.gpkg")
    command = [sys.executable, "-m", "civicsight", "import", place, "--out", tmp_path / "新.gpkg"]
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(command, cwd=ROOT, env=clean | NARROW | more, capture_output=True,
                          check=False)  # fmt: skip
    told = (done.stdout + done.stderr).decode("utf-8")
    assert done.returncode == OK, told
    assert (tmp_path / "新.gpkg").is_file()
    expected = "建筑" if "LC_ALL" in more else r"\u5efa\u7b51"
    assert expected in told
