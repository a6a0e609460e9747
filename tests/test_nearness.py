"""What lies far from its city, and the mistake that would bring it there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from civicsight.core.errors import InputError
from civicsight.io.crs import centres_of
from civicsight.io.nearness import require_near
from civicsight.io.vectors.footprints import read_buildings
from civicsight.scene.nearness import with_rows_outside

NANCHANG = [(115.86 + 0.002 * i, 28.68 + 0.001 * i) for i in range(6)]
WORKING = CRS.from_epsg(4548)
NEAR = shapely.box(386_000, 3_172_000, 392_000, 3_178_000)


def places(true, label=None, points=NANCHANG, *, swapped=False):
    """Return points in a true CRS, labelled as another."""
    forth = Transformer.from_crs(4326, true, always_xy=True)
    x, y = forth.transform(*np.array(points).T)
    return gpd.GeoSeries(gpd.points_from_xy(*((y, x) if swapped else (x, y))), crs=label or true)


def fault_of(own):
    with pytest.raises(InputError) as caught:
        require_near(own, NEAR, WORKING, "a.gpkg")
    (fault,) = caught.value.faults
    assert fault.file == "a.gpkg"
    return fault


@pytest.mark.parametrize("code", [4548, 4527, 4326, 32650, 3857])
def test_what_lies_in_its_city_passes(code):
    require_near(places(code), NEAR, WORKING, "a.gpkg")


@pytest.mark.parametrize(
    ("true", "label", "named"),
    [(4547, 4548, 4547), (4548, 4547, 4548), (4549, 4546, 4549), (4526, 4527, 4547)],
)
def test_the_zone_that_leads_into_the_city_is_named(true, label, named):
    own = places(true, label)
    if true == 4526:  # the number is taken for one of the wrong zone as well
        own = gpd.GeoSeries(own.translate(1_000_000.0), crs=label)
    fault = fault_of(own)
    assert fault.code == "crs.zone"
    assert f"EPSG:{named}" in str(fault.remedy)


def test_axes_that_are_both_on_the_globe():
    """In Turkey either order is a place; only the city tells them apart."""
    ankara = [(32.85 + 0.001 * i, 39.93) for i in range(5)]
    near = shapely.buffer(places(32636, points=ankara)[0], 3_000)
    own = places(4326, points=ankara, swapped=True)
    with pytest.raises(InputError) as caught:
        require_near(own, near, CRS.from_epsg(32636), "a.gpkg")
    assert [fault.code for fault in caught.value.faults] == ["crs.swapped"]


def test_another_city_is_another_city():
    fault = fault_of(places(4326, points=[(121.47, 31.23)] * 3))
    assert (fault.code, fault.found) == ("place.elsewhere", "121.47, 31.23")


def test_a_minority_is_not_the_fault_of_the_system():
    own = places(4326, points=[*NANCHANG, (121.47, 31.23)])
    require_near(own, NEAR, WORKING, "a.gpkg")
    require_near(gpd.GeoSeries([None, shapely.Point()], crs=4326), NEAR, WORKING, "a.gpkg")


def test_buildings_of_another_zone_are_not_added_to_a_city(tmp_path):
    squares = places(4547).buffer(10, cap_style="square")
    path = tmp_path / "b.gpkg"
    gpd.GeoDataFrame(geometry=squares.to_numpy(), crs=4548).to_file(path)
    with pytest.raises(InputError) as caught:
        read_buildings(path, crs=WORKING, near=NEAR)
    assert [fault.code for fault in caught.value.faults] == ["crs.zone"]
    assert len(read_buildings(path)[0]) == 6, "without a city nothing tells the zones apart"


def test_nothing_has_no_middle():
    assert np.isnan(centres_of(np.array([None, shapely.Point()], object))).all()


def test_notes_stand_in_one_order_whichever_table_was_looked_at_first():
    outside = {"places": ("p1", "p2"), "entrances": ("e1",)}
    notes = with_rows_outside((), outside)
    assert [one.layer for one in notes] == ["places", "entrances"]
    assert with_rows_outside((), dict(sorted(outside.items()))) == notes
