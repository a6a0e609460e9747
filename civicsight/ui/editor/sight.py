"""What the map and the list show of an editor: what is drawn anew, hidden, and open to somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.application.scope import home_of
from civicsight.application.workflow import visible_cameras
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.coverage.result import CheckResult
from civicsight.editing.draft import Draft
from civicsight.editing.gap_changes import COVERED
from civicsight.editing.preview import Preview
from civicsight.editing.project import Project
from civicsight.editing.refusals import changed_cameras, name_private
from civicsight.editing.sentences import describe_preview
from civicsight.io.crs import moved
from civicsight.maps.encode import WGS84
from civicsight.maps.events import EDITED
from civicsight.maps.live import (
    Tool,
    camera_handles,
    drawn_layer,
    edited_layers,
    edited_parts,
    live_group,
    preview_layer,
)
from civicsight.maps.shapes import view_wedges
from civicsight.presentation.evidence import offers_of, others_of
from civicsight.presentation.lexicon import CAMERA_KINDS, CAMERA_STATES, drawn_name
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import VIEW_STYLES
from civicsight.store import Actor
from civicsight.ui.editor.obstacle_losses import drawn_shape, lost_features, lost_layers
from civicsight.ui.editor.state import CAMERAS, PARTS, EditorState

CLOSE_ZOOM: Final = 19
GAPS: Final = "gaps"
UNBUILT: Final = "unbuilt"
"""Look of a part that only planned cameras cover."""
DRAWN_TABLES: Final = ("places", "obstacles", "barriers", "entrances")
"""Tables that somebody adds rows to on the map."""

LIST_HEADINGS: Final = (N_("Id"), N_("Name"), N_("Kind"), N_("State"))


def seen_result(project: Project, actor: Actor) -> CheckResult:
    """Return the result without what somebody may not see of it.

    A district planner gets the own cameras, no picture of coverage, and no finding that names a
    camera elsewhere.
    """
    result = project.result
    if not actor.role.is_bound:
        return result
    cameras = result.cameras[home_of(result.cameras, actor, project.city)]
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


def look_at(editor: EditorState, actor: Actor) -> Sight:
    """Return the cameras of a draft that somebody may see, and those that differ."""
    own, others = visible_cameras(editor.draft.cameras, editor.project, actor)
    edited = set(changed_cameras(Draft(editor.draft.base), editor.draft))
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
        name = drawn_name(label, called, language)
        name = "" if name == label else name
        if words not in label.casefold() and words not in name.casefold():
            continue
        state = status if isinstance(status, str) else "existing"
        kinds = CAMERA_KINDS.get(str(kind), CAMERA_KINDS["unknown"])
        ids.append(label)
        shown = label if called == name or not name else ""  # an id of our own says nothing
        rows.append(
            (shown, name, translate(kinds, language), translate(CAMERA_STATES[state], language))
        )
    return ids, rows


def own_sentences(
    found: Preview, sight: Sight, editor: EditorState, names: Names
) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Return `describe_preview` without cameras that somebody may not see, and with names."""
    others = tuple(pair for pair in found.doubling.others if pair[0] in sight.cameras.index)
    told = replace(found, doubling=replace(found.doubling, others=others))
    return describe_preview(told, editor.edit_context.rules, naming(editor, names))


def naming(editor: EditorState, names: Names) -> Callable[[str], str]:
    """Return what calls cameras, parts and private places by their names, else by their ids."""
    cameras, private = editor.draft.cameras["name"], editor.edit_context.private.areas

    def called(label: str) -> str:
        name = drawn_name(label, cameras.get(label), names.language)
        if name != label:
            return name
        if label in private.index:
            return names.translate(name_private(label, private.loc[label]))
        return names.parts.get(label, label)

    return called


def group_of(editor: EditorState, sight: Sight, tool: Tool, names: Names) -> dict[str, Any]:
    """Return what the map shows of an editor beside the document."""
    cameras, base = editor.draft.cameras, editor.project.result
    present = base.cameras.index.astype(str)
    hidden = [(CAMERAS, label) for label in present if label in sight.edited]
    moved = base.heads[base.heads["camera_id"].isin(sight.edited)]
    hidden += [
        (f"views_{reading}", str(label))
        for label, reading in zip(moved.index, moved["reading"], strict=True)
    ]
    # Parts that are no longer as the document has them, and gaps that are none.
    changes, gaps = editor.changes(), editor.project.result.gaps
    closed = changes.index[changes["after"].isin([COVERED, ""])]
    past = [(PARTS, str(label)) for label in changes.index]
    hidden += past + [(GAPS, str(label)) for label in gaps.index[gaps["subject"].isin(closed)]]
    shown = shown_changes(editor)
    parts = editor.edit_context.standing(editor.draft).parts
    layers = edited_parts(parts.geometry.loc[shown.index], list(shown), names) + edited_layers(
        *_edited(editor, sight), names.language
    )
    layers += _drawn(editor, names.language) + lost_layers(editor)
    found = editor.preview()
    if found is not None and found.pictures:
        layers.append(preview_layer(found.pictures, names.language))
    selected, camera = _redrawn(editor, editor.selected), None
    if editor.camera_id is not None:
        selected = (_layer(editor.camera_id, sight), editor.camera_id)
        record = cameras.loc[editor.camera_id]
        if editor.may_draw and record["status"] != "removed":
            heads = editor.edit_context.look(editor.draft, editor.camera_id).heads
            camera = camera_handles(
                editor.camera_id,
                record["geometry"],
                record["azimuth_deg"],
                cameras.crs,
                names.language,
                [wedge for reading in VIEW_STYLES for wedge in view_wedges(heads, reading)],
            )
    return live_group(
        tool=tool,
        selected=selected,
        fly=_flight(editor),
        hidden=hidden,
        layers=layers,
        camera=camera,
        focus=[] if selected is None else _chosen(editor, sight, selected) + lost_features(editor),
    )


def _chosen(editor: EditorState, sight: Sight, selected: tuple[str, str]) -> list[tuple[str, str]]:
    found, (layer, label) = editor.preview(), selected
    if found is not None:
        parts = [_redrawn(editor, (PARTS, part.part_id)) for part in found.parts]
        return [selected, *filter(None, parts)]
    if not layer.endswith(PARTS):
        return [selected]
    gaps = editor.project.result.gaps
    own = gaps[gaps["subject"].eq(label)]
    offers = {name for evidence in own["evidence"] for name in offers_of(evidence or {})}
    cameras = [
        (_layer(name, sight), name) for name in sorted(offers) if name in sight.cameras.index
    ]
    return [selected, *((GAPS, str(gap)) for gap in own.index), *cameras]


def _layer(camera_id: str, sight: Sight) -> str:
    return EDITED + CAMERAS if camera_id in sight.changed else CAMERAS


def _edited(editor: EditorState, sight: Sight) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the changed cameras that are drawn anew, and their heads."""
    rows = sight.cameras.loc[sight.changed]
    rows = gpd.GeoDataFrame(rows[rows["status"].ne("removed")])
    heads = [editor.edit_context.look(editor.draft, str(label)).heads for label in rows.index]
    none = editor.project.result.heads.iloc[:0]
    return rows, gpd.GeoDataFrame(pd.concat(heads)) if heads else none


def shown_changes(editor: EditorState) -> pd.Series:
    """Return what parts come to whose status the draft changes, as the map shows it."""
    changes = editor.changes()
    now = changes[changes["after"].ne("")]
    shown: pd.Series = now["after"].mask(now["after"].eq(COVERED) & ~now["built"], UNBUILT)
    return shown


def _redrawn(editor: EditorState, feature: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return where a feature is drawn now: a part that changed is in a layer of its own."""
    if feature is not None and feature[0] == PARTS and feature[1] in editor.changes().index:
        return EDITED + PARTS, feature[1]
    return feature


def _drawn(editor: EditorState, language: Language) -> list[dict[str, Any]]:
    """Return places and obstacles that the document does not have, and the one not yet named."""
    layers = []
    for name in DRAWN_TABLES:
        if name in editor.draft.changed:
            table, base = editor.draft.table(name), getattr(editor.draft.base, name)
            fresh = table.loc[table.index.difference(base.index)]
            if len(fresh):
                called = fresh.get("name", pd.Series(index=fresh.index, dtype=object))
                titles = [drawn_name(str(one), called[one], language) for one in fresh.index]
                layers.append(drawn_layer(name, gpd.GeoSeries(fresh.geometry), titles))
    if editor.drawn is not None:
        what, ring = editor.drawn
        shape = gpd.GeoSeries([drawn_shape(what, ring)], [what], crs=editor.project.city.crs)
        layers.append(drawn_layer("waiting", shape, [""]))
    return layers


def _flight(editor: EditorState) -> dict[str, Any] | None:
    """Return where the map goes: to what was selected last elsewhere than on it."""
    layer, label = _redrawn(editor, editor.target) or ("", "")
    if not editor.flights:
        return None
    if layer == CAMERAS and label in editor.draft.cameras.index:
        spot = gpd.GeoSeries(
            [editor.draft.cameras.geometry.loc[label]], crs=editor.project.city.crs
        )
        at = moved(spot, WGS84).iloc[0]
        return {"at": [at.y, at.x], "zoom": CLOSE_ZOOM, "n": editor.flights}
    return {"layer": layer, "id": label, "n": editor.flights} if label else None


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
