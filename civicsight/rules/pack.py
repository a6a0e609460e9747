"""A law as frozen values: a pack, its classes of places, its rules and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from civicsight.core.i18n import Label
from civicsight.rules.ladders import Ladder

Direction = Literal["", "higher", "lower"]
"""Which way a number is stricter; empty where neither is."""

Target = Literal["person", "plate"]
"""What has to be made out in a view."""

Light = Literal["day", "night"]
"""In which light a view counts: by day, or also at night by the camera's own light."""

TARGET_HEIGHTS_M: Final[Mapping[str, float]] = MappingProxyType({"person": 1.6, "plate": 0.5})
"""Height of each target above the ground where a pack states none [m]; docs/decisions/0055."""

MIN_TIME_SHARE: Final = 0.5
"""Share of time that a tour has to hold a part where a pack states none; docs/decisions/0055."""

LANGUAGE_KEY: Final = re.compile("[a-z]{2,3}")
"""Keys of texts in an entry of a pack that has others beside; the schema says the same."""


def label_of(entry: Mapping[str, Any]) -> Label:
    """Return the texts of an entry by language."""
    texts = {key: text for key, text in entry.items() if LANGUAGE_KEY.fullmatch(key)}
    return MappingProxyType(texts)


Severity = Literal["violation", "warning", "info", "judgement"]
Standing = Literal["designated", "confirmed", "candidate"]

SECTION = "road_section"
"""Part that only a length of road has; also the kind of such a place, which no map tells."""

ANY = "*"
"""Tag value that stands for any but ``no``."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number or a wording comes from, and how well it was verified."""

    id: str
    kind: str
    ref: Label
    verified: str


@dataclass(frozen=True, slots=True)
class Param:
    """A number or date that rules refer to by name.

    Parameters
    ----------
    name, value, unit
        As the pack states it, or a user.
    basis, source
        ``law``, ``standard`` or ``assumption``, and which.
    stricter
        ``higher`` or ``lower``, whichever asks for more; empty if neither.
    private
        Whether it guards private places.
    """

    name: str
    value: float | str
    unit: str
    basis: str
    source: str
    stricter: Direction = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What is asked of a view: the one declaration that whoever judges a view reads.

    Parameters
    ----------
    name, label, basis, source
        What it is called, and where its pixel density comes from.
    px_per_m
        Pixel density at the target [px/m].
    max_tilt_deg, max_yaw_deg
        Greatest angle of view below the horizontal, and off the direction of walking or driving
        [deg]; None without a limit.
    biometric
        Whether it serves to tell persons apart by machine.
    target, target_height_m
        What has to be made out, and how high above the ground it is [m].
    min_time_share
        Share of time for which a tour has to hold the target to count for sure [0-1].
    light
        In which light the view counts.
    """

    name: str
    px_per_m: float
    label: Label
    basis: str
    source: str
    max_tilt_deg: float | None = None
    max_yaw_deg: float | None = None
    biometric: bool = False
    target: Target = "person"
    target_height_m: float = TARGET_HEIGHTS_M["person"]
    min_time_share: float = MIN_TIME_SHARE
    light: Light = "day"


def strictest(profiles: Sequence[Profile]) -> Profile:
    """Return one profile that meets all: the finest, with the narrowest limits that any has.

    Raises
    ------
    ValueError
        If there is none.
    """
    finest = max(profiles, key=lambda profile: profile.px_per_m)
    tilts = [profile.max_tilt_deg for profile in profiles if profile.max_tilt_deg is not None]
    yaws = [profile.max_yaw_deg for profile in profiles if profile.max_yaw_deg is not None]
    return replace(
        finest,
        max_tilt_deg=min(tilts, default=None),
        max_yaw_deg=min(yaws, default=None),
        min_time_share=max(profile.min_time_share for profile in profiles),
        light="night" if any(profile.light == "night" for profile in profiles) else "day",
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """A measure of a place that has to reach a number."""

    field: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Selector:
    """One way to recognise a place.

    Parameters
    ----------
    kind
        What it is within its class, such as ``square``; parts can be limited to kinds.
    osm, exclude
        Tag values of which each key needs one; and those of which none may be there.
    amap
        Ranges of AMap codes, both ends included.
    baidu
        Classes of Baidu, ``first;second`` or a first level with all of its second ones.
    industry
        Prefixes of GB/T 4754 codes.
    geom
        ``point``, ``line`` or ``area`` if only that shape counts.
    where
        Measure that must be known and reached.
    conf
        Chance that a place so marked belongs to the class [0-1].
    """

    kind: str
    osm: tuple[tuple[str, tuple[str, ...]], ...]
    exclude: tuple[tuple[str, tuple[str, ...]], ...]
    amap: tuple[tuple[str, str], ...]
    industry: tuple[str, ...]
    geom: str
    where: Bound | None
    conf: float
    baidu: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return what it looks for, as a person would write it."""
        if self.osm:
            return " + ".join(f"{key}={'|'.join(values)}" for key, values in self.osm)
        if self.amap:
            return "AMap " + ", ".join(
                low if low == high else f"{low}-{high}" for low, high in self.amap
            )
        if self.baidu:
            return "Baidu " + ", ".join(self.baidu)
        return "GB/T 4754 " + ", ".join(self.industry)


@dataclass(frozen=True, slots=True)
class Derivation:
    """Places that follow from the roads: where main roads cross each other, or a border."""

    kind: str
    method: Literal["road_crossing", "border_crossing"]
    roads: tuple[str, ...]
    crossed_by: tuple[str, ...]
    conf: float


@dataclass(frozen=True, slots=True)
class Qualifier:
    """An open word of the law, the kinds it governs (all if none), and how it can be tested."""

    label: Label
    kinds: tuple[str, ...]
    test: Bound | None


@dataclass(frozen=True, slots=True)
class PartSpec:
    """A part that a class demands, and how well it has to be seen."""

    kind: str
    profile: Profile
    fraction: float
    k: int
    kinds: tuple[str, ...]
    standing: tuple[str, ...]
    around_gates_m: float | None


@dataclass(frozen=True, slots=True)
class RegisterWords:
    """What a register calls the places of a class, and the kind of place that it then means."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZoneClass:
    """One class of mandatory places with the article and rule that demand it."""

    id: str
    pack: str
    label: Label
    caveat: Label | None
    article: str
    rule: str
    builder: str | None
    mobile: bool
    designated_only: bool
    secrecy: str | None
    include: str | None
    entrances: tuple[str, ...]
    qualifiers: tuple[Qualifier, ...]
    selectors: tuple[Selector, ...]
    derive: tuple[Derivation, ...]
    parts: tuple[PartSpec, ...]
    register: tuple[RegisterWords, ...] = ()
    functions: tuple[str, ...] = ()
    """Public functions that a class of a file is made of; empty where a delivered law states it."""


@dataclass(frozen=True, slots=True)
class PrivacyClass:
    """One class of private places."""

    id: str
    pack: str
    label: Label
    scope: str
    caveat: Label | None
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """An article: what it is about, its rules, or why it has none."""

    n: str
    pack: str
    kind: str
    gist: Label
    rules: tuple[str, ...]
    no_rule: Label | None


@dataclass(frozen=True, slots=True)
class Term:
    """What a closed list names: its label, and further names that records use for it.

    A star stands for the name of a place, or for nothing.
    """

    label: Label
    names: tuple[str, ...]


class Place(NamedTuple):
    """A place that the names of authorities may contain.

    `code` is that of GB/T 2260, `names` one in each language, `is_own` whether it lies in the
    jurisdiction and does not merely contain it.
    """

    code: str
    names: tuple[str, ...]
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A closed list of bodies, standards or the like that a law names."""

    id: str
    label: Label
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Consulted:
    """Whom a plan is put before, and which points of it concern them.

    Parameters
    ----------
    pack
        The pack that says so.
    body
        Entry of a closed list of that pack.
    why
        What concerns them, in words.
    every
        Whether every point does.
    places
        Items of the list of places, each with its pack and the kinds that are meant (all if none).
    works
        Kinds of work, keys of `consultation.WORKS`.
    shows
        What they are told of a point, values of `consultation.SHOWN`.
    """

    pack: str
    body: Term
    why: Label
    every: bool
    places: tuple[tuple[str, str, tuple[str, ...]], ...]
    works: tuple[str, ...]
    shows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Check:
    """A predicate with its parameters, or checks joined by ``all`` or ``any``."""

    name: str
    values: Mapping[str, Any]
    checks: tuple[Check, ...] = ()

    def predicates(self) -> tuple[Check, ...]:
        """Return every predicate in it, in order."""
        if not self.checks:
            return (self,)
        return tuple(leaf for check in self.checks for leaf in check.predicates())


@dataclass(frozen=True, slots=True)
class Rule:
    """One testable demand of an article."""

    id: str
    pack: str
    article: str
    subjects: tuple[str, ...]
    title: Label
    where: Mapping[str, Any]
    check: Check
    needs: tuple[str, ...]
    on_fail: Severity
    on_unknown: Severity | None
    escalate_when: Mapping[str, Any]
    escalate_to: Severity | None
    evidence: tuple[str, ...]
    human: Label
    params: tuple[str, ...] = ()
    """Parameters that it stands on, those of the classes it covers included."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where two laws speak differently."""

    id: str
    pack: str
    here: tuple[str, ...]
    other_pack: str
    there: tuple[str, ...]
    effect: str
    note: Label


@dataclass(frozen=True, slots=True)
class Policy:
    """How certain a finding may be, what stays hidden, and words that mark a main gate."""

    confirmed_confidence: float
    candidate_cap: Severity
    hide_in_public_output: tuple[str, ...]
    main_gate_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """The law behind a pack."""

    name: Label
    kind: str
    rank: int
    decree: str | None
    in_force: str | None
    status: str
    status_checked: str
    articles_available: str


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """One law as data, its references to parameters resolved.

    `bounds` are west, south, east and north of where a local law holds [deg, WGS 84]; `ladder` has
    the levels of detail that views are shown by, None if it chooses none; `places` are those that
    names of its authorities may contain.
    """

    id: str
    version: str
    released: str
    title: Label
    jurisdiction: Label
    instrument: Instrument
    load_with: tuple[str, ...]
    sources: Mapping[str, Source]
    policy: Policy | None
    params: Mapping[str, Param]
    profiles: Mapping[str, Profile]
    zones: tuple[ZoneClass, ...]
    privacy: tuple[PrivacyClass, ...]
    articles: tuple[Article, ...]
    rules: tuple[Rule, ...]
    conflicts: tuple[Conflict, ...]
    sha256: str
    bounds: tuple[float, float, float, float] | None = None
    ladder: Ladder | None = None
    consultation: tuple[Consulted, ...] = ()
    places: tuple[Place, ...] = ()
