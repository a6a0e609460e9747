"""The page of the articles: counts against the verdicts, answers in a plan and without one."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from civicsight.application import verdicts as service
from civicsight.application import work
from civicsight.application.jobs import JobPool, JobState
from civicsight.application.plans import keep_answer, stored_answers
from civicsight.application.work import Kind
from civicsight.core.errors import MismatchError
from civicsight.core.i18n import LANGUAGES
from civicsight.core.settings import present_day
from civicsight.editing.project import Project, open_project
from civicsight.io import save_city
from civicsight.io.project import read_city
from civicsight.model import CITY_TABLES
from civicsight.planning.compliance import judge
from civicsight.presentation.names import name_judged
from civicsight.report.compliance.public import SHOWN_OUTCOMES
from civicsight.rules import load_packs
from civicsight.store import Actor, Answer, Denied, Role, answers, open_store
from civicsight.ui import judging
from civicsight.ui.pages import PAGES, compliance
from tests.compliance_made import TODAY, checked
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "compliance")
DECLARED = {
    rule.id
    for pack in load_packs().packs
    for rule in pack.rules
    if any(check.name == "declared" for check in rule.check.predicates())
}
LI, WANG = Actor("Li", Role.PLANNER), Actor("Wang", Role.REVIEWER)


@pytest.fixture
def pool(tmp_path, monkeypatch):
    made = JobPool(tmp_path / "cache", in_threads=True)
    monkeypatch.setattr(judging, "job_pool", lambda: made)
    yield made
    made.close()


@pytest.fixture
def project(tmp_path):
    service._JUDGED.__init__(3)
    result = checked()
    return Project(result.city, load_packs(), result, "digest", tmp_path / "plans.gpkg")


def begin_plan(project):
    with open_store(project.store_path, create=True) as store:
        plan = store.new_plan(LI, project.plan_id, name="Plan")
        cameras = project.city.cameras
        return store.commit_version(
            LI, project.plan_id, base_rev=plan.rev, layers={"cameras": cameras}
        )


def open_verdict(compliance, outcome="undetermined", *, waivable=True):
    found = compliance.verdicts
    for label, row in found[found["outcome"].eq(outcome)].iterrows():
        verdict = {"id": label, **row.to_dict()}
        if outcome == "undetermined" and "yes" not in service.possible_answers(
            verdict, compliance.dossier.rules
        ):
            continue
        if ("waived" in service.possible_answers(verdict, compliance.dossier.rules)) is waivable:
            return verdict
    raise LookupError


def given(verdict, answer, digest=""):
    return Answer(
        "", verdict["pack"], verdict["rule"], verdict["subject"], answer, "seen on the spot",
        "Wang", "2026-11-20", digest,
    )  # fmt: skip


def test_the_counts_of_the_articles_are_those_of_the_facts(project):
    compliance = service.judge_project(project, (), TODAY)
    articles = service.list_articles(compliance, name_judged(compliance.dossier, "en"))
    plain = judge(project.result, today=TODAY).facts
    for article in articles:
        asked = {(article.pack, rule) for rule in article.rules}
        mine = [any((one.pack, one.rule) in asked for one in bases) for bases in plain["bases"]]
        counted = plain["outcome"][mine].value_counts()
        assert article.counts == tuple(int(counted.get(name, 0)) for name in SHOWN_OUTCOMES)
        listed, more, elsewhere = service.list_subjects(compliance, article, LI)
        assert len(listed) + more == int(plain["outcome"][mine].isin(service.OPEN).sum())
        assert elsewhere == 0


def test_a_district_planner_reads_no_place_of_another_district(project):
    compliance = service.judge_project(project, (), TODAY)
    liu = Actor("Liu", Role.DISTRICT_PLANNER, "nowhere")
    for article in service.list_articles(compliance, name_judged(compliance.dossier, "en")):
        everything, _, _ = service.list_subjects(compliance, article, LI)
        mine, _, elsewhere = service.list_subjects(compliance, article, liu)
        assert all(row["geometry"] is None for row in mine)
        assert len(mine) + elsewhere == len(everything)


def test_reasons_that_name_a_camera_elsewhere_are_veiled():
    row = {"because": ("seen by c1",), "evidence": {"gain": 0.1, "relies_on": [("c1", 2.0)]}}
    assert service._veiled(row, frozenset({"c2"})) is row
    veiled = service._veiled(row, frozenset({"c1"}))
    assert veiled["evidence"] == {}
    assert veiled["because"] == (service.OTHER_DISTRICTS,)


def test_an_answer_settles_the_verdict_when_it_is_judged_again(project):
    before = service.judge_project(project, (), TODAY)
    assert service.kept_verdicts(project, (), TODAY) is before
    verdict = open_verdict(before)
    said = (given(verdict, "yes"),)
    assert service.kept_verdicts(project, said, TODAY) is None
    row = service.judge_project(project, said, TODAY).verdicts.loc[verdict["id"]]
    assert (row["outcome"], row["answered_by"]) == ("pass", "Wang")
    assert row["answer_reason"] == "seen on the spot"


def test_a_prohibition_is_never_offered_to_be_waived(project):
    compliance = service.judge_project(project, (), TODAY)
    rules = compliance.dossier.rules
    asked = compliance.verdicts[~compliance.verdicts["rule"].isin(DECLARED)]
    for label, row in asked.iterrows():
        pack = rules.pack(row["pack"])
        barred = {r for a in pack.articles if a.kind == "prohibition" for r in a.rules}
        offered = service.possible_answers({"id": label, **row.to_dict()}, rules)
        assert ("waived" in offered) is (row["rule"] not in barred)


def test_what_has_to_be_declared_is_answered_thing_by_thing(project):
    before = service.judge_project(project, (), TODAY)
    rules = before.dossier.rules
    found = before.verdicts[before.verdicts["rule"].isin(DECLARED)]
    verdicts = [{"id": label, **row.to_dict()} for label, row in found.iterrows()]
    said = tuple(
        replace(given(verdict, service.possible_answers(verdict, rules)[0]), subject=subject)
        for verdict in verdicts
        for subject in service.answered_subjects(verdict, rules)
    )
    after = service.judge_project(project, said, TODAY).verdicts
    assert verdicts
    answered = after.loc[found.index]
    unseen = answered["missing"].str.len().gt(0)  # the town has no list of trees or boards
    assert set(answered["outcome"].mask(unseen, "unseen")) == {"pass", "unseen"}
    assert set(answered.loc[unseen, "outcome"]) == {"undetermined"}


def test_without_a_plan_rights_hold_all_the_same(project):
    verdict = open_verdict(service.judge_project(project, (), TODAY))
    assert keep_answer(project, WANG, given(verdict, "yes")) is None
    for actor, answer in ((Actor("Xu", Role.AUDITOR), "yes"), (LI, "waived")):
        with pytest.raises(Denied):
            keep_answer(project, actor, given(verdict, answer))
    assert not project.store_path.exists()


def test_with_a_plan_the_store_keeps_the_answer_for_its_version(project):
    plan = begin_plan(project)
    verdict = open_verdict(service.judge_project(project, (), TODAY))
    kept = keep_answer(project, WANG, given(verdict, "waived", plan.digest))
    assert (kept.name, kept.kind) == ("Wang", "waive")
    with pytest.raises(Denied):
        keep_answer(project, LI, given(verdict, "waived", plan.digest))
    assert [one.rule for one in stored_answers(project, WANG)] == [verdict["rule"]]
    begin = replace(project, plan_id="plan")
    with open_store(project.store_path) as store:
        store.commit_version(LI, begin.plan_id, base_rev=store.plan(LI, "plan").rev,
                             layers={"cameras": project.city.cameras}, note="again")  # fmt: skip
        assert len(answers(store, LI, "plan")) == 1
    assert len(stored_answers(project, WANG)) in (0, 1)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_offers_to_judge_then_shows_articles_and_takes_an_answer(
    monkeypatch, project, pool, code
):
    verdict = open_verdict(service.judge_project(project, (), TODAY))
    service._JUDGED.__init__(3)
    test = open_page(monkeypatch, project, PAGE, code, actor=WANG, sel=verdict["id"])
    assert not test.exception
    assert not test.dataframe
    test.button(key="judge").click().run()
    assert pool.find(test.session_state[judging.WATCHED][0]).wait(60) is JobState.DONE
    test.run()
    assert not test.exception
    assert len(test.dataframe) == 2
    test.radio[0].set_value("yes")
    test.button[-1].click().run()
    assert test.error
    test.text_area[0].input("seen on the spot")
    test.button[-1].click().run()
    assert not test.exception
    assert [entry.value for entry in test.success]
    assert len(test.dataframe) == 3
    assert test.session_state["answers"][0].name == "Wang"
    assert test.button(key="judge")


def test_what_a_job_judges_is_what_the_law_judges(project, pool):
    verdict = open_verdict(judge(project.result, today=TODAY))
    for said in ((), (given(verdict, "yes"),)):
        job = pool.submit(Kind.JUDGE, project, answers=said, day=TODAY)
        assert job.wait(60) is JobState.DONE, job.reasons
        found = service.take_verdicts(
            project, said, TODAY, lambda job=job: pool.verdicts(job, project.city.crs)
        )
        assert service.kept_verdicts(project, said, TODAY) is found
        expected = judge(
            replace(project.result, city=service.with_answers(project.city, said)), today=TODAY
        )
        assert_geodataframe_equal(found.verdicts, expected.verdicts)
        assert found.dossier.answers.keys() == expected.dossier.answers.keys()
    again = pool.submit(Kind.JUDGE, project, answers=said, day=TODAY)
    assert (again.from_cache, again.id) == (True, job.id)
    other = pool.submit(Kind.JUDGE, project, answers=said, day=TODAY + timedelta(1))
    assert other.id != job.id
    with pytest.raises(MismatchError, match="no check"):
        pool.result(job, project.rules)
    (pool.folder(job) / work.VERDICTS).write_bytes(b"torn")
    with pytest.raises(MismatchError, match="has no result now: it is done"):
        pool.verdicts(job, project.city.crs)


DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
AS_TYPES = (str, pd.Timestamp, date.fromisoformat)


def with_days(table, frame):
    """Fill every column of days of a table, by each type that may hold one in turn."""
    for column in table:
        if column.kind == "date":
            texts = frame[column.name].fillna("2026-03-01")
            days = [read(day) for read, day in zip(cycle(AS_TYPES), texts, strict=False)]
            frame = frame.assign(**{column.name: pd.Series(days, frame.index, dtype=object)})
    return table.complete(frame)


@pytest.mark.slow
@pytest.mark.compiled_only
def test_the_page_shows_a_district_that_was_saved_with_all_its_days_and_opened(
    monkeypatch, tmp_path, pool
):
    service._JUDGED.__init__(3)
    city = read_city(DEMO / "district.gpkg")[0]
    days = {table.name: with_days(table, getattr(city, table.name)) for table in CITY_TABLES}
    path = save_city(replace(city, **days), tmp_path / "district.gpkg")
    project = open_project(path, tmp_path / "cache")
    test = open_page(monkeypatch, project, PAGE, "zh_CN", actor=WANG)
    test.button(key="judge").click().run()
    job = pool.find(test.session_state[judging.WATCHED][0])
    assert job.wait(60) is JobState.DONE, job.reasons
    expected = judge(project.result).verdicts
    assert_geodataframe_equal(pool.verdicts(job, project.city.crs), expected)
    test.run()
    assert not test.exception
    assert len(test.dataframe) == 1
    failed = expected[expected["outcome"].eq("fail")]
    told = failed["because"].map(lambda why: " ".join(map(str, why)))
    dated = failed.index[told.str.count(r"\d{4}-\d\d-\d\d").gt(1)]
    assert len(dated)
    for label in dated[:2]:
        test.query_params["sel"] = label
        test.run()
        assert not test.exception
        assert len(test.dataframe) == 2


@pytest.mark.parametrize("code", LANGUAGES)
def test_judging_can_be_cancelled_and_offered_again(monkeypatch, project, pool, code):
    def forever(_task, _project, _folder, tell):
        while True:
            tell(work.At(0.5, work.JUDGING))
            time.sleep(0.01)

    monkeypatch.setattr(work, "_judge", forever)
    test = open_page(monkeypatch, project, PAGE, code)
    test.button(key="judge").click().run()
    assert not test.exception
    job = pool.find(test.session_state[judging.WATCHED][0])
    while job.at.share < 0.5:
        time.sleep(0.01)
    test.run()
    assert "judge" not in {button.key for button in test.button}
    test.button(key="judge.cancel").click().run()
    assert job.wait(5) is JobState.CANCELLED
    test.run()
    assert not test.exception
    assert len(test.info) == 2
    assert test.button(key="judge")


def test_who_has_no_right_reads_why_and_nothing_is_kept(monkeypatch, project):
    verdict = open_verdict(service.judge_project(project, (), present_day()))
    auditor = Actor("Xu", Role.AUDITOR)
    test = open_page(monkeypatch, project, PAGE, "en", actor=auditor, sel=verdict["id"])
    test.radio[0].set_value("yes")
    test.text_area[0].input("seen")
    test.button[-1].click().run()
    assert "Nothing was changed" in test.error[0].value
    assert "answers" not in test.session_state
    assert any("right" in text for text in texts_of(test, ("text",)))


def test_all_articles_are_in_sight_until_one_is_chosen(monkeypatch, project):
    """Until then the table is the page; its heading of what is undetermined is not cut."""
    service._JUDGED.__init__(3)
    found = service.judge_project(project, (), TODAY)
    articles = service.list_articles(found, service.speak_of(project, found, "zh_CN"))
    drawn = []

    def pick(rows, columns, key, *, height):
        drawn.append((key, len(rows), columns, height))

    monkeypatch.setattr(compliance, "pick_row", pick)
    monkeypatch.setattr(compliance, "kept_verdicts", lambda *_: found)
    test = open_page(monkeypatch, project, PAGE, "zh_CN")
    assert not test.exception
    key, count, columns, height = drawn[0]
    assert (key, count) == (compliance.ARTICLES, len(articles))
    assert height == min(38 + 35 * count, compliance.MOST_PX) > compliance.HEIGHT
    assert columns["资料不足，暂无法判定"] >= 160
