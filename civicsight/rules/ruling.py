"""What a predicate says of one subject, and how rulings combine.

Outcomes are three-valued: what is not known is neither passed nor failed, and it never becomes a
pass by being combined with what is known.

References
----------
Kleene's strong logic of three values; ``all`` and ``any`` are its conjunction and disjunction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from civicsight.core.errors import N_, Text
from civicsight.rules.vocabulary import field_name, field_word, join

Outcome = Literal["pass", "fail", "undetermined"]

OUT_OF_USE: Final = "out_of_use"
"""Verdict on a pair of which one is on record as not working."""

ASKING: Final = "asking_pack"
"""Value by which a predicate is told which law asks: each counts by its own classes of places."""


class Ruling(NamedTuple):
    """What a predicate says of one subject; a city asks for a hundred thousand of them.

    Parameters
    ----------
    outcome
        Whether it holds; ``undetermined`` where the data do not say.
    because
        Reasons, for a person.
    certainty
        Chance that the outcome is right, from its data [0-1].
    missing
        Fields or layers without which it cannot be told.
    evidence
        Measures and ids behind it.
    severity
        How serious it may be at most, where a computation has capped it; else None.
    against
        Certainty of what was found against it where only something open may excuse that, such as a
        consent that nobody filed or a body on no list [0-1]; 0 where nothing was found.
    """

    outcome: Outcome
    because: tuple[Text, ...] = ()
    certainty: float = 1.0
    missing: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = MappingProxyType({})
    severity: str | None = None
    against: float = 0.0


def passed(certainty: float = 1.0, /, **evidence: Any) -> Ruling:
    """Rule that the question is answered with yes."""
    return Ruling("pass", (), certainty, (), evidence)


def failed(*because: Text, certainty: float = 1.0, **evidence: Any) -> Ruling:
    """Rule that it is answered with no."""
    return Ruling("fail", because, certainty, (), evidence)


def unknown(*because: Text, missing: Sequence[str] = (), **evidence: Any) -> Ruling:
    """Rule that the data do not say."""
    return Ruling("undetermined", because, 1.0, tuple(missing), evidence)


def not_recorded(kind: str, *names: str) -> Ruling:
    """Rule that fields of a record of this kind of subject, which would say it, are empty."""
    return unknown(describe_lacking(kind, names), missing=names)


def not_looked_at(*names: str) -> Ruling:
    """Rule that there is nothing to look at in layers or columns that the answer rests on."""
    return unknown(_describe_unseen(names), missing=names)


@lru_cache(maxsize=1024)
def _describe_unseen(names: tuple[str, ...]) -> Text:
    """Say what is empty, and what would settle it; of a city, once for all subjects."""
    return N_(
        "nothing on record to look at: %(layers)s; hand in a list of it, or an empty list where "
        "there is none",
        layers=join(field_name(name) for name in names),
    )


@lru_cache(maxsize=1024)
def describe_lacking(kind: str, names: tuple[str, ...]) -> Text:
    """Say which fields a record of this kind of subject lacks; of a city, once for all records."""
    fields = join(field_word(name, (kind,)) for name in names)
    return N_("not recorded: %(fields)s", fields=fields)


def join_all(rulings: Sequence[Ruling]) -> Ruling:
    """Combine rulings of which every one must pass.

    Examples
    --------
    >>> join_all([passed(), unknown(), failed()]).outcome, join_all([passed(), unknown()]).outcome
    ('fail', 'undetermined')
    """
    return _join(rulings, decides="fail", rest="pass")


def join_any(rulings: Sequence[Ruling]) -> Ruling:
    """Combine rulings of which one is enough.

    Examples
    --------
    >>> join_any([failed(), unknown(), passed()]).outcome, join_any([failed(), unknown()]).outcome
    ('pass', 'undetermined')
    """
    return _join(rulings, decides="pass", rest="fail")


def _join(rulings: Sequence[Ruling], *, decides: Outcome, rest: Outcome) -> Ruling:
    """Return the ruling of those that decide, else of those that do not know, else of all."""
    if not rulings:
        return passed()
    if len(rulings) == 1 and len(rulings[0].because) < 2 and len(rulings[0].missing) < 2:
        return rulings[0]  # nothing is said twice
    found = {ruling.outcome for ruling in rulings}
    outcome = next(name for name in (decides, "undetermined", rest) if name in found)
    chosen = [ruling for ruling in rulings if ruling.outcome == outcome]
    # One that decides is enough, so the surest speaks; otherwise all have to be right.
    certainties = [ruling.certainty for ruling in chosen]
    certainty = max(certainties) if outcome == decides else min(certainties)
    because = [text for ruling in chosen for text in ruling.because]
    against = [one for one in rulings if one.outcome == "fail" or one.against]
    capped = next((ruling.severity for ruling in (*chosen, *against) if ruling.severity), None)
    return Ruling(
        outcome,
        tuple({str(text): text for text in because}.values() if len(because) > 1 else because),
        certainty,
        tuple(dict.fromkeys(name for ruling in chosen for name in ruling.missing)),
        {key: value for ruling in rulings for key, value in ruling.evidence.items()},
        capped,
        max((one.against or one.certainty for one in against), default=0.0),
    )


def others_see(row: Mapping[str, Any], label: str) -> Text:
    """Say by which other camera, or but for which share, what a camera sees is seen already."""
    evidence = row["evidence"]
    if "undirected" in evidence:
        return N_(
            "%(twin)s stands %(distance).1f m from it; which way one of them looks is not recorded",
            twin=row["subject"] if evidence["twin"] == label else evidence["twin"],
            distance=evidence["distance_m"],
        )
    if evidence.get("verdict") == OUT_OF_USE:
        return N_(
            "%(twin)s stands %(distance).1f m from it and looks the same way, but is out of use: "
            "repair it or take it down first",
            twin=row["subject"] if evidence["twin"] == label else evidence["twin"],
            distance=evidence["distance_m"],
        )
    if "twin" in evidence:
        return N_(
            "%(twin)s stands %(distance).1f m from it and looks the same way, %(angle).0f degrees "
            "apart",
            twin=row["subject"] if evidence["twin"] == label else evidence["twin"],
            distance=evidence["distance_m"],
            angle=evidence["angle_deg"],
        )
    total, unique = evidence.get("total"), evidence.get("unique")
    if not total or not unique:
        return N_("others see all that it sees")
    return N_("others see all that it sees but %(share)s", share=f"{unique / total:.1%}")
