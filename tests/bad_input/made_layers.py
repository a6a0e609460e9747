"""Layers for the catalogue of bad inputs, each sound but for one thing."""

from __future__ import annotations

import json
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

Make = Callable[[Path], Path]

CORNER = (115.86, 28.68)
SIDE = 1e-4
CRS = 4326
CANARY = "canary-5b1f"
"""Stands in a file that an input points to; no message may ever hold it."""

HOME = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def ring(*corners: tuple[float, float] | list[int], east: float = 0.0) -> list[list[float]]:
    """Return corners, in sides of a house, as longitude and latitude."""
    return [[CORNER[0] + (x + east) * SIDE, CORNER[1] + y * SIDE] for x, y in corners]


def home(east: float = 0.0) -> dict[str, object]:
    """Return the outline of a house as GeoJSON."""
    return {"type": "Polygon", "coordinates": [ring(*HOME, east=east)]}


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"height": 9, **properties}, "geometry": geometry}


def collection(*geometries: object, **members: object) -> str:
    """Return GeoJSON of these shapes behind two sound houses."""
    features = [feature(home()), feature(home(3)), *[feature(shape) for shape in geometries]]
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def text(content: str, name: str = "houses.geojson") -> Make:
    """Return a function that writes this text into a folder."""
    return raw(content.encode(), name)


def raw(content: bytes, name: str) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def shapes(*geometries: object) -> Make:
    """Return a function that writes GeoJSON of two sound houses and these."""
    return text(collection(*geometries))


def pointing(content: str, name: str) -> Make:
    """Return a function that writes a file which points to a secret beside it."""

    def make(folder: Path) -> Path:
        secret = folder / "secret.csv"
        secret.write_text(f"{CANARY},lon,lat\n{CANARY},115.86,28.68\n", encoding="utf-8")
        path = folder / name
        path.write_text(content.replace("SECRET", str(secret)), encoding="utf-8")
        return path

    return make


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>SECRET</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


def table(names: tuple[str, ...] = ("a", "b")) -> gpd.GeoDataFrame:
    """Return two houses with names."""
    outlines = [shapely.Polygon(ring(*HOME, east=3 * n)) for n in range(len(names))]
    return gpd.GeoDataFrame(
        {"height": [9.0] * len(names), "name": list(names)}, geometry=outlines, crs=CRS
    )


def shapefile(
    change: Callable[[Path], object] = lambda _: None,
    names: tuple[str, ...] = ("东楼", "西楼"),
    encoding: str = "utf-8",
) -> Make:
    """Return a function that writes a Shapefile and then changes something in its folder."""

    def make(folder: Path) -> Path:
        path = folder / "houses.shp"
        table(names).to_file(path, driver="ESRI Shapefile", encoding="utf-8")
        if encoding != "utf-8":
            recode(folder / "houses.dbf", encoding)
            (folder / "houses.cpg").write_text(encoding, encoding="ascii")
        change(folder)
        return path

    return make


def recode(path: Path, encoding: str) -> None:
    """Write the text of a table of attributes in another encoding than UTF-8."""
    data = bytearray(path.read_bytes())
    head, length = struct.unpack_from("<HH", data, 8)
    width = length - 1 - data[48]  # behind the mark of deletion and the heights
    for at in range(head + 1 + data[48], len(data) - width, length):
        text = bytes(data[at : at + width]).decode("utf-8").rstrip()
        data[at : at + width] = text.encode(encoding).ljust(width)
    path.write_bytes(bytes(data))


def without(*suffixes: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for suffix in suffixes:
            (folder / f"houses{suffix}").unlink()

    return change


def cut_record(folder: Path) -> None:
    """Take the last record out of the table of attributes."""
    path = folder / "houses.dbf"
    data = bytearray(path.read_bytes())
    records, head, length = struct.unpack_from("<IHH", data, 4)
    data[4:8] = struct.pack("<I", records - 1)
    path.write_bytes(bytes(data[: head + (records - 1) * length]) + b"\x1a")


def name_twice(folder: Path) -> None:
    """Give the second field of the table the name of the first."""
    path = folder / "houses.dbf"
    data = bytearray(path.read_bytes())
    data[64:75] = data[32:43]
    path.write_bytes(bytes(data))


def geopackage(change: Callable[[sqlite3.Connection], object] = lambda _: None) -> Make:
    """Return a function that writes a GeoPackage and then changes something in it."""

    def make(folder: Path) -> Path:
        path = folder / "houses.gpkg"
        table().to_file(path, driver="GPKG", layer="houses", SPATIAL_INDEX="NO")
        with closing(sqlite3.connect(path)) as base:
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                base.execute(f'DROP TRIGGER "{name}"')
            change(base)
            base.commit()
        return path

    return make


def beside(make: Make, name: str, content: bytes = b"x" * 600) -> Make:
    """Return a function that writes another file beside what `make` writes."""

    def both(folder: Path) -> Path:
        path = make(folder)
        (folder / name).write_bytes(content)
        return path

    return both


def half(make: Make) -> Make:
    def cut(folder: Path) -> Path:
        path = make(folder)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        return path

    return cut


def renamed(make: Make, name: str) -> Make:
    def other(folder: Path) -> Path:
        return make(folder).rename(folder / name)

    return other


def with_row(blob: bytes) -> Callable[[sqlite3.Connection], object]:
    """Return a change that adds a geometry to a GeoPackage."""
    head = b"GP\x00\x01" + struct.pack("<i", CRS)
    return lambda base: base.execute("INSERT INTO houses (geom) VALUES (?)", (head + blob,))


def add_view(base: sqlite3.Connection) -> None:
    """Register a view as a layer, and let it be the only one."""
    base.execute("CREATE VIEW shown AS SELECT * FROM houses")
    base.execute("UPDATE gpkg_contents SET table_name = 'shown', identifier = 'shown'")
    base.execute("UPDATE gpkg_geometry_columns SET table_name = 'shown'")


def add_trigger(base: sqlite3.Connection) -> None:
    base.execute("CREATE TRIGGER spy AFTER UPDATE ON houses BEGIN DELETE FROM houses; END")


def add_layer(base: sqlite3.Connection) -> None:
    base.execute("CREATE TABLE more AS SELECT * FROM houses")
    base.execute(
        "INSERT INTO gpkg_contents SELECT 'more', data_type, 'more', '', last_change, min_x, min_y,"
        " max_x, max_y, srs_id FROM gpkg_contents"
    )
    base.execute("INSERT INTO gpkg_geometry_columns VALUES ('more', 'geom', 'POLYGON', 4326, 0, 0)")


def parquet(*blobs: bytes | Callable[[], bytes]) -> Make:
    """Return a function that writes GeoParquet of two houses and these geometries.

    What is large is given as a function, so that it is made for the case alone.
    """

    def make(folder: Path) -> Path:
        import pyarrow as pa
        from pyarrow import parquet as pq

        path = folder / "houses.parquet"
        frame = table()
        given = [blob() if callable(blob) else blob for blob in blobs]
        found = [*shapely.to_wkb(frame.geometry.to_numpy()), *given]
        geo = {
            "version": "1.1.0",
            "primary_column": "geometry",
            "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
        }
        columns = {"height": [9.0] * len(found), "geometry": pa.array(found, pa.large_binary())}
        out = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
        pq.write_table(out, path, use_dictionary=False, compression="zstd")
        return path

    return make


def plain_parquet(folder: Path) -> Path:
    """Write houses as Parquet that does not say what its geometries are."""
    path = folder / "houses.parquet"
    blobs = shapely.to_wkb(table().geometry.to_numpy())
    pd.DataFrame({"height": [9.0, 9.0], "geometry": blobs}).to_parquet(path)
    return path


def nested(depth: int) -> bytes:
    """Return WKB of collections in each other."""
    return struct.pack("<BII", 1, 7, 1) * depth + struct.pack("<BIdd", 1, 1, *CORNER)


def endless_line() -> bytes:
    """Return WKB of a line that claims more points than any machine holds."""
    return struct.pack("<BII", 1, 2, 2**31) + struct.pack("<4d", 0, 0, 1, 1)


def curve() -> bytes:
    """Return WKB of an arc."""
    return struct.pack("<BII", 1, 8, 3) + struct.pack("<6d", 0, 0, 1, 1, 2, 0)


def long_ring() -> bytes:
    """Return WKB of a polygon with more than ten million corners."""
    count = 10_000_001
    xy = np.zeros((count, 2))
    xy[1:-1, 0] = np.arange(1, count - 1) % 2
    return struct.pack("<BIII", 1, 3, 1, count) + xy.tobytes()


def measured() -> bytes:
    """Return WKB of a house with heights and measures."""
    corners = [[*corner, 5.0, 1.0] for corner in ring(*HOME, east=6)]
    flat = [number for corner in corners for number in corner]
    return struct.pack("<BIII", 1, 3003, 1, len(corners)) + struct.pack(f"<{len(flat)}d", *flat)


def archive(*members: tuple[str | zipfile.ZipInfo, bytes]) -> Make:
    """Return a function that packs these members behind a sound layer."""

    def make(folder: Path) -> Path:
        path = folder / "houses.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in members:
                out.writestr(name, content)
        return path

    return make


LAYER = ("houses.geojson", collection().encode())


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    """Return an entry with a name as given and a mode of Unix."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.external_attr = mode << 16
    info.create_system = 3
    return info


def locked(folder: Path) -> Path:
    """Write an archive whose entry is marked as encrypted."""
    path = archive(LAYER)(folder)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    return path


def with_nul(folder: Path) -> Path:
    """Write an archive with a NUL inside of a name."""
    path = archive(LAYER, ("x0y.geojson", b"{}"))(folder)
    path.write_bytes(path.read_bytes().replace(b"x0y.geojson", b"x\x00y.geojson"))
    return path


def twice(folder: Path) -> Path:
    """Write an archive with two members of one name, but for the case of its letters."""
    return archive(LAYER, ("HOUSES.geojson", b"{}"))(folder)


def gone(folder: Path) -> Path:
    """Return a link to a file that has been taken away."""
    path = folder / "houses.geojson"
    path.symlink_to(folder / "moved.geojson")
    return path


def zipped_shapefile(folder: Path) -> Path:
    """Write a Shapefile with GBK text and no .cpg, zipped by an archiver that knows no UTF-8."""
    inside = folder / "inside"
    inside.mkdir()
    shapefile(without(".cpg"), encoding="gbk")(inside)
    path = folder / "houses.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(inside.iterdir()):
            name = f"建筑{file.suffix}".encode("gbk").decode("cp437")
            info = zipfile.ZipInfo(name)
            out.writestr(info, file.read_bytes())
            file.unlink()
    inside.rmdir()
    return path
