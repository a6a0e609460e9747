"""The whole bundle on a machine without any network: it installs, computes, serves, asks nobody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from tools import bundle
from tools.wheelhouse import Target, sha256_of, this_platform

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
SILENT = ["unshare", "--map-root-user", "--net", "--mount"]
"""An empty network and mounts of its own; an ordinary user may have them where it is permitted."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    if shutil.which("unshare") is None:
        pytest.skip("no program makes an empty network here (unshare of util-linux)")
    probe = [*SILENT, "mount", "--bind", "/dev/null", "/etc/resolv.conf"]
    tried = subprocess.run(probe, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"an empty network is not permitted here: {tried.stderr.strip()}")
    target = Target(this_platform(), f"{sys.version_info[0]}.{sys.version_info[1]}")
    folder = tmp_path_factory.mktemp("bundle")
    began = time.monotonic()
    try:
        path = bundle.build(target, folder)
    except SystemExit as error:  # the only step that asks the network, and only the first time
        pytest.skip(f"the bundle was not built: {error}")
    return path, time.monotonic() - began


def test_the_same_sources_give_the_same_archive(archive, tmp_path):
    path, _ = archive
    target = Target(this_platform(), f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert sha256_of(bundle.build(target, tmp_path)) == sha256_of(path)


def test_it_works_where_nothing_can_be_asked(archive, tmp_path, browser, record_property):
    path, build_s = archive
    with tarfile.open(path) as opened:
        opened.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    command = [sys.executable, "-m", "tests.closed_machine", str(unpacked), str(tmp_path), browser]
    run = subprocess.run(
        [*SILENT, *command], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    record_property("archive [MB]", path.stat().st_size / 1e6)
    record_property("build [s]", build_s)
    record_property("install [s]", seen["install"]["s"])
    record_property("start to first map [s]", seen["health_s"] + seen["visit"]["page_s"])

    assert seen["knocks"] == 4, "the counter of what tries to leave counts every way"
    assert seen["install"]["code"] == 0, seen["install"]["said"]
    assert "No broken requirements found" in seen["check"]["said"]
    assert seen["coverage"]["code"] == 0, seen["coverage"]["said"]
    assert seen["rasters"]
    assert seen["pdf"]["code"] != 0
    assert "needs Pango" in " ".join(seen["pdf"]["said"].split())
    assert "--no-pdf" in seen["pdf"]["said"]
    assert seen["visit"]["faults"] == 0
    assert seen["visit"]["requests"] > 20
    assert seen["visit"]["leaving"] == []
    assert seen["attempts"] == 0
