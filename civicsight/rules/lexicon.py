"""Words that a text may not hold, such as names of makers in tender papers."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Span(NamedTuple):
    """Where a term stands in a text."""

    start: int
    end: int
    term: str


def find_terms(text: str, lexicon: str) -> tuple[Span, ...]:
    """Find every term of a lexicon in a text, whatever its case.

    A Latin term counts only as a whole word; a Chinese one wherever it stands.

    Parameters
    ----------
    text, lexicon
        What is searched, and the name of the list.

    Examples
    --------
    >>> [span.term for span in find_terms("or a HIKVISION dome", "vendors")]
    ['HIKVISION']
    """
    return tuple(
        Span(found.start(), found.end(), found.group())
        for found in _pattern(lexicon).finditer(text)
    )


@cache
def _pattern(lexicon: str) -> re.Pattern[str]:
    lines = files("civicsight.rules").joinpath(f"{lexicon}.txt").read_text("utf-8").splitlines()
    terms = sorted((line for line in lines if line and not line.startswith("#")), key=len)[::-1]
    parts = [rf"\b{re.escape(term)}\b" if term.isascii() else re.escape(term) for term in terms]
    return re.compile("|".join(parts), re.IGNORECASE)
