"""Python processes of our own, in which nothing that lies in the current folder has a part."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Final

from civicsight.core.settings import cache_dir

Child = subprocess.Popen[bytes]
PIPE: Final = subprocess.PIPE

TICK_S: Final = 0.05
"""How often whoever waits for an answer may do something else meanwhile [s]."""

FOLDER: Final = sys.prefix
"""Where such a process runs: with the interpreter, whoever else may write where we were started."""


def start_python(
    *arguments: str,
    stdin: int = PIPE,
    keys: bool = True,
    environment: Mapping[str, str] = MappingProxyType({}),
    inherited: Collection[str] | None = None,
) -> Child:
    """Start this interpreter with a pipe to its input and one from its output.

    Parameters
    ----------
    arguments
        What it runs: ``-m`` and a module, or a file. Paths are absolute: it stands elsewhere.
    stdin
        What its input is instead of a pipe: the number of an open file or socket.
    keys
        Whether it hears the keys pressed for this process, such as Ctrl-C.
    environment
        What differs from the environment of this process.
    inherited
        Names of the variables of this process that it gets; by default all.

    Notes
    -----
    Without ``-P`` a file named as any library that lies in the current folder, or beside the file
    that is run, would be taken for that library.
    """
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    ours = {
        # An empty entry, as a stray colon leaves it, would mean the current folder.
        "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in folders if entry),
        "CIVICSIGHT_CACHE_DIR": str(cache_dir()),
    }
    given = {
        name: value for name, value in os.environ.items() if inherited is None or name in inherited
    }
    return subprocess.Popen(  # noqa: S603 - this interpreter, and code of ours
        [sys.executable, "-P", *arguments],
        cwd=FOLDER,
        env={**given, **ours, **environment},
        stdin=stdin,
        stdout=subprocess.PIPE,
        start_new_session=not keys,
        creationflags=0 if keys else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def ask(
    process: Child, request: bytes, seconds: float, meanwhile: Callable[[], object] = lambda: None
) -> bytes | None:
    """Return what a process answers to its input, None if it takes longer than `seconds`.

    `meanwhile` is called again and again; what it raises ends the process as well.
    """
    ends, given = monotonic() + seconds, [request]
    try:
        while monotonic() < ends:
            try:
                return process.communicate(given.pop() if given else None, timeout=TICK_S)[0]
            except subprocess.TimeoutExpired:
                meanwhile()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    return None
