"""Forms for QGIS inside a GeoPackage: what columns are called, and which values they take.

QGIS reads a style document from the table ``layer_styles`` and applies it when a layer is opened.
With it a person who edits a project chooses from lists, ticks boxes, cannot change ids by accident
and is told at once what a column may not hold; `civicsight.io.edits` takes the result back.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from civicsight.core.column import Column
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, in_all, translate
from civicsight.core.table import Table

VERSION: Final = "3.22.0"
"""Oldest QGIS that the documents are meant for; newer ones read them."""

NULL: Final = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
"""What stands for an empty value in a list of values of QGIS."""

HARD, SOFT = "1", "2"
"""Strengths of a rule on a column: refused, or only pointed out."""

LAYER_STYLES: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""
"""The table in which QGIS keeps styles inside a data base."""


def add_styles(path: Path, looks: Sequence[tuple[str, str, str]]) -> None:
    """Add a table of styles to a GeoPackage, and list it as the standard asks for every table.

    Parameters
    ----------
    path
        The ``.gpkg`` file, without styles yet.
    looks
        Layer, title and QGIS style document; the first of a layer is its default.

    References
    ----------
    OGC 12-128r19, GeoPackage Encoding Standard 1.4, section 2.1.
    """
    first = {layer: number for number, (layer, _, _) in reversed(list(enumerate(looks)))}
    rows = [
        (layer, title, document, int(first[layer] == number), title)
        for number, (layer, title, document) in enumerate(looks)
    ]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(LAYER_STYLES)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) "
            "VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '')",
            rows,
        )


def write_form(table: Table) -> str:
    """Return the style document of a table that only sets names and forms, no looks."""
    root = ET.Element("qgis", version=VERSION, styleCategories="Fields|Forms")
    add_form(root, table)
    return document_of(root)


def document_of(root: ET.Element) -> str:
    """Return a style document as text."""
    body = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}"


def add_form(root: ET.Element, table: Table) -> None:
    """Add names, lists of values and rules of the columns of a table to a style document."""
    widgets = ET.SubElement(root, "fieldConfiguration")
    aliases = ET.SubElement(root, "aliases")
    rules = ET.SubElement(root, "constraints")
    expressions = ET.SubElement(root, "constraintExpressions")
    editable = ET.SubElement(root, "editable")
    _add_widget(widgets, "fid", "Hidden", {})
    _add_widget(widgets, table.index, "TextEdit", {})
    name = N_("Number (kept by the project; leave it empty for a new feature)")
    ET.SubElement(aliases, "alias", field=table.index, name=in_all(name))
    ET.SubElement(editable, "field", name=table.index, editable="0")
    for column in table:
        kind, options = _widget(column)
        _add_widget(widgets, column.name, kind, options)
        unit = f" [{column.unit}]" if column.unit else ""
        alias = f"{_translated(column.meaning) or column.meaning}{unit} {column.name}"
        ET.SubElement(aliases, "alias", field=column.name, name=alias)
        test = _test(column)
        strength = {
            "constraints": str((0 if column.nullable else 1) + (4 if test else 0)),
            "notnull_strength": "0" if column.nullable or column.kind == "bool" else SOFT,
            "unique_strength": "0",
            "exp_strength": HARD if test else "0",
        }
        ET.SubElement(rules, "constraint", {"field": column.name, **strength})
        told = in_all(column.meaning) if test else ""
        ET.SubElement(expressions, "constraint", field=column.name, exp=test, desc=told)


def name_columns(root: ET.Element, names: Mapping[str, str]) -> None:
    """Add names of columns to a style document, but of those that its form names already."""
    aliases = root.find("aliases")
    if aliases is None:
        aliases = ET.SubElement(root, "aliases")
    named = {alias.get("field") for alias in aliases}
    for field, name in names.items():
        if field not in named:
            ET.SubElement(aliases, "alias", field=field, name=name)


def _translated(text: Text) -> str:
    """Return what a text is in the languages that translate it; empty where none does."""
    said = dict.fromkeys(translate(text, language) for language in LANGUAGES)
    return " ".join(words for words in said if words != str(text))


def _widget(column: Column) -> tuple[str, dict[str, str] | list[tuple[str, str]]]:
    """Return the kind of box in which a column is edited, and its options."""
    nothing = (in_all(N_("(empty)")), NULL)
    if column.choices:
        return "ValueMap", [nothing, *((_choice(code), code) for code in column.choices)]
    if column.kind == "maybe":
        pairs = [(in_all(N_("yes")), "true"), (in_all(N_("no")), "false")]
        return "ValueMap", [nothing, *pairs]
    if column.kind == "bool":
        return "CheckBox", {"CheckedState": "", "UncheckedState": ""}
    return "TextEdit", {"IsMultiline": "true" if column.kind == "object" else "false"}


def _choice(code: str) -> str:
    """Return what a code of a list is called: in the languages that translate it, and itself."""
    return f"{_translated(Text(code.replace('_', ' ')))} {code}".lstrip()


def _test(column: Column) -> str:
    """Return the expression that a value has to pass; empty where anything goes."""
    name = f'"{column.name}"'
    tests = []
    if column.kind in ("float", "int"):
        if math.isfinite(column.low):
            tests.append(f"{name} >= {column.low:g}")
        if math.isfinite(column.high):
            tests.append(f"{name} <= {column.high:g}")
    elif column.kind == "date":
        tests.append(f"regexp_match({name}, '^\\\\d{{4}}-\\\\d{{2}}-\\\\d{{2}}$')")
    return f"{name} IS NULL OR ({' AND '.join(tests)})" if tests else ""


def _add_widget(
    parent: ET.Element, name: str, kind: str, options: dict[str, str] | list[tuple[str, str]]
) -> None:
    field = ET.SubElement(parent, "field", name=name, configurationFlags="None")
    widget = ET.SubElement(field, "editWidget", type=kind)
    bag = ET.SubElement(ET.SubElement(widget, "config"), "Option", type="Map")
    if isinstance(options, dict):
        for key, value in options.items():
            type_ = "bool" if value in ("true", "false") else "QString"
            ET.SubElement(bag, "Option", name=key, value=value, type=type_)
        return
    choices = ET.SubElement(bag, "Option", name="map", type="List")
    for label, value in options:
        entry = ET.SubElement(choices, "Option", type="Map")
        ET.SubElement(entry, "Option", name=label, value=value, type="QString")
