"""A plan by hand: a camera that stays, one that is turned, one that is built, one that is dropped.

It belongs to the school of `tests.test_check`: two gates, of which the north one is open.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
from shapely.geometry import Point

from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.model import CAMERAS, MEASURES
from civicsight.planning.record.digests import input_digests
from civicsight.planning.record.documents import from_any_documents, to_documents
from civicsight.planning.record.plan import BILL, CHECKED_ON, PRICES, Goal, Plan, Proof
from civicsight.planning.solver.outcome import Status
from civicsight.planning.statement.figures import before_of
from tests.test_check import CAMS, OPTICS, table, town

SOURCE = ("public tender, median", "2025-06-30")


@cache
def checked() -> CheckResult:
    """Return the check of the school, made once."""
    return check(town(CAMS.loc[["south", "twin", "away", "gone"]]), raster=False)


@cache
def gate(entrance: str) -> str:
    """Return the part of the south or the north gate."""
    parts = checked().parts
    return str(parts.index[parts["entrance_id"].eq(entrance)][0])


def make_measures() -> Any:
    pose = {"height_m": 3.5, "tilt_deg": 12.0, "hfov_deg": 60.0, "camera_class": "standard",
            "cost_yuan": 0.0, "saved_yuan": 0.0, "new_site": False, "year": 0, "district": "East",
            "serves": 4.0, "alone": 4.0, "exposure_m2": 0.0, "assumptions": []}  # fmt: skip
    rows: dict[str, dict[str, Any]] = {
        "south": {"measure": "keep", "azimuth_deg": 0.0, "parts": [gate("s")]},
        "twin": {"measure": "drop", "azimuth_deg": 0.0, "saved_yuan": 21_000.0, "parts": [],
                 "serves": 4.0, "alone": 0.0},
        "away": {"measure": "reaim", "azimuth_deg": 180.0, "cost_yuan": 800.0, "year": 2027,
                 "parts": [gate("n")]},
        "new/1": {"measure": "new", "host": "corner",
                  "assumptions": ["pole_to_be_erected"], "azimuth_deg": 180.0,
                  "cost_yuan": 23_500.0, "year": 2028,
                  "new_site": True, "parts": [gate("n")], "district": "West", "site_id": "pole/1"},
    }  # fmt: skip
    at = [Point(30, -8), Point(31, -8), Point(5, -8), Point(30, 48)]
    return table(MEASURES, {name: pose | row for name, row in rows.items()}, at)


def make_cameras() -> Any:
    rows = {
        "away": OPTICS | {"azimuth_deg": 180.0},
        "new/1": OPTICS | {"azimuth_deg": 180.0, "status": "planned"},
    }
    return table(CAMERAS, rows, [Point(5, -8), Point(30, 48)])


def make_bill() -> pd.DataFrame:
    lines = [
        ("away", "reaim", 1.0, "camera", 800.0, 800.0, *SOURCE),
        ("new/1", "device.standard", 1.0, "camera", 3_500.0, 3_500.0, *SOURCE),
        ("new/1", "pole", 1.0, "pole", 12_000.0, 12_000.0, *SOURCE),
        ("new/1", "supply.new", 4.0, "camera", 2_000.0, 8_000.0, *SOURCE),
    ]
    return pd.DataFrame(lines, columns=list(BILL))


def make_parts() -> pd.DataFrame:
    rows = {
        gate("s"): ("8.5:p", "8.5", "entrance", "East", 4.0, 0.95, "covered", "covered", 1.0, 1.0),
        gate("n"): ("8.5:p", "8.5", "entrance", "West", 4.0, 0.95, "gap", "covered", 0.0, 1.0),
    }
    columns = ["zone_id", "item", "kind", "district", "weight", "required", "status_before",
               "status_after", "share_before", "share_after"]  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("part_id")


def make_proof(**more: Any) -> Proof:
    known = {"goal": Goal.CHEAPEST, "status": Status.FEASIBLE, "value": 24_300.0, "bound": 24_000.0,
             "solver_bound": 24_300.0, "seed": 7, "steps": 1_000}  # fmt: skip
    return Proof(**known | more)


def hand_plan(**more: Any) -> Plan:
    """Return the plan, with other fields where they are given."""
    fields = {
        "measures": make_measures(),
        "cameras": make_cameras(),
        "bill": make_bill(),
        "parts": make_parts(),
        "ledger": pd.DataFrame(
            {"camera_id": ["away", "new/1"], "instead": [["new/1"], []], "saved_yuan": [2.0, 0.0],
             "parts": [[gate("n")], [gate("n")]], "alone": [0.0, 0.0]}
        ),
        "unreachable": pd.DataFrame(
            {"part_id": ["west"], "samples": [3], "weight": [6.0], "reason": ["no_site"]}
        ),
        "forbidden": pd.DataFrame(
            {"measure": ["new"], "host": ["facade"], "article": ["9"], "reason": ["sight"],
             "count": [12]}
        ),
        "barred": pd.DataFrame(
            {"camera_id": ["gone"], "article": ["9"], "reason": ["sight"], "area_m2": [12.5]}
        ),
        "slider": pd.DataFrame(
            {"share": [0.95, 1.0], "cost_yuan": [800.0, 24_300.0], "bound_yuan": [800.0, 24_000.0]}
        ),
        "alternatives": pd.DataFrame(
            {"number": [1], "cost_yuan": [24_400.0], "differs": [["new/2"]]}
        ),
        "history": pd.DataFrame(
            {"seconds": [0.1, 0.5], "steps": [0, 1_000], "value": [30_000.0, 24_300.0],
             "bound": [0.0, 24_000.0], "stage": ["greedy", "search"]}
        ),
        "proof": make_proof(),
        "parameters": {"budget_yuan": None, "years": [2027, 2028], "seed": 7,
                       CHECKED_ON: "2026-11-30"},
        "inputs": input_digests(checked()) | {PRICES: "cd" * 32},
        "files": {"plan.json": b"{}"},
        **dict(zip(("before", "places_before"), before_of(checked()), strict=True)),
    }  # fmt: skip
    return Plan(**fields | more)


def write_hand(folder, **more):
    """Write the plan by hand into a folder, as the command line does."""
    for name, content in to_documents(hand_plan(**more)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def plan_in(folder):
    """Read the plan of a folder back."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return from_any_documents({str(path.relative_to(folder)): path.read_bytes() for path in files})
