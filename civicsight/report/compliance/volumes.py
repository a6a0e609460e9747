"""The compliance report and its annexes as pages, and everything beside them in one folder.

The pages print and ask the network for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from civicsight.core.atomic import written_together, written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.planning.compliance import gravest_first
from civicsight.planning.judging.indices import allowed_m2
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.remediation import COLUMNS
from civicsight.presentation.symbols import STATUS_STYLES
from civicsight.report.compliance.account import (
    FILING,
    Account,
    filing_table,
    half,
    in_words,
    privacy_table,
    recount_tables,
    report_digest,
    verdict_table,
    write_plain,
)
from civicsight.report.compliance.annex import annex, questions
from civicsight.report.compliance.articles import laws, outcome_heads
from civicsight.report.compliance.chapters import chapters
from civicsight.report.compliance.front import describe_packs, front_page, legal_notes
from civicsight.report.compliance.places import place_pages, place_rows
from civicsight.report.compliance.public import public_indices, rule_table
from civicsight.report.compliance.speech import Speech, speak
from civicsight.report.geopackage import STYLES, TITLES, Style, flat_layer, layers_of, write_layers
from civicsight.report.html import content_policy, make_environment, package_version, read_template
from civicsight.report.licence import applied_elsewhere, notice_of
from civicsight.report.pdf import write_pdf
from civicsight.report.tables import make_tables, write_csv, write_workbook

SHORT: Final = 16
"""Digits of the digest in the foot of every page; the second page has all."""

MOST_LISTED: Final = 40
"""So many further places are listed in the report; the annexes list all."""


Volume = Literal["report", "annex"]


def report_name(language: Language, suffix: str = "html", volume: Volume = "report") -> str:
    """Return the file name of the report or of its annexes in a language."""
    return f"{volume}.{HTML_LANGUAGE[language]}.{suffix}"


def render_report(account: Account, language: Language, digest: str) -> str:
    """Return the report in one language as a page: what a reader needs, on some twenty sheets.

    Parameters
    ----------
    account
        What it tells.
    language
        Language of the page.
    digest
        What binds it to its inputs, packs and tables; it stands in the foot of every page.
    """
    speech = speak(account.dossier, language, coded=False)
    further = [] if account.public else place_rows(account, speech)
    own = {
        "front": front_page(account, speech),
        "outcomes": outcome_heads(speech),
        "laws": laws(account, speech),
        "decisions": questions(account, speech)["judgement"],
        "places": [] if account.public else place_pages(account, speech),
        "listed": further[:MOST_LISTED],
        "unlisted": len(further[MOST_LISTED:]),
    }
    title = speech.say(N_("Compliance report"))
    return _render("compliance.html.jinja", account, speech, digest, own | {"title": title})


def render_annex(account: Account, language: Language, digest: str) -> str:
    """Return the annexes: every rule in words, all findings, drawings, questions, parameters."""
    speech = speak(account.dossier, language)
    further = [] if account.public else place_rows(account, speech)
    own = {
        "chapters": chapters(account, speech),
        "questions": questions(account, speech),
        "annex": annex(account, speech),
        "places": further,
        **legal_notes(account, speech),
    }
    title = speech.say(N_("Annexes of the compliance report"))
    return _render("compliance_annex.html.jinja", account, speech, digest, own | {"title": title})


def _render(
    template: str, account: Account, speech: Speech, digest: str, own: dict[str, Any]
) -> str:
    result, language = account.result, speech.language
    plan = account.dossier.plan
    context: dict[str, Any] = {
        "policy": content_policy([]),
        "styles": [read_template("compliance.css")],
        "html_lang": HTML_LANGUAGE[language],
        "city": result.city.name,
        "plan": speech.subject("plan", plan.label) if plan.label else "",
        "packs": describe_packs(account, speech),
        "synthetic": result.city.synthetic,
        "today": account.dossier.today.isoformat(),
        "crs": result.city.crs.name,
        "version": package_version(language),
        "banners": [
            speech.say(text) for text in applied_elsewhere(result.city, result.rules, language)
        ],
        "public": account.public,
        "digest": digest,
        "short": digest[:SHORT],
    }
    return make_environment(language).get_template(template).render(context | own)


def write_page(path: Path, text: str) -> None:
    """Write a page as a whole."""
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")


LAYERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "zone": N_("Judgements of places"),
        "camera": N_("Judgements of cameras"),
        "project": N_("Judgements of projects"),
        "obstacle": N_("Judgements of proposed facilities"),
    }
)
"""Layers of verdicts by the kind of their subjects."""

OPEN: Final = ("fail", "undetermined", "waived")
"""Outcomes that are on the layers; what is met or does not apply stands in the table."""

LOOKS: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "fail": STATUS_STYLES["gap"] | {"fill": 0.25},
        "undetermined": STATUS_STYLES["assumed"] | {"fill": 0.05},
        "waived": STATUS_STYLES["unknown"] | {"fill": 0.05},
    }
)
GROUND: Final = ("zones", "parts", "cameras", "buildings")
"""Layers of the check that lie under the verdicts."""


def write_verdict_layers(path: Path, account: Account, notice: Mapping[str, str]) -> None:
    """Write the verdicts that are open, over places, parts, cameras and buildings."""
    ground = layers_of(account.result)
    layers = verdict_layers(account) | {name: ground[name] for name in GROUND}
    style = Style("any", LOOKS, "outcome", {name: OUTCOMES[name] for name in OPEN})
    own = {f"verdicts_{kind}": title for kind, title in LAYERS.items()}
    styles = dict.fromkeys(own, style) | {name: STYLES[name] for name in GROUND}
    write_layers(path, layers, own | {name: TITLES[name] for name in GROUND}, styles, notice=notice)


def verdict_layers(account: Account) -> dict[str, gpd.GeoDataFrame]:
    """Return the verdicts that are open by kind of subject, gravest first."""
    verdicts = gravest_first(account.compliance.facts)
    verdicts = verdicts[verdicts["outcome"].isin(OPEN) & verdicts.geometry.notna()]
    said = verdicts.assign(
        because=[in_words(texts, "zh_CN") for texts in verdicts["because"]],
        because_en=[in_words(texts, "en") for texts in verdicts["because"]],
        bases=[tuple(map(" ".join, bases)) for bases in verdicts["bases"]],
    )
    return {
        f"verdicts_{kind}": flat_layer(gpd.GeoDataFrame(said[said["subject_kind"].eq(kind)]))
        for kind in LAYERS
    }


Render = Callable[[Account, Language, str], str]

VOLUMES: Final[dict[Volume, Render]] = {"report": render_report, "annex": render_annex}
"""What is told in words: the report, and what stands behind it."""

INDICES: Final = "indices.json"


def write_compliance(
    account: Account,
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    pdf: bool = True,
    progress: Progress | None = None,
) -> tuple[list[Path], str]:
    """Write a compliance report into a folder.

    Everything is made in a folder beside it first; files of the same name are replaced only when
    all are whole, other files stay. The public edition has pages, one table and its indices; the
    reviewers' has all verdicts, what clears each exposed camera, layers and the tables of a recount
    beside.

    Parameters
    ----------
    account
        What it tells.
    out_dir
        Folder, made if it is missing.
    languages, pdf
        Languages of the pages; whether each is printed as well.
    progress
        Called with steps done and in all: cameras to clear, then files.

    Returns
    -------
    tuple
        The files, pages first, and the digest that stands on every page.

    Raises
    ------
    SetupError
        If the system cannot print a PDF.
    """
    out = Path(out_dir)
    with written_together(out) as scratch:
        names, digest = _write_all(scratch, account, languages, progress, pdf=pdf)
    return [out / name for name in names], digest


def _write_all(
    scratch: Path,
    account: Account,
    languages: Sequence[Language],
    progress: Progress | None,
    *,
    pdf: bool,
) -> tuple[list[str], str]:
    """Write the tables, then what names their digest; return the names of the files, and it."""
    tables = _tables(account, half(progress, 0))
    documents = _documents(account, languages, pdf=pdf)
    names = [*documents, *tables]
    tick = half(progress, 1)
    for done, name in enumerate(tables, start=1):
        tables[name](scratch / name)
        _tick(tick, done, len(names))
    written = [scratch / name for name in tables]
    digest = report_digest(account.inputs, account.result.rules.sha256, written)
    for done, name in enumerate(documents, start=len(tables) + 1):
        documents[name](scratch / name, digest)
        _tick(tick, done, len(names))
    return names, digest


def _tick(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _tables(account: Account, progress: Progress | None) -> dict[str, Callable[[Path], object]]:
    """Return what writes the tables that the digest is made over, by file name."""
    if account.public:
        return {"rules.csv": partial(write_csv, frame=rule_table(account), headings=OUTCOMES)}
    jobs: dict[str, Callable[[Path], object]] = {
        "verdicts.csv": partial(write_csv, frame=verdict_table(account.compliance))
    }
    cleared = privacy_table(account.dossier, progress)
    jobs["privacy.csv"] = partial(write_csv, frame=cleared, headings=COLUMNS)
    filing = filing_table(account.dossier)
    jobs["filing.csv"] = partial(write_csv, frame=filing, headings=FILING)
    for name, frame in recount_tables(account.dossier).items():
        jobs[name] = partial(write_plain, frame=frame)
    return jobs


def _documents(
    account: Account, languages: Sequence[Language], *, pdf: bool
) -> dict[str, Callable[[Path, str], object]]:
    """Return what writes pages, indices, workbook and layers, all of which name the digest."""
    jobs: dict[str, Callable[[Path, str], object]] = {}
    for volume, render in VOLUMES.items():
        for language in languages:
            page = report_name(language, "html", volume)
            jobs[page] = _page(account, language, render)
            if pdf:
                jobs[report_name(language, "pdf", volume)] = _printed(page)
    jobs[INDICES] = lambda path, digest: _write_json(path, figures_of(account, digest))
    if account.public:
        return jobs
    notice = notice_of(account.result)
    jobs["report.xlsx"] = lambda path, digest: write_workbook(
        path, _sheets(account), notice | {"DIGEST": digest}
    )
    jobs["report.gpkg"] = lambda path, digest: write_verdict_layers(
        path, account, notice | {"DIGEST": digest}
    )
    return jobs


def _page(account: Account, language: Language, render: Render) -> Callable[[Path, str], object]:
    return lambda path, digest: write_page(path, render(account, language, digest))


def _printed(page: str) -> Callable[[Path, str], object]:
    """Return what prints a page that lies beside the file."""
    return lambda path, _: write_pdf(path, (path.parent / page).read_text(encoding="utf-8"))


def _sheets(account: Account) -> dict[str, pd.DataFrame]:
    return {"verdicts": verdict_table(account.compliance), **make_tables(account.result)}


def figures_of(account: Account, digest: str) -> dict[str, Any]:
    """Return the indices and what they rest on, for machines."""
    head = {
        "edition": account.edition,
        "today": account.dossier.today.isoformat(),
        "rules": account.result.rules.versions,
        "rules_sha256": dict(account.result.rules.sha256),
        "digest": digest,
    }
    if account.public:
        return head | {"indices": public_indices(account)}
    verdicts = account.compliance.facts
    return head | {
        "inputs": account.inputs,
        "private_view_m2": allowed_m2(account.dossier.rules),
        "indices": account.indices.to_dict(),
        "at_defaults": account.at_defaults.to_dict() if account.at_defaults else None,
        "verdicts": {
            str(name): {str(key): int(count) for key, count in row.items()}
            for name, row in pd.crosstab(verdicts["outcome"], verdicts["severity"]).iterrows()
        },
    }


def _write_json(path: Path, figures: dict[str, Any]) -> None:
    text = json.dumps(figures, ensure_ascii=False, indent=2) + "\n"
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
