"""Ask for a file to be read in a process of its own, and wait for what comes of it."""

from __future__ import annotations

import atexit
import contextlib
import glob
import json
import os
import selectors
import signal
import site
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

from civicsight.core import settings
from civicsight.core.atomic import held_folder, remove_left_over
from civicsight.core.child import PIPE, Child, ask, start_python
from civicsight.core.errors import N_, CivicsightError, SetupError, Text
from civicsight.core.progress import heard, report_progress
from civicsight.core.regular import require_regular
from civicsight.io.apart import fence
from civicsight.io.apart.codec import message, take_progress, value_of
from civicsight.io.apart.outcome import (
    ENDED,
    THREADS,
    Spent,
    is_crowded,
    memory_for,
    refuse_damaged,
    refuse_dead,
    refuse_room,
    refuse_time,
    require_declared,
    resident,
    threads,
    written,
)

SERVE: Final = "civicsight.io.apart.serve"
ONE: Final = "one"
START_S: Final = 60.0
"""What a process of its own may take to start, beside the time for the file [s]."""

TICK: Final = 0.05
"""How often memory and time of a reading process are looked at [s]."""

BACKSTOP: Final = 4
"""Address space as a multiple of the memory of values: libraries map far more than they use."""

CHUNK: Final = 1 << 20
SINGLE: Final = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip
"""What keeps libraries from starting threads when they are imported: a fork would lose them."""

INHERITED: Final = frozenset(
    {
        *("LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH"),
        *("PYTHONHOME", "PYTHONUTF8", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE"),
        *("GDAL_DATA", "PROJ_DATA", "PROJ_LIB"),
    }
    | (
        {"APPDATA", "PATH", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "WINDIR"}
        if sys.platform == "win32"
        else set()
    )
)
"""What the process that others come from inherits: how text, time and folders of this machine are,
and where an interpreter and libraries lie that were not installed by the system. All else, such as
passwords and tokens, stays here."""

PASSED: Final = ("read_memory", "today")
"""Settings that readers ask for."""

SCRATCH: Final[ContextVar[Path | None]] = ContextVar("scratch", default=None)
"""Where the folders of reading processes are made; None: among the temporary files."""

AS_ROOT: Final = N_("The app runs as root. Run it as an ordinary user: it needs no right of root.")
NO_START: Final = N_("the process from which files are read does not start")
GONE: Final = (BrokenPipeError, ConnectionResetError)
"""How the system says that whoever is at the other end of a line was ended."""

ATTEMPTS: Final = 3
"""How often a file is read where it was not the file that ended its process."""


def read_apart(reader: str, path: str | Path, *arguments: Any, **options: Any) -> Any:
    """Read a file in a process of its own, which has no network and sees no other file.

    Parameters
    ----------
    reader
        Name of a reader of `reader_registry.READERS`.
    path, arguments, options
        What it is called with. What it returns comes back as it is; `progress.hearing` hears how
        far it is, and may end it.

    Raises
    ------
    InputError
        As the reader; also if it is no file on a disk, or the process needs more memory or time
        than the settings allow, or dies of the file.
    SetupError
        If a fence that the system has cannot be put up: then nothing was read.
    """
    place = require_regular(path).absolute()
    for companion in place.parent.glob(f"{glob.escape(place.stem)}.*"):  # as a shapefile has
        require_regular(companion)
    return gate().read(reader, place, *arguments, **options)


@contextlib.contextmanager
def scratch_in(folder: Path) -> Iterator[None]:
    """Have the folders of reading processes made in a certain one."""
    before = SCRATCH.set(folder)
    try:
        yield
    finally:
        SCRATCH.reset(before)


def what_lacks() -> tuple[Text, ...]:
    """Say which fences this system does not give; empty where all stand.

    Raises
    ------
    SetupError
        If one that it has cannot be put up: then no file is read.
    """
    return gate().lacks()


def describe_lacks(*, start: bool = True) -> tuple[Text, ...]:
    """Say the same for a person, a sentence for each fence.

    Parameters
    ----------
    start
        Whether to ask the system for it, as a server does that begins: then it is also said if root
        runs it, or if it will read nothing. Else nothing is said where this process had no file
        read.
    """
    opened = gate() if start else _GATES.get(os.getpid())
    lacks = opened.lacks() if opened is not None and (start or opened.is_used) else ()
    said = [N_("Files are read with less protection here: %(text)s", text=t) for t in lacks]
    if start and opened is not None:
        said += [AS_ROOT] if fence.is_root() else []
        said += filter(None, [opened.refusal()])
    return tuple(said)


def gate() -> Gate:
    """Return the gate of this process; one that was forked gets its own."""
    with _LOCK:
        if os.getpid() not in _GATES:
            _GATES.clear()
            _GATES[os.getpid()] = opened = Gate()
            atexit.register(opened.close)
        return _GATES[os.getpid()]


@dataclass(slots=True)
class _Ending:
    """How a reading process ended, and what it sent before."""

    content: bytearray = field(default_factory=bytearray)
    code: int = ENDED
    begun: bool = False
    stopped: str = ""
    spent: Spent = field(default_factory=Spent)

    @property
    def is_lost(self) -> bool:
        """Whether nobody could say how it ended, for what it came from was ended as well."""
        return self.code == ENDED and not self.stopped


class Gate:
    """Starts reading processes, and watches each.

    Parameters
    ----------
    modules
        Modules with further ``READERS``.

    Attributes
    ----------
    spent
        What the last reading process took, where the system tells.
    is_used
        Whether one came to its end.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._lock = threading.Lock()
        self._server: Child | None = None
        self._control: socket.socket | None = None
        self._lacks: tuple[Text, ...] | Text | None = None  # or why nothing is read
        self.spent, self.is_used = Spent(), False

    def read(self, reader: str, path: Path, *arguments: Any, **options: Any) -> Any:
        """Read a file; see `read_apart`."""
        refusal = self.refusal()
        if refusal is not None:
            raise SetupError(refusal)
        room = {"memory": memory_for(reader, path), "disk": settings.read_scratch()}
        with held_folder(SCRATCH.get() or Path(gettempdir()), fence.SCRATCH) as scratch:
            request = {
                "reader": reader,
                "arguments": (path, *arguments),
                "options": options,
                "scratch": scratch,
                "environment": settings.chosen(PASSED),
                "backstop": BACKSTOP * settings.read_memory(),
                "seconds": settings.read_seconds(),
                "disk": settings.read_scratch(),
                "heard": heard() is not None,
            }
            ending = self._ask(message(request), scratch, room["memory"])
        self.spent, self.is_used = ending.spent, True
        try:
            return _value(ending, reader, path.name, room)
        except MemoryError:  # of what is sent back, and would grow
            refuse_room("memory", path.name, room["memory"])

    def lacks(self) -> tuple[Text, ...]:
        """Say which fences this system does not give; see `what_lacks`."""
        with self._lock:
            if self._lacks is None:
                self._lacks = (
                    self._asked_lacks() if fence.is_linux() else fence.lacks(network=False)
                )
            if isinstance(self._lacks, Text):
                raise SetupError(self._lacks)
            return self._lacks

    def refusal(self) -> Text | None:
        """Say why nothing is read where Linux lacks a fence that guards other files.

        Nothing is said where the system has all, or a setting accepts what it lacks.
        """
        if not fence.is_linux() or settings.reads_unfenced(of_others=_of_others()):
            return None
        grave = [text for text in self.lacks() if text.template in fence.GRAVE]
        if not grave:
            return None
        return N_(
            "No file is read, because this system protects too little: %(text)s. Use a newer Linux "
            "kernel, or set CIVICSIGHT_UNFENCED=yes to accept the risk.",
            text=grave[0],
        )

    def _asked_lacks(self) -> tuple[Text, ...] | Text:
        self._started()
        output = None if self._server is None else self._server.stdout
        line = output.readline() if output is not None else b""
        if not line:
            raise SetupError(NO_START)
        told = json.loads(line)
        if told["refusal"] is not None:
            return Text(*told["refusal"])
        return tuple(map(Text, told["lacks"]))

    def close(self) -> None:
        """End the process that reading processes come from, and with it all of them."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            self._server.wait()
            if self._server.stdout is not None:
                self._server.stdout.close()
        self._server = self._control = self._lacks = None

    def _end_dead(self, server: int) -> None:
        """Let go of a server that was ended just now, unless there is another already."""
        with self._lock:
            if self._server is not None and self._server.pid == server:
                self._server.kill()  # it may still be about to end
                self._end()

    def _started(self) -> socket.socket:
        """Return the line to the running server."""
        if self._server is not None and self._server.poll() is not None:
            self._end()
        if self._control is None:
            remove_left_over(Path(gettempdir()), fence.SCRATCH)
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._server = self._start(*self._modules, stdin=theirs.fileno())
        return self._control

    def _start(self, *words: str, stdin: int = PIPE) -> Child:
        environment = {**fence.environment(), **SINGLE}
        if site.ENABLE_USER_SITE:
            environment["PYTHONUSERBASE"] = site.getuserbase()
        return start_python(
            "-m", SERVE, *words, stdin=stdin, environment=environment, inherited=INHERITED
        )

    def _ask(self, request: bytes, scratch: Path, memory: int, attempts: int = ATTEMPTS) -> _Ending:
        """Have a request answered by a fork of the server, of a new one if that one was ended."""
        if not fence.is_linux():
            return self._ask_alone(request)
        line, theirs = socket.socketpair()
        status, told = os.pipe()
        with line, os.fdopen(status, "rb", buffering=0) as state:
            try:
                with self._lock, contextlib.suppress(*GONE):
                    control = self._started()
                    server = self._server.pid if self._server is not None else 0
                    socket.send_fds(control, [b"read"], [theirs.fileno(), told])
            finally:
                theirs.close()
                os.close(told)
            # What the libraries take is there before a file is looked at, and not its fault.
            limit = memory + resident(server, family=False)
            ending = _Watch(line, state.fileno(), request, limit, scratch).wait()
        if not ending.is_lost or attempts == 1:
            return ending
        self._end_dead(server)
        return self._ask(request, scratch, memory, attempts - 1)

    def _ask_alone(self, request: bytes) -> _Ending:
        """Have a request answered by a process that is started for it; its system bounds it."""
        process = self._start(ONE, *self._modules)
        content = ask(
            process, request, settings.read_seconds() + START_S, lambda: report_progress(0, 0)
        )
        if content is None:
            return _Ending(stopped="time")
        answer = bytearray(content)
        take_progress(answer)
        return _Ending(answer, process.returncode, begun=True)


class _Watch:
    """Waits for one reading process, and ends it where it takes too much."""

    def __init__(
        self, line: socket.socket, state: int, request: bytes, limit: int, scratch: Path
    ) -> None:
        self.scratch, self.disk, self.taken = scratch, settings.read_scratch(), 0
        self.line, self.state, self.request = line, state, memoryview(request)
        self.child, self.ending = 0, _Ending()
        self.limit, self.seconds = limit, settings.read_seconds()
        self.begun = time.monotonic()
        self.told = (0, 0)

    def wait(self) -> _Ending:
        """Return how it ended."""
        os.set_blocking(self.state, False)
        self.line.settimeout(0)
        try:
            with selectors.DefaultSelector() as waiting:
                waiting.register(self.line, selectors.EVENT_READ | selectors.EVENT_WRITE)
                waiting.register(self.state, selectors.EVENT_READ)
                while not self._is_over(waiting):
                    self._hold_to_limits()
        finally:
            if self.ending.code == ENDED:
                os.set_blocking(self.state, True)
                while not self.child and not self._take_state():
                    pass  # it is being forked
                self._kill()
                while not self._take_state():
                    pass  # until it has ended it may write where its folder was
        self._drain()
        report_progress(*self.told)
        return self.ending

    def _is_over(self, waiting: selectors.BaseSelector) -> bool:
        """Send and take what is there; tell whether the process has ended."""
        over = False
        for key, mask in waiting.select(TICK):
            if key.fd == self.state:
                over = self._take_state()
            elif mask & selectors.EVENT_WRITE:
                self._send(waiting)
            elif not self._drain(1):
                waiting.unregister(self.line)
        return over

    def _send(self, waiting: selectors.BaseSelector) -> None:
        with contextlib.suppress(*GONE):
            self.request = self.request[self.line.send(self.request[:CHUNK]) :]
            if self.request:
                return
        waiting.modify(self.line, selectors.EVENT_READ)

    def _drain(self, most: int | None = None) -> bool:
        """Take what was sent; tell whether more may come."""
        while most is None or most > 0:
            try:
                found = self.line.recv(CHUNK)
            except BlockingIOError:
                return True
            except ConnectionResetError:
                return False
            if not found:
                return False
            self.ending.content += found
            self.taken += len(found)
            self.told = take_progress(self.ending.content) or self.told
            if len(self.ending.content) > self.limit:
                self._stop("memory")
            most = None if most is None else most - 1
        return True

    def _take_state(self) -> bool:
        told = os.read(self.state, 4096)
        for word, number in (entry.split() for entry in told.decode("ascii").splitlines()):
            if word == "pid":
                self.child, self.begun, self.ending.begun = int(number), time.monotonic(), True
            elif word == "ms":
                self.ending.spent.cpu_s = int(number) / 1000
            elif word == "kib":
                self.ending.spent.peak_bytes = int(number) << 10
            else:
                self.ending.code = int(number)
        return not told or self.ending.code != ENDED

    def _hold_to_limits(self) -> None:
        """End the process if it has had its time, or takes too much; say how far it is.

        What it has written and did not send here lies on the disk.
        """
        report_progress(*self.told)
        if time.monotonic() - self.begun > self.seconds:
            self._stop("time")
        elif self.child and (resident(self.child) > self.limit or threads(self.child) > THREADS):
            self._stop("memory")  # a thread takes that of the kernel, which nobody else counts
        elif self.child and (
            written(self.child) - self.taken > self.disk or is_crowded(self.scratch)
        ):
            self._stop("disk")

    def _stop(self, why: str) -> None:
        self.ending.stopped = self.ending.stopped or why
        self._kill()

    def _kill(self) -> None:
        if not self.child:
            return
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.child, signal.SIGKILL)


def _value(ending: _Ending, reader: str, file: str, room: Mapping[str, int]) -> Any:
    """Return what was read, or raise what came of it; `room`: what it was allowed [bytes]."""
    if ending.stopped in room:
        refuse_room(ending.stopped, file, room[ending.stopped])
    if ending.stopped or ending.code == -signal.SIGXCPU:
        refuse_time(file)
    if not ending.begun:
        raise SetupError(NO_START)
    if ending.code != 0 or not ending.content:
        refuse_dead(file, ending.code)
    try:
        found = value_of(ending.content, limit=room["memory"])
        if "value" in found:
            require_declared(reader, found["value"])
    except (ValueError, CivicsightError) as error:
        refuse_damaged(file, f"{type(error).__name__}: {error}")
    if "value" in found:
        return found["value"]
    lacked = str(found.get("lacks"))
    if lacked in room:
        refuse_room(lacked, file, room[lacked])
    if isinstance(found.get("error"), Exception):
        raise found["error"]
    return refuse_damaged(file, str(found.get("failed", "")), str(found.get("trace", "")))


def set_foreign(ask: Callable[[], bool]) -> None:
    """Set what tells whether files may be those of others; without it they are this user's own."""
    global _of_others  # noqa: PLW0603 - a program has one door
    _of_others = ask


_of_others: Callable[[], bool] = bool
_GATES: dict[int, Gate] = {}
_LOCK = threading.Lock()
