"""How a question that a rule may ask is declared: name, meaning, parameters, and who answers.

A pack combines predicates with `all` and `any` and sets their parameters; it can bring no
expression and no code of its own. What a predicate computes stands under its declaration, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from civicsight.core.errors import Text
from civicsight.rules.dossier import INTERIORS, Dossier, Subject
from civicsight.rules.pack import Direction
from civicsight.rules.ruling import Ruling

Ask = Callable[[Dossier, Subject, Mapping[str, Any]], Ruling]
"""Rules on a subject by what the dossier says and the values that a rule sets."""

ParameterKind = Literal[
    "quantity",
    "count",
    "flag",
    "choice",
    "choices",
    "field",
    "fields",
    "word",
    "operand",
    "vocabularies",
]

COMBINERS: Final = ("all", "any")
"""How checks combine: every one must pass, or one is enough."""

SUBJECTS: Final = ("camera", "zone", "obstacle", "project", "plan")
"""What a rule may be about."""

STATUSES: Final = ("existing", "approved", "planned")
"""States of a camera that a rule may count; a removed one never counts."""

LAYERS: Final = (
    "jurisdiction",
    "district",
    "district_edge",
    "designated_secret",
    "consent_layer",
    "privacy",
    "privacy_entrance",
)
"""Layers that a rule may measure against."""

SCOPES: Final = (*INTERIORS, "facade_openings")
"""How much of a private place is private."""

ABOUT: Final = "subject"
"""Under this name a look asks what kind of subject a rule is about, as if a rule set it."""


class Look(NamedTuple):
    """A layer of the city that an answer rests on.

    `columns` are groups of columns: of each group one at least says something in some row. `when`
    is a parameter and its values under which the layer is looked at; always, where there is none.
    `full` are pairs of columns: the first says something in every row, unless the second says
    something in one. A layer that is `beside` may be empty, for no answer gets better by that: the
    record of the subject answers too, or what would stand there only hides.
    """

    layer: str
    columns: tuple[tuple[str, ...], ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    beside: bool = False
    full: tuple[tuple[str, str], ...] = ()

    def concerns(self, values: Mapping[str, object]) -> bool:
        """Tell whether the layer is looked at, given all values that a rule sets."""
        if self.when is None:
            return True
        given = values.get(self.when[0], ())
        named = {given} if isinstance(given, str) else set(given)  # type: ignore[call-overload]
        return not named.isdisjoint(self.when[1])


def looks(when: tuple[str, tuple[str, ...]], *at: Look) -> tuple[Look, ...]:
    """Return looks that are taken only where a rule sets a parameter to one of some values."""
    return tuple(look._replace(when=when) for look in at)


MARKS: Final = ("tags", "amap", "baidu", "industry")
"""Columns of places, any of which tells what a place is."""

KINDS: Final = ("kind", *MARKS)
"""Columns of places, any of which tells the kind of a place whose class a register gives."""

PRIVATE: Final = (
    Look("buildings", (("kind",),), full=(("kind", "tags"),)),
    *(Look("places", (MARKS,)), Look("private_places")),
)
"""Who looks for the private looks at the map and at the register.

Beside a kind that says nothing of the use, a map tells it by its tags; a list without tags has to
name the kind of every building.
"""

SIGHT: Final = (Look("buildings"), Look("obstacles"), Look("canopies", (("base_m",), ("summer",))))
"""What may stand between a camera and what it looks at."""

ALSO_READ: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "buildings": ("height_m", "base_m", "height_assumed", "built_from", "removed_by", "name",
                      "tags"),
        "obstacles": ("height_m", "base_m", "height_assumed", "kind", "name"),
        "canopies": ("height_m", "height_assumed", "name"),
        "roads": ("name", "bridge", "tunnel", "tags"),
        "barriers": ("kind",),
        "places": ("name", "item"),
        "entrances": ("kind", "vehicle"),
        "private_places": ("kind", "name", "scope", "from_floor", "to_floor", "source", "tags"),
    }
)  # fmt: skip
"""Columns of a layer that are read beside those of its looks, and that a source may well not have.

Where one is blank everywhere its layer is still looked at: a building stands on the ground and is
used for what its kind says.
"""

HIDING: Final = tuple(Look(look.layer, beside=True) for look in SIGHT)
"""The same for who is not to see: where less stands, more is seen."""

DEMANDED: Final = (
    *(*SIGHT, Look("places", (KINDS,)), Look("roads", (("kind",),)), Look("entrances")),
    *(Look("cameras", (("status",),)), Look("private_places"), Look("barriers", beside=True)),
)
"""What a check computes of the parts of places and of who sees them, and may by the law."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a predicate.

    Parameters
    ----------
    name, meaning
        As a pack writes it, and as a person says it.
    kind
        ``quantity`` is a number in `unit` or a reference to a pack parameter of that unit;
        ``operand`` is a field, a date, ``instrument.in_force`` or such a reference;
        ``vocabularies`` are names of closed lists of the pack.
    unit
        Unit of a quantity.
    choices
        The closed list, for ``choice`` and ``choices``.
    required
        Whether a rule must give it.
    stricter
        Which way a number in its place asks for more.
    """

    name: str
    meaning: Text
    kind: ParameterKind
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    stricter: Direction = ""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One question: all that rules, their wording, their direction and their judge need of it.

    Parameters
    ----------
    name, meaning
        As a pack writes it, and as a person says it.
    ask
        What it computes.
    parameters
        What it takes.
    turned_by
        A parameter and the value of it that turns the question round, and with it which way its
        numbers are stricter.
    department
        Who mends what it finds; empty where it is the police, as they draw up the plan.
    of_inventory
        Whether it is about the cameras that exist: without an inventory nobody can answer it.
    asks_people
        Whether nobody but a person can tell: two such questions are never one fact.
    is_private
        Whether its numbers protect the private, whatever layer it is about.
    looks
        The layers of the city without which nobody can say that it is met, beside the record of
        the subject, of which a rule names the fields.
    """

    name: str
    meaning: Text
    ask: Ask
    parameters: Mapping[str, Parameter]
    turned_by: tuple[str, object] | None = None
    department: str = ""
    of_inventory: bool = False
    asks_people: bool = False
    is_private: bool = False
    looks: tuple[Look, ...] = ()

    def looks_at(self, values: Mapping[str, object], about: str) -> tuple[Look, ...]:
        """Return what is looked at, given all values that a rule sets and its kind of subject."""
        given = {**values, ABOUT: about}
        return tuple(look for look in self.looks if look.concerns(given))

    def stricter(self, parameter: str, values: Mapping[str, object]) -> Direction:
        """Return which way a parameter is stricter, given all values that a rule sets."""
        direction = self.parameters[parameter].stricter
        if self.turned_by is None or values.get(self.turned_by[0]) != self.turned_by[1]:
            return direction
        return _OPPOSITE[direction]


_OPPOSITE: Final[Mapping[Direction, Direction]] = {"": "", "higher": "lower", "lower": "higher"}


def declare(meaning: Text, *parameters: Parameter, **traits: Any) -> Callable[[Ask], Predicate]:
    """Make a predicate of the function below, by its name; `traits` as of `Predicate`."""

    def named(ask: Ask) -> Predicate:
        by_name = MappingProxyType({entry.name: entry for entry in parameters})
        return Predicate(ask.__name__, meaning, ask, by_name, **traits)

    return named


def quantity(
    name: str, meaning: Text, unit: str, stricter: Direction, *, required: bool = True
) -> Parameter:
    """Declare a number with a unit."""
    return Parameter(name, meaning, "quantity", unit, (), required, stricter)


def choices(name: str, meaning: Text, *among: str, required: bool = True) -> Parameter:
    """Declare some words of a closed list."""
    return Parameter(name, meaning, "choices", "", among, required)


def choice(name: str, meaning: Text, *among: str, required: bool = True) -> Parameter:
    """Declare one word of a closed list."""
    return Parameter(name, meaning, "choice", "", among, required)


MEASURES: Final = frozenset({"marginal_gain", "reviewer_confirms"})
"""Results that may make a rule more severe, beside the fields of its subject."""

INPUTS: Final = frozenset(
    {
        "geometry",
        "optics",
        "inventory",
        "parts",
        "zones",
        "buildings",
        "entrances",
        "signs",
        "privacy",
        "consent_layer",
        "obstacle_shape",
        "tree_size",
        "dates",
        "documents",
        "instrument.in_force",
    }
)
"""Inputs that a rule may need, beside the fields of its subject."""

EVIDENCE: Final = frozenset(
    {
        "table",
        "marker",
        "timeline",
        "text_span",
        "jurisdiction",
        "district",
        "viewshed",
        "zone",
        "gap",
        "covering_cameras",
        "candidate_cameras",
        "overlap",
        "gain",
        "pair_line",
        "pole",
        "privacy_hits",
        "mask",
        "consent_layer",
        "sign",
        "approach",
        "lost_coverage",
    }
)
"""What a finding of a rule may show."""

UNITS: Final = ("ratio", "m", "m2", "deg", "px/m", "V", "count", "day", "year", "date")
"""Units of a pack's parameters."""
