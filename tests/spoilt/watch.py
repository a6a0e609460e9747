"""Read files in processes of their own, and note what each took and what it asked of the system."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from civicsight.core.errors import CivicsightError, InputError
from civicsight.core.settings import MEGABYTE
from civicsight.io.apart.reading import Gate
from tests.spoilt.sound import Sound
from tests.spoilt.ways import MOST_MB, MOST_S

STRACE: Final = shutil.which("strace")
READ: Final = "read"
NEVER: Final = frozenset({"MemoryError", "SetupError", "SchemaError"})
"""What no file may come to: these say that we, or the machine, are at fault."""

TICK_S: Final = 0.004
OPENED: Final = re.compile(r'open(?:at)?\((?:[^,"]+, )?"((?:[^"\\]|\\.)*)".*\) = \d+')
CALLED: Final = re.compile(r"(?:connect|sendto|sendmsg)\(.*AF_INET")
STARTED: Final = re.compile(r"execveat\(|execve\(\"((?:[^\"\\]|\\.)*)\"")
HARMLESS: Final = (
    *(sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2])),
    str(Path(np.__file__).resolve().parents[1]),
    *("/usr/", "/lib", "/bin/", "/proc/self", "/proc/thread-self", "/sys/", "/dev/null"),
    *(
        "/dev/urandom",
        "/etc/ld.so",
        "/etc/localtime",
        "/etc/mime.types",
        "/proc/meminfo",
        "/proc/stat",
    ),
)
"""What libraries open by themselves, whatever they are given."""


class Answer(NamedTuple):
    """What came of one file.

    Parameters
    ----------
    told
        ``read``, or the code of the first fault.
    seconds, peak_mb
        Wall time, and the most memory that a reading process had in use.
    """

    told: str
    seconds: float
    peak_mb: float

    @property
    def breaks(self) -> bool:
        """Whether it breaks a promise: in time, in bounds, and never a fault of ours."""
        return self.told in NEVER or self.seconds > MOST_S or self.peak_mb > MOST_MB


@dataclass(slots=True)
class Watch:
    """Reads files through a gate; counts what its processes open, whom they call, what they run."""

    gate: Gate
    trace: Path | None = None
    opened: set[str] = field(default_factory=set)
    called: int = 0
    started: int = 0

    def read(self, sound: Sound, path: Path) -> Answer:
        """Read a file as its sound original is read."""
        began = time.perf_counter()
        try:
            self.gate.read(sound.reader, path, *sound.told, **sound.more)
            told = READ
        except InputError as error:
            told = error.faults[0].code
        except CivicsightError as error:
            told = type(error).__name__
        seconds = time.perf_counter() - began
        return Answer(told, seconds, self.gate.spent.peak_bytes / MEGABYTE)

    @property
    def server(self) -> int:
        """The process that reading processes come from."""
        assert self.gate._server is not None
        return self.gate._server.pid

    def tell(self, own: Path) -> None:
        """Take in what was traced; files of a folder are nobody else's."""
        if self.trace is None:
            return
        for line in self.trace.read_text(encoding="utf-8", errors="replace").splitlines():
            self.called += bool(CALLED.search(line))
            run = STARTED.search(line)
            self.started += run is not None and run[1] != sys.executable  # or begins anew by that
            found = OPENED.search(line)
            if found and found[1].startswith("/") and "O_PATH" not in line:
                path = os.path.normpath(found[1])
                path = path.replace(f"/proc/{line.split()[0]}/", "/proc/self/")  # by its own number
                if not path.startswith((*HARMLESS, str(own), tempfile.gettempdir())):
                    self.opened.add(path)


@contextlib.contextmanager
def watching(folder: Path, *, traced: bool = True) -> Iterator[Watch]:
    """Open a gate; where `strace` is installed, what its processes do can be written down."""
    gate = Gate()
    gate.lacks()  # it is up, and whatever it loads is loaded
    watch = Watch(gate)
    with contextlib.ExitStack() as stack:
        stack.callback(gate.close)
        if STRACE and traced:
            watch.trace = folder / "trace.txt"
            stack.enter_context(_tracing(watch.server, watch.trace))
        yield watch


@contextlib.contextmanager
def _tracing(process: int, file: Path) -> Iterator[None]:
    """Write down what a process and all that it forks open, whom they call and what they run."""
    traced = "trace=open,openat,connect,sendto,sendmsg,execve,execveat"
    words = [STRACE, "-f", "-qq", "-e", traced]
    running = subprocess.Popen([*map(str, words), "-o", str(file), "-p", str(process)])
    try:
        while "TracerPid:\t0\n" in Path(f"/proc/{process}/status").read_text(encoding="ascii"):
            assert running.poll() is None, "strace may not look on here"
            time.sleep(TICK_S)
        yield
    finally:
        running.send_signal(signal.SIGINT)
        running.wait()
