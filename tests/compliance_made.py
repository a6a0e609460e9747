"""A school judged by hand: its registers, its cameras and its papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from civicsight.coverage.check import check
from civicsight.model import TABLES
from civicsight.model.provenance import Provenance
from civicsight.planning.compliance import judge
from tests.test_check import table, town

TODAY = date(2026, 11, 26)


def registers(**tables):
    """Return the town with registers by name: label, columns, and a geometry where there is one."""
    declared = {t.name: t for t in TABLES}
    made = {}
    for name, rows in tables.items():
        shapes = [columns.get("geometry") for columns in rows.values()]
        plain = {
            label: {key: value for key, value in columns.items() if key != "geometry"}
            for label, columns in rows.items()
        }
        made[name] = table(declared[name], plain, shapes)
    return made


NONE_THERE = ("obstacles", "canopies", "private_places")
"""Layers of which the town has handed in an empty list."""


def looked_at(city):
    """Return a city that says something where rules look: uses, states, and empty lists."""
    kinds = city.buildings.assign(kind=city.buildings["kind"].fillna("civic"))
    stand = city.cameras.assign(status=city.cameras["status"].fillna("existing"))
    told = tuple(Provenance(layer, f"{layer}.xlsx") for layer in NONE_THERE)
    return replace(city, buildings=kinds, cameras=stand, provenance=(*city.provenance, *told))


@cache
def checked():
    return check(town(), raster=False)


def verdicts(records=None, today=TODAY, **tables):
    """Judge the town with registers; `records` sets columns of cameras, for all or by camera."""
    result = checked()
    cameras = result.cameras.copy()
    for name, value in (records or {}).items():
        given = isinstance(value, dict)
        cameras[name] = [value.get(label) if given else value for label in cameras.index]
    city = replace(looked_at(result.city), **registers(**tables))
    return judge(replace(result, city=city, cameras=cameras), today=today).verdicts


def of(found, rule, subject):
    (row,) = [
        row for _, row in found.iterrows() if (row["rule"], row["subject"]) == (rule, subject)
    ]
    return row["outcome"], row["severity"]


@pytest.fixture(scope="module")
def bare():
    return verdicts()


def answer(rule, value, subject="", pack="nanchang"):
    return {"pack": pack, "rule": rule, "subject": subject, "answer": value, "answered_by": "Li",
            "answered_on": "2026-05-01", "reason": "seen"}  # fmt: skip
