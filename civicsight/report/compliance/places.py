"""One page for each of the worst places: a map, the evidence, and which cameras could help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from civicsight.core.errors import N_
from civicsight.core.html_safe import safe
from civicsight.core.hues import BUILDING, INK
from civicsight.coverage.result import CheckResult
from civicsight.coverage.standing import direction_of_cameras, status_of_parts
from civicsight.maps.shapes import view_wedges
from civicsight.planning.compliance import gravest_first
from civicsight.presentation.drawing import PATHS, View, draw_scale, view_of
from civicsight.presentation.evidence import finding_remedy, finding_sentence
from civicsight.presentation.facts import Facts, part_facts
from civicsight.presentation.lexicon import STANDINGS, share, word
from civicsight.presentation.names import MOST_NAMES, Names
from civicsight.presentation.symbols import STATUS_LABELS, STATUS_STYLES, ZONE_STYLE
from civicsight.report.compliance.account import Account
from civicsight.report.partition import of_place, rank_places

SIDE: Final = 520
"""Side of a picture [px]."""

MARGIN_M: Final = 20.0
LEAST_SPAN_M: Final = 80.0
MOST_SPAN_M: Final = 900.0
"""A larger place is cut about its gates that are not covered."""

MOST_CAMERAS: Final = 60
"""So many cameras are drawn, the nearest first."""

HELP: Final = "#d55e00"
ZONE: Final[Mapping[str, Any]] = ZONE_STYLE
HOUSE: Final[Mapping[str, Any]] = BUILDING
STREET: Final = "#dcd6ca"
SIGHT: Final = "#8a8272"


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What every picture is cut from, prepared once.

    Parameters
    ----------
    result
        What was checked.
    status, known
        Status of each part; how the direction of each camera is known.
    wedges
        Sectors of views as recorded and as assumed.
    """

    result: CheckResult
    status: Any
    known: Any
    wedges: gpd.GeoSeries

    def draw(self, zone_id: str, helpers: Iterable[str], label: str) -> str:
        """Draw a place as markup.

        Parameters
        ----------
        zone_id
            The place.
        helpers
            Cameras that could be turned or repaired; they are marked and named.
        label
            What the picture shows, in words.
        """
        helpers = set(helpers)
        zone = self.result.zones.geometry[zone_id]
        parts = self.result.parts[self.result.parts["zone_id"].eq(zone_id)]
        view = self._frame(zone, parts, helpers)
        city = self.result.city
        pieces = [
            *(view.path(line, "none", STREET, width=3) for line in _near(city.roads, view)),
            *(
                view.path(shape, HOUSE["fill"], HOUSE["color"])
                for shape in _near(city.buildings, view)
            ),
            view.path(zone, ZONE["color"], ZONE["color"], opacity=ZONE["fill"], width=1.6),
            *(
                view.path(w, INK, SIGHT, opacity=0.06)
                for w in self.wedges.iloc[self.wedges.sindex.query(view.window)]
            ),
            *self._parts(parts, view),
            *self._cameras(view, helpers),
        ]
        return (
            f'<svg viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{safe(label)}">'
            f"<title>{safe(label)}</title>"
            f'<rect width="{SIDE}" height="{SIDE}" fill="#fbfaf7"/>{"".join(pieces)}'
            f"{draw_scale(SIDE / view.scale, SIDE)}</svg>"
        )

    def _frame(self, zone: Any, parts: gpd.GeoDataFrame, helpers: set[str]) -> View:
        cameras = self.result.cameras
        shapes = [zone, *parts.geometry, *cameras.geometry[cameras.index.isin(helpers)]]
        west, south, east, north = shapely.total_bounds(shapes)
        if max(east - west, north - south) + 2 * MARGIN_M > MOST_SPAN_M and len(parts):
            open_parts = parts[self.status[parts.index].ne("covered")]
            west, south, east, north = (open_parts if len(open_parts) else parts).total_bounds
        span = max(east - west, north - south) + 2 * MARGIN_M
        span = min(max(span, LEAST_SPAN_M), MOST_SPAN_M)
        return view_of((west + east) / 2, (south + north) / 2, span, SIDE)

    def _parts(self, parts: gpd.GeoDataFrame, view: View) -> list[str]:
        pieces = []
        for label, shape in parts.geometry.items():
            style = STATUS_STYLES[self.status[label]]
            if shape.length > 0.0:
                pieces.append(
                    view.path(shape, style["color"], style["color"], opacity=0.15, width=4)
                )
            spot = shape.representative_point()
            if view.window.covers(spot):
                pieces.append(_sign(style["sign"], style["color"], *view.at(spot.x, spot.y)))
        return pieces

    def _cameras(self, view: View, helpers: set[str]) -> list[str]:
        cameras = self.result.cameras
        near = cameras.iloc[cameras.sindex.query(view.window)].geometry
        order = near.distance(view.window.centroid).sort_values().index[:MOST_CAMERAS]
        pieces, labels = [], []
        for label in order:
            px, py = view.at(near[label].x, near[label].y)
            colour = HELP if label in helpers else INK
            fill = colour if self.known[label] == "sure" else "#fff"
            pieces.append(
                f'<rect x="{px - 4:.1f}" y="{py - 4:.1f}" width="8" height="8" fill="{fill}" '
                f'stroke="{colour}" stroke-width="2"/>'
            )
            if label in helpers:
                labels += [_label(label, px + 7, py - 5, halo=halo) for halo in (True, False)]
        return pieces + labels


def prepare_layers(result: CheckResult) -> Layers:
    """Prepare what every picture is cut from."""
    sure, assumed = (view_wedges(result.heads, name) for name in ("sure", "assumed"))
    shapes = [*sure, *assumed]
    return Layers(
        result,
        status_of_parts(result),
        direction_of_cameras(result),
        gpd.GeoSeries(shapes, crs=result.heads.crs),
    )


def _near(table: gpd.GeoDataFrame, view: View) -> list[Any]:
    rows = sorted(table.sindex.query(view.window, predicate="intersects"))
    return list(table.geometry.iloc[rows])


def _sign(sign: str, colour: str, x: float, y: float) -> str:
    return (
        f'<g transform="translate({x - 10:.1f} {y - 10:.1f})" fill="{colour}" stroke="{INK}" '
        f'stroke-width="0.8">{PATHS[sign]}</g>'
    )


def _label(text: str, x: float, y: float, *, halo: bool) -> str:
    """Write a name, or the light edge that lies under it; what prints knows no order of paint."""
    look = 'fill="none" stroke="#fff" stroke-width="3"' if halo else f'fill="{HELP}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" {look}>{safe(text)}</text>'


COVERED: Final = "covered"
"""The predicate that asks for coverage of a place."""

MOST_PARTS: Final = 6
"""So many parts of a place are told in full, so that it stays one page."""

MOST_PAGES: Final = 10
"""So many places are told on a page of their own, those first at which most is not covered."""

Draw = Callable[[str, set[str], str], str]


def failing_places(account: Account) -> pd.DataFrame:
    """Return the facts of places that are not covered as a rule asks, the worst place first."""
    rules = account.result.rules.by_predicate(COVERED)
    asked = {(rule.pack, rule.id) for rule in rules}
    facts = account.compliance.facts
    about = [any((one.pack, one.rule) in asked for one in bases) for bases in facts["bases"]]
    failed = facts["subject_kind"].eq("zone") & facts["outcome"].eq("fail")
    found = gravest_first(facts[failed & pd.Series(about, facts.index, dtype=bool)])
    rank = {str(label): n for n, label in enumerate(rank_places(account.result).index)}
    return found.sort_values("subject", key=lambda own: own.map(rank), kind="stable")


def place_rows(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return each place that fails and has no page of its own as a row of a table."""
    failing = failing_places(account).drop_duplicates("subject")
    counts = {row.Index: row for row in rank_places(account.result).itertuples()}
    return [
        _head(account, names, row, counts[row["subject"]])
        for row in failing.iloc[MOST_PAGES:].to_dict("records")
    ]


def place_pages(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return a page for each of the worst places that fail."""
    result = account.result
    draw = prepare_layers(result).draw
    facts = dict(zip(result.parts.index, part_facts(result, names), strict=True))
    gaps = {str(row.subject): row for row in result.gaps.itertuples()}
    failing = failing_places(account)
    counts = {row.Index: row for row in rank_places(result).itertuples()}
    rules = failing.groupby("subject")["bases"].agg(  # two laws may ask for one place
        lambda own: [one.rule for bases in own for one in bases]
    )
    return [
        _page(account, names, row, facts, gaps, draw, counts[row["subject"]])
        | {"rule": names.listed(rules[row["subject"]], most=MOST_NAMES)}
        for row in failing.drop_duplicates("subject").head(MOST_PAGES).to_dict("records")
    ]


def _head(account: Account, names: Names, verdict: dict[str, Any], counts: Any) -> dict[str, Any]:
    """Return what is said of a place in a row, and at the head of its page."""
    result = account.result
    zone = result.zones.loc[verdict["subject"]]
    return {
        **names.row(verdict),
        "title": names.zones[verdict["subject"]],
        "class": names.class_of(zone["pack"], zone["item"]),
        "classes": names.classes_of(zone),
        "standing": word(STANDINGS, zone["standing"], names.language),
        "confidence": share(float(zone["confidence"])),
        "covered": of_place(counts, "before_covered"),
        "gap": of_place(counts, "before_gap"),
        "count": of_place(counts, "parts"),
    }


def _parts_of(account: Account, verdict: dict[str, Any]) -> pd.Index:
    parts = account.result.parts
    return parts.index[parts["zone_id"].eq(verdict["subject"])]


def _page(
    account: Account,
    names: Names,
    verdict: dict[str, Any],
    facts: dict[str, Facts],
    gaps: dict[str, Any],
    draw: Draw,
    counts: Any,
) -> dict[str, Any]:
    status = account.result.part_status["status"].reindex(_parts_of(account, verdict))
    order = [
        name for name in ("gap", "possible", "assumed") for name in status.index[status.eq(name)]
    ]
    helpers = {
        str(entry["camera"])
        for name in order
        if name in gaps
        for key in ("reuse", "out_of_use")
        for entry in gaps[name].evidence.get(key, ())
    }
    head = _head(account, names, verdict, counts)
    # A part goes without the name of its place, under which it stands.
    return head | {
        "picture": draw(verdict["subject"], helpers, head["title"]),
        "parts": [
            _part(name, facts[name], gaps, status, names)
            | {
                "name": names.parts[name].removeprefix(
                    names.translate(N_("%(place)s: %(part)s", place=head["title"], part=""))
                )
            }
            for name in order[:MOST_PARTS]
        ],
        "more": max(0, len(order) - MOST_PARTS),
    }


def _part(
    name: str, facts: Facts, gaps: dict[str, Any], status: pd.Series, names: Names
) -> dict[str, Any]:
    said = finding_sentence(gaps[name], names) if name in gaps else ""
    mends = finding_remedy(gaps[name], names) if name in gaps else ""
    return {
        "status": status[name],
        "label": names.translate(STATUS_LABELS[status[name]]),
        "facts": facts,
        "sentence": said,
        "remedy": "" if mends in said else mends,
    }
