"""Faults of what is read: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

ANEW: Final = "Ask the sender to write the package again."

declare(
    {
        "archive.expands": (
            (
                "an archive of at most %(count)s files that expands to at most %(limit)s MiB "
                "and %(ratio)s times its size"
            ),
            "Unpack it yourself, and give the file in it.",
        ),
        "archive.nested": (
            "an archive without archives in it",
            "Unpack it yourself, and give the file in it.",
        ),
        "bounds.empty": (
            "bounds that meet the data",
            "Give min_lon, min_lat, max_lon, max_lat of the area.",
        ),
        "buildings.none": (
            "at least one building",
            "Close the outlines of the buildings, and explode their blocks.",
        ),
        "camera.direction": (
            "degrees clockwise from north, or a wind such as NE",
            "The direction stays unknown; enter one.",
        ),
        "camera.other": (
            "a camera",
            (
                "Remove the row. If it is a camera, enter its build in the column type, "
                "'unknown' where it is not known."
            ),
        ),
        "camera.tilt": (
            "an inclination from -90 to 90 degrees",
            "The tilt stays unknown; enter one.",
        ),
        "catalogue.crs": (
            "cameras in a place that has a metric coordinate system",
            "Check the coordinates, or give a working coordinate system.",
        ),
        "catalogue.empty": (
            "a catalogue with cameras",
            "Query the catalogue again; cameras have 131 or 132 in digits 11 to 13 of their id.",
        ),
        "catalogue.format": (
            "an answer to a catalogue query of GB/T 28181: Response with CmdType Catalog",
            "Export the catalogue of the platform as XML.",
        ),
        "catalogue.nothing_left": (
            "cameras that may be read",
            "All its cameras are secret or mobile.",
        ),
        "catalogue.sum": (
            "%(count)s items, as the answer says",
            "Answers were lost: query the catalogue again.",
        ),
        "cell.corrected:gone": (
            "a row and a column that are in the file",
            "Read the file again without this correction.",
        ),
        "cell.corrected:no_table": (
            "a table of rows, whose cells can be corrected",
            "Correct the file itself.",
        ),
        "citymodel.crs": (
            "buildings in a place that has a metric coordinate system",
            "Check the coordinates, or give a working coordinate system.",
        ),
        "citymodel.empty": (
            "a city model with buildings that have surfaces",
            "Export the buildings with a level of detail of 0, 1 or 2.",
        ),
        "citymodel.format": (
            "a city model in CityJSON, CityJSONSeq or CityGML",
            "Convert the file, or read it as a vector layer.",
        ),
        "citymodel.geometry": (
            "surfaces of rings with three corners and more, in finite coordinates",
            "Repair the object, or leave it out.",
        ),
        "citymodel.no_plan": (
            "surfaces that cover some ground",
            "Repair the object, or leave it out.",
        ),
        "citymodel.version": ("CityJSON %(versions)s", "Convert the file to CityJSON 2.0."),
        "cloud.count": (
            "as many points as the header says: %(count)s",
            "Export or download the file again.",
        ),
        "crs.contradiction": (
            "the declared coordinate system %(crs)s",
            "The file names its own: leave --source-crs out, or correct the file.",
        ),
        "crs.degrees:columns": (
            "a number of metres",
            "These look like degrees: name the columns lon and lat.",
        ),
        "crs.degrees:labelled": (
            "metres, as %(crs)s has",
            (
                "These look like degrees labelled as metres. Export the layer again with its "
                "true coordinate system, such as EPSG:4326 or EPSG:4490."
            ),
        ),
        "crs.kind": (
            "a geographic or projected coordinate system",
            "Export the layer in one of them, such as CGCS2000.",
        ),
        "crs.missing": (
            "a declared coordinate system",
            (
                "Declare it with --source-crs, or add it to the file (for a Shapefile, the "
                ".prj file); it is never guessed. %(advice)s"
            ),
        ),
        "crs.missing:columns": (
            "a coordinate system for the columns x and y",
            "Declare it with --source-crs; it is never guessed. %(advice)s",
        ),
        "crs.missing:raster": ("a declared coordinate system", "Add it; it is never guessed."),
        "crs.mixed": (
            "one coordinate system in the whole file",
            "Split the file by coordinate system.",
        ),
        "crs.unknown": (
            "a registered coordinate system such as EPSG:4549",
            "Correct the name of the coordinate system in the file.",
        ),
        "crs.unknown:geopackage": (
            "a coordinate system that its definition makes known",
            "Assign it in QGIS, then save the layer again.",
        ),
        "crs.unknown:raster": (
            "a coordinate system on the earth",
            "Declare the coordinate system by its EPSG code.",
        ),
        "crs.unknown:table": (
            "a row with a place, or a working coordinate system",
            "Name the working coordinate system with --crs.",
        ),
        "crs.zone": (
            "eastings in one zone",
            "Split the table by zone, and declare the coordinate system of each.",
        ),
        "csv.empty": ("a header and rows", "Export the table again."),
        "csv.long_line": (
            "lines of at most %(limit)s characters",
            "Export the table again with one line for each row.",
        ),
        "csv.mixed_encodings": (
            "one encoding in the whole file",
            "Save the parts in the same encoding, then join them again.",
        ),
        "csv.mojibake": (
            "readable characters",
            "The text is GBK that was read as Latin letters; go back to the original file.",
        ),
        "csv.nul": ("text without NUL characters", "Export the table again as CSV UTF-8."),
        "csv.quote": (
            "quotes that are closed in the same cell",
            "Close the quote, or double it inside of text.",
        ),
        "csv.ragged_row": ("%(count)s cells", "Put text that holds a separator in quotes."),
        "csv.too_many": ("at most %(limit)s rows", "Split the table."),
        "csv.too_many:cells": ("at most %(limit)s cells", "Split the table."),
        "csv.too_wide": ("at most %(limit)s columns", "Export only the columns that are needed."),
        "datum.unknown": (
            "a coordinate system on CGCS2000 or WGS 84, or one with a published conversion",
            (
                "Have the survey office convert the data to CGCS2000: the parameters of this "
                "datum are local, and without them the error is tens of metres."
            ),
        ),
        "dem.elsewhere": ("heights in the area of the city", "Give a DEM that covers the city."),
        "dem.elsewhere:cells": (
            "a height in at least one cell of the area",
            "Its cells there are unknown or impossible: check unit, scale and no-data value.",
        ),
        "dem.too_large": (
            "at most %(limit)s grid nodes",
            "Choose a smaller area or a coarser DEM.",
        ),
        "dem.too_large:cloud": (
            "at most %(limit)s grid nodes",
            "Cut the cloud to the area of the city.",
        ),
        "edits.crossing": (
            "an outline that does not cross itself",
            "Fix it in QGIS with Vector, Geometry Tools, Check Validity.",
        ),
        "edits.far": (
            "a place within %(km)s km of the project",
            "Check the coordinate system of the layer, or move the feature back.",
        ),
        "edits.layer_twice": (
            "one layer of %(table)s",
            "Keep the one you edited; delete the other from the file.",
        ),
        "edits.no_crs": (
            "a coordinate system, such as that of the project: %(crs)s",
            "Save the layer again with its coordinate system.",
        ),
        "edits.no_geometry": ("a place on the map", "Draw it again, or delete the row."),
        "edits.no_id": (
            "the column %(name)s, which keeps the numbers of the rows",
            "Edit a copy that still has it.",
        ),
        "edits.no_layer": (
            "a layer of a project: %(names)s",
            "Say what it holds with --as, or name it as the table is called in the project.",
        ),
        "edits.other_project": (
            "a copy of the project %(name)s",
            "Choose the project that the file was copied from.",
        ),
        "edits.shape": ("a finite %(shape)s", "Draw it again, or delete the row."),
        "encoding.unknown": (
            "the name of a text encoding, such as gb18030, cp949 or utf-8",
            "Declare another encoding.",
        ),
        "file.changed": (
            "a file that nobody changes while it is read",
            "Close the program that writes to it, then try again.",
        ),
        "file.damaged": (
            "a complete file in the format %(driver)s",
            "Export or download the file again.",
        ),
        "file.damaged:geoparquet": (
            "GeoParquet with a geometry column",
            "Export the file again as GeoParquet.",
        ),
        "file.damaged:workbook": (
            "a complete workbook",
            "Open it in a spreadsheet program and save it again as XLSX.",
        ),
        "file.deadly": (
            "a file that can be read: the process that read it died",
            "Export or download the file again.",
        ),
        "file.empty": ("a file with content", "Export or download the file again."),
        "file.endless": (
            "a file that is read within %(limit)g seconds",
            "Split the file, or raise %(name)s.",
        ),
        "file.endless:table": (
            "a table that comes to an end",
            "Export the layer again from the program that made it.",
        ),
        "file.format:links": (
            "a file that holds its places itself",
            (
                "Open it in Google Earth, and save the folder with the places as KMZ: links "
                "are never followed."
            ),
        ),
        "file.format:pointing": (
            "a vector layer of a format that is read",
            "Export the data it points to as GeoPackage; references are never followed.",
        ),
        "file.missing": ("an existing file", "Check the path."),
        "file.no_features": (
            "at least one feature",
            "Export the layer again; the selection may have been empty.",
        ),
        "file.too_large:columns": (
            "at most %(limit)s columns",
            "Export only the attributes that are needed.",
        ),
        "file.too_large:table": (
            "at most %(rows)s rows and %(columns)s columns",
            "Split the table, or cut out the area that is needed.",
        ),
        "file.too_large:values": (
            "values of at most %(limit)s MB",
            "Split the file, or raise %(name)s.",
        ),
        "file.unreadable": ("a file that can be read", "Export or download the file again."),
        "folder.unclear": (
            "a file, or a folder with one layer alone or with exports of OSM features alone",
            "Name the file to read.",
        ),
        "geojson.collection": ("a FeatureCollection", "Export the layer again as GeoJSON."),
        "geojson.crs": (
            "the name of a coordinate system, or none",
            "Export the layer again with an EPSG code.",
        ),
        "geojson.damaged": ("complete GeoJSON in UTF-8", "Export or download the file again."),
        "geojson.feature": ("a Feature", "Export the layer again as GeoJSON."),
        "geojson.name_twice": (
            "each name once in an object",
            "Programs differ in which of the values they take: remove the others.",
        ),
        "geojson.properties:columns": (
            "at most %(limit)s columns",
            "Export only the attributes that are needed.",
        ),
        "geometry.invalid": (
            "an outline that does not cross itself",
            "It was repaired; compare its area with the source.",
        ),
        "geometry.mixed": ("areas only", "Lines and points in it were left out."),
        "geometry.tangled": (
            "an outline that crosses itself at most %(limit)s times",
            "Remove what is repeated in the outline, or simplify it (QGIS: Simplify).",
        ),
        "geometry.unclosed": (
            "A ring did not end where it began.",
            "They were closed with a straight line; compare with the source.",
        ),
        "geometry.unusable": (
            "a polygon with an area and finite coordinates",
            "Draw the footprint, or remove the feature.",
        ),
        "gpkg.in_use": (
            "a GeoPackage that no program has open",
            "Close it in QGIS or other programs, then try again; what they hold is not in it.",
        ),
        "gpkg.view": (
            "a layer that is a plain table",
            "Save it as a layer of its own in QGIS, then read that one.",
        ),
        "handover.bytes": ("a ZIP file and nothing before or behind it", ANEW),
        "handover.folders": ("a package with all files in one folder", ANEW),
        "height.unusable": (
            "a number from 0 to %(limit)g",
            "It was left out; give a value such as 12 or 12 m.",
        ),
        "height.upside_down": (
            "an underside below the top at %(top)g m",
            "It was made a thin slab below its top; check both heights.",
        ),
        "json.encoding": ("JSON in UTF-8", "Save the file in UTF-8."),
        "json.malformed": (
            "well-formed JSON of a city model",
            "Export or download the file again.",
        ),
        "layer.missing": ("one of %(names)s", "Name a layer that exists."),
        "layer.several": ("one layer", "Name the layer to read."),
        "mapping.colon": (
            "a half-width colon and a blank behind the meaning",
            "Correct the mapping file.",
        ),
        "mapping.shape:column": ("the name of a column", "Correct the mapping file."),
        "mapping.shape:key": ("one of %(choices)s", "Correct the mapping file."),
        "mapping.shape:keys": ("keys and values", "Correct the mapping file."),
        "mapping.shape:unit": ("the symbol of a unit", "Correct the mapping file."),
        "mapping.shape:words": ("a list of words", "Correct the mapping file."),
        "mapping.too_large": ("at most %(limit)s bytes", "Correct the mapping file."),
        "mapping.word": ("one of %(choices)s", "Correct the mapping file."),
        "mapping.word:day": ("a day such as 2026-03-01", "Correct the mapping file."),
        "obstacle.height": ("a height", "%(height)s m is assumed for its kind; measure it."),
        "obstacle.no_shape": (
            "a line, an area, a panel with width and direction, or a diameter",
            "A point alone hides nothing; say how wide it is and where it faces.",
        ),
        "osm.cut": (
            "Some corners of the outline are not in the file.",
            "The edge of the extract cuts it; take a larger extract if it matters.",
        ),
        "osm.damaged": ("a complete OSM file", "Download the extract again."),
        "osm.empty": ("at least one tagged feature", "Choose an extract that covers the city."),
        "osm.format": ("an OSM file, PBF or XML", "Download the extract again as .osm.pbf."),
        "parquet.no_geo": (
            "GeoParquet with a geometry column",
            "Write it with GDAL, DuckDB's spatial extension or geopandas, with its CRS.",
        ),
        "parquet.repeated": (
            "a shape of its own in each row",
            "Remove the rows that repeat one shape, and export the file again.",
        ),
        "place.datum": (
            "one geodetic system for all coordinates, the declared one if there is one",
            "Read one pair of columns by a mapping, declare its system, or correct the header.",
        ),
        "place.domain": ("coordinates that %(crs)s can stand for", "Correct the coordinates."),
        "place.far": (
            "a place within 50 km of the other features",
            "Check the coordinates; (0, 0) stands for unknown.",
        ),
        "place.missing": ("a place", "Draw the feature."),
        "place.shape": (
            "a finite %(shape)s",
            "Draw one point where it stands; the middle of a shape is not taken for it.",
        ),
        "place.swapped": (
            "longitude first, latitude second",
            "Longitude and latitude look swapped.",
        ),
        "place.unknown": (
            "a place that OpenStreetMap knows",
            "Spell it as on the map, or give a bounding box.",
        ),
        "place.wkt": (
            "a shape as well-known text, such as POLYGON((...))",
            "Export the shape again, or give a vector layer.",
        ),
        "project.damaged": (
            "a project as civicsight saved it",
            "It cannot be read as a project: take it from a backup, or import its sources again.",
        ),
        "project.declared": (
            "nothing: a saved project keeps what it was imported with",
            "Leave it out, or import the source again with it.",
        ),
        "project.format": (
            "a project saved by civicsight",
            "Read the file as a source of buildings instead.",
        ),
        "project.migration": (
            "a sound file after every step",
            "Nothing was changed. Repair the file in QGIS, or restore a backup.",
        ),
        "project.too_large": (
            "at most %(limit)s cells",
            "Import the ground again, coarser or for the area that is needed.",
        ),
        "raster.broken": (
            "cells that can be unpacked",
            "The file is damaged or cut short; copy or export it again.",
        ),
        "raster.broken:blocks": (
            "blocks that unpack to at most %(most)s bytes, as its header says",
            "The file is damaged or cut short; copy or export it again.",
        ),
        "raster.broken:numbers": (
            "numbers alone behind the header of the grid",
            "The file is damaged or cut short; copy or export it again.",
        ),
        "raster.format": (
            "a GeoTIFF, an ASC grid, an SRTM tile such as N43E007.hgt, or a point cloud",
            "Convert the raster to GeoTIFF.",
        ),
        "raster.no_city": (
            "a city with buildings, cameras or bounds",
            "Read the city first: its area says what to take from the raster.",
        ),
        "raster.no_heights": (
            "one band of heights",
            "This is a picture; give the raster of heights itself.",
        ),
        "raster.no_place": (
            "an affine transform from rows and columns to coordinates",
            "Georeference the raster, or keep its world file beside it.",
        ),
        "raster.too_large": (
            "a raster of at most %(limit)s cells along a side",
            "Cut the raster to the area of the city, and store it in tiles.",
        ),
        "raster.too_many": (
            "at most %(limit)s connected pieces of one height",
            "Choose a smaller area, or a coarser raster.",
        ),
        "raster.unit": (
            "heights in metres or feet, as the raster itself and its declaration agree",
            "Declare the true unit, or correct the unit in the raster.",
        ),
        "shapefile.counts": (
            "as many records as shapes: %(count)s",
            "Export the Shapefile again; one of its files is of another version.",
        ),
        "shapefile.field_twice": (
            "each field name once; a Shapefile cuts names to ten characters",
            "Rename the fields before the export, or export as GeoPackage.",
        ),
        "shapefile.incomplete": (
            "the files %(names)s beside it",
            "Copy all files of the Shapefile.",
        ),
        "shapefile.length": (
            "records as long as they and their index say",
            "Export the Shapefile again; it was damaged or put together of two versions.",
        ),
        "surface.no_ground": (
            "a DEM with a surface model, or heights above the ground",
            (
                "Give the DEM as well; or say that the raster holds heights above the ground, "
                "if it does."
            ),
        ),
        "surface.not_above_ground": (
            "heights above the ground, which are 0 in the streets",
            "This looks like heights above datum: give it as a DSM, together with the DEM.",
        ),
        "table.ending": ("a file .xlsx or .csv", "Give the file one of these endings."),
        "table.example": (
            "rows of your own below the example of the template",
            "Enter your rows; the example may stay, for it is left out.",
        ),
        "table.kind": (
            "a list of signs, without columns that only cameras have",
            "Hand in the survey of the signs. If it is one, say its columns in a mapping file.",
        ),
        "table.missing_column": ("a column %(name)s", "Rename or add the columns."),
        "template.unknown": ("one of %(choices)s", "Name a table that can be imported."),
        "workbook.expands": (
            "a workbook that expands to at most %(limit)s MiB and %(ratio)s times its size",
            "Copy the table into a new workbook, or save it as CSV.",
        ),
        "workbook.kind": (
            "a workbook without a password: XLSX, XLS, ET or ODS",
            "Open it in a spreadsheet program and save it as XLSX.",
        ),
        "workbook.macros": ("a workbook without macros", "Save it as XLSX, which holds no macros."),
        "xml.attribute": (
            "at most %(limit)s characters in the attributes of an element",
            "The file is not what it should be: export it again.",
        ),
        "xml.depth": (
            "at most %(limit)s elements in each other",
            "The file is not what it should be: export it again.",
        ),
        "xml.doctype": (
            "XML without a document type or entities",
            "Remove the DOCTYPE; entities are never expanded.",
        ),
        "xml.doctype:workbook": (
            "XML without a document type or entities",
            "Open it in a spreadsheet program and save it again as XLSX.",
        ),
        "xml.encoding": ("one of %(choices)s", "Save the file in UTF-8 or GB 18030."),
        "xml.encoding:other": (
            "text in %(encoding)s, as it is declared",
            "Declare the true encoding, or export the file again.",
        ),
    }
)
