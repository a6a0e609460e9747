"""The shape of the package: which room may know which, and how big its pieces may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import civicsight

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "civicsight"
MODULES = sorted(
    str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py") if "vendor" not in path.parts
)

TIERS = (
    {"errors"},
    {"table", "schema", "provenance", "settings", "i18n", "terrain"},
    {"rules"},
    {"sound", "walls"},
    {"scene"},
    {"city", "coverage"},
    {"planning"},
    {"maps"},
    {"store", "report"},
    {""},  # the public names of `civicsight` itself
    {"ui"},
    {"cli"},  # it starts the app
    {"__main__"},
)
"""A room imports itself and the tiers before its own; the second tier counts as one room."""
CORE = TIERS[1]

FENCES = {
    "numba": ("_kernels",),
    "osmnx": ("civicsight/city/",),
    "pyrosm": ("civicsight/city/",),
    "rasterio": ("civicsight/city/", "civicsight/report/geotiff.py"),
    "pyogrio": (
        "civicsight/city/",
        "civicsight/report/geopackage.py",
        "civicsight/report/quality/geopackage.py",
        "civicsight/store/export.py",
    ),
    "folium": ("civicsight/maps/",),
    "branca": ("civicsight/maps/",),
    "streamlit": ("civicsight/ui/",),
    "highspy": ("civicsight/planning/",),
    "sqlalchemy": ("civicsight/store/",),
    "docx": ("civicsight/report/",),
}
"""Third parties, and the only places that may import them."""

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_KERNEL_LINES = 60  # a kernel cannot hand its local state to a helper without copying it
MAX_NESTING = 3
MAX_KERNEL_NESTING = 4  # two loops over a grid and two over what may stand in the way
BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)
MAX_PUBLIC_NAMES = 15
HEAVY = {"folium", "matplotlib", "osmnx", "pyrosm", "rasterio"}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imports_of(module: str) -> Iterator[str]:
    """Yield the dotted name of everything imported, wherever in the module the import stands."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: relative import"
            assert node.module is not None
            submodules = {
                f"{node.module}.{alias.name}"
                for alias in node.names
                if is_module(f"{node.module}.{alias.name}")
            }
            yield from submodules or {node.module}


def is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def room_of(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def tier_of(room: str) -> int:
    return next(number for number, tier in enumerate(TIERS) if room in tier)


def dotted_name(module: str) -> str:
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_allowed(room: str, target: str) -> bool:
    same = room == target or (room in CORE and target in CORE)
    return same or tier_of(target) < tier_of(room)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_belongs_to_a_known_room(module):
    assert any(room_of(dotted_name(module)) in tier for tier in TIERS)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    room = room_of(dotted_name(module))
    targets = {name for name in imports_of(module) if name.split(".")[0] == "civicsight"}
    wrong = sorted(name for name in targets if not is_allowed(room, room_of(name)))
    assert not wrong, f"{module} may not import {wrong}"


SOLVER = ("civicsight.planning.solver", "civicsight.coverage._kernels", "civicsight.errors")


@pytest.mark.parametrize("module", [name for name in MODULES if "planning/solver/" in name])
def test_the_solver_knows_no_city(module):
    ours = {name for name in imports_of(module) if name.split(".")[0] == "civicsight"}
    assert not {name for name in ours if not name.startswith(SOLVER)}


def test_the_rule_itself_knows_right_from_wrong():
    assert is_allowed("coverage", "scene")
    assert is_allowed("schema", "table")
    assert not is_allowed("coverage", "city")
    assert not is_allowed("city", "coverage")
    assert not is_allowed("rules", "scene")
    assert not is_allowed("errors", "schema")


@pytest.mark.parametrize("module", MODULES)
def test_third_parties_stay_behind_their_fences(module):
    for name in imports_of(module):
        places = FENCES.get(name.split(".")[0])
        if places is not None:
            inside = any(
                place in Path(module).with_suffix("").parts or module.startswith(place)
                for place in places
            )
            assert inside, f"{module} imports {name}, which belongs in {places}"


@pytest.mark.parametrize("module", MODULES)
def test_modules_fit_on_a_few_screens(module):
    count = len((ROOT / module).read_text(encoding="utf-8").splitlines())
    assert count <= MAX_MODULE_LINES, f"{module} has {count} lines"


@pytest.mark.parametrize("module", MODULES)
def test_functions_fit_on_one_screen(module):
    limit = MAX_KERNEL_LINES if "_kernels" in module else MAX_FUNCTION_LINES
    lengths = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: n for name, n in lengths.items() if n > limit}


def nesting_of(node: ast.AST, depth: int = 0) -> int:
    """Return how deep blocks stand in each other; `elif` is as deep as its `if`."""
    deepest = depth
    chained = node.orelse if isinstance(node, ast.If) and len(node.orelse) == 1 else []
    for child in ast.iter_child_nodes(node):
        step = isinstance(child, BLOCKS) and not (isinstance(child, ast.If) and child in chained)
        deepest = max(deepest, nesting_of(child, depth + step))
    return deepest


@pytest.mark.parametrize("module", MODULES)
def test_blocks_do_not_stand_deep_in_each_other(module):
    limit = MAX_KERNEL_NESTING if "_kernels" in module else MAX_NESTING
    depths = {
        node.name: nesting_of(node)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef)
    }
    assert not {name: depth for name, depth in depths.items() if depth > limit}


def test_nesting_is_counted_as_a_reader_would():
    chain = "if a:\n  x\nelif b:\n  x\nelif c:\n  for i in j:\n    x\n"
    assert nesting_of(ast.parse(chain)) == 2
    assert nesting_of(ast.parse("for i in j:\n  with k:\n    if l:\n      x\n")) == 3
    assert nesting_of(ast.parse("if a:\n  x\nelse:\n  y\n  if b:\n    z\n")) == 2


@pytest.mark.parametrize("module", [name for name in MODULES if Path(name).stem != "cli"])
def test_only_the_command_line_prints(module):
    calls = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
    names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
    assert "print" not in names


def test_our_classes_do_not_inherit_from_each_other():
    classes = {
        node.name: node
        for module in MODULES
        if module != "civicsight/errors.py"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ClassDef)
    }
    bases = {
        (name, base.id)
        for name, node in classes.items()
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    assert not {pair for pair in bases if pair[1] in classes}


def test_the_public_face_is_small():
    names = getattr(civicsight, "__all__", [])
    assert len(names) <= MAX_PUBLIC_NAMES
    assert all(hasattr(civicsight, name) for name in names)


def test_importing_the_package_leaves_heavy_third_parties_alone():
    code = "import sys, civicsight; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not HEAVY & set(loaded)
