"""Everything by which a plan is handed on, in one folder: document, pages, tables, layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from civicsight.core.atomic import written_together
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.progress import Progress
from civicsight.coverage.result import CheckResult
from civicsight.planning.documents import documents_in, from_documents, to_documents
from civicsight.planning.plan import Plan
from civicsight.planning.proof.root import root_of
from civicsight.report.plan.layers import LAYERS, write_plan_layers
from civicsight.report.plan.papers import Jobs, names_of_papers, papers, write
from civicsight.report.plan.told import script_of


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
    whole, and what an earlier plan left there goes: a folder holds one. Other files stay. The
    record is written as it is: of a plan that does not hold what its documents say
    (`told.with_told`) nobody can prove them.

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
    for name in (documents_in(out).keys() | names_of_papers()) - jobs.keys():
        (out / name).unlink(missing_ok=True)
    return [out / name for name in jobs]


def _jobs(plan: Plan, result: CheckResult, languages: Sequence[Language], *, pdf: bool) -> Jobs:
    documents = to_documents(plan)
    root, kept = root_of(documents), from_documents(documents)  # as whoever verifies reads it
    script = script_of(kept, result)
    jobs = papers(kept, script, root, languages=languages, pdf=pdf)
    notice = {**script.notice, "ROOT": root}
    jobs[LAYERS] = partial(write_plan_layers, plan=kept, result=result, notice=notice)
    for name, content in documents.items():
        jobs[name] = partial(write, content=content)
    return jobs
