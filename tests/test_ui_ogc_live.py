"""The app as it runs, read by GDAL with a token: what comes out, and what is left in its log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from civicsight.application.tokens import add_token
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from civicsight.ui.access.guard import sealing
from tests.app_town import app_city, app_result
from tests.ui_server import free_port, serving

pytestmark = pytest.mark.browser

OPENING_S = 180.0
READ = """
import json, sys
import pyogrio
source, = sys.argv[1:]
told = {}
for name, kind in pyogrio.list_layers(source):
    frame = pyogrio.read_dataframe(source, layer=name)
    told[name] = [len(frame), frame.crs.to_epsg(), sorted(frame["id"]), list(frame.total_bounds)]
print(json.dumps(told))
"""


def ask(address, token=None, method="GET"):
    asked = Request(address, method=method)  # noqa: S310 - our own server
    if token:
        asked.add_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


def read_by_gdal(source, token):
    """Read all layers in a process of its own, whose GDAL knows the token."""
    own = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token} if token else {}
    done = subprocess.run(
        [sys.executable, "-c", READ, source], env=os.environ | own, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


@pytest.mark.slow
def test_gdal_reads_the_running_app_with_a_token_and_nothing_without(tmp_path, monkeypatch):
    accounts = tmp_path / "accounts.json"
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(accounts))
    city, cameras = app_city(), app_result().cameras
    file = save_city(city, tmp_path / "town.gpkg")
    token, _ = add_token(tmp_path / "tokens.json", Actor("gis", Role.ANALYST), file)
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(tmp_path / "cache"))
    settings = {"CIVICSIGHT_PROJECT": str(file), "CIVICSIGHT_CACHE_DIR": cache}
    with serving(tmp_path, free_port(), **settings) as address:
        service = f"{address}/ogc/town"
        end = time.monotonic() + OPENING_S
        while (found := ask(service, token))[0] == 503 and time.monotonic() < end:
            time.sleep(0.5)
        assert found[0] == 200, found
        assert {name: found[1][name] for name in sealing()} == sealing()
        read = read_by_gdal(f"OAPIF:{service}", token)
        assert read["cameras"][2] == sorted(map(str, city.cameras.index))
        assert read["cameras"][1] == city.crs.to_epsg()
        assert read["cameras"][3] == pytest.approx(list(cameras.total_bounds), abs=1e-3)
        counts = {name: count for name, (count, *_) in read.items()}
        parts = [counts.pop(name) for name in list(counts) if name.startswith("parts_")]
        assert sum(parts) == 2
        assert counts == {"buildings": len(city.buildings), "cameras": len(city.cameras)}
        assert "401" in read_by_gdal(f"OAPIF:{service}", "")
        assert ask(service)[0] == 401
        assert ask(service, f"{token}x")[0] == 401
        assert ask(f"{service}?token={token}", token)[0] == 400
        assert ask(f"{address}/plan", token)[0] == 401  # it opens no page
        assert ask(f"{address}/ogc", token)[0] == 401
        assert ask(service, token, method="POST")[0] == 405
    log = (tmp_path / "app.log").read_text(encoding="utf-8")
    assert token not in log
    assert "Traceback" not in log
