"""Duplicates as they are handed on: the page, the cards and the table say the same."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.matrix import at_night, compute_matrix
from civicsight.planning.candidates import generate
from civicsight.planning.duplicates import (
    duplicates,
    make_cards,
    offers_of,
    prices_of,
    see_by_night,
)
from civicsight.report.duplicates import row_of, summary_of, write_duplicates
from tests.test_check import inventory, town
from tests.test_i18n import CHINESE
from tests.test_report_page import Reader

SOUTH = ((30, -8), 0.0, {"night_reach_m": 40.0})


@pytest.fixture(scope="module")
def result():
    """A planned twin with a recorded cost, one without, and a camera that only has to turn."""
    cameras = inventory(
        south=SOUTH,
        twin=((31, -8), 0.0, {"status": "planned", "tags": {"cost": "5000"}}),
        dark=((29, -8), 0.0, {"status": "planned", "night_reach_m": 40.0}),
        away=((30, 48), 0.0, {}),
        back=((31, 48), 180.0, {"status": "planned"}),
    )
    return check(town(cameras), raster=False)


@pytest.fixture(scope="module")
def found(result):
    candidates = generate(result)
    prices = prices_of(result, candidates)
    return duplicates(result, offers=offers_of(candidates), prices=prices, scenarios=0), candidates


@pytest.mark.slow
def test_costs_are_those_recorded_and_else_those_of_the_table(result, found):
    prices = prices_of(result, found[1])
    assert prices["twin"] == 5000.0
    assert prices["back"] == found[1].table.loc["planned:back", "cost_yuan"]
    assert np.isnan(prices["south"])


def test_a_camera_that_only_has_to_turn_spares_a_new_one(found):
    row = found[0].table.loc["back"]
    assert row["verdict"] == "reaim_or_refurbish"
    assert row["instead"] == "away"
    offers = found[1].table
    assert row["instead_yuan"] in set(offers.loc[offers["camera_id"].eq("away"), "cost_yuan"])


def test_the_night_is_seen_by_own_light_alone(result):
    scene = build_scenes(result.city)["sure"]
    heads = result.heads[result.heads["reading"].eq("sure")]
    wanted = compute_matrix(
        at_night(heads), result.parts, result.samples, scene, camera_ids=result.cameras.index
    )
    night = see_by_night(result)
    assert (night.q != wanted.q).nnz == 0
    assert night.q[[night.camera_ids.get_loc("south")]].nnz
    assert not night.q[[night.camera_ids.get_loc("back")]].nnz
    assert see_by_night(replace(result, summary={"night": True})) is None
    dim = replace(result, heads=result.heads.assign(night_reach_m=np.nan))
    assert see_by_night(dim) is None


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_page_says_what_the_cards_say(found, language, tmp_path):
    duplicate, _ = found
    cards = make_cards(duplicate)
    steps = []
    files = write_duplicates(duplicate, cards, tmp_path, progress=lambda *at: steps.append(at))
    assert steps[-1] == (len(files), len(files)) == (4, 4)
    text = Reader(
        (tmp_path / f"duplicates.{language.replace('_', '-')}.html").read_text(encoding="utf-8")
    ).text
    kept = json.loads((tmp_path / "cards.json").read_text(encoding="utf-8"))
    assert [card["camera_id"] for card in kept] == [card.camera_id for card in cards]
    for card in cards:
        assert card.camera_id in text
        assert f"{card.cost_yuan:,.0f}" in text
        assert card.inputs_sha256 in text
        for other in card.relies_on:
            assert other.camera_id in text
    assert bool(CHINESE.search(text.split("\n")[0])) == (language == "zh_CN")
    table = pd.read_csv(tmp_path / "duplicates.csv")
    assert len(table) == len(duplicate.table)


def test_what_the_sums_leave_out_is_said(result):
    found = duplicates(result, barred=["south"], scenarios=0)
    told = " ".join(map(str, summary_of(found)))
    assert "nobody says what they cost: back" in told
    assert "against the law: south" in told
    cards = make_cards(found)
    assert {len(row_of(_names(result), card)) for card in cards} <= {6}
    quiet = replace(found, table=found.table.assign(verdict=None))
    assert make_cards(quiet) == ()


def _names(result):
    from civicsight.presentation.names import name_all

    return name_all(result, "en")
