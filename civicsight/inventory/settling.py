"""What people decide about differences: one by one in a table, or all of a kind by a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.days import read_day
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.settings import present_day
from civicsight.inventory.comparing import TAG
from civicsight.inventory.difference import PULLED, WHAT, Reconciliation, reconcile
from civicsight.inventory.faults import fault, reject
from civicsight.model import CAMERAS

TAKE, KEEP, APART = "take", "keep", "apart"

DECISIONS: Final[Mapping[str, Text]] = {
    TAKE: N_("as the list says"),
    KEEP: N_("as the register says"),
    APART: N_("two cameras"),
}
"""What can be decided about a difference; the last of one between two records that were paired."""

KEY: Final = ("known_id", "listed_id", "what", "field")
"""What names a difference."""

_RULE: Final = re.compile(
    r"([a-z]+|\*)(?::([^=]+?))?\s*=\s*([a-z]+)(?:\s*@\s*(0?\.\d+|1(?:\.0*)?))?"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision about all open differences of a kind.

    Parameters
    ----------
    what
        Kind of difference, a key of `difference.WHAT`; ``*`` for each of them.
    decision
        ``take`` or ``keep``.
    field
        Only of this column; of every one where it is empty.
    certain
        Only where the pair is at least so certain [0-1]; of what only one side has it says nothing.
    """

    what: str
    decision: str
    field: str = ""
    certain: float = 0.0

    def fits(self, differences: pd.DataFrame) -> pd.Series:
        """Tell which differences it is about."""
        of_kind = differences["what"].eq(self.what) | (self.what == "*")
        of_field = differences["field"].eq(self.field) | (self.field == "")
        return of_kind & of_field & ~(differences["certainty"] < self.certain)

    def __str__(self) -> str:
        """Write it as `read_rule` reads it."""
        field = f":{self.field}" if self.field else ""
        sure = f"@{self.certain:g}" if self.certain else ""
        return f"{self.what}{field}={self.decision}{sure}"


def read_rule(text: str) -> Rule:
    """Read a rule such as ``missing=keep``, ``changed:height_m=take`` or ``moved=take@0.95``.

    Raises
    ------
    InputError
        If it is none.
    """
    found = _RULE.fullmatch(text.strip())
    kinds, fields = ("*", *WHAT), {"", "geometry", *(column.name for column in CAMERAS)}
    good = (
        found is not None
        and found[1] in kinds
        and found[3] in (TAKE, KEEP)
        and ((found[2] or "") in fields or (found[2] or "").startswith(TAG))
    )
    if found is None or not good:
        reject("inventory.rule", found=text, kinds=", ".join(kinds))
    return Rule(found[1], found[3], found[2] or "", float(found[4] or 0.0))


def settle(
    found: Reconciliation,
    *,
    decisions: pd.DataFrame | None = None,
    rules: Sequence[Rule] = (),
    by: str = "",
    on: str = "",
    reason: str = "",
    source: str = "",
) -> Reconciliation:
    """Return a reconciliation with what people decided; what nobody decided stays open.

    Parameters
    ----------
    found
        The differences.
    decisions
        Rows with `KEY`, ``decision`` and, where they say so, ``decided_by``, ``decided_on`` and
        ``reason``; rows without a decision are passed over.
    rules
        In their order, each about what is open by then.
    by, on, reason
        Who settles, the day (ISO 8601) and why, where a row does not say it.
    source
        Name of the table of decisions, for what is wrong with it.

    Raises
    ------
    InputError
        If a decision is about a difference that is not there, or is none, or is of no day or one
        after today.
    """
    usual = {"decided_by": by, "decided_on": on, "reason": reason}
    if decisions is not None:
        said = decisions[decisions["decision"].fillna("").ne("")]
        found = _pull_apart(found, said[said["decision"].eq(APART)], usual, source)
        found = _one_by_one(found, said[said["decision"].ne(APART)], usual, source)
    table = found.differences.copy()
    for rule in rules:
        fits = rule.fits(table) & table["decision"].eq("")
        told = {**usual, "reason": reason or str(rule)}
        table.loc[fits, ["decision", *told]] = [rule.decision, *told.values()]
    # Refuse decisions of no day, and of a day after today.
    decided = pd.concat([found.pulled, table[table["decision"].ne("")]])
    today = present_day()
    days = [read_day(each) for each in decided["decided_on"].replace("", today.isoformat())]
    wrong = decided["decided_on"][[day is None or day > today for day in days]]
    faults = [
        fault(
            "inventory.decided_on",
            source,
            field="decided_on",
            found=str(text),
            today=today.isoformat(),
        )
        for text in dict.fromkeys(wrong)
    ]
    if faults:
        raise InputError(faults)
    return replace(found, differences=table)


def _pull_apart(
    found: Reconciliation, said: pd.DataFrame, usual: Mapping[str, str], source: str
) -> Reconciliation:
    """Match anew without the pairs that are two cameras."""
    pairs = set(zip(said["known_id"].map(str), said["listed_id"].map(str), strict=True))
    matched = set(zip(found.matches["known_id"], found.matches["listed_id"], strict=True))
    known = matched | found.apart
    wrong = [
        _gone(row, source)
        for row in said.to_dict("records")
        if (row["known_id"], row["listed_id"]) not in known
    ]
    if wrong:
        raise InputError(wrong)
    if pairs <= found.apart:
        return found
    once = said.drop_duplicates(["known_id", "listed_id"]).reindex(columns=list(PULLED))
    for name, text in usual.items():
        once[name] = once[name].where(once[name].notna() & once[name].ne(""), text)
    anew = reconcile(
        found.known,
        found.listed,
        given=found.given,
        source=found.source,
        unread=found.unread,
        apart=found.apart | pairs,
        reading=found.reading,
    )
    return replace(anew, pulled=pd.concat([found.pulled, once]))


def _one_by_one(
    found: Reconciliation, said: pd.DataFrame, usual: Mapping[str, str], source: str
) -> Reconciliation:
    table = found.differences.copy()
    where = {key: label for label, key in zip(table.index, _keys(table), strict=True)}
    faults, kept_apart = [], {one for pair in found.apart for one in pair}
    for row, key in zip(said.to_dict("records"), _keys(said), strict=True):
        label = where.get(key)
        if label is None and {key[0], key[1]} & kept_apart:
            continue  # it was about a pair that the same table pulls apart
        # Decided on what both sides say now, as far as the row repeats that.
        if label is None or any(
            name in row and as_text(row[name]) != as_text(table.loc[label, name])
            for name in ("old", "new")
        ):
            faults.append(_gone(row, source))
            continue
        told = {name: str(row.get(name) or usual[name]) for name in usual}
        table.loc[label, ["decision", *told]] = [row["decision"], *told.values()]
    if faults:
        raise InputError(faults)
    return replace(found, differences=table)


def as_text(value: object) -> str:
    """Return a value of either side as a table of decisions holds it.

    Examples
    --------
    >>> as_text(4.50), as_text(None), as_text(True), as_text("'-5")
    ('4.5', '', 'yes', '-5')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | int | np.number):
        return f"{float(value):.10g}"
    return " ".join(str(value).removeprefix("'").split())


def _keys(table: pd.DataFrame) -> Iterable[tuple[str, ...]]:
    texts = (table[name].fillna("").map(str) for name in KEY)
    return zip(*texts, strict=True)


def _gone(row: Mapping[str, Any], source: str) -> Fault:
    said = " ".join(str(row.get(name) or "") for name in KEY).strip()
    return fault(
        "inventory.gone", source, str(row.get("difference_id") or ""), found=" ".join(said.split())
    )
