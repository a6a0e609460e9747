"""Compare the checks of a pack's rules with the closed list of predicates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from civicsight.core.errors import N_, Fault, Text
from civicsight.rules.document import Document, Path
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import COMBINERS, Parameter

Lookup = Callable[[Document, Path, str, str], Fault | None]
REMEDY = N_("Correct the rule; a pack brings no predicate of its own.")
_ORDERED = ("date", "day", "ratio", "count")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def find_check_faults(
    document: Document, path: Path, check: Any, fields: frozenset[str], lookup: Lookup
) -> Iterator[Fault]:
    """Yield what is wrong with one check and the checks inside it.

    Parameters
    ----------
    document, path
        The pack, and where in it the check stands.
    check
        A mapping of one name.
    fields
        Fields of the rule's subjects.
    lookup
        Finds the fault of a reference to a parameter, given the unit it should have.
    """
    if not isinstance(check, dict) or len(check) != 1:
        yield document.fault(
            "pack.bad_check",
            path,
            type(check).__name__,
            N_("one predicate and its parameters"),
            REMEDY,
        )
        return
    name, values = next(iter(check.items()))
    if name in COMBINERS:
        if not isinstance(values, list) or not values:
            yield document.fault(
                "pack.bad_check", (*path, name), values, N_("a list of checks"), REMEDY
            )
            return
        for index, inner in enumerate(values):
            yield from find_check_faults(document, (*path, name, index), inner, fields, lookup)
    elif name not in PREDICATES:
        known = ", ".join((*COMBINERS, *PREDICATES))
        yield document.fault(
            "pack.unknown_predicate",
            (*path, name),
            name,
            N_("one of %(choices)s", choices=known),
            REMEDY,
        )
    elif not isinstance(values, dict):
        yield document.fault("pack.bad_check", (*path, name), values, N_("keys and values"), REMEDY)
    else:
        yield from _parameter_faults(document, (*path, name), values, fields, lookup)


def _parameter_faults(
    document: Document, path: Path, values: dict[str, Any], fields: frozenset[str], lookup: Lookup
) -> Iterator[Fault]:
    """Yield missing, unknown and wrong parameters of one predicate."""
    parameters = PREDICATES[str(path[-1])].parameters
    for key, parameter in parameters.items():
        if parameter.required and key not in values:
            yield document.fault(
                "pack.missing_parameter",
                path,
                ", ".join(values),
                N_("a key %(name)s", name=key),
                REMEDY,
            )
    for key, value in values.items():
        if key in parameters:
            yield from _value_faults(document, (*path, key), value, parameters[key], fields, lookup)
        else:
            yield document.fault(
                "pack.unknown_parameter",
                (*path, key),
                key,
                N_("one of %(choices)s", choices=", ".join(parameters)),
                REMEDY,
            )


def _value_faults(
    document: Document,
    path: Path,
    value: Any,
    parameter: Parameter,
    fields: frozenset[str],
    lookup: Lookup,
) -> Iterator[Fault]:
    """Yield what is wrong with the value of one parameter."""
    if parameter.kind == "quantity":
        yield from _reference_faults(document, path, value, parameter.unit, lookup)
    elif parameter.kind == "operand":
        yield from _operand_faults(document, path, value, fields, lookup)
    elif parameter.kind == "choices":
        yield from _list_faults(document, path, value, frozenset(parameter.choices))
    elif parameter.kind == "fields":
        yield from _list_faults(document, path, value, fields)
    elif parameter.kind == "vocabularies":
        data: Any = document.data
        known = frozenset(data.get("vocabularies", ())) or frozenset("-")
        yield from _list_faults(document, path, value, known)
    else:
        expected = _wanted(parameter, value, fields)
        if expected is not None:
            yield _bad(document, path, value, expected)


def _wanted(parameter: Parameter, value: Any, fields: frozenset[str]) -> Text | None:
    """Say what a single word, flag or count should be; None if it is that."""
    if parameter.kind == "flag":
        return None if isinstance(value, bool) else N_("true or false")
    if parameter.kind == "count":
        good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return None if good else N_("a whole number, without quotes")
    if parameter.kind == "word":
        return None if isinstance(value, str) else N_("a word")
    known = fields if parameter.kind == "field" else frozenset(parameter.choices)
    return None if isinstance(value, str) and value in known else _one_of(known)


def _list_faults(
    document: Document, path: Path, value: Any, known: frozenset[str]
) -> Iterator[Fault]:
    """Yield a fault for every word that is not known; an empty closed list allows any word."""
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        yield _bad(document, path, value, N_("a list of words"))
        return
    for index, word in enumerate(value):
        if known and word not in known:
            yield _bad(document, (*path, index), word, _one_of(known))


def _reference_faults(
    document: Document, path: Path, value: Any, unit: str, lookup: Lookup
) -> Iterator[Fault]:
    """Yield a fault unless the value is ``$name`` of a parameter of the unit."""
    if not isinstance(value, str) or not value.startswith("$"):
        yield _bad(
            document, path, value, N_("a reference such as $name to a parameter of the pack")
        )
        return
    fault = lookup(document, path, value, unit)
    if fault is not None:
        yield fault


def _operand_faults(
    document: Document, path: Path, value: Any, fields: frozenset[str], lookup: Lookup
) -> Iterator[Fault]:
    """Yield a fault unless the value is a field, a date, the date of effect or a parameter."""
    if isinstance(value, str) and value.startswith("$"):
        faults = [lookup(document, path, value, unit) for unit in _ORDERED]
        if all(faults):
            units = ", ".join(_ORDERED)
            yield _bad(document, path, value, N_("a parameter in %(unit)s", unit=units))
    elif (
        value not in fields
        and value != "instrument.in_force"
        and not (isinstance(value, str) and _DATE.fullmatch(value))
    ):
        yield _bad(document, path, value, _one_of(fields))


def _one_of(known: Any) -> Text:
    return N_("one of %(choices)s", choices=", ".join(sorted(known)))


def _bad(document: Document, path: Path, value: Any, expected: Text) -> Fault:
    return document.fault("pack.bad_parameter", path, value, expected, REMEDY)
