"""Two runs of coverage on one map, parted by a line that a person moves."""

from __future__ import annotations

from typing import Any

from civicsight.core.errors import N_
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate


def swipe_data(
    left: dict[str, Any],
    right: dict[str, Any],
    names: tuple[str, str],
    language: Language = DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Return what ``civicsight.swipe`` reads.

    Parameters
    ----------
    left, right
        Tiles of the two runs, as the browser reads them.
    names
        What the two are called; they are drawn as text.
    language
        Language of the slider's label.
    """
    return {"left": left, "right": right, "labels": swipe_labels(names, language)}


def swipe_labels(names: tuple[str, str], language: Language) -> dict[str, str]:
    """Return what the two sides are called, and what a screen reader hears of the slider."""
    slider = N_("Part the map between %(left)s and %(right)s", left=names[0], right=names[1])
    return {"slider": translate(slider, language), "left": names[0], "right": names[1]}
