"""As built against as planned: each camera is measured, and its coverage is computed anew.

References
----------
What is measured is what the coverage rests on: place, height, direction, and the pixels on a chart
or a target of known width. Tolerances are conventions of this project; a contract may set others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.days import Bound, find_misdated, read_day
from civicsight.core.errors import N_, InputError, Text
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.coverage.findings.camera_set import UNBUILT
from civicsight.coverage.optics.footprint import blind_zone_m
from civicsight.coverage.result import CheckResult
from civicsight.model import City
from civicsight.model.plan_tables import MEASURED
from civicsight.planning.faults import fault

Row = tuple[object, ...]

TOLERANCES: Final = {
    "place_m": 1.0,
    "height_m": 0.3,
    "azimuth_deg": 5.0,
    "tilt_deg": 3.0,
    "hfov_deg": 3.0,
    "chart_share": 0.1,
}
"""Greatest deviation that is accepted: absolute, and as a share of the density on the chart."""

CHECKS: Final[dict[str, Text]] = {
    "what": N_("What was measured"),
    "planned": N_("As planned"),
    "measured": N_("As built"),
    "deviation": N_("Deviation"),
    "tolerance": N_("Greatest deviation allowed"),
    "outcome": N_("What was found"),
}
"""Columns of the protocol, for a person."""

DIGITS: Final = dict.fromkeys(("azimuth_deg", "tilt_deg", "hfov_deg"), 2)
"""Digits behind the point that are written; three where nothing else is said."""

POSE: Final = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg")
"""What is measured of a pose and taken over into the as-built inventory."""

WHAT: Final[dict[str, Text]] = {
    "measured": N_("Whether it was measured at all"),
    "place_m": N_("Place, distance from the planned one"),
    "height_m": N_("Height of the lens, as measured"),
    "azimuth_deg": N_("Direction of view, as measured"),
    "tilt_deg": N_("Angle below the horizontal, as measured"),
    "hfov_deg": N_("Horizontal field of view, as measured"),
    "blind_m": N_("Distance below which nothing is in the picture"),
    "chart_px_m": N_("Pixel density on the test chart"),
    "measured_on": N_("Day of the measurement"),
    "sign_up": N_("Whether the sign stands"),
    "mask_set": N_("Whether the masks are set as planned"),
    "night_ok": N_("Whether the night picture was accepted"),
}
"""What is compared, for a person."""

YES_NO: Final = ("sign_up", "mask_set", "night_ok")


@dataclass(frozen=True, slots=True, eq=False)
class Acceptance:
    """What an acceptance found.

    Parameters
    ----------
    checks
        One row for each camera and thing measured: ``camera_id``, ``what``, ``planned``,
        ``measured``, ``deviation``, ``tolerance`` and ``outcome`` (pass, fail or undetermined).
    as_built
        The check of the city with the measured poses.
    lost, gained
        Parts that were covered as planned and are not as built, and the other way round.
    """

    checks: pd.DataFrame
    as_built: CheckResult
    lost: tuple[str, ...]
    gained: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """Say whether all is accepted: pass, fail, or undetermined where something is open."""
        found = set(self.checks["outcome"]) | ({"fail"} if self.lost else set())
        return _worst(found)

    @property
    def by_camera(self) -> dict[str, str]:
        """Say of each camera whether it is accepted: as the worst of its criteria."""
        found = self.checks.groupby("camera_id")["outcome"].agg(set)
        return {str(name): _worst(outcomes) for name, outcomes in found.items()}


def _worst(found: Collection[str]) -> str:
    if not found:
        return "undetermined"
    return next((name for name in ("fail", "undetermined") if name in found), "pass")


def accept(
    planned: CheckResult,
    measured: gpd.GeoDataFrame,
    *,
    wanted: Iterable[str] | None = None,
    today: date | None = None,
) -> Acceptance:
    """Compare what was built with what was planned.

    More than was planned is no less a deviation than less: another lens sees another place.

    Parameters
    ----------
    planned
        What `check` found of the plan.
    measured
        Table `MEASURED` in the CRS of the city.
    wanted
        Cameras that have to be measured; those that were not are undetermined. By default all that
        the inventory has as approved or planned.
    today
        No measurement is of a later day; by default the present one.

    Raises
    ------
    SchemaError, InputError
        If the table is not as declared, or names a camera that the plan does not have.
    """
    MEASURED.check(measured)
    unknown = [str(name) for name in measured.index if name not in planned.cameras.index]
    if unknown:
        raise InputError([fault("acceptance.camera", where=name) for name in unknown])
    latest = today or present_day()
    rows = [
        row for name in measured.index for row in _compare(planned, str(name), measured, latest)
    ]
    if wanted is None:
        wanted = planned.cameras.index[planned.cameras["status"].isin(UNBUILT)]
    missing = sorted(set(map(str, wanted)) - set(map(str, measured.index)))
    rows += [(name, "measured", True, False, np.nan, np.nan, "undetermined") for name in missing]
    as_built = check(
        as_built_city(planned.city, planned.cameras, measured),
        rules=planned.rules,
        raster=False,
        before=planned.parts,
    )
    before, after = _covered(planned), _covered(as_built)
    return Acceptance(
        pd.DataFrame([_rounded(row) for row in rows], columns=["camera_id", *CHECKS]),
        as_built,
        tuple(sorted(before - after)),
        tuple(sorted(after - before)),
    )


def _rounded(row: Row) -> Row:
    """Return a judged row as it is written: to a hundredth of a degree, a millimetre, a promille.

    What is judged keeps all its digits, so that rounding accepts nothing.
    """
    digits = DIGITS.get(str(row[1]), 3)
    return tuple(round(value, digits) if isinstance(value, float) else value for value in row)


def as_built_city(city: City, cameras: gpd.GeoDataFrame, measured: gpd.GeoDataFrame) -> City:
    """Return a city whose cameras have the measured poses; what was not measured stays planned."""
    table = cameras.copy()
    for name, row in measured.iterrows():
        for field in POSE:
            if not np.isnan(row[field]):
                table.loc[name, field] = row[field]
        if row["geometry"] is not None:
            table.loc[name, "geometry"] = row["geometry"]
        table.loc[name, "status"] = "existing"
    return replace(city, cameras=gpd.GeoDataFrame(table[city.cameras.columns]))


def _covered(result: CheckResult) -> set[str]:
    status = result.part_status["status"]
    return set(status.index[status.eq("covered")])


def _compare(planned: CheckResult, name: str, measured: gpd.GeoDataFrame, today: date) -> list[Row]:
    """Compare one camera, thing by thing."""
    plan, found = planned.cameras.loc[name], measured.loc[name]
    rows: list[Row] = []
    place = found["geometry"]
    off = np.nan if place is None else float(place.distance(plan["geometry"]))
    rows.append(_judged(name, "place_m", 0.0, off, off))
    for field in POSE:
        deviation = float(found[field]) - float(plan[field])
        if field == "azimuth_deg":
            deviation = (deviation + 180.0) % 360.0 - 180.0
        rows.append(_judged(name, field, float(plan[field]), float(found[field]), deviation))
    rows += [
        _blind(name, plan, found),
        _chart(name, plan, found),
        _dated(planned, name, found, today),
    ]
    for field in YES_NO:
        value = found[field]
        outcome = "undetermined" if value is None else "pass" if value else "fail"
        rows.append((name, field, True, value, np.nan, np.nan, outcome))
    return rows


def _judged(name: str, what: str, plan: float, found: float, deviation: float) -> Row:
    tolerance = TOLERANCES[what]
    if np.isnan(deviation):
        outcome = "undetermined"
    else:
        outcome = "pass" if abs(deviation) <= tolerance else "fail"
    return (name, what, plan, found, deviation, tolerance, outcome)


def _blind(name: str, plan: pd.Series, found: pd.Series) -> Row:
    """Compare the blind distance with that of the planned pose.

    What height and tilt may be off moves it too; beyond half of it, it is another picture.
    """
    off = np.array([(dh, dt) for dh in (-1, 0, 1) for dt in (-1, 0, 1)], np.float64)
    off *= (TOLERANCES["height_m"], TOLERANCES["tilt_deg"])
    height, tilt = float(plan["height_m"]) + off[:, 0], float(plan["tilt_deg"]) + off[:, 1]
    reached = blind_zone_m(height, tilt, float(plan["vfov_deg"]))
    wanted = float(reached[len(off) // 2])
    most = min(float(np.abs(reached - wanted).max()), max(wanted / 2.0, 1.0))
    deviation = float(found["blind_m"]) - wanted
    if np.isnan(deviation) or np.isinf(wanted):
        return (name, "blind_m", wanted, found["blind_m"], np.nan, most, "undetermined")
    outcome = "pass" if abs(deviation) <= most else "fail"
    return (name, "blind_m", wanted, found["blind_m"], deviation, most, outcome)


def _dated(planned: CheckResult, name: str, found: pd.Series, today: date) -> Row:
    """Judge the day of a measurement: not after today, and not before the plan in force."""
    day = read_day(found["measured_on"])
    plans = planned.city.plans
    live = plans.loc[plans["status"].ne("superseded"), "plan_date"].dropna()
    began = None if live.empty else read_day(live.max())
    since = None if began is None else Bound(began, N_("the plan"))
    wrong = day and find_misdated(WHAT["measured_on"], day, today, since=since)
    outcome = "undetermined" if day is None else "fail" if wrong else "pass"
    return (name, "measured_on", None, found["measured_on"], np.nan, np.nan, outcome)


def _chart(name: str, plan: pd.Series, found: pd.Series) -> Row:
    """Compare the density on the chart with what the planned optics give there, on the axis."""
    half = np.radians(float(plan["hfov_deg"]) / 2.0)
    wanted = float(plan["width_px"]) / (2.0 * float(found["chart_distance_m"]) * np.tan(half))
    share = float(found["chart_px_m"]) / wanted - 1.0
    tolerance = TOLERANCES["chart_share"]
    outcome = "undetermined" if np.isnan(share) else "pass" if abs(share) <= tolerance else "fail"
    return (name, "chart_px_m", wanted, found["chart_px_m"], share, tolerance, outcome)
