import geopandas as gpd
import pytest

from civicsight.coverage.demand.sites import find_sites, standing_buildings
from civicsight.model import ZONES
from tests import town


def sites(geometry, name=None, *, places=None, buildings=None):
    frame = gpd.GeoDataFrame(
        {
            "item": ["8.4"],
            "pack": ["nanchang"],
            "standing": ["candidate"],
            "confidence": [0.9],
            "name": [name],
        },
        index=["z"],
        geometry=[geometry],
        crs=town.CRS,
    )
    return find_sites(
        gpd.GeoDataFrame(ZONES.complete(frame)),
        town.places() if places is None else places,
        town.buildings() if buildings is None else buildings,
    )["z"]


HOUSES = {"b": (town.rect(0, 0, 40, 20), {"name": "House"}), "c": (town.rect(60, 0, 80, 20),)}


def test_a_point_in_the_open_has_no_outline():
    (site,) = sites(town.point(50, 50), buildings=town.buildings(**HOUSES))
    assert site.outline is None
    assert not site.built


@pytest.mark.parametrize("spot", [(10, 10), (10, -2)])
def test_a_point_in_or_at_a_building_takes_its_outline(spot):
    (site,) = sites(town.point(*spot), buildings=town.buildings(**HOUSES))
    assert site.outline.area == 800
    assert site.built
    assert site.owners == {0}
    assert not site.tenant


def test_one_of_several_names_in_a_building_is_a_tenant():
    crowd = town.places(a=(town.point(5, 5), {"amenity": "cafe", "name": "C"}))
    houses = town.buildings(**HOUSES)
    assert sites(town.point(10, 10), "Bank", places=crowd, buildings=houses)[0].tenant
    assert not sites(town.point(10, 10), "House", places=crowd, buildings=houses)[0].tenant
    assert not sites(town.point(70, 10), "Bank", places=crowd, buildings=houses)[0].tenant


def test_the_smallest_of_several_buildings_is_the_host():
    nested = town.buildings(block=(town.rect(0, 0, 99, 99),), hall=(town.rect(5, 5, 20, 20),))
    assert sites(town.point(10, 10), buildings=nested)[0].owners == {1}


def test_an_area_under_roofs_is_a_building_and_one_with_a_yard_is_a_site():
    houses = town.buildings(**HOUSES)
    assert sites(town.rect(0, 0, 42, 20), buildings=houses)[0].built
    campus = sites(town.rect(0, 0, 100, 60), buildings=houses)[0]
    assert not campus.built
    assert campus.owners == {0, 1}


def test_a_building_mostly_outside_is_not_the_places_own():
    assert (
        sites(town.rect(30, 0, 58, 20), buildings=town.buildings(**HOUSES))[0].owners == frozenset()
    )


def test_every_part_of_an_area_is_a_site_without_its_holes():
    ring = town.rect(0, 0, 50, 50).difference(town.rect(10, 10, 20, 20))
    both = ring.union(town.rect(100, 0, 120, 20))
    found = sites(both)
    assert sorted(site.outline.area for site in found) == [400, 2500]


def test_buildings_on_legs_do_not_stand():
    rows = town.buildings(a=(town.rect(0, 0, 9, 9),), b=(town.rect(0, 0, 9, 9), {"base_m": 3.0}))
    assert list(standing_buildings(rows).index) == ["a"]
