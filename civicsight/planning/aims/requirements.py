"""From candidates to the problem of the optimiser: what is asked for, and what may stay unmet.

References
----------
Articles 7 and 8. A requirement is one sample of a mandatory part at its density. A part is a group
of which the law's fraction has to be met; a sample that not enough lawful candidates satisfy is
asked for as far as it can be, its weight taken from what may stay unmet, and reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.coverage.result import CheckResult
from civicsight.planning.aims.compliant_places import uncounted_places
from civicsight.planning.aims.policy_file import Policy, refuse_strangers
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.lawful_model import Lawful, Places
from civicsight.planning.solver.model import FREE, Problem, most_together


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A problem with its labels.

    Parameters
    ----------
    problem
        Candidates by samples; groups are parts, sites those of the candidates.
    candidate_ids, sample_ids, part_ids, site_ids
        What rows, requirements, groups and sites stand for.
    asked
        How many cameras each sample asks for before it is capped, shape ``(n_sample,)``.
    short
        By ``part_id``: parts that no choice brings to their fraction, with ``required`` and
        ``reachable``, shares of their weight [0-1].
    """

    problem: Problem
    candidate_ids: pd.Index
    sample_ids: pd.Index
    part_ids: pd.Index
    site_ids: pd.Index
    asked: IntArray
    short: pd.DataFrame


def build_problem(
    candidates: CandidateSet,
    result: CheckResult,
    *,
    robust_k: int | None = None,
    share: float = 1.0,
) -> Posed:
    """State what a plan has to meet, and with what.

    Parameters
    ----------
    candidates, result
        A set of candidates, and the check that they were made from.
    robust_k
        How many cameras may fail without loss; by default as many as `candidates` were made for.
    share
        Part of the law's fraction that has to be met [0-1], for a cheaper first phase.

    Returns
    -------
    Posed
        In the order of the ids.

    Raises
    ------
    MismatchError
        If candidates and check do not belong together, or a number is out of its range.
    """
    extra = candidates.robust_k if robust_k is None else robust_k
    if extra < 0 or not 0.0 < share <= 1.0:
        msg = f"robust_k is {extra} and share {share}; expected at least 0, and above 0 to 1"
        raise MismatchError(msg)
    samples = result.samples.reindex(candidates.matrix.sample_ids)
    if samples["part_id"].isna().any():
        msg = "the candidates meet samples that the check does not have: generate them anew"
        raise MismatchError(msg)
    parts = result.parts.loc[pd.Index(samples["part_id"].unique()).sort_values()]
    group = parts.index.get_indexer(samples["part_id"])
    asked = parts["k"].to_numpy(np.int64)[group] + extra
    problem, short = _problem(candidates, samples, parts, asked, share)
    return Posed(
        problem,
        candidates.table.index,
        candidates.matrix.sample_ids,
        parts.index,
        candidates.sites.index,
        asked,
        short,
    )


def places_of(
    posed: Posed,
    candidates: CandidateSet,
    result: CheckResult,
    weights: Mapping[str, float] | None = None,
) -> Places:
    """Return what stands, and which parts make which place lawful.

    A place of which a part falls short whatever is chosen, or asks for nothing that could be
    looked at, cannot be made lawful; its other parts count all the same.

    Parameters
    ----------
    posed, candidates, result
        A problem, and what it was made from.
    weights
        What a place of a class and its parts count, by item such as ``8.4``; 1 if not named.
    """
    table = candidates.table
    as_recorded = table["measure"].astype(str) + ":" + table["camera_id"].astype(str)
    standing = table["measure"].isin(["keep", "connect"]) & table.index.to_series().eq(as_recorded)
    parts = result.parts.loc[posed.part_ids]
    short = posed.part_ids.isin(posed.short.index)
    broken = set(parts["zone_id"][short]).union(uncounted_places(result, posed.part_ids))
    able = ~parts["zone_id"].isin(broken).to_numpy(np.bool_)
    place = np.full(len(parts), FREE, np.int32)
    place[able] = pd.factorize(parts["zone_id"][able])[0]
    first = parts.groupby("zone_id", sort=False)[["pack", "item"]].transform("first")
    kind, classes = pd.factorize(pd.MultiIndex.from_frame(first), sort=True)
    given = weights or {}
    refuse_strangers(given, {str(item) for _, item in classes})
    return Places(
        standing.to_numpy(np.bool_),
        place,
        np.where(short, FREE, kind).astype(np.int32),
        np.array([float(given.get(item, 1.0)) for _, item in classes], np.float64),
    )


def lawful_of(
    posed: Posed,
    candidates: CandidateSet,
    result: CheckResult,
    budgets: Budgets,
    policy: Policy | None = None,
) -> Lawful:
    """State what budgets buy by a policy; other arguments as of `places_of`."""
    asked = policy or Policy()
    places = places_of(posed, candidates, result, asked.weights)
    exposure = candidates.table["exposure_m2"].fillna(0.0).to_numpy(np.float64)
    return Lawful(posed.problem, budgets, places, exposure, asked.aims)


def _problem(
    candidates: CandidateSet,
    samples: pd.DataFrame,
    parts: pd.DataFrame,
    asked: IntArray,
    share: float,
) -> tuple[Problem, pd.DataFrame]:
    """Return the problem, each need capped at what can be met, and the parts that fall short."""
    group = parts.index.get_indexer(samples["part_id"])
    weight = samples["weight"].to_numpy(np.float64)
    meets = csr_array(candidates.matrix.meets(samples))
    meets.sort_indices()
    site = candidates.sites.index.get_indexer(candidates.table["site_id"])
    capacity = candidates.sites["capacity"].to_numpy(np.int64)
    need = np.minimum(asked, most_together(meets, site, capacity))
    lost = _sum_by(group, np.where(need < asked, weight, 0.0), len(parts))
    required = share * parts["fraction"].to_numpy(np.float64)
    total = _sum_by(group, weight, len(parts))
    allowed = (1.0 - required) * total
    problem = Problem(
        meets.indptr.astype(np.int64),
        meets.indices.astype(np.int32),
        candidates.table["cost_yuan"].to_numpy(np.float64),
        need.astype(np.int32),
        weight,
        site.astype(np.int32),
        capacity.astype(np.int32),
        group.astype(np.int32),
        np.maximum(allowed - lost, 0.0),
    )
    reachable = 1.0 - lost / total
    table = pd.DataFrame({"required": required, "reachable": reachable}, parts.index)
    return problem, table[table["reachable"] < table["required"] - 1e-9]


def _sum_by(group: IntArray, weight: FloatArray, count: int) -> FloatArray:
    return np.bincount(group, weight, count).astype(np.float64)
