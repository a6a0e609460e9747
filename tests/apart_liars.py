"""Readers under the names of the real ones that return what those never do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from civicsight.io.reader_registry import READERS as REAL

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo" / "cameras.csv"


def another_type(_path: Path, *_: Any, **__: Any) -> Any:
    """Return what no reader returns."""
    return {"city": ["of", 1]}


def repeated(path: Path, *_: Any, **options: Any) -> Any:
    """Return a table in which every row stands under the same name."""
    table, report = REAL["cameras"](path, **options)
    return table.set_axis(["same"] * len(table)), report


def unbounded(path: Path, *_: Any, **options: Any) -> Any:
    """Return a table with a number that its column cannot hold."""
    table, report = REAL["cameras"](path, **options)
    return table.assign(height_m=-1e9), report


READERS = {**dict.fromkeys(REAL, another_type), "cameras": repeated, "catalogue": unbounded}
