"""Over the wire: what one may send by hand, with another's message, an old role, no token."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from civicsight.application import accounts
from civicsight.application.own_file import key_of_today
from civicsight.io.project_file import save_city
from civicsight.model.format_versions import ACCOUNTS
from civicsight.store import Actor, Role, open_store
from tests.app_town import app_city
from tests.ui_made import PASSWORD
from tests.ui_server import browsing, free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT_MS = 120_000
LI, WANG, SHEN = (
    Actor("Li", Role.PLANNER),
    Actor("Wang", Role.REVIEWER),
    Actor("Shen", Role.AUDITOR),
)

KEEP_SOCKETS = """window.sockets = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) { super(...given); window.sockets.push(this); }
};"""

SEND = """(text) => window.sockets.at(-1).send(
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wire")
    for actor in (LI, WANG):
        accounts.add_account(folder / "accounts.json", actor, PASSWORD)
    return folder


@pytest.fixture(scope="module")
def store_path(folder):
    save_city(app_city(), folder / "town.gpkg")
    return folder / "town.plans.gpkg"


@pytest.fixture(scope="module")
def app(folder, store_path):
    kept = Path(os.environ.get("CIVICSIGHT_CACHE_DIR", folder / "cache"))
    settings = {
        "CIVICSIGHT_PROJECT": str(store_path.with_name("town.gpkg")),
        "CIVICSIGHT_CACHE_DIR": str(kept),
    }
    with serving(folder, free_port(), **settings) as address:
        yield address


@pytest.fixture(scope="module")
def two(app, browser):
    """The pages of a planner and of a reviewer, and what the planner's asked and sent."""
    with browsing(browser) as (one, requests):
        sent = []

        def note(frame):
            sent.append(frame)

        one.add_init_script(KEEP_SOCKETS)
        one.on("websocket", lambda line: line.on("framesent", note))
        sign_in(one, app, LI)
        other = one.context.browser.new_context().new_page()
        other.add_init_script(KEEP_SOCKETS)
        sign_in(other, app, WANG)
        yield one, other, requests, sent


def sign_in(page, app, actor):
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{app}/plan?lang=en")
    page.get_by_label("Account name").fill(actor.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".civicsight-panel").wait_for()
    settle(page)


def settle(page):
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_load_state("networkidle")


def add_a_camera(page):
    settle(page)  # what was sent before may still draw the page anew, and fold the form
    form = page.get_by_text("Add a camera by numbers")
    if not page.get_by_role("button", name="Add the camera").is_visible():
        form.click()
    page.get_by_label("East x").last.fill("30")
    page.get_by_label("North y").last.fill("48")
    page.get_by_role("button", name="Add the camera").click()


def status_of(url, page=None):
    """Return what an address answers in the browser of a page, or to nobody known."""
    if page is not None:
        return page.context.request.get(url, timeout=WAIT_MS).status
    try:
        with urlopen(url, timeout=20) as answer:  # noqa: S310 - our own server
            return answer.status
    except HTTPError as error:
        return error.code


def reruns(sent):
    """Return the messages of a browser that ask for a run, for the whole page each."""
    found = []
    for frame in sent:
        message = BackMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode("latin-1"))
        if message.HasField("rerun_script"):
            message.rerun_script.fragment_id = ""
            found.append(message)
    return found


def drag_away(told):
    """Turn every event of a map in a value into the dragging of a camera."""
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    if isinstance(told, dict) and "kind" in told:
        told |= {"kind": "move", "id": "south", "layer": "cameras", "seq": told["seq"] + 1}
    for value in list(inner):
        drag_away(value)


def moving(message):
    """Return a message in which every event of a map says that a camera was dragged away."""
    changed = BackMsg()
    changed.CopyFrom(message)
    for state in changed.rerun_script.widget_states.widgets:
        if state.WhichOneof("value") == "json_trigger_value":
            told = json.loads(state.json_trigger_value)
            drag_away(told)
            state.json_trigger_value = json.dumps(told)
    return changed


def send(page, message):
    """Send a message by the line that a page has open."""
    page.evaluate(SEND, base64.b64encode(message.SerializeToString()).decode())
    settle(page)


def denials(path):
    with open_store(path) as store:
        return [entry for entry in store.history(SHEN) if "refused" in entry.says]


def test_a_reviewer_who_sends_what_a_planners_browser_sent_draws_nothing(two, store_path):
    planner, reviewer, _, sent = two
    sent.clear()
    planner.evaluate(
        """() => { const { data, k } = Object.values(civicsight.layers.cameras.byId)[0];
        civicsight.open(data, k, L.latLng(data.at[k])); }"""
    )
    planner.get_by_text("Place, direction and optics").first.wait_for()
    add_a_camera(planner)
    planner.get_by_text("Changes not saved: 1").first.wait_for()
    taken = reruns(sent)
    forged = [*taken, *map(moving, taken)]
    assert any('\\"move\\"' in str(message) for message in forged)
    assert any(
        state.trigger_value or state.json_trigger_value
        for message in taken
        for state in message.rerun_script.widget_states.widgets
    )
    planner.get_by_role("button", name="Undo").click()
    planner.get_by_text("No changes").first.wait_for()
    for message in forged:
        send(reviewer, message)
    assert not reviewer.locator("[data-testid=stException]").count()
    assert not reviewer.get_by_text("Changes not saved").count()
    assert not reviewer.get_by_text("new camera 1").count()
    with open_store(store_path) as store:
        assert store.list_plans(SHEN) == []
    for message in forged:  # from who may draw, the same does something: it was no empty threat
        send(planner, message)
    planner.get_by_text(re.compile("Changes not saved: [1-9]")).first.wait_for()


def test_addresses_of_pictures_and_layers_open_with_their_own_token_in_their_own_visit(two):
    planner, reviewer, requests, _ = two
    guarded = {url.split("/tiles/")[1].split("/")[0]: url for url in requests if "token=" in url}
    assert guarded.keys() >= {"coverage", "layers"}
    tokens = {kind: url.partition("?token=")[2] for kind, url in guarded.items()}
    for kind, url in guarded.items():
        plain = url.partition("?")[0]
        assert status_of(url, planner) == 200
        assert status_of(url, reviewer) == status_of(url) == 403
        other = next(token for name, token in tokens.items() if name != kind)
        for wrong in ("", "?token=", f"?token={other}", f"?token={tokens[kind][:-2]}xx"):
            assert status_of(plain + wrong, planner) == 403, (kind, wrong)


def turn_into(path, role, district=""):
    """Give Li another role; the salt, and so the visit, stays."""
    known = json.loads(path.read_text(encoding="utf-8"))
    known[key_of_today(ACCOUNTS)]["Li"] |= {"role": str(role), "district": district}
    path.write_text(json.dumps(known), encoding="utf-8")


def test_a_role_that_was_taken_away_draws_nothing_and_sees_nothing_more(two, folder, store_path):
    planner, _, requests, _ = two
    url = next(url for url in requests if "/tiles/layers/" in url)
    assert status_of(url, planner) == 200
    before = len(denials(store_path))
    path = folder / "accounts.json"
    turn_into(path, Role.ANALYST)
    add_a_camera(planner)
    planner.get_by_text("Add a camera by numbers").wait_for(state="detached")
    settle(planner)
    assert not planner.get_by_text("new camera 1", exact=True).count()
    assert [entry.actor for entry in denials(store_path)[before:]] == ["Li"]
    turn_into(path, Role.DISTRICT_PLANNER, "West")
    assert status_of(url, planner) == 403
    accounts.remove_account(path, "Li")
    planner.reload()
    planner.get_by_label("Account name").wait_for()
