"""The limits that Windows puts on a process that reads a file: a job that it is alone in.

Written after the manuals and not tried: we had no Windows. Network and files are not fenced off.

References
----------
Microsoft, "Job Objects", JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

PROCESS_TIME, ACTIVE_PROCESS, PRIORITY, PROCESS_MEMORY = 0x2, 0x8, 0x20, 0x100
DIE_ON_EXCEPTION, KILL_ON_CLOSE = 0x400, 0x2000
EXTENDED: Final = 9
IDLE: Final = 0x40
TICKS: Final = 10_000_000
"""Units of time in a second: 100 ns."""

SIZE = ctypes.c_size_t


class Basic(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_set", SIZE),
        ("most_set", SIZE),
        ("processes", ctypes.c_uint32),
        ("affinity", SIZE),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class Extended(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", Basic),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", SIZE),
        ("job_memory", SIZE),
        ("process_peak", SIZE),
        ("job_peak", SIZE),
    )


def limit(memory: int, seconds: float) -> None:
    """Put this process into a job of its own, which ends with it.

    Parameters
    ----------
    memory
        Bytes that it may ask for.
    seconds
        Time of a processor [s].

    Raises
    ------
    OSError
        If the system does not allow it: then nothing is read.
    """
    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job, process = kernel.CreateJobObjectW(None, None), kernel.GetCurrentProcess()
    asked = Extended()
    asked.basic.flags = PROCESS_TIME | ACTIVE_PROCESS | PRIORITY | PROCESS_MEMORY
    asked.basic.flags |= DIE_ON_EXCEPTION | KILL_ON_CLOSE
    asked.basic.process_time = int(seconds * TICKS)
    asked.basic.processes, asked.basic.priority = 1, IDLE
    asked.process_memory = memory
    size = ctypes.sizeof(asked)
    handle = ctypes.c_void_p(job)
    done = kernel.SetInformationJobObject(handle, EXTENDED, ctypes.byref(asked), size)
    if not done or not kernel.AssignProcessToJobObject(handle, ctypes.c_void_p(process)):
        raise OSError(kernel.GetLastError(), "job object")
