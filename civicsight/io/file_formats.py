"""Every format that an office may hand over: how it is known, who reads it, what to do with it.

One table: recognition goes by it, what GDAL may open in a reading process is gathered from it,
refusals take their advice from it, and ``python -m tools.formats_page`` makes the page of the
documentation from it. (`civicsight.model.format_versions` numbers the formats of our own files.)
"""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Final, NoReturn

from civicsight.core.errors import N_, Text, refuse
from civicsight.core.extensions import added
from civicsight.io import signatures as known
from civicsight.io.format import BUILDINGS, CATALOGUE, CITY, LAYER, PACKED, TABLE, TERRAIN, Format
from civicsight.io.signatures import FileHead, begins, packed, rooted
from civicsight.io.vectors.files import refuse_unreadable

INSTEAD: Final[dict[str, Text]] = {
    CITY: N_("It holds a whole city: import it with --as city."),
    LAYER: N_("It holds a layer: import it with --as buildings, cameras or another table."),
    BUILDINGS: N_("It holds a model of buildings: import it with --as buildings."),
    TABLE: N_("It holds a table: import it with --as cameras, places or another table."),
    CATALOGUE: N_("It holds a catalogue: import it with --as catalogue."),
    TERRAIN: N_("It is a raster of heights: give it with --dem, --dsm or --canopy."),
    PACKED: N_("Unpack it yourself, and give the file in it."),
}
"""What to do with a file that holds something else than was asked for."""

MEMORY = N_("2 GB of memory, 15 minutes")
XML_SIZE = N_("512 MB; elements 64 deep; no document type, no entities; links are not followed")
ROWS = N_("a million rows, 2,000 columns, 256 MB")
AS_ZIP = N_("1,000 files, 2 GB unpacked and 100 times its size, no archive in it")
SHEET = N_("200 MB unpacked, 10 million cells, 2,000 columns")
CELLS = N_("100,000 cells along a side")

REFERS = N_("Export the data it points to as GeoPackage; references are never followed.")
TO_GEOPACKAGE = N_("In QGIS: Export, Save Features As, GeoPackage.")
AS_FOOTPRINTS = N_(
    "Export the footprints with a column of heights as GeoPackage, Shapefile or CityJSON."
)
AS_XLSX = N_("Open it in a spreadsheet program and save it as XLSX or CSV UTF-8.")


OWN = "civicsight"
OWN_FORMATS: Final[tuple[Format, ...]] = (
    Format("SRTMHGT", "SRTM (.hgt)", "`N43E007.hgt`", known.is_srtm,
           N_("Download the tile under its own name; it may stay zipped."), "GDAL", (TERRAIN,),
           N_("%(size)s MB of data", size=64), ("SRTMHGT",)),
    Format("GTiff", "GeoTIFF", "`II*`, `MM*`",
           begins(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
           N_("In QGIS: Export, Save As, GeoTIFF, raw data, with its CRS."), "GDAL", (TERRAIN,),
           CELLS, ("GTiff",)),
    Format("AAIGrid", "ASC", "`ncols`, `nrows`", known.is_ascii_grid,
           N_("Give .asc and .prj together in one ZIP file, or declare the CRS with --source-crs."),
           "GDAL", (TERRAIN,), CELLS, ("AAIGrid",)),
    Format("LAS", "LAS, LAZ", "`LASF`", begins(b"LASF"),
           N_("Have ground and buildings classified, and export with the CRS in the file."),
           "laspy", (TERRAIN,), MEMORY),
    Format("GPKG", "GeoPackage", "SQLite, `GP`", known.is_geopackage, TO_GEOPACKAGE,
           f"{OWN}, SQLite", (LAYER, CITY), MEMORY, layered=True, names=(".gpkg",),
           read_layer="civicsight.io.vectors.geopackage:read_geopackage"),
    Format("ESRI Shapefile", "Shapefile", "`00 00 27 0A`", begins(b"\x00\x00\x27\x0a"),
           N_("Export in UTF-8, and give .shp, .shx, .dbf and .prj together or in one ZIP file."),
           "GDAL", (LAYER,), MEMORY, ("ESRI Shapefile",),
           (".shp", ".shx", ".dbf", ".prj", ".cpg"),
           read_layer="civicsight.io.vectors.native:read_shapefile"),
    Format("FlatGeobuf", "FlatGeobuf", "`fgb`", begins(b"fgb\x03fgb"),
           N_("In QGIS: Export, Save Features As, FlatGeobuf."), "GDAL", (LAYER,), MEMORY,
           ("FlatGeobuf",), names=(".fgb",)),
    Format("Parquet", "GeoParquet", "`PAR1`", begins(b"PAR1"),
           N_("Write it with GDAL, DuckDB's spatial extension or geopandas, with its CRS."),
           "pyarrow", (LAYER,), N_("20 million rows, 2,000 columns, 2 GB of memory"),
           names=(".parquet",), read_layer="civicsight.io.vectors.parquet:read_parquet"),
    Format("FileGDB", "FileGDB (.gdb)", f"`{known.CATALOGUE_TABLE}`", known.is_filegdb,
           N_("Give the folder .gdb whole, or the folder in a ZIP file; name the feature class."),
           "GDAL", (LAYER,), MEMORY, ("OpenFileGDB",), layered=True),
    Format("PMTiles", "PMTiles", "`PMTiles`", begins(b"PMTiles\x03"),
           N_("Better give the data from which the tiles were made: tiles cut shapes at their "
              "edges and round places."),
           "GDAL", (LAYER,), MEMORY, ("PMTiles", "MVT"), layered=True, names=(".pmtiles",)),
    Format("OSM", "OpenStreetMap PBF, XML", "`OSMHeader`, `<osm>`", known.is_osm,
           N_("Download an extract, or export it with osmium."), OWN, (CITY,), MEMORY),
    Format("catalogue", "GB/T 28181", "`<CmdType>Catalog`", known.is_catalogue,
           N_("Have the platform record its answer to a catalogue query as XML."), OWN,
           (CATALOGUE,), XML_SIZE),
    Format("CityJSON", "CityJSON, CityJSONSeq", "`CityObjects`", known.is_cityjson,
           N_("Convert CityGML with citygml-tools, or export it from 3DCityDB."), OWN,
           (BUILDINGS,), N_("%(size)s MB of data", size=512)),
    Format("CityGML", "CityGML", "`<CityModel>`", known.is_citygml,
           N_("Export it from 3DCityDB or the modelling program, version 2 or 3."), OWN,
           (BUILDINGS,), XML_SIZE),
    Format("VRT", "GDAL VRT", "`<OGRVRTDataSource>`, `<VRTDataset>`",
           rooted(b"OGRVRTDataSource", b"VRTDataset"), REFERS),
    Format("WFS", "WFS", "`<OGRWFSDataSource>`", rooted(b"OGRWFSDataSource", b"WFS_Capabilities"),
           REFERS),
    Format("WMS", "WMS", "`<GDAL_WMS>`",
           rooted(b"GDAL_WMS", b"WMT_MS_Capabilities", b"WMS_Capabilities"), REFERS),
    Format("OGC API", "OGC API", "`<OGROAPIFDataSource>`",
           rooted(b"OGRWFS3DataSource", b"OGROAPIFDataSource"), REFERS),
    Format("CSW", "CSW", "`<OGRCSWDataSource>`", rooted(b"OGRCSWDataSource"), REFERS),
    Format("MHTML", "MHTML", "`MIME-Version:`", known.is_mhtml, AS_XLSX),
    Format("HTML", "HTML", "`<html>`, `<table>`", known.is_html, AS_XLSX),
    Format("typed", "XML, DOCTYPE", "`<!DOCTYPE`", known.is_typed,
           N_("Remove the DOCTYPE; entities are never expanded.")),
    Format("KML", "KML", "`<kml>`", rooted(b"kml"),
           N_("In Google Earth: Save Place As, KML or KMZ; in QGIS: Save Features As, KML."),
           "GDAL", (LAYER,), XML_SIZE, ("LIBKML",), (".kml",), layered=True),
    Format("GPX", "GPX", "`<gpx>`", rooted(b"gpx"),
           N_("Export waypoints from the device, with the identifier as their name."),
           "GDAL", (LAYER,), XML_SIZE, ("GPX",), (".gpx",), layered=True),
    Format("GML", "GML", "`opengis.net/gml`", known.is_gml,
           N_("In QGIS: Export, Save Features As, GML, with its CRS."), "GDAL", (LAYER,),
           XML_SIZE, ("GML",), (".gml",), layered=True),
    Format("SpreadsheetML", "XML Spreadsheet 2003", "`<Workbook>`", rooted(b"Workbook"), AS_XLSX),
    Format("DXF", "DXF", "`0 SECTION`", known.is_dxf,
           N_("Save as DXF in text form, blocks of buildings exploded; declare the CRS with "
              "--source-crs; --layer takes one layer of the drawing."),
           "GDAL", (LAYER,), MEMORY, ("DXF",), (".dxf",), layered=True,
           read_layer="civicsight.io.vectors.drawing:read_drawing"),
    Format("DXF binary", "DXF (binary)", "`AutoCAD Binary DXF`", begins(b"AutoCAD Binary DXF"),
           N_("Save the drawing as DXF in text form (ASCII).")),
    Format("DWG", "DWG", "`AC10..`", known.is_dwg,
           N_("Save the drawing as DXF in text form (ASCII), and declare its CRS.")),
    Format("DGN", "DGN", "`08 09 FE 02`", begins(b"\x08\x09\xfe\x02", b"\xc8\x09\xfe\x02"),
           N_("Save the drawing as DXF in text form (ASCII), and declare its CRS.")),
    Format("MIF", "MapInfo MIF", "`Version`, `Columns`", known.is_mif,
           N_("Give .mif and .mid together, or in one ZIP file."), "GDAL", (LAYER,), MEMORY,
           ("MapInfo File",), (".mif", ".mid")),
    Format("TAB", "MapInfo TAB", "`!table`", known.is_tab,
           N_("Give .tab, .dat, .map and .id together, or in one ZIP file."), "GDAL", (LAYER,),
           MEMORY, ("MapInfo File",), (".tab", ".dat", ".map", ".id", ".ind")),
    Format("MBTiles", "MBTiles", "SQLite, `MPBX`", known.is_mbtiles,
           N_("Convert it with: pmtiles convert tiles.mbtiles tiles.pmtiles; or better give the "
              "data from which the tiles were made.")),
    Format("SQLite", "SQLite, SpatiaLite", "`SQLite format 3`", begins(known.SQLITE),
           TO_GEOPACKAGE),
    Format("IFC", "IFC", "`ISO-10303-21;`",
           lambda file: file.text.startswith(b"ISO-10303-21") or file.root == b"ifcXML",
           AS_FOOTPRINTS),
    Format("3D Tiles", "3D Tiles, glTF", "`geometricError`, `b3dm`, `glTF` ...", known.is_tileset,
           AS_FOOTPRINTS),
    Format("GeoJSON", "GeoJSON, GeoJSONSeq", "`{`, `[`", known.is_geojson,
           N_("In QGIS: Export, Save Features As, GeoJSON, in WGS 84."), OWN, (LAYER,),
           N_("1 GB, 2,000 properties"),
           names=(".geojson", ".geojsonl", ".geojsons", ".json"),
           read_layer="civicsight.io.vectors.geojson:read_geojson"),
    Format("picture", "JPEG, PNG, PDF", "`FF D8 FF`, `PNG`, `%PDF`",
           begins(b"\xff\xd8\xff", b"\x89PNG", b"%PDF"),
           N_("A picture holds no measures: ask for the data from which it was made.")),
    Format("XLSX", "XLSX", "ZIP, `xl/`", known.is_workbook, AS_XLSX, "openpyxl", (TABLE,),
           SHEET, names=(".xlsx", ".xlsm")),
    Format("XLS", "XLS, ET", "`D0 CF 11 E0`", begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), AS_XLSX,
           "calamine", (TABLE,), SHEET, names=(".xls", ".xlt", ".et", ".ett")),
    Format("ODS", "ODS", "ZIP, `mimetype`", known.is_opendocument, AS_XLSX, "calamine", (TABLE,),
           SHEET, names=(".ods",)),
    Format("KMZ", "KMZ", "ZIP, `.kml`", packed(".kml"),
           N_("In Google Earth: Save Place As, KML or KMZ; in QGIS: Save Features As, KML."),
           "GDAL", (PACKED, LAYER), AS_ZIP, layered=True, names=(".kmz",)),
    Format("ZIP", "ZIP", "`PK`", begins(*known.ZIP),
           N_("Pack all files of the layer, or give the file itself."), OWN, (PACKED, LAYER),
           AS_ZIP, layered=True, names=(".zip",)),
    Format("archive", "RAR, 7z, gzip, bzip2, xz", "`Rar!`, `7z` ...",
           begins(b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"),
           N_("Unpack it, and give the file in it, or pack it as ZIP.")),
    Format("text", "CSV, TSV", "text", known.is_text,
           N_("Save the table as CSV UTF-8."), OWN, (TABLE,), ROWS,
           names=(".csv", ".tsv", ".txt", ".tab")),
)  # fmt: skip
"""The formats that we know."""

FORMATS: Final = (
    *added("formats", Format, {entry.name for entry in OWN_FORMATS}, attrgetter("name")),
    *OWN_FORMATS,
)
"""All formats; the first whose signature fits is the format of a file. Those of other packages are
asked first, for what is text to us may be more to them."""


def recognise(path: str | Path) -> Format | None:
    """Return the format of a file by its content, None if it is none of them.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    head = FileHead(Path(path))
    try:
        return next((entry for entry in FORMATS if entry.is_it(head)), None)
    except OSError as error:
        return refuse_unreadable(head.path, error)


def sniff(path: str | Path) -> str:
    """Return the name of the format of a file, empty if it is none that is known."""
    found = recognise(path)
    return found.name if found else ""


def refuse_format(file: Path, expected: Text, otherwise: Text) -> NoReturn:
    """Refuse a file of another format than is wanted, without a word of its content.

    Parameters
    ----------
    file, expected
        The file, and what was wanted.
    otherwise
        What to do with a format that nobody knows.

    Raises
    ------
    InputError
        Always.
    """
    found = recognise(file)
    advice = otherwise
    if found is not None:
        advice = INSTEAD[found.holds[0]] if found.holds else found.advice
    label = found.label if found else "unknown format"
    refuse("file.format", file.name, expected, advice, found=label)
