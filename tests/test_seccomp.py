"""The filter of calls: its numbers are the kernel's, and what it refuses is refused."""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from civicsight.io.apart import seccomp

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),  # whose numbers it takes as they are
}
CALLS = (seccomp.FREE, seccomp.LOOKED_AT, seccomp.LACKING)
OURS = pytest.mark.skipif(not seccomp.is_known(), reason="another system or machine")


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_are_those_of_the_kernel(machine):
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    told = dict(re.findall(r"#define __NR_?(\w+)\s+(\w+)", header.read_text()))
    told |= {name: told.get(said.removeprefix("__NR"), said) for name, said in told.items()}
    ours = {name: str(n) for table in CALLS for name, n in seccomp.numbers(table, machine).items()}
    assert ours == {name: told[name] for name in ours}


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
def test_no_number_stands_twice(machine):
    ours = [number for table in CALLS for number in seccomp.numbers(table, machine).values()]
    assert len(ours) == len(set(ours)) > 90


def answer(machine, number, *arguments, pid=77, audit=None):
    """Run the filter as the kernel would: the classic machine in a dozen lines."""
    data = struct.pack(
        "=IIQ6Q", number, audit or seccomp.ARCHITECTURES[machine][0], 0,
        *arguments, *[0] * (6 - len(arguments)),
    )  # fmt: skip
    code, at, held = seccomp.program(machine, pid), 0, 0
    while True:
        what, true, false, value = code[at]
        at += 1
        if what == seccomp.LOAD:
            held = struct.unpack_from("=I", data, value)[0]
        elif what == seccomp.ANSWER:
            return value
        else:
            holds = {
                seccomp.EQUAL: held == value,
                seccomp.AT_LEAST: held >= value,
                seccomp.ANY_BIT: bool(held & value),
            }[what]
            at += true if holds else false


EPERM, ENOSYS = seccomp.REFUSE | errno.EPERM, seccomp.REFUSE | errno.ENOSYS
MACHINES = pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)


@MACHINES
def test_arguments_are_looked_at(machine):
    calls = seccomp.numbers(seccomp.LOOKED_AT, machine)
    cases = [
        ("openat", (0, 0, 0o0), seccomp.ALLOW),
        ("openat", (0, 0, 0o1101), seccomp.ALLOW),  # write, create, truncate
        ("openat", (0, 0, 0o1000), EPERM),  # cut a file short that may only be read
        ("clone", (0x003D0F00,), seccomp.ALLOW),  # a thread
        ("clone", (0x01200011,), EPERM),  # a process
        ("prlimit64", (0, 9, 0), seccomp.ALLOW),
        ("prlimit64", (1, 9, 0), EPERM),
        ("prlimit64", (0, 9, 4096), EPERM),
        ("prlimit64", (0, 9, 1 << 40), EPERM),  # a place in memory whose lower half is nought
        ("mmap", (0, 4096, 3, 0x02, 5), seccomp.ALLOW),  # a file of which nothing is written
        ("mmap", (0, 4096, 3, 0x21, -1 & 0xFFFFFFFF), seccomp.ALLOW),
        ("mmap", (0, 4096, 1, 0x01, 5), EPERM),  # mprotect(2) would make it a way to write
        ("mmap", (0, 4096, 3, 0x03, 5), EPERM),
        ("fcntl", (0, 1030), seccomp.ALLOW),
        ("fcntl", (0, 8), EPERM),  # whom a signal goes to
        ("ioctl", (0, 0x5401), seccomp.ALLOW),
        ("ioctl", (0, 0x5412), EPERM),  # type into the terminal
        ("prctl", (15,), seccomp.ALLOW),
        ("prctl", (22,), EPERM),  # another filter
        ("kill", (77, 6), seccomp.ALLOW),
        ("kill", (1, 9), EPERM),
        ("tgkill", (77, 77, 6), seccomp.ALLOW),
        ("tgkill", (78, 78, 9), EPERM),
        ("renameat2", (0, 0, 0, 0, 1), seccomp.ALLOW),
        ("renameat2", (0, 0, 0, 0, 4), EPERM),  # leave a device in place of what was moved
    ]
    found = [answer(machine, calls[name], *arguments) for name, arguments, _ in cases]
    assert found == [expected for *_, expected in cases]
    assert {name for name, *_ in cases} | {"open"} == {*calls, "open"}


@MACHINES
def test_what_is_on_no_list_is_refused(machine):
    known = {n for table in CALLS for n in seccomp.numbers(table, machine).values()}
    for number in range(seccomp.NEWEST + 1):
        if number not in known:
            assert answer(machine, number) == EPERM
    for number in seccomp.numbers(seccomp.LACKING, machine).values():
        assert answer(machine, number) == ENOSYS
    assert answer(machine, seccomp.NEWEST + 1) == ENOSYS
    assert answer(machine, seccomp.X32) == EPERM  # read, by numbers of another table


@MACHINES
def test_a_call_of_another_machine_ends_the_process(machine):
    assert answer(machine, 0, audit=0x40000003) == seccomp.KILL


TRIES = """
import ctypes, json, os, resource, signal, socket, subprocess, sys, threading
from civicsight.io.apart import seccomp
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0, 0)
folder = sys.argv[1]
os.chdir(folder)
open("own", "w").write("x")
waiting = socket.socket(socket.AF_UNIX)
waiting.bind("door")
waiting.listen()
libc = ctypes.CDLL(None, use_errno=True)

def syscall(*words):
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), "")

acts = {
    "a UNIX socket": lambda: socket.socket(socket.AF_UNIX),
    "an internet socket": lambda: socket.socket(socket.AF_INET),
    "a pair of sockets": socket.socketpair,
    "fork": os.fork,
    "a program": lambda: os.execv("/bin/true", ["true"]),
    "a child": lambda: subprocess.run(["/bin/true"]),
    "chmod": lambda: os.chmod("own", 0o777),
    "chown": lambda: os.chown("own", 1, 1),
    "times": lambda: os.utime("own", (0, 0)),
    "attributes": lambda: os.setxattr("own", "user.a", b"b"),
    "a device": lambda: os.mknod("dev"),
    "limits of the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1)),
    "own limits": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    "cores": lambda: os.sched_setaffinity(os.getppid(), {0}),
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "signal all": lambda: os.kill(-1, 0),
    "another user": lambda: os.setuid(os.getuid()),
    "root folder": lambda: os.chroot("/"),
    "cut short": lambda: os.truncate("own", 0),
    "cut short on opening": lambda: os.open("own", os.O_TRUNC),
    "mount": lambda: syscall(165, 0, 0, 0, 0, 0),
    "ptrace": lambda: syscall(101, 16, os.getppid(), 0, 0),
    "shared memory": lambda: syscall(29, 0, 4096, 0o1600),
    "a file of memory": lambda: os.memfd_create("x"),
    "keys": lambda: syscall(250, 0, -3, 0),
    "io_uring": lambda: syscall(425, 1, 0),
    "bpf": lambda: syscall(321, 0, 0, 0),
    "namespaces": lambda: syscall(272, 0x10000000),
    "memory of the parent": lambda: syscall(310, os.getppid(), 0, 0, 0, 0, 0),
    "a handle of the parent": lambda: syscall(434, os.getppid(), 0),
    "a terminal": lambda: __import__("fcntl").ioctl(0, 0x5412, b"x"),
    "the log of the kernel": lambda: syscall(103, 3, 0, 0),
    "a file by its handle": lambda: syscall(304, 0, 0, 0),
    "userfaultfd": lambda: syscall(323, 0),
    "another filter": lambda: syscall(317, 0, 0, 0),
}
seccomp.install()
came = {}
for name, act in acts.items():
    try:
        act()
        came[name] = "worked"
    except OSError as error:
        came[name] = error.errno
    except ValueError as error:  # what Python makes of EPERM for limits
        came[name] = 1 if "not allowed" in str(error) else str(error)
started = threading.Thread(target=lambda: came.update(thread="worked"))
started.start()
started.join()
os.mkdir("new"); os.rename("own", "new/own"); open("new/own").read()
came["status"] = [line.split()[1] for line in open("/proc/self/status")
                  if line.startswith(("Seccomp:", "NoNewPrivs:"))]
print(json.dumps(came))
"""


@OURS
@pytest.mark.skipif(platform.machine() != "x86_64", reason="tries calls by their numbers")
def test_a_process_behind_the_filter_can_do_nothing_else(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TRIES, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout)
    assert came.pop("thread") == "worked"
    assert came.pop("status") == ["1", "2"]
    assert {name: code for name, code in came.items() if code != errno.EPERM} == {}


LIBRARY = """
import concurrent.futures, ctypes, importlib.util, os, shutil, sqlite3, sys, tempfile, zipfile
from pathlib import Path
spec = importlib.util.spec_from_file_location("seccomp", sys.argv[1])
seccomp = importlib.util.module_from_spec(spec)
spec.loader.exec_module(seccomp)
os.chdir(sys.argv[2])
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
assert seccomp.is_there()
seccomp.install()
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    assert sum(pool.map(abs, range(1000))) == 499500
with sqlite3.connect("a.db") as store:
    store.execute("create table t(x)")
    store.executemany("insert into t values(?)", [(n,) for n in range(1000)])
with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("text", "x" * 10000)
with tempfile.TemporaryDirectory(dir=".") as folder:
    shutil.unpack_archive("a.zip", folder)
    shutil.copyfile(Path(folder, "text"), "copy")
    Path("link").symlink_to("copy")
    Path("link").rename("other")
try:
    os.fork()
except PermissionError:
    print("well")
"""


@OURS
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_library_of_each_python_works_behind_the_filter(tmp_path, version):
    """A thread is made by clone3(2) or clone(2), a file copied by one of three calls."""
    own = sys.executable if version == "{}.{}".format(*sys.version_info) else None
    found = own or shutil.which(f"python{version}", path=f"{os.environ['PATH']}:/usr/bin")
    if found is None:
        pytest.skip(f"no Python {version} in this system")
    done = subprocess.run(
        [found, "-c", LIBRARY, seccomp.__file__, str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 127:  # a name that leads nowhere
        pytest.skip(f"Python {version} does not start here")
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr
