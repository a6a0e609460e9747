"""The tree of commands: what it says of each without importing it, and what a start imports."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from civicsight import cli
from civicsight.cli.command_list import COMMANDS, GROUPS
from civicsight.cli.tree import program
from civicsight.core.i18n import LANGUAGES

HEAVY = frozenset(
    {"docx", "folium", "geopandas", "highspy", "jinja2", "llvmlite", "matplotlib", "numba", "numpy"}
    | {"openpyxl", "osmnx", "pandas", "PIL", "pyarrow", "pyogrio", "pyproj", "pyrosm", "rasterio"}
    | {"scipy", "shapely", "sqlalchemy", "starlette", "streamlit", "weasyprint"}
)
"""Libraries that do work; none has a part in saying what the program can do."""


def leaves(group):
    """Yield what ends a line of words."""
    for command in group.commands.values():
        if hasattr(command, "commands"):
            yield from leaves(command)
        else:
            yield command


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_is_listed_with_its_own_name_and_help(language):
    listed, own = program(language), program(language, whole=True)
    assert list(listed.commands) == list(own.commands)
    for said, command in zip(leaves(listed), leaves(own), strict=True):
        assert (said.name, said.help) == (command.name, command.help)
        assert said.get_short_help_str(80) == command.get_short_help_str(80)


def test_every_function_that_takes_a_context_is_a_command():
    own = (f"civicsight.cli.{path.stem}" for path in Path(cli.__file__).parent.glob("[a-z]*.py"))
    found = {
        f"{module}:{name}"
        for module in (*own, "civicsight.ui.command")
        for name, value in vars(import_module(module)).items()
        if inspect.isfunction(value) and "ctx" in inspect.signature(value).parameters
        if value.__module__ == module or hasattr(value, "__signature__")
    }
    assert found == {row.home for row in COMMANDS.values()}


def test_first_words_are_declared():
    assert {words.split()[0] for words in COMMANDS if " " in words} == set(GROUPS)


@pytest.mark.slow
def test_saying_what_there_is_imports_no_library_that_works():
    code = (
        "import json, sys\n"
        "from civicsight.cli.entry import run\n"
        "from civicsight.cli.command_list import COMMANDS, GROUPS\n"
        "known = [words for words in COMMANDS if not words.startswith('app-')]\n"
        "for words in ('', *GROUPS, *known):\n"
        "    assert run([*words.split(), '--help']) == 0\n"
        "print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert "typer" in loaded
    assert loaded & HEAVY == set()
