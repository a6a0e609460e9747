"""The closed list of questions that a rule may ask, with their parameters.

A pack combines these names with `all` and `any` and sets their parameters; it can bring no
expression and no code of its own. What a predicate computes is written elsewhere, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from civicsight.core.errors import N_, Text

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

Direction = Literal["", "higher", "lower"]
"""Which way a number is stricter; empty where neither is."""

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

SCOPES: Final = ("whole_interior", "interior_rooms", "facade_openings")
"""How much of a private place is private."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a predicate.

    Parameters
    ----------
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

    kind: ParameterKind
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    stricter: Direction = ""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One question, its parameters and what it means to a person.

    Parameters
    ----------
    name, meaning
        As a pack writes it, and as a person says it.
    parameters
        What it takes.
    turned_by
        A parameter and the value of it that turns the question round, and with it which way its
        numbers are stricter.
    """

    name: str
    meaning: Text
    parameters: Mapping[str, Parameter]
    turned_by: tuple[str, object] | None = None

    def stricter(self, parameter: str, values: Mapping[str, object]) -> Direction:
        """Return which way a parameter is stricter, given all values that a rule sets."""
        direction = self.parameters[parameter].stricter
        if self.turned_by is None or values.get(self.turned_by[0]) != self.turned_by[1]:
            return direction
        return _OPPOSITE[direction]


_OPPOSITE: Final[Mapping[Direction, Direction]] = {"": "", "higher": "lower", "lower": "higher"}


def _predicate(
    name: str,
    meaning: Text,
    turned_by: tuple[str, object] | None = None,
    /,
    **parameters: Parameter,
) -> Predicate:
    return Predicate(name, meaning, MappingProxyType(parameters), turned_by)


def _quantity(unit: str, stricter: Direction, *, required: bool = True) -> Parameter:
    return Parameter("quantity", unit, (), required, stricter)


def _choices(*choices: str, required: bool = True) -> Parameter:
    return Parameter("choices", "", choices, required)


def _choice(*choices: str, required: bool = True) -> Parameter:
    return Parameter("choice", "", choices, required)


_FLAG = Parameter("flag")
_WORD = Parameter("word", required=True)

_ALL: Final = (
    _predicate("within", N_("it lies in"), layer=_choice(*LAYERS), exactly=Parameter("count")),
    _predicate(
        "outside",
        N_("it lies outside"),
        layer=_choice(*LAYERS),
        buffer=_quantity("m", "higher", required=False),
        scope=_choices(*SCOPES, required=False),
        setting=_choice("indoor", "outdoor", required=False),
        output=_choice("public", required=False),
    ),
    _predicate(
        "covered",
        N_("its required parts are seen well enough"),
        by=_choices(*STATUSES),
        parts=_choice("zone"),
    ),
    _predicate(
        "built_by",
        N_("whom the law names built a camera for each covered part"),
        by=_choices(*STATUSES),
    ),
    _predicate(
        "marginal_gain",
        N_("it adds enough to what is there"),
        against=_choices(*STATUSES),
        same_profile=_FLAG,
        at_least=_quantity("ratio", "higher"),
    ),
    _predicate(
        "contribution",
        N_("the plan loses enough without it"),
        at_least=_quantity("ratio", "higher"),
    ),
    _predicate(
        "separation",
        N_("no other stands close by and looks the same way"),
        against=_choices(*STATUSES, "pole"),
        distance=_quantity("m", "higher"),
        bearing=_quantity("deg", "higher", required=False),
    ),
    _predicate(
        "reuse_considered",
        N_("existing cameras nearby were considered"),
        radius=_quantity("m", "higher"),
    ),
    _predicate(
        "sees_at_most",
        N_("it sees no more than allowed of"),
        layer=_choice(*LAYERS),
        area=_quantity("m2", "lower"),
        density=_quantity("px/m", "lower", required=False),
    ),
    _predicate(
        "faces",
        N_("it faces"),
        ("negate", True),
        layer=_choice(*LAYERS),
        within=_quantity("m", "lower"),
        angle=_quantity("deg", "lower"),
        negate=_FLAG,
    ),
    _predicate(
        "on_target",
        N_("enough of its view is on target or public"),
        at_least=_quantity("ratio", "higher"),
    ),
    _predicate(
        "keeps_coverage",
        N_("it costs no more required coverage, and no more of any view, than allowed"),
        of=_choices(*STATUSES),
        loss=_quantity("ratio", "lower"),
        view=_quantity("ratio", "lower", required=False),
        parts_stay_covered=_FLAG,
        years=_quantity("year", "higher", required=False),
    ),
    _predicate(
        "sign_visible",
        N_("whoever enters the view meets a sign first"),
        per=_choice("approach"),
        standard=_quantity("count", "higher", required=False),
    ),
    _predicate(
        "has",
        N_("the record states"),
        fields=Parameter("fields", required=True),
        vocabulary=Parameter("vocabularies"),
    ),
    _predicate(
        "one_of",
        N_("a field has one of the values"),
        field=Parameter("field", required=True),
        values=_choices(),
        open=_choices(required=False),
    ),
    _predicate(
        "compare",
        N_("two dates or numbers stand in order"),
        ("op", ">="),
        left=Parameter("field", required=True),
        op=_choice("<=", ">="),
        right=Parameter("operand", required=True, stricter="lower"),
        plus=_quantity("day", "lower", required=False),
        minus=_quantity("day", "higher", required=False),
        key_target=Parameter("operand", stricter="lower"),
    ),
    _predicate(
        "no_terms",
        N_("a text has no term of a lexicon"),
        field=Parameter("field", required=True),
        lexicon=_choice("vendors"),
    ),
    _predicate(
        "document",
        N_("a document is on file"),
        kind=_choices(),
        per=_choice("department", required=False),
        before=Parameter("field"),
        vocabulary=Parameter("vocabularies"),
    ),
    _predicate(
        "declared",
        N_("a person declared it"),
        per=_choice("zone_class", "duplicate_finding"),
        options=_choices(),
    ),
    _predicate("ask", N_("only a person can say"), question=_WORD),
)

PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType({entry.name: entry for entry in _ALL})
"""Every predicate by name."""

OF_INVENTORY: Final = frozenset({"covered", "built_by", "reuse_considered", "keeps_coverage"})
"""Questions about the cameras that exist: without an inventory nobody can answer them."""

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
