"""The formats that GDAL may open in a reading process: an allow-list, looked at before any file."""

from __future__ import annotations

import os
import sys
from typing import Final

from civicsight.core.errors import N_, SetupError
from civicsight.io.file_formats import FORMATS

OURS: Final = frozenset({"MEM", "Memory"})
"""Formats without a file, which libraries make themselves."""

ALLOWED: Final = OURS | {name for entry in FORMATS for name in entry.drivers}

CLOSED: Final = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GDAL_DRIVER_PATH": "disable",
    "OGR_DRIVER_PATH": "disable",
    "CPL_LOG": os.devnull,
}
"""What keeps GDAL, PROJ and all else from fetching anything, and from loading plugins."""

AGAIN: Final = "CIVICSIGHT_GDAL_AGAIN"

SKIP: Final = "GDAL_SKIP"
"""Names that GDAL leaves out. The comma is what parts them: in a list with blanks nothing is left
out, and only a line is printed. With the list in `OGR_SKIP` as well a process was seen to abort."""

OTHERS: Final = """
ACE2, ADBC, ADRG, AIG, AIVector, AVCBin, AVCE00, AirSAR, AmigoCloud, BAG, BIGGIF,
BLX, BMP, BSB, BT, BYN, CALS, CEOS, COASP, COG, COSAR, CPG, CSV, CSW, CTG, CTable2, Carto,
DAAS, DERIVED, DGN, DIMAP, DIPEx, DOQ1, DOQ2, DTED, DXF, ECRGTOC, EDIGEO, EEDA, EEDAI, EHdr,
EIR, ELAS, ENVI, ERS, ESAT, ESRIC, ESRIJSON, Elasticsearch, FAST, FIT, GDALG, GFF, GIF, GML,
GNMDatabase, GNMFile, GPKG, GPSBabel, GPX, GRASSASCIIGrid, GRIB, GS7BG, GSAG, GSBG, GSC,
GTFS, GTI, GTX, GXF, GenBin, GeoJSON, GeoJSONSeq, GeoRSS, HDF5, HDF5Image, HF2, HFA, HTTP,
ILWIS, IRIS, ISCE, ISG, ISIS2, ISIS3, Idrisi, JAXAPALSAR, JDEM, JML, JP2OpenJPEG, JPEG,
JSONFG, KML, KMLSUPEROVERLAY, KRO, L1B, LAN, LCP, LIBKML, LOSLAS, LVBAG, Leveller, MAP,
MBTiles, MFF, MFF2, MRF, MSGN, MVT, MapInfo File, MapML, MiraMonVector, NDF, NGSGEOID, NGW,
NITF, NOAA_B, NSIDCbin, NTv2, NWT_GRC, NWT_GRD, OAPIF, ODS, OGCAPI, OGR_GMT, OGR_PDS,
OGR_VRT, OSM, OZI, OpenFileGDB, PAux, PCIDSK, PCRaster, PDF, PDS, PDS4, PGDUMP, PLMOSAIC,
PLSCENES, PMTiles, PNG, PNM, PRF, R, RIK, RMF, ROI_PAC, RPFTOC, RRASTER, RS2, RST,
Rasterlite, S102, S104, S111, S57, SAFE, SAGA, SAR_CEOS, SDTS, SENTINEL2, SGI, SIGDEM,
SNAP_TIFF, SNODAS, SQLite, SRP, STACIT, STACTA, SXF, Selafin, TGA, TIL, TSX, Terragen,
TopoJSON, USGSDEM, VDV, VFK, VICAR, VRT, WAsP, WCS, WEBP, WFS, WMS, WMTS, XLSX, XPM, XYZ,
ZMap, Zarr, netCDF
"""
"""What the builds of GDAL that we know would open; those that are allowed are left in."""


def drivers() -> frozenset[str]:
    """Return the names of all drivers that either copy of GDAL would try."""
    import pyogrio
    from rasterio.env import Env

    with Env() as env:
        return frozenset(pyogrio.list_drivers()) | frozenset(env.drivers())


def environment() -> dict[str, str]:
    """Return what a process is started with in which GDAL opens only what is allowed."""
    names = {name.strip() for name in OTHERS.replace("\n", " ").split(",")}
    return {**CLOSED, SKIP: ",".join(sorted(names - ALLOWED))}


def require_allowed() -> None:
    """Refuse to go on if GDAL would open a format that is not on the list.

    A build of GDAL that knows more than we do is started anew, once, with those left out as well.

    Raises
    ------
    SetupError
        With the names of the drivers.
    """
    left = drivers() - ALLOWED
    if left and AGAIN not in os.environ:
        os.environ.update({SKIP: ",".join([os.environ.get(SKIP, ""), *sorted(left)]), AGAIN: "1"})
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - ourselves
    if left:
        raise SetupError(
            N_("GDAL would open more formats than it may: %(names)s", names=", ".join(sorted(left)))
        )
