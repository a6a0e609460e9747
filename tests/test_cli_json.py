"""Figures for a program: every command prints them with ``--json``, and nothing beside them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from civicsight.cli.command_list import COMMANDS
from civicsight.cli.entry import BAD_INPUT, INTERNAL, OK, run
from civicsight.cli.outputs import OUTPUTS, SHARED
from civicsight.cli.schema import schema_of, schema_of_all
from civicsight.cli.session import as_json
from civicsight.cli.shapes import names_in
from civicsight.cli.tree import program
from civicsight.core.i18n import LANGUAGES
from civicsight.core.settings import present_day
from civicsight.io import read_city, save_city
from civicsight.model import CAMERAS
from civicsight.store import Actor, Role, keys, open_store
from civicsight.store.optimised_plans import keep_plan
from tests.plan_made import hand_plan
from tests.printed import PRINTED_BY, Watch
from tests.result_town import make_city, table
from tests.scans import pdf
from tests.test_cli import CAMERA

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def printed(capsys, monkeypatch, tmp_path):
    """Run a command and return what it prints for a program."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "config" / "accounts.json"))

    def call(*words, code=OK):
        language = () if "--lang" in words else ("--lang", "en")
        assert run([*words, "--json", *language]) == code
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


def test_every_command_has_a_schema_and_a_test_that_prints_it():
    assert OUTPUTS.keys() == COMMANDS.keys()
    assert {words for all_of in PRINTED_BY.values() for words in all_of} == COMMANDS.keys()
    lost = []
    for test in PRINTED_BY:
        file, *_, name = test.split("::")
        if not re.search(rf"^ *def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE):
            lost.append(test)
    assert lost == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schemas_are_of_the_dialect_that_they_name(language):
    whole = schema_of_all(language)
    Draft202012Validator.check_schema(whole)
    for words in OUTPUTS:
        schema = schema_of(words, language)
        Draft202012Validator.check_schema(schema)
        assert set(names_in(schema)) <= schema["$defs"].keys()
        assert whole["$defs"][words]["anyOf"] == schema["anyOf"]


def records_in(shape):
    """Yield every record of a shape."""
    if isinstance(shape, dict):
        if "properties" in shape:
            yield shape
        for each in shape.values():
            yield from records_in(each)
    elif isinstance(shape, list):
        for each in shape:
            yield from records_in(each)


def test_records_are_closed_and_numbers_have_their_unit():
    for record in records_in([*OUTPUTS.values(), *SHARED.values()]):
        assert record["additionalProperties"] is False
        for name, shape in record["properties"].items():
            for end, unit in (("_yuan", "yuan"), ("_m2", "m2"), ("_m", "m"), ("_deg", "deg")):
                is_number = {"number", "integer"} & {*np.atleast_1d(shape.get("type", ""))}
                if is_number and name.endswith(end) and name != "px_per_m":
                    assert shape["x-unit"] == unit, name


def test_what_is_no_number_is_null():
    value = {"a": [float("nan"), (float("inf"), 1.5)], "b": np.float64("-inf"), "c": 2, "d": "NaN"}
    assert json.loads(as_json(value)) == {"a": [None, [None, 1.5]], "b": None, "c": 2, "d": "NaN"}


def test_a_value_that_the_schema_does_not_have_is_noticed():
    for words, value in (
        ("plan remark", {"remark": -1}),
        ("plan remark", {"remark": 1, "other": 2}),
        ("app-user add", {"name": "Li", "role": "king", "district": ""}),
        ("", {"error": 1, "message": ""}),
    ):
        watch = Watch()
        watch.enter(words)
        watch.hear(value)
        assert watch.wrong, value
    watch.enter("plan remark")
    watch.wrong.clear()
    for _ in range(2):
        watch.hear({"remark": 1})
    assert watch.wrong == ["plan remark: prints more than one value"]


@pytest.mark.slow
def test_the_schema_is_printed(printed, capsys):
    assert printed("schema") == schema_of_all("en")
    assert printed("schema", "plan", "optimise") == schema_of("plan optimise", "en")
    assert printed("schema", "optimise", code=BAD_INPUT)["error"] == "MismatchError"
    assert run(["schema", "coverage", "--lang", "zh_CN"]) == OK
    told = capsys.readouterr().out
    assert "areas[].area_m2" in told
    assert "number [m2]" in told
    assert "各清晰度级别看到的面积" in told


def test_a_program_hears_of_every_stop(printed, monkeypatch):
    def fail(*_, **__):
        raise TypeError

    assert printed("check", code=BAD_INPUT) == {
        "error": "MissingParameter",
        "message": "city: expected: a value, found: none.",
    }
    assert printed("key", "list", "--lang", "klingon", code=BAD_INPUT)["error"] == "MismatchError"
    monkeypatch.setattr("civicsight.store.keys.trusted_keys", fail)
    assert printed("key", "list", code=INTERNAL)["error"] == "TypeError"


def test_an_error_has_its_kind_and_its_sentence(printed, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "No space left on device", "templates")

    monkeypatch.setattr("civicsight.io.registers.templates.write_templates", refuse)
    assert printed("template", code=BAD_INPUT) == {
        "error": "OSError",
        "message": "templates cannot be used: No space left on device",
    }


def test_what_is_written_is_listed(printed, tmp_path):
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


def test_keys_are_told(printed, tmp_path):
    own = printed("key", "show", "--out", "office.pub")
    assert own["files"] == ["office.pub"]
    trusted = {"name": "office", "fingerprint": own["fingerprint"]}
    assert printed("key", "trust", "office.pub", "--name", "office") == trusted
    assert printed("key", "list") == {"trusted": [trusted]}
    assert printed("key", "forget", "office") == {"forgotten": "office"}
    bundle = tmp_path / "bundle.tar"
    bundle.write_bytes(b"bundle")
    (tmp_path / "bundle.tar.sig").write_bytes(keys.sign(bundle, keys.BUNDLE))
    told = printed("key", "check", "bundle.tar")
    assert told == {"file": "bundle.tar", "signer": "", "fingerprint": own["fingerprint"]}


def test_plans_are_backed_up_copied_and_brought_back(printed, tmp_path):
    printed("plan", "new", "plans.civicsight", "p", "--as", "Li", "--name", "Plan")
    (copy,) = printed("plan", "backup", "plans.civicsight", "--as", "Li", "--out", "kept")["files"]
    assert (tmp_path / copy).is_file()
    told = printed("plan", "copy", "plans.civicsight", "other.civicsight", "--as", "Li")
    assert (told["plans"], told["versions"], len(told["head"])) == (1, 0, 64)
    back = printed("plan", "restore", copy, "plans.civicsight", "--as", "Li")
    assert back["files"] == ["plans.civicsight"]
    assert (tmp_path / back["kept"]).is_file()


@pytest.fixture
def town(tmp_path):
    """A town with a camera that stands and one that is planned."""
    standing = CAMERA | {"camera_id": "36010200001320000001"}
    planned = CAMERA | {"camera_id": "36010200001320000002", "status": "planned"}
    city = replace(make_city("豫章"), cameras=table(CAMERAS, [standing, planned]))
    return str(save_city(city, tmp_path / "town.gpkg"))


def test_what_a_town_gives_is_told(printed, town):
    assert printed("specify", town)["cameras"] == 1
    assert printed("survey", "out", town)["stops"]["planned"] == 1
    assert printed("gates", "ask", town)["gates"] == 3
    assert printed("privacy", town)["cameras"] == 0
    assert printed("catalogue", town, "--system", "36010200002000000001")["cameras"] == 1


@pytest.mark.slow
def test_a_region_is_told(printed, town):
    cut = printed("region", "import", town, "--tile-m", "200", "--out", "region")
    assert cut["rows"]["cameras"] == 2
    found = printed("region", "check", "region")
    again = printed("region", "report", "region")
    assert again["parts"] == found["parts"]
    ((name, part),) = again["parts_of_region"].items()
    assert [name] == cut["parts"]
    assert (part["cameras"], part["computed"]) == (2, False)


def test_a_review_is_told(printed, tmp_path):
    scan, note = tmp_path / "scan.pdf", tmp_path / "note.pdf"
    for file in (scan, note):
        file.write_bytes(pdf())
    with open_store("plans.civicsight", create=True) as opened:
        keep_plan(
            opened, Actor("Li", Role.PLANNER), "p", hand_plan(inputs={}), "Plan", ("housing",)
        )

    def act(name, *words):
        return printed("plan", name, "plans.civicsight", "p", *words)

    root = act("submit", "--as", "Li")["root"]
    seen = ("--root", root, "--date", present_day().isoformat())
    voiced = ("--department", "housing", "--text", "not here", "--reply", "disagree")
    assert act("opinion", "--as", "Wang", *seen, *voiced)["state"] == "joint_review"
    number = act("remark", "--as", "Wang", "--text", "see the note", "--file", "note.pdf")["remark"]
    threads = act("remarks")
    (thread,) = [one for one in threads if one["said"][0]["seq"] == number]
    ((kept,),) = [said["files"] for said in thread["said"]]
    assert act("file", kept["sha256"], "--out", "copy.pdf")["files"] == ["copy.pdf"]
    (asked,) = act("adoption")["departments"]
    (opinion,) = asked["voiced"]
    settled = act(
        "settle", str(opinion["number"]), "--as", "Li", "--adopted", "partly", "--reason", "moved"
    )
    assert (settled["settled"], settled["open"]) == (opinion["number"], 0)
    assert act("submit", "--as", "Li")["state"] == "submitted"
    assert act("return", "--as", "Zhou", "--reason", "once more")["state"] == "returned"
    act("submit", "--as", "Li")
    act("opinion", "--as", "Wang", *seen, *voiced[:3], "agreed", "--reply", "agree")
    act("submit", "--as", "Li")
    decision = ("--body", "市政府", "--number", "7", "--scan", "scan.pdf")
    assert act("approve", "--as", "Zhou", *seen, *decision)["state"] == "approved"


def test_what_asks_a_network_or_serves_is_told(printed, town, monkeypatch):
    from civicsight.store.server_roles import Roles

    monkeypatch.setattr("civicsight.io.fetch_city", lambda *_, **__: read_city(town))
    assert printed("fetch", "x", "--out", "n.gpkg")["parts"]
    roles = Roles("owner", "user", ("user",), "postgresql://user@host/plans")
    monkeypatch.setattr("civicsight.store.server_roles.init_store", lambda *_, **__: roles)
    assert printed("store", "init", "postgresql://admin@host/plans")["made"] == ["user"]
    monkeypatch.setattr("civicsight.coverage._kernels.ahead.compile_all", lambda _: 3)
    assert printed("prepare") == {"kernels": 3}

    def serve(*_, before, **__):
        before("/civicsight")

    monkeypatch.setattr("civicsight.ui.serve.serve", serve)
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")  # the command sets it
    assert printed("app")["address"].startswith("http://")
