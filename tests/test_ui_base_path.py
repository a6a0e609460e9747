"""The app behind a reverse proxy: below a path, under another name, and with nothing beside it."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from civicsight.application.accounts import add_account
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from tests.test_check import town
from tests.ui_made import PASSWORD
from tests.ui_server import browsing, free_port, leaving, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BASE = "/city/map"
NAME = "map.localhost"
"""Browsers take every name below `localhost` for this machine; the app does not know it."""
WAIT_MS = 120_000
OPENED_MS = 240_000  # nothing may be compiled yet


@contextmanager
def proxy(port, astray):
    """Hand on what lies below the path, as nginx would: name kept, asker told; give its port.

    What lies beside the path is noted in `astray` and not answered.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    workers = []

    def accept():
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            worker = Thread(target=hand_on, args=(near, port, astray), daemon=True)
            worker.start()
            workers.append(worker)

    accepting = Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(10)


def hand_on(near, port, astray):
    """Serve one connection of a browser with one of our own."""
    with near:
        head = b""
        while b"\r\n\r\n" not in head:
            part = near.recv(65_536)
            if not part:
                return
            head += part
        first, _, rest = head.partition(b"\r\n")
        path = first.split()[1].decode()
        if path != BASE and not path.startswith(f"{BASE}/"):
            astray.append(path)
            return
        # One request a connection, so that each has the header; a socket that stays keeps its own.
        rest = rest.replace(b"Connection: keep-alive", b"Connection: close")
        with socket.create_connection(("127.0.0.1", port)) as far:
            far.sendall(first + b"\r\nX-Forwarded-For: 10.0.0.7\r\n" + rest)
            back = Thread(target=pour, args=(far, near), daemon=True)
            back.start()
            pour(near, far)
            back.join(60)


def pour(source, target):
    """Pass on bytes until one side has ended."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxied")
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(folder / "cache"))
    project = str(save_city(town(), folder / "hand.gpkg"))
    return {"CIVICSIGHT_PROJECT": project, "CIVICSIGHT_CACHE_DIR": cache}


def test_a_visit_behind_a_proxy_stays_below_its_path(tmp_path, settings, browser):
    add_account(tmp_path / "accounts.json", Actor("Wang", Role.PLANNER), PASSWORD)
    port, astray = free_port(), []
    with (
        serving(tmp_path, port, BASE, (NAME,), **settings),
        proxy(port, astray) as outer,
        browsing(browser) as (page, requests),
    ):
        address = f"http://{NAME}:{outer}{BASE}"
        failed = []
        page.on("response", lambda seen: seen.status >= 400 and failed.append(seen.url))
        page.goto(f"{address}/plan?lang=en")
        page.get_by_label("Account name").fill("Wang", timeout=WAIT_MS)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        loaded = page.locator(".civicsight-live img.leaflet-tile-loaded").first
        loaded.wait_for(state="attached", timeout=OPENED_MS)
        page.get_by_role("link", name="Report").click()
        page.get_by_text("Layers (GeoPackage)").click(timeout=WAIT_MS)
        page.get_by_role("button", name="Write").click()
        with page.expect_download(timeout=WAIT_MS) as download:
            page.get_by_role("link", name="Download").click(timeout=WAIT_MS)
        assert download.value.path().read_bytes().startswith(b"SQLite format 3")
        kinds = ("base", "coverage", "layers", "files")
        assert all(f"{BASE}/tiles/{kind}/" in str(requests) for kind in kinds)
        assert not leaving(requests, address)
    assert not failed
    assert not astray
