"""The server is closed: the file of options and the code agree, and an open address is refused."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tomllib
from pathlib import Path
from threading import Event

import pytest
from PIL import Image

from civicsight.cli.entry import BAD_INPUT, OK
from civicsight.cli.entry import run as run_command
from civicsight.core.errors import N_, InputError, SetupError
from civicsight.core.i18n import translate
from civicsight.coverage._kernels import ahead
from civicsight.editing.edit_context import BENCHES
from civicsight.editing.project import Opening
from civicsight.io.apart import fence, reading
from civicsight.ui import config, serve
from civicsight.ui.access.start import MADE
from civicsight.ui.pages import PAGES
from tests.ui_made import make_project
from tools.app_icon import draw

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / ".streamlit" / "config.toml"


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch, tmp_path):
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    monkeypatch.delenv("CIVICSIGHT_TOKEN", raising=False)


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
        "runner.postScriptGC": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.allowedOrigins": [],
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
    for address in ("10.0.0.7", "::1"):
        assert config.options_for(address, 1)["server.allowedHosts"] == [*local, address]
    named = config.options_for("0.0.0.0", 8, ["map.example"])  # noqa: S104 - not bound
    assert named["server.allowedHosts"] == [*local, "map.example"]
    assert (named["server.port"], named["browser.serverAddress"]) == (8, "map.example")
    with pytest.raises(InputError, match="--host"):
        config.options_for("0.0.0.0", 8)  # noqa: S104 - not bound


def test_a_base_path_is_a_path_and_nothing_else():
    assert not config.options_for("127.0.0.1", 1)["server.baseUrlPath"]
    for path in ("civicsight", "/civicsight", "/civicsight/"):
        options = config.options_for("127.0.0.1", 1, base=path)
        assert options["server.baseUrlPath"] == "civicsight"
    for wrong in ("https://map.example/x", "//map.example", "/a b", "/a/../b?c", "/", "/{z}"):
        with pytest.raises(InputError, match="as /civicsight"):
            config.options_for("127.0.0.1", 1, base=wrong)


@pytest.mark.parametrize(
    ("address", "names", "starts"),
    [
        ("127.0.0.1", ["127.0.0.1", "localhost"], True),
        (None, ["localhost"], False),
        ("127.0.0.1", ["localhost", "map.example"], False),
        ("127.0.0.1", [], False),  # every name
    ],
)
def test_the_start_refuses_an_open_address(monkeypatch, caplog, address, names, starts):
    calls, told = [], Event()
    known = {"server.address": address, "server.allowedHosts": names}
    monkeypatch.setattr(serve.st, "get_option", known.__getitem__)
    monkeypatch.setattr(serve, "opening", lambda _path: calls.append("opening") or Opening())
    monkeypatch.setenv("CIVICSIGHT_PROJECT", "town.gpkg")
    monkeypatch.setattr(serve.signal, "raise_signal", calls.append)
    monkeypatch.setattr(serve, "_print_lacks", told.set)

    async def begin():
        async with serve.lifespan(None):
            pass

    asyncio.run(begin())
    assert calls == (["opening"] if starts else [signal.SIGTERM])
    assert not starts or told.wait(60)
    assert ("app-user add" in caplog.text) is not starts


@pytest.mark.parametrize("breaks", [False, True])
def test_the_start_says_what_protection_reading_lacks(monkeypatch, caplog, breaks):
    """Said as the gate says it, in the language of the server; a gate that breaks stops nothing."""

    def tell():
        if breaks:
            raise SetupError(N_("plan"))
        return (N_("Files are read with less protection here: %(text)s", text="no fence"),)

    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "zh_CN")
    monkeypatch.setattr(serve, "describe_lacks", tell)
    serve._print_lacks()
    (said,) = caplog.messages
    assert said == ("plan" if breaks else translate(tell()[0], "zh_CN"))


@pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")
def test_the_start_names_root_and_what_will_not_be_read(monkeypatch):
    gate = reading.Gate()
    monkeypatch.setattr(reading, "_GATES", {os.getpid(): gate})
    monkeypatch.setattr(gate, "_lacks", (fence.NO_FILES,))
    monkeypatch.setattr(reading, "_of_others", lambda: True)
    for root in (False, True):
        monkeypatch.setattr(fence, "is_root", lambda root=root: root)
        said = " ".join(map(str, reading.describe_lacks()))
        assert ("runs as root" in said) is root
        assert "No file is read" in said
    assert "No file is read" not in " ".join(map(str, reading.describe_lacks(start=False)))


def test_a_server_begins_with_what_a_killed_one_left_and_sweeps_on(monkeypatch, tmp_path, caplog):
    left = tmp_path / "uploads" / ".civicsight-left" / "id" / "file" / "secret.csv"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(serve, "opening", lambda _path: Opening())
    monkeypatch.setenv("CIVICSIGHT_PROJECT", "town.gpkg")
    monkeypatch.setattr(serve, "refuse_open_address", lambda *_, **__: None)
    monkeypatch.setattr(serve, "SWEEP_S", 0.0)
    calls, real, four = [], serve.sweep, Event()

    def sweep():
        calls.append(left.exists())
        if len(calls) == 2:
            raise SetupError(N_("Put away"))
        real()
        if len(calls) == 4:
            four.set()

    monkeypatch.setattr(serve, "sweep", sweep)

    async def begin():
        async with serve.lifespan(None):
            await asyncio.to_thread(four.wait)
            assert list((tmp_path / "uploads").iterdir())

    asyncio.run(begin())
    assert calls[:4] == [True, False, False, False]
    assert "Put away" in caplog.text
    assert not list((tmp_path / "uploads").iterdir())


@pytest.mark.parametrize("opens", [True, False])
def test_what_every_visit_needs_is_laid_out_once_the_project_is_open(monkeypatch, tmp_path, opens):
    calls, under_way = [], Opening()
    monkeypatch.setattr(serve, "_compile_ahead", lambda: calls.append("ahead"))
    monkeypatch.setattr(serve, "load_page", lambda page: calls.append(page.code))
    monkeypatch.setattr(serve, "opening", lambda _path: under_way)
    monkeypatch.setenv("CIVICSIGHT_PROJECT", "town.gpkg")
    monkeypatch.setattr(serve, "refuse_open_address", lambda *_, **__: None)
    project = make_project(tmp_path, f"laid out: {opens}")

    async def begin():
        async with serve.lifespan(None):
            assert not calls
            if opens:
                under_way.future.set_result(project)
            else:
                under_way.future.set_exception(InputError([]))

    asyncio.run(begin())
    assert calls == ([*(page.code for page in PAGES), "ahead"] if opens else [])
    assert (BENCHES.find(project.digest) is not None) is opens


@pytest.mark.parametrize("done", [True, False])
def test_what_a_later_job_needs_is_compiled_beside_and_ends_with_the_server(monkeypatch, done):
    calls = []
    monkeypatch.setattr(ahead, "is_done", lambda: done)
    monkeypatch.setattr(serve, "compile_beside", lambda: calls.append("begun"))
    serve._compile_ahead()
    assert calls == ([] if done else ["begun"])
    monkeypatch.setattr(serve, "opening", lambda _path: Opening())
    monkeypatch.setenv("CIVICSIGHT_PROJECT", "town.gpkg")
    monkeypatch.setattr(serve, "refuse_open_address", lambda *_, **__: None)
    monkeypatch.setattr(serve, "end_beside", lambda: calls.append("ended"))

    async def begin():
        async with serve.lifespan(None):
            assert "ended" not in calls

    asyncio.run(begin())
    assert calls[-1] == "ended"


def test_the_command_starts_the_server_with_its_options(monkeypatch, capsys):
    seen = {}
    monkeypatch.setattr(serve.st.App, "run", lambda _app, config: seen.update(config))
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")
    assert run_command(["app", "--port", "8777", "--lang", "en"]) == OK
    assert seen == config.options_for("127.0.0.1", 8777)
    assert f"http://127.0.0.1:8777/?token={MADE}\n" in capsys.readouterr().err


def test_without_a_token_the_command_says_what_it_means(monkeypatch, capsys):
    monkeypatch.setattr(serve.st.App, "run", lambda _app, **_: None)
    monkeypatch.setenv("CIVICSIGHT_TOKEN", "none at all, to be undone")
    assert run_command(["app", "--no-token", "--lang", "en"]) == OK
    told = capsys.readouterr().err
    assert "every user" in told
    assert "http://127.0.0.1:8501\n" in told
    monkeypatch.setenv("CIVICSIGHT_TOKEN", "short")
    assert run_command(["app", "--lang", "en"]) == BAD_INPUT
    assert "at least 16 characters" in capsys.readouterr().err


def test_a_server_without_a_command_prints_its_address(monkeypatch, capsys):
    monkeypatch.setattr(serve, "opening", lambda _path: Opening())
    monkeypatch.setenv("CIVICSIGHT_PROJECT", "town.gpkg")
    known = {"server.address": "127.0.0.1", "server.allowedHosts": ["localhost"],
             "server.port": 8601, "server.baseUrlPath": "city"}  # fmt: skip
    monkeypatch.setattr(serve.st, "get_option", known.__getitem__)
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")

    async def begin():
        async with serve.parts(announces=True)["lifespan"](None):
            pass

    asyncio.run(begin())
    assert f"http://127.0.0.1:8601/city/?token={MADE}\n" in capsys.readouterr().err


def test_the_command_says_the_path_and_hands_it_to_the_server_and_the_routes(monkeypatch, capsys):
    seen = []

    def run(app, config):
        seen.append((config["server.baseUrlPath"], {route.path for route in app._user_routes}))

    monkeypatch.setattr(serve.st.App, "run", run)
    assert run_command(["app", "--base-path", "/civic/sight", "--lang", "en"]) == OK
    ((base, paths),) = seen
    assert base == "civic/sight"
    assert all(path.startswith("/civic/sight/") for path in paths)
    assert "http://127.0.0.1:8501/civic/sight/?token=" in capsys.readouterr().err


def test_the_command_refuses_names_for_others_while_nobody_signs_in(monkeypatch, capsys):
    monkeypatch.setattr(serve.st.App, "run", lambda *_args, **_kw: pytest.fail("it started"))
    assert run_command(["app", "--host", "map.example", "--lang", "en"]) == BAD_INPUT
    assert "app-user add" in capsys.readouterr().err


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
