"""Drawings as they come: encodings, spelt-out characters, what is drawn, and what damages them."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.io import read_buildings
from civicsight.io.source_options import Declared
from civicsight.io.vectors.vector import read_vector
from tests import exchange_made as made
from tests.result_town import TOWN_CRS

HERE = Declared(crs=TOWN_CRS)


def written(folder, content, encoding="utf-8"):
    return made.text("a.dxf", content, encoding)(folder)


def code_of(path, declared=HERE):
    with pytest.raises(InputError) as caught:
        read_vector(path, declared=declared)
    return caught.value.faults[0].code


@pytest.mark.parametrize(
    ("content", "encoding", "found"),
    [
        (made.dxf([made.note("砖3")]), "gb18030", "GB18030"),
        (made.dxf([made.note("砖3")]).replace("\n", "\r\n"), "gb18030", "GB18030"),
        (made.dxf([made.note("砖3")], version="AC1032"), "utf-8", "UTF-8"),
        (made.dxf([made.note("磚3")], page="ANSI_950"), "cp950", "cp950"),
        (made.dxf([made.note("\\U+78163")]), "ascii", "UTF-8"),
        ("".join([made.groups((0, "SECTION"), (2, "ENTITIES")), made.note("砖3"),
                  made.groups((0, "ENDSEC"), (0, "EOF"))]), "utf-8", "UTF-8"),
    ],
    ids=["GBK", "lines of Windows", "AutoCAD 2018", "Big5", "spelt out", "no header"],
)  # fmt: skip
def test_text_is_what_was_drawn(tmp_path, content, encoding, found):
    vector = read_vector(written(tmp_path, content, encoding), declared=HERE)
    assert vector.frame["text"].iloc[0] in {"砖3", "磚3"}
    assert vector.encoding == found


def test_a_wrong_code_page_is_refused_until_the_true_one_is_declared(tmp_path):
    path = written(tmp_path, made.dxf(made.DRAWING, page="ANSI_932"), "gb18030")
    assert code_of(path) == "shapefile.encoding"
    told = Declared(crs=TOWN_CRS, encoding="gbk")
    assert read_vector(path, declared=told).frame["text"].dropna().tolist() == ["砖3"]


def test_a_drawing_without_anything_or_cut_off_is_refused(tmp_path):
    assert code_of(written(tmp_path, made.dxf([]))) == "file.no_features"
    with pytest.raises(InputError, match=r"file\.damaged.*found 'error at line") as caught:
        read_vector(written(tmp_path, made.dxf(made.DRAWING)[:700]), declared=HERE)
    assert "/" not in str(caught.value)


def test_without_a_layer_all_of_it_is_read_and_what_has_no_area_is_counted(tmp_path):
    path = written(tmp_path, made.dxf(made.DRAWING), "gb18030")
    table, report = read_buildings(path, declared=HERE)
    assert (report.read, len(table)) == (9, 3)
    assert report.count("excluded.shape") == 4  # an open line, two blocks and a text
    assert report.excluded == 6
    assert read_vector(path, declared=HERE).frame["elevation"].dropna().tolist()[:3] == [
        9,
        12,
        15.5,
    ]


def test_a_layer_that_is_not_drawn_is_refused_with_those_that_are(tmp_path):
    path = written(tmp_path, made.dxf(made.DRAWING), "gb18030")
    with pytest.raises(InputError, match="JZD, DL, 摄像机, ZJ"):
        read_vector(path, layer="HOUSES", declared=HERE)


def test_a_drawing_of_open_lines_has_no_buildings(tmp_path):
    path = written(tmp_path, made.dxf([made.outline(0, closed=False), made.note()]), "gb18030")
    with pytest.raises(InputError, match=r"buildings\.none.*Close the outlines"):
        read_buildings(path, declared=HERE)
