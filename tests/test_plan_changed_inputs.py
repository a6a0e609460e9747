"""Every paper of a plan says which inputs changed since it was made, in one sentence."""

from __future__ import annotations

from dataclasses import replace

import docx
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io import save_city
from civicsight.planning.consultation import packages
from civicsight.planning.documents import to_documents
from civicsight.planning.funding import fund
from civicsight.planning.opinions import stage_of
from civicsight.presentation.changed_inputs import INPUTS, say_changed
from civicsight.report.consultation import Asked, write_packages
from civicsight.report.editions import write_edition
from civicsight.report.plan.funding import tell
from civicsight.report.plan.teller import teller_of
from tests.consultation_made import NAMED
from tests.plan_made import checked, hand_plan

ASKED = Asked("East", 1, "ab" * 32, stage_of("joint_review", ()))


def papers_of(plan, language, folder):
    """Return the text of what leaves of a plan, by what it is."""
    teller = teller_of(plan, checked(), language)
    found = packages(plan, checked(), NAMED, language)[:1]
    files = {"consultation": write_packages(found, ASKED, teller, folder)[1]}
    for code in ("full", "finance", "works"):
        files[code] = write_edition(code, ASKED, teller, folder)[1]
    told = {
        name: " ".join(each.text for each in docx.Document(file).paragraphs)
        for name, file in files.items()
    }
    return told | {
        "funding": " ".join(tell(teller, fund(plan, (), pd.Series(dtype=object)), None).lead)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_says_what_changed_and_nothing_where_nothing_did(language, tmp_path):
    plan = hand_plan()
    inputs = dict(plan.inputs) | {"cameras": "ab" * 32, "rules of-before": "ab" * 32}
    (text,) = say_changed(["cameras", "rules of-before"])
    said = translate(text, language)
    assert translate(INPUTS["cameras"], language) in said
    assert "of-before" in said
    older = papers_of(replace(plan, inputs=inputs), language, tmp_path)
    assert [name for name, paper in older.items() if said not in paper] == []
    fresh = papers_of(plan, language, tmp_path)
    assert [name for name, paper in fresh.items() if said.split(":")[0][:12] in paper] == []


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
