"""What a place of the made district is: a compound with a wall and gates, a building, open space.

Each place stands in a frame of its own. Gates lie on an edge (S, E, N or W), so many metres from
its western or southern end. Blocks are ``(x, y, width, depth, height, name, kind)``; a height of
None is stated as unknown in the files, and a negative wing turns a block into an L.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from district.plane import Frame


@dataclass(frozen=True, slots=True)
class Door:
    """A gate of a site or a door of a building."""

    key: str
    edge: str
    along_m: float
    width_m: float
    name: str
    vehicle: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A building within a site."""

    x: float
    y: float
    width: float
    depth: float
    height_m: float | None
    name: str = ""
    kind: str = "yes"
    wing: float = 0.0
    base_m: float = 0.0
    turn_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """A place with an outline, perhaps a wall, gates and buildings.

    `height_m` makes the outline itself a building; `item` is empty for a place that no register
    names; `ways` are walks or drives inside, from point to point of the frame.
    """

    key: str
    name: str
    english: str
    item: str
    frame: Frame
    width: float
    depth: float
    tags: dict[str, str]
    enclosure: str = ""
    doors: tuple[Door, ...] = ()
    blocks: tuple[Block, ...] = ()
    height_m: float | None = None
    ways: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = field(default=())


def slabs(
    columns: tuple[float, ...],
    rows: tuple[float, ...],
    size: tuple[float, float],
    heights: tuple[float, ...],
    first: int = 1,
) -> tuple[Block, ...]:
    """Return the numbered slabs of a housing estate, row by row."""
    places = [(x, y) for y in rows for x in columns]
    return tuple(
        Block(x, y, size[0], size[1], heights[i % len(heights)], f"{first + i}号楼", "apartments")
        for i, (x, y) in enumerate(places)
    )
