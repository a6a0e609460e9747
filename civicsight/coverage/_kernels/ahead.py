"""Kernels compiled before anybody waits for one: every kernel, for the types that it is kept to.

`kept.txt` names them all: ``tuple`` lines the named tuples, field by field, ``kernel`` lines a
kernel with its arguments. ``f8.2`` is a contiguous array of float64 with two axes, ``f8`` a number,
``none`` flat ground. What is first asked for stands first. A test holds the list against what a
check and a plan compile.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numba import types
from numba.np.numpy_support import from_dtype

from civicsight.coverage._kernels import compile as compiling

KEPT: Final = Path(__file__).with_name("kept.txt")

DONE: Final = ".all"
"""Marks a folder in which every kernel of the list is compiled."""

PACKAGE: Final = "civicsight"

NICENESS: Final = 10
"""How far it gives way to everything else."""


def kept() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield each kernel and the types that it is kept to, in order."""
    tuples: dict[str, Any] = {"none": types.none}
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        kind, home, name, *words = line.split()
        found = getattr(import_module(f"{PACKAGE}.{home}"), name)
        given = tuple(tuples.get(word) or _type_of(word) for word in words)
        if kind == "tuple":
            tuples[name] = types.BaseTuple.from_types(given, found)
        else:
            yield found, given


def describe_types(given: tuple[Any, ...]) -> str:
    """Write the types of a kernel as `kept.txt` does."""
    return " ".join(map(_word_of, given))


def _type_of(word: str) -> Any:
    code, _, axes = word.partition(".")
    number = from_dtype(np.dtype(code))
    return types.Array(number, int(axes), "C") if axes else number


def _word_of(kind: Any) -> str:
    """Write one type; of an array that is not as it should be, all that numba says of it."""
    if kind == types.none:
        return "none"
    if isinstance(kind, types.BaseTuple):
        named: Any = kind
        return str(named.instance_class.__name__)
    if isinstance(kind, types.Array):
        word = f"{np.dtype(str(kind.dtype)).str[1:]}.{kind.ndim}"
        return word if kind == _type_of(word) else str(kind).replace(" ", "")
    return np.dtype(str(kind)).str[1:]


def compile_all(tell: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Compile every kernel of the list that is not on the disk yet; return how many there are.

    Each is asked of the process that compiles (see `apart`), as if somebody needed it now.

    Parameters
    ----------
    tell
        Called with the kernels that are done, and how many there are.
    """
    everything = list(kept())
    for done, (kernel, given) in enumerate(everything):
        tell(done, len(everything))
        if hasattr(kernel, "compile"):  # not where numba is told to compile nothing
            kernel.compile(given)
    tell(len(everything), len(everything))
    if compiling.FOLDER is not None:
        (Path(compiling.FOLDER) / DONE).touch()
    return len(everything)


def is_done() -> bool:
    """Tell whether everything was compiled, or nothing can be kept."""
    return compiling.FOLDER is None or (Path(compiling.FOLDER) / DONE).exists()


def main() -> None:
    """Compile the list beside another process, as long as there is one."""
    # A file without a buffer: Python ends with a fatal error where a thread still holds the buffer
    # of one.
    source = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - held to the end
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    with suppress(AttributeError):  # Windows has no niceness
        os.nice(NICENESS)
    compile_all()


def _end_with(source: IO[bytes]) -> None:
    """End this process once nobody holds the other end of its input."""
    source.read()
    os._exit(0)


if __name__ == "__main__":
    main()
