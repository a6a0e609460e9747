"""A limit of time is that of the whole run: candidates, search, duals, ledger and extras."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from types import SimpleNamespace

import pytest

from civicsight.cli.plans import print_forecast
from civicsight.core.errors import MismatchError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.planning import candidates, make
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.candidates import generate
from civicsight.planning.candidates.effort import Forecast
from civicsight.planning.choice import clock as clocks
from civicsight.planning.choice.clock import Clock, TimeUpError
from civicsight.planning.extras import CUT_SHORT
from civicsight.planning.make import make_plan
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.planning.solver.outcome import Limits
from tests.app_town import app_result


@pytest.fixture(scope="module")
def result():
    return app_result()


class Watch:
    """Lets a clock jump as a test says."""

    def __init__(self, monkeypatch):
        self.later, real = 0.0, clocks.now
        monkeypatch.setattr(clocks, "now", lambda: real() + self.later)


def test_a_step_hears_that_the_time_is_up_and_a_stop_lets_it_finish(monkeypatch):
    watch, stop, heard = Watch(monkeypatch), Event(), []
    own = Clock(Limits(seconds=10.0, stop=stop))
    hear = own.ending(lambda *at: heard.append(at))
    watch.later += 4.0
    hear(1, 4)
    assert own.left == pytest.approx(6.0, abs=0.5)
    assert own.part(0.5) == pytest.approx(3.0, abs=0.5)
    assert own.part(0.5, 1.0) == 1.0
    watch.later += 6.0
    with pytest.raises(TimeUpError) as up:
        hear(3, 4)
    assert (up.value.share, heard, own.left) == (0.75, [(1, 4), (3, 4)], 0.0)
    stop.set()
    still = Clock(Limits(stop=stop))
    still.ending(None)(0, 0)
    assert still.is_over


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_ends_while_candidates_are_sought_says_what_is_known(
    result, monkeypatch, language
):
    """Finding candidates alone took longer than the whole limit, and nobody said so."""
    monkeypatch.setattr(make, "candidates_of", generate)
    with pytest.raises(MismatchError) as refused:
        make_plan(result, run=Run(Limits(seconds=1e-6)))
    told = translate(refused.value.args[0], language)
    assert "--seconds" in told
    assert "%" in told


@pytest.mark.parametrize(("limit", "warns"), [(None, False), (119.0, True), (121.0, False)])
def test_the_terminal_tells_beforehand_what_a_limit_may_not_suffice_for(
    result, monkeypatch, limit, warns
):
    told = []
    known = Forecast(40, 4_000, 400, 120.0, 90.0)
    monkeypatch.setattr(candidates, "forecast", lambda *_, **__: known)
    print_forecast(SimpleNamespace(print=told.append), result, limit)
    first, *more = map(str, told)
    assert "about 120 s of one core" in first
    assert len(more) == (limit is not None) + warns
    assert any("may take longer than the limit of 119 s" in text for text in more) is warns


@pytest.mark.slow
def test_search_duals_and_extras_share_what_candidates_leave(result, monkeypatch):
    """Search had the whole limit, duals up to a minute more, and each extra the limit once more."""
    offers, given = generate(result), {}

    def noting(name, real):
        def act(*arguments, **more):
            limits = more.get("limits") or next(
                each.limits for each in arguments if isinstance(each, Run)
            )
            given.setdefault(name, []).append(limits.seconds)
            return real(*arguments, **more)

        return act

    from civicsight.planning import extras

    for room, name in (
        (make, "choose"), (make, "with_prices"), (extras, "cost_coverage_curve"),
        (extras, "alternatives"), (extras, "curve"),
    ):  # fmt: skip
        monkeypatch.setattr(room, name, noting(name, getattr(room, name)))
    plan = make_plan(result, offers=offers, run=Run(Limits(steps=50, seconds=1_000.0)))
    assert CUT_SHORT not in plan.parameters
    assert given["choose"][0] <= 600.0
    assert given["with_prices"][0] <= 600.0
    runs = {"cost_coverage_curve": 4, "alternatives": 1, "curve": 6}
    assert all(given[name][0] * count <= 1_000.0 for name, count in runs.items())
    again = Run(Limits(steps=50, seconds=1_000.0), start=chosen_ids(plan.files), search_s=2.0)
    make_plan(result, Aims(extras=False), offers=offers, run=again)
    assert given["choose"][1] <= 1.2
    assert given["with_prices"][1] <= 2.0, "of which what the search took is gone"


def test_what_there_was_no_time_for_is_named_and_the_plan_is_whole(result, monkeypatch):
    offers, watch = generate(result), Watch(monkeypatch)
    real = make.credited

    def late(*arguments):
        watch.later += 1_000.0
        return real(*arguments)

    monkeypatch.setattr(make, "credited", late)
    plan = make_plan(result, offers=offers, run=Run(Limits(steps=50, seconds=900.0)))
    assert plan.parameters[CUT_SHORT] == ["slider", "alternatives", "curve", "robustness"]
    assert plan.slider.empty
    whole = make_plan(result, Aims(extras=False), offers=offers, run=Run(Limits(steps=50)))
    assert replace(plan, parameters={}).cost_yuan == whole.cost_yuan
