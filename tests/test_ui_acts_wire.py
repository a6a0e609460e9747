"""Every role and every act by the wire: it works for who may, and is refused for who may not."""

from __future__ import annotations

import ast
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

import civicsight.ui
from civicsight.application.verdicts import (
    WAIVED,
    judge_project,
    list_articles,
    list_subjects,
    possible_answers,
    speak_of,
)
from civicsight.core.settings import present_day
from civicsight.editing.project import opening
from civicsight.io.project_file import save_city
from civicsight.store import ALLOWED, Act, Actor, Role, give_opinion, open_store
from civicsight.store.actors import ACTS
from civicsight.store.handover import EXPORTED
from civicsight.ui.access.presses import BEGINNINGS, act_of, pressed_keys
from civicsight.ui.pages.review import HEADINGS
from tests.app_town import app_city
from tests.caches import own_cache
from tests.raw_line import raw_line, sent_files
from tests.scans import pdf
from tests.test_ui_roles_wire import AUDITOR, DAY, JUDGE, WEST, keep, make_states
from tests.ui_made import PASSWORD, add_cheaply
from tests.ui_server import free_port, serving
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

WHO = {
    role: Actor(f"Somebody {role}", role, WEST if role is Role.DISTRICT_PLANNER else "")
    for role in Role
}
UI = Path(civicsight.ui.__file__).parent


@dataclass(frozen=True)
class Press:
    """A button of a page, and what it takes that it does its act.

    `given` is what is filled in first, by the beginnings of labels: words, the number of an option,
    or the content of a file. `opened` are the beginnings of the keys of tables of which the first
    row is chosen before, `before` is a press that is made first, `shows` what the page then says
    where no plan keeps the act, and `kept` the act that a refusal is kept as.
    """

    page: str
    button: str
    state: str = "draft"
    given: dict[str, object] = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    before: Press | None = None
    shows: str = ""
    kept: Act | None = None


ADDED = Press("plan", "plan.add.send", given={"Name": "North", "East x": 30.0, "North y": 48.0})
WORDS = {"Reason": "said in the test"}

PRESSES = {
    Act.CREATE: Press("plan", "plan.save", "none", before=ADDED, kept=Act.COMMIT),
    Act.COMMIT: Press("plan", "plan.save", before=ADDED),
    Act.EXPORT: Press("report", "write", "approved", {"What to write": "The plan"},
                      shows="Written: civicsight-plan"),
    Act.START_REVIEW: Press("review", "review.start_review-"),
    Act.OPINION: Press("review", "review.opinion-", "joint_review",
                       {"Opinion": "said in the test", "Does the department agree?": 0}),
    Act.SUBMIT: Press("review", "review.submit-", "heard"),
    Act.RETURN: Press("review", "review.return-", "submitted", WORDS),
    Act.APPROVE: Press("review", "review.approve-", "submitted",
                       {"Version on the paper": 0, "Approving body": "市政府",
                        "Number of the document": "12", "Scan of the document": pdf()}),
    Act.IMPLEMENT: Press("review", "review.implement-", "approved"),
    Act.ANSWER: Press("review", "review.answer-", "joint_review", {"Remark": "too low"}),
    Act.HEAR: Press("review", "review.hear-", "joint_review",
                    {**WORDS, "Departments to be heard": ["Police", "Schools"]}),
    Act.SETTLE: Press("review", "review.settle.", "disputed",
                      {"How it is settled": 0, "What was changed": "said in the test"},
                      opened=("review.threads.",)),
    Act.WAIVE: Press("compliance", "answer.",
                     given={**WORDS, "Answer": "waived: accepted as it is"}),
}  # fmt: skip
"""How each act is done in the app."""

ELSEWHERE = {
    Act.READ: "every role has it: there is nobody to refuse it to",
    Act.IMPORT: "a file, which no plan keeps: tests/test_ui_uploads_wire.py tries every role",
    Act.SUPERSEDE: "done by the command line alone",
    Act.AUDIT: "done by the command line alone",
    Act.BACKUP: "done by the command line alone",
    Act.RESTORE: "done by the command line alone",
    Act.MIGRATE: "done by the command line alone",
    Act.APPOINT: "done by the command line alone",
    Act.DISMISS: "done by the command line alone",
}
"""Acts that are not tried here, and why: most have no button in the app."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acts")
    save_city(app_city(), folder / "town.gpkg")
    return folder


@pytest.fixture(scope="module")
def cache(folder):
    return own_cache(folder, ("results", "kernels"))


@pytest.fixture(scope="module")
def project(folder, cache):
    """The project as the server opens it: a plan of another one is not moved on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIVICSIGHT_CACHE_DIR", str(cache))
        return opening(folder / "town.gpkg").future.result()


@pytest.fixture(scope="module")
def states(project):
    found = make_states(project)
    found["disputed"] = keep(found["joint_review"], "disputed")
    with open_store(found["disputed"].store_path) as store:
        give_opinion(store, JUDGE, "plan", digest=store.plan(JUDGE, "plan").digest,
                     department="Police", dated_on=DAY, text="no", reply="disagree")  # fmt: skip
    return found


@pytest.fixture(scope="module")
def waivable(project):
    """The id of a verdict that somebody may waive."""
    found = judge_project(project, (), present_day())
    articles = list_articles(found, speak_of(project, found, "en"))
    return next(
        verdict["id"]
        for article in articles
        for verdict in list_subjects(found, article, WHO[Role.DISTRICT_PLANNER])[0]
        if WAIVED in possible_answers(verdict, project.rules)
    )


@pytest.fixture(scope="module")
def app(folder, cache):
    settings = {"CIVICSIGHT_PROJECT": str(folder / "town.gpkg"), "CIVICSIGHT_CACHE_DIR": str(cache)}
    with pytest.MonkeyPatch.context() as patch:
        add_cheaply(patch, folder / "accounts.json", *WHO.values())
        with serving(folder, free_port(), program="tests.cheap_app", **settings) as address:
            yield address


def put(stores, name, folder):
    """Have the plan of the project in a state."""
    for path in folder.glob("town.plans.gpkg*"):
        path.unlink()
    if name in stores:
        shutil.copyfile(stores[name].store_path, folder / "town.plans.gpkg")


def known(folder):
    """Return the plans, and what the audit says of them and of refusals."""
    with open_store(folder / "town.plans.gpkg", create=True) as store:
        return store.list_plans(AUDITOR), store.history(AUDITOR)


def key_of(element):
    """Return the key that a page gave an element; empty of one that has none."""
    parts = element.id.split("-", 2)
    return parts[2].removeprefix("FormSubmitter:") if len(parts) == 3 else ""


def found(line, kind, start):
    return [one for one in line.all(kind) if key_of(one).startswith(start)]


FIELDS = ("text_input", "text_area", "number_input", "radio", "selectbox", "multiselect",
          "file_uploader")  # fmt: skip


def filled(line, given):
    """Return the states of all fields of a page, as a browser sends them, with what is filled in.

    A value is the words, the number, the option or its place, the list of options, or the content
    of a file.
    """
    states = []
    for kind in FIELDS:
        for one in line.all(kind):
            value = next((v for start, v in given.items() if one.label.startswith(start)), None)
            if value is None and kind == "multiselect":
                value = [one.options[n] for n in one.default]
            elif value is None and kind != "file_uploader" and one.HasField("default"):
                value = one.default
            state = WidgetState(id=one.id)
            if value is None:
                continue
            if isinstance(value, bytes):
                assert line.send_file("sent.pdf" if value.startswith(b"%PDF") else "sent.csv",
                                      value) == 204  # fmt: skip
                state = sent_files(one.id, "a")
            elif isinstance(value, list):
                state.string_array_value.data.extend(value)
            elif isinstance(value, float):
                state.double_value = value
            else:
                state.string_value = one.options[value] if isinstance(value, int) else value
            states.append(state)
    return states


def reach(line, press):
    """Run the page until it has the button; return what opens it, or None if it never has."""
    opened = []
    for _ in range(20):
        line.run(*opened)
        for start in press.opened:
            opened = [WidgetState(id=one.id, string_value=json.dumps(
                {"selection": {"rows": [0], "columns": [], "cells": []}}))
                for one in found(line, "dataframe", start)]  # fmt: skip
        if found(line, "button", press.button):
            return opened
        for judge in found(line, "button", "judge"):
            line.run(WidgetState(id=judge.id, trigger_value=True))
            assert wait_until(lambda: line.run() or not found(line, "button", "judge.cancel"))
    return None


def message(line, press):
    """Return what somebody sends who comes to a button, fills in what it takes and presses it."""
    if press.before is not None:
        line.run(*message(line, press.before))
    opened = reach(line, press)
    assert opened is not None, (press.button, line.texts())
    button = found(line, "button", press.button)[0]
    return [*opened, *filled(line, press.given), WidgetState(id=button.id, trigger_value=True)]


@pytest.mark.slow
@pytest.mark.parametrize("act", PRESSES)
def test_each_act_works_for_who_may_and_is_refused_for_who_may_not(
    app, states, folder, waivable, act
):
    press, sent = PRESSES[act], []
    put(states, press.state, folder)
    with ExitStack() as opened:
        lines = {role: opened.enter_context(raw_line(app, press.page)) for role in Role}
        for role, line in lines.items():
            line.query += f"&sel={waivable}" if act is Act.WAIVE else ""
            line.sign_in(WHO[role].name, PASSWORD)
        for role in sorted(ALLOWED[act]):
            put(states, press.state, folder)
            before, entries = known(folder)
            sent = message(lines[role], press)
            lines[role].run(*sent)
            if press.shows:
                assert wait_until(lambda line=lines[role]: says(line, press.shows))
            after, history = known(folder)
            new = [(e.actor, e.action, "refused" in e.says) for e in history[len(entries) :]]
            assert (WHO[role].name, act, False) in new, (new, lines[role].texts())
            assert not [one for one in new if one[2]]
            if act is Act.EXPORT:
                (left,) = [e.says[EXPORTED] for e in history[len(entries) :] if EXPORTED in e.says]
                assert (left["root"], left["version"]) == (after[0].digest, after[0].version)
            state = ACTS[act].leads_to or (before or after)[0].state
            assert after[0].state == state
        put(states, press.state, folder)
        before, entries = known(folder)
        refused = sorted(set(Role) - ALLOWED[act])
        for role in refused:
            own = reach(lines[role], press) if act is Act.WAIVE else None
            lines[role].run()
            if act is not Act.WAIVE:
                assert not found(lines[role], "button", press.button), role
            lines[role].run(*(sent if own is None else message(lines[role], press)))
    after, history = known(folder)
    new = history[len(entries) :]
    assert after == before
    assert [(one.actor, one.action) for one in new if "refused" in one.says] == [
        (WHO[role].name, press.kept or act) for role in refused
    ]
    assert len(new) == len(refused)


def says(line, words):
    line.run()
    return any(words in text for text in (*line.texts(), *(one.body for one in line.all("alert"))))


def test_every_act_is_tried_by_its_press_or_has_none():
    assert PRESSES.keys() | ELSEWHERE.keys() == set(Act)
    assert not PRESSES.keys() & ELSEWHERE.keys()


FREE = frozenset({
    *("sign_in", "sign_in_form", "sign_out", "switch_language", "cancel-", "away-", "move-"),
    *("try-", "start.law.back", "start.package.begin", "back-", "back.away", "judge", "double"),
    *("complete.later", "complete.far.back", "complete.street", "complete.street.back"),
    *("draw.enough.", "draw.let_go", "draw.hold", "draw.payers.add", "draw.payers.back."),
    *("draw.prices.back", "plan.room.drop", "plan.drawn.drop", "plan.obstacle.ask", "plan.reopen"),
    *("plan.renew", "plan.mine", "plan.totals", "lending.revoke", "settle.book."),
    "review.end",
})  # fmt: skip
"""The keys of buttons that take no right, or what stands in them before a variable: they sign in
and out, look, compute what all may see, change what a form of this visit asks for, put something of
one's own away, or stand where no project is open. A key that only begins like one is another.
"""

INDIRECT = {
    ("completing/records.py", "complete.record"),
    ("editor/forms.py", "plan.confirm"),
    ("editor/forms.py", "plan.reject"),
    ("editor/forms.py", "plan.camera."),
    ("editor/revisions.py", "plan.reopen"),
    ("editor/revisions.py", "plan.renew"),
    ("columns.py", "columns-"),
}
"""Keys that a variable names, with the module that has their text; `elements.py` draws the button
that cancels a computation, and `local_system.py` what puts away one's own table.
"""


def drawn_keys():
    """Return the keys of all buttons of the app as far as they are written down, with modules."""
    found = set()
    for path in sorted(UI.rglob("*.py")):
        name, text = path.relative_to(UI).as_posix(), path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        named = [node for node in tree.body if isinstance(node, ast.AnnAssign)]
        words = {node.target.id: node.value for node in named if isinstance(node.target, ast.Name)}
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            kind = getattr(call.func, "attr", "")
            if kind not in ("button", "form", "form_submit_button"):
                continue
            keys = [one.value for one in call.keywords if one.arg == "key"]
            keys += call.args[:1] if kind == "form" else []
            assert keys or kind == "form_submit_button" or name == "pages/start.py", (name, kind)
            found |= {(name, start_of(key, words)) for key in keys}
    assert all(key in (UI / name).read_text(encoding="utf-8") for name, key in INDIRECT)
    return {key for _, key in found | INDIRECT} - {""}


def start_of(key, words):
    """Return what a key begins with, as far as the module says."""
    parts, said = key.values if isinstance(key, ast.JoinedStr) else [key], ""
    for part in parts:
        value = part.value if isinstance(part, ast.FormattedValue) else part
        value = words.get(value.id) if isinstance(value, ast.Name) else value
        if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
            break
        said += value.value
    return said


def test_every_button_of_the_app_has_its_act_or_takes_no_right():
    keys = drawn_keys()
    assert len(keys) > 60
    assert keys >= FREE
    fits = {(key, one) for key in keys - FREE for one in BEGINNINGS
            if key.startswith(one) or one.startswith(key)}  # fmt: skip
    assert keys - FREE == {key for key, _ in fits}
    assert set(BEGINNINGS) == {one for _, one in fits}


@pytest.mark.parametrize(
    ("key", "act"),
    [
        ("complete.confirm", Act.COMMIT),
        ("complete.street.confirm", Act.COMMIT),
        ("complete.street", None),
        ("complete.street.back", None),
        ("complete.list.write", Act.EXPORT),
        ("draw.go", Act.COMMIT),
        ("draw.hold", None),
        ("draw.curve.point", Act.COMMIT),
        ("draw.documents.write", Act.EXPORT),
        ("plan.camera.south.0.apply", Act.COMMIT),
        ("plan.totals", None),
        ("review.settle.7-Settle the opinion", Act.SETTLE),
        ("back.take", Act.IMPORT),
        ("data.keep", Act.IMPORT),
    ],
)
def test_the_act_of_a_button_is_told_by_its_key(key, act):
    assert act_of(key) is act


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
    assert {f"review.{act}-" for act in HEADINGS} <= BEGINNINGS.keys()
