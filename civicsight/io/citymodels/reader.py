"""Buildings from three-dimensional city models."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.errors import N_, CrsError, Fault, InputError
from civicsight.io.citymodels.citygml import read_citygml
from civicsight.io.citymodels.cityjson import read_cityjson
from civicsight.io.citymodels.model import (
    Body,
    Model,
    Prism,
    System,
    attribute_notes,
    knot_in,
    metres_of_heights,
    prisms_of,
    read_system,
    stand,
)
from civicsight.io.crs import crs_name, to_working
from civicsight.io.faults import fault, reject
from civicsight.io.file_formats import sniff
from civicsight.io.georeference import georeference
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.attributes import MAX_HEIGHT_M, Heights, building_heights
from civicsight.io.vectors.buildings import Raw, make_buildings
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.geometry import tangled_faults
from civicsight.io.vectors.measures import read_length
from civicsight.model.notes import Note, noted

PITCHED_M = 0.5
"""A roof that falls by more is not flat [m]."""

APART_M = 1.0
"""A measured height that differs by more from that of the faces is counted [m]."""

MODELLED = 2
"""Level of detail from which on roofs are modelled, not only blocks."""


def is_citymodel(path: str | Path) -> bool:
    """Tell whether a file is CityJSON, CityJSONSeq or CityGML, by how it begins or ends."""
    return sniff(require_file(path)) in {"CityJSON", "CityGML"}


def read_citymodel(
    path: str | Path,
    *,
    crs: CRS | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read the buildings of a city model as prisms on the ground.

    Parameters
    ----------
    path
        CityJSON 1.0 to 2.0, CityJSONSeq, or CityGML 1.0 to 3.0; the content decides.
    crs
        Working CRS; chosen from the centre of the data by default.
    declared
        CRS where the file names none, datum, and encoding.
    keep_good
        Whether to take the usable buildings where others are rejected.

    Returns
    -------
    buildings
        `model.BUILDINGS`, a row for each roof of another height. Heights count from the ground at
        the foot, not from sea level.
    report
        What was read, left out and assumed, and how far prisms stand above the roofs they stand
        for.

    Raises
    ------
    InputError
        If the file cannot be read, names no CRS and none is declared, or buildings are rejected and
        not `keep_good`.
    """
    file = require_file(path)
    if not is_citymodel(file):
        reject("citymodel.format", file.name)
    table, report = _buildings(_read(file, declared), file.name, crs, declared)
    return table, report.raise_rejected(keep_good=keep_good)


def _buildings(
    model: Model, source: str, crs: CRS | None, declared: Declared
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn what a model says of its buildings into prisms in the working CRS."""
    bodies = [body for body in model.bodies if body.faces]
    if not bodies:
        raise InputError(model.faults or [_no_buildings(source)])
    system = read_system(model.crs, source) if model.crs else None
    frame, crs_found, notes = _placed(bodies, system, crs, source, declared)
    metres = _metres(system, declared)
    moved = [
        _moved(body, points, metres)
        for body, points in zip(bodies, frame.geometry.to_numpy(), strict=True)
    ]
    knots = np.array([knot_in(body) for body in moved], object)
    knotted = ~shapely.is_missing(knots)
    labels = np.array([body.label for body in moved], object)
    tangled = tangled_faults(labels, knots, knotted, source)
    moved = [body for body, is_knotted in zip(moved, knotted, strict=True) if not is_knotted]
    per_body = [(body.label, prisms_of(body)) for body in moved]
    prisms = [prism for _, group in per_body for prism in group]
    lost = tuple(_no_plan(source, label) for label, group in per_body if not group)
    refused = [*model.faults, *tangled, *lost]
    if not prisms:
        raise InputError(refused)
    # Objects of one id are refused one by one: each counts.
    places = _labels([fault.where for fault in refused])
    refused = [replace(fault, where=at) for fault, at in zip(refused, places, strict=True)]
    bare = len(model.bodies) - len(bodies)
    added = len(prisms) - (len(moved) - len(lost))
    raw, heights = _raw(prisms, CRS(frame.crs), source)
    table, report = make_buildings(
        raw,
        source,
        read=len(model.bodies) + len(model.faults) + model.others.total(),
        counts=(
            *_counts(model, moved, prisms),
            Count("excluded.bare", N_("without geometry of their own"), bare),
            Count("roofs", N_("rows added for roofs of another height"), added),
            *heights.counts,
        ),
        faults=heights.faults,
    )
    return table, replace(
        report,
        rejected=(*refused, *report.rejected),
        notes=(
            *notes,
            *attribute_notes(model.bodies),
            *_unit_notes(metres),
            *_roof_notes(prisms),
            *heights.notes,
            *report.notes,
        ),
        encoding=model.encoding,
        crs_found=crs_found,
    )


def _read(file: Path, declared: Declared) -> Model:
    if sniff(file) == "CityJSON":
        return read_cityjson(file)
    return read_citygml(file, declared.encoding)


def _placed(
    bodies: list[Body], system: System | None, crs: CRS | None, source: str, declared: Declared
) -> tuple[gpd.GeoDataFrame, str, tuple[Note, ...]]:
    """Return the corners of each body in the working CRS, what they were in, and what was done."""
    north_first = system is not None and system.north_first
    corners = [np.concatenate([ring for face in b.faces for ring in face.rings]) for b in bodies]
    order = [1, 0, 2] if north_first else [0, 1, 2]
    points = [shapely.multipoints(np.nan_to_num(xyz)[:, order]) for xyz in corners]
    labels = [body.label for body in bodies]
    frame = gpd.GeoDataFrame(
        index=pd.Index(labels, dtype=object), geometry=points, crs=system and system.crs
    )
    known, notes = georeference(frame, source, declared)
    try:
        working = to_working(known, crs)
    except CrsError as error:
        raise InputError([_no_crs(source)]) from error
    if not np.isfinite(shapely.get_coordinates(working.geometry.to_numpy())).all():
        raise InputError([_no_crs(source)])
    return working, crs_name(CRS(known.crs)), notes


def _metres(system: System | None, declared: Declared) -> float:
    """Return the metres in a unit of height, by the CRS of the file or the declared one."""
    if system is not None:
        return system.metres
    return 1.0 if declared.crs is None else metres_of_heights(declared.crs)


def _unit_notes(metres: float) -> tuple[Note, ...]:
    if metres == 1.0:
        return ()
    text = noted(
        "read.as",
        N_(
            "heights of the faces read in the unit of the coordinate system: %(metres)s m",
            metres=f"{metres:.6g}",
        ),
    )
    return (text,)


def _moved(body: Body, points: shapely.MultiPoint, metres: float) -> Body:
    """Return a body with its corners in the working CRS and its heights in metres."""
    xy = shapely.get_coordinates(points)
    at, faces = 0, []
    for face in body.faces:
        rings = []
        for ring in face.rings:
            size = len(ring)
            rings.append(np.column_stack([xy[at : at + size], ring[:, 2] * metres]))
            at += size
        faces.append(face._replace(rings=tuple(rings)))
    return replace(body, lods={body.level: faces})


def _raw(prisms: list[Prism], crs: CRS, source: str) -> tuple[Raw, Heights]:
    """Return footprints with heights above their ground."""
    standing = list(stand(prisms))
    index = pd.Index(_labels([prism.body.label for prism, _ in standing]), dtype=object)
    said = [prism.body.attributes for prism, _ in standing]
    heights = _heights(standing, index, source)
    frame = gpd.GeoDataFrame(
        {
            **{name: heights.frame[name] for name in heights.frame.columns},
            "kind": [entry.get("function") or entry.get("class") for entry in said],
            "name": [entry.get("name") for entry in said],
            "tags": [_tags(prism) for prism, _ in standing],
        },
        index=index,
        geometry=[prism.plan for prism, _ in standing],
        crs=crs,
    )
    whole = {prism.body.label for prism, _ in standing if not prism.body.is_part}
    hosted = [prism.body.is_part and prism.body.parent in whole for prism, _ in standing]
    return Raw(frame, np.array(hosted, bool)), heights


def _heights(standing: list[tuple[Prism, float]], index: pd.Index, source: str) -> Heights:
    """Return top and underside of each prism.

    Faces of level 2 are somebody's measurement; what blocks and outlines say is read as it is in
    any other source, where one height may have been filled in everywhere.
    """
    tops = np.array([prism.top_m - ground for prism, ground in standing])
    feet = np.array(
        [max(0.0, np.fmax(prism.foot_m, prism.under_m) - ground) for prism, ground in standing]
    )
    modelled = np.array([prism.body.level >= MODELLED for prism, _ in standing])
    modelled &= (tops > 0) & (tops <= MAX_HEIGHT_M)
    said = [prism.body.attributes for prism, _ in standing]
    table = pd.DataFrame(
        {
            "height": [
                entry.get("measuredHeight") if np.isnan(top) else round(top, 3)
                for top, entry in zip(tops.tolist(), said, strict=True)
            ],
            "building:levels": [entry.get("storeysAboveGround") for entry in said],
            "min_height": feet.round(3).tolist(),
        },
        index=index,
        dtype=object,
    )
    kinds = pd.Series([None] * len(index), index=index, dtype=object)
    found = building_heights(table[~modelled], kinds[~modelled], source)
    measured = pd.DataFrame(
        {
            "height_m": tops[modelled].round(3),
            "base_m": feet[modelled].round(3),
            "height_assumed": False,
            "height_source": "height",
        },
        index=index[modelled],
    )
    frames = [frame for frame in (measured, found.frame) if len(frame)]
    return found._replace(frame=pd.concat(frames).loc[index])


def _labels(names: list[str]) -> list[str]:
    """Return a name for each prism; several of one building are numbered."""
    count, seen = Counter(names), Counter[str]()
    taken = set(names)
    labels = []
    for name in names:
        seen[name] += 1
        label = name if count[name] == 1 else f"{name}/{seen[name]}"
        while count[name] > 1 and label in taken:
            label += "'"
        taken.add(label)
        labels.append(label)
    return labels


def _tags(prism: Prism) -> dict[str, str]:
    tags = dict(prism.body.attributes)
    if prism.body.parent:
        tags["parent"] = prism.body.parent
    tags["lod"] = f"{prism.body.level:g}"
    if np.isfinite(prism.top_m):
        tags["top_above_sea_m"] = f"{prism.top_m:.2f}"
        tags["foot_above_sea_m"] = f"{prism.foot_m:.2f}"
        tags["roof_m"] = f"{prism.drop_m:.2f}"
    return tags


def _counts(model: Model, bodies: list[Body], prisms: list[Prism]) -> tuple[Count, ...]:
    levels = Counter(int(body.level) for body in bodies)
    whole = sum(not body.is_part for body in model.bodies)
    tops: dict[str, float] = {}
    for prism in prisms:
        rise = prism.top_m - prism.foot_m
        tops[prism.body.label] = max(rise, tops.get(prism.body.label, 0.0))
    measured = {
        body.label: read_length(body.attributes.get("measuredHeight")).value for body in bodies
    }
    apart = sum(abs(tops.get(label, np.nan) - value) > APART_M for label, value in measured.items())
    return (
        Count("objects.building", N_("buildings"), whole),
        Count("objects.part", N_("building parts"), len(model.bodies) - whole),
        *(
            Count(f"lod.{level}", N_("read at level of detail %(level)s", level=level), count)
            for level, count in sorted(levels.items())
        ),
        Count("excluded.other", N_("objects that are no buildings"), model.others.total()),
        *(
            Count(f"other.{kind}", N_("of type %(kind)s", kind=kind), count)
            for kind, count in sorted(model.others.items())
        ),
        Count("prisms", N_("prisms, one for each roof of another height"), len(prisms)),
        Count("pitched", N_("of them under a pitched roof"), _pitched(prisms).size),
        Count("measured_apart", N_("measured height differs by over 1 m from the faces"), apart),
    )


def _pitched(prisms: list[Prism]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    drops = np.array([prism.drop_m for prism in prisms], float)
    return drops[drops > PITCHED_M]


def _roof_notes(prisms: list[Prism]) -> tuple[Note, ...]:
    drops = _pitched(prisms)
    if not drops.size:
        return ()
    return (
        noted(
            "heights.roofs",
            N_(
                "Pitched roofs are prisms up to their ridge: at the eaves %(count)s of them "
                "stand too high, by %(median)s m in the median and %(most)s m at most.",
                count=drops.size,
                median=f"{np.median(drops):.1f}",
                most=f"{drops.max():.1f}",
            ),
        ),
    )


def _no_buildings(source: str) -> Fault:
    return fault("citymodel.empty", source)


def _no_plan(source: str, label: str) -> Fault:
    return fault("citymodel.no_plan", source, label, "geometry")


def _no_crs(source: str) -> Fault:
    return fault("citymodel.crs", source)
