"""Every difference between the register of cameras and a new list, one row each.

References
----------
Article 7: a plan starts from an inventory of what exists; a list that says less than the register
takes nothing out of it before somebody said so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, CrsError, Text
from civicsight.core.table import require_metric
from civicsight.inventory.comparing import NOT_EXPECTED, changed_values, of_pairs
from civicsight.inventory.evidence import Habits, find_pairs
from civicsight.inventory.faults import reject
from civicsight.inventory.matching import chances, choose_pairs
from civicsight.model import CAMERAS
from civicsight.model.notes import Note

WHAT: Final[Mapping[str, Text]] = {
    "added": N_("new in the list"),
    "missing": N_("missing from the list"),
    "moved": N_("moved elsewhere"),
    "renumbered": N_("numbered anew"),
    "changed": N_("stated otherwise"),
    "filled": N_("filled in by the list"),
    "emptied": N_("left empty in the list"),
}
"""Kinds of differences."""

SAME_M: Final = 1.0
"""Up to here it is the same place: five digits of a degree are 1.1 m."""

SHIFTED_M: Final = 20.0
"""A list whose cameras all lie this far off in one direction is in another system [m]."""

COLUMNS: Final = (
    "known_id", "listed_id", "name", "what", "field", "old", "new", "distance_m", "certainty",
    "decision", "decided_by", "decided_on", "reason",
)  # fmt: skip
"""Columns of the table of differences; the last four are a person's."""

Apart = frozenset[tuple[str, str]]


PULLED: Final = ("known_id", "listed_id", "decided_by", "decided_on", "reason")
"""Columns of `Reconciliation.pulled`."""


def nothing_pulled() -> pd.DataFrame:
    """Return no pairs, as `Reconciliation.pulled` holds them."""
    return pd.DataFrame(columns=list(PULLED), dtype=object)


def kept_apart_in(changes: pd.DataFrame) -> Apart:
    """Return the pairs that somebody said before are two cameras.

    Parameters
    ----------
    changes
        Table `model.CHANGES` of the project.
    """
    own = changes[changes["what"].eq("apart")]
    return frozenset(zip(own["old"].map(str), own["new"].map(str), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Reconciliation:
    """A list held against the register.

    Parameters
    ----------
    known, listed
        The cameras of the register and the rows of the list, table `model.CAMERAS` in one CRS.
    source
        Name of the list.
    matches
        A row for each camera that both have: ``known_id``, ``listed_id``, ``distance_m`` [m],
        ``certainty`` [0-1], ``same_number``, ``name_alike`` [0-1], ``turned_deg`` [deg].
    differences
        A row for each difference, `COLUMNS`, by a running number; what stays the same has none.
    given
        What the list fills, ``camera_id`` where its numbers are its own, ``tags`` for columns that
        have no meaning here; a column that it lacks says nothing of the register.
    habits
        What was read from both tables of how records differ.
    notes
        What a person should know before anything is settled.
    apart
        Pairs that a person said are two cameras, by both numbers.
    unread
        Rows of the list that could not be used: cameras in them count as missing.
    reading
        What a person has to know of how the list was read.
    pulled
        Pairs that were pulled apart now: ``known_id``, ``listed_id``, who said so, when and why.
    """

    known: gpd.GeoDataFrame
    listed: gpd.GeoDataFrame
    source: str
    matches: pd.DataFrame
    differences: pd.DataFrame
    given: frozenset[str]
    habits: Habits
    notes: tuple[Text, ...] = ()
    apart: Apart = frozenset()
    unread: int = 0
    pulled: pd.DataFrame = field(default_factory=nothing_pulled)
    reading: tuple[Note, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the list says what the register says."""
        return not len(self.differences)

    @property
    def open(self) -> pd.DataFrame:
        """The differences that nobody has settled."""
        return self.differences[self.differences["decision"].eq("")]


def reconcile(
    known: gpd.GeoDataFrame,
    listed: gpd.GeoDataFrame,
    *,
    given: Collection[str] | None = None,
    source: str = "",
    unread: int = 0,
    apart: Iterable[tuple[str, str]] = (),
    reading: Iterable[Note] = (),
) -> Reconciliation:
    """Hold a new list of cameras against the register, and name every difference.

    Parameters
    ----------
    known, listed
        Table `model.CAMERAS` in one metric CRS, the register first.
    given
        Columns that the list fills, as the report of its import says; ``camera_id`` among them if
        its numbers are its own and not those of its rows. All by default.
    source
        Name of the list.
    unread
        Rows of the list that could not be used.
    apart
        Pairs of numbers, of the register and of the list, that are two cameras.
    reading
        Notes on how the list was read.

    Raises
    ------
    SchemaError
        If a table is not as declared.
    CrsError
        If the tables are not in one metric CRS.
    InputError
        ``list.unread`` if no row of the list could be used: then nothing is known of what it lacks.
    """
    for table in (known, listed):
        CAMERAS.check(table)
    if require_metric(known, "cameras") != listed.crs:
        msg = f"the register is in {known.crs}, the list in {listed.crs}: convert with to_crs()"
        raise CrsError(msg)
    if listed.empty and unread:
        # A list that could not be read says of no camera that it is gone.
        reject("list.unread", source, found=f"0 / {unread}")
    every = {CAMERAS.index, *(column.name for column in CAMERAS)} - {"source"}
    given = frozenset(every if given is None else every & set(given))
    numbered = CAMERAS.index in given
    kept_apart = frozenset((str(one), str(two)) for one, two in apart)

    # Which row of the list is which camera; two that are kept apart have no chance to be one.
    pairs, habits = find_pairs(known, listed, numbered=numbered)
    numbers = zip(known.index[pairs.known], listed.index[pairs.listed], strict=True)
    are_apart = np.fromiter((pair in kept_apart for pair in numbers), bool, len(pairs.known))
    pairs = replace(pairs, log_odds=np.where(are_apart, -np.inf, pairs.log_odds))
    chosen = choose_pairs(pairs, len(known), len(listed))
    matches = pd.DataFrame(
        {
            "known_id": known.index.to_numpy(object)[pairs.known[chosen]],
            "listed_id": listed.index.to_numpy(object)[pairs.listed[chosen]],
            "certainty": chances(pairs, len(known), len(listed))[chosen],
            "distance_m": pairs.distance_m[chosen],
            "same_number": pairs.same_number[chosen],
            "name_alike": pairs.name_alike[chosen],
            "turned_deg": pairs.turned_deg[chosen],
        }
    )

    # What only one of both has; a list of what stands need not have what is planned.
    expected = known.index[~known["status"].isin(NOT_EXPECTED)]
    missing = expected.difference(matches["known_id"], sort=False)
    added = listed.index.difference(matches["listed_id"], sort=False)
    rows = [
        pd.DataFrame({"known_id": missing.to_numpy(object), "what": "missing"}),
        pd.DataFrame({"listed_id": added.to_numpy(object), "what": "added"}),
    ]
    if numbered:
        other = matches["known_id"].ne(matches["listed_id"]) & ~matches["same_number"]
        labels = (matches[name].to_numpy(object) for name in ("known_id", "listed_id"))
        rows.append(of_pairs(matches, other, "renumbered", CAMERAS.index, *labels))
    away = matches["distance_m"] > SAME_M
    nothing = np.full(len(matches), None, object)
    places = of_pairs(matches, away, "moved", "geometry", nothing, nothing)
    rows.append(places.assign(distance_m=matches.loc[away, "distance_m"]))
    rows += changed_values(known, listed, matches, given)

    return Reconciliation(
        known=known,
        listed=listed,
        source=source,
        matches=matches,
        differences=_as_table(rows, known, listed),
        given=given,
        habits=habits,
        notes=tuple(_notes(known, listed, matches, numbered=numbered)),
        apart=kept_apart,
        unread=unread,
        reading=tuple(reading),
    )


def _as_table(
    rows: Iterable[pd.DataFrame], known: gpd.GeoDataFrame, listed: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return differences as a table, by camera and then by kind, with a running number."""
    order = {what: rank for rank, what in enumerate(WHAT)}
    parts = [part.astype(object) for part in rows if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    table = table.reindex(columns=list(COLUMNS)).astype(object)
    values = ["old", "new"]
    table[values] = table[values].where(table[values].notna(), None)
    texts = ["known_id", "listed_id", "field", "decision", "decided_by", "decided_on", "reason"]
    table[texts] = table[texts].where(table[texts].notna(), "")
    table[["distance_m", "certainty"]] = table[["distance_m", "certainty"]].astype(np.float64)
    one, two = (
        table[f"{side}_id"].map(own["name"]).astype(object)
        for side, own in (("known", known), ("listed", listed))
    )
    names = one.where(one.notna(), two)
    table["name"] = names.where(names.notna(), "")
    rank = table["what"].map(order)
    places = table["known_id"].map(pd.Series(np.arange(len(known)), known.index)).fillna(len(known))
    table = table.assign(_rank=rank, _place=places).sort_values(
        ["_place", "_rank", "listed_id", "field"], kind="stable"
    )
    table = table.drop(columns=["_rank", "_place"])
    table.index = pd.Index([str(n) for n in range(1, len(table) + 1)], name="difference_id")
    return table


def _notes(
    known: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, matches: pd.DataFrame, *, numbered: bool
) -> Iterable[Text]:
    """Say what holds for the list as a whole."""
    if not numbered:
        yield N_("The list has no numbers of its own: it was matched by place, name and direction.")
    elif len(matches) and matches["same_number"].mean() < 0.5:
        yield N_(
            "Of %(count)s cameras found in both only %(same)s have their number of before: the "
            "list seems to be numbered anew.",
            count=len(matches),
            same=int(matches["same_number"].sum()),
        )
    rows = len(known) and int(known["status"].isin(NOT_EXPECTED).sum())
    found = known.loc[matches["known_id"], "status"].isin(NOT_EXPECTED).sum()
    if rows - found:
        yield N_(
            "%(count)s cameras of the register are planned, approved or removed, and are not "
            "missed in a list of what stands.",
            count=int(rows - found),
        )
    yield from _shift(known, listed, matches)


def _shift(
    known: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, matches: pd.DataFrame
) -> Iterable[Text]:
    """Warn of a list whose cameras all lie off in one direction: its system is another one."""
    if len(matches) < 5:
        return
    before, now = (
        shapely.get_coordinates(side.geometry.loc[matches[name]].to_numpy())
        for side, name in ((known, "known_id"), (listed, "listed_id"))
    )
    step = np.median(now - before, axis=0)
    off = float(np.hypot(*step))
    around = float(np.median(np.hypot(*(now - before - step).T)))
    if off >= SHIFTED_M and around < off / 2.0:
        yield N_(
            "Most cameras of the list lie %(metres)s m off in one direction (%(east)s m east, "
            "%(north)s m north): its coordinate system seems to be another one. Declare the datum "
            "and read it again before anything is settled.",
            metres=f"{off:.0f}",
            east=f"{step[0]:.0f}",
            north=f"{step[1]:.0f}",
        )
