"""A plan as bytes and back: one JSON text that anyone can read, and the dual prices as an array.

The same plan gives the same bytes, so that a digest binds it. Numbers keep all their digits, shapes
are written as well-known binary in hexadecimal.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, fields
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.bounded.wkb import load_wkb
from civicsight.errors import N_, Fault, InputError
from civicsight.formats import FORMATS, PLAN, brought_up
from civicsight.planning.plan import Goal, Plan, Proof
from civicsight.planning.solver.outcome import Status

PLAN_FILE: Final = "plan.json"
DUAL_FILE: Final = "dual.npy"
LATER: Final = ("curve",)
"""Tables that plans did not have from the beginning."""

FILES: Final = "files"
FOLDER: Final = "certificate"
"""Field of the plan, and folder of the documents, that hold the files of the proof."""

PLAN_RECORD, ARRAYS_RECORD = "plan", "arrays"
"""Documents of a plan in a store."""

FORMAT: Final = 1
"""Raised when a reader of before could not read what is written."""

UNREADABLE: Final = (ValueError, KeyError, TypeError, EOFError, MemoryError, RecursionError)
"""What reading a damaged plan raises; an array may say that it is larger than memory."""


def to_documents(plan: Plan) -> dict[str, bytes]:
    """Write a plan as documents by file name."""
    text: dict[str, Any] = {"format": FORMATS[PLAN].number}
    for entry in fields(plan):
        if entry.name == FILES:
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
    written = json.dumps(text, ensure_ascii=False, allow_nan=False, indent=1, default=_as_json)
    own = {PLAN_FILE: written.encode() + b"\n", DUAL_FILE: array_to_bytes(plan.dual)}
    return own | {f"{FOLDER}/{name}": content for name, content in plan.files.items()}


def from_documents(documents: Mapping[str, bytes]) -> Plan:
    """Read a plan from its documents.

    Raises
    ------
    InputError
        If a document is missing, damaged, of a later format, or the prices are not those that the
        plan names.
    """
    for name in (PLAN_FILE, DUAL_FILE):
        if name not in documents:
            raise _fault(name, "plan.missing", N_("the document of this name"))
    text = _fields(documents[PLAN_FILE])
    try:
        proof = _proof(text["proof"])
        tables = {name: table_from_json(value) for name, value in text.items() if _is_table(value)}
        plan = Plan(
            **tables,
            proof=proof,
            dual=np.load(BytesIO(documents[DUAL_FILE]), allow_pickle=False),
            parameters=text["parameters"],
            inputs=text["inputs"],
            files={
                name.removeprefix(f"{FOLDER}/"): content
                for name, content in documents.items()
                if name.startswith(f"{FOLDER}/")
            },
        )
    except UNREADABLE as error:
        raise _fault(PLAN_FILE, "plan.damaged", N_("a plan as it was written")) from error
    if hashlib.sha256(plan.dual.tobytes()).hexdigest() != proof.dual_sha256:
        raise _fault(DUAL_FILE, "plan.dual", N_("the prices whose digest the plan names"))
    return plan


def documents_in(folder: Path) -> dict[str, bytes]:
    """Return the documents of a plan that lie in a folder, whatever else lies beside them."""
    own = [folder / PLAN_FILE, folder / DUAL_FILE, *sorted((folder / FOLDER).rglob("*"))]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in own if path.is_file()
    }


def to_record(plan: Plan) -> dict[str, Any]:
    """Return a plan as values that a store keeps as JSON: its text, and its arrays in base 64."""
    documents = to_documents(plan)
    text = json.loads(documents.pop(PLAN_FILE))
    packed = {name: b64encode(content).decode() for name, content in documents.items()}
    return {PLAN_RECORD: text, ARRAYS_RECORD: packed}


def from_record(record: Mapping[str, Any]) -> Plan:
    """Read a plan from what `to_record` made.

    Raises
    ------
    InputError
        As `from_documents`.
    """
    if PLAN_RECORD not in record or ARRAYS_RECORD not in record:
        raise _fault(PLAN_RECORD, "plan.missing", N_("the document of this name"))
    text = json.dumps(record[PLAN_RECORD], ensure_ascii=False).encode()
    arrays = {name: b64decode(packed) for name, packed in record[ARRAYS_RECORD].items()}
    return from_documents({PLAN_FILE: text} | arrays)


def array_to_bytes(array: npt.NDArray[np.float64]) -> bytes:
    """Write an array as an NPY file."""
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def table_to_json(frame: pd.DataFrame) -> dict[str, Any]:
    """Write a table with the kinds of its columns; what is unknown becomes null."""
    plain = pd.DataFrame(frame)
    shapes = getattr(frame, "crs", None) is not None
    columns = {
        str(name): _hex(frame) if shapes and name == "geometry" else _values(plain[name])
        for name in plain.columns
    }
    return {
        "crs": frame.crs.to_wkt() if shapes else None,
        "index_name": frame.index.name,
        "index_kind": str(frame.index.dtype),
        "index": [str(label) for label in frame.index] if frame.index.name else None,
        "rows": len(frame),
        "kinds": {name: str(plain[name].dtype) for name in columns if name != "geometry"},
        "columns": columns,
    }


def table_from_json(text: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table that `table_to_json` wrote."""
    data = {
        name: pd.Series(values, dtype=object if kind == "object" else kind)
        for name, values in text["columns"].items()
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


def _fields(written: bytes) -> dict[str, Any]:
    """Return the fields of a plan as they are called today."""
    try:
        text = json.loads(written)
    except (ValueError, RecursionError):
        text = None
    if not isinstance(text, dict):
        raise _fault(PLAN_FILE, "plan.damaged", N_("a plan as it was written"))
    return brought_up(PLAN, text, PLAN_FILE)


def _proof(text: Mapping[str, Any]) -> Proof:
    known = {"goal": Goal(text["goal"]), "status": Status(text["status"])}
    return Proof(**dict(text) | known)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and "columns" in value and "kinds" in value


def _hex(frame: gpd.GeoDataFrame) -> list[str | None]:
    return [shapely.to_wkb(shape, hex=True) for shape in frame.geometry]


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


def _fault(name: str, code: str, expected: Any) -> InputError:
    remedy = N_("Take the version from the project file or from a backup.")
    return InputError([Fault(code, file=name, expected=expected, remedy=remedy)])
