"""Evidence cards: footprint, who replaces a camera, what falls, how certain; and the what-if."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from civicsight.core.errors import MismatchError
from civicsight.planning.duplicates import (
    MEANINGS,
    REASONS,
    Verdict,
    duplicates,
    make_cards,
    what_if,
)
from civicsight.planning.duplicates.plan_set import plan_camera_set
from tests.duplicate_cases import OK, checked, planned
from tests.small import cameras


@pytest.fixture(scope="module")
def found():
    """Two old cameras, a needed planned one and one that both old ones replace."""
    cams = cameras(
        a={"owner_unit": "Traffic police", "filed_on": "2024-05-01", "network_state": "connected",
           "source": "register"},
        b={"usable": None, "installed_on": "2019-01-01"},
        new=planned(),
        twin=planned(),
    )  # fmt: skip
    seen = {
        "a": {"p": OK},
        "b": {"q/0": 300.0, "q/1": 130.0},
        "new": {"r": OK},
        "twin": {"p": OK, "q": OK},
    }
    weights = {"p": [1, 2], "q": [3, 4], "r": [5]}
    return duplicates(
        checked(cams, seen, weights=weights), scenarios=0, prices=pd.Series({"twin": 9.0})
    )


class TestCard:
    def test_names_the_stand_ins_with_their_records(self, found):
        (card,) = make_cards(found)
        assert card.camera_id == "twin"
        first, second = card.relies_on
        assert (first.camera_id, first.operator, first.recorded_on, first.source) == (
            "a", "Traffic police", "2024-05-01", "register"
        )  # fmt: skip
        assert (first.network_state, first.to_link, first.weight) == ("connected", False, 3.0)
        assert (second.camera_id, second.recorded_on, second.weight) == ("b", "2019-01-01", 7.0)
        assert (second.level, second.px_m) == ("recognise", 130.0)  # the coarsest place decides
        assert card.relies_on_exact
        assert card.dominated_by == ()

    def test_splits_the_footprint_in_three(self):
        cams = cameras(a={}, b={}, new=planned())
        result = checked(
            cams,
            {"a": {"p": OK, "q": OK}, "b": {"p": OK}, "new": {"p": OK, "q": OK, "r": OK}},
            weights={"p": [1], "q": [1], "r": [1]},
            part_rows={"q": {"k": 2}},
        )
        (card,) = make_cards(duplicates(result, scenarios=0), ["new"])
        assert (card.only, card.shared, card.surplus) == (("r/0",), ("q/0",), ("p/0",))
        assert (card.total, card.unique) == (3.0, 2.0)
        assert card.fair == pytest.approx(1 / 3 + 1 + 1)

    def test_says_what_falls_by_zone_and_article(self, found):
        (card,) = make_cards(found, ["new"])
        (fall,) = card.without.falls
        assert (fall.part_id, fall.zone_id, fall.before, fall.after) == ("r", "z", 1.0, 0.0)
        assert (fall.lost, fall.need_px_m, fall.required) == (5.0, 125.0, 0.95)
        (share,) = card.by_zone
        assert (share.zone_id, share.total, share.unique, share.fair) == ("z", 5.0, 5.0, 5.0)
        assert share.article == found.result.parts["article"]["r"]
        assert "no longer covered: r" in str(card.statements[-1])

    def test_is_never_more_certain_than_its_data(self, found):
        (card,) = make_cards(found)
        assert card.assumptions == ("use_unrecorded",)
        assert card.certainty == pytest.approx(0.75)

    def test_speaks_of_a_finding_and_never_of_a_refusal(self, found):
        (card,) = make_cards(found)
        text = " ".join(map(str, card.statements))
        assert text.startswith("Finding for review")
        assert "nothing falls below" in text
        assert "refus" not in " ".join(str(text) for text in MEANINGS.values())
        assert set(MEANINGS) == set(Verdict)
        assert {"k", "turning", "side", "purpose", "level"} == set(REASONS)

    def test_carries_its_rules_and_the_digest_of_its_inputs(self, found):
        (card,) = make_cards(found)
        assert card.rules == ("nanchang:R7.3", "nanchang:R7.6")
        assert card.articles == ("7",)
        assert card.versions == found.result.rules.versions
        assert (
            card.inputs_sha256
            == plan_camera_set(found.result, prices=pd.Series({"twin": 9.0})).sha256
        )
        plain = json.loads(json.dumps(card.to_dict()))
        assert plain["verdict"] == "certain"
        assert plain["saving_yuan"] == 9.0

    def test_money_that_nobody_knows_is_none(self, found):
        (card,) = make_cards(found, ["new"])
        assert (card.cost_yuan, card.saving_yuan) == (None, None)
        assert found.unpriced == ("new",)

    def test_camera_without_a_verdict_has_no_card(self, found):
        for camera in ("a", "nobody"):
            with pytest.raises(MismatchError, match="no verdict"):
                make_cards(found, [camera])

    def test_says_how_far_it_is(self, found):
        told = []
        make_cards(found, ["new", "twin"], progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 2), (2, 2)]


class TestWhatIf:
    def test_what_two_replace_falls_when_all_go(self, found):
        assert what_if(found, ["twin"]).falls == ()
        assert what_if(found, ["a"]).lost == 0.0
        both = what_if(found, ["a", "twin"])
        assert [fall.part_id for fall in both.falls] == ["p"]
        assert (both.lost, both.samples, both.saved_yuan) == (3.0, ("p/0", "p/1"), 9.0)

    def test_part_keeps_its_share_though_something_is_lost(self):
        cams = cameras(a={}, new=planned())
        result = checked(cams, {"a": {"p/0": OK}, "new": {"p": OK}}, weights={"p": [96, 4]})
        answer = what_if(duplicates(result, scenarios=0), ["new"])
        assert (answer.lost, answer.falls) == (4.0, ())
        assert "every part keeps its required share" in str(answer.statement)

    def test_nothing_dropped_is_nothing_lost(self, found):
        assert what_if(found, []).lost == 0.0

    def test_unknown_camera_is_refused(self, found):
        with pytest.raises(MismatchError, match="'nobody' is not among"):
            what_if(found, ["a", "nobody"])


def test_shares_by_zone_add_up_to_those_of_the_cameras(found):
    sums = found.by_zone.groupby("camera_id")[["total", "unique", "fair"]].sum()
    for name in ("total", "unique", "fair"):
        assert sums[name].to_numpy() == pytest.approx(found.table[name].to_numpy())
    covered = found.result.samples["weight"].sum()
    assert found.table["fair"].sum() == pytest.approx(covered)
