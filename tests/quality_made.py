"""The made district and the day that pages on the quality of its data are of."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from civicsight.io.project_file import load_city
from civicsight.io.reader_registry import read_into

ROOT = Path(__file__).resolve().parent.parent


DAY = dt.date(2026, 11, 25)


@pytest.fixture(scope="module")
def district():
    city = load_city(ROOT / "data/demo/district.gpkg")
    return read_into(ROOT / "data/demo/cameras.csv", "cameras", city)[0]
