"""What chapters show: facades unrolled, maps and tables, each against a count of its own."""

import re
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, box

from civicsight.presentation.document import Drawings, Table
from civicsight.presentation.names import name_judged
from civicsight.report.compliance.account import FILING, filing_table
from civicsight.report.compliance.drawings import (
    SHADES,
    UNSEEN,
    Strip,
    draw_area,
    draw_time_line,
    shade_of,
    strip_of,
)
from civicsight.report.compliance.exhibits import _order, exhibits_of
from civicsight.report.compliance.places import place_pages
from civicsight.report.tables import write_csv
from civicsight.rules.ladders import LADDERS
from tests.test_report_compliance import account, annex


def rules_asking(name):
    return list(account().result.rules.by_predicate(name))[-1:]


def shown(name, shown_before=None):
    speech = name_judged(account().dossier, "en")
    before = {} if shown_before is None else shown_before
    return exhibits_of(account(), speech, rules_asking(name), "here", before)


DORI = (25.0, 62.5, 125.0, 250.0)


def rows(section):
    """Return the rows of the tables of a section."""
    return [row for block in section.blocks if isinstance(block, Table) for row in block.rows]


def figures(section):
    """Return what a section draws: what stands under it, and markup."""
    return [each for block in section.blocks if isinstance(block, Drawings) for each in block.drawn]


def a_strip(**more):
    known = {
        "along": np.array([0.5, 1.5, 5.0]), "width": np.array([1.0, 1.0, 2.0]),
        "low": np.zeros(3), "high": np.array([3.0, 3.0, 6.0]),
        "before": np.array([30.0, 130.0, 0.0]), "after": np.array([30.0, 0.0, 0.0]),
        "sure": np.array([True, False, False]), "corners": ((0.0, 0.0), (4.0, 90.0)),
        "length_m": 8.0, "steps": DORI,
    }  # fmt: skip
    return Strip(**known | more)


def test_a_strip_lays_pieces_along_the_wall_and_strikes_out_what_a_mask_hides():
    drawing = a_strip().draw("a <wall>", {"scale": "10 m", "faces": "faces"})
    boxes = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" '
                       r'fill="(#\w+)"', drawing)  # fmt: skip
    scale, up = 640 / 8.0, 12.0
    wanted = [(0.0, 3.0, 1.0, 3.0), (1.0, 3.0, 1.0, 3.0), (4.0, 0.0, 2.0, 6.0)]
    for found, (x, y, w, h) in zip(boxes, wanted, strict=True):
        assert [float(v) for v in found[:4]] == pytest.approx(
            [x * scale, y * up, w * scale, h * up]
        )
    assert [found[4] for found in boxes] == [shade_of(30.0, DORI), UNSEEN, UNSEEN]
    assert len(re.findall(r'<path d="M[\d. ]+l', drawing)) == 1  # one piece is struck out
    assert "a &lt;wall&gt;" in drawing
    assert "faces 90°" in drawing


def test_pieces_that_look_alike_are_drawn_as_one():
    nine = np.arange(9.0) + 0.5
    seen = np.where((nine > 3) & (nine < 6), 70.0, 0.0)
    strip = a_strip(
        along=nine, width=np.ones(9), low=np.zeros(9), high=np.full(9, 3.0), before=seen,
        after=seen, sure=seen > 0.0, corners=((0.0, 0.0),), length_m=9.0,
    )  # fmt: skip
    assert [span for _, span in strip.runs()] == [(0.0, 3.0), (3.0, 6.0), (6.0, 9.0)]
    rng = np.random.default_rng(4)
    shuffled = rng.permutation(9)
    pieces = ("along", "width", "low", "high", "before", "after", "sure")
    again = replace(strip, **{name: getattr(strip, name)[shuffled] for name in pieces})
    assert [span for _, span in again.runs()] == [span for _, span in strip.runs()]


@pytest.mark.parametrize(
    ("px_m", "step"), [(25.0, 3), (62.5, 2), (124.0, 2), (125.0, 1), (250.0, 0), (900.0, 0)]
)
def test_the_finer_the_darker(px_m, step):
    assert shade_of(px_m, DORI) == SHADES[::-1][step]
    light = [sum(int(shade[k : k + 2], 16) for k in (1, 3, 5)) for shade in SHADES]
    assert light == sorted(light, reverse=True)


def test_shades_follow_another_ladder():
    steps = (25.0, *LADDERS["oodpcvs"].px_m[1:])
    shades = [shade_of(px, steps) for px in (10.0, *steps[1:])]
    assert (shades[0], shades[-1]) == (SHADES[0], SHADES[-1])
    assert len(set(shades)) == len(steps)
    assert shade_of(499.0, steps) != shade_of(500.0, steps) == shade_of(1499.0, steps)


def test_a_building_is_unrolled_as_its_samples_lie():
    exposure = account().dossier.exposure
    building = exposure.hits()["building_id"].iloc[0]
    outline = account().result.city.buildings.geometry[building]
    strip = strip_of(exposure, building, outline, DORI)
    facts = exposure.facades[exposure.facades["building_id"].eq(building)]
    ring = shapely.get_exterior_ring(outline)
    spots = shapely.line_interpolate_point(ring, strip.along)
    assert np.max(shapely.distance(spots, facts.geometry.to_numpy())) < 0.1
    seen = strip.before > 0.0
    area = float((strip.width * (strip.high - strip.low))[seen].sum())
    hits = exposure.hits()
    assert 0.0 < area <= hits.loc[hits["building_id"].eq(building), "area_m2"].sum() + 1e-6
    assert (strip.after <= strip.before).all()
    normals = {round(normal) % 360 for _, normal in strip.corners}
    assert normals <= {0, 90, 180, 270}


def test_the_chapter_on_private_views_unrolls_them_with_every_camera_that_sees_them():
    (found,) = shown("sees_at_most")
    hits = account().dossier.exposure.hits()
    assert len(rows(found)) == len(hits)
    assert sum(float(row[4]) for row in rows(found)) == pytest.approx(
        hits["area_m2"].sum(), abs=1.0
    )
    assert len(figures(found)) == hits["building_id"].nunique()
    assert all(markup.startswith("<svg") for _, markup in figures(found))


def test_what_is_drawn_is_drawn_once():
    before = {}
    (first,) = shown("sees_at_most", before)
    assert figures(first)
    speech = name_judged(account().dossier, "en")
    (second,) = exhibits_of(account(), speech, rules_asking("sees_at_most"), "there", before)
    assert not figures(second)
    assert [str(block) for block in second.blocks] == ["Drawn under here."]


def test_fields_on_record_are_counted():
    (found,) = shown("has")
    cameras = account().dossier.tables["camera"]
    for _, field, told in rows(found):
        name = re.search(r"\[(\w+)\]", field)
        if name and name[1] in cameras:
            known = cameras[name[1]].notna() & cameras[name[1]].ne("unknown")
            assert told == f"{known.sum()} / {len(cameras)}"


def test_values_are_counted_and_those_that_are_not_as_asked_are_drawn():
    rules = [account().result.rules.rule("nanchang", "R14.1")]
    found = exhibits_of(account(), name_judged(account().dossier, "en"), rules, "here", {})
    (values,) = [one for one in found if "shared network" in one.title]
    cameras = account().dossier.tables["camera"]
    public = cameras[cameras["owner"].isin(["government", "government_leased"])]
    counts = public["network_state"].fillna("unknown").value_counts()
    assert sorted(int(row[1]) for row in rows(values)) == sorted(counts)
    ((_, drawing),) = figures(values)
    assert drawing.count("l10 10m0-10l-10 10") == counts["not_connected"]
    assert drawing.count("<circle") == counts["connected"]


def test_classes_say_what_is_required_met_and_by_which_cameras():
    account().result.rules.by_predicate("covered")
    speech = name_judged(account().dossier, "en")
    rules = account().result.rules.by_predicate("covered")
    (found,) = exhibits_of(account(), speech, rules, "here", {})
    parts = account().result.parts
    counted = {row[0]: row for row in rows(found)}
    school = next(row for label, row in counted.items() if label.startswith("8.5"))
    assert school[4] == str(parts["item"].eq("8.5").sum())
    assert school[3] == "1"  # one school, designated
    for law in ("8.", "7."):  # each counts by its own classes
        assert sum(int(row[4]) for row in rows(found) if row[0].startswith(law)) == len(parts)


def test_items_are_in_the_order_of_the_law():
    assert sorted(["8.10", "8.2b", "8.2a", "8.9"], key=_order) == ["8.2a", "8.2b", "8.9", "8.10"]


def test_the_filing_sheet_has_a_row_for_each_camera_that_stands(tmp_path):
    sheet = filing_table(account().dossier)
    write_csv(tmp_path / "filing.csv", sheet, FILING)
    cameras = account().dossier.tables["camera"]
    assert sheet.index.tolist() == cameras.index[cameras["status"].eq("existing")].tolist()
    assert "twin" not in sheet.index  # it is only planned
    written = pd.read_csv(tmp_path / "filing.csv", index_col=0, encoding="utf-8-sig")
    assert len(written) == len(sheet)
    assert sheet[["lon", "lat"]].notna().all().all()


def test_each_gate_of_a_failing_place_says_what_would_mend_it():
    speech = name_judged(account().dossier, "en")
    for place in place_pages(account(), speech):
        for part in place["parts"]:
            assert part["sentence"]
            told = part["remedy"] + part["sentence"]
            assert any(word in told for word in ("Would see", "plan one", "Record", "out of use"))


@pytest.mark.slow
def test_the_public_edition_shows_none():
    speech = name_judged(account("public").dossier, "en")
    rules = account("public").result.rules.by_predicate("sees_at_most")
    assert exhibits_of(account("public"), speech, rules, "here", {}) == []
    assert '<section class="exhibit">' not in annex("en", "public")


@pytest.mark.slow
def test_the_page_holds_the_drawings_and_they_have_words():
    text = annex("en")
    exhibits = re.findall(r'<section class="exhibit">.*?</section>', text, re.DOTALL)
    assert exhibits
    drawings = re.findall(r"<svg.*?</svg>", "".join(exhibits), re.DOTALL)
    assert drawings
    assert all(re.search(r"<title>[^<]+</title>", drawing) for drawing in drawings)


def test_an_area_has_a_cross_for_each_camera_outside():
    crs = account().result.city.crs
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], crs=crs)
    good = gpd.GeoSeries([Point(10, 10), Point(50, 50)], crs=crs)
    bad = gpd.GeoSeries([Point(150, 50)], crs=crs)
    drawing = draw_area(areas, gpd.GeoSeries([], crs=crs), good, bad, "area")
    assert drawing.count("<circle") == 2
    assert drawing.count("l10 10m0-10l-10 10") == 1


def test_a_time_line_places_days_in_proportion():
    days = {"a": date(2026, 1, 1), "b": date(2026, 7, 2), "c": date(2026, 12, 31)}
    drawing = draw_time_line([("one", days)], {"a": "1", "b": "A", "c": "2"}, "line")
    first, middle, last = (float(x) for x in re.findall(r'cx="([\d.]+)"', drawing))
    assert (middle - first) / (last - first) == pytest.approx(182 / 364)
    assert "2026-01-01" in drawing
    assert "2026-12-31" in drawing


def test_milestones_are_those_on_record():
    from civicsight.model import PROJECTS
    from civicsight.planning.judging.dossier import Dossier
    from civicsight.report.compliance.pictures import time_lines

    city = account().result.city
    row = {"name": "Block", "kind": "new", "main_in_use_on": "2026-09-01", "system_in_use_on": None}
    frame = gpd.GeoDataFrame(pd.DataFrame([row], index=["P1"]), geometry=[None], crs=city.crs)
    projects = PROJECTS.complete(frame)
    result = replace(account().result, city=replace(city, projects=projects))
    dossier = Dossier(result, account().dossier.today)
    told = replace(account(), compliance=replace(account().compliance, dossier=dossier))
    (found,) = time_lines(told, name_judged(dossier, "en"), ())
    assert rows(found) == [("Block", *["–"] * 7, "2026-09-01", "–")]
    assert len(found.blocks[-1].headings) == 10
    assert figures(found)[0][1].count("<circle") == 1
