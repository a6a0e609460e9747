"""The app from outside: every address, who asks for it, and what it answers, as declared here."""

from __future__ import annotations

import http.client
import os
import socket
from pathlib import Path

import pytest

from civicsight.application import accounts
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from civicsight.ui.access.visits import COOKIE
from civicsight.ui.pages import PAGES
from civicsight.ui.tiles import file_address
from tests.app_town import app_city
from tests.ui_made import PASSWORD
from tests.ui_server import browsing, free_port, known, serving

pytestmark = pytest.mark.browser

WAIT_MS = 120_000
WANG, SHEN = Actor("Wang", Role.REVIEWER), Actor("Shen", Role.AUDITOR)

NOBODY, STRANGER, REVIEWER = "nobody", "stranger", "reviewer"
WHO = (NOBODY, STRANGER, REVIEWER)
"""Who has no cookie, a cookie of an earlier start or made up, the cookie of a visit that stands."""

EACH = {
    **{f"GET /{page.code if page is not PAGES[0] else ''}": (200, 200, 200) for page in PAGES},
    "GET /nowhere": (200, 200, 200),
    "GET /favicon.png": (200, 200, 200),
    f"GET {file_address('map.js')}": (200, 200, 200),
    "GET /tiles/files/0/map.js": (404, 404, 404),
    "GET /tiles/base/none/12/1/1.pbf": (404, 404, 404),
    "GET BASE": (200, 200, 200),  # public geometry, below a digest
    "GET COVERAGE": (403, 403, 200),
    "GET LAYERS": (403, 403, 200),
    "GET /tiles/layers/none.json": (403, 403, 403),
    "GET /tiles/solid/none.bin?token=x": (403, 403, 403),
    "GET /tiles/output/none/file": (403, 403, 403),
    "GET /media/none.png": (404, 404, 404),
    "GET /component/none/x.js": (404, 404, 404),
    "GET /ogc/town": (401, 401, 401),  # programs bring tokens, and no cookie is one
    "GET /ogc/town/collections/cameras/items": (401, 401, 401),
    "POST /visit": (403, 403, 403),  # without a ticket
    "GET /visit": (200, 200, 200),  # the document, as for every address that is none
    "PUT /_stcore/upload_file/a/b": (401, 401, 403),  # no page of this visit asks for a file
    "GET /_stcore/health": (200, 200, 200),
    "GET /_stcore/host-config": (200, 200, 200),
    "GET /_stcore/metrics": (404, 404, 404),
    "GET /_stcore/agent/openapi.json": (404, 404, 404),
    "POST /_stcore/agent/interact": (404, 404, 404),
    "POST /_stcore/agent/mcp": (404, 404, 404),
    "GET /_stcore/script-health-check": (404, 404, 404),
    "GET /app/static/x": (200, 200, 200),
    "LINE /_stcore/stream": (101, 101, 101),  # the way to the form that signs in
}
"""Status for each of `WHO` where people have accounts; a page without a session is empty."""

ALONE = {
    entry: (200, 200) if entry == "GET /_stcore/health" else (404, 404) if "_stcore/" in entry
    and any(word in entry for word in ("metrics", "agent", "script")) else (401, 401)
    for entry in EACH
    if "BASE" not in entry and "COVERAGE" not in entry and "LAYERS" not in entry
} | {"LINE /_stcore/stream": (403, 403)}  # fmt: skip
"""The same where nobody has: without the token of the start, nothing but the probe."""


def status_of(port, entry, cookie, **headers):
    """Ask by hand, as any program may."""
    method, path = entry.split(" ", 1)
    own = f"127.0.0.1:{port}"
    headers = {"Host": own, "Cookie": cookie} | headers
    if method == "LINE":
        asked = {"Origin": f"http://{own}"} | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
        head = (
            f"GET {path} HTTP/1.1\r\n{lines}Connection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(head.encode())
            return int(line.recv(64).split()[1])
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body=None if method == "GET" else b"x", headers=headers)
        return line.getresponse().status
    finally:
        line.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outside")
    save_city(app_city(), folder / "town.gpkg")
    return folder


def settings(folder):
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(folder / "cache"))
    return {"CIVICSIGHT_PROJECT": str(folder / "town.gpkg"), "CIVICSIGHT_CACHE_DIR": cache}


def sign_in(page, address, actor):
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{address}/plan?lang=en")
    page.get_by_label("Account name").fill(actor.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    tile = page.locator(".civicsight-live img.leaflet-tile-loaded").first
    tile.wait_for(state="attached")
    page.wait_for_load_state("networkidle")


def cookies_of(page):
    kept = {one["name"]: one["value"] for one in page.context.cookies()}
    return f"{COOKIE}={kept[COOKIE]}"


@pytest.mark.slow
def test_with_accounts_each_address_answers_as_declared(folder, browser):
    for actor in (WANG, SHEN):
        accounts.add_account(folder / "accounts.json", actor, PASSWORD)
    port = free_port()
    with serving(folder, port, **settings(folder)) as address, browsing(browser) as (page, asked):
        sign_in(page, address, WANG)
        other = page.context.browser.new_context().new_page()
        sign_in(other, address, SHEN)
        cookies = {NOBODY: "", STRANGER: f"{COOKIE}=made-up", REVIEWER: cookies_of(page)}
        guarded = {
            word: next(url for url in asked if f"/tiles/{word.lower()}/" in url)[len(address) :]
            for word in ("BASE", "COVERAGE", "LAYERS")
        }
        own = {entry: entry.replace(word, guarded.get(word, word)) for entry in EACH
               for word in [entry.split()[1]]}  # fmt: skip
        seen = {
            entry: tuple(status_of(port, own[entry], cookies[who]) for who in WHO) for entry in EACH
        }
        assert seen == EACH
        for entry in ("GET COVERAGE", "GET LAYERS"):
            assert status_of(port, own[entry], cookies_of(other)) == 403  # of another visit
        foreign(port, own, cookies[REVIEWER])
        page.get_by_role("button", name="Sign out").click()
        page.get_by_label("Account name").wait_for()
        for entry in ("GET COVERAGE", "GET LAYERS"):
            assert status_of(port, own[entry], cookies[REVIEWER]) == 403  # after its end
        log = Path(folder / "app.log").read_text(encoding="utf-8")
        assert "token=" not in log


def foreign(port, own, cookie):
    """From a foreign page, or under a foreign name, nothing is open, whatever the cookie."""
    for entry in own.values():
        for name, status in ((f"evil.example:{port}", 421), ("evil.example", 421)):
            expected = 403 if entry.startswith("LINE") else status
            assert status_of(port, entry, cookie, Host=name) == expected, entry
        for origin in (f"http://127.0.0.1:{port + 1}", "http://evil.example", "null"):
            assert status_of(port, entry, cookie, Origin=origin) == 403, (entry, origin)


@pytest.mark.slow
def test_without_accounts_it_is_closed_to_who_has_no_token(folder, tmp_path):
    port = free_port()
    with serving(tmp_path, port, **settings(folder)):
        name = known(port)["name"]
        cookies = ("", f"{name}=guessed")
        seen = {
            entry: tuple(status_of(port, entry, cookie) for cookie in cookies) for entry in ALONE
        }
        assert seen == ALONE
        entered = f"{name}={known(port)['value']}"
        assert status_of(port, "LINE /_stcore/stream", entered) == 101
        assert status_of(port, "GET /plan", entered) == 200
