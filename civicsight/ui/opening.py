"""In place of a page while its project is opened: the map of what was read, and how far it is."""

from __future__ import annotations

from typing import Final

from civicsight.ui.elements import beside_map
from civicsight.ui.frame import Visit, show_progress
from civicsight.ui.mapview import rest_of_window, show_project

MAP: Final = "opening"


def render(visit: Visit) -> None:
    """Draw the project without findings, and beside it how far the opening is."""
    ground, side = beside_map()
    with side:
        show_progress(visit.language, visit.project)
    with ground:
        show_project(visit, MAP, height=rest_of_window())
