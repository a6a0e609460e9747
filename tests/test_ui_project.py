"""The project that opens: the kept result is the checked one, and is kept by what it stands on."""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import InputError
from civicsight.coverage.check import check
from civicsight.editing import project as project_module
from civicsight.editing.project import OPEN_AT_ONCE, Opening, engine_digest, open_project, opening
from civicsight.editing.result_file import keep_result, kept_result
from civicsight.io.project_file import save_city
from civicsight.model import CITY_TABLES
from civicsight.model.terrain import Terrain
from civicsight.rules import load_packs
from tests.result_factory import make_result
from tests.test_check import town

FRAMES = [
    "cameras",
    "heads",
    "zones",
    "parts",
    "samples",
    "part_status",
    "gaps",
    "duplicates",
    "overlaps",
    "left_out",
    "blocked",
]


@pytest.fixture(scope="module")
def rules():
    return load_packs()


@pytest.fixture(scope="module")
def result(rules):
    """Return a result with everything that one can have: relief, a raster, tuples and labels."""
    ground = Terrain(np.zeros((40, 60)), -100.0, -100.0, 10.0)
    return check(town(terrain=ground), rules=rules, cell_m=4.0)


@pytest.fixture
def kept(result, tmp_path):
    path = tmp_path / "results" / "one.zip"
    keep_result(result, "digest", path)
    return path


@pytest.mark.slow
def test_every_table_comes_back_to_the_last_bit(result, kept, rules):
    again = kept_result(kept, "digest", rules)
    pairs = [(getattr(result, name), getattr(again, name)) for name in FRAMES]
    pairs += [(getattr(result.city, t.name), getattr(again.city, t.name)) for t in CITY_TABLES]
    for before, after in pairs:
        assert type(before) is type(after)
        assert getattr(before, "crs", None) == getattr(after, "crs", None)
        pd.testing.assert_frame_equal(
            pd.DataFrame(before), pd.DataFrame(after), check_exact=True, check_freq=False
        )
        for name in before.columns[before.dtypes.eq(object)]:
            kinds = [[type(value) for value in frame[name]] for frame in (before, after)]
            assert kinds[0] == kinds[1], name


def test_what_is_no_table_comes_back_too(result, kept, rules):
    again = kept_result(kept, "digest", rules)
    assert again.summary == result.summary
    assert again.rules is rules
    for name, matrix in result.matrices.items():
        other = again.matrices[name]
        assert (matrix.q != other.q).nnz == 0
        assert matrix.q.dtype == other.q.dtype
        assert list(matrix.camera_ids) == list(other.camera_ids)
        assert list(matrix.sample_ids) == list(other.sample_ids)
    for part in ("best", "count", "closed", "seen"):
        np.testing.assert_array_equal(getattr(result.raster, part), getattr(again.raster, part))
    np.testing.assert_array_equal(result.raster.blocks_at.number, again.raster.blocks_at.number)
    assert again.raster.bounds == result.raster.bounds
    np.testing.assert_array_equal(result.city.terrain.z, again.city.terrain.z)
    before, after = result.city, again.city
    assert (before.name, before.sources) == (after.name, after.sources)
    assert (before.synthetic, before.provenance) == (after.synthetic, after.provenance)
    assert before.extent.equals(after.extent)


@pytest.mark.slow
def test_a_result_without_relief_and_raster_is_kept_too(rules, tmp_path):
    plain = check(town(), rules=rules, raster=False)
    keep_result(plain, "d", tmp_path / "plain.zip")
    again = kept_result(tmp_path / "plain.zip", "d", rules)
    assert again.raster is None
    assert again.city.terrain is None


def test_only_this_user_reads_it_and_no_code_is_in_it(kept):
    assert kept.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(kept) as archive:
        kinds = {name.rpartition(".")[2] for name in archive.namelist()}
        assert kinds == {"parquet", "npz", "json"}
        with archive.open("arrays.npz") as file, np.load(file, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -300])
def test_a_torn_file_counts_as_none(kept, rules, cut):
    data = kept.read_bytes()
    kept.write_bytes(data[:cut])
    assert kept_result(kept, "digest", rules) is None


def test_a_flipped_byte_counts_as_none(kept, rules):
    """The checksums of the archive stand for the whole content: no flip inside it passes."""
    data = bytearray(kept.read_bytes())
    data[len(data) // 3] ^= 0xFF
    kept.write_bytes(bytes(data))
    assert kept_result(kept, "digest", rules) is None


def test_another_digest_or_no_file_counts_as_none(kept, rules, tmp_path):
    assert kept_result(kept, "other", rules) is None
    assert kept_result(tmp_path / "nothing.zip", "digest", rules) is None


@pytest.fixture
def saved(tmp_path):
    return save_city(town(), tmp_path / "hand.gpkg")


@pytest.fixture
def calls(monkeypatch):
    """Leave the raster out, which takes long without compilation, and note each city checked."""
    names = []

    def counted(city, **options):
        names.append(city.name)
        return check(city, raster=False, **options)

    monkeypatch.setattr("civicsight.coverage.check.check", counted)
    return names


@pytest.mark.slow
def test_a_project_is_checked_once_and_again_when_it_changes(saved, tmp_path, calls):
    steps = []
    first = open_project(saved, tmp_path / "cache", lambda *step: steps.append(step))
    second = open_project(saved, tmp_path / "cache")
    assert calls == ["Hand"]
    assert first.digest == second.digest
    assert second.result.summary == first.result.summary
    assert first.store_path == saved.with_name("hand.plans.gpkg")
    counts = [(done, total) for _, done, total in steps if total]
    assert counts[-1][0] == counts[-1][1]

    save_city(replace(town(), name="Other"), saved)
    third = open_project(saved, tmp_path / "cache")
    assert calls == ["Hand", "Other"]
    assert third.digest != first.digest


@pytest.mark.slow
def test_what_was_read_is_shown_before_any_camera_is_looked_through(saved, tmp_path, monkeypatch):
    """No kernel is asked for by then: cameras hang, places are listed, and nothing is judged."""
    early = []

    def stop(*_, **__):
        raise InterruptedError

    monkeypatch.setattr("civicsight.coverage.check.see", stop)
    with pytest.raises(InterruptedError):
        open_project(saved, tmp_path / "cache", show=early.append)
    (project,) = early
    monkeypatch.undo()
    whole = check(town(), raster=False)
    assert list(project.result.cameras.index) == list(whole.cameras.index)
    assert project.result.heads.equals(whole.heads)
    assert project.result.zones.equals(whole.zones)
    assert project.result.parts.empty
    assert not list((tmp_path / "cache").rglob("*.zip"))


def test_a_kept_result_is_shown_at_once(saved, tmp_path, calls):
    early = []
    open_project(saved, tmp_path / "cache", show=early.append)
    open_project(saved, tmp_path / "cache", show=early.append)
    assert calls == ["Hand"]
    assert len(early) == 1


@pytest.mark.slow
def test_what_the_cameras_see_is_shown_before_it_is_judged(saved, tmp_path):
    early = []
    project = open_project(saved, tmp_path / "cache", show=early.append)
    read, drawn = early
    assert read.result.raster is None
    assert drawn.result.parts.empty
    assert (drawn.result.raster.best == project.result.raster.best).all()
    assert len({read.digest, drawn.digest, project.digest}) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("calls")
def test_a_changed_engine_never_shows_old_numbers(saved, tmp_path, monkeypatch):
    before = open_project(saved, tmp_path / "cache").digest
    monkeypatch.setattr(project_module, "engine_digest", lambda: "another engine")
    assert open_project(saved, tmp_path / "cache").digest != before


def test_the_engine_is_what_computes_and_not_what_shows(monkeypatch, tmp_path):
    copy = tmp_path / "civicsight"
    shutil.copytree(
        project_module.files("civicsight"), copy, ignore=shutil.ignore_patterns("vendor", "*.pyc")
    )
    monkeypatch.setattr(project_module, "files", lambda _: copy)
    fresh = engine_digest.__wrapped__
    base = fresh()
    (copy / "ui" / "frame.py").write_text("changed", encoding="utf-8")
    assert fresh() == base
    (copy / "coverage" / "check.py").write_text("changed", encoding="utf-8")
    assert fresh() != base


def test_only_the_latest_results_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(project_module, "KEPT_RESULTS", 2)
    for name in "abc":
        (tmp_path / f"{name}.zip").write_bytes(b"")
        stamp = {"a": 30, "b": 10, "c": 20}[name]
        os.utime(tmp_path / f"{name}.zip", (stamp, stamp))
    project_module._forget_old(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "c.zip"]


def test_opening_runs_beside_and_tells_how_far_it_is(monkeypatch, saved):
    project = SimpleNamespace(result=make_result())

    def work(path, _cache, report, show):
        assert path == saved
        show("the city")
        report("half", 1, 2)
        return project

    monkeypatch.setattr(project_module, "open_project", work)
    under_way = opening(saved)
    assert under_way.future.result(timeout=10) is project
    assert (under_way.step, under_way.share, under_way.early) == ("half", 0.5, "the city")
    assert Opening().share == 0.0


def test_what_stops_an_opening_reaches_the_page(monkeypatch, tmp_path):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(InputError, match=r"nothing\.gpkg"):
        opening(tmp_path / "nothing.gpkg").future.result(timeout=60)


def test_a_project_is_opened_once_and_again_when_it_changes_or_was_let_go(monkeypatch, tmp_path):
    monkeypatch.setattr(project_module, "open_project", lambda path, *_rest: path)
    paths = [tmp_path / f"{name}.gpkg" for name in "abcd"]
    for path in paths:
        path.write_bytes(b"1")
    first = opening(paths[0])
    assert opening(paths[0]) is first
    paths[0].write_bytes(b"longer")
    second = opening(paths[0])
    assert second is not first
    for path in paths[1:]:
        opening(path)
    assert OPEN_AT_ONCE == 3
    assert opening(paths[0]) is not second
