"""Ladders of detail are data: chosen in a pack, and shown wherever detail is."""

from __future__ import annotations

import io
import json
from functools import cache
from importlib import import_module

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely.geometry import Point

from civicsight.cli.entry import OK, run
from civicsight.core.errors import PackError
from civicsight.core.i18n import translate
from civicsight.coverage.camera import Camera
from civicsight.coverage.check import check
from civicsight.coverage.optics.lens import arc_density_px_m
from civicsight.coverage.optics.quality import LADDERS, level_of
from civicsight.coverage.pose.assumptions import LEAST_USE_PX_M
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.result import CheckResult
from civicsight.coverage.viewshed import viewshed
from civicsight.editing.edit_context import EditContext
from civicsight.editing.preview import preview
from civicsight.io import save_city
from civicsight.maps import plan_map
from civicsight.maps.scene_3d import scene_map, window_of
from civicsight.model import BUILDINGS, CAMERAS
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.solver.outcome import Limits
from civicsight.presentation.symbols import LEVEL_COLOURS, level_colours
from civicsight.report.check_page import _means, write_page
from civicsight.report.plan.papers import write_plan
from civicsight.rules import load_packs
from civicsight.ui.tiles import Tiles
from tests.app_town import app_city, session
from tests.result_factory import make_raster
from tests.result_town import make_city
from tests.test_editing_preview import NORTH
from tests.test_maps_scene_3d import unpack
from tests.test_maps_tiles import town_tile
from tests.test_rules_loader import user
from tests.test_ui_tiles import Client, at

OWN = """ladder:
  standard: a bureau's own
  levels:
    - {id: glance, px_per_m: 10, label: {zh: 一瞥, en: at a glance}}
    - {id: discern, px_per_m: 60, label: {zh: 看清, en: seen clearly}}
    - {id: know, px_per_m: 400, label: {zh: 认出, en: known again}}
"""
NAMES = {"en": ("at a glance", "seen clearly", "known again"), "zh_CN": ("一瞥", "看清", "认出")}
DORI = {"en": "recognise, from 125 px/m", "zh_CN": "辨认"}


@cache
def result() -> CheckResult:
    return check(app_city(), rules=load_packs(user=[user(OWN)]), cell_m=1.0)


def test_without_a_choice_the_ladder_is_that_of_2015():
    ladder = load_packs().ladder
    assert ladder == LADDERS["dori"]
    assert ladder.px_m == (25.0, 62.5, 125.0, 250.0)
    assert level_colours(4) == LEVEL_COLOURS


@pytest.mark.parametrize("name", LADDERS)
def test_a_pack_chooses_a_delivered_ladder_by_its_name(name):
    ladder = load_packs(user=[user(f"ladder: {name}\n")]).ladder
    assert ladder == LADDERS[name]
    for level in ladder.levels:
        assert level_of(level.px_m, ladder) == level
        both = [translate(level.label, language) for language in NAMES]
        assert all(both)
        assert both[0] != both[1]
    assert len(set(level_colours(len(ladder.levels)))) == len(ladder.levels)


def test_the_last_of_several_users_chooses():
    other = user("ladder: oodpcvs\n").replace(b"id: ours", b"id: zz-ours")
    assert load_packs(user=[user(OWN), other]).ladder.name == "oodpcvs"
    assert load_packs(user=[other, user(OWN)]).ladder.levels[0].name == "glance"
    plain = user().replace(b"id: ours", b"id: aa-ours")
    assert load_packs(user=[other, plain]).ladder.name == "oodpcvs"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ("ladder: oodpcv\n", "pack.unknown_name", "ladder"),
        (OWN.replace("400", "60"), "pack.ladder", "ladder.levels[2].px_per_m"),
        (OWN.replace("px_per_m: 10", "px_per_m: 0"), "pack.bad_value", "ladder.levels[0].px_per_m"),
        ("ladder: {levels: []}\n", "pack.bad_value", "ladder.levels"),
    ],
)
def test_a_ladder_that_is_none_is_refused_with_its_field(body, code, field):
    with pytest.raises(PackError) as caught:
        load_packs(user=[user(body)])
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == (code, field)


@pytest.mark.slow
@pytest.mark.parametrize("language", NAMES)
def test_the_map_the_3d_view_and_the_page_name_its_levels(language, tmp_path):
    found = result()
    map_html = plan_map(found, language).get_root().render()
    header, _ = unpack(scene_map(found, window_of(found.city), language).document)
    write_page(tmp_path / "page.html", found, language, files_beside={})
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (map_html, json.dumps(header, ensure_ascii=False), page):
        for name in NAMES[language]:
            assert name in text or json.dumps(name)[1:-1] in text
        assert DORI["en"] not in text
    told = page.split('id="read"')[1].split('id="method"')[0]
    assert told.count("125") == 1  # what a gate needs, which lies between the levels


def test_a_view_is_followed_down_to_the_lowest_level():
    rules = load_packs(user=[user(OWN)])
    assert (rules.least_px_m, load_packs().least_px_m) == (10.0, 25.0)
    row = {"height_m": 5.0, "azimuth_deg": 90.0, "tilt_deg": 15.0, "hfov_deg": 80.0,
           "vfov_deg": 50.0, "width_px": 1920.0, "kind": "fixed", "status": "existing"}  # fmt: skip
    one = CAMERAS.complete(gpd.GeoDataFrame([row], ["c"], geometry=[Point(0, 0)], crs="EPSG:4548"))
    none = BUILDINGS.empty(one.crs)
    own, usual = (read_heads(one, buildings=none, rules=each) for each in (rules, None))
    assert own["reach_m"].iloc[0] == pytest.approx(2.0 * usual["reach_m"].iloc[0])
    for heads, least in ((own, 10.0), (usual, LEAST_USE_PX_M)):
        assert arc_density_px_m(1920.0, 80.0, heads["reach_m"].iloc[0]) == pytest.approx(least)


def test_a_page_explains_levels_by_their_names():
    assert _means(LADDERS["dori"]) == {"recognise": "125", "identify": "250"}
    assert _means(LADDERS["oodpcvs"]) == {}


@pytest.mark.slow
def test_a_plan_is_made_and_written_in_both_languages(tmp_path):
    plan = make_plan(result(), Aims(extras=False), run=Run(Limits(steps=200), seed=3))
    write_plan(plan, result(), tmp_path / "plan", pdf=False)
    assert (tmp_path / "plan").is_dir()


@pytest.mark.slow
def test_the_command_prints_the_levels_of_a_pack(capsys, tmp_path):
    save_city(make_city("x"), tmp_path / "town.gpkg")
    (tmp_path / "ours.yaml").write_bytes(user(OWN))
    asked = ["coverage", str(tmp_path / "town.gpkg"), "--reading", "sure"]
    asked += ["--rules", str(tmp_path / "ours.yaml"), "--out", str(tmp_path / "o")]
    for language, names in NAMES.items():
        assert run([*asked, "--lang", language]) == OK
        told = capsys.readouterr().out
        assert all(name in told for name in names)
    assert run([*asked, "--json"]) == OK
    levels = json.loads(capsys.readouterr().out)["areas"]
    assert [row["level"] for row in levels] == ["glance", "discern", "know"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_tiles_of_the_app_have_a_colour_a_level():
    tiles, levels = Tiles(), (10.0, 60.0, 400.0)
    url = tiles.offer("coverage", "r", (make_raster(), levels), "wang", lambda _actor: True)
    png = Client(tiles).get(at(url, town_tile(18))).content
    with rasterio.open(io.BytesIO(png)) as picture:
        palette = picture.colormap(1)
    found = ["#" + "".join(f"{v:02x}" for v in palette[k][:3]) for k in (1, 2, 3)]
    assert tuple(found) == level_colours(3)


def test_the_app_measures_and_paints_by_its_levels():
    found = preview(session().do(NORTH), "new/1", EditContext(result()))
    assert [area.level for area in found.classes] == ["glance", "discern", "know"]
    assert found.classes[0].area_m2 >= found.classes[1].area_m2 >= found.classes[2].area_m2
    assert found.classes[0].area_m2 > 0.0
    assert found.pictures


def test_a_view_is_classed_by_any_ladder():
    camera = Camera(10.0, -20.0, app_city().crs, height_m=4.0, azimuth_deg=180.0, reach_m=60.0)
    view = viewshed(camera, app_city().buildings)
    ladder = result().rules.ladder
    classes = np.digitize(view.px_m, ladder.px_m)
    assert classes.shape == view.visible.shape
    assert set(np.unique(classes)) <= {0, 1, 2, 3}
    assert np.array_equal(classes == 3, view.px_m >= 400.0)
    assert not classes[~view.visible].any()


def test_the_command_follows_views_as_far_as_the_pack_asks(monkeypatch, capsys, tmp_path):
    seen = []
    monkeypatch.setattr(
        import_module("civicsight.coverage.check"),
        "read_heads",
        lambda *given, **named: seen.append(named["rules"]) or read_heads(*given, **named),
    )
    save_city(make_city("x"), tmp_path / "town.gpkg")
    (tmp_path / "ours.yaml").write_bytes(user(OWN))
    asked = ["coverage", str(tmp_path / "town.gpkg"), "--rules", str(tmp_path / "ours.yaml")]
    assert run([*asked, "--out", str(tmp_path / "o"), "--json"]) == OK
    capsys.readouterr()
    assert [rules.least_px_m for rules in seen] == [10.0]
