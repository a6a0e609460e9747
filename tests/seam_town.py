"""A town across the seam of two map zones, for the tests of the Python contract.

It is drawn in metres around a place given by longitude and latitude, true to scale there, and read
through the same door as any other: OSM XML and a CSV inventory.
"""

from __future__ import annotations

import pandas as pd
from pyproj import CRS, Transformer

import civicsight as cs

LATITUDE = 28.68  # Nanchang
SEAM = 115.5  # between the zones around 114 E (EPSG:4547) and 117 E (EPSG:4548)

MAIN = {"entrance": "main"}
WAYS = {
    "school": (
        {"amenity": "school", "name": "West School"},
        [(-12, -20), (-12, 0), (-12, 40), (-12, 80), (-112, 80), (-112, -20)],
        {(-12, 0): MAIN, (-12, 40): MAIN},
    ),
    "hospital": (
        {"amenity": "hospital", "name": "East Hospital"},
        [(12, -20), (112, -20), (112, 80), (12, 80), (12, 60)],
        {(12, 60): MAIN},
    ),
    "hall": (
        {"building": "school", "height": "12"},
        [(-90, 20), (-40, 20), (-40, 60), (-90, 60)],
        {},
    ),
    "ward": (
        {"building": "hospital", "height": "15"},
        [(40, 10), (90, 10), (90, 60), (40, 60)],
        {},
    ),
    "kiosk": ({"building": "kiosk", "height": "3"}, [(-2, -4), (1, -4), (1, 4), (-2, 4)], {}),
    "street": ({"highway": "residential"}, [(0, -90), (0, 150)], {}),
}
"""Tags, corners [m east and north of the middle], tags of corners; the street is on the seam."""

CAMERAS = {
    "east-of-seam": (8, 40, 270.0, "existing"),
    "its-twin": (8, 42, 268.0, "planned"),
    "west-of-seam": (-8, 60, 90.0, "existing"),
    "behind-kiosk": (8, 0, 270.0, "existing"),
    "unknown": (0, 30, "", "existing"),
}
"""Place [m], direction from true north and status: the first four look across the seam."""


def to_degrees(lon):
    local = CRS.from_proj4(f"+proj=aeqd +lat_0={LATITUDE} +lon_0={lon} +ellps=GRS80 +units=m")
    return Transformer.from_crs(local, "EPSG:4326", always_xy=True).transform


def osm_text(lon):
    move, nodes, ways = to_degrees(lon), [], []
    for name, (tags, corners, gates) in WAYS.items():
        refs = []
        for corner in corners:
            east, north = move(*corner)
            nodes.append(
                f'<node id="{len(nodes) + 1}" lon="{east:.9f}" lat="{north:.9f}">'
                f"{tags_text(gates.get(corner, {}))}</node>"
            )
            refs.append(f'<nd ref="{len(nodes)}"/>')
        refs += [] if name == "street" else refs[:1]
        ways.append(f'<way id="{len(ways) + 1}">{"".join(refs)}{tags_text(tags)}</way>')
    return f'<osm version="0.6">{"".join(nodes + ways)}</osm>'


def tags_text(tags):
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def write_inventory(path, lon):
    move = to_degrees(lon)
    rows = [
        (name, *(f"{degrees:.9f}" for degrees in move(x, y)), azimuth, status)
        for name, (x, y, azimuth, status) in CAMERAS.items()
    ]
    frame = pd.DataFrame(rows, columns=["camera_id", "lon", "lat", "azimuth_deg", "status"])
    optics = {"kind": "fixed", "mount": "pole", "height_m": 3.5, "tilt_deg": 5.0, "roll_deg": 0.0}
    optics |= {"hfov_deg": 40.0, "vfov_deg": 24.0, "width_px": 2560, "reach_m": 60.0, "near_m": 0.0}
    frame.assign(**optics, usable="true", owner="government").to_csv(path, index=False)
    return path


def read_town(folder, lon):
    """Write and read the town; return city and inventory."""
    source = folder / f"town-{lon}.osm"
    source.write_text(osm_text(lon), encoding="utf-8")
    city, report = cs.read_city(source, name="Town")
    assert not report.rejected
    inventory = write_inventory(folder / f"cameras-{lon}.csv", lon)
    return city, cs.read_cameras(inventory, crs=city.crs, near=city.extent)[0]
