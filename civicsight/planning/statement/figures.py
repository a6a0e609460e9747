"""The figures of a check or a plan: each number that is shown anywhere, counted here and once.

Pages, papers, workbooks, the terminal and JSON take numbers and their names from `Figures`; nothing
else counts. What was before a plan is the check of its own inputs, which the plan keeps with the
day. A part is open where neither cameras are sure to meet what the law asks of it, nor would they
if its gate is where it is presumed (`compliant_places`); it holds of parts and of places that

* the four states sum to all, and so do compliant, open and not judged;
* open before, less closed and no longer judged, and opened is open after.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import Figure, Unit
from civicsight.core.once import once_for_each
from civicsight.coverage.demand.needs import in_class, laws_of
from civicsight.coverage.findings.evidence import SEVERITIES
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.result import (
    NOT_JUDGED,
    OF_STATUS,
    OPEN_WORD,
    STATE_LABELS,
    STATES,
    WORSE,
    CheckResult,
    found_gaps,
    is_presumed,
    no_inventory,
    partition,
    worst_of_places,
)
from civicsight.coverage.standing import direction_of_cameras, shown_parts
from civicsight.coverage.summary import count_doubles
from civicsight.model.results import PRESUMED as WAYS
from civicsight.planning.aims.compliant_places import (
    MET,
    OPEN,
    PRESUMED,
    UNCOUNTED,
    compliance_of_parts,
)
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.choice.order_of_aims import AIM_TEXTS, Aim
from civicsight.planning.judging.facts import count_open
from civicsight.planning.judging.indices import Indices
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.money.bill import HUNDRED, sums_of
from civicsight.planning.money.budgets import estimate_by
from civicsight.planning.money.funding import Funding
from civicsight.planning.record.actions import ACTIONS, CHANGES, actions_of
from civicsight.planning.record.plan import (
    CHECKED_ON,
    CURVE,
    PARTS_BEFORE,
    PLACES_BEFORE,
    Plan,
    no_rows,
)
from civicsight.planning.statement.claims import Statement, statement_of
from civicsight.rules import Rules, ZoneClass

BEFORE, AFTER = "before", "after"
GATES: Final = ("entrance", "vehicle_entrance")
"""Kinds of parts that are gates."""

GONE: Final = ""
"""State and compliance of a part that is there before or after alone."""

STATE_COUNTS: Final = tuple(f"{when}_{state}" for when in (BEFORE, AFTER) for state in STATES)

RANK: Final = (GONE, MET, PRESUMED, NOT_JUDGED, OPEN)
"""Compliance of parts, by which a place is what its worst part is."""

PLANNED, BARRED = "planned", "barred"
WHY_UNCREDITED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        PLANNED: N_("planned cameras that are not built, which the plan weighs anew"),
        BARRED: N_("cameras that may not look where they look"),
    }
)
"""Upon which cameras a part rests that counts today and that a plan does not credit."""

SUBJECTS: Final[Mapping[str, Text]] = MappingProxyType(
    {"places": N_("Places"), "parts": N_("Gates and key parts"), "gates": N_("Gates")}
)
COUNTED: Final[Mapping[str, tuple[Text, str, tuple[str, ...]]]] = MappingProxyType(
    {state: (STATE_LABELS[state], "state", (state,)) for state in STATES}
    | {
        "compliant": (N_("compliant"), "compliance", (MET, PRESUMED)),
        "presumed": (
            N_("compliant only if gates are where they are presumed"), "compliance", (PRESUMED,)
        ),
        "open": (N_("open"), "compliance", (OPEN,)),
    }
)  # fmt: skip
"""What is counted of places, parts and gates: its name, the column and what is meant of it."""

STANDINGS: Final = {
    "candidate": N_("Candidate places"),
    "confirmed": N_("Confirmed"),
    "designated": N_("Designated"),
}
OF_CLASS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "places": SUBJECTS["places"],
        "settled": N_("of these settled"),
        **STANDINGS,
        "parts": SUBJECTS["parts"],
        **STATE_LABELS,
        "parts_assumed": N_("covered as assumed"),
        "parts_possible": N_("covered only at best"),
    }
)
"""What is counted by class of places; a key is ``class.nanchang.8.4.places``."""

DOUBLE_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "duplicate": N_("Cameras that add little to others"),
        "twin": N_("Near pairs that look the same way"),
        "near": N_("Near pairs, direction unknown"),
    }
)
"""What the kinds of findings on cameras that do what others do are called."""

RECORD: Final = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px")
"""Columns that make the record of a camera complete."""

ROWS: Final = {
    "read": N_("Rows read"),
    "kept": N_("Rows kept"),
    "repaired": N_("Rows mended"),
    "rejected": N_("Rows refused"),
    "left_out": N_("Rows left out for a named reason"),
    "divided": N_("Rows added by dividing outlines"),
}
ROWS_OF_PLAN: Final[Mapping[str, Mapping[str, Unit]]] = MappingProxyType(
    {
        "curve": {name: Unit.YUAN if name.endswith("_yuan") else Unit.COUNT for name in CURVE},
        "funds": {"budget_yuan": Unit.YUAN, "spent_yuan": Unit.YUAN,
                  "floor": Unit.SHARE, "share": Unit.SHARE},
        "robustness": {"failed": Unit.COUNT, "scenarios": Unit.COUNT,
                       "mean": Unit.SHARE, "worst": Unit.SHARE},
        "alternatives": {"cost_yuan": Unit.YUAN},
        "unbuilt": {"cost_yuan": Unit.YUAN},
        "unreachable": {"samples": Unit.COUNT, "weight": Unit.COUNT},
        "forbidden": {"count": Unit.COUNT},
        "barred": {"area_m2": Unit.COUNT},
    }
)  # fmt: skip
"""Tables of a plan of which each row is shown, with what their columns are of. A key is the name of
the table, the label of the row and the column, such as ``curve.0.places``."""

WORKS_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"year": ("year",), "year_district": ("year", "district"), "device": ("camera_class",)}
)
"""By which columns of the measures the works are summed; a key is ``works.year.2027.cost_yuan``."""

OF_WORKS: Final[Mapping[str, Unit]] = {"cameras": Unit.COUNT, "cost_yuan": Unit.YUAN}
"""What is counted of the works of a year, a district or a class of devices."""

MONEY_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"year": ("year",), "source": ("source",), "district": ("district",),
     "year_district": ("year", "district"), "year_source": ("year", "source"),
     "district_source": ("district", "source")}
)  # fmt: skip
"""By which columns of the projects points and money are summed, as in ``money.year.2027.yuan``."""

OF_MONEY: Final[Mapping[str, Unit]] = {"points": Unit.COUNT, "yuan": Unit.YUAN}

_WHEN: Final = {BEFORE: N_("before the plan"), AFTER: N_("with the plan")}


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """The figures of a check or a plan by key.

    Parameters
    ----------
    entries
        By key.
    parts
        By part: ``zone_id``, its state ``before`` and ``after`` (`RANK`).
    checked_on
        Day of the check that is before a plan; empty where a plan of an earlier release keeps none.
    statement
        How good a plan is; None of a check.
    """

    entries: Mapping[str, Figure]
    parts: pd.DataFrame
    checked_on: str = ""
    statement: Statement | None = None

    def __getitem__(self, key: str) -> Figure:
        """Return a figure by its key."""
        return self.entries[key]

    def of(self, key: str) -> int:
        """Return a count; nought where it is not known."""
        return int(self.entries[key].value or 0)

    def reasons(self, what: str) -> list[str]:
        """Return why some of something were not judged, the most frequent reason first."""
        own = [
            key.removeprefix(f"{what}.reason.")
            for key in self.entries
            if key.startswith(f"{what}.reason.")
        ]
        return sorted(own, key=lambda name: (-self.of(f"{what}.reason.{name}"), name))

    def labels(self, table: str) -> list[str]:
        """Return the labels of the rows of a table that is counted row by row."""
        own = (key.removeprefix(f"{table}.") for key in self.entries if key.startswith(f"{table}."))
        return list(dict.fromkeys(key.rpartition(".")[0] for key in own))

    @property
    def actions(self) -> dict[str, int]:
        """How many cameras have each action, without those that none has."""
        counts = {name: self.of(f"measures.{name}") for name in ACTIONS}
        return {name: count for name, count in counts.items() if count}

    @property
    def closed(self) -> list[str]:
        """Parts that were open and are no more; what is no longer judged closes nothing."""
        is_left = self.parts[AFTER].isin((OPEN, NOT_JUDGED))
        return self._where(self.parts[BEFORE].eq(OPEN) & ~is_left)

    @property
    def opened(self) -> list[str]:
        """Parts that are open and were not before."""
        return self._where(self.parts[BEFORE].ne(OPEN) & self.parts[AFTER].eq(OPEN))

    @property
    def left(self) -> list[str]:
        """Parts that are open with the plan."""
        return self._where(self.parts[AFTER].eq(OPEN))

    def to_dict(self) -> dict[str, float | None]:
        """Return the numbers by key, as JSON holds them."""
        return {key: figure.value for key, figure in self.entries.items()}

    def _where(self, chosen: pd.Series) -> list[str]:
        return [] if self.parts[BEFORE].isna().any() else list(map(str, self.parts.index[chosen]))


@once_for_each
def figures_of_check(result: CheckResult) -> Figures:
    """Count what a check found: places and parts by state, presumed gates, cameras, rows."""
    found, book = partition(result), _Book()
    counts = found.counts()
    parts, places = stand_of(result)
    book.stand(parts, places, BEFORE, N_("today"))
    presumed = is_presumed(result.parts)
    for way, label in zip(
        WAYS, (N_("on the front towards a way"), N_("anywhere on a front")), strict=True
    ):
        book.add(f"gates.presumed.{way}", presumed & result.parts["how"].eq(way), label)
    book.add("gates.presumed", presumed, N_("Gates that are only presumed"))
    book.add("cameras.count", counts["cameras"]["count"], N_("Cameras"))
    book.cameras(result, counts["cameras"])
    book.doubles(result)
    why = {name: counts[name]["reasons"] for name in ("places", "parts", "cameras")}
    for reason in why["places"] | why["parts"]:
        for name in ("places", "parts"):
            book.add(f"{name}.reason.{reason}", why[name].get(reason, 0), STATE_LABELS[NOT_JUDGED])
    for reason, count in why["cameras"].items():
        book.add(f"cameras.reason.{reason}", count, STATE_LABELS[NOT_JUDGED])
    lacks = found.places["reasons"].map(lambda own: bool(set(own) - {OPEN_WORD}))
    book.add("places.unsettled", lacks.astype(bool), N_("Places not judged"))
    for name, label in ROWS.items():
        book.add(f"rows.{name}", counts["rows"][name], label)
    book.data(result)
    book.classes(result, parts)
    book.findings(result)
    return Figures(book.entries, _course(parts, None))


def figures_of_judging(
    rules: Rules, verdicts: pd.DataFrame, facts: pd.DataFrame, indices: Indices
) -> Figures:
    """Count what rules found: facts by outcome and severity, verdicts by rule, and the indices.

    Parameters
    ----------
    rules
        The laws; of rules that nothing was asked of, every count is nought.
    verdicts, facts
        As `compliance.Compliance` has them.
    indices
        Shares and areas by name; a share of nothing is not known.
    """
    book = _Book()
    kinds = Counter(zip(facts["outcome"], facts["severity"], strict=True))
    for outcome, label in OUTCOMES.items():
        for severity in SEVERITIES:
            book.add(f"facts.{outcome}.{severity}", kinds[outcome, severity], label)
    book.add("facts.open", count_open(facts), N_("Open questions"))
    found = Counter(zip(verdicts["pack"], verdicts["rule"], verdicts["outcome"], strict=True))
    for rule in (rule for pack in rules.packs for rule in pack.rules):
        for outcome, label in OUTCOMES.items():
            key = f"rule.{rule.pack}.{rule.id}.{outcome}"
            book.add(key, found[rule.pack, rule.id, outcome], label)
    for key, own in asked_of_people(verdicts).items():
        for (pack, rule), rows in own.groupby(["pack", "rule"]):
            book.add(f"rule.{pack}.{rule}.{key}", len(rows), N_("How many"))
    for name, value in indices.to_dict().items():
        unit = Unit.SHARE if isinstance(value, float) and not name.endswith("_m2") else Unit.COUNT
        book.add(f"indices.{name}", value, Text(name), unit)
    return Figures(book.entries, no_rows((BEFORE, AFTER)))


def asked_of_people(verdicts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return verdicts that a person has to answer, ``judgement``, and those that ``data`` would."""
    open_ = verdicts["outcome"].isin(["fail", "undetermined"])
    is_judged = verdicts["severity"].eq("judgement") & open_
    lacks = verdicts["outcome"].eq("undetermined") & ~is_judged
    return {"judgement": verdicts[is_judged], "data": verdicts[lacks]}


def sum_of(figures: Iterable[Figure]) -> Figure:
    """Return the sum of figures of one name under the keys of all, such as of rules alike."""
    own = list(figures)
    value = sum(float(one.value or 0.0) for one in own)
    return replace(own[0], key="+".join(one.key for one in own), value=value)


def classes_in(rules: Rules) -> list[ZoneClass]:
    """Return every class in the order of its law, those of laws that demand by themselves first."""
    packs = sorted(rules.packs, key=lambda pack: pack.id not in rules.demanding)
    return [zone_class for pack in packs for zone_class in pack.zones]


def doubles_judged(result: CheckResult) -> frozenset[str]:
    """Return the kinds of doubles that a check looked for, of `DOUBLE_TEXTS`.

    None where nobody said which cameras stand, or where no camera has a view. What adds little is
    measured on what the law asks for, and so cannot be told where none of that was found.
    """
    if no_inventory(result) or (len(result.cameras) and result.heads.empty):
        return frozenset()
    is_weighed = len(result.samples) > 0 or result.cameras.empty
    return doubles_asked(result.rules) - (frozenset() if is_weighed else {"duplicate"})


def doubles_asked(rules: Rules) -> frozenset[str]:
    """Return the kinds of doubles of which a law speaks, of `DOUBLE_TEXTS`."""
    limits = {"duplicate": "dup_min_gain", "twin": "dup_distance", "near": "dup_distance"}
    return frozenset(kind for kind, name in limits.items() if rules.limit(name) is not None)


def count_missing(result: CheckResult, among: Iterable[str] | None = None) -> dict[str, int]:
    """Count by column of the record how many cameras lack it, of those that count.

    Parameters
    ----------
    result
        What `check` found; a camera whose record is complete lacks nothing.
    among
        Labels of the cameras that are meant; by default all.
    """
    state = direction_of_cameras(result)
    open_ = state.index[state.isin(["assumed", "unknown"])]
    asked = open_ if among is None else open_.intersection(list(among))
    lacks = result.cameras.loc[asked, list(RECORD)].isna().sum()
    return {name: int(lacks[name]) for name in RECORD}


def figures_of(plan: Plan) -> Figures:
    """Count what a plan leaves, does, costs, and does not credit; by its own record alone."""
    book, known = _Book(), not plan.before.empty
    after = after_of(plan)
    before = plan.before if known else None
    course = _course(before, after)
    uncounted = plan.parameters.get(UNCOUNTED, ())
    ids = plan.places_before.index if known else pd.Index(sorted(set(after["zone_id"])))
    ids = ids.union(pd.Index(after["zone_id"].unique()))
    book.stand(before, plan.places_before if known else None, BEFORE, _WHEN[BEFORE])
    book.stand(after, places_of(ids, after, uncounted), AFTER, _WHEN[AFTER])
    stated = statement_of(plan)
    found = Figures({}, course, str(plan.parameters.get(CHECKED_ON, "")), stated)
    book.change(found, before, after)
    _add_left(book, plan, before, after)
    actions = actions_of(plan)
    for name, label in ACTIONS.items():
        book.add(f"measures.{name}", actions.eq(name), label)
    for name, (label, own) in CHANGES.items():
        book.add(f"measures.{name}", actions.isin(own), label)
    untouched = actions.eq("keep") & ~actions.index.isin(plan.bill["camera_id"])
    book.add("measures.untouched", untouched, N_("Cameras neither needed nor changed"))
    book.add("measures.works", plan.measures["year"].gt(0), N_("Points with works"))
    sums = sums_of(plan)
    money = {
        "works": (plan.cost_yuan, N_("Works")),
        "investment": (sums.investment, N_("Investment")),
        "added": (sums.investment - plan.cost_yuan, N_("Design, supervision, reserve, tax")),
        "yearly": (sums.yearly, N_("Yearly cost")),
        "later": (
            None if sums.present is None else sums.present - sums.investment,
            N_("Yearly cost over these years"),
        ),
        "present": (sums.present, N_("Net present cost")),
        "saved": (float(plan.measures["saved_yuan"].sum()), N_("Saved by what is dropped")),
    }
    for name, (yuan, label) in money.items():
        book.add(f"cost.{name}", yuan, label, Unit.YUAN)
    book.add("proof.value", stated.value, N_("Reached"))
    book.add("proof.bound", _known(stated.bound), N_("No plan can beat (recountable)"))
    book.add("proof.claim", _known(stated.word), N_("No plan can beat (the solver's claim)"))
    book.add("proof.steps", stated.steps, N_("Steps of the search"))
    book.add("proof.seconds", stated.processor_s, N_("Seconds of processor time"))
    better, told = N_("Could be better by at most"), stated.to_dict()
    book.add("proof.gap", told["gap"], better, Unit.SHARE)
    book.add("proof.more", _known(told["gap_absolute"]), better)
    for row in plan.stages.itertuples():
        aim = AIM_TEXTS[Aim(row.aim)]
        book.add(f"aims.{row.aim}.value", row.value, aim)
        book.add(f"aims.{row.aim}.bound", _known(row.bound), aim)
    for name, columns in ROWS_OF_PLAN.items():
        book.rows(name, getattr(plan, name), columns)
    differs = plan.alternatives["differs"].map(len)
    book.rows("alternatives", differs.to_frame(), {"differs": Unit.COUNT})
    is_done = plan.measures["year"].gt(0) | plan.measures["measure"].eq("drop")
    book.add("measures.done", is_done, N_("Cameras with which something is done"))
    done = plan.measures.loc[is_done, "cost_yuan"].groupby(actions).agg(["size", "sum"])
    done = done.set_axis([*OF_WORKS], axis=1).reindex([*ACTIONS], fill_value=0)
    book.rows("works.action", done, OF_WORKS)
    for name, own in WORKS_BY.items():
        table = estimate_by(plan, *own).set_index([*own])
        book.rows(f"works.{name}", table, OF_WORKS)
    return Figures(book.entries, course, found.checked_on, stated)


def figures_of_funding(funding: Funding) -> Figures:
    """Sum points and money by who pays, year, district and project, and in all.

    Money is as printed, in hundreds of yuan: rows add up to the sums below them.
    """
    book = _Book()
    projects = funding.projects
    tables = {name: funding.by(*own).set_index([*own]) for name, own in MONEY_BY.items()}
    book.add("money.projects", len(projects), N_("Project list"))
    tables |= {"project": projects, "all": projects[["points", "hundreds"]].sum().to_frame("").T}
    for name, table in tables.items():
        book.rows(f"money.{name}", table.assign(yuan=table["hundreds"] * HUNDRED), OF_MONEY)
    return Figures(book.entries, no_rows((BEFORE, AFTER)))


def figures_of_curve(curve: pd.DataFrame) -> Figures:
    """Return what sums of money buy by their row: a curve that somebody asked for by itself."""
    book = _Book()
    book.rows("curve", curve, ROWS_OF_PLAN["curve"])
    return Figures(book.entries, no_rows((BEFORE, AFTER)))


def figures_between(before: pd.DataFrame, places: pd.DataFrame, after: pd.DataFrame) -> Figures:
    """Count how places and parts stand before and after something that is no plan yet.

    Parameters
    ----------
    before, places
        As of `before_of`.
    after
        ``zone_id``, ``kind``, ``state`` and ``compliance`` by part.
    """
    book, found = _Book(), Figures({}, _course(before, after))
    ids = places.index.union(pd.Index(after["zone_id"].unique()))
    book.stand(before, places, BEFORE, _WHEN[BEFORE])
    book.stand(after, places_of(ids, after), AFTER, _WHEN[AFTER])
    book.change(found, before, after)
    return Figures(book.entries, found.parts)


def figures_by_class(n: Figures, result: CheckResult) -> dict[tuple[str, str], Figures]:
    """Count by law and class the parts that it asks for, and how many are compliant.

    Parameters
    ----------
    n
        Of a plan.
    result
        What `check` found, which knows the classes of parts.

    Returns
    -------
    dict
        ``count``, ``before`` and ``after`` by law and class; a class of which there is nothing is
        not in it.
    """
    found: dict[tuple[str, str], Figures] = {}
    known = result.parts.loc[result.parts.index.intersection(n.parts.index)]
    for one in (zone for pack in result.rules.packs for zone in pack.zones):
        own = n.parts.loc[known.index[in_class(known, one.pack, one.id)]]
        if own.empty:
            continue
        book, key = _Book(), f"class.{one.pack}.{one.id}"
        book.add(f"{key}.count", len(own), SUBJECTS["parts"])
        for when, said in _WHEN.items():
            is_met = None if own[when].isna().any() else own[when].isin((MET, PRESUMED))
            text = N_(
                "%(what)s, %(state)s, %(when)s",
                what=SUBJECTS["parts"],
                state=COUNTED["compliant"][0],
                when=said,
            )
            book.add(f"{key}.{when}", is_met, text)
        found[one.pack, one.id] = Figures(book.entries, own)
    return found


def figures_by_district(result: CheckResult) -> dict[str, Figures]:
    """Count how the parts of each district stand; a part that was not found is where its place is.

    Returns
    -------
    dict
        Figures of `OF_PARTS` by the name of the district, empty for none of them; nothing where no
        district is on record. Their keys are such as ``district.Haidian.gap``.
    """
    districts = find_districts(result.city)
    parts = stand_of(result)[0]
    if districts.empty or parts.empty:
        return {}
    shapes = result.parts.geometry.reindex(parts.index)
    of_place = result.zones.geometry.reindex(parts["zone_id"]).set_axis(parts.index)
    shapes = shapes.where(shapes.notna(), of_place)
    where = pd.Series(name_districts(shapes, districts), parts.index, dtype=object)
    counts = count_parts(result, parts, where)
    found = {}
    for name in sorted(set(where)):
        book = _Book()
        for state, own in counts.items():
            book.add(f"district.{name}.{state}", own[name], OF_CLASS[state])
        found[name] = Figures({key.rpartition(".")[2]: one for key, one in book.entries.items()},
                              parts)  # fmt: skip
    return found


def stand_of(result: CheckResult) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how parts and places stand in a check, as `before_of`.

    Where nobody said which cameras stand, nobody looked; a plan has it that none stands.
    """
    parts, places = before_of(result)
    if no_inventory(result):
        unseen = {"state": NOT_JUDGED, "compliance": NOT_JUDGED}
        return parts.assign(**unseen), places.assign(**unseen)
    return parts, places


def count_parts(
    result: CheckResult, parts: pd.DataFrame, kinds: pd.Series
) -> dict[str, Counter[Any]]:
    """Count parts by state and by what they are of; `kinds` may name a part several times."""
    state = parts["state"].reindex(kinds.index)
    shown = shown_parts(result).reindex(kinds.index)
    return {
        "parts": Counter(kinds),
        **{name: Counter(kinds[state.eq(name)]) for name in STATES},
        **{f"parts_{name}": Counter(kinds[shown.eq(name)]) for name in ("assumed", "possible")},
    }


def before_of(
    result: CheckResult, credited: CheckResult | None = None, not_asked: Iterable[str] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how parts and places stand in a check, as a plan that is made from it keeps them.

    Parameters
    ----------
    result
        What `check` found. Where no inventory was handed in, a plan has it that no camera stands.
    credited
        The same as far as a plan credits what stands; None: nothing is left out.
    not_asked
        Parts that the plan is not asked for.

    Returns
    -------
    tuple of pandas.DataFrame
        Columns `plan.PARTS_BEFORE` by part, and `plan.PLACES_BEFORE` by place.
    """
    status = result.part_status
    frame = pd.DataFrame(
        {
            "zone_id": result.parts["zone_id"].reindex(status.index),
            "kind": result.parts["kind"].reindex(status.index),
            "state": status["status"].map(OF_STATUS),
            "compliance": compliance_in(status),
            "uncredited": "",
        }
    )
    if credited is not None:
        lost = compliance_in(credited.part_status).reindex(frame.index).eq(OPEN)
        lost &= frame["compliance"].ne(OPEN)
        frame.loc[lost, "uncredited"] = status["built"].map({True: BARRED, False: PLANNED})[lost]
    missing = result.missing.set_index("part_id")[["zone_id", "kind"]].assign(
        state=NOT_JUDGED, compliance=NOT_JUDGED, uncredited=""
    )
    parts = pd.concat([frame, missing[~missing.index.isin(frame.index)]])
    parts["is_presumed"] = parts.index.isin(result.parts.index[is_presumed(result.parts)])
    parts["is_asked"] = ~parts.index.isin(list(not_asked))
    parts = parts.sort_index().rename_axis("part_id")[list(PARTS_BEFORE)]
    return parts, places_of(partition(result).places.index, parts)


def count_places(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count the parts of every place by state, before and after.

    Parameters
    ----------
    before, after
        ``zone_id``, ``state`` and ``compliance`` by part.

    Returns
    -------
    pandas.DataFrame
        `STATE_COUNTS`, ``closed``, ``opened`` and ``changed`` by ``zone_id``.
    """
    both = before.add_suffix("_one").join(after.add_suffix("_two"), how="outer")
    zone = both["zone_id_two"].fillna(both["zone_id_one"]).rename("zone_id")
    was, now = both["state_one"].fillna(GONE), both["state_two"].fillna(GONE)
    asked, left = both["compliance_one"].fillna(GONE), both["compliance_two"].fillna(GONE)
    facts = pd.DataFrame(
        {
            "closed": asked.eq(OPEN) & ~left.isin((OPEN, NOT_JUDGED)),
            "opened": left.eq(OPEN) & asked.ne(OPEN),
            "changed": was.ne(now),
        }
    )
    counts = [
        pd.crosstab(zone, state).reindex(columns=list(STATES), fill_value=0).add_prefix(f"{when}_")
        for when, state in ((BEFORE, was), (AFTER, now))
    ]
    told = facts.groupby(zone).sum().astype({"changed": bool})
    return pd.concat([*counts, told], axis=1).rename_axis("zone_id")


def places_of(ids: pd.Index, parts: pd.DataFrame, uncounted: Iterable[str] = ()) -> pd.DataFrame:
    """Return how places stand by their parts: ``state`` and ``compliance`` by place.

    Parameters
    ----------
    ids
        The places, also those of which nothing was found.
    parts
        ``zone_id``, ``state`` and ``compliance`` by part.
    uncounted
        Places that no plan makes compliant, as of `compliant_places.uncounted_places`.
    """
    state = worst_of_places(ids, parts["zone_id"], parts["state"], WORSE)
    compliance = worst_of_places(ids, parts["zone_id"], parts["compliance"], RANK)
    open_anyway = ids.isin(list(uncounted)) & compliance.ne(NOT_JUDGED)
    table = pd.DataFrame({"state": state, "compliance": compliance.mask(open_anyway, OPEN)})
    return table.rename_axis("place_id")[list(PLACES_BEFORE)]


def compliance_in(status: pd.DataFrame) -> pd.Series:
    """Return the compliance of parts as a check judges them."""
    names = {"status": "status_before", "fraction_sure": "share_before"}
    return compliance_of_parts(status.rename(columns=names), BEFORE)


def after_of(plan: Plan) -> pd.DataFrame:
    """Return how parts stand with a plan, those that nobody could judge among them."""
    judged = pd.DataFrame(
        {
            "zone_id": plan.parts["zone_id"],
            "kind": plan.parts["kind"],
            "state": plan.parts["status_after"].map(OF_STATUS),
            "compliance": compliance_of_parts(plan.parts, AFTER),
        }
    )
    missing = plan.before[plan.before["compliance"].eq(NOT_JUDGED)]
    return pd.concat([judged, missing[judged.columns].drop(judged.index, errors="ignore")])


def _course(before: pd.DataFrame | None, after: pd.DataFrame | None) -> pd.DataFrame:
    """Return by part how it stands before and after; unknown where there is no such table."""
    known = [each for each in (after, before) if each is not None]
    zone = pd.concat([each["zone_id"] for each in known])
    table = pd.DataFrame({"zone_id": zone[~zone.index.duplicated()]})
    for when, own in ((BEFORE, before), (AFTER, after)):
        table[when] = None if own is None else own["compliance"].reindex(table.index).fillna(GONE)
    return table.sort_index()


def _add_left(book: _Book, plan: Plan, before: pd.DataFrame | None, after: pd.DataFrame) -> None:
    """Count what is open with a plan and why, and what it does not credit, weigh or build."""
    is_open, lost = after["compliance"].eq(OPEN), after.index.isin(plan.unreachable["part_id"])
    asked = None if before is None else before["is_asked"].reindex(after.index)
    not_asked = None if asked is None else is_open & asked.eq(other=False)
    book.add("gaps.not_asked", not_asked, N_("Gaps left that the plan is not asked for"))
    book.add("gaps.unreachable", is_open & lost, N_("Gaps left that nothing permitted reaches"))
    book.add("parts.met_in_part", ~is_open & lost, N_("Compliant though not covered completely"))
    for name, label in WHY_UNCREDITED.items():
        own = None if before is None else before["uncredited"].eq(name)
        book.add(f"parts.uncredited.{name}", own, label)
    own = None if before is None else before["uncredited"].ne("")
    book.add("parts.uncredited", own, N_("Counted today, not credited by the plan"))
    lacks = None if own is None else own & is_open.reindex(own.index, fill_value=False)
    book.add("gaps.uncredited", lacks, N_("Counted today, not credited by the plan, and left open"))
    presumed = None if before is None else before["is_presumed"]
    book.add("gates.presumed", presumed, N_("Gates that are only presumed"))
    book.add("cameras.barred", plan.barred["camera_id"].nunique(), N_("Cameras not credited"))
    book.add("cameras.unweighed", len(plan.not_weighed), N_("Planned cameras not weighed"))
    book.add("measures.unbuilt", len(plan.unbuilt), N_("Chosen, but no year has the money"))
    samples = int(plan.unreachable["samples"].sum())
    book.add("samples.unreachable", samples, N_("Sample points that nothing permitted covers"))


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


class _Book:
    """Figures as they are counted."""

    def __init__(self) -> None:
        self.entries: dict[str, Figure] = {}

    def add(self, key: str, value: Any, label: Text, unit: Unit = Unit.COUNT) -> None:
        """Add a number; of a column of truths how many are true."""
        if isinstance(value, pd.Series):
            value = int(value.sum())
        self.entries[key] = Figure(key, value, unit, label)

    def rows(self, name: str, table: pd.DataFrame, columns: Mapping[str, Unit]) -> None:
        """Add what the rows of a table hold, by their label and column."""
        for label, row in table.iterrows():
            one = "/".join(map(str, label)) if isinstance(label, tuple) else label
            for column, unit in columns.items():
                key = f"{name}.{one}.{column}"
                self.add(key, _known(row[column]), Text(key), unit)

    def data(self, result: CheckResult) -> None:
        """Count what the figures of a check rest on: records, heights, and what is inferred."""
        assumed, buildings = result.city.buildings["height_assumed"], N_("Buildings")
        share = float(assumed.mean()) if len(assumed) else None
        self.add("data.buildings", len(assumed), buildings)
        self.add("data.heights_assumed", assumed.astype(bool), buildings)
        self.add("data.heights_assumed.share", share, buildings, Unit.SHARE)
        open_ = result.zones["standing"].eq("candidate")
        left_out = len(partition(result).places) - len(open_)
        self.add("data.places", len(open_), SUBJECTS["places"])
        self.add("data.settled", ~open_, SUBJECTS["places"])
        self.add("data.candidates", int(open_.sum()) + left_out, SUBJECTS["places"])
        guessed = result.parts["inferred"].astype(bool) & ~result.parts["confirmed"].astype(bool)
        self.add("data.inferred", guessed, SUBJECTS["parts"])
        shown = shown_parts(result)
        self.add("data.unbuilt", shown.eq("unbuilt"), SUBJECTS["parts"])
        for name in ("assumed", "possible"):
            self.add(f"data.parts_{name}", shown.eq(name), SUBJECTS["parts"])

    def cameras(self, result: CheckResult, judged: Mapping[str, int]) -> None:
        """Count cameras by what became of them, and by what is known of them.

        Where nobody said which cameras stand there is no number; nought is what was counted.
        """
        looked, cameras = not no_inventory(result), N_("Cameras")
        direction = direction_of_cameras(result)
        shift = result.heads.groupby("camera_id")["shift_m"].max()
        lost = result.cameras["azimuth_deg"].isna()
        seeing = pd.Series(result.cameras.index.isin(result.heads["camera_id"]))
        found: dict[str, tuple[Any, Text]] = {
            "cameras.seeing": (seeing, cameras),
            "cameras.judged": (judged["judged"], N_("Cameras that were judged")),
            "cameras.not_judged": (judged[NOT_JUDGED], N_("Cameras not judged")),
            "cameras.used": (pd.Series(is_in_use(result.cameras)), N_("Cameras that count")),
            "cameras.undirected": (lost, N_("Cameras whose direction is not recorded")),
            "cameras.inside": (len(result.barred), N_("Cameras in private places")),
            "cameras.withheld": (len(result.withheld), N_("Cameras of which nothing is said")),
        }
        for name in ("sure", "assumed", "unknown"):
            found[f"data.direction_{name}"] = direction.eq(name), cameras
        found["data.unused"] = direction.eq("unused"), cameras
        for name, count in count_missing(result).items():
            found[f"data.missing.{name}"] = count, cameras
        found["data.moved"] = shift.gt(0.0), cameras
        found["data.moved_most_m"] = float(shift.max()) if len(shift) else 0.0, cameras
        for name, (value, label) in found.items():
            self.add(name, value if looked else None, label)

    def classes(self, result: CheckResult, parts: pd.DataFrame) -> None:
        """Count places and parts by class of each law, also of those of which nothing was found.

        A place of several laws is in a class of each. Places that only an open word of the law
        leaves out are counted too, and parts that could not be found.
        """
        zones, left = result.zones, result.left_out
        of_zones, is_found = laws_of(zones), parts.index.isin(result.parts.index)
        lost = parts.loc[~is_found, "zone_id"]
        lost = lost[lost.isin(zones.index)]
        found = laws_of(result.parts.loc[parts.index[is_found]])
        of_parts = pd.concat([found, laws_of(zones.loc[lost].set_axis(lost.index))])
        standing = zones["standing"].reindex(of_zones.index)
        counts = {
            "places": Counter([*of_zones, *zip(left["pack"], left["item"], strict=True)]),
            "settled": Counter(of_zones[standing.ne("candidate")]),
            **{name: Counter(of_zones[standing.eq(name)]) for name in STANDINGS},
            **count_parts(result, parts, of_parts),
        }
        for one in classes_in(result.rules):
            for name, label in OF_CLASS.items():
                self.add(f"class.{one.pack}.{one.id}.{name}", counts[name][one.pack, one.id], label)

    def findings(self, result: CheckResult) -> None:
        """Count findings by verdict, and those that nobody can decide by what they hang on."""
        verdicts, grounds = Counter[str](), Counter[str]()
        for table in (found_gaps(result), result.duplicates):
            is_open = table["outcome"].eq("undetermined")
            verdicts.update(table["severity"].mask(is_open, "open"))
            for names in table.loc[is_open, "assumptions"]:
                grounds.update(set(names or ()))
        for name in (*SEVERITIES, "open"):
            self.add(f"findings.{name}", verdicts[name], N_("Findings"))
        for name, count in sorted(grounds.items(), key=lambda entry: (-entry[1], entry[0])):
            self.add(f"findings.ground.{name}", count, N_("Undecided findings hang on this"))

    def doubles(self, result: CheckResult) -> None:
        """Count cameras that do what others do, as far as anybody looked for such."""
        judged = doubles_judged(result)
        for kind, by_standing in count_doubles(result.duplicates).items():
            for way in ("sure", "only_if_assumed"):
                counts = {name: own[way] for name, own in by_standing.items()}
                for name, count in counts.items():
                    value = count if kind in judged else None
                    self.add(f"doubles.{kind}.{name}.{way}", value, DOUBLE_TEXTS[kind])
                value = sum(counts.values()) if kind in judged else None
                self.add(f"doubles.{kind}.{way}", value, DOUBLE_TEXTS[kind])

    def change(self, found: Figures, before: pd.DataFrame | None, after: pd.DataFrame) -> None:
        """Count the gaps that are closed and opened, and the places that changed."""
        for name, own, label in (
            ("closed", found.closed, N_("Gaps closed")),
            ("opened", found.opened, N_("Gaps opened")),
        ):
            self.add(f"gaps.{name}", None if before is None else len(own), label)
        columns = ["zone_id", "state", "compliance"]
        places = None if before is None else count_places(before[columns], after[columns])
        changed = None if places is None else places["changed"]
        self.add("places.changed", changed, N_("Places that changed"))
        self.add(
            "places.compared", None if places is None else len(places), N_("Places with parts")
        )

    def stand(
        self, parts: pd.DataFrame | None, places: pd.DataFrame | None, when: str, said: Text
    ) -> None:
        """Count how places, parts and gates stand, by state and by compliance; None: not known."""
        gates = None if parts is None else parts[parts["kind"].isin(GATES)]
        for (name, what), own in zip(SUBJECTS.items(), (places, parts, gates), strict=True):
            self.add(f"{name}.count.{when}", None if own is None else len(own), what)
            for key, (label, column, held) in COUNTED.items():
                text = N_("%(what)s, %(state)s, %(when)s", what=what, state=label, when=said)
                is_it = None if own is None else own[column].isin(held)
                self.add(f"{name}.{key}.{when}", is_it, text)
        covered, count = (self.entries[f"parts.{key}.{when}"].value for key in ("covered", "count"))
        share = covered / count if covered is not None and count else None
        label = N_("Gates and key parts covered for sure, %(when)s", when=said)
        self.add(f"share.covered.{when}", share, label, Unit.SHARE)
