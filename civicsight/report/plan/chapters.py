"""The chapters of a plan: present state, aims, layout, phases, estimate, safeguards, proof."""

from __future__ import annotations

from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.io.report import LAYER_LABELS
from civicsight.planning.candidates.classes import CLASS_LABELS, read_classes
from civicsight.planning.record.actions import ACTIONS, GIVING_UP, done_in
from civicsight.planning.statement.claims import statement_of
from civicsight.planning.statement.figures import OF_WORKS, figures_by_class, figures_of_check
from civicsight.planning.statement.spending import compare_spending, describe_spending
from civicsight.planning.works.specification import INTERFACE, PROTECTION, SECURITY
from civicsight.presentation.document import Figure, Section, Table, lay_out
from civicsight.presentation.lexicon import number
from civicsight.presentation.reading_notes import COUNT, HEADINGS, TITLE, note_rows
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.licence import licences_of
from civicsight.report.plan import bill
from civicsight.report.plan.endings import TENTHS, curve, funds, safeguards, stages
from civicsight.report.plan.figures import (
    draw_history,
    draw_overview,
    draw_sheet,
    draw_slider,
    sheets_of,
)
from civicsight.report.plan.teller import GOAL_TEXTS, LIFE_GOAL, SHEET_COLUMNS, Teller, sheet_rows

PRICES, RULES = "prices", "rules "
"""The price table among the inputs, and what the name of a rule pack begins with."""

MOST_SHEETS: Final = 24
"""So many map sheets are in the document; the layers have everything."""


def chapters(teller: Teller) -> list[Section]:
    """Return the chapters in their order, without those that have nothing to tell."""
    made = (present_state, aims, layout, phases, estimate, safeguards, ledger, proof, sources)
    return [make(teller) for make in made]


def present_state(teller: Teller) -> Section:
    """Say what exists and what it covers."""
    plan, n, today = teller.plan, teller.figures, figures_of_check(teller.result)
    rows = [
        (teller.names.class_of(*known), *map(str, own.entries.values()))
        for known, own in figures_by_class(n, teller.result).items()
    ]
    text = N_(
        "On record are %(cameras)s cameras, of which %(used)s count; of %(lost)s the direction is "
        "not recorded. %(covered)s of %(parts)s gates and key parts are compliant; %(share)s are "
        "covered for sure.",
        cameras=today["cameras.count"],
        used=today["cameras.used"],
        lost=today["cameras.undirected"],
        covered=n["parts.compliant.before"],
        parts=n["parts.count.after"],
        share=n["share.covered.before"],
    )
    headings = (
        N_("Class of places"),
        N_("Gates and key parts"),
        N_("Compliant before the plan"),
        N_("Compliant with the plan"),
    )
    caption = N_("What is demanded and what is covered")
    barred = sorted(set(plan.barred["camera_id"]))
    unlawful = N_(
        "%(count)s cameras on record may not look where they look (%(names)s). The plan does not "
        "credit what they see.",
        count=n["cameras.barred"],
        names=teller.names.listed(barred, teller.names.cameras),
    )
    told = [teller.names.translate(text), *([teller.names.translate(unlawful)] if barred else [])]
    return Section(
        teller.names.translate(N_("Present state")),
        [*told, lay_out(teller.names, caption, headings, rows, range(1, 4))],
    )


def aims(teller: Teller) -> Section:
    """Say what was asked for, and by which law."""
    plan, n, translate = teller.plan, teller.figures, teller.names.translate
    wanted = LIFE_GOAL if plan.by_life else GOAL_TEXTS[plan.proof.goal]
    goal = translate(N_("Aim: %(goal)s.", goal=wanted))
    spent = compare_spending(plan)
    limits = [describe_spending(row) for row in spent.query("is_kept").itertuples()]
    limits = [N_("No budget was given.")] if spent.empty else limits
    after = N_(
        "With the plan %(covered)s of %(parts)s gates and key parts are compliant; %(share)s are "
        "covered for sure.",
        covered=n["parts.compliant.after"],
        parts=n["parts.count.after"],
        share=n["share.covered.after"],
    )
    basis = N_("Judged by the rule packs %(packs)s.", packs=teller.result.rules.versions)
    order = N_(
        "What exists goes first: a camera that only has to be turned, replaced or connected is "
        "preferred to a new one, an existing carrier to a new one."
    )
    return Section(
        translate(N_("Aims and basis")), [goal, *map(translate, (*limits, after, order, basis))]
    )


def layout(teller: Teller) -> Section:
    """Say where something is done: totals, maps before and after, numbered sheets."""
    translate, plan, n = teller.names.translate, teller.plan, teller.figures
    rows = [
        (text, n[f"measures.{name}"], n[f"works.action.{name}.cost_yuan"])
        for name, text in ACTIONS.items()
    ]
    headings = (N_("Measure"), N_("Points"), N_("Works [yuan]"))
    section = Section(translate(N_("Layout")))
    section.blocks.append(lay_out(teller.names, N_("Measures"), headings, rows, (1, 2)))
    captions = {
        "before": N_("Present state: parts by what covers them"),
        "after": N_("With the plan: parts by what will cover them, and where something is done"),
    }
    for when, caption in captions.items():
        section.blocks.append(Figure(translate(caption), draw_overview(teller.result, plan, when)))
    kinds = N_(
        "Signs of parts: disc %(covered)s; square %(assumed)s; triangle %(possible)s; pentagon "
        "%(gap)s. Numbered signs with a sector are cameras, %(span)s m of their view drawn.",
        span=25,
        **{name: text for name, text in STATUS_LABELS.items() if name != "unknown"},
    )
    section.blocks.append(teller.names.translate(kinds))
    for name, works in list(sheets_of(plan).items())[:MOST_SHEETS]:
        title = translate(N_("Map sheet %(n)s", n=name))
        rows = sheet_rows(teller, works)
        grid = lay_out(
            teller.names, N_("Measures on this sheet"), SHEET_COLUMNS, rows, (0, 4, 5, 6, 7)
        )
        figure = Figure(title, draw_sheet(teller.result, plan, works))
        section.parts.append(Section(title, [figure, grid]))
    return section


def phases(teller: Teller) -> Section:
    """Say what is done in which year and district."""
    n = teller.figures
    rows = [
        (
            year,
            N_("All districts") if of == "year" else district[0] or N_("no district on record"),
            *(n[f"works.{of}.{label}.{name}"] for name in OF_WORKS),
        )
        for of in ("year_district", "year")
        for label in n.labels(f"works.{of}")
        for year, *district in (label.split("/", 1),)
    ]
    headings = (N_("Year"), N_("District"), N_("Points"), N_("Works [yuan]"))
    blocks: list[Any] = [
        lay_out(teller.names, N_("Works by year and district"), headings, rows, (2, 3))
    ]
    return Section(teller.names.translate(N_("Phases")), [*blocks, *funds(teller)])


def estimate(teller: Teller) -> Section:
    """Say what is bought and done, with where every price is from, and what it has to deliver."""
    n = teller.figures
    kinds = [
        (
            CLASS_LABELS.get(label, N_("no new device")),
            *(n[f"works.device.{label}.{name}"] for name in OF_WORKS),
        )
        for label in n.labels("works.device")
    ]
    return Section(
        teller.names.translate(N_("Estimate")),
        [
            *bill.tables(teller),
            lay_out(
                teller.names,
                N_("Neutral classes of devices"),
                (N_("Class"), N_("Points"), N_("Works [yuan]")),
                kinds,
                (1, 2),
            ),
            *_unpriced(teller),
            _performance(teller),
        ],
    )


def _unpriced(teller: Teller) -> list[str]:
    """Say which of the work has no price: what becomes of cameras that break the law."""
    n = teller.figures
    works = done_in(teller.plan)
    free = works[works["action"].isin(GIVING_UP[:-1]) & works["measure"].eq("drop")]
    if free["article"].isna().all():
        return []
    text = N_(
        "Not in this sum: masking (%(mask)s), turning or moving (%(move)s) and taking down "
        "(%(down)s) what stands and is not credited. Each is the least that ends the breach; the "
        "operator of the camera may choose more, and pays for it.",
        mask=n["measures.mask"],
        move=n["measures.move"],
        down=n["measures.take_down"],
    )
    return [teller.names.translate(text)]


def _performance(teller: Teller) -> Table:
    """Return what the devices of each class have to deliver, and nothing about who makes them."""
    used = set(teller.plan.works["camera_class"].dropna())
    rows = [
        (
            CLASS_LABELS[kind.camera_class],
            f"{kind.hfov_deg:g} × {kind.vfov_deg:g}",
            number(kind.width_px),
            number(kind.heads),
            number(kind.reach_m),
            number(kind.light_m),
            INTERFACE,
            SECURITY,
            PROTECTION,
        )
        for kind in read_classes()
        if kind.camera_class in used
    ]
    headings = (
        N_("Class"),
        N_("Angle of view [deg]"),
        N_("Horizontal pixels, at least"),
        N_("Heads"),
        N_("Reach [m]"),
        N_("Range of its own light, at least"),
        N_("Interface"),
        N_("Security of signalling and media"),
        N_("Protection of the housing, outdoors"),
    )
    return lay_out(teller.names, N_("Performance of each class"), headings, rows, (2, 3, 4, 5))


def ledger(teller: Teller) -> Section:
    """Say of each camera that costs something what it is for and what would do instead."""
    names = teller.names
    table = teller.plan.ledger
    rows = [
        (
            names.cameras.get(row.camera_id, row.camera_id),
            names.listed(row.parts, names.parts),
            number(row.alone, 1),
            names.listed(row.instead, names.cameras) or N_("nothing else"),
            number(row.saved_yuan),
        )
        for row in table.itertuples()
    ]
    headings = (
        N_("Camera"),
        N_("What it is for"),
        N_("Met by it alone [m, m²]"),
        N_("What would do instead"),
        N_("Dearer without it by [yuan]"),
    )
    text = N_(
        "Every camera that costs something, with what it is for. What would do instead is the "
        "cheapest other way to meet the same; where there is none, the demand would stay unmet."
    )
    return Section(
        teller.names.translate(N_("Ledger")),
        [
            teller.names.translate(text),
            lay_out(teller.names, N_("Ledger of measures"), headings, rows, (2, 4)),
        ],
    )


def proof(teller: Teller) -> Section:
    """Say how good the plan is at most, how to verify it, and what other plans there are."""
    plan, translate = teller.plan, teller.names.translate
    known, n, stated = plan.proof, teller.figures, statement_of(plan)
    rows = [
        (N_("How good it is"), stated.describe()),
        *((N_("Not kept"), each.describe()) for each in stated.unmet),
        (N_("Reached"), n["proof.value"].written(TENTHS)),
        (N_("No plan can beat (recountable)"), n["proof.bound"].written(TENTHS)),
        (N_("No plan can beat (the solver's claim)"), n["proof.claim"].written(TENTHS)),
        (N_("Could be better by at most"), stated.margin()),
        (N_("Effort of the search"), stated.effort()),
        (N_("Seed and steps"), f"{known.seed}, {n['proof.steps']}"),
    ]
    text = N_(
        "The bound follows from the dual prices alone; 'civicsight plan verify' recounts coverage "
        "and bound in a separate module and rebuilds part of the matrix by brute force."
    )
    headings = (N_("What"), N_("Value"))
    blocks: list[Any] = [translate(text), lay_out(teller.names, N_("Certificate"), headings, rows)]
    blocks += [translate(bill.BY_LIFE)] if plan.by_life else []
    blocks += [*stages(teller), *curve(teller)]
    if len(plan.slider) > 1:
        caption = (
            N_(
                "Life-cycle cost (red) and the solver's bound (green) [1000 yuan] by share of the "
                "demand [%]"
            )
            if plan.by_life
            else N_(
                "Works (red) and the solver's bound (green) [1000 yuan] by share of the demand [%]"
            )
        )
        blocks.append(Figure(translate(caption), draw_slider(plan)))
    if len(plan.history) > 1:
        caption = N_("Value (red) and bound (green) over time [s]")
        blocks.append(Figure(translate(caption), draw_history(plan)))
    others = [
        (
            row.number,
            n[f"alternatives.{row.Index}.cost_yuan"],
            n[f"alternatives.{row.Index}.differs"],
        )
        for row in plan.alternatives.itertuples()
    ]
    if others:
        money = N_("Life-cycle cost [yuan]") if plan.by_life else N_("Works [yuan]")
        columns = (N_("Plan"), money, N_("Points that differ"))
        caption = N_("Nearly as good plans: single sites are negotiable")
        blocks.append(lay_out(teller.names, caption, columns, others, (1, 2)))
    return Section(translate(N_("Certificate")), blocks)


def sources(teller: Teller) -> Section:
    """Say where everything is from, and what binds whoever passes it on."""
    city, translate = teller.result.city, teller.names.translate
    notes = teller.result.notes
    rows = [(_input(name), digest) for name, digest in sorted(teller.plan.inputs.items())]
    return Section(
        translate(N_("Sources and licences")),
        [
            *city.sources,
            *map(translate, licences_of(city)),
            translate(N_("Coordinate system: %(crs)s.", crs=city.crs.name)),
            lay_out(
                teller.names, N_("What the plan was made from"), (N_("Input"), N_("SHA-256")), rows
            ),
            *(
                [
                    lay_out(
                        teller.names,
                        TITLE,
                        HEADINGS,
                        note_rows(notes, teller.names.language),
                        frozenset({COUNT}),
                    )
                ]
                if notes
                else []
            ),
        ],
    )


def _input(name: str) -> Text:
    """Return what an input of a plan is called: a table of the city, or a rule pack."""
    if name.startswith(RULES):
        return N_("rule pack %(name)s", name=name.removeprefix(RULES))
    return N_("prices") if name == PRICES else LAYER_LABELS.get(name, Text(name))
