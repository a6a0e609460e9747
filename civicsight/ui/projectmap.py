"""The map of the open project, with what somebody may see of it, for any page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from civicsight.ui.access.signin import may_read
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.frame import Visit
from civicsight.ui.mapview import Sources, project_ground, project_map, show_map

if TYPE_CHECKING:
    from civicsight.coverage.raster import CoverageRaster


def show_project(
    visit: Visit,
    key: str,
    *,
    group: Mapping[str, Any] | None = None,
    height: int,
    runs: Mapping[str, CoverageRaster] | None = None,
    names: tuple[str, str] = ("", ""),
) -> None:
    """Show the project on a map, or bring the map that is there up to date.

    Parameters
    ----------
    visit
        Who looks at what.
    key, group, height
        See `mapview.show_map`.
    runs, names
        Two pictures of coverage in place of the project's own, and what they are called.
    """
    project = visit.project
    result = seen_result(project, visit.actor)
    shown = f"{project.digest}{visit.actor.district}"
    if runs is None:
        runs = {} if result.raster is None else {shown: result.raster}
    ground = project_ground(project.digest, project.city)
    show_map(
        project_map(shown, result, visit.language),
        key,
        Sources(ground, visit.actor.name, may_read(visit.actor), runs, names, result.rules.ladder),
        group=group,
        height=height,
        language=visit.language,
    )
