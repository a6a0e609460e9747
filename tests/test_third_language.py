"""A third language is a row of the table and a catalogue: whatever a person reads has it then."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import openpyxl
import pyogrio
import pytest

COVERAGE = "Compute what the cameras see on the ground, as rasters and nothing else."
SAID = {
    COVERAGE: "Рассчитать растры.",
    "Meaning of columns": "Значение столбцов",
    "Column": "Столбец",
    "What the cameras really see": "Что видят камеры",
    "Cameras": "Камеры",
    "Findings": "Выводы",
    "yes": "да",
    "Russian": "русский",
    "Reasons, in %(language)s": "Причины (%(language)s)",
}

LABEL = "Учебные заведения"

CHILD = """
import sys
from pathlib import Path

from civicsight.core import i18n
from civicsight.core.errors import Text

# before anything else is imported, as if it stood in the table
i18n._SPOKEN["ru"] = i18n._Spoken("ru", "ru", Text("Russian"))
i18n.LANGUAGES = tuple(i18n._SPOKEN)
i18n.HTML_LANGUAGE["ru"] = "ru"
i18n.LANGUAGE_NAMES["ru"] = Text("Russian")
folder = Path(sys.argv[1])
i18n.CATALOGUES = folder / "locale"

from civicsight.cli.entry import run
from civicsight.core.i18n import pick
from civicsight.io.registers.templates import write_templates
from civicsight.presentation.columns import heading
from civicsight.report.check_files import write_report
from civicsight.rules.build import build_pack
from civicsight.rules.document import read_document
from civicsight.rules.shape import find_shape_faults
from tests.result_factory import make_result

run(["--lang", "ru", "--help"])
write_templates(folder / "templates", tables=["places"])
write_templates(folder / "own", tables=["entrances"], languages=["ru"], form="csv")
write_report(make_result(), folder / "report")
document = read_document((folder / "pack.yaml").read_bytes(), "pack.yaml")
assert not find_shape_faults(document), find_shape_faults(document)
pack = build_pack(document, {}, {})
zones = {zone.id: zone.label for zone in pack.zones}
print("label", pick(zones["8.5"], "ru"), "|", pick(zones["8.6"], "ru"))
print("law", pick(pack.instrument.name, "ru"))
print("heading", i18n.in_all(heading("because_ru"), " / "))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the folder of what a program with a third language wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("ru")
    shutil.copytree(str(files("civicsight").joinpath("locale")), folder / "locale")
    catalogue = folder / "locale" / "ru" / "LC_MESSAGES" / "civicsight.po"
    catalogue.parent.mkdir(parents=True)
    entries = [f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in SAID.items()]
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    catalogue.write_text("\n".join([head, *entries]), encoding="utf-8")
    pack = files("civicsight.rules").joinpath("packs/nanchang.yaml").read_text("utf-8")
    first = pack.index("label: {", pack.index('- id: "8.5"'))
    pack = pack[:first] + pack[first:].replace("label: {", f"label: {{ru: {LABEL}, ", 1)
    pack = pack.replace("  instrument:\n", "  instrument:\n    ru: Закон\n")
    (folder / "pack.yaml").write_text(pack, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)],
        capture_output=True, encoding="utf-8", check=False, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return folder, told.stdout


@pytest.mark.slow
def test_help_is_in_it_and_names_it(written):
    assert SAID[COVERAGE] in written[1]
    assert re.search(r"zh_CN, en,\s+ru", written[1])


@pytest.mark.slow
def test_a_page_of_its_own_stands_beside_the_others(written):
    folder = written[0] / "report"
    page = (folder / "page.ru.html").read_text("utf-8")
    assert '<html lang="ru"' in page
    assert SAID["What the cameras really see"] in page
    assert all(
        'href="page.ru.html"' in (folder / f"page.{code}.html").read_text("utf-8")
        for code in ("zh-CN", "en")
    )


@pytest.mark.slow
def test_workbooks_and_layers_have_it_beside_the_others(written):
    book = openpyxl.load_workbook(written[0] / "report" / "tables.xlsx")
    assert "摄像机 Cameras Камеры" in book.sheetnames
    assert all(len(name) <= 31 for name in book.sheetnames)
    layers = written[0] / "report" / "civicsight.gpkg"
    styles = pyogrio.read_dataframe(layers, layer="layer_styles", read_geometry=False)
    assert "摄像机 Cameras Камеры" in set(styles["styleName"])
    assert "SYNTHETIC_RU" in (written[0] / "report" / "about.csv").read_text("utf-8")


@pytest.mark.slow
def test_templates_are_explained_in_it(written):
    book = openpyxl.load_workbook(written[0] / "templates" / "places.xlsx")
    assert book.sheetnames[1:] == ["各列说明", "Meaning of columns", "Значение столбцов"]
    assert book["Значение столбцов"]["A1"].value == "Столбец"


def test_a_template_shows_no_word_that_is_not_read(written):
    """Whatever yes is called, the example is a word that the import knows."""
    rows = (written[0] / "own" / "entrances.csv").read_text("utf-8-sig").splitlines()
    assert "yes" in rows[1]
    assert "да" not in rows[1]


def test_labels_of_a_pack_have_it_and_fall_back_to_english(written):
    said = dict(line.split(" ", 1) for line in written[1].splitlines() if " " in line)
    own, other = said["label"].split(" | ")
    assert own == LABEL
    assert re.fullmatch("[A-Z][A-Za-z ,-]+", other)
    assert said["law"] == "Закон"
    assert said["heading"] == "理由（Russian） / Reasons, in Russian / Причины (русский)"
