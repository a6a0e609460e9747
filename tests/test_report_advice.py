"""What the page says first: a headline that claims no more than is so, and steps with names."""

from __future__ import annotations

import pytest

from civicsight.planning.statement.figures import figures_of_check
from civicsight.presentation.names import name_all
from civicsight.report.brief import brief_result, list_steps, write_headline
from tests.result_factory import make_result


def steps_of(result):
    names = name_all(result, "en")
    return [str(step) for step in list_steps(result, names, figures_of_check(result))]


def test_the_page_says_what_to_do_first_with_names():
    result = make_result("豫章中学")
    result.gaps.at["gap/p2", "assumptions"] = ("building_height",)
    evidence = result.gaps.at["gap/p2", "evidence"]
    evidence["blockers"] = ["building way/2", "building way/1", "canopy T1"]
    evidence["cameras"] = ["c3", "c1"]  # c1 has its direction on record
    result.gaps.at["gap/p3", "evidence"]["cameras"] = ["c4", "c3"]
    assert steps_of(result) == [
        (
            "Go through the 2 gaps below; each names what stands in the way and which camera "
            "could help."
        ),
        (
            "Complete the records of these cameras (2): 豫章中学, camera c4. Lacking: height 0, "
            "direction 2, tilt 2, field of view 2, pixels 2. "
            "Gates and key parts that depend on these records: 2."
        ),
        (
            "Measure how high these buildings are (1): building way/2. "
            "Gates and key parts that depend on these heights: 1."
        ),
    ]


def test_candidate_places_are_settled_first_and_named_so():
    result = make_result()
    result.zones["standing"] = "candidate"
    assert steps_of(result)[0].startswith("Settle which of the 5 candidate places are mandatory")
    assert str(write_headline(figures_of_check(result))).endswith(
        "1 of 5 gates and key parts of candidate places."
    )
    later = make_result()
    later.zones["standing"] = "candidate"
    later.part_status.loc["p1", "built"] = False
    assert "candidate places, 1 of them only once" in str(write_headline(figures_of_check(later)))


def test_steps_end_where_nothing_is_open_or_start_with_a_register():
    names = name_all(make_result(), "en")
    for status, places, steps in (
        ("covered", 5, []),
        ("covered", 0, ["Give a register of mandatory places"]),
        ("assumed", 5, ["Settle the 5 undecided ones"]),
    ):
        result = make_result()
        result.gaps = result.gaps.iloc[:0]
        result.part_status["status"] = status
        result.zones = result.zones.iloc[:places]
        found = [str(step) for step in list_steps(result, names, figures_of_check(result))]
        assert len(found) == len(steps)
        assert all(text.startswith(start) for text, start in zip(found, steps, strict=True))


@pytest.mark.slow
def test_the_terminal_says_what_is_covered_only_once_built():
    result = make_result()
    assert "once planned" not in " ".join(brief_result(result, "en").facts)
    result.part_status.loc["p1", "built"] = False
    told = "Of those covered for sure, 1 only once planned or approved cameras are built."
    assert told in brief_result(result, "en").facts
