"""What a draft does for the parts that have to be seen: which gaps it closes, and which it opens.

The same statuses as `check` finds for the city of the draft, for the parts that any changed camera
sees or saw; for all of them where the draft changes what stands around.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from civicsight.coverage.findings.camera_set import UNBUILT
from civicsight.coverage.findings.status import STATUSES, part_status
from civicsight.coverage.result import OF_STATUS
from civicsight.editing.draft import Draft
from civicsight.editing.edit_context import OF_DEMAND, OF_SCENE, EditContext
from civicsight.editing.refusals import changed_cameras
from civicsight.model import READINGS
from civicsight.planning.statement.figures import before_of, compliance_in

POSSIBLE: Final = READINGS[-1]
COVERED: Final = STATUSES[0]
NONE: Final = pd.DataFrame({"before": [], "after": []}, dtype=object).assign(built=False)


def judge_parts(draft: Draft, edit_context: EditContext, labels: Iterable[str]) -> pd.DataFrame:
    """Judge some parts as the draft has them; see `part_status`.

    Its column ``built`` counts cameras that stand already, as `check` does.
    """
    standing = edit_context.standing(draft)
    parts = standing.parts.loc[standing.parts.index.intersection(list(labels))]
    samples = standing.samples[standing.samples["part_id"].isin(parts.index)]
    matrices = {
        reading: matrix.select(samples=samples.index)
        for reading, matrix in edit_context.matrices(draft).items()
    }
    coming = draft.cameras.index[draft.cameras["status"].isin(UNBUILT)]
    return part_status(parts, samples, matrices, unbuilt=coming)


def part_changes(draft: Draft, edit_context: EditContext) -> pd.DataFrame:
    """Return the parts whose status is another one than in the project.

    Returns
    -------
    DataFrame
        Index: ids of the parts; ``before`` and ``after``, empty where there is no such part; and
        ``built``, whether cameras that stand already cover it for sure.
    """
    before = edit_context.result.part_status["status"]
    if not draft.changed:
        return NONE
    touched = _touched(draft, edit_context)
    judged = judge_parts(draft, edit_context, touched).reindex(touched)
    both = pd.DataFrame({"before": before.reindex(touched), "after": judged["status"]})
    both = both.astype(object).where(both.notna(), "")
    both["built"] = judged["built"].eq(other=True)
    return both[both["before"] != both["after"]]


def parts_after(draft: Draft, edit_context: EditContext) -> pd.DataFrame:
    """Return how parts stand in the city of a draft, as `figures.before_of` does for a check."""
    parts, _ = before_of(edit_context.result)
    changes = part_changes(draft, edit_context)
    there = changes.index[changes["after"].ne("")]
    judged, known = judge_parts(draft, edit_context, there), edit_context.standing(draft).parts
    now = pd.DataFrame(known.loc[judged.index, ["zone_id", "kind"]]).assign(
        state=judged["status"].map(OF_STATUS), compliance=compliance_in(judged)
    )
    stays = parts.loc[parts.index.difference(changes.index), now.columns]
    return pd.concat([stays, now]).sort_index()


def count_changes(changes: pd.DataFrame) -> tuple[int, int]:
    """Return how many parts a draft covers for sure that were not, and the other way round."""
    was, now = changes["before"].eq(COVERED), changes["after"].eq(COVERED)
    gone = changes["after"].eq("")
    return int((now & ~was).sum()), int((was & ~now & ~gone).sum())


def _touched(draft: Draft, edit_context: EditContext) -> pd.Index:
    """Return the parts whose status a draft can change."""
    standing = edit_context.standing(draft)
    if set(draft.changed) & {*OF_DEMAND, *OF_SCENE}:
        return standing.parts.index.union(edit_context.result.parts.index)
    changed = changed_cameras(Draft(draft.base), draft)
    stays = draft.cameras.index[draft.cameras["status"].ne("removed")]
    was = standing.matrices[POSSIBLE]
    seen = [
        edit_context.look(draft, label).rows[POSSIBLE].indices
        for label in stays.intersection(changed)
    ]
    seen.append(was.select(cameras=was.camera_ids.intersection(changed)).q.indices)
    samples = np.unique(np.concatenate(seen))
    return pd.Index(standing.samples["part_id"].iloc[samples].dropna().unique(), dtype=object)
