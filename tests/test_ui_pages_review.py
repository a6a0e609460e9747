"""The page of the review: from draft to approval through its forms, each act asked of the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.approving import inputs_now
from civicsight.application.plans import stored_answers
from civicsight.application.review import act_on, log_rows, open_acts, read_review, version_in
from civicsight.core.errors import N_, InputError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.planning.record.documents import to_record
from civicsight.planning.statement.claims import statement_of
from civicsight.planning.statement.figures import figures_of
from civicsight.report.plan.endings import describe_open
from civicsight.store import (
    ALLOWED,
    NOBODY_APPOINTED,
    ROLE_LABELS,
    SIGNED_IN,
    STATE_LABELS,
    Act,
    Actor,
    Denied,
    File,
    Role,
    State,
    approve,
    open_store,
    send_back,
)  # fmt: skip
from civicsight.store.actors import ACTS
from civicsight.ui.pages import PAGES, remarks
from civicsight.ui.pages.review import BODY, HEADINGS, NUMBER, PAPER, VERSION
from civicsight.ui.pages.review import DAY as DAY_OF
from civicsight.ui.pages.review import SCAN as SCAN_OF
from tests.plan_made import hand_plan
from tests.scans import pdf
from tests.store_parts import (
    DECIDED,
    DEPARTMENT,
    LI,
    SCAN,
    WANG,
    ZHOU,
    approved,
    begun,
    commit,
    layers,
    submitted,
)
from tests.ui_made import make_project, open_page, remarked, texts_of

PAGE = next(page for page in PAGES if page.code == "review")


@pytest.fixture
def project(tmp_path):
    return replace(make_project(tmp_path), plan_id="donghu")


def state_of(project):
    with open_store(project.store_path) as store:
        return store.plan(LI, "donghu").state


def submit_form(test, act):
    form = [one for one in test.button if one.form_id == f"review.{act}"]
    form[0].click().run()
    assert not test.exception
    return test


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("actor", [LI, WANG], ids=["planner", "reviewer"])
def test_without_a_plan_the_page_says_how_one_is_made(monkeypatch, project, code, actor):
    test = open_page(monkeypatch, project, PAGE, code, actor=actor)
    assert not test.exception
    assert test.info
    assert bool(test.get("page_link")) == (actor is LI)
    assert not project.store_path.exists()


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_plan_goes_from_draft_to_approval_through_the_forms(monkeypatch, project, code):
    begun(project.store_path).close()
    submit_form(open_page(monkeypatch, project, PAGE, code, actor=LI), Act.START_REVIEW)
    assert state_of(project) == State.JOINT_REVIEW
    test = open_page(monkeypatch, project, PAGE, code, actor=WANG)
    assert test.selectbox(key="review.department").options == [DEPARTMENT]
    test.text_area(key="review.opinion").input("No objection")
    test.radio(key="review.reply").set_value("agree")
    submit_form(test, Act.OPINION)
    submit_form(open_page(monkeypatch, project, PAGE, code, actor=LI), Act.SUBMIT)
    assert state_of(project) == State.SUBMITTED
    test = open_page(monkeypatch, project, PAGE, code, actor=ZHOU)
    submit_form(test, Act.RETURN)
    assert test.error  # no reason
    test.text_area(key="review.reason").input("Two cameras too many")
    submit_form(test, Act.RETURN)
    assert state_of(project) == State.RETURNED
    assert test.success
    assert not [one for one in test.button if one.form_id == f"review.{Act.RETURN}"]
    log = test.dataframe[-1].value
    assert len(log) == 6
    assert "Two cameras too many" in log.iloc[0, 4]
    said = texts_of(test, ("text",))
    assert any(translate(STATE_LABELS[State.RETURNED], code) in text for text in said)
    returned = translate(N_("Returned: %(reason)s", reason="Two cameras too many"), code)
    assert returned in said  # why it came back stands beside its state


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_what_comes_next_is_said_with_who_does_it(monkeypatch, project, code):
    begun(project.store_path).close()
    submit_form(open_page(monkeypatch, project, PAGE, code, actor=LI), Act.START_REVIEW)
    said = texts_of(open_page(monkeypatch, project, PAGE, code, actor=WANG), ("text",))
    head = translate("What comes next, and who does it:", code)
    (told,) = [text for text in said if text.startswith(head)]
    opinion, submitting = (line.partition("\uff1a" if code == "zh_CN" else ": ")
                           for line in told.splitlines()[1:])  # fmt: skip
    assert opinion[0] == translate(HEADINGS[Act.OPINION], code)
    assert translate(ROLE_LABELS[Role.REVIEWER], code) in opinion[2]
    assert submitting[0] == translate(HEADINGS[Act.SUBMIT], code)
    assert translate(ROLE_LABELS[Role.REVIEWER], code) not in submitting[2]
    once = "It can be returned once it is submitted; until then, leave remarks."
    assert translate(once, code) in said


REQUIRED = (VERSION, BODY, NUMBER, DAY_OF, SCAN_OF)


def bring(test, label, code, name, content):
    """Bring a file to a field by its label, as a browser does."""
    told = translate(label, code)
    field = next(one for one in test.get("file_uploader") if one.label.startswith(told))
    field.set_value((name, content, "application/octet-stream"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_approval_marks_what_is_required_and_names_what_is_missing(monkeypatch, project, code):
    with begun(project.store_path) as store:
        root = submitted(store).digest
    test = open_page(monkeypatch, project, PAGE, code, actor=ZHOU)
    labels = texts_of(test, ("text_input", "selectbox", "file_uploader"))
    assert {f"{translate(label, code)} *" for label in REQUIRED} <= set(labels)
    assert not any("64" in label for label in labels)
    (options,) = [one.options for one in test.selectbox if one.key == "review.version"]
    assert [root[:12] in option and root not in option for option in options] == [True]
    submit_form(test, Act.APPROVE)
    told = " ".join(texts_of(test, ("text",)))
    for label in (VERSION, BODY, NUMBER, SCAN_OF):
        assert translate(label, code) in told
    assert "sha256" not in told
    assert state_of(project) == State.SUBMITTED


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_scan_that_is_no_document_is_refused_in_words(monkeypatch, project, code):
    with begun(project.store_path) as store:
        root = submitted(store).digest
    test = open_page(monkeypatch, project, PAGE, code, actor=ZHOU)
    test.selectbox(key="review.version").set_value(root)
    test.text_input(key="review.body").input("市政府")
    test.text_input(key="review.number").input("12")
    bring(test, SCAN_OF, code, "scan.pdf", b"not a document")
    submit_form(test, Act.APPROVE)
    wanted = translate(N_("the scan of the approval document: PDF, JPEG, PNG, TIFF or OFD"), code)
    assert any(wanted in text and "scan.pdf" in text for text in texts_of(test, ("text",)))
    assert state_of(project) == State.SUBMITTED
    bring(test, SCAN_OF, code, "scan.pdf", pdf())
    submit_form(test, Act.APPROVE)
    assert state_of(project) == State.APPROVED


def test_the_version_is_compared_by_the_file_that_the_paper_was_printed_from(monkeypatch, project):
    with begun(project.store_path) as store:
        plan = submitted(store)
        heads = store.list_versions(LI, "donghu")
    sheet = f"<p>Root of the version: {plan.digest}</p>".encode()
    assert version_in("sheet.html", sheet, heads).digest == plan.digest
    for content in (b"<p>no root</p>", b"0" * 64, sheet.replace(b"</p>", b"a</p>")):
        with pytest.raises(InputError, match=r"review\.paper"):
            version_in("other.html", content, heads)
    test = open_page(monkeypatch, project, PAGE, "en", actor=ZHOU)
    test.text_input(key="review.body").input("市政府")
    test.text_input(key="review.number").input("12")
    bring(test, PAPER, "en", "decision.html", sheet)
    bring(test, SCAN_OF, "en", "scan.pdf", pdf())
    submit_form(test, Act.APPROVE)
    assert state_of(project) == State.APPROVED


@pytest.mark.parametrize("code", LANGUAGES)
def test_departments_are_taken_off_again_with_a_reason_that_is_kept(monkeypatch, project, code):
    begun(project.store_path).close()
    test = open_page(monkeypatch, project, PAGE, code, actor=LI)
    field = test.multiselect(key="review.heard")
    assert field.value == [DEPARTMENT]
    field.set_value(["Parks"])
    submit_form(test, Act.HEAR)
    assert test.error  # no reason
    test.text_area(key="review.heard.reason").input("not concerned")
    submit_form(test, Act.HEAR)
    with open_store(project.store_path) as store:
        plan, last = store.plan(LI, "donghu"), store.history(LI, "donghu")[-1]
    assert plan.departments == ("Parks",)
    assert (last.says["removed"], last.says["added"]) == ([DEPARTMENT], ["Parks"])
    told = test.dataframe[-1].value.iloc[0, 4]
    assert DEPARTMENT in told
    assert "not concerned" in told
    test = open_page(monkeypatch, project, PAGE, code, actor=WANG)
    assert not [one for one in test.multiselect if one.key == "review.heard"]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("how", ["password", "provider"])
def test_who_is_signed_in_is_named_as_verified(monkeypatch, project, code, how):
    with begun(project.store_path) as store:
        submitted(store)
    test = open_page(monkeypatch, project, PAGE, code, actor=replace(ZHOU, signed_in=how))
    said = texts_of(test, ("text",))
    named = N_("%(name)s signed in %(how)s; the name is verified.", name=ZHOU.name,
               how=SIGNED_IN[how])  # fmt: skip
    assert translate(named, code) in said
    assert translate(NOBODY_APPOINTED, code) not in said
    test = open_page(monkeypatch, project, PAGE, code, actor=ZHOU)
    said = texts_of(test, ("text",))
    assert translate(N_("You act as %(name)s.", name=ZHOU.name), code) in said
    assert translate(NOBODY_APPOINTED, code) in said


def test_who_changed_the_plan_meanwhile_is_named(monkeypatch, project):
    with begun(project.store_path) as store:
        plan = submitted(store)
    test = open_page(monkeypatch, project, PAGE, "en", actor=ZHOU)
    with open_store(project.store_path) as store:
        send_back(store, ZHOU, "donghu", base_rev=plan.rev, reason="first")
        commit(store, store.plan(LI, "donghu"))
    test.text_area(key="review.reason").input("second")
    submit_form(test, Act.RETURN)
    assert "Nothing was changed" in test.error[0].value
    assert any(LI.name in text and "changed it" in text for text in texts_of(test, ("text",)))
    assert state_of(project) == State.DRAFT
    assert not test.run().error


def test_an_approval_holds_for_the_version_that_was_on_the_screen(monkeypatch, project):
    with begun(project.store_path) as store:
        seen = submitted(store)
    test = open_page(monkeypatch, project, PAGE, "en", actor=ZHOU)
    with open_store(project.store_path) as store:
        commit(store, store.plan(LI, "donghu"), seed=5)
        fresh = submitted(store)
    assert fresh.digest != seen.digest
    test.text_area(key="review.reason").input("not what I read")
    submit_form(test, Act.RETURN)
    assert test.error
    assert state_of(project) == State.SUBMITTED


def test_a_remark_is_kept_for_its_version_and_is_no_answer(monkeypatch, project):
    begun(project.store_path).close()
    hostile = "<script>alert(1)</script>"
    test = open_page(monkeypatch, project, PAGE, "en", actor=WANG, sel="camera-1")
    assert test.text_input(key="review.subject").value == "camera-1"
    test.text_area(key="review.remark.0").input(hostile)
    submit_form(test, Act.ANSWER)
    review = read_review(project, WANG, "donghu")
    assert [(one.subject, one.said[0].text) for one in review.threads] == [("camera-1", hostile)]
    assert stored_answers(project, WANG) == ()
    assert not [text for text in texts_of(test, ("markdown", "info", "success")) if "<" in text]
    assert test.text_area(key="review.remark.1").value == ""  # it was sent, and is not sent twice
    assert test.toast  # said wherever the page is scrolled


def test_open_acts_are_those_of_role_and_state(project):
    with begun(project.store_path) as store:
        commit(store, store.plan(LI, "donghu"))
        plan = approved(store)
    moves = {Act.START_REVIEW, Act.SUBMIT, Act.RETURN, Act.APPROVE, Act.IMPLEMENT}
    for role in Role:
        for state in State:
            found = set(open_acts(replace(plan, state=state), Actor("Xu", role)))
            wanted = {a for a in moves if state in ACTS[a].begins_in and role in ALLOWED[a]}
            assert found & moves == wanted
    assert open_acts(replace(plan, version=0), LI) == ()


def test_the_store_refuses_whatever_was_shown(project):
    with begun(project.store_path) as store:
        plan = submitted(store)
    with pytest.raises(Denied):
        act_on(project, lambda store: send_back(store, LI, "donghu", base_rev=plan.rev,
                                                reason="x"))  # fmt: skip
    review = read_review(project, LI, "donghu")
    rows = log_rows(review.entries, lambda text: translate(text, "en"))
    assert rows[0][3] == "returned the plan"
    assert "refused" in rows[0][4]
    assert inputs_now(review.versions[-1].inputs, project.result, project.base) is None
    assert review.version_of(plan.digest) == "1"
    assert review.version_of(SCAN) == ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_optimised_version_says_how_good_it_is_and_what_it_leaves_open(
    monkeypatch, project, code
):
    plan = hand_plan()
    with begun(project.store_path) as store:
        head = store.plan(LI, "donghu")
        store.commit_version(
            LI, "donghu", base_rev=head.rev, layers=layers(6),
            documents=to_record(plan), inputs=dict(plan.inputs),
        )  # fmt: skip
    test = open_page(monkeypatch, project, PAGE, code, actor=WANG)
    assert not test.exception
    shown = [text.value for text in test.text]
    for said in (statement_of(plan).describe(), *describe_open(figures_of(plan))):
        assert translate(said, code) in shown


def test_a_remark_is_answered_and_settled_in_the_page_and_who_left_it_is_told(monkeypatch, project):
    begun(project.store_path).close()
    number = remarked(project, WANG, "camera-1", "Too low", files=[File("wall.pdf", b"%PDF-1")])
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    said = texts_of(test, ("text", "info"))
    assert "Remarks: 1, of which open: 1" in said
    assert any("Since you last acted here: answer" in text for text in said)
    monkeypatch.setattr(remarks, "pick_row", lambda *_, **__: 0)
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    assert any("Too low" in text for text in texts_of(test, ("text",)))
    assert any("wall.pdf" in one.proto.body for one in test.get("html"))
    test.text_area(key=f"review.answer.{number}").input("Raised to 4 m")
    test.radio(key=f"review.state.{number}").set_value("settled")
    form = [one for one in test.button if one.form_id == f"review.thread.{number}"]
    form[0].click().run()
    assert not test.exception
    (thread,) = read_review(project, WANG, "donghu").threads
    assert [one.text for one in thread.said] == ["Too low", "Raised to 4 m"]
    assert not thread.is_open
    test = open_page(monkeypatch, project, PAGE, "zh_CN", actor=WANG)
    assert any("自您上次办理以来" in text for text in texts_of(test, ("info",)))


def test_the_scan_of_an_approval_is_offered_to_who_reads_the_plan(monkeypatch, project):
    with begun(project.store_path) as store:
        digest = submitted(store).digest
        approve(store, ZHOU, "donghu", digest=digest, body="市政府", document_number="7",
                dated_on=DECIDED, scan=File("signed.pdf", pdf()))  # fmt: skip
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    assert any("signed.pdf" in one.proto.body for one in test.get("html"))
