"""Answers to a catalogue query, read field by field, and what can be wrong with their entries.

What is not whitelisted is never kept, and no sentence repeats it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Fault, Text
from civicsight.io.catalogue.fields import (
    BY_NAME,
    DEVICE_ID,
    MAX_CHARACTERS,
    NEVER_READ,
    ONLY_2016,
    WITHHELD,
)
from civicsight.io.faults import fault
from civicsight.io.file_formats import sniff
from civicsight.io.safe_xml import Event, Source, walk
from civicsight.io.secrets import without_secrets

HEAD = ("CmdType", "DeviceID", "SumNum")
"""Fields of an answer itself that are read."""

MARK = "civicsight present="
"""How the comment begins that an export leaves where a field is to be filled in; 1 or 0 follows."""

ITEM_PATH = ("DeviceList", "Item")
INNER_PATH = (*ITEM_PATH, "Info")


@dataclass(slots=True)
class Item:
    """One entry of a catalogue while it is read.

    `values` holds whitelisted fields, `withheld` the names of the fields of which only the presence
    is kept, `repeated` and `too_long` those of fields that cannot be used.
    """

    number: int
    line: int
    system: str = ""
    values: dict[str, str] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)
    too_long: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """One document of a file; `announced` and `total` are the numbers of items that it claims."""

    line: int
    root: str
    head: dict[str, str] = field(default_factory=dict)
    announced: str = ""
    items: list[Item] = field(default_factory=list)

    @property
    def is_answer(self) -> bool:
        """Whether it answers a catalogue query."""
        return self.root == "Response" and self.head.get("CmdType") == "Catalog"


class Content(NamedTuple):
    """All messages of a file, and how often a field was passed over: by name, others together."""

    messages: list[Message]
    unread: Counter[str]


def is_catalogue(path: str | Path) -> bool:
    """Tell whether a file holds a GB/T 28181 catalogue, by how it begins."""
    return sniff(path) == "catalogue"


def read_messages(source: Source) -> Content:
    """Read the documents of a file.

    Only whitelisted fields are gathered, each only where the standard has it; text of other
    elements is not looked at.

    Raises
    ------
    InputError
        If a document is not well-formed or not safe.
    """
    content = Content([], Counter())
    reading = _Reading(content)
    for event in walk(source):
        reading.take(event)
    return content


class _Reading:
    """Where the reading of a document stands: the path of open elements and the text gathered."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.path: list[str] = []
        self.pieces: list[str] = []
        self.count = 0

    def take(self, event: Event) -> None:
        """Take the next event."""
        if event.kind == "start":
            self._open(event)
        elif event.kind == "end":
            self._close()
        elif event.kind == "comment":
            self._comment(event.name)
        elif self._gathers():
            self.pieces.append(event.name)

    def _open(self, event: Event) -> None:
        if not self.path:
            self.content.messages.append(Message(event.line, event.name))
        self.path.append(event.name)
        self.pieces = []
        below = tuple(self.path[1:])
        message = self.content.messages[-1]
        if below == ITEM_PATH:
            self.count += 1
            message.items.append(Item(self.count, event.line, message.head.get("DeviceID", "")))
        elif below == ITEM_PATH[:1]:
            message.announced = event.attributes.get("Num", "")
        elif self._in_item() and not self._is_kept() and event.name != "Info":
            name = event.name if event.name in {*NEVER_READ, *ONLY_2016} else ""
            self.content.unread[name] += 1

    def _close(self) -> None:
        if self._gathers():
            self._keep(self.path[-1], "".join(self.pieces).strip())
        self.pieces = []
        self.path.pop()

    def _comment(self, text: str) -> None:
        name = self.path[-1] if self.path else ""
        if self._in_item() and name in WITHHELD and text.strip().startswith(f"{MARK}1"):
            self.content.messages[-1].items[-1].withheld.add(name)

    def _in_item(self) -> bool:
        parent = tuple(self.path[1:-1])
        return parent in {ITEM_PATH, INNER_PATH}

    def _is_kept(self) -> bool:
        """Tell whether the open element is a whitelisted one in its place."""
        name, parent = self.path[-1], tuple(self.path[1:-1])
        if not self._in_item():
            return parent == () and len(self.path) > 1 and name in HEAD
        inner = parent == INNER_PATH
        if name in BY_NAME:
            return BY_NAME[name].inner == inner or (name == "BusinessGroupID" and inner)
        return inner and name in ONLY_2016

    def _gathers(self) -> bool:
        if not self.path:
            return False
        return self._is_kept() or (self._in_item() and self.path[-1] in WITHHELD)

    def _keep(self, name: str, text: str) -> None:
        message = self.content.messages[-1]
        if not self._in_item():
            message.head.setdefault(name, text[:MAX_CHARACTERS])
            return
        item = message.items[-1]
        if name in WITHHELD:
            item.withheld |= {name} if text else set()
        elif name in item.values:
            item.repeated.append(name)
        elif len(text) > MAX_CHARACTERS:
            item.too_long.append(name)
        elif text:
            item.values[name] = text


def sums(messages: Iterable[Message]) -> list[tuple[Message, str, int, int]]:
    """Return each message that claims another number of items than it, or all together, hold.

    Of several answers with the same total, as a platform sends them in turn, the items count
    together.

    Returns
    -------
    list
        Message, name of the claim (``Num`` or ``SumNum``), number claimed, number found.
    """
    wrong = []
    together: dict[tuple[str, int], list[Message]] = {}
    for message in messages:
        announced, total = _count(message.announced), _count(message.head.get("SumNum", ""))
        if announced is not None and announced != len(message.items):
            wrong.append((message, "Num", announced, len(message.items)))
        if total is not None:
            together.setdefault((message.head.get("DeviceID", ""), total), []).append(message)
    for (_, total), group in together.items():
        found = sum(len(message.items) for message in group)
        if found < total:
            wrong.append((group[0], "SumNum", total, found))
    return wrong


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


SHOWN = 40
"""Characters of a value that a sentence repeats."""


FIELD_FAULTS: Final[Mapping[str, tuple[Text, Text]]] = {
    "catalogue.repeated_field": (N_("each field once"), N_("Export the catalogue again.")),
    "catalogue.too_long": (
        N_("at most %(limit)s characters", limit=MAX_CHARACTERS),
        N_("Shorten it on the platform."),
    ),
    "catalogue.mandatory": (
        N_("a value: the standard asks for it at a point of this class"),
        N_("Have it completed on the platform."),
    ),
    "catalogue.masked": (
        N_("a text without network address or telephone number"),
        N_("It was cut out and is not kept."),
    ),
}
"""What is expected of a field and what to do, by code; the value itself is never repeated."""


def field_fault(code: str, source: str, where: str, name: str) -> Fault:
    """Return the fault of a field of an entry, a key of `FIELD_FAULTS`."""
    return Fault(code, source, where, name, "", *FIELD_FAULTS[code])


def repeated_id(source: str, where: str, device: str, others: str) -> Fault:
    """Return the fault of an entry that another one contradicts."""
    expected = N_("each id once; %(where)s says something else of it", where=others)
    remedy = N_("Keep the entry that is true.")
    return Fault("catalogue.repeated_id", source, where, "DeviceID", device, expected, remedy)


def sum_faults(source: str, prefix: str, answers: Iterable[Message]) -> list[Fault]:
    """Return a fault for each answer that claims more items, or other ones, than there are."""
    return [
        fault(
            "catalogue.sum", source, f"{prefix}row {message.line}", claim, str(found), count=claimed
        )
        for message, claim, claimed, found in sums(answers)
    ]


def wrong_id(source: str, where: str, item: Item) -> Fault:
    """Return the fault of an id that is none."""
    found = without_secrets(item.values.get("DeviceID", ""))[:SHOWN]
    remedy = N_("Correct the id on the platform.")
    return Fault("catalogue.id", source, where, "DeviceID", found, DEVICE_ID.expected, remedy)


def misfit(source: str, where: str, name: str, text: str) -> Fault:
    """Return the fault of a value that its field cannot have."""
    found, expected = without_secrets(text)[:SHOWN], BY_NAME[name].check.expected
    remedy = N_("Correct it on the platform.")
    return Fault("catalogue.value", source, where, name, found, expected, remedy)


def nothing_left(source: str) -> Fault:
    """Return the fault of a catalogue whose cameras are all left out."""
    return fault("catalogue.nothing_left", source)


def no_crs(source: str) -> Fault:
    """Return the fault of cameras where no metric coordinate system is defined."""
    return fault("catalogue.crs", source)
