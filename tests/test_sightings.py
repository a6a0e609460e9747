"""Private places ahead of cameras, and layers seen by them, pair by pair."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.planning.judging.sightings import find_ahead


def ahead_by_pairs(heads, areas, within_m, angle_deg):
    """The same, one head and one place at a time."""
    walls = areas[areas["has_facade"] | areas["scope"].eq("whole_interior")]
    found = {}
    for _, head in heads.iterrows():
        half = angle_deg
        if head["reading"] != "sure":
            half = min(max(angle_deg, head["hfov_deg"] / 2.0), 180.0)
        turns = np.radians(head["azimuth_deg"] + np.linspace(-half, half, 25))
        at = np.array([head.geometry.x, head.geometry.y])
        arc = at + within_m * np.column_stack([np.sin(turns), np.cos(turns)])
        sector = shapely.Polygon([at, *arc])
        for label, wall in walls.iterrows():
            if wall.geometry.distance(head.geometry) <= within_m and sector.intersects(
                wall.geometry
            ):
                found.setdefault(head["camera_id"], set()).add(label)
    return {camera: sorted(names) for camera, names in found.items()}


@pytest.mark.parametrize("seed", range(15))
def test_places_ahead_are_those_that_each_sector_meets(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(0, 12)), int(rng.integers(1, 15))
    heads = gpd.GeoDataFrame(
        {
            "camera_id": rng.choice(["a", "b", "c", "d"], n),
            "reading": rng.choice(["sure", "assumed", "possible"], n),
            "azimuth_deg": rng.uniform(0.0, 360.0, n),
            "hfov_deg": rng.choice([30.0, 90.0, 360.0], n),
        },
        geometry=shapely.points(rng.uniform(0.0, 60.0, (n, 2))),
    )
    corner = rng.uniform(0.0, 60.0, (m, 2))
    areas = gpd.GeoDataFrame(
        {
            "has_facade": rng.random(m) < 0.6,
            "scope": rng.choice(["whole_interior", "interior_rooms"], m),
        },
        index=pd.Index([f"w{at}" for at in range(m)], dtype=object),
        geometry=shapely.box(*corner.T, *(corner + rng.uniform(1.0, 9.0, (m, 2))).T),
    )
    found = find_ahead(heads, areas, 20.0, 25.0)
    assert {key: found[key] for key in found} == ahead_by_pairs(heads, areas, 20.0, 25.0)
