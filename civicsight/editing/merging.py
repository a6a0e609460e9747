"""Two drafts of one plan that parted at a third: what each side did, and both brought together.

A draft is the list of its commands, and each command changes what one id stands for. So what a side
did to a camera, gate, place or obstacle is told by its own commands, and a merged draft is made of
the commands of one side or the other, id by id; the law is asked of every one of them anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from civicsight.core.keyed_difference import compare
from civicsight.editing.commands import AnswerRoomUse, Command, Comment
from civicsight.editing.draft import Draft, free_id
from civicsight.editing.session import PlanSession, begin

OURS, THEIRS, BOTH = "ours", "theirs", "both"
SAME, CONFLICT = "same", "conflict"
"""What a side did, and what is done about it."""

IDS: Final = ("camera_id", "gate_id", "zone_id", "obstacle_id")
"""Fields of commands that say what they change."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an id stands for, and who changed it since the drafts parted.

    Parameters
    ----------
    label
        The id.
    state
        `OURS` or `THEIRS`: one side alone; `SAME`: both alike; `CONFLICT`: each otherwise.
    tables
        Tables in which it has a row on either side.
    may_be_both
        Whether both can stay: each side made something of its own and called it so.
    remark
        What was said, where it is a remark that only their draft has. Of something that was changed
        here it is a `CONFLICT`: whoever said it did not see the change.
    """

    label: str
    state: str
    tables: tuple[str, ...]
    may_be_both: bool = False
    remark: Comment | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be decided about it."""
        return (OURS, THEIRS, BOTH) if self.may_be_both else (OURS, THEIRS)

    @property
    def usual(self) -> str:
        """What is done where nobody decides: what one side alone changed stands; else nothing."""
        return {OURS: OURS, SAME: OURS, THEIRS: THEIRS}.get(self.state, "")


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """Three drafts, and each subject that a side changed since they parted, in its order of ids."""

    base: PlanSession
    ours: PlanSession
    theirs: PlanSession
    subjects: tuple[Subject, ...]

    @property
    def remarks(self) -> tuple[Subject, ...]:
        """Remarks that only their draft has."""
        return tuple(one for one in self.subjects if one.remark is not None)


def three_way(base: PlanSession, ours: PlanSession, theirs: PlanSession) -> Merge:
    """Find what each side did since both drafts were one.

    Parameters
    ----------
    base
        The draft that both know.
    ours, theirs
        What became of it; all three of one project.
    """
    sessions = (base, ours, theirs)
    drafts = [one.draft for one in sessions]
    labels = {subject_of(command) for one in sessions for command in one.done} - {""}
    tables = tuple(sorted({name for draft in drafts for name in draft.changed}))
    here, there, apart = (
        _differing(one, two, tables, labels)
        for one, two in ((drafts[0], drafts[1]), (drafts[0], drafts[2]), (drafts[1], drafts[2]))
    )
    changed = []
    for label in sorted(here | there):
        state = (
            SAME
            if label not in apart
            else THEIRS
            if label not in here
            else OURS
            if label not in there
            else CONFLICT
        )
        held = tuple(
            name for name in tables if any(label in one.table(name).index for one in drafts)
        )
        known = [
            label in one.rooms or any(label in one.table(name).index for name in held)
            for one in drafts
        ]
        may_be_both = state == CONFLICT and known == [False, True, True]
        changed.append(Subject(label, state, held, may_be_both))
    return Merge(*sessions, (*changed, *_remarks(ours, theirs, changed, labels)))


def _differing(one: Draft, two: Draft, tables: Iterable[str], labels: Collection[str]) -> set[str]:
    """Return the ids, of some, under which two drafts have other rows or another use of a room."""
    found = {label for label in labels if one.rooms.get(label) != two.rooms.get(label)}
    for name in tables:
        sides = (draft.table(name) for draft in (one, two))
        found |= set(compare(*(side[side.index.isin(labels)] for side in sides))["key"])
    return found


def merge_sessions(merge: Merge, settled: Mapping[str, str]) -> PlanSession:
    """Return our draft with what was taken of theirs.

    Parameters
    ----------
    merge
        From `three_way`.
    settled
        Decision by id; what nobody decided stands as `Subject.usual` says, what both sides changed
        as ours.

    Raises
    ------
    Refused, RoomUseAsked, InputError
        As `PlanSession.do`.
    """
    sides = {one.label: settled.get(one.label) or one.usual or OURS for one in merge.subjects}
    # a remark that nobody decided on stays: none is lost unsaid
    remarks = [
        one.remark
        for one in merge.subjects
        if one.remark is not None and settled.get(one.label, THEIRS) == THEIRS
    ]
    names = _new_names(merge, sides)
    commands = [one for one in merge.ours.done if sides.get(subject_of(one)) != THEIRS]
    for command in merge.theirs.done:
        side = sides.get(subject_of(command))
        if side == THEIRS:
            commands.append(command)
        elif side == BOTH:
            commands.append(_renamed(command, names[subject_of(command)]))
    ours, city = merge.ours, merge.ours.drafts[0].base
    session = begin(
        city, ours.guard, ours.base_digest, plan_id=ours.plan_id, revision=ours.revision
    )
    for command in (*commands, *remarks):
        session = session.do(command)
    return session


def subject_of(command: Command) -> str:
    """Return the id of what a command changes; empty for a remark, which changes nothing."""
    return next((str(getattr(command, name)) for name in IDS if hasattr(command, name)), "")


def _remarks(
    ours: PlanSession, theirs: PlanSession, changed: Iterable[Subject], labels: Collection[str]
) -> Iterator[Subject]:
    """Yield each remark that only their draft has, under an id of its own."""
    here = {one.label for one in changed if one.state in (OURS, CONFLICT)}
    known, own = (
        Counter(one for one in side.done if isinstance(one, Comment)) for side in (ours, theirs)
    )
    taken = set(labels)
    for remark in (own - known).elements():
        label = free_id("remark", taken)
        taken.add(label)
        yield Subject(label, CONFLICT if remark.subject in here else THEIRS, (), remark=remark)


def _new_names(merge: Merge, sides: Mapping[str, str]) -> dict[str, str]:
    """Return another id for each of theirs that stays beside ours, such as no draft has."""
    taken = {
        str(label)
        for one in (merge.ours, merge.theirs)
        for name in {*one.draft.changed, "cameras", "places", "obstacles", "entrances"}
        for label in one.draft.table(name).index
    }
    names: dict[str, str] = {}
    for label, side in sides.items():
        if side == BOTH:
            names[label] = free_id(label.rpartition("/")[0] or label, taken)
            taken.add(names[label])
    return names


def _renamed(command: Command, label: str) -> Command:
    """Return a command about another id."""
    field = next(name for name in IDS if hasattr(command, name))
    if isinstance(command, AnswerRoomUse) and command.placing is not None:
        command = replace(command, placing=replace(command.placing, camera_id=label))
    renamed: Command = replace(command, **{field: label})  # type: ignore[arg-type]  # one of its own
    return renamed
