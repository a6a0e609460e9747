"""Data quality: every figure counted a second time by plain means, and a page that does no harm."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import csv
import math
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest

from civicsight.coverage.check import check
from civicsight.maps.quality_map import CLASS_STYLES, class_of
from civicsight.model import CITY_TABLES, empty_tables
from civicsight.presentation.drawing import draw_shares
from civicsight.report.quality import quality_of, write_quality
from civicsight.report.quality.cells import COLUMNS, MOST_CELLS, fit_side, name_cell
from civicsight.rules import load_packs
from tests.quality_made import DAY, district  # noqa: F401 - fixtures
from tests.result_town import make_city
from tests.test_report_page import Reader

RECORD = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px")


@pytest.fixture(scope="module")
def quality(district):
    return quality_of(district)


@pytest.fixture(scope="module")
def result(district):
    return check(district, raster=False)


def is_blank(value):
    return value is None or value in ("", "unknown", {}) or (
        isinstance(value, float) and math.isnan(value)
    )  # fmt: skip


@pytest.mark.slow
def test_columns_are_counted_again_row_by_row(district, quality):
    for table in CITY_TABLES:
        frame = getattr(district, table.name)
        layer = quality.layer(table.name)
        assert layer.rows == len(frame)
        for field in layer.fields:
            values = frame[field.name].tolist()
            flags = [False] * len(values)
            if field.name == "height_m" and "height_assumed" in frame:
                flags = frame["height_assumed"].tolist()
            known = sum(not is_blank(v) and not a for v, a in zip(values, flags, strict=True))
            missing = sum(is_blank(v) for v in values)
            assert (field.known, field.missing) == (known, missing), (table.name, field.name)
            assert field.known + field.assumed + field.missing == len(frame)


def test_the_headline_is_counted_again(district, quality, result):
    firm = {entry.code: (entry.firm, entry.of) for entry in quality.firm}
    used = result.cameras[result.cameras.index.isin(result.heads["camera_id"])]
    complete = 0
    for row in used.itertuples():
        full = all(not math.isnan(getattr(row, name)) for name in RECORD if name != "azimuth_deg")
        round_ = row.hfov_deg >= 360 or (row.kind == "fisheye" and row.tilt_deg == 90)
        aimed = not math.isnan(row.azimuth_deg) or round_
        tall = not (math.isnan(row.vfov_deg) and math.isnan(row.height_px))
        tour = isinstance(row.tags, dict) and "presets" in row.tags
        complete += full and tall and row.shift_m <= 1.0 and (tour if row.kind == "ptz" else aimed)
    assert firm["cameras"] == (complete, len(used))
    assert firm["buildings"] == (
        sum(not flag for flag in district.buildings["height_assumed"]), len(district.buildings),
    )  # fmt: skip
    assert firm["places"] == (
        sum(s in ("designated", "confirmed") for s in result.zones["standing"]), len(result.zones),
    )  # fmt: skip
    guessed = sum(
        i and not c
        for i, c in zip(result.parts["inferred"], result.parts["confirmed"], strict=True)
    )
    assert firm["gates"] == (len(result.parts) - guessed, len(result.parts))


def test_cells_add_up_and_each_holds_what_lies_in_it(district, quality, result):
    cells = quality.cells
    totals = cells[list(COLUMNS)].sum()
    used = result.cameras[result.cameras.index.isin(result.heads["camera_id"])]
    assert totals["buildings"] == len(district.buildings)
    assert totals["heights_assumed"] == district.buildings["height_assumed"].sum()
    assert totals["cameras"] == len(used)
    assert totals["gates"] == len(result.parts)
    assert totals["places"] == len(result.zones)
    assert totals["entrances"] == len(district.entrances)
    assert len(cells) <= MOST_CELLS
    spots = district.buildings.geometry.representative_point()
    for cell in cells.itertuples():
        west, south, east, north = cell.geometry.bounds
        assert (east - west, north - south) == (quality.cell_m, quality.cell_m)
        inside = [west <= p.x < east and south <= p.y < north for p in spots]
        assert cell.buildings == sum(inside)
        cams = [west <= p.x < east and south <= p.y < north for p in used.geometry]
        assert cell.cameras == sum(cams)
        if cell.buildings:
            assert cell.share_heights == pytest.approx(cell.heights_assumed / cell.buildings)
        else:
            assert math.isnan(cell.share_heights)


def test_no_finding_goes_beyond_a_cap(quality, result):
    """The limits are said to hold for every finding; the findings of the same project obey."""
    guessed = set(result.parts.index[result.parts["inferred"] & ~result.parts["confirmed"]])
    open_ = set(result.zones.index[result.zones["standing"].eq("candidate")])
    capped = guessed | set(result.parts.index[result.parts["zone_id"].isin(open_)])
    assert len(guessed) == quality.limit("gates.inferred").count
    assert len(open_) == quality.limit("places.candidate").count
    gaps = result.gaps
    assert set(gaps.loc[gaps["subject"].isin(capped), "severity"]) <= {"warning", "info"}
    unsure = set(result.cameras.index) - set(
        result.heads.loc[result.heads["reading"].eq("sure"), "camera_id"]
    )
    assert quality.limit("cameras.incomplete").count == len(unsure & set(result.heads["camera_id"]))
    doubles = result.duplicates
    assert "violation" not in set(doubles.loc[doubles["subject"].isin(unsure), "severity"])
    sure = result.part_status[result.part_status["status"].eq("covered")]
    assert not {camera for cameras in sure["cameras"] for camera in cameras} & unsure
    firm = next(entry for entry in quality.firm if entry.code == "findings")
    assert (gaps["severity"].eq("violation")).sum() <= firm.firm


def test_what_is_told_of_cameras_that_may_not_work_is_what_the_findings_do(result):
    """A camera that relies on one of unknown use is never more than a warning."""
    unknown = set(result.cameras.index[result.cameras["usable"].isna()])
    for row in result.duplicates.itertuples():
        if set(row.evidence.get("relies_on", ())) & unknown:
            assert row.severity != "violation"


def test_the_hand_made_town():
    quality = quality_of(make_city("town"))
    firm = {entry.code: (entry.firm, entry.of) for entry in quality.firm}
    assert firm == {
        "cameras": (0, 4), "buildings": (1, 4), "places": (0, 3), "gates": (0, 3),
        "findings": (0, 3),
    }  # fmt: skip
    limits = {entry.code: (entry.count, entry.of) for entry in quality.limits}
    assert limits["cameras.incomplete"] == (4, 4)
    assert limits["cameras.no_direction"] == (2, 4)
    assert limits["buildings.height_assumed"] == (3, 4)
    assert limits["terrain.flat"] == (1, 0)
    assert "cameras.use_unrecorded" not in limits
    assert quality.limits[-1].code == "terrain.flat"
    shares = [entry.share for entry in quality.limits[:-1]]
    assert shares == sorted(shares, reverse=True)
    azimuth = next(f for f in quality.layer("cameras").fields if f.name == "azimuth_deg")
    assert (azimuth.known, azimuth.missing, azimuth.verdict) == (2, 2, "gaps")
    height = next(f for f in quality.layer("buildings").fields if f.name == "height_m")
    assert (height.known, height.assumed, height.missing) == (1, 3, 0)
    assert height.verdict == "mostly_missing"


def test_caps_follow_the_policy_of_the_packs():
    strict = quality_of(make_city("town"), rules=load_packs())
    duplicate = strict.limit("cameras.incomplete")
    assert str(duplicate.effect).endswith("at most: Information.")


def test_a_project_without_rows_has_a_page(tmp_path):
    town = make_city("none")
    empty = replace(town, **empty_tables(town.crs))
    quality = quality_of(empty)
    assert quality.cells.empty
    assert [entry.of for entry in quality.firm] == [0] * 5
    files = write_quality(empty, tmp_path, made_on=DAY)
    page = (tmp_path / "quality.en.html").read_text(encoding="utf-8")
    assert "there are no data on places, so no gate was looked at" in page
    assert all(file.stat().st_size for file in files)
    assert all(digest in files[1].read_text("utf-8") for digest in load_packs().sha256.values())
    assert "without buildings nothing hides anything" in Reader(files[1].read_text("utf-8")).text


def test_verdicts():
    layer = quality_of(make_city("x")).layer("buildings")
    field = next(f for f in layer.fields if f.name == "height_m")
    cases = [
        ((4, 4, 0), "complete"), ((4, 2, 0), "gaps"), ((4, 1, 0), "mostly_missing"),
        ((4, 0, 4), "assumed"), ((4, 0, 0), "absent"), ((0, 0, 0), "no_rows"),
    ]  # fmt: skip
    for (rows, known, assumed), verdict in cases:
        assert replace(field, rows=rows, known=known, assumed=assumed).verdict == verdict


def test_shares_fall_into_classes():
    shares = pd.Series([0.0, 1e-9, 0.25, 0.2501, 0.5, 0.75, 0.76, 1.0, np.nan])
    assert class_of(shares).tolist() == [
        "none", "few", "few", "some", "some", "many", "most", "most", None,
    ]  # fmt: skip
    fills = [look["fill"] for look in CLASS_STYLES.values()]
    assert fills == sorted(fills)


def test_cells_are_named_as_on_a_street_plan_and_fit():
    assert [name_cell(c, r) for c, r in ((0, 0), (25, 9), (26, 0), (701, 0), (702, 0))] == [
        "A1", "Z10", "AA1", "ZZ1", "AAA1",
    ]  # fmt: skip
    for width in (10.0, 900.0, 7_000.0, 90_000.0):
        side = fit_side(np.array([[0.0, 0.0], [width, width]]))
        assert (width // side + 1) ** 2 <= MOST_CELLS
    assert fit_side(np.array([[0.0, 0.0], [900.0, 900.0]])) == 50.0


def test_a_bar_divides_as_the_rows_do():
    bar = draw_shares([1, 1, 2], "a<b")
    spans = [(float(a), float(b)) for a, b in re.findall(r'x1="([\d.]+)" x2="([\d.]+)"', bar)]
    assert spans == [(0.0, 37.5), (37.5, 75.0), (75.0, 150.0)]
    assert 'aria-label="a&lt;b"' in bar
    assert draw_shares([0, 0, 0], "") == ""


def test_files_hold_the_same_figures(district, quality, tmp_path):
    seen = []
    files = write_quality(district, tmp_path, made_on=DAY, progress=lambda *n: seen.append(n))
    assert [file.name for file in files] == [
        "quality.zh-CN.html", "quality.en.html", "quality.csv", "quality.xlsx", "quality.gpkg",
    ]  # fmt: skip
    assert seen == [(n, 5) for n in range(1, 6)]
    with (tmp_path / "quality.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row for row in csv.reader(file)}
    head = next(iter(rows.values()))
    known = head.index("已知 Known")
    for layer in quality.layers:
        for field in layer.fields:
            assert rows[f"{field.layer}.{field.name}"][known] == str(field.known)
    book = openpyxl.load_workbook(tmp_path / "quality.xlsx")
    assert len(book.sheetnames) == 4
    assert book.worksheets[1].max_row == len(rows)
    assert book.worksheets[2].max_row == 1 + len(quality.limits)
    cells = pyogrio.read_dataframe(tmp_path / "quality.gpkg", layer="cells")
    assert cells.crs == district.crs
    assert cells["buildings"].sum() == len(district.buildings)
    assert set(cells["class_heights"].dropna()) <= set(CLASS_STYLES)
    with closing(sqlite3.connect(tmp_path / "quality.gpkg")) as base:
        looks = base.execute("SELECT useAsDefault, styleName FROM layer_styles").fetchall()
    assert [flag for flag, _ in looks] == [1, 0, 0, 0]
