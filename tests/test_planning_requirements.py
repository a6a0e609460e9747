"""The problem posed: needs capped, slack by hand, capacities, labels; and rows that stay."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from civicsight.core.errors import MismatchError
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.model import HEADS
from civicsight.model.plan_tables import CANDIDATES
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.candidates.model import BARRED, FORBIDDEN, UNREACHABLE, CandidateSet
from civicsight.planning.candidates.reduce import undominated
from civicsight.planning.prices.price_table import read_prices
from civicsight.planning.solver.model import most_together
from tests.candidate_town import at, checked, city, gate
from tests.small import CRS


def offered(result, rows, *, sites, cost=None):
    """Build a set of candidates by hand: which samples each meets, and its site."""
    names = [f"n{number}" for number in range(len(rows))]
    dense = np.zeros((len(rows), len(result.samples)), np.float32)
    for row, columns in zip(dense, rows, strict=True):
        row[columns] = 500.0
    labels = [f"s{site}" for site in sites]
    plain = {"measure": "new", "host": "ground", "height_m": 4.6, "exposure_m2": 0.0}
    table = gpd.GeoDataFrame(
        plain
        | {"site_id": labels, "items": [()] * len(rows), "cost_yuan": cost or [1.0] * len(rows)},
        index=names,
        geometry=[at(0, -12)] * len(rows),
        crs=CRS,
    )
    full = gpd.GeoDataFrame(CANDIDATES.complete(table))
    CANDIDATES.check(full)
    index = pd.Index(sorted(set(labels)), name="site_id")
    site_table = pd.DataFrame({"host": "ground", "host_id": None, "capacity": 1}, index=index)
    return CandidateSet(
        full,
        HEADS.empty(full.crs),
        CoverageMatrix(csr_array(dense), full.index, result.samples.index),
        site_table,
        pd.DataFrame(columns=list(FORBIDDEN)),
        pd.DataFrame(columns=list(BARRED)),
        pd.DataFrame(columns=list(UNREACHABLE)),
        read_prices(),
    )


@pytest.fixture(scope="module")
def result():
    return checked(city(), gate("g", fraction=0.75), gate("h", 20.0, k=2, fraction=0.5))


def test_slack_is_what_the_law_leaves_open(result):
    everything = list(range(8))
    posed = build_problem(offered(result, [everything, everything], sites=[0, 1]), result)
    assert list(posed.part_ids) == ["g", "h"]
    assert posed.problem.slack == pytest.approx([1.0, 2.0])
    assert posed.problem.need.tolist() == [1] * 4 + [2] * 4
    assert posed.short.empty


def test_what_nobody_meets_is_taken_from_the_slack(result):
    posed = build_problem(offered(result, [[0, 1, 2], [4, 5], [4]], sites=[0, 1, 2]), result)
    assert posed.problem.need.tolist() == [1, 1, 1, 0, 2, 1, 0, 0]
    assert posed.problem.slack == pytest.approx([0.0, 0.0])
    assert posed.short.index.tolist() == ["h"]
    assert posed.short.loc["h"].tolist() == pytest.approx([0.5, 0.25])
    assert posed.asked.tolist() == [1] * 4 + [2] * 4


def test_a_site_counts_as_often_as_it_can_carry(result):
    posed = build_problem(offered(result, [[4], [4], [4]], sites=[0, 0, 1]), result)
    assert posed.problem.need[4] == 2
    crowded = build_problem(offered(result, [[4], [4]], sites=[0, 0]), result)
    assert crowded.problem.need[4] == 1


def test_spare_cameras_and_shares(result):
    everything = list(range(8))
    found = offered(result, [everything] * 3, sites=[0, 1, 2])
    spare = build_problem(found, result, robust_k=1)
    assert spare.problem.need.tolist() == [2] * 4 + [3] * 4
    half = build_problem(found, result, share=0.5)
    assert half.problem.slack == pytest.approx([4 * (1 - 0.375), 3.0])
    with pytest.raises(MismatchError, match="share"):
        build_problem(found, result, share=0.0)


def test_candidates_of_another_check_are_refused(result):
    other = checked(city(), gate("z"))
    with pytest.raises(MismatchError, match="anew"):
        build_problem(offered(result, [[0]], sites=[0]), other)


@pytest.mark.parametrize("seed", range(30))
def test_most_together_is_what_trying_all_choices_finds(seed):
    rng = np.random.default_rng(seed)
    meets = rng.random((6, 3)) < 0.6
    site, capacity = rng.integers(0, 3, 6), rng.integers(0, 3, 3)
    best = np.zeros(3, int)
    for count in range(7):
        for some in combinations(range(6), count):
            if (np.bincount(site[list(some)], minlength=3) <= capacity).all():
                best = np.maximum(best, meets[list(some)].sum(axis=0))
    assert most_together(csr_array(meets), site, capacity).tolist() == best.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_what_is_outdone_is_never_needed(seed):
    """The least cost of meeting k cameras each is the same without the rows left out."""
    rng = np.random.default_rng(seed)
    count, k = 7, int(rng.integers(1, 3))
    meets = rng.random((count, 4)) < 0.55
    site, cost = rng.integers(0, 2, count), rng.integers(1, 6, count).astype(float)
    matrix = csr_array(meets)
    matrix.sort_indices()
    kept = undominated(matrix, site, cost, most=k)
    capacity = rng.integers(1, 5, 2)

    def least(allowed):
        found = np.inf
        for size in range(count + 1):
            for some in combinations(np.flatnonzero(allowed).tolist(), size):
                chosen = list(some)
                fits = (np.bincount(site[chosen], minlength=2) <= capacity).all()
                if fits and (meets[chosen].sum(axis=0) >= k).all():
                    found = min(found, float(cost[chosen].sum()))
        return found

    assert least(kept) == least(np.ones(count, bool))


def test_the_address_of_the_release_before_warns():
    from civicsight.planning import requirements

    with pytest.warns(DeprecationWarning, match=r"aims\.requirements"):
        assert requirements.build_problem is build_problem
    with pytest.raises(AttributeError):
        _ = requirements.nothing
