"""Commands as plain values and back; whatever a text holds, what comes back is a command or none.

Only fields that a command has are taken, of the type that it declares; numbers are finite, texts
short and free of control characters. Whether the command is lawful is asked elsewhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from civicsight.core.errors import InputError
from civicsight.editing.commands import (
    Add,
    Aim,
    AnswerRoomUse,
    Command,
    Comment,
    ConfirmGate,
    DrawObstacle,
    DrawZone,
    Move,
    RejectGate,
    Remove,
    SetOptics,
)
from civicsight.editing.faults import fault, reject

ACTS: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {
        "add": Add,
        "move": Move,
        "aim": Aim,
        "set_optics": SetOptics,
        "remove": Remove,
        "confirm_gate": ConfirmGate,
        "reject_gate": RejectGate,
        "draw_zone": DrawZone,
        "draw_obstacle": DrawObstacle,
        "answer_room_use": AnswerRoomUse,
        "comment": Comment,
    }
)
"""Commands by the word that stands for each in a text."""

NAMES: Final = {kind: name for name, kind in ACTS.items()}
TYPES: Final = {kind: get_type_hints(kind) for kind in NAMES}
ACT: Final = "act"

MAX_TEXT: Final = 2_000
MAX_POINTS: Final = 2_000
FARTHEST: Final = 1e8
"""No coordinate, angle or count of a command is larger."""

CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")


def to_plain(command: Command) -> dict[str, Any]:
    """Return a command as values that JSON holds."""
    return {ACT: NAMES[type(command)]} | {
        entry.name: _plain(getattr(command, entry.name)) for entry in fields(command)
    }


def from_plain(value: object) -> Command:
    """Read a command.

    Raises
    ------
    InputError
        If it is none: an unknown act or field, a field that is missing, or a value that the field
        does not take; each is named.
    """
    if not isinstance(value, Mapping):
        reject("edit.command:none", found=_shown(value))
    kind = ACTS.get(str(value.get(ACT)))
    if kind is None:
        found = _shown(value.get(ACT))
        reject("edit.command:word", field=ACT, found=found, choices=", ".join(ACTS))
    known: dict[str, Any] = {}
    strange = sorted(set(map(str, value)) - {ACT, *_types(kind)})
    faults = [fault("edit.command:strange", field=name) for name in strange]
    for entry in fields(kind):
        if entry.name not in value:
            if entry.default is MISSING:
                faults.append(fault("edit.command:missing", field=entry.name))
            continue
        try:
            known[entry.name] = _read(_types(kind)[entry.name], value[entry.name], entry.name)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    command: Command = kind(**known)
    return command


def _types(kind: type[Any]) -> dict[str, Any]:
    return TYPES[kind]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return to_plain(value) if type(value) in NAMES else value


def _read(kind: Any, value: object, name: str) -> Any:
    """Read a value of a declared type."""
    options = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if value is None and NoneType in options:
        return None
    if options[0] in NAMES:
        if not isinstance(value, Mapping) or ACTS.get(str(value.get(ACT))) not in options:
            allowed = ", ".join(NAMES[kind] for kind in options if kind in NAMES)
            reject("edit.command:word", field=name, found=_shown(value), choices=allowed)
        return from_plain(value)
    if get_origin(options[0]) is tuple:
        return _read_ring(value, name)
    return {str: _read_text, bool: _read_flag, float: _read_number}[options[0]](value, name)


def _read_ring(value: object, name: str) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_POINTS:
        reject("edit.command:points", field=name, found=_shown(value), count=MAX_POINTS)
    ring = []
    for point in value:
        if not isinstance(point, list | tuple) or len(point) != 2:
            reject("edit.command:point", field=name, found=_shown(point))
        ring.append((_read_number(point[0], name), _read_number(point[1], name)))
    return tuple(ring)


def _read_number(value: object, name: str) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # A whole number of a thousand digits is compared, never turned into a float.
    if not number or not -FARTHEST <= value <= FARTHEST or math.isnan(value):  # type: ignore[operator, arg-type]
        reject("edit.command:number", field=name, found=_shown(value))
    return float(value)  # type: ignore[arg-type]


def _read_flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        reject("edit.command:flag", field=name, found=_shown(value))
    return value


def _read_text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or CONTROL.search(value):
        reject("edit.command:text", field=name, found=_shown(value), count=MAX_TEXT)
    if name.endswith("_id") and not value.strip():
        reject("edit.command:id", field=name, found=_shown(value))
    return value


def _shown(found: object) -> str:
    return (found if isinstance(found, str) else repr(type(found).__name__))[:80]
