"""The queue of what nobody has settled: gates, records of cameras, and places not judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from civicsight.application.records import DoubtfulRecord, doubtful_records
from civicsight.application.scope import hidden_places, home_of
from civicsight.application.unjudged_places import UnjudgedPlace, unjudged_places
from civicsight.editing.gates import OpenGate, open_gates
from civicsight.report.brief import hanging_on_records

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.editing.commands import Command
    from civicsight.editing.draft import Draft
    from civicsight.editing.edit_context import EditContext
    from civicsight.store import Actor

GATES, RECORDS, PLACES = KINDS = ("gates", "records", "places")


@dataclass(frozen=True, slots=True)
class Queue:
    """What is open of each kind, that first which would settle most."""

    gates: list[OpenGate]
    records: list[DoubtfulRecord]
    places: list[UnjudgedPlace]

    def counts(self) -> dict[str, int]:
        """Return how many questions there are of each kind."""
        return {kind: len(getattr(self, kind)) for kind in KINDS}


def queue_of(context: EditContext, draft: Draft, done: Sequence[Command], actor: Actor) -> Queue:
    """Return what is open for somebody.

    Parameters
    ----------
    context
        The project, as editing has it at hand.
    draft, done
        His draft, and its commands.
    actor
        Who asks: a district planner is asked of what lies in the own district.
    """
    result = context.result
    hidden = hidden_places(result, actor)
    own = draft.cameras[home_of(draft.cameras, actor, result.city)]
    return Queue(
        own_gates(result, done, actor),
        doubtful_records(result, own, context.heads(draft)),
        [one for one in unjudged_places(result, done) if one.place_id not in hidden],
    )


def own_gates(result: CheckResult, done: Sequence[Command], actor: Actor) -> list[OpenGate]:
    """Return the open gates of the places that somebody may read of; see `open_gates`."""
    hidden = hidden_places(result, actor)
    return [one for one in open_gates(result, done) if one.zone_id not in hidden]


def order_kinds(result: CheckResult) -> tuple[str, ...]:
    """Return the kinds of questions, that first with which most places would be settled.

    A gate settles its place if it is presumed or counts as a gap, a record those that hang on it,
    and each place that was not judged is one. It is the order of the project, whatever a draft has
    settled, so that it stays while somebody answers.
    """
    gates = {one.zone_id for one in open_gates(result, ()) if one.is_presumed or one.is_gap}
    zones = result.parts["zone_id"].reindex(hanging_on_records(result)["part_id"])
    places = {GATES: len(gates), RECORDS: zones.nunique(), PLACES: len(unjudged_places(result, ()))}
    return tuple(sorted(KINDS, key=lambda kind: -places[kind]))
