"""Reading processes in a system that refuses a step of the fence: a filter answers with an error.

The filter is the kernel's own (seccomp(2)), so that what is tried is what would happen. It is put
up by a process of the tests alone, right before the fence: where `SERVER` names a step, in the
process that others are forked from; where `CHILD` names one, in the reading process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from civicsight.io.apart import fence
from tests.apart_readers import echo, multiply, scrawl

SERVER, CHILD = "CIVICSIGHT_TEST_SERVER_REFUSES", "CIVICSIGHT_TEST_CHILD_REFUSES"
"""Settings that name a step and the number of an error, parted by a blank."""

NUMBERS = {
    "x86_64": {"unshare": 272, "prctl": 157, "prlimit64": 302, "setpriority": 141,
               "capget": 125, "capset": 126, "seccomp": 317},
    "aarch64": {"unshare": 97, "prctl": 167, "prlimit64": 261, "setpriority": 140,
                "capget": 90, "capset": 91, "seccomp": 277},
}.get(platform.machine(), {})  # fmt: skip
LANDLOCK = {"landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446}


class Call(NamedTuple):
    """A call of the system, and which of its arguments has to be what."""

    name: str
    at: int | None = None
    value: int = 0


VERSION = "landlock version"
UNKNOWN = "bounding set of old kernels"
SERVER_STEPS = {
    VERSION: Call("landlock_create_ruleset", 2, 1),
    "network": Call("unshare", 0, fence.NEW_NET),
    "no network": Call("unshare"),
    "orphans": Call("prctl", 0, fence.SUBREAPER),
    "no filter": Call("seccomp"),
    "death with the parent": Call("prctl", 0, fence.DEATH_SIGNAL),
}
"""What the process does that others are forked from, or a fork before it knows its file."""

CHILD_STEPS = {
    "which capabilities": Call("capget"),
    "bounding set": Call("prctl", 0, fence.BOUNDING_DROP),
    "ambient set": Call("prctl", 0, fence.AMBIENT),
    "capabilities": Call("capset"),
    "no new rights": Call("prctl", 0, fence.NO_NEW_PRIVS),
    **{
        f"limit {name}": Call("prlimit64", 1, getattr(resource, name))
        for name in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_CORE")
    },
    "priority": Call("setpriority"),
    "ruleset": Call("landlock_create_ruleset", 2, 0),
    "first rule": Call("landlock_add_rule"),
    "later rule": Call("landlock_add_rule"),
    "restrict": Call("landlock_restrict_self"),
    "filter": Call("seccomp"),
}
"""What a reading process does around itself."""

FAKED = {**CHILD_STEPS, UNKNOWN: Call("prctl", 0, fence.BOUNDING_HAS)}
MAPS = ("setgroups", "uid_map", "gid_map")
"""Files in which a process becomes its own master."""

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2


def refuse(call: Call, code: int) -> None:
    """Have the kernel answer a call of this process with an error from now on."""
    number = {**NUMBERS, **LANDLOCK}[call.name]
    argument = call.at is not None
    skip = 3 if argument else 1
    program = [(LOAD, 0, 0, 0), (EQUAL, 0, skip, number)]
    if call.at is not None:
        program += [(LOAD, 0, 0, 16 + 8 * call.at), (EQUAL, 0, 1, call.value)]
    program += [(RETURN, 0, 0, REFUSE | code), (RETURN, 0, 0, ALLOW)]
    lines = b"".join(struct.pack("=HBBI", *line) for line in program)
    kept = ctypes.create_string_buffer(lines, len(lines))
    told = struct.pack("@HP", len(program), ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(SECCOMP, FILTER, ctypes.create_string_buffer(told, len(told)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no filter")


def _asked(setting: str) -> tuple[str, int] | None:
    step, _, code = os.environ.get(setting, "").rpartition(" ")
    return (step, int(code)) if step else None


def _refusing(real: Callable[..., Any], setting: str) -> Callable[..., Any]:
    """Return a step before which the filter is put up."""

    @wraps(real)
    def call(*given: Any, **named: Any) -> Any:
        asked = _asked(setting)
        if asked is not None:
            step, code = asked
            if step in MAPS:  # root needs none
                refuse(SERVER_STEPS["network"], errno.EPERM)
            elif step == "later rule":
                fence._grant = _late(fence._grant, code)
            else:
                refuse({**SERVER_STEPS, **FAKED}[step], code)
        return real(*given, **named)

    return call


def _late(real: Callable[..., Any], code: int) -> Callable[..., Any]:
    """Return what grants some rights, and then none any more."""
    granted: list[Any] = []

    def grant(*given: Any) -> Any:
        granted.append(given)
        if len(granted) == 5:
            refuse(CHILD_STEPS["later rule"], code)
        return real(*given)

    return grant


def _unmapped(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return what writes texts, but not a certain file of this process."""

    def write(path: Path, *given: Any, **named: Any) -> Any:
        asked = _asked(SERVER)
        if asked is not None and asked[0] == path.name:
            raise OSError(asked[1], os.strerror(asked[1]))
        return real(path, *given, **named)

    return write


_main: Any = sys.modules["__main__"]
if getattr(_main, "NAME", "") == "civicsight.io.apart.serve":
    _main.warm = lambda _readers: None  # a start for each case
    _main.close_in = _refusing(_main.close_in, CHILD)
    fence.leave_network = _refusing(fence.leave_network, SERVER)
    Path.write_text = _unmapped(Path.write_text)  # type: ignore[method-assign]

READERS = {"echo": echo, "multiply": multiply, "scrawl": scrawl}
