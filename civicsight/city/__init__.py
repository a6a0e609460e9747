"""The outside world in: one gate through which every file becomes declared tables and a report."""

from civicsight.city.crs import working_crs
from civicsight.city.download import fetch_city
from civicsight.city.osm.features import helsinki_path
from civicsight.city.project import read_city, read_osm
from civicsight.city.project_file import load_city, save_city
from civicsight.city.rasters.terrain import read_terrain
from civicsight.city.report import Count, ImportReport, describe_fault, describe_faults
from civicsight.city.tables.inventory import read_cameras, read_entrances, read_places
from civicsight.city.vectors.footprints import read_buildings

read_register = read_places

__all__ = [
    "Count",
    "ImportReport",
    "describe_fault",
    "describe_faults",
    "fetch_city",
    "helsinki_path",
    "load_city",
    "read_buildings",
    "read_cameras",
    "read_city",
    "read_entrances",
    "read_osm",
    "read_places",
    "read_register",
    "read_terrain",
    "save_city",
    "working_crs",
]
