"""What a city's public-safety cameras really see, compared with what the law demands.

    >>> import civicsight as cs

Read a city with `read_city`, ask `check` what is covered, missing and doubled, and hand the result
to `judge` for the verdicts of all rules, or to `write_report` or `plan_map`. Below that,
`build_scene`, `viewshed`, `viewsheds`, `compute_coverage` and `sightlines` answer what is seen from
where. Tables are GeoDataFrames; `civicsight.model` says what their columns mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicsight.core.door import opened

if TYPE_CHECKING:
    from civicsight.coverage.camera import Camera
    from civicsight.coverage.check import check
    from civicsight.coverage.raster import compute_coverage
    from civicsight.coverage.result import CheckResult
    from civicsight.coverage.viewshed import sightlines, viewshed
    from civicsight.coverage.viewsheds import viewsheds
    from civicsight.io import fetch_city, read_cameras, read_city
    from civicsight.io.packs import load_packs
    from civicsight.maps import plan_map
    from civicsight.model import City
    from civicsight.planning.compliance import judge
    from civicsight.report import write_report
    from civicsight.scene.bodies import build_scene

__version__: str

__all__ = [
    "Camera",
    "CheckResult",
    "City",
    "build_scene",
    "check",
    "compute_coverage",
    "fetch_city",
    "judge",
    "load_packs",
    "plan_map",
    "read_cameras",
    "read_city",
    "sightlines",
    "viewshed",
    "viewsheds",
    "write_report",
]

__getattr__, __dir__ = opened(
    __name__,
    {
        "civicsight.core.release": ("__version__",),
        "civicsight.coverage.camera": ("Camera",),
        "civicsight.coverage.check": ("check",),
        "civicsight.coverage.raster": ("compute_coverage",),
        "civicsight.coverage.result": ("CheckResult",),
        "civicsight.coverage.viewshed": ("sightlines", "viewshed"),
        "civicsight.coverage.viewsheds": ("viewsheds",),
        "civicsight.io": ("fetch_city", "read_cameras", "read_city"),
        "civicsight.io.packs": ("load_packs",),
        "civicsight.maps": ("plan_map",),
        "civicsight.model": ("City",),
        "civicsight.planning.compliance": ("judge",),
        "civicsight.report": ("write_report",),
        "civicsight.scene.bodies": ("build_scene",),
    },
)
