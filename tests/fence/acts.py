"""Acts of a taken-over reader: each is one thing that a reading process must not be able to do.

An act raises the system's error where it is refused, `NothingError` where there was nothing to be
had, and returns where it was done. Where a call would harm the machine, were it not refused, its
arguments are such that the kernel refuses them right after it has looked at the rights: any error
but one of `REFUSALS` means that the call was reached.

References
----------
syscalls(2); the kernel's tables of numbers for x86-64 and, for aarch64, ``asm-generic/unistd.h``.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import platform
import resource
import signal
import socket
import stat
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from civicsight.io.apart import fence

REFUSALS = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS})
"""How a system refuses; ENOSYS where it has no such call, or says that it has none."""

MORE_REFUSALS = {
    "TCP": {errno.ENETUNREACH},
    "TCP over IPv6": {errno.ENETUNREACH, errno.EADDRNOTAVAIL},
    "UDP": {errno.ENETUNREACH},
    "abstract UNIX socket": {errno.ECONNREFUSED},
    "Bluetooth": {errno.EAFNOSUPPORT},
    "vsock": {errno.EAFNOSUPPORT},
    "ciphers of the kernel": {errno.EAFNOSUPPORT},
    "link a file in": {errno.EXDEV},
    "move a file in": {errno.EXDEV},
    "move a file out": {errno.EXDEV},
    "exchange two files": {errno.EXDEV},
}
"""Further errors by which a namespace, a kernel without a family, or Landlock says no."""

MACHINE = {"x86_64": 0, "aarch64": 1}.get(platform.machine())

TABLE = """
adjtimex 159 171 · acct 163 89 · add_key 248 217 · bpf 321 280 · capget 125 90 · chroot 161 51
clock_adjtime 305 266 · clone 56 220 · clone3 435 435 · delete_module 176 106 · execveat 322 281
fanotify_init 300 262 · fchmodat2 452 452 · file_setattr 469 469 · fsopen 430 430 · fspick 433 433
futimesat 261 - · get_robust_list 274 100 · renameat2 316 276
init_module 175 105 · inotify_init1 294 26 · io_setup 206 0
io_uring_setup 425 425 · ioperm 173 - · iopl 172 - · ioprio_set 251 30 · kcmp 312 272
kexec_load 246 104 · keyctl 250 219 · memfd_secret 447 447 · migrate_pages 256 238
modify_ldt 154 - · mount 165 40 · mount_setattr 442 442 · move_mount 429 429 · mq_open 240 180
msgget 68 186 · name_to_handle_at 303 264 · open_by_handle_at 304 265 · open_tree 428 428
openat2 437 437 · perf_event_open 298 241 · personality 135 92 · pidfd_getfd 438 438
pidfd_open 434 434 · pidfd_send_signal 424 424 · pivot_root 155 41 · prctl 157 167
prlimit64 302 261 · process_madvise 440 440 · process_vm_readv 310 270
process_vm_writev 311 271 · ptrace 101 117
quotactl 179 60 · reboot 169 142 · request_key 249 218 · rt_sigqueueinfo 129 138
rt_tgsigqueueinfo 297 240 · sched_setattr 314 274 · seccomp 317 277 · semget 64 190
sendmsg 46 211 · setdomainname 171 162 · sethostname 170 161 · setns 308 268
settimeofday 164 170 · setxattrat 463 463 · shmget 29 194 · swapon 167 224 · swapoff 168 225
syslog 103 116 · tgkill 234 131 · tkill 200 130 · umount2 166 39 · unshare 272 97
userfaultfd 323 282
"""
"""Calls that Python has no function for: number on x86-64, number on aarch64."""

NUMBERS = {
    name: int(both[MACHINE])
    for name, *both in map(str.split, TABLE.strip().replace("·", "\n").split("\n"))
    if MACHINE is not None and both[MACHINE] != "-"
}

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
HERE = -100
"""AT_FDCWD: paths as they are."""

NOWHERE = 100_000
"""No number of a call of any machine."""

NEW_FILES, NEW_USER, NEW_NET = 0x20000, 0x10000000, 0x40000000


class NothingError(Exception):
    """There was nothing to be had."""


Target = SimpleNamespace
Act = Callable[[Target], object]


def call(name: str | int, *values: Any) -> int:
    """Make a call of the system by its number."""
    number = name if isinstance(name, int) else NUMBERS.get(name, NOWHERE)
    words = (ctypes.c_long(value) if isinstance(value, int) else value for value in values)
    done = int(LIBC.syscall(ctypes.c_long(number), *words))
    if done == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return done


def opened(path: str | bytes, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Return an open file that ends with this process."""
    return os.open(path, flags, mode)


NEW = os.O_RDWR | os.O_CREAT


def longer(number: int) -> int:
    """Return an open file that has something in it."""
    os.write(number, b"x")
    return number


def content(path: str) -> str:
    """Read a file; what was in it is nobody's business here either."""
    with open(path, "rb") as stream:  # noqa: PTH123 - as a reader would
        found = stream.read(64)
    if not found:
        raise NothingError
    return f"{len(found)} bytes"


def written(path: str) -> None:
    """Write to the end of a file, which is made where there is none."""
    number = opened(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(number, b"here I was")


def reached(family: int, kind: int, address: Any, protocol: int = 0) -> None:
    """Call a listening socket."""
    with socket.socket(family, kind, protocol) as caller:
        caller.settimeout(5)
        caller.connect(address)
        caller.send(b"hello")


def made(family: int, kind: int, protocol: int = 0) -> None:
    """Make a socket, and be content with that."""
    socket.socket(family, kind, protocol).close()


def bound(_: Target) -> None:
    """Let others call, at a path in the own folder."""
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.bind("door")
        waiting.listen()


def held() -> list[int]:
    """Return the numbers of all open files."""
    found = []
    for number in range(300):
        with suppress(OSError):
            os.fstat(number)
            found.append(number)
    return found


def line() -> int:
    """Return the socket by which the answer goes."""
    return next(number for number in held() if stat.S_ISSOCK(os.fstat(number).st_mode))


def foreign_files(_: Target) -> str:
    """Look for open files that are neither nothing, the line, nor files of the libraries."""
    nothing, own = os.stat(os.devnull), line()  # noqa: PTH116 - a file of any kind
    found = [n for n in held() if n != own and not os.path.samestat(os.fstat(n), nothing)]
    names = [str(Path(f"/proc/self/fd/{number}").readlink()) for number in found]
    libraries = tuple(map(os.path.realpath, (sys.prefix, sys.base_prefix)))
    others = [name for name in names if not name.startswith(libraries)]
    if not others:
        raise NothingError
    return str(others)


def handed_over(target: Target) -> None:
    """Send an open file by the own line, as sockets of a path allow."""
    with socket.socket(fileno=os.dup(line())) as own:
        socket.send_fds(own, [b""], [opened(target.given)])


def sent_on_line(_: Target) -> None:
    """Send nothing by a call that could carry open files."""
    head = (ctypes.c_char * 56)()
    call("sendmsg", line(), head, 0)


def through_link(target: Target) -> str:
    """Read a foreign file through a link in the own folder."""
    Path("link").symlink_to(target.accounts)
    return content("link")


def linked_in(target: Target) -> str:
    os.link(target.accounts, "linked")
    return content("linked")


def renamed(old: str, new: str, flags: int) -> None:
    """Move a file in one of the ways that renameat2(2) knows."""
    call("renameat2", HERE, old.encode(), HERE, new.encode(), flags)


def by_handle(target: Target) -> None:
    """Open a file by its number on the disk, whatever folder it lies in."""
    handle, place = ctypes.create_string_buffer(struct.pack("=Ii", 120, 0), 128), ctypes.c_int()
    call("name_to_handle_at", HERE, target.accounts.encode(), handle, ctypes.byref(place), 0)
    os.close(call("open_by_handle_at", opened("/usr"), handle, os.O_RDONLY))


def by_openat2(target: Target) -> None:
    """Open by the call whose flags no filter can see."""
    how = ctypes.create_string_buffer(struct.pack("=QQQ", os.O_RDONLY | os.O_TRUNC, 0, 0))
    os.close(call("openat2", HERE, target.given.encode(), how, 24))


def cut_by_number(target: Target) -> None:
    os.ftruncate(opened(target.given, os.O_WRONLY), 0)


def device(kind: int, major: int, minor: int) -> None:
    os.mknod(f"node{kind}-{major}-{minor}", kind | 0o666, os.makedev(major, minor))


def another_disk(_: Target) -> None:
    """Read the disk that the machine runs from."""
    status = os.stat("/usr")  # noqa: PTH116
    os.mknod("disk", stat.S_IFBLK | 0o600, status.st_dev)
    os.close(opened("disk"))


def flagged(target: Target) -> None:
    """Set the flags of a file that chattr(1) sets."""
    number, flags = opened(target.given), bytearray(8)
    fcntl.ioctl(number, 0x80086601, flags)
    value = struct.unpack_from("=i", flags)[0] | 0x40  # not dumped
    fcntl.ioctl(number, 0x40086602, struct.pack("=q", value))


def forked(_: Target) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def cloned(_: Target) -> None:
    child = call("clone", int(signal.SIGCHLD), 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def cloned_by_3(_: Target) -> None:
    said = ctypes.create_string_buffer(struct.pack("=8Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0), 64)
    child = call("clone3", said, 64)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def sister(_: Target) -> None:
    """Make a process whose parent is that of this one."""
    if call("clone", int(signal.SIGCHLD) | 0x8000, 0, 0, 0, 0) == 0:
        os._exit(0)


MACHINE_CODE = {
    "vfork": "b83a000000 0f05 85c0 7509 31ff b83c000000 0f05 c3",
    "kill by interrupt": "53 89fb 89f1 b825000000 cd80 5b c3",
}
"""For x86-64: vfork, whose child ends at once; kill(edi, esi) by the entry of 32-bit programs."""


def native(name: str, *values: int) -> int:
    """Run a few bytes of machine code."""
    if platform.machine() != "x86_64":
        raise NothingError
    code = bytes.fromhex(MACHINE_CODE[name])
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    entry = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_int] * len(values))
    done = int(entry(ctypes.addressof(ctypes.c_char.from_buffer(page)))(*values))
    if done < 0:
        raise OSError(-done, os.strerror(-done))
    return done


def by_x32(target: Target) -> None:
    if platform.machine() != "x86_64":
        raise NothingError
    call(0x40000000 + 62, target.victim, int(signal.SIGTERM))


TRUE = "/bin/true"


def program_in_memory(_: Target) -> None:
    number = os.memfd_create("true")
    os.write(number, Path(TRUE).read_bytes())
    by_number(number)


def by_number(number: int) -> None:
    words = (ctypes.c_char_p * 2)(b"true", None)
    call("execveat", number, b"", words, (ctypes.c_char_p * 1)(None), 0x1000)


def own_program(_: Target) -> None:
    """Run a program that was written into the own folder."""
    number = opened("true", os.O_WRONLY | os.O_CREAT, 0o700)
    os.write(number, Path(TRUE).read_bytes())
    os.close(number)
    os.execv("./true", ["true"])  # noqa: S606 - not run by a shell


def loader(_: Target) -> str:
    """Return the program that starts programs."""
    found = list(Path("/lib64").glob("ld-linux*")) or list(Path("/lib").glob("ld-linux*"))
    if not found:
        raise NothingError
    return str(found[0])


def vectors() -> tuple[Any, Any]:
    """Return a place here, and one that any process has."""
    here = ctypes.create_string_buffer(16)
    return (
        ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(here), 8)),
        ctypes.create_string_buffer(struct.pack("@PN", id(None), 8)),
    )


def memory_of(name: str, target: Target) -> None:
    mine, others = vectors()
    call(name, target.victim, mine, 1, others, 1, 0)


def information(code: int) -> Any:
    """Return what a signal says of itself."""
    return ctypes.create_string_buffer(struct.pack("=iii", code, 0, -1), 128)


def another_session(_: Target) -> None:
    """Leave the session, or ask for what its leader has anyway."""
    if os.getsid(0) == os.getpid():
        os.setpgid(0, 0)
    else:
        os.setsid()


def capabilities(_: Target) -> str:
    """Look at what this process may do beyond a user."""
    head, data = struct.pack("=Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    call("capget", head, data)
    if not any(data.raw):
        raise NothingError
    return data.raw.hex()


def secret_in_environment(target: Target) -> str:
    """Look for a secret where C keeps the environment, and Python does."""
    first = ctypes.c_void_p.in_dll(LIBC, "program_invocation_name").value or 0
    LIBC.getauxval.restype = ctypes.c_ulong
    last = int(LIBC.getauxval(ctypes.c_ulong(31)))  # the name of the program comes after all
    whole = ctypes.string_at(first, last - first) if last > first else b""
    places = {
        "os.environ": "\n".join(os.environ.values()).encode(),
        "the stack": whole,
        "environ": b"\n".join(_environ()),
    }
    found = [name for name, text in places.items() if target.secret.encode() in text]
    if not found:
        raise NothingError
    return ", ".join(found)


def _environ() -> list[bytes]:
    words = ctypes.POINTER(ctypes.c_char_p).in_dll(LIBC, "environ")
    found, at = [], 0
    while words and words[at]:
        found.append(words[at])
        at += 1
    return found


def variables(_: Target) -> str:
    """Look for variables that a reader has no need of; ours and those of libraries are closed."""
    needed = ("CIVICSIGHT_", "GDAL_", "OGR_", "CPL_", "PROJ_", "GML_", "LC_", "PYTHON")
    more = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
            "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "JE_ARROW_MALLOC_CONF", "LANG", "PATH",
            "TMPDIR", "TZ"}  # fmt: skip
    found = [name for name in os.environ if not name.startswith(needed) and name not in more]
    if not found:
        raise NothingError
    return " ".join(sorted(found))


def signal_on_reading(target: Target) -> None:
    """Have the kernel send a signal to somebody else when there is something to read."""
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, target.victim)
    fcntl.fcntl(reading, 10, int(signal.SIGTERM))
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
    os.write(writing, b"x")


def watched(target: Target) -> None:
    """Hear of whatever happens in a folder."""
    number = call("inotify_init1", 0)
    if LIBC.inotify_add_watch(number, target.home.encode(), 0x100) == -1:
        raise OSError(ctypes.get_errno(), "")


def attributes_at(target: Target) -> None:
    value = ctypes.create_string_buffer(b"x", 1)
    said = ctypes.create_string_buffer(struct.pack("=QII", ctypes.addressof(value), 1, 0), 16)
    call("setxattrat", HERE, target.given.encode(), 0, b"user.made", said, 16)


def zeros(size: int) -> Any:
    return ctypes.create_string_buffer(size)


def bare(name: str, *values: Any) -> Act:
    """Return an act that is one call."""

    def act(_: Target) -> int:
        return call(name, *values)

    return act


def slice_of_time() -> Any:
    """Return a structure of the clock whose tick no clock has."""
    return ctypes.create_string_buffer(struct.pack("=I", 0x4000), 256)


def aimed(name: str, rest: Callable[[Target], tuple[Any, ...]]) -> Act:
    """Return an act that is one call, whose arguments depend on what is aimed at."""

    def act(target: Target) -> int:
        return call(name, *rest(target))

    return act


UNIX, INET, INET6 = socket.AF_UNIX, socket.AF_INET, socket.AF_INET6
STREAM, DATAGRAM, RAW = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW
TERM = int(signal.SIGTERM)
ABOVE = 10**6

ACTS: dict[str, dict[str, Act]] = {
    "network": {
        "UNIX socket with a path": lambda t: reached(UNIX, STREAM, t.door),
        "UNIX datagram to a path": lambda t: reached(UNIX, DATAGRAM, t.post),
        "PostgreSQL by its socket": lambda t: reached(UNIX, STREAM, t.postgres),
        "abstract UNIX socket": lambda t: reached(UNIX, STREAM, "\0" + t.abstract),
        "listen at a path": bound,
        "pair of sockets": lambda _: [end.close() for end in socket.socketpair()],
        "TCP": lambda t: reached(INET, STREAM, ("127.0.0.1", t.tcp)),
        "TCP over IPv6": lambda t: reached(INET6, STREAM, ("::1", t.tcp6)),
        "UDP": lambda t: reached(INET, DATAGRAM, ("127.0.0.1", t.udp)),
        "raw packets": lambda _: made(INET, RAW, socket.IPPROTO_ICMP),
        "netlink": lambda _: made(socket.AF_NETLINK, RAW, 0),
        "packets of a card": lambda _: made(socket.AF_PACKET, RAW, 3),
        "vsock": lambda _: made(40, STREAM),
        "Bluetooth": lambda _: made(31, RAW, 1),
        "ciphers of the kernel": lambda _: made(38, socket.SOCK_SEQPACKET),
        "hand a file over by the line": handed_over,
        "a message with a head by the line": sent_on_line,
    },
    "files of others": {
        "read the accounts": lambda t: content(t.accounts),
        "read a private key": lambda t: content(t.key),
        "read a neighbour": lambda t: content(t.private),
        "read /etc/shadow": lambda _: content("/etc/shadow"),
        "read /etc/passwd": lambda _: content("/etc/passwd"),
        "read the app's memory": lambda t: os.close(opened(f"/proc/{t.app}/mem")),
        "read the app's environment": lambda t: content(f"/proc/{t.app}/environ"),
        "read the parent's environment": lambda _: content(f"/proc/{os.getppid()}/environ"),
        "read the own environment in /proc": lambda _: content("/proc/self/environ"),
        "where the app works": lambda t: os.readlink(f"/proc/{t.app}/cwd"),  # noqa: PTH115
        "addresses of the app": lambda t: content(f"/proc/{t.app}/maps"),
        "memory of the kernel": lambda _: os.close(opened("/dev/kmsg")),
        "list a folder": lambda t: os.listdir(t.home),  # noqa: PTH208
        "list other programs": lambda _: os.listdir("/opt"),  # noqa: PTH208
        "read through a symbolic link": through_link,
        "link a file in": linked_in,
        "move a file in": lambda t: os.rename(t.accounts, "moved"),  # noqa: PTH104
        "open by handle": by_handle,
        "watch a folder": watched,
        "watch all files": bare("fanotify_init", 0, 0),
        "notify of a folder": lambda t: fcntl.fcntl(opened(t.home), 1026, 1),
    },
    "files of this user": {
        "write beside the file": lambda t: written(t.beside),
        "append to the accounts": lambda t: written(t.accounts),
        "write into the file": lambda t: written(t.given),
        "write into shared memory": lambda t: written(f"/dev/shm/{t.word}"),  # noqa: S108
        "write to /proc/self": lambda _: written("/proc/self/oom_score_adj"),
        "write to /proc/sys": lambda _: opened("/proc/sys/kernel/hostname", os.O_WRONLY),
        "move a file out": lambda t: (written("out"), os.rename("out", t.beside)),  # noqa: PTH104
        "link a file out": lambda t: (written("out2"), os.link("out2", t.beside)),
        "move a file outside": lambda t: os.rename(t.accounts, t.beside),  # noqa: PTH104
        "exchange two files": lambda t: (written("own"), renamed("own", t.accounts, 2)),
        "put a symbolic link outside": lambda t: Path(t.beside).symlink_to("/"),
        "make a folder outside": lambda t: os.mkdir(t.beside),  # noqa: PTH102
        "remove a file": lambda t: os.unlink(t.accounts),  # noqa: PTH108
        "remove a folder": lambda t: os.rmdir(t.empty),  # noqa: PTH106
        "cut short by path": lambda t: os.truncate(t.given, 0),
        "cut the accounts short": lambda t: os.truncate(t.accounts, 0),
        "cut short by number": cut_by_number,
        "cut short on opening": lambda t: os.close(opened(t.given, os.O_TRUNC)),
        "cut short by openat2": by_openat2,
        "link in the own folder": lambda _: (written("own4"), os.link("own4", "own5")),
        "reserve disk": lambda _: os.posix_fallocate(opened("own6", NEW), 0, 1 << 20),
        "write by a map": lambda _: mmap.mmap(longer(opened("own7", NEW)), 1),
        "mode": lambda t: os.chmod(t.accounts, 0o644),  # noqa: PTH101
        "mode by number": lambda t: os.fchmod(opened(t.given), 0o666),
        "mode by fchmodat2": aimed("fchmodat2", lambda t: (HERE, t.accounts.encode(), 0o644, 0)),
        "mode in the own folder": lambda _: os.chmod(".", 0o777),  # noqa: PTH101, S103
        "owner": lambda t: os.chown(t.accounts, os.getuid(), os.getgid()),
        "owner by number": lambda t: os.fchown(opened(t.given), os.getuid(), os.getgid()),
        "owner of a link": lambda t: os.lchown(t.accounts, os.getuid(), os.getgid()),
        "times": lambda t: os.utime(t.accounts, (0, 0)),
        "times by number": lambda t: os.utime(opened(t.given), (0, 0)),
        "times by futimesat": aimed("futimesat", lambda t: (HERE, t.accounts.encode(), zeros(32))),
        "set an attribute": lambda t: os.setxattr(t.given, "user.made", b"x"),
        "set an attribute by number": lambda t: os.setxattr(opened(t.given), "user.made", b"x"),
        "set an attribute by setxattrat": attributes_at,
        "remove an attribute": lambda t: os.removexattr(t.given, "user.kept"),
        "attributes by file_setattr": aimed(
            "file_setattr", lambda t: (HERE, t.given.encode(), zeros(24), 24, 0)
        ),
        "flags of a file": flagged,
        "lease of a file": lambda t: fcntl.fcntl(opened(t.given), 1024, fcntl.F_RDLCK),
        "device of nothing": lambda _: device(stat.S_IFCHR, 1, 3),
        "device that hides a file": lambda _: device(stat.S_IFCHR, 0, 0),
        "device by a move": lambda _: (written("own2"), renamed("own2", "own3", 4)),
        "named pipe": lambda _: device(stat.S_IFIFO, 0, 0),
        "another disk": another_disk,
    },
    "processes": {
        "fork": forked,
        "vfork": lambda _: native("vfork"),
        "clone": cloned,
        "clone3": cloned_by_3,
        "a process of the parent's": sister,
        "spawn": lambda _: os.posix_spawn(TRUE, ["true"], {}),
        "a program": lambda _: os.execv(TRUE, ["true"]),  # noqa: S606
        "a program by number": lambda _: by_number(opened(TRUE)),
        "a program in memory": program_in_memory,
        "a program of its own": own_program,
        "a program by the loader": lambda t: os.execv(loader(t), ["ld", TRUE]),  # noqa: S606
        "memory that is a file": lambda _: os.close(os.memfd_create("kept")),
        "secret memory": bare("memfd_secret", 0),
        "another user": lambda _: os.setresuid(os.getuid(), os.getuid(), os.getuid()),
        "another group": lambda _: os.setresgid(os.getgid(), os.getgid(), os.getgid()),
        "other groups": lambda _: os.setgroups([os.getgid()]),
        "another session": another_session,
        "capabilities": capabilities,
        "outlive the parent": bare("prctl", 1, 0, 0, 0, 0),
        "adopt others": bare("prctl", 36, 1, 0, 0, 0),
        "another filter": bare("seccomp", 0, 1, 0),
        "another filter by prctl": bare("prctl", 22, 2, 0, 0, 0),
        "own limits": bare("prlimit64", 0, resource.RLIMIT_CORE, zeros(16), 0),
        "another personality": bare("personality", 0x0040000),
        "ports of the machine": bare("ioperm", 0x80, 1, 1),
        "rights over ports": bare("iopl", 3),
        "segments": bare("modify_ldt", 0, zeros(16), 16),
    },
    "other processes": {
        "end a process": lambda t: os.kill(t.victim, TERM),
        "signal the app": lambda t: os.kill(t.app, 0),
        "signal the parent": lambda _: os.kill(os.getppid(), 0),
        "signal all": lambda _: os.kill(-1, 0),
        "signal the first process": lambda _: os.kill(1, 0),
        "end a process by tgkill": aimed("tgkill", lambda t: (t.victim, t.victim, TERM)),
        "end a process by tkill": aimed("tkill", lambda t: (t.victim, TERM)),
        "end a process by a queued signal": aimed(
            "rt_sigqueueinfo", lambda t: (t.victim, TERM, information(TERM))
        ),
        "end a thread by a queued signal": aimed(
            "rt_tgsigqueueinfo", lambda t: (t.victim, t.victim, TERM, information(TERM))
        ),
        "hold a process": aimed("pidfd_open", lambda t: (t.victim, 0)),
        "end a process that is held": aimed(
            "pidfd_send_signal", lambda t: (call("pidfd_open", t.victim, 0), TERM, 0, 0)
        ),
        "file of a process that is held": bare("pidfd_getfd", -1, 0, 0),
        "end a process when something comes": signal_on_reading,
        "end a process by the 32-bit entry": lambda t: native("kill by interrupt", t.victim, TERM),
        "end a process by x32": by_x32,
        "trace": aimed("ptrace", lambda t: (0x4206, t.victim, 0, 0)),
        "be traced": bare("ptrace", 0, 0, 0, 0),
        "read memory": lambda t: memory_of("process_vm_readv", t),
        "write memory": lambda t: memory_of("process_vm_writev", t),
        "advise on memory": bare("process_madvise", -1, 0, 0, 0, 0),
        "move pages": aimed("migrate_pages", lambda t: (t.victim, 1, zeros(8), zeros(8))),
        "locks of a process": aimed("get_robust_list", lambda t: (t.victim, zeros(8), zeros(8))),
        "compare processes": aimed("kcmp", lambda t: (os.getpid(), t.victim, 1, 0, 0)),
        "limit the app": lambda t: resource.prlimit(t.app, resource.RLIMIT_CPU, (ABOVE, ABOVE)),
        "limits of the app": lambda t: resource.prlimit(t.app, resource.RLIMIT_CPU),
        "limit the parent": lambda _: resource.prlimit(
            os.getppid(), resource.RLIMIT_CPU, (ABOVE, ABOVE)
        ),
        "slow the app down": lambda t: os.setpriority(os.PRIO_PROCESS, t.app, 1),
        "slow the parent down": lambda _: os.setpriority(os.PRIO_PROCESS, os.getppid(), 1),
        "pin the app": lambda t: os.sched_setaffinity(t.app, {min(os.sched_getaffinity(0))}),
        "scheduler of the app": lambda t: os.sched_setscheduler(
            t.app, os.SCHED_BATCH, os.sched_param(0)
        ),
        "schedule of a process": aimed(
            "sched_setattr",
            lambda t: (t.victim, ctypes.create_string_buffer(struct.pack("=IIQ", 48, 3, 0), 48), 0),
        ),
        "disk of the app": aimed("ioprio_set", lambda t: (1, t.app, 2 << 13 | 7)),
        "group of a process": lambda t: os.setpgid(t.victim, 0),
        "typing into a terminal": lambda t: fcntl.ioctl(opened(t.given), 0x5412, b"x"),
        "owner of signals by ioctl": lambda t: fcntl.ioctl(
            opened(t.given), 0x8901, struct.pack("=i", t.victim)
        ),
    },
    "what processes share": {
        "shared memory": aimed("shmget", lambda t: (t.number, 4096, 0o1600)),
        "queue of messages": aimed("msgget", lambda t: (t.number, 0o1600)),
        "semaphores": aimed("semget", lambda t: (t.number, 1, 0o1600)),
        "named queue": aimed(
            "mq_open", lambda t: (t.word.encode(), os.O_CREAT | os.O_RDWR, 0o600, 0)
        ),
        "add a key": aimed("add_key", lambda t: (b"user", t.word.encode(), b"x", 1, -3)),
        "ask for a key": aimed("request_key", lambda t: (b"user", t.word.encode(), 0, -3)),
        "ring of keys": bare("keyctl", 0, -3, 1),
    },
    "the machine": {
        "io_uring": bare("io_uring_setup", 1, zeros(120)),
        "io_setup": bare("io_setup", 1, zeros(8)),
        "bpf": bare("bpf", 0, ctypes.create_string_buffer(struct.pack("=4I", 2, 4, 4, 1), 72), 72),
        "performance counters": bare(
            "perf_event_open", ctypes.create_string_buffer(struct.pack("=IIQ", 1, 112, 0), 112),
            0, -1, -1, 0,
        ),
        "userfaultfd": bare("userfaultfd", 1),
        "namespace of users": bare("unshare", NEW_USER),
        "namespace of mounts": bare("unshare", NEW_FILES),
        "namespace of users and network": bare("unshare", NEW_USER | NEW_NET),
        "a process in a new namespace": lambda _: _cloned_into_users(),
        "another namespace": bare("setns", -1, 0),
        "mount": bare("mount", 0, b".", 0, 0x1020, 0),
        "unmount": bare("umount2", b".", 0),
        "root by pivot_root": bare("pivot_root", b"/", b"/"),
        "root by chroot": bare("chroot", b"/"),
        "move a mount": bare("move_mount", -1, b"", -1, b"", 0x44),
        "copy a mount": bare("open_tree", HERE, b"/usr", 1),
        "new file system": bare("fsopen", b"tmpfs", 0),
        "pick a file system": bare("fspick", HERE, b"/", 0),
        "attributes of a mount": bare(
            "mount_setattr", HERE, b"/nowhere", 0,
            ctypes.create_string_buffer(struct.pack("=QQQQ", 1, 0, 0, 0)), 32,
        ),
        "quotas": bare("quotactl", 0x80000100, 0, 0, 0),
        "accounting": bare("acct", b"/nowhere"),
        "reboot": bare("reboot", 0, 0, 0, 0),
        "swap on": bare("swapon", b"/nowhere", 0),
        "swap off": bare("swapoff", b"/nowhere"),
        "log of the kernel": bare("syslog", 3, zeros(16), 16),
        "load a module": bare("init_module", 0, 0, b""),
        "unload a module": bare("delete_module", b"nowhere-to-be-found", 0),
        "another kernel": bare("kexec_load", 0, 0, 0, 0xFFFF),
        "set the clock": bare(
            "settimeofday", 0, ctypes.create_string_buffer(struct.pack("=ii", 99_999, 0))
        ),
        "adjust the clock": bare("adjtimex", slice_of_time()),
        "adjust a clock": bare("clock_adjtime", 0, slice_of_time()),
        "name of the machine": lambda _: call(
            "sethostname", os.uname().nodename.encode(), len(os.uname().nodename)
        ),
        "domain of the machine": lambda _: call("setdomainname", b"(none)", 6),
    },
    "what it was given": {
        "secret in the environment": secret_in_environment,
        "variables of others": variables,
        "open files of others": foreign_files,
    },
}  # fmt: skip


def _cloned_into_users() -> None:
    child = call("clone", int(signal.SIGCHLD) | NEW_USER, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


BY_NAME = {name: act for acts in ACTS.values() for name, act in acts.items()}

ALONE = frozenset(
    {
        "a program", "a program by number", "a program in memory", "a program of its own",
        "a program by the loader", "another personality", "another session", "be traced",
        "end a process by the 32-bit entry", "namespace of users", "namespace of mounts",
        "namespace of users and network", "vfork",
    }
)  # fmt: skip
"""Acts after which a process, if they are done, is another or none: each in one of its own."""


def came(act: Act, target: Target) -> tuple[str, int | str]:
    """Try one act; return what came back: an error with its number, nothing, or what was done."""
    before = set(held())
    try:
        return "done", str(act(target))[:80]
    except NothingError:
        return "nothing", ""
    except OSError as error:
        return "error", error.errno or 0
    except Exception as error:  # noqa: BLE001 - an act that is wrong says so, and the others go on
        return "failed", repr(error)
    finally:
        for number in set(held()) - before:
            with suppress(OSError):
                os.close(number)


def walk(path: Path, names: list[str], **_: Any) -> dict[str, tuple[str, int | str]]:
    """Try acts one after the other; the file says what they aim at."""
    target = Target(**json.loads(path.read_text(encoding="utf-8")))
    return {name: came(BY_NAME[name], target) for name in names}


CloseIn = Callable[[Mapping[str, Any]], None]


def emulating(close_in: CloseIn) -> CloseIn:
    """Return what puts up the fences as another kernel would: its Landlock, a filter or none."""

    def close(request: Mapping[str, Any]) -> None:
        landlock, filtered = (request["options"].get(name) for name in ("landlock", "filtered"))
        if landlock is not None:
            fence.landlock_version = lambda: landlock
        if filtered is False:
            fence.has_filter = lambda: False
        close_in(request)

    return close


_main: Any = sys.modules["__main__"]
if getattr(_main, "NAME", "") == "civicsight.io.apart.serve":
    _main.close_in = emulating(_main.close_in)

READERS = {"walk": walk}
