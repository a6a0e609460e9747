"""What commands on plans have in common: which plan is meant, who acts, what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from civicsight.cli.faults import fault
from civicsight.cli.inputs import Reading, read_inputs
from civicsight.core.errors import N_, InputError, MismatchError

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.record.plan import Plan
    from civicsight.store import Actor, Store, Version, VersionHead

StoreArgument = Annotated[
    str, typer.Argument(help=str(N_("The project file that holds the plans (.gpkg), or a URL.")))
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help=str(N_("Project file that keeps the plan as a new version."))),
]
PlanArgument = Annotated[str, typer.Argument(help=str(N_("The id of the plan.")))]
PlanOption = Annotated[
    str, typer.Option("--plan", help=str(N_("The id of the plan in the project file.")))
]
ActorOption = Annotated[
    str, typer.Option("--as", help=str(N_("Name of the person who acts; the audit keeps it.")))
]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role",
        help=str(
            N_(
                "Role of the person: planner, district_planner, analyst, reviewer, "
                "municipal_approver, admin or auditor; by default the one that the act takes."
            )
        ),
    ),
]
PLACE: Final = str(N_("Folder of a plan, or the project file (or URL) that holds it."))
PlansArgument = Annotated[str, typer.Argument(help=PLACE)]
FromOption = Annotated[str, typer.Option("--from", help=PLACE)]

StartOption = Annotated[
    str | None,
    typer.Option("--from", help=str(N_("Begin from a kept plan: its folder or project file."))),
]
WhichOption = Annotated[
    str | None, typer.Option("--plan", help=str(N_("The id of the plan in the project file.")))
]
VersionOption = Annotated[
    str | None,
    typer.Option(
        "--version",
        help=str(
            N_("Its version: a number, or the first 12 signs of its root; by default the latest.")
        ),
    ),
]
ReaderOption = Annotated[
    str, typer.Option("--as", help=str(N_("Name of the person who acts; the audit keeps it.")))
]
READER = "reader"


def run_check(session: Session, reading: Reading, *, public: bool = False) -> CheckResult:
    """Read a city and check it, with both steps shown; `public`: without hidden records."""
    from civicsight.coverage.check import check
    from civicsight.io.packs import load_packs
    from civicsight.planning.judging.secrecy import describe_unstated, without_hidden
    from civicsight.rules.departures import describe_weakened
    from civicsight.scene.nearness import require_settled

    inputs, rules, night = reading
    packs = load_packs(user=rules or ())
    for text in describe_weakened(packs):
        session.print(text)
    place, cameras, _ = read_inputs(session, inputs)
    if public:
        whole = place if cameras is None else replace(place, cameras=cameras)
        require_settled(whole, None)
        place, cameras = without_hidden(whole, packs), None
        for text in describe_unstated(place.cameras):
            session.print(text)
    with session.step(N_("Computing what the cameras see")) as tick:
        return check(place, cameras, rules=packs, raster=False, night=night, progress=tick)


def is_public(plan: Plan) -> bool:
    """Tell whether a plan is for the public: then it is read beside a city without secrets."""
    return bool(plan.parameters.get("public"))


def actor_of(name: str, role: str | None, usual: str) -> Actor:
    """Return who acts, in the usual role for the act where none is given.

    Raises
    ------
    typer.BadParameter
        If there is no such role.
    """
    from civicsight.store import Actor, Role, system_user

    try:
        return Actor(name, Role(role or usual), user=system_user())
    except ValueError:
        raise typer.BadParameter(", ".join(Role), param_hint="--role") from None


@contextmanager
def acting(session: Session, place: str, *, create: bool = False) -> Iterator[Store]:
    """Open the file of plans for an act, and say so where it takes any name."""
    from civicsight.store import NOBODY_APPOINTED, open_store, takes_any_name

    with open_store(place, create=create) as store:
        if takes_any_name(store):
            session.print(NOBODY_APPOINTED)
        yield store


def print_kept(session: Session, plan: Plan) -> None:
    """Tell the notes that a plan keeps of the lists that it was made from."""
    from civicsight.cli.show import print_notes
    from civicsight.model.notes import note_from_dict

    print_notes(session, map(note_from_dict, plan.parameters.get("notes") or ()))


def read_plan(place: str, plan_id: str | None, version: str | None, reader: str) -> Plan:
    """Read a plan from where it lies; arguments and errors as of `read_version`."""
    return read_version(place, plan_id, version, reader)[0]


def read_choice(
    place: str | None, plan_id: str | None, version: str | None = None, reader: str = READER
) -> tuple[str, ...]:
    """Read which candidates a kept plan takes, none without a place; else as of `read_version`."""
    from civicsight.planning.proof.evidence import chosen_ids

    if place is None:
        return ()
    return chosen_ids(read_plan(place, plan_id, version, reader).files)


def read_version(
    place: str, plan_id: str | None, version: str | None, reader: str
) -> tuple[Plan, str]:
    """Read a plan with its root, from where it lies.

    Parameters
    ----------
    place
        Its folder, the project file that holds it, or the URL of a database.
    plan_id, version, reader
        Which plan in a project file, which version of it (the latest by default), and who reads.

    Raises
    ------
    MismatchError
        If a project file or a database is named without the id of a plan in it.
    InputError
        If it is damaged or not there, or a plan or a version of a folder is named, which has one.
    """
    from civicsight.planning.record.documents import documents_in, from_documents, from_record
    from civicsight.planning.record.root import root_of

    if Path(place).is_dir():
        require_one(place, plan_id, version)
        files = documents_in(Path(place))
        return from_documents(files), root_of(files)
    found = read_kept(place, plan_id, version, reader)
    return from_record(found.documents), found.digest


def require_one(folder: str, plan_id: str | None, version: str | None) -> None:
    """Refuse to choose a plan or a version of a folder, which has one.

    Raises
    ------
    InputError
        With what was asked for.
    """
    asked = {"--plan": plan_id, "--version": version}
    faults = [
        fault("plan.folder", Path(folder).name, field=option, found=text)
        for option, text in asked.items()
        if text is not None
    ]
    if faults:
        raise InputError(faults)


def read_kept(place: str, plan_id: str | None, version: str | None, reader: str) -> Version:
    """Read a version from a file of plans; arguments and errors as of `read_version`."""
    from civicsight.store import Actor, Role, open_store

    with open_store(place) as store:
        if plan_id is None:
            raise MismatchError(
                N_("%(file)s holds several plans: name one with --plan", file=store.name)
            )
        actor = Actor(reader, Role.ANALYST)
        heads = [] if version is None else store.list_versions(actor, plan_id)
        number = None if version is None else _number_of(version, heads)
        return store.read_version(actor, plan_id, number)


def _number_of(text: str, heads: list[VersionHead]) -> int:
    """Return the number of a version from what names it, the latest of several of one content.

    Raises
    ------
    typer.BadParameter
        If it is no number and the beginning of no root.
    """
    from civicsight.planning.record.root import SHORT

    if text.isdecimal() and len(text) < SHORT:
        return int(text)
    known = [head.n for head in heads if len(text) >= SHORT and head.digest.startswith(text)]
    if not known:
        raise typer.BadParameter(repr(text), param_hint="--version")
    return known[-1]


def print_clock(session: Session, times: Iterable[tuple[int, str]]) -> None:
    """Say what numbers and times of entries leave unproved: a clock set back, days to come."""
    from civicsight.presentation.lexicon import clock
    from civicsight.store.audit import now
    from civicsight.store.verify import clock_steps

    said = list(times)
    for step in clock_steps(said):
        session.print(
            N_(
                "Times are not proved: the clock was set back between entries %(before)s and "
                "%(after)s (%(from_)s, then %(to)s). The order of the entries is. Compare dates "
                "that count with the papers.",
                before=step.seq - 1,
                after=step.seq,
                from_=clock(step.before),
                to=clock(step.at),
            )
        )
    ahead = [at for _, at in said if at > now()]
    if ahead:
        session.print(
            N_(
                "Entries later than the clock of this machine: %(count)s, the last of %(at)s. Set "
                "the clock right, here or where they were written.",
                count=len(ahead),
                at=clock(max(ahead)),
            )
        )
