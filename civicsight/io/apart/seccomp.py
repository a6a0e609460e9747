"""Which calls of the system a reading process may make: a filter of the kernel, never taken back.

Landlock says which files may be opened. The filter says what may be asked at all: what the readers
need, by an allow-list, with the arguments of a few calls looked at. There are no sockets (nor UNIX
sockets with a path, which no network namespace covers), no new processes, no change of owner, mode,
time or attributes of a file, nothing that reaches another process, and no shared memory.
Linux on x86-64 and aarch64; numbers are those of the kernel's tables, which do not change.

References
----------
Linux, "Seccomp BPF (SECure COMPuting with filters)"; seccomp(2), syscalls(2), bpf(2) for the
classic machine; glibc falls back from clone3 to clone where it is answered ENOSYS.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Final

ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0, 317), "aarch64": (0xC00000B7, 1, 277)}
"""By machine: its number for auditing, its column below, and the number of `seccomp` itself."""

FREE: Final = """
read 0 63 · write 1 64 · readv 19 65 · writev 20 66 · pread64 17 67 · pwrite64 18 68 · preadv 295 69
pwritev 296 70 · preadv2 327 286 · pwritev2 328 287 · lseek 8 62 · close 3 57 · close_range 436 436
dup 32 23 · dup2 33 - · dup3 292 24 · fstat 5 80 · stat 4 - · lstat 6 - · newfstatat 262 79
statx 332 291 · statfs 137 43 · fstatfs 138 44 · access 21 - · faccessat 269 48 · faccessat2 439 439
readlink 89 - · readlinkat 267 78 · getcwd 79 17 · chdir 80 49 · fchdir 81 50 · getdents64 217 61
mkdir 83 - · mkdirat 258 34 · rmdir 84 - · unlink 87 - · unlinkat 263 35 · rename 82 -
renameat 264 38 · symlink 88 - · symlinkat 266 36
ftruncate 77 46 · fadvise64 221 223 · fsync 74 82 · fdatasync 75 83 · flock 73 32
copy_file_range 326 285 · sendfile 40 71 · readahead 187 213
brk 12 214 · munmap 11 215 · mprotect 10 226 · mremap 25 216 · madvise 28 233
msync 26 227 · mincore 27 232 · mbind 237 235 · get_mempolicy 239 236 · membarrier 324 283
futex 202 98 · set_robust_list 273 99 · get_robust_list 274 100 · set_tid_address 218 96
rseq 334 293 · sched_yield 24 124 · sched_getaffinity 204 123 · sched_getparam 143 121
sched_getscheduler 145 120 · getcpu 309 168
rt_sigaction 13 134 · rt_sigprocmask 14 135 · rt_sigreturn 15 139 · sigaltstack 131 132
rt_sigpending 127 136 · rt_sigtimedwait 128 137 · restart_syscall 219 128
exit 60 93 · exit_group 231 94 · wait4 61 260 · waitid 247 95 · getpid 39 172 · getppid 110 173
gettid 186 178 · getuid 102 174 · geteuid 107 175 · getgid 104 176 · getegid 108 177
getgroups 115 158 · getresuid 118 148 · getresgid 120 150 · getpgrp 111 - · getpgid 121 155
getsid 124 156 · umask 95 166 · uname 63 160 · sysinfo 99 179 · getrusage 98 165 · getrlimit 97 163
times 100 153 · getpriority 140 141 · capget 125 90
clock_gettime 228 113 · clock_getres 229 114 · clock_nanosleep 230 115 · nanosleep 35 101
gettimeofday 96 169 · time 201 - · getitimer 36 102
getrandom 318 278 · pipe 22 - · pipe2 293 59 · poll 7 - · ppoll 271 73 · select 23 -
pselect6 270 72 · epoll_create 213 - · epoll_create1 291 20 · epoll_ctl 233 21 · epoll_wait 232 -
epoll_pwait 281 22 · eventfd2 290 19 · arch_prctl 158 -
"""
"""Calls that may be made with any arguments: name, number on x86-64, number on aarch64."""

LOOKED_AT: Final = """
renameat2 316 276
open 2 - · openat 257 56 · clone 56 220 · prlimit64 302 261 · fcntl 72 25 · ioctl 16 29
kill 62 129 · tgkill 234 131 · prctl 157 167 · mmap 9 222
"""
"""Calls that may be made with some arguments; see `_checks`."""

LACKING: Final = "clone3 435 435 · openat2 437 437"
"""Calls whose arguments no filter can see: answered as by a kernel that has none."""

NEWEST: Final = 462
"""Later calls were unknown here: answered as by a kernel that has none, so libraries fall back."""

LOAD, EQUAL, AT_LEAST, ANY_BIT, MASK, ANSWER = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
"""Instructions of the classic machine: load a word, compare and jump, mask, answer."""

NUMBER_AT, MACHINE_AT, ARGUMENTS_AT = 0, 4, 16
"""Where the kernel puts the number of a call, the machine, and the arguments of 8 bytes each."""

ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000
KILL: Final = 0x80000000
X32: Final = 0x40000000
"""Calls by numbers of another table of x86-64."""

THREAD: Final = 0x00010000
SHARED, ANONYMOUS = 0x01, 0x20
TRUNCATE: Final = os.O_TRUNC if hasattr(os, "O_TRUNC") else 0
FILE_CONTROL: Final = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)
"""Duplicate a descriptor, its flags, locks (also those of open files): of fcntl(2)."""

DEVICE_CONTROL: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal, its size, bytes to read, blocking, closing at exec: of ioctl(2)."""

NO_REPLACE: Final = 1
"""Move nothing onto what is there: of renameat2(2)."""

PROCESS_CONTROL: Final = (15, 16, 0x53564D41)
"""The name of a thread, the name of memory: of prctl(2)."""

SET_FILTER, ALL_THREADS = 1, 1

Instruction = tuple[int, int, int, int]


def is_known() -> bool:
    """Tell whether the calls of this machine, and of a process of 64 bits, are in the tables."""
    known = platform.system() == "Linux" and platform.machine() in ARCHITECTURES
    return known and sys.maxsize > 1 << 32


def is_there() -> bool:
    """Tell whether the kernel takes filters: asked for one that lies nowhere, it says so.

    Raises
    ------
    OSError
        If it answers otherwise; ENOSYS where it has no such call.
    """
    try:
        _seccomp(None)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
    return True


def install() -> None:
    """Filter the calls of this process from now on, in all its threads.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    code = b"".join(struct.pack("=HBBI", *one) for one in program(platform.machine(), os.getpid()))
    held = ctypes.create_string_buffer(code, len(code))
    _seccomp(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held)))


def _seccomp(asked: bytes | None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    number = ctypes.c_long(ARCHITECTURES[platform.machine()][2])
    mode, flags = ctypes.c_ulong(SET_FILTER), ctypes.c_ulong(ALL_THREADS)
    done = libc.syscall(number, mode, flags, ctypes.c_char_p(asked))
    if done:  # a number above 0 is the thread that could not be filtered
        code = ctypes.get_errno() if done < 0 else errno.ESRCH
        raise OSError(code, f"seccomp: {os.strerror(code)}")


def numbers(table: str, machine: str) -> dict[str, int]:
    """Return the numbers of a table's calls on a machine; calls that it lacks are left out."""
    column = ARCHITECTURES[machine][1]
    entries = (entry.split() for line in table.split("\n") for entry in line.split("·"))
    return {name: int(both[column]) for name, *both in filter(None, entries) if both[column] != "-"}


def program(machine: str, pid: int) -> list[Instruction]:
    """Return the filter for a machine and the process that it is for."""
    code: list[Instruction] = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, ARCHITECTURES[machine][0]),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
    ]
    for number in numbers(FREE, machine).values():
        code += [(EQUAL, 0, 1, number), (ANSWER, 0, 0, ALLOW)]
    for name, number in numbers(LOOKED_AT, machine).items():
        checks = [*_checks(name, pid), (ANSWER, 0, 0, REFUSE | errno.EPERM)]
        code += [(EQUAL, 0, len(checks), number), *checks]
    for number in numbers(LACKING, machine).values():
        code += [(EQUAL, 0, 1, number), (ANSWER, 0, 0, REFUSE | errno.ENOSYS)]
    code += [
        (AT_LEAST, 1, 0, X32),
        (AT_LEAST, 1, 0, NEWEST + 1),
        (ANSWER, 0, 0, REFUSE | errno.EPERM),
        (ANSWER, 0, 0, REFUSE | errno.ENOSYS),
    ]
    return code


def _checks(name: str, pid: int) -> Iterator[Instruction]:
    """Yield what allows a call by its arguments; falling through refuses it."""
    match name:
        case "open" | "openat":  # before its third version, Landlock lets a reader cut files short
            yield _word(1 if name == "open" else 2)
            yield (ANY_BIT, 0, 1, TRUNCATE)
            yield (ANY_BIT, 0, 1, os.O_WRONLY | os.O_RDWR)
            yield (ANSWER, 0, 0, ALLOW)
        case "clone":  # a thread, and no process
            yield from (_word(0), (ANY_BIT, 0, 1, THREAD), (ANSWER, 0, 0, ALLOW))
        case "mmap":  # what is written to a file goes by write(2), where the kernel counts it
            yield _word(3)
            yield (ANY_BIT, 0, 1, SHARED)
            yield (ANY_BIT, 0, 1, ANONYMOUS)
            yield (ANSWER, 0, 0, ALLOW)
        case "prlimit64":  # ask for its own limits, and set none
            own = (_word(0), (EQUAL, 0, 5, 0))
            nothing = (_word(2), (EQUAL, 0, 3, 0), _word(2, high=True), (EQUAL, 0, 1, 0))
            yield from (*own, *nothing, (ANSWER, 0, 0, ALLOW))
        case "fcntl":
            yield from _one_of(1, FILE_CONTROL)
        case "ioctl":
            yield from _one_of(1, DEVICE_CONTROL)
        case "prctl":
            yield from _one_of(0, PROCESS_CONTROL)
        case "kill" | "tgkill":  # itself, as abort(3) does
            yield from _one_of(0, (pid,))
        case "renameat2":  # another way of moving leaves a device behind
            yield from _one_of(4, (0, NO_REPLACE))


def _word(argument: int, *, high: bool = False) -> Instruction:
    return LOAD, 0, 0, ARGUMENTS_AT + 8 * argument + 4 * high


def _one_of(argument: int, values: Iterable[int]) -> Iterator[Instruction]:
    yield _word(argument)
    for value in values:
        yield (EQUAL, 0, 1, value)
        yield (ANSWER, 0, 0, ALLOW)
