"""What a column that is not read looks like, by its name and by what it holds."""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.io.tables.form import Form, label_in
from civicsight.io.tables.synonyms import normal

ALIKE: Final = 0.8
"""How alike a name and a known one are that may be a slip of typing [0-1]."""

SHORTEST: Final = 4
"""Shorter names are alike by chance."""

MOST: Final = 0.9
"""Share of the filled cells that are as expected [0-1]; the others are slips."""

FEWEST: Final = 5
"""Fewer values say nothing."""

FEWEST_DIFFERENT: Final = 3
"""A column of fewer values is one of codes."""

MANY: Final = 1_000
"""Cells that are looked at."""


class Content(NamedTuple):
    """Numbers that a meaning shows itself by: bounds, whole or not, and what some go beyond."""

    meaning: str
    low: float
    high: float
    shape: Literal["whole", "broken", "any"]
    beyond: float
    text: Text


CONTENTS: Final = (
    Content("building:levels", 1, 40, "whole", 1, N_("whole numbers from 1 to 40")),
    Content("azimuth_deg", 0, 360, "any", 180, N_("numbers from 0 to 360")),
    Content("lon", 73, 135, "broken", 73, N_("numbers from 73 to 135")),
    Content("lat", 18, 54, "broken", 18, N_("numbers from 18 to 54")),
)
"""What columns hold whose name nobody knows."""


def suggestions(
    columns: Mapping[str, pd.Series], form: Form, found: Mapping[str, str]
) -> tuple[Text, ...]:
    """Say which columns that are not read look like ones that are looked for.

    Parameters
    ----------
    columns
        Cells of each column that is not read, by its name.
    form, found
        What the table looks like, and the column of each meaning that was found.
    """
    open_meanings = {name: words for name, words in form.all_headers.items() if name not in found}
    by_word = {normal(word): name for name, words in open_meanings.items() for word in words}
    looks = []
    for name, cells in columns.items():
        plain = normal(name)
        near = difflib.get_close_matches(plain, by_word, n=1, cutoff=ALIKE)
        if near and len(plain) >= SHORTEST:
            looks.append(N_("%(column)s ~ %(meaning)s (by its name)", column=name,
                            meaning=_label(form, by_word[near[0]])))  # fmt: skip
            continue
        content = content_of(cells, open_meanings)
        if content is not None:
            looks.append(N_("%(column)s ~ %(meaning)s (%(holds)s)", column=name,
                            meaning=_label(form, content.meaning), holds=content.text))  # fmt: skip
    if not looks:
        return ()
    title = N_("not read, but they look like something: say it in a mapping file if it is so")
    return (title, *looks)


def _label(form: Form, meaning: str) -> dict[str, str]:
    """Return a meaning as a mapping file calls it, in Chinese with its first Chinese word."""
    known = label_in(form.all_headers[meaning], "")["zh"]
    return {"en": meaning, "zh": f"{known} {meaning}".lstrip()}


def content_of(cells: pd.Series, meanings: Container[str]) -> Content | None:
    """Return what the numbers of a column look like among the meanings that lack a column."""
    said = cells.dropna().head(MANY)
    values = pd.to_numeric(said, errors="coerce").to_numpy(float) if len(said) else np.zeros(0)
    known = values[np.isfinite(values)]
    if len(known) < max(FEWEST, MOST * len(said)) or len(np.unique(known)) < FEWEST_DIFFERENT:
        return None
    whole = float((known == np.round(known)).mean())
    for content in CONTENTS:
        fits = (known >= content.low) & (known <= content.high)
        shape = {"whole": whole >= MOST, "broken": whole < MOST, "any": True}[content.shape]
        wide = known.max() > content.beyond
        if content.meaning in meanings and shape and wide and fits.mean() >= MOST:
            return content
    return None
