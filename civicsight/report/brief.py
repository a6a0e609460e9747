"""A result in a few lines, for a terminal: three numbers, the classes, what the data are like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.names import name_all
from civicsight.presentation.numbers import count_classes, count_data, count_duplicates
from civicsight.report.judged import beside_headline, say_judged
from civicsight.report.jurisdiction import applied_elsewhere
from civicsight.report.licence import MADE_UP

AT_NIGHT: Final = N_("Checked at night: every view ends where the light of its own camera does.")

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.presentation.numbers import DataCount, DoubleCount


def brief_result(result: CheckResult, language: Language) -> Brief:
    """Put a result into words and small tables."""
    names = name_all(result, language)
    say = names.say
    judged = say_judged(result)
    doubles = count_duplicates(result.duplicates)
    columns = (say(N_("for sure")), say(N_("only if an assumption holds")))
    rows = (
        (say(N_("Cameras that add little to others")), *_two(doubles, "duplicate")),
        (say(N_("Near pairs that look the same way")), *_two(doubles, "twin")),
        (say(N_("Near pairs, direction unknown")), *_two(doubles, "near")),
    )
    classes = [
        (
            names.class_of(row.pack, row.item),
            number(row.places),
            number(row.statuses.total),
            number(row.statuses.covered),
            number(row.statuses.undecided),
            number(row.statuses.gap),
            number(row.statuses.unknown),
        )
        for row in count_classes(result)
    ]
    heads = (
        say(N_("Class of places")),
        say(N_("Places")),
        say(N_("Gates and key parts")),
        *(say(text) for text in judged.heads[:4]),
    )
    facts = tuple(say(text) for text in (*judged.sentences, *_facts(count_data(result))))
    said = ((MADE_UP, result.city.synthetic), (AT_NIGHT, result.summary.get("night", False)))
    notes = tuple(say(text) for text, holds in said if holds)
    notes += tuple(say(text) for text in applied_elsewhere(result.city, result.rules, language))
    notes += tuple(say(text) for text in beside_headline(result))
    states = tuple(say(text) for text in judged.heads)
    stand = tuple((say(label), *figures) for label, figures in judged.rows)
    return Brief(
        result.city.name, states, stand, columns, rows, heads, tuple(classes), facts, notes
    )


def _two(doubles: list[DoubleCount], kind: str) -> tuple[str, str]:
    own = [entry for entry in doubles if entry.kind == kind]
    return number(sum(e.sure for e in own)), number(sum(e.assumed for e in own))


def _facts(data: DataCount) -> tuple[Text, ...]:
    assumed = data.heights_assumed / data.buildings if data.buildings else float("nan")
    coming = N_(
        "Of those covered for sure, %(unbuilt)s only once planned or approved cameras are built.",
        unbuilt=number(data.unbuilt),
    )
    return (
        *((coming,) if data.unbuilt else ()),
        N_(
            "Cameras: %(read)s read, %(unused)s of them not counted (indoors, out of use, "
            "removed); %(moved)s moved off a wall, by %(most)s m at most.",
            read=number(data.cameras),
            unused=number(data.unused),
            moved=number(data.moved),
            most=number(data.moved_most_m, 1),
        ),
        N_(
            "Records of cameras: %(sure)s complete, %(assumed)s with a view assumed in part, "
            "%(unknown)s of unknown direction. Lacking: height %(height_m)s, direction "
            "%(azimuth_deg)s, tilt %(tilt_deg)s, field of view %(hfov_deg)s, pixels %(width_px)s.",
            sure=number(data.direction_sure),
            assumed=number(data.direction_assumed),
            unknown=number(data.direction_unknown),
            **{name: number(count) for name, count in data.missing.items()},
        ),
        N_(
            "Buildings: %(count)s, the height of %(assumed)s (%(share)s) is assumed.",
            count=number(data.buildings),
            assumed=number(data.heights_assumed),
            share=share(assumed),
        ),
        N_(
            "Places: %(places)s, %(candidates)s of them candidates from map data; "
            "%(inferred)s of %(parts)s gates and key parts inferred.",
            places=number(data.places),
            candidates=number(data.candidates),
            inferred=number(data.inferred),
            parts=number(data.parts),
        ),
    )


@dataclass(frozen=True, slots=True)
class Brief:
    """A result in one language.

    Parameters
    ----------
    name
        The city.
    states, stand
        The four states and all, and how places, gates and key parts stand: a label with five
        figures a row.
    columns, rows
        How sure it is, and a label with a figure each, of cameras that others stand in for.
    class_columns, classes
        Headings and rows of the table of Article 8.
    facts
        Sentences about the data.
    notes
        What must be said first.
    """

    name: str
    states: tuple[str, ...]
    stand: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    class_columns: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    facts: tuple[str, ...]
    notes: tuple[str, ...]
