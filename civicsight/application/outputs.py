"""What a visitor takes away: reports, layers, a plan, each as one file; rights are asked."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from civicsight.application.consultation import write_adopted, write_asked, write_for
from civicsight.application.faults import fault, reject
from civicsight.application.plans import (
    answers_on,
    current_plan,
    opened_store,
    require_right,
    stored_answers,
)
from civicsight.application.report_subject import Reported, city_left, project_left, read_reported
from civicsight.application.verdicts import judge_project, with_answers
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.core.settings import present_day
from civicsight.editing.gate_list import write_gate_list
from civicsight.inventory.survey import GATES, survey_stops
from civicsight.planning.money.funding import fund
from civicsight.planning.money.lease import compare_lease
from civicsight.planning.money.payers import payers_of
from civicsight.planning.record.documents import find_plan, to_documents
from civicsight.planning.record.root import root_of
from civicsight.report.check_files import write_report
from civicsight.report.compliance.account import (
    PUBLIC,
    REVIEWER,
    Account,
    Edition,
    city_digest,
    give_account,
)
from civicsight.report.compliance.volumes import write_compliance
from civicsight.report.editions import EDITIONS, require_public
from civicsight.report.geopackage import write_geopackage
from civicsight.report.licence import notice_of
from civicsight.report.plan.funding import write_funding
from civicsight.report.plan.papers import COPY, write_plan
from civicsight.report.plan.teller import teller_of
from civicsight.report.survey import write_survey
from civicsight.store import Act, Actor, Denied, export_version, open_store
from civicsight.store.ends import END_FILE, keep_outside
from civicsight.store.handover import note_export
from civicsight.store.transactions import NOBODYS, doing

if TYPE_CHECKING:
    from civicsight.core.progress import Progress
    from civicsight.coverage.result import CheckResult
    from civicsight.editing.project import Project
    from civicsight.planning.record.plan import Plan as Optimised
    from civicsight.store import Answer, VersionHead


class Output(StrEnum):
    """What can be written."""

    COMPLIANCE = "compliance"
    PUBLIC = "public"
    CHECK = "check"
    LAYERS = "layers"
    SURVEY = "survey"
    CONSULTATION = "consultation"
    ADOPTION = "adoption"
    FULL = "full"
    FINANCE = "finance"
    WORKS = "works"
    PUBLIC_PLAN = "public_plan"
    PLAN = "plan"


def _edition(code: str) -> tuple[Text, Text]:
    """Return what an edition of a plan is called, and what it holds."""
    edition = EDITIONS[code]
    return N_("The plan: %(edition)s", edition=edition.name), edition.note


OUTPUTS: Final[Mapping[Output, tuple[Text, Text]]] = {
    Output.COMPLIANCE: (
        N_("Compliance report"),
        N_("Every article, every verdict, every question; pages, workbook, layers."),
    ),
    Output.PUBLIC: (
        N_("Compliance report for the public"),
        N_("Made as if no hidden record existed: no camera, no place, no count under five."),
    ),
    Output.CHECK: (N_("What was found"), N_("The page with its map, tables, layers and rasters.")),
    Output.LAYERS: (N_("Layers (GeoPackage)"), N_("All layers with their looks, for QGIS.")),
    Output.SURVEY: (
        N_("List for a survey"),
        N_(
            "What has to be looked at on site, as a walk: a workbook to fill in, KML, KMZ and GPX, "
            "a sheet to print. What was found comes back on the page Data."
        ),
    ),
    Output.PLAN: (
        N_("The plan"),
        N_(
            "The version as the store keeps it; of an optimised plan also pages, DOCX, workbook, "
            "map sheets and layers."
        ),
    ),
    Output.CONSULTATION: (
        N_("What departments are asked"),
        N_(
            "A workbook and a document for each department, with what concerns it alone; answers "
            "come back on the page Review."
        ),
    ),
    Output.ADOPTION: (
        N_("How opinions were adopted"),
        N_("Every opinion with how it was settled, who has not answered, what is not settled."),
    ),
    Output.FULL: _edition("full"),
    Output.FINANCE: _edition("finance"),
    Output.WORKS: _edition("works"),
    Output.PUBLIC_PLAN: _edition("public"),
}
"""What each is called, and what it holds."""

MONEY: Final = "funding"
"""Folder of what an office of finance is given."""
MARKED: Final = frozenset(
    {Output.CONSULTATION, Output.ADOPTION, Output.FULL, Output.FINANCE, Output.WORKS}
)
"""What may carry a mark of handling."""

OF_VERSIONS: Final = MARKED | {Output.PUBLIC_PLAN, Output.PLAN}
"""What is written of a version of a plan alone."""

OF_PROOF: Final = frozenset({Output.FULL})
"""What tells of a proof, which only a version has that was drawn up by the optimiser."""

FOR_DISTRICTS: Final = frozenset({Output.PUBLIC, Output.PLAN})
"""What a district planner may take: nothing of other districts stands in it."""


def offered_of(of: Reported | None) -> list[Output]:
    """Return what can be written of a version, of the project as it stands where there is none."""
    return [
        output
        for output in OUTPUTS
        if (of is not None or output not in OF_VERSIONS)
        and (of is None or not of.is_drawn or output not in OF_PROOF)
        and (of is None or of.is_latest or output is not Output.CONSULTATION)
    ]


def write_output(
    project: Project,
    actor: Actor,
    output: Output,
    *,
    of: Reported | None = None,
    pdf: bool = False,
    languages: Iterable[Language] = LANGUAGES,
    answers: tuple[Answer, ...] = (),
    mark: str = "",
    progress: Progress | None = None,
) -> tuple[str, bytes]:
    """Write something for somebody who has the right to it now; return its file name and content.

    Parameters
    ----------
    project, actor, output, pdf, languages
        Of what, for whom, what, whether pages are printed too, and in which languages they are.
    of
        The version that is told of; None: the project as it stands, and of plans the latest.
    answers, mark, progress
        What was answered and no plan keeps, of the project as it stands; mark of handling of what
        is `MARKED`; called with steps done and in all.

    Raises
    ------
    Denied, InputError, SetupError
        If the role has no right to export this, there is no plan to hand on, or nothing prints PDF.
    """
    _require(project, actor, output)
    languages, after = tuple(languages), _part(progress, 1)
    of_version = "" if of is None else f"-v{of.head.n}"
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        out = Path(scratch)
        name, content = f"civicsight-{output}{of_version}.zip", b""
        if output is Output.PLAN:
            _write_plan(project, actor, of, out, languages, pdf=pdf, progress=progress)
        elif of is not None and output in CONSULTED:
            CONSULTED[output](project, actor, of, out, languages[0], mark, progress)
        elif output in (Output.COMPLIANCE, Output.PUBLIC):
            edition: Edition = PUBLIC if output is Output.PUBLIC else REVIEWER
            account = _account(project, actor, of, answers, edition, _part(progress, 0))
            write_compliance(account, out, languages=languages, pdf=pdf, progress=after)
        else:
            result = _worded(project, actor, of, _part(progress, 0)).result
            if output is Output.LAYERS:
                name, content = f"civicsight{of_version}.gpkg", _layers(result, out)
            else:
                WRITERS[output](result, out, languages=languages, progress=after)
        content = content or _packed(out)
    keep_export(project, actor, name, content, None if of is None else of.head)
    return name, content


def keep_export(
    project: Project, actor: Actor, name: str, content: bytes, of: VersionHead | None = None
) -> None:
    """Keep in the audit who took out which file, and of which version; see `note_export`."""
    with opened_store(project) as store:
        if store is not None:
            note_export(store, actor, name, content, of)


def _write_survey(
    result: CheckResult, out: Path, *, languages: tuple[Language, ...], progress: Progress | None
) -> None:
    """Write the list of a survey, and beside it that of its gates."""
    stops = survey_stops(result)
    write_survey(stops, result.city, out, languages=languages, progress=progress)
    if stops["kind"].eq("gate").any():
        write_gate_list(out / GATES, result, (), languages[0])


WRITERS: Final[Mapping[Output, Callable[..., object]]] = {
    Output.SURVEY: _write_survey,
    Output.CHECK: write_report,
}
"""What writes the files that follow from a check alone."""


CONSULTED: Final[Mapping[Output, Callable[..., object]]] = {
    Output.CONSULTATION: write_asked,
    Output.ADOPTION: write_adopted,
    Output.FULL: partial(write_for, "full"),
    Output.FINANCE: partial(write_for, "finance"),
    Output.WORKS: partial(write_for, "works"),
    Output.PUBLIC_PLAN: partial(write_for, "public"),
}
"""What writes the papers of a consultation on a version."""


def write_drawn(
    project: Project,
    actor: Actor,
    plan: Optimised,
    languages: Iterable[Language],
    *,
    progress: Progress | None = None,
) -> tuple[str, bytes]:
    """Write the documents of a plan that no store keeps yet; return file name and content.

    Raises
    ------
    Denied
        If the role has no right to export what holds all districts.
    """
    _require(project, actor, Output.CHECK)
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        out = Path(scratch)
        write_plan(
            plan, project.result, out, languages=tuple(languages), pdf=False, progress=progress
        )
        root = root_of(to_documents(plan))
        _write_money(plan, project.result, out / MONEY, tuple(languages), root)
        name, content = f"civicsight-{Output.PLAN}.zip", _packed(out)
    keep_export(project, actor, name, content)
    return name, content


def _layers(result: CheckResult, folder: Path) -> bytes:
    path = folder / "civicsight.gpkg"
    write_geopackage(path, result, notice=notice_of(result))
    return path.read_bytes()


def _require(project: Project, actor: Actor, output: Output) -> None:
    """Refuse what somebody may not take out, and a district planner what holds other districts too.

    The store keeps the attempt.
    """
    require_right(project, actor, Act.EXPORT)
    if not actor.role.is_bound or output in FOR_DISTRICTS:
        return
    with opened_store(project) as store, suppress(Denied):
        if store is not None:
            with doing(store.database, actor, Act.EXPORT, NOBODYS):
                pass
    raise Denied([fault("app.district", found=actor.district)])


def _worded(
    project: Project, actor: Actor, of: Reported | None, progress: Progress | None
) -> Project:
    """Return what is told of: the project as it stands, or checked as a version leaves it."""
    if of is None:
        return project
    return project_left(project, read_reported(project, actor, *of.key), of.plan.name, progress)


def _account(
    project: Project,
    actor: Actor,
    of: Reported | None,
    answers: tuple[Answer, ...],
    edition: Edition,
    progress: Progress | None,
) -> Account:
    """Return what a report tells; for reviewers the verdicts of the page where nothing differs."""
    today = present_day()
    if of is None:
        kept = (*stored_answers(project, actor), *answers)
    else:
        kept = answers_on(project, actor, of.plan.plan_id, of.head.digest)
    rules = project.result.rules
    if edition == REVIEWER and not rules.weakened:
        told = _worded(project, actor, of, _part(progress, 0))
        compliance = judge_project(told, kept, today, _part(progress, 1))
        indices = compliance.dossier.indices
        digest = city_digest(compliance.dossier.city)
        return Account(compliance, indices, None, None, edition, digest)
    city = project.result.city
    if of is not None:
        version = read_reported(project, actor, *of.key)
        made = find_plan(version.documents)
        if edition == PUBLIC and made is not None:
            require_public(made, project.result)
        city = city_left(project, version, of.plan.name)
    city = with_answers(city, kept)
    return give_account(city, rules=rules, today=today, edition=edition, progress=progress)


def _write_plan(
    project: Project,
    actor: Actor,
    of: Reported | None,
    out: Path,
    languages: Iterable[Language],
    *,
    pdf: bool,
    progress: Progress | None,
) -> None:
    """Write a version of a plan, by default the latest; the store asks the right."""
    plan = current_plan(project, actor) if of is None else of.plan
    if plan is None:
        reject("app.no_plan")
    number = plan.version if of is None else of.head.n
    with open_store(project.store_path) as store:
        export_version(store, actor, plan.plan_id, out / COPY, n=number)
        version = store.read_version(actor, plan.plan_id, number)
        (out / END_FILE).write_bytes(keep_outside(store.end(actor)))
    if (made := find_plan(version.documents)) is not None:
        write_plan(
            made, project.result, out, languages=tuple(languages), pdf=pdf, progress=progress
        )
        _write_money(made, project.result, out / MONEY, tuple(languages), version.head.digest)


def _write_money(
    plan: Optimised, result: CheckResult, out: Path, languages: tuple[Language, ...], root: str
) -> None:
    """Write who pays for what of a plan, and its list of projects, apart from places."""
    payers = payers_of(plan)
    funding = fund(plan, payers, result.cameras["owner"])
    lease = compare_lease(plan, funding)
    tellers = [teller_of(plan, result, language) for language in languages]
    write_funding(funding, lease, tellers, out, payers=payers, root=root)


def _part(progress: Progress | None, stage: int) -> Callable[[int, int], None] | None:
    """Report a stage as one of two halves of all."""
    if progress is None:
        return None
    return lambda done, total: progress(stage * total + done, 2 * total)


def _packed(folder: Path) -> bytes:
    """Return all files of a folder as one archive."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return packed.getvalue()
