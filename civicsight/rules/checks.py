"""Compare the checks of a pack's rules with the closed list of predicates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from civicsight.core.errors import Fault
from civicsight.rules.document import Document, Path
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import COMBINERS, Parameter

Lookup = Callable[[Document, Path, str, str], Fault | None]
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
        yield document.fault("pack.bad_check:one", path, type(check).__name__)
        return
    name, values = next(iter(check.items()))
    if name in COMBINERS:
        if not isinstance(values, list) or not values:
            yield document.fault("pack.bad_check:list", (*path, name), values)
            return
        for index, inner in enumerate(values):
            yield from find_check_faults(document, (*path, name, index), inner, fields, lookup)
    elif name not in PREDICATES:
        known = ", ".join((*COMBINERS, *PREDICATES))
        yield document.fault("pack.unknown_predicate", (*path, name), name, choices=known)
    elif not isinstance(values, dict):
        yield document.fault("pack.bad_check:keys", (*path, name), values)
    else:
        yield from _parameter_faults(document, (*path, name), values, fields, lookup)


def _parameter_faults(
    document: Document, path: Path, values: dict[str, Any], fields: frozenset[str], lookup: Lookup
) -> Iterator[Fault]:
    """Yield missing, unknown and wrong parameters of one predicate."""
    parameters = PREDICATES[str(path[-1])].parameters
    for key, parameter in parameters.items():
        if parameter.required and key not in values:
            yield document.fault("pack.missing_parameter", path, ", ".join(values), name=key)
    for key, value in values.items():
        if key in parameters:
            yield from _value_faults(document, (*path, key), value, parameters[key], fields, lookup)
        else:
            yield document.fault(
                "pack.unknown_parameter", (*path, key), key, choices=", ".join(parameters)
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
        yield from _single_faults(document, path, value, parameter, fields)


def _single_faults(
    document: Document, path: Path, value: Any, parameter: Parameter, fields: frozenset[str]
) -> Iterator[Fault]:
    """Yield a fault unless a value is the single word, flag or count that it should be."""
    if parameter.kind == "flag":
        if not isinstance(value, bool):
            yield document.fault("pack.bad_parameter:flag", path, value)
    elif parameter.kind == "count":
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield document.fault("pack.bad_parameter:count", path, value)
    elif parameter.kind == "word":
        if not isinstance(value, str):
            yield document.fault("pack.bad_parameter:word", path, value)
    else:
        known = fields if parameter.kind == "field" else frozenset(parameter.choices)
        if not isinstance(value, str) or value not in known:
            choices = _listed(known)
            yield document.fault("pack.bad_parameter:choice", path, value, choices=choices)


def _list_faults(
    document: Document, path: Path, value: Any, known: frozenset[str]
) -> Iterator[Fault]:
    """Yield a fault for every word that is not known; an empty closed list allows any word."""
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        yield document.fault("pack.bad_parameter:list", path, value)
        return
    for index, word in enumerate(value):
        if known and word not in known:
            choices = _listed(known)
            yield document.fault("pack.bad_parameter:choice", (*path, index), word, choices=choices)


def _reference_faults(
    document: Document, path: Path, value: Any, unit: str, lookup: Lookup
) -> Iterator[Fault]:
    """Yield a fault unless the value is ``$name`` of a parameter of the unit."""
    if not isinstance(value, str) or not value.startswith("$"):
        yield document.fault("pack.bad_parameter:reference", path, value)
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
            yield document.fault("pack.bad_parameter:unit", path, value, unit=units)
    elif (
        value not in fields
        and value != "instrument.in_force"
        and not (isinstance(value, str) and _DATE.fullmatch(value))
    ):
        yield document.fault("pack.bad_parameter:choice", path, value, choices=_listed(fields))


def _listed(known: Any) -> str:
    return ", ".join(sorted(known))
