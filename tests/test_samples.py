import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.core.errors import CrsError
from civicsight.coverage.demand.demand_points import MAX_AREA_SAMPLES, sample_parts
from civicsight.model import PARTS, SAMPLES
from tests import town

BASE = {
    "zone_id": "z",
    "item": "1",
    "article": "1",
    "rule": "R",
    "pack": "p",
    "profile": "identify",
    "need_px_m": 250.0,
    "fraction": 0.95,
    "k": 1,
    "inferred": False,
    "confirmed": False,
    "confidence": 0.9,
    "normal_deg": np.nan,
}


def parts(*rows):
    frame = gpd.GeoDataFrame(
        [BASE | {"kind": kind, "geometry": shape} | more for kind, shape, more in rows],
        index=[f"part{n}" for n in range(len(rows))],
        geometry="geometry",
        crs=town.CRS,
    )
    return gpd.GeoDataFrame(PARTS.complete(frame))


def xy(samples):
    return shapely.get_coordinates(samples.geometry.array) - [town.X, town.Y]


def test_a_gate_is_sampled_every_half_metre_at_the_height_of_a_face():
    gate = parts(("entrance", town.line((0, 0), (3, 0)), {"normal_deg": 180.0}))
    samples = sample_parts(gate)
    SAMPLES.check(samples)
    assert xy(samples)[:, 0] == pytest.approx([0.25, 0.75, 1.25, 1.75, 2.25, 2.75])
    assert samples["weight"].eq(0.5).all()
    assert samples["height_m"].eq(1.6).all()
    assert samples["normal_deg"].eq(180).all()
    assert samples["need_px_m"].eq(250).all()
    assert list(samples.index[:2]) == ["part0@1", "part0@2"]


def test_lines_are_sampled_every_two_metres():
    samples = sample_parts(parts(("perimeter", town.line((0, 0), (9, 0)), {})))
    assert len(samples) == 4
    assert samples["weight"].sum() == pytest.approx(9)


def test_parts_of_a_line_in_pieces_are_all_sampled():
    pieces = shapely.union_all([town.line((0, 0), (10, 0)), town.line((50, 0), (50.3, 0))])
    samples = sample_parts(parts(("passage", pieces, {})))
    assert len(samples) == 6
    assert samples["weight"].sum() == pytest.approx(10.3)


def test_areas_lie_on_a_common_grid():
    one, other = town.rect(0.3, 0.3, 20.7, 20.7), town.rect(20.7, 0.3, 41, 20.7)
    samples = sample_parts(parts(("area", one, {}), ("area", other, {})))
    raw = shapely.get_coordinates(samples.geometry.array)
    assert np.allclose(raw / 2, np.round(raw / 2))
    assert len(np.unique(raw, axis=0)) == len(raw)
    weight = samples.groupby("part_id")["weight"].sum()
    assert weight.to_numpy() == pytest.approx([one.area, other.area])


def test_a_large_area_has_a_coarser_grid_that_stands_for_as_much():
    field = town.rect(0, 0, 900, 700)
    samples = sample_parts(parts(("area", field, {})))
    assert MAX_AREA_SAMPLES / 5 < len(samples) <= MAX_AREA_SAMPLES * 1.2
    assert samples["weight"].sum() == pytest.approx(field.area)
    assert samples["weight"].iloc[0] == pytest.approx(16**2, rel=0.1)


def test_an_area_smaller_than_the_grid_has_one_sample():
    speck = town.rect(0.5, 0.5, 1.5, 1.5)
    samples = sample_parts(parts(("area", speck, {})))
    assert len(samples) == 1
    assert samples["weight"].iloc[0] == pytest.approx(1)


def test_a_gate_in_a_wall_is_moved_out_of_it():
    house = town.buildings(b=(town.rect(0, 0, 20, 10),))
    gate = parts(("entrance", town.line((8, 0), (11, 0)), {"normal_deg": 180.0}))
    moved = xy(sample_parts(gate, buildings=house))
    assert len(moved) == 6
    assert moved[:, 1] == pytest.approx([-0.3] * 6)
    assert moved[:, 0] == pytest.approx(xy(sample_parts(gate))[:, 0])


def test_a_gate_deep_in_a_porch_steps_out_as_far_as_it_must():
    house = town.buildings(b=(town.rect(0, 0, 20, 10),))
    gate = parts(("entrance", town.line((8, 1.5), (11, 1.5)), {"normal_deg": 180.0}))
    assert xy(sample_parts(gate, buildings=house))[:, 1] == pytest.approx([-0.5] * 6)


def test_a_gate_wholly_indoors_has_no_samples():
    house = town.buildings(b=(town.rect(0, 0, 40, 40),))
    gate = parts(("entrance", town.line((18, 20), (21, 20)), {"normal_deg": 180.0}))
    assert sample_parts(gate, buildings=house).empty


def test_a_building_on_legs_is_open_below():
    deck = town.buildings(b=(town.rect(0, 0, 40, 40), {"base_m": 4.0}))
    gate = parts(("entrance", town.line((18, 20), (21, 20)), {"normal_deg": 180.0}))
    assert len(sample_parts(gate, buildings=deck)) == 6


def test_samples_inside_buildings_are_dropped_and_the_rest_keep_their_weight():
    house = town.buildings(b=(town.rect(10, -5, 20, 5),))
    line = parts(("perimeter", town.line((0, 0), (30, 0)), {}))
    samples = sample_parts(line, buildings=house)
    assert ((xy(samples)[:, 0] < 10) | (xy(samples)[:, 0] > 20)).all()
    assert samples["weight"].eq(2).all()
    assert len(samples) == 10


def test_spacings_can_be_chosen():
    gate = parts(("entrance", town.line((0, 0), (3, 0)), {"normal_deg": 0.0}))
    assert len(sample_parts(gate, gate_spacing_m=1.0)) == 3
    assert sample_parts(gate, height_m=0.8)["height_m"].eq(0.8).all()


@pytest.mark.parametrize("name", ["gate_spacing_m", "line_spacing_m", "area_spacing_m"])
@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan")])
def test_a_spacing_is_positive(name, bad):
    with pytest.raises(ValueError, match=f"{name} is {bad}, expected more than 0"):
        sample_parts(parts(("entrance", town.line((0, 0), (3, 0)), {})), **{name: bad})


def test_the_buildings_lie_in_the_same_crs():
    houses = town.buildings(b=(town.rect(0, 0, 1, 1),)).to_crs("EPSG:4547")
    with pytest.raises(CrsError, match="convert with to_crs"):
        sample_parts(parts(("entrance", town.line((0, 0), (3, 0)), {})), buildings=houses)


def test_parts_without_a_way_out_can_be_sampled():
    gate = parts(("entrance", town.line((0, 0), (3, 0)), {})).drop(columns="normal_deg")
    assert sample_parts(gate)["normal_deg"].isna().all()
