"""Which column means what: what was understood, as a file that a person edits and uses again."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a person says about the columns and words of a table.

    Parameters
    ----------
    columns
        Header of the file by meaning, such as ``{"height_m": "lens height (m)"}``; an empty
        header says that the meaning has no column, whatever its name.
    words
        Further words for the closed lists of values, such as
        ``{"kind": {"ptz": ["rotating"]}}``.
    """

    columns: MappingOf[str, str] = field(default_factory=dict)
    words: MappingOf[str, MappingOf[str, tuple[str, ...]]] = field(default_factory=dict)
