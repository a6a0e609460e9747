"""Faults of maps: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

EXPORT: Final = "Export it anew."

declare(
    {
        "app.basemap:address": (
            "an address with {z}, {x} and {y}",
            "Write them where the service wants zoom, column and row.",
        ),
        "app.basemap:bits": ("8 bits a band", "Convert it: gdal_translate -ot Byte -scale IN OUT."),
        "app.basemap:entry": (
            "NAME=FILE or NAME=ADDRESS",
            "Give each basemap a name, an equals sign and its place.",
        ),
        "app.basemap:file": ("a file that is there", "Correct the path, or remove the entry."),
        "app.basemap:geotiff": ("a GeoTIFF that can be read", EXPORT),
        "app.basemap:grid": (
            "a grid of tiles after #: %(grids)s",
            "Name the coordinate system of the tile matrix set, or nothing for Web Mercator.",
        ),
        "app.basemap:kind": (
            "GeoTIFF, COG, MBTiles or PMTiles, or an address with {z}, {x} and {y}",
            "Convert the file, for example with GDAL.",
        ),
        "app.basemap:mbtiles": ("an MBTiles file that can be read", EXPORT),
        "app.basemap:outside": (
            "a service in the own network",
            "Pages ask nothing of the internet: name a host of the own network.",
        ),
        "app.basemap:place": (
            "a picture with its place",
            "Georeference it (gdal_translate -a_srs).",
        ),
        "app.basemap:pmtiles": ("a PMTiles file, version 3, that can be read", EXPORT),
        "app.basemap:vector": (
            "tiles as PNG, JPEG or WebP",
            "Export the tiles as pictures: vector tiles are not drawn.",
        ),
        "map.camera": (
            "the id of a camera of the result",
            "The ids are the index of the table of cameras.",
        ),
    }
)
