"""What money buys in a city: monotone, within its bounds, and the cheapest full plan at its end."""

from __future__ import annotations

import pytest

from civicsight.coverage.check import check
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.area.scope import Scope
from civicsight.planning.city_curve import TENTHS, draw_curve
from civicsight.planning.make import make_plan
from civicsight.planning.money.bill import sums_of
from civicsight.planning.prices.terms import BudgetOf
from civicsight.planning.record.plan import CURVE
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.statement.figures import figures_of
from tests.app_town import app_result
from tests.test_check import CAMS, town

RUN = Run(Limits(seconds=20.0))


@pytest.fixture(scope="module")
def bare():
    return check(town(CAMS.loc[["gone"]]), raster=False)


@pytest.mark.slow
def test_more_money_is_never_less_and_the_end_is_the_cheapest_plan(bare):
    heard = []
    step = lambda text: lambda done, total: heard.append((str(text), done, total))  # noqa: E731
    curve = draw_curve(bare, Aims(), run=RUN, step=step)
    assert list(curve.columns) == [*CURVE, "budget_of"]
    assert len(curve) == len(TENTHS)
    assert (curve["cost_yuan"] <= curve["budget_yuan"]).all()
    for name in ("places", "parts"):
        assert curve[name].is_monotonic_increasing
        assert (curve[name] <= curve[f"most_{name}"] + 1e-6).all()
    full = make_plan(bare, Aims(extras=False), run=RUN)
    assert curve["cost_yuan"].iloc[-1] == sums_of(full).investment > full.cost_yuan > 0
    works = draw_curve(bare, Aims(budget_of=BudgetOf.WORKS), run=RUN)
    assert works["cost_yuan"].iloc[-1] == full.cost_yuan
    assert set(works["budget_of"]) == {"works"}
    assert curve["parts"].iloc[-1] == figures_of(full).of("parts.compliant.after")
    assert heard[-1][1:] == (len(TENTHS) + 1, len(TENTHS) + 1)


@pytest.mark.slow
def test_a_curve_of_one_district_counts_its_parts_alone():
    result = app_result()
    whole = draw_curve(result, Aims(), run=RUN)
    east = draw_curve(result, Aims(scope=Scope(districts=("East",))), run=RUN)
    out = Scope(districts=("East",)).left_out(result)
    assert whole["parts"].iloc[-1] - east["parts"].iloc[-1] <= len(out)
    assert east["cost_yuan"].iloc[-1] < whole["cost_yuan"].iloc[-1]
