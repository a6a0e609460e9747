"""What a plan does, on the map of the app: each measure by its kind, and what one is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.maps.events import EDITED
from civicsight.maps.live import drawn_layer, edited_parts
from civicsight.maps.shapes import view_wedges
from civicsight.presentation.symbols import (
    MEASURE_STYLES,
    SERVED_STYLE,
    VIEW_STYLES,
    YEAR_COLOURS,
    level_colours,
)

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.presentation.names import Names

WORKS: Final = "works"
"""What the key of each layer of measures begins with; kind and year follow."""


def layer_of(work: Any, *, by_year: bool = False) -> str:
    """Return the key of the layer that a measure stands in."""
    return f"{WORKS}_{work.action}_{int(work.year)}" if by_year else f"{WORKS}_{work.action}"


def year_looks(works: pd.DataFrame) -> dict[int, str]:
    """Return a colour for each year in which something is done."""
    years = sorted({int(year) for year in works["year"] if year > 0})
    return dict(zip(years, level_colours(len(years), YEAR_COLOURS), strict=True))


def work_layers(
    works: gpd.GeoDataFrame,
    titles: Mapping[str, str],
    cameras: gpd.GeoDataFrame,
    result: CheckResult,
    *,
    by_year: bool = False,
) -> list[dict[str, Any]]:
    """Draw measures by their kind, under them where the cameras of a plan will look.

    Parameters
    ----------
    works
        Rows of table `model.MEASURES` with ``action``, as of `planning.record.actions.done_in`.
    titles
        What each is called, by camera.
    cameras
        Rows of table `model.CAMERAS` as the plan leaves them.
    result
        What was checked before the plan.
    by_year
        Whether the colour of each sign tells its year.
    """
    layers = []
    placed = cameras.loc[cameras.index.intersection(works.index)]
    if len(placed):
        wedges = view_wedges(read_heads(placed, buildings=result.city.buildings), "sure")
        if len(wedges):
            layers.append(
                drawn_layer("works_views", wedges, [""] * len(wedges), VIEW_STYLES["sure"])
            )
    colours = year_looks(works) if by_year else {}
    keys = [layer_of(work, by_year=by_year) for work in works.itertuples()]
    for kind, look in MEASURE_STYLES.items():
        of_kind = works.assign(layer=keys)[works["action"].eq(kind) & works.geometry.notna()]
        for key, own in of_kind.groupby("layer"):
            said = [titles.get(label, label) for label in own.index.astype(str)]
            colour = colours.get(int(own["year"].iloc[0]), look["color"])
            layers.append(drawn_layer(key, own.geometry, said, {**look, "color": colour}))
    return layers


def changed_parts(
    parts: pd.DataFrame, result: CheckResult, names: Names
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Draw the parts that a plan covers or uncovers as they will be.

    Parameters
    ----------
    parts
        Columns ``status_before`` and ``status_after`` by part, as of a plan.
    result, names
        What was checked before the plan, and what everything in it is called.

    Returns
    -------
    tuple of list
        Layers, and the features of the document that they take the place of, with gaps that the
        plan closes.
    """
    changed = parts[parts["status_before"].ne(parts["status_after"])]
    changed = changed.loc[changed.index.intersection(result.parts.index)]
    is_closed = changed["status_after"].eq("covered")
    shown = changed["status_after"].mask(is_closed, "unbuilt")
    layers = edited_parts(result.parts.geometry.loc[changed.index], list(shown), names)
    gaps = result.gaps.index[result.gaps["subject"].isin(changed.index[is_closed])]
    past = [("parts", str(label)) for label in changed.index]
    return layers, past + [("gaps", str(label)) for label in gaps]


def in_focus(work: Any, label: str, drawn: Collection[str], layer: str) -> list[tuple[str, str]]:
    """Return what stays bright beside a chosen measure: itself, and the parts that it is for.

    Parameters
    ----------
    work, label, layer
        Its row and id, and the layer that it stands in.
    drawn
        Parts that the plan draws anew.
    """
    parts = map(str, work.parts or ())
    own = ((EDITED + "parts" if part in drawn else "parts", part) for part in parts)
    return [(EDITED + layer, label), *own]


def served_layer(work: Any, parts: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Draw a line from a measure to each part that it is for; none where it is for none."""
    own = parts.loc[parts.index.intersection([str(part) for part in work.parts or ()])]
    if not len(own):
        return []
    ends = own.geometry.representative_point()
    lines = [shapely.LineString([work.geometry, end]) for end in ends]
    shapes = gpd.GeoSeries(lines, index=own.index, crs=parts.crs)
    return [drawn_layer("served", shapes, [""] * len(shapes), SERVED_STYLE)]
