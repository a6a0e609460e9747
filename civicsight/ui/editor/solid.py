"""What a draft changes in three dimensions: cameras that differ, and gates by what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from civicsight.maps.solid_marks import edited_solid
from civicsight.presentation.symbols import PART_STYLES
from civicsight.ui.editor.sight import shown_changes

if TYPE_CHECKING:
    from civicsight.maps.live import Tool
    from civicsight.maps.scene_3d import SolidMap
    from civicsight.presentation.names import Names
    from civicsight.ui.editor.sight import Sight
    from civicsight.ui.editor.state import EditorState


def solid_group(
    editor: EditorState, sight: Sight, tool: Tool, names: Names, drawn: SolidMap, present: pd.Index
) -> dict[str, Any]:
    """Return what the view draws anew for a draft; see `mapview.show_solid`.

    `present` are the cameras that the document of the view may have.
    """
    rank = {name: k for k, name in enumerate(PART_STYLES)}
    rows = sight.cameras.loc[sight.changed]
    rows = gpd.GeoDataFrame(rows[rows["status"].ne("removed")])
    group: dict[str, Any] = {
        "tool": tool,
        "hidden": sorted(sight.edited & set(present.astype(str))),
        "styles": {str(label): rank[name] for label, name in shown_changes(editor).items()},
    }
    if len(rows):
        heads = [editor.edit_context.look(editor.draft, str(label)).heads for label in rows.index]
        city = editor.project.city
        found = gpd.GeoDataFrame(pd.concat(heads))
        group["edited"] = edited_solid(rows, found, names, city, drawn.window)
    return group
