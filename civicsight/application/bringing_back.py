"""A package that came back beside ours: what each side did, and what is taken of it.

What came is held against ours since the version that both know: id by id where both are drafts of
the app, as a whole where an optimiser made one of them, for its proof holds for all of it or for
nothing. Nothing goes in that nobody accepted, and the audit keeps what was settled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from civicsight.application.comparing import (
    WHAT,
    Change,
    changes_of,
    describe_field,
    describe_layer,
    describe_value,
)
from civicsight.application.faults import fault, reject
from civicsight.application.handing_over import Desk, require_drawn, require_whole, taken_of
from civicsight.application.workflow import SESSION, commit_draft
from civicsight.core.errors import N_, InputError, Text
from civicsight.editing.commands import Comment
from civicsight.editing.draft import free_id
from civicsight.editing.merging import (
    BOTH,
    CONFLICT,
    OURS,
    SAME,
    THEIRS,
    Merge,
    Subject,
    merge_sessions,
    three_way,
)
from civicsight.editing.session import from_json
from civicsight.store import (
    Act,
    Actor,
    Package,
    Plan,
    Store,
    Version,
    known_versions,
    require_proof,
    threads,
)
from civicsight.store.remarks import Remark, bring_remarks, remarks_of
from civicsight.store.transactions import looking
from civicsight.store.versions import TAKEN

WHOLE: Final = "plan"
"""Stands for the plan where it is taken or left as a whole."""

SIDES: Final[Mapping[str, Text]] = {
    OURS: N_("as here"),
    THEIRS: N_("as in the package"),
    BOTH: N_("both, theirs under another number"),
}
"""What may be decided."""

STATES: Final[Mapping[str, Text]] = {
    CONFLICT: N_("changed on both sides"),
    THEIRS: N_("changed in the package alone"),
    OURS: N_("changed here alone"),
    SAME: N_("changed alike on both sides"),
}
"""Who changed something since the version that both know."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A package beside our plan.

    Parameters
    ----------
    package, source
        What came, and the name of its file.
    plan
        Ours as it stands.
    base
        Number of our version from which both parted.
    subjects
        What either side changed since.
    merge
        The three drafts; None where the plan is taken or left as a whole.
    layers
        Tables of the version that both know, of ours now, and of theirs.
    remarks
        Position in the package of each remark that is not here, by the id of its subject.
    """

    package: Package
    source: str
    plan: Plan
    base: int
    subjects: tuple[Subject, ...]
    merge: Merge | None
    layers: tuple[Mapping[str, pd.DataFrame], ...]
    remarks: Mapping[str, int] = field(default_factory=dict)

    @property
    def conflicts(self) -> tuple[Subject, ...]:
        """What both sides changed, each otherwise."""
        return tuple(one for one in self.subjects if one.state == CONFLICT)

    @property
    def brings_something(self) -> bool:
        """Whether anything of theirs is not here."""
        return any(one.state in (CONFLICT, THEIRS) for one in self.subjects)


def hold_against(store: Store, actor: Actor, package: Package, desk: Desk, source: str) -> Held:
    """Find what each side did to a plan since the version that both know; nothing is changed.

    Raises
    ------
    Denied
        If somebody may not bring files in, or write this plan.
    InputError
        If the package is of another project or of no version of this plan, or a draft in it is not
        lawful.
    """
    plan_id = package.plan.plan_id
    with looking(store.database, actor, Act.IMPORT, plan_id):
        pass
    with looking(store.database, actor, Act.COMMIT, plan_id) as (connection, plan):
        known = known_versions(connection, store.name, plan_id)
    require_project(package, desk, source)
    require_drawn(package, desk, source)
    parted = next((known[root] for root in reversed(package.exchanged) if root in known), None)
    if parted is None:
        reject("handover.base", source, found=package.head.digest[:12])
    base, ours = (store.read_version(actor, plan_id, n) for n in (parted, None))
    sides = (base.documents, ours.documents, package.documents)
    layers = (base.layers, ours.layers, package.layers)
    texts = [one.get(SESSION) for one in sides]
    if all(isinstance(text, str) for text in texts):
        drafts = (from_json(str(text), desk.city, desk.guard, desk.base) for text in texts)
        merge = three_way(*drafts)
        held = Held(package, source, plan, parted, merge.subjects, merge, layers)
        changed = {one.label for one in merge.subjects if one.state in (OURS, CONFLICT)}
    else:
        held = Held(package, source, plan, parted, _whole(base, ours, package), None, layers)
        said = {one.subject for one in package.remarks}
        changed = said if ours.digest != base.digest else set()
    return _with_remarks(held, remarks_of(threads(store, actor, plan_id)), changed)


def _with_remarks(held: Held, known: Iterable[Remark], changed: Collection[str]) -> Held:
    """Add each remark of a package that is not here, under an id of its own.

    On something that was changed here it is a conflict: whoever said it did not see the change.
    """
    here = {one.key for one in known}
    taken = {one.label for one in held.subjects}
    subjects, places = list(held.subjects), {}
    for position, one in enumerate(held.package.remarks):
        if one.key in here:
            continue
        label = free_id("remark", taken)
        taken.add(label)
        places[label] = position
        state = CONFLICT if one.subject in changed else THEIRS
        subjects.append(Subject(label, state, (), remark=Comment(one.subject, one.text)))
    return replace(held, subjects=tuple(subjects), remarks=places)


def require_project(package: Package, desk: Desk, source: str) -> None:
    """Refuse a package whose drafts are drawn on something else than ours.

    Raises
    ------
    InputError
        If its project is another one, or another state of this one.
    """
    if package.project_digest != desk.base:
        reject("handover.project", source, found=package.project_digest[:12])


def _whole(base: Version, ours: Version, package: Package) -> tuple[Subject, ...]:
    """Return the plan as one subject, nothing if both are the same."""
    here, there = (one != base.digest for one in (ours.digest, package.head.digest))
    if ours.digest == package.head.digest or not (here or there):
        return ()
    state = CONFLICT if here and there else THEIRS if there else OURS
    return (Subject(WHOLE, state, ()),)


def take_over(
    store: Store,
    actor: Actor,
    held: Held,
    settled: Mapping[str, str],
    *,
    reason: str = "",
    unproven: bool = False,
) -> Plan:
    """Keep what was settled as the next version of our plan.

    Parameters
    ----------
    store, actor, held
        Where, who settles, and what was held against each other.
    settled
        Decision by id, keys of `SIDES`; every conflict needs one.
    reason
        Why it was settled so.
    unproven
        Whether it is taken over even if nothing proves the package; the audit keeps that.

    Raises
    ------
    Conflict
        If our plan was changed since it was held against the package.
    InputError
        If nothing proves the package, a conflict is open, a decision is about nothing that differs,
        or what comes of it is not lawful.
    """
    require_proof(held.package, held.source, unproven=unproven)
    require_meant(held, settled)
    _require_settled(held, settled)
    _require_once(store, actor, held, settled)
    lost = require_whole(store, held.package, unproven=unproven)
    said = (
        taken_of(held.package, held.source)
        | lost
        | {"base": held.base, "settled": _settled_rows(held, settled)}
    )
    said |= {"reason": reason} if reason else {}
    plan = held.plan
    if any(one.label not in held.remarks for one in held.subjects):
        plan = _commit(store, actor, held, settled, said)
    wanted = [
        position
        for one in held.subjects
        if (position := held.remarks.get(one.label)) is not None and side_of(one, settled) == THEIRS
    ]
    if wanted:
        bring_remarks(store, actor, plan.plan_id, held.package.remarks, wanted)
    return plan


def _commit(
    store: Store, actor: Actor, held: Held, settled: Mapping[str, str], said: dict[str, Any]
) -> Plan:
    """Keep the plan as it was settled as its next version."""
    rev, plan_id = held.plan.rev, held.plan.plan_id
    if held.merge is not None:
        session = merge_sessions(held.merge, settled)
        return commit_draft(store, actor, session, plan_id, rev, held.package.head.note, said)
    theirs = any(one.label == WHOLE and side_of(one, settled) == THEIRS for one in held.subjects)
    said |= {"whole": True} if theirs else {}
    kept: Package | Version = held.package if theirs else store.read_version(actor, plan_id)
    layers = kept.packed if isinstance(kept, Package) else kept.layers
    documents, head = kept.documents, kept.head
    return store.commit_version(
        actor,
        plan_id,
        base_rev=rev,
        layers=layers,
        documents=documents,
        inputs=head.inputs,
        note=head.note,
        taken=said,
    )


def side_of(subject: Subject, settled: Mapping[str, str]) -> str:
    """Return which side holds; empty while a conflict is open."""
    return settled.get(subject.label) or subject.usual


def _settled_rows(held: Held, settled: Mapping[str, str]) -> list[list[str]]:
    """Return what the audit keeps of each subject that differs: id, who changed it, which side."""
    return [[one.label, one.state, side_of(one, settled)] for one in held.subjects]


def _require_settled(held: Held, settled: Mapping[str, str]) -> None:
    """Refuse conflicts that nobody settled, all at once."""
    faults = [
        fault("handover.open", held.source, one.label, choices=", ".join(one.choices))
        for one in held.conflicts
        if one.label not in settled
    ]
    if faults:
        raise InputError(faults)


def _require_once(store: Store, actor: Actor, held: Held, settled: Mapping[str, str]) -> None:
    """Refuse to take beside ours what was so taken of this package before: it would be twice."""
    taken = (entry.says.get(TAKEN, {}) for entry in store.history(actor, held.plan.plan_id))
    beside = {
        label
        for one in taken
        if one.get("package") == held.package.root
        for label, _, side in one.get("settled", ())
        if side == BOTH
    }
    faults = [
        fault("handover.twice", held.source, label, found=BOTH)
        for label, side in settled.items()
        if side == BOTH and label in beside
    ]
    if faults:
        raise InputError(faults)


def require_meant(held: Held, settled: Mapping[str, str]) -> None:
    """Refuse decisions about nothing that differs, or for a side that cannot hold; all at once.

    Raises
    ------
    InputError
        With what can hold of each.
    """
    choices = {one.label: tuple(one.choices) for one in held.subjects}
    faults = [
        fault(
            "handover.decision",
            held.source,
            label,
            found=side,
            choices=", ".join(choices.get(label, tuple(SIDES))),
        )
        for label, side in settled.items()
        if side not in choices.get(label, ())
    ]
    if faults:
        raise InputError(faults)


def fields_of(held: Held, subject: Subject) -> list[tuple[str, Change | None, Change | None]]:
    """Return each thing that differs of a subject: layer, what became of it here, and there.

    What both sides began under one id is held against each other: ours as what was before.
    """
    found: list[tuple[str, Change | None, Change | None]] = []
    for layer in subject.tables or sorted({name for one in held.layers for name in one}):
        base, ours, theirs = (_only(one, subject) for one in _tables(held, layer))
        if subject.may_be_both:
            found += [(layer, None, one) for one in changes_of(layer, ours, theirs)]
            continue
        here, there = (
            {(one.row_id, one.what): one for one in changes_of(layer, base, side)}
            for side in (ours, theirs)
        )
        found += [(layer, here.get(key), there.get(key)) for key in {**here, **there}]
    return found


def describe_fields(
    held: Held, subject: Subject, translate: Callable[[Text], str]
) -> list[tuple[str, str, str, str, str]]:
    """Return in words what differs of a subject: layer, what, as both knew it, here, there."""
    if subject.remark is not None:
        about = translate(subject.remark.describe())
        return [
            (translate(N_("Remarks")), about, "", translate(N_("as before")), subject.remark.text)
        ]
    rows = []
    for layer, here, there in fields_of(held, subject):
        one = here or there
        if one is None:
            continue
        what = (
            describe_field(layer, one.what, translate)
            if one.is_value
            else translate(WHAT[one.what])
        )
        known = describe_value(layer, one.what, one.before, translate) if one.is_value else ""
        before, mine = (
            ("", known) if subject.may_be_both else (known, _cell(layer, here, translate))
        )
        rows.append(
            (describe_layer(layer, translate), what, before, mine, _cell(layer, there, translate))
        )
    return rows


def _cell(layer: str, change: Change | None, translate: Callable[[Text], str]) -> str:
    if change is None:
        return translate(N_("as before"))
    if change.is_value:
        return describe_value(layer, change.what, change.after, translate, change.before)
    return change.after or translate(WHAT[change.what])


def _tables(held: Held, layer: str) -> list[pd.DataFrame]:
    """Return a table as both knew it, as it is here, and as it is there."""
    if held.merge is not None:
        merge = held.merge
        return [one.draft.table(layer) for one in (merge.base, merge.ours, merge.theirs)]
    return [one.get(layer, pd.DataFrame()) for one in held.layers]


def _only(frame: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    return frame if subject.label == WHOLE else frame[frame.index == subject.label]
