"""Areas of registers that cross themselves are repaired and told, as those of buildings are."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io.reader_registry import TABLE_READERS
from civicsight.io.source_options import NOTHING, Declared
from tests.city_made import METRIC, X0, Y0, box, knot

CORNER = np.array([X0, Y0])
BOW_TIE = shapely.Polygon([(0, 0), (40, 40), (40, 0), (0, 40)])
COLUMNS = {
    "places": {"place_id": ["a", "b", "c"], "name": ["甲", "乙", "丙"]},
    "districts": {"code": ["360102", "360103", "360104"], "name": ["东湖区", "西湖区", "青云谱区"]},
    "obstacles": {"id": ["a", "b", "c"], "kind": ["wall"] * 3, "height_m": [3.0] * 3},
    "proposals": {"proposal_id": ["a", "b", "c"], "kind": ["structure"] * 3, "height_m": [3.0] * 3},
}


def test_outlines_as_text_say_what_is_assumed_of_them(tmp_path):
    path = tmp_path / "districts.csv"
    square = "POLYGON((115.9 28.6, 115.91 28.6, 115.91 28.61, 115.9 28.61, 115.9 28.6))"
    path.write_text(f'code,name,wkt\n360102,East,"{square}"\n', encoding="utf-8")
    for declared, assumed in ((NOTHING, True), (Declared("cgcs2000"), False)):
        _, report = TABLE_READERS["districts"](path, declared=declared)
        assert ("assumed WGS 84" in report.summary("en")) is assumed


def register(folder, kind, *shapes):
    moved = [shapely.transform(shape, lambda xy: xy + CORNER) for shape in shapes]
    columns = {name: values[: len(moved)] for name, values in COLUMNS[kind].items()}
    path = folder / "a.gpkg"
    gpd.GeoDataFrame(columns, geometry=moved, crs=METRIC).to_file(path, driver="GPKG")
    return path


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_bow_tie_becomes_its_two_halves_and_is_told(tmp_path, kind):
    path = register(tmp_path, kind, box(100, 0, 9, 9), BOW_TIE)
    table, report = TABLE_READERS[kind](path, crs=METRIC)
    assert table.geometry.is_valid.all()
    assert sorted(table.geometry.area) == pytest.approx([81, 800])
    (told,) = [fault for fault in report.repaired if fault.code == "geometry.invalid"]
    assert told.where == "2"
    assert told.found.endswith("800.0 m2")


@pytest.mark.parametrize("kind", COLUMNS)
def test_what_cannot_be_repaired_is_named_and_the_rest_can_be_taken(tmp_path, kind):
    flat = shapely.Polygon([(0, 0), (5, 0), (9, 0)])
    path = register(tmp_path, kind, box(100, 0, 9, 9), knot(), flat)
    with pytest.raises(InputError) as caught:
        TABLE_READERS[kind](path, crs=METRIC)
    told = {fault.where: fault.code for fault in caught.value.faults}
    assert told == {"2": "geometry.tangled", "3": "geometry.unusable"}
    table, _ = TABLE_READERS[kind](path, crs=METRIC, keep_good=True)
    assert table.geometry.area.tolist() == pytest.approx([81])
