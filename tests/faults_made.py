"""Every place where something is written, under every fault of the system, as the kernel gives it.

``python -m tests.faults_made`` prints the table: what became of each act. A fault is an answer of a
filter of the kernel (seccomp(2)) in a process of its own: what is tried is what would happen.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import shutil
import signal
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from civicsight.application.own_file import write_entries
from civicsight.core.atomic import UNDER_WAY, written_together, written_whole
from civicsight.core.cache import Shelf
from civicsight.core.errors import CivicsightError
from civicsight.coverage.shared_memory import Kept, keep, take
from civicsight.io import save_city
from civicsight.io.apart.reading import gate
from civicsight.io.project_file import load_city
from civicsight.model.format_versions import ACCOUNTS
from civicsight.store import backup, copy_store, export_version, open_store, verify
from civicsight.store.migrations import migrate
from tests.store_parts import LI, ROOT, SUN, begun, commit
from tests.test_check import CAMS, town
from tests.test_kept import unpacked

CODES = {"ENOSPC": errno.ENOSPC, "EPERM": errno.EPERM, "ENOMEM": errno.ENOMEM, "EIO": errno.EIO}

O_CREAT = 0x40
EQUAL, GREATER, SET, LOAD, RETURN = 0x15, 0x25, 0x45, 0x20, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
FEW = 2
"""The three streams of a process are written to all the same."""

STEPS: dict[str, list[tuple[int, int | None, int, int]]] = {
    "write": [(number, 0, GREATER, FEW) for number in (1, 18, 20, 296)],
    "sync": [(74, None, 0, 0), (75, None, 0, 0)],
    "move": [(number, None, 0, 0) for number in (82, 264, 316, 86, 265)],
    "create": [(2, 1, SET, O_CREAT), (257, 2, SET, O_CREAT), (83, None, 0, 0), (258, None, 0, 0)],
}
"""Calls by their number (x86_64), with the argument that is asked, how, and against what."""

KNOWN = platform.machine() == "x86_64" and sys.platform == "linux"


def refuse(step: str, code: int) -> None:
    """Have the kernel answer a step of writing in this process with an error from now on."""
    program = []
    for number, at, how, value in STEPS[step]:
        program += [(LOAD, 0, 0, 0)]
        if at is None:
            program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | code)]
        else:
            program += [(EQUAL, 0, 3, number), (LOAD, 0, 0, 16 + 8 * at), (how, 0, 1, value)]
            program += [(RETURN, 0, 0, REFUSE | code)]
    program += [(RETURN, 0, 0, ALLOW)]
    lines = b"".join(struct.pack("=HBBI", *line) for line in program)
    kept = ctypes.create_string_buffer(lines, len(lines))
    told = struct.pack("@HP", len(program), ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    if libc.prctl(22, 2, ctypes.create_string_buffer(told, len(told)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no filter")


class Place(NamedTuple):
    """Something that is written: what is there before, the act, and what is found afterwards.

    Where files are read for it, the process that reads them is there before the fault: the filter
    would refuse its words on pipes as well, which no full disk does.
    """

    before: Callable[[Path], object]
    act: Callable[[Path], object]
    seen: Callable[[Path], object]
    reads: bool = False


def text_of(folder: Path) -> object:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def put(folder: Path, text: str = "new" * 9_000) -> None:
    with written_whole(folder / "a.txt") as scratch:
        scratch.write_text(text)


def put_several(folder: Path, text: str = "new" * 9_000) -> None:
    with written_together(folder) as scratch:
        for name in ("a.txt", "b.txt"):
            (scratch / name).write_text(text)


def city_in(folder: Path) -> object:
    return sorted(load_city(folder / "town.gpkg").cameras.index)


def store_in(folder: Path) -> object:
    with open_store(folder / "plans.gpkg") as store:
        proof = verify(store, SUN)
        return proof.versions, [plan.rev for plan in store.list_plans(LI)], proof.head


def with_store(act: Callable[[object, Path], object]) -> Callable[[Path], object]:
    def do(folder: Path) -> object:
        with open_store(folder / "plans.gpkg") as store:
            return act(store, folder)

    return do


def new_store(folder: Path) -> object:
    return begun(folder / "plans.gpkg").close()


def shelved(folder: Path, text: str) -> None:
    with Shelf(folder / "found").filling("a" * 64) as scratch:
        (scratch / "x").write_text(text)


def shared_in(folder: Path) -> object:
    """Return what jobs take of what is kept there; nothing where it is not."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    return [take(Kept(str(folder), name)) for name in names]


def shelf_in(folder: Path) -> object:
    return Shelf(folder / "found").find("a" * 64)


PLACES: dict[str, Place] = {
    "a file": Place(lambda f: put(f, "old"), put, text_of),
    "several files": Place(lambda f: put_several(f, "old"), put_several, text_of),
    "a project": Place(
        lambda f: save_city(town(CAMS), f / "town.gpkg"),
        lambda f: save_city(town(CAMS[:1]), f / "town.gpkg"),
        city_in,
    ),
    "accounts": Place(
        lambda f: write_entries(f / "accounts.json", ACCOUNTS, {"li": {}}),
        lambda f: write_entries(f / "accounts.json", ACCOUNTS, {"li": {}, "sun": {}}),
        text_of,
    ),
    "a cache of results": Place(lambda _: None, lambda f: shelved(f, "x" * 9_000), shelf_in),
    "what jobs share": Place(
        lambda f: keep((b"old" * 9_000,), f), lambda f: keep((b"x" * 9_000,), f), shared_in
    ),
    "a new store": Place(lambda _: None, new_store, text_of),
    "a version": Place(
        new_store, with_store(lambda s, _: commit(s, s.plan(LI, "donghu"), seed=5)), store_in
    ),
    "a plan": Place(
        new_store, with_store(lambda s, _: s.new_plan(LI, "more", name="More")), store_in
    ),
    "a backup": Place(
        new_store, with_store(lambda s, f: backup(s, ROOT, f / "copies")), lambda _: None
    ),
    "a copy": Place(
        new_store, with_store(lambda s, f: copy_store(s, f / "copy.gpkg", ROOT)), lambda _: None
    ),
    "an export": Place(
        new_store,
        with_store(lambda s, f: export_version(s, LI, "donghu", f / "version.gpkg")),
        lambda _: None,
    ),
    "a migration": Place(
        lambda f: unpacked("store-v4.gpkg", f).rename(f / "plans.gpkg"),
        lambda f: migrate(f / "plans.gpkg", ROOT),
        lambda f: store_in(f)[:2],
        reads=True,
    ),
}
"""What the product writes, by what a person calls it."""

LIMIT_S = 60


def tried(place: Place, folder: Path, step: str, code: int) -> tuple[str, str]:
    """Return how an act ended under a fault, and what was said."""
    reader, writer = os.pipe()
    errors = os.memfd_create("errors")
    child = os.fork()
    if not child:
        os.close(reader)
        signal.alarm(LIMIT_S)
        os.dup2(writer, 1)
        os.dup2(errors, 2)  # of the act, and of every process that it starts
        said = "done\n"
        try:
            if place.reads:
                gate().lacks()
            refuse(step, code)
            place.act(folder)
        except (CivicsightError, OSError) as error:
            said = f"told\n{type(error).__name__}: {error}"
        except BaseException as error:  # noqa: BLE001 - told to the process that looks on
            said = f"raw\n{type(error).__name__}: {error}\n{traceback.format_exc()}"
        os.write(1, said.encode("utf-8", "replace")[:60_000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        told = file.read().decode()
    _, status = os.waitpid(child, 0)
    with os.fdopen(errors, "rb") as file:
        file.seek(0)
        shown = file.read().decode("utf-8", "replace")
    if "Traceback" in shown:
        return "raw", shown
    if os.WIFSIGNALED(status):
        return "killed", str(os.WTERMSIG(status))
    how, _, text = told.partition("\n")
    return how, text


def outcome(name: str, step: str, code: int, folder: Path) -> tuple[str, str]:
    """Return what became of an act under a fault: told, done, or what is wrong."""
    place = PLACES[name]
    place.before(folder)
    before = place.seen(folder)
    had = {path.name for path in folder.iterdir()}
    how, said = tried(place, folder, step, code)
    if how in {"raw", "killed"}:
        return how, said
    left = [path.name for path in folder.rglob(f"{UNDER_WAY}*")]
    if left:
        return "left over", f"{left} {said}"
    if how == "told" and place.seen(folder) != before:
        return "half", said
    new = {path.name for path in folder.iterdir()} - had
    torn = [one for one in new if one.endswith(".gpkg") and not whole(folder / one)]
    return ("torn", f"{torn} {said}") if torn else (how, said)


def whole(path: Path) -> bool:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as file:
        return bool(file.execute("PRAGMA integrity_check").fetchone() == ("ok",))


if __name__ == "__main__":
    say = partial(print, flush=True)
    say(f"{'':20}" + "".join(f"{step:>32}" for step in STEPS))
    for place_name in [name for name in PLACES if all(word in name for word in sys.argv[1:])]:
        cells = []
        for step_name in STEPS:
            ends = []
            for number in CODES.values():
                made = Path(tempfile.mkdtemp())
                end, text = outcome(place_name, step_name, number, made)
                ends.append(end)
                if end not in {"told", "done"}:
                    say(place_name, step_name, number, end, text[-600:])
                shutil.rmtree(made)
            cells.append("/".join(ends))
        say(f"{place_name:20}" + "".join(f"{cell:>32}" for cell in cells))
