"""The process that reading processes come from: it forks one for each file, and reads none itself.

It is started with `civicsight.core.child`, imports the libraries once and has one thread, so that
a fork of it is sound. With ``one`` as its argument it reads a single file itself, for systems on
which forking is not.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from civicsight.core.atomic import held_folder
from civicsight.core.errors import SetupError
from civicsight.core.i18n import DEFAULT_LANGUAGE, translate
from civicsight.core.progress import hearing
from civicsight.io.apart import fence
from civicsight.io.apart.codec import (
    RAISED,
    message,
    progress,
    read_message,
    value_of,
    write_message,
)
from civicsight.io.apart.outcome import threads

NAME: Final = "civicsight.io.apart.serve"
ONE: Final = "one"
READERS: Final = "civicsight.io.reader_registry"
REQUEST: Final = 1 << 31
"""Characters of a request at most; it comes from us."""

OF_THE_SYSTEM: Final = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS}
)
"""Numbers of errors of disks and rights; content does not cause them."""

NO_MEMORY: Final = "std::bad_alloc"
"""What GEOS says where the system gives it no memory; shapely has no type for it.

It comes to that where memory cannot be watched and only the address space is bounded: of shapes
that are sound each by itself, and meet each other a million times.
"""

WARMED: Final = ("openpyxl", "pyarrow.parquet", "shapely", "sqlite3", "xml.sax.expatreader")
"""Libraries that many files need; the others are imported by whoever needs them."""

TABLES: Final = {
    "cameras": "camera_id,lon,lat,azimuth_deg\n1,115.9,28.7,90\n",
    "places": "name,lon,lat,item\nA,115.9,28.7,5\n",
}
"""Small tables by reader; that of places reads the packs."""

FEW: Final = 3
"""So many files are read before what many need is at hand: a command that reads no more than these
would wait longer for all of it than for what its own files need."""

SELDOM: Final = 1_000_000
"""New values between two collections: a child ends soon, and takes a quarter less time so."""

Readers = Mapping[str, Callable[..., Any]]


def main() -> None:
    """Serve requests until whoever started us is gone, or wants us to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key press is for whoever started us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gc.set_threshold(SELDOM)
    single, *modules = sys.argv[1:] if ONE in sys.argv[1:] else ("", *sys.argv[1:])
    real: Readers = importlib.import_module(READERS).READERS
    readers = dict(real)
    for name in modules:
        readers |= importlib.import_module(name).READERS
    fence.require_allowed()
    if single:
        with contextlib.suppress(BrokenPipeError, EOFError):  # nobody waits any more
            answer(0, 1, readers)
        return
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    lacks: list[str] = []
    refusal: SetupError | None = None
    try:
        apart = fence.leave_network()
        fence.adopt_orphans()
        lacks = [text.template for text in fence.lacks(network=apart)]
    except SetupError as error:
        refusal = error
    text = None if refusal is None else (refusal.args[0].template, dict(refusal.args[0].values))
    try:
        os.write(1, json.dumps({"lacks": lacks, "refusal": text}).encode() + b"\n")
    except BrokenPipeError:
        return
    keep_still()
    _Server(readers, socket.socket(fileno=0), modules, refusal).serve()


def keep_still() -> None:
    """Keep garbage collection off what is there: it would copy every page that it looks at."""
    gc.collect()
    gc.freeze()


def warm(readers: Readers) -> None:
    """Have at hand what many files need, so that no child has to begin with it.

    Where no table can be written, whoever wants a file read is told so: it needs a folder as well.
    """
    translate("", DEFAULT_LANGUAGE)
    for name in WARMED:
        importlib.import_module(name)
    with (
        contextlib.suppress(OSError),
        held_folder(Path(tempfile.gettempdir()), fence.SCRATCH) as folder,
    ):
        for kind, text in TABLES.items():
            table = folder / f"{kind}.csv"
            table.write_text(text, encoding="utf-8")
            message({"value": readers[kind](table)})
    keep_still()


class _Server:
    """Forks a child for each request, and tells how it ended.

    Where a fence around this process does not stand, each child says so and reads nothing.
    """

    def __init__(
        self,
        readers: Readers,
        control: socket.socket,
        modules: list[str],
        refusal: SetupError | None,
    ) -> None:
        self.readers, self.control, self.modules = readers, control, modules
        self.refusal = refusal
        self.status: dict[int, int] = {}
        self.forked = 0
        self.wake, woken = os.pipe()
        for end in (self.wake, woken):
            os.set_blocking(end, False)
        self.woken = woken
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Take requests until the other end is closed."""
        while True:
            ready = select.select([self.control.fileno(), self.wake], [], [])[0]
            if self.wake in ready:
                os.read(self.wake, 4096)
                self._reap()
            if self.control.fileno() in ready:
                try:
                    _, opened, _, _ = socket.recv_fds(self.control, 16, 2)
                except ConnectionResetError:
                    return
                if len(opened) < 2:
                    return
                self._fork(*opened)

    def _fork(self, line: int, status: int) -> None:
        if self.forked == FEW:
            warm(self.readers)
        self.forked += 1
        ours = os.getpid()
        child = os.fork()
        if child == 0:
            try:
                self._begin(line, status, ours)
                self._read(line)
            except SetupError as error:
                write_message(line, message(error_reply(error)))
            finally:
                os._exit(0)
        os.close(line)
        self.status[child] = status
        _answer(status, f"pid {child}\n")

    def _begin(self, line: int, status: int, parent: int) -> None:
        """Drop what the child has of us, all but the line."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        if self.refusal is not None:
            raise self.refusal
        fence.follow_parent(parent)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        for number in (nothing, status, self.wake, self.woken, *self.status.values()):
            os.close(number)
        os.set_inheritable(line, False)  # noqa: FBT003 - the system's own form

    def _read(self, line: int) -> None:
        if threads(os.getpid()) == 1:
            answer(line, line, self.readers)
            return
        # A library has started a thread, and what it holds would be locked for ever in a fork.
        os.dup2(line, 0)
        os.dup2(line, 1)
        os.execv(  # noqa: S606 - ourselves
            sys.executable, [sys.executable, "-P", "-m", NAME, ONE, *self.modules]
        )

    def _reap(self) -> None:
        """Tell how children ended, and end what they left behind."""
        ended: list[tuple[int, str]] = []
        while True:
            try:
                child, state, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if child == 0:
                break
            spent = round(1000 * (used.ru_utime + used.ru_stime))
            told = f"ms {spent}\nkib {used.ru_maxrss}\nend {os.waitstatus_to_exitcode(state)}\n"
            ended.append((child, told))
        for child, _ in ended:
            self._end_orphans(child)
        for child, told in ended:
            status = self.status.pop(child, None)
            if status is not None:
                _answer(status, told)
                os.close(status)

    def _end_orphans(self, ended: int) -> None:
        """End every child that we did not fork: a reading process did."""
        try:
            listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
        except OSError:
            return
        for child in map(int, listed.split()):
            if child not in self.status and child != ended:
                os.kill(child, signal.SIGKILL)


def _answer(status: int, line: str) -> None:
    try:
        os.write(status, line.encode("ascii"))
    except BrokenPipeError:  # nobody waits for this child any more
        return


def answer(source: int, sink: int, readers: Readers) -> None:
    """Read one request, read the file inside the fence, and send what came of it."""
    request = value_of(read_message(source), limit=REQUEST)
    os.environ.update(request["environment"])
    scratch: Path = request["scratch"]
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    os.chdir(scratch)
    try:
        close_in(request)
        with hearing(partial(_report_progress, sink) if request["heard"] else None):
            found = readers[request["reader"]](*request["arguments"], **request["options"])
        reply = message({"value": found})
    except MemoryError:
        reply = message({"lacks": "memory"})
    except Exception as error:  # noqa: BLE001 - the border of the process: the file is what failed
        reply = message(error_reply(error))
    write_message(sink, reply)


def error_reply(error: Exception) -> dict[str, Any]:
    """Return what is sent of an error: itself, the limit behind it, or what a library said."""
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"lacks": "disk"}
    if is_deliberate(error):
        return {"error": error}
    starved = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if starved or NO_MEMORY in str(error):
        return {"lacks": "memory"}
    found = f"{type(error).__name__}: {error}"[:500]
    return {"failed": found, "trace": "".join(traceback.format_exception(error))[-20_000:]}


def is_deliberate(error: Exception) -> bool:
    """Tell whether an error is one that its reader meant, or the system's about a file or a disk.

    Of the system's, one that names no file is what a library made of the content, such as a place
    before the beginning of the file.
    """
    if isinstance(error, OSError):
        return bool(error.filename) or error.errno in OF_THE_SYSTEM
    return isinstance(error, RAISED)


def _report_progress(sink: int, done: int, total: int) -> None:
    write_message(sink, progress(done, total))


def close_in(request: Mapping[str, Any]) -> None:
    """Put up every fence that this system has around this process.

    Raises
    ------
    SetupError
        If one of them does not stand: then nothing may be read.
    """
    if sys.platform == "win32":
        fence.limit_by_job(request["backstop"], request["seconds"])
        return
    if not fence.is_linux():
        fence.limit(request["backstop"], request["seconds"], request["disk"])
        return
    given = (*request["arguments"], *request["options"].values())
    read = [value for value in given if isinstance(value, Path)]
    status = fence.open_status()
    bounded = fence.drop_capabilities()
    fence.forgo_rights()
    fence.limit(request["backstop"], request["seconds"], request["disk"])
    fence.close_files(read, request["scratch"])
    fence.filter_calls()
    fence.require_fenced(status, bounded=bounded)


if __name__ == "__main__":
    main()
