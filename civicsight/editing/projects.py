"""The projects of a folder: each is one file, with its plans beside it.

What is archived lies in a folder below and can be brought back; nothing is ever removed here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from civicsight.core.atomic import flush, naming_target, scratch_beside, written_whole
from civicsight.core.errors import InputError
from civicsight.editing.faults import reject

if TYPE_CHECKING:
    from civicsight.model import City

ENDING: Final = ".gpkg"
PLANS: Final = ".plans.gpkg"
LAW: Final = ".law.yaml"
"""What the names of a project, of its plans and of a law of its own end with."""

ARCHIVE: Final = "archive"
UNSAFE: Final = re.compile(r"[^\w-]+")
MOST_LETTERS: Final = 40
"""Letters of the name of a file: four bytes each at most, and a system takes 255."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A project of the folder.

    Parameters
    ----------
    code
        Name of its file without the ending, by which an address names it.
    name
        What people call it; where its file cannot be read, the name of the file.
    path, changed_at
        The file, and when it was written last.
    is_archived, is_damaged
        Whether it was put aside; whether it cannot be read.
    """

    code: str
    name: str
    path: Path
    changed_at: datetime
    is_archived: bool = False
    is_damaged: bool = False

    @property
    def plans_path(self) -> Path:
        """File of its plans, which is made with the first of them."""
        return plans_beside(self.path)


def plans_beside(path: Path) -> Path:
    """Return where the plans of a project are kept."""
    return path.with_name(f"{path.stem}{PLANS}")


def law_beside(path: Path) -> Path:
    """Return where the rule pack is kept that a project has beside those of the program."""
    return path.with_name(f"{path.name.removesuffix(PLANS).removesuffix(ENDING)}{LAW}")


def packs_beside(path: Path) -> tuple[Path, ...]:
    """Return the rule packs that lie beside a project, or beside the file of its plans."""
    law = law_beside(path)
    return (law,) if law.is_file() else ()


def list_projects(folder: Path) -> list[Listed]:
    """Return the projects of a folder, the one that was written last first, archived ones behind.

    A file that cannot be read is among them and says so.
    """
    found = [
        _listed(path, is_archived=place != folder)
        for place in (folder, folder / ARCHIVE)
        for path in _files(place)
    ]
    return sorted(found, key=lambda one: (one.is_archived, -one.changed_at.timestamp(), one.code))


def find_project(folder: Path, code: str) -> Listed | None:
    """Return the project of a code that is not archived, or None; a code is no path."""
    path = next((path for path in _files(folder) if path.stem == code), None)
    return None if path is None else _listed(path, is_archived=False)


def begin_project(folder: Path, city: City, law: bytes = b"") -> Listed:
    """Keep a city as a new project of the folder; its file is called like it.

    `law` is a rule pack beside those of the program, as a file that was checked; empty: none.

    Raises
    ------
    InputError
        If it has no name.
    WriteError
        If it cannot be written.
    """
    from civicsight.io.project_file import save_city

    if not city.name.strip():
        reject("project.name")
    with naming_target(folder, folder, folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = _free(folder, city.name)
    if law:  # before the project: it is never judged without it
        with written_whole(law_beside(path)) as scratch:
            scratch.write_bytes(law)
    return _listed(save_city(city, path), is_archived=False)


def keep_handed(
    place: Path, content: bytes, law: bytes, keep_plan: Callable[[Path], object]
) -> Listed:
    """Keep a project that was handed over, to the byte, with its law and its plan.

    Parameters
    ----------
    place
        The file that it becomes; or the folder in which it gets a name of its own.
    content, law
        The project file, and the rule pack beside it; empty: none.
    keep_plan
        Keeps the plan; called with the file that plans beside the project have.

    Raises
    ------
    InputError
        If it is no project, the pack has faults, or something of this name is there; nothing is
        kept then.
    WriteError
        If it cannot be written.
    """
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.packs import load_packs

    into = place / f"project{ENDING}" if place.is_dir() else place
    with scratch_beside(into, need_bytes=len(content)) as folder:
        scratch = folder / into.name
        scratch.write_bytes(content)
        city = read_apart("project", scratch)
        path = _free(place, city.name) if place.is_dir() else place
        taken = [one for one in (path, law_beside(path), plans_beside(path)) if one.exists()]
        if taken:
            reject("project.there", taken[0].name)
        if law:
            law_beside(scratch).write_bytes(law)
            load_packs(user=packs_beside(scratch))
            law_beside(scratch).replace(law_beside(path))
        try:  # its plan first: a project without it would begin anew
            keep_plan(plans_beside(path))
        except BaseException:
            for beside in (law_beside(path), plans_beside(path)):
                beside.unlink(missing_ok=True)
            raise
        flush(scratch)
        scratch.replace(path)
    return _listed(path, is_archived=False)


def archive_project(folder: Path, code: str) -> None:
    """Put a project aside, with its plans; who has it open goes on with what was read.

    Raises
    ------
    InputError
        If the folder has none of this code.
    WriteError
        If it cannot be moved.
    """
    _move(folder, folder / ARCHIVE, code)


def bring_back(folder: Path, code: str) -> None:
    """Bring a project back that was archived; see `archive_project`."""
    _move(folder / ARCHIVE, folder, code)


def _move(source: Path, target: Path, code: str) -> None:
    path = next((path for path in _files(source) if path.stem == code), None)
    if path is None:
        reject("project.gone", code[:MOST_LETTERS])
    with naming_target(path, source, target):
        target.mkdir(exist_ok=True, mode=0o700)
        free = _free(target, code)
        # Its plans and its law first: a project without them would begin anew, or with another.
        for beside in (plans_beside, law_beside):
            if beside(path).is_file():
                beside(path).rename(beside(free))
        path.rename(free)


def _free(folder: Path, name: str) -> Path:
    """Return a file of the folder that is not there yet, called like a project."""
    plain = UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip("_")[:MOST_LETTERS]
    names = [plain or "project", *(f"{plain or 'project'}-{n}" for n in range(2, 10_000))]
    taken = {path.stem for path in _files(folder)}
    taken |= {path.name.removesuffix(PLANS) for path in folder.glob(f"*{PLANS}")}
    return folder / f"{next(entry for entry in names if entry not in taken)}{ENDING}"


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob(f"*{ENDING}")):
        if not path.name.endswith(PLANS) and path.is_file():
            yield path


def _listed(path: Path, *, is_archived: bool) -> Listed:
    now = path.stat()
    name = _name_of(path, now.st_mtime_ns, now.st_size)
    at = datetime.fromtimestamp(now.st_mtime, UTC)
    return Listed(path.stem, name or path.stem, path, at, is_archived, is_damaged=not name)


@lru_cache(maxsize=1_024)
def _name_of(path: Path, _changed_ns: int, _size: int) -> str:
    """Return what a file says that it is called, once for each state of it; empty if it is none."""
    from civicsight.io.project_row import read_name
    from civicsight.io.vectors.database import opened

    try:
        with opened(path) as base:
            return read_name(base)
    except InputError:
        return ""
