"""What is no regular file is refused by every way in, at once and with words; nothing waits."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest

from civicsight import io
from civicsight.application.accounts import read_accounts
from civicsight.cli.entry import BAD_INPUT, run
from civicsight.cli.tree import program
from civicsight.core.errors import CivicsightError, InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.reader_registry import READERS
from civicsight.planning.proof import certificate
from civicsight.region.folder import open_region
from civicsight.rules import load_packs
from civicsight.store import open_store

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files on this system")

KINDS = ("a FIFO", "a socket", "a device")

SOON_S = 20


def special(kind: str, path: Path) -> Path:
    """Make something at a path that is no file."""
    if kind == "a FIFO":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    return path


@pytest.fixture(params=KINDS)
def odd(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    return request.param, special(request.param, tmp_path / "odd.csv")


@contextmanager
def soon():
    """Fail a test that waits."""

    def late(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SOON_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def commands(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


def takes_path(parameter) -> bool:
    return "Path" in str(parameter.type_descriptor.annotation)


def asked(command, parameter, path: Path) -> list[str]:
    """Return words that give a path to one parameter, and to each other what has to be there."""
    words = []
    for other in command.params:
        value = str(path) if other is parameter else "1"
        if other is not parameter and not other.required:
            continue
        words += [value] if other.param_type_name == "argument" else [other.opts[0], value]
    return words


def test_every_parameter_of_every_command_that_takes_a_path_refuses_it(odd):
    _, path = odd
    wrong, count = [], 0
    for words, command in commands(program("en", whole=True)):
        for parameter in command.params:
            if not takes_path(parameter):
                continue
            count += 1
            try:
                with soon():
                    run([*words.split(), *asked(command, parameter, path), "--lang", "en"])
            except (TimeoutError, SystemExit):
                wrong.append((words, parameter.name, "waits"))
    assert (count > 100, wrong) == (True, [])


@pytest.mark.parametrize(
    "words",
    ["import {}", "check {}", "rules lint {}", "rules show {}", "check x.csv --rules {}",
     "plan verify {}", "migrate {}", "plan audit {} --as x", "import x.csv --mapping {}"],
)  # fmt: skip
def test_a_command_says_what_it_met(odd, words, capsys):
    kind, path = odd
    (path.parent / "x.csv").write_text("lon,lat\n1,2\n")
    with soon():
        assert run([*words.format(path.name).split(), "--lang", "en"]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert "odd.csv" in said
    assert kind in said
    assert "Save" in said


WAYS = {
    "a table": io.read_cameras,
    "a city": io.read_city,
    "a project": io.load_city,
    "a rule pack": lambda path: load_packs([path]),
    "accounts": read_accounts,
    "a store": open_store,
    "a region": open_region,
    "a certificate": certificate.load,
    **{f"reader {name}": (lambda path, name=name: read_apart(name, path)) for name in READERS},
}


def test_every_function_that_reads_a_file_refuses_it(odd):
    kind, path = odd
    told = {}
    for name, read in WAYS.items():
        try:
            with soon():
                read(path)
        except TimeoutError:
            told[name] = "waits"
        except CivicsightError as error:
            told[name] = "" if kind in str(error) or "odd.csv" in str(error) else str(error)
        else:
            told[name] = "read"
    assert {name: text for name, text in told.items() if text} == {}


@pytest.mark.parametrize(
    ("name", "read"), [("plan.json", certificate.load), ("region.json", open_region)]
)
def test_what_lies_in_a_folder_is_refused_too(tmp_path, name, read):
    special("a FIFO", tmp_path / name)
    with soon(), pytest.raises(InputError, match="not a FIFO") as error:
        read(tmp_path)
    assert error.value.faults[0].file == name


def test_a_plan_with_a_pipe_among_its_files_is_not_waited_for(tmp_path, capsys):
    (tmp_path / "certificate").mkdir()
    for name in ("plan.json", "certificate/plan.json", "certificate/dual.npy"):
        special("a FIFO", tmp_path / name)
    with soon():
        assert run(["plan", "verify", str(tmp_path), "--lang", "en"]) == BAD_INPUT
    assert "plan.json" in capsys.readouterr().err
