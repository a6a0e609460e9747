"""The findings as rows of a table: which, where, what would mend it, and what it stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from civicsight.application.scope import home_names, home_of
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language
from civicsight.planning.statement.figures import figures_of_check
from civicsight.presentation.evidence import finding_facts, finding_remedy, offers_of, others_of
from civicsight.presentation.facts import Facts
from civicsight.presentation.lexicon import VERDICTS
from civicsight.presentation.names import name_all
from civicsight.presentation.numbers import all_findings
from civicsight.report.listing import find_filters, list_findings
from civicsight.store import Actor

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.model import City

LEAST_CERTAINTIES: Final = (0.0, 0.5, 0.8, 0.95)
"""Choices of the filter by certainty; the first asks for nothing."""

FILTERS: Final = ("article", "district", "verdict")


def list_rows(result: CheckResult, language: Language) -> Listed:
    """Return all findings in words, most urgent first, with the choices that narrow them down."""
    names = name_all(result, language)
    findings = all_findings(result)
    texts = list_findings(findings, result, names)
    by_id = {str(row.Index): row for row in findings.itertuples()}
    rows = [
        FindingRow(
            id=text["id"],
            layer=text["layer"],
            subject=str(by_id[text["id"]].subject),
            article=text["article"],
            verdict=text["verdict"],
            verdict_text=text["verdict_text"],
            district=text["district"],
            title=text["title"],
            place=text["place"],
            sentence=text["sentence"],
            remedy=finding_remedy(by_id[text["id"]], names),
            certainty=float(by_id[text["id"]].certainty),
            facts=finding_facts(by_id[text["id"]], names),
            cameras=_cameras_in(by_id[text["id"]].evidence or {}),
        )
        for text in texts
    ]
    rank = list(VERDICTS)
    rows.sort(key=lambda row: rank.index(row.verdict))
    choices = {
        entry["name"]: {option["value"]: option["label"] for option in entry["options"]}
        for entry in find_filters(texts, names, figures_of_check(result))
        if entry["name"] in FILTERS
    }
    return Listed(tuple(rows), choices)


def narrow(
    rows: Sequence[FindingRow],
    *,
    article: str = "",
    district: str = "",
    verdict: str = "",
    least: float = 0.0,
) -> list[FindingRow]:
    """Return the rows that have all that is asked for; what is empty is not asked for."""
    wanted = {"article": article, "district": district, "verdict": verdict}
    return [
        row
        for row in rows
        if row.certainty >= least
        and all(getattr(row, name) == value for name, value in wanted.items() if value)
    ]


def open_to(
    rows: Sequence[FindingRow], actor: Actor, city: City, translate: Callable[[Text], str]
) -> tuple[list[FindingRow], int]:
    """Return the rows that somebody may read, and how many there are of other districts.

    A district planner reads those of the own district alone (`store.rights`), and of cameras
    elsewhere not even the names.
    """
    home = home_names(actor, city)
    if home is None:
        return list(rows), 0
    seen = set(map(str, city.cameras.index[home_of(city.cameras, actor, city)]))
    mine = [row for row in rows if row.district in home]
    shown = [row if seen.issuperset(row.cameras) else _veiled(row, translate) for row in mine]
    return shown, len(rows) - len(mine)


def _veiled(row: FindingRow, translate: Callable[[Text], str]) -> FindingRow:
    """Return a row without the sentences that name cameras of other districts."""
    text = translate(N_("Cameras of other districts are part of it: ask a municipal planner."))
    return replace(row, sentence=text, remedy=text, facts=[])


def _cameras_in(evidence: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every camera that the sentences about a finding may name."""
    several = [evidence.get("cameras") or (), evidence.get("dominated_by") or ()]
    listed = [
        str(one) for names in several for one in ([names] if isinstance(names, str) else names)
    ]
    idle = [str(one["camera"]) for one in evidence.get("out_of_use") or ()]
    return (*listed, *idle, *offers_of(evidence), *others_of(evidence))


def focus_of(row: FindingRow) -> list[tuple[str, str]]:
    """Return what is looked at with a finding, as layer and id: it, its part, and its cameras."""
    cameras = [("cameras", label) for label in (row.subject, *row.cameras)]
    return [(row.layer, row.id), ("parts", row.subject), *cameras]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding in words.

    A map selects by `layer` and `id`, or by `subject`; `cameras` are all that it may name.
    """

    id: str
    layer: str
    subject: str
    article: str
    verdict: str
    verdict_text: str
    district: str
    title: str
    place: str
    sentence: str
    remedy: str
    certainty: float
    facts: Facts
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """All findings, and by filter the choices with what they are called."""

    rows: tuple[FindingRow, ...]
    choices: dict[str, dict[str, str]]
