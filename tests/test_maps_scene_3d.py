"""The document of the 3D view: what is in it, read back as a browser reads it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from scipy.sparse import csr_array
from shapely.affinity import translate

from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.optics.quality import LADDERS
from civicsight.maps.assets import APP_MODULES, app_files
from civicsight.maps.scene_3d import (
    AROUND_M,
    GRID_M,
    WHOLE_M,
    pack,
    paint_ground,
    scene_map,
    window_of,
)
from civicsight.model import LAND_COVER, READINGS
from civicsight.model.terrain import Terrain
from civicsight.presentation.names import name_all
from tests.result_factory import make_raster, make_result
from tests.result_town import EAST, HOSTILE, NORTH, at, make_city


def unpack(document):
    """Read a document as `browser/solid.js` does."""
    size = int.from_bytes(document[:4], "little")
    head = json.loads(document[4 : 4 + size])
    arrays = {
        name: np.frombuffer(document, np.dtype(kind), count, 4 + size + offset)
        for name, (kind, offset, count) in head["arrays"].items()
    }
    return head, arrays


def drawn(result, language="en"):
    return unpack(scene_map(result, window_of(result.city), language).document)


def test_arrays_come_back_as_they_went_in():
    rng = np.random.default_rng(2)
    arrays = {
        "a": rng.integers(0, 9, 7).astype(np.uint8),
        "b": rng.normal(size=(5, 3)).astype(np.float32),
        "c": np.arange(3, dtype=np.uint32),
        "d": np.zeros(0, np.float32),
    }
    head, found = unpack(pack({"名": "学校"}, arrays))
    assert head["名"] == "学校"
    for name, array in arrays.items():
        assert (found[name] == array.ravel()).all()
        assert head["arrays"][name][1] % 4 == 0


def test_a_small_city_is_drawn_whole_and_a_large_one_around_a_place():
    city = make_city("town")
    whole = window_of(city)
    assert whole.bounds[0] <= EAST
    assert whole.bounds[2] >= EAST + 130
    assert window_of(city, at(1, 1)) == whole
    large = replace(city, extent=city.extent.buffer(2.0 * WHOLE_M))
    near = window_of(large, at(100, 40))
    assert near.half_m == AROUND_M
    assert near.east % GRID_M == near.north % GRID_M == 0.0
    assert max(abs(near.east - EAST - 100), abs(near.north - NORTH - 40)) <= GRID_M / 2
    assert window_of(large, at(110, 45)) == near
    middle = window_of(large)
    assert shapely.Point(middle.east, middle.north).distance(large.extent.centroid) < GRID_M


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_signs_stand_where_the_tables_say_and_bear_the_names_of_the_map(language):
    result = make_result("school")
    head, arrays = drawn(result, language)
    window = window_of(result.city)
    assert head["cameras"]["ids"] == list(result.cameras.index)
    for label, (x, y, z) in zip(head["cameras"]["ids"], head["cameras"]["at"], strict=True):
        spot = result.cameras.geometry[label]
        assert (x + window.east, y + window.north) == pytest.approx((spot.x, spot.y), abs=0.01)
        own = result.heads[result.heads["camera_id"].eq(label)]
        assert z == (own["height_m"].iloc[0] if len(own) else 3.0)
    assert len(head["parts"]["ids"]) == len(result.parts)
    names = name_all(result, language)
    for key, called in (
        ("places", names.zones),
        ("parts", names.parts),
        ("cameras", names.cameras),
    ):
        assert head[key]["titles"] == [called[label] for label in head[key]["ids"]]
    assert len(head["cameras"]["heads"]) * 3 == arrays["eyes"].size
    assert {entry["key"] for entry in head["legend"]} >= {"parts", "cameras", "coverage"}
    assert all(entry["symbols"] for entry in head["legend"])


def test_assumed_heights_have_a_sign_of_their_own_in_view_and_legend():
    head, arrays = drawn(make_result())
    buildings = next(entry for entry in head["legend"] if entry["key"] == "buildings")
    assert [symbol["label"] for symbol in buildings["symbols"]] == [
        "height on record",
        "height assumed",
    ]
    assert "hatch" in buildings["symbols"][1]["style"]
    assert "hatch" not in buildings["symbols"][0]["style"]
    assert head["looks"][1]["hatch"] == buildings["symbols"][1]["style"]["hatch"]
    assert {0, 1} <= set(arrays["wall_kind"].tolist())


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_the_picture_on_the_ground_lies_where_the_raster_lies():
    window = window_of(make_city("town"))
    png, box = paint_ground(make_raster(), window, LADDERS["dori"].px_m)
    with rasterio.open(io.BytesIO(png.tobytes())) as picture:
        classes = picture.read(1)
    size = (box[2] - box[0]) / classes.shape[1]
    assert size == pytest.approx(0.5)
    for dx, dy, expected in ((10, 10, 4), (63, 63, 4), (65, 10, 0), (10, 65, 0)):
        x, y = EAST + dx + 0.25 - window.east, NORTH + dy + 0.25 - window.north
        row, col = int((box[3] - y) / size), int((x - box[0]) / size)
        assert classes[row, col] == expected, (dx, dy)


def test_tested_points_bear_the_first_reading_in_which_they_are_met():
    result = make_result()
    n = len(result.samples)
    seen = {"sure": [0], "assumed": [0, 1], "possible": [0, 1, 2]}
    for reading in READINGS:
        q = np.zeros((1, n), np.float32)
        q[0, seen[reading]] = 300.0
        result.matrices[reading] = CoverageMatrix(
            csr_array(q), result.cameras.index[:1], result.samples.index
        )
    _, arrays = drawn(result)
    assert arrays["sample_state"].tolist() == [0, 1, 2, *[3] * (n - 3)]
    assert arrays["samples"].reshape(-1, 3)[:, 2] == pytest.approx(1.6)


def test_who_gets_no_picture_of_coverage_gets_no_tested_points():
    result = make_result(raster=False)
    head, arrays = drawn(result)
    assert not {"coverage", "samples"} & arrays.keys()
    assert not {"coverage", "samples"} & {entry["key"] for entry in head["legend"]}
    assert head["covered"] is None


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_label_holds_stays_a_value(text):
    head, _ = drawn(make_result(text))
    assert any(text[:40] in title for title in head["cameras"]["titles"])


def test_relief_and_unknown_ground_are_told():
    result = make_result()
    assert any("flat" in note for note in drawn(result)[0]["notes"])
    z = np.full((20, 20), 7.0)
    z[0, 0] = np.nan
    result.city = replace(result.city, terrain=Terrain(z, EAST - 30, NORTH - 30, 10.0))
    head, arrays = drawn(result)
    assert any("not known" in note for note in head["notes"])
    assert arrays["relief"] == pytest.approx(0.0)
    assert head["cameras"]["foot"] == [0.0] * len(head["cameras"]["ids"])


def test_bare_data_still_make_a_view():
    result = make_result(raster=False)
    for name in ("cameras", "heads", "zones", "parts"):
        setattr(result, name, getattr(result, name).iloc[:0])
    result.part_status = result.part_status.iloc[:0]
    head, arrays = drawn(result)
    assert head["cameras"]["ids"] == head["parts"]["ids"] == []
    assert len(arrays["walls"]) > 0


def test_the_modules_of_the_view_ask_for_each_other_by_name_alone():
    """Nothing else is loaded, and nothing from elsewhere."""
    names = [path.rpartition("/")[2] for path in APP_MODULES]
    first = app_files()[names[0]].decode()
    assert f'from"./{names[1]}"' in first.replace(" ", "")
    assert "import(" not in first


def test_water_lies_over_what_is_green_and_holes_stay_open():
    """Each ring is wound so that areas fill and holes do not, however many of them overlap."""
    city = make_city("town")
    pond = shapely.Polygon(
        [(0, 0), (40, 0), (40, 40), (0, 40)], [[(10, 10), (10, 20), (20, 20), (20, 10)]]
    )
    rows = {
        "a pond": ("water", pond),
        "b park": ("green", shapely.box(-20, -20, 60, 60)),
        "c lake far away": ("water", shapely.box(9_000, 0, 9_100, 100)),
    }
    cover = gpd.GeoDataFrame(
        {"kind": [kind for kind, _ in rows.values()]},
        index=list(rows),
        geometry=[translate(shape, EAST, NORTH) for _, shape in rows.values()],
        crs=city.crs,
    )
    result, bare = make_result("town"), make_result("town")
    result.city = replace(city, land_cover=LAND_COVER.complete(cover))
    head, arrays = drawn(result)
    assert arrays["cover_water"].tolist() == [0, 1, 1]
    start, xy = arrays["cover_start"], arrays["cover_xy"].reshape(-1, 2)
    turns = [shapely.LinearRing(xy[a:b]).is_ccw for a, b in pairwise(start)]
    assert turns[1] != turns[2]
    assert turns[0] == turns[1]
    legend = {entry["key"]: entry["symbols"] for entry in head["legend"]}
    assert [symbol["label"] for symbol in legend["land_cover"]] == ["water", "parks and open green"]
    assert "cover_water" not in drawn(bare)[1]
