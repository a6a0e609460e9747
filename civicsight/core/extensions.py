"""Rows that other installed packages add to our registries, by entry points of their metadata.

Each registry has one group of entry points, such as ``civicsight.formats``; the value of an entry
point is a row of the registry's class, or a tuple of rows. Our own rows stand beside the call of
`added`, and are of the same class: whatever may be done with one may be done with the other.

References
----------
Entry points specification, packaging.python.org.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from importlib.metadata import EntryPoint, distributions
from typing import Final, TypeVar

from civicsight.core.errors import N_, SetupError, Text
from civicsight.core.settings import setting

GROUP: Final = "civicsight."
"""How the groups of our registries begin."""

REGISTRIES: Final = ("formats", "columns", "packs", "commands", "pages", "outputs", "solvers")

NONE: Final = "none"
"""The setting with which no package adds anything."""

Row = TypeVar("Row")


def added(
    registry: str,
    kind: type[Row],
    taken: Collection[str],
    name_of: Callable[[Row], str],
    why_not: Callable[[Row], Text | None] = lambda _: None,
) -> tuple[Row, ...]:
    """Return the rows that other packages add to a registry.

    Parameters
    ----------
    registry
        Its name, one of `REGISTRIES`: that of its group without the beginning.
    kind
        Class of its rows.
    taken
        Names that rows of ours have.
    name_of
        Tells the name of a row.
    why_not
        Tells why a row cannot be added, if it cannot.

    Raises
    ------
    SetupError
        If a package cannot be imported, adds something else than a row, a name that is taken, or a
        row of a registry that there is not: half of what is installed would be another program
        than the one that was tried.
    """
    rows: dict[str, Row] = {}
    for package, point in _points():
        if point.group.removeprefix(GROUP) not in REGISTRIES:
            there = N_("there are %(names)s", names=", ".join(REGISTRIES))
            raise _unusable(package, point, there)
        if point.group != GROUP + registry:
            continue
        try:
            value = point.load()
        except Exception as error:
            failed = N_("it does not load (%(error)s)", error=f"{type(error).__name__}: {error}")
            raise _unusable(package, point, failed) from error
        several = type(value) is tuple  # of a named tuple it is not: that is a row
        for row in value if several else (value,):
            if not isinstance(row, kind):
                raise _unusable(
                    package, point, N_("it is of class %(found)s", found=type(row).__name__)
                )
            name = name_of(row)
            if name in rows or name in taken:
                raise _unusable(package, point, N_("there is %(found)s already", found=name))
            why = why_not(row)
            if why is not None:
                raise _unusable(package, point, why)
            rows[name] = row
    return tuple(rows.values())


def extensions() -> dict[str, tuple[str, ...]]:
    """Return the registries that each installed package adds to, by its name and version."""
    found: dict[str, list[str]] = {}
    for package, point in _points():
        found.setdefault(package, []).append(point.group.removeprefix(GROUP))
    return {package: tuple(dict.fromkeys(groups)) for package, groups in found.items()}


@cache
def _points() -> tuple[tuple[str, EntryPoint], ...]:
    """Return every entry point of ours with its package, in an order that no machine decides."""
    if setting("extensions").strip().lower() == NONE:
        return ()
    found: dict[str, tuple[str, list[EntryPoint]]] = {}
    for package in distributions():
        points = [point for point in package.entry_points if point.group.startswith(GROUP)]
        if points:  # of two of one name the first is what is imported
            found.setdefault(package.name, (f"{package.name} {package.version}", points))
    return tuple((said, point) for _, (said, points) in sorted(found.items()) for point in points)


def _unusable(package: str, point: EntryPoint, why: Text) -> SetupError:
    return SetupError(
        N_(
            "The package %(package)s cannot add %(name)s to %(group)s: %(why)s. Update it, "
            "remove it, or start without packages of others: %(variable)s=%(none)s.",
            package=package,
            name=point.name,
            group=point.group,
            why=why,
            variable="CIVICSIGHT_EXTENSIONS",
            none=NONE,
        )
    )
