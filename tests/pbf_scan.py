"""A second, independent reader of OSM PBF: every element with its tags, by the wire format alone.

It shares no code with the reader under test, so that counts can be checked against it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

Value = int | bytes


class Element(NamedTuple):
    """One node, way or relation; `members` are node ids of a way, member ids of a relation."""

    kind: str
    number: int
    tags: dict[str, str]
    members: tuple[int, ...] = ()


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields_of(data: bytes) -> Iterator[tuple[int, Value]]:
    """Yield ``(field number, value)`` of one message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        value: Value
        if wire == 0:
            value, at = _varint(data, at)
        else:
            assert wire == 2, f"unexpected wire type {wire}"
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def _packed(data: Value) -> list[int]:
    assert isinstance(data, bytes)
    out, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        out.append(value)
    return out


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _running(values: list[int]) -> list[int]:
    out, total = [], 0
    for value in values:
        total += _signed(value)
        out.append(total)
    return out


def _dense(data: bytes, text: list[str]) -> Iterator[Element]:
    part = dict(fields_of(data))
    keys = iter(_packed(part.get(10, b"")))
    for number in _running(_packed(part[1])):
        tags = {}
        while (key := next(keys, 0)) != 0:
            tags[text[key]] = text[next(keys)]
        yield Element("node", number, tags)


def _tagged(kind: str, data: bytes, text: list[str], members: int) -> Element:
    part = dict(fields_of(data))
    keys, values = _packed(part.get(2, b"")), _packed(part.get(3, b""))
    number = part[1]
    assert isinstance(number, int)
    tags = {text[key]: text[value] for key, value in zip(keys, values, strict=True)}
    return Element(kind, number, tags, tuple(_running(_packed(part.get(members, b"")))))


def _block(data: bytes) -> Iterator[Element]:
    fields = list(fields_of(data))
    table = next(value for number, value in fields if number == 1)
    assert isinstance(table, bytes)
    text = [value.decode() for _, value in fields_of(table) if isinstance(value, bytes)]
    for number, group in fields:
        if number != 2:
            continue
        assert isinstance(group, bytes)
        for kind, value in fields_of(group):
            assert isinstance(value, bytes)
            if kind == 2:
                yield from _dense(value, text)
            elif kind == 3:
                yield _tagged("way", value, text, 8)
            elif kind == 4:
                yield _tagged("relation", value, text, 9)
            else:
                assert kind == 1, f"unexpected group {kind}"
                part = list(fields_of(value))
                keys = [
                    k
                    for f, v in part
                    if f == 2
                    for k in ([v] if isinstance(v, int) else _packed(v))
                ]
                values = [
                    k
                    for f, v in part
                    if f == 3
                    for k in ([v] if isinstance(v, int) else _packed(v))
                ]
                number_ = next(v for f, v in part if f == 1)
                assert isinstance(number_, int)
                tags = {text[k]: text[v] for k, v in zip(keys, values, strict=True)}
                yield Element("node", _signed(number_), tags)


def scan(path: Path) -> Iterator[Element]:
    """Yield every element of a PBF file."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        header = dict(fields_of(data[at + 4 : at + 4 + length]))
        at += 4 + length
        size = header[3]
        assert isinstance(size, int)
        blob = dict(fields_of(data[at : at + size]))
        at += size
        if header[1] == b"OSMData":
            packed = blob.get(3)
            raw = zlib.decompress(packed) if isinstance(packed, bytes) else blob[1]
            assert isinstance(raw, bytes)
            yield from _block(raw)
