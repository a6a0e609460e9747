"""Which points of a plan concern which department, and what a department answered to them.

References
----------
Article 7 of the Measures: the plan is drawn up with other departments. Which point concerns whom is
a list of the rule pack; see `rules.consultation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import Fault, InputError
from civicsight.core.i18n import Language, pick
from civicsight.coverage.result import CheckResult
from civicsight.model.plan_tables import REPLIES
from civicsight.planning.faults import fault, reject
from civicsight.planning.prices.price_table import LABELS
from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.opinions import Reply
from civicsight.planning.record.plan import Plan
from civicsight.planning.record.root import SHORT
from civicsight.rules import Rules
from civicsight.rules.closed import find_term
from civicsight.rules.pack import Consulted, Vocabulary

WHOLE: Final = "#0"
"""Number of the row in which a department answers to the plan as a whole."""

WORKS_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{item: ("device",) for item in LABELS if item.startswith("device.")},
        "connect": ("network",),
        "mount.pole": ("borrowed_pole",),
        "mount.lamp": ("borrowed_pole",),
        "mount.facade": ("building",),
        "mount.gate": ("building",),
        "pole": ("new_pole",),
        "shared.pole": ("new_pole",),
        "supply.near": ("power", "network"),
        "supply.new": ("digging", "power", "network"),
        "shared.supply.new": ("digging", "power", "network"),
    }
)
"""Kinds of work of `rules.consultation.WORKS` by the items of a bill that stand for them."""

CLASS: Final = ("pack", "item", "kind")


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """What one department is asked.

    Parameters
    ----------
    department
        What it is called; see `call_department`.
    consulted
        Its entry of the list; None of a department that is on no list, which is asked everything.
    is_named
        Whether the plan names it, so that it waits for its opinion.
    points
        By the number of the camera: ``works`` (keys of `WORKS`) and ``classes`` (pack and item), by
        which the point concerns it; both empty where every point does.
    """

    department: str
    consulted: Consulted | None
    is_named: bool
    points: pd.DataFrame

    def shows(self, what: str) -> bool:
        """Tell whether it is told something of a point, a value of `rules.consultation.SHOWN`."""
        return self.consulted is None or what in self.consulted.shows


def plan_in(documents: Mapping[str, Any]) -> Plan:
    """Return the plan of a version.

    Raises
    ------
    InputError
        If it was drawn by hand: it has no measures that could be put before anybody.
    """
    plan = find_plan(documents)
    if plan is None:
        reject("consultation.drawn")
    return plan


def acted_on(plan: Plan) -> gpd.GeoDataFrame:
    """Return the measures that a department can have an opinion on: all but what stays as it is."""
    works = plan.works
    return gpd.GeoDataFrame(works[works["measure"].ne("keep")])


def packages(
    plan: Plan, result: CheckResult, departments: Sequence[str], language: Language
) -> tuple[Package, ...]:
    """Return what each department is asked: those that the plan names, then others concerned.

    Parameters
    ----------
    plan, result
        The plan, and the check that says of what class each place is.
    departments
        Whom the plan names. One of them that is on no list is asked everything.
    language
        In which departments are called that the plan does not name.
    """
    acted = acted_on(plan)
    works, classes = _works(plan, acted), _classes(result, acted)
    named = [(name, find_consulted(name, result.rules), True) for name in departments]
    known = [consulted for _, consulted, _ in named]
    others = [
        (pick(each.body.label, language), each, False)
        for each in result.rules.consulted
        if each not in known
    ]
    made = (
        Package(
            call_department(name, result.rules, language),
            consulted,
            is_named,
            _points(consulted, acted, works, classes),
        )
        for name, consulted, is_named in (*named, *others)
    )
    return tuple(each for each in made if each.is_named or len(each.points))


def find_consulted(name: str, rules: Rules) -> Consulted | None:
    """Return the entry of the list that a name of a department stands for; None if none."""
    entries = rules.consulted
    term = find_term(name, [Vocabulary("", {}, tuple(each.body for each in entries))])
    return next((each for each in entries if each.body is term), None)


def call_department(name: str, rules: Rules, language: Language) -> str:
    """Return what a department is called in a language: one that the list has, as the list does.

    The full name of an office, and a department that is on no list, stay as somebody wrote them.
    """
    consulted = find_consulted(name, rules)
    if consulted is None or name not in consulted.body.label.values():
        return name
    return pick(consulted.body.label, language)


def asked_names(departments: Sequence[str], rules: Rules) -> dict[str, str]:
    """Return by each name that a package may have what the department is called in the plan.

    One that the plan does not name is called as the list does.
    """
    named = {id(find_consulted(name, rules)): name for name in departments}
    listed = {
        label: named.get(id(each), label)
        for each in rules.consulted
        for label in each.body.label.values()
    }
    return listed | {name: name for name in departments}


def unplaced(plan: Plan, result: CheckResult) -> int:
    """Count the points of which no part is known to the check: no place can say whom they concern.

    There are such where the city changed since the plan was made.
    """
    parts = acted_on(plan)["parts"]
    served = parts.explode().dropna()
    lost = ~served.isin(result.parts.index)
    return int(lost.groupby(level=0).all().sum())


def _works(plan: Plan, acted: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a row for each point and kind of work on it: ``camera_id``, ``work``."""
    billed = plan.bill.loc[plan.bill["camera_id"].isin(acted.index), ["camera_id", "item"]]
    works = billed.assign(work=billed["item"].map(WORKS_OF)).explode("work").dropna(subset="work")
    return works[["camera_id", "work"]].drop_duplicates()


def _classes(result: CheckResult, acted: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a row for each point and class of a place that it serves: columns `CLASS`."""
    served = acted["parts"].explode().dropna().rename("part_id").rename_axis("camera_id")
    zone = served.map(result.parts["zone_id"]).dropna()
    zones = result.zones
    known = zones["classes"].explode().dropna() if "classes" in zones else pd.Series(dtype=object)
    bare = zones.index.difference(known.index)
    rows = [*map(tuple, known), *((row.pack, row.item, "") for row in zones.loc[bare].itertuples())]
    table = pd.DataFrame(rows, columns=list(CLASS), index=known.index.append(bare))
    joined = zone.rename("zone_id").reset_index().join(table, on="zone_id", how="inner")
    return joined[["camera_id", *CLASS]].drop_duplicates()


def _points(
    consulted: Consulted | None, acted: gpd.GeoDataFrame, works: pd.DataFrame, classes: pd.DataFrame
) -> pd.DataFrame:
    """Return the points that concern somebody, with why; see `Package`.

    A place whose kind nobody recorded concerns everybody who asks for a kind of its item.
    """
    if consulted is None or consulted.every:
        nothing = pd.Series([()] * len(acted), acted.index, dtype=object)
        return pd.DataFrame({"works": nothing, "classes": nothing})
    mine = works[works["work"].isin(consulted.works)]
    by_work = mine.groupby("camera_id")["work"].agg(tuple)
    wanted = pd.Series(data=False, index=classes.index)
    for pack, item, kinds in consulted.places:
        own = classes["pack"].eq(pack) & classes["item"].eq(item)
        wanted |= own & (classes["kind"].isin([*kinds, ""]) | (not kinds))
    found = classes[wanted].drop_duplicates(["camera_id", "pack", "item"])
    named = pd.Series(
        list(zip(found["pack"], found["item"], strict=True)), found.index, dtype=object
    )
    by_class = named.groupby(found["camera_id"]).agg(tuple)
    concerned = acted.index[acted.index.isin(by_work.index) | acted.index.isin(by_class.index)]
    columns = {
        name: [own if isinstance(own, tuple) else () for own in told.reindex(concerned)]
        for name, told in (("works", by_work), ("classes", by_class))
    }
    return pd.DataFrame(columns, index=concerned, dtype=object)


def sort_replies(
    table: gpd.GeoDataFrame,
    source: str,
    plan: Plan,
    known: Mapping[str, str],
    root: str,
    rejected: Sequence[Fault] = (),
) -> tuple[str, tuple[Reply, ...], int]:
    """Return who answered in a file, what to which point, and how many points have no answer.

    Parameters
    ----------
    table, source
        Table `model.plan_tables.REPLIES`, and the name of the file.
    plan, root
        The version that is on trial, and its root.
    known
        What departments are called by the names in files; see `asked_names`.
    rejected
        Faults of rows that were not read; such a file is refused with all its faults.

    Raises
    ------
    InputError
        Names every row that was not read, or is about another version, another department or a
        point that the plan does not have; and a file of several departments or without an answer
        to the whole.
    """
    REPLIES.check(table)
    known_numbers = plan.numbers.reindex(acted_on(plan).index)
    numbers = {str(number): str(label) for label, number in known_numbers.items()} | {WHOLE: ""}
    faults = [
        *rejected,
        *(
            fault("replies.root", source, row, "root", value, start=root[:SHORT])
            for row, value in _where(table, "root", table["root"].ne(root[:SHORT]))
        ),
        *(
            fault("replies.body", source, row, "body", value)
            for row, value in _where(table, "body", ~table["body"].isin([*known]))
        ),
        *(
            fault("replies.reply_id", source, row, "reply_id", value)
            for row, value in _where(
                table, "reply_id", ~table.index.to_series().isin(list(numbers))
            )
        ),
    ]
    answered = table[table["reply"].notna()]
    if len({*table["body"]}) > 1:
        faults.append(fault("replies.file:several", source))
    if WHOLE not in answered.index and not rejected:  # else its row may be one that was not read
        faults.append(fault("replies.file:silent", source, row=WHOLE))
    if faults:
        raise InputError(faults)
    said = pd.DataFrame(answered)[["reply", "opinion", "replied_by", "replied_on"]].fillna("")
    replies = tuple(
        Reply(numbers[str(row.Index)], row.reply, row.opinion, row.replied_by, row.replied_on)
        for row in said.itertuples()
    )
    return known[str(table["body"].iloc[0])], replies, len(table) - len(answered)


def _where(table: gpd.GeoDataFrame, field: str, wrong: pd.Series) -> list[tuple[str, str]]:
    """Return row and value of each answer that is wrong in a field."""
    found = table.index if field == REPLIES.index else table[field]
    return [
        (str(row), str(value))
        for row, value, is_wrong in zip(table["row"], found, wrong, strict=True)
        if is_wrong
    ]
