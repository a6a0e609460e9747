"""Which datum fits roads and buildings best: a measure to warn by, never one to move data by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray, Geometries
from civicsight.core.errors import N_, Text
from civicsight.io.crs import LONLAT
from civicsight.io.datums import DATUM_NAMES, SHIFTED, Datum, from_wgs84, to_wgs84
from civicsight.io.report import Count
from civicsight.model.notes import keep_on, noted
from civicsight.scene.nearness import LISTED, OUTSIDE, SHIFT, find_outside, note_outside

if TYPE_CHECKING:
    from civicsight.io.report import ImportReport
    from civicsight.model import City


How = Literal["footprints", "areas", "points", "places"]
"""What places are held against; see `Fit`."""

DEEP_M = 1.0
"""A camera farther than this inside of a wall stands in a building, and hangs on none [m]."""

FACADE_M = 3.0
ROAD_M = 20.0
"""Cameras of a street stand nearer than this to a facade, or to the middle of a road [m]."""

MAX_POINTS, MAX_FOOTPRINTS = 1_000, 200
"""Larger layers are judged by a sample of this size."""

FEWEST = 10
"""With fewer features nothing can be said."""

CHANCES = 99
"""How many displacements by chance a datum is held against."""

MOST = 0.5
"""From this share of polygons on a layer is one of areas [0-1]."""

INDOORS: Final = frozenset({"places", "private_places", "projects"})
"""Tables whose points stand for a house, and so lie in it or at its door."""

FITTING: Final[Mapping[How, Text]] = {
    "footprints": N_("of the footprints are covered by the buildings of the map"),
    "areas": N_("of the outlines pass through no building"),
    "points": N_("of the places stand beside a road or facade and in no building"),
    "places": N_("of the places lie in a building or at its wall"),
}
"""What the scores of each comparison count."""

AREA = 2
"""Dimension of a polygon."""

MARGIN = 0.1
"""Another datum has to fit better by this share before it is worth a warning [0-1]."""

SURE = 0.95
"""Confidence from which a warning is given [0-1]."""


class Hypothesis(NamedTuple):
    """What the coordinates may be in truth."""

    datum: Datum
    swapped: bool = False


HYPOTHESES = (
    Hypothesis("wgs84"),
    Hypothesis("gcj02"),
    Hypothesis("bd09"),
    Hypothesis("wgs84", swapped=True),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well places fit roads and buildings in each datum they may be in.

    Parameters
    ----------
    kind
        What the scores count, as `FITTING` says: ``footprints`` are held against buildings by
        area, other ``areas`` by what of their outline is in no building, ``points`` of streets by
        what stands beside a road or facade and in no building, and ``places``, which stand for a
        house, by what lies in one.
    claimed, best
        What the source is said to be in, and what fits best.
    scores
        Score of each hypothesis [0-1].
    offset_m
        How far the places lie, in the median, from where the best hypothesis puts them [m].
    confidence
        Share of displacements by chance that fit worse than the best hypothesis [0-1].
    count
        Places that were judged.
    """

    kind: How
    claimed: Hypothesis
    best: Hypothesis
    scores: Mapping[Hypothesis, float]
    offset_m: float
    confidence: float
    count: int

    @property
    def fits(self) -> bool:
        """Tell whether nothing speaks against what the source is said to be in."""
        gain = self.scores[self.best] - self.scores[self.claimed]
        return self.best == self.claimed or gain < MARGIN or self.confidence < SURE

    def warning(self) -> Text | None:
        """Say what fits better and how far off the places seem to be; None where all is well."""
        if self.fits:
            return None
        values = {
            "best": DATUM_NAMES[self.best.datum],
            "claimed": DATUM_NAMES[self.claimed.datum],
            "better": f"{100 * self.scores[self.best]:.0f}",
            "worse": f"{100 * self.scores[self.claimed]:.0f}",
            "offset": f"{self.offset_m:.0f}",
        }
        if self.best.swapped:
            return N_(
                "longitude and latitude look swapped: exchanged, %(better)s %% of the places fit "
                "roads and buildings, as they are %(worse)s %%. Nothing was moved.",
                **values,
            )
        return N_(
            "the coordinates look like %(best)s, not %(claimed)s, and seem %(offset)s m off: "
            "%(better)s %% in the one case and %(worse)s %% in the other %(fitting)s. Nothing was "
            "moved; declare the datum if it is so.",
            fitting=FITTING[self.kind],
            **values,
        )


def measure_fit(
    places: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    claimed: Datum = "wgs84",
    layer: str = "",
    seed: int = 0,
) -> Fit | None:
    """Compare the datums in which a layer may be by how it then fits roads and buildings.

    Parameters
    ----------
    places
        Rows of a table in a true CRS. Not changed.
    roads, buildings
        What is known to be right, in one metric CRS.
    claimed
        Datum that the source was said to be in, out of which `places` were brought to their CRS.
    layer
        Table that they are rows of; without it polygons are footprints and points stand in streets.
    seed
        Of the sample and of the displacements by chance.

    Returns
    -------
    Fit or None
        None where there is too little to compare.
    """
    rng = np.random.default_rng(seed)
    kind, geometry = _sample(places, layer, rng)
    if len(geometry) < FEWEST or not len(buildings):
        return None
    score = _Reference(roads, buildings, kind)
    told = Hypothesis("wgs84" if claimed == "cgcs2000" else claimed)
    placed = {h: placed_as(geometry, told.datum, h, buildings) for h in HYPOTHESES}
    scores = {h: score(moved) for h, moved in placed.items()}
    best = max(scores, key=lambda h: (scores[h], h == told))
    chance = np.array([score(score.displaced(placed[told], rng)) for _ in range(CHANCES)])
    return Fit(
        kind,
        told,
        best,
        scores,
        _offset(placed[told], placed[best]),
        float((chance < scores[best]).mean()),
        len(geometry),
    )


def find_shifted(
    places: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    claimed: Datum = "wgs84",
    layer: str = "",
    seed: int = 0,
) -> tuple[Hypothesis, pd.Index] | None:
    """Find points that fit as they are no road and no building, and as one another datum do.

    A list that was put together from two sources fits best as most of its rows are. What does not
    is measured apart: most of it has to fit another datum, and better than displaced by chance.

    Parameters
    ----------
    places, roads, buildings, claimed, layer, seed
        As of `measure_fit`.

    Returns
    -------
    tuple or None
        What these rows seem to be in, and their labels; None where too few are, and of areas.
    """
    rng = np.random.default_rng(seed)
    known = places[~(places.geometry.isna() | places.geometry.is_empty)]
    if len(known) < FEWEST or not len(buildings):
        return None
    geometry = known.geometry.to_crs(LONLAT).to_numpy()
    if (shapely.get_dimensions(geometry) == AREA).any():
        return None
    score = _Reference(roads, buildings, "places" if layer in INDOORS else "points")
    told = Hypothesis("wgs84" if claimed == "cgcs2000" else claimed)
    geometry = shapely.centroid(geometry)
    astray = score.rated(placed_as(geometry, told.datum, told, buildings)) == 0.0
    if astray.sum() < FEWEST:
        return None
    others = [one for one in HYPOTHESES if one != told and not one.swapped]
    rated = {
        one: score.rated(placed_as(geometry[astray], told.datum, one, buildings)) for one in others
    }
    best = max(others, key=lambda one: float(rated[one].mean()))
    placed = placed_as(geometry[astray], told.datum, best, buildings)
    chance = np.array([score(score.displaced(placed, rng)) for _ in range(CHANCES)])
    fits = rated[best] > 0.0
    by_chance = float((chance < fits.mean()).mean())
    if fits.sum() < FEWEST or fits.mean() < MOST or by_chance < SURE:
        return None
    return best, known.index[astray][fits]


def _sample(
    places: gpd.GeoDataFrame, layer: str, rng: np.random.Generator
) -> tuple[How, Geometries]:
    """Return how the places are compared, and as many of them in degrees as are judged."""
    geometry = places.geometry.dropna().to_crs(LONLAT).to_numpy()
    geometry = geometry[shapely.is_valid(geometry) & ~shapely.is_empty(geometry)]
    solid = shapely.get_dimensions(geometry) == AREA
    kind: How = "places" if layer in INDOORS else "points"
    if solid.sum() > MOST * len(solid):
        kind = "footprints" if layer in {"", "buildings"} else "areas"
    drawn = kind in {"footprints", "areas"}
    geometry = geometry[solid] if drawn else shapely.centroid(geometry)
    most = MAX_FOOTPRINTS if drawn else MAX_POINTS
    if len(geometry) > most:
        geometry = geometry[np.sort(rng.choice(len(geometry), most, replace=False))]
    return kind, geometry


def with_fit(
    report: ImportReport, places: gpd.GeoDataFrame, city: City | None, claimed: Datum | None
) -> ImportReport:
    """Return a report with a note where another datum fits the city better; see `measure_fit`.

    Where there is too little to compare, a note says that nothing was tested; rows that have no
    place need none. Where nobody declared the datum, the metres are counted too: `check` stops.

    Parameters
    ----------
    report, places
        What was read, and its table.
    city
        Whose roads and buildings are known to be right, if there is one.
    claimed
        Datum that was declared for the source, if one was.
    """
    if places.geometry.isna().all():
        return report
    fit = None
    if city is not None:
        told = claimed_datum(report, claimed) or "wgs84"
        fit = measure_fit(places, city.roads, city.buildings, claimed=told, layer=report.layer)
    if fit is None:
        note = noted(
            "datum.untested",
            N_(
                "the datum was not tested: that takes %(fewest)s places and the buildings of a "
                "city",
                fewest=FEWEST,
            ),
        )
        return replace(report, notes=(*report.notes, note))
    warning = fit.warning()
    if warning is None:
        return with_mixed(report, places, city, claimed)
    kind = "datum.swapped" if fit.best.swapped else "datum.shift"
    kind = kind if claimed is None else "datum.against"
    warning_note = noted(kind, warning, fit.count)
    counts = report.counts
    if claimed is None:
        counts += (Count(SHIFT, N_("metres that the places seem off"), round(fit.offset_m)),)
    return replace(report, notes=(*report.notes, warning_note), counts=counts)


def with_mixed(
    report: ImportReport, places: gpd.GeoDataFrame, city: City | None, claimed: Datum | None
) -> ImportReport:
    """Return a report with a note on rows that seem to be in another datum than the rest.

    Parameters
    ----------
    report, places, city, claimed
        As of `with_fit`.
    """
    told = claimed_datum(report, claimed) or "wgs84"
    found = None
    if city is not None:
        found = find_shifted(places, city.roads, city.buildings, claimed=told, layer=report.layer)
    if found is None:
        return report
    best, rows = found
    labels = tuple(map(str, rows))
    said = N_(
        "%(count)s of %(all)s rows fit roads and buildings as %(best)s, and not as %(claimed)s, as "
        "which all were read; nothing was moved: %(rows)s",
        count=len(labels),
        all=len(places),
        best=DATUM_NAMES[best.datum],
        claimed=DATUM_NAMES[told],
        rows=", ".join(labels[:LISTED]) + (" ..." if len(labels) > LISTED else ""),
    )
    named = {**report.named, **{label: (label,) for label in labels}}
    note = noted("datum.mixed", said, rows=labels)
    return replace(report, notes=(*report.notes, note), named=named)


def with_outside(report: ImportReport, places: gpd.GeoDataFrame, city: City | None) -> ImportReport:
    """Return a report with a note on the rows that lie outside the mapped area of a city."""
    if city is None or report.layer not in OUTSIDE:
        return report
    notes = note_outside(report.layer, find_outside(places.geometry, city.extent))
    named = {**report.named, **{label: (label,) for one in notes for label in one.rows}}
    return replace(report, notes=(*report.notes, *notes), named=named) if notes else report


def marked(places: gpd.GeoDataFrame, report: ImportReport) -> gpd.GeoDataFrame:
    """Return a table that carries its notes, and what its report counts of a shift.

    See `civicsight.scene.nearness.require_settled`.
    """
    shift = report.count(SHIFT)
    if shift:
        places.attrs[SHIFT] = shift
    keep_on(places, report.told())
    return places


def claimed_datum(report: ImportReport, declared: Datum | None) -> Datum | None:
    """Return the datum in which a source was read; None where its rows name several that differ.

    Parameters
    ----------
    report, declared
        What was read, and what a person said of it; CGCS2000 counts as WGS 84.
    """
    parts = report.parts or (report,)
    said = {name.strip() for part in parts for name in part.datum.split(",")}
    named = {datum for datum, name in DATUM_NAMES.items() if name in said}
    found = {
        datum if datum in SHIFTED else "wgs84" for datum in ({declared} if declared else named)
    }
    return "wgs84" if not found else found.pop() if len(found) == 1 else None


def placed_as(
    geometry: Geometries, claimed: Datum, truth: Hypothesis, buildings: gpd.GeoDataFrame
) -> Geometries:
    """Return where places would be in metres if the source were in truth in another system."""

    def move(xy: FloatArray) -> FloatArray:
        lon, lat = from_wgs84(xy[:, 0], xy[:, 1], claimed)
        if truth.swapped:
            lon, lat = lat, np.clip(lon, -89.9, 89.9)
        return np.column_stack(to_wgs84(lon, lat, truth.datum))

    moved = shapely.transform(shapely.force_2d(geometry), move)
    out: Geometries = gpd.GeoSeries(moved, crs=LONLAT).to_crs(buildings.crs).to_numpy()
    return out


def _offset(before: Geometries, after: Geometries) -> float:
    apart = shapely.distance(shapely.centroid(before), shapely.centroid(after))
    return float(np.median(apart))


class _Reference:
    """What places are held against; called with geometries in metres it returns their score."""

    def __init__(self, roads: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, kind: How) -> None:
        self.walls: Geometries = buildings.geometry.to_numpy()
        self.tree = shapely.STRtree(self.walls)
        self.inner: Geometries = shapely.buffer(self.walls, -DEEP_M, quad_segs=1)
        self.inside = shapely.STRtree(self.inner)
        self.roads = shapely.STRtree(roads.geometry.to_numpy())
        low_x, low_y, high_x, high_y = shapely.total_bounds(self.walls)
        self.low = np.array([low_x, low_y])
        self.size = np.array([high_x - low_x, high_y - low_y])
        rates: dict[How, Callable[[Geometries], FloatArray]] = {
            "footprints": self._covered,
            "areas": self._uncut,
            "points": self._beside,
            "places": self._within,
        }
        self.rate = rates[kind]

    def __call__(self, places: Geometries) -> float:
        """Return the mean rating; what lies outside of the box of the buildings is rated 0."""
        return float(self.rated(places).mean())

    def rated(self, places: Geometries) -> FloatArray:
        """Return the rating of each place."""
        centre = shapely.get_coordinates(shapely.centroid(places))
        with np.errstate(invalid="ignore"):
            there = ((centre >= self.low) & (centre <= self.low + self.size)).all(axis=1)
        out = np.zeros(len(places))
        if there.any():
            out[there] = self.rate(places[there])
        return out

    def displaced(self, places: Geometries, rng: np.random.Generator) -> Geometries:
        """Move all places by one step of chance; who leaves the box comes in on its other side."""
        centre = shapely.get_coordinates(shapely.centroid(places))
        new = self.low + np.mod(centre - self.low + rng.uniform(0.1, 0.9, 2) * self.size, self.size)
        step = np.repeat(new - centre, shapely.get_num_coordinates(places), axis=0)
        return np.asarray(shapely.transform(places, lambda xy: xy + step), object)

    def _covered(self, places: Geometries) -> FloatArray:
        place, wall = self.tree.query(places, predicate="intersects")
        shared = shapely.area(shapely.intersection(places[place], self.walls[wall]))
        out: FloatArray = np.bincount(place, shared, len(places)) / shapely.area(places)
        return np.minimum(out, 1.0)

    def _uncut(self, places: Geometries) -> FloatArray:
        lines = shapely.boundary(places)
        place, house = self.inside.query(lines, predicate="intersects")
        cut = shapely.length(shapely.intersection(lines[place], self.inner[house]))
        out: FloatArray = 1.0 - np.bincount(place, cut, len(places)) / shapely.length(lines)
        return np.maximum(out, 0.0)

    def _within(self, places: Geometries) -> FloatArray:
        within = np.zeros(len(places), bool)
        within[self.tree.query(places, predicate="dwithin", distance=FACADE_M)[0]] = True
        return within.astype(np.float64)

    def _beside(self, places: Geometries) -> FloatArray:
        beside = np.zeros(len(places), bool)
        beside[self.tree.query(places, predicate="dwithin", distance=FACADE_M)[0]] = True
        beside[self.roads.query(places, predicate="dwithin", distance=ROAD_M)[0]] = True
        beside[self.inside.query(places, predicate="intersects")[0]] = False
        return beside.astype(np.float64)
