"""Who does the work of a planned camera: the fewest others, with what their records say.

References
----------
Article 7: "replaced by a, b and c" is only checkable with names, operators and days of record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.coverage.findings.shares import Cover, smallest_cover
from civicsight.coverage.optics.quality import level_of
from civicsight.coverage.result import CheckResult
from civicsight.planning.duplicates.appraise import Appraisal
from civicsight.planning.duplicates.camera_set import CameraSet
from civicsight.planning.optimise import minimise_cost
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Status

RECORD_DAYS: Final = ("filed_on", "in_use_on", "installed_on")
"""Days of a record, the most telling first."""


def find_reliance(
    found: Appraisal, by_requirement: csc_array, camera: int, background: BoolArray
) -> Cover:
    """Find the fewest cameras of a background that do what one does, as far as they can.

    Of several choices of one size the first in the order of the ids. `by_requirement` is
    `Requirements.meets` by column.
    """
    meets = found.asked.meets
    columns = meets.indices[meets.indptr[camera] : meets.indptr[camera + 1]]
    block = csr_array(by_requirement[:, columns])
    others = np.flatnonzero((np.diff(block.indptr) > 0) & background)
    others = others[others != camera]
    names = [str(found.fleet.camera_ids[i]) for i in others]
    dense = np.asarray(block[others].toarray(), bool)
    need = found.asked.need[columns]
    cover = smallest_cover(names, dense, need)
    return cover if cover.exact else _prove(names, dense, need)


def dominators(
    found: Appraisal, by_requirement: csc_array, camera: int, background: BoolArray
) -> tuple[str, ...]:
    """Return those of a background that alone meet all that a camera meets, and cost no more.

    What stands costs nothing any more.
    """
    fleet, meets = found.fleet, found.asked.meets
    columns = meets.indices[meets.indptr[camera] : meets.indptr[camera + 1]]
    shared = np.diff(csr_array(by_requirement[:, columns]).indptr)
    whole = (shared == len(columns)) & background & (len(columns) > 0)
    whole[camera] = False
    dearer = fleet.planned & ~(fleet.cost_yuan <= fleet.cost_yuan[camera])
    return tuple(map(str, fleet.camera_ids[whole & ~dearer]))


def describe(
    result: CheckResult, fleet: CameraSet, camera: int, names: tuple[str, ...]
) -> tuple[StandIn, ...]:
    """Say of each stand-in whose it is, how old its record is and what it reaches."""
    mine = fleet.meets.indices[slice(*fleet.meets.indptr[camera : camera + 2])]
    stand_ins = []
    for name in names:
        row = result.cameras.loc[name]
        other = int(fleet.camera_ids.get_loc(name))
        taken = fleet.meets.indices[slice(*fleet.meets.indptr[other : other + 2])]
        both = np.intersect1d(mine, taken)
        density = fleet.q[[other]][:, both].toarray().ravel()
        least = float(density.min()) if len(density) else 0.0
        level = level_of(least, result.rules.ladder)
        stand_ins.append(
            StandIn(
                name,
                _text(row, "status") or "existing",
                _text(row, "owner"),
                _text(row, "owner_unit"),
                next((day for day in (_text(row, c) for c in RECORD_DAYS) if day), ""),
                _text(row, "source"),
                _text(row, "network_state"),
                not fleet.linked[other],
                level.name if level else "",
                least,
                float(fleet.weight[both].sum()),
            )
        )
    return tuple(stand_ins)


def _prove(names: list[str], meets: BoolArray, need: IntArray) -> Cover:
    """Choose the fewest of many, with the optimiser."""
    order = np.argsort(np.asarray(names, object), kind="stable")
    rows = [np.flatnonzero(meets[i]).tolist() for i in order]
    problem = Problem.of(
        rows,
        cost=np.ones(len(rows)),
        n_requirement=meets.shape[1],
        need=np.minimum(need, meets.sum(axis=0)),
        site=FREE,
    )
    outcome = minimise_cost(problem)
    chosen = tuple(names[order[j]] for j in np.flatnonzero(outcome.chosen))
    return Cover(chosen, outcome.status is Status.OPTIMAL)


def _text(row: Mapping[str, Any] | pd.Series, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A camera that does a planned one's work, or some of it.

    Parameters
    ----------
    camera_id, status
        Which, and its state in the plan.
    owner, operator
        Kind of owner and unit that runs it; empty if not recorded.
    recorded_on, source
        Day of its record (filed, put into use or installed), and where the record comes from.
    network_state, to_link
        Whether it is in the shared network, and whether it has to be linked first.
    level, px_m
        Level of EN 62676-4 that it reaches wherever it stands in, and the density behind it.
    weight
        What it meets of the planned camera's work [m or m2].
    """

    camera_id: str
    status: str
    owner: str
    operator: str
    recorded_on: str
    source: str
    network_state: str
    to_link: bool
    level: str
    px_m: float
    weight: float
