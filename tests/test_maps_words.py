"""What a map says of cameras, parts and findings."""

from __future__ import annotations

import pytest

from civicsight.coverage.standing import direction_of_cameras, status_of_parts
from civicsight.presentation.evidence import finding_facts, finding_sentence
from civicsight.presentation.facts import camera_facts
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.names import name_all
from tests.result_factory import make_result


def test_directions_are_sure_assumed_or_unknown():
    assert direction_of_cameras(make_result()).to_dict() == {
        "c1": "sure",
        "c2": "sure",
        "c3": "assumed",
        "c4": "unknown",
    }


def test_a_part_without_a_judgement_is_unknown():
    result = make_result()
    result.part_status = result.part_status.drop("p5")
    assert status_of_parts(result)["p5"] == "unknown"
    assert status_of_parts(result)["p4"] == "gap"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.996, "> 99 %"), (1.0, "100 %"), (float("nan"), "–")],
)
def test_shares_never_round_to_none_or_all(value, text):
    assert share(value) == text
    assert number(float("nan")) == "–"


def test_findings_say_what_is_in_the_way_and_what_could_be_turned():
    result = make_result("豫章中学")
    names = name_all(result, "en")
    row = next(result.gaps.loc[["gap/p4"]].itertuples())
    text = finding_sentence(row, names)
    assert "seen at 40 of 125 px/m" in text
    assert "In the way: 豫章中学, rising ground." in text
    assert "Would see enough if turned: camera c4 (30 m away)." in text
    assert "c9, out of use, stands 12 m away and would cover it once repaired." in text
    assert "c8, removed, stood 8 m away." in text
    assert "c7" not in text
    undetermined = next(result.gaps.loc[["gap/p2"]].itertuples())
    assert ("Stands on", "on a wall, it sees the half circle outward") in finding_facts(
        undetermined, names
    )
    duplicate = next(result.duplicates.loc[["duplicate/c2/R7.3"]].itertuples())
    assert "It alone sees 3 % of what it sees." in finding_sentence(duplicate, names)


def test_a_better_lens_and_every_kind_of_obstacle_are_named():
    result = make_result("豫章中学")
    evidence = result.gaps.loc["gap/p4", "evidence"]
    evidence["reuse"][0] |= {"how": "re-aim-and-upgrade", "turn_deg": 166.6}
    evidence["reuse"].append({"camera": "c1", "how": "upgrade", "distance_m": 9.0, "turn_deg": 4.0})
    evidence["blockers"] = [
        "building way/9",
        "obstacle panel/1 (A) (B)",
        "canopy T1",
        "canopies",
        "feature 7",
    ]
    text = finding_sentence(next(result.gaps.loc[["gap/p4"]].itertuples()), name_all(result, "en"))
    assert "In the way: building way/9, A) (B, tree T1, trees, feature 7." in text
    assert (
        "Would see enough if turned and given a better lens: "
        "camera c4 (30 m away, to be turned by 167°)."
    ) in text
    assert "Would see enough with a better lens: 豫章中学 (9 m away)." in text


def test_parts_with_names_of_their_own_are_called_by_them():
    result = make_result("豫章中学")
    result.parts["name"] = ["豫章中学东门", "Gate B", None, None, None]
    names = name_all(result, "en")
    assert names.parts["p1"] == "豫章中学东门"
    assert names.parts["p2"] == "豫章中学: Vehicle entrance (Gate B)"
    assert names.parts["p4"] == "豫章中学: Entrance 2"
    assert names.parts["p5"] == "unnamed place way/4: Area"


def test_long_lists_are_cut_short():
    names = name_all(make_result(), "en")
    assert names.listed([f"c{k}" for k in range(9)], {}) == "c0, c1, c2, c3, c4, c5, and 3 more"
    assert names.listed(None, {}) == ""


def test_a_camera_that_does_not_count_is_no_camera_of_unknown_direction():
    result = make_result()
    result.heads = result.heads[~result.heads["camera_id"].isin(["c2", "c4"])]
    result.cameras.loc["c2", "usable"] = False
    assert dict(direction_of_cameras(result)) == {
        "c1": "sure",
        "c2": "unused",
        "c3": "assumed",
        "c4": "unused",
    }
    facts = [dict(rows) for rows in camera_facts(result, name_all(result, "en"))]
    assert [row.get("Not counted") for row in facts] == [None, "out of use", None, "indoors"]
    assert facts[1]["Direction"] == "92°"
    assert facts[3]["Direction"] == "direction unknown"
