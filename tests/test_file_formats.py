"""The table of formats: each is known by its content, and everything goes by the one table."""

from __future__ import annotations

import io
import zipfile

import pytest

from civicsight.io.apart import fence
from civicsight.io.catalogue.messages import is_catalogue
from civicsight.io.citymodels.reader import is_citymodel
from civicsight.io.file_formats import FORMATS, INSTEAD, recognise, sniff
from civicsight.io.format import HOLDS
from civicsight.io.formats_page import NAMES, page
from civicsight.io.project import PARTS
from civicsight.io.tables.source import BOOK_NAMES, BOOKS, TEXT_NAMES, is_table
from tests.conftest import ROOT


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def packed_as_spreadsheet() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return out.getvalue()


SQLITE = b"SQLite format 3\x00" + bytes(52)
XML = b'<?xml version="1.0"?>\n<!-- made by hand -->\n'

SAMPLES: dict[str, bytes] = {
    "GPKG": SQLITE + b"GPKG",
    "ESRI Shapefile": b"\x00\x00\x27\x0a" + bytes(96),
    "FlatGeobuf": b"fgb\x03fgb\x01",
    "Parquet": b"PAR1",
    "PMTiles": b"PMTiles\x03",
    "OSM": XML + b'<osm version="0.6"/>',
    "catalogue": XML + b"<Response>\n<CmdType>Catalog</CmdType></Response>",
    "CityJSON": b'{"type": "CityJSON"}',
    "CityGML": XML + b'<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" '
    b'xmlns:gml="http://www.opengis.net/gml"/>',
    "VRT": b"<OGRVRTDataSource/>",
    "WFS": b"<OGRWFSDataSource/>",
    "WMS": b"<GDAL_WMS/>",
    "OGC API": b"<OGROAPIFDataSource/>",
    "CSW": b"<OGRCSWDataSource/>",
    "HTML": b"<html><body><table><tr><td>camera_id</td></tr></table></body></html>",
    "MHTML": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n",
    "typed": XML + b'<!DOCTYPE r [<!ENTITY x "y">]><r/>',
    "KML": XML + b'<kml xmlns="http://www.opengis.net/kml/2.2"/>',
    "GPX": XML + b'<gpx version="1.1"/>',
    "GML": XML + b'<wfs:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2"/>',
    "SpreadsheetML": XML + b'<?mso-application progid="Excel.Sheet"?><Workbook/>',
    "DXF": b"999\r\nmade by hand\r\n  0\r\nSECTION\r\n  2\r\nHEADER\r\n",
    "DXF binary": b"AutoCAD Binary DXF\r\n\x1a\x00",
    "DWG": b"AC1027\x00\x00",
    "DGN": b"\x08\x09\xfe\x02",
    "MIF": b'Version 300\nCharset "Neutral"\nColumns 1\n  name Char(9)\nData\n',
    "TAB": b"!table\n!version 300\n",
    "MBTiles": SQLITE + b"MPBX",
    "SQLite": SQLITE + bytes(32),
    "IFC": b"ISO-10303-21;\nHEADER;\n",
    "3D Tiles": b'{"asset": {"version": "1.1"}, "geometricError": 500, "root": {}}',
    "GeoJSON": b'{"type": "FeatureCollection", "features": []}',
    "GTiff": b"II*\x00",
    "AAIGrid": b"ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2 3 4\n",
    "LAS": b"LASF\x00\x00",
    "ODS": packed_as_spreadsheet(),
    "picture": b"\x89PNG\r\n",
    "XLSX": packed("xl/workbook.xml"),
    "XLS": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "KMZ": packed("doc.kml", "icons/1.png"),
    "ZIP": packed("a.shp", "a.dbf"),
    "archive": b"Rar!\x1a\x07",
    "text": b"camera_id,lon,lat\n1,115.9,28.7\n",
}
"""The least content by which each format is known; two are known otherwise, see below."""

NAMED = ("a.csv", "a.geojson", "a.xls", "a")


def test_every_format_has_a_sample_and_stands_once():
    names = [entry.name for entry in FORMATS]
    assert len(names) == len(set(names))
    assert set(names) == {*SAMPLES, "SRTMHGT", "FileGDB"}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_content_decides_whatever_the_name_is(tmp_path, name):
    for called in NAMED:
        (tmp_path / called).write_bytes(SAMPLES[name])
        assert sniff(tmp_path / called) == name


def test_a_folder_is_known_by_what_is_in_it(tmp_path):
    (tmp_path / "a.gdb").mkdir()
    assert recognise(tmp_path / "a.gdb") is None
    (tmp_path / "a.gdb" / "a00000001.gdbtable").write_bytes(b"\x03")
    assert sniff(tmp_path / "a.gdb") == "FileGDB"


def test_a_tile_of_heights_is_known_by_its_name_alone(tmp_path):
    for first in (b"\x1e\x00", b"\x0d\x20", b"\x00\x00"):  # 7680 m begins as a sequence of JSON
        (tmp_path / "N28E086.hgt").write_bytes(first * 8)
        assert sniff(tmp_path / "N28E086.hgt") == "SRTMHGT"


def test_xml_in_utf_16_is_known_as_well(tmp_path):
    for name in ("KML", "GPX", "GML", "catalogue"):
        (tmp_path / "a.xml").write_bytes(SAMPLES[name].decode("ascii").encode("utf-16"))
        assert sniff(tmp_path / "a.xml") == name


def test_a_page_in_a_description_is_no_document_type(tmp_path):
    text = b"<kml><Placemark><description><![CDATA[<!DOCTYPE html><html>]]></description>"
    (tmp_path / "a.kml").write_bytes(XML + text)
    assert sniff(tmp_path / "a.kml") == "KML"


def test_what_the_rooms_ask_is_what_the_table_says(tmp_path):
    for name, content in SAMPLES.items():
        file = tmp_path / "a"
        file.write_bytes(content)
        assert is_catalogue(file) == (name == "catalogue"), name
        assert is_citymodel(file) == (name in {"CityJSON", "CityGML"}), name
        assert (sniff(file) in BOOKS) == (name in {"XLSX", "XLS", "ODS"}), name
        assert is_table(file) == (name in {"XLSX", "XLS", "ODS", "text"}), name


def test_what_is_read_says_by_whom_and_what_it_holds_and_all_give_advice():
    for entry in FORMATS:
        assert bool(entry.reader) == bool(entry.holds), entry.name
        assert set(entry.holds) <= HOLDS.keys() == INSTEAD.keys()
        assert str(entry.advice).endswith("."), entry.name
        assert all(end.startswith(".") and end == end.lower() for end in entry.parts)


def test_gdal_may_open_what_the_table_names_and_nothing_else():
    named = {name for entry in FORMATS for name in entry.drivers}
    assert named | {"MEM", "Memory"} == fence.ALLOWED
    assert {"LIBKML", "GPX", "GML", "DXF", "MapInfo File", "OpenFileGDB", "PMTiles"} <= named
    skipped = set(fence.environment()[fence.SKIP].split(","))
    assert {"VRT", "OGR_VRT", "SQLite", "GPKG", "MBTiles", "KML", "HTTP", "WFS"} <= skipped


@pytest.mark.parametrize("language", NAMES)
def test_the_page_is_what_the_table_gives(language):
    written = (ROOT / NAMES[language]).read_text(encoding="utf-8")
    assert written == page(language), "run python -m tools.formats_page"
    for entry in FORMATS:
        assert f"| {entry.label} |" in written


def test_what_a_folder_or_a_name_is_taken_for_follows_from_the_table():
    assert {".csv", ".tsv", ".txt", ".tab"} == TEXT_NAMES
    assert {".xls", ".xlsx", ".xlsm", ".et", ".ett", ".ods", ".xlt"} == BOOK_NAMES
    listed = {ending for entry in FORMATS if entry.is_layer for ending in entry.endings}
    assert {".gpkg", ".shp", ".geojson", ".dxf", ".zip"} <= listed
    assert not PARTS & (listed - {".tab"})
    assert not [entry.name for entry in FORMATS if entry.is_layer
                and not entry.endings and entry.name != "FileGDB"]  # fmt: skip
