"""Bad inputs: vectors."""

from __future__ import annotations

import json
import stat
from functools import partial

from civicsight.io import read_buildings, read_city
from civicsight.io.source_options import Declared
from tests.bad_input import made_layers as made
from tests.bad_input.case import Case, Outcome
from tests.bad_input.made_layers import Make

IMPORT = ("import", "{input}", "--as", "buildings", "--out", "{out}")
CITY = ("import", "{input}", "--as", "city", "--out", "{out}")


def layer(
    number: int,
    title: str,
    make: Make,
    outcome: Outcome = "refused",
    code: str = "",
    says: tuple[str, ...] = (),
    **declared: str,
) -> Case:
    """Return a case of a layer of buildings; `declared` is told through Python and options."""
    call = partial(read_buildings, declared=Declared(**declared))  # type: ignore[arg-type]
    options = tuple(word for name, value in declared.items() for word in (f"--{name}", value))
    return Case(number, title, make, call, IMPORT + options, outcome, code, says)


def elsewhere(number: int, title: str, content: str, name: str, says: str = "") -> Case:
    """Return a case of a file that points to other files or addresses."""
    return layer(number, title, made.pointing(content, name), "refused", "file.format", (says,))


LINK = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}
GDALG = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read SECRET"}
XXE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "SECRET">]>'
    '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">&x;</gml:FeatureCollection>'
)
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "ha">{LAUGHS}]><r>&e9;</r>'
DEEP = '{"type": "GeometryCollection", "geometries": ['

REFERENCES = (
    elsewhere(35, "VRT called GeoJSON", made.VRT, "a.geojson", "VRT"),
    elsewhere(36, "VRT of an address", made.VRT.replace("SECRET", "/vsicurl/http://127.0.0.1:9/a"),
              "a.kml", "VRT"),
    layer(37, "zip with a VRT", made.archive(("a.geojson", made.VRT.encode())), "refused",
          "archive.no_layer", ("houses.zip",)),
    layer(38, "pipeline", made.pointing(json.dumps(GDALG), "a.gdalg.json"), "refused",
          "geojson.collection", ("gdal_streamed_alg",)),
    layer(39, "link to a CRS", made.text(made.collection(crs=LINK)), "refused", "geojson.crs"),
    elsewhere(40, "WFS", "<OGRWFSDataSource><URL>http://127.0.0.1:9</URL></OGRWFSDataSource>",
              "a.xml", "WFS"),
    elsewhere(40, "OGC API", "<OGRWFS3DataSource><URL>http://127.0.0.1:9</URL></OGRWFS3DataSource>",
              "a.geojson", "OGC API"),
    elsewhere(40, "CSW", "<OGRCSWDataSource><URL>http://127.0.0.1:9</URL></OGRCSWDataSource>",
              "a.gpkg", "CSW"),
    elsewhere(41, "KML with a link", '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink>'
              "<Link><href>http://127.0.0.1:9</href></Link></NetworkLink></kml>", "a.kml", "KML"),
    elsewhere(42, "GML with an entity", XXE, "a.gml", "DOCTYPE"),
    elsewhere(43, "XML that multiplies itself", BOMB, "a.kml", "XML"),
    Case(43, "OSM that multiplies itself",
         made.text(BOMB.replace("<r>", '<osm version="0.6">').replace("</r>", "</osm>"), "a.osm"),
         read_city, CITY, "refused", "file.format", ("a.osm",)),
)  # fmt: skip

ARCHIVES = (
    layer(44, "zip bomb", made.archive(made.LAYER, ("more.geojson", bytes(60 << 20))), "refused",
          "archive.expands", ("62914",)),
    layer(45, "path out of the zip", made.archive(made.LAYER, ("../../x.geojson", b"{}")),
          "refused", "archive.path", ("../../x.geojson",)),
    layer(45, "path from the root", made.archive(made.LAYER, (made.entry("/x.geojson"), b"{}")),
          "refused", "archive.path", ("/x.geojson",)),
    layer(45, "backslashes", made.archive(made.LAYER, (made.entry("..\\x.geojson"), b"{}")),
          "refused", "archive.path"),
    layer(45, "link in the zip",
          made.archive(made.LAYER, (made.entry("x.geojson", stat.S_IFLNK | 0o777), b"/etc/passwd")),
          "refused", "archive.link", ("x.geojson",)),
    layer(45, "NUL in a name", made.with_nul, "refused", "archive.path"),
    layer(45, "one name twice", made.twice, "refused", "archive.twice", ("HOUSES.geojson",)),
    layer(45, "name of a device", made.archive(made.LAYER, ("CON.geojson", b"{}")), "refused",
          "archive.path", ("CON.geojson",)),
    layer(46, "zip in a zip", made.archive(made.LAYER, ("more.zip", b"PK\x03\x04" + bytes(40))),
          "refused", "archive.nested", ("more.zip",)),
    layer(46, "locked zip", made.locked, "refused", "archive.encrypted", ("houses.geojson",)),
    layer(46, "zipped Shapefile", made.zipped_shapefile, "read", "", ("houses.zip", "GB18030")),
)  # fmt: skip

SHAPEFILES = (
    layer(47, "Shapefile without .shx", made.shapefile(made.without(".shx")), "refused",
          "shapefile.incomplete", ("houses.shp", ".shx")),
    layer(48, "Shapefile without .dbf", made.shapefile(made.without(".dbf")), "refused",
          "shapefile.incomplete", ("houses.shp", ".dbf")),
    layer(49, "Shapefile without .prj", made.shapefile(made.without(".prj")), "refused",
          "crs.missing", ("houses.shp", ".prj")),
    layer(50, "GBK without .cpg", made.shapefile(made.without(".cpg"), encoding="gbk"), "read", "",
          ("GB18030",)),
    layer(50, "GBK that says Latin", made.shapefile(
        lambda folder: (folder / "houses.cpg").write_text("ISO-8859-1"), encoding="gbk"),
        "refused", "shapefile.encoding", (".cpg", "--encoding")),
    layer(50, "GBK as declared", made.shapefile(
        lambda folder: (folder / "houses.cpg").write_text("ISO-8859-1"), encoding="gbk"),
        "read", "", ("GB18030",), encoding="gbk"),
    layer(50, "accents without .cpg", made.shapefile(
        made.without(".cpg"), ("Müller", "Café"), "latin-1"),
        "refused", "shapefile.encoding", ("--encoding",)),
    layer(51, "fewer records than shapes", made.shapefile(made.cut_record), "refused",
          "shapefile.counts", ("houses.dbf", "1", "2")),
    layer(52, "two fields of one name", made.shapefile(made.name_twice), "refused",
          "shapefile.field_twice", ("houses.dbf", "height")),
)  # fmt: skip

SEQUENCE = [json.dumps(made.feature(made.home(3 * n))) for n in range(2)]
TEXTS = (
    layer(53, "cut off", made.text(made.collection()[:90]), "refused", "geojson.damaged",
          ("line 1", "column")),
    layer(54, "list", made.text("[1, 2]"), "refused", "geojson.collection", ("list",)),
    layer(54, "nothing but braces", made.text("{}"), "refused", "geojson.collection"),
    layer(54, "one feature a line", made.text("\n".join(SEQUENCE)), "read"),
    layer(54, "sequence with separators", made.text("".join(f"\x1e{t}\n" for t in SEQUENCE)),
          "read"),
    layer(54, "broken line", made.text("\n".join([*SEQUENCE, '{"type": '])), "refused",
          "geojson.damaged", ("line 3",)),
    layer(55, "JSON in itself", made.text("[" * 100_000), "refused", "geojson.damaged"),
    layer(55, "collections in each other", made.text(DEEP * 3_000), "refused", "geojson.damaged"),
    layer(55, "some collections in each other", made.shapes(
        json.loads(DEEP * 20 + "]}" * 20)), "rows", "wkb.depth", ("houses.geojson", "3")),
)  # fmt: skip

BINARY = (
    layer(56, "WKB in itself, GeoPackage", made.geopackage(made.with_row(made.nested(100_000))),
          "rows", "wkb.depth", ("houses.gpkg", "3")),
    layer(56, "WKB in itself, Parquet", made.parquet(made.nested(100_000)), "rows", "wkb.depth",
          ("houses.parquet", "3")),
    layer(57, "claims of points, GeoPackage", made.geopackage(made.with_row(made.endless_line())),
          "rows", "wkb.damaged", ("houses.gpkg", "3")),
    layer(57, "claims of points, Parquet", made.parquet(made.endless_line()), "rows",
          "wkb.damaged", ("houses.parquet", "3")),
    layer(58, "curve, GeoPackage", made.geopackage(made.with_row(made.curve())), "rows",
          "wkb.curve", ("CIRCULARSTRING",)),
    layer(58, "curve, Parquet", made.parquet(made.curve()), "rows", "wkb.curve",
          ("CIRCULARSTRING",)),
    layer(59, "half a GeoPackage", made.half(made.geopackage()), "refused", "file.damaged",
          ("houses.gpkg",)),
    layer(59, "hot journal", made.beside(made.geopackage(), "houses.gpkg-journal"), "refused",
          "gpkg.in_use", ("houses.gpkg-journal", "QGIS")),
    layer(59, "write-ahead log", made.beside(made.geopackage(), "houses.gpkg-wal"), "refused",
          "gpkg.in_use", ("houses.gpkg-wal",)),
    layer(59, "view", made.geopackage(made.add_view), "refused", "gpkg.view", ("shown",)),
    layer(59, "trigger", made.geopackage(made.add_trigger), "read", "", ("spy",)),
    layer(60, "junk behind the mark of Parquet", made.raw(b"PAR1" + bytes(99), "a.parquet"),
          "refused", "file.damaged", ("a.parquet",)),
    layer(60, "Parquet without geo", made.plain_parquet, "refused", "parquet.no_geo",
          ("houses.parquet", "geo")),
    layer(61, "GeoPackage called GeoJSON", made.renamed(made.geopackage(), "houses.geojson"),
          "read"),
    layer(61, "GeoPackage called ZIP", made.renamed(made.geopackage(), "a!b.zip"), "read"),
    layer(62, "file that is gone", made.gone, "refused", "file.missing", ("houses.geojson",)),
    layer(63, "two layers", made.geopackage(made.add_layer), "refused", "layer.several",
          ("houses, more",)),
    layer(63, "one of two layers", made.geopackage(made.add_layer), "read", layer="more"),
    layer(63, "no such layer", made.geopackage(made.add_layer), "refused", "layer.missing",
          ("streets", "houses, more"), layer="streets"),
)  # fmt: skip

CASES: tuple[Case, ...] = (*REFERENCES, *ARCHIVES, *SHAPEFILES, *TEXTS, *BINARY)
