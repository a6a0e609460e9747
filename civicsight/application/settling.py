"""How somebody settles the differences between a list of cameras and the register."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from civicsight.application.comparing import describe_value
from civicsight.core.errors import N_
from civicsight.inventory import Reconciliation, Rule, reconcile, settle, take_over
from civicsight.inventory.comparing import TAG
from civicsight.inventory.decision_table import NAMED
from civicsight.inventory.difference import WHAT
from civicsight.inventory.settling import DECISIONS, KEY, TAKE, as_text
from civicsight.model import CAMERAS
from civicsight.presentation.columns import HEADINGS, heading

if TYPE_CHECKING:
    from civicsight.core.errors import Text
    from civicsight.model import City

OPEN: Final = ""
USUAL: Final[Mapping[str, str]] = {
    "added": TAKE,
    "changed": TAKE,
    "filled": TAKE,
    "moved": TAKE,
    "renumbered": OPEN,
    "missing": OPEN,
    "emptied": OPEN,
}
"""What is chosen for a kind before anybody chose: what only adds and corrects is taken."""

SURE: Final = 0.8
"""Rules settle pairs that are at least so certain; the others are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose.

    Parameters
    ----------
    by_kind
        Decision by kind of difference; empty leaves it open.
    singly
        Decision and reason by the number of a difference; they go before the rules.
    by, on, reason
        Who settles, on which day, and why.
    """

    by_kind: Mapping[str, str]
    by: str
    on: str
    reason: str = ""
    singly: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the decisions by kind as rules."""
        return tuple(Rule(what, said, certain=SURE) for what, said in self.by_kind.items() if said)


def settled_by(found: Reconciliation, choice: Choice) -> Reconciliation:
    """Return the differences with what somebody chose."""
    rows = found.differences.loc[list(choice.singly), list(KEY)]
    decisions = rows.assign(
        decision=[said for said, _ in choice.singly.values()],
        reason=[reason for _, reason in choice.singly.values()],
    )
    return settle(
        found,
        decisions=decisions,
        rules=choice.rules,
        by=choice.by,
        on=choice.on,
        reason=choice.reason,
    )


def put_in(city: City, *, found: Reconciliation, choice: Choice) -> City:
    """Return a project with what somebody chose about a list of cameras.

    A project that another list has changed meanwhile is held against this one anew, by the rules:
    what was said of single differences was said of the cameras as they were.
    """
    if city.cameras is found.known:
        return take_over(city, settled_by(found, choice))
    anew = reconcile(
        city.cameras,
        found.listed,
        given=found.given,
        source=found.source,
        unread=found.unread,
        apart=found.apart,
    )
    told = Choice(choice.by_kind, choice.by, choice.on, choice.reason)
    return take_over(city, settled_by(anew, told))


COLUMNS: Final = ("known_id", "listed_id", "name", "what", "column", "old", "new", "certainty")


def rows_of(found: Reconciliation, words: Mapping[str, str], translate: Any) -> pd.DataFrame:
    """Return the differences as rows of words under `COLUMNS`, by their number."""
    table = found.differences
    columns = [
        translate(_heading(field)) if what in NAMED else ""
        for what, field in zip(table["what"], table["field"], strict=True)
    ]
    distance = table["distance_m"].map(lambda metres: f"{metres:.1f} m" if metres == metres else "")  # noqa: PLR0124 - NaN
    return table.assign(
        what=table["what"].map(words),
        column=columns,
        old=_values(table, "old", translate),
        new=_values(table, "new", translate).where(table["what"].ne("moved"), distance),
        certainty=table["certainty"].map(lambda share: "" if share != share else f"{share:.2f}"),  # noqa: PLR0124 - NaN
    )[list(COLUMNS)]


OTHERWISE: Final = {
    "apart": DECISIONS["apart"],
    "surveyed": N_("found by a survey"),
    "unbuildable": N_("cannot be built"),
}
"""What a record of changes tells beside differences."""

RECORD: Final = ("subject", "what", "field", "old", "new", "decision", "reason", "decided_by",
                 "decided_on", "source")  # fmt: skip


def record_of(city: City, translate: Any) -> pd.DataFrame:
    """Return what was settled in a register as rows of words, `RECORD`, the latest first."""
    table = city.changes.iloc[::-1]
    words = {**WHAT, **OTHERWISE}
    return (
        pd.DataFrame(
            {
                "subject": table["subject"],
                "what": [translate(words[what]) for what in table["what"]],
                "field": [
                    translate(_heading(name)) if isinstance(name, str) and name else ""
                    for name in table["field"]
                ],
                "old": _values(table, "old", translate),
                "new": _values(table, "new", translate),
                "decision": [translate(DECISIONS[code]) for code in table["decision"]],
            }
        )
        .join(table[list(RECORD[6:])])
        .fillna("")
    )


FIGURE: Final = re.compile(r"-?\d+\.\d+")
YES_NO: Final = {"yes": True, "no": False}
"""What a record of changes calls what is so, and what is not."""


def _as_value(told: object) -> object:
    """Return a value that a record of changes keeps as text, where it is a figure or yes or no."""
    if not isinstance(told, str):
        return told
    return float(told) if FIGURE.fullmatch(told) else YES_NO.get(told, told)


def _values(table: pd.DataFrame, side: str, translate: Any) -> pd.Series:
    """Return the values of a side in words: a code by its word, nothing as nothing."""
    said = [
        ""
        if as_text(value) == ""
        else describe_value(CAMERAS.name, str(name), _as_value(value), translate)
        for name, value in zip(table["field"], table[side], strict=True)
    ]
    return pd.Series(said, table.index, dtype=object)


def _heading(column: str) -> Text:
    return heading(column.removeprefix(TAG), HEADINGS)
