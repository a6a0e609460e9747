"""A project in which every text that anybody can write tries to run, to fetch, or to be a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import LineString, Point, box

from civicsight.application.workflow import open_session, perform, save
from civicsight.core.settings import present_day
from civicsight.editing.commands import Add, Comment, DrawZone
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.project import Project, open_project
from civicsight.io.project_file import save_city
from civicsight.model import CITY_TABLES, City
from civicsight.store import Actor, Role, answer, give_opinion, open_store, send_back, start_review
from civicsight.store import Answer as Said
from civicsight.store.workflow import submit
from tests.app_town import app_city
from tests.test_check import EPSG

EVIL = "evil.example"
"""Host that every picture, link and formula leads to: nobody may ask it for anything."""

PARTS = (
    f'=HYPERLINK("https://{EVIL}/f","ran")',
    "<script>window.ran='script'</script>",
    "</script></style></textarea></title><script>window.ran='end'</script>",
    f"<img src=https://{EVIL}/i.png onerror=\"window.ran='img'\">",
    "\"'><svg/onload=window.ran='svg'><iframe srcdoc='<script>parent.ran=1</script>'>",
    "`${window.ran='template'}`",
    f"![i](https://{EVIL}/md.png) [l](https://{EVIL}/md) https://{EVIL}/auto www.{EVIL} a@{EVIL}",
    f"<https://{EVIL}/angle> :material/home: :red[red] $x^2$ {{{{7*7}}}} {{% raise %}}",
    "\u202egpj.exe\u202c ]]> --> &lt;b&gt; \\",
)
LABEL = " ".join(PARTS)
"""Every payload in one text; as the first is a formula, the whole is one."""

SHORT = f"=1+<img src=//{EVIL} onerror=window.ran='id'>"
"""For identifiers and names of people, which are shorter."""

FILE = f"=1+<img src=x onerror=window.ran='file'>[l](https:{EVIL}).gpkg"
"""Name of the project's file; a slash cannot be in one."""

DAY = (present_day() - timedelta(20)).isoformat()

KEPT = frozenset({
    ("places", "item"), ("places", "kind"), ("entrances", "kind"), ("barriers", "kind"),
    ("roads", "kind"), ("buildings", "kind"), ("answers", "pack"), ("answers", "rule"),
    ("signs", "camera_id"), ("cameras", "mask_plan"),
})  # fmt: skip
"""Texts that decide what a row is; another value there leaves nothing to look at."""

SHAPES = {
    "Point": Point(12.0, 40.0),
    "LineString": LineString([(12.0, 40.0), (16.0, 40.0)]),
    "Polygon": box(12.0, 40.0, 16.0, 44.0),
    "Any": box(12.0, 40.0, 16.0, 44.0),
    "": None,
}
BLANKS: dict[str, Any] = {"text": "x", "float": 3.0, "int": 1, "bool": False, "object": None}

PEOPLE = {role: Actor(f"{SHORT} {role}", role) for role in Role if role != Role.DISTRICT_PLANNER}


def hostile_city() -> City:
    """Return the town of the app, with `LABEL` in every text of every table."""
    city = app_city()
    tables = {table.name: _hostile(table, getattr(city, table.name)) for table in CITY_TABLES}
    return replace(city, name=LABEL, sources=(LABEL,), **tables)


def hostile_project(folder: Path, cache: Path) -> Path:
    """Write the project and a plan under review in it; return the file."""
    path = save_city(hostile_city(), folder / FILE)
    project = open_project(path, cache)
    planner, reviewer = PEOPLE[Role.PLANNER], PEOPLE[Role.REVIEWER]
    guard = edit_context_of(project).guard
    session = open_session(project, planner, guard)
    ring = ((60.0, 0.0), (70.0, 0.0), (70.0, 9.0))
    for command in (
        Add(f"{SHORT}/new", 30.0, 48.0, 180.0, name=LABEL),
        DrawZone(f"{SHORT}/zone", ring, "8.5", name=LABEL),
        Comment(f"{SHORT}/new", LABEL),
    ):
        session = perform(project, planner, session, command)
    _, session = save(project, planner, session, name=LABEL[:200], note=LABEL, departments=(LABEL,))
    more = Add(f"{SHORT}/more", 31.0, 48.0, 180.0, name=LABEL)
    save(project, planner, perform(project, planner, session, more), note=LABEL)
    with open_store(project.store_path) as store:
        _review(store, project, planner, reviewer)
    return path


def _review(store: Any, project: Project, planner: Actor, reviewer: Actor) -> None:
    """Say `LABEL` in every way that a review has."""
    plan = store.plan(planner, project.plan_id)
    plan = start_review(store, planner, plan.plan_id, base_rev=plan.rev)
    give_opinion(
        store, reviewer, plan.plan_id, digest=plan.digest, department=LABEL, dated_on=DAY,
        text=LABEL, reply="agree",
    )  # fmt: skip
    plan = submit(store, planner, plan.plan_id, base_rev=plan.rev)
    remark = Said("", "", "remark", SHORT, "remark", LABEL, "", DAY, plan.digest)
    answer(store, reviewer, plan.plan_id, remark)
    plan = store.plan(planner, plan.plan_id)
    send_back(store, reviewer, plan.plan_id, base_rev=plan.rev, reason=LABEL)


def _hostile(table: Any, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = frame.copy() if len(frame) else _one_row(table)
    for column in table:
        if column.choices or (table.name, column.name) in KEPT:
            continue
        if column.kind == "text":
            rows[column.name] = LABEL
        elif column.kind == "object":
            rows[column.name] = [dict(tags or {}) | {"note": LABEL, LABEL: LABEL}
                                 for tags in rows[column.name]]  # fmt: skip
    rows.index = [f"{SHORT}/{label}" for label in rows.index]
    return table.complete(rows)


def _one_row(table: Any) -> gpd.GeoDataFrame:
    """Return one row of an empty table, every value that it must have with one."""
    values = {
        column.name: column.choices[0] if column.choices else BLANKS.get(column.kind)
        for column in table
        if column.required or column.choices
    }
    return table.complete(
        gpd.GeoDataFrame([values], index=["one"], geometry=[SHAPES[table.shape]], crs=EPSG)
    )
