"""A plan in words of one language: title, what stands first, and every chapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.coverage.result import CheckResult
from civicsight.presentation.names import Names
from civicsight.report.judged import beside_headline, leave_unweighed
from civicsight.report.jurisdiction import applied_elsewhere
from civicsight.report.licence import MADE_UP
from civicsight.report.plan.chapters import chapters
from civicsight.report.plan.endings import headline
from civicsight.report.plan.questions import open_questions, out_of_reach
from civicsight.report.plan.story import Section, Teller, Told
from civicsight.report.plan.trials import robustness

OPINION: Final = N_(
    "Computed from data; not a legal opinion. The official text of each law prevails."
)


def tell(teller: Teller) -> Told:
    """Return title, lines below it and all sections of a plan."""
    plan, say = teller.plan, teller.say
    place = teller.result.city.name
    title = say(N_("Plan of the public-safety video system: %(place)s", place=place))
    first = chapters(teller)
    trials = [robustness(teller)] if len(plan.robustness) else []
    own = [out_of_reach(teller), *trials, open_questions(teller)]
    sections = [*first[:-2], *own, *first[-2:]]
    lead = list(map(say, (*headline(plan), *_unweighed(teller))))
    return told_in(teller.names, teller.result, title, lead, sections)


def told_in(
    names: Names, result: CheckResult, title: str, lead: Sequence[str], sections: Sequence[Section]
) -> Told:
    """Return what a document says, with what holds for all of it: made-up data, another law."""
    city, language = result.city, names.language
    found = [MADE_UP] if city.synthetic else []
    banners = [*found, *applied_elsewhere(city, result.rules, language), OPINION]
    return Told(language, title, tuple(lead), tuple(map(names.say, banners)), tuple(sections))


def _unweighed(teller: Teller) -> list[Text]:
    """Say what the plan could not weigh: what was not judged, and the cameras that it leaves."""
    texts, left = [*beside_headline(teller.result)], teller.plan.not_weighed
    if left:
        texts.append(leave_unweighed(left, teller.names.listed(left, teller.names.cameras)))
    return texts
