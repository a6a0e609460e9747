"""What the acts of `acts` aim at, and how it is seen from outside that none was done."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import resource
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.fence.acts import LIBC, call

LIMITS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
SHARED = ("shm", "msg", "sem")


class World:
    """Files, sockets and a process of this user, for acts to aim at.

    Attributes
    ----------
    given
        The file that a reading process is asked to read; it says what all the rest is.
    scratch
        Where the folders of reading processes are made.
    """

    def __init__(self, secret: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="civicsight-fence-"))
        self.scratch = Path(tempfile.mkdtemp(prefix="civicsight-own-"))
        self.given, home = self.folder / "given" / "given.json", self.folder / "home"
        for folder in (self.given.parent, home / ".ssh", self.folder / "empty"):
            folder.mkdir(parents=True)
        files = {name: home / name for name in ("accounts.json", ".ssh/id_ed25519")}
        files["private.txt"] = self.given.with_name("private.txt")
        for path in files.values():
            path.write_text(f"nobody's business: {secret}", encoding="utf-8")
            path.chmod(0o600)
        self.word, self.number = f"civicsight-{secrets.token_hex(6)}", secrets.randbits(30) | 1
        self.waiting: dict[str, socket.socket] = {}
        self._listen("door", socket.AF_UNIX, str(self.folder / "docker.sock"))
        self._listen("postgres", socket.AF_UNIX, str(self.folder / ".s.PGSQL.5432"))
        self._listen("abstract", socket.AF_UNIX, f"\0{self.word}")
        self._listen("tcp", socket.AF_INET, ("127.0.0.1", 0))
        with suppress(OSError):  # a machine without IPv6
            self._listen("tcp6", socket.AF_INET6, ("::1", 0))
        self._listen("post", socket.AF_UNIX, str(self.folder / "post"), socket.SOCK_DGRAM)
        self._listen("udp", socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM)
        self.victim = subprocess.Popen(["/bin/sleep", "600"], stdin=subprocess.DEVNULL)
        ports = {
            name: self.waiting[name].getsockname()[1] if name in self.waiting else 9
            for name in ("tcp", "tcp6", "udp")
        }
        target = {
            "given": str(self.given), "accounts": str(files["accounts.json"]), "home": str(home),
            "key": str(files[".ssh/id_ed25519"]), "private": str(files["private.txt"]),
            "beside": str(self.given.with_name("written")), "empty": str(self.folder / "empty"),
            "door": str(self.folder / "docker.sock"), "post": str(self.folder / "post"),
            "postgres": str(self.folder / ".s.PGSQL.5432"), "abstract": self.word,
            "word": self.word, "number": self.number, "secret": secret,
            "victim": self.victim.pid, "app": os.getpid(), **ports,
        }  # fmt: skip
        self.given.write_text(json.dumps(target), encoding="utf-8")
        with suppress(OSError):  # a file system without
            os.setxattr(self.given, "user.kept", b"x")

    def _listen(self, name: str, family: int, address: Any, kind: int = socket.SOCK_STREAM) -> None:
        waiting = socket.socket(family, kind)
        waiting.bind(address)
        if kind == socket.SOCK_STREAM:
            waiting.listen()
        waiting.setblocking(False)
        self.waiting[name] = waiting

    def close(self) -> None:
        """Take away all of it, and what an act has left."""
        for waiting in self.waiting.values():
            waiting.close()
        self.victim.kill()
        self.victim.wait()
        for kind in SHARED:
            with suppress(OSError):
                made = getattr(LIBC, f"{kind}get")(self.number, 0, 0)
                if made >= 0:
                    getattr(LIBC, f"{kind}ctl")(made, *((0,) if kind == "sem" else ()), 0, None)
        LIBC.mq_unlink(f"/{self.word}".encode())
        Path("/dev/shm", self.word).unlink(missing_ok=True)  # noqa: S108
        for folder in (self.folder, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)

    def seen(self, *others: int) -> dict[str, Any]:
        """Return everything that an act could have changed.

        Parameters
        ----------
        others
            Further processes to look at.
        """
        state: dict[str, Any] = {}
        for path in sorted([self.folder, *self.folder.rglob("*")]):
            state[str(path.relative_to(self.folder.parent))] = file_state(path)
        for name, waiting in self.waiting.items():
            state[f"calls of {name}"] = calls(waiting)
        self.victim.poll()
        for process in (self.victim.pid, os.getpid(), *others):
            state[f"process {process}"] = process_state(process)
        state["system"] = [*os.uname(), domain(), mounts()]
        state["shared"] = list(shared(self.number, self.word))
        return state


def file_state(path: Path) -> list[Any]:
    """Return what there is to a file but when it was last read."""
    status = path.lstat()
    state: list[Any] = [status.st_mode, status.st_uid, status.st_gid, status.st_size]
    state += [status.st_mtime_ns, status.st_ctime_ns, status.st_nlink]
    if stat.S_ISREG(status.st_mode):
        state.append(hashlib.sha256(path.read_bytes()).hexdigest())
        state.append({name: os.getxattr(path, name).hex() for name in os.listxattr(path)})
    return state


def calls(waiting: socket.socket) -> int:
    """Return how many called; each call is told once and for all."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            if waiting.type == socket.SOCK_STREAM:
                waiting.accept()[0].close()
            else:
                waiting.recv(64)
            count += 1
    return count


def process_state(process: int) -> list[Any]:
    """Return how a process may run: its limits, priority, cores, group, and what traces it."""
    try:
        told = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        state: list[Any] = [line for line in told.splitlines() if line.startswith(
            ("State", "TracerPid", "Uid", "Gid", "Cpus_allowed_list", "CapEff"))]  # fmt: skip
        # Whether it is busy, waits or is being loaded is nothing that anybody did to it.
        for going in ("R (running)", "D (disk sleep)", "I (idle)"):
            state = [line.replace(going, "S (sleeping)") for line in state]
        state.append(os.getpriority(os.PRIO_PROCESS, process))
        state.append(os.sched_getscheduler(process))
        state.append([os.getpgid(process), os.getsid(process)])
        state.append(int(LIBC.syscall(ctypes.c_long(IOPRIO_GET), 1, process)))
        state.append(Path(f"/proc/{process}/oom_score_adj").read_text(encoding="ascii"))
        with suppress(PermissionError):
            state.append([resource.prlimit(process, limit) for limit in LIMITS])
    except (OSError, ProcessLookupError):
        return ["gone"]
    return state


IOPRIO_GET = 31 if os.uname().machine == "aarch64" else 252


def domain() -> str:
    """Return the domain of this machine."""
    return Path("/proc/sys/kernel/domainname").read_text(encoding="utf-8").strip()


def mounts() -> str:
    """Return what is mounted here."""
    return Path("/proc/self/mounts").read_text(encoding="utf-8")


def shared(number: int, word: str) -> Iterator[str]:
    """Yield what processes share under a number or a word."""
    for kind in SHARED:
        if getattr(LIBC, f"{kind}get")(number, *((0,) if kind == "sem" else ()), 0) >= 0:
            yield kind
    if Path("/dev/shm", word).exists():  # noqa: S108
        yield "/dev/shm"  # noqa: S108
    with suppress(OSError):
        os.close(call("mq_open", word.encode(), os.O_RDONLY, 0, 0))
        yield "mq"
    with suppress(OSError):
        if word in Path("/proc/keys").read_text(encoding="utf-8"):
            yield "key"


def left_in(folder: Path) -> list[str]:
    """Return what lies in a folder that no reading process may make."""
    found = []
    for path in folder.rglob("*"):
        status = path.lstat()
        kind = stat.S_IFMT(status.st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
            found.append(f"{path.name}: {stat.filemode(status.st_mode)}")
        elif kind == stat.S_IFREG and status.st_nlink > 1:
            found.append(f"{path.name}: {status.st_nlink} names")
    return found


def taken(folder: Path) -> int:
    """Return the bytes of disk that a folder takes."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@contextmanager
def world(secret: str) -> Iterator[World]:
    """Make a world, and take it away."""
    made = World(secret)
    try:
        yield made
    finally:
        made.close()
