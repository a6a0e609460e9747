"""The documents of a plan in one folder: page, DOCX, PDF, tables, layers, record.

They are rendered from the record alone: the same record gives the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.atomic import written_whole
from civicsight.core.i18n import LANGUAGES, Language, in_all, translate
from civicsight.core.progress import Progress
from civicsight.coverage.result import CheckResult
from civicsight.planning.prices.terms import BUDGET_OF
from civicsight.planning.record.documents import documents_in, from_documents, to_documents
from civicsight.planning.record.plan import Plan
from civicsight.planning.record.root import root_of
from civicsight.planning.statement.claims import statement_of
from civicsight.planning.statement.spending import sums_of_funds
from civicsight.presentation.changed_inputs import describe_changed, note_changed
from civicsight.report.docx import write_docx
from civicsight.report.files import Write, write_bytes, write_files, write_json
from civicsight.report.html import plan_name, render_plan
from civicsight.report.pdf import write_pdf
from civicsight.report.plan.bill import bill_table, phase_table
from civicsight.report.plan.script import LAYERS, Script, script_of, write_plan_layers
from civicsight.report.plan.teller import measure_table
from civicsight.report.tables import write_csv, write_workbook

WORKBOOK: Final = "plan.xlsx"
MEASURES: Final = "measures.csv"
BILL: Final = "bill.csv"
COPY: Final = "plan-version.gpkg"
"""Copy of a version that a file of plans keeps, beside what is written of its plan."""

SINCE: Final = "changed-since.json"
"""Names of the inputs that were not as they had been when the documents beside it were written."""

NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every part of an archive: the first that there is."""
TIMES: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
PROPERTIES: Final = "docProps/core.xml"
UNIX, LEVEL = 3, 6
NO_DAY: Final = rb"\g<1>2000-01-01T00:00:00Z"


def names_of_papers() -> frozenset[str]:
    """Return the names of all documents, whether they are written or not."""
    ends = ("html", "docx", "pdf")
    pages = {plan_name(language, end) for language in LANGUAGES for end in ends}
    return frozenset(pages | {WORKBOOK, MEASURES, BILL, LAYERS})


def papers(
    plan: Plan,
    script: Script,
    root: str,
    *,
    languages: Sequence[Language],
    pdf: bool,
    since: Sequence[str] = (),
) -> dict[str, Write]:
    """Return what writes each document, by the name of its file.

    Parameters
    ----------
    plan, script, root
        As read from the record, and the root over it, which they print.
    languages, pdf
        Languages of document and page; whether each page is printed as well.
    since
        Inputs that changed since the plan was made, as of `Plan.stale`; each document says it.
    """
    files: dict[str, Write] = {}
    for language in languages:
        kept = script.told[language]
        new = (translate(text, language) for text in describe_changed(since))
        told = replace(kept, banners=(*new, *kept.banners))
        page = render_plan(told, root)
        files[plan_name(language)] = partial(write_bytes, content=page)
        files[plan_name(language, "docx")] = partial(levelled, write_docx, told=told, root=root)
        if pdf:
            files[plan_name(language, "pdf")] = partial(write_pdf, html=page)
    proof = {"PROOF": " ".join(in_all(line) for line in statement_of(plan).lines())}
    notes = {**script.notice, "ROOT": root, **proof, **note_changed(since)}
    files[WORKBOOK] = partial(levelled, write_workbook, tables=sheets_of(plan), notes=notes)
    files[MEASURES] = partial(write_csv, frame=measure_table(plan))
    files[BILL] = partial(write_csv, frame=bill_table(plan))
    if since:
        files[SINCE] = partial(write_json, value=list(since))
    return files


def levelled(make: Callable[..., object], path: Path, **told: Any) -> None:
    """Make an archive, and take out of it when that was."""
    with written_whole(path) as scratch:
        raw = scratch.with_name(f"made-{path.name}")
        make(raw, **told)
        with zipfile.ZipFile(raw) as found:
            parts = {name: found.read(name) for name in found.namelist()}
        raw.unlink()
        # No part says when it was made.
        if PROPERTIES in parts:
            parts[PROPERTIES] = TIMES.sub(NO_DAY, parts[PROPERTIES])
        with zipfile.ZipFile(scratch, "w") as out:
            for name, content in parts.items():
                entry = zipfile.ZipInfo(name, NO_TIME)
                entry.create_system, entry.external_attr = UNIX, 0o600 << 16
                out.writestr(entry, content, zipfile.ZIP_DEFLATED, LEVEL)


def sheets_of(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan as sheets of a workbook, by name."""
    tables = {
        "measures": measure_table(plan),
        "bill": bill_table(plan),
        "phases": phase_table(plan),
        "planned_parts": plan.parts,
    }
    if len(plan.funds):
        of = [in_all(BUDGET_OF[each]) for each in sums_of_funds(plan)]
        tables["funds"] = plan.funds.assign(budget_of=of).set_index("year")
    if len(plan.ledger):
        tables["ledger"] = plan.ledger.set_index("camera_id")
    return tables


def write_plan(
    plan: Plan,
    result: CheckResult,
    out_dir: str | Path,
    *,
    languages: Sequence[Language] = LANGUAGES,
    pdf: bool = True,
    progress: Progress | None = None,
) -> list[Path]:
    """Write everything by which a plan is handed on into a folder.

    As `write_files`; what an earlier plan left there goes: a folder holds one. The record is
    written as it is: of a plan that does not hold what its documents say (`told.with_told`) nobody
    can prove them.

    Parameters
    ----------
    plan, result
        The plan, and what `check` found without it.
    out_dir
        Folder, made if it is missing.
    languages, pdf
        Languages of document and page; whether each page is printed as well.
    progress
        Called with files done and files in all.

    Returns
    -------
    list
        The files: page, document and PDF of each language, tables, layers and the plan itself.

    Raises
    ------
    SetupError
        If the system cannot print a PDF.
    """
    documents = to_documents(plan)
    root, kept = root_of(documents), from_documents(documents)  # as whoever verifies reads it
    script = script_of(kept, result)
    since = plan.stale(result)
    files = papers(kept, script, root, languages=languages, pdf=pdf, since=since)
    notice = {**script.notice, "ROOT": root, **note_changed(since)}
    files[LAYERS] = partial(write_plan_layers, plan=kept, result=result, notice=notice)
    for name, content in documents.items():
        files[name] = partial(write_bytes, content=content)
    stale = documents_in(Path(out_dir)).keys() | names_of_papers() | {SINCE}
    return write_files(out_dir, files, progress, stale=stale)
