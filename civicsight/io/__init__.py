"""The outside world in: one gate through which every file becomes declared tables and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicsight.core.door import opened

if TYPE_CHECKING:
    from civicsight.io.apart.public import (
        load_city,
        read_barriers,
        read_buildings,
        read_cameras,
        read_city,
        read_districts,
        read_entrances,
        read_obstacles,
        read_osm,
        read_places,
        read_private_places,
        read_projects,
        read_proposals,
        read_register,
        read_signs,
        read_terrain,
        read_trees,
    )
    from civicsight.io.crs import working_crs
    from civicsight.io.download import fetch_city
    from civicsight.io.osm.features import helsinki_path
    from civicsight.io.project_file import save_city
    from civicsight.io.registers.read import district_of
    from civicsight.io.report import Count, ImportReport, describe_fault, describe_faults

__all__ = [
    "Count",
    "ImportReport",
    "describe_fault",
    "describe_faults",
    "district_of",
    "fetch_city",
    "helsinki_path",
    "load_city",
    "read_barriers",
    "read_buildings",
    "read_cameras",
    "read_city",
    "read_districts",
    "read_entrances",
    "read_obstacles",
    "read_osm",
    "read_places",
    "read_private_places",
    "read_projects",
    "read_proposals",
    "read_register",
    "read_signs",
    "read_terrain",
    "read_trees",
    "save_city",
    "working_crs",
]

__getattr__, __dir__ = opened(
    __name__,
    {
        "civicsight.io.apart.public": (
            "load_city",
            "read_barriers",
            "read_buildings",
            "read_cameras",
            "read_city",
            "read_districts",
            "read_entrances",
            "read_obstacles",
            "read_osm",
            "read_places",
            "read_private_places",
            "read_projects",
            "read_proposals",
            "read_register",
            "read_signs",
            "read_terrain",
            "read_trees",
        ),
        "civicsight.io.crs": ("working_crs",),
        "civicsight.io.download": ("fetch_city",),
        "civicsight.io.osm.features": ("helsinki_path",),
        "civicsight.io.project_file": ("save_city",),
        "civicsight.io.registers.read": ("district_of",),
        "civicsight.io.report": ("Count", "ImportReport", "describe_fault", "describe_faults"),
    },
)
