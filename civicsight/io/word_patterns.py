"""Words of many languages in one form, and patterns of them: what filters and guesses go by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from civicsight.io.tables.lexicon import simplified

LATIN: Final = "a-z0-9\u0400-\u04ff\u00df-\u024f"
"""Letters of scripts that part their words by blanks; the others are looked for in any part."""


def parted(text: str) -> str:
    """Return the words of a text in lower case, with a blank before, between and behind them.

    Accents, hyphens and traditional characters make no difference.

    Examples
    --------
    >>> parted("UserId"), parted("TEL_NO"), parted("IPAddr")
    (' user id ', ' tel no ', ' ip addr ')
    """
    plain = unicodedata.normalize("NFKC", text).translate(simplified())
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", plain))
    plain = unicodedata.normalize("NFC", plain)
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain).casefold()
    plain = re.sub(r"(?<=[a-z])(?=\d)", " ", plain)
    plain = re.sub(rf"(?<=[{LATIN}])(?=[^{LATIN}\W])|(?<=[^{LATIN}\W])(?=[{LATIN}])", " ", plain)
    return " " + " ".join(re.findall(r"[^\W_]+", plain)) + " "


def pattern_of(entries: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern over texts as `parted` writes them.

    Parameters
    ----------
    entries
        Words: whole ones, in scripts without blanks any part; ``=word`` is all of the text,
        ``word*`` and ``*word`` the beginning and the end of a word.
    """
    found = []
    for entry in entries:
        words = parted(entry.strip("=*")).strip()
        if entry.startswith("="):
            found.append(rf"^ {re.escape(words)} $")
        elif re.search(rf"[^{LATIN} ]", words):
            found.append(re.escape(words))
        else:
            start = r"\S*" if entry.startswith("*") else ""
            end = r"\S*" if entry.endswith("*") else ""
            found.append(f" {start}{re.escape(words)}{end} ")
    return re.compile("|".join(found))
