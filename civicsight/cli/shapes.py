"""What a value that a program reads consists of: JSON Schema, with meanings in every language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from civicsight.core.column import Column
from civicsight.core.errors import Text
from civicsight.core.i18n import Language, translate
from civicsight.core.table import Table

Shape = dict[str, Any]
"""A schema of JSON Schema 2020-12 whose descriptions are sentences of any language."""

MAY_LACK: Final = "may-lack"
"""Keyword of a value of a record that may be absent; it becomes the list ``required``."""

UNIT: Final = "x-unit"
"""Keyword of the unit of a number: JSON Schema has none, and readers pass over what they lack."""

DEFS: Final = "#/$defs/"
"""Where a schema keeps the shapes that are named in it."""

KINDS: Final[Mapping[str, str]] = {
    "text": "string",
    "float": "number",
    "int": "integer",
    "bool": "boolean",
    "maybe": "boolean",
    "date": "string",
}
"""Types of the kinds of columns (`core.column.Kind`)."""


def _with_meaning(shape: Shape, meaning: Text | None, unit: str = "") -> Shape:
    """Return a shape with its meaning and unit, where it has them."""
    told: Shape = {} if meaning is None else {"description": meaning}
    return shape | told | ({UNIT: unit} if unit else {})


def text(meaning: Text | None = None, among: Iterable[str] = ()) -> Shape:
    """Return the shape of a text, from a closed list if there is one."""
    choices = list(dict.fromkeys(map(str, among)))
    return _with_meaning({"type": "string"} | ({"enum": choices} if choices else {}), meaning)


def day(meaning: Text) -> Shape:
    """Return the shape of a day, ISO 8601."""
    return _with_meaning({"type": "string", "format": "date"}, meaning)


def count(meaning: Text | None = None, unit: str = "") -> Shape:
    """Return the shape of a whole number that is not negative."""
    return _with_meaning({"type": "integer", "minimum": 0}, meaning, unit)


def number(meaning: Text | None = None, unit: str = "") -> Shape:
    """Return the shape of a number."""
    return _with_meaning({"type": "number"}, meaning, unit)


def share(meaning: Text | None = None) -> Shape:
    """Return the shape of a share from 0 to 1."""
    return _with_meaning({"type": "number", "minimum": 0, "maximum": 1}, meaning)


def flag(meaning: Text) -> Shape:
    """Return the shape of a yes or no."""
    return _with_meaning({"type": "boolean"}, meaning)


def items(meaning: Text | None, each: Shape, *, of: int | None = None) -> Shape:
    """Return the shape of a list; `of` is how many there are, where that is fixed."""
    size = {} if of is None else {"minItems": of, "maxItems": of}
    return _with_meaning({"type": "array", "items": each} | size, meaning)


def by(meaning: Text | None, each: Shape, among: Iterable[str] = ()) -> Shape:
    """Return the shape of values by a name that is itself data, from a closed list if any."""
    choices = list(map(str, among))
    names: Shape = {"propertyNames": {"enum": choices}} if choices else {}
    return _with_meaning({"type": "object", "additionalProperties": each} | names, meaning)


def record(meaning: Text | None = None, /, **fields: Shape) -> Shape:
    """Return the shape of a record: these fields and no others."""
    needed = [name for name, shape in fields.items() if MAY_LACK not in shape]
    closed = {"type": "object", "properties": fields, "required": needed}
    return _with_meaning(closed | {"additionalProperties": False}, meaning)


def maybe(shape: Shape) -> Shape:
    """Return a shape that is null where the value is unknown or there is none."""
    if isinstance(shape.get("type"), str):
        listed = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
        return shape | listed | {"type": [shape["type"], "null"]}
    return _with_meaning({"anyOf": [shape, {"type": "null"}]}, shape.get("description"))


def may_lack(shape: Shape) -> Shape:
    """Return a shape whose name is absent from a record where there is nothing to say."""
    return shape | {MAY_LACK: True}


def shared(name: str, meaning: Text | None = None) -> Shape:
    """Return the shape that is declared once under a name."""
    return _with_meaning({"$ref": f"{DEFS}{name}"}, meaning)


def about(shape: Shape, meaning: Text) -> Shape:
    """Return a shape with another meaning."""
    return shape | {"description": meaning}


def of_column(column: Column) -> Shape:
    """Return the shape of a value of a declared column; what only Python holds is a list of texts.

    Raises
    ------
    KeyError
        If the kind is not known.
    """
    if column.kind == "object":
        return items(column.meaning, text())
    shape: Shape = {"type": KINDS[column.kind]}
    shape |= {"enum": list(column.choices)} if column.choices else {}
    shape = _with_meaning(shape, column.meaning, column.unit)
    is_known = column.kind == "bool" or not column.nullable
    return shape if is_known else maybe(shape)


def columns_of(table: Table) -> dict[str, Shape]:
    """Return the shapes of the columns of a declared table: a list a column, a value a row."""
    listed = {}
    for column in (table.identifier, *table):
        shape = of_column(column)
        meaning = shape.pop("description")
        listed[column.name] = items(meaning, shape)
    return listed


def to_schema(shape: Any, language: Language) -> Any:
    """Return a shape as JSON holds it, its meanings in a language."""
    if isinstance(shape, Text):
        return translate(shape, language)
    if isinstance(shape, list):
        return [to_schema(each, language) for each in shape]
    if not isinstance(shape, dict):
        return shape
    return {key: to_schema(each, language) for key, each in shape.items() if key != MAY_LACK}


def names_in(shape: Any) -> Iterator[str]:
    """Yield the names of the shared shapes that a shape names."""
    if isinstance(shape, list):
        for each in shape:
            yield from names_in(each)
    elif isinstance(shape, dict):
        if str(shape.get("$ref", "")).startswith(DEFS):
            yield shape["$ref"].removeprefix(DEFS)
        for each in shape.values():
            yield from names_in(each)


class Row(NamedTuple):
    """What a person reads of a value: where it stands, its type, unit, closed list and meaning."""

    key: str
    kind: str
    unit: str
    values: tuple[str, ...]
    meaning: Text


def rows_of(shape: Shape, key: str = "") -> Iterator[Row]:
    """Yield the values of a shape from the outside in.

    A key is ``a.b`` in a record, ``a[]`` in a list and ``a.*`` by a name; one with a question mark
    may be absent. The value as a whole has no key, and a row only where it is no record.
    """
    inner, after = _inner(shape)
    if key or not shape.keys() & {"properties", "anyOf"}:
        meaning = shape.get("description", Text(""))
        known = shape.get("propertyNames", inner).get("enum", ())
        values = tuple(each or '""' for each in known if each is not None)
        yield Row(key, _kind_of(shape), inner.get(UNIT, ""), values, meaning)
    yield from _fields_of(inner, f"{key}{after}")
    for other in inner.get("anyOf", ()):  # of which it is one
        yield Row(f"{key}{after}", "object", "", (), other.get("description", Text("")))
        yield from _fields_of(other, f"{key}{after}")


def _fields_of(record: Shape, key: str) -> Iterator[Row]:
    """Yield the rows of the fields of a record that stands at a key."""
    for name, field in record.get("properties", {}).items():
        mark = "?" if MAY_LACK in field else ""
        yield from rows_of(field, f"{key}.{name}{mark}".lstrip("."))


def _inner(shape: Shape) -> tuple[Shape, str]:
    """Return what lists, names and null are made of, and how one is reached from the outside."""
    if "anyOf" in shape and {"type": "null"} in shape["anyOf"]:
        return _inner(shape["anyOf"][0])
    if "items" in shape:
        inner, after = _inner(shape["items"])
        return inner, f"[]{after}"
    if isinstance(shape.get("additionalProperties"), dict):
        inner, after = _inner(shape["additionalProperties"])
        return inner, f".*{after}"
    return shape, ""


def _kind_of(shape: Shape) -> str:
    """Return the type of a value in one word: ``number | null``, ``string[]``, ``{*: integer}``."""
    if "anyOf" in shape:
        return " | ".join(dict.fromkeys(_kind_of(each) for each in shape["anyOf"]))
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    named = shape.get("type", "any")
    kinds = [named] if isinstance(named, str) else list(named)
    if "items" in shape:
        inner = _kind_of(shape["items"])
        kinds[0] = f"({inner})[]" if "|" in inner else f"{inner}[]"
    elif isinstance(shape.get("additionalProperties"), dict):
        kinds[0] = f"{{*: {_kind_of(shape['additionalProperties'])}}}"
    return " | ".join(kinds)
