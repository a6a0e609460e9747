"""Gates that nobody has confirmed, in the order of what it would settle to know them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.coverage.demand.gates import GateSearch
from civicsight.coverage.demand.needs import possible_labels
from civicsight.coverage.demand.numbers import gate_id, gate_ids, spot_of
from civicsight.coverage.demand.sites import HOST_M, find_sites, standing_buildings
from civicsight.coverage.findings.evidence import SEVERITIES
from civicsight.coverage.findings.withheld import PRESUMED_GATE
from civicsight.coverage.result import found_gaps, is_presumed
from civicsight.editing.commands import (
    Aim,
    AnswerRoomUse,
    Command,
    Comment,
    ConfirmGate,
    Move,
    RejectGate,
    SetOptics,
    camera_of,
)
from civicsight.presentation.lexicon import number

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

GATES: Final = frozenset({"entrance", "vehicle_entrance"})
"""Kinds of parts that are gates."""

HALF_WALL_M: Final = 6.0
"""Half the length of the wall that closes an inferred opening."""

FARTHEST_M: Final = GateSearch().band_m
"""An entrance that is farther from a place is not taken as its own [m]."""

BASES: Final[dict[str, Text]] = {
    "visit": N_("seen on site"),
    "drawing": N_("drawing or permit"),
    "register": N_("register of the authority"),
    "picture": N_("aerial picture or street picture"),
    "told": N_("told by whoever runs the place"),
}
"""On what somebody may rely who settles a gate."""

SAID_IN: Final = (ConfirmGate, RejectGate, AnswerRoomUse, Move, Aim, SetOptics)
"""Commands of answers, in the order in which an answer gives them."""


@dataclass(frozen=True, slots=True)
class OpenGate:
    """A gate that nobody has confirmed.

    Parameters
    ----------
    part_id, zone_id, gate_id
        Part of the mandatory place, the place, and the id that commands know the gate by.
    is_presumed
        Whether no map and no list shows where it is: its place is the front of a building.
    cameras
        Cameras of which nothing can be said until it is known.
    is_gap
        Whether it counts as not covered.
    """

    part_id: str
    zone_id: str
    gate_id: str
    is_presumed: bool
    cameras: int
    is_gap: bool


def open_gates(result: CheckResult, done: Iterable[Command]) -> list[OpenGate]:
    """Return the gates of a project that neither it nor a draft has settled.

    Those come first at which most cameras hang, then presumed ones, then the most serious gaps,
    then those of which it is least known whether they are there: to ask for what is as good as
    certain settles little. Gates of one place stay together.
    """
    parts = result.parts
    parts = parts[parts["kind"].isin(GATES) & ~parts["confirmed"].astype(bool)]
    settled = settled_gates(done)
    parts = parts.assign(gate_id=gate_ids(parts))
    parts = parts[~parts["gate_id"].isin(settled) & ~parts.index.isin(settled)]
    held = result.withheld[result.withheld["reason"].eq(PRESUMED_GATE)]
    hanging = held["beside"].explode().value_counts() if len(held) else pd.Series(dtype=int)
    gaps = found_gaps(result).set_index("subject")["severity"].map(SEVERITIES.index)
    gaps = gaps.groupby(level=0).max()
    presumed = is_presumed(parts)
    cameras = parts["zone_id"].map(hanging).fillna(0).astype(int).where(presumed, 0)
    chance = parts["confidence"].astype("float64")
    table = pd.DataFrame(
        {
            "zone_id": parts["zone_id"],
            "gate_id": parts["gate_id"],
            "presumed": presumed,
            "cameras": cameras,
            "severity": parts.index.map(gaps).fillna(-1).astype(int),
            "doubt": chance * (1.0 - chance),
        },
        index=parts.index,
    )
    keys = ["cameras", "presumed", "severity", "doubt"]
    of_place = table.groupby("zone_id")[keys].transform("max")
    order = pd.concat([of_place.add_prefix("place_"), table], axis=1).sort_values(
        [*(f"place_{key}" for key in keys), "zone_id", *keys, "gate_id"],
        ascending=[False] * 4 + [True] + [False] * 4 + [True],
    )
    return [
        OpenGate(
            str(row.Index),
            str(row.zone_id),
            str(row.gate_id),
            bool(row.presumed),
            int(row.cameras),
            int(row.severity) >= 0,
        )
        for row in order.itertuples()
    ]


def what_settles(gate: OpenGate) -> list[Text]:
    """Say how a gate is known, and what hangs on it."""
    said = [
        N_("No map and no list shows it: its place is only the front of a building.")
        if gate.is_presumed
        else N_("A map or a way shows it; nobody has confirmed it.")
    ]
    if gate.cameras:
        text = N_(
            "Until it is known, nothing is said against %(count)s cameras beside it.",
            count=keyed(f"place.{gate.zone_id}.withheld", number(gate.cameras)),
        )
        said.append(text)
    if gate.is_gap:
        said.append(
            N_("It counts as a gap. The building has an entrance: say where it is.")
            if gate.is_presumed
            else N_("It counts as a gap: if there is no gate, no camera has to be built.")
        )
    return said


def settled_gates(done: Iterable[Command]) -> set[str]:
    """Return the ids of the gates that commands of a draft settle."""
    return {one.gate_id for one in done if isinstance(one, ConfirmGate | RejectGate)}


def length_of_answer(done: Sequence[Command]) -> int:
    """Return how many commands the answer has that was given last; 0 if it was something else.

    It is what is said of one thing, each kind of command once and in the order of `SAID_IN`, and
    the remark on what that relies on.
    """
    if not done or not isinstance(done[-1], Comment):
        return 0
    subject, after, count = done[-1].subject, len(SAID_IN), 0
    for command in reversed(done[:-1]):
        at = SAID_IN.index(type(command)) if type(command) in SAID_IN else after
        of = getattr(command, "gate_id", "") or camera_of(command)
        if at >= after or of != subject:
            break
        after, count = at, count + 1
    return count + 1 if count else 0


def confirmed_with(
    part: Any, reliance: str, at: tuple[float, float] | None = None, *, by: str = "", on: str = ""
) -> tuple[Command, ...]:
    """Return the commands that confirm a gate, with what that relies on as a remark.

    Parameters
    ----------
    part
        Row of the parts.
    reliance
        On what somebody relies, in his words.
    at
        Where the gate is, in the CRS of the city; by default where it was presumed.
    by, on
        Who confirms it, and when [ISO 8601]; by default whoever gives the commands.
    """
    command = replace(confirming(part), by=by, on=on, basis=reliance)
    if at is not None:
        command = replace(command, x=at[0], y=at[1], moved=True)
    return command, Comment(command.gate_id, reliance)


def rejected_with(part: Any, reliance: str) -> tuple[Command, ...]:
    """Return the commands that say that there is no gate: see `confirmed_with`."""
    return rejecting(part), Comment(gate_id(part), reliance)


def confirming(part: Any) -> ConfirmGate:
    """Return the command that confirms a gate."""
    spot = spot_of(part)
    vehicle = part["kind"] == "vehicle_entrance"
    return ConfirmGate(gate_id(part), float(spot.x), float(spot.y), vehicle=vehicle)


def rejecting(part: Any) -> RejectGate:
    """Return the command that takes a gate out, or lays a wall across an inferred opening."""
    spot = spot_of(part)
    normal = float(part["normal_deg"])
    along = np.radians((normal if np.isfinite(normal) else 0.0) + 90.0)
    step = HALF_WALL_M * np.array([np.sin(along), np.cos(along)])
    ends = tuple((float(spot.x + s * step[0]), float(spot.y + s * step[1])) for s in (-1.0, 1.0))
    return RejectGate(gate_id(part), str(part["how"]), ends)


def shape_of(result: CheckResult, place_id: str) -> Any:
    """Return the outline or mark of a place, by its label in the partition."""
    if place_id in result.zones.index:
        return result.zones.geometry.loc[place_id]
    return result.left_out.geometry.iloc[possible_labels(result.left_out).get_loc(place_id)]


def distance_m(result: CheckResult, place_id: str, at: tuple[float, float]) -> float:
    """Return how far something is from a place, as the search for its gates measures it [m].

    That is from an edge of its outline, of the building that its mark stands in, or from a mark in
    the open: a gate in the middle of a campus is no gate of the campus.
    """
    shape, point = shape_of(result, place_id), shapely.Point(at)
    if place_id not in result.zones.index:
        return float(shape.distance(point))
    city = result.city
    buildings, places = (
        table.iloc[np.sort(table.sindex.query(shape, predicate="dwithin", distance=HOST_M))]
        for table in (city.buildings, city.places)
    )
    sites = find_sites(result.zones.loc[[place_id]], places, standing_buildings(buildings))
    edges = [
        site.centre if site.outline is None else site.outline.exterior
        for site in sites.get(place_id, [])
    ]
    return float(min(shapely.distance(point, edges or [shape])))
