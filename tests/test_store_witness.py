"""On what the name under an act rests: appointed, or only claimed; and on whose account it ran."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from hashlib import sha256

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.store import (
    NOBODY_APPOINTED,
    Actor,
    Denied,
    Role,
    appoint,
    approvals,
    describe_name,
    open_store,
    opinions,
    system_user,
    takes_any_name,
    verify,
)
from civicsight.store.records import START, as_text, digest_of
from civicsight.ui.pages import PAGES
from tests.scans import pdf
from tests.store_parts import (
    DECIDED,
    LI,
    ROOT,
    SUN,
    WANG,
    ZHOU,
    approve_latest,
    approved,
    begun,
    submitted,
)
from tests.ui_made import make_project, open_page, texts_of


def appointed(store):
    for member in (ROOT, LI, WANG, ZHOU, SUN):
        appoint(store, ROOT, member)
    return store


def test_an_approval_by_a_claimed_name_says_so_for_good(tmp_path):
    with begun(tmp_path / "plans.gpkg") as store:
        digest = submitted(store).digest
        given = approve_latest(store, digest, replace(ZHOU, user="clerk7"))
        assert (given.appointed, given.user) == (False, "clerk7")
        appointed(store)
        assert approvals(store, LI, "donghu") == [given]
        assert str(describe_name(given)) == (
            f"Nobody was appointed, and the name {ZHOU.name} was only claimed; the user clerk7 of "
            "the computer entered it."
        )
        verify(store, SUN, expect_head=given.head_hash)


def test_an_approval_by_somebody_appointed_keeps_the_user_beside_the_name(tmp_path):
    with appointed(begun(tmp_path / "plans.gpkg")) as store:
        digest = submitted(store).digest
        given = approve_latest(store, digest, replace(ZHOU, user="clerk7"))
        assert (given.appointed, given.user) == (True, "clerk7")
        assert "was appointed; the user clerk7" in str(describe_name(given))
        with pytest.raises(Denied):
            approve_latest(store, digest, Actor("Zhou", Role.APPROVER, user="clerk7"))


def test_a_name_that_is_bound_to_a_user_of_the_system_serves_nobody_else(tmp_path):
    with begun(tmp_path / "plans.gpkg") as store:
        for member in (ROOT, replace(LI, user="li7"), WANG, replace(ZHOU, user="zhou9"), SUN):
            appoint(store, ROOT, member)
        digest = submitted(store).digest  # who signed in to the app has no user of his own
        for user in ("li7", "clerk7"):  # bound to another name, and bound to none
            with pytest.raises(Denied, match="user of the system"):
                approve_latest(store, digest, replace(ZHOU, user=user))
        with pytest.raises(Denied):
            opinions(store, replace(WANG, user="li7"), "donghu")
        assert opinions(store, replace(WANG, user="clerk7"), "donghu")
        given = approve_latest(store, digest, replace(ZHOU, user="zhou9"))
        assert (given.appointed, given.user) == (True, "zhou9")


def test_every_act_says_whether_anybody_was_appointed(tmp_path):
    """Refusals do as well; the first entry begins the store and is nobody's."""
    with begun(tmp_path / "plans.gpkg") as store:
        assert takes_any_name(store)
        with pytest.raises(Denied):
            appoint(store, LI, ROOT)
        assert takes_any_name(store)  # what was refused appoints nobody
        before = len(store.history(SUN))
        appointed(store)
        assert not takes_any_name(store)
        submitted(store)
        first, *acts = store.history(SUN)
        assert "appointed" not in first.says
        told = [entry.says["appointed"] for entry in acts]
        assert told == [False] * before + [True] * (len(acts) - before)
        assert all("user" not in entry.says for entry in acts)  # nobody said on whose account


def test_a_store_of_before_verifies_and_what_follows_says_more(tmp_path):
    """Its entries have neither field: their bytes and hashes stay as they are."""
    path = tmp_path / "plans.gpkg"
    with begun(path) as store:
        approved(store)
    _as_of_before(path)
    with open_store(path) as store:
        old = verify(store, SUN)
        (given,) = approvals(store, LI, "donghu")
        assert (given.appointed, given.user) == (None, "")
        assert "not recorded" in str(describe_name(given))
        store.new_plan(replace(LI, user="clerk7"), "west", name="West")
        assert verify(store, SUN, expect_head=old.head.hash).entries == old.entries + 1
        last = store.history(SUN)[-1].says
        assert (last["appointed"], last["user"]) == (False, "clerk7")


def _as_of_before(path):
    """Write the audit of a store anew as it was written before names were looked at."""
    with closing(sqlite3.connect(path)) as file, file:
        guards = file.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall()
        for name, _ in guards:
            file.execute(f'DROP TRIGGER "{name}"')
        prev = START
        for row in file.execute("SELECT * FROM audit ORDER BY seq").fetchall():
            body = json.loads(row[8])
            for name in ("appointed", "user"):
                body.pop(name, None)
            values = [*row[:8], as_text(body), prev]
            prev = digest_of(values)
            file.execute(
                "UPDATE audit SET body = ?, prev = ?, hash = ? WHERE seq = ?",
                (values[8], values[9], prev, row[0]),
            )
        for _, statement in guards:
            file.execute(statement)


def test_the_user_is_that_of_the_system_and_no_variable(monkeypatch):
    known = system_user()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody else")
    assert known
    assert system_user() == known


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_line_says_it_on_every_act_and_on_the_approval(capsys, tmp_path, language):
    store, scan, copies = tmp_path / "own.gpkg", tmp_path / "scan.pdf", tmp_path / "copies"
    scan.write_bytes(pdf())
    with begun(store) as opened:
        digest = opened.plan(LI, "donghu").digest
    warning = translate(NOBODY_APPOINTED, language)

    def act(*words, code=OK):
        assert run(["plan", *map(str, words), "--lang", language]) == code
        told = capsys.readouterr()
        return told.out, " ".join(told.err.split())

    paper = ("--digest", digest, "--date", DECIDED)
    opinion = (
        "opinion",
        store,
        "donghu",
        "--as",
        WANG.name,
        "--text",
        "yes",
        "--reply",
        "agree",
        *paper,
    )
    approve = ("approve", store, "donghu", *paper, "--body", "市政府", "--number", "7")
    commands = [
        ("new", store, "west", "--as", LI.name, "--name", "West"),
        ("submit", store, "donghu", "--as", LI.name),
        (*opinion, "--department", "市住房和城乡建设局"),
        ("submit", store, "donghu", "--as", LI.name),
        ("return", store, "donghu", "--as", ZHOU.name, "--reason", "prices"),
        ("submit", store, "donghu", "--as", LI.name),
        (*opinion, "--department", "市住房和城乡建设局"),
        ("submit", store, "donghu", "--as", LI.name),
        (*approve, "--scan", scan, "--as", ZHOU.name),
        ("backup", store, "--as", ROOT.name, "--out", copies),
        ("copy", store, tmp_path / "two.gpkg", "--as", ROOT.name),
        ("audit", store, "--as", SUN.name),
    ]
    said = [act(*words) for words in commands]
    assert all(_flat(warning) in _flat(err) for _, err in said)
    with open_store(store) as opened:
        (given,) = approvals(opened, LI, "donghu")
    assert (given.appointed, given.user) == (False, system_user())
    assert _flat(translate(describe_name(given), language)) in _flat(said[8][1])
    assert said[8][1].split()[-1].endswith(given.head_hash)
    (copy,) = copies.iterdir()
    assert _flat(warning) in _flat(act("restore", copy, store, "--as", ROOT.name)[1])
    assert system_user() in said[-1][0]
    with open_store(store) as opened:
        appointed(opened)
    assert _flat(warning) not in _flat(act("audit", store, "--as", SUN.name)[1])
    assert _flat(warning) not in _flat(act("audit", store, "--as", "Sun", code=BAD_INPUT)[1])


def _flat(text):
    return "".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_of_the_review_says_it_beside_the_acts_and_under_the_approval(
    monkeypatch, tmp_path, code
):
    page = next(page for page in PAGES if page.code == "review")
    project = replace(make_project(tmp_path), plan_id="donghu")
    with begun(project.store_path) as store:
        approved(store)
        (given,) = approvals(store, LI, "donghu")
    test = open_page(monkeypatch, project, page, code, actor=LI)
    assert not test.exception
    told = texts_of(test, ("text",))
    assert translate(NOBODY_APPOINTED, code) in told
    assert translate(describe_name(given), code) in told
    with open_store(project.store_path) as store:
        appointed(store)
    test = open_page(monkeypatch, project, page, code, actor=LI)
    told = texts_of(test, ("text",))
    assert translate(NOBODY_APPOINTED, code) not in told
    assert translate(describe_name(given), code) in told


def test_the_command_reads_version_and_digest_from_files(capsys, tmp_path):
    path, sheet, scan = (tmp_path / name for name in ("own.gpkg", "decision.html", "scan.pdf"))
    with begun(path) as opened:
        plan = submitted(opened)
    said = ("--as", ZHOU.name, "--body", "市政府", "--number", "7", "--date", DECIDED)
    command = ("plan", "approve", str(path), "donghu", *said, "--paper", str(sheet),
               "--scan", str(scan))  # fmt: skip
    sheet.write_text(f"<p>{plan.digest}</p>")
    scan.write_bytes(b"")
    assert run([*command]) == BAD_INPUT
    scan.write_bytes(pdf())
    sheet.write_text("<p>another plan</p>")
    assert run([*command]) == BAD_INPUT
    assert "64" not in capsys.readouterr().err
    sheet.write_text(f"<p>{plan.digest}</p>")
    assert run([*command]) == OK
    with open_store(path) as store:
        (found,) = approvals(store, LI, "donghu")
    assert found.scan_sha256 == sha256(scan.read_bytes()).hexdigest()
