"""Layers of the plan map: plain data handed to our own scripts, never markup made from labels.

folium's own layers write every feature as code of its own and put labels into it as markup. Here
a layer is one JSON value, read by ``browser/map.js``, which makes text nodes of what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import geopandas as gpd
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from jinja2.utils import htmlsafe_json_dumps

from civicsight.maps.encode import encode_shapes, lon_lat

SCRIPTS: Final = (("civicsight_draw", ""), ("civicsight_map", ""), ("civicsight_panel", ""))
SHEETS: Final = (("civicsight_css", ""),)
"""Files that a plan map needs; `civicsight.maps.assets` knows where they are."""

Row = Sequence[tuple[str, str]]
"""What a click shows about a feature: labels and values, as text."""

TEMPLATE_TAG: Final = re.compile(r"\{(?=[{%#])")

MAX_TEXT: Final = 300
"""A longer value is cut on the map; the tables have all of it."""


def ground_layer(
    key: str,
    shapes: gpd.GeoSeries,
    styles: Sequence[Mapping[str, Any]],
    style: Sequence[int],
    z: int,
) -> PlanLayer:
    """Return a layer of the ground plan: any number of shapes, painted, not to be clicked."""
    data = {
        "shapes": encode_shapes(shapes),
        "styles": [dict(entry) for entry in styles],
        "style": list(style),
        "z": z,
    }
    return PlanLayer(key, "ground", data)


def image_layer(
    key: str, images: Sequence[Mapping[str, Any]], *, alt: str, opacity: float, z: int
) -> PlanLayer:
    """Return a layer of pictures, each ``{url, bounds}`` with bounds in degrees."""
    data = {"images": list(images), "alt": alt, "opacity": opacity, "z": z}
    return PlanLayer(key, "images", data)


class Outlines(NamedTuple):
    """Features as a script reads them: their shapes, where their signs stand, and their ids."""

    shapes: Mapping[str, Any]
    at: Sequence[Sequence[float]]
    ids: Sequence[str]


def outline(shapes: gpd.GeoSeries, at: gpd.GeoSeries | None = None) -> Outlines:
    """Lay features out for a script; a sign stands at a point on its shape unless `at` says where.

    The index of the shapes holds the ids.
    """
    ids = [str(label) for label in shapes.index]
    return Outlines(encode_shapes(shapes), lon_lat(shapes if at is None else at), ids)


def feature_layer(
    key: str,
    shapes: gpd.GeoSeries | Outlines,
    styles: Sequence[Mapping[str, Any]],
    style: Sequence[int],
    *,
    titles: Sequence[str] | None = None,
    rows: Sequence[Row] = (),
    show: bool = True,
) -> PlanLayer:
    """Return a layer of features that can be clicked and flown to by their id.

    Parameters
    ----------
    key
        Name of the layer on the page.
    shapes
        Geometries of any kind, whose index holds the ids, or what `outline` made of them.
    styles, style
        Looks, and for each feature which of them.
    titles, rows
        What a click shows; without titles a feature cannot be clicked.
    show
        Whether it is on when the page opens.
    """
    drawn = shapes if isinstance(shapes, Outlines) else outline(shapes)
    data: dict[str, Any] = {
        "shapes": drawn.shapes,
        "at": drawn.at,
        "styles": [dict(entry) for entry in styles],
        "style": list(style),
        "ids": drawn.ids,
    }
    if titles is not None:
        labels: dict[str, int] = {}
        data["titles"] = [_cut(title) for title in titles]
        data["rows"] = [_number_labels(row, labels) for row in rows]
        data["labels"] = list(labels)
    return PlanLayer(key, "features", data, show=show)


def script_literal(value: object) -> str:
    """Write a value as a literal of a script inside a page.

    Besides ``</script>`` there is a second way out: folium renders its elements twice, so that a
    label ``{{ ... }}`` would run as a template *here*. In JSON a brace before ``{``, ``%`` or ``#``
    can only stand in a text, and is written by its number.
    """
    return TEMPLATE_TAG.sub(r"\\u007b", str(htmlsafe_json_dumps(value)))


def _number_labels(row: Row, labels: dict[str, int]) -> list[int | str]:
    """Flatten ``label, value`` pairs, with labels by number: few labels serve many features."""
    out: list[int | str] = []
    for label, value in row:
        out += [labels.setdefault(label, len(labels)), _cut(value)]
    return out


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


class PlanLayer(JSCSSMixin, Layer):
    """One layer as data.

    Parameters
    ----------
    key
        Name of the layer on the page; a map holds each once.
    maker
        Function of ``browser/map.js`` that builds it: ``ground``, ``images`` or ``features``.
    data
        What that function reads.
    show
        Whether it is on when the page opens.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = civicsight.{{ this.maker }}(
                {{ this.literal(this.key) }}, {{ this.literal(this.data) }});
        {% endmacro %}
        """
    )

    def __init__(self, key: str, maker: str, data: Mapping[str, Any], *, show: bool = True) -> None:
        super().__init__(name=key, overlay=True, control=False, show=show)
        self._name = "PlanLayer"
        self.default_js, self.default_css = list(SCRIPTS), list(SHEETS)
        self._id = key  # folium numbers elements at random; a plan drawn twice is the same file
        self.key = key
        self.maker = maker
        self.literal = script_literal
        self.data = data

    def again(self) -> PlanLayer:
        """Return the same layer for another map: folium lets an element be on one alone."""
        return PlanLayer(self.key, self.maker, self.data, show=self.show)


class PlanStart(JSCSSMixin, Layer):
    """The first thing on a plan map: it ties our scripts to the map."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            civicsight.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(name="start", overlay=True, control=False, show=False)
        self.default_js, self.default_css = list(SCRIPTS), list(SHEETS)
        self._name = "PlanStart"
        self._id = "start"


class PlanPanel(JSCSSMixin, Layer):
    """The last thing on a plan map: legend with switches, scale, north arrow, credits.

    Parameters
    ----------
    data
        What ``civicsight.panel`` reads; credits are markup to Leaflet and must have been
        through `safe`.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            civicsight.panel({{ this._parent.get_name() }}, {{ this.literal(this.data) }});
        {% endmacro %}
        """
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(name="panel", overlay=True, control=False, show=False)
        self._name = "PlanPanel"
        self._id = "panel"
        self.data = data
        self.literal = script_literal


class PlanSwipe(JSCSSMixin, Layer):
    """A line that parts the layers ``left`` and ``right`` of a plan map.

    Parameters
    ----------
    data
        What ``civicsight.swipe`` reads, from `swipe.swipe_labels`.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            civicsight.swipe({{ this._parent.get_name() }},
                civicsight.layers.left, civicsight.layers.right, {{ this.literal(this.data) }});
        {% endmacro %}
        """
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(name="swipe", overlay=True, control=False, show=False)
        self.default_js, self.default_css = [("civicsight_swipe", "")], list(SHEETS)
        self._name = "PlanSwipe"
        self._id = "swipe"
        self.data = data
        self.literal = script_literal
