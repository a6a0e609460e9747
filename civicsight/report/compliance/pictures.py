"""Exhibits that are drawn: the area, overlapping views, private facades, ways in, time lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.maps.shapes import view_wedges
from civicsight.presentation.document import Section, show
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.names import MOST_NAMES, Names
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.drawings import (
    draw_area,
    draw_overlap,
    draw_time_line,
    draw_ways_in,
    strip_of,
)
from civicsight.rules.predicates.places import name_private
from civicsight.rules.vocabulary import word

MOST_STRIPS: Final = 6
MOST_OVERLAPS: Final = 6
MOST_ROWS: Final = 30
"""So many are shown, the worst first; the tables beside the report hold all."""


def territory(account: Account, names: Names, _: object) -> Iterator[Section]:
    """Draw the area of the law and its districts, with the cameras outside of it."""
    dossier = account.dossier
    whole, counties = dossier.areas("jurisdiction"), dossier.areas("district")
    if whole.empty:
        return
    cameras = dossier.tables["camera"].geometry
    inside = cameras.within(whole.union_all())
    label = names.translate(N_("Area and districts: dots are cameras, crosses those outside"))
    areas = gpd.GeoDataFrame(geometry=[*whole.geometry, *counties.geometry], crs=whole.crs)
    city = dossier.city
    figure = draw_area(areas, city.roads.geometry, cameras[inside], cameras[~inside], label)
    rows = []
    for _, row in counties.sort_values("code", kind="stable").iterrows():
        own = [
            int(table.within(row.geometry).sum())
            for table in (cameras, account.result.zones.geometry.representative_point())
        ]
        told = [
            keyed(f"district.{row['code']}.{name}", number(count))
            for name, count in zip(("cameras", "places"), own, strict=True)
        ]
        rows.append([str(row["code"]), str(row["name"] or "–"), *told])
    outside = keyed("cameras.outside", number(int((~inside).sum())))
    rows.append(["–", names.translate(N_("outside of the area")), outside, "–"])
    headings = (N_("Code"), N_("District"), N_("Cameras"), N_("Mandatory places"))
    yield show(names, N_("Area and districts"), headings, rows, [(label, figure)])


def overlaps(account: Account, names: Names, _: object) -> Iterator[Section]:
    """List cameras that add next to nothing, least gain first, with maps of the overlap."""
    found = account.result.duplicates
    found = found[found["kind"].eq("duplicate")].copy()
    if found.empty:
        return
    found["gain"] = [entry.get("gain", 1.0) for entry in found["evidence"]]
    found = found.sort_values(["gain", "subject"], kind="stable").drop_duplicates("subject")
    cameras = account.dossier.tables["camera"]
    decided = account.dossier.city.answers.set_index("subject")["answer"].to_dict()
    rows = []
    for row in found.head(MOST_ROWS).itertuples():
        record = cameras.loc[row.subject]
        rows.append(
            [
                names.cameras.get(row.subject, row.subject),
                share(row.gain),
                names.listed(row.evidence.get("relies_on", ()), most=MOST_NAMES),
                _text(record["owner_unit"]),
                _text(record["justification"]),
                _text(decided.get(row.subject), names),
            ]
        )
    heads = [
        N_("Camera"),
        N_("Adds alone"),
        N_("Who does its work"),
        N_("Owner"),
        N_("Justification"),
        N_("Decision: removed, shared or justified"),
    ]
    wedges = view_wedges(account.result.heads, "sure")
    owner = account.result.heads["camera_id"].reindex(wedges.index)
    figures = []
    for row in found.head(MOST_OVERLAPS).itertuples():
        others = owner.isin(row.evidence.get("relies_on", ()))
        mine = owner.eq(row.subject)
        if not mine.any():
            continue
        label = names.cameras.get(row.subject, row.subject)
        city = account.dossier.city
        ground = (city.buildings.geometry, city.roads.geometry)
        figures.append((label, draw_overlap(wedges[mine], wedges[others], ground, label)))
    note = N_("Dark: the camera; light: those that do its work.")
    yield show(names, N_("Duplicates by gain"), heads, rows, figures, note)


def strips(account: Account, names: Names, _: object) -> Iterator[Section]:
    """Unroll the private facades that are seen most, and say by whom."""
    exposure = account.dossier.exposure
    hits = exposure.hits()
    if hits.empty:
        return
    worst = hits.groupby("building_id")["area_m2"].sum().sort_values(ascending=False, kind="stable")
    buildings = account.dossier.city.buildings.geometry
    private = hits.drop_duplicates("building_id").set_index("building_id")["private_id"]
    called = {
        label: names.translate(name_private(account.dossier, private[label]))
        for label in worst.index
    }
    sure = exposure.hits("sure").set_index(["camera_id", "building_id"])["area_m2"].to_dict()
    shown = hits[hits["building_id"].isin(worst.index[:MOST_STRIPS])]
    shown = shown.sort_values("area_m2", ascending=False, kind="stable").head(MOST_ROWS)
    rows = [
        [
            called[row.building_id],
            names.cameras.get(row.camera_id, row.camera_id),
            number(row.best_px_m),
            *(
                keyed(f"private.{row.camera_id}.{row.building_id}.{name}_m2", number(area, 1))
                for name, area in (
                    ("sure", sure.get((row.camera_id, row.building_id), 0.0)),
                    ("possible", row.area_m2),
                    ("masked", row.masked_m2),
                )
            ),
            number(row.storeys),
        ]
        for row in shown.itertuples()
    ]
    least = exposure.density_px_m
    steps = (least, *(px for px in account.dossier.rules.ladder.px_m if px > least))
    words = {"scale": "10 m", "faces": names.translate(N_("faces"))}
    figures = []
    for label in worst.index[:MOST_STRIPS]:
        strip = strip_of(exposure, str(label), buildings[label], steps)
        figures.append((called[label], strip.draw(called[label], words)))
    headings = [
        N_("Private place"),
        N_("Camera"),
        N_("Finest view [px/m]"),
        N_("Seen for sure [m²]"),
        N_("Seen at most [m²]"),
        N_("With masks [m²]"),
        N_("Storeys"),
    ]
    note = N_(
        "Walls unrolled from left to right, storey above storey. Shaded: what any camera could see "
        "with masks set, the darker the finer (from %(steps)s px/m); dark edge: "
        "only where the record leaves it open; struck through: hidden by a mask; pale: not seen; "
        "blank: no outer wall, another building adjoins.",
        steps=_list_steps(steps, names),
    )
    yield show(names, N_("Private façades in view"), headings, rows, figures, note)


def _list_steps(steps: tuple[float, ...], names: Names) -> str:
    *most, last = (f"{px:g}" for px in steps)
    if not most:
        return last
    listed = names.translate(N_(", ")).join(most)
    return names.translate(N_("%(most)s and %(last)s", most=listed, last=last))


def ways_in(account: Account, names: Names, _: object) -> Iterator[Section]:
    """Count the ways into each view by whether a sign is met there, and draw them."""
    dossier = account.dossier
    if dossier.city.signs.empty or not dossier.signs:
        return
    met = pd.concat(list(dossier.signs.values()))
    table = pd.crosstab(met["camera_id"], met["met"])
    table = table.reindex(columns=["met", "unmet", "undetermined"], fill_value=0)
    table = table.sort_values(["unmet", "undetermined"], ascending=False, kind="stable")
    rows = [
        [
            names.cameras.get(str(label), str(label)),
            *(keyed(f"camera.{label}.ways.{name}", number(row[name])) for name in table.columns),
        ]
        for label, row in table.head(MOST_ROWS).iterrows()
    ]
    ways = dossier.ways_in.assign(met=met["met"].reindex(dossier.ways_in.index))
    label = names.translate(
        N_("Open arrows: a sign is met; full arrows: none, or not known; squares: signs")
    )
    wedges = view_wedges(account.result.heads, "sure")
    city = dossier.city
    figure = draw_ways_in(wedges, city.roads.geometry, ways, city.signs.geometry, label)
    heads = [N_("Camera"), N_("A sign is met"), N_("No sign"), N_("Not known")]
    yield show(names, N_("Ways into the views and signs"), heads, rows, [(label, figure)])


def proposals(account: Account, names: Names, _: object) -> Iterator[Section]:
    """Say of each proposed facility what it takes, and which gates fall."""
    dossier, before = account.dossier, account.figures["parts.covered.before"]
    rows = []
    rule = next(iter(dossier.rules.by_predicate("keeps_coverage")), None)
    if rule is None:
        return
    (check,) = [leaf for leaf in rule.check.predicates() if leaf.name == "keeps_coverage"][:1]
    statuses = tuple(check.values["of"])  # noqa: PD011 - the field of a Check, not of a table
    for subject in dossier.subjects("obstacle"):
        loss = dossier.lost_coverage(subject.label, statuses, 0)
        left = (before.value or 0) - len(loss.dropped)
        rows.append(
            [
                names.subject("obstacle", subject.label),
                f"{before}",
                keyed(f"facility.{subject.label}.covered", number(left)),
                share(loss.shares["sure"]),
                share(loss.shares["possible"]),
                names.listed(loss.cameras, most=MOST_NAMES),
                names.listed([*loss.dropped, *loss.doubtful], most=MOST_NAMES),
            ]
        )
    headings = [
        N_("Facility"),
        N_("Gates and key parts covered before"),
        N_("after"),
        N_("Lost for sure"),
        N_("Lost at most"),
        N_("Cameras"),
        N_("Gates that fall or are in doubt"),
    ]
    yield show(names, N_("Proposed facilities, before and after"), headings, rows)


MILESTONES: Final[dict[str, tuple[str, Text]]] = {
    "main_design_approved_on": ("1", N_("design of the main works approved")),
    "system_design_on": ("A", N_("video system designed")),
    "main_started_on": ("2", N_("main works begun")),
    "system_started_on": ("B", N_("video system begun")),
    "main_completed_on": ("3", N_("main works completed")),
    "system_completed_on": ("C", N_("video system completed")),
    "acceptance_on": ("D", N_("acceptance")),
    "main_in_use_on": ("4", N_("main works in use")),
    "system_in_use_on": ("E", N_("video system in use")),
}
"""Days of a project, with the sign of each in a time line: numbers for works, letters for video."""


def time_lines(account: Account, names: Names, _: object) -> Iterator[Section]:
    """Draw the milestones of each project."""
    rows, lines = [], []
    for subject in account.dossier.subjects("project"):
        days = {name: _day(subject.value(name)) for name in MILESTONES}
        known = {name: day for name, day in days.items() if day is not None}
        name = names.subject("project", subject.label)
        rows.append([name, *(str(days[key] or "–") for key in MILESTONES)])
        if known:
            lines.append((name, known))
    marks = {name: sign for name, (sign, _) in MILESTONES.items()}
    signed = [
        Text("%(sign)s %(what)s", {"sign": k, "what": text}) for k, text in MILESTONES.values()
    ]
    title = N_("Milestones of projects")
    label = names.translate(title)
    figures = [(label, draw_time_line(lines, marks, label))] if lines else []
    yield show(names, title, [N_("Project"), *signed], rows, figures)


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _text(value: Any, names: Names | None = None) -> str:
    if value is None or pd.isna(value) or not str(value):
        return "–"
    return str(value) if names is None else names.translate(word(value))
