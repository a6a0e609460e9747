"""What a survey found, in place of what was assumed, with day and name of who found it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import InputError
from civicsight.inventory.difference import SAME_M
from civicsight.inventory.faults import fault
from civicsight.inventory.settling import TAKE, as_text
from civicsight.inventory.taking import add_changes
from civicsight.model import CAMERAS, City
from civicsight.model.plan_tables import SURVEYED
from civicsight.model.provenance import Provenance

VALUES: Final = (
    *("height_m", "azimuth_deg", "tilt_deg", "usable"),
    *("power", "network", "power_source", "pole_work"),
)  # fmt: skip
"""Columns of a result that are columns of a camera."""

TEXTS: Final = ("duct", "consent", "remark")
"""Columns of a result that a camera keeps as what else is known of it (`tags`)."""

PLANNED: Final = ("planned", "approved")


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What the results of a survey do to a project.

    Parameters
    ----------
    city
        The project with them.
    changes
        A row for each value that took the place of another, of an assumption or of nothing: columns
        of `model.CHANGES`.
    unbuildable
        Planned points that cannot be built, with why, by their number.
    silent
        Stops of which nothing came back.
    """

    city: City
    changes: pd.DataFrame
    unbuildable: pd.Series
    silent: tuple[str, ...]


def take_survey(city: City, surveyed: gpd.GeoDataFrame, source: str) -> Survey:
    """Put what a survey found into a project.

    Parameters
    ----------
    city
        The project; not changed.
    surveyed
        Table `model.plan_tables.SURVEYED` in the CRS of the city.
    source
        Name of the list.

    Returns
    -------
    Survey
        A planned point that cannot be built is marked as removed, so that the next plan looks for
        another. A value that says what the record says is on record as confirmed.

    Raises
    ------
    InputError
        If a row is about no camera of the project, or says of one that stands that it cannot be
        built.
    """
    SURVEYED.check(surveyed)
    _require_known(city, surveyed, source)
    filled = [
        column.name for column in SURVEYED if column.name not in ("surveyed_by", "surveyed_on")
    ]
    said = pd.DataFrame(surveyed)[filled].notna().any(axis=1) | _is_elsewhere(city, surveyed)
    silent = tuple(map(str, surveyed.index[~said]))
    found = surveyed[said]
    own = found[_is_elsewhere(city, found).to_numpy(bool)]
    places = city.cameras.geometry.loc[own.index]
    away = shapely.distance(places.to_numpy(), own.geometry.to_numpy())
    nothing = [None] * len(own)
    moved = _rows(own, "geometry", nothing, nothing).assign(distance_m=away)
    own = found[_is_no(found["buildable"])]
    old = city.cameras.loc[own.index, "status"]
    unbuildable = _rows(own, "status", old, ["removed"] * len(own), "unbuildable")
    rows = [
        *(_values(city, found, name) for name in VALUES),
        *(_texts(city, found, name) for name in TEXTS),
        moved,
        unbuildable,
    ]
    changes = pd.concat([part.astype(object) for part in rows if len(part)] or rows[:1])
    changes = changes.assign(layer="cameras", decision=TAKE, source=source).sort_values(
        ["subject", "field"], kind="stable", ignore_index=True
    )
    cannot = found.index[_is_no(found["buildable"])]
    why = pd.Series(found.loc[cannot, "why_not"], dtype=object)
    return Survey(_with(city, found, changes, why.index, source), changes, why, silent)


def _require_known(city: City, surveyed: gpd.GeoDataFrame, source: str) -> None:
    status = city.cameras["status"].reindex(surveyed.index)
    built = _is_no(surveyed["buildable"]) & ~status.isin(PLANNED)
    faults = [
        fault("survey.unknown", source, str(label), "camera_id", str(label))
        for label in surveyed.index[status.isna()]
    ]
    faults += [
        fault("survey.stands", source, str(label), "buildable")
        for label in surveyed.index[built & status.notna()]
    ]
    if faults:
        raise InputError(faults)


def _is_no(answers: pd.Series) -> BoolArray:
    """Tell which answers are no, and not merely missing."""
    return np.array([answer is False for answer in answers], bool)


def _is_elsewhere(city: City, surveyed: gpd.GeoDataFrame) -> pd.Series:
    """Tell which rows were given another place than the project has."""
    places = city.cameras.geometry.reindex(surveyed.index)
    away = shapely.distance(places.to_numpy(), surveyed.geometry.to_numpy())
    return pd.Series(np.nan_to_num(away) > SAME_M, index=surveyed.index)


def _rows(
    found: gpd.GeoDataFrame, field: str, old: Any, new: Any, what: str = "surveyed"
) -> pd.DataFrame:
    """Return what was found in one column of some cameras, with who found it and when."""
    return pd.DataFrame(
        {
            "subject": found.index.astype(str),
            "what": what,
            "field": field,
            "old": [as_text(value) for value in old],
            "new": [as_text(value) for value in new],
            "decided_by": found["surveyed_by"].to_numpy(object),
            "decided_on": found["surveyed_on"].to_numpy(object),
            "reason": found["why_not" if what == "unbuildable" else "remark"].to_numpy(object),
            "distance_m": np.full(len(found), np.nan),
            "certainty": np.full(len(found), np.nan),
        }
    )


def _values(city: City, found: gpd.GeoDataFrame, name: str) -> pd.DataFrame:
    own = found[found[name].notna()]
    return _rows(own, name, city.cameras.loc[own.index, name], own[name])


def _texts(city: City, found: gpd.GeoDataFrame, name: str) -> pd.DataFrame:
    own = found[found[name].notna()]
    before = [(tags or {}).get(name) for tags in city.cameras.loc[own.index, "tags"]]
    return _rows(own, f"tags.{name}", before, own[name])


def _with(
    city: City, found: gpd.GeoDataFrame, changes: pd.DataFrame, gone: pd.Index, source: str
) -> City:
    """Return the project with the values, the places, and the record of them."""
    if changes.empty:
        return city
    cameras = city.cameras.copy()
    for name in VALUES:
        own = found.index[found[name].notna()]
        values = cameras[name].astype(object)
        values.loc[own] = found.loc[own, name].to_numpy(object)
        cameras[name] = values
    tags = cameras["tags"].copy()
    for name in TEXTS:
        for label, said in found[name].dropna().items():
            tags[label] = {**(tags[label] or {}), name: said}
    cameras["tags"] = tags
    cameras.loc[gone, "status"] = "removed"
    moved = found.index[_is_elsewhere(city, found)]
    places = cameras.geometry.to_numpy().copy()
    places[cameras.index.get_indexer(moved)] = found.geometry.loc[moved].to_numpy()
    cameras = cameras.set_geometry(gpd.GeoSeries(places, cameras.index, crs=cameras.crs))
    note = Provenance(
        "cameras",
        source,
        how="edited",
        surveyed_on=str(found["surveyed_on"].max()),
        read=len(found),
        kept=len(cameras),
        counts=(("surveyed", len(changes)),),
    )
    return replace(
        city,
        cameras=gpd.GeoDataFrame(CAMERAS.complete(cameras)),
        changes=add_changes(city.changes, changes),
        provenance=(*city.provenance, note),
    )
