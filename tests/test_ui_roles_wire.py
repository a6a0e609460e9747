"""Who may do what: every act of the app for every role, asked of the services and over the wire.

The table is written down here by hand, from Articles 4, 7 and the separation of duties, and shares
nothing with the one in the code.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace

import pytest

from civicsight.application import outputs
from civicsight.application.comparing import compare_versions, list_versions
from civicsight.application.outputs import Output, write_output
from civicsight.application.plans import keep_answer, stored_answers
from civicsight.application.review import act_on, read_review
from civicsight.application.workflow import open_session, perform, save
from civicsight.core.errors import InputError
from civicsight.editing.commands import Add, Aim
from civicsight.editing.project import Project
from civicsight.store import (
    Actor,
    Answer,
    Denied,
    Role,
    approve,
    give_opinion,
    implement,
    open_store,
    send_back,
    start_review,
    submit,
)
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result
from tests.drawn import every_other
from tests.store_parts import OPINED
from tests.ui_made import remarked

WEST, EAST, SCAN, DAY = "West", "East", "5" * 64, OPINED
AUTHOR = Actor("Author", Role.DISTRICT_PLANNER, WEST)
JUDGE = Actor("Judge", Role.REVIEWER)
MAYOR = Actor("Mayor", Role.APPROVER)
AUDITOR = Actor("Shen", Role.AUDITOR)

WHO = {
    "planner": Actor("Li", Role.PLANNER),
    "at_home": Actor("Xi", Role.DISTRICT_PLANNER, WEST),
    "elsewhere": Actor("Dong", Role.DISTRICT_PLANNER, EAST),
    "analyst": Actor("Fen", Role.ANALYST),
    "reviewer": Actor("Wang", Role.REVIEWER),
    "approver": Actor("Zhou", Role.APPROVER),
    "admin": Actor("Root", Role.ADMIN),
    "auditor": AUDITOR,
    "nobody": Actor("", Role.PLANNER),
    "author": AUTHOR,
}
DRAWS = {"planner", "at_home", "author"}
READS = set(WHO) - {"nobody", "elsewhere"}
TAKES = READS - {"admin"}

MAY = {
    "open": ("draft", READS),
    "read": ("draft", READS),
    "compare": ("draft", READS),
    "answers": ("draft", READS | {"elsewhere"}),
    "draw": ("draft", DRAWS),
    "save": ("draft", DRAWS),
    "remark": ("draft", DRAWS | {"reviewer"}),
    "answer": ("draft", DRAWS | {"reviewer"}),
    "waive": ("draft", {"reviewer", "approver"}),
    "start_review": ("draft", DRAWS),
    "opinion": ("joint_review", {"reviewer"}),
    "submit": ("heard", DRAWS),
    "return": ("submitted", {"reviewer", "approver"}),
    "approve": ("submitted", {"approver"}),
    "implement": ("approved", DRAWS),
    "take_layers": ("draft", TAKES - {"at_home", "author"}),
    "take_plan": ("draft", TAKES),
}
"""In which state of a plan of the district West each act is tried, and who may do it."""

NOT_THERE = {("answer", "elsewhere"), ("take_plan", "elsewhere")}
"""Acts on the plan that is open to somebody, where none is: nothing is done, nothing refused."""


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """Return a project for each state, the plan of which the author drew in the district West."""
    folder = tmp_path_factory.mktemp("states")
    return make_states(Project(app_city(), RULES, app_result(), DIGEST, folder / "plans.gpkg"))


def make_states(project):
    """Return a project for each state of its plan, kept in the folder of the project."""
    session = open_session(project, AUTHOR, app_guard())
    session = perform(project, AUTHOR, session, Add("new/1", 30.0, 48.0, 180.0))
    _, session = save(project, AUTHOR, session, departments=("Police",))
    _, session = save(project, AUTHOR, session.do(Aim("new/1", 170.0)))
    kept = {"draft": keep(project, "draft")}
    with open_store(project.store_path) as store:
        plan = start_review(store, AUTHOR, "plan", base_rev=store.plan(AUTHOR, "plan").rev)
    kept["joint_review"] = keep(project, "joint_review")
    with open_store(project.store_path) as store:
        give_opinion(store, JUDGE, "plan", digest=plan.digest, department="Police", dated_on=DAY,
                     text="yes", reply="agree")  # fmt: skip
    kept["heard"] = keep(project, "heard")
    with open_store(project.store_path) as store:
        submit(store, AUTHOR, "plan", base_rev=store.plan(AUTHOR, "plan").rev)
    kept["submitted"] = keep(project, "submitted")
    with open_store(project.store_path) as store:
        decide(store, MAYOR, plan.digest)
    kept["approved"] = keep(project, "approved")
    return kept


def keep(project, name):
    path = project.store_path.with_name(f"{name}.gpkg")
    shutil.copyfile(project.store_path, path)
    return replace(project, store_path=path)


def decide(store, actor, digest):
    return approve(store, actor, "plan", digest=digest, body="市政府", document_number="12",
                   dated_on=DAY, scan_sha256=SCAN)  # fmt: skip


@pytest.fixture
def at(states, tmp_path):
    """Return a function that gives a fresh copy of a project in a state."""

    def copy(state):
        path = tmp_path / "plans.gpkg"
        shutil.copyfile(states[state].store_path, path)
        return replace(states[state], store_path=path)

    return copy


def plan_of(project):
    with open_store(project.store_path) as store:
        return store.plan(AUTHOR, "plan")


def denials(project):
    with open_store(project.store_path) as store:
        return [entry for entry in store.history(AUDITOR) if "refused" in entry.says]


def try_act(project, name, actor):
    """Do one act of the app as somebody, by the service that the page calls."""
    plan = plan_of(project)
    given = Answer("", "nanchang", "R9.4", "", "yes", "seen", actor.name, DAY, plan.digest)
    rev, digest = {"base_rev": plan.rev}, {"digest": plan.digest}

    def drawn():
        return open_session(project, AUTHOR, app_guard())

    def move(do):
        return lambda: act_on(project, do)

    acts = {
        "open": lambda: open_session(project, actor, app_guard()),
        "read": lambda: read_review(project, actor, "plan"),
        "compare": lambda: (list_versions(project, actor, "plan"),
                            compare_versions(project, actor, "plan", 1, 2)),
        "answers": lambda: stored_answers(project, actor),
        "draw": lambda: perform(project, actor, drawn(), Aim("new/1", 160.0)),
        "save": lambda: save(project, actor, drawn().do(Aim("new/1", 160.0))),
        "remark": lambda: remarked(project, actor, "south", "too low"),
        "answer": lambda: keep_answer(project, actor, given),
        "waive": lambda: keep_answer(project, actor, replace(given, answer="waived")),
        "start_review": move(lambda store: start_review(store, actor, "plan", **rev)),
        "opinion": move(lambda store: give_opinion(store, actor, "plan", department="Police",
                                                   dated_on=DAY, text="yes", **digest)),
        "submit": move(lambda store: submit(store, actor, "plan", **rev)),
        "return": move(lambda store: send_back(store, actor, "plan", reason="no", **rev)),
        "approve": move(lambda store: decide(store, actor, plan.digest)),
        "implement": move(lambda store: implement(store, actor, "plan", **rev)),
        "take_layers": lambda: write_output(project, actor, Output.LAYERS),
        "take_plan": lambda: write_output(project, actor, Output.PLAN),
    }  # fmt: skip
    assert acts.keys() == MAY.keys()
    return acts[name]()


@pytest.mark.parametrize("name", every_other(MAY, 0))
def test_every_role_may_do_what_the_table_says_and_nothing_else(at, name, monkeypatch):
    monkeypatch.setattr(outputs, "write_geopackage", lambda path, *_, **__: path.write_bytes(b"x"))
    state, may = MAY[name]
    project = at(state)
    before, refused = plan_of(project), 0
    for who in WHO.keys() - may:
        if (name, who) in NOT_THERE:
            with suppress(InputError):
                assert try_act(project, name, WHO[who]) is None
            continue
        with pytest.raises(Denied):
            try_act(project, name, WHO[who])
        refused += 1
    assert plan_of(project) == before
    assert len(denials(project)) == refused > 0
    for who in may:
        project = at(state)
        try_act(project, name, WHO[who])
        assert not denials(project), who
