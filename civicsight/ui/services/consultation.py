"""The consultation of departments in the app: what is asked, what came back, how it was settled."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.inventory.filled_in import read_filled_in
from civicsight.planning.consultation import asked_names, packages, plan_in, sort_replies
from civicsight.planning.opinions import REPLIES, Answered, stage_of
from civicsight.report.adoption import names_in, write_adoption
from civicsight.report.consultation import SHEET, Asked, write_packages
from civicsight.report.editions import write_edition
from civicsight.report.plan.teller import Teller, teller_of
from civicsight.store import File, open_store, opinions, stand_of, take_replies, threads

if TYPE_CHECKING:
    from civicsight.core.i18n import Language
    from civicsight.core.progress import Progress
    from civicsight.editing.project import Project
    from civicsight.store import Actor, Plan, Store
    from civicsight.ui.services.reported import Reported
    from civicsight.ui.services.review import Review

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
        expected = N_("the latest version of the plan")
        remedy = N_("Choose it: opinions hold for the version that was seen.")
        raise InputError([Fault("app.not_latest", found=str(of.head.n), expected=expected,
                                remedy=remedy)])  # fmt: skip
    asked, teller = _told(project, actor, of, language)
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
        stand = _stand(store, actor, of.plan)
        names = names_in(store.read_version(actor, of.plan.plan_id).documents)
    write_adoption(stand, _asked(of.plan, stand), out, names=names, languages=(language,),
                   mark=mark)  # fmt: skip


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
    asked, teller = _told(project, actor, of, language)
    write_edition(edition, asked, teller, out, mark=mark)


def _told(project: Project, actor: Actor, of: Reported, language: Language) -> tuple[Asked, Teller]:
    """Return a version of a plan in words."""
    with open_store(project.store_path) as store:
        made = plan_in(store.read_version(actor, of.plan.plan_id, of.head.n).documents)
        stand = _stand(store, actor, of.plan)
    stage = stage_of(of.plan.state, stand)
    asked = Asked(of.plan.name, of.head.n, of.head.digest, stage)
    return asked, teller_of(made, project.result, language)


def _stand(store: Store, actor: Actor, plan: Plan) -> tuple[Answered, ...]:
    said = opinions(store, actor, plan.plan_id)
    return stand_of(plan, said, threads(store, actor, plan.plan_id))


def _asked(plan: Plan, stand: tuple[Answered, ...]) -> Asked:
    return Asked(plan.name, plan.version, plan.digest, stage_of(plan.state, stand))


def stand_in(review: Review) -> tuple[Answered, ...]:
    """Return how the plan of a review stands with each department."""
    return stand_of(review.plan, review.opinions, review.threads)


def take_file(project: Project, actor: Actor, review: Review, name: str, content: bytes) -> Text:
    """Keep the answers of a department that came back in a file; say what they were.

    Raises
    ------
    InputError
        Names whatever is wrong in it; nothing is kept then.
    Denied, Conflict
        As `store.take_replies`.
    """
    plan, end = review.plan, Path(name).suffix.lower().lstrip(".")
    with open_store(project.store_path) as store:
        made = plan_in(store.read_version(actor, plan.plan_id).documents)
        with TemporaryDirectory(prefix="civicsight-") as scratch:
            path = Path(scratch) / f"answers.{end if end in TYPES else TYPES[0]}"
            path.write_bytes(content)
            table, _ = read_filled_in("replies", path, SHEET, crs=made.measures.crs)
        known = asked_names(plan.departments, project.result.rules)
        department, said, silent = sort_replies(table, name, made, known, plan.digest)
        taken = take_replies(store, actor, plan.plan_id, digest=plan.digest,
                             department=department, replies=said,
                             file=File(name, content))  # fmt: skip
    whole = next(one.reply for one in said if not one.subject)
    return N_(
        "%(department)s: %(reply)s. Points it agrees to: %(agreed)s, opinions on points: "
        "%(opinions)s, points without an answer: %(silent)s.",
        department=department, reply=REPLIES[whole], agreed=taken.agreed,
        opinions=len(taken.remarks), silent=silent,
    )  # fmt: skip
