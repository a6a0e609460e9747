"""Every paper of a plan says which inputs changed since it was made, in one sentence."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date

import docx
import openpyxl
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io import save_city
from civicsight.model.plan_tables import PROGRESS
from civicsight.planning.money.funding import fund
from civicsight.planning.record.consultation import packages
from civicsight.planning.record.documents import from_documents, to_documents
from civicsight.planning.record.opinions import stage_of
from civicsight.planning.record.root import root_of
from civicsight.planning.works.progress import follow_works
from civicsight.presentation.changed_inputs import INPUTS, describe_changed
from civicsight.report.adoption import write_adoption
from civicsight.report.consultation import Asked, write_packages
from civicsight.report.editions import write_edition
from civicsight.report.plan.folder_comparison import compare_papers
from civicsight.report.plan.funding import write_funding
from civicsight.report.plan.papers import SINCE, write_plan
from civicsight.report.plan.script import with_told
from civicsight.report.plan.teller import teller_of
from civicsight.report.progress import write_progress, write_to_fill
from tests.consultation_made import NAMED
from tests.plan_made import checked, hand_plan

ASKED = Asked("East", 1, "ab" * 32, stage_of("joint_review", ()))


SILENT = {".csv", ".json", ".svg", ".toml"}
"""Ends of files that hold nothing but rows, a record or a drawing: their folder says it."""


def text_of(path):
    """Return what a file says, whatever it is."""
    if path.suffix == ".docx":
        return " ".join(each.text for each in docx.Document(path).paragraphs)
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        rows = (row for sheet in book for row in sheet.iter_rows(values_only=True))
        return " ".join(str(cell) for row in rows for cell in row)
    if path.suffix == ".gpkg":
        return path.read_bytes().decode("utf-8", "replace")
    return html.unescape(path.read_text("utf-8"))


def papers_of(plan, language, folder):
    """Write all that leaves of a plan, and return the text of each file by its name."""
    result, languages = checked(), [language]
    teller = teller_of(plan, result, language)
    funding = fund(plan, (), pd.Series(dtype=object))
    write_packages(packages(plan, result, NAMED, language)[:1], ASKED, teller, folder / "asked")
    for code in ("full", "finance", "works"):
        write_edition(code, ASKED, teller, folder / "editions")
    write_plan(plan, result, folder / "plan", languages=languages, pdf=False)
    write_funding(funding, None, [teller], folder / "money", payers=(), root="ab" * 32)
    changed = plan.stale(result)
    write_adoption((), ASKED, folder / "adopted", languages=languages, changed=changed)
    nothing = PROGRESS.empty(plan.measures.crs)
    works = follow_works(plan.measures, nothing, date(2026, 11, 26), source="none")
    write_progress(works, folder / "works", name="East", root="ab" * 32, languages=languages,
                   changed=changed)  # fmt: skip
    called = list(plan.measures.index)
    write_to_fill(folder / "works" / "to-fill.xlsx", "progress", plan.measures, called,
                  name="East", root="ab" * 32, changed=changed)  # fmt: skip
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    told = {path: path.relative_to(folder).as_posix() for path in files}
    record = {f"plan/{name}" for name in to_documents(plan)}
    return {
        name: text_of(path)
        for path, name in told.items()
        if path.suffix not in SILENT and name not in record
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_says_what_changed_and_nothing_where_nothing_did(language, tmp_path):
    plan = hand_plan()
    inputs = dict(plan.inputs) | {"cameras": "ab" * 32, "rules of-before": "ab" * 32}
    (text,) = describe_changed(["cameras", "rules of-before"])
    said = translate(text, language)
    assert translate(INPUTS["cameras"], language) in said
    assert "of-before" in said
    older = papers_of(replace(plan, inputs=inputs), language, tmp_path)
    assert [name for name, paper in older.items() if said not in paper] == []
    assert len(older) >= 15
    assert sorted((tmp_path / "plan" / SINCE).read_text("utf-8").split('"')[1::2]) == [
        "cameras", "rules of-before"
    ]  # fmt: skip
    fresh = papers_of(plan, language, tmp_path)
    assert not (tmp_path / "plan" / SINCE).exists()
    start = said.split(":")[0][:12] if language == "en" else said[:12]
    assert [name for name, paper in fresh.items() if start in paper] == []


@pytest.mark.slow
def test_papers_that_say_what_changed_are_proved_and_a_lying_list_is_found(tmp_path):
    plan, result = with_told(hand_plan(), checked()), checked()
    inputs = dict(plan.inputs) | {"cameras": "ab" * 32}
    older = replace(plan, inputs=inputs)
    write_plan(older, result, tmp_path, pdf=False)
    record = to_documents(older)
    kept = from_documents(record)

    def changed():
        return compare_papers(tmp_path, record, kept, root_of(record)).changed

    assert changed() == ()
    for lie in ('["<b>all is well</b>"]', "[]", "{", '["cameras", "roads"]'):
        (tmp_path / SINCE).write_text(lie, "utf-8")
        assert changed()
    (tmp_path / SINCE).unlink()
    assert {"plan.xlsx", "plan.en.html", "plan.en.docx"} <= set(changed())


def test_a_specification_of_nothing_is_refused_and_that_of_a_plan_is_written(tmp_path, capsys):
    """It wrote a table without rows and ended with 0 after a plan of 123 works."""
    plan = hand_plan()
    city = checked().city
    stood = city.cameras[~city.cameras["status"].isin(["planned", "approved"])]
    path = save_city(replace(city, cameras=stood), tmp_path / "city.gpkg")
    words = ["specify", str(path), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "--of-plan" in capsys.readouterr().err
    assert not (tmp_path / "out" / "specification.csv").exists()
    for name, content in to_documents(plan).items():
        file = tmp_path / "plan" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert run([*words, "--of-plan", str(tmp_path / "plan")]) == OK
    said = capsys.readouterr()
    assert "these changed since the plan was made: cameras" in " ".join(
        (said.out + said.err).split()
    )
    rows = (tmp_path / "out" / "specification.csv").read_text("utf-8-sig").splitlines()
    assert len(rows) > 1
