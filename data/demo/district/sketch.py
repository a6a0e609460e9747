"""Draw the district as a picture of a few hundred kilobytes at most, one metre to the unit."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path

import shapely

from district import plane
from district.camera import Camera
from district.draw import Drawing
from district.sites import SITES
from district.streets import STREETS

COLOURS = {
    "8.1": "#f3dcdc",
    "8.2a": "#e3dcf1",
    "8.3": "#dfe7f3",
    "8.4": "#f6ead2",
    "8.5": "#fbf0cf",
    "8.6": "#ead9ee",
    "8.7": "#dcecd6",
    "8.8": "#f7d9c9",
    "8.9": "#dddddd",
    "8.10": "#e9efdf",
    "8.11": "#d6ecec",
}
STATUS = {"covered": "#1a7f37", "assumed": "#bf8700", "possible": "#bf5700", "gap": "#c4001a"}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
    'width="{width:.0f}" height="{height:.0f}" '
    'font-family="Noto Sans CJK SC,Microsoft YaHei,sans-serif">'
)
LEGEND = (
    ("covered", "出入口已覆盖"),
    ("assumed", "仅推定覆盖"),
    ("possible", "仅可能覆盖"),
    ("gap", "覆盖盲区"),
)


def write_sketch(
    drawing: Drawing, cameras: list[Camera], statuses: dict[str, str], path: Path
) -> None:
    """Write the picture: streets, places by class, houses, trees, cameras and gates by status."""
    rows = drawing.district.rows
    frame = shapely.unary_union([row["geometry"] for row in rows["roads"]]).bounds
    left, top = frame[0] - 20, frame[3] + 110
    width, height = frame[2] - left + 20, top - frame[1] + 30
    pen = _Pen(left, top)
    parts = [
        HEAD.format(width=width, height=height),
        '<rect width="100%" height="100%" fill="#fbfaf7"/>',
        pen.area(drawing.outlines["river"], "#bcd5e6"),
    ]
    for under, fill in ((False, "#ffffff"), (True, "#cfc9bf")):
        roads = [plane.line(s.points).buffer(s.half_m) for s in STREETS if s.tunnel == under]
        parts.append(pen.area(shapely.unary_union(roads), fill, "#d8d4cc"))
    parts += [
        pen.area(row["geometry"], COLOURS.get(row["item"] or "", "#f1efe9"))
        for row in rows["places"]
        if row["geometry"].geom_type == "Polygon"
    ]
    parts += [pen.dot(row["geometry"].centroid, 2.2, "#9cc59a", 0.7) for row in rows["canopies"]]
    parts += [
        pen.area(row["geometry"], "#e4b7a0" if row["height_assumed"] else "#c6c2ba", "#8d887e")
        for row in rows["buildings"]
    ]
    parts += [pen.stroke(row["geometry"], "#8a5a3c", 1.2) for row in rows["barriers"]]
    parts += [
        pen.stroke(row["geometry"], "#c4001a", 2.0)
        for row in rows["obstacles"]
        if row["kind"] == "panel"
    ]
    parts += [pen.wedge(camera) for camera in cameras if camera.setting == "outdoor"]
    parts += [
        pen.dot(shapely.Point(gate.middle), 4.5, STATUS[statuses[key]], 1.0, "#ffffff")
        for key, gate in drawing.gates.items()
    ]
    parts += _labels(drawing, pen)
    parts.append(
        '<text x="16" y="34" font-size="26" font-weight="bold">云渚示范片区（虚构）</text>'
        '<text x="16" y="56" font-size="15">'
        "Yunzhu demonstration district: made up, no real city</text>"
    )
    for number, (status, label) in enumerate(LEGEND):
        x, y = width - 170, 26 + 22 * number
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y}" r="6" fill="{STATUS[status]}"/>'
            f'<text x="{x + 12:.0f}" y="{y + 5}" font-size="15">{label}</text>'
        )
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def _labels(drawing: Drawing, pen: _Pen) -> list[str]:
    named = {row["name"]: row["geometry"] for row in drawing.district.rows["places"]}
    out = [pen.text(named[site.name].centroid, site.name, 11) for site in SITES if site.item]
    out += [pen.text(shapely.Point(named[name].centroid), name, 11) for name in ("沅澄大桥",)]
    seen: set[str] = set()
    for street in STREETS:
        if street.name not in seen and not street.tunnel:
            seen.add(street.name)
            line = plane.line(street.points)
            at = line.interpolate(0.14 if street.kind != "primary" else 0.5, normalized=True)
            out.append(pen.text(at, street.name, 10, "#77705f"))
    return out


class _Pen:
    """Turns shapes of the map into SVG; y downward, a tenth of a metre."""

    def __init__(self, left: float, top: float) -> None:
        self.left, self.top = left, top

    def _point(self, x: float, y: float) -> str:
        return f"{x - self.left:.1f},{self.top - y:.1f}"

    def area(self, shape: shapely.Geometry, fill: str, line: str = "none") -> str:
        rings = [r for part in shapely.get_parts(shape) for r in (part.exterior, *part.interiors)]
        path = " ".join(
            "M" + " ".join(self._point(*xy) for xy in ring.coords[:-1]) + "Z" for ring in rings
        )
        return (
            f'<path d="{path}" fill="{fill}" stroke="{line}" stroke-width="0.6" '
            'fill-rule="evenodd"/>'
        )

    def stroke(self, shape: shapely.LineString, colour: str, width: float) -> str:
        points = " ".join(self._point(*xy) for xy in shape.coords)
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>'

    def dot(
        self, at: shapely.Point, radius: float, fill: str, opacity: float = 1.0, line: str = "none"
    ) -> str:
        x, y = self._point(at.x, at.y).split(",")
        return (
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" '
            f'opacity="{opacity}" stroke="{line}"/>'
        )

    def wedge(self, camera: Camera) -> str:
        """Return a short wedge in the direction of view, or a ring where none is recorded."""
        here = shapely.Point(camera.x, camera.y)
        if camera.azimuth_deg is None:
            return self.dot(here, 4.0, "none", 1.0, "#2b4c8c")
        arms = [
            (camera.x + 9 * math.sin(math.radians(a)), camera.y + 9 * math.cos(math.radians(a)))
            for a in (camera.azimuth_deg - 22, camera.azimuth_deg + 22)
        ]
        fill = {"planned": "#e8a33d", "approved": "#e8a33d", "removed": "#999999"}.get(
            camera.status, "#2b4c8c"
        )
        points = " ".join(self._point(*xy) for xy in ((camera.x, camera.y), *arms))
        return f'<polygon points="{points}" fill="{fill}" opacity="0.75"/>'

    def text(self, at: shapely.Point, words: str, size: int, colour: str = "#222222") -> str:
        x, y = self._point(at.x, at.y).split(",")
        return (
            f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="middle" fill="{colour}" '
            f'stroke="#ffffff" stroke-width="2.5" paint-order="stroke">{escape(words)}</text>'
        )
