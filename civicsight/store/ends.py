"""Ends of the audit that were kept outside of a store: found in a file, and told of."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.store.attestation import read_entry
from civicsight.store.audit import PINNED, Head
from civicsight.store.faults import reject

END_FILE: Final = "audit.json"

PLACES: Final = {"%(entry)s": r"(\d+)", "%(digest)s": r"([0-9a-fA-F]{64})"}
TYPED: Final = re.compile(r"\s*(?:(\d+)[\s,:]+)?([0-9a-fA-F]{64})\s*")
"""A digest as somebody types it, with the number of its entry before it or alone."""


def _pattern(line: str) -> str:
    for name, found in PLACES.items():
        line = line.replace(re.escape(name), found)
    return line


LINES: Final = tuple(
    re.compile(_pattern(re.escape(translate(PINNED, language)))) for language in LANGUAGES
)
"""`audit.PINNED` in each language."""


def read_ends(content: bytes, source: str) -> tuple[Head, ...]:
    """Return the ends of an audit that a file names, or that somebody typed.

    Parameters
    ----------
    content, source
        A paper or record as it came, or what was typed; its name for a fault. The entry of an
        approval is such a record.

    Raises
    ------
    InputError
        If it names none.
    """
    try:
        entry = read_entry(content)
    except (ValueError, RecursionError):
        text = content.decode(errors="replace")
    else:
        return (Head(entry.seq, entry.hash),)
    typed = TYPED.fullmatch(text)
    found = [typed.groups()] if typed else [one for line in LINES for one in line.findall(text)]
    if not found:
        reject("store.no_end", source, line=Head(12, "3f0a…").describe())
    return tuple(dict.fromkeys(Head(int(number or 0), digest.lower()) for number, digest in found))


def keep_outside(end: Head) -> bytes:
    """Return the record of the end of an audit that lies beside the papers of a plan."""
    lines = {language: translate(end.describe(), language) for language in LANGUAGES}
    return json.dumps(asdict(end) | lines, ensure_ascii=False, indent=1).encode() + b"\n"


def describe_outside(ends: Sequence[Head]) -> Text:
    """Say with what kept outside an audit was compared, and held it; or that nothing was."""
    if not ends:
        return N_(
            "Nothing kept outside was compared: if the last entries were cut off, this does not "
            "show it. Compare with a digest from an approval, a package or a paper."
        )
    if not all(end.seq for end in ends):
        return N_("The audit still holds the entry whose digest was given.")
    numbers = ", ".join(str(end.seq) for end in ends)
    return N_(
        "Whole up to what was kept outside: the audit still holds entry %(entry)s.", entry=numbers
    )
