"""The folder of a report: complete, replaced only when whole, honest about its sources."""

from __future__ import annotations

import csv
import json

import openpyxl
import pyogrio
import pytest
import rasterio

from civicsight.core.errors import MismatchError
from civicsight.planning.statement.figures import figures_of_check
from civicsight.report import check_files, write_report
from civicsight.report.brief import brief_result
from civicsight.report.check_files import write_one
from civicsight.report.licence import city_notice, licences_of, note_label, rules_notice
from civicsight.rules import load_packs
from civicsight.rules.departures import describe_weakened
from tests.result_factory import make_result
from tests.result_town import make_city
from tests.test_rules_overriding import pack, param

ALL = {
    "page.zh-CN.html",
    "page.en.html",
    "civicsight.gpkg",
    "civicsight.zh-CN.qgs",
    "civicsight.en.qgs",
    "tables.xlsx",
    "cameras.csv",
    "zones.csv",
    "parts.csv",
    "findings.csv",
    "best_px_m.tif",
    "cameras.tif",
    "summary.json",
    "about.csv",
}


@pytest.mark.slow
def test_everything_is_written_and_counted(tmp_path):
    ticks = []
    files = write_report(make_result(), tmp_path / "new", progress=lambda *t: ticks.append(t))
    assert {file.name for file in files} == ALL
    assert {file.name for file in (tmp_path / "new").iterdir()} == ALL
    assert files[0].name == "page.zh-CN.html"
    assert ticks == [(k, len(ALL)) for k in range(1, len(ALL) + 1)]
    summary = json.loads((tmp_path / "new" / "summary.json").read_text(encoding="utf-8"))
    assert summary.pop("figures") == figures_of_check(make_result()).to_dict()
    assert summary == {
        "cameras": 4,
        "rules": "cn-national-799 1.0.0 + nanchang 1.0.0",
        "rules_sha256": load_packs().sha256,
    }


@pytest.mark.slow
def test_the_pages_lead_to_each_other_and_name_the_files_beside_them(tmp_path):
    write_report(make_result(), tmp_path)
    html = (tmp_path / "page.en.html").read_text(encoding="utf-8")
    assert 'href="page.zh-CN.html"' in html
    for name in ALL - {"page.zh-CN.html", "page.en.html"}:
        assert f"<dt>{name}</dt>" in html


@pytest.mark.slow
def test_one_language_and_no_raster(tmp_path):
    files = write_report(make_result(raster=False), tmp_path, languages=["en"])
    assert {f.name for f in files} == ALL - {
        *("page.zh-CN.html", "civicsight.zh-CN.qgs", "best_px_m.tif", "cameras.tif")
    }
    assert "best_px_m.tif" not in (tmp_path / "page.en.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_file_says_by_which_packs_to_the_byte(tmp_path):
    result = make_result()
    write_report(result, tmp_path)
    said = {
        "RULE_PACKS": result.rules.versions,
        "RULE_SHA256": "; ".join(f"{name} {code}" for name, code in result.rules.sha256.items()),
    }
    for name in ("best_px_m.tif", "cameras.tif"):
        with rasterio.open(tmp_path / name) as raster:
            assert said.items() <= raster.tags().items()
    layer = pyogrio.read_info(tmp_path / "civicsight.gpkg", layer="cameras")
    assert said.items() <= layer["layer_metadata"].items()
    sheets = openpyxl.load_workbook(tmp_path / "tables.xlsx").worksheets
    rows = {row for sheet in sheets for row in sheet.iter_rows(values_only=True, max_col=2)}
    assert {note_label(key): text for key, text in said.items()}.items() <= rows
    with (tmp_path / "about.csv").open(encoding="utf-8-sig", newline="") as file:
        assert said.items() <= dict(csv.reader(file)).items()
    for page in ("page.en.html", "page.zh-CN.html"):
        html = (tmp_path / page).read_text(encoding="utf-8")
        assert result.rules.versions in html
        assert all(digest in html for digest in result.rules.sha256.values())


def test_what_users_weakened_is_said_too():
    weak = pack(param("gate_fraction", 0.5, "ratio"))
    rules = load_packs(["nanchang"], user=[weak])
    assert all(
        str(text) in rules_notice(rules)["RULES_WEAKENED"] for text in describe_weakened(rules)
    )
    assert "RULES_WEAKENED" not in rules_notice(load_packs())


@pytest.mark.slow
def test_an_interrupted_report_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "findings.csv").write_text("old", encoding="utf-8")
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(check_files, "write_geotiff", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_report(make_result(), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"findings.csv", "mine.txt"}
    assert (tmp_path / "findings.csv").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("name", ["a.gpkg", "a.xlsx", "a.html", "a.json"])
def test_one_file_by_its_suffix(tmp_path, name):
    write_one(make_result(), tmp_path / name, "en")
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_size > 0


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(MismatchError, match=r"a\.doc ends in '\.doc', expected one of \.gpkg"):
        write_one(make_result(), tmp_path / "a.doc", "en")


def test_only_osm_data_carry_the_osm_licence():
    city = make_city("x", synthetic=False)
    assert len(licences_of(city)) == 1
    assert "SYNTHETIC" not in city_notice(city)
    object.__setattr__(city, "sources", ("city survey",))
    assert licences_of(city) == ()
    assert "LICENCE" not in city_notice(city)


@pytest.mark.slow
def test_a_result_in_a_few_lines():
    brief = brief_result(make_result(), "en")
    assert brief.states[-2:] == ("not judged", "in all")
    # Two places more are left out by an open word of the law; the five sum to all there are.
    assert brief.stand[1] == ("Gates and key parts", "1", "2", "2", "0", "5")
    assert sum(map(int, brief.stand[0][1:-1])) == int(brief.stand[0][-1])
    assert brief.rows[0] == ("Cameras that add little to others", "0", "1")
    assert ("8.10 Residential quarters", "1", "1", "0", "0", "1", "0") in brief.classes
    assert brief.facts[0].startswith("Not judged (places: 2, gates and key parts: 0):")
    facts = [fact for fact in brief.facts if not fact.startswith("Not judged")]
    assert facts[1] == (
        "Records of cameras: 2 complete, 1 with a view assumed in part, 1 of unknown direction. "
        "Lacking: height 0, direction 2, tilt 2, field of view 2, pixels 2."
    )
    assert facts[2] == "Buildings: 4, the height of 3 (75 %) is assumed."
    made_up, unjudged, unlisted = brief.notes
    assert unlisted.startswith("Nothing is on record of: ")
    assert made_up == "Made-up data: no such place exists."
    assert unjudged.startswith("Not judged: 2 of ")
    assert len(brief_result(make_result(synthetic=False), "zh_CN").notes) == 2
