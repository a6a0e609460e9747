"""A hand-made result: a tiny town with every status, and hostile text wherever text can stand.

Nothing here is computed by the engine. What a report has to say about it can be read off the town
(`result_town`) and its findings (`result_findings`).
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from civicsight.coverage._kernels.views import BLOCK, Blocks
from civicsight.coverage.demand.find import none_missing
from civicsight.coverage.findings.withheld import none_withheld
from civicsight.coverage.raster import CoverageRaster
from civicsight.model import SAMPLES
from civicsight.rules import load_packs
from tests.result_findings import make_findings, make_parts, make_status, make_zones
from tests.result_town import EAST, NORTH, TOWN_CRS, at, make_cameras, make_city, make_heads, table
from tests.small import matrix, readings


class Made(SimpleNamespace):
    """A result of its own, as one that was computed: told from others by what it is."""

    __hash__ = object.__hash__
    notes = ()


def make_raster() -> CoverageRaster:
    """Return two blocks: the south-west one sees 300 px/m in its own south-west quarter."""
    index = np.array([[0, -1], [-1, 1]])
    best = np.zeros((2, BLOCK, BLOCK), np.float32)
    count = np.zeros((2, BLOCK, BLOCK), np.uint16)
    closed = np.zeros((2, BLOCK, BLOCK), np.bool_)
    best[0, :128, :128], count[0, :128, :128] = 300.0, 2
    best[1, 10, 10], count[1, 10, 10] = 30.0, 1
    closed[0, 200:, :] = True
    return CoverageRaster(
        TOWN_CRS, 0.5, 1.5, (EAST, NORTH), Blocks(0, 0, index), best, count, closed
    )


def make_samples() -> Any:
    """Return three samples of two parts each: no camera sees one for sure."""
    return table(
        SAMPLES,
        [
            {
                "sample_id": f"{p}@{k}",
                "part_id": p,
                "height_m": 1.6,
                "normal_deg": 90.0,
                "need_px_m": 125.0,
                "weight": 1.0,
                "geometry": at(50, 38 + k),
            }
            for p in ("p1", "p2")
            for k in range(3)
        ],
    )


def make_result(label: str = "豫章中学", *, synthetic: bool = True, raster: bool = True) -> Any:
    """Return what `check` returns, made by hand."""
    cameras, samples = make_cameras(label), make_samples()
    return Made(
        city=make_city(label, synthetic=synthetic),
        rules=load_packs(("nanchang", "cn-national-799")),
        cameras=cameras,
        heads=make_heads(),
        zones=make_zones(label),
        parts=make_parts(label),
        samples=samples,
        matrices=readings(matrix(cameras, samples, {})),
        left_out=make_zones(label).iloc[:2].assign(measure="", value=1.0),
        missing=none_missing(),
        looked=True,
        barred=(),
        withheld=none_withheld(),
        part_status=make_status(label),
        raster=make_raster() if raster else None,
        summary={"cameras": 4},
        **make_findings(label),
    )
