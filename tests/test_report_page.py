"""The page: figures that can be checked by hand, two languages, and nothing that a label can do."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from civicsight.core.errors import Text
from civicsight.coverage.demand.find import none_missing
from civicsight.coverage.standing import shown_parts
from civicsight.io.report import ImportReport
from civicsight.model import DISTRICTS
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.statement.figures import classes_in, figures_by_district, figures_of_check
from civicsight.presentation.drawing import draw_bar
from civicsight.presentation.facts import part_facts
from civicsight.presentation.numbers import Statuses, all_findings, statuses_in
from civicsight.report import check_page as page_module
from civicsight.report.check_page import write_page
from civicsight.report.html import close_script
from civicsight.report.listing import find_filters, list_classes, list_findings
from tests.drawn import a_few
from tests.result_factory import make_result
from tests.result_town import HOSTILE, TOWN_CRS, at

DAY = dt.date(2026, 11, 25)


def write(path, result, language="en", **more):
    write_page(path, result, language, files_beside={"a.csv": Text("a table")}, made_on=DAY, **more)
    return path.read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text outside scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.stack, self.scripts = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag in {"script", "style"}:
            self.stack.append(tag)
            self.scripts.append("")

    def handle_endtag(self, tag):
        if tag in {"script", "style"}:
            self.stack.pop()

    def handle_data(self, data):
        if not self.stack:
            self.texts.append(data)
        elif self.stack[-1] == "script":
            self.scripts[-1] += data

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))


def test_figures_of_the_hand_made_town():
    result = make_result()
    found = figures_of_check(result)
    doubles = {
        key.removeprefix("doubles."): figure.value
        for key, figure in found.entries.items()
        if key.startswith("doubles.") and figure.value
    }
    assert doubles == {
        "duplicate.planned.only_if_assumed": 1,
        "duplicate.only_if_assumed": 1,
        "twin.existing.sure": 1,
        "twin.sure": 1,
    }
    names = ("sure", "assumed", "unknown")
    assert [found.of(f"data.direction_{name}") for name in names] == [2, 1, 1]
    names = ("moved", "heights_assumed", "buildings", "places", "settled", "inferred")
    assert [found.of(f"data.{name}") for name in names] == [1, 3, 4, 3, 1, 1]
    assert found["data.moved_most_m"].value == 0.4
    assert found.of("data.candidates") == 2 + len(result.left_out)
    of_class = partial(statuses_in, found)
    assert of_class("class.nanchang.8.5") == Statuses(1, 1, 0, 0, 0)
    # One by an open word.
    assert [found.of(f"class.nanchang.8.5.{name}") for name in ("places", "settled")] == [2, 1]
    assert found.of("class.nanchang.8.10.gap") == 1
    assert of_class("class.nanchang.8.9").total == 0
    own, others = (
        [one.id for one in classes_in(result.rules) if (one.pack == "nanchang") == local]
        for local in (True, False)
    )
    assert own[-2:] == ["8.10", "8.11"]
    assert others == ["7.1", "7.2.1", "7.2.2", "7.2.3", "7.2.4"]


def test_parts_of_districts_sum_to_all_parts():
    result = make_result()
    zone = str(result.parts["zone_id"].iloc[0])
    lost = {"part_id": "lost", "zone_id": zone, "kind": "entrance", "reason": "no_front"}
    result.missing = pd.DataFrame([lost], columns=list(none_missing()))
    found, towns = figures_of_check(result), figures_by_district(result)
    assert len(towns) > 1
    names = {"parts": "parts.count.before", "gap": "parts.gap.before",
             "not_judged": "parts.not_judged.before"}  # fmt: skip
    for name, whole in names.items():
        assert sum(own.of(name) for own in towns.values()) == found.of(whole)
    assert found.of("parts.not_judged.before") == 1
    assert figures_of_check(make_result()).of("parts.count.before") == len(result.parts)


def test_grounds_are_counted_once_a_finding():
    found = figures_of_check(make_result()).entries
    counted = {
        key.removeprefix("findings.ground."): figure.value
        for key, figure in found.items()
        if key.startswith("findings.ground.")
    }
    assert counted == {
        "any_direction": 1,
        "inferred_part": 1,
        "outward_half": 1,
        "pixels_by_kind": 1,  # of a duplicate
    }


def test_a_bar_divides_as_the_parts_do():
    bar = draw_bar(Statuses(1, 1, 0, 2, 0), "x<y")
    spans = [(float(a), float(b)) for a, b in re.findall(r'x1="([\d.]+)" x2="([\d.]+)"', bar)]
    assert spans == [(0.0, 37.5), (37.5, 75.0), (75.0, 150.0)]
    assert "x&lt;y" in bar
    assert draw_bar(Statuses(0, 0, 0, 0, 0), "") == ""


def test_districts_are_found_and_findings_lie_in_them():
    city = make_result().city
    districts = find_districts(city)
    assert list(districts["name"]) == ["东城区", "西城区"]
    shapes = gpd.GeoSeries([at(100, 5), at(5, 5), Point(0, 0)], crs=TOWN_CRS)
    assert name_districts(shapes, districts) == ["东城区", "西城区", ""]
    assert name_districts(shapes, districts.iloc[:0]) == ["", "", ""]


def test_districts_of_a_register_go_before_those_of_the_map():
    city = make_result().city
    register = DISTRICTS.complete(
        gpd.GeoDataFrame(
            {"code": ["360102", "360103"], "name": [None, "甲区"], "level": "county"},
            index=["d1", "d2"],
            geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10)],
            crs=city.crs,
        )
    )
    found = find_districts(replace(city, districts=register))
    shapes = gpd.GeoSeries([Point(5, 5), Point(15, 5), Point(10, 5)], crs=TOWN_CRS)
    assert name_districts(shapes, found) == ["360102", "甲区", "360102"]


def test_findings_come_most_serious_first_with_filters():
    result = make_result("豫章中学")
    names = page_module.name_all(result, "en")
    rows = list_findings(all_findings(result), result, names)
    assert [row["verdict"] for row in rows] == [
        "violation",
        "warning",
        "open",
        "open",
        "info",
        "open",
    ]
    assert [row["title"] for row in rows[-2:]] == [
        "Twin: 豫章中学 (existing)",
        "Duplicate: 豫章中学 (planned)",
    ]
    assert rows[0]["district"] == "东城区"
    filters = {
        choice["name"]: [o["value"] for o in choice["options"]]
        for choice in find_filters(rows, names, figures_of_check(result))
    }
    assert filters == {
        "article": ["7", "8"],
        "verdict": ["violation", "warning", "open", "info"],
        "class": ["8.5", "8.6", "8.10"],
        "district": ["东城区", "西城区"],
    }


def test_a_class_without_a_place_says_what_to_ask():
    result = make_result()
    notes = {
        row["label"].split()[0]: row["note"]
        for row in list_classes(
            result, page_module.name_all(result, "en"), figures_of_check(result)
        )
    }
    assert notes["8.4"] == "none found in the data: ask the authority for its register"
    assert notes["8.9"] == "never taken from maps: only a register can name them"
    assert "vehicles" in notes["8.2d"]


@pytest.mark.parametrize(("language", "tag", "headline"), [
    ("en", "en", "For sure, 4 cameras cover 1 of 5 gates and key parts of mandatory places."),
    ("zh_CN", "zh-CN", "应当建设的场所共有 5 处出入口和重点部位，4 台摄像机确定覆盖 1 处。"),
])  # fmt: skip
def test_the_page_says_the_three_numbers(tmp_path, language, tag, headline):
    html = write(
        tmp_path / "p.html",
        make_result(),
        language,
        other_languages=["en" if language != "en" else "zh_CN"],
    )
    reader = Reader(html)
    assert dict(reader.elements)["html"]["lang"] == tag
    assert headline in reader.text
    numbers = re.findall(r'<div class="number (\w+)"><b>(\d+)</b>', html)
    assert numbers == [("covered", "1"), ("undecided", "2"), ("gap", "2")]
    assert "2026-11-25" in reader.text
    assert "© OpenStreetMap" in reader.text
    assert "ODbL" in reader.text
    rows = [a for t, a in reader.elements if t == "tr" and "data-id" in a]
    assert len(rows) == 6
    assert {row["data-layer"] for row in rows} == {"gaps", "duplicates"}


@pytest.mark.slow
def test_a_made_up_city_is_marked_and_a_real_one_is_not(tmp_path):
    assert 'class="banner"' in write(tmp_path / "a.html", make_result(synthetic=True))
    assert 'class="banner"' not in write(tmp_path / "b.html", make_result(synthetic=False))


def test_only_our_scripts_may_run(tmp_path):
    html = write(tmp_path / "p.html", make_result(HOSTILE[1]))
    reader = Reader(html)
    policy = next(a["content"] for t, a in reader.elements if t == "meta" and a.get("http-equiv"))
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    scripts = [text for text in reader.scripts if text]
    assert {
        base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts
    } == allowed
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.slow
@pytest.mark.parametrize("text", a_few(HOSTILE))
def test_labels_stay_text(tmp_path, text):
    plain = Reader(write(tmp_path / "a.html", make_result("plain")))
    hostile = Reader(write(tmp_path / "b.html", make_result(text)))
    assert [tag for tag, _ in plain.elements] == [tag for tag, _ in hostile.elements]
    assert not [a for _, a in hostile.elements for key in a if key.startswith("on")]
    assert re.sub(r"\s+", " ", text) in hostile.text


@pytest.mark.slow
def test_the_same_result_gives_the_same_page(tmp_path):
    assert write(tmp_path / "a.html", make_result()) == write(tmp_path / "b.html", make_result())


def test_a_page_without_any_finding(tmp_path):
    result = make_result()
    for name in ("gaps", "duplicates", "overlaps", "parts", "zones"):
        setattr(result, name, getattr(result, name).iloc[:0])
    result.part_status = result.part_status.iloc[:0]
    reader = Reader(write(tmp_path / "p.html", result))
    assert "No mandatory place was found in the data" in reader.text
    assert "Nothing was found." in reader.text


def test_more_findings_than_a_browser_likes(tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "MAX_ROWS", 2)
    reader = Reader(write(tmp_path / "p.html", make_result()))
    assert "4 more findings, of lower rank, are in the tables" in reader.text


def test_a_script_that_would_end_early_is_refused():
    with pytest.raises(ValueError, match="end of its own element"):
        close_script("var a = '</SCRIPT>'")


@pytest.mark.slow
def test_what_only_cameras_to_come_cover_is_told_apart(tmp_path):
    result = make_result("豫章中学")
    result.part_status.loc["p1", "built"] = False
    result.cameras.loc["c1", "status"] = "planned"
    assert list(shown_parts(result)) == ["unbuilt", "assumed", "possible", "gap", "gap"]
    assert figures_of_check(result).of("data.unbuilt") == 1
    facts = dict(part_facts(result, page_module.name_all(result, "en"))[0])
    assert facts["Result"] == "covered for sure once planned cameras are built"
    assert facts["To be built"] == "豫章中学"
    text = Reader(write(tmp_path / "p.html", result)).text
    assert "of mandatory places, 1 of them only once planned cameras are built." in text


def test_inputs_of_one_name_are_told_apart():
    reports = [ImportReport(name, "city", 0, 0) for name in ("a.csv", "b.csv", "a.csv")]
    assert page_module.name_inputs(reports) == ["a.csv (1)", "b.csv", "a.csv (2)"]


def test_detail_lists_what_gates_need_between_the_levels(tmp_path):
    result = make_result()
    result.parts["profile"] = "plate"
    text = Reader(write(tmp_path / "p.html", result)).text
    assert re.search(r"recognise 125 px/m plate 167 px/m identify 250 px/m", text)
    assert "Article 9 (privacy) is not checked here" in text
    assert re.search(r"civicsight (\d|\(run from its source)", text)
