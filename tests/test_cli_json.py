"""Figures for a program: every command prints them with ``--json``, and nothing beside them."""

from __future__ import annotations

import json

import pytest

from civicsight.cli.command_list import COMMANDS
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.cli.tree import program
from tests.result_town import make_city


@pytest.fixture
def printed(capsys, monkeypatch, tmp_path):
    """Run a command and return what it prints for a program."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "config" / "accounts.json"))

    def call(*words, code=OK):
        assert run([*words, "--json", "--lang", "en"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def test_every_command_prints_for_a_program():
    root = program("en", whole=True)
    without = []
    for words in COMMANDS:
        command = root
        for word in words.split():
            command = command.commands[word]
        if not any("--json" in parameter.opts for parameter in command.params):
            without.append(words)
    assert without == []


def test_an_error_has_its_kind_and_its_sentence(printed, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "No space left on device", "templates")

    monkeypatch.setattr("civicsight.io.registers.templates.write_templates", refuse)
    assert printed("template", code=BAD_INPUT) == {
        "error": "OSError",
        "message": "templates cannot be used: No space left on device",
    }


def test_what_is_written_is_listed(printed, tmp_path):
    from civicsight.io import save_city

    (file,) = printed("template", "cameras", "--out", "forms")["files"]
    assert (tmp_path / file).is_file()
    town = save_city(make_city("豫章"), tmp_path / "town.gpkg")
    told = printed("quality", str(town), "--out", "quality")
    assert all((tmp_path / file).is_file() for file in told["files"])
    told = printed("export", str(town), "--out", "town.json", "--cell", "4")
    assert told["files"] == ["town.json"]
    assert told["city"] == "豫章"
    assert json.loads((tmp_path / "town.json").read_text("utf-8"))["city"] == told["city"]


def test_accounts_and_tokens_are_told(printed, monkeypatch, tmp_path):
    from io import StringIO

    from civicsight.io import save_city

    town = save_city(make_city("豫章"), tmp_path / "town.gpkg")
    monkeypatch.setattr("sys.stdin", StringIO("long enough a password\n"))
    person = {"name": "Li", "role": "planner", "district": ""}
    assert printed("app-user", "add", "Li", "--role", "planner", "--password-stdin") == person
    assert printed("app-user", "list") == {"accounts": [person]}
    made = printed("app-token", "add", "Li", "--project", str(town), "--days", "3")
    assert made["path"].endswith("/town")
    (listed,) = printed("app-token", "list")["tokens"]
    assert listed == {key: made[key] for key in made.keys() - {"path", "token"}}
    assert (listed["role"], listed["plan"], listed["over"]) == ("planner", None, False)
    assert printed("app-token", "revoke", "Li") == {"revoked": "Li"}
    assert printed("app-token", "list") == {"tokens": []}
    assert printed("app-user", "remove", "Li") == {"removed": "Li"}
    assert printed("app-user", "list") == {"accounts": []}


def test_keys_are_told(printed):
    own = printed("key", "show", "--out", "office.pub")
    assert own["files"] == ["office.pub"]
    trusted = {"name": "office", "fingerprint": own["fingerprint"]}
    assert printed("key", "trust", "office.pub", "--name", "office") == trusted
    assert printed("key", "list") == {"trusted": [trusted]}
    assert printed("key", "forget", "office") == {"forgotten": "office"}


def test_plans_are_backed_up_copied_and_brought_back(printed, tmp_path):
    printed("plan", "new", "plans.civicsight", "p", "--as", "Li", "--name", "Plan")
    (copy,) = printed("plan", "backup", "plans.civicsight", "--as", "Li", "--out", "kept")["files"]
    assert (tmp_path / copy).is_file()
    told = printed("plan", "copy", "plans.civicsight", "other.civicsight", "--as", "Li")
    assert (told["plans"], told["versions"], len(told["head"])) == (1, 0, 64)
    back = printed("plan", "restore", copy, "plans.civicsight", "--as", "Li")
    assert back["files"] == ["plans.civicsight"]
    assert (tmp_path / back["kept"]).is_file()
