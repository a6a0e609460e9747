"""Buildings of CityJSON 1.0, 1.1 and 2.0, one file or a sequence of features.

References
----------
OGC CityJSON 2.0 community standard, sections 3 to 5 and annex on CityJSONSeq.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Fault
from civicsight.io.citymodels.model import (
    ATTRIBUTES,
    FOOTPRINT,
    KINDS,
    MAX_COORDINATE,
    PART,
    Body,
    Face,
    Model,
    broken,
    kept,
)
from civicsight.io.faults import reject
from civicsight.io.vectors.files import require_size

MAX_BYTES = 512 << 20
"""Larger files are refused: JSON is read as a whole."""

VERSIONS = ("1.0", "1.1", "2.0")

NESTING = {
    "MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2,
}  # fmt: skip
"""How many levels stand above the list of surfaces."""

DAMAGE = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError)
"""What comes of reading an object that does not have the shape of the standard."""


class _Vertices(NamedTuple):
    """The vertices of a document, in its CRS."""

    xyz: FloatArray

    def ring(self, indices: Sequence[Any]) -> FloatArray:
        """Return the corners of a ring."""
        if not isinstance(indices, list) or not all(type(i) is int and i >= 0 for i in indices):
            msg = "a ring is a list of numbers of vertices"
            raise ValueError(msg)
        return self.xyz[indices]


def read_cityjson(path: Path) -> Model:
    """Read the buildings of a file of CityJSON or CityJSONSeq.

    Raises
    ------
    InputError
        If it is too large, no JSON, or of another version.
    """
    require_size(path, MAX_BYTES, N_("Split the file."))
    documents = list(_documents(path))
    head = documents[0][1]
    if head.get("type") != "CityJSON" or str(head.get("version"))[:3] not in VERSIONS:
        reject(
            "citymodel.version",
            path.name,
            found=f"{head.get('type')} {head.get('version')}"[:60],
            versions=", ".join(VERSIONS),
        )
    bodies: list[Body] = []
    others: Counter[str] = Counter()
    faults: list[Fault] = []
    for line, document in documents:
        _read_objects(document, head, line, path.name, (bodies, others, faults))
    metadata = head.get("metadata")
    system = metadata.get("referenceSystem") if isinstance(metadata, dict) else None
    return Model(bodies, others, system if isinstance(system, str) else "", "UTF-8", tuple(faults))


def _documents(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield line and content of the document of a file, or of each one in a sequence."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        reject("json.encoding", path.name)
    try:
        whole = _parse(text)
    except ValueError as error:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if (
            len(lines) < 2
            or not isinstance(error, json.JSONDecodeError)
            or "Extra" not in error.msg
        ):
            _malformed(path.name, getattr(error, "lineno", 1))
    else:
        yield 1, _mapping(whole, path.name, 1)
        return
    for number, line in lines:
        try:
            yield number, _mapping(_parse(line), path.name, number)
        except ValueError as error:
            if isinstance(error, json.JSONDecodeError | RecursionError):
                _malformed(path.name, number)
            raise


def _parse(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError(str(error)) from error


def _no_constant(name: str) -> None:
    msg = f"{name} is no number"
    raise ValueError(msg)


def _mapping(value: object, source: str, line: int) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        _malformed(source, line)
    return value


def _malformed(source: str, line: int) -> NoReturn:
    reject("json.malformed", source, f"row {line}")


def _read_objects(
    document: Mapping[str, Any],
    head: Mapping[str, Any],
    line: int,
    source: str,
    out: tuple[list[Body], Counter[str], list[Fault]],
) -> None:
    """Add the objects of a document to the buildings, others and faults."""
    bodies, others, faults = out
    objects = document.get("CityObjects", {})
    try:
        transform = document.get("transform", head.get("transform"))
        raw = np.asarray(document.get("vertices", []), float).reshape(-1, 3)
        if transform is not None:
            scale = np.asarray(transform["scale"], float)
            raw = raw * scale + np.asarray(transform["translate"], float)
        vertices = _Vertices(raw)
        pairs = list(objects.items())
    except DAMAGE:
        faults.append(broken(source, f"row {line}"))
        return
    for label, value in pairs:
        kind = str(value.get("type")) if isinstance(value, dict) else ""
        if kind not in KINDS:
            others[kind[:60]] += 1
            continue
        try:
            bodies.append(_body(label, value, vertices))
        except DAMAGE:
            faults.append(broken(source, label))


def _body(label: str, value: Mapping[str, Any], vertices: _Vertices) -> Body:
    parents = value.get("parents") or [""]
    body = Body(label, value["type"] != "Building", str(parents[0]))
    said = value.get("attributes") or {}
    body.attributes = kept(said)
    body.unread = {str(name)[:60] for name in said.keys() - ATTRIBUTES.keys()}
    for geometry in value.get("geometry") or []:
        lod, kind = float(geometry.get("lod", 0)), geometry["type"]
        if kind not in NESTING:
            continue  # points, lines and templates bound no building
        if not 0 <= lod < 5:
            msg = "no level of detail"
            raise ValueError(msg)
        body.lods.setdefault(lod, []).extend(_faces(geometry, lod, vertices))
    body.lods = {lod: faces for lod, faces in body.lods.items() if faces}
    body.is_part = value["type"] == PART or body.is_part
    return body


def _faces(geometry: Mapping[str, Any], lod: float, vertices: _Vertices) -> Iterator[Face]:
    """Yield the faces of a geometry; of a solid only the outer shell."""
    semantics = geometry.get("semantics") or {}
    kinds = [str(surface["type"]) for surface in semantics.get("surfaces", [])]
    lists = _outer(geometry["boundaries"], NESTING[geometry["type"]])
    values = semantics.get("values")
    numbers = _outer(values, NESTING[geometry["type"]]) if values else [None] * len(lists)
    for surfaces, marks in zip(lists, numbers, strict=True):
        each = [None] * len(surfaces) if marks is None else marks
        for rings, mark in zip(surfaces, each, strict=True):
            kind = "" if mark is None else kinds[mark]
            corners = tuple(vertices.ring(ring) for ring in rings)
            if not corners or any(len(c) < 3 for c in corners):
                msg = "a ring has three corners"
                raise ValueError(msg)
            if not (np.abs(np.concatenate(corners)) < MAX_COORDINATE).all():
                msg = "a coordinate is out of range"
                raise ValueError(msg)
            yield Face(FOOTPRINT if lod < 1 else kind, corners)


def _outer(value: Any, nesting: int) -> list[Any]:
    """Return the lists of surfaces of the outer shells."""
    if nesting == 0:
        return [value]
    if nesting == 1:
        return [value[0]]
    return [None if solid is None else solid[0] for solid in value]
