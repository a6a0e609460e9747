"""Faults as a person reads them: where, what was expected, what was found, how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from civicsight.core.errors import FEWEST_ALIKE, N_, Fault, Text, grouped
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.core.shown import shown_in_line

MAX_ROWS, MAX_VALUES = 30, 6
"""Rows and values that such a line lists."""

ITEM = re.compile(r"((?:[^,]+: )?)item (\d+), line (\d+)")
"""Place of a fault in a document whose entries are no lines; a file name may stand before it."""

ROW = re.compile(r"row (\d+)")
"""Place of a fault that counts rows; other places are names and read the same in any language."""

LINE = re.compile(r"line (\d+)")
"""Place of a fault in a document of lines."""

Describe = Callable[[Fault, Language], str]


def describe_fault(fault: Fault, language: Language = DEFAULT_LANGUAGE) -> str:
    """Render a fault as one line: where, what was expected, what was found, how to mend it."""
    place = _place(fault, language)
    sentence = N_("expected %(expected)s.", expected=fault.expected)
    if fault.found:
        sentence = N_(
            "expected %(expected)s, found %(found)s.", expected=fault.expected, found=fault.found
        )
    remedy = translate(fault.remedy, language) if str(fault.remedy) else ""
    line = f"{translate(sentence, language)} {remedy}".strip()
    return translate(N_("%(what)s: %(value)s", what=place, value=line), language) if place else line


def _describe_place(where: str, language: Language) -> str:
    """Render where a fault is; names read the same in any language."""
    if item := ITEM.fullmatch(where):
        words = N_("item %(number)s (line %(line)s)", number=item[2], line=item[3])
        return item[1] + translate(words, language)
    return translate(row_text(where), language)


def row_text(where: str) -> Text:
    """Return the sentence for where a row is; names read the same in any language."""
    if row := ROW.fullmatch(where):
        return N_("row %(number)s", number=row[1])
    if line := LINE.fullmatch(where):
        return N_("line %(number)s", number=line[1])
    return Text(where)


def describe_repair(fault: Fault, language: Language = DEFAULT_LANGUAGE) -> str:
    """Render what was mended as one line: where, what was found, and what became of it.

    What was found without a value to show is said by `expected`, as a sentence of its own.
    """
    found = N_("found %(found)s.", found=fault.found) if fault.found else fault.expected
    line = " ".join(translate(text, language) for text in (found, fault.remedy)).strip()
    return translate(N_("%(what)s: %(value)s", what=_place(fault, language), value=line), language)


def _place(fault: Fault, language: Language) -> str:
    where = _describe_place(fault.where, language)
    # Columns are named as files name them; a shape has no column that a person knows.
    field = translate(N_("geometry"), language) if fault.field == "geometry" else fault.field
    return ", ".join(shown_in_line(part) for part in (fault.file, where, field) if part)


def describe_faults(
    faults: Sequence[Fault],
    language: Language = DEFAULT_LANGUAGE,
    *,
    describe: Describe = describe_fault,
) -> Iterator[str]:
    """Render faults as lines; the same fault in many rows is said once, with all its rows."""
    for group in grouped(faults):
        if len(group) < FEWEST_ALIKE:
            yield from (describe(fault, language) for fault in group)
        else:
            yield describe(_as_one(group, language), language)


def describe_group(
    group: Sequence[Fault], language: Language, *, describe: Describe = describe_fault
) -> str:
    """Render faults that share everything but their values as one line."""
    return describe(group[0] if len(group) == 1 else _as_one(group, language), language)


def _as_one(group: Sequence[Fault], language: Language) -> Fault:
    """Return one fault for all rows that share it."""
    rows = [match[1] for fault in group if (match := ROW.fullmatch(fault.where))]
    counted = len(rows) == len(group)
    places = rows if counted else list(dict.fromkeys(fault.where for fault in group))
    most = MAX_ROWS if counted else MAX_VALUES
    more = len(places) - most
    values = {"count": len(places), "rows": ", ".join(places[:most]), "more": more}
    if counted and more <= 0:
        where = N_("%(count)s rows (%(rows)s)", **values)
    elif counted:
        where = N_("%(count)s rows (%(rows)s and %(more)s more)", **values)
    elif more <= 0:
        where = N_("%(count)s of them (%(rows)s)", **values)
    else:
        where = N_("%(count)s of them (%(rows)s and %(more)s more)", **values)
    found = list(dict.fromkeys(fault.found for fault in group))
    shown = ", ".join(found[:MAX_VALUES]) + (" …" if len(found) > MAX_VALUES else "")
    return replace(
        group[0],
        where=translate(where, language),
        found=shown,
        expected=_together([fault.expected for fault in group], language),
        remedy=_together([fault.remedy for fault in group], language),
    )


def _together(texts: Sequence[Text], language: Language) -> Text:
    """Return one sentence for several that differ in their values, with the first of those."""
    values: dict[str, object] = {}
    for name in texts[0].values:
        shown = (translate(Text("%(v)s", {"v": text.values[name]}), language) for text in texts)
        said = list(dict.fromkeys(shown))
        more = " …" if len(said) > MAX_VALUES else ""
        values[name] = ", ".join(said[:MAX_VALUES]) + more
        if len(said) == 1:
            values[name] = texts[0].values[name]
    return Text(texts[0].template, values) if values else texts[0]
