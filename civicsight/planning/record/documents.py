"""A plan as bytes and back: one JSON text that anyone can read, the files of its proof, their list.

The same plan gives the same bytes, wherever it was kept meanwhile, so that the root over the list
binds it. Numbers keep all their digits, shapes are written as well-known binary in hexadecimal.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import InputError
from civicsight.model.format_versions import PLAN, brought_up, steps_from
from civicsight.planning.faults import fault, reject
from civicsight.planning.record.plan import Goal, Plan, Proof
from civicsight.planning.record.root import LIST_FILE, compare, list_of, read_list
from civicsight.planning.solver.outcome import Status

PLAN_FILE: Final = "plan.json"
LATER: Final = ("curve", "terms", "before", "places_before")
"""Tables that plans did not have from the beginning."""

NUMBERED: Final = {"before": 3, "places_before": 3}
"""Those that made a format of their own: a plan without them is written in the one before."""
WITHOUT: Final = 2

FILES, TOLD = "files", "told"
FOLDER: Final = "certificate"
TOLD_FILE: Final = "told.json"
"""Fields of a plan that are files of their own, and where these lie."""

PLAN_RECORD, ARRAYS_RECORD = "plan", "arrays"
"""Documents of a plan in a store."""

OLDER_FILES: Final = ("dual.npy",)
"""What only plans of format 1 have beside that."""

LISTED_FROM: Final = 2
"""Format from which a list binds all files; before, `plan.json` alone was bound by its digest."""

UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading raises of JSON that somebody else wrote, or that is damaged."""


def to_documents(plan: Plan) -> dict[str, bytes]:
    """Write a plan as documents by file name, the list of them among them."""
    with_them = (number for name, number in NUMBERED.items() if not getattr(plan, name).empty)
    text: dict[str, Any] = {"format": max(with_them, default=WITHOUT)}
    for entry in fields(plan):
        if entry.name in (FILES, TOLD):
            continue
        value = getattr(plan, entry.name)
        if entry.name in LATER and value.empty:
            continue  # a plan of before is written as it was
        if isinstance(value, pd.DataFrame):
            text[entry.name] = table_to_json(value)
        elif isinstance(value, Proof):
            text[entry.name] = asdict(value)
        elif isinstance(value, Mapping):
            text[entry.name] = dict(value)
    own = {PLAN_FILE: _written(text)} | ({TOLD_FILE: plan.told} if plan.told else {})
    own |= {f"{FOLDER}/{name}": content for name, content in plan.files.items()}
    return own | {LIST_FILE: list_of(own)}


def from_documents(documents: Mapping[str, bytes]) -> Plan:
    """Read a plan from its documents, compared with their list.

    Raises
    ------
    InputError
        If a document is missing, damaged, of a later format, or not as the list has it.
    """
    text = _fields(documents)
    if text["format"] >= LISTED_FROM:
        _require_listed(documents)
    return _read(text, documents)


def from_any_documents(documents: Mapping[str, bytes]) -> Plan:
    """Read a plan whose files may be other than those of its list, for whoever compares them.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return _read(_fields(documents), documents)


def format_of(documents: Mapping[str, bytes]) -> int:
    """Return the format that a plan states.

    Raises
    ------
    InputError
        If it cannot be read, or is of a later format.
    """
    return int(_fields(documents)["format"])


def documents_in(folder: Path) -> dict[str, bytes]:
    """Return the documents of a plan that lie in a folder, whatever else lies beside them."""
    own = [folder / name for name in (PLAN_FILE, LIST_FILE, TOLD_FILE, *OLDER_FILES)]
    own += sorted((folder / FOLDER).rglob("*"))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in own if path.is_file()
    }


def to_record(plan: Plan) -> dict[str, Any]:
    """Return a plan as values that a store keeps as JSON: its text, and its arrays in base 64."""
    documents = to_documents(plan)
    text = json.loads(documents.pop(PLAN_FILE))
    del documents[LIST_FILE]  # it follows from the others
    packed = {name: b64encode(content).decode() for name, content in documents.items()}
    return {PLAN_RECORD: text, ARRAYS_RECORD: packed}


def documents_of(record: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the documents that `to_record` made a record of, to the byte.

    Raises
    ------
    InputError
        If the record has no plan.
    """
    if PLAN_RECORD not in record or ARRAYS_RECORD not in record:
        reject("plan.missing", PLAN_RECORD)
    try:
        own = {name: b64decode(packed) for name, packed in record[ARRAYS_RECORD].items()}
        own |= {PLAN_FILE: _written(record[PLAN_RECORD])}
    except UNREADABLE as error:
        raise InputError([fault("plan.damaged", PLAN_RECORD)]) from error
    return own | {LIST_FILE: list_of(own)}


def from_record(record: Mapping[str, Any]) -> Plan:
    """Read a plan from what `to_record` made.

    Raises
    ------
    InputError
        As `from_documents`.
    """
    return from_documents(documents_of(record))


def find_plan(documents: Mapping[str, Any]) -> Plan | None:
    """Read the plan that a version in a store keeps; None of one that others made.

    Parameters
    ----------
    documents
        Of the version, by name.

    Raises
    ------
    InputError
        As `from_documents`.
    """
    return from_record(documents) if PLAN_RECORD in documents else None


def table_to_json(frame: pd.DataFrame) -> dict[str, Any]:
    """Write a table with the kinds of its columns; what is unknown becomes null."""
    plain = pd.DataFrame(frame)
    shapes = getattr(frame, "crs", None) is not None
    columns = {
        str(name): [shapely.to_wkb(shape, hex=True) for shape in frame.geometry]
        if shapes and name == "geometry"
        else _values(plain[name])
        for name in plain.columns
    }
    return {
        "crs": frame.crs.to_wkt() if shapes else None,
        "index_name": frame.index.name,
        "index_kind": str(frame.index.dtype),
        "index": [str(label) for label in frame.index] if frame.index.name else None,
        "rows": len(frame),
        "kinds": {name: str(plain[name].dtype) for name in columns if name != "geometry"},
        "order": list(columns),
        "columns": columns,
    }


def proof_from_json(text: Mapping[str, Any]) -> Proof:
    """Read what a certificate says of a plan, as it is written in a record."""
    return Proof(**{**text, "goal": Goal(text["goal"]), "status": Status(text["status"])})


def table_from_json(text: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table that `table_to_json` wrote."""
    data = {
        name: pd.Series(text["columns"][name], dtype=object if kind == "object" else kind)
        for name in text.get("order", text["columns"])
        if (kind := text["kinds"].get(name)) is not None
    }
    frame = pd.DataFrame(data, index=range(text["rows"]))
    if text["crs"] is not None:
        found = text["columns"]["geometry"]
        shapes = load_wkb([None if shape is None else bytes.fromhex(shape) for shape in found])
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=text["crs"]))
    if text["index_name"] is not None:
        frame.index = pd.Index(text["index"], name=text["index_name"], dtype=text["index_kind"])
    return frame


def _written(text: Mapping[str, Any]) -> bytes:
    """Return the one text of the fields of a plan, a line each: their order is no part of them."""
    lines = (f"{_one_text(name)}: {_one_text(text[name])}" for name in sorted(text))
    return b"{\n" + ",\n".join(lines).encode() + b"\n}\n"


def _one_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, default=_as_json)


def _fields(documents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the fields of a plan as they are written, of a format that is known."""
    if PLAN_FILE not in documents:
        reject("plan.missing", PLAN_FILE)
    try:
        text = json.loads(documents[PLAN_FILE])
    except (ValueError, RecursionError):
        text = None
    if not isinstance(text, dict):
        reject("plan.damaged", PLAN_FILE)
    steps_from(PLAN, text.get("format"), PLAN_FILE)
    return text


def _require_listed(documents: Mapping[str, bytes]) -> None:
    """Refuse documents that are not those of their list, each by its name."""
    if LIST_FILE not in documents:
        reject("plan.missing", LIST_FILE)
    try:
        found = compare(read_list(documents[LIST_FILE]), documents)
    except ValueError:
        raise InputError([fault("plan.damaged:list", LIST_FILE)]) from None
    faults = [
        *(fault("plan.changed", name) for name in found.changed),
        *(fault("plan.missing", name) for name in found.missing),
        *(fault("plan.foreign", name) for name in found.foreign),
    ]
    if faults:
        raise InputError(faults)


def _read(written: Mapping[str, Any], documents: Mapping[str, bytes]) -> Plan:
    """Read a plan from its fields as they were written, and the files of its proof."""
    try:
        text = brought_up(PLAN, written, PLAN_FILE)
        return Plan(
            **{
                name: table_from_json(value)
                for name, value in text.items()
                if (isinstance(value, dict) and "columns" in value and "kinds" in value)
            },
            proof=proof_from_json(text["proof"]),
            parameters=text["parameters"],
            inputs=text["inputs"],
            told=documents.get(TOLD_FILE, b""),
            files={
                name.removeprefix(f"{FOLDER}/"): content
                for name, content in documents.items()
                if name.startswith(f"{FOLDER}/")
            },
        )
    except UNREADABLE as error:
        raise InputError([fault("plan.damaged", PLAN_FILE)]) from error


def _values(column: pd.Series) -> list[Any]:
    return [None if _is_unknown(value) else value for value in column.tolist()]


def _is_unknown(value: object) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


def _as_json(value: object) -> object:
    """Return what JSON holds of a value that it does not know."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple | set | frozenset):
        return sorted(value) if not isinstance(value, tuple) else list(value)
    return str(value)
