"""Everything that a compliance report consists of, in one folder: pages, tables, layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.atomic import written_together, written_whole
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.planning.judging.indices import allowed_m2
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.remediation import COLUMNS
from civicsight.report.compliance.account import Account, half
from civicsight.report.compliance.exports import (
    FILING,
    filing_table,
    privacy_table,
    recount_tables,
    report_digest,
    verdict_table,
    write_plain,
)
from civicsight.report.compliance.layers import write_verdict_layers
from civicsight.report.compliance.page import render_report, report_name, write_page
from civicsight.report.compliance.pdf import write_pdf
from civicsight.report.compliance.public import public_indices, rule_table
from civicsight.report.licence import notice_of
from civicsight.report.tables import make_tables, write_csv, write_workbook

Progress = Callable[[int, int], None]
Jobs = dict[str, Callable[[Path], object]]

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
    tables = _table_jobs(account, half(progress, 0))
    total = len(tables) + len(languages) * (1 + pdf) + (1 if account.public else 3)
    done = _work(scratch, tables, half(progress, 1), 0, total)
    digest = report_digest(
        account.inputs, account.result.rules.sha256, [scratch / name for name in tables]
    )
    jobs = _report_jobs(account, languages, digest, pdf=pdf)
    _work(scratch, jobs, half(progress, 1), done, total)
    return [*jobs, *tables], digest


def _work(folder: Path, jobs: Jobs, progress: Progress | None, done: int, total: int) -> int:
    for name, job in jobs.items():
        job(folder / name)
        done += 1
        if progress is not None:
            progress(done, total)
    return done


def _table_jobs(account: Account, progress: Progress | None) -> Jobs:
    """Return what writes the tables that the digest is made over."""
    if account.public:
        return {"rules.csv": partial(write_csv, frame=rule_table(account), headings=OUTCOMES)}
    jobs: Jobs = {"verdicts.csv": partial(write_csv, frame=verdict_table(account.compliance))}
    cleared = privacy_table(account.dossier, progress)
    jobs["privacy.csv"] = partial(write_csv, frame=cleared, headings=COLUMNS)
    filing = filing_table(account.dossier)
    jobs["filing.csv"] = partial(write_csv, frame=filing, headings=FILING)
    for name, frame in recount_tables(account.dossier).items():
        jobs[name] = partial(write_plain, frame=frame)
    return jobs


def _report_jobs(
    account: Account, languages: Sequence[Language], digest: str, *, pdf: bool
) -> Jobs:
    """Return what writes pages, indices, workbook and layers, all of which name the digest."""
    jobs: Jobs = {}
    for language in languages:
        jobs[report_name(language)] = _page_job(account, language, digest)
        if pdf:
            jobs[report_name(language, "pdf")] = partial(_print, page=report_name(language))
    jobs[INDICES] = partial(_write_json, figures=figures_of(account, digest))
    if account.public:
        return jobs
    notice = notice_of(account.result) | {"DIGEST": digest}
    jobs["report.xlsx"] = partial(write_workbook, tables=_sheets(account), notes=notice)
    jobs["report.gpkg"] = partial(write_verdict_layers, account=account, notice=notice)
    return jobs


def _page_job(account: Account, language: Language, digest: str) -> Callable[[Path], object]:
    return lambda path: write_page(path, render_report(account, language, digest))


def _print(path: Path, page: str) -> None:
    """Print a page that lies beside the file."""
    write_pdf(path, (path.parent / page).read_text(encoding="utf-8"))


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
