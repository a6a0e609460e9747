"""The verdicts of all rules as the page of the articles tells them, kept by what they stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.application.plans import WAIVED
from civicsight.application.scope import home_of
from civicsight.core.cache import Remembered
from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.model import ANSWERS, City
from civicsight.planning.compliance import Compliance, gravest_first, judge
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.facts import facts_of
from civicsight.presentation.lexicon import ARTICLE_KINDS
from civicsight.presentation.names import Names, name_judged
from civicsight.report.compliance.public import SHOWN_OUTCOMES
from civicsight.store import Actor, Answer

if TYPE_CHECKING:
    from civicsight.core.progress import Progress
    from civicsight.editing.project import Project
    from civicsight.rules import Rule, Rules
    from civicsight.rules.pack import Check

OPEN: Final = ("fail", "undetermined")
"""Outcomes that somebody has to look at."""

OTHER_DISTRICTS: Final = N_("Cameras of other districts are part of it: ask a municipal planner.")

MOST_SUBJECTS: Final = 300
"""So many subjects of an article are listed; the report beside holds all."""

_JUDGED: Final[Remembered[Compliance]] = Remembered(3)
_SPOKEN: Final[Remembered[Names]] = Remembered(6)


def kept_verdicts(project: Project, answers: Sequence[Answer], day: date) -> Compliance | None:
    """Return the verdicts if they were judged before, None if not."""
    return _JUDGED.find(_key(project, answers, day))


def judge_project(
    project: Project, answers: Sequence[Answer], day: date, progress: Progress | None = None
) -> Compliance:
    """Judge a project by every rule, once for the same data, answers and day."""

    def work() -> Compliance:
        city = with_answers(project.result.city, answers)
        return judge(replace(project.result, city=city), today=day, progress=progress)

    return _JUDGED.get(_key(project, answers, day), work)


def take_verdicts(
    project: Project, answers: Sequence[Answer], day: date, found: Callable[[], gpd.GeoDataFrame]
) -> Compliance:
    """Keep for everybody what a job judged; `found` reads its table, once."""

    def work() -> Compliance:
        city = with_answers(project.result.city, answers)
        return Compliance(Dossier(replace(project.result, city=city), day), found())

    return _JUDGED.get(_key(project, answers, day), work)


def with_answers(city: City, answers: Sequence[Answer]) -> City:
    """Return a city whose table of answers has these as well."""
    if not answers:
        return city
    frame = pd.DataFrame(
        {
            "pack": [one.pack for one in answers],
            "rule": [one.rule for one in answers],
            "subject": [one.subject or None for one in answers],
            "answer": [one.answer for one in answers],
            "answered_by": [one.name for one in answers],
            "answered_on": [one.answered_on for one in answers],
            "reason": [one.reason or None for one in answers],
        },
        index=pd.Index([f"app/{k}" for k in range(len(answers))], name=ANSWERS.index),
    )
    placed = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=city.crs)
    fresh = ANSWERS.complete(placed)
    joined = fresh if city.answers.empty else pd.concat([city.answers, fresh])
    return replace(city, answers=gpd.GeoDataFrame(joined, crs=city.crs))


def speak_of(project: Project, compliance: Compliance, language: Language) -> Names:
    """Return the words for the verdicts of a project."""
    key = (project.digest, language)
    return _SPOKEN.get(key, lambda: name_judged(compliance.dossier, language))


def list_articles(compliance: Compliance, names: Names) -> list[ArticleRow]:
    """Return every article with its outcomes, packs of the nearest law first."""
    counted: Counter[tuple[str, str, str]] = Counter()
    facts = compliance.facts
    for outcome, bases in zip(facts["outcome"], facts["bases"], strict=True):
        counted.update((pack, n, outcome) for pack, n in {(one.pack, one.article) for one in bases})
    packs = sorted(compliance.dossier.rules.packs, key=lambda pack: -pack.instrument.rank)
    return [
        ArticleRow(
            pack.id,
            article.n,
            names.pick(pack.instrument.name),
            names.pick(article.gist),
            names.translate(ARTICLE_KINDS[article.kind]),
            tuple(article.rules),
            tuple(counted[pack.id, article.n, name] for name in SHOWN_OUTCOMES),
        )
        for pack in packs
        for article in pack.articles
    ]


def list_subjects(
    compliance: Compliance, article: ArticleRow, actor: Actor
) -> tuple[list[dict[str, Any]], int, int]:
    """Return what is open under an article, gravest first, and how many are not listed.

    Returns
    -------
    tuple
        The verdicts with their labels as ``id``, how many more there are, and how many lie in
        districts that are not open to the actor.
    """
    verdicts = compliance.verdicts
    own = verdicts[verdicts["pack"].eq(article.pack) & verdicts["rule"].isin(article.rules)]
    open_ = facts_of(compliance.dossier, gpd.GeoDataFrame(own[own["outcome"].isin(OPEN)]))
    own = gravest_first(open_)
    city, cameras = compliance.dossier.city, compliance.dossier.result.cameras
    home = home_of(own, actor, city)
    seen = own[home].head(MOST_SUBJECTS)
    rows = seen.rename_axis("id").reset_index().to_dict("records")
    hidden = cameras.index[~home_of(cameras, actor, city)]
    if len(hidden):
        rows = [_veiled(row, frozenset(map(str, hidden))) for row in rows]
    return rows, int(home.sum()) - len(seen), int((~home).sum())


def _veiled(row: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """Return a verdict without reasons and measures if they name a camera that is hidden."""
    if hidden.isdisjoint(_names_in(row["evidence"])):
        return row
    return row | {"because": (OTHER_DISTRICTS,), "evidence": {}}


def _names_in(value: Any) -> Iterator[str]:
    """Yield every text in measures, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _names_in(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _names_in(inner)


def possible_answers(verdict: dict[str, Any], rules: Rules) -> tuple[str, ...]:
    """Return what a person may answer to an open verdict; a prohibition is never waived."""
    pack, rule = rules.pack(verdict["pack"]), rule_of(verdict, rules)
    declared = _declared(rule)
    if declared is not None:
        return tuple(declared.values["options"])  # noqa: PD011 - a check, no table
    barred = any(a.kind == "prohibition" and rule.id in a.rules for a in pack.articles)
    given = ("yes", "no") if verdict["outcome"] == "undetermined" else ()
    confirmed = ("confirmed",) if "reviewer_confirms" in rule.escalate_when else ()
    return (*given, *confirmed, *(() if barred else (WAIVED,)))


def answered_subjects(verdict: dict[str, Any], rules: Rules) -> tuple[str, ...]:
    """Return what an answer is about: the subject, or each thing that has to be declared."""
    if _declared(rule_of(verdict, rules)) is None:
        return (str(verdict["subject"] or ""),)
    return tuple(map(str, verdict["evidence"].get("subjects", ())))


def rule_of(verdict: dict[str, Any], rules: Rules) -> Rule:
    """Return the rule of a verdict."""
    pack = rules.pack(verdict["pack"])
    return next(rule for rule in pack.rules if rule.id == verdict["rule"])


def _declared(rule: Rule) -> Check | None:
    """Return the check that asks for declarations, None if the rule asks for none."""
    return next((check for check in rule.check.predicates() if check.name == "declared"), None)


def _key(project: Project, answers: Sequence[Answer], day: date) -> tuple[object, ...]:
    return (project.digest, tuple(answers), day)


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article: of which pack, what it asks in a line, and its counts by `SHOWN_OUTCOMES`."""

    pack: str
    n: str
    pack_title: str
    gist: str
    kind: str
    rules: tuple[str, ...]
    counts: tuple[int, ...]
