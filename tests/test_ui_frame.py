"""The frame: each page in both languages for each role, sign-in, language, errors, progress."""

from __future__ import annotations

import json
import logging
import re
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from civicsight.application import accounts
from civicsight.core import i18n, own_files
from civicsight.core.errors import N_, Fault, InputError, MismatchError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.coverage.demand.find import Demand
from civicsight.coverage.result import unseen
from civicsight.editing.project import COMPILING, Opening
from civicsight.store import ROLE_LABELS, Actor, Role
from civicsight.ui import config, frame, mapview
from civicsight.ui.access import signin
from civicsight.ui.access.signin import Attempts
from civicsight.ui.access.visits import VISITS
from civicsight.ui.errors import refusal_lines, show_script_error
from civicsight.ui.pages import PAGES
from tests.ui_made import PASSWORD, AppTest, add_cheaply, make_project, opened

ROLES = (Role.PLANNER, Role.REVIEWER, Role.ANALYST, Role.APPROVER, Role.AUDITOR)
PAIRWISE = [
    pytest.param(
        page,
        role,
        LANGUAGES[((i - k) % len(ROLES) + i) % 2],
        id=f"{page.code}-{role.value}",
        marks=[pytest.mark.slow] * ((i - k) % len(ROLES) > 1),
    )
    for i, page in enumerate(PAGES)
    for k, role in enumerate(ROLES)
]
"""Every page for every role. The everyday run has two roles of each page and four pages of each
role, and each page and each role in both languages."""
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("project"), label="School")


@pytest.fixture(autouse=True)
def set_up(monkeypatch, tmp_path, project):
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    monkeypatch.setattr(frame, "opening", lambda _path: opened(project))
    monkeypatch.setattr(frame, "chosen_project", lambda: Path("chosen.gpkg"))
    monkeypatch.delenv("CIVICSIGHT_LANGUAGE", raising=False)
    monkeypatch.setattr(signin, "ATTEMPTS", Attempts())


def app(code="zh", **session):
    test = AppTest.from_file(str(config.SCRIPT), default_timeout=60)
    if code:
        test.query_params["lang"] = code
    for key, value in session.items():
        test.session_state[key] = value
    return test


def texts_of(test):
    kinds = ("subheader", "text", "button", "info", "warning", "error", "metric", "markdown")
    found = [element for kind in kinds for element in test.get(kind)]
    return [str(getattr(entry, "label", "") or entry.value) for entry in found]


def sign_in_as(monkeypatch, *actors):
    add_cheaply(monkeypatch, own_files.accounts_path(), *actors)
    first = accounts.read_accounts(own_files.accounts_path())[actors[0].name]
    return {signin.SIGNED_IN: VISITS.begin((first.actor.name, first.salt))[0]}


@pytest.mark.parametrize(("page", "role", "code"), PAIRWISE)
def test_every_page_opens_for_every_role(monkeypatch, page, role, code):
    monkeypatch.setattr(frame, "PAGES", (page,))
    test = app(code, **sign_in_as(monkeypatch, Actor("Wang", role))).run()
    assert not test.exception
    assert test.subheader[0].value == translate(page.title, code)
    label = translate(ROLE_LABELS[role], code)
    assert f"Wang · {label}" in texts_of(test)
    if code == "en":
        own = {i18n.own_name("zh_CN")}
        assert not [text for text in texts_of(test) if CHINESE.search(text) and text not in own]


def test_the_switch_changes_the_language_and_the_address():
    test = app("zh").run()
    assert test.subheader[0].value == translate(PAGES[0].title, "zh_CN")
    test.button(key="switch_language").click().run()
    assert test.subheader[0].value == "Overview"
    assert test.query_params["lang"] == "en"
    test.button(key="switch_language").click().run()
    assert test.subheader[0].value == translate(PAGES[0].title, "zh_CN")


@pytest.mark.parametrize(
    ("asked", "setting", "expected"),
    [
        ("", "zh_CN", "zh_CN"),
        ("", "en", "en"),
        ("", "klingon", "zh_CN"),
        ("en", "zh_CN", "en"),
        ("en-GB", "zh_CN", "en"),
        ("zh-CN", "en", "zh_CN"),
        ("<script>", "en", "en"),
    ],
)
def test_the_address_comes_before_the_setting(monkeypatch, asked, setting, expected):
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", setting)
    test = app(asked).run()
    assert test.subheader[0].value == translate(PAGES[0].title, expected)


@pytest.mark.parametrize("asks", [1, 2, 3])
def test_a_project_that_comes_open_while_a_page_is_drawn_is_named(monkeypatch, project, asks):
    class Late(Future):
        asked = 0

        def done(self):
            Late.asked += 1
            return Late.asked >= asks

    late = Opening(Late())
    late.future.set_result(project)
    monkeypatch.setattr(frame, "opening", lambda _path: late)
    test = app("en").run()
    if test.metric:  # the page itself is there
        assert project.city.name in [entry.value for entry in test.text]
    else:
        assert Late.asked < asks


def test_each_language_calls_itself_by_its_name():
    assert [i18n.own_name(code) for code in LANGUAGES] == ["中文", "English"]


def test_nobody_sees_a_page_before_he_signs_in(monkeypatch):
    sign_in_as(monkeypatch, Actor("Wang", Role.REVIEWER))
    test = app("en").run()
    assert [entry.value for entry in test.subheader] == ["Sign in"]
    assert not test.metric
    test.text_input(key="sign_in_name").input("Wang")
    test.text_input(key="sign_in_password").input("wrong")
    test.button[-1].click().run()
    assert "do not fit" in test.error[0].value
    test.text_input(key="sign_in_password").input(PASSWORD)
    test.button[-1].click().run()
    assert not test.subheader  # until the browser says that it has its cookie
    test.run()
    assert test.subheader[0].value == "Overview"
    test.button(key="sign_out").click().run()
    assert [entry.value for entry in test.subheader] == ["Sign in"]


def test_who_signed_in_elsewhere_is_not_believed(monkeypatch):
    sign_in_as(monkeypatch, Actor("Wang", Role.REVIEWER))
    forged = app("en", **{signin.SIGNED_IN: "forged"}).run()
    assert [entry.value for entry in forged.subheader] == ["Sign in"]


def test_a_role_that_was_taken_away_is_gone_at_the_next_run(monkeypatch):
    session = sign_in_as(monkeypatch, Actor("Wang", Role.PLANNER))
    test = app("en", **session).run()
    assert "Wang · municipal planner" in texts_of(test)
    accounts.remove_account(own_files.accounts_path(), "Wang")
    test.run()
    assert [entry.value for entry in test.subheader] == ["Sign in"]


def test_a_new_password_ends_the_old_sessions(monkeypatch):
    session = sign_in_as(monkeypatch, Actor("Wang", Role.PLANNER))
    test = app("en", **session).run()
    sign_in_as(monkeypatch, Actor("Wang", Role.AUDITOR))
    test.run()
    assert [entry.value for entry in test.subheader] == ["Sign in"]


def test_a_district_planner_is_shown_with_his_district(monkeypatch):
    session = sign_in_as(monkeypatch, Actor("Liu", Role.DISTRICT_PLANNER, "donghu"))
    test = app("en", **session).run()
    assert "Liu · district planner donghu" in texts_of(test)


def test_until_the_project_is_open_the_page_says_how_far_it_is(monkeypatch):
    # A run that is stopped would keep the fragments of the page before, which draw by their clock.
    monkeypatch.setattr(frame.st, "stop", lambda: pytest.fail("the page has to end by itself"))
    under_way = Opening()
    under_way.report(N_("Looking through every camera"), 1, 4)
    monkeypatch.setattr(frame, "opening", lambda _path: under_way)
    test = app("en").run()
    assert not test.exception
    assert not test.metric
    (bar,) = test.get("progress")
    assert (bar.proto.value, bar.proto.text) == (25, "Looking through every camera")


@pytest.mark.parametrize(
    ("role", "is_bound"), [(Role.PLANNER, False), (Role.DISTRICT_PLANNER, True)]
)
def test_until_it_is_computed_the_page_shows_the_city_as_it_was_read(
    monkeypatch, project, role, is_bound
):
    """Listed places and cameras, as far as they are open to who looks; nothing of it is judged."""
    under_way, drawn = Opening(), []
    under_way.report(COMPILING, 0, 0)
    monkeypatch.setattr(frame, "opening", lambda _path: under_way)
    monkeypatch.setattr(frame, "current_actor", lambda: Actor("Liu", role, "nowhere"))
    monkeypatch.setattr(mapview, "show_map", lambda *shown, **_: drawn.append(shown))
    test = app("en").run()
    assert test.get("progress")[0].proto.text == "Compiling kernels, once on this machine"
    assert not drawn
    result = project.result
    demand = Demand(result.zones, result.left_out, result.parts, result.samples, result.missing)
    found = unseen(project.city, project.rules, result.cameras, result.heads, demand)
    under_way.show(replace(project, result=found, digest=f"unseen {role}"))
    test.run()
    assert not test.exception
    assert "nothing is judged yet" in " ".join(entry.value for entry in test.text)
    live, _, sources = drawn[-1]
    layers = {entry["key"]: entry["data"] for entry in json.loads(live.document)["layers"]}
    assert not sources.runs
    assert not {"parts", "gaps", "duplicates", "overlaps"} & layers.keys()
    seen = replace(found, raster=result.raster)
    under_way.show(replace(project, result=seen, digest=f"unjudged {role}"))
    test.run()
    assert "compared with it now" in " ".join(entry.value for entry in test.text)
    assert bool(drawn[-1][2].runs) != is_bound
    assert layers["zones"]["ids"] == list(result.zones.index)
    assert layers.get("cameras", {}).get("ids", []) == (
        [] if is_bound else list(result.cameras.index)
    )


def show_empty():
    from functools import partial

    from civicsight.core.errors import N_
    from civicsight.core.i18n import translate
    from civicsight.store import Actor, Role
    from civicsight.ui.frame import Visit, empty

    visit = Visit("en", Actor("Li", Role.PLANNER), partial(translate, language="en"), None)
    empty(visit, N_("Overview"), N_("Mend the name."))


def test_an_empty_page_says_what_to_do():
    test = AppTest.from_function(show_empty).run()
    assert test.info[0].value == "Overview  \nMend the name."


def show_error():
    import streamlit as st

    from civicsight.ui.errors import show_script_error

    show_script_error(st.session_state["error"])


def shown(error):
    test = AppTest.from_function(show_error)
    test.session_state["error"] = error
    test.query_params["lang"] = "en"
    test.run()
    assert not test.exception
    return test


def fail(secret):
    raise RuntimeError(secret)


def test_an_internal_error_shows_a_number_and_the_log_has_its_trace(caplog):
    secret = "/srv/city/passwords.csv"  # noqa: S105 - a path that must not be shown
    with pytest.raises(RuntimeError) as caught:
        fail(secret)
    test = shown(caught.value)
    told = test.error[0].value
    (incident,) = re.findall(r"incident (\w{8})", told)
    assert secret not in told
    assert "Traceback" not in told
    (record,) = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert incident in record.getMessage()
    assert "RuntimeError" in logging.Formatter().formatException(record.exc_info)


def test_a_refusal_names_every_fault_and_its_remedy():
    fault = Fault("a.b", "f.csv", "row 3", "height", "**x**", N_("a name"), N_("Mend the name."))
    test = shown(InputError([fault]))
    assert "Nothing was changed" in test.error[0].value
    place = "f.csv, row 3, height"
    assert test.text[0].value == f"{place} · found: **x** · expected: a name · Mend the name."


def test_a_long_list_of_faults_is_cut():
    lines = refusal_lines(InputError([Fault("a", str(n)) for n in range(103)]), "en")
    assert len(lines) == 101
    assert lines[-1] == "... and 3 more"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MismatchError(N_("Mend the name.")), "Mend the name."),
        (MismatchError("as it is"), "as it is"),
        (MismatchError(), "MismatchError"),
    ],
)
def test_other_refusals_are_said_too(error, line):
    assert refusal_lines(error, "en") == [line]


def test_the_server_shows_no_error_of_its_own():
    """The hook says True: the server then shows nothing itself."""
    assert show_script_error(MismatchError("x")) is True
