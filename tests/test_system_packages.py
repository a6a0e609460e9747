"""The set-up finds a browser and a Chinese font, or says what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import system_packages

TEXT = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
"""What sets the text of a PDF."""


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """Pretend that nothing is installed and that the user may not install anything."""
    monkeypatch.delenv("CIVICSIGHT_BROWSER", raising=False)
    monkeypatch.setattr(system_packages, "BROWSER_PATHS", ())
    monkeypatch.setattr(system_packages, "FONT_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(system_packages.shutil, "which", lambda _: None)
    monkeypatch.setattr(system_packages.ctypes.util, "find_library", lambda _: None)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "nobody")
    return tmp_path


def test_a_bare_machine_lacks_both(bare_machine, capsys):
    assert bare_machine.is_dir()
    assert system_packages.missing_packages() == ["chromium", "fonts-noto-cjk", *TEXT]
    system_packages.main()
    assert "Not found: chromium, fonts-noto-cjk" in capsys.readouterr().out


def test_a_named_browser_and_any_chinese_font_will_do(bare_machine, monkeypatch):
    own = bare_machine / "my-chromium"
    own.touch()
    (bare_machine / "opentype").mkdir()
    (bare_machine / "opentype" / "NotoSansCJK-Regular.ttc").touch()
    monkeypatch.setenv("CIVICSIGHT_BROWSER", str(own))
    assert system_packages.find_browser() == str(own)
    assert system_packages.missing_packages() == TEXT
    monkeypatch.setattr(system_packages.ctypes.util, "find_library", lambda name: f"lib{name}.so")
    assert system_packages.missing_packages() == []


def test_a_named_browser_that_is_not_there_is_not_used(bare_machine, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_BROWSER", str(bare_machine / "gone"))
    assert system_packages.find_browser() is None


def test_root_installs_what_is_missing(bare_machine, monkeypatch):
    assert bare_machine.is_dir()
    calls = []
    monkeypatch.setattr(
        system_packages.shutil,
        "which",
        lambda name: "/usr/bin/apt-get" if name == "apt-get" else None,
    )
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        system_packages.subprocess, "run", lambda command, **_: calls.append(command)
    )
    system_packages.main()
    assert [call[2] for call in calls] == ["update", "install"]
    assert calls[1][-5:] == ["chromium", "fonts-noto-cjk", *TEXT]
