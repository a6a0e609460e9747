"""The page: one file that a planner sends on, opens anywhere and understands without a manual."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, Language
from civicsight.core.settings import present_day
from civicsight.maps.assets import take_apart
from civicsight.maps.plan import plan_map
from civicsight.model.notes import sentence_of
from civicsight.planning.statement.figures import (
    DOUBLE_TEXTS,
    Figures,
    doubles_asked,
    figures_of_check,
)
from civicsight.presentation.drawing import draw_bar, draw_sign
from civicsight.presentation.lexicon import VERDICTS, number, share
from civicsight.presentation.names import Names, name_all
from civicsight.presentation.numbers import Statuses, all_findings, statuses_in
from civicsight.presentation.reading_notes import note_table
from civicsight.presentation.symbols import (
    CAMERA_LABELS,
    CAMERA_STYLES,
    PART_LABELS,
    PART_STYLES,
    STATUS_LABELS,
)
from civicsight.report.brief import list_steps, metres_moved, write_headline
from civicsight.report.files import write_bytes
from civicsight.report.html import links_to, origin_of, read_template, render
from civicsight.report.licence import describe_extensions, describe_law
from civicsight.report.listing import MAX_ROWS, find_filters, list_classes, list_findings
from civicsight.report.partition import (
    WAYS,
    beside_headline,
    describe_double,
    describe_judged,
    worst_places,
)

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.io.report import ImportReport
    from civicsight.rules.ladders import Ladder

EXPLAINED: Final = ("recognise", "identify")
"""Levels of which the page says what a person makes out."""

VERDICT_TEXTS: Final[dict[str, Text]] = {
    "violation": N_(
        "The law is broken, if the data are right. The place is designated or confirmed."
    ),
    "warning": N_("Likely so, but something is not settled: the place, the gate or a camera."),
    "open": N_("Covered or not, depending on a fact that is not on record: record or measure it."),
    "judgement": N_("A question that only a person can answer."),
    "info": N_("Good to know; nobody has to act."),
}

PARTS_SHOWN: Final = {
    "total": "parts.count.before",
    "covered": "parts.covered.before",
    "undecided": "parts.assumed.before",
    "assumed": "data.parts_assumed",
    "possible": "data.parts_possible",
    "gap": "parts.gap.before",
    "unknown": "parts.not_judged.before",
}
"""Figures of parts by their name in the template."""

MOST_GROUNDS: Final = 8
"""So many reasons for doubt are listed, the most frequent first."""


def page_name(language: Language) -> str:
    """Return the file name of the page in a language."""
    return f"page.{HTML_LANGUAGE[language]}.html"


def write_page(
    path: Path,
    result: CheckResult,
    language: Language,
    *,
    files_beside: Mapping[str, Text],
    other_languages: Sequence[Language] = (),
    imports: Sequence[ImportReport] = (),
    made_on: dt.date | None = None,
) -> None:
    """Write the page in one language.

    Parameters
    ----------
    path
        The ``.html`` file; it holds everything and asks the network for nothing.
    result
        What `check` found.
    language
        Language of the page.
    files_beside
        What is written next to it, by file name.
    other_languages
        Languages in which the page lies next to it.
    imports
        What happened to the inputs.
    made_on
        Day to print; today by default.
    """
    text = render_page(
        result,
        language,
        files_beside=files_beside,
        other_languages=other_languages,
        imports=imports,
        made_on=made_on or present_day(),
    )
    write_bytes(path, text)


def render_page(
    result: CheckResult,
    language: Language,
    *,
    files_beside: Mapping[str, Text],
    other_languages: Sequence[Language],
    imports: Sequence[ImportReport],
    made_on: dt.date,
) -> str:
    """Return the page as text; see `write_page`."""
    names, counted = name_all(result, language), figures_of_check(result)
    drawn = take_apart(plan_map(result, language))
    own = {
        **_head(result, names, other_languages, made_on),
        "banners": [
            *(names.translate(text) for text in describe_law(result.city, result.rules, language)),
            *(names.translate(sentence_of(one)) for one in result.notes if one.is_loud),
        ],
        **_figures(result, names, counted),
        **_lists(result, names, counted),
        "notes": note_table(result.notes, language),
        "map_markup": drawn.markup,
        "imports": [
            {"name": name, "text": report.summary(language, notes=False)}
            for name, report in zip(name_inputs(imports), imports, strict=True)
        ],
        "files": [
            {"name": name, "text": i18n.translate(text, language)}
            for name, text in files_beside.items()
        ],
    }
    styles = [*drawn.styles, read_template("page.css")]
    scripts = (*drawn.libraries, drawn.script, read_template("page.js"))
    return render("page.html.jinja", language, own, styles=styles, scripts=scripts)


def _head(
    result: CheckResult, names: Names, other_languages: Sequence[Language], made_on: dt.date
) -> dict[str, Any]:
    title = names.translate(N_("What the cameras really see"))
    return origin_of(result.city, names.language) | {
        "page_title": f"{result.city.name} · {title}",
        "date": made_on.isoformat(),
        "packs": result.rules.versions,
        "digests": dict(result.rules.sha256),
        "extensions": describe_extensions(),
        "samples": number(len(result.samples)),
        "other_pages": links_to(other_languages, page_name),
    }


def name_inputs(imports: Sequence[ImportReport]) -> list[str]:
    """Return a name for each input: its file, told apart by a number where two are called alike."""
    sources = [report.source for report in imports]
    return [
        source if sources.count(source) == 1 else f"{source} ({sources[: k + 1].count(source)})"
        for k, source in enumerate(sources)
    ]


def _levels(result: CheckResult, names: Names) -> list[dict[str, str]]:
    """Return the levels of detail, with what gates need that lies between them."""
    levels = {
        float(level.px_m): names.translate(level.label) for level in names.rules.ladder.levels
    }
    asked = result.parts[["pack", "profile"]].drop_duplicates()
    for pack, profile in asked.itertuples(index=False):
        density = float(result.rules.profile(pack, profile).px_per_m)
        levels.setdefault(density, names.profile(pack, profile))
    return [{"label": levels[px], "px": f"{px:g}"} for px in sorted(levels)]


def _means(ladder: Ladder) -> dict[str, str]:
    """Return the densities of the two levels that are explained; none where a ladder lacks one."""
    found = {level.name: f"{level.px_m:g}" for level in ladder.levels if level.name in EXPLAINED}
    return found if len(found) == len(EXPLAINED) else {}


def _figures(result: CheckResult, names: Names, found: Figures) -> dict[str, Any]:
    rules = result.rules
    judged = describe_judged(result)
    return {
        "n": {name: f"{found[key]}" for name, key in PARTS_SHOWN.items()},
        "headline": names.translate(write_headline(found)),
        "worst": [names.translate(text) for text in worst_places(result, names)],
        "beside_headline": [names.translate(text) for text in beside_headline(result)],
        "judged": {
            "headings": [names.translate(heading) for heading in judged.headings],
            "rows": [(names.translate(label), figures) for label, figures in judged.rows],
            "sentences": [names.translate(text) for text in judged.sentences],
        },
        "undecided_headings": [
            names.translate(STATUS_LABELS[name]) for name in ("assumed", "possible")
        ],
        "steps": [names.translate(step) for step in list_steps(result, names, found)],
        "d": _data_texts(found),
        "doubles": [
            {
                "kind": kind,
                "planned": standing == "planned",
                "told": [
                    describe_double(found, f"doubles.{kind}.{standing}.{way}", names.translate)
                    for way in WAYS
                ],
            }
            for kind in DOUBLE_TEXTS
            if kind in doubles_asked(rules)
            for standing in ("planned", "existing")
        ],
        "min_gain": share(rules.limit("dup_min_gain") or 0.0),
        "twin_m": number(rules.limit("dup_distance") or 0.0),
        "twin_deg": number(rules.limit("dup_bearing") or 0.0),
        "bar": lambda row: draw_bar(row, _bar_label(row, names)),
        "all_parts": statuses_in(found),
    }


def _data_texts(found: Figures) -> dict[str, str | int]:
    """Return what the figures rest on, and whether anything is covered only once built."""
    own: dict[str, str | int] = {
        name.removeprefix("data."): f"{figure}"
        for name, figure in found.entries.items()
        if name.startswith("data.")
    }
    return own | {
        "moved_most": metres_moved(found),
        "any_unbuilt": found.of("data.unbuilt"),
        "cameras": f"{found['cameras.count']}",
        "all_places": f"{found['places.count.before']}",
    }


def _bar_label(counts: Statuses, names: Names) -> str:
    pairs = [
        f"{names.translate(STATUS_LABELS[name])} {value}"
        for name, value in (
            ("covered", counts.covered),
            ("assumed", counts.assumed),
            ("possible", counts.possible),
            ("gap", counts.gap),
            ("unknown", counts.unknown),
        )
        if value or name != "unknown"
    ]
    return names.translate(N_(", ")).join(pairs)


def _lists(result: CheckResult, names: Names, found: Figures) -> dict[str, Any]:
    findings = all_findings(result)
    rows = list_findings(findings, result, names)
    translate = names.translate
    return {
        "findings": rows[:MAX_ROWS],
        "left_out": max(0, len(rows) - MAX_ROWS),
        "filters": find_filters(rows, names, found),
        "classes": list_classes(result, names, found),
        "grounds": [
            {"text": names.ground(key.rpartition(".")[2]), "count": figure}
            for key, figure in found.entries.items()
            if key.startswith("findings.ground.")
        ][:MOST_GROUNDS],
        "signs": [
            *(
                {"svg": draw_sign(PART_STYLES[name]), "label": translate(label)}
                for name, label in PART_LABELS.items()
            ),
            *(
                {
                    "svg": draw_sign(CAMERA_STYLES[name]),
                    "label": translate(N_("camera, %(direction)s", direction=label)),
                }
                for name, label in CAMERA_LABELS.items()
            ),
        ],
        "levels": _levels(result, names),
        "means": _means(names.rules.ladder),
        "verdicts": [
            {"name": name, "label": translate(VERDICTS[name]), "text": translate(text)}
            for name, text in VERDICT_TEXTS.items()
        ],
    }
