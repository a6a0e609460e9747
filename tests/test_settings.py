"""Deployment settings come from the environment, or from one table of defaults."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest

from civicsight.core import settings
from civicsight.core.errors import MismatchError


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for entry in settings.SETTINGS:
        monkeypatch.delenv(entry.variable, raising=False)


@pytest.mark.parametrize("entry", settings.SETTINGS, ids=lambda entry: entry.name)
def test_a_setting_has_a_default_that_the_environment_overrules(entry, monkeypatch):
    assert settings.setting(entry.name) == entry.default
    monkeypatch.setenv(entry.variable, "chosen")
    assert settings.setting(entry.name) == "chosen"
    assert entry.help.endswith(".")


def test_an_unknown_setting_is_a_mistake_of_the_program():
    with pytest.raises(KeyError, match="nothing"):
        settings.setting("nothing")


def test_the_cache_is_in_the_users_folder_unless_told_otherwise(monkeypatch, tmp_path):
    assert settings.cache_dir().name == "civicsight"
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path / "kept"))
    assert settings.cache_dir() == tmp_path / "kept"
    assert not Path(tmp_path / "kept").exists()


def test_workers_are_those_asked_for(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_THREADS", "5")
    assert settings.worker_count() == 5


def test_by_default_there_is_a_worker_for_every_core_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 4}, raising=False)
    assert settings.worker_count() == 3


def test_where_the_system_does_not_say_every_core_counts(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert settings.worker_count() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert settings.worker_count() == 1


def test_the_day_is_the_one_that_is_set_or_today(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-03-01")
    assert settings.present_day() == date(2026, 3, 1)
    monkeypatch.setenv("CIVICSIGHT_TODAY", "")
    before = date.today()  # noqa: DTZ011 - local days
    assert before <= settings.present_day() <= date.today()  # noqa: DTZ011


def test_a_day_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TODAY", "1 March")
    with pytest.raises(MismatchError, match="CIVICSIGHT_TODAY is '1 March'"):
        settings.present_day()


TELLING_THE_DAY = re.compile(r"\b(?:date|datetime)\.(?:today|now|utcnow)\(")
STAMPS = {"core/settings.py", "store/audit.py", "store/backup.py", "ui/ogc/documents.py"}
"""Where the clock is read: the day for everybody, the time that the store itself writes, and that
at which a program is answered."""


def test_the_day_is_read_in_one_place():
    package = Path(settings.__file__).parents[1]
    reading = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if TELLING_THE_DAY.search(path.read_text(encoding="utf-8"))
    }
    assert reading == STAMPS
