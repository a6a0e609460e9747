"""The shape of the package: which room may know which, and how big its pieces may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import civicsight
from civicsight.io.reader_registry import READERS
from tests.package_modules import MODULES, ROOT, walk
from tools.figures import circles, graph, modules

TIERS = (
    {"core"},
    {"model"},
    {"rules"},
    {"scene"},
    {"io", "coverage"},
    {"planning", "inventory"},
    {"presentation"},
    {"maps"},
    {"store", "report", "editing"},
    {"region"},
    {""},  # the public names of `civicsight` itself
    {"application"},
    {"cli"},
    {"ui"},  # its own command is read by name
    {"__main__"},
)

"""A room imports itself and the tiers before its own."""


FOLDERS_OF_PLANNING = (
    {"faults"},  # what every folder takes its faults from
    {"area", "judging", "prices", "solver"},
    {"candidates", "record"},
    {"money"},
    {"aims"},
    {"choice", "works"},
    {"duplicates", "years"},
    {"statement"},
    {"proof"},
    {""},  # what draws up a plan from all of them
)

"""A folder of `planning` imports itself and the folders before its own."""


FENCES = {
    "numba": ("_kernels",),
    "osmnx": ("civicsight/io/",),
    "pyrosm": ("civicsight/io/",),
    "rasterio": (
        *("civicsight/io/", "civicsight/report/geotiff.py"),
        *("civicsight/coverage/window.py", "civicsight/maps/own_basemaps.py"),
    ),
    "pyogrio": (
        "civicsight/io/",
        "civicsight/report/geopackage.py",
        "civicsight/report/quality/quality_files.py",
        "civicsight/store/transfer.py",
    ),
    "folium": ("civicsight/maps/",),
    "branca": ("civicsight/maps/",),
    "streamlit": ("civicsight/ui/",),
    "highspy": ("civicsight/planning/",),
    "sqlalchemy": ("civicsight/store/",),
    "docx": ("civicsight/report/",),
    "cryptography": ("civicsight/store/keys.py",),
    "segno": ("civicsight/presentation/qr.py",),
    "distributed": ("civicsight/region/cluster.py",),
    "subprocess": ("civicsight/core/child.py", "civicsight/store/dumps.py"),
    "multiprocessing": (),
}

"""Third parties, and the only places that may import them."""


OPENERS = frozenset(
    {"ZipFile", "connect", "fromfile", "load_npz", "load_workbook", "memmap", "mmap", "open"}
    | {"read_bytes", "read_csv", "read_dataframe", "read_excel", "read_file", "read_info"}
    | {"read_parquet", "read_text"}
)

"""Calls by which a file is opened for reading, by their last name; `load` of numpy and others."""


ROOMS_OF_READERS = ("civicsight/io/",)

"""What a reading process runs. From outside these rooms a reader is asked for by its name."""


OPEN_THEMSELVES = {
    "shipped with the package": (
        *(
            "core/i18n",
            "maps/assets",
            "planning/candidates/classes",
            "report/html",
            "rules/functions",
            "rules/hidden",
        ),
        *("rules/brands", "rules/ladders", "rules/shape", "ui/config"),
        *("coverage/_kernels/ahead", "coverage/_kernels/compile", "coverage/entrances/scores"),
    ),
    "called by a reading process, as `io` is": ("rules/loader",),
    "made by this program, in a folder of this user": (
        *(
            "core/atomic",
            "core/cache",
            "coverage/_kernels/apart",
            "coverage/_kernels/compiler",
            "store/keys",
            "application/own_file",
        ),
        *(
            "planning/solver/highs",
            "ui/chosen",
            "application/drafts",
            "application/jobs",
            "editing/result_file",
        ),
        *("coverage/shared_memory", "region/results"),
    ),
    "a region, by the digests of its list, its shapes walked first": (
        *("region/folder", "region/gather"),
    ),
    "bounded text of three columns of numbers": ("region/curves",),
    "named by whoever runs the server, checked at its start": ("maps/own_basemaps",),
    "bytes that go through the gate of packs": ("region/run",),
    "the source of this very program": ("region/work",),
    "written a moment before": (
        *("report/compliance/volumes", "report/compliance/account", "application/intake"),
        *("report/census", "report/plan/papers", "ui/completing/lists"),
        *("application/outputs", "application/work", "application/works"),
    ),
    "copied, compared or digested, never decoded": (
        *("report/plan/folder_comparison", "store/records", "editing/project"),
        "application/handing_over",
    ),
    "a store of plans, behind its own guards": (
        *("store/backup", "store/database", "store/dumps", "store/layouts", "store/postgis"),
        *("store/server_roles", "store/sqlite", "store/store", "store/spatial_tables"),
    ),
    "the documents of a plan: bounded JSON, and arrays that numpy reads without pickles": (
        *(
            "cli/plan_approved",
            "store/migrations",
            "planning/record/documents",
            "planning/proof/certificate",
        ),
        *("planning/proof/evidence", "planning/proof/recount"),
        "planning/proof/recount_budget",
        *("planning/proof/recount_places", "planning/proof/runs"),
    ),
}

"""Modules outside `io` that open a file, and why none of a stranger is decoded there."""


READ_HERE = {
    "civicsight.editing.examples": {"read_city"},  # the cities to try, which we ship
    "civicsight.planning.prices.price_table": {"read_sheet"},  # our own figures
}

"""Modules outside `io` that call a reader in their own process, for a file that we ship."""


MAX_PUBLIC_NAMES = 16


HEAVY = {"folium", "matplotlib", "osmnx", "pyrosm", "rasterio"}


def imports_of(module: str) -> Iterator[str]:
    """Yield the dotted name of everything imported, wherever in the module the import stands."""
    for node in walk(module):
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


@cache
def ours_of(module: str) -> tuple[str, ...]:
    """Return what a module imports of this package, each once."""
    names = {name for name in imports_of(module) if name.split(".")[0] == "civicsight"}
    return tuple(sorted(names))


@cache
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
    return room == target or tier_of(target) < tier_of(room)


def test_every_module_belongs_to_a_known_room():
    rooms = {room_of(dotted_name(module)) for module in MODULES}
    assert not rooms - set().union(*TIERS)


def test_imports_point_one_way():
    wrong = [
        f"{module} imports {name}"
        for module in MODULES
        for name in ours_of(module)
        if not is_allowed(room_of(dotted_name(module)), room_of(name))
    ]
    assert not wrong


def folder_of(dotted: str) -> str:
    """Return the folder in which a module of a room lies; empty for one that lies in none.

    The catalogue of faults counts as a folder of its own, below all others.
    """
    parts = dotted.split(".")
    is_folder = (ROOT.joinpath(*parts) / "__init__.py").is_file() or parts[2:] == ["faults"]
    return parts[2] if len(parts) > 2 + (not is_folder) else ""


def test_folders_of_planning_point_one_way():
    floor = {name: n for n, names in enumerate(FOLDERS_OF_PLANNING) for name in names}
    wrong = [
        f"{module} imports {name}"
        for module in MODULES
        if module.startswith("civicsight/planning/")
        for name in ours_of(module)
        if name.startswith("civicsight.planning.")
        for own, other in [(folder_of(dotted_name(module)), folder_of(name))]
        if own != other and floor[other] >= floor[own]
    ]
    assert not wrong
    assert folder_of("civicsight.planning.make") == ""
    assert folder_of("civicsight.planning.candidates") == "candidates"
    assert folder_of("civicsight.planning.money.bill") == "money"


SOLVER = (
    *("civicsight.planning.solver", "civicsight.coverage._kernels"),
    *("civicsight.core.arrays", "civicsight.core.errors", "civicsight.core.child"),
    *("civicsight.core.extensions", "civicsight.core.settings"),
)


def test_the_solver_knows_no_city():
    wrong = [
        f"{module} imports {name}"
        for module in MODULES
        if "planning/solver/" in module
        for name in ours_of(module)
        if not name.startswith(SOLVER)
    ]
    assert not wrong


def test_the_rule_itself_knows_right_from_wrong():
    assert is_allowed("coverage", "scene")
    assert is_allowed("model", "core")
    assert not is_allowed("coverage", "io")
    assert not is_allowed("io", "coverage")
    assert not is_allowed("rules", "scene")
    assert not is_allowed("core", "model")


def is_inside(module: str, places: tuple[str, ...]) -> bool:
    parts = Path(module).with_suffix("").parts
    return any(place in parts or module.startswith(place) for place in places)


def test_third_parties_stay_behind_their_fences():
    wrong = [
        f"{module} imports {name}"
        for module in MODULES
        for name in imports_of(module)
        if not is_inside(module, FENCES.get(name.split(".")[0], (module,)))
    ]
    assert not wrong


def opens_for_reading(call: ast.Call) -> bool:
    """Tell whether a call opens a file, by its name; one that says that it writes does not."""
    name = ast.unparse(call.func).rpartition(".")[2]
    loads = ast.unparse(call.func) in {"np.load", "json.load", "yaml.load", "pickle.load"}
    words = {arg.value for arg in call.args if isinstance(arg, ast.Constant)}
    writes = any(isinstance(word, str) and word[:1] in tuple("wxa") for word in words)
    return loads or (name in OPENERS and not writes)


def test_files_are_opened_where_it_is_said_why():
    opening = {
        module.removeprefix("civicsight/").removesuffix(".py")
        for module in MODULES
        if not module.startswith(ROOMS_OF_READERS)
        for node in walk(module)
        if isinstance(node, ast.Call) and opens_for_reading(node)
    }
    assert opening == {module for modules in OPEN_THEMSELVES.values() for module in modules}


def test_no_reader_is_called_outside_its_own_process():
    readers = {(reader.__module__, reader.__name__) for reader in READERS.values()}
    here: dict[str, set[str]] = {}
    for module in MODULES:
        if module.startswith(ROOMS_OF_READERS):
            continue
        for node in walk(module):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names if (node.module, alias.name) in readers}
                here.setdefault(dotted_name(module), set()).update(names)
    assert {name: names for name, names in here.items() if names} == READ_HERE


def test_no_reader_starts_another_process():
    """A reading process reads itself: nothing that it runs asks for the names of `io`."""
    public = {"civicsight.io", "civicsight.io.apart.public", "civicsight"}
    wrong = [
        f"{module} imports {alias.name}"
        for module in MODULES
        if module.startswith(ROOMS_OF_READERS) and module != "civicsight/io/__init__.py"
        for node in walk(module)
        if isinstance(node, ast.ImportFrom) and node.module in public
        for alias in node.names
        if not is_module(f"{node.module}.{alias.name}")
    ]
    assert not wrong


def test_no_modules_import_each_other():
    found = modules()
    assert not circles(list(found), graph(found))


def test_only_the_command_line_prints():
    wrong = [
        f"{module}:{node.lineno}"
        for module in MODULES
        if Path(module).stem != "cli"
        for node in walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert not wrong


def test_our_classes_do_not_inherit_from_each_other():
    classes = {
        node.name: node
        for module in MODULES
        if module != "civicsight/core/errors.py"
        for node in walk(module)
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
