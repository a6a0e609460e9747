"""Which surveillance features are cameras, and what of their record is believed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from civicsight.io.osm.cameras import read_osm_cameras
from civicsight.io.tables.directions import WINDS, read_azimuth
from civicsight.model import CAMERAS
from tests.city_made import features

CAMERA = {"man_made": "surveillance"}
POINT = shapely.Point(0, 0)


def read(*rows):
    table, report = read_osm_cameras(features(*rows), "x.pbf")
    CAMERAS.check(table)
    return table, report


def record(**tags):
    table, report = read(
        ("node/1", {**CAMERA, **{k.replace("__", ":"): v for k, v in tags.items()}}, POINT)
    )
    return table.iloc[0], report


def test_guards_and_relations_are_no_cameras():
    table, report = read(
        ("node/1", CAMERA, POINT),
        ("node/2", {**CAMERA, "surveillance:type": "camera"}, POINT),
        ("node/3", {**CAMERA, "surveillance:type": "guard"}, POINT),
        ("node/4", {**CAMERA, "surveillance:type": "gunshot_detector"}, POINT),
        ("relation/5", {**CAMERA, "type": "route"}, shapely.LineString([(0, 0), (9, 9)])),
        ("node/6", {"surveillance": "outdoor"}, POINT),
    )
    assert table.index.tolist() == ["node/1", "node/2"]
    assert report.count("excluded.guard") == 2
    assert report.count("excluded.relation") == 1
    assert report.count("untyped") == 1
    assert report.read == report.kept + report.excluded == 5


def test_plate_readers_are_cameras():
    row, report = record(surveillance__type="ALPR")
    assert (row["kind"], row.purpose) == ("fixed", "ALPR")
    assert report.count("plate_reader") == 1


def test_a_full_record():
    row, report = record(
        camera__type="panning", camera__mount="street_lamp", surveillance="public", height="5 m",
        camera__direction="90", direction="10", camera__angle="15", operator__type="government",
        ref="X-17",
    )  # fmt: skip
    assert (row["kind"], row.mount, row.setting) == ("ptz", "pole", "outdoor")
    assert (row.height_m, row.tilt_deg, row.owner, row["name"]) == (5, 15, "government", "X-17")
    assert row.azimuth_deg == pytest.approx(90, abs=1)
    assert (row.status, row.source) == ("existing", "osm")
    assert report.repaired == ()


def test_what_the_record_does_not_say_stays_unknown():
    row, _ = record()
    assert (row["kind"], row.mount, row.setting, row.owner) == ("unknown",) * 4
    assert np.isnan([row.height_m, row.azimuth_deg, row.tilt_deg, row.hfov_deg]).all()
    assert row.usable is None


@pytest.mark.parametrize("value", ["forward", "backward", "90;270", "90-180", "720", "left"])
def test_a_direction_that_cannot_be_used_is_unknown_and_named(value):
    row, report = record(camera__direction=value)
    assert np.isnan(row.azimuth_deg)
    assert [(f.code, f.where, f.found) for f in report.repaired] == [
        ("camera.direction", "node/1", value)
    ]


def test_zero_height_is_unknown():
    row, _ = record(height="0")
    assert np.isnan(row.height_m)


def test_a_width_of_view_is_not_taken_for_a_tilt():
    row, report = record(camera__angle="130")
    assert np.isnan(row.tilt_deg)
    assert report.repaired[0].code == "camera.tilt"
    row, _ = record(camera__angle="-20°")
    assert row.tilt_deg == 20


def test_no_cameras():
    table, report = read(("node/1", {"amenity": "cafe"}, POINT))
    assert (len(table), report.read) == (0, 0)


@pytest.mark.parametrize(("number", "wind"), list(enumerate(WINDS)))
def test_the_winds_go_round(number, wind):
    assert read_azimuth(wind) == read_azimuth(wind.lower()) == number * 22.5


@pytest.mark.parametrize(
    ("text", "azimuth"),
    [("0", 0), ("-20", 340), ("360", 0), ("359.5", 359.5), ("45°", 45), ("45 °", 45),
     ("12,5", 12.5),
     ("south-west", 225), (90, 90), (" E ", 90)],
)  # fmt: skip
def test_directions_are_read(text, azimuth):
    assert read_azimuth(text) == azimuth


@pytest.mark.parametrize("text", ["", None, float("nan"), "  "])
def test_no_direction_is_unknown(text):
    assert np.isnan(read_azimuth(text))


@pytest.mark.parametrize("text", ["forward", "725", "-361", "N-S", "nan°", "both"])
def test_other_words_are_no_direction(text):
    assert read_azimuth(text) is None
