"""Values at first sight: short as text, whole as HTML, inert whatever a file holds, and quick."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from playwright.sync_api import sync_playwright

import civicsight as cs
from civicsight.core.errors import MismatchError
from civicsight.core.overview import (
    MAP_PX,
    MOST_LINES,
    MOST_SHAPES,
    WIDTH,
    Drawn,
    Overview,
    draw,
    plain,
)
from civicsight.editing.examples import DATA, DISTRICT, HELSINKI, read_example
from civicsight.model import BUILDINGS
from civicsight.planning.compliance import judge
from tests.plan_made import checked, hand_plan
from tests.result_town import HOSTILE

CRS = "EPSG:32635"
EMPTY = ("br", "path", "hr")


class Reader(HTMLParser):
    """Keeps tags, attributes and text; complains about tags that do not close."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], {}, []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(markup):
    reader = Reader()
    reader.feed(markup)
    assert not reader.open
    return reader


@pytest.fixture(scope="module", params=[DISTRICT, HELSINKI])
def city(request):
    return read_example(request.param)


@pytest.fixture(scope="module")
def result(city):
    return cs.check(city, raster=False)


def assert_short(value):
    lines = repr(value).splitlines()
    assert 1 <= len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= 2 * WIDTH
    assert type(value).__name__ in lines[0]


@pytest.mark.compiled_only
@pytest.mark.slow
def test_a_city_a_result_and_its_verdicts_are_short(city, result):
    for value in (city, result, judge(result)):
        assert_short(value)
        page = value._repr_html_()
        assert len(page) < 400_000
        told = read(page)
        assert {"table", "svg", "details"} <= set(told.tags)
        assert city.name in "".join(told.text)
    rows = f"buildings {len(city.buildings):,}"
    assert rows in " ".join(repr(city).split())
    outcomes = result.gaps["outcome"].value_counts()
    told = ", ".join(f"{name} {count:,}" for name, count in outcomes.items())
    assert f"gaps        {told}" in repr(result)


def test_reports_plans_and_views_are_short():
    report = cs.read_city(DATA / "district.gpkg")[1]
    assert_short(report)
    assert "cameras" in repr(report)
    plan = hand_plan()
    assert_short(plan)
    assert "24,300" in repr(plan)
    scene = cs.build_scene(BUILDINGS.empty(CRS))
    cameras = [cs.Camera(x, 0.0, CRS, reach_m=20.0) for x in (0.0, 50.0)]
    for view in (cs.viewshed(cameras[0], scene), cs.viewsheds(cameras, scene)):
        assert_short(view)
        assert re.search(r'<path d="M[\d.]+', view._repr_html_())
    for value in (report, plan):
        assert read(value._repr_html_()).tags


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_file_holds_is_inert(name):
    town = replace(read_example(DISTRICT), name=name, sources=(name, "a\x00\x1b[31mb\nc"))
    told = read(town._repr_html_())
    assert not {"script", "img", "iframe", "a", "link", "style"} & set(told.tags)
    assert not any(key.startswith("on") or key in ("src", "href") for key in told.attributes)
    assert plain(name) in "".join(told.text)
    text = repr(town)
    assert "\x1b" not in text
    assert len(text.splitlines()) <= MOST_LINES


def test_html_asks_for_nothing():
    page = read_example(DISTRICT)._repr_html_().replace("http://www.w3.org/2000/svg", "")
    assert "http" not in page
    assert "url(" not in page
    assert "@import" not in page


def test_long_texts_are_cut_and_long_lists_folded():
    many = Overview(
        "Thing", {f"name {k}": "x" * 900 for k in range(40)}, {"rows": dict.fromkeys(range(900))}
    )
    lines = many.text().splitlines()
    assert len(lines) == MOST_LINES
    assert lines[-1].strip().endswith("more lines")
    page = read(many.html())
    assert page.tags.count("tr") == 40 + 51
    assert "850 more" in "".join(page.text)


def test_a_map_is_small_whatever_is_drawn():
    squares = shapely.box(*(range(0, 50_000, 2), [0] * 25_000, range(1, 50_001, 2), [9] * 25_000))
    svg = ET.fromstring(draw([Drawn(squares, fill="#ffffff")]))  # noqa: S314 - our own text
    assert int(svg.get("width")) <= MAP_PX
    (path,) = svg
    assert path.get("d").count("M") <= MOST_SHAPES
    crowded = shapely.Point(0, 0).buffer(10, quad_segs=10_000)
    assert len(draw([Drawn([crowded])])) < 1_000


def test_a_map_has_north_up_and_keeps_shapes():
    spots = gpd.GeoSeries(gpd.points_from_xy([0, 100], [0, 100]))
    dots = re.findall(r"M([\d.]+) ([\d.]+)a", draw([Drawn(spots, "#000000")]))
    (x0, y0), (x1, y1) = [tuple(map(float, dot)) for dot in dots]
    assert x1 > x0
    assert y1 < y0


@pytest.mark.parametrize("shapes", [[], [None], [shapely.Point()], gpd.GeoSeries([], crs=CRS)])
def test_nothing_to_draw_is_no_map(shapes):
    assert draw([Drawn(shapes)]) == ""


def test_a_result_without_anything_is_told_too():
    town = read_example(DISTRICT)
    bare = replace(town, **{name: getattr(town, name).iloc[:0] for name in ("places", "cameras")})
    result = cs.check(bare, raster=False)
    assert_short(result)
    assert read(result._repr_html_()).tags
    assert isinstance(result.part_status, pd.DataFrame)


def test_the_map_of_a_result_is_a_call_away_and_links_to_nothing():
    drawn = checked().explore("en", hidden=["roads"])
    assert_carries_all(drawn.get_root().render())
    scene = cs.build_scene(BUILDINGS.empty(CRS))
    cameras = [cs.Camera(x, 0.0, CRS, reach_m=20.0) for x in (0.0, 50.0)]
    views = cs.viewsheds(cameras, scene)
    for language, title in (("en", "Detail on the ground"), ("zh_CN", "地面清晰度")):
        page = views.explore(language).get_root().render()
        assert_carries_all(page)
        assert title in page.encode().decode("unicode_escape", "ignore") or title in page
    assert "camera 2" in page
    with pytest.raises(MismatchError, match="no camera sees anything"):
        cs.viewsheds([], scene).explore()


def assert_carries_all(page):
    links = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert links
    assert all(link.startswith("data:") for link in links)


@pytest.mark.browser
@pytest.mark.slow
def test_maps_and_overviews_open_without_a_network(browser, tmp_path):
    scene = cs.build_scene(BUILDINGS.empty(CRS))
    views = cs.viewsheds([cs.Camera(0.0, 0.0, CRS, reach_m=20.0)], scene)
    pages = {
        "result": checked().explore("en").get_root().render(),
        "views": views.explore("en").get_root().render(),
        "overview": f"<meta charset='utf-8'>{checked()._repr_html_()}",
    }
    requests, errors = [], []
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        page = opened.new_page(viewport={"width": 1280, "height": 720}, offline=True)
        page.on("request", lambda sent: requests.append(sent.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        for name, html in pages.items():
            file = tmp_path / f"{name}.html"
            file.write_text(html, encoding="utf-8")
            page.goto(file.as_uri())
            page.wait_for_selector("svg" if name == "overview" else ".civicsight-panel")
        opened.close()
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert errors == []
