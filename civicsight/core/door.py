"""Public names of a package that are imported when they are first asked for (PEP 562).

Whoever asks for one module of a room then does not wait for all others, nor for their libraries.
`lazy_loader` (Scientific Python, SPEC 1) does the same with a stub that it reads at every start;
here it is a table. No name may be that of a module beside it: importing that would take its place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def opened(
    package: str, homes: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        Its name.
    homes
        Public names by the module in which they live.
    """
    home = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in home:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value: object = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted({*vars(sys.modules[package]), *home})


def by_address(address: str) -> Any:
    """Return what stands at an address, ``package.module:name``."""
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)


def late(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a module that knows whoever asks, and that is known by its name alone.

    So a value can show itself by what is written of it above: reading or computing it imports
    nothing of that.

    Parameters
    ----------
    module, name
        Module within the package, and its function.
    """
    found: Callable[..., Any] = getattr(import_module(f"civicsight.{module}"), name)
    return found


def map_of(module: str, name: str) -> Callable[..., Any]:
    """Return what draws a map, from the room of maps, which knows results and not they it."""
    return late(f"maps.{module}", name)
