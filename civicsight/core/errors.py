"""The errors of civicsight: each says what was expected, found and where, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import NoReturn

from civicsight.core.shown import shown, shown_in_line

FEWEST_ALIKE = 4
"""From this many on, faults of one kind share a line."""

MAX_LISTED_FAULTS = 100
"""An error message lists at most this many faults and says how many more there are."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for a person, kept untranslated until somebody reads it.

    Parameters
    ----------
    template
        English sentence with ``%(name)s`` placeholders; it is the key of the catalogue.
    values
        Values of the placeholders; one may be a label ``{zh, en}``, for words that a file holds.

    Examples
    --------
    >>> str(Text("%(n)s rows", {"n": 3}))
    '3 rows'
    """

    template: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        """Return the English sentence."""
        values = {
            key: value["en"] if isinstance(value, Mapping) else value
            for key, value in self.values.items()
        }
        values = {key: shown(v) if isinstance(v, str) else v for key, v in values.items()}
        return self.template % values if values else self.template


def N_(template: str, **values: object) -> Text:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark an English sentence for translation and bind its values."""
    return Text(template, values)


def in_languages(label: Mapping[str, str]) -> Text:
    """Return what data or a package of others bring in their own languages, ``{zh, en}``."""
    return Text("%(label)s", {"label": dict(label)})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in an input.

    Parameters
    ----------
    code
        Stable identifier such as ``csv.ragged_row``.
    file
        Name of the file, never its folder.
    where
        Row, feature, line or element, as the file counts them; empty for the whole file.
    field
        Column or attribute; empty if the fault is not in one.
    found
        The offending value as text.
    expected, remedy
        What a good value looks like, and how to mend this one.
    """

    code: str
    file: str = ""
    where: str = ""
    field: str = ""
    found: str = ""
    expected: Text = Text("")
    remedy: Text = Text("")

    def to_dict(self) -> dict[str, str]:
        """Return the fault as text by name, in English."""
        return {entry.name: str(getattr(self, entry.name)) for entry in fields(self)}

    def __str__(self) -> str:
        """Return the fault as one English line."""
        parts = (self.file, self.where, self.field)
        place = ", ".join(shown_in_line(str(part)) for part in parts if part)
        text = f"[{self.code}] {place}: " if place else f"[{self.code}] "
        text += f"expected {self.expected}"
        if self.found:
            text += f", found {self.found!r}"
        return f"{text}. {self.remedy}" if str(self.remedy) else text


class CivicsightError(Exception):
    """Anything civicsight raises on purpose."""


class InputError(CivicsightError, ValueError):
    """Something that came from outside cannot be used; carries every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [line for group in grouped(self.faults) for line in _lines_of(group)]
        more = len(lines) - MAX_LISTED_FAULTS
        if more > 0:
            lines[MAX_LISTED_FAULTS:] = [f"... and {more} more"]
        super().__init__("\n".join(lines))


def grouped(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Return faults of one kind together: code, file, field and sentences, whatever their values.

    The order is that of the first of each kind. Values that a sentence writes as numbers are a
    part of it; where several faults stand at one place, all values are.
    """
    groups: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        kind = (fault.code, fault.file, fault.field)
        sentences = (_sentence(fault.expected), _sentence(fault.remedy))
        groups.setdefault((*kind, *sentences), []).append(fault)
    return [kind for group in groups.values() for kind in _at_places(group)]


def _at_places(group: list[Fault]) -> list[list[Fault]]:
    """Return a group as it is if each fault has a place of its own, else apart by all values."""
    if len({fault.where for fault in group}) == len(group):
        return [group]
    apart: dict[tuple[str, str], list[Fault]] = {}
    for fault in group:
        apart.setdefault((str(fault.expected), str(fault.remedy)), []).append(fault)
    return list(apart.values())


def _sentence(text: Text) -> tuple[str, ...]:
    plain = (name for name in text.values if f"%({name})s" not in text.template)
    return (text.template, *(f"{name}={text.values[name]}" for name in plain))


def _lines_of(group: list[Fault]) -> list[str]:
    """Return the lines of faults of one kind; of many the first, with the places of the next."""
    if len(group) < FEWEST_ALIKE:
        return [str(fault) for fault in group]
    places = list(dict.fromkeys(fault.where for fault in group[1:]))
    shown = ", ".join(place for place in places[:MAX_LISTED_FAULTS] if place)
    return [f"{group[0]} ({len(group) - 1} more like it: {shown}...)"]


class PackError(InputError):
    """A rule pack is not valid."""


class SchemaError(InputError):
    """A table does not have the columns or values that its declaration asks for."""


class CrsError(CivicsightError, ValueError):
    """A table has no CRS, or not the metric one that is needed."""


class MismatchError(CivicsightError, ValueError):
    """Two inputs that belong together do not fit."""


def require_kind(
    name: str, value: object, kinds: type | tuple[type, ...], remedy: str = ""
) -> None:
    """Refuse an argument of another kind, before anything asks it for what it has not.

    Raises
    ------
    MismatchError
        With what was given, what is expected, and where to get it.
    """
    if isinstance(value, kinds):
        return
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    expected = " or ".join(dict.fromkeys(kind.__name__ for kind in wanted))
    end = f": {remedy}" if remedy else ""
    msg = f"{name} is {type(value).__name__}, expected {expected}{end}"
    raise MismatchError(msg)


class OfflineError(CivicsightError, RuntimeError):
    """A download was asked for and the network did not answer."""


class SetupError(CivicsightError, RuntimeError):
    """Something that set-up brings is not there."""


class WriteError(CivicsightError, OSError):
    """Something could not be written; what was there before is unchanged.

    Parameters
    ----------
    code
        Number of the system's error.
    target
        Name of what was to be written, as a person asked for it.
    told
        What is in the way and what to do, without the last full stop.
    """

    def __init__(self, code: int, target: str, told: Text) -> None:
        super().__init__(
            N_(
                "%(target)s was not written: %(told)s. What was there before is unchanged.",
                target=target,
                told=told,
            )
        )
        self.errno, self.code, self.target, self.told = code, code, target, told


def refuse(
    code: str,
    file: str,
    expected: Text,
    remedy: Text,
    *,
    found: str = "",
    where: str = "",
    field: str = "",
) -> NoReturn:
    """Refuse an input for one reason; arguments as of `errors.Fault`.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError([Fault(code, file, where, field, found, expected, remedy)])


def is_panic(error: BaseException) -> bool:
    """Tell whether a library written in Rust failed by its own fault.

    What it raises then is no `Exception`, and its type cannot be imported from anywhere.
    """
    return type(error).__name__ == "PanicException"
