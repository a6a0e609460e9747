"""The project file of QGIS: it opens as the map of the app, the same bytes for the same result."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pyogrio
import pytest

import civicsight as cs
from civicsight.core.i18n import translate
from civicsight.editing.examples import DISTRICT, read_example
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.geopackage import map_layers, write_package
from civicsight.report.licence import notice_of
from civicsight.report.qgis_project import OFF, extent_of, project_name, write_project
from tests.result_factory import make_result
from tests.result_town import HOSTILE

SYSTEM_PYTHON = "/usr/bin/python3"
"""The Python in which a distribution installs the modules of QGIS."""

RENDER = """
import json, sys
from qgis.core import QgsApplication, QgsLayoutItemMap, QgsMapRendererParallelJob, QgsMapSettings
from qgis.core import QgsProject, QgsWkbTypes
from qgis.PyQt.QtCore import QSize
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
read = project.read(sys.argv[1])
tree = project.layerTreeRoot()
layers = tree.layerOrder()
shown = [layer for layer in layers if tree.findLayer(layer.id()).isVisible()]
settings = QgsMapSettings()
settings.setLayers(shown)
settings.setDestinationCrs(project.crs())
settings.setOutputSize(QSize(600, 600))
settings.setExtent(project.viewSettings().defaultViewExtent())
settings.setBackgroundColor(project.backgroundColor())
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(sys.argv[2])
print("FOUND " + json.dumps({
    "read": read,
    "title": project.title(),
    "crs": project.crs().authid(),
    "invalid": [layer.name() for layer in layers if not layer.isValid()],
    "mixed": [layer.name() for layer in layers
              if "Unknown" in QgsWkbTypes.displayString(layer.wkbType())],
    "layers": [layer.name() for layer in layers],
    "features": [layer.featureCount() for layer in layers],
    "shown": [layer.name() for layer in shown],
    "groups": [child.name() for child in tree.children()],
    "themes": project.mapThemeCollection().mapThemes(),
    "layouts": [layout.name() for layout in project.layoutManager().layouts()],
    "linked": [bool(item.extent().area()) for layout in project.layoutManager().layouts()
               for item in layout.items() if isinstance(item, QgsLayoutItemMap)],
    "errors": [error.message for error in job.errors()],
    "colours": len({image.pixel(x, y) for x in range(600) for y in range(600)}),
}), flush=True)
import os
os._exit(0)
"""


@pytest.fixture(scope="module")
def result():
    return make_result()


@pytest.fixture(scope="module")
def layers(result):
    return map_layers(result)


def written(folder, result, layers, language="zh_CN"):
    path = folder / project_name(language)
    write_project(path, "civicsight.gpkg", layers, result, language)
    return path


def parse(path):
    return ET.fromstring(path.read_text(encoding="utf-8").partition("\n")[2])  # noqa: S314 - our own


def test_it_names_layers_of_the_package_beside_it_and_no_other(tmp_path, result, layers):
    write_package(tmp_path / "civicsight.gpkg", layers, notice=notice_of(result))
    there = {name for name, _ in pyogrio.list_layers(tmp_path / "civicsight.gpkg")}
    root = parse(written(tmp_path, result, layers))
    sources = [entry.text for entry in root.iterfind("projectlayers/maplayer/datasource")]
    named = [source.removeprefix("./civicsight.gpkg|layername=") for source in sources]
    assert named == [layer.name for layer in layers if len(layer.frame)]
    assert set(named) <= there
    text = (tmp_path / project_name("zh_CN")).read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert root.find("properties/Paths/Absolute").text == "false"


def test_groups_hold_every_layer_once_and_samples_and_overlaps_are_off(tmp_path, result, layers):
    root = parse(written(tmp_path, result, layers))
    leaves = root.findall("layer-tree-group/layer-tree-group/layer-tree-layer")
    ids = [entry.get("id") for entry in leaves]
    assert ids == [entry.text for entry in root.iterfind("projectlayers/maplayer/id")]
    assert all("_" in label for label in ids)  # QGIS passes over others
    off = {entry.get("id") for entry in leaves if entry.get("checked") == "Qt::Unchecked"}
    assert off == {f"civicsight_{name}" for name in OFF}
    themes = root.findall("visibility-presets/visibility-preset")
    hidden = [
        {entry.get("id") for entry in theme.findall("layer") if entry.get("visible") == "0"}
        for theme in themes
    ]
    assert hidden == [off, set()]
    assert Counter(ids).most_common(1)[0][1] == 1


@pytest.mark.parametrize(("language", "group"), [("zh_CN", "摄像机"), ("en", "Cameras")])
def test_everything_is_in_the_language_of_the_project(tmp_path, result, layers, language, group):
    root = parse(written(tmp_path, result, layers, language))
    names = [entry.get("name") for entry in root.findall("layer-tree-group/layer-tree-group")]
    assert group in names
    labels = {rule.get("label") for rule in root.iter("rule")}
    assert {translate(text, language) for text in STATUS_LABELS.values()} <= labels
    if language == "en":
        said = [*names, *labels, *(entry.get("name") for entry in root.iter("layer-tree-layer"))]
        assert all(str(text).isascii() for text in said)


def test_the_same_result_gives_the_same_bytes(tmp_path, result, layers):
    one = written(tmp_path, result, layers).read_bytes()
    assert written(tmp_path, result, map_layers(result)).read_bytes() == one


def test_hostile_names_and_empty_results_make_whole_documents(tmp_path):
    hostile = make_result(HOSTILE[1], raster=False)
    assert parse(written(tmp_path, hostile, map_layers(hostile))).find("title") is not None
    for name in ("gaps", "duplicates", "overlaps", "parts", "cameras", "heads", "zones", "samples"):
        setattr(hostile, name, getattr(hostile, name).iloc[:0])
    root = parse(written(tmp_path, hostile, map_layers(hostile)))
    assert root.findall("projectlayers/maplayer")
    west, south, east, north = extent_of(hostile)
    assert west < east
    assert south < north


def test_a_sheet_to_print_has_map_legend_scale_and_sources(tmp_path, result, layers):
    root = parse(written(tmp_path, result, layers, "en"))
    (layout,) = root.findall("Layouts/Layout")
    items = {item.get("id"): item for item in layout.iter("LayoutItem")}
    assert set(items) == {"page", "map", "legend", "scale", "title", "sources"}
    for source in result.city.sources:
        assert source in items["sources"].get("labelText")
    assert items["legend"].get("map_uuid") == items["map"].get("uuid")


def qgis_there():
    """Tell whether this machine has a QGIS whose modules its Python finds."""
    if not Path(SYSTEM_PYTHON).is_file() or shutil.which("qgis") is None:
        return False
    asked = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    return subprocess.run(asked, env=bare(), capture_output=True, check=False).returncode == 0


def bare():
    return {"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": os.environ.get("TMPDIR", "/tmp")}  # fmt: skip # noqa: S108


@pytest.mark.compiled_only
@pytest.mark.slow
def test_qgis_opens_and_draws_it(tmp_path):
    if not qgis_there():
        pytest.skip("QGIS is not installed: nothing was opened; install qgis and python3-qgis")
    result = cs.check(read_example(DISTRICT))
    layers = map_layers(result)
    write_package(tmp_path / "civicsight.gpkg", layers, notice=notice_of(result))
    project = written(tmp_path, result, layers, "en")
    home = bare() | {"HOME": str(tmp_path)}
    command = [SYSTEM_PYTHON, "-c", RENDER, str(project), str(tmp_path / "map.png")]
    run = subprocess.run(command, env=home, capture_output=True, text=True, check=True, timeout=300)
    line = next(line for line in run.stdout.splitlines() if line.startswith("FOUND "))
    found = json.loads(line.removeprefix("FOUND "))
    assert found["read"]
    assert found["crs"] == "EPSG:4548"
    assert not found["invalid"]
    assert not found["mixed"]
    assert not found["errors"]
    filled = [layer for layer in layers if len(layer.frame)]
    assert found["features"] == [len(layer.frame) for layer in filled]
    hidden = set(found["layers"]) - set(found["shown"])
    assert hidden == {"Overlaps", "Sample points"}
    assert found["groups"] == ["Findings", "Cameras", "Mandatory places", "Ground plan"]
    assert sorted(found["themes"]) == ["All layers", "Findings"]
    assert found["layouts"] == ["Map sheet A3"]
    assert found["linked"] == [True]
    assert found["colours"] > 100
