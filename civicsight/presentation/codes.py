"""What codes in the cells of written tables are called: a person reads words, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from civicsight.core.errors import Text
from civicsight.core.i18n import in_all
from civicsight.model import CAMERAS
from civicsight.planning.judging.verdicts import DEPARTMENTS, OUTCOMES
from civicsight.presentation.lexicon import (
    CAMERA_KINDS,
    CAMERA_STATES,
    FINDING_KINDS,
    LIGHTS,
    MOUNTS,
    PART_KINDS,
    STANDINGS,
    STATE_LABELS,
)
from civicsight.presentation.symbols import CAMERA_LABELS, PART_LABELS, STATUS_LABELS
from civicsight.rules.vocabulary import WORDS

COLUMNS: Final[Mapping[str, Mapping[str, Text]]] = MappingProxyType(
    {
        **{column.name: column.labels for column in CAMERAS if column.choices},
        "kind": {**PART_KINDS, **CAMERA_KINDS, **FINDING_KINDS},
        "mount": MOUNTS,
        "light": LIGHTS,
        "status": {**PART_LABELS, **STATUS_LABELS, **CAMERA_STATES},
        "standing": STANDINGS,
        "state": STATE_LABELS,
        "direction_known": CAMERA_LABELS,
        "outcome": OUTCOMES,
        "department": DEPARTMENTS,
        **dict.fromkeys(("severity", "subject_kind", "acceptance_result"), WORDS),
    }
)
"""Words by column and code; what is not in here is no code of a closed list."""


def worded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with words in every language in place of the codes in its cells."""
    named = {
        name: frame[name].map(lambda value, words=COLUMNS[name]: _word(value, words))
        for name in frame.columns.intersection(list(COLUMNS))
    }
    return frame.assign(**named) if named else frame


def _word(value: object, words: Mapping[str, Text]) -> object:
    text = words.get(value) if isinstance(value, str) else None
    return value if text is None else in_all(text)
