"""Faults by code: what was expected and how to mend it, declared once, filled in where it is found.

Each room declares its own in a module `faults`, and takes `fault` and `reject` from there, so that
whoever raises a code has read its declaration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

from civicsight.core.errors import Fault, InputError, Text

PLACEHOLDER: Final = re.compile(r"%\((\w+)\)")
VARIANT: Final = ":"
"""Stands between a code and what parts two faults of that code, as in `crs.missing:raster`."""


class Declared(NamedTuple):
    """What was expected and how to mend it: English sentences with ``%(name)s`` placeholders."""

    expected: str
    remedy: str


DECLARED: Final[dict[str, Declared]] = {}
"""Every fault of the rooms that are loaded, by its code and, behind a colon, its variant."""


def declare(faults: Mapping[str, tuple[str, str]]) -> None:
    """Declare faults by code, each with what was expected and the remedy.

    Raises
    ------
    ValueError
        If one is declared already.
    """
    twice = DECLARED.keys() & faults.keys()
    if twice:
        msg = f"declared twice: {', '.join(sorted(twice))}"
        raise ValueError(msg)
    DECLARED.update({key: Declared(*sentences) for key, sentences in faults.items()})


def fault(
    key: str, file: str = "", where: str = "", field: str = "", found: str = "", **values: object
) -> Fault:
    """Return a declared fault with its place; other arguments as of `errors.Fault`.

    Parameters
    ----------
    key
        Code under which it is declared, with its variant where it has one.
    values
        Values of the placeholders of both sentences.
    """
    declared = DECLARED[key]
    code = key.partition(VARIANT)[0]
    return Fault(code, file, where, field, found, *(_filled(text, values) for text in declared))


def reject(
    key: str, file: str = "", where: str = "", field: str = "", found: str = "", **values: object
) -> NoReturn:
    """Refuse an input for one declared fault; arguments as of `fault`.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError([fault(key, file, where, field, found, **values)])


def _filled(template: str, values: Mapping[str, object]) -> Text:
    names = dict.fromkeys(PLACEHOLDER.findall(template))
    return Text(template, {name: values[name] for name in names})
