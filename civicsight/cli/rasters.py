"""Coverage without any law: heads, scene, rasters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from civicsight.core.errors import N_
from civicsight.model import READINGS, City

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.raster import CoverageRaster
    from civicsight.rules import Rules


def compute(
    session: Session, city: City, cameras: Any, rules: Rules, reading: str, cell_m: float | None
) -> CoverageRaster:
    """Compute what the cameras of a city see in one reading, as far as the ladder of rules asks."""
    from civicsight.coverage.check import build_scenes, place_and_read
    from civicsight.coverage.jobs import fitting_cell_m
    from civicsight.coverage.raster import compute_coverage
    from civicsight.scene.nearness import require_settled

    if reading not in READINGS:
        raise typer.BadParameter(", ".join(READINGS), param_hint="--reading")
    require_settled(city, cameras)
    _, heads = place_and_read(city, city.cameras if cameras is None else cameras, rules)
    scene = build_scenes(city)[reading]
    with session.step(N_("Computing what the cameras see")) as tick:
        chosen = heads[heads["reading"] == reading]
        size = fitting_cell_m(chosen) if cell_m is None else cell_m
        return compute_coverage(chosen, scene, cell_m=size, progress=tick)


def write(session: Session, city: City, raster: CoverageRaster, out: Path) -> list[Path]:
    """Write the rasters; none if no camera sees anything."""
    from civicsight.report.check_files import RASTERS
    from civicsight.report.geotiff import write_geotiff
    from civicsight.report.licence import city_notice

    if next(raster.blocks(), None) is None:
        session.print(N_("No camera looks anywhere in this reading, so there is no raster."))
        return []
    files = []
    with session.step(N_("Writing")):
        for name, kind in RASTERS.items():
            write_geotiff(out / name, raster, kind, tags=city_notice(city))
            files.append(out / name)
    return files
