"""What is asked of a list of features: box, page, coordinate system; anything else is refused.

References
----------
OGC 17-069r4 (Features, Part 1) 7.15; OGC 18-058r1 (Part 2: coordinate systems).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from starlette.datastructures import QueryParams

from civicsight.core.errors import N_, Text
from civicsight.ui.ogc.layers import OpenLayer, Shapes

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"

USUAL_LIMIT: Final = 1_000
MOST_LIMIT: Final = 10_000
MOST_OFFSET: Final = 10**9
MOST_TEXT: Final = 2_000
"""Characters of an address behind its question mark."""

PLACES: Final = {CRS84: 8}
"""Digits that a coordinate has behind its point; of metres 4."""

METRE_PLACES: Final = 4
SHORT: Final = 60
BAD: Final = 400

ITEMS: Final = ("bbox", "bbox-crs", "crs", "datetime", "f", "lang", "limit", "offset")
ITEM: Final = ("crs", "f", "lang")
PAGE: Final = ("f", "lang")
"""Parameters of a list of features, of one feature, and of every other document."""

TOKENS: Final = frozenset({"token", "access_token", "api_key", "apikey", "key", "authorization"})

INSTANT: Final = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?"
DATETIME: Final = re.compile(rf"{INSTANT}|({INSTANT}|\.\.|)/({INSTANT}|\.\.|)", re.IGNORECASE)


class AnswerError(Exception):
    """What is answered where something cannot be: status, a word for programs, and a sentence."""

    def __init__(self, status: int, code: str, says: Text, **headers: str) -> None:
        super().__init__(str(says))
        self.status, self.code, self.says, self.headers = status, code, says, headers


def refuse_tokens(given: QueryParams) -> None:
    """Refuse a token in an address, good or not: addresses stay in logs and histories."""
    if any(name.lower() in TOKENS for name in given):
        says = N_(
            "A token is not taken from an address, for addresses are kept in logs: send it in the "
            "header Authorization, and have this one revoked."
        )
        raise AnswerError(BAD, "TokenInAddress", says)


def require_known(given: QueryParams, known: Collection[str]) -> None:
    """Refuse parameters that are not known, or come twice."""
    names = [name for name, _ in given.multi_items()]
    for name in names:
        if name not in known:
            _refuse(name, N_("one of: %(names)s", names=", ".join(known)))
        if names.count(name) > 1:
            _refuse(name, N_("a parameter once"))
    if given.get("f", "json").lower() not in {"json", "geojson"}:
        _refuse("f", N_("one of: %(names)s", names="json, geojson"))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which features are asked for, and how.

    Parameters
    ----------
    limit, offset
        How many at most, and how many before them.
    boxes
        Where they lie: none for everywhere, two where a box crosses 180 degrees.
    is_plane
        Whether the boxes are in the working CRS; else in degrees.
    crs
        Identifier of the CRS of the answer.
    """

    limit: int
    offset: int
    boxes: tuple[tuple[float, float, float, float], ...]
    is_plane: bool
    crs: str


def read_asked(given: QueryParams, crss: Mapping[str, CRS | None]) -> Asked:
    """Read the parameters of a list of features.

    Parameters
    ----------
    given
        As they came; only known ones are among them.
    crss
        CRS by identifier; None for degrees.

    Raises
    ------
    AnswerError
        If one is not as the standard has it.
    """
    limit = min(_whole(given, "limit", USUAL_LIMIT, 1), MOST_LIMIT)
    offset = _whole(given, "offset", 0, 0)
    box_crs = read_crs(given, "bbox-crs", crss)
    if "datetime" in given and not DATETIME.fullmatch(given["datetime"]):
        _refuse("datetime", N_("a moment or two of RFC 3339 with a slash between them"))
    boxes = _boxes(given.get("bbox"), crss[box_crs])
    return Asked(limit, offset, boxes, crss[box_crs] is not None, read_crs(given, "crs", crss))


def read_crs(given: QueryParams, name: str, crss: Collection[str]) -> str:
    """Return the CRS that a parameter names, degrees where there is none."""
    asked = given.get(name, CRS84)
    if asked not in crss:
        _refuse(name, N_("one of: %(names)s", names=", ".join(crss)))
    return asked


def _whole(given: QueryParams, name: str, usual: int, least: int) -> int:
    text = given.get(name)
    if text is None:
        return usual
    fits = text.isascii() and text.isdigit() and int(text[:20]) >= least
    if not fits:
        _refuse(name, N_("a whole number from %(least)s on", least=least))
    return min(int(text[:20]), MOST_OFFSET)


def _boxes(text: str | None, crs: CRS | None) -> tuple[tuple[float, float, float, float], ...]:
    """Return the boxes that a text of four or six numbers means."""
    if text is None:
        return ()
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {4, 6} or not np.isfinite(numbers).all():
        _refuse("bbox", N_("four numbers with commas between them, or six with heights"))
    half = len(numbers) // 2
    (one, two), (three, four) = numbers[:2], numbers[half : half + 2]
    if crs is not None and is_north_first(crs):
        one, two, three, four = two, one, four, three
    if two > four or (crs is not None and one > three):
        _refuse("bbox", N_("the lower corner before the upper one"))
    if crs is None and one > three:
        return (one, two, 180.0, four), (-180.0, two, three, four)
    return ((one, two, three, four),)


def is_north_first(crs: CRS) -> bool:
    """Tell whether the authority of a CRS writes northing before easting."""
    return bool(crs.axis_info) and crs.axis_info[0].direction == "north"


def find_rows(layer: OpenLayer, asked: Asked) -> npt.NDArray[np.intp]:
    """Return the positions of the features that lie in the boxes, in the order of their ids."""
    if not asked.boxes:
        return np.arange(len(layer.frame))
    shapes = layer.plane if asked.is_plane else layer.degrees
    found = [shapes.tree.query(shapely.box(*box), predicate="intersects") for box in asked.boxes]
    return np.unique(np.concatenate(found)).astype(np.intp)


def shapes_in(layer: OpenLayer, name: str, crs: CRS | None, at: npt.NDArray[np.intp]) -> list[str]:
    """Return shapes as GeoJSON has them, in a CRS and in the order of its axes."""
    source: Shapes = layer.degrees if crs is None else layer.plane
    places = PLACES.get(name, METRE_PLACES)
    turned = crs is not None and is_north_first(crs)
    flat = shapely.transform(
        source.shapes[at], lambda xy: np.round(xy[:, ::-1] if turned else xy, places)
    )
    return [text if text is not None else "null" for text in shapely.to_geojson(flat)]


def _refuse(name: str, expected: Text) -> NoReturn:
    says = N_(
        "The parameter %(name)s is not as expected: %(expected)s.",
        name=name[:SHORT],
        expected=expected,
    )
    raise AnswerError(BAD, "InvalidParameterValue", says)
