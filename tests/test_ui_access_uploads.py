"""Files that browsers send: refused before a byte is read, counted while they come, never many."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from http.cookiejar import CookieJar
from types import SimpleNamespace
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import httpx
import pytest
from streamlit.elements.lib.file_uploader_utils import enforce_filename_restriction
from streamlit.errors import StreamlitAPIException
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from civicsight.application import accounts
from civicsight.application.inbox.desk import close_inbox
from civicsight.core.settings import MEGABYTE
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from civicsight.ui import errors, frame
from civicsight.ui.access import signin, uploads
from civicsight.ui.access.uploads import UPLOADS, Entitled, UploadGate, Uploads
from civicsight.ui.access.visits import COOKIE, VISITS
from civicsight.ui.pages import PAGES
from tests.app_town import app_city
from tests.caches import own_cache
from tests.store_parts import SUN, WANG, ZHOU, begun, submitted
from tests.ui_made import PASSWORD, add_cheaply, make_project, named_by_provider, open_page
from tests.ui_server import browsing, free_port, serving

OPENED_MS = 240_000
WAITING: dict[str | None, int] = {}
"""Bytes that were taken and wait, by person and of all."""
FILE = "/_stcore/upload_file/visit/file"
DATA, HOME, REVIEW = (
    next(one for one in PAGES if one.code == code) for code in ("data", "home", "review")
)


@pytest.fixture(autouse=True)
def bounds(monkeypatch, tmp_path):
    """Keep the accounts of the test apart; a visit may hold 4 MB, all together 6 MB."""
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    monkeypatch.setenv("CIVICSIGHT_VISIT_UPLOADS", "4")
    monkeypatch.setenv("CIVICSIGHT_ALL_UPLOADS", "6")
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    WAITING.clear()
    yield
    UPLOADS.offered.clear()
    close_inbox()


@pytest.fixture
def held():
    """What a server holds, of each visit by file."""
    return defaultdict(dict)


@pytest.fixture
def known(held):
    made = Uploads(
        lambda: held, lambda visit: held.pop(visit, None), lambda person: WAITING.get(person, 0)
    )
    made.offer("visit", Entitled("Li", lambda: True))
    return made


def hold(held, visit, size):
    held[visit][len(held[visit])] = SimpleNamespace(data=bytes(size))


def put(known, chunks, path=FILE, *, method="PUT", announce=None, cookies=None):
    """Send a file; return the status and how many of its chunks were asked for."""
    asked = []

    async def take(_scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def body():
        for chunk in chunks:
            asked.append(len(chunk))
            yield chunk

    async def sending():
        transport = httpx.ASGITransport(app=UploadGate(take, known))
        headers = {} if announce is None else {"Content-Length": str(announce)}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies=cookies
        ) as client:
            return await client.request(method, path, content=body(), headers=headers)

    return asyncio.run(sending()).status_code, len(asked)


def test_a_visit_that_was_offered_a_field_sends_a_file(known):
    assert put(known, [bytes(10)] * 3) == (204, 3)
    assert known.coming == []


@pytest.mark.parametrize("path", [FILE.replace("visit", "other"), "/_stcore/upload_file/",
                                  "/_stcore/upload_file//visit", "/city/_stcore/upload_file/x/y",
                                  FILE.replace("/visit", "//visitor")])  # fmt: skip
def test_a_visit_that_was_not_sends_none_and_nothing_of_it_is_read(known, path):
    assert put(known, [bytes(10)], path) == (403, 0)
    assert put(known, [bytes(10)], path, method="POST") == (403, 0)


def test_what_is_no_file_passes(known):
    assert put(known, [b"x"], "/visit", method="POST") == (204, 1)
    assert put(known, [], FILE.replace("visit", "other"), method="OPTIONS")[0] == 204


def test_a_file_is_sent_and_taken_out_by_the_visit_that_was_offered_the_field_alone(
    known, monkeypatch, tmp_path
):
    add_cheaply(monkeypatch, tmp_path / "accounts.json", WANG)
    mine, other = ({COOKIE: VISITS.begin((WANG.name, b"salt"))[0]} for _ in range(2))
    known.offer("visit", Entitled("Wang", lambda: True, signin.visit_of(mine)))
    known.told["visit"] = "told"
    for method in ("PUT", "DELETE"):
        assert put(known, [bytes(10)], method=method) == (401, 0)
        assert put(known, [bytes(10)], method=method, cookies=other) == (403, 0)
    assert known.told == {"visit": "told"}
    for method in ("PUT", "DELETE"):
        assert put(known, [bytes(10)], method=method, cookies=mine) == (204, 1)
    assert not known.told


def test_who_has_not_signed_in_is_told_to(known, monkeypatch, tmp_path):
    add_cheaply(monkeypatch, tmp_path / "accounts.json", WANG)
    other = FILE.replace("visit", "other")
    assert put(known, [bytes(10)], other) == (401, 0)
    token, _ = VISITS.begin((WANG.name, b"salt"))
    assert put(known, [bytes(10)], other, cookies={COOKIE: token}) == (403, 0)
    monkeypatch.setattr(signin, "_secrets", lambda: {"auth": {}})
    assert put(known, [bytes(10)], other) == (401, 0)
    assert put(known, [bytes(10)], other, cookies={signin.USER_COOKIE: "x"}) == (401, 0)
    named = {signin.USER_COOKIE: named_by_provider("Li")}
    assert put(known, [bytes(10)], other, cookies=named) == (403, 0)


def test_who_is_no_longer_entitled_sends_nothing(known):
    may = [True]
    known.offer("visit", Entitled("Li", lambda: may[0]))
    assert put(known, [bytes(10)])[0] == 204
    may.clear()
    may.append(False)
    assert put(known, [bytes(10)]) == (403, 0)


def test_what_is_announced_too_large_is_refused_before_it_is_read(known):
    assert put(known, [bytes(10)], announce=4 * MEGABYTE + 1) == (413, 0)
    assert put(known, [bytes(10)], announce=4 * MEGABYTE) == (204, 1)


@pytest.mark.parametrize("announce", [None, 5])
def test_what_comes_is_counted_whatever_was_announced(known, announce):
    status, asked = put(known, [bytes(MEGABYTE)] * 50, announce=announce)
    assert (status, asked) == (413, 5)
    assert known.coming == []


def test_what_is_held_counts_for_the_visit_and_for_all(known, held):
    hold(held, "visit", 3 * MEGABYTE)
    assert put(known, [bytes(MEGABYTE)])[0] == 204
    hold(held, "visit", 1)  # counts as a whole megabyte: nor are a thousand small ones taken
    assert put(known, [b""], announce=1) == (413, 0)
    held.clear()
    hold(held, "other", 4 * MEGABYTE)
    assert put(known, [bytes(MEGABYTE)] * 2)[0] == 204
    assert put(known, [bytes(MEGABYTE)] * 3) == (413, 3)


def test_all_windows_of_a_person_count_and_what_waits_too(known, held, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_PERSON_UPLOADS", "5")
    known.offer("window", Entitled("Li", lambda: True))
    known.offer("other", Entitled("Wu", lambda: True))
    other = FILE.replace("visit", "other")
    hold(held, "window", 2 * MEGABYTE)
    assert put(known, [b""], announce=3 * MEGABYTE)[0] == 204
    assert put(known, [b""], announce=4 * MEGABYTE) == (413, 0)
    assert "5 MB of yours" in str(known.told["visit"])
    assert put(known, [], method="DELETE")[0] == 204  # the file is taken out of the field
    assert not known.told
    assert put(known, [b""], other, announce=4 * MEGABYTE)[0] == 204
    WAITING["Li"] = 2 * MEGABYTE
    assert put(known, [b""], announce=2 * MEGABYTE) == (413, 0)
    assert put(known, [b""], announce=1 * MEGABYTE)[0] == 204


def test_what_waits_on_the_disk_of_the_server_counts_for_all(known, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_UPLOAD_SCRATCH", "10")
    WAITING[None] = 8 * MEGABYTE
    assert put(known, [b""], announce=3 * MEGABYTE) == (413, 0)
    assert "the server" in str(known.told["visit"])
    assert put(known, [b""], announce=2 * MEGABYTE)[0] == 204


def test_a_file_that_is_broken_off_counts_no_more(known):
    asked = []

    async def take(_scope, receive, _send):
        while (await receive())["type"] != "http.disconnect":
            asked.append([one.size for one in known.coming])

    async def breaking():
        sent = [{"type": "http.request", "body": bytes(MEGABYTE), "more_body": True}] * 2
        told = iter([*sent, {"type": "http.disconnect"}])

        async def receive():
            return next(told)

        scope = {"type": "http", "method": "PUT", "path": FILE, "headers": []}
        await UploadGate(take, known)(scope, receive, None)

    asyncio.run(breaking())
    assert asked == [[MEGABYTE], [2 * MEGABYTE]]
    assert known.coming == []
    assert put(known, [bytes(MEGABYTE)] * 4)[0] == 204


def test_what_is_no_longer_offered_is_not_held(known, held):
    may = [True]
    known.offer("window", Entitled("Li", lambda: bool(may)))
    for visit in ("visit", "window"):
        hold(held, visit, 10)
    known.sweep()
    assert held.keys() == {"visit", "window"}
    may.clear()
    known.sweep()
    assert held.keys() == {"visit"}
    known.end("visit")
    assert not held


def test_files_on_their_way_count_together(known):
    with known.taking("visit") as first:
        first.announce(3 * MEGABYTE)
        assert put(known, [bytes(10)], announce=2 * MEGABYTE) == (413, 0)
        assert put(known, [bytes(10)], announce=1 * MEGABYTE)[0] == 204
    assert put(known, [bytes(10)], announce=2 * MEGABYTE)[0] == 204


def test_visits_that_are_over_are_forgotten(known, monkeypatch):
    monkeypatch.setattr(uploads, "_is_open", lambda visit: visit != "visit")
    known.offer("next", Entitled("Li", lambda: True))
    assert known.offered.keys() == {"next"}


@pytest.mark.slow
def test_a_page_offers_its_field_and_the_next_page_ends_it(monkeypatch, tmp_path):
    project = make_project(tmp_path)
    open_page(monkeypatch, project, DATA, "en")
    (visit,) = UPLOADS.offered
    assert UPLOADS.may_send(visit, "")
    test = open_page(monkeypatch, project, DATA, "en")
    assert UPLOADS.may_send(visit, "")
    monkeypatch.setattr(frame, "PAGES", (HOME,))
    test.run()
    assert not UPLOADS.offered


def test_only_who_may_approve_or_remark_is_offered_to_send_a_file(monkeypatch, tmp_path):
    add_cheaply(monkeypatch, tmp_path / "accounts.json", ZHOU, WANG, SUN)
    project = replace(make_project(tmp_path), plan_id="donghu")
    with begun(project.store_path) as store:
        submitted(store)
    tokens = {
        name: VISITS.begin((name, account.salt))[0]
        for name, account in accounts.read_accounts(tmp_path / "accounts.json").items()
    }
    for actor, offers in ((SUN, 0), (WANG, 1), (ZHOU, 1)):
        UPLOADS.offered.clear()
        monkeypatch.setattr(signin, "_token", lambda name=actor.name: tokens[name])
        open_page(monkeypatch, project, REVIEW, "en", actor=actor)
        assert len(UPLOADS.offered) == offers
    (visit,) = UPLOADS.offered
    assert UPLOADS.may_send(visit, signin.this_visit())
    VISITS.end(tokens[ZHOU.name])
    assert not UPLOADS.may_send(visit, signin.this_visit())


def test_an_account_ends_what_the_local_planner_was_offered(monkeypatch, tmp_path):
    open_page(monkeypatch, make_project(tmp_path), DATA, "en")
    (visit,) = UPLOADS.offered
    add_cheaply(monkeypatch, tmp_path / "accounts.json", WANG)
    assert not UPLOADS.may_send(visit, "")


def test_who_signed_out_or_has_another_role_no_longer_stands(monkeypatch, tmp_path):
    path = tmp_path / "accounts.json"
    add_cheaply(monkeypatch, path, WANG)
    token, _ = VISITS.begin((WANG.name, accounts.read_accounts(path)[WANG.name].salt))
    monkeypatch.setattr(signin, "_token", lambda: token)
    stands = signin.standing(WANG)
    assert stands()
    add_cheaply(monkeypatch, path, Actor(WANG.name, Role.ANALYST))
    assert not stands()
    add_cheaply(monkeypatch, path, WANG)
    assert stands()
    VISITS.end(token)
    assert not stands()


def test_who_signed_out_of_a_provider_no_longer_stands(monkeypatch):
    monkeypatch.setattr(signin, "_secrets", lambda: {"auth": {}})
    monkeypatch.setattr(signin, "_named_by", lambda _: "signed by the server")
    monkeypatch.setattr(signin, "_OVER", {})
    stands = signin.standing(WANG)
    assert stands()
    signin._OVER[signin.this_visit()] = None
    assert not stands()


@contextmanager
def visiting(address):
    """Open a page as a browser does, without one; give its session, and cookie and token."""
    jar = CookieJar()
    with build_opener(HTTPCookieProcessor(jar)).open(f"{address}/_stcore/health", timeout=20):
        token = next(one.value for one in jar if "xsrf" in one.name)
    cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
    line = connect(
        f"{address.replace('http', 'ws')}/_stcore/stream",
        subprotocols=["streamlit"],
        additional_headers={"Cookie": cookie, "Origin": address},
    )
    with line:
        asked = BackMsg()
        asked.rerun_script.query_string = "lang=en"
        line.send(asked.SerializeToString())
        told = ForwardMsg()
        while not told.HasField("new_session"):
            told.ParseFromString(line.recv(timeout=60))
        yield told.new_session.initialize.session_id, cookie, token


def begin_to_send(address, session, cookie, token, heads, first=b""):
    """Send the head of a file, and what comes first of it; return the status that is answered."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as line:
        head = (
            f"PUT /_stcore/upload_file/{session}/a HTTP/1.1\r\nHost: {place.netloc}\r\n"
            f"Cookie: {cookie}\r\nX-Xsrftoken: {token}\r\nOrigin: {address}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\n{heads}\r\n\r\n"
        )
        line.sendall(head.encode() + first)
        return int(re.match(rb"HTTP/1.1 (\d+)", line.recv(100))[1])


@pytest.mark.slow
@pytest.mark.browser
def test_the_server_refuses_a_file_before_its_first_byte_until_somebody_signed_in(tmp_path):
    save_city(app_city(), tmp_path / "town.gpkg")
    accounts.add_account(tmp_path / "accounts.json", WANG, PASSWORD)
    settings = {
        "CIVICSIGHT_PROJECT": str(tmp_path / "town.gpkg"),
        "CIVICSIGHT_ACCOUNTS": str(tmp_path / "accounts.json"),
    }
    with serving(tmp_path, free_port(), **settings) as address, visiting(address) as visit:
        size = 49 * MEGABYTE
        assert begin_to_send(address, *visit, f"Content-Length: {size}") == 401
        chunk = b"400\r\n" + bytes(1024) + b"\r\n"
        assert begin_to_send(address, *visit, "Transfer-Encoding: chunked", chunk) == 401


SEND = """([url, size]) => fetch(url, {method: "PUT", credentials: "same-origin",
  headers: {"X-Xsrftoken": document.cookie.match(/_streamlit_xsrf=([^;]+)/)[1]},
  body: (() => { const form = new FormData();
    form.append("file", new Blob([new Uint8Array(size)]), "a.csv"); return form; })()})
  .then((answer) => answer.status)"""


@pytest.mark.slow
@pytest.mark.browser
def test_the_local_planner_sends_a_file_where_a_page_asks_for_one(tmp_path, browser):
    save_city(app_city(), tmp_path / "town.gpkg")
    settings = {"CIVICSIGHT_PROJECT": str(tmp_path / "town.gpkg")}
    with serving(tmp_path, free_port(), **settings) as address, browsing(browser) as opened:
        page, requests = opened
        page.set_default_timeout(OPENED_MS)
        page.goto(f"{address}/data?lang=en")
        field = page.locator("input[type=file]").first
        field.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"id\n1\n"})
        page.get_by_test_id("stFileChipName").wait_for()
        page.get_by_test_id("stFileChipIconSpinner").wait_for(state="detached")
        url = next(one for one in requests if "/_stcore/upload_file/" in one)
        assert page.evaluate(SEND, [url, 1000]) == 204
        assert page.evaluate(SEND, [f"{url}2", 4 * MEGABYTE]) == 413
        assert page.evaluate(SEND, [url.replace("upload_file/", "upload_file/x"), 1000]) == 403
        page.get_by_role("link", name="Overview").click()
        page.get_by_test_id("stMetric").first.wait_for()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        assert page.evaluate(SEND, [url, 1000]) == 403


@pytest.mark.parametrize("name", ["cams.exe", "cams.csv\0.exe"])
def test_a_file_in_the_wrong_field_is_one_line_of_log(monkeypatch, caplog, name):
    """Only a browser that was tampered with sends it: the field itself offers no other kinds."""
    said = []
    monkeypatch.setattr(errors.st, "error", said.append)
    monkeypatch.setattr(errors, "current_language", lambda: "en")
    with pytest.raises(StreamlitAPIException) as error:
        enforce_filename_restriction(name, [".csv"])
    with caplog.at_level("WARNING", "civicsight.ui"):
        assert errors.show_script_error(error.value)
    ours = [record for record in caplog.records if record.name == "civicsight.ui"]
    assert [(record.levelname, record.exc_info) for record in ours] == [("WARNING", None)]
    assert "\n" not in ours[0].getMessage()
    assert said == [str(errors.WRONG_FILE)]
