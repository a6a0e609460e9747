"""Secrets in lists, layers and catalogues: what access, persons and telephones look like.

All words and patterns stand in ``secrets.toml``, in eleven languages; whatever reads a source asks
here alone. A column is known by its header or by what its cells hold, a secret within other text
by its pattern.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.io.tables.synonyms import REMARK
from civicsight.io.word_patterns import parted, pattern_of

KINDS: Final[Mapping[str, Text]] = {
    "network": N_("network address"),
    "stream": N_("address with access to a device"),
    "account": N_("user name or account"),
    "password": N_("password or key"),
    "token": N_("token"),
    "telephone": N_("telephone number"),
    "mail": N_("e-mail address"),
    "person": N_("name of a person"),
    "identity": N_("number of an identity document"),
}
"""What a secret is, by its kind."""

DIGITS_ALONE: Final = frozenset({"telephone", "identity"})
"""Kinds that are digits and no more, as the number of a device may be."""

LEAST_SHARE: Final = 0.5
"""Share of the filled cells that hold nothing but a secret, from which a column is one [0-1]."""

MASK: Final = "***"


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads(files("civicsight.io").joinpath("secrets.toml").read_text("utf-8"))


@cache
def _headers() -> Mapping[str, re.Pattern[str]]:
    return {
        kind: pattern_of(entry for entries in languages.values() for entry in entries)
        for kind, languages in _declared()["headers"].items()
    }


@cache
def _named(group: str) -> re.Pattern[str]:
    return pattern_of(_declared()[group]["words"])


@cache
def _contents(*groups: str) -> Mapping[str, re.Pattern[str]]:
    """Return the patterns of the content of each kind, of several groups together."""
    joined: dict[str, list[str]] = {}
    for group in groups:
        for kind, pattern in _declared()[group].items():
            joined.setdefault(kind, []).append(pattern)
    return {kind: re.compile("|".join(own), re.IGNORECASE) for kind, own in joined.items()}


@lru_cache(maxsize=1 << 14)
def secret_of_header(header: str) -> str:
    """Return the kind of secret that a header speaks of, empty where it speaks of none.

    Examples
    --------
    >>> secret_of_header("UserId"), secret_of_header("camera_id"), secret_of_header("tel. no")
    ('account', '', 'telephone')
    """
    words = parted(REMARK.sub("", header) or header)
    words = _named("honest").sub(" ", words)
    return next((kind for kind, pattern in _headers().items() if pattern.search(words)), "")


def is_of_codes(header: str) -> bool:
    """Tell whether the cells below a header are numbers of things, by which nobody is called.

    Examples
    --------
    >>> is_of_codes("CAM_ID"), is_of_codes("remarks")
    (True, False)
    """
    return _named("codes").search(parted(header)) is not None


def secret_of_cells(texts: Iterable[str], *, codes: bool = False) -> str:
    """Return the kind of secret that most cells of a column are wholly, empty where there is none.

    Parameters
    ----------
    texts
        The filled cells.
    codes
        Whether their header says that they are numbers of things.
    """
    cells = [text.strip() for text in texts]
    for kind, pattern in _contents("content", "content_of_a_cell").items():
        if codes and kind in DIGITS_ALONE:
            continue
        count = sum(pattern.fullmatch(cell) is not None for cell in cells)
        if count and count >= LEAST_SHARE * len(cells):
            return kind
    return ""


def cut_secrets(text: str, *, codes: bool = False) -> tuple[str, frozenset[str]]:
    """Cut secrets out of a text.

    Parameters
    ----------
    text, codes
        A cell, and whether its header says that it is the number of a thing.

    Returns
    -------
    text, kinds
        The text with a mask for each secret, and the kinds of those that were cut.

    Examples
    --------
    >>> cut_secrets("Gate 3, tel 0791 1234567")[0]
    'Gate 3, ***'
    """
    kinds = set()
    for kind, pattern in _contents("content").items():
        if codes and kind in DIGITS_ALONE:
            continue
        text, count = pattern.subn(MASK, text)
        if count:
            kinds.add(kind)
    return text, frozenset(kinds)


def without_secrets(text: str) -> str:
    """Cut secrets out of free text of a catalogue, where every address leads to a device.

    Examples
    --------
    >>> without_secrets("Gate 3 rtsp://admin:12345@10.0.0.9/1")
    'Gate 3 ***'
    """
    for pattern in _contents("content_of_a_catalogue", "content").values():
        text = pattern.sub(MASK, text)
    return text
