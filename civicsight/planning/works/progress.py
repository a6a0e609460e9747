"""The year after approval: how far the works of a plan are, what is late, what is to be filed.

References
----------
Regulations on public-safety video (State Council, No. 799), Article 14: a system is filed within
thirty days of its use.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import N_, InputError, Text
from civicsight.model.plan_tables import PROGRESS
from civicsight.planning.faults import fault

STAGES: Final[Mapping[str, Text]] = {
    "pole": N_("pole up"),
    "power": N_("power on"),
    "online": N_("on line"),
    "accepted": N_("accepted"),
}
"""What a measure passes through, in this order; one on a wall or a lamp post needs no pole."""

NONE: Final = "none"
STATES: Final[Mapping[str, Text]] = {
    "done": N_("accepted in time"),
    "done_late": N_("accepted after its year"),
    "late": N_("late: its year is over"),
    "due": N_("due this year"),
    "later": N_("due in a later year"),
}
"""How a measure stands against its year in the plan."""

NO_WORKS: Final = ("keep", "drop")
FILING_DAYS: Final = 30
"""Days from the use of a system within which it is filed."""


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """How far the works are on a day.

    Parameters
    ----------
    on
        The day.
    works
        Each measure that builds something, by its camera: ``measure``, ``district``,
        ``contractor``, ``year``, ``stage`` (a key of `STAGES`, or ``none``), ``state`` (a key of
        `STATES`), ``late_days`` [day, 0 where it is not late] and the days of the stages.
    sums
        By ``district`` and ``contractor``: ``works``, how many reached each of `STAGES`, ``late``.
    filing
        Cameras on line that nobody filed, the longest overdue first: ``online_on``, ``due_on`` and
        ``overdue_days`` [day, negative while there is time].
    """

    on: dt.date
    works: pd.DataFrame
    sums: pd.DataFrame
    filing: pd.DataFrame


def follow_works(
    measures: gpd.GeoDataFrame,
    reported: gpd.GeoDataFrame,
    on: dt.date,
    *,
    source: str = "",
    filing_days: int = FILING_DAYS,
) -> Progress:
    """Hold a report of the works against the plan.

    Parameters
    ----------
    measures
        Table `model.MEASURES` of the plan.
    reported
        Table `model.plan_tables.PROGRESS`; a measure without a row has reached nothing.
    on
        The day on which it is judged.
    source
        Name of the report.
    filing_days
        Days from its first day on line within which a camera is filed.

    Raises
    ------
    InputError
        If a row is about no measure of the plan, or dated after `on`.
    """
    PROGRESS.check(reported)
    works = pd.DataFrame(measures[~measures["measure"].isin(NO_WORKS)])
    _require_of_plan(works.index, reported, on, source)
    told = pd.DataFrame(reported).reindex(works.index)
    days = {stage: pd.to_datetime(told[f"{stage}_on"]) for stage in STAGES}
    stage = np.full(len(works), NONE, object)
    for name, reached in days.items():
        stage[reached.notna().to_numpy()] = name
    # How each measure stands against the end of its year, and by how many days.
    years = works["year"]
    accepted = days["accepted"]
    ends = pd.to_datetime(years.clip(1, 9998).astype(str).str.zfill(4) + "-12-31")
    done = accepted.notna()
    reached = accepted.where(done, pd.Timestamp(on))
    late = (reached - ends).dt.days.clip(lower=0).where(years > 0, 0)
    state = np.select(
        [done & (late > 0), done, late > 0, years <= on.year],
        ["done_late", "done", "late", "due"],
        "later",
    )
    against_year = {"state": pd.Series(state, years.index), "late_days": late.astype(int)}
    table = pd.DataFrame(
        {
            "measure": works["measure"],
            "district": works["district"].fillna(""),
            "contractor": told["contractor"].fillna(""),
            "year": works["year"],
            "stage": stage,
            **against_year,
            **{f"{name}_on": told[f"{name}_on"] for name in STAGES},
        },
        index=works.index,
    )
    return Progress(on, table, _sums(table, days), _filing(told, on, filing_days))


def _require_of_plan(known: pd.Index, reported: gpd.GeoDataFrame, on: dt.date, source: str) -> None:
    names = [column.name for column in PROGRESS if column.kind == "date"]
    faults = [
        fault("progress.unknown", source, str(label), "camera_id", str(label))
        for label in reported.index.difference(known, sort=False)
    ]
    faults += [
        fault(
            "progress.future",
            source,
            str(label),
            name,
            str(reported.loc[label, name]),
            day=on.isoformat(),
        )
        for name in names
        for label in reported.index[reported[name].fillna("") > on.isoformat()]
    ]
    if faults:
        raise InputError(faults)


def _sums(table: pd.DataFrame, days: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Count measures by district and contractor: all, those at each stage or beyond, late ones."""
    order = [NONE, *STAGES]
    rank = table["stage"].map(order.index)
    counted = pd.DataFrame(
        {
            "works": 1,
            **{name: (rank >= order.index(name)).astype(int) for name in days},
            "late": table["state"].eq("late").astype(int),
        },
        index=table.index,
    )
    return counted.groupby([table["district"], table["contractor"]]).sum()


def _filing(told: pd.DataFrame, on: dt.date, days: int) -> pd.DataFrame:
    open_ = told[told["online_on"].notna() & told["filed_on"].isna()]
    online = pd.to_datetime(open_["online_on"])
    due = online + pd.Timedelta(days=days)
    table = pd.DataFrame(
        {
            "contractor": open_["contractor"].fillna(""),
            "online_on": open_["online_on"],
            "due_on": due.dt.strftime("%Y-%m-%d"),
            "overdue_days": (pd.Timestamp(on) - due).dt.days,
        }
    )
    return table.sort_values(["overdue_days", "online_on"], ascending=[False, True], kind="stable")
