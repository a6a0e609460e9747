"""What a job tells of itself, as values that JSON holds: where it is, and why it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from civicsight.core.errors import N_, CivicsightError, InputError, Text


@dataclass(frozen=True, slots=True)
class At:
    """Where a job is: share done [0-1] and step; of a plan also value and bound."""

    share: float
    stage: Text
    value: float | None = None
    bound: float | None = None


Report = Callable[[At], None]


def reasons_of(error: CivicsightError) -> list[Text]:
    """Return what an error says, as sentences for a person."""
    if isinstance(error, InputError):
        return [
            N_("%(expected)s is needed. %(remedy)s", expected=f.expected, remedy=f.remedy)
            for f in error.faults
        ]
    return [
        found if isinstance(found, Text) else Text("%(told)s", {"told": str(found)})
        for found in error.args
    ]


def plain_at(at: At) -> dict[str, Any]:
    """Return where a job is as values that JSON holds."""
    return {**{name: getattr(at, name) for name in At.__slots__}, "stage": plain_text(at.stage)}


def at_from(data: Mapping[str, Any]) -> At:
    """Undo `plain_at`."""
    return At(**{**data, "stage": text_from(data["stage"])})


def plain_text(text: Text) -> dict[str, Any]:
    """Return a sentence as values that JSON holds."""
    values = {
        key: plain_text(value) if isinstance(value, Text) else _plain(value)
        for key, value in text.values.items()
    }
    return {"template": text.template, "values": values}


def text_from(data: Mapping[str, Any]) -> Text:
    """Undo `plain_text`."""
    values = {
        key: text_from(value) if isinstance(value, dict) and "template" in value else value
        for key, value in data["values"].items()
    }
    return Text(data["template"], values)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return value if isinstance(value, str | int | float) else str(value)
