"""The compliance report and its annexes as pages, and everything beside them in one folder.

The pages print and ask the network for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.planning.compliance import gravest_first
from civicsight.planning.judging.indices import allowed_m2
from civicsight.planning.judging.remediation import COLUMNS
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.presentation.names import Names, name_judged
from civicsight.presentation.symbols import STATUS_STYLES
from civicsight.report.compliance.account import (
    FILING,
    Account,
    filing_table,
    half,
    privacy_table,
    reasons_in_all,
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
from civicsight.report.files import Write, write_bytes, write_files, write_json
from civicsight.report.geopackage import STYLES, TITLES, flat_layer, layers_of, write_layers
from civicsight.report.html import origin_of, read_template, render
from civicsight.report.licence import describe_law, notice_of
from civicsight.report.pdf import write_pdf
from civicsight.report.qgis_style import Style
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
    names = name_judged(account.dossier, language, coded=False)
    further = [] if account.public else place_rows(account, names)
    own = {
        "front": front_page(account, names),
        "outcomes": outcome_heads(names),
        "laws": laws(account, names),
        "decisions": questions(account, names)["judgement"],
        "places": [] if account.public else place_pages(account, names),
        "listed": further[:MOST_LISTED],
        "unlisted": len(further[MOST_LISTED:]),
    }
    title = names.translate(N_("Compliance report"))
    return _render("compliance.html.jinja", account, names, digest, own | {"title": title})


def render_annex(account: Account, language: Language, digest: str) -> str:
    """Return the annexes: every rule in words, all findings, drawings, questions, parameters."""
    names = name_judged(account.dossier, language)
    further = [] if account.public else place_rows(account, names)
    own = {
        "chapters": chapters(account, names),
        "questions": questions(account, names),
        "annex": annex(account, names),
        "places": further,
        **legal_notes(account, names),
    }
    title = names.translate(N_("Annexes of the compliance report"))
    return _render("compliance_annex.html.jinja", account, names, digest, own | {"title": title})


def _render(template: str, account: Account, names: Names, digest: str, own: dict[str, Any]) -> str:
    result, language = account.result, names.language
    plan = account.dossier.plan
    shared = origin_of(result.city, language) | {
        "page_title": f"{own['title']} · {result.city.name}",
        "plan": names.subject("plan", plan.label) if plan.label else "",
        "packs": describe_packs(account, names),
        "today": account.dossier.today.isoformat(),
        "banners": names.all(describe_law(result.city, result.rules, language)),
        "public": account.public,
        "digest": digest,
        "short": digest[:SHORT],
    }
    return render(template, language, shared | own, styles=[read_template("compliance.css")])


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
        **reasons_in_all(verdicts["because"]),
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

    As `write_files`. The public edition has pages, one table and its indices; the
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
    tables = _tables(account, half(progress, 0))

    @cache
    def digest(folder: Path) -> str:
        written = [folder / name for name in tables]
        return report_digest(account.inputs, account.result.rules.sha256, written)

    documents = _documents(account, languages, digest, pdf=pdf)
    written = write_files(out_dir, {**tables, **documents}, half(progress, 1))
    pages = written[len(tables) :]
    return [*pages, *written[: len(tables)]], digest(Path(out_dir))


def _tables(account: Account, progress: Progress | None) -> dict[str, Write]:
    """Return what writes the tables that the digest is made over, by file name."""
    if account.public:
        return {"rules.csv": partial(write_csv, frame=rule_table(account), headings=OUTCOMES)}
    jobs: dict[str, Write] = {
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
    account: Account, languages: Sequence[Language], digest: Callable[[Path], str], *, pdf: bool
) -> dict[str, Write]:
    """Return what writes pages, indices, workbook and layers, all of which name the digest."""

    def page(path: Path, language: Language, build: Render) -> None:
        write_bytes(path, build(account, language, digest(path.parent)))

    def printed(path: Path, page: str) -> None:
        write_pdf(path, (path.parent / page).read_text(encoding="utf-8"))

    def noted(path: Path) -> dict[str, str]:
        return notice_of(account.result) | {"DIGEST": digest(path.parent)}

    files: dict[str, Write] = {}
    for volume, build in VOLUMES.items():
        for language in languages:
            name = report_name(language, "html", volume)
            files[name] = partial(page, language=language, build=build)
            if pdf:
                files[report_name(language, "pdf", volume)] = partial(printed, page=name)
    files[INDICES] = lambda path: write_json(path, figures_of(account, digest(path.parent)))
    if not account.public:
        files["report.xlsx"] = lambda path: write_workbook(
            path,
            {"verdicts": verdict_table(account.compliance), **make_tables(account.result)},
            noted(path),
        )
        files["report.gpkg"] = lambda path: write_verdict_layers(path, account, noted(path))
    return files


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
