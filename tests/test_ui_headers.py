"""Headers of every answer: what a page may load, who may frame it, and that it works with them."""

from __future__ import annotations

import asyncio
import os
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.io.project_file import save_city
from civicsight.ui.access.guard import Sealed, fail, sealing
from civicsight.ui.pages import PAGES
from tests.app_town import app_city
from tests.ui_server import browsing, free_port, known, leaving, serving, until

WAIT_MS = 120_000
LOADS = {"'none'", "'self'", "'unsafe-inline'", "'wasm-unsafe-eval'", "data:", "blob:"}
"""What may stand in a policy beside digests: no host, no scheme of the network, no evaluation."""

WATCH = """window.broken = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


def rules_of(policy):
    parts = (rule.split() for rule in policy.split("; "))
    return {name: set(values) for name, *values in parts}


def test_a_policy_names_no_host_and_runs_no_text():
    rules = rules_of(sealing()["Content-Security-Policy"])
    digests = {value for value in rules["script-src"] if re.fullmatch(r"'sha256-[\w+/]+=*'", value)}
    assert len(digests) == 2
    assert set().union(*rules.values()) - digests <= LOADS
    assert "'unsafe-inline'" not in rules["script-src"]
    closed = {"default-src": "'none'", "object-src": "'none'", "frame-ancestors": "'none'",
              "base-uri": "'self'", "form-action": "'self'"}  # fmt: skip
    assert {name: rules[name] for name in closed} == {name: {v} for name, v in closed.items()}


def test_frames_are_for_whom_the_administrator_names(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_FRAME_ORIGINS", "https://portal.example http://10.0.0.7:8080")
    rules = rules_of(sealing()["Content-Security-Policy"])
    assert rules["frame-ancestors"] == {"https://portal.example", "http://10.0.0.7:8080"}


@pytest.mark.parametrize("wrong", ["*", "portal.example", "https://*.example", "https://a/b",
                                   "https://a; script-src *", "https://a, https://b"])  # fmt: skip
def test_what_is_no_origin_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("CIVICSIGHT_FRAME_ORIGINS", wrong)
    with pytest.raises(InputError, match="CIVICSIGHT_FRAME_ORIGINS"):
        sealing()


def test_what_breaks_is_sealed_too():
    def broken(_request):
        raise RuntimeError

    app = Starlette(
        routes=[Route("/broken", broken), Route("/well", lambda _: PlainTextResponse("well"))],
        middleware=[Middleware(Sealed)],
        exception_handlers={Exception: fail},
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async def ask(path):
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    for path, status in (("/well", 200), ("/nowhere", 404), ("/broken", 500)):
        answer = asyncio.run(ask(path))
        assert answer.status_code == status
        assert {name: answer.headers[name] for name in sealing()} == sealing()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(folder / "cache"))
    project = str(save_city(app_city(), folder / "town.gpkg"))
    settings = {"CIVICSIGHT_PROJECT": project, "CIVICSIGHT_CACHE_DIR": cache}
    with serving(folder, free_port(), **settings) as address:
        yield address


def headers_of(address, path, method="GET"):
    cookie = known(int(address.rpartition(":")[2]))
    asked = Request(address + path, method=method, data=b"" if method != "GET" else None)  # noqa: S310
    asked.add_header("Cookie", f"{cookie['name']}={cookie['value']}")
    try:
        with urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, answer.headers
    except HTTPError as error:
        return error.code, error.headers


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"), ("/plan", "GET"), ("/nowhere", "GET"), ("/favicon.png", "GET"),
        ("/static/none.js", "GET"), ("/media/none.png", "GET"), ("/tiles/layers/x.json", "GET"),
        ("/tiles/base/x/1/1/1.pbf", "GET"), ("/visit", "POST"), ("/visit", "GET"),
        ("/_stcore/health", "GET"), ("/_stcore/host-config", "GET"), ("/_stcore/stream", "GET"),
        ("/_stcore/upload_file/a/b", "PUT"), ("/_stcore/metrics", "GET"), ("/%2e%2e/x", "GET"),
    ],
)  # fmt: skip
def test_every_answer_of_the_server_is_sealed(app, path, method):
    status, headers = headers_of(app, path, method)
    assert status < 500
    assert {name: headers[name] for name in sealing()} == sealing(), status


@pytest.mark.browser
@pytest.mark.slow
def test_the_app_works_and_breaks_no_rule_on_any_page(app, browser):
    with browsing(browser) as (page, requests):
        page.set_default_timeout(WAIT_MS)
        told, failed = [], []
        page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
        page.on("requestfailed", lambda asked: failed.append(f"{asked.url} {asked.failure}"))
        page.add_init_script(WATCH)
        for entry in PAGES:
            page.goto(f"{app}/{entry.code}?lang=en")
            page.get_by_role("heading", name=translate(entry.title, "en")).first.wait_for()
            page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
            if entry.code == "plan":
                drawn = page.locator(".civicsight-live img.leaflet-tile-loaded").first
                drawn.wait_for(state="attached")
            if entry.code == "view3d":
                page.locator("canvas").first.wait_for()
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.lang") == "en"
            assert page.evaluate("window.broken") == [], entry.code
        assert not [line for line in told if "Content Security Policy" in line or "refused" in line]
        assert not [one for one in failed if "ABORTED" not in one]
        assert not leaving(requests, app)


@pytest.mark.browser
def test_what_a_page_must_not_do_is_stopped(app, browser):
    """The watch above sees what there is to see: each of these is one breach."""
    with browsing(browser) as (page, _):
        page.add_init_script(WATCH)
        page.goto(f"{app}/?lang=en")
        page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
              const frame = document.createElement("iframe");
              frame.src = "https://elsewhere.example/";
              document.body.append(frame);
              fetch("http://127.0.0.1:9/").catch(() => null);
            }"""
        )
        until(page, "window.broken.length >= 3")
        assert not page.evaluate("window.ran")
