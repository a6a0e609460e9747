"""A year of one office: on the made district, and on a real city with files of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicsight.io.project_file import load_city
from tests.gusu_made import CAMERAS, CLASSES, PER_ITEM, write_office_files
from tests.office_year import Office, spend_a_year

pytestmark = pytest.mark.slow

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


def test_a_year_of_one_office(tmp_path, capsys):
    office = Office(tmp_path, capsys)
    office.translate("import", DEMO / "district.gpkg", "--out", office.city)
    office.translate(
        "import", DEMO / "cameras.csv", "--as", "cameras", "--into", office.city, "--accept"
    )
    assert len(load_city(office.city).cameras) == 191
    spend_a_year(office)


def test_a_year_of_one_office_in_a_real_city(tmp_path, capsys, test_data):
    """Of Gusu only the buildings are known: the rest comes in as an office would hand it in."""
    office = Office(tmp_path, capsys)
    source = test_data("suzhou_gusu") / "bd_demo_2.json"
    office.translate("import", source, "--name", "姑苏区", "--out", office.city)
    files = write_office_files(load_city(office.city), tmp_path)
    for kind, path in files.items():
        office.translate(
            "import", path, "--as", kind, "--datum", "cgcs2000", "--into", office.city, "--accept"
        )
    city = load_city(office.city)
    assert (len(city.cameras), len(city.places)) == (CAMERAS, len(CLASSES) * PER_ITEM)
    spend_a_year(office)
