"""Every rule of every pack asked of every subject: verdicts, article by article.

A verdict is never more certain than its data, missing data
never pass, a prohibition is never waived, and packs speak each for itself: a lower one may ask for
more but does not take anything back that a higher one asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.core.collector import undisturbed
from civicsight.core.days import find_misdated, read_day
from civicsight.core.errors import N_, Text, require_kind
from civicsight.core.hues import GAP
from civicsight.core.overview import Drawn, Overview, houses, joined
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.coverage.findings.evidence import NOT_LOOKED, SEVERITIES, lower_severity
from civicsight.coverage.jobs import running_on
from civicsight.coverage.result import CheckResult
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.facts import facts_of
from civicsight.planning.judging.verdicts import VERDICTS, department_of
from civicsight.rules import Rule
from civicsight.rules.dossier import Subject
from civicsight.rules.pack import Check
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.ruling import (
    ASKING,
    Ruling,
    failed,
    join_all,
    join_any,
    not_looked_at,
    passed,
    unknown,
)
from civicsight.rules.vocabulary import field_word

ANSWERS: Final = {"yes": "pass", "no": "fail"}
"""What an answer of a person makes of a question that was open."""

IN_FORCE: Final = "instrument.in_force"
"""Operand of a rule that stands for the day on which its own law took effect."""

PLACE, ITEM = "zone", "item"
"""Subject that a law lists by classes, and the field in which a rule names them."""

COVERED: Final = "covered"
"""Predicate that asks of a place whether it is covered."""

NEVER_WAIVED: Final = "prohibition"
"""Kind of an article of which no rule can be waived."""


COLUMNS: Final = (*(column.name for column in VERDICTS), "geometry")
"""Columns of the table of verdicts."""


@dataclass(frozen=True, eq=False)
class Compliance:
    """Verdicts of all rules.

    Parameters
    ----------
    dossier
        What was judged.
    verdicts
        Table `VERDICTS`: one row for each rule and subject to which it may apply.
    """

    dossier: Dossier
    verdicts: gpd.GeoDataFrame

    def __repr__(self) -> str:
        """Say how many verdicts there are, by outcome and severity."""
        return self._overview().text()

    def _repr_html_(self) -> str:
        """Show the same beside a small map of what fails, for a notebook."""
        return self._overview().html()

    def _overview(self) -> Overview:
        told, result = self.verdicts, self.dossier.result
        failed = told[told["outcome"].eq("fail")]
        facts: dict[str, object] = {
            "today": self.dossier.today,
            "rules": result.rules.versions,
            "verdicts": len(told),
            "outcome": joined(told["outcome"].value_counts()),
            "failed": joined(failed["severity"].value_counts()) or 0,
            "subjects": joined(told["subject_kind"].value_counts()),
        }
        by_rule = (failed["pack"] + " " + failed["rule"]).value_counts()
        folds: dict[str, Mapping[str, object]] = {"failed by rule": dict(by_rule.items())}
        made_up = ", made up" if result.city.synthetic else ""
        title = f"Compliance {result.city.name}{made_up}"
        return Overview(title, facts, folds, self._drawn)

    def _drawn(self) -> list[Drawn]:
        verdicts = self.verdicts
        failed = verdicts.geometry[verdicts["outcome"].eq("fail")]
        return [houses(self.dossier.city.buildings.geometry), Drawn(failed, GAP, GAP, loud=True)]

    @cached_property
    def facts(self) -> gpd.GeoDataFrame:
        """Return what was found, each fact once with all its legal bases, as `facts_of`."""
        return facts_of(self.dossier, self.verdicts)


@undisturbed()
def judge(
    result: CheckResult,
    *,
    today: date | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Compliance:
    """Ask every rule of every pack of every subject.

    Parameters
    ----------
    result
        What `check` found; its city holds the registers, papers and answers.
    today
        The day on which deadlines are judged; by default the present one.
    progress
        Called with rules done and in all.
    executor
        Where lines of sight are cast, as of `check`.

    Returns
    -------
    Compliance
        Verdicts sorted by pack of the highest rank, rule and subject.
    """
    require_kind("result", result, CheckResult, "check returns one")
    require_kind("today", date.min if today is None else today, date)
    with running_on(executor):
        return _ask_all(result, today, progress)


def _ask_all(result: CheckResult, today: date | None, progress: Progress | None) -> Compliance:
    """Ask every rule of every subject."""
    dossier = Dossier(result, today or present_day())
    rules = [rule for pack in result.rules.packs for rule in pack.rules]
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for done, rule in enumerate(rules, start=1):
        asked = _ready(dossier, rule)
        subjects = [subject for kind in rule.subjects for subject in dossier.subjects(kind)]
        rows = [_verdict(dossier, asked, subject) for subject in subjects]
        rows += _possible(dossier, asked)
        for name, values in columns.items():
            values.extend([row[name] for row in rows])
        if progress is not None:
            progress(done, len(rules))
    # The table of verdicts.
    told = zip(
        *(columns[name] for name in ("pack", "rule", "subject", "subject_kind")), strict=True
    )
    labels = [f"{pack}/{rule}/{subject or kind}" for pack, rule, subject, kind in told]
    frame = gpd.GeoDataFrame(
        {name: pd.Series(values, dtype=object) for name, values in columns.items()},
        geometry="geometry",
        crs=result.city.crs,
    )
    frame.index = pd.Index(labels, name=VERDICTS.index, dtype=object)
    return Compliance(dossier, gpd.GeoDataFrame(VERDICTS.complete(frame)))


class _Asked(NamedTuple):
    """A rule with what is the same for all of its subjects.

    `where` and `check` are those of the rule with the days of its law, `predicates` are the names
    of all that it asks.
    """

    rule: Rule
    where: Mapping[str, Any]
    check: Check
    predicates: tuple[str, ...]


def _ready(dossier: Dossier, rule: Rule) -> _Asked:
    """Lay a rule out for its subjects."""
    predicates = tuple(check.name for check in rule.check.predicates())
    where = {
        name: _dated(dossier, rule, wanted) if isinstance(wanted, Mapping) else wanted
        for name, wanted in rule.where.items()
    }
    return _Asked(rule, where, _with_dossier(dossier, rule, rule.check), predicates)


def _with_dossier(dossier: Dossier, rule: Rule, check: Check) -> Check:
    """Return a check whose values say what its own law does: its day, and that it asks."""
    values = _dated(dossier, rule, check.values) | {ASKING: rule.pack}
    return Check(
        check.name, values, tuple(_with_dossier(dossier, rule, part) for part in check.checks)
    )


def _verdict(dossier: Dossier, asked: _Asked, subject: Subject) -> dict[str, Any]:
    """Judge one subject by one rule."""
    rule = asked.rule
    ruling = _applies(dossier, asked, subject)
    outcome: str = "not_applicable"
    if ruling.outcome == "pass":
        ruling = evaluate(dossier, asked.check, subject)
        outcome = ruling.outcome
    elif ruling.outcome != "fail":
        outcome = ruling.outcome
    row = {
        "pack": rule.pack,
        "rule": rule.id,
        "article": rule.article,
        "subject_kind": subject.kind,
        "subject": subject.label,
        "outcome": outcome,
        "severity": _severity(dossier, rule, subject, ruling, outcome),
        "certainty": ruling.certainty,
        "because": ruling.because,
        "missing": ruling.missing,
        "evidence": dict(ruling.evidence),
        "department": department_of(subject.kind, asked.predicates, subject.row.get("kind")),
        "answered_by": None,
        "answered_on": None,
        "answer_reason": None,
        "geometry": subject.geometry,
    }
    return _answered(dossier, rule, subject, row)


def _possible(dossier: Dossier, asked: _Asked) -> list[dict[str, Any]]:
    """Judge by a rule on coverage the places that are possibly of a class that it names."""
    if PLACE not in asked.rule.subjects or COVERED not in asked.predicates:
        return []
    rows = [_verdict(dossier, asked, subject) for subject in dossier.possibly]
    return [row for row in rows if row["outcome"] != "not_applicable"]


def evaluate(dossier: Dossier, check: Check, subject: Subject) -> Ruling:
    """Evaluate a check on a subject."""
    if check.checks:
        rulings = [evaluate(dossier, part, subject) for part in check.checks]
        return join_all(rulings) if check.name == "all" else join_any(rulings)
    predicate = PREDICATES[check.name]
    if predicate.of_inventory and not dossier.has_inventory:
        return unknown(NOT_LOOKED, missing=["inventory"])
    ruling = predicate.ask(dossier, subject, check.values)
    if ruling.outcome != "pass":
        return ruling
    unseen = dossier.unseen(predicate.looks_at(check.values, subject.kind))
    return not_looked_at(*unseen) if unseen else ruling


def _dated(dossier: Dossier, rule: Rule, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with the day on which the rule's own law took effect; None if unknown."""
    in_force = dossier.rules.pack(rule.pack).instrument.in_force
    return {name: in_force if value == IN_FORCE else value for name, value in values.items()}


def _applies(dossier: Dossier, asked: _Asked, subject: Subject) -> Ruling:
    """Tell whether a rule is about a subject; unknown where its record does not say."""
    open_: list[Ruling] = []
    for name, wanted in asked.where.items():
        met = _meets(dossier, asked.rule.pack, subject, name, wanted)
        if met.outcome == "fail":
            return met
        if met.outcome != "pass":
            open_.append(met)
    return join_all(open_)


def _meets(dossier: Dossier, pack: str, subject: Subject, name: str, wanted: Any) -> Ruling:
    """Tell whether a field of a subject is as wanted by a law."""
    value = subject.value(name)
    if value is None:
        text = N_(
            "whether it applies is not known: %(fields)s", fields=field_word(name, (subject.kind,))
        )
        return unknown(text, missing=[name])
    if name == ITEM and subject.kind == PLACE:  # a law asks by its own classes
        own = dossier.classes_of(subject.row, pack)
        return passed() if any(item in own for item in _choices(wanted)) else failed()
    if not isinstance(wanted, Mapping):
        return passed() if value in _choices(wanted) else failed()
    if "missing" in wanted:
        return failed() if wanted["missing"] else passed()
    if None in wanted.values():
        text = N_("not known: %(fields)s", fields=field_word("in_force"))
        return unknown(text, missing=[IN_FORCE])
    start, end = wanted.get("from"), wanted.get("before")
    inside = (start is None or str(value) >= str(start)) and (end is None or str(value) < str(end))
    return passed() if inside else failed()


def _choices(wanted: Any) -> Sequence[Any]:
    return wanted if isinstance(wanted, list | tuple) else (wanted,)


def _severity(dossier: Dossier, rule: Rule, subject: Subject, ruling: Ruling, outcome: str) -> str:
    """Return how serious a verdict is: as the rule says, capped by what it stands on.

    What is open lowers nothing: where something was found that only an open question may excuse,
    or that makes the rule graver, it is as serious as the rule says of a failure.
    """
    if outcome in ("pass", "not_applicable"):
        return "info"
    if rule.on_fail == "judgement" and not _escalates(dossier, rule, subject, ruling):
        return "judgement"
    is_graver = rule.escalate_to is not None and _escalates(dossier, rule, subject, ruling)
    is_open = outcome == "undetermined"
    if is_open and not is_graver and (rule.on_unknown or not ruling.against):
        return rule.on_unknown or "info"
    severity = rule.escalate_to if is_graver and rule.escalate_to else rule.on_fail
    if ruling.severity is not None:
        return lower_severity(severity, ruling.severity)
    certainty = ruling.against if is_open and ruling.against else ruling.certainty
    if certainty < dossier.rules.policy.confirmed_confidence:
        severity = lower_severity(severity, dossier.rules.policy.candidate_cap)  # type: ignore[assignment]
    return severity


def _escalates(dossier: Dossier, rule: Rule, subject: Subject, ruling: Ruling) -> bool:
    """Tell whether everything holds that makes a rule more severe."""
    conditions = rule.escalate_when
    return bool(conditions) and all(
        _holds(dossier, rule, subject, ruling, name, wanted) for name, wanted in conditions.items()
    )


def _holds(
    dossier: Dossier, rule: Rule, subject: Subject, ruling: Ruling, name: str, wanted: Any
) -> bool:
    if name == "reviewer_confirms":
        answer = dossier.answer(rule.pack, rule.id, subject.label)
        return answer is not None and answer["answer"] == "confirmed"
    value = ruling.evidence.get("gain") if name == "marginal_gain" else subject.value(name)
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    if wanted.get("missing"):
        return value is None
    return value is not None and float(value) < float(wanted.get("below", float("inf")))


def _answered(
    dossier: Dossier, rule: Rule, subject: Subject, row: dict[str, Any]
) -> dict[str, Any]:
    """Put a person's answer under an open question, or a waiver under a failure."""
    if row["outcome"] in ("pass", "not_applicable"):
        return row
    answer = dossier.answer(rule.pack, rule.id, subject.label)
    given = None if answer is None else read_day(answer["answered_on"])
    late = None if given is None else find_misdated(N_("the answer"), given, dossier.today)
    if answer is None or late is not None:
        return row if late is None else row | {"because": (*row["because"], late)}
    said = {
        "answered_by": answer["answered_by"],
        "answered_on": answer["answered_on"],
        "answer_reason": answer["reason"],
    }
    if answer["answer"] == "waived":
        articles = dossier.rules.pack(rule.pack).articles
        is_prohibition = any(a.kind == NEVER_WAIVED and rule.id in a.rules for a in articles)
        if is_prohibition:
            refused: Text = N_("a prohibition cannot be waived")
            return row | {"because": (*row["because"], refused)}
        return row | said | {"outcome": "waived", "severity": "info"}
    if row["outcome"] != "undetermined" or answer["answer"] not in ANSWERS:
        return row
    outcome = ANSWERS[answer["answer"]]
    severity = "info" if outcome == "pass" else rule.on_fail
    return row | said | {"outcome": outcome, "severity": severity}


def gravest_first(verdicts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return verdicts with the gravest failures first, then by rule and subject."""
    rank = verdicts["severity"].map({name: -n for n, name in enumerate(SEVERITIES)})
    order = verdicts.assign(rank=rank, failed=verdicts["outcome"].ne("fail"))
    order = order.sort_values(["failed", "rank", "pack", "rule", "subject"], kind="stable")
    return order.drop(columns=["rank", "failed"])
