"""The made inventory: who watches which gate, and who watches what else.

Each gate is watched properly unless `cases.CASES` says otherwise. Cameras that belong to a case
carry a key, by which the case and the tests name them.
"""

from __future__ import annotations

from district.camera import Camera
from district.draw import Drawing
from district.gate_views import watch_gates, watch_special_gates, watch_twice
from district.private_views import watch_private_places
from district.rigging import Inventory
from district.wide_views import watch_crossings, watch_open_ground, watch_perimeters, watch_streets


def make_inventory(drawing: Drawing) -> list[Camera]:
    """Return all cameras of the district."""
    inventory = Inventory(drawing)
    watch_gates(inventory)
    watch_special_gates(inventory)
    watch_twice(inventory)
    watch_perimeters(inventory)
    watch_open_ground(inventory)
    watch_crossings(inventory)
    watch_streets(inventory)
    watch_private_places(inventory)
    return inventory.cameras
