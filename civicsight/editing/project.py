"""A project that is open: a city, its packs, the checked result; opened in the background."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text
from civicsight.core.progress import hearing
from civicsight.core.settings import cache_dir
from civicsight.editing.projects import packs_beside, plans_beside

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.io.source_options import Classes
    from civicsight.model import City
    from civicsight.rules import Rules


Report = Callable[[Text, int, int], None]
"""Called with the step under way, and what of it is done and in all (0 of 0: not known)."""

Show = Callable[["Project"], None]
"""Called with the project as soon as it is read, and again with what its cameras see, unjudged."""

COMPILING: Final = N_("Compiling kernels, once on this machine")
OPEN_AT_ONCE: Final = 3
"""Projects that are held in memory, the latest used."""

KEPT_RESULTS: Final = 8
"""So many results stay in the cache, the latest used."""

ENGINE: Final = frozenset({".py", ".yaml", ".json", ".txt"})
ROOMS_OF_FACES: Final = frozenset({"cli", "locale", "maps", "report", "store", "ui", "planning"})
"""Rooms that a checked result does not depend on."""


def open_project(
    path: Path, cache_dir: Path, report: Report | None = None, show: Show | None = None
) -> Project:
    """Open a project that `save_city` wrote; its plans are kept beside it.

    Parameters
    ----------
    path
        The file.
    cache_dir
        Where the checked result is kept, by the digest of all that it is computed from.
    report, show
        Told of each step, and given the project without findings where it has to be checked first.

    Raises
    ------
    InputError
        If the file is no project.
    """
    from civicsight.editing.result_file import keep_result, kept_result
    from civicsight.io.packs import load_packs
    from civicsight.io.vectors.files import require_file

    require_file(path)
    report = report or (lambda _step, _done, _total: None)
    report(N_("Looking for the kept result"), 0, 0)
    rules = load_packs(user=packs_beside(path))
    data_digest = sha256(path.read_bytes()).hexdigest()
    # The digest of all that a result is computed from: data, packs and the engine.
    parts = [data_digest, engine_digest()]
    parts += [f"{name} {value}" for name, value in sorted(rules.sha256.items())]
    digest = sha256("\n".join(parts).encode()).hexdigest()
    kept = cache_dir / "results" / f"{digest}.zip"
    result = kept_result(kept, digest, rules) if kept.is_file() else None
    if result is None:

        def early(known: CheckResult) -> None:
            state = "unseen" if known.raster is None else "unjudged"
            if show is not None:
                show(_project(path, f"{digest} {state}", data_digest, known))

        result = _checked(path, rules, report, early)
        report(N_("Keeping the result for the next start"), 0, 0)
        keep_result(result, digest, kept)
        _forget_old(kept.parent)
    else:
        kept.touch()
    return _project(path, digest, data_digest, result)


def _checked(
    path: Path, rules: Rules, report: Report, early: Callable[[CheckResult], object]
) -> CheckResult:
    """Read the city and check it; `early` is given what is known before any kernel is needed."""
    from civicsight.coverage._kernels.apart import reported_to
    from civicsight.coverage.check import check
    from civicsight.io.apart.reading import read_apart

    reading, step = N_("Reading the city"), N_("Looking through every camera")
    report(reading, 0, 0)
    with hearing(lambda done, total: report(reading, done, total)):
        city = read_apart("project", path)
    with reported_to(lambda _name: report(COMPILING, 0, 0)):
        return check(
            city, rules=rules, progress=lambda done, total: report(step, done, total), early=early
        )


def _project(path: Path, digest: str, data_digest: str, result: CheckResult) -> Project:
    plans = plans_beside(path)
    return Project(result.city, result.rules, result, digest, plans, data_digest=data_digest)


@cache
def engine_digest() -> str:
    """Return the digest of the code that computes: a changed engine never shows old numbers."""
    total = sha256()
    for room in sorted(files("civicsight").iterdir(), key=lambda entry: entry.name):
        if room.name not in ROOMS_OF_FACES:
            _add(room, total.update)
    return total.hexdigest()


def _add(entry: Traversable, update: Callable[[bytes], None]) -> None:
    if entry.is_dir():
        for below in sorted(entry.iterdir(), key=lambda item: item.name):
            _add(below, update)
    elif Path(entry.name).suffix in ENGINE:
        update(entry.name.encode() + b"\0" + entry.read_bytes())


def _forget_old(folder: Path) -> None:
    """Remove the results that were used longest ago."""
    kept = sorted(folder.glob("*.zip"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[KEPT_RESULTS:]:
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """What is open.

    Parameters
    ----------
    city, rules, result
        The tables of the city, the packs, and what `check` found with them.
    digest
        SHA-256 of all that the result was computed from; the key of every cache.
    store_path
        File that keeps the plans of this project; it is made with the first plan.
    plan_id
        Id of the plan that is worked on.
    data_digest
        SHA-256 of the file; empty where there is none.
    """

    city: City
    rules: Rules
    result: CheckResult
    digest: str
    store_path: Path
    plan_id: str = "plan"
    data_digest: str = ""

    @property
    def classes(self) -> Classes:
        """What registers may call the classes of places of its packs."""
        from civicsight.io.registers.classes import classes_of

        return classes_of(self.rules)

    @property
    def base(self) -> str:
        """Digest of what drafts and versions are drawn on.

        It is that of the data: another release judges every change anew, and refuses none because
        it is another release.
        """
        return self.data_digest or self.digest


def opening(path: Path) -> Opening:
    """Return the opening of a project file as it is now; the first call for it starts it.

    Few are open at once: the one that was asked for longest ago is let go, and opened again when
    somebody asks.
    """
    stamp: tuple[int, ...] = ()
    try:
        for file in (path, *packs_beside(path)):
            now = file.stat()
            stamp += now.st_mtime_ns, now.st_size
    except OSError:
        stamp = ()  # the opening says why
    with _OPENINGS:
        return _opening(path, stamp)


_OPENINGS: Final = Lock()


@lru_cache(maxsize=OPEN_AT_ONCE)
def _opening(path: Path, _stamp: tuple[int, ...]) -> Opening:
    under_way = Opening()
    Thread(target=_work, args=(under_way, path), name="opening", daemon=True).start()
    return under_way


def _work(under_way: Opening, path: Path) -> None:
    try:
        project = open_project(path, cache_dir(), under_way.report, under_way.show)
        under_way.future.set_result(project)
    except BaseException as error:  # noqa: BLE001 - the border of a thread: the page raises it again
        under_way.future.set_exception(error)


@dataclass(slots=True, eq=False)
class Opening:
    """How far an opening is, and in the end the project, or why there is none.

    `early` is there as soon as it is read, unless a result was kept: the project without findings,
    first without and then with what its cameras see.
    """

    future: Future[Project] = field(default_factory=Future)
    step: Text = N_("Starting")
    done: int = 0
    total: int = 0
    early: Project | None = None

    def show(self, early: Project) -> None:
        """Take what was read, to be looked at meanwhile."""
        self.early = early

    def report(self, step: Text, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.step, self.done, self.total = step, done, total

    @property
    def share(self) -> float:
        """Return how much of the step is done, 0 where it is not known."""
        return min(self.done / self.total, 1.0) if self.total else 0.0
