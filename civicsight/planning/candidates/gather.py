"""Candidates as they are gathered: rows, heads and what they meet, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array, vstack

from civicsight.core.arrays import BoolArray
from civicsight.coverage.privacy.masks import COLUMN
from civicsight.model import HEADS
from civicsight.model.plan_tables import CANDIDATES
from civicsight.planning.candidates.model import ARTICLES, BARRED, FORBIDDEN, SITES
from civicsight.planning.candidates.offers import items_of
from civicsight.planning.candidates.trial import Passed
from civicsight.planning.prices.price_table import Items, Prices

NEW_SITES = frozenset({"lamp", "facade", "gate", "corner", "ground"})
"""Hosts that carry no camera yet."""

NAMES = ("candidate_id", *(column.name for column in CANDIDATES), "geometry")


@dataclass(slots=True, eq=False)
class Gathered:
    """What was found so far; grows as sources of candidates are gone through.

    `rows` and `met` are blocks of the table and of what its rows meet; `q` px/m, empty for poses
    that were made, of which few are kept in the end; `sites` by label host, its id and capacity;
    `banned` measure, host, reason and place of what the law forbids; `barred` existing cameras, of
    which a mask clears those that are `maskable`; `lost` by reason the samples that a ban takes
    from some candidate.
    """

    prices: Prices
    rows: list[pd.DataFrame] = field(default_factory=list)
    heads: list[gpd.GeoDataFrame] = field(default_factory=list)
    met: list[csr_array] = field(default_factory=list)
    q: list[csr_array] = field(default_factory=list)
    sites: dict[str, tuple[str, str | None, int]] = field(default_factory=dict)
    banned: list[tuple[str, str, str, str]] = field(default_factory=list)
    barred: list[tuple[str, str, str, float]] = field(default_factory=list)
    maskable: set[str] = field(default_factory=set)
    lost: dict[str, BoolArray] = field(default_factory=dict)

    def add(
        self,
        rows: pd.DataFrame,
        met: csr_array,
        heads: gpd.GeoDataFrame,
        q: csr_array | None = None,
    ) -> None:
        """Add candidates with what they meet, priced by their items."""
        known: dict[Items, float] = {}
        for items in set(rows["items"]):
            known[items] = float(self.prices.cost_yuan(items))
        full = rows.reindex(columns=list(NAMES))
        self.rows.append(full.assign(cost_yuan=[known[items] for items in rows["items"]]))
        self.met.append(met)
        self.q.append(csr_array(met.shape, dtype=np.float32) if q is None else q)
        self.heads.append(heads)

    def add_passed(self, passed: Passed, poses: pd.DataFrame, sites: gpd.GeoDataFrame) -> None:
        """Add what passed the test, and remember what did not.

        Parameters
        ----------
        poses
            By candidate: columns of `poses.POSE` and ``measure``.
        sites
            Table that ``site`` counts rows of.
        """
        mine = poses.iloc[passed.rows]
        own = sites.iloc[mine["site"].to_numpy(np.int64)]
        for label, host, host_id, capacity in zip(
            own.index, own["host"], own["host_id"], own["capacity"], strict=True
        ):
            self.sites.setdefault(label, (host, host_id, int(capacity)))
        self.add(_rows(mine, own, passed), passed.meets, passed.heads)
        bad = poses.iloc[passed.barred]
        place = sites.iloc[bad["site"].to_numpy(np.int64)]
        wkt = place.geometry.to_wkt(rounding_precision=2)
        self.banned += zip(bad["measure"], place["host"], passed.reason, wkt, strict=True)
        for reason, samples in passed.lost.items():
            self.lost[reason] = self.lost.get(reason, np.zeros(len(samples), bool)) | samples

    def table(self) -> pd.DataFrame:
        """Return the rows of all candidates, in the order in which they came."""
        if not self.rows:
            return pd.DataFrame(columns=list(NAMES))
        return pd.concat(
            [rows.astype({"azimuth_deg": float, "tilt_deg": float}) for rows in self.rows],
            ignore_index=True,
        )

    def meets(self, width: int) -> csr_array:
        """Return which samples all candidates meet, in the order in which they came."""
        none = csr_array((0, width), dtype=np.bool_)
        return csr_array(vstack([none, *self.met], format="csr"))

    def matrix(self, width: int) -> csr_array:
        """Return px/m of all candidates but the poses that were made."""
        none = csr_array((0, width), dtype=np.float32)
        return csr_array(vstack([none, *self.q], format="csr"))

    def all_heads(self, like: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the heads of all candidates, and let go of them here."""
        tables = [table for table in self.heads if len(table)]
        self.heads.clear()
        joined = gpd.GeoDataFrame(pd.concat(tables) if tables else like.iloc[:0], crs=like.crs)
        if COLUMN not in joined.columns:
            joined[COLUMN] = pd.Series(None, joined.index, dtype=object)
        return gpd.GeoDataFrame(HEADS.complete(joined))

    def table_of_sites(self) -> pd.DataFrame:
        """Return the sites in the order of their ids."""
        labels = sorted(self.sites)
        rows = [self.sites[label] for label in labels]
        index = pd.Index(labels, name="site_id", dtype=object)
        return pd.DataFrame(rows, index=index, columns=list(SITES)).astype({"capacity": "int64"})

    def table_of_banned(self) -> pd.DataFrame:
        """Return what the law kept out, counted."""
        table = pd.DataFrame(self.banned, columns=["measure", "host", "reason", "example"])
        table["article"] = table["reason"].map(ARTICLES)
        groups = table.groupby(["measure", "host", "article", "reason"], sort=True)["example"]
        counted = groups.agg(count="size", example="min").reset_index()
        return counted[list(FORBIDDEN)]

    def table_of_barred(self) -> pd.DataFrame:
        """Return the existing cameras that are not credited."""
        table = pd.DataFrame(sorted(self.barred), columns=list(BARRED[:-1]))
        return table.assign(maskable=table["camera_id"].isin(list(self.maskable)))


def _rows(poses: pd.DataFrame, sites: gpd.GeoDataFrame, passed: Passed) -> pd.DataFrame:
    """Return the rows of poses that passed, with their sites beside them."""
    host, kind = sites["host"].to_numpy(object), poses["camera_class"].to_numpy(object)
    on_camera = host == "camera"
    masked = pd.notna(passed.mask)
    items = [
        items_of(*key) + ((("mask", 1),) if has_mask else ())
        for *key, has_mask in zip(poses["measure"], host, kind, masked, strict=True)
    ]
    table: dict[str, Any] = {
        "candidate_id": poses.index,
        "measure": poses["measure"].to_numpy(object),
        "camera_id": np.where(on_camera, sites["host_id"].to_numpy(object), None),
        "site_id": sites.index,
        "host": host,
        "host_id": sites["host_id"].to_numpy(object),
        "camera_class": np.where(kind == "own", None, kind),
        "height_m": poses["height_m"].to_numpy(np.float64),
        "azimuth_deg": poses["azimuth_deg"].to_numpy(np.float64),
        "tilt_deg": poses["tilt_deg"].to_numpy(np.float64),
        "items": items,
        "new_site": np.isin(host.astype(str), list(NEW_SITES)),
        "exposure_m2": passed.area_m2,
        "mask_plan": passed.mask,
        "assumptions": sites["assumptions"].to_numpy(object),
        "geometry": sites.geometry.to_numpy(),
    }
    return pd.DataFrame(table)
