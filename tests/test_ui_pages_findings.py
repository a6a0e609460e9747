"""The page of findings: rows against the tables, filters, the selection of the address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.findings import LEAST_CERTAINTIES, focus_of, list_rows, narrow, open_to
from civicsight.core.i18n import LANGUAGES
from civicsight.presentation.lexicon import VERDICTS
from civicsight.presentation.numbers import all_findings
from civicsight.store import Actor, Role
from civicsight.ui import frame
from civicsight.ui.pages import PAGES
from tests.ui_made import make_project, open_page, texts_of

HOSTILE = '<img src=x onerror="alert(1)">[x](javascript:alert(1)) $a$ :red[b]'
PAGE = next(page for page in PAGES if page.code == "findings")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("project"), label=HOSTILE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_a_row_and_the_gravest_come_first(project, language):
    rows = list_rows(project.result, language).rows
    findings = all_findings(project.result)
    assert sorted(row.id for row in rows) == sorted(findings.index)
    ranks = [list(VERDICTS).index(row.verdict) for row in rows]
    assert ranks == sorted(ranks)
    assert all(row.sentence and row.remedy and row.facts for row in rows)


def test_filters_leave_what_a_loop_leaves(project):
    listed = list_rows(project.result, "en")
    for article in {row.article for row in listed.rows}:
        for least in LEAST_CERTAINTIES:
            wanted = [r for r in listed.rows if r.article == article and r.certainty >= least]
            assert narrow(listed.rows, article=article, least=least) == wanted
    assert narrow(listed.rows) == list(listed.rows)
    assert narrow(listed.rows, verdict="none") == []


def test_a_district_planner_gets_the_rest_as_a_count_alone(project):
    rows = list_rows(project.result, "en").rows
    everything, none = open_to(rows, Actor("Li", Role.PLANNER), project.city, str)
    assert (len(everything), none) == (len(rows), 0)
    mine, others = open_to(rows, Actor("Liu", Role.DISTRICT_PLANNER, "nowhere"), project.city, str)
    assert (mine, others) == ([], len(rows))


def test_a_district_planner_reads_no_name_of_a_camera_elsewhere(project):
    rows = list_rows(project.result, "en").rows
    own = [replace(row, district="East") for row in rows]
    liu = Actor("Liu", Role.DISTRICT_PLANNER, "East")
    mine, others = open_to(own, liu, project.city, str)
    assert (len(mine), others) == (len(rows), 0)
    assert any(row.cameras for row in own)
    for before, after in zip(own, mine, strict=True):
        assert (after == before) is (not before.cameras)
        assert before.cameras == () or "other districts" in after.sentence


def test_with_a_finding_its_part_and_the_cameras_it_names_stay_bright(project):
    for row in list_rows(project.result, "en").rows:
        focus = focus_of(row)
        assert focus[0] == (row.layer, row.id)
        assert {("parts", row.subject), *(("cameras", one) for one in row.cameras)} <= set(focus)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_address_selects_a_row_and_its_evidence_is_shown(monkeypatch, project, code):
    row = list_rows(project.result, code).rows[0]
    test = open_page(monkeypatch, project, PAGE, code, sel=row.id)
    assert not test.exception
    said = "\n".join(entry.value for entry in test.text).split("\n")
    assert row.title in said
    assert any(row.remedy in text for text in said)
    assert not test.info


def test_a_sign_that_is_clicked_on_the_map_selects_its_row_until_another_row_is(
    monkeypatch, project
):
    rows = list_rows(project.result, "en").rows
    test = open_page(monkeypatch, project, PAGE, "en", sel=rows[0].id)
    at = {"lng": 0.0, "lat": 0.0}
    chosen = rows[-1]
    test.session_state["findings.event"] = {
        "kind": "select", "seq": 1, "layer": chosen.layer, "id": chosen.id, **at,
    }  # fmt: skip
    test.run()
    assert not test.exception
    assert any(entry.value.startswith(f"{chosen.title}\n") for entry in test.text)
    test.session_state["findings.event"] = {
        "kind": "select", "seq": 2, "layer": "cameras", "id": "no finding", **at,
    }  # fmt: skip
    test.run()
    assert any(entry.value.startswith(f"{chosen.title}\n") for entry in test.text)


def test_what_the_data_say_is_never_markdown(monkeypatch, project):
    row = list_rows(project.result, "en").rows[0]
    test = open_page(monkeypatch, project, PAGE, "en", sel=row.id)
    kinds = ("markdown", "info", "warning", "error", "button", "page_link", "expander")
    assert not [text for text in texts_of(test, kinds) if "onerror" in text]
    assert any("onerror" in entry.value for entry in test.text)


def test_a_filter_that_leaves_nothing_says_what_to_do(monkeypatch, project):
    test = open_page(monkeypatch, project, PAGE, "en")
    assert "Select a row" in test.info[0].value
    test.selectbox(key="findings.verdict").select_index(1)
    test.selectbox(key="findings.article").select_index(len(
        test.selectbox(key="findings.article").options) - 1)  # fmt: skip
    test.selectbox(key="findings.least").select_index(3).run()
    assert not test.exception
    assert test.info


def test_a_project_without_findings_has_an_empty_state(monkeypatch, tmp_path):
    clean = make_project(tmp_path, label="Without findings")
    clean.result.gaps, clean.result.duplicates = (
        clean.result.gaps.iloc[:0],
        clean.result.duplicates.iloc[:0],
    )
    test = open_page(monkeypatch, clean, PAGE, "en")
    assert "Nothing was found" in test.info[0].value
    assert frame.PAGES == (PAGE,)


def test_a_formula_in_the_data_stays_text_in_a_downloaded_table(monkeypatch, tmp_path):
    harmful = make_project(tmp_path, label='=HYPERLINK("http://x")')
    test = open_page(monkeypatch, harmful, PAGE, "en")
    cells = test.dataframe[0].value.to_numpy().ravel()
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
