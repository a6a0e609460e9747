"""Chapters of a plan on what is not settled: its ending, questions, safeguards, trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from civicsight.core.errors import N_, InputError, MismatchError, Text
from civicsight.model.notes import note_from_dict, sentence_of
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates.model import ASSUMED, REASONS, WHY_UNREACHABLE
from civicsight.planning.choice.cost_coverage_curve import counted_in
from civicsight.planning.choice.order_of_aims import AIM_TEXTS, Aim
from civicsight.planning.duplicates.robustness import describe
from civicsight.planning.prices.terms import BUDGET_OF
from civicsight.planning.record.actions import MEASURE_LABELS, describe_action, done_in
from civicsight.planning.record.documents import from_record
from civicsight.planning.record.plan import FUNDS
from civicsight.planning.solver.phases_model import WHY_UNBUILT, Reason
from civicsight.planning.statement.figures import Figures, figures_of, figures_of_check
from civicsight.planning.statement.spending import sums_of_funds
from civicsight.presentation.document import Ask, Section, Table, lay_out
from civicsight.presentation.lexicon import number
from civicsight.report.plan.teller import HOST_LABELS, SAFEGUARDS, Teller


def headline(n: Figures) -> list[Text]:
    """Return what a person reads first of a plan: money and coverage, how good it is, what is open.

    Parameters
    ----------
    n
        Figures of the plan.
    """
    lead = N_("Works: %(cost)s yuan.", cost=n["cost.works"])
    if n["share.covered.before"].value is not None:
        lead = N_(
            "Works: %(cost)s yuan. Covered for sure: %(before)s of all gates and key parts before "
            "the plan, %(after)s with it.",
            cost=n["cost.works"],
            before=n["share.covered.before"],
            after=n["share.covered.after"],
        )
    return [lead, *(n.statement.lines() if n.statement else ()), *describe_open(n)]


def describe_open(n: Figures) -> list[Text]:
    """Say what a plan closes, leaves open and credits less, and what rests on presumed gates."""
    values = {
        "after": n["parts.open.after"],
        "all": n["parts.count.after"],
        "places": n["places.open.after"],
    }
    said = [
        N_(
            "Gates and key parts open with the plan: %(after)s of %(all)s, in %(places)s places. "
            "The check that it was made from was not kept with it.",
            **values,
        )
        if not n.checked_on
        else N_(
            "Open gates and key parts: %(before)s by the check of %(day)s, %(closed)s closed, "
            "%(opened)s opened, %(after)s left of %(all)s, in %(places)s places.",
            before=n["parts.open.before"],
            day=n.checked_on,
            closed=n["gaps.closed"],
            opened=n["gaps.opened"],
            **values,
        ),
        N_(
            "Compliant places with the plan: %(compliant)s of %(all)s; open: %(open)s, not judged: "
            "%(unjudged)s.",
            compliant=n["places.compliant.after"],
            all=n["places.count.after"],
            open=n["places.open.after"],
            unjudged=n["places.not_judged.after"],
        ),
    ]
    if n.of("parts.presumed.after"):
        resting = N_(
            "Compliant only if the gates are where they are presumed: %(parts)s gates and key "
            "parts, %(places)s of the %(all)s compliant places. Confirm these gates.",
            parts=n["parts.presumed.after"],
            places=n["places.presumed.after"],
            all=n["places.compliant.after"],
        )
        said.append(resting)
    if n.of("parts.uncredited"):
        less = N_(
            "Counted today, not credited by the plan: %(count)s gates and key parts, because they "
            "rest on planned cameras that are not built (%(planned)s) or on cameras that may not "
            "look where they look (%(barred)s). Of these %(open)s are left open.",
            count=n["parts.uncredited"],
            planned=n["parts.uncredited.planned"],
            barred=n["parts.uncredited.barred"],
            open=n["gaps.uncredited"],
        )
        said.append(less)
    return said


def describe_today(n: Figures, today: Figures, day: str) -> list[Text]:
    """Say, dated, what a check of today finds where it differs from the one before a plan."""
    keys = ("parts.open.before", "places.compliant.before", "parts.count.before")
    if all(n[key].value == today[key].value for key in keys):
        return []
    return [
        N_(
            "By the check of %(day)s: %(open)s of %(all)s gates and key parts are open, and "
            "%(places)s places are compliant.",
            day=day,
            open=today[keys[0]],
            all=today[keys[2]],
            places=today[keys[1]],
        )
    ]


def ending_of_record(record: Mapping[str, Any]) -> tuple[Text, ...]:
    """Say how good a version in a store is and what stays open; nothing of what others made."""
    try:
        plan = from_record(record)
        notes = map(note_from_dict, plan.parameters.get("notes") or ())
        return (
            *headline(figures_of(plan))[1:],
            *(sentence_of(one) for one in notes if one.weight != "info"),
        )
    except (InputError, MismatchError, KeyError, TypeError, ValueError, AttributeError):
        return ()  # a version that others wrote


def unasked(teller: Teller) -> list[Text]:
    """Say what nobody asked of the plan; nothing where everything was."""
    n, scope = teller.figures, Scope.of(teller.plan.parameters)
    if not n.of("gaps.not_asked"):
        return []
    values = {"count": n["gaps.not_asked"], "districts": ", ".join(scope.districts)}
    if not scope.districts:
        text = N_(
            "Left open and not asked for: %(count)s gates that are only presumed. Confirm "
            "them, and plan again.",
            **values,
        )
    elif not scope.known_gates:
        text = N_(
            "Asked for in these districts alone: %(districts)s; left open and not asked for: "
            "%(count)s gates and key parts.",
            **values,
        )
    else:
        text = N_(
            "Asked for in these districts alone, and of known gates: %(districts)s; left "
            "open and not asked for: %(count)s gates and key parts.",
            **values,
        )
    return [text]


def out_of_reach(teller: Teller) -> Section:
    """List what no lawful candidate covers, with the reason."""
    names, n = teller.names, teller.figures
    rows = [
        (
            names.parts.get(row.part_id, row.part_id),
            n[f"unreachable.{row.Index}.samples"],
            n[f"unreachable.{row.Index}.weight"].written(TENTHS),
            WHY_UNREACHABLE.get(row.reason, Text(str(row.reason))),
        )
        for row in teller.plan.unreachable.itertuples()
    ]
    headings = (N_("Part"), N_("Sample points"), N_("Length or area [m, m²]"), N_("Reason"))
    blocks: list[Any] = [
        teller.names.translate(
            N_(
                "What stands here was not among what the plan could reach, and no amount of money "
                "within these sites and classes changes it."
            )
            if rows
            else N_("Every sample point has enough permitted candidates.")
        )
    ]
    if rows:
        caption = N_("Parts of which something cannot be covered")
        blocks.append(lay_out(teller.names, caption, headings, rows, (1, 2)))
    return Section(teller.names.translate(N_("What cannot be covered")), blocks)


def open_questions(teller: Teller) -> Section:
    """List what a person has to answer before the plan can be approved."""
    translate, plan = teller.names.translate, teller.plan
    works = plan.works
    listed: Counter[str] = Counter()
    about: dict[str, list[str]] = {}
    for label, names in zip(works.index, works["assumptions"], strict=True):
        for name in names or ():
            listed[name] += 1
            about.setdefault(name, []).append(str(label))
    asks = [
        Ask(
            translate(
                N_("Is this confirmed on site: %(what)s?", what=ASSUMED.get(name, Text(name)))
            ),
            f"{number(count)} × {teller.names.listed(about[name], teller.names.cameras)}",
        )
        for name, count in listed.most_common()
    ]
    candidates = figures_of_check(teller.result)["data.candidates"]
    if candidates.value:
        text = N_("Are these places settled, which only the map names: %(n)s?", n=candidates)
        asks.append(Ask(translate(text)))
    found = [
        N_("Have the departments named in the plan given their opinions?"),
        N_("Are the prices those of this city, and of this year?"),
        N_("Do the owners of walls, poles and connected cameras agree?"),
    ]
    if len(teller.plan.unreachable):
        found.append(N_("What is to be done where nothing can be covered?"))
    asks += [Ask(translate(text)) for text in found]
    return Section(translate(N_("Open questions")), list(asks))


TENTHS: Final = partial(number, digits=1)
"""Writes metres, and what is counted by weights."""

NEAR: Final = 1e-6
"""A bound that is nearer to what is reached is that."""


def funds(teller: Teller) -> list[Any]:
    """Tell what became of money and floors, and what no year has the money for."""
    plan, n, blocks = teller.plan, teller.figures, list[Any]()
    whole, every = N_("All districts"), N_("All years")
    rows = [
        (
            str(row.year) if row.year else every,
            row.district or whole,
            BUDGET_OF[of],
            *(n[f"funds.{row.Index}.{name}"] for name in FUNDS[2:]),
        )
        for row, of in zip(plan.funds.itertuples(), sums_of_funds(plan), strict=True)
    ]
    if rows:
        headings = (
            N_("Year"),
            N_("District"),
            N_("Sum that is limited"),
            N_("Budget [yuan]"),
            N_("Spent [yuan]"),
            N_("Least share"),
            N_("Share reached"),
        )
        blocks.append(
            lay_out(teller.names, N_("Budgets and least shares"), headings, rows, (3, 4, 5, 6))
        )
    unbuilt = [
        (
            row.camera_id,
            MEASURE_LABELS[row.measure],
            n[f"unbuilt.{row.Index}.cost_yuan"],
            WHY_UNBUILT[Reason(row.reason)],
        )
        for row in plan.unbuilt.itertuples()
    ]
    if unbuilt:
        caption = N_("Chosen, and not built for want of money in its years")
        columns = (N_("Camera"), N_("Measure"), N_("Works [yuan]"), N_("Reason"))
        blocks.append(lay_out(teller.names, caption, columns, unbuilt, (2,)))
    return blocks


def stages(teller: Teller) -> list[Any]:
    """Tell what was reached of each aim, in their order."""
    rows = [
        (
            AIM_TEXTS[Aim(row.aim)],
            *(
                teller.figures[f"aims.{row.aim}.{name}"].written(TENTHS)
                for name in ("value", "bound")
            ),
        )
        for row in teller.plan.stages.itertuples()
    ]
    if not rows:
        return []
    is_bought = teller.plan.proof.goal == "widest"
    most = (
        N_("No plan for this money beats") if is_bought else N_("At least, as the solver reports")
    )
    headings = (N_("Aim"), N_("Reached"), most)
    caption = N_("Aims in their order; each keeps what those before it reached")
    return [lay_out(teller.names, caption, headings, rows, (1, 2))]


def curve(teller: Teller) -> list[Any]:
    """Tell what other money would buy, with what no plan can beat."""
    table, n = teller.plan.curve, teller.figures
    rows = [
        (
            *(n[f"curve.{at}.{name}"] for name in ("budget_yuan", "cost_yuan")),
            *(of_most(n, f"curve.{at}", name, TENTHS) for name in ("places", "parts", "metres")),
        )
        for at in table.index
    ]
    if not rows:
        return []
    of = BUDGET_OF[counted_in(table)]
    headings = (
        N_("Budget, %(of)s [yuan]", of=of),
        N_("Spent, %(of)s [yuan]", of=of),
        N_("Places made compliant"),
        N_("Gates and key parts"),
        N_("Met [m, m²]"),
    )
    caption = N_(
        "What money buys; in brackets, where it is more, the most that the solver "
        "reports as possible"
    )
    return [lay_out(teller.names, caption, headings, rows, range(5))]


def robustness(teller: Teller) -> Section:
    """Tell how much is kept when any camera fails and when poses are off."""
    table, names, n = teller.plan.robustness, teller.names, teller.figures.entries
    blocks: list[Any] = [teller.names.translate(describe(row, n)) for _, row in table.iterrows()]
    for _, row in table.iterrows():
        if len(row["worst_cameras"]):
            worst = names.listed(row["worst_cameras"], names.cameras)
            blocks.append(
                teller.names.translate(N_("The worst failure: %(cameras)s.", cameras=worst))
            )
    return Section(teller.names.translate(N_("Robustness")), blocks)


def of_most(n: Figures, row: str, name: str, write: Callable[[float], str]) -> str:
    """Return what a row of a curve reaches and, where it is more, what is possible at most."""
    reached, most = n[f"{row}.{name}"], n[f"{row}.most_{name}"]
    value = reached.value or 0.0
    is_more = most.value is not None and most.value > value + NEAR * max(1.0, value)
    told = reached.written(write)
    return f"{told} ({most.written(write)})" if is_more else told


def safeguards(teller: Teller) -> Section:
    """Say how the plan is kept lawful, and what the law kept out of it."""
    rows = [
        (
            MEASURE_LABELS[row.measure],
            HOST_LABELS.get(row.host, row.host),
            row.article,
            REASONS.get(row.reason, Text(str(row.reason))),
            teller.figures[f"forbidden.{row.Index}.count"],
        )
        for row in teller.plan.forbidden.itertuples()
    ]
    headings = (N_("Measure"), N_("Carrier"), N_("Article"), N_("Reason"), N_("How many"))
    blocks: list[Any] = [teller.names.translate(text) for text in SAFEGUARDS]
    if len(teller.plan.barred):
        blocks.append(_barred(teller))
    asked = teller.plan.parameters.get("ruled_out") or {}
    names = [teller.names.cameras.get(name, name) for name in asked.get("names", ())]
    circles = [
        f"{circle['lon']:.6f},{circle['lat']:.6f} ({circle['radius_m']:g} m)"
        for circle in asked.get("circles", ())
    ]
    if out := ", ".join([*names, *circles]):
        blocks.append(teller.names.translate(N_("Ruled out for this plan: %(what)s.", what=out)))
    if held := ", ".join(map(str, teller.plan.parameters.get("held") or ())):
        text = N_(
            "Held in this plan, whatever it costs: %(what)s. The bound is that of plans "
            "without it too.",
            what=held,
        )
        blocks.append(teller.names.translate(text))
    if rows:
        caption = N_("Positions that the law forbids and that were not among the choices")
        blocks.append(lay_out(teller.names, caption, headings, rows, (4,)))
    return Section(teller.names.translate(N_("Safeguards")), blocks)


def _barred(teller: Teller) -> Table:
    """Return the cameras on record that the law on private places does not let count."""
    n = teller.figures
    done = {
        label: describe_action(*each)
        for label, *each in done_in(teller.plan)[["action", "article"]].itertuples()
    }
    rows = [
        (
            teller.names.cameras.get(row.camera_id, row.camera_id),
            row.article,
            REASONS.get(row.reason, Text(str(row.reason))),
            n[f"barred.{row.Index}.area_m2"].written(TENTHS),
            done.get(row.camera_id),
        )
        for row in teller.plan.barred.itertuples()
    ]
    headings = (
        N_("Camera"),
        N_("Article"),
        N_("Reason"),
        N_("Private wall in view [m²]"),
        N_("What the plan does"),
    )
    caption = N_("Cameras on record that are not credited: to be masked, moved or taken down")
    return lay_out(teller.names, caption, headings, rows, (3,))
