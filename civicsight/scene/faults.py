"""Faults of scenes: by code, what was expected and how to mend it."""

from __future__ import annotations

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

declare(
    {
        "scene.height": (
            "a height from 0 up, in metres",
            "Correct the height, or leave it out and mark it as assumed.",
        ),
        "scene.place": (
            "coordinates of at most %(most)s m",
            "Check the coordinates, and the CRS they are in.",
        ),
        "scene.shape:area": ("a polygon with an area", "Repair or remove the feature."),
        "scene.shape:line": ("a line or a polygon", "Repair or remove the feature."),
    }
)
