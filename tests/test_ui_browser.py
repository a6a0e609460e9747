"""The app in a browser: nothing leaves the machine, the language is told, sign-in by a provider."""

from __future__ import annotations

import os
import socket

import pytest
from oidc_provider_mock import User, run_server_in_thread

from civicsight.core.i18n import translate
from civicsight.io.project_file import save_city
from civicsight.ui.pages import PAGES
from tests.test_check import town
from tests.ui_server import browsing, free_port, known, leaving, serving, until

pytestmark = pytest.mark.browser

WAIT_MS = 120_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def project(folder):
    return str(save_city(town(), folder / "hand.gpkg"))


def settings(project, folder):
    cache = os.environ.get("CIVICSIGHT_CACHE_DIR", str(folder / "cache"))
    return {"CIVICSIGHT_PROJECT": project, "CIVICSIGHT_CACHE_DIR": cache}


@pytest.fixture(scope="module")
def app(folder, project):
    with serving(folder, free_port(), **settings(project, folder)) as address:
        yield address


@pytest.mark.parametrize(
    ("code", "language"), [("zh-CN", "zh_CN"), pytest.param("en", "en", marks=pytest.mark.slow)]
)
def test_no_page_asks_anything_from_elsewhere(app, browser, code, language):
    with browsing(browser) as (page, requests):
        for entry in PAGES:
            page.goto(f"{app}/{entry.code}?lang={code}")
            title = translate(entry.title, language)
            page.get_by_role("heading", name=title).first.wait_for(timeout=WAIT_MS)
            page.wait_for_load_state("networkidle")
            spoken = f"() => document.documentElement.lang === '{code}'"
            until(page, spoken)
            assert not page.locator("[data-testid=stException]").count()
        assert len(requests) > 10
        assert not leaving(requests, app)


@pytest.mark.slow
def test_the_switch_of_the_page_changes_its_language(app, browser):
    with browsing(browser) as (page, _):
        page.goto(f"{app}/?lang=en")
        page.get_by_role("heading", name="Overview").wait_for(timeout=WAIT_MS)
        page.get_by_role("button", name="中文").click()
        page.get_by_role("button", name="English").wait_for(timeout=WAIT_MS)
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        assert "lang=zh-CN" in page.url  # the map may have added its view by then


def knock(address, host, origin, cookie=None):
    """Ask for a session as a browser does, with the host and origin of one's choice."""
    port = int(address.rpartition(":")[2])
    head = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\n{origin}"
        f"Cookie: {known(port)['name']}={cookie or known(port)['value']}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head.encode())
        return int(line.recv(64).split()[1])


def test_a_foreign_site_gets_no_session(app):
    """Neither by a foreign origin nor by a name of its own that points here (DNS rebinding)."""
    own = app.removeprefix("http://")
    name, _, port = own.partition(":")
    foreign = ("http://evil.example", f"http://{name}:{int(port) - 1}", f"https://{own}", "null")
    assert knock(app, own, f"Origin: {app}\r\n") == 101
    assert knock(app, own, f"Origin: {app}\r\n", cookie="guessed") == 403
    assert knock(app, own, "") == 403
    for origin in foreign:
        assert knock(app, own, f"Origin: {origin}\r\n") == 403, origin
    assert knock(app, "evil.example", "Origin: http://evil.example\r\n") == 403


SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/city/oauth2callback"
cookie_secret = "{secret}"
client_id = "civicsight"
client_secret = "of the test"
server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"

[civicsight]
groups_claim = "groups"

[civicsight.roles]
gov-7 = "municipal_approver"
gov-8 = "reviewer"
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider, which runs here
@pytest.mark.slow
def test_a_provider_signs_in_and_its_groups_give_the_role(browser, project, tmp_path, folder):
    people = (
        User(sub="zhou", claims={"groups": ["gov-7"]}),
        User(sub="both", claims={"groups": ["gov-7", "gov-8"]}),
    )
    port = free_port()
    (tmp_path / ".streamlit").mkdir()
    with run_server_in_thread(user_claims=people) as provider:
        text = SECRETS.format(port=port, secret="s" * 40, provider=provider.server_port)
        (tmp_path / ".streamlit" / "secrets.toml").write_text(text, encoding="utf-8")
        more = settings(project, folder) | {"AUTHLIB_INSECURE_TRANSPORT": "1"}
        with serving(tmp_path, port, "/city", **more) as address:
            for name, sees in (("zhou", "zhou · municipal approver"), ("both", "no role here")):
                with browsing(browser) as (page, _):
                    page.goto(f"{address}/?lang=en")
                    page.get_by_role("button", name="Sign in with the account").click(
                        timeout=WAIT_MS
                    )
                    page.get_by_role("button", name=name, exact=True).click(timeout=WAIT_MS)
                    page.goto(f"{address}/?lang=en")
                    page.get_by_text(sees).first.wait_for(timeout=WAIT_MS)


@pytest.mark.slow
def test_what_the_server_writes_by_itself_is_read_in_the_language_of_the_visit(app, browser):
    with browsing(browser) as (page, _):
        page.goto(f"{app}/no-such-page?lang=zh-CN")
        page.get_by_text("页面不存在", exact=True).wait_for(timeout=WAIT_MS)
        page.get_by_text("Page not found").wait_for(state="detached", timeout=WAIT_MS)
        page.get_by_text("does not seem to exist").wait_for(state="detached", timeout=WAIT_MS)
