"""What layers, fields and values of a version are called: records keep codes, people read words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.table import Column
from civicsight.io.report import LAYER_LABELS
from civicsight.model import CAMERAS, CITY_TABLES, MEASURES
from civicsight.presentation.columns import HEADINGS, SHEETS
from civicsight.presentation.lexicon import CAMERA_KINDS, CAMERA_STATES, MOUNTS
from civicsight.report.plan.words import MEASURE_LABELS
from civicsight.rules.vocabulary import word

Say = Callable[[Text], str]

DECIMALS: Final = 4

PLANNED: Final = "plan_cameras"
"""Layer of the cameras that an optimised plan builds or turns."""

LAYERS: Final[Mapping[str, Text]] = {
    **LAYER_LABELS,
    "measures": SHEETS["measures"],
    PLANNED: N_("Planned cameras"),
}

VALUES: Final[Mapping[tuple[str, str], Mapping[str, Text]]] = {
    ("cameras", "kind"): CAMERA_KINDS,
    ("cameras", "mount"): MOUNTS,
    ("cameras", "status"): CAMERA_STATES,
    ("measures", "measure"): MEASURE_LABELS,
    ("obstacles", "kind"): {
        "wall": N_("free-standing wall"),
        "fence": N_("fence"),
        "panel": N_("board or screen"),
        "structure": N_("structure"),
    },
}
"""Words of closed lists by layer and field, where those of all packs say less."""

_COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    name: {column.name: column for column in table}
    for name, table in (
        *((table.name, table) for table in CITY_TABLES),
        ("measures", MEASURES),
        (PLANNED, CAMERAS),
    )
}


def say_layer(name: str, say: Say) -> str:
    """Return what a layer is called."""
    return say(LAYERS.get(name, Text(name)))


def say_field(layer: str, name: str, say: Say) -> str:
    """Return what a field of a layer is called; one that nobody declared keeps its name."""
    column = _COLUMNS.get(layer, {}).get(name)
    known = HEADINGS.get(name) or (None if column is None else column.meaning)
    return name if known is None else say(known)


def say_value(layer: str, name: str, value: Any, say: Say) -> str:
    """Return a value as a person says it: a code by its word, a list as its entries."""
    if isinstance(value, Mapping):
        told = {say_field(layer, key, say): say_value(layer, key, value[key], say) for key in value}
        return say(N_(", ")).join(
            say(N_("%(what)s: %(value)s", what=what, value=text)) for what, text in told.items()
        )
    if isinstance(value, list | tuple | np.ndarray):
        return say(N_("; ")).join(say_value(layer, name, entry, say) for entry in value)
    if value is None or pd.isna(value):
        return say(N_("not recorded"))
    if isinstance(value, bool | np.bool_):
        return say(word(bool(value)))
    if isinstance(value, float | np.floating):
        return f"{round(float(value), DECIMALS):.12g}"
    return _say_code(layer, name, str(value), say)


def _say_code(layer: str, name: str, code: str, say: Say) -> str:
    """Return the word of a code of a closed list; any other text is somebody's own."""
    column = _COLUMNS.get(layer, {}).get(name)
    if column is None or code not in column.choices:
        return code
    known = VALUES.get(("cameras" if layer == PLANNED else layer, name), {})
    return say(known.get(code) or word(code))
