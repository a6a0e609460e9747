"""Plans verified: from the root, or only by themselves; with a city also what they rest on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import randbits
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from civicsight.cli.commands import VIOLATION
from civicsight.cli.inputs import may_read_city
from civicsight.cli.options import JsonOption
from civicsight.cli.plan_approved import Approved, approval_in, look_at_approval
from civicsight.cli.plan_inputs import (
    READER,
    PlansArgument,
    ReaderOption,
    VersionOption,
    WhichOption,
    is_public,
    print_clock,
    read_kept,
    require_one,
    run_check,
)
from civicsight.core.errors import N_, Text

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.record.root import Compared


RootOption = Annotated[
    str,
    typer.Option(
        "--root",
        help=str(
            N_(
                "Root from the paper or the file of plans, or the end of the audit that is printed "
                "on the approval, all 64 signs; without it a plan is compared with itself alone."
            )
        ),
    ),
]


SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        help=str(N_("Seed of the rows that are drawn, to repeat a verification; else drawn anew.")),
    ),
]


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan where it lies.

    Parameters
    ----------
    plan, root
        The plan, and the root over what is there.
    files
        What is not as its own list has it.
    record
        Names of the files of the record; nothing in a file of plans.
    wrong
        What is wrong with the list itself, codes of `MORE_WRONG`.
    paper
        What the paper of an earlier format has in place of the root; empty today.
    older
        What the root of an earlier format is: of `BASES`; empty today.
    """

    plan: Plan
    root: str
    files: Compared
    record: frozenset[str] = frozenset()
    wrong: tuple[str, ...] = ()
    paper: str = ""
    older: str = ""


@may_read_city
def verify(
    ctx: typer.Context,
    source: PlansArgument,
    *,
    reading: Any,
    root: RootOption = "",
    seed: SeedOption = None,
    plan: WhichOption = None,
    version: VersionOption = None,
    as_: ReaderOption = READER,
    json_: JsonOption = False,
) -> None:
    """Verify a plan."""
    from civicsight.cli.plan_output import open_of
    from civicsight.planning.proof.contradictions import contradictions
    from civicsight.planning.record.root import whole_root
    from civicsight.planning.statement.claims import statement_of
    from civicsight.planning.statement.figures import figures_of
    from civicsight.planning.statement.spending import compare_spending
    from civicsight.store.unjudged_record import unjudged_of
    from civicsight.store.verify import clock_steps

    session: Session = ctx.obj
    if root:
        root = whole_root(root, "--root")
    if is_folder := Path(source).is_dir():
        require_one(source, plan, version)
    found = _in_folder(Path(source)) if is_folder else _in_store(source, plan, version, as_)
    approved = _approved(source, plan, found.root, root, as_)
    figures = _compare(session, found, approved, Path(source)) if is_folder else _kept(found)
    wrong = [*found.wrong, *figures.pop("wrong")]
    wrong += [f"files.{name}" for name in FILES if figures["files"][name]]
    if root and root not in {found.root, found.paper, approved.hash}:
        wrong.append("root.differs")
    if approved.root not in ("", found.root):
        wrong.append("approval.other")
    elif approved.not_judged not in (None, unjudged_of(found.plan)):
        wrong.append("approval.unjudged")
    with session.step(N_("Counting again")):
        counted = contradictions(found.plan)
    spending = compare_spending(found.plan)
    wrong += counted + ([] if spending["is_kept"].all() else ["money.exceeded"])
    stated = statement_of(found.plan)
    figures |= {
        "root": found.root,
        "proved_by": "approval" if root and root == approved.hash else _basis(found, root),
        **stated.to_dict(),
        "statement": [session.translate(line) for line in stated.lines()],
        "open": open_of(figures_of(found.plan)),
        "spending": spending.to_dict(orient="records"),
    }
    said = approved.not_judged
    figures |= {} if said is None else {"approved_not_judged": said}
    if approved.times:
        figures["clock_set_back"] = [asdict(step) for step in clock_steps(approved.times)]
    if reading is not None:
        sown = draw_seed() if seed is None else seed
        more, told = _rebuild(session, found.plan, reading, sown, sound=not counted)
        wrong += more
        figures |= told
    if json_:
        session.show_json({"wrong": wrong, **figures})
    else:
        _print_verified(session, wrong, figures)
        print_clock(session, approved.times)
    if wrong:
        raise typer.Exit(VIOLATION)


def _in_folder(folder: Path) -> Kept:
    """Compare a folder with its list."""
    from hashlib import sha256

    from civicsight.planning.record.documents import (
        LISTED_FROM,
        PLAN_FILE,
        documents_in,
        format_of,
        from_any_documents,
    )
    from civicsight.planning.record.root import LIST_FILE, Compared, compare, read_list, root_of

    files = documents_in(folder)
    made = from_any_documents(files)
    if format_of(files) < LISTED_FROM:
        paper = sha256(files[PLAN_FILE]).hexdigest()
        return Kept(made, root_of(files), Compared(), frozenset(files), paper=paper)
    listing = files.get(LIST_FILE, b"")
    try:
        found = compare(read_list(listing), files)
    except ValueError:
        wrong = ("list.unreadable",)
        return Kept(made, root_of(files), Compared(), frozenset(files), wrong)
    return Kept(made, sha256(listing).hexdigest(), found, frozenset(files))


def _in_store(source: str, plan: str | None, version: str | None, reader: str) -> Kept:
    """Read a version from a file of plans, which compares it with what was written."""
    from civicsight.planning.record.documents import from_record, to_documents
    from civicsight.planning.record.root import Compared, root_of
    from civicsight.store.frames import pack_layer

    kept = read_kept(source, plan, version, reader)
    made = from_record(kept.documents)
    layers = {"measures": made.measures, "plan_cameras": made.cameras}
    other = [
        f"layer {name}"
        for name, frame in layers.items()
        if name in kept.layers
        and pack_layer(name, frame).rows != pack_layer(name, kept.layers[name]).rows
    ]
    is_older = root_of(to_documents(made)) != kept.digest
    return Kept(made, kept.digest, Compared(tuple(other)), older="row" if is_older else "")


def _approved(source: str, plan: str | None, own: str, root: str, reader: str) -> Approved:
    """Return the approval beside a plan, or that of the version in a file of plans."""
    from civicsight.store import Actor, Role, open_store
    from civicsight.store.audit import NOT_JUDGED

    if Path(source).is_dir():
        return look_at_approval(Path(source), root)
    entry = approval_in(source, plan, own, reader)
    with open_store(source) as store:
        times = tuple(store.times(Actor(reader, Role.ANALYST), plan))
    if entry is None:
        return Approved(times=times)
    unjudged = entry.says.get(NOT_JUDGED)
    return Approved(hash=entry.hash, root=own, times=times, not_judged=unjudged)


def _compare(session: Session, found: Kept, approved: Approved, folder: Path) -> dict[str, Any]:
    """Return what in a folder is not as the list of the plan and its record give it."""
    from civicsight.report.plan.folder_comparison import compare_papers

    with session.step(N_("Rendering the documents anew")):
        papers = compare_papers(folder, found.record | approved.names, found.plan, found.root)
    return {
        "files": {
            "changed": [*found.files.changed, *papers.changed, *approved.changed],
            "missing": list(found.files.missing),
            "foreign": [*found.files.foreign, *papers.foreign],
        },
        "absent": list(papers.absent),
        "unproven": {
            name: session.translate(why)
            for name, why in (*papers.unproven.items(), *approved.unproven)
        },
        "wrong": list(papers.wrong),
    }


def _kept(found: Kept) -> dict[str, Any]:
    """Return what is compared of a version in a file of plans, beside what the store compared."""
    files = {name: list(getattr(found.files, name)) for name in FILES}
    return {"files": files, "absent": [], "unproven": {}, "wrong": []}


def _basis(found: Kept, root: str) -> str:
    """Return what the plan was held against: the root, the digest of an older paper, or itself."""
    if not root:
        return "itself"
    return "paper" if root == found.paper else found.older or "root"


def _rebuild(
    session: Session, plan: Plan, reading: Any, seed: int, *, sound: bool
) -> tuple[list[str], dict[str, Any]]:
    """Ask whether the inputs are the same, and compute rows of a sound proof by brute force."""
    from civicsight.planning.proof.evidence import read_matrix, rebuild_rows

    result = run_check(session, reading, public=is_public(plan))
    stale = plan.stale(result)
    if stale:
        return ["inputs.changed"], {"stale": stale}
    if not sound:
        return [], {}
    if read_matrix(plan.files) is None:
        return ["unreadable"], {}
    with session.step(N_("Computing rows of the matrix by brute force")) as tick:
        found, same = rebuild_rows(plan.files, result, seed=seed, progress=tick)
    wrong = ["matrix.differs"] if found.differences else []
    wrong += [] if same else ["problem.differs"]
    wrong += ["told.differs"] if _is_other_text(plan, result) else []
    cameras = sorted({entry.camera_id for entry in found.differences})
    return wrong, {
        "rows": len(found.camera_ids),
        "entries": found.pairs,
        "seen": found.seen,
        "ties": found.ties,
        "seed": seed,
        "differs": cameras,
    }


def draw_seed() -> int:
    """Draw a seed that whoever wrote a plan could not know."""
    return randbits(32)


def _is_other_text(plan: Plan, result: CheckResult) -> bool:
    """Tell whether the documents of this version say other than plan and city give."""
    from civicsight.report.html import package_version
    from civicsight.report.plan.script import read_script, with_told

    if not plan.told or read_script(plan.told).civicsight != package_version("en"):
        return False
    return with_told(plan, result).told != plan.told


def _print_verified(session: Session, wrong: list[str], figures: dict[str, Any]) -> None:
    """Print what was found wrong, or that all is right, and what that rests on."""
    from civicsight.planning.proof.certificate import WRONG
    from civicsight.planning.statement.spending import describe_spending

    for code in wrong:
        known = WRONG | MORE_WRONG
        session.print(known.get(code, N_("a figure does not stand a recount: %(c)s", c=code)))
    for kind, names in figures["files"].items():
        for name in names:
            session.print(Text(f"{FILES[kind].template}", {"name": name}))
    for name in figures.get("differs", ()):
        session.print(N_("the row of %(name)s is another", name=name))
    for name in figures.get("stale", ()):
        session.print(N_("made from another state of: %(name)s", name=name))
    for row in figures["spending"]:
        session.print(describe_spending(SimpleNamespace(**row)))
    session.print(N_("Root of what is there: %(root)s", root=figures["root"]))
    _print_papers(session, figures)
    if wrong:
        return
    session.print(BASES[figures["proved_by"]])
    session.print(N_("Counted again: coverage, cost and bound are as the plan says."))
    for line in figures["statement"]:
        session.print(line)
    if "rows" in figures:
        session.print(
            N_(
                "Rows computed again by brute force, all of what is chosen and some drawn with "
                "seed %(seed)s: %(rows)s, entries: %(entries)s, differences: 0 (ties: %(ties)s).",
                seed=figures["seed"],
                rows=figures["rows"],
                entries=f"{figures['entries']:,}",
                ties=figures["ties"],
            )
        )


def _print_papers(session: Session, figures: dict[str, Any]) -> None:
    """Name the documents that are not there, and those that were held against nothing."""
    if figures["absent"]:
        names = ", ".join(figures["absent"])
        session.print(N_("Not there, and rendered anew from the record by export: %(n)s", n=names))
    for name, why in figures["unproven"].items():
        session.print(N_("Not proved: %(name)s (%(why)s)", name=name, why=why))


FILES: Final[dict[str, Text]] = {
    "changed": N_("changed: %(name)s"),
    "missing": N_("missing: %(name)s"),
    "foreign": N_("not of this plan: %(name)s"),
}
"""How files differ from the list of a plan, each with its name."""

BASES: Final[dict[str, Text]] = {
    "root": N_("Proved from the root: record and data are those that it was given for."),
    "approval": N_(
        "Proved from the approval: record, data and scan are those of the entry that this hash is "
        "of."
    ),
    "paper": N_(
        "Proved from the digest that papers of format 1 have: plan.json is the one that it was "
        "given for. The files of the proof, the matrix and the documents are not bound by it; a "
        "plan drawn up anew has a root over all of them."
    ),
    "row": N_(
        "Proved from the digest that this file of plans has for the version, of format 1: it is "
        "what it was approved as. A folder that is written from it has a root of its own."
    ),
    "itself": N_(
        "Proved only by itself: whoever wrote these files could have written all of them anew. "
        "Give the root from the paper or from the file of plans: --root"
    ),
}
"""What a plan was held against."""

MORE_WRONG: Final[dict[str, Text]] = {
    "list.unreadable": N_("root.sha256, the list of the files of the plan, is missing or torn"),
    "files.changed": N_("files are not those of the list of the plan"),
    "files.missing": N_("files of the list of the plan are not there"),
    "files.foreign": N_("files are there that the list of the plan has not"),
    "told.unreadable": N_("told.json, which the documents are rendered from, cannot be read"),
    "approval.other": N_("the approval beside the plan is of another one"),
    "approval.unjudged": N_(
        "the approval says another number of what is not judged than the plan gives"
    ),
    "told.differs": N_("the documents say other than the plan and the city give"),
    "money.exceeded": N_("the plan spends more than there is"),
    "money.differs": N_("the certificate is not for the money that the plan was asked for"),
    "choice.repeats": N_("the certificate chooses a candidate twice, or one that is none"),
    "densities.differ": N_("the problem that was solved contradicts the px/m kept with it"),
    "bill.differs": N_("a line of the bill is not its quantity times its price"),
    "places.differ": N_("the plan shows other compliant places than its certificate proves"),
    "record.differs": N_("the certificate is not that of the measures of the plan"),
    "root.differs": N_("this is not the plan that the root was given for"),
    "inputs.changed": N_("the inputs are no longer those that the plan was made from"),
    "matrix.differs": N_("rows of the matrix are not what brute force finds"),
    "problem.differs": N_("the problem that was solved does not follow from the matrix"),
    "terms.changed": N_("the budgets are not those that the certificate was issued for"),
    "floor.missed": N_("a district does not reach its least share"),
    "budget.exceeded": N_("the chosen cameras cost more than the budget"),
    "class.falls": N_("a class of places has fewer compliant places or parts than today"),
    "aims.changed": N_("the aims are not those of a plan within a budget"),
    "value.differs": N_("the chosen cameras do not reach what the certificate says"),
    "weight.differs": N_("the chosen cameras do not meet what the certificate says"),
}
"""What a verification may find beyond what a recount of a certificate does."""
