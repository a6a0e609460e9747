"""The bill of materials: every wheel, what is compiled into it, and the browser files."""

from __future__ import annotations

import hashlib
import json
from zipfile import ZipFile

import pytest
from cyclonedx.model.bom import Bom

from tools.sbom import BROWSER_LOCK, NATIVE, sbom
from tools.wheelhouse import sha256_of


def wheel(folder, name, version, **files):
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n"
    with ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-{version}.dist-info/METADATA", about)
        for place, content in files.items():
            archive.writestr(place, content)
    return path


@pytest.fixture
def wheels(tmp_path):
    libraries = {"shapely.libs/libgeos-1a2b.so": b"geos", "shapely/code.py": b""}
    return [
        wheel(tmp_path, "civicsight", "0.1.0"),
        wheel(tmp_path, "shapely", "2.1.0", **libraries),
        wheel(tmp_path, "Under_Score.Name", "1.0"),
    ]


def test_it_is_cyclonedx_and_names_everything(wheels):
    told = json.loads(sbom(wheels))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["metadata"]["component"]["name"] == "civicsight"
    by_name = {entry["name"]: entry for entry in told["components"]}
    assert set(by_name) == {
        "shapely",
        "under-score-name",
        "leaflet",
        "three",
        "supercluster",
        "kdbush",
    }
    assert by_name["shapely"]["purl"] == "pkg:pypi/shapely@2.1.0"
    assert by_name["shapely"]["hashes"] == [{"alg": "SHA-256", "content": sha256_of(wheels[1])}]
    assert by_name["shapely"]["licenses"][0]["license"]["name"] == "MIT"
    inside = {entry["name"]: entry for entry in by_name["shapely"]["components"]}
    assert set(inside) == {"GEOS", "shapely.libs/libgeos-1a2b.so"}
    assert inside["GEOS"]["licenses"][0]["license"]["name"] == "LGPL-2.1-or-later"
    digest = hashlib.sha256(b"geos").hexdigest()
    assert inside["shapely.libs/libgeos-1a2b.so"]["hashes"][0]["content"] == digest
    assert by_name["leaflet"]["purl"].startswith("pkg:npm/leaflet@")
    assert by_name["leaflet"]["hashes"][0]["alg"] == "SHA-512"
    assert "axe-core" not in by_name  # of the tests only
    Bom.from_json(told)


def test_it_is_the_same_for_the_same_wheels_and_another_for_others(wheels):
    assert sbom(wheels) == sbom(reversed(wheels))
    assert "timestamp" not in sbom(wheels)
    first = json.loads(sbom(wheels))["serialNumber"]
    assert json.loads(sbom(wheels[:2]))["serialNumber"] != first


def test_the_declared_libraries_belong_to_wheels_of_the_lock():
    lock = BROWSER_LOCK.with_name("requirements.lock").read_text(encoding="utf-8")
    for name in NATIVE:
        assert f"\n{name}==" in f"\n{lock}", name
