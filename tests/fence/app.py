"""The process that plays the program: it has a file read by readers that were taken over.

`python -m tests.fence.app` takes what is asked as JSON and prints a line of JSON for each
configuration. Started as root it may become another user first.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from civicsight.core.errors import CivicsightError, InputError, SetupError
from civicsight.io.apart.reading import Gate, scratch_in
from tests.fence.acts import ALONE, BY_NAME, MORE_REFUSALS, REFUSALS, Target, came
from tests.fence.world import World, left_in, taken, world

SECRET = "PGPASSWORD"  # noqa: S105 - the name of a variable
MODULES = ("tests.fence.acts", "tests.fence.bombs")
KILLED = "signal 31, SIGSYS"
"""How a filter ends a process whose call is of another machine."""


NOT_ALLOWED = 77
"""What this process returns where the system does not let it become another user."""

Kernel = dict[str, Any]
"""What a reading process is to find: a version of Landlock, and whether calls can be filtered."""


class Row(NamedTuple):
    """What came of one act.

    Attributes
    ----------
    came
        What the act was answered.
    effect
        What was seen of it from outside; empty: nothing.
    """

    act: str
    came: str
    is_refused: bool
    effect: str


class Watched(Gate):
    """A gate that looks at what a reading process leaves in its folder."""

    scratch: Path
    left: list[str]
    size: int

    def _ask(self, request: bytes, *attempts: int) -> Any:
        ending = super()._ask(request, *attempts)
        self.left, self.size = left_in(self.scratch), taken(self.scratch)
        return ending


def become(user: int, reached: Iterable[str]) -> None:
    """Become another user, one that reaches what a process of ours is started from.

    Where that lies in a folder which nobody else may enter, such as the home of root, this process
    gets a view of its own in which the folder is empty but for it.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, target: Path, kind: str, flags: int, data: str = "") -> None:
        words = (source.encode(), str(target).encode(), kind.encode(), flags, data.encode())
        if libc.mount(*words) != 0:
            raise OSError(ctypes.get_errno(), f"mount {target}")

    closed: dict[Path, list[Path]] = {}
    for place in map(Path, reached):
        for folder in [*place.parents][::-1]:
            if not folder.stat().st_mode & 1:
                closed.setdefault(folder, []).append(place)
                break
    if closed and libc.unshare(0x20000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    if closed:
        mount("none", Path("/"), "", 0x44000)  # what happens here stays here
    for folder, places in closed.items():
        kept = {place: os.open(place, os.O_PATH) for place in dict.fromkeys(places)}
        mount("none", folder, "tmpfs", 0, "mode=755")
        for place, number in kept.items():
            place.mkdir(parents=True, exist_ok=True)
            mount(f"/proc/self/fd/{number}", place, "", 0x1000)
            os.close(number)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    libc.prctl(4, 1, 0, 0, 0)  # as after a start: otherwise nobody of this user may look at it


def effect(before: dict[str, Any], after: dict[str, Any], left: Iterable[str]) -> str:
    """Say what has changed, and from what to what."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    told = [f"{name}: {before.get(name)} -> {after.get(name)}" for name in changed]
    return "; ".join([*told, *left])


def judged(act: str, kind: str, what: int | str, changes: str) -> Row:
    """Say whether an act was refused: by what came back, and by what was seen."""
    if kind == "nothing":
        return Row(act, "nothing there", not changes, changes)
    if kind == "error":
        refused = what in REFUSALS | MORE_REFUSALS.get(act, frozenset())
        name = os.strerror(int(what))
        return Row(act, name if refused else f"REACHED: {name}", refused and not changes, changes)
    if kind == "died" and what == KILLED:
        return Row(act, "ended by the filter", not changes, changes)
    return Row(act, f"DONE: {what}" if kind == "done" else f"{kind}: {what}", False, changes)


def tried(gate: Watched, place: World, names: list[str], kernel: Kernel) -> list[Row]:
    """Try some acts in one reading process, and look at the world before and after."""
    server = gate._server.pid if gate._server is not None else 0
    before, gate.left, gate.scratch = place.seen(server), [], place.scratch
    try:
        with scratch_in(place.scratch):
            found = gate.read("walk", place.given, names, **kernel)
    except InputError as error:
        found = dict.fromkeys(names, ("died", str(error.faults[0].found)))
    except SetupError as error:
        found = dict.fromkeys(names, ("not read", str(error)))
    except (CivicsightError, OSError) as error:
        found = dict.fromkeys(names, ("failed", str(error)))
    changes = effect(before, place.seen(server), gate.left)
    return [judged(name, *found[name], changes) for name in names]


def walked(gate: Watched, secret: str, kernel: Kernel) -> list[Row]:
    """Try all acts: in one process, but for those that would end it; each alone where any is done.

    A world that is as it was when all acts came back shows that none had an effect.
    """
    rows: dict[str, Row] = {}
    together = [name for name in BY_NAME if name not in ALONE]
    with world(secret) as place:
        rows |= {row.act: row for row in tried(gate, place, together, kernel)}
    if any(row.effect or row.came.startswith("died") for row in rows.values()):
        rows.clear()
    for name in BY_NAME:
        if name not in rows:
            with world(secret) as place:
                rows[name] = tried(gate, place, [name], kernel)[0]
    return [rows[name] for name in BY_NAME]


def unfenced(secret: str) -> list[Row]:
    """Try all acts in processes without any fence: what is refused there shows nothing."""
    rows = []
    for name, act in BY_NAME.items():
        with world(secret) as place:
            before = place.seen()
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.chdir(place.scratch)
                target = Target(**json.loads(place.given.read_text(encoding="utf-8")))
                os.write(writing, json.dumps(came(act, target)).encode())
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading, "rb") as stream:
                told = stream.read()
            os.waitpid(child, 0)
            kind, what = json.loads(told or b'["done", "it ended"]')
            changes = effect(before, place.seen(), left_in(place.scratch))
            rows.append(judged(name, kind, what, changes))
    return rows


class Burst(NamedTuple):
    """What came of a bomb.

    Attributes
    ----------
    code
        Of the fault of the file; empty where it was read.
    got
        How much of something it got, where it was read.
    grown, left
        Memory that this process took at its most beyond what it had, and what the folder of the
        reading process took of the disk at its end [bytes].
    """

    bomb: str
    code: str
    got: int
    grown: int
    left: int


def bombed(gate: Watched, secret: str, name: str) -> Burst:
    """Have a bomb read."""
    status = Path("/proc/self/status")

    def peak() -> int:
        (told,) = (row for row in status.read_text("ascii").splitlines() if "VmHWM" in row)
        return int(told.split()[1]) * 1024

    code, got, gate.size = "", 0, 0
    with world(secret) as place:
        gate.scratch = place.scratch
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = peak()
        try:
            with scratch_in(place.scratch):
                found = gate.read("bomb", place.given, name)
            got = found if isinstance(found, int) else -1
        except InputError as error:
            code = error.faults[0].code
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "OSError")
        return Burst(name, code, got, peak() - before, gate.size)


def main() -> None:
    """Do what is asked, and print what came of it."""
    asked = json.loads(sys.argv[1])
    if asked["user"] != os.getuid():
        try:
            become(asked["user"], asked["reached"])
        except OSError as error:
            print(error, file=sys.stderr)
            sys.exit(NOT_ALLOWED)
    secret = os.environ[SECRET]
    gate = Watched(*MODULES)
    lacks = [str(text) for text in gate.lacks()]
    if asked["lacks"]:
        print(json.dumps(lacks), flush=True)
    for kernel in asked["kernels"]:
        print(json.dumps(walked(gate, secret, kernel)), flush=True)
    for name in asked["bombs"]:
        print(json.dumps(bombed(gate, secret, name)), flush=True)
    if asked["unfenced"]:
        print(json.dumps(unfenced(secret)), flush=True)
    gate.close()


if __name__ == "__main__":
    main()
