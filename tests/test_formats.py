"""Formats by number: one table, and whoever meets a later one says which versions are meant."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from civicsight.application.accounts import add_account, read_accounts
from civicsight.application.own_file import key_of_today
from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core.errors import N_, InputError
from civicsight.core.i18n import translate
from civicsight.editing.project import open_project
from civicsight.editing.session import from_json
from civicsight.io import save_city
from civicsight.io.edits import compare
from civicsight.io.project import read_city
from civicsight.io.project_file import load_city
from civicsight.model.format_versions import (
    ACCOUNTS,
    FORMATS,
    PLAN,
    STORE,
    Step,
    brought_up,
    own_version,
    steps_from,
)
from civicsight.planning.proof import certificate
from civicsight.planning.record.documents import (
    from_documents,
    from_record,
    to_documents,
    to_record,
)
from civicsight.store import Actor, Role, open_store
from tests.app_town import DIGEST, app_city, app_guard, session
from tests.plan_made import hand_plan
from tests.store_parts import begun
from tests.test_check import town
from tests.test_planning_certificate import ring_certificate

ROOT = Path(__file__).resolve().parent.parent
LATER = r"format \d or lower, which is what civicsight \S+ knows, found '99'"


def stamp(path: Path, table: str, number: object, **more: str) -> Path:
    """Write another number into a file of SQLite, whatever guards it."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TRIGGER IF EXISTS store_no_update")
        for name, value in {"format": number, **more}.items():
            file.execute(f"UPDATE {table} SET {name} = ?", (value,))  # noqa: S608 - own names
        file.commit()
    return path


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_city(town(), tmp_path_factory.mktemp("city") / "town.gpkg")


@pytest.fixture
def project(saved, tmp_path):
    return Path(shutil.copy(saved, tmp_path / "town.gpkg"))


def later_plan(number: object = 99) -> dict[str, bytes]:
    documents = to_documents(hand_plan())
    text = json.loads(documents["plan.json"]) | {"format": number}
    return documents | {"plan.json": json.dumps(text).encode()}


def test_steps_of_each_format_lead_up_to_its_number_without_a_gap():
    for known in FORMATS.values():
        assert known.number >= 1
        assert [step.start for step in known.steps] == list(range(1, known.number))
        assert translate(known.label, "zh_CN") != str(known.label)


def test_a_later_project_is_refused_wherever_it_is_opened(project, tmp_path):
    stamp(project, "civicsight", 99, civicsight="9.9")
    for read in (
        load_city,
        read_city,
        lambda file: compare(town(), file),
        lambda file: open_project(file, tmp_path / "cache"),
    ):
        with pytest.raises(InputError, match=LATER) as error:
            read(project)
        assert error.value.faults[0].code == "project.newer"
        assert "wrote it (9.9), or a later one" in str(error.value)


def test_the_command_line_and_the_app_say_it(project, capsys, tmp_path):
    stamp(project, "civicsight", 99)
    assert run(["check", str(project), "--out", str(tmp_path / "out"), "--lang", "en"]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert f"format 1 or lower, which is what civicsight {own_version()} knows" in said
    assert "99" in said
    with pytest.raises(InputError, match=LATER):
        open_project(project, tmp_path / "cache")


@pytest.mark.parametrize("number", [None, 0, "one"])
def test_a_project_without_a_number_is_refused(project, number):
    with closing(sqlite3.connect(project)) as file:
        file.execute("UPDATE civicsight SET format = ?", (number,))
        file.commit()
    with pytest.raises(InputError, match=r"project\.no_version"):
        load_city(project)


def test_a_later_store_is_refused(tmp_path, capsys):
    begun(tmp_path / "plans.gpkg").close()
    path = stamp(tmp_path / "plans.gpkg", "store", 99)
    with pytest.raises(InputError, match=LATER):
        open_store(path)
    words = ["plan", "audit", str(path), "--as", "Sun", "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert f"format {FORMATS[STORE].number} or lower" in " ".join(capsys.readouterr().err.split())


def test_a_later_plan_is_refused():
    with pytest.raises(InputError, match=LATER):
        from_documents(later_plan())
    record = to_record(hand_plan())
    record["plan"]["format"] = 99
    with pytest.raises(InputError, match=LATER):
        from_record(record)
    with pytest.raises(InputError, match=r"plan\.no_version"):
        from_documents(later_plan(None))


def test_a_later_certificate_is_refused(tmp_path):
    ring_certificate().save(tmp_path / "a")
    path = tmp_path / "a" / "plan.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    assert certificate.verify(tmp_path / "a") == ["format.changed"]
    with pytest.raises(InputError, match=LATER):
        certificate.load(tmp_path / "a")


def test_a_later_draft_is_refused():
    text = json.dumps(json.loads(session().to_json()) | {"format": 99})
    with pytest.raises(InputError, match=LATER):
        from_json(text, app_city(), app_guard(), DIGEST)


def test_a_later_file_of_accounts_is_refused(tmp_path):
    path = tmp_path / "accounts.json"
    add_account(path, Actor("Li", Role.PLANNER), "quiet river stones")
    assert read_accounts(path).keys() == {"Li"}
    path.write_text(path.read_text().replace(key_of_today(ACCOUNTS), "civicsight accounts 99"))
    with pytest.raises(InputError, match=LATER):
        read_accounts(path)


def renamed(fields):
    return {key if key != "note" else "remark": value for key, value in fields.items()}


def test_a_document_goes_through_every_step_in_between(monkeypatch):
    steps = (
        Step(1, N_("plan"), renamed),
        Step(2, N_("plan"), lambda fields: fields | {"count": len(fields["remark"])}),
    )
    monkeypatch.setitem(FORMATS, PLAN, replace(FORMATS[PLAN], number=3, steps=steps))
    old = {"format": 1, "note": "abc"}
    assert brought_up(PLAN, old, "x") == {"format": 3, "remark": "abc", "count": 3}
    assert brought_up(PLAN, {"format": 2, "remark": "ab"}, "x")["count"] == 2
    assert brought_up(PLAN, {"format": 3}, "x") == {"format": 3}
    assert old == {"format": 1, "note": "abc"}
    assert [step.start for step in steps_from(PLAN, 2, "x")] == [2]


def test_the_page_on_formats_lists_each_with_its_number():
    page = (ROOT / "docs/decisions/0023-versions-of-formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (.*) \| (.*) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [
        (f.name, str(f.number), f.place, f.mark, f.older, f.unnumbered) for f in FORMATS.values()
    ]
