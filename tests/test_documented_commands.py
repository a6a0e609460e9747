"""Every documented command and every block of Python, run as it is written, page by page.

A page and its Chinese twin share one working folder; what the twin says anew is run after the page.
Files that a page speaks of are made when a command first names them (`tests.documented_files`).
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import civicsight as cs
from civicsight.cli import plan_reading, plans
from civicsight.cli.entry import OK, VIOLATION, run
from civicsight.core.settings import present_day
from civicsight.io.project_file import load_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.planning import make as planning
from civicsight.planning.money.budgets import read_funds
from civicsight.store import Actor, Role, Thread, open_store, threads
from tests.documented import PAGES, PAIRS, ROOT, Piece, in_english, is_command, read_pieces
from tests.documented_files import MAKERS
from tests.drawn import a_few
from tests.once import once
from tests.store_parts import LI, commit
from tests.ui_made import PASSWORD
from tests.ui_server import free_port, wait_for

pytestmark = pytest.mark.compiled_only

LANGUAGES = ("en", "zh_CN")

SLOW = (
    *("README.md", "docs/app.md", "docs/closed-network.md", "docs/importing.md"),
    *("docs/planning.md", "docs/tutorials/first-plan.md", "docs/how-to/consult-departments.md"),
    *("docs/how-to/confirm-gates.md", "docs/how-to/hand-over.md", "docs/how-to/rule-pack.md"),
)
"""Pages that check, judge or plan a whole city time and again. tests/test_documented.py holds their
verbs and options, tests/test_api.py and tests/test_cli_plan.py the same calls on a town; lists of
gates and packages go round in tests/test_gate_list.py and tests/test_handover.py."""

NOT_RUN = {
    r"make (demo|test|bench|bundle)\b": "takes minutes to hours, and downloads: "
    "tests/test_packaging.py holds set-up and CI, tests/test_cli.py the demo, "
    "tests/test_bundle_closed.py the bundle",
    r"python -m benchmarks\b": "takes an hour: tests/test_benchmarks.py",
    r"civicsight region ": "a province and its workers: tests/test_region_cluster.py runs the "
    "commands on a town",
    r"civicsight key (check|trust) (releases|civicsight-VERSION)": "the files of a release: "
    "tests/test_keys.py checks and trusts",
    r"postgresql://": "a server of a city: tests/test_store_postgis.py copies to one and back",
}
"""Commands that do not run here, each with its reason and the test that covers it."""

SERVES = r"^(civicsight|sh civicsight\.sh) app( |$)|^streamlit run "
"""Commands that open a server and go on until they are stopped."""

IN_A_PROCESS = r"app-user add|^civicsight template --out"
"""Commands that run as processes of their own; the others run in this one, for speed."""

ENDS_WITH = {r"^civicsight check ": VIOLATION, r"^civicsight obstruct ": VIOLATION}
"""Exit codes other than 0, as the pages say: the made district has what a check finds."""

FILES = {
    "year,district": "budgets.csv",
    "aim,class": "policy.csv",
    "parameter,value": "parameters.csv",
    "columns:": "map-by-hand.yaml",
    "consultation:": "asked.yaml",
    "format: civicsight-rulepack": "bureau.yaml",
    "[auth]": "secrets.toml",
    "location /civicsight": "nginx.conf",
    "[Service]": "civicsight.service",
    "civicsight/core/": "tree.txt",
    "export DASK": "certificates.sh",
    "export GDAL": "gis.sh",
    "ssh-keygen -Y": "signature.sh",
    "number(": "column.txt",
    "[project.entry-points": "points.toml",
}
"""Names of the blocks that a reader saves or reads, by how they begin."""


FROM_ANEW = {
    "docs/planning.zh-CN.md": ("plans.gpkg",),
    "docs/how-to/hand-over.zh-CN.md": ("city.plans.gpkg", "theirs.gpkg", "theirs.plans.gpkg"),
    "docs/how-to/consult-departments.zh-CN.md": ("plans.gpkg", "transport.xlsx", "finance.xlsx"),
}
"""What the page before its twin leaves, which the twin makes anew with names of its own."""


@dataclass(frozen=True)
class Walk:
    """A reader in a folder, with the names that Python has so far and what went wrong."""

    folder: Path
    names: dict
    wrong: list
    done: set

    def take(self, piece: Piece, before: frozenset[str]) -> None:
        """Do what a piece of a page says, unless the page before it said the same."""
        if piece.kind == "python":
            if piece.text not in before:
                self.python(piece)
        elif piece.kind == "file":
            name = next(
                name for start, name in FILES.items() if in_english(piece.text).startswith(start)
            )
            (self.folder / name).write_text(piece.text, encoding="utf-8")
        elif is_command(piece) and not re.search(SERVES, piece.text) and reason(piece) is None:
            filled = self.filled(piece.text)
            if filled not in before:
                self.command(piece, filled)
            self.done.add(filled)

    def python(self, piece: Piece) -> None:
        """Run a block as it is written."""
        self.make(re.findall(r'"([^"]+)"', piece.text))
        exec(compile(piece.text, piece.at, "exec"), self.names)  # noqa: S102 - the block is the test
        self.done.add(piece.text)

    def command(self, piece: Piece, filled: str) -> None:
        """Run a command, and note it if it does not end as its page says."""
        words = shlex.split(filled)
        self.make(words)
        if words[:4] == ["civicsight", "plan", "handover", "theirs.gpkg"]:
            self.change_both()
        code, said = (_in_process if re.search(IN_A_PROCESS, piece.text) else _here)(words)
        wanted = next((c for known, c in ENDS_WITH.items() if re.search(known, piece.text)), OK)
        if code != wanted or "Traceback" in said:
            self.wrong.append(
                f"{piece.at}: {piece.text}\n  ended with {code}, not {wanted}: {said}"
            )

    def make(self, words: list[str]) -> None:
        """Make the files that are named and not there, but for the one to be written."""
        for before, name in pairwise(["", *words]):
            if before != "--out" and name in MAKERS and not (self.folder / name).exists():
                MAKERS[name](self.folder / name)

    def change_both(self) -> None:
        """Change a plan that was handed over on both sides, as its page says."""
        for seed, store in enumerate(("theirs.plans.gpkg", "city.plans.gpkg"), 1):
            with open_store(self.folder / store) as opened:
                commit(opened, opened.plan(LI, "donghu"), seed=seed)

    def filled(self, text: str) -> str:
        """Return a command with what its page leaves to the reader."""
        text = re.sub(r"^(civicsight import) (FILE|文件)", r"\1 cameras.csv", text)
        text = re.sub(r"--role (ROLE|角色)", "--role planner", text)
        if "--root …" in text:
            text = text.replace("--root …", f"--root {_root(self.folder / 'plans.gpkg')}")
        if "--to …" in text or "plan file" in text:
            first = _first_remark(self.folder / "plans.gpkg")
            text = text.replace("--to …", f"--to {first.seq}")
            text = text.replace("east … --out", f"east {first.said[0].files[0].sha256} --out")
        if "plan settle" in text:
            number = next(one.seq for one in _threads(self.folder / "plans.gpkg") if one.department)
            text = text.replace("east … --as", f"east {number} --as")
        if "backup/" in text:
            copy = max((self.folder / "backup").iterdir())
            text = re.sub(r"backup/\S+\.gpkg", f"backup/{copy.name}", text)
        # No draft made this plan: it is settled as a whole; tests/test_handover.py settles cameras.
        text = text.replace("--settle camera-1=theirs", "--settle plan=theirs")
        return text.replace("--date …", f"--date {present_day()}")


def reason(piece: Piece) -> str | None:
    """Return why a command does not run here."""
    return next((why for known, why in NOT_RUN.items() if re.search(known, piece.text)), None)


def _root(store: Path) -> str:
    with open_store(store) as opened:
        return opened.plan(Actor("reader", Role.ANALYST), "east").digest


def _first_remark(store: Path) -> Thread:
    return _threads(store)[0]


def _threads(store: Path) -> list[Thread]:
    with open_store(store) as opened:
        return threads(opened, Actor("reader", Role.ANALYST), "east")


CAPTURED: list = []


def _here(words: list[str]) -> tuple[int, str]:
    """Run a command in this process."""
    code = run(words[words.index("civicsight.sh" if words[0] == "sh" else "civicsight") + 1 :])
    out, err = CAPTURED[-1].readouterr()
    return code, out[-1500:] + err[-1500:]


def _in_process(words: list[str]) -> tuple[int, str]:
    """Run a command as a process without a terminal; it may ask for a password twice."""
    done = subprocess.run(
        words, input=f"{PASSWORD}\n{PASSWORD}\n", capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    return done.returncode, done.stdout[-1500:] + done.stderr[-1500:]


@pytest.fixture
def reader(tmp_path, monkeypatch, capsys):
    """A reader in an empty folder, with the program on the path and nothing of his own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    CAPTURED.append(capsys)
    yield Walk(tmp_path, {}, [], set())
    CAPTURED.pop()


@pytest.fixture(scope="module", autouse=True)
def made_once():
    """The same city is checked once, the same plan made once; the first plan is printed as PDF."""
    read, check, write_plan, make = cs.read_city, cs.check, plans.write, planning.make_plan
    with once() as (found, patch):

        def make_once(result: Any, aims: Any, **more: Any) -> Any:
            return found.keep(
                (id(result), repr(aims)), lambda: (make(result, aims, **more), result)
            )[0]

        def write(*told: Any, pdf: bool) -> Any:
            first = pdf and "printed" not in found.known
            return write_plan(*told, pdf=first and found.keep("printed", lambda: pdf))

        def check_once(city: Any, *more: Any, **options: Any) -> Any:
            if more or options:
                return check(city, *more, **options)
            return found.keep(id(city), lambda: (check(city), city))[0]

        patch.setattr(cs, "read_city", lambda path: found.keep(path, lambda: read(path)))
        patch.setattr(cs, "check", check_once)
        for room in (plans, plan_reading):
            patch.setattr(room, "write", write)
        patch.setattr(planning, "make_plan", make_once)
        yield


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param(pair, id=pair[0], marks=[pytest.mark.slow] * (pair[0] in SLOW))
        for pair in PAIRS
    ],
)
def test_a_page_works_as_it_is_written(pages, reader, monkeypatch):
    for language, page in zip(LANGUAGES, pages, strict=True):
        monkeypatch.setenv("CIVICSIGHT_LANGUAGE", language)
        if page == "docs/planning.md":
            _check_the_corner(reader)
        for left in FROM_ANEW.get(page, ()):
            (reader.folder / left).unlink()
        before = frozenset(reader.done)
        for piece in read_pieces(page):
            reader.take(piece, before)
    assert not reader.wrong, "\n".join(reader.wrong)


def _check_the_corner(reader: Walk) -> None:
    """Give Python the ``result`` that the page speaks of."""
    reader.make(["city.gpkg", "cameras.csv"])
    city = load_city(reader.folder / "city.gpkg")
    cameras, _ = read_cameras(reader.folder / "cameras.csv", crs=city.crs, near=city.extent)
    reader.names["result"] = cs.check(city, cameras, raster=False)


@cache
def commands() -> tuple[Piece, ...]:
    return tuple(piece for page in PAGES for piece in read_pieces(page) if is_command(piece))


def test_every_reason_not_to_run_a_command_is_needed_and_names_its_test():
    for known, why in NOT_RUN.items():
        assert [piece for piece in commands() if re.search(known, piece.text)], known
        named = re.findall(r"tests/\w+\.py", why)
        assert named, known
        assert all((ROOT / name).is_file() for name in named), why
    for known in (SERVES, IN_A_PROCESS, *ENDS_WITH):
        assert [piece for piece in commands() if re.search(known, piece.text)], known
    blocks = [piece.text for page in PAGES for piece in read_pieces(page) if piece.kind == "file"]
    for start in FILES:
        assert [text for text in blocks if in_english(text).startswith(start)], start


def test_pages_without_a_twin_show_nothing_that_could_run_here():
    alone = set(PAGES) - {page for pair in PAIRS for page in pair}
    assert not [piece.at for piece in commands() if piece.page in alone and reason(piece) is None]


def served():
    found = {in_english(piece.text): piece for piece in commands() if re.search(SERVES, piece.text)}
    return list(found.values())


@pytest.mark.slow
@pytest.mark.parametrize("piece", a_few(served()), ids=lambda piece: piece.text)
def test_a_command_that_serves_answers_until_it_is_stopped(piece, reader, monkeypatch):
    """On a free port, after the accounts that its page adds, in the clone where it says so."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    reader.make(piece.text.split())
    for earlier in read_pieces(piece.page) if "--host" in piece.text else ():
        if "app-user add" in earlier.text:
            reader.take(earlier, frozenset())
    assert not reader.wrong, reader.wrong
    if "app.py" in piece.text:
        monkeypatch.chdir(ROOT)
    port = free_port()
    option = "--server.port" if "app.py" in piece.text else "--port"
    base = re.search(r"--base-path (\S+)", piece.text)
    address = f"http://127.0.0.1:{port}{base[1] if base else ''}"
    log = reader.folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*shlex.split(piece.text), option, str(port)], stdout=out, stderr=out,
            env=os.environ | {"STREAMLIT_SERVER_HEADLESS": "true"},
        )  # fmt: skip
        try:
            wait_for(server, address, log)
        finally:
            server.terminate()
            server.wait(20)


def block(start: str) -> str:
    """Return the block of the English pages that begins so."""
    pieces = [piece for page, _ in PAIRS for piece in read_pieces(page) if piece.kind == "file"]
    (found,) = {piece.text for piece in pieces if piece.text.startswith(start)}
    return found


def test_the_mapping_of_the_page_is_understood(reader, capsys):
    (reader.folder / "map.yaml").write_text(block("columns:"), encoding="utf-8")
    (reader.folder / "own.csv").write_text(
        "点位编号,挂高,lon,,kind\nA1,4.5,115.9039,28.7013,高速球\n", encoding="utf-8"
    )
    words = ["import", "own.csv", "--as", "cameras", "--mapping", "map.yaml", "--out", "own.gpkg"]
    assert run(words) == OK, capsys.readouterr()
    (camera,) = load_city(reader.folder / "own.gpkg").cameras.itertuples()
    assert (camera.Index, camera.height_m, camera.kind) == ("A1", 1.3716, "ptz")


def test_the_budgets_of_both_pages_are_the_same(tmp_path):
    found = []
    for page in ("docs/planning.md", "docs/planning.zh-CN.md"):
        files = [piece.text for piece in read_pieces(page) if piece.kind == "file"]
        (text,) = (text for text in files if in_english(text).startswith("year,district"))
        (tmp_path / "budgets.csv").write_text(text, encoding="utf-8")
        found.append(read_funds(tmp_path / "budgets.csv"))
    assert [replace(each, district=in_english(each.district)) for each in found[1]] == list(
        found[0]
    )


def test_the_secrets_of_the_page_name_roles_that_there_are():
    told = tomllib.loads(block("[auth]"))
    assert set(told) == {"auth", "civicsight"}
    assert {Role(role) for role in told["civicsight"]["roles"].values()}


def test_the_service_of_the_page_starts_the_script_of_the_archive():
    unit = configparser.ConfigParser()
    unit.optionxform = str
    unit.read_string(block("[Service]"))
    assert "civicsight.sh app --project " in unit["Service"]["ExecStart"]
