"""One fact, one row: what several rules find of one subject, with all its legal bases.

Rules ask one by one, and two laws often ask the same. What they find is one fact all the same: it
is told and counted once, as grave as its gravest basis. A register that nobody handed in is one
fact as well, and not one for each camera that it would speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.coverage.findings.evidence import SEVERITIES
from civicsight.coverage.result import no_inventory
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.sightings import LAYERS, areas_of
from civicsight.rules import Rule
from civicsight.rules.predicates import PREDICATES

CONCERNED: Final = "concerned"
"""Evidence of a register that is not there: how many subjects it would speak of."""

TABLES: Final = ("signs", "documents")
"""Registers of a city whose absence leaves a rule open, by the name that a verdict misses."""


class Basis(NamedTuple):
    """A rule that asks for a fact, with its law and article."""

    pack: str
    article: str
    rule: str


def bases_of(row: Mapping[str, Any]) -> tuple[Basis, ...]:
    """Return the rules that a fact rests on; a verdict rests on its own."""
    own = (Basis(row["pack"], row["article"], row["rule"]),)
    return tuple(row.get("bases") or own)


def facts_of(dossier: Dossier, verdicts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the verdicts of rules that find the same of the same subject into one row.

    Parameters
    ----------
    dossier
        What was judged.
    verdicts
        Table `VERDICTS`, all of it or that of an article.

    Returns
    -------
    GeoDataFrame
        The same columns with ``bases`` (every `Basis`, in the order of the rules). Rule, pack,
        article and department are those of the gravest; what does not apply is no fact and stays a
        row a rule.
    """
    absent = absent_registers(dossier)
    questions = {
        (rule.pack, rule.id): _question(rule) for pack in dossier.rules.packs for rule in pack.rules
    }
    groups: dict[tuple[Any, ...], list[int]] = {}
    rows = verdicts.to_dict("records")
    for at, row in enumerate(rows):
        groups.setdefault(_fact(row, questions, absent), []).append(at)
    chosen, bases, counts = [], [], []
    for members in groups.values():
        first = max(members, key=lambda at: SEVERITIES.index(rows[at]["severity"]))
        chosen.append(first)
        asked = (rows[at] for at in members)
        bases.append(tuple(dict.fromkeys(Basis(r["pack"], r["article"], r["rule"]) for r in asked)))
        counts.append(len({(rows[at]["subject_kind"], rows[at]["subject"]) for at in members}))
    facts = gpd.GeoDataFrame(verdicts.iloc[chosen].assign(bases=bases))
    # A register that lacks is a fact about no single subject.
    lacking = pd.Series([key[0] == "register" for key in groups], facts.index, dtype=bool)
    evidence = [
        {CONCERNED: count} if lacks else found
        for found, lacks, count in zip(facts["evidence"], lacking, counts, strict=True)
    ]
    facts = gpd.GeoDataFrame(facts.assign(evidence=pd.Series(evidence, facts.index, dtype=object)))
    facts.loc[lacking, "subject"] = ""
    facts.loc[lacking, "geometry"] = None
    return facts


def count_open(facts: pd.DataFrame) -> int:
    """Count the facts that are open: questions to a person, and what the data do not tell."""
    judgement = facts["severity"].eq(SEVERITIES[0]) & facts["outcome"].eq("fail")
    return int((facts["outcome"].eq("undetermined") | judgement).sum())


def absent_registers(dossier: Dossier) -> frozenset[str]:
    """Return the registers that nobody handed in, by the names that verdicts miss."""
    city = dossier.city
    found = {name for name in LAYERS if areas_of(city, name).empty}
    found |= {name for name in TABLES if getattr(city, name).empty}
    for predicate in PREDICATES.values():
        found.update(dossier.unseen(predicate.looks))
    return frozenset(found | ({"inventory"} if no_inventory(dossier.result) else set()))


def _fact(
    row: Mapping[str, Any],
    questions: Mapping[tuple[str, str], tuple[Any, ...]],
    absent: frozenset[str],
) -> tuple[Any, ...]:
    """Return what makes a fact one: the register that lacks, else subject, outcome and reason."""
    rule = (row["pack"], row["rule"])
    names, question = questions[rule]
    missing = tuple(row["missing"] or ())
    because = tuple(str(text) for text in row["because"])
    if row["outcome"] == "undetermined" and missing and absent.issuperset(missing):
        return ("register", row["subject_kind"], missing, because)
    alike: tuple[Any, ...] = (names, because) if because else (question,)
    if row["outcome"] == "not_applicable" or any(PREDICATES[name].asks_people for name in names):
        alike = rule
    said = tuple(str(row[name]) for name in ("answered_by", "answered_on", "answer_reason"))
    return ("fact", row["subject_kind"], row["subject"], row["outcome"], alike, said)


def _question(rule: Rule) -> tuple[frozenset[str], str]:
    """Return the predicates that a rule asks, and all that it asks, values included."""
    return frozenset(check.name for check in rule.check.predicates()), repr(rule.check)
