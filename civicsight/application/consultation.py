"""The consultation of departments in the app: what is asked, what came back, how it was settled."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from civicsight.application.faults import reject
from civicsight.application.report_subject import changed_since, plan_of
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.i18n import label_in_all
from civicsight.inventory.filled_in import read_filled_in
from civicsight.planning.record.consultation import (
    asked_names,
    call_department,
    packages,
    sort_replies,
)
from civicsight.planning.record.opinions import REPLIES, Answered, Reply, stage_of
from civicsight.report.adoption import names_in, write_adoption
from civicsight.report.consultation import SHEET, Asked, write_packages
from civicsight.report.editions import write_edition
from civicsight.report.plan.teller import Teller, teller_of
from civicsight.store import Brought, File, open_store, opinions, stand_of, take_replies, threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from civicsight.application.report_subject import Reported
    from civicsight.application.review import Review
    from civicsight.core.i18n import Language
    from civicsight.core.progress import Progress
    from civicsight.editing.project import Project
    from civicsight.planning.record.plan import Plan as Optimised
    from civicsight.rules import Rules
    from civicsight.store import Actor, Plan, Store
    from civicsight.store.audit import Head

TYPES: Final = ("xlsx", "csv")


def write_asked(
    project: Project,
    actor: Actor,
    of: Reported,
    out: Path,
    language: Language,
    mark: str,
    progress: Progress | None,
) -> None:
    """Write what each department is asked about the latest version of a plan, in one language.

    Raises
    ------
    InputError
        If it is another version: what departments say holds for the latest alone.
    """
    if not of.is_latest:
        reject("app.not_latest", found=str(of.head.n))
    asked, teller = _asked_of(project, actor, of, language)
    found = packages(teller.plan, project.result, of.plan.departments, language)
    write_packages(found, asked, teller, out, mark=mark, progress=progress)


def write_adopted(
    project: Project,
    actor: Actor,
    of: Reported,
    out: Path,
    language: Language,
    mark: str,
    progress: Progress | None,
) -> None:
    """Write how the opinions of departments on a plan were adopted."""
    del progress  # it takes no time
    with open_store(project.store_path) as store:
        stand = read_stand(store, actor, of.plan)
        names = names_in(store.read_version(actor, of.plan.plan_id).documents)
        asked = ask_about(of.plan, stand, store.end(actor))
    write_adoption(
        stand,
        asked,
        out,
        names=names,
        languages=(language,),
        mark=mark,
        changed=changed_since(project, of.head),
    )


def write_for(
    edition: str,
    project: Project,
    actor: Actor,
    of: Reported,
    out: Path,
    language: Language,
    mark: str,
    progress: Progress | None,
) -> None:
    """Write an edition of a version, a key of `editions.EDITIONS`."""
    del progress  # it takes no time
    asked, teller = _asked_of(project, actor, of, language)
    write_edition(edition, asked, teller, out, mark=mark)


def _asked_of(
    project: Project, actor: Actor, of: Reported, language: Language
) -> tuple[Asked, Teller]:
    """Return a version of a plan in words."""
    with open_store(project.store_path) as store:
        made = plan_of(project, store.read_version(actor, of.plan.plan_id, of.head.n))
        asked = ask_about(of.plan, read_stand(store, actor, of.plan), store.end(actor))
    asked = replace(asked, version=of.head.n, root=of.head.digest)
    return asked, teller_of(made, project.result, language)


def read_stand(store: Store, actor: Actor, plan: Plan) -> tuple[Answered, ...]:
    """Return how a plan stands with each department."""
    said = opinions(store, actor, plan.plan_id)
    return stand_of(plan, said, threads(store, actor, plan.plan_id))


def ask_about(plan: Plan, stand: tuple[Answered, ...], end: Head) -> Asked:
    """Return what is put before departments: the latest version of a plan, at its stage.

    The end of the audit leaves with it, so that nobody can cut that off unseen.
    """
    stage = stage_of(plan.state, stand)
    return Asked(plan.name, plan.version, plan.digest, stage, end.describe())


def stand_in(review: Review) -> tuple[Answered, ...]:
    """Return how the plan of a review stands with each department."""
    return stand_of(review.plan, review.opinions, review.threads)


def take_answers(
    project: Project, actor: Actor, review: Review, files: Sequence[tuple[str, bytes]]
) -> tuple[Text, ...]:
    """Keep the answers of departments that came back in files; say what each answered.

    Raises
    ------
    InputError
        Names whatever is wrong in any of them; nothing is kept then.
    Denied, Conflict
        As `store.take_replies`.
    """
    plan, rules = review.plan, project.result.rules
    with (
        open_store(project.store_path) as store,
        TemporaryDirectory(prefix="civicsight-") as folder,
    ):
        made = plan_of(project, store.read_version(actor, plan.plan_id))
        paths = [_put(Path(folder) / str(n), *file) for n, file in enumerate(files)]
        read = read_answers(paths, made, plan, rules)
        brought = [
            Brought(name, said, File(*file))
            for file, (name, said, _) in zip(files, read, strict=True)
        ]
        taken = take_replies(store, actor, plan.plan_id, brought, digest=plan.digest)
    return tuple(
        N_(
            "%(department)s: %(reply)s. Points it agrees to: %(agreed)s, opinions on points: "
            "%(opinions)s, points without an answer: %(silent)s.",
            department=label_in_all(partial(call_department, name, rules)),
            reply=REPLIES[next(one.reply for one in said if not one.subject)],
            agreed=one.agreed,
            opinions=len(one.remarks),
            silent=silent,
        )
        for one, (name, said, silent) in zip(taken, read, strict=True)
    )


def _put(folder: Path, name: str, content: bytes) -> tuple[str, Path]:
    """Write a file that a browser sent; return its name, and where it is."""
    folder.mkdir()
    end = Path(name).suffix.lower().lstrip(".")
    path = folder / f"answers.{end if end in TYPES else TYPES[0]}"
    path.write_bytes(content)
    return name, path


def read_answers(
    files: Sequence[tuple[str, Path]], made: Optimised, plan: Plan, rules: Rules
) -> list[tuple[str, tuple[Reply, ...], int]]:
    """Return who answered in each file, what to which point, and how many points have no answer.

    Parameters
    ----------
    files
        Name and path of each.
    made, plan
        The version that is on trial, and what the store knows of its plan.
    rules
        What departments are called.

    Raises
    ------
    InputError
        Names whatever is wrong in any of them.
    """
    known = asked_names(plan.departments, rules)
    found: list[tuple[str, tuple[Reply, ...], int]] = []
    faults: list[Fault] = []
    for name, path in files:
        try:
            table, report = read_filled_in(
                "replies", path, SHEET, crs=made.measures.crs, keep_good=True
            )
            found.append(sort_replies(table, name, made, known, plan.digest, report.rejected))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return found
