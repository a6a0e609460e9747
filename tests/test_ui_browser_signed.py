"""From files to a signed plan in a browser: brought in, drawn up, reviewed, approved."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

import pytest
from pyproj import Transformer

from civicsight.application.accounts import add_account
from civicsight.application.drawing_up import PLAN_ID
from civicsight.io.project_file import save_city
from civicsight.report.plan.funding import ADD_UP
from civicsight.store import STATE_LABELS, Actor, Role, State, approvals, open_store
from tests.app_town import app_city
from tests.caches import own_cache
from tests.test_ui_journey import DEPARTMENTS, POLICE, SCAN, act, agree, submit
from tests.ui_journey import browser_of, come_in
from tests.ui_made import PASSWORD
from tests.ui_server import free_port, leaving, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LI = Actor("Li Wei", Role.PLANNER)
WANG = Actor("Wang Fang", Role.REVIEWER)
ZHAO = Actor("Zhao Min", Role.APPROVER)
OPENED_MS = 240_000
NAMES = {"en": "Southfield", "zh_CN": "南县"}
CHOSEN = """name => [...document.querySelectorAll("input[type=radio]:checked")].some(
  one => one.closest("label").textContent.startsWith(name))"""
USED = "%(kept)s of %(read)s rows can be used"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    for actor in (LI, WANG, ZHAO):
        add_account(folder / "accounts.json", actor, PASSWORD)
    save_city(app_city(), folder / "town.gpkg")
    return folder


@pytest.fixture(scope="module")
def app(folder):
    settings = {
        "CIVICSIGHT_PROJECTS": str(folder / "projects"),
        "CIVICSIGHT_CACHE_DIR": str(own_cache(folder)),
    }
    with serving(folder, free_port(), **settings) as address:
        yield address


def inventory():
    """One camera more, as an office lists it."""
    lng, lat = Transformer.from_crs(app_city().crs, "EPSG:4326", always_xy=True).transform(70, 40)
    return f"设备编号,经度,纬度,安装高度\nX-01,{lng:.7f},{lat:.7f},4.5\n".encode()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_from_files_to_a_signed_plan(app, browser, folder, language):
    with browser_of(browser) as running:
        planner = come_in(running, app, language, LI.name)
        bring_in(planner, folder, NAMES[language])
        draw_up(planner)
        compare(planner)
        keep(planner)
        planner.turn_to("Review")
        act(planner, "Start the joint review")
        reviewer, approver = (come_in(running, app, language, a.name) for a in (WANG, ZHAO))
        for person in (reviewer, approver):
            choose_project(person, NAMES[language])
        agree(reviewer)
        submit(planner)
        approve(approver, folder / "projects" / f"{NAMES[language]}.plans.gpkg")
        for person in (planner, reviewer, approver):
            assert not leaving(person.requests, app)


def bring_in(planner, folder, name):
    planner.open("start")
    planner.sees("New project from files")
    planner.fill("Project name (defaults to the name of the city file)", name)
    planner.page.locator("input[type=file]").first.set_input_files(
        [{"name": "cameras.csv", "mimeType": "text/csv", "buffer": inventory()},
         {"name": "town.gpkg", "mimeType": "application/octet-stream",
          "buffer": (folder / "town.gpkg").read_bytes()}]
    )  # fmt: skip
    for file in ("cameras.csv", "town.gpkg"):
        planner.page.get_by_test_id("stFileChipName").get_by_text(file).wait_for()
    planner.page.get_by_test_id("stFileChipIconSpinner").first.wait_for(state="detached")
    planner.press("Read and show")
    planner.sees(USED, kept="1", read="1")
    planner.press("Begin the project")
    planner.page.get_by_test_id("stMetric").first.wait_for(timeout=OPENED_MS)


def draw_up(planner):
    """Ask for the cheapest plan, choose what it builds first, and read why."""
    planner.turn_to("Draw up a plan")
    planner.press("Draw up the plan")
    planner.page.get_by_test_id("stMetric").first.wait_for(timeout=OPENED_MS)
    planner.rest()
    planner.tick(0)
    planner.page.get_by_role("button", name=planner.translate("Plan again without it")).wait_for()
    planner.sees("It sees into no private wall.")
    planner.page.wait_for_function("civicsight.layers.edited_works_new !== undefined")
    planner.page.locator(".civicsight-dimmed").wait_for()  # what is chosen is in focus
    planner.press("Always keep this measure")
    planner.page.get_by_role("button", name=planner.translate("Let it go")).wait_for()
    planner.press("Let it go")
    planner.page.get_by_role(
        "button", name=planner.translate("Always keep this measure")
    ).wait_for()
    planner.unfold("Bill, years, documents")
    planner.sees(str(ADD_UP))


def compare(planner):
    """Ask for the three options, and look at the one that covers everything."""
    planner.unfold("What is asked of the plan")
    planner.press("Compare three options")
    everything = planner.page.get_by_role("radio", name=planner.translate("Everything"))
    everything.wait_for(state="attached", timeout=OPENED_MS)
    planner.rest()
    planner.page.get_by_text(planner.translate("Everything"), exact=True).first.click()
    planner.page.wait_for_function(CHOSEN, arg=planner.translate("Everything"))


def keep(planner):
    planner.unfold("Keep it, and hand it in")
    planner.add(DEPARTMENTS, POLICE)
    planner.press("Keep it as a version")
    planner.sees("Kept: it can be handed in under Review.")


def choose_project(person, name):
    person.open("", f"&project={quote(name)}")
    person.page.get_by_test_id("stMetric").first.wait_for(timeout=OPENED_MS)


def approve(approver, store_path):
    approver.open("review")
    approver.unfold("Approve")
    scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": SCAN}
    approver.page.locator("input[type=file]").last.set_input_files(scan)
    approver.page.get_by_text("scan.pdf").first.wait_for()
    with open_store(store_path) as store:
        root = store.plan(ZHAO, PLAN_ID).digest
    approver.choose("Version on the paper", root[:12])
    fields = {"Approving body": "City Government", "Number of the document": "2026-18"}
    act(approver, "Approve", fields, unfold=False)
    approver.sees("State: %(state)s, version %(n)s", state=STATE_LABELS[State.APPROVED], n=1)
    with open_store(store_path) as store:
        (approval,) = approvals(store, ZHAO, PLAN_ID)
        plan = store.plan(ZHAO, PLAN_ID)
    assert (plan.state, plan.departments) == (State.APPROVED, (POLICE,))
    assert (approval.digest, approval.scan_sha256) == (plan.digest, sha256(SCAN).hexdigest())
