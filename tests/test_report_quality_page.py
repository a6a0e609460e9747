"""Data quality: the page tells it in both languages, and does no harm."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import base64
import csv
import hashlib
import re
from dataclasses import replace

import pytest
from playwright.sync_api import sync_playwright

from civicsight.model.provenance import Provenance
from civicsight.report.quality import write_quality
from civicsight.report.quality.quality_page import quality_page_name
from tests.drawn import a_few
from tests.quality_made import DAY, district  # noqa: F401 - fixtures
from tests.result_town import FORMULAS, HOSTILE, make_city
from tests.test_report_page import Reader


@pytest.mark.slow
def test_the_same_project_gives_the_same_page(tmp_path):
    one, two = (
        write_quality(make_city("x"), tmp_path / name, made_on=DAY)[1].read_bytes()
        for name in "ab"
    )  # fmt: skip
    assert one == two


@pytest.mark.parametrize(("language", "wanted"), [
    ("en", ("0 of 4 cameras in use can cover anything for sure", "cameras in use without a direct",
            "Rows", "imported on 2025-01-02: 9 read, 4 kept", "out of date", "text encoding: gbk",
            "edited by hand on 2026-11-01: 3 changes")),
    ("zh_CN", ("在用的 4 台摄像机中，0 台的覆盖可以确定", "没有朝向的在用摄像机", "已过期",
               "2025-01-02 导入：读取 9 行，采用 4 行", "2026-11-01 人工修改：3 处")),
])  # fmt: skip
def test_the_page_tells_it(tmp_path, language, wanted):
    town = replace(
        make_city("town"),
        provenance=(
            Provenance("cameras", "a.csv", imported_on="2025-01-02", read=9, kept=4,
                       encoding="gbk", repaired=2, rejected=3),
            Provenance("cameras", "b.gpkg", how="edited", imported_on="2026-11-01",
                       counts=(("edited.moved", 3),)),
            Provenance("buildings", "c.shp", imported_on="2026-11-02", surveyed_on="2026-10-01"),
        ),
    )  # fmt: skip
    write_quality(town, tmp_path, languages=(language,), made_on=DAY)
    html = (tmp_path / quality_page_name(language)).read_text("utf-8")
    text = Reader(html).text
    for sentence in wanted:
        assert sentence in text
    reader = Reader(html)
    policy = next(a["content"] for t, a in reader.elements if t == "meta" and a.get("http-equiv"))
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    digests = (hashlib.sha256(script.encode()).digest() for script in reader.scripts if script)
    assert {base64.b64encode(digest).decode() for digest in digests} >= allowed
    assert "default-src 'none'" in policy
    if language == "en":
        assert "surveyed 2026-10-01" in text
        assert re.search(r"cameras 4 imported 2025-01-02 out of date 2 3 3 ", text)


@pytest.mark.slow
@pytest.mark.parametrize("text", a_few(HOSTILE))
def test_labels_stay_text(tmp_path, text):
    def page(label, name):
        entry = Provenance("cameras", label, crs_found=label, licence=label, encoding=label)
        town = replace(make_city(label), name=label, provenance=(entry,))
        write_quality(town, tmp_path / name, languages=("en",), made_on=DAY)
        return Reader((tmp_path / name / "quality.en.html").read_text("utf-8"))

    plain, hostile = page("plain", "a"), page(text, "b")
    assert [tag for tag, _ in plain.elements] == [tag for tag, _ in hostile.elements]
    assert not [a for _, a in hostile.elements for key in a if key.startswith("on")]
    assert re.sub(r"\s+", " ", text) in hostile.text


def test_a_table_runs_nothing(tmp_path):
    town = replace(
        make_city("x"), provenance=tuple(Provenance("cameras", text) for text in FORMULAS)
    )
    write_quality(town, tmp_path, languages=(), made_on=DAY)
    with (tmp_path / "quality.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]


@pytest.fixture(scope="module")
def chromium(browser):
    with sync_playwright() as play:
        program = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield program
        program.close()


def open_page(chromium, path):
    window = chromium.new_page(viewport={"width": 1366, "height": 768})
    noted = {"requests": [], "errors": []}
    own = path.as_uri()
    window.on(
        "request",
        lambda r: noted["requests"].append(r.url) if not r.url.startswith(("data:", own)) else None,
    )
    window.on("pageerror", lambda e: noted["errors"].append(str(e)))
    window.on("console", lambda m: noted["errors"].append(m.text) if m.type == "error" else None)
    window.goto(own)
    window.wait_for_selector(".civicsight-panel")
    return window, noted


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("language", a_few(["zh_CN", "en"]))
def test_one_theme_at_a_time_and_no_network(district, tmp_path, chromium, language):
    write_quality(district, tmp_path, languages=(language,), made_on=DAY)
    window, noted = open_page(chromium, tmp_path / quality_page_name(language))
    shown = "Object.keys(civicsight.layers).filter(k => k.startsWith('thin_') && civicsight.map.hasLayer(civicsight.layers[k]))"  # noqa: E501
    assert window.evaluate(shown) == ["thin_heights"]
    for theme in ("places", "gates", "cameras"):
        window.check(f"input[value={theme}]")
        assert window.evaluate(shown) == [f"thin_{theme}"]
        assert window.is_visible(f".worst[data-theme={theme}]")
        assert window.is_hidden(".worst[data-theme=heights]")
    window.check("input[value=heights]")
    cell = window.get_attribute(".worst:not([hidden]) button", "data-id")
    window.click(".worst:not([hidden]) button")
    assert cell in window.inner_text(".leaflet-popup h3")
    assert window.evaluate("document.body.scrollWidth <= window.innerWidth")
    assert noted == {"requests": [], "errors": []}
    window.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("text", a_few(HOSTILE))
def test_hostile_labels_run_nothing(tmp_path, chromium, text):
    town = replace(make_city(text), provenance=(Provenance("cameras", text, licence=text),))
    write_quality(town, tmp_path, languages=("en",), made_on=DAY)
    window, noted = open_page(chromium, tmp_path / "quality.en.html")
    for button in window.query_selector_all(".worst:not([hidden]) button"):
        button.click()
    window.wait_for_timeout(200)
    assert window.evaluate("window.pwned") is None
    assert noted == {"requests": [], "errors": []}
    window.close()
