"""Regions on workers: where they may be, what becomes of those that die, what is left on a disk."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from concurrent.futures import Future

import pytest

from civicsight.cli.entry import run
from civicsight.core.errors import InputError, SetupError, WriteError
from civicsight.coverage.check import check
from civicsight.region.cluster import require_safe, workers_at
from civicsight.region.gather import import_region, origin_of_city, pieces_of_city
from civicsight.region.run import check_region
from tests.region_made import Here, random_town
from tests.test_region import assert_same_as_whole


def cut(city, folder, tile_m):
    return import_region(pieces_of_city(city), origin_of_city(city, tile_m), folder)


@pytest.fixture(scope="module")
def town():
    return random_town(3, side_m=1_200.0, places=8, cameras=24)


@pytest.fixture(scope="module")
def whole(town):
    return check(town, raster=False)


@pytest.mark.parametrize(
    "address", ["tls://scheduler.example:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:8786"]
)
def test_what_is_encrypted_or_of_this_machine_is_taken(address):
    require_safe(address)


@pytest.mark.parametrize(
    "address",
    [
        *("tcp://10.0.0.7:8786", "tcp://scheduler.example:8786", "tcp://localhost:8786"),
        *("tcp://0.0.0.0:8786", "ws://127.0.0.1:1", "127.0.0.1:8786", "tls://", "tls://a"),
        *("tls://user:word@host:1", "tls://host:99999999", "", "tcp://127.0.0.1.evil.example:1"),
    ],
)
def test_what_goes_in_the_clear_or_is_no_address_is_refused(address):
    with pytest.raises(InputError, match="tls://"):
        require_safe(address)


def test_without_certificates_there_is_no_tls():
    pytest.importorskip("distributed")
    with pytest.raises(SetupError, match=r"distributed\.comm\.tls\.ca-file"):  # noqa: SIM117
        with workers_at("tls://127.0.0.1:9"):
            pass


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("civicsight.region.cluster.find_spec", lambda _: None)
    with pytest.raises(SetupError, match=r"civicsight\[cluster\]"):  # noqa: SIM117
        with workers_at("local"):
            pass


@pytest.mark.slow
def test_processes_of_this_machine_say_the_same(town, whole, tmp_path):
    pytest.importorskip("distributed")
    region = cut(town, tmp_path / "r", 700.0)
    with workers_at("local", 2) as executor:
        found = check_region(region, tmp_path / "out", executor=executor)
    assert_same_as_whole(found.result, whole)


@pytest.mark.slow
@pytest.mark.parametrize("kill", range(10))
def test_who_kills_a_worker_changes_nothing(town, whole, tmp_path, kill):
    distributed = pytest.importorskip("distributed")
    region = cut(town, tmp_path / "r", 400.0)
    with workers_at("local", 2) as executor:
        client = distributed.default_client()
        pids = list(client.run(os.getpid).values())
        timer = threading.Timer(1.0 + kill, os.kill, (pids[kill % 2], signal.SIGKILL))
        timer.start()
        found = check_region(region, tmp_path / "out", executor=executor)
        timer.cancel()
    assert not found.refused
    assert_same_as_whole(found.result, whole)


@pytest.mark.slow
def test_who_is_stopped_goes_on_where_it_stood(town, whole, tmp_path):
    region, done = cut(town, tmp_path / "r", 400.0), []

    class Dying(Here):
        def submit(self, call, *given, **words):
            if len(done) == 7:
                raise KeyboardInterrupt
            done.append(given[1])
            return super().submit(call, *given, **words)

    with pytest.raises(KeyboardInterrupt):
        check_region(region, tmp_path / "out", executor=Dying())
    kept = {path.name for path in (tmp_path / "out" / "found").iterdir()}
    # Beside what was found of a part may stand how far it had to look.
    assert len(list((tmp_path / "out" / "found").glob("*/parts.parquet"))) == 7
    found = check_region(region, tmp_path / "out", executor=Here())
    assert_same_as_whole(found.result, whole)
    assert kept < {path.name for path in (tmp_path / "out" / "found").iterdir()}


def test_a_part_whose_workers_die_again_and_again_is_named(town, tmp_path):
    region = cut(town, tmp_path / "r", 5_000.0)

    class KilledWorker(Exception):  # noqa: N818 - the name that Dask gives it
        pass

    class Deadly(Here):
        def submit(self, *_, **__):
            future = Future()
            future.set_exception(KilledWorker("task"))
            return future

    found = check_region(region, tmp_path / "out", executor=Deadly())
    assert found.result is None
    assert set(found.refused) == set(region.parts)
    assert "memory" in str(next(iter(found.refused.values())))


def test_a_full_disk_ends_the_run_in_words_and_leaves_nothing_half_written(
    town, tmp_path, monkeypatch
):
    region = cut(town, tmp_path / "r", 5_000.0)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pandas.DataFrame.to_parquet", full)
    with pytest.raises(WriteError):
        check_region(region, tmp_path / "out", executor=Here())
    assert not list((tmp_path / "out" / "found").iterdir())


def _without_computed(page):
    """Leave out which parts were computed, which is all that a second page may differ in."""
    return re.sub(r"(Computed this time: |本次计算的分区：)[^<]*", "", page)


def _report(region, results, out):
    """The page is written from what was kept; what was not checked so is named, not computed."""
    words = ["region", "report", str(region), "--lang", "en", "--out", str(out)]
    assert run([*words, "--results", str(results)]) == 0
    for page in sorted(results.glob("region.*.html")):
        told = (out / page.name).read_text(encoding="utf-8")
        first = page.read_text(encoding="utf-8")
        assert _without_computed(told) == _without_computed(first)
        assert told != first
    kept = sorted((results / "found").iterdir())
    assert run([*words, "--results", str(results), "--night"]) == 2
    assert "run civicsight region check" in (out / "region.en.html").read_text(encoding="utf-8")
    assert sorted((results / "found").iterdir()) == kept
    assert run([*words, "--results", str(out / "none")]) == 2


@pytest.mark.slow
def test_the_command_line_imports_checks_and_says_what_was_found(town, whole, tmp_path, capsys):
    for name in ("buildings", "roads", "places", "entrances", "cameras"):
        table = getattr(town, name)
        tags = table["tags"].map(lambda tags: json.dumps(tags) if tags else None)
        table.assign(tags=tags).to_parquet(tmp_path / f"{name}.parquet")
    files = [str(tmp_path / f"{name}.parquet") for name in ("buildings", "roads", "cameras")]
    named = [f"{name}={tmp_path / f'{name}.parquet'}" for name in ("places", "entrances")]
    region, out = tmp_path / "region", tmp_path / "out"
    words = ["region", "import", *files, *named, "--out", str(region), "--tile-m", "5000"]
    assert run([*words, "--name", "random", "--lang", "en"]) == 0
    assert run(["region", "check", str(region), "--out", str(out), "--lang", "en"]) == 0
    told = capsys.readouterr().err
    assert "Parts judged: 1 of 1" in told
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["findings"] == whole.summary["findings"]
    for language in ("en", "zh-CN"):
        page = (out / f"region.{language}.html").read_text(encoding="utf-8")
        assert "<svg" in page
        assert "://" not in page.replace("http://www.w3.org", "")
    _report(region, out, tmp_path / "report")
    assert run(["region", "import", *files, "--out", str(region), "--tile-m", "5000"]) == 2
    assert run(["region", "import", "x.csv", "--out", str(out / "r"), "--tile-m", "5000"]) == 2
    assert run(["region", "check", str(tmp_path / "none"), "--out", str(out)]) == 2
    assert run(["region", "check", str(region), "--out", str(out), "--cluster", "tcp://a:1"]) == 2
    assert not (out / "r").exists()


def test_a_budget_is_split_from_the_command_line(tmp_path, capsys):
    for name, most in (("a", 3), ("b", 5)):
        rows = f"budget_yuan,cost_yuan,places,most_places\n0,0,0,0\n100,90,{most},{most}\n"
        (tmp_path / f"{name}.csv").write_text(rows, encoding="utf-8")
    curves = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    assert run(["region", "plan", *curves, "--budget", "100", "--json"]) == 2  # these are works
    capsys.readouterr()
    works = ["region", "plan", *curves, "--budget-of", "works"]
    assert run([*works, "--budget", "100", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["places"], told["budget_of"]) == (5, "works")
    for bad in ("inf", "nan", "-1", "1,5"):
        assert run([*works, "--budget", bad]) == 2
    for name, most in (("a", 3), ("b", 5)):
        rows = "budget_yuan,cost_yuan,places,most_places,budget_of\n0,0,0,0,investment\n"
        rows += f"100,90,{most},{most},investment\n"
        (tmp_path / f"{name}.csv").write_text(rows, encoding="utf-8")
    assert run(["region", "plan", *curves, "--budget", "0.01万元", "--json"]) == 0
    capsys.readouterr()
    (tmp_path / "a.csv").write_text("nothing", encoding="utf-8")
    assert run(["region", "plan", *curves, "--budget", "100"]) == 2
