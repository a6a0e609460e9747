"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import rasterio
from rich.console import Console

from civicsight import io as city_room
from civicsight.cli import commands
from civicsight.cli.entry import BAD_INPUT, INTERNAL, OK, STOPPED, VIOLATION, run
from civicsight.cli.inputs import Inputs, Registers, read_inputs
from civicsight.cli.session import Session, choose_language
from civicsight.core.errors import N_, OfflineError
from civicsight.coverage._kernels import apart
from civicsight.editing import examples
from civicsight.io import save_city
from civicsight.io.project_file import load_city
from civicsight.model import CAMERAS
from tests.printed import least
from tests.result_factory import make_result
from tests.result_town import at, make_city, table

CAMERA = {
    "camera_id": "c1",
    "kind": "fixed",
    "mount": "wall",
    "status": "existing",
    "height_m": 4.0,
    "azimuth_deg": 90.0,
    "tilt_deg": 10.0,
    "hfov_deg": 60.0,
    "vfov_deg": 40.0,
    "width_px": 1920.0,
    "height_px": 1080.0,
    "reach_m": 40.0,
    "usable": True,
    "tags": {},
    "geometry": at(52, 40),
}
CITY = ["--lang", "en", "--cell", "4"]


@pytest.fixture
def town(tmp_path):
    """A saved project with one camera that looks along a street, so that a check takes no time."""
    city = replace(make_city("豫章"), cameras=table(CAMERAS, [CAMERA]))
    return save_city(city, tmp_path / "town.gpkg")


@pytest.fixture
def fake_check(monkeypatch):
    """Let `check` return the hand-made result."""
    result = make_result("豫章中学")
    result.summary = least("check")
    del result.summary["files"]
    result.summary["findings"]["violations"] = 1
    monkeypatch.setattr(commands, "run_check", lambda *_, **__: result)
    return result


def test_help_is_in_the_language_of_the_setting(capsys, monkeypatch):
    monkeypatch.delenv("CIVICSIGHT_LANGUAGE", raising=False)
    assert run(["--help"]) == OK
    assert "从 OpenStreetMap 下载一座城市" in capsys.readouterr().out
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")
    assert run(["check", "--help"]) == OK
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Register of mandatory places" in told


@pytest.mark.parametrize("name", ["en", "EN", "en-GB"])
def test_languages_go_by_many_names(name):
    assert choose_language("en" if name == "en-GB" else name) == "en"
    assert choose_language("zh-CN") == "zh_CN"
    assert run(["--help", "--lang", "klingon"]) == BAD_INPUT


def test_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "civicsight", "--lang", "en", "--help"],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == OK
    assert "coverage" in done.stdout


@pytest.mark.parametrize(
    "words", [["nonsense"], ["check"], ["check", "a", "--cell", "x"], ["import", "a.pbf"]]
)
def test_wrong_usage_is_bad_input(capsys, words):
    assert run(["--lang=en", *words]) == BAD_INPUT
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    assert output.err.strip()
    assert output.out == ""


@pytest.mark.parametrize(
    ("words", "chinese", "english"),
    [
        (["nonsense"], "没有命令 nonsense。", "There is no command nonsense."),
        (["check"], "city：应为：一个值，实际：无。", "city: expected: a value, found: none."),
        (["check", "a", "--nope"], "没有选项 --nope", "There is no option --nope"),
        (["check", "a", "--cell", "x"], "--cell：应为：数字。", "--cell: expected: a number."),
        (["check", "a", "b", "c"], "实际：c。", "found: c."),
        (["check", "a", "--cell"], "--cell：应为：一个值，实际：无。", "--cell: expected: a value"),
    ],
)
def test_wrong_usage_is_told_in_the_language_of_the_program(capsys, words, chinese, english):
    for language, said in (("zh_CN", chinese), ("en", english)):
        assert run(["--lang", language, *words]) == BAD_INPUT
        err = " ".join(capsys.readouterr().err.split())
        assert said in err
        assert ("--help" in err) == (words[-1] != "--cell")


def test_a_file_that_is_not_there(capsys, tmp_path):
    assert (
        run(["check", str(tmp_path / "none.pbf"), "--lang", "en", "--out", str(tmp_path / "o")])
        == BAD_INPUT
    )
    output = capsys.readouterr()
    assert "none.pbf" in output.err
    assert "Traceback" not in output.err
    assert str(tmp_path) not in output.err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The input cannot be used; faults: "), ("zh_CN", "输入无法使用，错误数：")],
)
def test_faults_of_an_inventory_are_listed_in_the_language(capsys, town, tmp_path, language, words):
    inventory = tmp_path / "cameras.csv"
    inventory.write_text(
        "编号,经度,纬度,高度\nA,116.0,北,4\nB,116.0,28.7,-9999\n", encoding="utf-8"
    )
    assert (
        run(["check", str(town), str(inventory), "--lang", language, "--out", str(tmp_path / "o")])
        == BAD_INPUT
    )
    error = capsys.readouterr().err
    assert words in error
    assert "cameras.csv" in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_check_writes_the_report_and_says_what_it_found(capsys, town, tmp_path, fake_check):
    out = tmp_path / "o"
    assert run(["check", str(town), *CITY, "--out", str(out)]) == VIOLATION
    printed = capsys.readouterr().out
    assert "Not judged: 2 of 5 places" in printed
    assert str(out / "page.en.html") in printed.replace("\n", "")
    assert (out / "page.zh-CN.html").is_file()
    fake_check.summary["findings"]["violations"] = 0
    assert run(["check", str(town), *CITY, "--out", str(out)]) == OK


@pytest.mark.slow
def test_json_is_all_that_is_printed(capsys, town, tmp_path, fake_check):
    assert run(["check", str(town), *CITY, "--json", "--out", str(tmp_path / "o")]) == VIOLATION
    output = json.loads(capsys.readouterr().out)
    assert output["cameras"] == fake_check.summary["cameras"]
    assert all(Path(file).is_file() for file in output["files"])


def test_a_real_check_of_a_tiny_town(capsys, town, tmp_path):
    code = run(["check", str(town), *CITY, "--no-raster", "--json", "--out", str(tmp_path / "o")])
    summary = json.loads(capsys.readouterr().out)
    assert code == (VIOLATION if summary["findings"]["violations"] else OK)
    assert summary["cameras"]["read"] == 1
    assert summary["cameras"]["complete_record"] == 1
    assert (tmp_path / "o" / "findings.csv").is_file()
    assert not (tmp_path / "o" / "cameras.tif").exists()


def test_a_register_outranks_the_map(town, tmp_path):
    register = tmp_path / "places.csv"
    register.write_text(
        "place_id,name,item,standing,x,y\nr1,豫章中学,8.5,designated,390035,3172040\n",
        encoding="utf-8",
    )
    session = Session("en", Console(), Console(stderr=True))
    city, cameras, imports = read_inputs(session, Inputs(town, registers=Registers(register)))
    assert cameras is None
    assert city.places.loc["r1", "item"] == "8.5"
    assert len(city.places) == 3
    assert [report.layer for report in imports][-1] == "places"


@pytest.mark.slow
def test_coverage_writes_rasters_and_nothing_else(capsys, town, tmp_path):
    out = tmp_path / "o"
    assert (
        run(["coverage", str(town), *CITY, "--reading", "sure", "--json", "--out", str(out)]) == OK
    )
    printed = json.loads(capsys.readouterr().out)
    assert [row["level"] for row in printed["areas"]] == [
        "detect",
        "observe",
        "recognise",
        "identify",
    ]
    assert printed["areas"][0]["area_m2"] > 100
    assert sorted(file.name for file in out.iterdir()) == ["best_px_m.tif", "cameras.tif"]
    with rasterio.open(out / "cameras.tif") as file:
        assert file.read(1).max() == 1
    assert run(["coverage", str(town), *CITY, "--reading", "sure", "--out", str(out)]) == OK
    assert "Level of detail" in capsys.readouterr().out


def test_coverage_without_any_camera_says_so(capsys, tmp_path):
    bare = save_city(
        replace(make_city("x"), cameras=CAMERAS.empty(make_city("x").crs)), tmp_path / "bare.gpkg"
    )
    assert run(["coverage", str(bare), *CITY, "--out", str(tmp_path / "o")]) == OK
    assert "No camera looks anywhere" in capsys.readouterr().err
    assert run(["coverage", str(bare), *CITY, "--reading", "maybe"]) == BAD_INPUT
    assert "sure, assumed, possible" in capsys.readouterr().err


@pytest.mark.usefixtures("fake_check")
def test_export_writes_one_file(capsys, town, tmp_path):
    code = run(["export", str(town), "--out", str(tmp_path / "e" / "t.xlsx"), "--lang", "en"])
    assert code == VIOLATION, "an export of a city with a violation ends as its check does"
    assert "Written:" in capsys.readouterr().out
    assert [file.name for file in (tmp_path / "e").iterdir()] == ["t.xlsx"]
    assert run(["export", str(town), "--out", str(tmp_path / "t.doc")]) == BAD_INPUT


def test_fetch_without_a_network_gives_advice(capsys, tmp_path, monkeypatch):
    places = []

    def offline(place, **_):
        places.append(place)
        raise OfflineError(N_("civicsight: %(n)s", n=1))

    monkeypatch.setattr(city_room, "fetch_city", offline)
    target = str(tmp_path / "n.gpkg")
    assert run(["fetch", "Nanchang, China", "--out", target, "--lang", "en"]) == BAD_INPUT
    assert "civicsight: 1" in capsys.readouterr().err
    assert run(["fetch", "115.8,28.6,115.9,28.7", "--out", target]) == BAD_INPUT
    assert places == ["Nanchang, China", (115.8, 28.6, 115.9, 28.7)]
    assert list(tmp_path.iterdir()) == []


def test_fetch_saves_a_project(capsys, tmp_path, monkeypatch, town):
    city, report = city_room.read_city(town)
    monkeypatch.setattr(city_room, "fetch_city", lambda *_, **__: (city, report))
    assert run(["fetch", "x", "--out", str(tmp_path / "n.gpkg"), "--lang", "en"]) == OK
    assert load_city(tmp_path / "n.gpkg").name == city.name
    assert "n.gpkg" in capsys.readouterr().out


def test_an_internal_error_is_an_incident_and_not_a_traceback(capsys, town, tmp_path, monkeypatch):
    def fail(*_, **__):
        msg = "secret detail"
        raise TypeError(msg)

    monkeypatch.setattr(commands, "run_check", fail)
    monkeypatch.delenv("CIVICSIGHT_DEBUG", raising=False)
    words = ["check", str(town), "--lang", "en", "--out", str(tmp_path / "o")]
    assert run(words) == INTERNAL
    error = capsys.readouterr().err
    assert re.search(r"Internal error [0-9a-f]{8} \(TypeError\)", error)
    assert "Traceback" not in error
    assert "secret detail" not in error
    monkeypatch.setenv("CIVICSIGHT_DEBUG", "1")
    assert run(words) == INTERNAL
    assert "secret detail" in capsys.readouterr().err


@pytest.mark.slow
def test_a_stopped_command_leaves_nothing_behind(capsys, town, tmp_path, monkeypatch, fake_check):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("civicsight.report.check_files.write_package", stop)
    assert fake_check.raster is not None
    out = tmp_path / "o"
    assert run(["check", str(town), "--lang", "en", "--out", str(out)]) == STOPPED
    assert "Nothing was left half-written" in capsys.readouterr().err
    assert list(out.iterdir()) == []


def test_a_folder_that_cannot_be_written(capsys, town, tmp_path, fake_check):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert fake_check.summary
    assert (
        run(["check", str(town), "--lang", "en", "--out", str(tmp_path / "file" / "o")])
        == BAD_INPUT
    )
    assert "o was not written" in capsys.readouterr().err


def test_demo_runs_what_is_there(capsys, town, tmp_path, monkeypatch, fake_check):
    monkeypatch.setattr(city_room, "helsinki_path", lambda: town)
    monkeypatch.setattr(commands, "run_check", lambda *_, **__: fake_check)
    monkeypatch.setattr(examples, "DATA", tmp_path)
    assert run(["demo", "--lang", "en", "--out", str(tmp_path / "d")]) == OK
    output = capsys.readouterr()
    assert "comes with a clone of the repository or a bundle" in output.err
    assert "Records of cameras: 2 complete" in output.out
    (tmp_path / "district.gpkg").write_bytes(town.read_bytes())
    (tmp_path / "cameras.csv").write_text("camera_id,x,y\nc9,390052,3172040\n", encoding="utf-8")
    assert run(["demo", "--json", "--out", str(tmp_path / "d")]) == OK
    assert sorted(json.loads(capsys.readouterr().out)) == ["district", "helsinki"]
    assert (tmp_path / "d" / "district" / "page.en.html").is_file()


def test_progress_has_a_rate_and_names_the_step(tmp_path):
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        terminal = Console(file=log, force_terminal=True, width=120)
        session = Session("en", terminal, terminal)
        with session.step(N_("Writing")) as tick:
            for done in range(5):
                tick(done, 4)
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Writing" in text
    assert "4/4" in text
    assert "/s" in text


def test_a_first_run_says_once_that_kernels_compile(capsys, monkeypatch, town, tmp_path):
    def compile_two(session, *_args, **_more):
        monkeypatch.setattr(apart, "_converse", lambda _order: b"")
        for name in ("one", "two"):
            apart.compiled(("", "somewhere", name, b""))
        assert session.compiled == ["one", "two"]
        raise OfflineError

    monkeypatch.setattr(commands, "run_check", compile_two)
    run(["check", str(town), "--out", str(tmp_path / "out"), "--lang", "en"])
    told = capsys.readouterr().err
    assert told.count("Compiling kernels, once on this machine") == 1
    assert not apart._listeners


def test_help_in_chinese_is_not_cut(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["import", "--help", "--lang", "zh"]) == OK
    told = "".join(capsys.readouterr().out.replace("│", "").split())
    assert "wgs84、cgcs2000、gcj02（高德、腾讯）或bd09（百度）" in told
    assert "…" not in told
