"""The public edition: made as if hidden records did not exist, and no count under five is told."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import box

from civicsight.coverage.check import check
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import PLACES
from civicsight.report.compliance import give_account, write_compliance
from civicsight.report.compliance.public import LEAST, public_indices, published, suppress
from civicsight.report.pdf import write_pdf
from tests.conftest import IN_CI
from tests.test_check import inventory, table, town
from tests.test_compliance import TODAY, registers
from tools.system_packages import missing_text_libraries

DATA = Path(__file__).resolve().parent.parent / "data" / "demo"
NAME = "Quay House"
HIDDEN_ITEM = "8.9"  # designated only, and secret

counts = arrays(
    np.int64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 30)
)


def files_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def edition(city, folder):
    write_compliance(give_account(city, today=TODAY, edition="public"), folder, pdf=False)
    return files_of(folder)


def secret_camera(*, there):
    """Return the town with a secret camera that alone covers the south gate, or without it."""
    cameras = inventory(
        south=((30, -8), 0.0, {"secrecy": True, "name": NAME}), away=((5, -8), 180.0, {})
    )
    return town(cameras if there else cameras.drop(index="south"))


@pytest.mark.slow
def test_a_secret_camera_that_alone_closes_a_gate_leaves_no_trace(tmp_path):
    closes = check(secret_camera(there=True), raster=False).part_status["status"]
    opens = check(secret_camera(there=False), raster=False).part_status["status"]
    assert "covered" in set(closes)
    assert "covered" not in set(opens)
    shown = edition(secret_camera(there=True), tmp_path / "a")
    assert shown == edition(secret_camera(there=False), tmp_path / "b")
    assert sorted(shown) == [
        "annex.en.html", "annex.zh-CN.html", "indices.json", "report.en.html",
        "report.zh-CN.html", "rules.csv",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.skipif(not IN_CI and bool(missing_text_libraries()), reason="no Pango")
def test_nor_does_it_in_the_pdf(tmp_path):
    for there in (True, False):
        edition(secret_camera(there=there), tmp_path / f"{there}")
        html = (tmp_path / f"{there}" / "report.zh-CN.html").read_text(encoding="utf-8")
        write_pdf(tmp_path / f"{there}.pdf", html)
    assert (tmp_path / "True.pdf").read_bytes() == (tmp_path / "False.pdf").read_bytes()


@pytest.mark.slow
def test_secret_places_consent_areas_answers_and_papers_leave_no_trace(tmp_path):
    city = secret_camera(there=False)
    place = table(
        PLACES,
        {"x": {"name": NAME, "tags": {}, "item": HIDDEN_ITEM, "standing": "designated",
               "source": "register"}},
        [box(90, 40, 110, 60)],
    )  # fmt: skip
    hidden = registers(
        consent_areas={"m": {"kind": "military", "name": NAME, "geometry": box(-40, -40, 0, 0)}},
        documents={"d": {"kind": "approval", "title": NAME}},
        answers={"q": {"pack": "nanchang", "rule": "R12.2", "subject": "", "answer": "no",
                       "answered_by": NAME, "answered_on": "2026-01-01", "reason": NAME}},
        private_places={"w": {"kind": "bath", "name": NAME, "geometry": box(90, 10, 100, 30)}},
    )  # fmt: skip
    places = gpd.GeoDataFrame(PLACES.complete(pd.concat([city.places, place])))
    full = replace(city, places=places, **hidden)
    assert edition(full, tmp_path / "a") == edition(city, tmp_path / "b")


@cache
def district():
    city = read_city(DATA / "district.gpkg")[0]
    cameras = read_cameras(DATA / "cameras.csv", crs=city.crs)[0]
    return replace(city, cameras=cameras)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    out = tmp_path_factory.mktemp("public")
    edition(district(), out)
    return out


@pytest.mark.compiled_only
@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.slow), "zh-CN"])
def test_no_count_under_five_stands_on_the_page(shown, language):
    html = "".join(
        (shown / f"{volume}.{language}.html").read_text(encoding="utf-8")
        for volume in ("report", "annex")
    )
    cells = re.findall(r'<td class="n">([^<]*)</td>', html)
    cells += re.findall(r'<div(?: class="\w+")?><b>([^<]*)</b>', html)
    cells += re.findall(r'<ul class="counts">.*?</ul>', html)
    figures = [cell for cell in cells if re.fullmatch(r"[\d,]+", cell)]
    figures += re.findall(r"<b>([\d,]+)</b>", html)
    assert len(figures) > 20
    assert min(int(figure.replace(",", "")) for figure in figures) >= LEAST


@pytest.mark.compiled_only
def test_no_place_camera_gate_or_position_is_named(shown):
    city = district()
    text = "".join(path.read_text(encoding="utf-8-sig") for path in shown.iterdir())
    names = pd.concat([city.cameras["name"], city.places["name"], city.entrances["name"]])
    labels = [*city.cameras.index, *city.entrances.index, *names.dropna()]
    labels = {str(label) for label in labels if len(str(label)) > 2 and str(label) not in city.name}
    words = set(re.findall(r"\w+", text))
    assert not sorted(label for label in labels if label in words)
    assert "<svg" not in text
    assert not re.search(r"\b\d{2,3}\.\d{4,}\b", text)  # degrees
    assert not re.search(r"\b\d{6,7}\.\d\b", text)  # metres of a grid


@pytest.mark.compiled_only
def test_the_tables_of_the_public_edition_hold_no_small_count(shown):
    rows = list(csv.DictReader((shown / "rules.csv").read_text("utf-8-sig").splitlines()))
    values = [value for row in rows for value in list(row.values())[3:]]
    assert all(value == "*" or int(value.replace(",", "")) >= LEAST for value in values)
    assert any(value != "*" for value in values)
    indices = json.loads((shown / "indices.json").read_text(encoding="utf-8"))["indices"]
    for name, value in indices.items():
        assert value is None or value >= LEAST or 0 <= value <= 1, name


@given(counts)
def test_what_is_hidden_cannot_be_told_from_the_sums(table_of):
    shown_as = np.array(suppress(table_of.tolist()), object)
    hidden = shown_as == "*"
    assert hidden[table_of < LEAST].all()
    for rows, mask in ((table_of, hidden), (table_of.T, hidden.T)):
        for row, gone in zip(rows, mask, strict=True):
            if gone.any() and not gone.all():
                assert gone.sum() > 1
                assert row[gone].sum() >= LEAST


@given(counts)
def test_what_is_large_enough_is_left_alone(table_of):
    assert suppress((table_of + LEAST).tolist()) == [
        [str(count) for count in row] for row in (table_of + LEAST).tolist()
    ]


def test_nothing_to_hide():
    assert suppress([]) == []
    assert suppress([[]]) == [[]]
    assert (published(4), published(5), published(5000)) == ("< 5", "5", "5,000")


@pytest.mark.parametrize(("parts", "told"), [(4, None), (5, 0.8), (60, 0.8)])
def test_no_share_of_fewer_than_five_is_told(parts, told):
    """Of four parts a share gives the count away, whichever share it is."""
    shares = {"compliance_certain": 1.0, "conformance_certain": 0.8, "reuse": 0.8}
    indices = SimpleNamespace(parts=parts, to_dict=lambda: shares)
    found = public_indices(SimpleNamespace(indices=indices))
    assert found == {name: None if told is None else value for name, value in shares.items()}
