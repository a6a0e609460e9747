"""Everything by which a plan is handed on, in one folder: document, pages, tables, layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.atomic import written_together, written_whole
from civicsight.coverage.check import CheckResult
from civicsight.errors import N_, Text
from civicsight.i18n import LANGUAGES, Language
from civicsight.planning.documents import to_documents
from civicsight.planning.estimate import bill_of_quantities, estimate_by_item
from civicsight.planning.plan import Plan
from civicsight.planning.proof.root import root_of
from civicsight.report.compliance.pdf import write_pdf
from civicsight.report.elsewhere import applied_elsewhere
from civicsight.report.judged import beside_headline, leave_unweighed
from civicsight.report.licence import MADE_UP, notice_of
from civicsight.report.plan.chapters import chapters
from civicsight.report.plan.docx import write_docx
from civicsight.report.plan.endings import headline
from civicsight.report.plan.layers import write_plan_layers
from civicsight.report.plan.measures import measure_table
from civicsight.report.plan.page import plan_name, render_plan
from civicsight.report.plan.questions import open_questions, out_of_reach
from civicsight.report.plan.story import Section, Teller, teller_of
from civicsight.report.plan.trials import robustness
from civicsight.report.tables import write_csv, write_workbook

Progress = Callable[[int, int], None]
Jobs = dict[str, Callable[[Path], object]]

WORKBOOK: Final = "plan.xlsx"
LAYERS: Final = "plan.gpkg"


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

    All is made in a folder beside it first; files of the same name are replaced only when all are
    whole, other files stay.

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
    out = Path(out_dir)
    jobs = _jobs(plan, result, languages, pdf=pdf)
    with written_together(out) as scratch:
        for done, (name, job) in enumerate(jobs.items(), start=1):
            job(scratch / name)
            if progress is not None:
                progress(done, len(jobs))
    return [out / name for name in jobs]


def _jobs(plan: Plan, result: CheckResult, languages: Sequence[Language], *, pdf: bool) -> Jobs:
    documents = to_documents(plan)
    root = root_of(documents)
    notice = notice_of(result) | {"ROOT": root}
    jobs: Jobs = {}
    for language in languages:
        teller = teller_of(plan, result, language)
        title, lead, sections = tell(teller)
        page = render_plan(teller, title, lead, sections, root)
        jobs[plan_name(language)] = partial(_write, content=page.encode())
        jobs[plan_name(language, "docx")] = partial(
            write_docx,
            title=title,
            lead=[*warnings_in(teller), *lead],
            sections=sections,
            language=language,
        )
        if pdf:
            jobs[plan_name(language, "pdf")] = partial(write_pdf, html=page)
    jobs[WORKBOOK] = partial(write_workbook, tables=_sheets(plan), notes=notice)
    jobs["measures.csv"] = partial(write_csv, frame=measure_table(plan))
    jobs[LAYERS] = partial(write_plan_layers, plan=plan, result=result, notice=notice)
    for name, content in documents.items():
        jobs[name] = partial(_write, content=content)
    return jobs


def tell(teller: Teller) -> tuple[str, list[str], list[Section]]:
    """Return title, lines below it and all sections of a plan."""
    plan, say = teller.plan, teller.say
    place = teller.result.city.name
    title = say(N_("Plan of the public-safety video system: %(place)s", place=place))
    first = chapters(teller)
    trials = [robustness(teller)] if len(plan.robustness) else []
    own = [out_of_reach(teller), *trials, open_questions(teller)]
    sections = [*first[:-2], *own, *first[-2:]]
    return title, list(map(say, (*headline(plan), *_unweighed(teller)))), sections


def _unweighed(teller: Teller) -> list[Text]:
    """Say what the plan could not weigh: what was not judged, and the cameras that it leaves."""
    texts, left = [*beside_headline(teller.result)], teller.plan.not_weighed
    if left:
        texts.append(leave_unweighed(left, teller.names.listed(left, teller.names.cameras)))
    return texts


def warnings_in(teller: Teller) -> list[str]:
    """Return what a page shows as banners: made-up data, a law applied elsewhere, no opinion."""
    city, language = teller.result.city, teller.names.language
    found = [MADE_UP] if city.synthetic else []
    opinion = N_("Computed from data; not a legal opinion. The official text of each law prevails.")
    texts = [*found, *applied_elsewhere(city, teller.result.rules, language), opinion]
    return [teller.say(text) for text in texts]


def _sheets(plan: Plan) -> dict[str, pd.DataFrame]:
    tables = {
        "measures": measure_table(plan),
        "bill": bill_of_quantities(plan).set_index("item"),
        "phases": estimate_by_item(plan).set_index("year"),
        "planned_parts": plan.parts,
    }
    if len(plan.funds):
        tables["funds"] = plan.funds.set_index("year")
    if len(plan.ledger):
        tables["ledger"] = plan.ledger.set_index("camera_id")
    return tables


def _write(path: Path, content: bytes) -> Any:
    with written_whole(path) as scratch:
        scratch.write_bytes(content)
