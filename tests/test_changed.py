"""What changed since a commit names the tests that concern it, the nearest first."""

from __future__ import annotations

import subprocess

import pytest

from tools.changed import changed_since, concerned, main

HOUSE = {
    "civicsight/__init__.py": "",
    "civicsight/low.py": "",
    "civicsight/high.py": "from civicsight.low import fact\n",
    "civicsight/lazy.py": "def act():\n    from civicsight import high\n",
    "civicsight/other.py": "PACK = 'law.toml'\n",
    "civicsight/law.toml": "a = 1\n",
    "docs/how-to/plan.md": "words\n",
    "tests/__init__.py": "",
    "tests/conftest.py": "",
    "tests/made.py": "from civicsight.high import fact\n",
    "tests/test_a_lazy.py": "from civicsight import lazy\n",
    "tests/test_b_low.py": "from civicsight import low\n",
    "tests/test_c_made.py": "from tests.made import fact\n",
    "tests/test_d_started.py": 'WORDS = ["python", "-m", "civicsight.low"]\n',
    "tests/test_e_other.py": "from civicsight.other import PACK\n",
    "tests/test_f_pages.py": 'PAGES = ROOT / "docs" / "how-to"\n',
    "tests/test_g_alone.py": "import json\n",
}
ALL = [file for file in HOUSE if file.startswith("tests/test_")]


@pytest.fixture
def house(tmp_path):
    for file, text in HOUSE.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "letters"),
    [
        ("civicsight/low.py", "dbca"),  # named, imported, and at one and two removes
        ("civicsight/high.py", "ca"),  # by way of another module, and inside a function
        ("tests/made.py", "c"),
        ("tests/test_g_alone.py", "g"),
        ("civicsight/law.toml", "e"),  # whoever imports the module that reads it
        ("docs/how-to/plan.md", "f"),
        ("civicsight/gone.py", ""),
        ("tests/conftest.py", "abcdefg"),
        ("pyproject.toml", "abcdefg"),
    ],
)
def test_tests_are_taken_by_what_they_import_and_name(house, changed, letters):
    taken = [file.removeprefix("tests/test_")[0] for file in concerned([changed], house)]
    assert sorted(taken) == sorted(letters)
    if changed == "civicsight/low.py":
        assert set(taken[-2:]) == {"a", "c"}


def test_what_changed_is_told_from_where_the_branch_left(house):
    def git(*words):
        said = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        subprocess.run(said, cwd=house, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "first")
    git("checkout", "-b", "ours")
    git("checkout", "-b", "theirs", "main")
    (house / "civicsight/other.py").write_text("", encoding="utf-8")
    git("commit", "-am", "theirs")
    git("checkout", "ours")
    (house / "civicsight/low.py").unlink()
    (house / "tests/test_新.py").write_text("", encoding="utf-8")
    git("commit", "-am", "lost")
    (house / "civicsight/high.py").write_text("", encoding="utf-8")
    assert changed_since("theirs", house) == [
        "civicsight/high.py",
        "civicsight/low.py",
        "tests/test_新.py",
    ]
    with pytest.raises(SystemExit, match="nowhere is no commit"):
        changed_since("nowhere", house)


@pytest.mark.slow
def test_of_this_house_a_page_takes_its_tests_and_not_those_of_the_kernels():
    taken = concerned(["civicsight/ui/pages/home.py"])
    assert "tests/test_ui_pages_home.py" in taken
    assert "tests/test_kernels_cells.py" not in taken


def test_nothing_is_run_where_it_is_listed_or_nothing_changed(capsys, monkeypatch):
    monkeypatch.setattr("tools.changed.changed_since", lambda commit: [commit])
    monkeypatch.setattr("tools.changed.concerned", list)
    assert main(["tests/test_a.py", "--list"]) == 0
    assert (
        capsys.readouterr().out
        == "changed: 1 files; concerned: 1 files of tests\ntests/test_a.py\n"
    )
    monkeypatch.setattr("tools.changed.concerned", lambda _: [])
    assert main([]) == 0
    assert "concerned: 0 files" in capsys.readouterr().out
