"""Every way in reads apart, and what comes in that way is what a reader in this process returns."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from pandas.testing import assert_frame_equal
from rich.console import Console

import civicsight
from civicsight import io as public
from civicsight import rules
from civicsight.application import intake
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.cli.inputs import Inputs, read_inputs
from civicsight.cli.options import as_declared
from civicsight.cli.session import Session
from civicsight.core.errors import InputError, PackError, Text
from civicsight.core.i18n import LANGUAGES
from civicsight.core.progress import hearing
from civicsight.editing.project import open_project
from civicsight.io.apart import fence, reading
from civicsight.io.apart import public as gates
from civicsight.io.apart.outcome import KINDS
from civicsight.io.apart.reading import Gate, read_apart
from civicsight.io.edits import compare
from civicsight.io.packs import lint_pack, open_pack
from civicsight.io.project_file import load_city
from civicsight.io.reader_registry import READERS, read_into
from civicsight.io.report import ImportReport
from civicsight.model import City
from civicsight.planning.money.budgets import read_funds
from civicsight.planning.prices.price_table import read_prices
from civicsight.store.migrations import look, migrate
from tests.app_town import app_city
from tests.conftest import ROOT
from tests.drawn import a_few, every_other
from tests.workbooks import make_workbook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")

DEMO = ROOT / "data" / "demo"
ROWS = "camera_id,x,y,height_m\nnew-1,500010,3160010,4.5\nnew-2,500020,3160020,5\n"

PUBLIC = sorted(name for name in public.__all__ if name.startswith(("read_", "load_")))
"""What a program or a notebook reads a file with."""

LAYERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "b.geojson": lambda frame, path: frame.to_crs(4326).to_file(path, driver="GeoJSON"),
    "b.shp": lambda frame, path: frame.to_file(path, driver="ESRI Shapefile", encoding="UTF-8"),
    "b.fgb": lambda frame, path: frame.to_file(path, driver="FlatGeobuf"),
    "b.gpkg": lambda frame, path: frame.to_file(path, driver="GPKG"),
    "b.parquet": lambda frame, path: frame.to_parquet(path),
}
"""How a layer of buildings is written in each format."""


@pytest.fixture(scope="module")
def deadly() -> Iterator[Gate]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        gate = Gate("tests.apart_deadly")
        gate.lacks()
    yield gate
    gate.close()


@pytest.fixture
def dying(deadly, monkeypatch) -> None:
    """Let every reading process die of the file that it is given."""
    monkeypatch.setattr(reading, "_GATES", {os.getpid(): deadly})


@pytest.fixture
def rows(tmp_path) -> Path:
    file = tmp_path / "rows.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


@pytest.mark.usefixtures("dying")
class TestDying:
    """Whoever reads a deadly file goes on, and says what happened."""

    @pytest.mark.parametrize("kind", a_few(["cameras", intake.GUESSED]))
    def test_the_app_refuses_it(self, rows, kind):
        with pytest.raises(InputError, match=r"file\.deadly.*rows\.csv"):
            intake.take_in(app_city(), rows, kind=kind)

    def test_the_app_does_not_open_it_as_a_project(self, rows, tmp_path):
        with pytest.raises(InputError, match=r"file\.deadly.*rows\.csv"):
            open_project(rows, tmp_path / "cache")

    def test_a_table_is_not_read_into_a_project(self, rows):
        with pytest.raises(InputError, match=r"file\.deadly.*rows\.csv"):
            read_into(rows, "cameras")

    @pytest.mark.slow
    def test_a_check_and_a_plan_are_not_given_it(self, rows):
        session = Session("en", Console(), Console(stderr=True))
        for read in (
            lambda: read_inputs(session, Inputs(rows)),
            lambda: read_prices(rows),
            lambda: read_funds(rows),
        ):
            with pytest.raises(InputError, match=r"file\.deadly.*rows\.csv"):
                read()
        assert len(read_prices().table)  # our own figures need no fence

    @pytest.mark.parametrize("name", a_few(PUBLIC, 3))
    def test_a_program_that_calls_a_reader_goes_on(self, rows, name):
        more = ((0, 0, 1, 1), app_city().crs) if name == "read_terrain" else ()
        with pytest.raises(InputError, match=r"file\.deadly.*rows\.csv"):
            getattr(public, name)(rows, *more)

    @pytest.mark.slow
    def test_edits_mappings_and_packs_of_strangers_are_not_read_here(self, rows):
        for read in (
            lambda: compare(app_city(), rows),
            lambda: as_declared(None, None, None, None, None, rows),
            lambda: civicsight.load_packs(user=[rows]),
            lambda: open_pack(rows),
        ):
            with pytest.raises(InputError, match=r"file\.deadly.*rows\.csv"):
                read()
        assert open_pack("nanchang").data["pack"]["id"] == "nanchang"  # ours needs no fence

    def test_what_is_to_be_brought_up_to_date_stays_as_it_is(self, tmp_path):
        project = tmp_path / "district.gpkg"
        project.write_bytes((DEMO / "district.gpkg").read_bytes())
        for act in (look, migrate):
            with pytest.raises(InputError, match=r"file\.deadly.*district\.gpkg"):
                act(project)
        assert [path.name for path in tmp_path.iterdir()] == ["district.gpkg"]

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "words",
        a_few([["--as", "cameras"], [], ["--as", "city"],
               ["--as", "cameras", "--into", "rows.csv"]]),
        ids=["table", "guessed", "city", "project"],
    )  # fmt: skip
    def test_the_command_line_refuses_it(self, rows, words, capsys, monkeypatch):
        monkeypatch.chdir(rows.parent)
        assert run(["--lang", "en", "import", "rows.csv", *words, "--dry-run"]) == BAD_INPUT
        told = " ".join(capsys.readouterr().err.split())
        assert "rows.csv" in told
        assert "the process that read it died" in told


@pytest.fixture(scope="module")
def liars() -> Iterator[Gate]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        gate = Gate("tests.apart_liars")
        gate.lacks()
    yield gate
    gate.close()


@pytest.mark.parametrize("reader", every_other(READERS, 0, every=3))
def test_what_a_reader_never_returns_is_refused_before_it_is_used(liars, reader):
    words = {"cameras": "each id once", "catalogue": "height_m"}
    with pytest.raises(InputError, match=r"file\.unreadable.*cameras\.csv") as found:
        liars.read(reader, DEMO / "cameras.csv")
    assert words.get(reader, "instead of what") in str(found.value)


def test_every_reader_says_what_it_returns():
    assert not set(READERS) - set(KINDS)


def assert_same(found: Any, expected: Any) -> None:
    """Compare values of any kind, tables and arrays cell for cell."""
    assert type(found) is type(expected)
    if isinstance(expected, pd.DataFrame):
        assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected), check_exact=True)
        assert getattr(found, "crs", None) == getattr(expected, "crs", None)
        for name in expected:
            assert list(map(type, found[name])) == list(map(type, expected[name]))
    elif isinstance(expected, gpd.GeoSeries):
        assert_same(found.to_frame("geometry"), expected.to_frame("geometry"))
    elif isinstance(expected, np.ndarray):
        assert np.array_equal(found, expected, equal_nan=True)
    elif isinstance(expected, ImportReport):
        assert found == expected
        assert [found.summary(one) for one in LANGUAGES] == [
            expected.summary(one) for one in LANGUAGES
        ]
    elif isinstance(expected, tuple):
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif is_dataclass(expected):
        for entry in fields(expected):
            assert_same(getattr(found, entry.name), getattr(expected, entry.name))
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        assert_same(tuple(found.values()), tuple(expected.values()))
    else:
        assert found == expected


def assert_reads_the_same(reader: str, path: Path, *arguments: Any, **options: Any) -> Any:
    expected = READERS[reader](path, *arguments, **options)
    assert_same(read_apart(reader, path, *arguments, **options), expected)
    return expected


@pytest.mark.parametrize("name", PUBLIC)
def test_a_reader_is_called_and_described_as_the_one_that_reads_here(name):
    apart, here = getattr(public, name), getattr(public, name).__wrapped__
    assert apart is getattr(gates, name)
    assert (apart.__doc__, apart.__name__) == (here.__doc__, here.__name__)
    with pytest.raises(TypeError, match=r"unexpected|missing"):
        apart("rows.csv", nothing_of_the_kind=1)


@pytest.mark.slow
def test_paths_may_be_texts_and_relative(monkeypatch, tmp_path):
    table = DEMO / "cameras.csv"
    monkeypatch.chdir(table.parent)
    city, _ = public.read_city("district.gpkg")
    cameras, _ = civicsight.read_cameras("cameras.csv", crs=city.crs, near=city.extent)
    assert_same(city, load_city("district.gpkg"))
    assert len(cameras) > 100
    make_ground(tmp_path / "dem.tif", city)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copy.gpkg").write_bytes((DEMO / "district.gpkg").read_bytes())
    raised, _ = public.read_city("copy.gpkg", dem="dem.tif")
    assert raised.terrain is not None


@pytest.mark.parametrize("fault", [False, True])
def test_a_pack_of_a_user(tmp_path, fault):
    source = ROOT / "civicsight" / "rules" / "packs" / "nanchang.yaml"
    text = source.read_text(encoding="utf-8")
    pack = tmp_path / "own.yaml"
    pack.write_text(text + "nonsense: [\n" * fault, encoding="utf-8")
    if fault:
        with pytest.raises(PackError) as found:
            open_pack(pack)
        assert found.value.faults == lint_pack(pack) == rules.lint_pack(pack)
    else:
        assert_same(open_pack(pack), rules.open_pack(pack))


@pytest.mark.parametrize("reader", ["cameras", "sheet", "kind"])
def test_a_table_of_text(reader):
    assert_reads_the_same(reader, DEMO / "cameras.csv")


def test_what_was_understood_of_a_table():
    table = DEMO / "cameras.csv"
    assert read_apart("columns", table, "cameras") == READERS["columns"](table, "cameras")


def test_a_workbook(tmp_path):
    assert_reads_the_same("cameras", make_workbook(tmp_path / "rows.xlsx"))


@pytest.mark.parametrize("reader", ["project", "city", "edited"])
def test_a_project(reader):
    assert_reads_the_same(reader, DEMO / "district.gpkg")


@pytest.fixture(scope="module")
def outlines() -> gpd.GeoDataFrame:
    table = load_city(DEMO / "district.gpkg").buildings
    return table[["height_m", "geometry"]].reset_index(drop=True)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_of_buildings(name, outlines, tmp_path):
    path = tmp_path / name
    LAYERS[name](outlines, path)
    table, _ = assert_reads_the_same("buildings", path)
    assert len(table) == len(outlines)


@pytest.mark.parametrize("name", [*LAYERS, "rows.csv", "rows.xlsx"])
def test_readers_tell_how_many_rows_they_took(name, outlines, tmp_path):
    path = tmp_path / name
    if name == "rows.csv":
        path.write_text("id,lon,lat\na,24.9,60.2\nb,24.8,60.1\n", encoding="utf-8")
    if name in LAYERS:
        LAYERS[name](outlines, path)
    if name == "rows.xlsx":
        make_workbook(path)
    said: list[tuple[int, int]] = []
    with hearing(lambda *told: said.append(told)):
        READERS["buildings" if name in LAYERS else "cameras"](path)
    done, total = said[-1]
    assert done == total == (len(outlines) if name in LAYERS else 2)


def test_the_command_line_shows_it(monkeypatch, capsys):
    said: list[tuple[int, int]] = []

    @contextmanager
    def step(_session: Session, _label: Text) -> Iterator[Callable[[int, int], None]]:
        yield lambda *told: said.append(told)

    monkeypatch.setattr(Session, "step", step)
    assert run(["import", str(DEMO / "cameras.csv"), "--as", "cameras", "--dry-run"]) == OK
    assert said
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [("import", "rows.csv", "--as", "cameras", "--dry-run"), ("rules", "lint", "own.yaml"),
     ("migrate", "rows.csv")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_the_command_line_says_once_what_the_system_lacks(rows, words, monkeypatch, capsys):
    monkeypatch.chdir(rows.parent)
    monkeypatch.setattr(Gate, "lacks", lambda _: (fence.NO_NETWORK,))
    monkeypatch.setattr(reading, "_GATES", {})
    (rows.parent / "own.yaml").write_text("pack: {}", encoding="utf-8")
    run(["--lang", "en", *words])
    told = " ".join(capsys.readouterr().err.split())
    read_apart = words[0] != "migrate"  # which looks at the first bytes here, and sees no project
    assert told.count(f"less protection here: {fence.NO_NETWORK}") == read_apart


@pytest.mark.slow
def test_a_map_of_a_city(helsinki):
    city, _ = assert_reads_the_same("city", helsinki, name="Helsinki")
    assert len(city.buildings) > 100


def make_ground(path: Path, city: City) -> None:
    """Write heights under and around a city."""
    west, south, east, north = city.extent.bounds
    heights = (20 + np.random.default_rng(3).random((60, 60))).astype("float32")
    step = max(east - west, north - south) / 40
    place = Affine(step, 0, west - 10 * step, 0, -step, north + 10 * step)
    with rasterio.open(path, "w", driver="GTiff", width=60, height=60, count=1,
                       dtype="float32", crs=city.crs, transform=place) as raster:  # fmt: skip
        raster.write(heights, 1)


def test_ground_heights(tmp_path):
    city = load_city(DEMO / "district.gpkg")
    make_ground(tmp_path / "dem.tif", city)
    assert_reads_the_same("terrain", tmp_path / "dem.tif", city.extent.bounds, city.crs)


@pytest.mark.parametrize(
    "text", ["a,b\n1\n1,2,3\n", ROWS.replace("4.5", "high"), "\x00\x01", "", "id\n" * 3]
)
def test_what_cannot_be_read_has_the_same_faults(tmp_path, text):
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as expected:
        READERS["cameras"](file)
    with pytest.raises(InputError) as found:
        read_apart("cameras", file)
    assert found.value.faults == expected.value.faults
