"""A census of the register: how many cameras stay, differ, are missing or new, by class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.inventory.comparing import NOT_EXPECTED
from civicsight.inventory.difference import WHAT, Reconciliation
from civicsight.inventory.settling import KEEP, TAKE

STATES: Final[Mapping[str, Text]] = {
    "same": N_("the same in both"),
    "different": N_("in both, with differences"),
    "missing": N_("missing from the list"),
    "not_expected": N_("not expected in the list: planned, approved or removed"),
    "added": N_("new in the list"),
}
"""Every camera of the register and every row of the list is in just one of them."""

DIMENSIONS: Final = (
    "point_class", "police_station", "subdistrict", "development_zone", "platform", "owner",
    "ownership", "build_unit", "fund_source", "pole_work", "power_source", "transmission", "kind",
)  # fmt: skip
"""Columns of the record by which cameras are summed."""

UNSTATED: Final = ""
"""Value of a dimension that nobody states."""

COUNTED: Final = ("differences", "cameras", "taken", "kept", "open")
"""Columns of `Census.kinds`."""


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """What a list and the register have and lack, counted.

    Parameters
    ----------
    known, listed
        Cameras of the register, rows of the list.
    states
        How many are in each of `STATES`; those of the register add up to `known`, those that the
        list has to `listed`.
    state_of
        State of each camera by its number, those of the register first.
    kinds
        A row for each kind of difference, `COUNTED`.
    fields
        How many values of each column differ.
    dimensions
        Cameras by state (columns, `STATES`) for each value of each of `DIMENSIONS` that anybody
        states; the rows of one dimension add up to `states`.
    """

    known: int
    listed: int
    states: Mapping[str, int]
    state_of: pd.Series
    kinds: pd.DataFrame
    fields: pd.Series
    dimensions: pd.DataFrame


def take_census(found: Reconciliation) -> Census:
    """Count what a reconciliation found."""
    state_of = _state_of(found)
    counts = state_of.value_counts()
    table = found.differences
    camera = table["known_id"].where(table["known_id"].ne(""), table["listed_id"])
    by_kind = table.assign(camera=camera).groupby("what")
    kinds = pd.DataFrame(
        {
            "differences": by_kind.size(),
            "cameras": by_kind["camera"].nunique(),
            "taken": table["decision"].eq(TAKE).groupby(table["what"]).sum(),
            "kept": table["decision"].eq(KEEP).groupby(table["what"]).sum(),
            "open": table["decision"].eq("").groupby(table["what"]).sum(),
        }
    )
    kinds = kinds.reindex(list(WHAT), fill_value=0).astype(int).rename_axis("what")
    valued = table[table["what"].isin(["changed", "filled", "emptied"])]
    return Census(
        len(found.known),
        len(found.listed),
        {name: int(counts.get(name, 0)) for name in STATES},
        state_of,
        kinds,
        valued["field"].value_counts(),
        _sums(found, state_of),
    )


def _sums(found: Reconciliation, state_of: pd.Series) -> pd.DataFrame:
    """Count cameras of each state by the values of each dimension; a new one by the list's."""
    new = found.listed.loc[state_of.index[state_of.eq("added")]]
    every = pd.concat([side[list(DIMENSIONS)].astype(object) for side in (found.known, new)])
    every = every.where(every.notna() & every.ne("unknown"), UNSTATED)
    stated = [name for name in DIMENSIONS if every[name].ne(UNSTATED).any()]
    sums = {
        name: pd.crosstab(every[name].to_numpy(), state_of.to_numpy()).reindex(
            columns=list(STATES), fill_value=0
        )
        for name in stated
    }
    if not sums:
        index = pd.MultiIndex.from_arrays([[], []], names=["dimension", "value"])
        return pd.DataFrame(columns=list(STATES), index=index, dtype=int)
    return pd.concat(sums, names=["dimension", "value"]).rename_axis(columns=None)


def _state_of(found: Reconciliation) -> pd.Series:
    """Return the state of each camera: those of the register, then the new rows of the list."""
    known, table = found.known.index, found.differences
    states = np.select(
        [
            known.isin(found.matches["known_id"]) & known.isin(table["known_id"]),
            known.isin(found.matches["known_id"]),
            found.known["status"].isin(NOT_EXPECTED),
        ],
        ["different", "same", "not_expected"],
        "missing",
    )
    new = table.loc[table["what"].eq("added"), "listed_id"]
    labels = pd.Index([*known, *new], dtype=object)
    return pd.Series([*states, *["added"] * len(new)], labels, dtype=object)
