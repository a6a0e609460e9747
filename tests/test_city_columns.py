"""Each column is read or said not to be; what it looks like is suggested, a mapping is believed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.cli.entry import OK, run
from civicsight.core.errors import InputError
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.inventory import CAMERA_SCHEMA, read_cameras
from civicsight.io.tables.source_schema import suggest_meanings
from civicsight.io.vectors.footprints import read_buildings

COUNT = 12


@pytest.fixture
def layer(tmp_path):
    """A layer whose storeys and heights stand under names that nobody knows."""
    shapes = [shapely.box(x, 3_170_000, x + 8, 3_170_009) for x in np.arange(COUNT) * 10 + 390_000]
    columns = {
        "LAYERNUM": np.arange(1, COUNT + 1),
        "heigth_m": np.arange(1, COUNT + 1) * 3.1,
        "remark": ["a"] * COUNT,
        "building:part": [None] * COUNT,
    }
    path = tmp_path / "houses.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=32650).to_file(path)
    return path


def mapped(columns):
    return Declared(mapping=ColumnMapping(columns))


def test_columns_of_buildings_that_are_not_read_are_named_and_suggested(layer):
    _, report = read_buildings(layer)
    told = [str(note) for note in report.notes]
    assert "columns not read: LAYERNUM, heigth_m, remark" in told
    (alike,) = [note for note in report.notes if note.kind == "columns.alike"]
    assert alike.count == 2
    assert "LAYERNUM ~ building:levels (whole numbers from 1 to 40)" in str(alike)
    assert "heigth_m ~ height (by its name)" in str(alike)
    assert "remark ~" not in str(alike)
    _, report = read_buildings(
        layer, declared=mapped({"height": "heigth_m", "building:levels": "LAYERNUM"})
    )
    assert "columns not read: remark" in [str(note) for note in report.notes]
    assert report.count("height.height") == COUNT


@pytest.mark.parametrize(
    ("columns", "code", "near"),
    [
        ({"heigth": "heigth_m"}, "mapping.meaning", "height"),
        ({"building:level": "LAYERNUM"}, "mapping.meaning", "building:levels"),
        ({"height": "hight"}, "mapping.header", "heigth_m"),
    ],
)
def test_an_unknown_key_of_a_mapping_is_refused_with_the_nearest(layer, columns, code, near):
    with pytest.raises(InputError) as caught:
        read_buildings(layer, declared=mapped(columns))
    (fault,) = caught.value.faults
    assert fault.code == code
    assert near in str(fault.expected)


def test_a_mapping_is_written_for_buildings_and_reads_the_same_again(layer, tmp_path):
    file = tmp_path / "m.yaml"
    words = ["import", str(layer), "--as", "buildings", "--dry-run", "--lang", "en"]
    assert run([*words, "--write-mapping", str(file)]) == OK
    text = file.read_text(encoding="utf-8")
    assert "building:levels: ''" in text
    text = text.replace("height: ''", "height: heigth_m", 1)
    file.write_text(text.replace("building:levels: ''", "building:levels: LAYERNUM"), "utf-8")
    assert run([*words, "--mapping", str(file)]) == OK


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("w1", ["10", "95", "200", "355", "270"], "azimuth_deg (numbers from 0 to 360)"),
        ("c1", ["115.91", "115.92", "115.93", "115.94", "115.95"], "lon (numbers from 73 to 135)"),
        ("c2", ["28.61", "28.62", "28.63", "28.64", "28.65"], "lat (numbers from 18 to 54)"),
        ("tilt_dgr", ["1"], "tilt_deg (by its name)"),
        ("c3", ["a", "95", "200", "355", "270"], ""),
        ("c4", ["1", "2", "1", "2", "1"], ""),
        ("c5", ["5", "7", "4000", "9", "11"], ""),
    ],
)
def test_what_a_column_looks_like(name, cells, told):
    found = [str(text) for text in suggest_meanings({name: pd.Series(cells)}, CAMERA_SCHEMA, {})]
    said = "not read, but they look like something: "
    assert found == ([f"{said}{name} ~ {told}"] if told else [])


def test_a_table_without_known_coordinates_is_told_which_columns_look_like_them(tmp_path):
    path = tmp_path / "c.csv"
    rows = [f"c{n},{115.9 + n / 7000:.5f},{28.6 + n / 7000:.5f}" for n in range(1, 9)]
    path.write_text("\n".join(["id,p,q", *rows]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    assert "p ~ lon" in caught.value.faults[0].found
    assert "q ~ lat" in caught.value.faults[0].found
