"""The locks against a snapshot of advisories: never called audited where they were not."""

from __future__ import annotations

import json
from datetime import date
from zipfile import ZipFile

import pytest
import yaml

from tools import advisories
from tools.advisories import (
    CLEAN,
    HIT,
    NOT_AUDITED,
    audit,
    audit_text,
    is_affected,
    main,
    pins,
    statement,
)
from tools.release import require_audit
from tools.tree import NotReadyError

WANTED = {("PyPI", "numpy", "2.1.0"), ("PyPI", "typing-extensions", "4.12"),
          ("npm", "leaflet", "1.9.4")}  # fmt: skip


def advisory(name, *, number="PYSEC-2026-1", ecosystem="PyPI", day="2026-11-01", **more):
    package = {"ecosystem": ecosystem, "name": name}
    events = more.pop("events", [{"introduced": "0"}])
    entry = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {"id": number, "modified": f"{day}T00:00:00Z", "summary": "it breaks",
            "affected": [entry]} | more  # fmt: skip


def snapshot(folder, *entries):
    folder.mkdir(exist_ok=True)
    for number, entry in enumerate(entries):
        if number % 2:
            (folder / f"{number}.json").write_text(json.dumps(entry), encoding="utf-8")
        else:
            (folder / f"{number}.yaml").write_text(yaml.safe_dump(entry), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def few_pins(monkeypatch):
    monkeypatch.setattr(advisories, "pins", lambda: WANTED)


@pytest.mark.parametrize(
    ("events", "version", "expected"),
    [
        ([{"introduced": "0"}], "1.0", True),
        ([{"introduced": "0"}, {"fixed": "1.2"}], "1.1", True),
        ([{"introduced": "0"}, {"fixed": "1.2"}], "1.2", False),
        ([{"introduced": "0"}, {"fixed": "1.2"}], "1.2rc1", True),
        ([{"introduced": "1.5"}], "1.10", True),
        ([{"introduced": "1.5"}], "1.4", False),
        ([{"introduced": "1"}, {"last_affected": "1.3"}], "1.3", True),
        ([{"introduced": "1"}, {"last_affected": "1.3"}], "1.3.1", False),
        ([{"fixed": "2.1"}, {"introduced": "2"}, {"fixed": "1.2"}, {"introduced": "0"}], "1.5",
         False),
        ([{"fixed": "2.1"}, {"introduced": "2"}, {"fixed": "1.2"}, {"introduced": "0"}], "2.0.5",
         True),
        ([{"introduced": "spring"}], "1.0", None),
    ],
)  # fmt: skip
def test_a_version_is_within_a_range_or_not(events, version, expected):
    entry = {"ranges": [{"type": "ECOSYSTEM", "events": events}]}
    assert is_affected(entry, version) is expected


def test_a_listed_version_is_affected_and_a_range_of_commits_says_nothing():
    assert is_affected({"versions": ["1.0"], "ranges": []}, "1.0") is True
    assert is_affected({"versions": ["1.0"], "ranges": []}, "1.1") is False
    commits = [{"type": "GIT", "events": [{"introduced": "0"}]}]
    assert is_affected({"ranges": commits}, "1.0") is None


def test_without_a_snapshot_it_is_not_audited(capsys, tmp_path):
    assert main([]) == NOT_AUDITED
    assert main([str(tmp_path / "none.zip")]) == NOT_AUDITED
    (tmp_path / "text.zip").write_text("no zip")
    assert main([str(tmp_path / "text.zip")]) == NOT_AUDITED
    assert main([str(snapshot(tmp_path / "empty"))]) == NOT_AUDITED
    other = advisory("serde", ecosystem="crates.io")
    assert main([str(snapshot(tmp_path / "other", other))]) == NOT_AUDITED
    told = capsys.readouterr().out
    assert told.count("NOT AUDITED") == 5
    assert "as of" not in told


def test_a_clean_snapshot_says_its_day(capsys, tmp_path):
    folder = snapshot(
        tmp_path / "s",
        advisory("numpy", events=[{"introduced": "0"}, {"fixed": "1.9"}], day="2026-10-30"),
        advisory("unrelated", day="2026-11-02"),
        advisory("numpy", number="PYSEC-2026-9", withdrawn="2026-01-01T00:00:00Z"),
    )
    assert main([str(folder)]) == CLEAN
    told = capsys.readouterr().out
    assert "3 pins against 3 advisories as of 2026-11-02: 0 hits" in told
    assert "NOT AUDITED" not in told


def test_hits_are_named_by_any_spelling_in_a_folder_and_in_a_zip(capsys, tmp_path):
    folder = snapshot(
        tmp_path / "s",
        advisory("Typing_Extensions", number="PYSEC-2026-2"),
        advisory("leaflet", ecosystem="npm", number="GHSA-1"),
    )
    assert main([str(folder)]) == HIT
    told = capsys.readouterr().out
    assert "typing-extensions 4.12: PYSEC-2026-2 it breaks" in told
    assert "leaflet 1.9.4: GHSA-1" in told
    packed = tmp_path / "all.zip"
    with ZipFile(packed, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    assert audit(packed, WANTED) == audit(folder, WANTED)


@pytest.mark.parametrize("text", ["[", "id: {", "- a", "summary: no id", "id: a\naffected: 7"])
def test_what_cannot_be_read_or_compared_is_not_called_audited(text, capsys, tmp_path):
    folder = snapshot(tmp_path / "s", advisory("unrelated"))
    (folder / "bad.yaml").write_text(text)
    assert main([str(folder)]) == NOT_AUDITED
    assert "cannot be read: bad.yaml" in capsys.readouterr().out
    (folder / "bad.yaml").write_text(
        yaml.safe_dump(advisory("numpy", events=[{"introduced": "spring"}]))
    )
    assert main([str(folder)]) == NOT_AUDITED
    assert "look yourself: PYSEC-2026-1: numpy 2.1.0" in capsys.readouterr().out


FIXED = [{"introduced": "0"}, {"fixed": "1.9"}]


def test_what_is_kept_for_a_release_is_audited_as_its_snapshot_is(capsys, tmp_path):
    source = snapshot(tmp_path / "s", advisory("numpy", events=FIXED, day="2026-10-30"),
                      advisory("unrelated", day="2026-11-02"))  # fmt: skip
    kept = tmp_path / "advisories.json"
    assert main([str(source), "--keep", str(kept)]) == CLEAN
    assert b"unrelated" not in kept.read_bytes()
    again = tmp_path / "again.json"
    assert main([str(source), "--keep", str(again)]) == CLEAN
    assert again.read_bytes() == kept.read_bytes()
    capsys.readouterr()
    assert main([str(kept)]) == CLEAN
    assert "3 pins against 2 advisories as of 2026-11-02: 0 hits" in capsys.readouterr().out
    assert main([str(snapshot(tmp_path / "h", advisory("numpy"))), "--keep", str(kept)]) == HIT
    assert main([str(kept)]) == HIT


def test_a_pin_that_came_after_the_kept_snapshot_is_not_called_audited(tmp_path):
    kept = tmp_path / "advisories.json"
    source = snapshot(tmp_path / "s", advisory("numpy", events=FIXED))
    assert main([str(source), "--keep", str(kept)]) == CLEAN
    found = audit(kept, WANTED | {("PyPI", "newer", "1.0")})
    assert found.unknown == ("not in the snapshot: newer",)
    assert statement(found, 4)[0] == NOT_AUDITED


@pytest.mark.parametrize("text", ["", "[]", "{", '{"as_of": 1}', '{"as_of": "2026-11-02"}'])
def test_a_kept_snapshot_that_is_none_is_not_audited(capsys, tmp_path, text):
    kept = tmp_path / "advisories.json"
    kept.write_text(text, encoding="utf-8")
    assert main([str(kept)]) == NOT_AUDITED
    assert "NOT AUDITED" in capsys.readouterr().out


def test_what_is_not_audited_is_not_kept(tmp_path):
    kept = tmp_path / "advisories.json"
    assert main([str(snapshot(tmp_path / "empty")), "--keep", str(kept)]) == NOT_AUDITED
    assert not kept.exists()


def test_a_release_says_what_it_was_audited_by_or_that_it_was_not(tmp_path):
    assert "NOT AUDITED" in audit_text(tmp_path / "none.json")
    assert "未经审查" in audit_text(tmp_path / "none.json")
    assert "osv.dev" in audit_text(tmp_path / "none.json")
    kept = tmp_path / "advisories.json"
    source = snapshot(tmp_path / "s", advisory("numpy", events=FIXED))
    main([str(source), "--keep", str(kept)])
    told = audit_text(kept)
    assert "AUDITED as of 2026-11-01" in told
    assert "NOT AUDITED" not in told
    assert "截至 2026-11-01" in told


@pytest.mark.parametrize(
    ("day", "more", "expected"),
    [
        ("2026-11-20", [], None),
        ("2026-12-20", [], "49 days before the release"),
        ("2026-10-20", [], "after the release"),
        ("2026-11-20", [advisory("numpy", number="PYSEC-2026-3")], "PYSEC-2026-3"),
    ],
)
def test_a_release_needs_a_fresh_snapshot_without_hits(tmp_path, day, more, expected):
    kept = tmp_path / "advisories.json"
    source = snapshot(tmp_path / "s", advisory("numpy", events=FIXED), *more)
    main([str(source), "--keep", str(kept)])
    if expected is None:
        assert "as of 2026-11-01" in require_audit(kept, date.fromisoformat(day))
        return
    with pytest.raises(NotReadyError, match=expected):
        require_audit(kept, date.fromisoformat(day))


def test_a_release_without_a_snapshot_is_refused_until_it_is_said_to_be_not_audited(tmp_path):
    with pytest.raises(NotReadyError, match="--not-audited"):
        require_audit(tmp_path / "none.json", date(2026, 11, 20))
    told = require_audit(tmp_path / "none.json", date(2026, 11, 20), not_audited=True)
    assert told.startswith("NOT AUDITED")


def test_pins_are_those_of_both_locks_and_of_the_browser():
    found = pins()
    names = {(ecosystem, name) for ecosystem, name, _ in found}
    assert {("PyPI", "geopandas"), ("PyPI", "pytest"), ("npm", "leaflet")} <= names
    assert len(names) > 100
