"""The server is closed: the file of options and the code agree, and an open address is refused."""

from __future__ import annotations

import asyncio
import signal
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from civicsight.cli.entry import BAD_INPUT, OK
from civicsight.cli.entry import run as run_command
from civicsight.errors import InputError
from civicsight.ui import config, serve
from civicsight.ui.access.signin import Way
from tools.app_icon import draw

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / ".streamlit" / "config.toml"


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch, tmp_path):
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))


def test_the_file_states_what_the_code_states():
    stated = tomllib.loads(FILE.read_text(encoding="utf-8"))
    flat = {f"{part}.{name}": v for part, rows in stated.items() for name, v in rows.items()}
    assert flat == config.OPTIONS


def test_the_server_knows_every_option():
    from streamlit import config as known

    assert config.OPTIONS.keys() <= known._config_options_template.keys()


def test_what_the_measurements_ask_for_is_set():
    """The list of the design: what a server of this kind must not do by default."""
    asked = {
        "server.address": "127.0.0.1",
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        "server.fileWatcherType": "none",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "browser.gatherUsageStats": False,
    }
    assert asked.items() <= config.OPTIONS.items()
    assert "*" not in config.OPTIONS["server.allowedHosts"]
    assert config.OPTIONS["server.maxUploadSize"] <= 50
    assert config.OPTIONS["server.maxMessageSize"] <= 64


def test_the_options_are_not_ignored_by_git():
    assert ".streamlit" not in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_the_icon_is_the_one_that_the_tool_draws():
    with Image.open(config.ICON) as icon:
        assert icon.format == "PNG"
        assert icon.convert("RGBA").tobytes() == draw().tobytes()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        (None, False),
        ("0.0.0.0", False),  # noqa: S104 - asked about, not bound
        ("::", False),
        ("10.0.0.7", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_only_this_machine_needs_no_sign_in(host, loopback):
    assert config.is_loopback(host) is loopback
    config.refuse_open_address(host, signed_in=True)
    if loopback:
        config.refuse_open_address(host, signed_in=False)
    else:
        with pytest.raises(InputError, match="app-user add"):
            config.refuse_open_address(host, signed_in=False)


def test_browsers_reach_an_open_address_by_known_names_only():
    local = ["127.0.0.1", "localhost"]
    assert config.options_for("127.0.0.1", 1)["server.allowedHosts"] == local
    assert config.options_for("10.0.0.7", 1)["server.allowedHosts"] == [*local, "10.0.0.7"]
    named = config.options_for("0.0.0.0", 8, ["map.example"])  # noqa: S104 - not bound
    assert named["server.allowedHosts"] == [*local, "map.example"]
    assert (named["server.port"], named["browser.serverAddress"]) == (8, "map.example")
    with pytest.raises(InputError, match="--host"):
        config.options_for("0.0.0.0", 8)  # noqa: S104 - not bound


def answer_of(kind, host):
    """Return the status that the guard sends, or "in" if it passes the connection on."""
    sent = []

    async def inner(_scope, _receive, _send):
        sent.append("in")

    async def receive():
        return {"type": f"{kind}.connect"}

    async def send(message):
        sent.append(message.get("status", message.get("code")))

    scope = {"type": kind, "server": host and (host, 80), "headers": [], "method": "GET"}
    asyncio.run(serve.LoopbackOnly(inner)(scope, receive, send))
    return sent[0]


@pytest.mark.parametrize(
    ("way", "address", "inside"),
    [
        (Way.LOCAL, "127.0.0.1", True),
        (Way.LOCAL, "10.0.0.7", False),
        (Way.LOCAL, "/run/app.socket", False),
        (Way.LOCAL, None, False),
        (Way.ACCOUNTS, "10.0.0.7", True),
        (Way.PROVIDER, "10.0.0.7", True),
    ],
)
def test_the_guard_looks_at_the_connection_itself(monkeypatch, way, address, inside):
    monkeypatch.setattr(serve, "way_in", lambda: way)
    assert answer_of("http", address) == ("in" if inside else 403)
    assert answer_of("websocket", address) == ("in" if inside else 1008)
    assert answer_of("lifespan", address) == "in"


@pytest.mark.parametrize(("address", "starts"), [("127.0.0.1", True), (None, False)])
def test_the_start_refuses_an_open_address(monkeypatch, caplog, address, starts):
    calls = []
    monkeypatch.setattr(serve.st, "get_option", lambda _: address)
    monkeypatch.setattr(serve, "opening", lambda: calls.append("opening"))
    monkeypatch.setattr(serve.signal, "raise_signal", calls.append)

    async def begin():
        async with serve.lifespan(None):
            pass

    asyncio.run(begin())
    assert calls == (["opening"] if starts else [signal.SIGTERM])
    assert ("app-user add" in caplog.text) is not starts


def test_the_command_starts_the_server_with_its_options(monkeypatch, capsys):
    seen = {}
    monkeypatch.setattr(serve.st.App, "run", lambda _app, config: seen.update(config))
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")
    assert run_command(["app", "--port", "8777", "--lang", "en"]) == OK
    assert seen == config.options_for("127.0.0.1", 8777)
    assert "http://127.0.0.1:8777" in capsys.readouterr().err


def test_the_command_refuses_an_open_address_and_a_project_that_is_not_there(monkeypatch, capsys):
    monkeypatch.setattr(serve.st.App, "run", lambda *_args, **_kw: pytest.fail("it started"))
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")
    assert run_command(["app", "--address", "0.0.0.0", "--lang", "en"]) == BAD_INPUT  # noqa: S104
    assert "app-user add" in capsys.readouterr().err
    assert run_command(["app", "--project", "nowhere.gpkg", "--lang", "en"]) == BAD_INPUT
    assert "nowhere.gpkg" in capsys.readouterr().err


def test_no_page_is_run_past_the_frame():
    """Streamlit runs every module of a folder `pages` beside the script by its own address."""
    assert not (config.SCRIPT.parent / "pages").exists()
