"""Who may send files: every role by the page, by hand over its socket, and by the address."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from civicsight.application import accounts
from civicsight.io.project_file import save_city
from civicsight.store import Actor, Role
from tests.caches import own_cache
from tests.inbox_made import rows_of
from tests.raw_line import raw_line, sent_files
from tests.result_factory import make_result
from tests.ui_made import PASSWORD, add_cheaply
from tests.ui_server import free_port, serving
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

WHO = {role: Actor(f"Somebody {role}", role, "West" if role is Role.DISTRICT_PLANNER else "")
       for role in Role}  # fmt: skip
STRANGER = "stranger"
READ = "Read and show"

MAY = {
    Role.PLANNER: (True, True, 204),
    Role.DISTRICT_PLANNER: (False, False, 403),
    Role.ANALYST: (False, False, 403),
    Role.REVIEWER: (False, False, 403),
    Role.APPROVER: (False, False, 403),
    Role.ADMIN: (False, False, 403),
    Role.AUDITOR: (False, False, 403),
    STRANGER: (False, False, 401),
}
"""Whether the page has a field; whether what is sent by hand over its socket is taken; and the
status of a file that is sent to the address. Written down by hand."""

SHORT = (Role.PLANNER, Role.REVIEWER, STRANGER)
"""Whom the everyday suite asks for."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    save_city(make_result("School").city, folder / "town.gpkg")
    with pytest.MonkeyPatch.context() as patch:
        add_cheaply(patch, folder / "accounts.json", *WHO.values())
        yield folder


@pytest.fixture(scope="module")
def app(folder):
    cache = own_cache(folder)
    settings = {
        "CIVICSIGHT_PROJECT": str(folder / "town.gpkg"),
        "CIVICSIGHT_CACHE_DIR": str(cache),
        "TMPDIR": str(cache),
    }
    with serving(folder, free_port(), program="tests.cheap_app", **settings) as address:
        yield address


@pytest.fixture
def on_page(app):
    """Open the page of the data as somebody, once the project is open."""
    with ExitStack() as lines:

        def opened(who):
            line = lines.enter_context(raw_line(app, "data"))
            if who != STRANGER:
                line.sign_in(WHO[who].name if who in WHO else who, PASSWORD)
                wait_until(lambda: line.all("dataframe") or line.run())
            return line

        yield opened


def kept_files(folder):
    """Return the names of all files that anybody sent, wherever they are kept."""
    return {path.name for path in folder.rglob("*") if path.suffix == ".csv"}


def by_hand(line, field, button):
    """Say over the socket that a file was sent, and press the button, drawn or not."""
    files = sent_files(field, "a") if field else WidgetState(id="none")
    line.run(files, WidgetState(id=button, trigger_value=True))


@pytest.mark.parametrize(
    "who", [who if who in SHORT else pytest.param(who, marks=pytest.mark.slow) for who in MAY]
)
def test_each_role_by_page_socket_and_address(folder, on_page, who):
    planner = on_page(Role.PLANNER)
    field = planner.all("file_uploader")[0].id
    button = next(one.id for one in planner.all("button") if one.label == READ)
    line = on_page(who)
    has_field, is_taken, status = MAY[who]
    assert bool(line.all("file_uploader")) is has_field
    assert line.send_file("cams.csv", rows_of("new-1", "new-2")) == status
    by_hand(line, field, button)
    if is_taken:
        wait_until(lambda: told(line, "2 of 2 rows can be used"))
        away = next(one.id for one in line.all("button") if one.label == "Put away")
        line.run(WidgetState(id=away, trigger_value=True))
    else:
        assert not any("cams.csv" in text for text in line.texts())
    assert kept_files(folder) == set()


def told(line, words):
    line.run()
    return any(words in text for text in line.texts())


def test_who_lost_the_role_after_the_page_was_drawn_sends_nothing(folder, on_page):
    path = folder / "accounts.json"
    accounts.add_account(path, Actor("Ex", Role.PLANNER), PASSWORD)
    line = on_page("Ex")
    field = line.all("file_uploader")[0].id
    button = next(one.id for one in line.all("button") if one.label == READ)
    assert line.send_file("cams.csv", rows_of("new-1")) == 204
    accounts.add_account(path, Actor("Ex", Role.ANALYST), PASSWORD)
    by_hand(line, field, button)
    assert not any("cams.csv" in text for text in line.texts())
    assert line.send_file("cams.csv", rows_of("new-1")) == 403
    assert kept_files(folder) == set()


@pytest.mark.slow
def test_a_file_that_is_broken_off_in_the_middle_leaves_nothing(folder, on_page):
    """Neither on the disk, nor in what the visit may still send: 120 MB, of which 40 came."""
    line = on_page(Role.PLANNER)
    for _ in range(5):
        break_off(line, 40_000_000)
    assert kept_files(folder) == set()
    assert not list((folder / "cache").glob("tmp*"))
    assert wait_until(lambda: line.send_file("cams.csv", bytes(45_000_000)) == 204)


def break_off(line, size):
    """Send half of a file and go."""
    place = urlsplit(line.address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as opened:
        lines = "".join(f"{name}: {value}\r\n" for name, value in line.headers().items())
        head = (
            f"PUT /_stcore/upload_file/{line.session}/b HTTP/1.1\r\nHost: {place.netloc}\r\n{lines}"
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {size}\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="half.csv"\r\n\r\n'
        )
        opened.sendall(head.encode() + bytes(size // 2))
