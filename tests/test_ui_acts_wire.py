"""Roles and acts by the wire: what works for who may is refused, and kept, for who may not."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from civicsight.io.project_file import save_city
from civicsight.store import ALLOWED, Act, Actor, Role, open_store
from civicsight.store.actors import ACTS
from civicsight.ui.access.presses import BEGINNINGS, pressed_keys
from civicsight.ui.pages.review import HEADS
from tests.app_town import app_city
from tests.caches import own_cache
from tests.inbox_made import wait_until
from tests.raw_line import raw_line
from tests.test_ui_roles_wire import AUDITOR, WEST
from tests.test_ui_roles_wire import states as made_states
from tests.ui_made import PASSWORD, add_cheaply
from tests.ui_server import free_port, serving

pytestmark = pytest.mark.browser

WHO = {
    role: Actor(f"Somebody {role}", role, WEST if role is Role.DISTRICT_PLANNER else "")
    for role in Role
}
TRIED = {Act.RETURN: "submitted"}
"""Acts of the page of reviews that rest on no input of the plan, each with the state in which it is
tried: the plan of the test was computed from another project, so the store refuses to move it on.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acts")
    save_city(app_city(), folder / "town.gpkg")
    return folder


states = made_states


@pytest.fixture(scope="module")
def lines(folder):
    """The open page of reviews of somebody of each role."""
    settings = {
        "CIVICSIGHT_PROJECT": str(folder / "town.gpkg"),
        "CIVICSIGHT_CACHE_DIR": str(own_cache(folder, ("results", "kernels"))),
    }
    with pytest.MonkeyPatch.context() as patch, ExitStack() as opened:
        add_cheaply(patch, folder / "accounts.json", *WHO.values())
        address = opened.enter_context(
            serving(folder, free_port(), program="tests.cheap_app", **settings)
        )
        found = {role: opened.enter_context(raw_line(address, "review")) for role in Role}
        for role, line in found.items():
            line.sign_in(WHO[role].name, PASSWORD)
        yield found


def put(stores, name, folder):
    """Have the plan of the project in a state."""
    for path in folder.glob("town.plans.gpkg*"):
        path.unlink()
    shutil.copyfile(stores[name].store_path, folder / "town.plans.gpkg")


def known(folder):
    """Return the plan, and what the audit says of it and of refusals."""
    with open_store(folder / "town.plans.gpkg") as store:
        entries = store.history(AUDITOR)
        return store.plan(AUDITOR, "plan"), entries


def filled(line, act):
    """Return what somebody sends who fills in the form of an act and presses its button."""
    form = f"review.{act}"
    made = [
        WidgetState(id=one.id, string_value="said in the test")
        for kind in ("text_area", "text_input")
        for one in line.all(kind)
        if one.form_id == form
    ]
    (button,) = [one for one in line.all("button") if one.form_id == form]
    return [*made, WidgetState(id=button.id, trigger_value=True)]


def form_of(line, act):
    """Run the page until it has the form of an act; return what fills it in."""
    wait_until(lambda: line.run() or any(b.form_id == f"review.{act}" for b in line.all("button")))
    return filled(line, act)


@pytest.mark.slow
@pytest.mark.parametrize("act", TRIED)
def test_each_act_works_for_who_may_and_is_refused_for_who_may_not(lines, states, folder, act):
    sent = None
    for role in sorted(ALLOWED[act]):
        put(states, TRIED[act], folder)
        before, entries = known(folder)
        sent = form_of(lines[role], act)
        lines[role].run(*sent)
        after, history = known(folder)
        new = history[len(entries) :]
        assert [(one.actor, one.action, "refused" in one.says) for one in new] == [
            (WHO[role].name, act, False)
        ]
        assert after.state == (ACTS[act].leads_to or before.state)
    put(states, TRIED[act], folder)
    before, entries = known(folder)
    refused = sorted(set(Role) - ALLOWED[act])
    for role in refused:
        lines[role].run()
        assert not [one for one in lines[role].all("button") if one.form_id == f"review.{act}"]
        lines[role].run(*sent)
    after, history = known(folder)
    assert after == before
    told = [(one.actor, one.action) for one in history[len(entries) :] if "refused" in one.says]
    assert told == [(WHO[role].name, act) for role in refused]
    assert len(history) == len(entries) + len(refused)


def test_keys_are_read_off_presses_alone():
    asked = BackMsg()
    asked.rerun_script.widget_states.widgets.extend(
        [
            WidgetState(id="$$ID-0123-FormSubmitter:review.return-Return", trigger_value=True),
            WidgetState(id="$$ID-0123-plan.save", trigger_value=True),
            WidgetState(id="$$ID-0123-plan.note", string_value="x"),
            WidgetState(id="made up", trigger_value=True),
        ]
    )
    assert pressed_keys(asked.SerializeToString()) == {"review.return-Return", "plan.save"}
    assert pressed_keys(b"\xff no message") == pressed_keys(b"") == set()
    assert {f"review.{act}-" for act in HEADS} <= BEGINNINGS.keys()
