"""How much of the required coverage is kept when cameras fail, or are not quite where they are.

References
----------
Article 8; what is required, and failures, as in `failures`. Errors of pose, height and buildings
are a Monte Carlo over seeded scenarios, each of which computes what the cameras see anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.core.column import Column, identifier, must, number, text, thing
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.figure import Figure, share
from civicsight.core.progress import Progress
from civicsight.core.table import Table
from civicsight.coverage.check import build_scenes, scenes_of
from civicsight.coverage.result import CheckResult
from civicsight.planning.duplicates.failures import (
    Failures,
    Load,
    any_many,
    any_one,
    any_two,
    load_of,
    lost_without,
)
from civicsight.planning.duplicates.plan_set import plan_camera_set
from civicsight.planning.duplicates.sensitivity import look_again, perturb_heads
from civicsight.planning.judging.indices import SURE
from civicsight.scene.bodies import Scene

CAUSES: Final = ("failure", "pose", "height", "buildings")
"""Cameras fail; headings and positions, heights of cameras, heights of buildings are off."""

ERRORS: Final = CAUSES[1:]

ROBUSTNESS: Final = Table(
    "robustness",
    identifier("case"),
    "",
    (
        text("cause", str(N_("What goes wrong")), CAUSES, required=True),
        Column("failed", "int", N_("How many cameras fail at once"), nullable=False, low=0),
        text("method", str(N_("How it was found")), ("exact", "sampled"), required=True),
        Column("scenarios", "int", N_("How many cases were looked at"), nullable=False, low=0),
        number("mean", "", str(N_("Share of the required coverage that is kept on average")), 0),
        number("low", "", str(N_("Share that is kept in 95 of 100 cases")), 0),
        number("high", "", str(N_("Share that is exceeded in 5 of 100 cases")), 0),
        must("worst", "", str(N_("Least share that was found")), 0),
        thing("worst_cameras", str(N_("Cameras whose failure does that"))),
    ),
    placed=False,
)
"""One row for each kind of failure or error."""

HEIGHT_M: Final = 0.5
"""A recorded height of a camera is off by at most so much (convention of the project)."""

BUILDING_SHARE: Final = 0.1
"""A height of a building is off by at most this share of it (convention of the project)."""

NOTHING: Final = "nothing is covered, or a number of failures is below 1: there is nothing to keep"

QUANTILES: Final = (0.05, 0.95)


def robustness(
    result: CheckResult,
    *,
    failures: Sequence[int] = (1, 2, 3),
    errors: Sequence[str] = ERRORS,
    draws: int = 2_000,
    scenarios: int = 20,
    seed: int = 0,
    scene: Scene | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Say how much of the required coverage is kept.

    Parameters
    ----------
    result
        Check of the cameras of a plan; its cameras in use count, in the reading ``sure``.
    failures
        Numbers of cameras that fail at once: exact for 1 and 2, sampled above.
    errors, scenarios
        Which of `ERRORS` are looked at, in how many disturbed scenarios each.
    draws, seed
        Random sets of failures for each number above 2; which sets and scenarios.
    scene, progress
        Of the reading ``sure``, built without it; called with scenarios done and in all.

    Returns
    -------
    DataFrame
        Table `ROBUSTNESS`: shares of what is covered undisturbed. An error may also help; then all
        is kept, and no more than all.

    Raises
    ------
    MismatchError
        If nothing is covered, or a number makes no sense.
    """
    fraction = result.parts["fraction"].to_numpy(np.float64)
    load = load_of(plan_camera_set(result), fraction)
    if load.covered <= 0.0 or min(failures, default=1) < 1:
        raise MismatchError(NOTHING)
    rows = {f"failure/{count}": _failure(load, count, draws, seed) for count in failures}
    for i, error in enumerate(errors if scenarios else ()):
        rng = np.random.default_rng([seed, ERRORS.index(error)])
        kept = []
        for j in range(scenarios):
            seen = _covered_under(error, result, load, fraction, rng, scene)
            kept.append(min(seen / load.covered, 1.0))
            _report(progress, i * scenarios + j + 1, len(errors) * scenarios)
        rows[error] = _row(error, 0, "sampled", np.array(kept))
    ROBUSTNESS.check(table := ROBUSTNESS.complete(pd.DataFrame.from_dict(rows, orient="index")))
    return table


def describe(row: pd.Series, n: Mapping[str, Figure]) -> Text:
    """Say one row of the table in a sentence, with the figures of the plan that has it."""
    words = {
        "failure": N_(
            "Cameras that fail at once: %(failed)s. Of the required coverage, %(mean)s is kept on "
            "average and %(worst)s at worst (%(method)s, %(scenarios)s cases)."
        ),
        "pose": N_(
            "If headings and positions are slightly off, %(mean)s of the required coverage is kept "
            "on average and %(worst)s at worst (%(scenarios)s scenarios)."
        ),
        "height": N_(
            "If heights of cameras are slightly off, %(mean)s of the required coverage is kept on "
            "average and %(worst)s at worst (%(scenarios)s scenarios)."
        ),
        "buildings": N_(
            "If heights of buildings are slightly off, %(mean)s of the required coverage is kept "
            "on average and %(worst)s at worst (%(scenarios)s scenarios)."
        ),
    }
    values: dict[str, Any] = {
        name: n[f"robustness.{row.name}.{name}"].written(partial(share, digits=1))
        for name in ("mean", "worst")
    }
    values |= {name: n[f"robustness.{row.name}.{name}"] for name in ("failed", "scenarios")}
    values["method"] = METHODS[row["method"]]
    return Text(words[row["cause"]].template, values)


def _failure(load: Load, count: int, draws: int, seed: int) -> dict[str, Any]:
    """Return the row of some failures at once; of all cameras nothing is left."""
    ids, cameras = load.camera_set.camera_ids, len(load.present)
    if count >= cameras:
        lost = lost_without(load, np.arange(cameras))
        found = Failures(np.array([lost]), lost, tuple(range(cameras)), lost, 1)
    elif count <= len(EXACT):
        found = EXACT[count - 1](load)
    else:
        found = any_many(load, count, draws=draws, seed=seed)
    method = "exact" if count <= len(EXACT) or count >= cameras else "sampled"
    row = _row("failure", count, method, 1.0 - found.losses / load.covered)
    return row | {
        "scenarios": found.cases,
        "mean": 1.0 - found.mean / load.covered,
        "worst": 1.0 - found.most / load.covered,
        "worst_cameras": tuple(str(ids[i]) for i in found.worst),
    }


def _row(cause: str, failed: int, method: str, kept: FloatArray) -> dict[str, Any]:
    """Summarise what is kept in some cases."""
    low, high = np.quantile(kept, QUANTILES) if len(kept) else (np.nan, np.nan)
    return {
        "cause": cause,
        "failed": failed,
        "method": method,
        "scenarios": len(kept),
        "mean": float(kept.mean()) if len(kept) else np.nan,
        "low": float(low),
        "high": float(high),
        "worst": float(kept.min()) if len(kept) else np.nan,
        "worst_cameras": (),
    }


def _covered_under(
    error: str,
    result: CheckResult,
    load: Load,
    fraction: FloatArray,
    rng: np.random.Generator,
    scene: Scene | None,
) -> float:
    """Return the required coverage in one disturbed scenario."""
    heads = result.heads[result.heads["reading"].eq(SURE)]
    heads = heads[heads["camera_id"].isin(load.camera_set.camera_ids)]
    buildings = result.city.buildings
    if error == "buildings":
        factor = 1.0 + BUILDING_SHARE * (2.0 * rng.random(len(buildings)) - 1.0)
        by_id = pd.Series(factor, buildings.index.sort_values())
        height = buildings["height_m"] * by_id.reindex(buildings.index)
        city = replace(result.city, buildings=buildings.assign(height_m=height))
        scene = build_scenes(city)[SURE]
    elif error == "height":
        heads = perturb_heads(
            heads, buildings, rng, heading_deg=0.0, position_m=0.0, height_m=HEIGHT_M
        )
    else:
        heads = perturb_heads(heads, buildings, rng)
    scene = scenes_of(result)[SURE] if scene is None else scene
    return load_of(look_again(result, load.camera_set, heads, scene), fraction).covered


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


EXACT: Final = (any_one, any_two)
"""How one and two failures are found."""

METHODS: Final = {"exact": N_("exact"), "sampled": N_("sampled")}
"""Words for `method`."""
