"""The permit sheet of one facility: a printable page with the ground before and after."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.core.html_safe import safe
from civicsight.core.hues import INK
from civicsight.core.i18n import HTML_LANGUAGE, Language, pick
from civicsight.coverage.obstruction import Permit
from civicsight.coverage.result import NOT_JUDGED, CheckResult
from civicsight.model import READINGS
from civicsight.presentation.document import Cell, Document, Drawings, Facts, Section, lay_out
from civicsight.presentation.drawing import View, draw_scale, view_of
from civicsight.presentation.lexicon import STATE_LABELS, number, share
from civicsight.presentation.names import Names, name_all
from civicsight.report.files import write_bytes
from civicsight.report.html import package_version, render_sheet
from civicsight.report.licence import INVENTED, describe_editions, licences_of
from civicsight.report.permit_words import (
    COVER,
    GROUND_LABELS,
    HOLDS,
    KINDS,
    SEASONS,
    headline_of,
    verdict_of,
)
from civicsight.rules.departures import describe_weakened

SIDE: Final = 420
"""Side of a picture [px]."""

MARGIN_M: Final = 15.0
LEAST_SPAN_M: Final = 60.0

SEEN, LOST, HOUSE, NEW = "#2f7d5b", "#b0006d", "#d8d2c6", "#d55e00"


def draw_pair(result: CheckResult, permit: Permit, labels: Sequence[str]) -> tuple[str, str]:
    """Draw the place without and with a facility, as markup.

    Parameters
    ----------
    result, permit
        What was checked, and what the facility takes.
    labels
        What the two pictures show, in words.
    """
    frame = _frame(result, permit)
    return (
        _draw(result, permit, frame, labels[0], after=False),
        _draw(result, permit, frame, labels[1], after=True),
    )


def _frame(result: CheckResult, permit: Permit) -> tuple[float, float, float]:
    """Return centre and side of what is drawn [m]: the facility, harmed cameras, lost samples."""
    loss = permit.loss
    shapes = [
        permit.facility.shape,
        *result.cameras.geometry[sorted(set(loss.cameras["camera_id"]))],
        *result.samples.geometry[sorted(set(loss.samples["sample_id"]))],
    ]
    west, south, east, north = shapely.total_bounds(np.array(shapes, object))
    span = max(east - west, north - south) + 2 * MARGIN_M
    return (west + east) / 2, (south + north) / 2, max(span, LEAST_SPAN_M)


def _draw(
    result: CheckResult,
    permit: Permit,
    frame: tuple[float, float, float],
    label: str,
    *,
    after: bool,
) -> str:
    x, y, span = frame
    view = view_of(x, y, span, SIDE)
    pieces = [view.path(shape, HOUSE, "#8a8272") for shape in result.city.buildings.geometry]
    for ground in permit.ground.values():
        seen = ground.before.difference(ground.lost) if after else ground.before
        pieces.append(view.path(seen, SEEN, "none", opacity=0.25))
        if after:
            pieces.append(view.path(ground.lost, "url(#lost)", LOST))
    if after:
        pieces.append(view.path(permit.facility.shape, NEW, NEW, opacity=0.6, width=4))
    pieces += _points(result, permit, view, after=after)
    return (
        f'<svg viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{safe(label)}">'
        f"<title>{safe(label)}</title>"
        '<defs><pattern id="lost" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff" '
        f'fill-opacity="0.4"/><rect width="2.4" height="6" fill="{LOST}"/></pattern></defs>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="#fbfaf7"/>{"".join(pieces)}'
        f"{draw_scale(span, SIDE)}</svg>"
    )


def _points(result: CheckResult, permit: Permit, view: View, *, after: bool) -> list[str]:
    """Draw samples near the facility, lost ones crossed, and the cameras that lose something."""
    lost = set(permit.loss.samples["sample_id"])
    harmed = set(permit.loss.cameras["camera_id"])
    pieces, labels = [], []
    for name, point in result.samples.geometry.items():
        if view.window.covers(point):
            px, py = view.at(point.x, point.y)
            gone = after and name in lost
            pieces.append(
                f'<path d="M{px - 4:.1f} {py - 4:.1f}l8 8m0-8l-8 8" stroke="{LOST}" '
                'stroke-width="2"/>'
                if gone
                else f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.5" fill="{SEEN}"/>'
            )
    for name, point in result.cameras.geometry.items():
        if view.window.covers(point):
            px, py = view.at(point.x, point.y)
            fill = INK if name in harmed else "#fff"
            pieces.append(
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="5" fill="{fill}" stroke="{INK}"/>'
            )
            if name in harmed:
                labels.append(
                    f'<text x="{px + 8:.1f}" y="{py + 14:.1f}" font-size="13">{safe(name)}</text>'
                )
    return pieces + labels


Translate = Callable[[Text], str]

MOST_ROWS: Final = 12
"""So many losses are listed, so that the sheet stays one page; the table holds all."""

_UNSAFE = re.compile(r"[^\w.-]+")


def sheet_name(permit: Permit, number: int, language: Language) -> str:
    """Return the file name of a sheet: no more of an id than a file name can hold."""
    label = _UNSAFE.sub("_", permit.facility.id)[:40].strip("._") or "facility"
    return f"permit-{number:03d}-{label}.{HTML_LANGUAGE[language]}.html"


def write_sheet(
    path: Path, result: CheckResult, permit: Permit, language: Language, *, made_on: dt.date
) -> None:
    """Write the sheet of a facility in one language."""
    told = permit_document(result, permit, name_all(result, language), made_on)
    write_bytes(path, render_sheet(told, "permit.css"))


def permit_document(
    result: CheckResult, permit: Permit, names: Names, made_on: dt.date
) -> Document:
    """Return everything that a sheet says of a facility."""
    facility, loss, city, translate = permit.facility, permit.loss, result.city, names.translate
    sheet = translate(N_("Permit sheet"))
    holds = permit.holds or ("" if permit.verdict == "free" else "possible")
    facts = [
        (N_("Kind"), translate(KINDS[facility.kind])),
        (N_("Top"), f"{facility.height_m:.2f} m"),
        (N_("Underside"), f"{facility.base_m:.2f} m"),
        (N_("To stand on"), facility.planned_on or "–"),
        (N_("Season"), translate(SEASONS[loss.season])),
        *(
            (
                N_("Lost of %(cover)s", cover=COVER[row["reading"]]),
                share(float(row["share_lost"])) if permit.looked else "–",
            )
            for _, row in loss.totals.iterrows()
        ),
    ]
    lead = (
        Cell(translate(headline_of(permit)), tone=f"headline {holds}".strip()),
        translate(verdict_of(permit)),
        Facts(tuple((translate(label), value) for label, value in facts)),
    )
    told = [limit_in_words(row, names.translate) for _, row in limits_of(permit).iterrows()]
    columns = {
        "reading": N_("So that it leaves"),
        "height": N_("Greatest height"),
        "move": N_("Smallest move"),
    }
    if permit.facility.kind == "tree":
        followed = N_("Begins to harm, followed for %(years)s years", years=permit.years)
        columns["year"] = followed
    rows = [[row[name] for name in columns] for row in told]
    table = lay_out(names, Text(""), tuple(columns.values()), rows, named=True)
    sections = [
        Section(names.translate(N_("What would take nothing")), [table]),
        *_losses(result, permit, names),
    ]
    sections += _views(result, permit, names)
    shown = [translate(N_("Without the facility")), translate(N_("With the facility"))]
    lost = translate(N_("With the facility: hatched ground and crossed samples are lost"))
    pair = zip((shown[0], lost), draw_pair(result, permit, shown), strict=True)
    sections[-1].blocks.append(Drawings(tuple(pair), "pair"))
    editions = describe_editions(result.rules, names.language, facility.planned_on or "")
    sections.append(Section(translate(N_("Law that judged it")), [*map(translate, editions)]))
    sections.append(
        Section(translate(N_("What this sheet does not decide")), [translate(UNDECIDED)])
    )
    looked = N_(
        "Sight lines looked along again: %(looked)s; entries of the coverage matrix kept: "
        "%(kept)s.",
        looked=number(loss.looked),
        kept=number(loss.kept),
    )
    version = f"civicsight {package_version(names.language)}"
    foot = (
        f"{translate(looked)} {result.rules.versions} · {city.crs.name} · {version}",
        " · ".join([*city.sources, *names.all(licences_of(city))]),
    )
    return Document(
        names.language,
        f"{sheet} · {facility.name}",
        lead,
        tuple(
            map(
                translate,
                ([INVENTED] if city.synthetic else []) + [*describe_weakened(result.rules)],
            )
        ),
        tuple(sections),
        f"{facility.id} · {city.name} · {made_on.isoformat()}",
        foot,
        f"{facility.name} · {sheet}",
    )


UNDECIDED: Final = N_(
    "Who came first and who has to move, whether the place of a move is free, and whether an owner "
    "agrees, is for a person. The facility was tried alone. It stands as an upright body of its "
    "footprint; a crown keeps its underside while it grows, and its trunk is left out. Geometry "
    "proves visibility and pixel density at the samples, nothing between them. No legal advice."
)


def surest_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each camera and part, or part, once: in the surest reading in which it loses."""
    keys = [name for name in ("camera_id", "part_id") if name in rows.columns]
    order = rows["reading"].map(READINGS.index).sort_values(kind="stable").index
    return rows.loc[order].drop_duplicates(keys)


def limit_in_words(row: pd.Series, translate: Translate) -> dict[str, str]:
    """Return one row of `limits_of` in words: reading, height, move, year."""
    height, offset = row["greatest_height_m"], row["offset_m"]
    if np.isnan(height):
        unknown = translate(STATE_LABELS[NOT_JUDGED])
        cover = translate(COVER[row["reading"]])
        return {"reading": cover, "height": unknown, "move": unknown, "year": unknown}
    move = translate(N_("none within 30 m"))
    if offset == 0.0:
        move = translate(N_("none needed"))
    elif not np.isnan(offset):
        move = translate(
            N_(
                "%(metres)s m towards %(degrees)s°",
                metres=f"{offset:.1f}",
                degrees=f"{row['offset_deg']:.0f}",
            )
        )
    year = translate(N_("not in these years"))
    if row["first_year"] is not None and not pd.isna(row["first_year"]):
        season = translate(SEASONS[row["season"]])
        year = translate(
            N_("year %(year)s, %(season)s", year=int(row["first_year"]), season=season)
        )
    return {
        "reading": translate(COVER[row["reading"]]),
        "height": translate(N_("no limit")) if np.isinf(height) else f"{height:.2f} m",
        "move": move,
        "year": year,
    }


def _losses(result: CheckResult, permit: Permit, names: Names) -> list[Section]:
    """Tell which camera loses what of which gate, and how each gate stands after it."""
    rows = surest_rows(permit.loss.cameras)
    if rows.empty:
        return []
    headings = (
        N_("Camera"),
        N_("Gate or key part"),
        N_("Samples lost / met"),
        N_("Share"),
        N_("Quality"),
        N_("Ground lost"),
        N_("How certain"),
    )
    told = [_loss(row, result, permit, names) for _, row in rows.head(MOST_ROWS).iterrows()]
    cameras = Section(
        names.translate(N_("Who loses what")),
        [lay_out(names, Text(""), headings, told, named=True)],
    )
    if len(rows) > MOST_ROWS:
        more = N_("%(count)s more are in losses.csv.", count=len(rows) - MOST_ROWS)
        cameras.blocks.append(names.translate(more))
    asked = (
        N_("Gate or key part"),
        N_("Share met"),
        N_("Share required"),
        N_("After it"),
        N_("How certain"),
    )
    parts = surest_rows(permit.loss.parts).head(MOST_ROWS)
    gates = lay_out(
        names, Text(""), asked, [_part(row, names) for _, row in parts.iterrows()], named=True
    )
    together = Section(names.translate(N_("Gates and key parts, all cameras together")), [gates])
    return [cameras, together]


def _loss(row: pd.Series, result: CheckResult, permit: Permit, names: Names) -> tuple[Any, ...]:
    ground = permit.ground.get(row["camera_id"])
    before, after = (_quality(row[f"class_{when}"], result, names) for when in ("before", "after"))
    return (
        names.cameras.get(row["camera_id"], row["camera_id"]),
        names.parts.get(row["part_id"], row["part_id"]),
        f"{row['samples_lost']} / {row['samples_met']}",
        share(float(row["share_lost"])),
        f"{before} → {after}",
        None if ground is None else f"{number(ground.lost_m2)} m²",
        HOLDS[row["holds"]],
    )


def _part(row: pd.Series, names: Names) -> tuple[Any, ...]:
    falls = Cell(names.translate(N_("no longer covered")), tone="falls")
    return (
        names.parts.get(row["part_id"], row["part_id"]),
        f"{share(row['share_before'])} → {share(row['share_after'])}",
        share(row["required"]),
        falls if row["falls"] else N_("as before"),
        HOLDS[row["holds"]],
    )


def _views(result: CheckResult, permit: Permit, names: Names) -> list[Section]:
    """Tell what each camera loses of its view, in the surest reading in which it does."""
    table = permit.outlook
    hurt = table[table["lost_m2"].add(table["lower_m2"]).gt(0.0)]
    order = hurt["reading"].map(READINGS.index).sort_values(kind="stable").index
    keys = ["camera_id", "ground", "quality"]
    rows = hurt.loc[order].drop_duplicates(keys).sort_values(keys).head(MOST_ROWS)
    if rows.empty:
        return []
    headings = (
        N_("Camera"),
        N_("Ground"),
        N_("Quality"),
        N_("Seen before [m²]"),
        N_("Ground lost [m²]"),
        N_("Seen in a lower class [m²]"),
        N_("How certain"),
    )
    told = [
        (
            names.cameras.get(row["camera_id"], row["camera_id"]),
            GROUND_LABELS[row["ground"]],
            _quality(row["quality"], result, names) if row["quality"] else N_("below all classes"),
            *(number(row[name]) for name in ("seen_m2", "lost_m2", "lower_m2")),
            HOLDS[row["holds"]],
        )
        for _, row in rows.iterrows()
    ]
    title = names.translate(N_("All that the cameras see, asked for or not"))
    return [Section(title, [lay_out(names, Text(""), headings, told, (3, 4, 5), named=True)])]


def _quality(name: str, result: CheckResult, names: Names) -> str:
    for pack in result.rules.packs:
        if name in pack.profiles:
            return pick(dict(pack.profiles[name].label), names.language)
    return names.translate(N_("nothing"))


def limits_of(permit: Permit) -> pd.DataFrame:
    """Return one row a reading: greatest height, smallest move, first year of a tree.

    A height without a limit is infinite; what there is none of is NaN or None.
    """
    rows = []
    for reading in READINGS:
        offset, first = permit.offsets[reading], permit.first_year(reading)
        rows.append(
            {
                "reading": reading,
                "greatest_height_m": permit.heights[reading],
                "offset_m": np.nan if offset is None else offset.distance_m,
                "offset_deg": np.nan if offset is None else offset.direction_deg,
                "first_year": None if first is None else first[0],
                "season": None if first is None else first[1],
            }
        )
    return pd.DataFrame(rows)
