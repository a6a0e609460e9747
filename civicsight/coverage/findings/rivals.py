"""Planned cameras without a share of their own: which of them can go together.

Each could go if the others stay, so they compete. Those that share no sample that wants one of them
do not, and are decided apart: a component at a time, wherever its cameras stand.

References
----------
Article 7. Of the smallest sets that have to stay, the one that comes first by id does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from civicsight.core.arrays import BoolArray
from civicsight.coverage.findings.camera_set import CameraSet
from civicsight.coverage.findings.shares import smallest_cover

RIVALS: Final = ("reading", "camera_id", "sample_id", "need")
"""Columns: a camera without a share of its own, a sample that it meets, and how many of such
cameras have to stay for it."""

RANK: Final = {"violation": 0, "warning": 1, "judgement": 2, "info": 3}
KEPT: Final[Mapping[str, str]] = {"outcome": "not_applicable", "severity": "info"}


def no_rivals() -> pd.DataFrame:
    """Return the table of `find_rivals` where there are none."""
    return pd.DataFrame({name: [] for name in RIVALS}, dtype=object).astype({"need": np.int64})


def find_rivals(
    camera_set: CameraSet, everyone: BoolArray, idle: BoolArray, reading: str
) -> pd.DataFrame:
    """Return what idle planned cameras meet, and for how many of them it has room to ask.

    Parameters
    ----------
    camera_set, everyone, idle
        Cameras over the demand, those that count, and those of them without a share of their own.
    reading
        The reading of the cameras.

    Returns
    -------
    DataFrame
        Rows of `RIVALS`, by camera and sample.
    """
    if not idle.any():
        return no_rivals()
    stay = everyone & ~idle & ~camera_set.turning
    firm = np.asarray(camera_set.meets[np.flatnonzero(stay)].sum(axis=0)).ravel()
    chosen = idle[camera_set.row]
    row, column = camera_set.row[chosen], camera_set.meets.indices[chosen]
    return pd.DataFrame(
        {
            "reading": pd.Series([reading] * len(row), dtype=object),
            "camera_id": camera_set.camera_ids.to_numpy(object)[row],
            "sample_id": camera_set.sample_ids.to_numpy(object)[column],
            "need": np.maximum(camera_set.k[column] - firm[column], 0).astype(np.int64),
        }
    )


def who_can_go(rivals: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Choose by reading the most cameras that can go at once without any loss."""
    return {
        str(reading): frozenset().union(*(_leaving(part) for part in _components(group)))
        for reading, group in rivals.groupby("reading")
    }


def _components(rivals: pd.DataFrame) -> list[pd.DataFrame]:
    """Cut rivals apart where no sample that wants one of them links them."""
    cameras, camera = np.unique(rivals["camera_id"].to_numpy(object), return_inverse=True)
    samples, sample = np.unique(rivals["sample_id"].to_numpy(object), return_inverse=True)
    wanting = rivals["need"].to_numpy(np.int64) > 0
    count = len(cameras) + len(samples)
    links = (np.ones(int(wanting.sum())), (camera[wanting], len(cameras) + sample[wanting]))
    label = connected_components(coo_array(links, shape=(count, count)), directed=False)[1]
    return [part for _, part in rivals.groupby(label[camera])]


def _leaving(rivals: pd.DataFrame) -> frozenset[str]:
    """Return the cameras of one component that may go."""
    names, camera = np.unique(rivals["camera_id"].to_numpy(object), return_inverse=True)
    samples, sample = np.unique(rivals["sample_id"].to_numpy(object), return_inverse=True)
    meets = np.zeros((len(names), len(samples)), bool)
    meets[camera, sample] = True
    need = np.zeros(len(samples), np.int64)
    np.maximum.at(need, sample, rivals["need"].to_numpy(np.int64))
    return frozenset(names.tolist()) - set(smallest_cover(names.tolist(), meets, need).names)


def settle(duplicates: gpd.GeoDataFrame, rivals: pd.DataFrame) -> gpd.GeoDataFrame:
    """Say of each rival whether it goes or stays, and put the most serious first.

    Parameters
    ----------
    duplicates
        Table `model.FINDINGS` from `weigh_duplicates`; one that holds in several readings is told,
        and settled, as in the surest of them.
    rivals
        From `find_rivals`, of all its readings; of a region, of all its parts.
    """
    going = who_can_go(rivals)
    asked = {reading: frozenset(group["camera_id"]) for reading, group in rivals.groupby("reading")}
    columns = ("subject", "readings", "evidence", "outcome", "severity")
    rows = [
        _settled(dict(zip(columns, row, strict=True)), asked, going)
        for row in duplicates[list(columns)].itertuples(index=False, name=None)
    ]
    told = {name: [row[name] for row in rows] for name in columns[2:]}
    out = duplicates.assign(
        **{name: pd.Series(told[name], duplicates.index, dtype=object) for name in told}
    )
    keys = zip(out["severity"], out["kind"], out.index, strict=True)
    order = [at for *_, at in sorted((RANK[s], k, n, at) for at, (s, k, n) in enumerate(keys))]
    return gpd.GeoDataFrame(out.iloc[order])


def _settled(
    row: dict[str, Any], asked: Mapping[str, frozenset[str]], going: Mapping[str, frozenset[str]]
) -> dict[str, Any]:
    """Return a row with what becomes of its camera; one that is not weighed is left as it is."""
    reading, evidence = row["readings"][0], row["evidence"]
    is_rival = "drop" in evidence and evidence["verdict"] != "not_weighed"
    if not is_rival or row["subject"] not in asked.get(reading, ()):
        return row
    if row["subject"] in going[reading]:
        return {**row, "evidence": {**evidence, "drop": True}}
    return {**row, **KEPT, "evidence": {**evidence, "drop": False, "verdict": "kept_if_others_go"}}
