"""The partition in words: how all places and parts stand, and what was not judged, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.coverage.demand.find import REASONS
from civicsight.coverage.findings.evidence import NO_INVENTORY, NOT_LOOKED, SEVERITIES
from civicsight.coverage.pose.placement import PLACEMENT_REASONS
from civicsight.coverage.result import STATES, find_unseen, no_inventory, partition
from civicsight.model.results import PRESUMED
from civicsight.planning.area.scope import Scope
from civicsight.planning.statement.figures import SUBJECTS, Figures, figures_of_check
from civicsight.presentation.lexicon import STATE_LABELS, number
from civicsight.rules.predicates import OF_INVENTORY
from civicsight.rules.predicates.declaration import DEMANDED
from civicsight.rules.vocabulary import field_name, join

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.record.plan import Plan
    from civicsight.presentation.names import Names
    from civicsight.rules import Rule

Count = Callable[[int], str]

Told = Callable[[str], str]
"""Writes the figure of a key."""

HEADINGS: Final = (*STATE_LABELS.values(), N_("in all"))

WAYS: Final = ("sure", "only_if_assumed")
"""Ways in which cameras do what others do, as keys of figures name them."""

UNTOLD: Final = N_("cannot be told")

MOST_WORST: Final = 3
"""So many places are named on page one."""

NO_LIST: Final = (NOT_LOOKED, N_("hand in the inventory, or an empty one if no camera stands"))
UNLISTED: Final = N_(
    "Not judged: %(why)s. To settle it: %(settles)s.", why=NO_LIST[0], settles=NO_LIST[1]
)
"""Said in place of what would be found, where nobody handed in an inventory."""

OF_CAMERAS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **PLACEMENT_REASONS,
        "removed": N_("its record says that it was removed"),
        "out_of_use": N_("its record says that it does not work"),
        "no_view": N_("no view can be made of its record"),
    }
)
"""Why a camera was not judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The partition for a page.

    Parameters
    ----------
    heads
        Headings: the four states, and all.
    rows
        A label and a figure for each heading, for places and for parts.
    unjudged
        Sentences on what was not judged, by reason, on gates that are only presumed, and on what
        would settle it.
    cameras, withheld, rows_read
        Sentences on cameras, on those that nothing is said against, and on the rows of the data.
    """

    headings: tuple[Text, ...]
    rows: tuple[tuple[Text, tuple[str, ...]], ...]
    unjudged: tuple[Text, ...]
    cameras: tuple[Text, ...]
    withheld: tuple[Text, ...]
    rows_read: tuple[Text, ...]

    @property
    def sentences(self) -> tuple[Text, ...]:
        """All that was not judged, not read or not said, in the order in which it matters."""
        return (*self.unjudged, *self.withheld, *self.cameras, *self.rows_read)


def describe_judged(result: CheckResult, count: Count = number) -> Judged:
    """Put the partition into words.

    Parameters
    ----------
    result
        What `check` found.
    count
        Writes a figure; an edition for the public keeps small ones back.
    """
    found = figures_of_check(result)

    def told(key: str) -> str:
        return found[key].written(lambda value: count(int(value)))

    rows = tuple(
        (
            SUBJECTS[name],
            tuple(told(f"{name}.{state}.before") for state in (*STATE_LABELS, "count")),
        )
        for name in ("places", "parts")
    )
    return Judged(
        HEADINGS,
        rows,
        (*_unjudged(found, told), *_presumed(found, told)),
        (*_cameras(found, told), *_barred(found, told)),
        tuple(_withheld(found, told)),
        tuple(_rows(found, told)),
    )


def describe_double(
    found: Figures, key: str, translate: Callable[[Text], str], count: Count = number
) -> str:
    """Write how many cameras do what others do; in words where nobody looked."""
    figure = found[key]
    return translate(UNTOLD) if figure.value is None else figure.written(lambda n: count(int(n)))


def beside_headline(result: CheckResult) -> tuple[Text, ...]:
    """Say beside a headline how much it does not speak of, and how much of it is presumed."""
    found, said = figures_of_check(result), without_inventory(result)
    if not said and (found.of("places.not_judged.before") or found.of("parts.not_judged.before")):
        said = (
            N_(
                "Not judged: %(places)s of %(all_places)s places and %(parts)s of %(all_parts)s "
                "gates and key parts; why, and what would settle it, is said below.",
                places=found["places.not_judged.before"],
                all_places=found["places.count.before"],
                parts=found["parts.not_judged.before"],
                all_parts=found["parts.count.before"],
            ),
        )
    said = (*said, *_unlisted(result))
    if found.of("gates.presumed"):
        text = N_(
            "%(count)s of %(all)s gates and key parts are only presumed: no map and no list shows "
            "where they are.",
            count=found["gates.presumed"],
            all=found["parts.count.before"],
        )
        said = (*said, text)
    return said


def _unlisted(result: CheckResult) -> list[Text]:
    """Say of which layers nothing is on record, though what a check finds rests on them."""
    empty = [name for name in find_unseen(result, DEMANDED) if name != "cameras"]
    if not empty:
        return []
    return [
        N_(
            "Nothing is on record of: %(layers)s. The figures take it that there is none. To "
            "settle it: hand in a list, or an empty list where there is none.",
            layers=join(field_name(name) for name in empty),
        )
    ]


def worst_places(result: CheckResult, names: Names) -> tuple[Text, ...]:
    """Name the places at which most is not covered, the most serious first.

    Parameters
    ----------
    result
        What `check` found.
    names
        What the places are called.
    """
    worst = rank_places(result)
    worst = worst[worst["before_gap"].gt(0)].head(MOST_WORST)
    return tuple(
        N_(
            "%(place)s: %(gap)s of %(all)s gates and key parts are not covered.",
            place=names.zones.get(str(row.Index), str(row.Index)),
            gap=of_place(row, "before_gap"),
            all=of_place(row, "parts"),
        )
        for row in worst.itertuples()
    )


def rank_places(result: CheckResult) -> pd.DataFrame:
    """Return of each place how many parts it has and how they stand, the worst place first.

    The most serious gap counts first, then how many there are.
    """
    parts = partition(result).parts
    state = pd.crosstab(parts["zone_id"], parts["state"]).reindex(columns=[*STATES], fill_value=0)
    state = state.add_prefix("before_").assign(parts=state.sum(axis="columns"))
    severity = result.gaps["severity"].map(SEVERITIES.index)
    zone = result.parts["zone_id"].reindex(result.gaps["subject"]).to_numpy(object)
    state["severity"] = severity.groupby(zone).max().reindex(state.index)
    order = ["severity", "before_gap", "zone_id"]
    return state.sort_values(order, ascending=[False, False, True])


def of_place(row: Any, name: str) -> str:
    """Write a count of a row of `rank_places`."""
    return keyed(f"place.{row.Index}.{name}", number(getattr(row, name)))


def without_inventory(result: CheckResult) -> tuple[Text, ...]:
    """Say, where no inventory was given, of which articles what exists was not judged."""
    if not no_inventory(result):
        return ()
    laws = []
    for pack in result.rules.packs:
        asking = {rule.id for rule in pack.rules if _asks_of_cameras(rule)}
        articles = [entry.n for entry in pack.articles if asking & set(entry.rules)]
        if articles:
            law = pack.instrument.name
            laws.append(N_("%(law)s: %(articles)s", law=law, articles=", ".join(articles)))
    return (
        N_(
            "No inventory of cameras was given: nothing was judged of what the law asks of those "
            "that exist (articles with such rules: %(laws)s).",
            laws=join(laws, loose=True),
        ),
    )


def _asks_of_cameras(rule: Rule) -> bool:
    asked = {check.name for check in rule.check.predicates()}
    return "camera" in rule.subjects or not asked.isdisjoint(OF_INVENTORY)


def leave_unweighed(plan: Plan, n: Figures, names: str) -> Text:
    """Say which planned cameras a plan leaves as they are, because it could not weigh them.

    What it could not weigh was not judged or is only presumed; in a plan that was not asked for
    all that is demanded, it may be something that was left out.
    """
    count = n["cameras.unweighed"]
    if Scope.of(plan.parameters):
        return N_(
            "Neither taken up nor dropped, %(count)s planned cameras (%(names)s): something within "
            "their sight was not judged, is only presumed, or is not asked for.",
            count=count,
            names=names,
        )
    return N_(
        "Neither taken up nor dropped, %(count)s planned cameras (%(names)s): something within "
        "their sight was not judged, or is only presumed. Settle that, and plan again.",
        count=count,
        names=names,
    )


def _unjudged(found: Figures, told: Told) -> list[Text]:
    texts = []
    for reason in found.reasons("places"):
        why, settles = NO_LIST if reason == NO_INVENTORY else REASONS[reason]
        said = N_(
            "Not judged (places: %(places)s, gates and key parts: %(parts)s): %(why)s. "
            "To settle it: %(settles)s.",
            places=told(f"places.reason.{reason}"),
            parts=told(f"parts.reason.{reason}"),
            why=why,
            settles=settles,
        )
        texts.append(said)
    return texts


def _presumed(found: Figures, told: Told) -> list[Text]:
    if not found.of("gates.presumed"):
        return []
    return [
        N_(
            "Only presumed, %(towards)s gates on the front towards a way and %(anywhere)s anywhere "
            "on a front: each counts as covered for sure only if all its positions are. To settle "
            "it: list the gate, or confirm where it is.",
            towards=told(f"gates.presumed.{PRESUMED[0]}"),
            anywhere=told(f"gates.presumed.{PRESUMED[1]}"),
        )
    ]


def _cameras(found: Figures, told: Told) -> list[Text]:
    return [
        N_(
            "Not judged (cameras: %(count)s): %(why)s.",
            count=told(f"cameras.reason.{reason}"),
            why=OF_CAMERAS[reason],
        )
        for reason in sorted(found.reasons("cameras"))
    ]


def _barred(found: Figures, told: Told) -> list[Text]:
    if not found.of("cameras.inside"):
        return []
    return [
        N_(
            "Credited with nothing, %(count)s cameras: they stand in private places. Take them "
            "down or move them.",
            count=told("cameras.inside"),
        )
    ]


def _withheld(found: Figures, told: Told) -> list[Text]:
    if not found.of("cameras.withheld"):
        return []
    return [
        N_(
            "Of %(count)s cameras nothing is said to be too much, nor is any of them dropped: "
            "something within their sight was not judged, or is only presumed.",
            count=told("cameras.withheld"),
        )
    ]


def _rows(found: Figures, told: Told) -> list[Text]:
    if not found.of("rows.read"):
        return []
    rows = [
        N_(
            "Rows of the data: %(read)s read, %(kept)s kept, %(repaired)s mended, %(rejected)s "
            "refused.",
            **{name: told(f"rows.{name}") for name in ("read", "kept", "repaired", "rejected")},
        )
    ]
    if found.of("rows.left_out") or found.of("rows.divided"):
        more = N_(
            "Of the rows, %(left_out)s were left out for a reason that the import names, and "
            "%(divided)s were added by dividing outlines.",
            left_out=told("rows.left_out"),
            divided=told("rows.divided"),
        )
        rows.append(more)
    return rows
