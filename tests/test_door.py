"""Public names that are imported when they are first asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

DOORS = ("civicsight", "civicsight.io")


def seen_by_a_type_checker(package):
    """Return the names that the block for type checkers imports, with their modules."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    return {alias.name: node.module for node in block.body for alias in node.names}


@pytest.mark.parametrize("name", DOORS)
def test_a_type_checker_sees_the_names_that_are_there(name):
    package = import_module(name)
    seen = seen_by_a_type_checker(package)
    assert sorted(seen) == sorted(package.__all__)
    rooms = {path.stem for path in Path(package.__file__).parent.iterdir()}
    assert not rooms & set(seen)  # importing a module of that name would put it in the place
    for public, home in seen.items():
        assert getattr(package, public) is getattr(import_module(home), public)


@pytest.mark.parametrize("name", DOORS)
def test_all_names_are_listed_and_others_are_not_there(name):
    package = import_module(name)
    assert set(package.__all__) <= set(dir(package))
    assert "__name__" in dir(package)
    with pytest.raises(AttributeError, match=rf"'{name}' has no attribute 'nothing'"):
        _ = package.nothing


@pytest.mark.slow
def test_importing_a_door_imports_what_is_behind_it_when_it_is_asked_for():
    code = (
        "import sys, civicsight, civicsight.io\n"
        "assert 'numpy' not in sys.modules\n"
        "assert callable(civicsight.io.working_crs)\n"
        "assert 'pyproj' in sys.modules and 'osmnx' not in sys.modules\n"
        "from civicsight.io import *\n"
        "assert callable(read_city)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
