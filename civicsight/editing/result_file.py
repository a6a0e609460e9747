"""A checked result, or a table, as one file: Parquet, arrays and JSON in a zip; no code is loaded.

The file is a cache: whoever asks names the digest of everything the result was computed from, and
a file that is torn, of another format or of another digest counts as none.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import csr_array

from civicsight.core.atomic import written_whole
from civicsight.core.bounded.text import TORN
from civicsight.core.damage import report_damage
from civicsight.core.lossless import flatten, from_plain, restore, to_plain
from civicsight.coverage._kernels.views import Blocks
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.raster import CoverageRaster
from civicsight.coverage.result import CheckResult, is_inventory_given
from civicsight.model import CITY_TABLES, City
from civicsight.model.format_versions import FORMATS, RESULT
from civicsight.model.provenance import from_dict
from civicsight.model.terrain import Terrain
from civicsight.rules import Rules

UNREADABLE: Final = (*TORN, MemoryError)
"""What reading a torn or foreign file raises; a size in it may be any number."""


def keep_result(result: CheckResult, digest: str, path: Path) -> None:
    """Write a result, whole or not at all; only this user may read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    city = result.city
    frames = {f"city/{table.name}": getattr(city, table.name) for table in CITY_TABLES}
    frames |= {name: getattr(result, name) for name in _frame_names()}
    arrays: dict[str, Any] = {}
    meta: dict[str, Any] = {
        "format": FORMATS[RESULT].number,
        "digest": digest,
        "crs": city.crs.to_wkt(),
        "name": city.name,
        "extent": shapely.to_wkt(city.extent, rounding_precision=-1),
        "sources": city.sources,
        "synthetic": city.synthetic,
        "provenance": [entry.to_dict() for entry in city.provenance],
        "summary": result.summary,
        "matrices": _keep_matrices(result.matrices, arrays),
        "raster": None if result.raster is None else _keep_raster(result.raster, arrays),
        "terrain": None if city.terrain is None else _keep_terrain(city.terrain, arrays),
        "columns": {},
    }
    with written_whole(path) as scratch, zipfile.ZipFile(scratch, "w") as archive:
        for name, frame in frames.items():
            flat, meta["columns"][name] = flatten(frame)
            archive.writestr(f"{name}.parquet", flat.to_parquet())
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        archive.writestr("arrays.npz", packed.getvalue())
        archive.writestr("meta.json", json.dumps(to_plain(meta), ensure_ascii=False))
    path.chmod(0o600)


def kept_result(path: Path, digest: str, rules: Rules) -> CheckResult | None:
    """Return the result that a file keeps, None if it keeps no such result.

    Parameters
    ----------
    path, digest
        The file, and the digest that it was kept under.
    rules
        The packs that the result was computed with; the digest has to bind them.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            meta = from_plain(json.loads(archive.read("meta.json")))
            if (meta["format"], meta["digest"]) != (FORMATS[RESULT].number, digest):
                return None
            crs = CRS.from_wkt(meta["crs"])
            frames = {
                name: restore(_frame_of(archive.read(f"{name}.parquet")), columns, crs)
                for name, columns in meta["columns"].items()
            }
            with np.load(io.BytesIO(archive.read("arrays.npz")), allow_pickle=False) as stored:
                arrays = dict(stored)
        return _assemble(meta, frames, arrays, crs, rules)
    except UNREADABLE:
        _clear(path)
        return None


def is_kept(path: Path, digest: str) -> bool:
    """Tell whether a file keeps a whole result of a digest; one that is torn is removed."""
    try:
        with zipfile.ZipFile(path) as archive:
            meta = json.loads(archive.read("meta.json"))
            known = [FORMATS[RESULT].number, digest]
            return archive.testzip() is None and [meta["format"], meta["digest"]] == known
    except FileNotFoundError:
        return False
    except UNREADABLE:
        _clear(path)
        return False


def _clear(path: Path) -> None:
    """Remove what cannot be read, and say so: it is made anew by whoever needs it."""
    if path.exists():
        report_damage(path.name)
        with suppress(OSError):
            path.unlink()


def keep_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without loss, its cells whatever JSON, tuples and sentences hold."""
    flat, columns = flatten(frame)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.parquet", flat.to_parquet())
        archive.writestr("columns.json", json.dumps(columns))


def kept_table(path: Path, crs: CRS) -> pd.DataFrame | None:
    """Return the table that a file keeps, None if it keeps none."""
    try:
        with zipfile.ZipFile(path) as archive:
            columns = json.loads(archive.read("columns.json"))
            return restore(_frame_of(archive.read("table.parquet")), columns, crs)
    except UNREADABLE:
        return None


def _assemble(
    meta: dict[str, Any], frames: dict[str, Any], arrays: dict[str, Any], crs: CRS, rules: Rules
) -> CheckResult:
    terrain, raster = meta["terrain"], meta["raster"]
    city = City(
        meta["name"],
        crs,
        shapely.from_wkt(meta["extent"]),
        **{table.name: frames[f"city/{table.name}"] for table in CITY_TABLES},
        terrain=None if terrain is None else Terrain(arrays["terrain"], *terrain),
        sources=tuple(meta["sources"]),
        synthetic=meta["synthetic"],
        provenance=tuple(from_dict(entry) for entry in meta["provenance"]),
    )
    return CheckResult(
        city=city,
        rules=rules,
        matrices={name: _matrix(name, entry, arrays) for name, entry in meta["matrices"].items()},
        raster=None if raster is None else _raster(raster, arrays, crs),
        summary=meta["summary"],
        looked=is_inventory_given(city, None),
        **{name: frames[name] for name in _frame_names()},
    )


def _frame_of(data: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(data))


def _frame_names() -> list[str]:
    """Return the tables of a result, by the types that it declares."""
    return [entry.name for entry in fields(CheckResult) if "DataFrame" in str(entry.type)]


def _keep_matrices(
    matrices: Mapping[str, CoverageMatrix], arrays: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    kept = {}
    for name, matrix in matrices.items():
        for part in ("data", "indices", "indptr"):
            arrays[f"{name}/{part}"] = getattr(matrix.q, part)
        kept[name] = {
            axis: {"name": labels.name, "values": labels.tolist()}
            for axis, labels in (("rows", matrix.camera_ids), ("columns", matrix.sample_ids))
        }
    return kept


def _matrix(name: str, entry: dict[str, Any], arrays: dict[str, Any]) -> CoverageMatrix:
    rows, columns = (
        pd.Index(entry[axis]["values"], dtype="str", name=entry[axis]["name"])
        for axis in ("rows", "columns")
    )
    parts = tuple(arrays[f"{name}/{part}"] for part in ("data", "indices", "indptr"))
    return CoverageMatrix(csr_array(parts, shape=(len(rows), len(columns))), rows, columns)


def _keep_raster(raster: CoverageRaster, arrays: dict[str, Any]) -> dict[str, Any]:
    for part in ("best", "count", "closed", "seen"):
        arrays[f"raster/{part}"] = getattr(raster, part)
    arrays["raster/number"] = raster.blocks_at.number
    return {
        "cell_m": raster.cell_m,
        "target_height_m": raster.target_height_m,
        "origin": raster.origin,
        "corner": (raster.blocks_at.row0, raster.blocks_at.col0),
    }


def _raster(entry: dict[str, Any], arrays: dict[str, Any], crs: CRS) -> CoverageRaster:
    row0, col0 = entry["corner"]
    return CoverageRaster(
        crs,
        entry["cell_m"],
        entry["target_height_m"],
        entry["origin"],
        Blocks(row0, col0, arrays["raster/number"]),
        **{part: arrays[f"raster/{part}"] for part in ("best", "count", "closed", "seen")},
    )


def _keep_terrain(terrain: Terrain, arrays: dict[str, Any]) -> tuple[float, float, float]:
    arrays["terrain"] = terrain.z
    return terrain.x0, terrain.y0, terrain.step
