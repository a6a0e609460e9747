"""The whole journey in a browser, from the worst gap to the report of an approved plan.

By local accounts: a planner draws, a reviewer speaks for a department and returns, the planner
mends, an approver who is neither approves. In both languages, before one server.
"""

from __future__ import annotations

import shutil
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import shapely

from civicsight.application.accounts import add_account
from civicsight.core.errors import N_
from civicsight.coverage.demand.numbers import gate_id
from civicsight.editing.commands import Add
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.examples import HELSINKI, read_example
from civicsight.editing.project import open_project
from civicsight.editing.refusals import Refused
from civicsight.editing.session import begin
from civicsight.io import save_city
from civicsight.planning.record.opinions import AGREED, REPLIES
from civicsight.presentation.names import name_all
from civicsight.presentation.numbers import all_findings
from civicsight.rules.vocabulary import word
from civicsight.store import STATE_LABELS, Actor, Role, State, approvals, open_store
from tests.caches import own_cache
from tests.scans import pdf
from tests.ui_journey import browser_of, come_in, degrees, inside, place_of, position, private
from tests.ui_made import PASSWORD
from tests.ui_server import free_port, leaving, serving, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LI = Actor("Li Wei", Role.PLANNER)
WANG = Actor("Wang Fang", Role.REVIEWER)
ZHAO = Actor("Zhao Min", Role.APPROVER)
POLICE = "Public Security Bureau"
REMARK = "A reach of 40 m is enough here"
SCAN = pdf("scan of the approval")
OPENED_MS = 240_000

AHEAD_M = 5.9
"""From here a view of 60 degrees shows a gate with the 250 px/m that it asks for."""

LISTED = (
    "%(shown)s of %(all)s findings, the worst first: by severity, then by how certain and "
    "how large the shortfall is"
)
CHANGES = "Changes not saved: %(count)s"
DRAWN = "new camera %(n)s"
DEPARTMENTS = "Departments to be heard"
SUBJECT = "On what: click on the map, or an id; empty for the plan"
DONE = "Done; it is in the decision log."
BEDROOM = N_("a room where people live or sleep")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Return a cache that shares what is computed, and has plans and drafts of its own."""
    return own_cache(tmp_path_factory.mktemp("journey"), ("results", "kernels"))


@pytest.fixture(scope="module")
def app(cache):
    for actor in (LI, WANG, ZHAO):
        add_account(cache.parent / "accounts.json", actor, PASSWORD)
    saved = save_city(read_example(HELSINKI), cache.parent / "helsinki.gpkg")
    settings = {"CIVICSIGHT_CACHE_DIR": str(cache), "CIVICSIGHT_PROJECT": str(saved)}
    with serving(cache.parent, free_port(), **settings) as address:
        yield address


@pytest.fixture(scope="module")
def project(app, cache, browser):
    """Return the project as the server has it, once the server has kept it."""
    with browser_of(browser) as running:
        person = come_in(running, app, "en", LI.name)
        person.page.get_by_text("Helsinki", exact=True).wait_for(timeout=OPENED_MS)
    return open_project(cache.parent / "helsinki.gpkg", cache)


@pytest.fixture
def fresh(cache, project):
    """Forget plans and drafts of another run; every act opens the store anew."""
    project.store_path.unlink(missing_ok=True)
    shutil.rmtree(cache / "drafts", ignore_errors=True)
    return project


@pytest.fixture
def company(app, browser):
    with browser_of(browser) as running:
        yield lambda language, actor: come_in(running, app, language, actor.name)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_from_the_worst_gap_to_the_report_of_an_approved_plan(fresh, company, language, tmp_path):
    planner = company(language, LI)
    part = find_the_worst_gap(planner, fresh)
    close_it(planner, fresh, part)
    be_warned_of_a_duplicate(planner, part)
    be_refused_in_a_toilet(planner, fresh)
    be_asked_in_a_hotel(planner, fresh)
    save(planner, "A camera for the worst gap", changes=4, departments=(POLICE,))
    start_review(planner, version=1)
    reviewer, approver = company(language, WANG), company(language, ZHAO)
    agree(reviewer)
    submit(planner)
    return_with_a_remark(reviewer)
    mend(planner)
    start_review(planner, version=2)
    agree(reviewer)
    submit(planner)
    approve(approver, fresh)
    assert planner.page.get_by_label(planner.translate("Approving body")).count() == 0
    report = take_the_report(planner)
    print_without_a_network(planner.page.context.browser, report, tmp_path)
    for person in (planner, reviewer, approver):
        assert len(person.requests) > 10
        assert not leaving(person.requests, person.address)


def test_a_wall_closes_an_inferred_gate_and_a_running_job_is_cancelled(fresh, company):
    planner = company("en", LI)
    parts = fresh.result.parts
    part = parts.index[parts["inferred"] & parts["how"].eq("dead_end")][0]
    planner.open("plan", f"&sel={quote(part)}")
    planner.settle()
    planner.sees("Inferred, and confirmed by nobody.")
    planner.press("There is no gate")
    planner.sees("The plan no longer asks for this part.")
    planner.rest()
    until(planner.page, "civicsight.layers.edited_barriers !== undefined")
    assert planner.on_map("edited_barriers", gate_id(parts.loc[part]))
    assert not planner.on_map("parts", part)
    planner.press("Compute the totals of the city with this draft")
    planner.press("Cancel the computation")
    planner.sees("The computation was cancelled; nothing was changed.")
    planner.press("Undo")
    planner.sees("No changes")
    planner.rest()
    assert planner.on_map("parts", part)


def find_the_worst_gap(planner, project):
    """The first row is the gap that the check ranks first; the map goes to it."""
    planner.open("findings")  # the sign-in is still there after a reload
    planner.settle()
    worst = project.result.gaps.iloc[0]
    assert worst["evidence"]["rank"] == 1
    planner.choose("Article", planner.translate("Article %(article)s", article=worst["article"]))
    planner.sees(
        LISTED, shown=f"{len(project.result.gaps)}", all=f"{len(all_findings(project.result))}"
    )
    name = name_all(project.result, planner.language).parts[worst["subject"]]
    planner.page.get_by_test_id("glide-cell-2-0").filter(has_text=name).wait_for(state="attached")
    planner.tick(0)
    planner.page.get_by_test_id("stText").filter(has_text=name).wait_for()
    planner.rest()
    x, y = planner.pixel(*degrees(project, place_of(project, worst["subject"])))
    box = planner.page.locator(".civicsight-live").bounding_box()
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]
    planner.follow("Fix it on the plan map")
    planner.sees("not covered")
    planner.settle()
    return worst["subject"]


def close_it(planner, project, part):
    """Place a camera before the gate on the map, turn it there, take a longer lens."""
    row, spot = project.result.parts.loc[part], place_of(project, part)
    out = np.radians(row["normal_deg"])
    before = shapely.Point(spot.x + AHEAD_M * np.sin(out), spot.y + AHEAD_M * np.cos(out))
    planner.page.get_by_text(planner.translate("Add a camera"), exact=True).click()
    planner.page.locator(".civicsight-aiming").wait_for()
    planner.page.mouse.click(*planner.pixel(*degrees(project, before)))
    planner.sees(CHANGES, count=1)
    planner.rest()
    planner.drag(".civicsight-handle.aim", planner.pixel(*degrees(project, spot)))
    planner.sees(CHANGES, count=2)
    planner.rest()
    assert planner.on_map("parts", part)
    assert planner.on_map("gaps", f"gap/{part}")
    change_camera(planner, {"Width of view [°]": 60, "Height of view [°]": 36, "Tilt [°]": 25})
    planner.sees("Gaps closed: %(closed)s, opened: %(opened)s", closed=1, opened=0)
    until(planner.page, "civicsight.layers.edited_parts !== undefined")
    assert planner.on_map("edited_parts", part)
    assert not planner.on_map("parts", part)
    assert not planner.on_map("gaps", f"gap/{part}")


def be_warned_of_a_duplicate(planner, part):
    """A second camera for the same gate is proposed from the gate, and called a duplicate."""
    planner.open("plan", f"&sel={quote(part)}")  # the draft is still there after a reload
    planner.settle()
    planner.sees("covered for sure once planned cameras are built")
    planner.press("Plan a camera in front of it")
    planner.page.get_by_text(planner.translate(DRAWN, n=2), exact=True).filter(
        visible=True
    ).first.wait_for()
    warning = planner.page.locator("[class*=st-key-warned-plan]", has_text="20 %")
    warning.first.wait_for()
    assert planner.translate("Duplicates")[:2] in warning.first.inner_text()
    assert "7" in warning.first.inner_text()
    planner.sees("The same is seen by: %(others)s.", others=f"{planner.say(DRAWN, n=1)} 100 %")


def be_refused_in_a_toilet(planner, project):
    toilet = private(project, "toilet")
    session = begin(project.city, edit_context_of(project).guard, project.digest)
    with pytest.raises(Refused) as refused:
        session.do(Add("x", *inside(toilet), 0.0))
    assert refused.value.article == "9"
    change_camera(planner, position(toilet))
    planner.sees(refused.value.faults[0].expected)
    planner.sees(refused.value.faults[0].remedy)
    planner.sees(CHANGES, count=5)


def be_asked_in_a_hotel(planner, project):
    """A bedroom is refused; a corridor is taken, with a question for who reviews it."""
    hotel = private(project, "lodging_room")
    for use, count in ((BEDROOM, 5), (word("corridor"), 6)):
        change_camera(planner, position(hotel))
        planner.sees("Use of the room")
        planner.rest()  # a list that opens while the page is drawn is closed again
        planner.choose("Use of the room", planner.translate(use))
        planner.press("Answer")
        planner.page.get_by_label(planner.translate("Use of the room")).first.wait_for(
            state="detached"
        )
        planner.sees(CHANGES, count=count)
        planner.rest()
    use = planner.translate(word("corridor"))
    question = planner.page.locator("[class*=st-key-warned-plan]", has_text=use)
    question.filter(has_text=hotel["name"]).wait_for()
    for count in (5, 4):
        planner.press("Undo")
        planner.sees(CHANGES, count=count)
    question.first.wait_for(state="detached")


def save(planner, note, changes, departments=()):
    """Keep the draft as a version; departments are named when a plan begins."""
    planner.sees(CHANGES, count=changes)
    planner.page.get_by_role("button", name=planner.translate("Save")).first.click()
    planner.field("What is new").wait_for()
    if departments:
        planner.add(DEPARTMENTS, *departments)
    planner.fill("What is new", note)
    planner.press("Save as a version")
    planner.page.get_by_text(planner.translate("Saved"), exact=True).first.wait_for()


def start_review(planner, version):
    planner.turn_to("Review")
    state = {"state": STATE_LABELS[State.DRAFT], "n": version}
    planner.sees("State: %(state)s, version %(n)s", **state)
    act(planner, "Start the joint review")


def agree(reviewer):
    reviewer.open("review")
    name = "Give the opinion of a department"
    reviewer.unfold(name)
    agreed = reviewer.translate(REPLIES[AGREED])
    reviewer.page.get_by_text(agreed, exact=True).filter(visible=True).click()
    reviewer.page.get_by_role("radio", name=agreed, exact=True, checked=True).wait_for(
        state="attached"
    )
    act(reviewer, name, {"Opinion": "No objection"}, unfold=False)


def submit(planner):
    planner.open("review")
    act(planner, "Submit for approval")


def return_with_a_remark(reviewer):
    """The remark is on a camera, and begun from the map."""
    reviewer.open("plan", "&sel=new/1")
    reviewer.settle()
    assert reviewer.page.get_by_role("radio").count() == 0  # nobody draws who reviews
    reviewer.follow("Remark on it in the review")
    reviewer.rest()
    reviewer.field(SUBJECT).wait_for()
    assert reviewer.field(SUBJECT).input_value() == "new/1"
    reviewer.fill("Remark", REMARK)
    reviewer.press("Remark on a camera, a place or the plan")
    reviewer.sees(DONE)
    act(reviewer, "Return with a reason", {"Reason": "See the remark on new/1"})
    reviewer.sees("State: %(state)s, version %(n)s", state=STATE_LABELS[State.RETURNED], n=1)


def mend(planner):
    """The planner reads the remark, goes from it to the camera, and heeds it."""
    planner.open("review")
    planner.tick(0, nth=planner.list_with(planner.translate("Last by")))
    planner.follow("Show it on the map")
    planner.settle()
    planner.page.get_by_text(planner.translate(DRAWN, n=1), exact=True).filter(
        visible=True
    ).first.wait_for()
    change_camera(planner, {"Reach [m]": 40})
    planner.sees("Gaps closed: %(closed)s, opened: %(opened)s", closed=1, opened=0)
    save(planner, "As the reviewer asked", changes=5)


def approve(approver, project):
    approver.open("review")
    approver.unfold("Approve")
    scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": SCAN}
    approver.page.locator("input[type=file]").last.set_input_files(scan)
    approver.page.get_by_text("scan.pdf").first.wait_for()
    with open_store(project.store_path) as store:
        root = store.plan(ZHAO, project.plan_id).digest
    approver.choose("Version on the paper", root[:12])
    fields = {"Approving body": "City Government", "Number of the document": "2026-17"}
    act(approver, "Approve", fields, unfold=False)
    approver.sees("State: %(state)s, version %(n)s", state=STATE_LABELS[State.APPROVED], n=2)
    with open_store(project.store_path) as store:
        plan = store.plan(ZHAO, project.plan_id)
        (approval,) = approvals(store, ZHAO, project.plan_id)
        log = [(one.actor, one.action) for one in store.history(ZHAO, project.plan_id)]
    assert (plan.state, plan.version, plan.departments) == (State.APPROVED, 2, (POLICE,))
    assert (approval.body, approval.document_number) == ("City Government", "2026-17")
    assert approval.scan_sha256 == sha256(SCAN).hexdigest()
    assert approval.digest == plan.digest
    assert (log[-1], {name for name, deed in log if deed == "commit"}) == (
        (ZHAO.name, "approve"),
        {LI.name},
    )


def take_the_report(planner):
    planner.turn_to("Report")
    planner.page.get_by_text(planner.translate("What was found"), exact=True).click()
    planner.press("Write")
    with planner.page.expect_download() as taken:
        planner.page.get_by_text(planner.translate("Download"), exact=True).click()
    return Path(taken.value.path()).read_bytes()


def print_without_a_network(browser, report, folder):
    """Every page of the report opens from a folder and prints, and asks nobody for anything."""
    with zipfile.ZipFile(BytesIO(report)) as archive:
        archive.extractall(folder)
    pages = sorted(folder.rglob("*.html"))
    assert pages
    context, asked = browser.new_context(), []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    for path in pages:
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        assert page.pdf(format="A4").startswith(b"%PDF-")
    assert len(asked) >= len(pages)
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))]


def act(person, name, fields=None, *, unfold=True):
    """Fill the form of an act of the review, and send it."""
    if unfold:
        person.unfold(name)
    person.rest()
    for label, value in (fields or {}).items():
        person.fill(label, value)
    person.press(name)
    person.sees(DONE)


def change_camera(planner, values):
    """Change the selected camera by its form."""
    first = planner.field(next(iter(values)))
    if not first.is_visible():
        planner.unfold("Place, direction and optics")
        first.wait_for()
    for label, value in values.items():
        planner.fill(label, value)
    planner.press("Apply")
    planner.rest()
