"""The stored side: a line an output, with a digest a piece, and what to say where one differs."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tools.golden.canonical import Pieces
from tools.golden.collect import Found

STORED: Final = Path(__file__).with_name("stored.tsv")
DEMOS: Final = ("district", "helsinki")
"""Folders that the demo writes."""

SIGNS: Final = 8
SHORT: Final = 120
"""An answer up to so many signs is stored as it is; a longer one by its beginning and digest."""

SHOWN_CELLS, SHOWN_SIGNS = 5, 200
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
LEAST_ROUNDED: Final = 3
"""Decimals from which on a number is taken for a rounded one; money has fewer and is exact."""
Lines = dict[str, list[str]]


def digest(cells: Iterable[str]) -> str:
    """Return the digest of cells, in their order."""
    return hashlib.sha256("\0".join(cells).encode(errors="replace")).hexdigest()[:SIGNS]


def summed(found: Found) -> Lines:
    """Return for each output what is stored of it: count and digest of each piece."""
    return {_plain(name): [_piece(*entry) for entry in found[name].items()] for name in found}


def _piece(name: str, cells: list[str]) -> str:
    if name == "" and len(cells) == 1:
        text = _plain(cells[0])
        return text if len(text) <= SHORT else f"{text[:SHORT]}... {digest(cells)}"
    return f"{_plain(name)}~{len(cells)}~{digest(cells)}"


def _plain(text: str) -> str:
    return re.sub(r"[\t\r\n]", " ", text)


def read_stored(path: Path = STORED) -> Lines:
    """Return what is stored, nothing where nothing is."""
    if not path.exists():
        return {}
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: pieces for name, *pieces in rows}


def write_stored(lines: Lines, names: Collection[str], path: Path = STORED) -> None:
    """Store lines instead of those of the same runs."""
    kept = {name: pieces for name, pieces in read_stored(path).items() if not _is_of(name, names)}
    rows = sorted((kept | lines).items())
    text = "".join("\t".join([name, *pieces]) + "\n" for name, pieces in rows)
    path.write_text(text, encoding="utf-8", newline="\n")


def _is_of(output: str, names: Collection[str]) -> bool:
    """Tell whether one of the runs makes an output."""
    room, _, rest = output.partition("/")
    run = rest if room == "said" else room
    return run in names or (run in DEMOS and "demo" in names)


def differences(
    found: Found, names: Collection[str], against: Path | None = None, path: Path = STORED
) -> list[str]:
    """Return what differs from what is stored, a block of lines each, empty where nothing does.

    Parameters
    ----------
    found
        Of `collect`.
    names
        The runs that made it: what is stored of others is not missed.
    against
        Folder of `write_copies`; where it holds what was stored, cells are shown. A number there
        that is one unit of its last decimal away is the same: rounding fell on the other side.
    path
        What is stored.
    """
    stored = {name: line for name, line in read_stored(path).items() if _is_of(name, names)}
    lines = summed(found)
    by_name = {_plain(name): name for name in found}
    blocks = [f"{name}: no longer written" for name in sorted(stored.keys() - lines.keys())]
    blocks += [f"{name}: not stored" for name in sorted(lines.keys() - stored.keys())]
    for name in sorted(lines.keys() & stored.keys()):
        if lines[name] != stored[name]:
            blocks += _unlike(name, stored[name], lines[name], found[by_name[name]], against)
    return blocks


def _unlike(
    name: str, old: list[str], new: list[str], pieces: Pieces, against: Path | None
) -> Iterator[str]:
    copy = None if against is None else read_copy(against, name)
    known = copy if copy is not None and summed({name: copy})[name] == old else None
    if known is not None:
        said = list(_cells(known, pieces))
        if said:
            yield "\n".join([f"{name}:", *said])
        return
    said = [f"  stored {a or '-'}\n  found  {b or '-'}" for a, b in _pairs(old, new) if a != b]
    yield "\n".join([f"{name}:", *said])


def _pairs(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Pair what is stored and found of each piece by its name."""
    before, after = ({line.split("~")[0]: line for line in lines} for lines in (old, new))
    if len(old) == 1 == len(new):
        return [(old[0], new[0])]
    if list(before) != list(after) and set(before) == set(after):
        return [("in the order " + ", ".join(before), "in the order " + ", ".join(after))]
    return [(before.get(key, ""), after.get(key, "")) for key in dict.fromkeys([*before, *after])]


def _cells(old: Pieces, new: Pieces) -> Iterator[str]:
    """Say which cells differ, with the first cell of their row."""
    for piece in dict.fromkeys([*old, *new]):
        if piece not in old or piece not in new:
            yield f"  {piece}: {'no longer there' if piece in old else 'new'}"
            continue
        rows = list(enumerate(zip_longest(old[piece], new[piece])))
        unlike = [(row, a, b) for row, (a, b) in rows if a != b and not is_close(a, b)]
        if unlike:
            counted = f"{len(unlike)} of {len(rows)}"
            lengths = f" ({len(old[piece])} stored, {len(new[piece])} found)"
            yield f"  {piece}: {counted}{lengths if len(old[piece]) != len(new[piece]) else ''}"
        label = next(iter(new.values()))
        for row, a, b in unlike[:SHOWN_CELLS]:
            of = (
                f" ({label[row][:40]})"
                if len(label) == len(new[piece]) and row < len(label)
                else ""
            )
            yield f"    {row + 1}{of}\n      stored {_short(a)}\n      found  {_short(b)}"


def _short(text: str | None) -> str:
    return "-" if text is None else text[:SHOWN_SIGNS]


def is_close(old: str | None, new: str | None) -> bool:
    """Tell whether two cells are the same but for a unit of the last decimal of a number."""
    if old is None or new is None or NUMBER.sub("", old) != NUMBER.sub("", new):
        return False
    return all(map(_near, NUMBER.findall(old), NUMBER.findall(new)))


def _near(old: str, new: str) -> bool:
    decimals = len(old.partition(".")[2])
    if decimals < LEAST_ROUNDED or decimals != len(new.partition(".")[2]):
        return old == new
    return abs(float(old) - float(new)) <= 1.01 * 10.0**-decimals


def write_copies(found: Found, folder: Path) -> None:
    """Write the canonical form of each output, to compare a later run with, cell by cell."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pieces in found.items():
        path = _copy(folder, _plain(name))
        path.write_bytes(gzip.compress(json.dumps(pieces, ensure_ascii=False).encode(), 3, mtime=0))


def read_copy(folder: Path, name: str) -> Pieces | None:
    """Return the canonical form that a run wrote of an output, None if it did not."""
    path = _copy(folder, name)
    if not path.exists():
        return None
    pieces: Pieces = json.loads(gzip.decompress(path.read_bytes()))
    return pieces


def _copy(folder: Path, name: str) -> Path:
    return folder / f"{quote(name, safe=' ')[:180]}-{digest([name])}.json.gz"
