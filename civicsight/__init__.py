"""What a city's public-safety cameras really see, compared with what the law demands.

    >>> import civicsight as cs

Read a city with `read_city`, ask `check` what is covered, missing and doubled, and hand the result
to `judge` for the verdicts of all rules, or to `write_report` or `plan_map`. Below that,
`build_scene`, `viewshed`, `viewsheds`, `compute_coverage` and `sightlines` answer what is seen from
where. Tables are GeoDataFrames; `civicsight.model` says what their columns mean.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from civicsight.moved import watch

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

_HOME = {
    "Camera": "civicsight.coverage.camera",
    "CheckResult": "civicsight.coverage.result",
    "City": "civicsight.model",
    "build_scene": "civicsight.scene.bodies",
    "check": "civicsight.coverage.check",
    "compute_coverage": "civicsight.coverage.raster",
    "fetch_city": "civicsight.io",
    "judge": "civicsight.planning.compliance",
    "load_packs": "civicsight.io.packs",
    "plan_map": "civicsight.maps",
    "read_cameras": "civicsight.io",
    "read_city": "civicsight.io",
    "sightlines": "civicsight.coverage.viewshed",
    "viewshed": "civicsight.coverage.viewshed",
    "viewsheds": "civicsight.coverage.viewsheds",
    "write_report": "civicsight.report",
}
"""Where each public name lives; it is imported when it is first asked for, so that a command that
needs no compiler does not wait for one."""

watch()

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


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOME:
        msg = f"module 'civicsight' has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
