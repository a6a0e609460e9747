"""Three values, joined as Kleene joins them: what is unknown never becomes a pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.core.errors import N_
from civicsight.rules.ruling import Ruling, failed, join_all, join_any, passed, unknown

VALUE = {"fail": 0, "undetermined": 1, "pass": 2}
OUTCOMES, CERTAINTIES = st.sampled_from(sorted(VALUE)), st.floats(0, 1)
rulings = st.lists(
    st.builds(lambda outcome, certainty: Ruling(outcome, (), certainty), OUTCOMES, CERTAINTIES),
    min_size=1,
)


@given(rulings)
def test_all_is_the_least_and_any_the_greatest(some):
    values = [VALUE[ruling.outcome] for ruling in some]
    assert VALUE[join_all(some).outcome] == min(values)
    assert VALUE[join_any(some).outcome] == max(values)


@given(rulings)
def test_no_join_is_more_certain_than_the_surest_of_its_parts(some):
    for joined in (join_all(some), join_any(some)):
        assert joined.certainty <= max(ruling.certainty for ruling in some)


def test_nothing_asked_is_met():
    assert join_all([]).outcome == "pass"
    assert join_any([]).outcome == "pass"


def test_a_join_keeps_reasons_once_and_what_is_missing():
    one = unknown(N_("not known: %(fields)s", fields="a"), missing=["a"])
    joined = join_all([one, one, passed(area=3)])
    assert [str(text) for text in joined.because] == ["not known: a"]
    assert joined.missing == ("a",)
    assert joined.evidence == {"area": 3}


@pytest.mark.parametrize(("join", "certainty"), [(join_all, 0.9), (join_any, 0.5)])
def test_one_failure_decides_all_and_every_failure_is_needed_against_any(join, certainty):
    some = [failed(certainty=0.5), failed(certainty=0.9)]
    assert join(some).certainty == certainty
