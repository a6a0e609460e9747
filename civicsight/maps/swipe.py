"""Two versions on one map, parted by a line that a person moves: what each sees, and its signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from civicsight.core.errors import N_
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.maps.events import EDITED


def swipe_data(
    left: dict[str, Any] | None,
    right: dict[str, Any] | None,
    names: tuple[str, str],
    language: Language = DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Return what ``civicsight.swipe`` reads.

    Parameters
    ----------
    left, right
        Tiles of the two runs, as the browser reads them; None where the line parts signs alone.
    names
        What the two are called; they are drawn as text.
    language
        Language of the slider's label.
    """
    return {"left": left, "right": right, "labels": swipe_labels(names, language)}


def on_side(
    layers: Iterable[Mapping[str, Any]], side: Literal["left", "right"]
) -> list[dict[str, Any]]:
    """Return layers of signs that are drawn, and answer a click, on one side of the line alone."""
    return [
        {
            **one,
            "key": f"{EDITED}{side}_{str(one['key']).removeprefix(EDITED)}",
            "data": {**one["data"], "side": side},
        }
        for one in layers
    ]


def swipe_labels(names: tuple[str, str], language: Language) -> dict[str, str]:
    """Return what the two sides are called, and what a screen reader hears of the slider."""
    slider = N_("Part the map between %(left)s and %(right)s", left=names[0], right=names[1])
    return {"slider": translate(slider, language), "left": names[0], "right": names[1]}
