"""Exchanged files that lead elsewhere, grow or are none of what is read."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from civicsight.application import intake
from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core.errors import CivicsightError, InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.reader_registry import TABLE_READERS
from civicsight.io.source_options import Declared
from tests import exchange_made as made
from tests.result_town import TOWN_CRS, make_city
from tests.test_city_vector_hostile import recorder

__all__ = ["recorder"]

CANARY = "canary-of-another-file"
IN_OPEN, IN_NONBLOCK = 0x20, os.O_NONBLOCK

POINT = "<Point><coordinates>115.87,28.66</coordinates></Point>"
GML = ('<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:a="http://a" '
       'xmlns:xlink="http://www.w3.org/1999/xlink" '
       'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://a %s">'
       "<gml:featureMember><a:camera><a:name>x</a:name><a:link xlink:href='%s'/>"
       "<a:geometry><gml:Point srsName='%s'><gml:pos>28.66 115.87</gml:pos></gml:Point>"
       "</a:geometry></a:camera></gml:featureMember></gml:FeatureCollection>")  # fmt: skip


def leading(to: str) -> dict[str, str]:
    """Return files by name whose content names another file or an address wherever it can."""
    link = f"<Link><href>{to}</href></Link>"
    mark = (f"<Style id='s'><IconStyle><Icon><href>{to}</href></Icon></IconStyle></Style>"
            f"<Placemark><styleUrl>{to}#s</styleUrl><name>x</name><ExtendedData>"
            f"<SchemaData schemaUrl='{to}#a'><SimpleData name='y'>1</SimpleData></SchemaData>"
            f"</ExtendedData>{POINT}</Placemark>"
            f"<NetworkLink>{link}</NetworkLink><GroundOverlay><Icon><href>{to}</href></Icon>"
            "</GroundOverlay><Placemark><Model><Link><href>"
            f"{to}</href></Link></Model></Placemark>")  # fmt: skip
    reference = made.groups(
        (0, "BLOCK"), (2, "X"), (70, 4), (1, to), (10, 0), (20, 0), (0, "ENDBLK")
    )
    image = made.groups((0, "IMAGE"), (8, 0), (340, "AA"), (10, 0), (20, 0))
    insert = made.groups((0, "INSERT"), (2, "X"), (8, 0), (10, 1), (20, 1))
    drawing = made.dxf([made.block(0), insert, image])
    drawing = drawing.replace("ENDBLK\n", f"ENDBLK\n{reference}", 1)
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{to}</SrcDataSource>"
    return {
        "a.kml": made.kml(mark),
        "a.gml": GML % (to, to, to),
        "b.gml": GML % (to, to, f"file://{to}"),
        "a.gpx": made.gpx(made.CAMERAS).replace("</wpt>", f"<link href='{to}'/></wpt>"),
        "a.dxf": drawing,
        "vrt.kml": made.kml(f"<!-- {vrt}</OGRVRTLayer></OGRVRTDataSource> -->{mark}"),
        "a.tab": f'!table\n!version 300\nDefinition Table\n  File "{to}"\n  Type NATIVE\n',
        "view.tab": f'!table\nOpen Table "{to}" Hide\nCreate View v\n',
    }


@pytest.fixture
def opened(tmp_path) -> Iterator[tuple[Path, Callable[[], int]]]:
    """Yield a file that nobody may open, and a count of how often it was, by the kernel."""
    secret = tmp_path / "secret"
    secret.mkdir()
    file = secret / "other.kml"
    file.write_text(made.kml(f"<Placemark><name>{CANARY}</name>{POINT}</Placemark>"), "utf-8")
    kernel = ctypes.CDLL(None, use_errno=True)
    watch = kernel.inotify_init1(IN_NONBLOCK)
    kernel.inotify_add_watch(watch, os.fsencode(secret), IN_OPEN)
    times = 0

    def count() -> int:
        nonlocal times
        try:
            events = os.read(watch, 1 << 16)
        except BlockingIOError:
            return times
        at = 0
        while at < len(events):
            at += 16 + struct.unpack_from("iIII", events, at)[3]
            times += 1
        return times

    yield file, count
    os.close(watch)


def tried(read: Callable[..., object], path: Path) -> str:
    """Return what came of a file, as text."""
    try:
        return str(
            read(path, declared=Declared(crs=TOWN_CRS) if path.suffix == ".dxf" else Declared())
        )
    except InputError as error:
        return str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts on Linux")
class TestLeadingElsewhere:
    def test_the_count_counts(self, opened):
        file, count = opened
        assert count() == 0
        file.read_text("utf-8")
        assert count() == 1

    @pytest.mark.parametrize("name", leading(""))
    def test_no_other_file_is_opened_and_nothing_asked(self, name, opened, recorder, tmp_path):
        """Not by a reading process, and not by the readers themselves in this one."""
        secret, count = opened
        address, asked = recorder
        for number, to in enumerate((str(secret), f"{address}/a.kml", "secret/other.kml")):
            folder = tmp_path / f"given{number}"
            folder.mkdir()
            path = folder / name
            path.write_text(leading(to)[name], encoding="utf-8")
            with zipfile.ZipFile(folder / "a.zip", "w") as out:
                out.write(path, name)
            here = TABLE_READERS["cameras"]
            told = tried(here, path) + tried(here, folder / "a.zip")
            if number == 0:
                told += tried(lambda file, **asked: read_apart("cameras", file, **asked), path)
            assert CANARY not in told
        assert count() == 0
        assert asked == []


LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE r [<!ENTITY e0 "ha">{LAUGHS}]>'


@pytest.mark.parametrize("name", ["a.kml", "a.gml", "a.gpx"])
def test_entities_are_refused_before_they_grow(name, tmp_path):
    whole = leading("x")[name]
    for place in ("<kml", "<gml:FeatureCollection", "<gpx"):
        whole = whole.replace(place, BOMB + place, 1)
    (tmp_path / name).write_text(whole.replace(">x<", ">&e9;<"), encoding="utf-8")
    with pytest.raises(InputError, match="DOCTYPE"):
        TABLE_READERS["cameras"](tmp_path / name)


def nested(count: int) -> str:
    inner = "<MultiGeometry>" * count + POINT + "</MultiGeometry>" * count
    return made.kml(f"<Placemark><name>x</name>{inner}</Placemark>")


def test_what_is_nested_without_end_is_refused(tmp_path):
    for count, code in ((20, "wkb.depth"), (100_000, "xml.depth")):
        path = made.text("a.kml", nested(count))(tmp_path)
        with pytest.raises(InputError) as caught:
            TABLE_READERS["cameras"](path)
        assert caught.value.faults[0].code == code


def test_a_kmz_that_expands_beyond_reason_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.kmz", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("doc.kml", made.kml(" " * (60 << 20)))
    with pytest.raises(InputError, match=r"archive\.expands"):
        TABLE_READERS["cameras"](tmp_path / "a.kmz")


def test_blocks_are_not_repeated_without_end(tmp_path):
    many = made.block(0).replace(" 66\n1\n", " 66\n1\n 70\n32767\n 71\n32767\n")
    path = made.text("a.dxf", made.dxf([many]), "gb18030")(tmp_path)
    with pytest.raises(InputError, match=r"file\.too_large"):
        TABLE_READERS["cameras"](path, declared=Declared(crs=TOWN_CRS))


def geotiff(folder: Path) -> Path:
    profile = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "float32",
               "crs": "EPSG:4548",
               "transform": Affine(10, 0, made.X0, 0, -10, made.Y0)}  # fmt: skip
    with rasterio.open(folder / "dem.tif", "w", **profile) as out:
        out.write(np.full((1, 4, 4), 30, "float32"))
    return folder / "dem.tif"


def mbtiles(folder: Path) -> Path:
    (folder / "a.mbtiles").write_bytes(b"SQLite format 3\0" + bytes(52) + b"MPBX")
    return folder / "a.mbtiles"


TILESET = json.dumps({"asset": {"version": "1.0"}, "geometricError": 1, "root": {}})
PAGE = "<html><body><table><tr><td>camera_id</td><td>lon</td></tr></table></body></html>"
BARE_MIF = made.text(
    "cameras.csv", 'Version 300\nCharset "Neutral"\nColumns 1\n  a Char(9)\nData\n'
)
BARE_DXF = made.text("cameras.csv", made.dxf(made.DRAWING), "gb18030")

WRONG: dict[str, tuple[made.Make, str, str]] = {
    "DWG": (made.text("a.dwg", "AC1032\0\0\0\0"), "DWG", "DXF in text form"),
    "IFC": (made.text("a.csv", "ISO-10303-21;\nHEADER;\n"), "IFC", "Export the footprints"),
    "list of 3D Tiles": (made.text("tileset.json", TILESET), "3D Tiles", "Export the footprints"),
    "tile of 3D Tiles": (made.text("a.b3dm", "b3dm\1\0\0\0"), "3D Tiles", "Export the footprints"),
    "page named .xls": (made.text("a.xls", PAGE), "HTML", "save it as XLSX"),
    "page named .csv": (made.text("a.csv", PAGE), "HTML", "save it as XLSX"),
    "MIF named .csv": (BARE_MIF, ".mid", "Give .mif and .mid together"),
    "DXF named .csv": (BARE_DXF, "390", "--source-crs"),
    "raster": (geotiff, "GeoTIFF", "--dem, --dsm or --canopy"),
    "MBTiles": (mbtiles, "MBTiles", "pmtiles convert"),
    "KML of links": (made.text("a.kml", made.kml("<NetworkLink/>")), "NetworkLink", "as KMZ"),
}  # fmt: skip


EVERY = {**made.HOUSES_IN, **{f"cameras, {n}": make for n, make in made.CAMERAS_IN.items()}}


def damaged(whole: bytes, rng: np.random.Generator) -> bytes:
    """Return a file cut off, with other bytes, or with a piece taken out or put in twice."""
    at, size = int(rng.integers(len(whole))), int(rng.integers(1, 300))
    content = bytearray(whole)
    for place in rng.integers(len(whole), size=int(rng.integers(1, 30))).tolist():
        content[place] = int(rng.integers(256))
    return (whole[:at], bytes(content), whole[:at] + whole[at + size :],
            whole[:at] + whole[:size] + whole[at:])[int(rng.integers(4))]  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_what_is_damaged_is_a_result_or_a_refusal(name, tmp_path, rng):
    path = EVERY[name](tmp_path)
    whole = path.read_bytes()
    declared = Declared(crs=TOWN_CRS) if path.suffix == ".dxf" else Declared()
    kind = "cameras" if name.startswith("cameras") else "buildings"
    for _ in range(20):
        path.write_bytes(damaged(whole, rng))
        with contextlib.suppress(CivicsightError):
            TABLE_READERS[kind](path, declared=declared, keep_good=True)


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", ["cameras", "buildings"])
def test_what_is_not_read_is_refused_with_its_remedy(name, kind, tmp_path, capsys):
    make, found, remedy = WRONG[name]
    path = make(tmp_path)
    words = ["import", str(path), "--as", kind, "--out", str(tmp_path / "o.gpkg"), "--lang", "en"]
    assert run(words) == BAD_INPUT
    told = " ".join(capsys.readouterr().err.split())
    assert found in told
    assert remedy in told
    with pytest.raises(InputError) as caught:
        intake.take_in(make_city("x"), path, kind=kind)
    assert remedy in str(caught.value)
