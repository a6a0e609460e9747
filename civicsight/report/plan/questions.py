"""What a plan leaves open: what nothing covers, what was assumed, what a person decides."""

from __future__ import annotations

from collections import Counter
from typing import Any

from civicsight.core.errors import N_, Text
from civicsight.planning.candidates.model import ASSUMED, WHY_UNREACHABLE
from civicsight.presentation.lexicon import number
from civicsight.report.plan.story import Ask, Section, Teller


def out_of_reach(teller: Teller) -> Section:
    """List what no lawful candidate covers, with the reason."""
    names = teller.names
    rows = [
        (names.parts.get(row.part_id, row.part_id), number(row.samples), number(row.weight, 1),
         WHY_UNREACHABLE.get(row.reason, Text(str(row.reason))))
        for row in teller.plan.unreachable.itertuples()
    ]  # fmt: skip
    heads = (N_("Part"), N_("Sample points"), N_("Length or area [m, m²]"), N_("Reason"))
    blocks: list[Any] = [
        teller.say(
            N_(
                "What stands here was not among what the plan could reach, and no amount of money "
                "within these sites and classes changes it."
            )
            if rows
            else N_("Every sample point has lawful candidates enough.")
        )
    ]
    if rows:
        caption = N_("Parts of which something cannot be covered")
        blocks.append(teller.grid(caption, heads, rows, (1, 2)))
    return Section(teller.say(N_("What cannot be covered")), blocks)


def open_questions(teller: Teller) -> Section:
    """List what a person has to answer before the plan can be approved."""
    say, plan = teller.say, teller.plan
    works = plan.works
    listed: Counter[str] = Counter()
    about: dict[str, list[str]] = {}
    for label, names in zip(works.index, works["assumptions"], strict=True):
        for name in names or ():
            listed[name] += 1
            about.setdefault(name, []).append(str(label))
    asks = [
        Ask(
            say(N_("Is this confirmed on site: %(what)s?", what=ASSUMED.get(name, Text(name)))),
            f"{number(count)} × {teller.names.listed(about[name], teller.names.cameras)}",
        )
        for name, count in listed.most_common()
    ]
    zones = teller.result.zones
    open_places = int(zones["standing"].eq("candidate").sum())
    if open_places:
        text = N_("Are these places settled, which only the map names: %(n)s?", n=open_places)
        asks.append(Ask(say(text)))
    asks += [Ask(say(text)) for text in _always(teller)]
    return Section(say(N_("Open questions")), list(asks))


def _always(teller: Teller) -> list[Text]:
    """Return what every plan has to have answered."""
    found = [
        N_("Have the departments named in the plan given their opinions?"),
        N_("Are the prices those of this city, and of this year?"),
        N_("Do the owners of walls, poles and connected cameras agree?"),
    ]
    if len(teller.plan.unreachable):
        found.append(N_("What is to be done where nothing can be covered?"))
    return found
