"""A column of an inventory is declared in one place, from which all others know it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

ENTRY = """
number("illumination_lux", "lx", "Least illumination at which it sees", 0, 100_000, asked=True,
       shown=True, heading=N_("Illumination [lx]"), example="0.005",
       headers="illumination lux | illumination | 照度 | 最低照度"),
text("lens_cover", "What protects the lens", shown=True, heading=N_("Cover"),
     headers="lens cover | 镜头罩",
     choices={"bubble": Choice(N_("bubble cover"), "球罩"), "bare": Choice(N_("bare"), "裸镜")}),
"""
"""What somebody writes into the table of cameras: a number, and a closed list."""

CHILD = """
import importlib.machinery, json, sys, tempfile
from dataclasses import replace
from pathlib import Path

import openpyxl

class Declares(importlib.machinery.PathFinder):
    "Finds the module of tables with one entry more."

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "civicsight.model.inputs":
            return None
        spec = super().find_spec(name, path, target)
        source = Path(spec.origin).read_text("utf-8")
        assert source.count("        *CAMERA_RECORD,") == 1
        more = source.replace("        *CAMERA_RECORD,", "        *CAMERA_RECORD," + sys.argv[1])
        spec.loader.get_code = lambda module: compile(more, spec.origin, "exec")
        return spec

sys.meta_path.insert(0, Declares)

from civicsight.io.qgis_forms import write_form
from civicsight.io.registers.templates import list_columns
from civicsight.io.tables.inventory import read_cameras
from civicsight.maps.plan import feature_layers
from civicsight.model import CAMERAS
from civicsight.presentation.names import name_all
from civicsight.report.tables import make_tables, write_workbook
from civicsight.rules.fields import FIELDS
from civicsight.rules.vocabulary import field_name
from tests.plan_made import checked

NAME = "illumination_lux"
found = {}
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "list.csv"
    rows = ["编号,经度,纬度,最低照度,镜头罩", "c1,115.86,28.68,0.005,球罩", "c2,115.87,28.68,,"]
    path.write_text("\\n".join(rows), "utf-8")
    read, _ = read_cameras(path)
    found["read"] = [*read[NAME].fillna(-1), *read["lens_cover"]]
    result = checked()
    cameras = result.cameras.assign(**{NAME: 0.005, "lens_cover": "bubble"})
    result = replace(result, cameras=CAMERAS.complete(cameras))
    book = Path(folder) / "report.xlsx"
    write_workbook(book, {"cameras": make_tables(result)["cameras"]}, {})
    rows = list(openpyxl.load_workbook(book).worksheets[1].iter_rows(values_only=True))
    first = dict(zip(rows[0], rows[1]))
    found["report"] = [first["Illumination [lx]"], first["Cover"]]
(entry,) = [one for one in list_columns("cameras") if one.column.name == NAME]
found["template"] = [entry.header["zh"], entry.example["en"]]
drawn = {layer.key: layer.data for layer in feature_layers(result, name_all(result, "en"))}
labels, (first, *_) = drawn["cameras"]["labels"], drawn["cameras"]["rows"]
told = {labels[at]: said for at, said in zip(first[::2], first[1::2])}
found["map"] = [told["Illumination [lx]"], told["Cover"]]
found["rule"] = [NAME in FIELDS["camera"], str(field_name(NAME, ["camera"]))]
found["form"] = NAME in write_form(CAMERAS)
print(json.dumps(found))
"""


@pytest.mark.slow
def test_one_entry_is_known_to_reader_template_report_map_rule_and_form():
    """In a process of its own: tables are derived when they are imported."""
    told = subprocess.run(
        [sys.executable, "-c", CHILD, ENTRY], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr[-3000:]
    assert json.loads(told.stdout) == {
        "read": [0.005, -1.0, "bubble", None],
        "report": [0.005, "bubble cover"],
        "template": ["照度", "0.005"],
        "map": ["0.005", "bubble cover"],
        "rule": [True, "Least illumination at which it sees"],
        "form": True,
    }
