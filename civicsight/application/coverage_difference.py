"""What two versions of a plan let cameras see, for the map that a line parts between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from civicsight.application.today import read_side
from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.plan import planned_city
from civicsight.store import Actor

if TYPE_CHECKING:
    from civicsight.coverage.raster import CoverageRaster
    from civicsight.editing.project import Project
    from civicsight.model import City
    from civicsight.store import Version


def see_version(
    project: Project,
    actor: Actor,
    plan_id: str,
    number: int,
    progress: Callable[[int, int], None] | None = None,
) -> CoverageRaster | None:
    """Compute what the cameras of a version see on the ground, in the assumed reading.

    Parameters
    ----------
    project, actor, plan_id, number
        Which version, and who asks.
    progress
        Called with heads done and heads in all.

    Returns
    -------
    CoverageRaster or None
        None if the version keeps no cameras, or if somebody may not see those of all districts.

    Raises
    ------
    Denied
        If the plan is not open to him.
    """
    from civicsight.coverage.check import MAP_READING, build_scenes, place_and_read
    from civicsight.coverage.jobs import fitting_cell_m
    from civicsight.coverage.raster import compute_coverage

    version = read_side(project, actor, plan_id, number)
    city = city_of(project, version)
    if city is None or actor.role.is_bound:
        return None
    _, heads = place_and_read(city, city.cameras, project.result.rules)
    mapped = heads[heads["reading"].eq(MAP_READING)]
    scene = build_scenes(city)[MAP_READING]
    cell_m = fitting_cell_m(mapped)
    return compute_coverage(mapped, scene, cell_m=cell_m, progress=progress)


def city_of(project: Project, version: Version) -> City | None:
    """Return the city as a version leaves it, None if the version keeps no cameras."""
    if (plan := find_plan(version.documents)) is not None:
        return planned_city(project.result, plan.measures, plan.cameras)
    if "cameras" not in version.layers:
        return None
    known = {field.name for field in fields(project.city)}
    return replace(project.city, **{n: t for n, t in version.layers.items() if n in known})
