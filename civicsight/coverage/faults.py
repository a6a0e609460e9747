"""Faults of views and grids: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

MASK: Final = "POLYGON or MULTIPOLYGON in image coordinates from 0 to 1, as WKT"
DRAW: Final = "Draw one or more closed areas as WKT, such as POLYGON ((0 0, 1 0, 1 0.3, 0 0))."
BELOW: Final = "a least distance below the range of %(reach)s m"
BOTH: Final = "Check both distances."

declare(
    {
        "camera.near": (BELOW, BOTH),
        "camera.value": (BELOW, BOTH),
        "grid.cell_size:bounds": (
            "a number from %(low)s to %(high)s %(unit)s",
            "Choose 0.5 m for streets, up to 10 m for a whole city.",
        ),
        "grid.cell_size:whole": (
            "a size that divides %(whole)s m, so that the cells of all scenes meet",
            "Choose 0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5 or 10 m.",
        ),
        "grid.cells:cameras": (
            "at most %(most)s million cells of all cameras",
            "Choose larger cells, or take fewer places at a time.",
        ),
        "grid.cells:places": (
            "cells of which at most %(most)s million are needed; these would be %(count)s million",
            "Choose larger cells, or take fewer places at a time.",
        ),
        "grid.spread": (
            "an extent of at most %(most)s km2 with cells of %(cell)s m",
            "Look for stray coordinates, take distant places one by one, or choose larger cells.",
        ),
        "grid.target_height": (
            "a number from %(low)s to %(high)s %(unit)s",
            "Give the height of what is looked at, above the ground.",
        ),
        "grid.window": (
            "at least %(least)s m for a camera that reaches %(reach)s m",
            "Choose larger cells, or a shorter reach.",
        ),
        "head.far": (
            "a place within %(limit)s km of the city",
            "Check the coordinates, and the CRS they are in.",
        ),
        "head.near": (BELOW, BOTH),
        "head.wide_lens": (
            "at most %(most)s degrees for a rectilinear lens",
            "Use lens equidistant for a fisheye, cylindrical for a panorama.",
        ),
        "mask.crossing": ("outlines that do not cross", DRAW),
        "mask.empty": ("an area", DRAW),
        "mask.not_wkt": (MASK, DRAW),
        "mask.outside": ("coordinates from 0 to 1", DRAW),
        "mask.shape": (MASK, DRAW),
        "mask.stop": (
            "masks of stops, such as 1: POLYGON (...); 3: POLYGON (...)",
            "Write the number of the stop before its mask, each stop once.",
        ),
        "optics.out_of_bounds": (
            "a number from %(low)s to %(high)s",
            "Correct the record of the camera.",
        ),
        "proposal.shape": (
            "a line or an area; for a tree the area of its crown",
            "Draw the footprint.",
        ),
        "rigs.preset": (
            (
                "at most %(most)s times azimuth/tilt/field of view/dwell, as in 90/12/40/30, some "
                "dwell above 0"
            ),
            "Correct the tour, or leave it out: the camera is then credited by no preset.",
        ),
    }
)
