"""Ids that stay: what was the second gate of a place is not another one tomorrow.

Parts of a place are counted kind by kind. Where one is settled, those after it would move up, and
whoever compares two checks by their ids would compare different gates.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SAME_M: Final = 0.5
"""A part whose middle is no farther from where one was is that one still [m]."""


def keep_numbers(parts: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> pd.Index:
    """Return the ids of parts as an earlier check of the same places counted them.

    Parameters
    ----------
    parts, before
        Tables `model.PARTS` as `find_parts` makes them, in the same CRS.

    Returns
    -------
    Index
        For each row of `parts`: the id it had before where it has the same entrance, or lies within
        `SAME_M` of where it was as a part of the same place and kind; otherwise the next number
        that no part of that place and kind had.
    """
    now, then = _described(parts), _described(before)
    at, was = shapely.STRtree(then["middle"]).query(
        now["middle"], predicate="dwithin", distance=SAME_M
    )
    apart = shapely.distance(now["middle"].to_numpy()[at], then["middle"].to_numpy()[was])
    same = now["group"].to_numpy()[at] == then["group"].to_numpy()[was]
    pairs = pd.concat(
        [_of_same_entrance(now, then), pd.DataFrame({"now": at, "then": was, "apart": apart})[same]]
    )
    pairs = pairs.sort_values("apart", kind="stable").drop_duplicates("now").drop_duplicates("then")
    labels = np.empty(len(parts), object)
    labels[pairs["now"]] = before.index.to_numpy(object)[pairs["then"]]
    new = now["group"].drop(index=pairs["now"])
    last = then.groupby("group")["number"].max()
    numbers = new.map(last).fillna(0).astype(int) + new.groupby(new).cumcount() + 1
    labels[new.index] = new + "-" + numbers.astype(str)
    return pd.Index(labels, dtype=object, name=parts.index.name)


def number_of(labels: pd.Index) -> pd.Series:
    """Return the number that each id of a part ends in; 0 where somebody else gave the id."""
    ends = labels.astype(str).str.extract(r"-([0-9]+)$", expand=False)
    return pd.Series(pd.to_numeric(ends), labels, dtype=float).fillna(0).astype(int)


def _described(parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return by row: what it is counted with, its number in there, its entrance and its middle."""
    return pd.DataFrame(
        {
            "group": (parts["zone_id"] + "#" + parts["kind"]).to_numpy(object),
            "number": number_of(parts.index).to_numpy(),
            "entrance": parts["entrance_id"].to_numpy(object),
            "middle": shapely.centroid(parts.geometry.to_numpy()),
        }
    )


def _of_same_entrance(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    known = [
        side.dropna(subset="entrance").rename_axis(name).reset_index()
        for name, side in (("now", now), ("then", then))
    ]
    pairs = known[0].merge(known[1], on=["group", "entrance"])
    return pairs[["now", "then"]].assign(apart=0.0)


def spot_of(part: Any) -> Any:
    """Return the point for the line or area of a part; of a table of parts, the point of each."""
    return shapely.point_on_surface(part["geometry"])


def gate_id(part: Any) -> str:
    """Return by which id commands know the gate of a part.

    It is its own; of one that no map shows its place and where it is [m], so that it stays the same
    whichever other gates of the place are settled before, also where no check of then is at hand.
    """
    known = part.get("entrance_id")
    return known if isinstance(known, str) and known else _named(part["zone_id"], spot_of(part))


def gate_ids(parts: pd.DataFrame) -> list[str]:
    """Return the ids of the gates of parts; see `gate_id`."""
    own = parts.get("entrance_id", pd.Series("", parts.index))
    known = own.fillna("").to_numpy(object, copy=True)
    unknown = np.flatnonzero(known == "")
    spots = shapely.point_on_surface(parts["geometry"].to_numpy()[unknown]) if len(unknown) else ()
    for at, spot in zip(unknown.tolist(), spots, strict=True):
        known[at] = _named(parts["zone_id"].iloc[at], spot)
    return list(known)


def _named(zone_id: str, spot: shapely.Point) -> str:
    return f"{zone_id}#gate@{spot.x:.0f},{spot.y:.0f}"
