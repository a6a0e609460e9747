"""What the map and the list show of a desk: what is drawn anew, hidden, and open to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from shapely.geometry import Polygon

from civicsight.coverage.check import CheckResult
from civicsight.errors import N_
from civicsight.i18n import Language, translate
from civicsight.maps.encode import WGS84
from civicsight.maps.events import EDITED
from civicsight.maps.evidence import others_of
from civicsight.maps.live import (
    Tool,
    camera_handles,
    drawn_layer,
    edited_layers,
    live_group,
    preview_layer,
)
from civicsight.maps.words import CAMERA_KINDS, CAMERA_STATES
from civicsight.report.districts import find_districts
from civicsight.store import Actor, Role
from civicsight.ui.editor.desk import CAMERAS, Desk
from civicsight.ui.services.acts import visible_cameras
from civicsight.ui.services.draft import Draft
from civicsight.ui.services.preview import Preview
from civicsight.ui.services.project import Project
from civicsight.ui.services.refusals import changed_cameras
from civicsight.ui.services.scope import home_of
from civicsight.ui.services.telling import tell_preview

CLOSE_ZOOM: Final = 18
DRAWN_TABLES: Final = ("places", "obstacles", "barriers", "entrances")
"""Tables that somebody adds rows to on the map."""

LIST_HEADS: Final = (N_("Id"), N_("Name"), N_("Kind"), N_("State"))


def seen_result(project: Project, actor: Actor) -> CheckResult:
    """Return the result without what somebody may not see of it.

    A district planner gets the own cameras, no picture of coverage, and no finding that names a
    camera elsewhere.
    """
    result = project.result
    if actor.role is not Role.DISTRICT_PLANNER:
        return result
    cameras = result.cameras[home_of(result.cameras, actor, find_districts(project.city))]
    own = set(cameras.index.astype(str))
    doubles = result.duplicates
    kept = [
        {str(subject), *others_of(evidence or {})} <= own
        for subject, evidence in zip(doubles["subject"], doubles["evidence"], strict=True)
    ]
    return replace(
        result,
        cameras=cameras,
        heads=result.heads[result.heads["camera_id"].isin(own)],
        duplicates=doubles[kept],
        overlaps=result.overlaps.iloc[:0],
        raster=None,
    )


def look_at(desk: Desk, actor: Actor) -> Sight:
    """Return the cameras of a draft that somebody may see, and those that differ."""
    own, others = visible_cameras(desk.draft.cameras, desk.project, actor)
    edited = set(changed_cameras(Draft(desk.draft.base), desk.draft))
    changed = [str(label) for label in own.index if label in edited]
    return Sight(own, int(others["count"].sum()), changed, frozenset(edited))


def list_cameras(
    sight: Sight, wanted: str, language: Language
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return ids and cells of the cameras whose id or name holds a text."""
    words, cameras = wanted.casefold().strip(), sight.cameras
    ids: list[str] = []
    rows: list[tuple[str, ...]] = []
    columns = (cameras.index.astype(str), cameras["name"], cameras["kind"], cameras["status"])
    for label, called, kind, status in zip(*columns, strict=True):
        name = called if isinstance(called, str) else ""
        if words not in label.casefold() and words not in name.casefold():
            continue
        state = status if isinstance(status, str) else "existing"
        kinds = CAMERA_KINDS.get(str(kind), CAMERA_KINDS["unknown"])
        ids.append(label)
        rows.append(
            (label, name, translate(kinds, language), translate(CAMERA_STATES[state], language))
        )
    return ids, rows


def own_sentences(found: Preview, sight: Sight, desk: Desk) -> Sequence[Any]:
    """Return the sentences of a preview without cameras that somebody may not see."""
    others = tuple(pair for pair in found.doubling.others if pair[0] in sight.cameras.index)
    if others == found.doubling.others:
        return found.sentences
    told = replace(found, doubling=replace(found.doubling, others=others))
    return tell_preview(told, desk.bench.rules)


def group_of(desk: Desk, sight: Sight, tool: Tool, language: Language) -> dict[str, Any]:
    """Return what the map shows of a desk beside the document."""
    cameras, base = desk.draft.cameras, desk.project.result
    present = base.cameras.index.astype(str)
    hidden = [(CAMERAS, label) for label in present if label in sight.edited]
    moved = base.heads[base.heads["camera_id"].isin(sight.edited)]
    hidden += [
        (f"views_{reading}", str(label))
        for label, reading in zip(moved.index, moved["reading"], strict=True)
    ]
    layers = edited_layers(*_edited(desk, sight), language) + _drawn(desk)
    found = desk.preview()
    if found is not None and found.pictures:
        layers.append(preview_layer(found.pictures, language))
    selected, camera = desk.selected, None
    if desk.camera_id is not None:
        selected = (_layer(desk.camera_id, sight), desk.camera_id)
        record = cameras.loc[desk.camera_id]
        if desk.may_draw and record["status"] != "removed":
            camera = camera_handles(
                desk.camera_id, record["geometry"], record["azimuth_deg"], cameras.crs, language
            )
    return live_group(
        tool=tool, selected=selected, fly=_flight(desk), hidden=hidden, layers=layers, camera=camera
    )


def _layer(camera_id: str, sight: Sight) -> str:
    return EDITED + CAMERAS if camera_id in sight.changed else CAMERAS


def _edited(desk: Desk, sight: Sight) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the changed cameras that are drawn anew, and their heads."""
    rows = sight.cameras.loc[sight.changed]
    rows = gpd.GeoDataFrame(rows[rows["status"].ne("removed")])
    heads = [desk.bench.look(desk.draft, str(label)).heads for label in rows.index]
    none = desk.project.result.heads.iloc[:0]
    return rows, gpd.GeoDataFrame(pd.concat(heads)) if heads else none


def _drawn(desk: Desk) -> list[dict[str, Any]]:
    """Return places and obstacles that the document does not have, and the one not yet named."""
    layers = []
    for name in DRAWN_TABLES:
        if name in desk.draft.changed:
            table, base = desk.draft.table(name), getattr(desk.draft.base, name)
            fresh = table.loc[table.index.difference(base.index)]
            if len(fresh):
                titles = [str(label) for label in fresh.index]
                layers.append(drawn_layer(name, gpd.GeoSeries(fresh.geometry), titles))
    if desk.drawn is not None:
        what, ring = desk.drawn
        shape = gpd.GeoSeries([Polygon(ring)], index=[what], crs=desk.project.city.crs)
        layers.append(drawn_layer("waiting", shape, [""]))
    return layers


def _flight(desk: Desk) -> dict[str, Any] | None:
    """Return where the map goes: to what was selected elsewhere than on it."""
    layer, label = desk.selected or ("", "")
    if not desk.flights:
        return None
    if layer == CAMERAS and label in desk.draft.cameras.index:
        spot = gpd.GeoSeries([desk.draft.cameras.geometry.loc[label]], crs=desk.project.city.crs)
        at = spot.to_crs(WGS84).iloc[0]
        return {"at": [at.y, at.x], "zoom": CLOSE_ZOOM, "n": desk.flights}
    return {"layer": layer, "id": label, "n": desk.flights} if label else None


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What somebody sees of the cameras of a draft.

    Parameters
    ----------
    cameras
        Those that are open to him.
    elsewhere
        How many there are in other districts.
    changed
        Ids of those that differ from the project and are open to him.
    edited
        Ids of all that differ.
    """

    cameras: gpd.GeoDataFrame
    elsewhere: int
    changed: Sequence[str]
    edited: frozenset[str]
