"""Read YAML that came from a stranger: data only, small, shallow, and nothing changes its meaning.

The text is read event by event, so a fault is met before it can cost anything, and every value
keeps its line. Only ``true``, ``false``, ``null`` and plain decimal numbers are more than text:
``no``, ``010``, ``12:30:00`` and ``2025-06-30`` stay as they are written. How much of a computer a
pack may use before it is refused stands here too.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from civicsight.core.errors import Fault, PackError
from civicsight.rules.faults import fault

MAX_BYTES: Final = 1_000_000
"""A pack is a few dozen kilobytes; a megabyte is refused unread."""

MAX_DEPTH: Final = 20
"""Nesting that no honest pack comes near."""

MAX_VALUES: Final = 50_000
"""Values of a pack, inner ones counted; ours have some six thousand."""

MAX_ENTRIES: Final = 2_000
"""Entries of one list or mapping."""

MAX_FAULTS: Final = 200
"""Reading stops after this many faults; a person mends a few and tries again."""

TIME_LIMIT_S: Final = 20.0
"""Seconds of computing within which a pack has to be read and checked; ours take about one."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def time_limit(file: str, seconds: float = TIME_LIMIT_S) -> Iterator[None]:
    """Refuse a pack that takes longer inside; time that others use up does not count.

    Raises
    ------
    PackError
        When the time is up; the fault names the file.
    """
    if _deadline.get() is not None:  # the outer limit holds
        yield
        return
    token = _deadline.set(time.thread_time() + seconds)
    try:
        yield
    except TimeoutError as error:
        raise PackError([fault("pack.too_slow", file, n=f"{seconds:g}")]) from error
    finally:
        _deadline.reset(token)


def check_time() -> None:
    """Stop if the time of the limit around this call is up.

    Raises
    ------
    TimeoutError
        Caught by `time_limit`.
    """
    deadline = _deadline.get()
    if deadline is not None and time.thread_time() > deadline:
        raise TimeoutError


Path = tuple[str | int, ...]
Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | None

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?")
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A YAML text as plain values, with the line of each.

    Parameters
    ----------
    file
        Name of the file, never its folder.
    data
        The top-level mapping.
    lines
        Line of every value by its path, counted from 1.
    sha256
        Digest of the bytes that were read.
    """

    file: str
    data: dict[str, Any]
    lines: Mapping[Path, int]
    sha256: str

    def line(self, path: Path) -> int:
        """Return the line of a value, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, path: Path) -> tuple[str, str, str]:
        """Return file, line and field of a value, as a fault names them."""
        return self.file, f"line {self.line(path)}", spell(path)

    def fault(self, key: str, path: Path, found: object, /, **values: object) -> Fault:
        """Return a declared fault of a value; other arguments as of `core.faults.fault`."""
        file, where, field = self.place(path)
        return fault(key, file, where, field, str(found), **values)


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults in the order of their lines."""
    return sorted(faults, key=lambda fault: int(fault.where.removeprefix("line ")))


def spell(path: Path) -> str:
    """Write a path as people do.

    Examples
    --------
    >>> spell(("zones", 3, "select", 0, "conf"))
    'zones[3].select[0].conf'
    """
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def read_document(source: bytes, file: str) -> Document:
    """Read one YAML document as data.

    Raises
    ------
    PackError
        If it is larger, deeper or fuller than the limits of `rules.limits`, not UTF-8, not YAML,
        not one mapping, or holds an anchor, an alias, a tag, a key twice or a key that is no text.
    """
    reader = _Reader(file)
    text = _decode(source, reader)
    try:
        data = reader.read(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line = mark.line + 1 if mark else 1
        reader.reject("pack.syntax", line, (), problem)
    if not isinstance(data, dict):
        found = type(data).__name__
        reader.reject("pack.not_a_mapping", 1, (), found)
    if reader.faults:
        raise PackError(reader.faults)
    return Document(file, data, reader.lines, hashlib.sha256(source).hexdigest())


def _decode(source: bytes, reader: _Reader) -> str:
    """Return the text of a file that is small enough and in UTF-8."""
    if len(source) > MAX_BYTES:
        found = f"{len(source)} bytes"
        reader.reject("pack.too_large:bytes", 1, (), found, n=MAX_BYTES)
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        found = f"byte {source[error.start]:#04x}"
        reader.reject("pack.encoding", line, (), found)


@dataclass(slots=True)
class _Reader:
    """Builds values from events and collects what is wrong."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)
    count: int = 0

    def note(self, key: str, line: int, path: Path, found: object, /, **values: object) -> None:
        """Note a declared fault and read on; give up when there are too many."""
        shown = str(found)[:80]
        self.faults.append(fault(key, self.file, f"line {line}", spell(path), shown, **values))
        if len(self.faults) >= MAX_FAULTS:
            raise PackError(self.faults)

    def reject(
        self, key: str, line: int, path: Path, found: object, /, **values: object
    ) -> NoReturn:
        """Note a declared fault and stop: nothing behind it can be read."""
        self.note(key, line, path, found, **values)
        raise PackError(self.faults)

    def read(self, events: Iterator[Any]) -> Value:
        """Return the value of the only document."""
        value: Value = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            if documents > 1:
                self._second(event)
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, events, ())
        return value

    def _second(self, event: Any) -> NoReturn:
        self.reject("pack.second_document", event.start_mark.line + 1, (), "---")

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Value:
        line = event.start_mark.line + 1
        self.lines.setdefault(path, line)
        self.count += 1
        check_time()
        if self.count > MAX_VALUES:
            self.reject("pack.too_large:values", line, path, self.count, n=MAX_VALUES)
        if len(path) >= MAX_DEPTH:
            self.reject("pack.too_deep", line, path[:6], len(path), n=MAX_DEPTH)
        self._plain_node(event, path, line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return None  # an alias; its fault is noted

    def _plain_node(self, event: Any, path: Path, line: int) -> None:
        """Note anchors, aliases and tags: each can make a small file large or a value alive."""
        if isinstance(event, yaml.AliasEvent):
            self.note("pack.alias", line, path, f"*{event.anchor}")
        elif event.anchor is not None:
            self.note("pack.anchor", line, path, f"&{event.anchor}")
        if getattr(event, "tag", None) is not None:
            self.note("pack.tag", line, path, event.tag)

    def _room(self, event: Any, path: Path, values: Sized) -> None:
        """Refuse a list or mapping that is full."""
        if len(values) >= MAX_ENTRIES:
            line = event.start_mark.line + 1
            self.reject("pack.too_large:entries", line, path, len(values) + 1, limit=MAX_ENTRIES)

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Value]:
        values: list[Value] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            self._room(event, path, values)
            values.append(self._value(event, events, (*path, len(values))))
        return values

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            self._room(event, path, values)
            if not isinstance(event, yaml.ScalarEvent):
                self.reject("pack.key", line, path, type(event).__name__)
            key = event.value
            child = (*path, key)
            self._plain_node(event, child, line)
            if key == "<<":
                self.note("pack.merge_key", line, child, key)
            if key in values:
                self.note("pack.repeated_key", line, child, key, line=self.lines[child])
            self.lines[child] = line
            values[key] = self._value(next(events), events, child)
        return values


def _scalar(event: Any) -> Value:
    """Return a plain scalar as what it says, anything quoted as text.

    YAML 1.1 reads ``no`` as false, ``010`` as eight and ``12:30:00`` as 45000; here each stays
    text, and a field that wants a number or true and false then refuses it by name.
    """
    text: str = event.value
    if event.style:  # quoted or block text; plain text has None or an empty style, by parser
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text == "":
        return None
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number.group(2) else int(text)
