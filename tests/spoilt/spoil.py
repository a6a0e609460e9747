"""Ways to spoil a file, drawn from a seed: what breaks parsers, and not what a hand would write."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from collections.abc import Callable
from typing import Final

DEEP: Final = 50_000
"""Levels of nesting, beyond every stack."""

MANY: Final = 3_000
"""How often a piece of a file is repeated."""

PIECE: Final = 200
MOST: Final = 64 << 20
"""Bytes of a spoilt file at most; what expands is made within a package instead."""

BOMB: Final = 1 << 30
EXTREMES: Final = tuple(
    value.to_bytes(size, order)
    for size in (2, 4, 8)
    for value in (0, 1, (1 << (8 * size)) - 1, (1 << (8 * size - 1)) - 1, 1 << (8 * size - 1))
    for order in ("little", "big")
)
"""Counts, lengths and places as no writer means them."""

OPENERS: Final = (
    b"[",
    b'{"a":',
    b"<a>",
    b"(",
    b"- ",
    b'{"type":"GeometryCollection","geometries":[',
)
WORDS: Final = (
    *(
        b"NaN",
        b"-1",
        b"1e999",
        b"9" * 400,
        b"null",
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b'"',
        b"\r",
    ),
    *(b"/etc/passwd", b"/vsicurl/http://127.0.0.1:9/x", b"http://127.0.0.1:9/x", b"../../x"),
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource>",
)
"""Texts that name something else, or that few readers expect."""

Spoil = Callable[[bytes, random.Random], bytes]


def spoil(content: bytes, dice: random.Random) -> tuple[str, bytes]:
    """Spoil a file in one of all ways; a package as such or in one of its parts.

    Returns
    -------
    way, content
        The name of the way, and what became of the file.
    """
    if zipfile.is_zipfile(io.BytesIO(content)) and dice.random() < 0.7:
        return _within(content, dice)
    name = dice.choice(sorted(WAYS))
    return name, WAYS[name](content, dice)[:MOST]


def _within(content: bytes, dice: random.Random) -> tuple[str, bytes]:
    """Spoil a part of a package, or its list of parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    chosen = dice.choice(sorted(parts))
    way = dice.choice((*sorted(WAYS), "bomb", "climb", "twice", "gone"))
    extra: tuple[str, bytes] | None = None
    if way == "bomb":
        extra = (chosen, bytes(BOMB))
    elif way == "climb":
        extra = (dice.choice(("../../climbed", "/climbed", "C:\\climbed")), b"x")
    elif way == "twice":
        extra = (chosen, parts[chosen][: len(parts[chosen]) // 2])
    elif way == "gone":
        del parts[chosen]
    else:
        parts[chosen] = WAYS[way](parts[chosen], dice)[:MOST]
    if way == "bomb":
        del parts[chosen]
    return f"{way} within", _package(parts, extra)


def _package(parts: dict[str, bytes], extra: tuple[str, bytes] | None) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        warnings.simplefilter("ignore")  # two parts of one name are meant
        for name, content in [*parts.items(), *([extra] if extra else [])]:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with package.open(info, "w", force_zip64=True) as part:
                part.write(content)
    return sink.getvalue()


def _at(content: bytes, dice: random.Random) -> int:
    return dice.randrange(len(content) + 1)


def _cut(content: bytes, dice: random.Random) -> bytes:
    return content[: _at(content, dice)]


def _flip(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(dice.choice((1, 8, 64))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _extreme(content: bytes, dice: random.Random) -> bytes:
    """Write extreme numbers where counts and lengths stand, near the head, and elsewhere."""
    changed = bytearray(content)
    for _ in range(dice.choice((1, 3, 12))):
        at = dice.randrange(min(len(changed), dice.choice((64, 1024, len(changed) + 1))) + 1)
        value = dice.choice(EXTREMES)
        changed[at : at + len(value)] = value
    return bytes(changed)


def _repeat(content: bytes, dice: random.Random) -> bytes:
    at = _at(content, dice)
    piece = content[at : at + dice.randrange(1, PIECE)]
    return content[:at] + piece * MANY + content[at:]


def _drop(content: bytes, dice: random.Random) -> bytes:
    at = _at(content, dice)
    return content[:at] + content[at + dice.randrange(1, PIECE) :]


def _swap(content: bytes, dice: random.Random) -> bytes:
    first, second = sorted((_at(content, dice), _at(content, dice)))
    return content[second:] + content[first:second] + content[:first]


def _nest(content: bytes, dice: random.Random) -> bytes:
    at = _at(content, dice)
    return content[:at] + dice.choice(OPENERS) * DEEP + content[at:]


def _word(content: bytes, dice: random.Random) -> bytes:
    changed = content
    for _ in range(dice.choice((1, 4))):
        at = _at(changed, dice)
        changed = changed[:at] + dice.choice(WORDS) + changed[at + dice.choice((0, 8)) :]
    return changed


def _blank(content: bytes, dice: random.Random) -> bytes:
    at = _at(content, dice)
    return content[:at] + bytes(4096) + content[at + 4096 :]


def _long(content: bytes, dice: random.Random) -> bytes:
    at = _at(content, dice)
    return content[:at] + dice.choice((b"x", b" ", b"9", b",", b"\n")) * (8 << 20) + content[at:]


WAYS: Final[dict[str, Spoil]] = {
    "cut": _cut,
    "flip": _flip,
    "extreme": _extreme,
    "repeat": _repeat,
    "drop": _drop,
    "swap": _swap,
    "nest": _nest,
    "word": _word,
    "blank": _blank,
    "long": _long,
}
"""Ways to spoil any file, by name."""
