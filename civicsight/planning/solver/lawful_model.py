"""Places made compliant within a budget, as a model of aims that come one after the other.

References
----------
Article 8: a place keeps the law when all its parts are covered; half a gate is no gate. Maximal
covering with a budget (Church and ReVelle 1974), its aims in lexicographic order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem, least_of
from civicsight.planning.solver.model_builder import (
    Merged,
    Rows,
    Variables,
    also,
    diagonal,
    meets,
    merge,
    of_sites,
    picker,
)

AIMS: Final = ("places", "parts", "metres", "exposure", "joined")
"""What a budget buys, in this order: places made compliant, parts likewise, metres of what the law
asks for, little private wall in view (what is made large is its loss), and metres of that which the
cameras of the plan meet, confirmed, connected or built."""

SURVIVING: Final = "surviving"
"""Metres of what the law asks for that stay met whichever camera fails."""

KNOWN_AIMS: Final = (*AIMS, SURVIVING)
"""Every aim that a policy may name; none looks at who lives or prays where."""


def whole_count(aim: str, bound: float, weights: Iterable[float]) -> float:
    """Round a bound down where it counts whole places or parts, which no choice has a share of.

    Parameters
    ----------
    aim, bound
        One of `KNOWN_AIMS`, and what no choice can beat.
    weights
        What places count by their class; those that are not given count 1.

    Examples
    --------
    >>> whole_count("places", 49.7, []), whole_count("places", 49.7, [0.5])
    (49.0, 49.7)
    """
    counts = aim in ("places", "parts") and all(float(each).is_integer() for each in weights)
    return float(np.floor(bound + 1e-6)) if counts and np.isfinite(bound) else bound


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """What stands today, and which parts make which place lawful.

    Parameters
    ----------
    standing
        Candidates that are cameras as they stand, shape ``(n_candidate,)``. Such a camera covers
        what it covers whether it is chosen or not, unless another candidate of its site is.
    place
        Place of each group; `FREE` where no choice brings the group, or another of its place, to
        what the law asks for.
    kind
        Class of each group, `FREE` where no choice brings it to what the law asks for.
    weights
        Of each class: what a place or part of it counts.

    Raises
    ------
    MismatchError
        If the classes do not fit, or the parts of a place have several.
    """

    standing: BoolArray
    place: IndexArray
    kind: IndexArray
    weights: FloatArray

    def __post_init__(self) -> None:
        """Check what the programme trusts."""
        inside = self.place != FREE
        first = np.full(int(self.place.max(initial=FREE)) + 1, FREE, np.int32)
        first[self.place[inside]] = self.kind[inside]
        is_right = (
            len(self.place) == len(self.kind)
            and bool((self.kind < len(self.weights)).all())
            and bool((self.weights > 0).all())
            and bool((first[self.place[inside]] == self.kind[inside]).all())
            and bool((self.kind[inside] != FREE).all())
        )
        if not is_right:
            msg = "each place has one class, and each class a weight above 0"
            raise MismatchError(msg)

    @property
    def kinds(self) -> IndexArray:
        """Class of each place."""
        found = np.full(int(self.place.max(initial=FREE)) + 1, FREE, np.int32)
        inside = self.place != FREE
        found[self.place[inside]] = self.kind[inside]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class LawfulCount:
    """What a choice reaches, with what stands.

    Parameters
    ----------
    groups, places
        Which are complete.
    of_aim
        What is reached of each of `KNOWN_AIMS`.
    reached
        Of the aims of who counted, in their order.
    by_kind
        Places and parts of each class that are complete, shape ``(2, n_kind)``.
    """

    groups: BoolArray
    places: BoolArray
    of_aim: Mapping[str, float]
    reached: tuple[float, ...]
    by_kind: IntArray


@dataclass(frozen=True, eq=False)
class Lawful:
    """A problem, its budgets and its places: how a choice counts, and the same as a programme.

    Parameters
    ----------
    exposure_m2
        Private wall that each candidate sees, shape ``(n_candidate,)``; none if left out.
    aims
        What money buys, in this order; each of `KNOWN_AIMS` at most once.
    """

    problem: Problem
    budgets: Budgets
    places: Places
    exposure_m2: FloatArray | None = None
    aims: tuple[str, ...] = AIMS

    def __post_init__(self) -> None:
        """Check the aims, groups of requirements, and sites of cameras that stand.

        Raises
        ------
        MismatchError
            If not.
        """
        problem, standing = self.problem, self.places.standing
        sites, distinct = problem.site[standing], set(self.aims)
        if not distinct <= set(KNOWN_AIMS) or not 0 < len(distinct) == len(self.aims):
            msg = f"the aims are {self.aims}; expected some of {KNOWN_AIMS}, each once"
            raise MismatchError(msg)
        if (problem.group == FREE).any() or (sites == FREE).any():
            msg = "a requirement has no group, or a camera that stands no site"
            raise MismatchError(msg)
        if (problem.capacity[sites] != 1).any() or len(np.unique(sites)) < len(sites):
            msg = "a camera that stands has to have a site of capacity 1 of its own"
            raise MismatchError(msg)

    @cached_property
    def exposure(self) -> FloatArray:
        """Private wall that each candidate sees [m²]."""
        return np.zeros(self.problem.n_candidate) if self.exposure_m2 is None else self.exposure_m2

    @cached_property
    def asked(self) -> FloatArray:
        """Weight that each group asks for, at least 0; what nobody can meet is not asked for."""
        problem = self.problem
        whole = np.bincount(problem.group, problem.worth, minlength=len(problem.slack))
        asked: FloatArray = np.maximum(whole - problem.slack, 0.0)
        return asked

    @cached_property
    def least(self) -> FloatArray:
        """Weight from which a group is complete, with room for rounding."""
        return least_of(self.asked)

    @cached_property
    def today(self) -> LawfulCount:
        """What stands, if nothing is done."""
        return self.count(np.zeros(self.problem.n_candidate, np.bool_))

    @property
    def most(self) -> tuple[float, ...]:
        """What no choice can beat of each aim, whatever the money."""
        whole, weights = float(self.asked.sum()), self.places.weights
        every = {
            "places": float(weights[self.places.kinds].sum()),
            "parts": float(weights[self.places.kind[self.places.kind != FREE]].sum()),
            "exposure": 0.0,
        }
        return tuple(every.get(aim, whole) for aim in self.aims)

    @property
    def nothing(self) -> tuple[float, ...]:
        """What every choice reaches of each aim at least."""
        worst = {"exposure": -float(self.exposure.sum())}
        return tuple(worst.get(aim, 0.0) for aim in self.aims)

    def seen(self, chosen: BoolArray) -> BoolArray:
        """Return a choice and the cameras that stand beside it as they are."""
        site = self.problem.site
        taken = np.zeros(len(self.problem.capacity) + 1, np.bool_)
        taken[site[chosen]] = True
        taken[FREE] = False
        return chosen | (self.places.standing & ~taken[site])

    def count(self, chosen: BoolArray) -> LawfulCount:
        """Count what a choice reaches."""
        places, kinds = self.places, self.places.kinds
        seen, whole = self.seen(chosen), self.asked
        met, own = (self.weights(each) for each in (seen, chosen))
        groups = met >= self.least
        open_places = places.place[(places.place != FREE) & ~groups]
        done = np.ones(len(kinds), np.bool_)
        done[open_places] = False
        lawful = groups & (places.kind != FREE)
        count = len(places.weights)
        by_kind = np.stack(
            [
                np.bincount(kinds[done], minlength=count),
                np.bincount(places.kind[lawful], minlength=count),
            ]
        )
        of_aim = {
            **dict(zip(("places", "parts"), (by_kind @ places.weights).tolist(), strict=True)),
            "metres": float(np.minimum(met, whole).sum()),
            "exposure": -float(self.exposure[seen].sum()),
            "joined": float(np.minimum(own, whole).sum()),
            SURVIVING: float(np.minimum(self.weights(seen, spare=1), whole).sum()),
        }
        reached = tuple(of_aim[aim] for aim in self.aims)
        return LawfulCount(groups, done, of_aim, reached, by_kind)

    def keeps_today(self, count: LawfulCount) -> bool:
        """Tell whether no class has fewer places or parts than today."""
        return bool((count.by_kind >= self.today.by_kind).all())

    def allows(self, chosen: BoolArray) -> bool:
        """Tell whether a choice is within budgets and capacities, and no class falls."""
        is_kept = self.budgets.are_kept(self.problem, chosen)
        return is_kept and self.keeps_today(self.count(chosen))

    def weights(self, chosen: BoolArray, *, spare: int = 0) -> FloatArray:
        """Return what candidates meet of each group, with so many more than it needs."""
        problem = self.problem
        kept = problem.worth * (problem.covered(chosen) >= problem.need + spare)
        return np.bincount(problem.group, kept, minlength=len(problem.slack)).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The same as a model.

    Parameters
    ----------
    variables
        Candidates that are chosen (``take``); standing cameras as they are (``stand``); rows met by
        anything (``seen``), by what is chosen (``own``), and where that is an aim with one to spare
        (``twice``); groups that are complete (``whole``); what is met of each group (``met``), what
        the chosen meet of it (``joined``), and with one to spare (``safe``), as shares of what is
        asked; places that are complete (``place``).
    linear
        Rows and ranges; its gain is nothing.
    gains
        Of each aim, and last the cost as a loss, shape ``(n_aim + 1, n)``.
    merged
        Which requirements are one row.
    """

    variables: Variables
    linear: Linear
    gains: FloatArray
    merged: Merged

    @property
    def families(self) -> int:
        """How many families of rows have one of each merged requirement; they come first."""
        return 2 + (self.variables.widths["twice"] > 0)

    def towards(self, aim: int, kept: tuple[float, ...]) -> Linear:
        """Return the model of one aim, those before it kept at what they reached."""
        room = [-(value - TOLERANCE * max(1.0, abs(value))) for value in kept]
        aimed = replace(self.linear, gain=self.gains[aim])
        return also(aimed, -self.gains[: len(kept)], room)


def programme_of(lawful: Lawful) -> Programme:
    """State what is asked as a model of whole and other variables.

    Rows in this order: those met by anything, by what is chosen, and with one to spare; sites, the
    total, districts with a limit, floors, groups three times, groups of places, classes by places
    and by parts, groups with one to spare, sites of what stands and sees private walls.
    """
    problem, budgets, places = lawful.problem, lawful.budgets, lawful.places
    labels = [budgets.of_requirement] if budgets.floors.any() else []
    merged = merge(problem, problem.group, *labels)
    need, kinds, asked = problem.need[merged.first], places.kinds, lawful.asked
    lasting = SURVIVING in lawful.aims
    variables = Variables(
        {
            "take": problem.n_candidate,
            "stand": int(places.standing.sum()),
            "seen": len(need),
            "own": len(need),
            "twice": lasting * len(need),
            "whole": len(asked),
            "met": len(asked),
            "joined": len(asked),
            "safe": lasting * len(asked),
            "place": len(kinds),
        }
    )
    of_kind, exposure = np.append(places.weights, 0.0), lawful.exposure
    spreads = {
        "places": {"place": of_kind[kinds]},
        "parts": {"whole": of_kind[places.kind]},
        "metres": {"met": asked},
        "exposure": {"take": -exposure, "stand": -exposure[places.standing]},
        "joined": {"joined": asked},
        SURVIVING: {"safe": asked} if lasting else {},
    }
    gains = [variables.spread(**spreads[aim]) for aim in lawful.aims]
    gains.append(variables.spread(take=-problem.cost))
    linear = variables.model(
        [*_covering(lawful, merged), *_allowed(lawful, merged), *_lawful(lawful, merged)],
        gain=variables.spread(),
        whole={
            "take": True,
            "stand": True,
            "whole": True,
            "seen": need > 1,
            "own": need > 1,
            "twice": True,
        },
    )
    return Programme(variables, linear, np.array(gains), merged)


def _covering(lawful: Lawful, merged: Merged) -> list[Rows]:
    """Return rows that say what is met by anything that sees, and by what is chosen."""
    problem = lawful.problem
    matrix = meets(problem, merged)
    need, stands = diagonal(problem.need[merged.first]), np.flatnonzero(lawful.places.standing)
    none, seeing = np.zeros(len(merged.first)), {"take": -matrix, "stand": -matrix[:, stands]}
    spare: Rows = ({**seeing, "twice": diagonal(problem.need[merged.first] + 1)}, none)
    return [
        ({**seeing, "seen": need}, none),
        ({"take": -matrix, "own": need}, none),
        *([spare] if SURVIVING in lawful.aims else []),
    ]


def _allowed(lawful: Lawful, merged: Merged) -> list[Rows]:
    """Return rows of sites, money and floors."""
    problem, budgets = lawful.problem, lawful.budgets
    of_site, stands = of_sites(problem), np.flatnonzero(lawful.places.standing)
    money, limits = budgets.money(problem)
    members, floors = budgets.least(problem, merged)
    return [
        ({"take": of_site, "stand": of_site[:, stands]}, problem.capacity),
        ({"take": money}, limits),
        ({"own": -members}, -floors),
    ]


def _lawful(lawful: Lawful, merged: Merged) -> list[Rows]:
    """Return rows of groups, of the groups of places, and of what no class may fall below."""
    problem, places, kinds = lawful.problem, lawful.places, lawful.places.kinds
    groups, n_kind, today = len(lawful.asked), len(places.weights), lawful.today.by_kind
    parts = picker(problem.group[merged.first], groups, merged.total(problem.worth))
    least, asked, none = diagonal(lawful.least), diagonal(lawful.asked), np.zeros(groups)
    inside = np.flatnonzero(places.place != FREE)
    ones, at = np.ones(len(inside)), np.arange(len(inside))
    part = csr_array((ones, (at, inside)), shape=(len(inside), groups))
    place = csr_array((ones, (at, places.place[inside])), shape=(len(inside), len(kinds)))
    return [
        ({"seen": -parts, "whole": least}, none),
        ({"seen": -parts, "met": asked}, none),
        ({"own": -parts, "joined": asked}, none),
        ({"whole": -part, "place": place}, np.zeros(len(inside))),
        ({"place": -picker(kinds, n_kind, np.ones(len(kinds)))}, -today[0]),
        ({"whole": -picker(places.kind, n_kind, np.ones(groups))}, -today[1]),
        *([({"twice": -parts, "safe": asked}, none)] if SURVIVING in lawful.aims else []),
        *([_staying(lawful)] if "exposure" in lawful.aims else []),
    ]


def _staying(lawful: Lawful) -> Rows:
    """Return rows that keep a camera where it stands unless another candidate takes its site."""
    stands = np.flatnonzero(lawful.places.standing)
    of_site = of_sites(lawful.problem)[lawful.problem.site[stands]]
    return {"take": -of_site, "stand": -of_site[:, stands]}, -np.ones(len(stands))


def values_of(lawful: Lawful, programme: Programme, chosen: BoolArray) -> FloatArray:
    """Return a choice as values of the model."""
    problem, stands = lawful.problem, lawful.places.standing
    seen, reached = lawful.seen(chosen), lawful.count(chosen)
    asked = np.maximum(lawful.asked, 1e-300)
    first, lasting = programme.merged.first, SURVIVING in lawful.aims
    met, joined = (np.minimum(lawful.weights(each) / asked, 1.0) for each in (seen, chosen))
    twice = problem.covered(seen) > problem.need
    safe = np.minimum(lawful.weights(seen, spare=1) / asked, 1.0)
    return programme.variables.spread(
        take=chosen,
        stand=(seen & ~chosen)[stands],
        seen=problem.is_met(seen)[first],
        own=problem.is_met(chosen)[first],
        whole=reached.groups,
        met=met,
        joined=joined,
        place=reached.places,
        twice=twice[first] if lasting else 0.0,
        safe=safe if lasting else 0.0,
    )
