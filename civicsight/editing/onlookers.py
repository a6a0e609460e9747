"""Who could look into one private place, as a draft has the cameras.

References
----------
Article 9 of the Measures of Nanchang: no system where it could look into places that are private.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.coverage.privacy.exposure import expose
from civicsight.model import READINGS

if TYPE_CHECKING:
    from civicsight.editing.draft import Draft
    from civicsight.editing.edit_context import EditContext

ONLOOKERS: Final = tuple(f"{name}_m2" for name in READINGS)
"""Columns of `find_onlookers`: wall in view on the record alone, with what is assumed, at most."""


def find_onlookers(
    edit_context: EditContext, draft: Draft, private_ids: Iterable[str]
) -> pd.DataFrame:
    """Return the wall of a private place that each camera of a draft could see [m2].

    Parameters
    ----------
    edit_context
        The prepared project.
    draft
        Its cameras; those that are removed see nothing.
    private_ids
        Rows of `EditContext.private.areas`: a place may have several, as map and register say.

    Returns
    -------
    DataFrame
        By camera id, columns `ONLOOKERS`, masks counted; who possibly sees most comes first, and
        who sees nothing in any reading is left out. Empty where the place has no wall, or where
        the packs of rules give no density from which a wall counts as looked into.
    """
    private, rules = edit_context.private, edit_context.rules
    density = rules.limit("private_view_density")
    own = private.facades["private_id"].isin(list(private_ids)).to_numpy(bool)
    if density is None or not np.any(own):
        return pd.DataFrame(columns=list(ONLOOKERS), dtype=np.float64)
    walls = gpd.GeoDataFrame(private.facades[own])
    standing = edit_context.standing(draft)
    found = expose(
        edit_context.heads(draft), standing.scenes, replace(private, facades=walls), density
    )
    seen = found.cameras()[list(ONLOOKERS)]
    seen = seen[seen[ONLOOKERS[-1]].gt(0.0)]
    return seen.sort_values(ONLOOKERS[-1], ascending=False, kind="stable")
