"""What was found of a region, on a page that needs nothing besides: a map, its parts ranked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pandas as pd
import shapely

from civicsight.core import i18n
from civicsight.core.atomic import written_together
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from civicsight.core.lossless import to_plain
from civicsight.coverage.result import STATES, CheckResult
from civicsight.io.vectors.windows import write_layer
from civicsight.planning.statement.figures import figures_of_check
from civicsight.presentation.document import Document, Figure, Section, Table
from civicsight.presentation.drawing import Canvas, View
from civicsight.presentation.names import Names, name_all
from civicsight.region.run import RegionResult
from civicsight.region.work import engine
from civicsight.report.html import render_sections
from civicsight.report.licence import MADE_UP
from civicsight.report.listing import list_classes
from civicsight.report.partition import of_place, rank_places
from civicsight.rules.departures import describe_weakened

TABLES: Final = ("cameras", "zones", "parts", "gaps", "duplicates", "overlaps")
"""Tables that are written as GeoParquet."""

MOST_PLACES: Final = 20
"""Of the worst places, so many are named."""

WIDTH_PX: Final = 720
SHADES: Final = ("#1a9850", "#a6d96a", "#fee08b", "#fc8d59", "#d73027")
"""From no gap to nothing but gaps (ColorBrewer, RdYlGn)."""

UNKNOWN: Final = "#cccccc"

SHADES_MEAN: Final = N_(
    "Share of gaps by part: green up to a fifth, dark red above four fifths, grey not judged"
)


def write_result(found: RegionResult, out: Path) -> list[Path]:
    """Write page, tables and numbers of a region, all of them or none.

    Raises
    ------
    WriteError
        If they cannot be written.
    """
    with written_together(out) as scratch:
        for language in LANGUAGES:
            page = scratch / f"region.{HTML_LANGUAGE[language]}.html"
            told = region_document(found, language)
            bound = (N_("Digest of the program:"), engine())
            page.write_text(render_sections(told, bound), encoding="utf-8")
        summary = scratch / "summary.json"
        summary.write_text(
            json.dumps(to_plain(summary_of(found)), ensure_ascii=False, indent=1), encoding="utf-8"
        )
        if found.result is not None:
            for name in TABLES:
                write_layer(getattr(found.result, name), scratch / f"{name}.parquet")
        names = sorted(path.name for path in scratch.iterdir())
    return [out / name for name in names]


def summary_of(found: RegionResult) -> dict[str, object]:
    """Return the numbers of a region, of each of its parts, and what was not judged and why."""
    summary = {} if found.result is None else found.result.summary
    parts = ranked(found.parts)
    return {
        **summary,
        "parts_of_region": {name: dict(row) for name, row in parts.iterrows()},
        "refused": {name: str(error) for name, error in found.refused.items()},
        "hangs_on_refused": {name: list(on) for name, on in found.hangs_on.items()},
    }


def ranked(parts: pd.DataFrame) -> pd.DataFrame:
    """Put parts in the order of their share of gaps, the most first."""
    if parts.empty:
        return parts
    keys = parts.assign(name=parts.index).sort_values(
        ["gap_share", "gap", "name"], ascending=[False, False, True]
    )
    return parts.loc[keys.index]


def region_document(found: RegionResult, language: Language) -> Document:
    """Say in one language what was found."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    region, parts = found.region, ranked(found.parts)
    total = len(region.parts)
    lead = (
        translate(N_("Parts judged: %(judged)s of %(total)s", judged=len(parts), total=total)),
        translate(N_("Computed this time: %(names)s", names=_names(parts, "computed"))),
    )
    banners = [translate(MADE_UP)] if region.synthetic else []
    banners += [] if found.result is None else map(translate, describe_weakened(found.result.rules))
    if found.refused:
        names = ", ".join(sorted(found.refused))
        banners.append(translate(N_("Parts that cannot be used: %(names)s", names=names)))
    if found.hangs_on:
        names = ", ".join(sorted(found.hangs_on))
        text = N_(
            "Parts not judged, because they depend on one that cannot be used: %(names)s",
            names=names,
        )
        banners.append(translate(text))
    sections = [
        Section(translate(N_("Map")), [Figure(translate(SHADES_MEAN), draw_map(found))]),
        Section(
            translate(N_("Parts, the largest share of gaps first")), [_table(parts, translate)]
        ),
    ]
    if found.result is not None:
        called = name_all(found.result, language)
        classes, worst = _classes(found.result, called), _worst(found, called)
        sections.append(Section(translate(N_("Classes of places")), [classes]))
        sections.append(Section(translate(N_("The worst places")), [worst]))
    if found.refused:
        faults = [f"{name}: {error}" for name, error in sorted(found.refused.items())]
        faults += [translate(not_judged(name, on)) for name, on in sorted(found.hangs_on.items())]
        sections.append(Section(translate(N_("What is wrong with the others")), list(faults)))
    sources = "; ".join(region.sources)
    if sources:
        sections.append(Section(translate(N_("Sources")), [sources]))
    return Document(language, region.name, lead, tuple(banners), tuple(sections))


def not_judged(part: str, on: tuple[str, ...]) -> Text:
    """Say of a part that was not judged which ones it depends on."""
    return N_(
        "%(part)s is not judged, because it depends on %(others)s.", part=part, others=", ".join(on)
    )


def _names(parts: pd.DataFrame, column: str) -> str:
    if parts.empty:
        return "–"
    return ", ".join(parts.index[parts[column].to_numpy(bool)].sort_values()) or "–"


def _table(parts: pd.DataFrame, translate: object) -> Table:
    heads = (
        *(
            N_("Part of the region"),
            N_("Cameras"),
            N_("Places"),
            N_("Parts judged"),
            N_("Covered for sure"),
        ),
        *(N_("If an assumption holds"), N_("Gaps"), N_("Share of gaps"), N_("Not judged")),
    )
    rows = (
        [
            (
                str(row["title"]),
                *(
                    f"{row[name]:,}"
                    for name in ("cameras", "places", "judged", "covered", "assumed")
                ),
                f"{row['gap']:,}",
                f"{row['gap_share']:.1%}",
                f"{row['missing']:,}",
            )
            for _, row in parts.iterrows()
        ]
        if len(parts)
        else []
    )
    told = tuple(translate(head) for head in heads)  # type: ignore[operator]
    return Table(translate(N_("Parts of the region")), told, tuple(rows), frozenset(range(1, 9)))  # type: ignore[operator]


def _classes(result: CheckResult, names: Names) -> Table:
    """Tell of each class of the laws its places, and how their gates and key parts stand."""
    heads = (
        *(N_("Class"), N_("Places"), N_("Gates and key parts"), N_("Covered for sure")),
        *(N_("If an assumption holds"), N_("Gaps"), N_("Not judged")),
    )
    counted = ("places", "parts", *STATES)
    rows = tuple(
        (row["label"], *(f"{row[name]}" for name in counted))
        for row in list_classes(result, names, figures_of_check(result))
    )
    told = tuple(map(names.translate, heads))
    return Table(names.translate(N_("Classes of places")), told, rows, frozenset(range(1, 7)))


def _worst(found: RegionResult, names: Names) -> Table:
    """Name the places at which most is not covered, and the part that each stands in."""
    assert found.result is not None  # noqa: S101 - whoever asks has looked
    heads = (N_("Places"), N_("Part of the region"), N_("Gates and key parts"), N_("Gaps"))
    worst = rank_places(found.result)
    worst = worst[worst["before_gap"].gt(0)].head(MOST_PLACES)
    rows = tuple(
        (
            names.zones.get(str(zone), str(zone)),
            found.region.parts[found.home[str(zone)]].title,
            of_place(row, "parts"),
            of_place(row, "before_gap"),
        )
        for zone, row in zip(worst.index, worst.itertuples(), strict=True)
    )
    told = tuple(map(names.translate, heads))
    return Table(names.translate(N_("The worst places")), told, rows, frozenset({2, 3}))


def draw_map(found: RegionResult) -> Canvas:
    """Draw the parts by their share of gaps; those that were not judged are grey."""
    region = found.region
    if region.counties is not None:
        shapes = {name: region.counties.geometry[name] for name in region.parts}
    else:
        side = float(region.tile_m or 1.0)
        corners = {name: tuple(map(int, name.split("_"))) for name in region.parts}
        shapes = {
            name: shapely.box(c * side, r * side, (c + 1) * side, (r + 1) * side)
            for name, (c, r) in corners.items()
        }
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    scale = WIDTH_PX / max(east - west, north - south, 1.0)
    window = shapely.box(west, south, east, north)
    view = View(west, north, scale, window)
    canvas = Canvas(round((east - west) * scale) + 1, round((north - south) * scale) + 1)
    shares = found.parts["gap_share"] if len(found.parts) else {}
    for name, shape in sorted(shapes.items()):
        at = min(int(shares[name] * len(SHADES)), len(SHADES) - 1) if name in shares else None
        canvas.shape(view, shape, UNKNOWN if at is None else SHADES[at], "#ffffff")
        x, y = view.at(*shapely.get_coordinates(shape.representative_point())[0])
        canvas.word(x - 10, y, region.parts[name].title)
    return canvas
