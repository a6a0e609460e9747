"""Modules that moved, found under their old names for one release with a warning that says so.

A finder that is asked first and answers for old names alone: in a folder that was brought up to
date an old room may be left with nothing but bytecode, and would be found empty. The old module
hands on what it is asked for, so that both names give the same functions and classes.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import MappingProxyType, ModuleType
from typing import Final

PACKAGE: Final = __name__.partition(".")[0]

MOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "errors": "core.errors",
        "i18n": "core.i18n",
        "settings": "core.settings",
        "progress": "core.progress",
        "table": "core.table",
        "values": "core.values",
        "words": "core.words",
        "bounded": "core.bounded",
        "atomic": "core.atomic",
        "child": "core.child",
        "schema": "model",
        "provenance": "model.provenance",
        "formats": "model.format_versions",
        "terrain": "model.terrain",
        "migrations": "store.migrations",
        "packs": "io.packs",
        "sound": "scene.validation",
        "walls": "scene.segments",
        "city": "io",
    }
)
"""New names by old ones, without that of the package; what lies below a room moved with it."""


def new_name(name: str) -> str | None:
    """Return where a module of the package is now, None if it did not move.

    >>> new_name("civicsight.city.crs")
    'civicsight.io.crs'
    """
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    for length in range(len(parts), 1, -1):
        found = MOVED.get(".".join(parts[1:length]))
        if found is not None:
            return ".".join((PACKAGE, found, *parts[length:]))
    return None


class _Mover(MetaPathFinder, Loader):
    """Finds a module under its old name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what loads it; None if nothing of that name was moved."""
        del path, target
        if new_name(fullname) is None:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Let the old module hand on whatever it is asked for."""
        moved = new_name(module.__name__) or module.__name__
        message = f"{module.__name__} is called {moved} now; the next release forgets the old name"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        found = import_module(moved)
        vars(module).update({"__doc__": found.__doc__, "__getattr__": found.__getattribute__})


def watch() -> None:
    """Begin to find modules under their old names."""
    if not any(isinstance(finder, _Mover) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Mover())
