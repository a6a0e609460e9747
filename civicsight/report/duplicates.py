"""Duplicate construction as it is handed on: a table, a page of evidence cards, cards for machines.

References
----------
Article 7: a finding goes to the review of a plan, which people decide; every card says who would do
the work instead, what falls without the camera, and how far the data behind it are believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from civicsight.core.inert import as_json
from civicsight.core.progress import Progress
from civicsight.coverage.result import CheckResult, no_inventory
from civicsight.planning.duplicates import NAMES, Card, Duplicates
from civicsight.planning.duplicates.find import SHARES
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.planning.statement.figures import doubles_judged
from civicsight.presentation.document import Ask, Section, lay_out
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.names import Names, name_all
from civicsight.report.files import Write, write_bytes, write_files
from civicsight.report.html import render_sections
from civicsight.report.partition import UNLISTED
from civicsight.report.plan.script import document_in
from civicsight.report.tables import write_csv

TABLE, CARDS, PAGE = "duplicates.csv", "cards.json", "duplicates.{}.html"

HEADINGS: Final = {column.name: column.meaning for column in SHARES}
"""What the columns of the table are called: other tables mean other things by ``kept``."""

STATES: Final[Mapping[str, Text]] = {
    "existing": N_("stands"),
    "approved": N_("approved"),
    "planned": N_("planned"),
}
"""State of a camera that would do the work."""


def write_duplicates(
    found: Duplicates,
    cards: Sequence[Card],
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the table of all cameras, the cards as JSON and a page of them in each language.

    Parameters
    ----------
    found, cards
        From `duplicates` and `make_cards`.
    out_dir, languages
        Folder, made if it is missing; languages of the page.
    progress
        Called with files done and in all.
    """
    told = json.dumps(
        [card.to_dict() for card in cards], ensure_ascii=False, indent=1, default=as_json
    )
    files: dict[str, Write] = {
        TABLE: partial(write_csv, frame=found.table, headings=HEADINGS),
        CARDS: partial(write_bytes, content=told + "\n"),
    }
    for language in languages:
        page = render_duplicates(found, cards, language)
        files[PAGE.format(HTML_LANGUAGE[language])] = partial(write_bytes, content=page)
    return write_files(out_dir, files, progress)


def render_duplicates(found: Duplicates, cards: Sequence[Card], language: Language) -> str:
    """Return the page of the cards, with what holds for all of them before."""
    names = name_all(found.result, language)
    translate = names.translate
    title = translate(N_("Duplicate construction: %(place)s", place=found.result.city.name))
    lead = [translate(text) for text in summary_of(found)]
    parts = [_card(names, card) for card in cards]
    sections = [
        Section(
            translate(N_("Findings for review")), [_overview(names, found.result, cards)], parts
        )
    ]
    label = N_("Digest of what was judged:")
    told = document_in(names, found.result, title, lead, sections)
    return render_sections(told, (label, found.camera_set.sha256))


def summary_of(found: Duplicates) -> list[Text]:
    """Say what could go together, planned and standing, and what the sums leave out."""
    standing = found.standing
    if no_inventory(found.result):
        return [UNLISTED]
    told = [
        N_(
            "Planned cameras that need not be built, all together: %(count)s (%(names)s); %(yuan)s "
            "yuan",
            count=len(found.dropped),
            names=", ".join(found.dropped) or "–",
            yuan=number(found.avoidable_yuan),
        ),
        N_(
            "Of %(counted)s standing cameras that meet some demand, at least %(least)s and at most "
            "%(most)s could go together without loss; nobody has to take them down.",
            counted=standing.counted,
            least=standing.at_least,
            most=standing.at_most,
        ),
    ]
    if found.unpriced:
        names = ", ".join(found.unpriced)
        told.append(N_("Not in these sums, for nobody says what they cost: %(names)s", names=names))
    if found.left_out:
        names = ", ".join(found.left_out)
        told.append(
            N_("Credited with nothing, temporary or against the law: %(names)s", names=names)
        )
    return told


CARD_HEADINGS: Final = (
    N_("Camera"),
    N_("Finding"),
    N_("Works [yuan]"),
    N_("Saved [yuan]"),
    N_("Who does its work"),
    N_("Certainty"),
)
"""Headings of the table of findings."""


def row_of(names: Names, card: Card) -> tuple[Any, ...]:
    """Return the row of a card under `CARD_HEADINGS`."""
    stand_ins = [one.camera_id for one in card.relies_on]
    if card.instead is not None:
        stand_ins = [card.instead.camera_id]
    return (
        names.cameras.get(card.camera_id, card.camera_id),
        NAMES[card.verdict],
        None if card.cost_yuan is None else number(card.cost_yuan),
        None if card.saving_yuan is None else number(card.saving_yuan),
        names.listed(stand_ins, names.cameras) or None,
        share(card.certainty),
    )


def describe_no_card(result: CheckResult) -> Text:
    """Say why no planned camera is listed: none needs it, or nobody could look for such."""
    if no_inventory(result):
        return UNLISTED
    if not doubles_judged(result):
        return N_("Whether cameras see the same cannot be told: no camera has a view.")
    return N_("No planned camera needs a second look.")


def _overview(names: Names, result: CheckResult, cards: Sequence[Card]) -> Any:
    if not cards:
        return names.translate(describe_no_card(result))
    rows = [row_of(names, card) for card in cards]
    return lay_out(names, N_("Planned cameras to look at"), CARD_HEADINGS, rows, (2, 3, 5))


def _card(names: Names, card: Card) -> Section:
    """Tell one card: the finding, its figures, who stands in, what falls, where it counts."""
    translate = names.translate
    blocks: list[Any] = [translate(text) for text in card.statements]
    if card.instead is not None:
        blocks.append(
            translate(
                N_(
                    "%(camera)s would do as well: %(measure)s, %(yuan)s yuan.",
                    camera=card.instead.camera_id,
                    measure=MEASURE_LABELS[card.instead.measure],
                    yuan=number(card.instead.cost_yuan),
                )
            )
        )
    blocks.append(_figures(names, card))
    if card.relies_on:
        blocks.append(_stand_ins(names, card))
    blocks.append(_places(names, card))
    if card.assumptions:
        blocks.append(translate(N_("Stands on: %(what)s", what=names.grounds(card.assumptions))))
    blocks.append(Ask(translate(N_("Does the review follow this finding?"))))
    return Section(names.cameras.get(card.camera_id, card.camera_id), blocks)


def _figures(names: Names, card: Card) -> Any:
    rows = [
        (N_("Met by it [m, m²]"), number(card.total, 1)),
        (N_("Met by it alone [m, m²]"), number(card.unique, 1)),
        (N_("Its fair share of what several meet [m, m²]"), number(card.fair, 1)),
        (N_("What it adds to what exists"), share(card.gain)),
        (N_("What the plan loses without it"), share(card.kept)),
        (N_("Works [yuan]"), None if card.cost_yuan is None else number(card.cost_yuan)),
        (N_("Saved [yuan]"), None if card.saving_yuan is None else number(card.saving_yuan)),
        (N_("Certainty"), share(card.certainty)),
        (
            N_("Disturbed poses that change the finding"),
            N_("%(part)s of %(count)s", part=share(card.flips), count=card.scenarios),
        ),
        (N_("Rules"), "; ".join(card.rules)),
    ]
    return lay_out(names, N_("Figures"), (N_("What"), N_("Value")), rows, (1,))


def _stand_ins(names: Names, card: Card) -> Any:
    rows = [
        (
            names.cameras.get(one.camera_id, one.camera_id),
            STATES.get(one.status, one.status),
            one.operator or None,
            one.recorded_on or None,
            number(one.px_m),
            number(one.weight, 1),
            N_("yes") if one.to_link else N_("no"),
        )
        for one in card.relies_on
    ]
    headings = (
        N_("Camera"),
        N_("State"),
        N_("Unit that runs it"),
        N_("Day of the record"),
        N_("Least density [px/m]"),
        N_("What it takes over [m, m²]"),
        N_("To be linked first"),
    )
    exact = N_("Fewest cameras that do its work together")
    near = N_("Cameras that do its work together; fewer may do")
    return lay_out(names, exact if card.relies_on_exact else near, headings, rows, (4, 5))


def _places(names: Names, card: Card) -> Any:
    rows = [
        (
            names.zones.get(one.zone_id, one.zone_id),
            one.article,
            number(one.total, 1),
            number(one.unique, 1),
            number(one.fair, 1),
        )
        for one in card.by_zone
    ]
    headings = (
        N_("Listed place"),
        N_("Article"),
        N_("Met by it [m, m²]"),
        N_("Met by it alone [m, m²]"),
        N_("Its fair share of what several meet [m, m²]"),
    )
    return lay_out(names, N_("By listed place"), headings, rows, (2, 3, 4))
