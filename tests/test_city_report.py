"""A report says in two languages what can be counted again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from civicsight.core.errors import N_, Fault, InputError
from civicsight.io import Count, ImportReport, describe_fault, describe_faults
from civicsight.io.assemble import city_notes
from civicsight.io.report import MAX_LISTED, merge
from civicsight.io.tables.inventory import read_cameras
from civicsight.model.notes import noted
from civicsight.ui.errors import refusal_lines
from tests.result_town import make_city

FAULT = Fault(
    "cell.value", "a.csv", "row 7", "height_m", "tall", N_("yes or no"), N_("Split the table.")
)

DIFFERENT = tuple(replace(FAULT, field=f"f{n}") for n in range(MAX_LISTED + 2))


def report(layer="cameras", **changes):
    counts = (
        Count("direction", N_("with a direction"), 2),
        Count("excluded.guard", N_("guards and other equipment, no cameras"), 1),
        Count("excluded.relation", N_("relations, no place of their own"), 0),
    )
    return ImportReport("a.csv", layer, 5, 4, counts, **changes)


def test_figures():
    one = report()
    assert (one.count("direction"), one.count("nothing"), one.excluded) == (2, 0, 1)


def test_rejects_refuse_unless_asked():
    bad = report(rejected=(FAULT,))
    with pytest.raises(InputError) as caught:
        bad.raise_rejected(keep_good=False)
    assert caught.value.faults == (FAULT,)
    assert bad.raise_rejected(keep_good=True) is bad
    assert report().raise_rejected(keep_good=False) == report()


def test_several_layers_add_up():
    total = merge("a.csv", [report(), report("roads", repaired=(FAULT,))], crs_found="EPSG:4326")
    assert (total.read, total.kept, len(total.repaired), total.layer) == (10, 8, 1, "city")
    assert total.part("roads").layer == "roads"
    assert total.crs_found == "EPSG:4326"
    with pytest.raises(KeyError):
        total.part("barriers")


def test_the_table_holds_every_figure():
    table = merge("a.csv", [report(rejected=(FAULT,)), report("roads")]).table()
    assert table.columns.tolist() == ["source", "layer", "code", "label", "number"]
    cameras = table[table["layer"] == "cameras"].set_index("code")["number"]
    assert cameras.to_dict() == {
        "read": 5, "kept": 4, "direction": 2, "excluded.guard": 1, "excluded.relation": 0,
        "repaired": 0, "rejected": 1,
    }  # fmt: skip


def test_it_fits_into_json():
    text = json.dumps(
        merge(
            "a.csv", [report(rejected=(FAULT,), notes=(noted("read.as", N_("yes or no")),))]
        ).to_dict()
    )
    back = json.loads(text)
    assert back["parts"][0]["counts"]["direction"] == 2
    assert back["parts"][0]["rejected"] == [str(FAULT)]
    found = [(one["kind"], one["count"]) for one in back["parts"][0]["notes"]]
    assert found == [("read.as", 1), ("rows.refused", 1)]
    assert back["parts"][0]["notes"][0]["example"]["en"] == "yes or no"


def test_the_summary_in_english():
    text = merge(
        "a.csv", [report(rejected=DIFFERENT, notes=(noted("read.as", N_("yes or no")),))],
        crs_found="EPSG:4326", encoding="UTF-8", notes=(noted("read.as", N_("decimal degrees")),),
    ).summary("en")  # fmt: skip
    lines = text.splitlines()
    assert lines[:6] == [
        "a.csv",
        "  coordinate system found: EPSG:4326",
        "  text encoding: UTF-8",
        "  How the file was read (1). Found: decimal degrees",
        "- cameras: 5 read, 4 kept",
        "    How the file was read (1). Found: yes or no",
    ]
    assert "    with a direction: 2" in lines
    refused = [line for line in lines if "Rows that could not be used" in line]
    assert len(refused) == MAX_LISTED + 1
    assert refused[-1].endswith("Found: ... and 2 more")
    assert not any("relations" in line for line in lines)


def test_the_summary_in_chinese():
    text = report(rejected=(FAULT,)).summary()
    assert text.splitlines()[1] == "- 摄像机：读入 5，保留 4"
    assert "    有朝向：2" in text.splitlines()
    assert "无法采用的行（1）" in text
    assert "a.csv, 第 7 行, height_m：应为：“是”或“否”；实际为：tall。 请拆分表格。" in text


def test_a_layer_says_its_notes_once():
    text = report(notes=(noted("read.as", N_("decimal degrees")),)).summary("en")
    assert text.count("decimal degrees") == 1


def test_an_unknown_layer_is_called_by_its_name():
    assert "- signs: 5 read" in report("signs").summary("en")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (FAULT, "a.csv, row 7, height_m: expected yes or no, found tall. Split the table."),
        (
            Fault("x", "a.osm", "way/1", "", "", N_("yes or no")),
            "a.osm, way/1: expected yes or no.",
        ),
        (Fault("x", expected=N_("yes or no")), "expected yes or no."),
    ],
)
def test_a_fault_is_one_line(fault, text):
    assert describe_fault(fault, "en") == text


def test_the_same_fault_in_many_rows_is_said_once_with_all_its_rows():
    faults = [
        Fault("cell.value", "a.csv", f"row {n}", "height", f"{n} x", N_("a number"), N_("Mend it."))
        for n in range(2, 40)
    ]
    other = Fault("csv.nul", "a.csv", "row 9", "", "NUL", N_("text"), N_("Export again."))
    lines = list(describe_faults([*faults, other], "en"))
    assert len(lines) == 2
    assert lines[0].startswith("a.csv, 38 rows (2, 3, 4,")
    assert "and 8 more), height: expected a number, found 2 x, 3 x" in lines[0]
    assert lines[0].endswith("… Mend it.") or "…." in lines[0]
    assert lines[1].startswith("a.csv, row 9: expected text")
    assert len(list(describe_faults(faults[:3], "en"))) == 3
    assert "共 38 行" in next(describe_faults(faults, "zh_CN"))


def test_the_same_fault_of_many_things_with_names_is_said_once():
    faults = [
        Fault("x", "f", f"c{n}", "Model", "", N_("a value"), N_("Fill it in.")) for n in range(80)
    ]
    (line,) = describe_faults(faults, "en")
    assert line.startswith("f, 80 of them (c0, c1, c2, c3, c4, c5 and 74 more), Model:")


def repeated(tmp_path, count):
    """Return what is wrong with an inventory in which so many ids stand twice."""
    path = tmp_path / "c.csv"
    labels = [f"c{n}" for n in range(count)] * 2
    rows = [f"{label},{115.90351 + n * 1e-5:.6f},28.67423" for n, label in enumerate(labels)]
    path.write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    return caught.value


def test_repeated_ids_are_one_fault_with_count_and_first_rows(tmp_path):
    error = repeated(tmp_path, 76)
    assert len(error.faults) == 76
    (line,) = describe_faults(error.faults, "en")
    assert "76 rows (78, 79, 80," in line
    assert "it is also in row 2, row 3, row 4, row 5, row 6, row 7 …" in line
    assert "found c0, c1, c2, c3, c4, c5 …" in line
    (line,) = describe_faults(error.faults, "zh_CN")
    assert "共 76 行" in line
    assert "第 2 行" in line
    assert "75 more like it: row 79, row 80" in str(error)
    assert str(error).count("\n") == 0
    assert len(refusal_lines(error, "en")) == 1


def test_few_faults_of_a_kind_keep_a_line_each(tmp_path):
    error = repeated(tmp_path, 3)
    assert len(list(describe_faults(error.faults, "en"))) == 3
    assert str(error).count("\n") == 2


def test_sentences_that_write_a_number_are_told_apart():
    tops = [
        replace(FAULT, where=f"row {n}", expected=N_("a number from 0 to %(limit)g", limit=n % 2))
        for n in range(10)
    ]
    lines = list(describe_faults(tops, "en"))
    assert [("from 0 to 0" in line, "from 0 to 1" in line) for line in lines] == [
        (True, False), (False, True),
    ]  # fmt: skip


@pytest.mark.parametrize("assumed", [0, 1])
def test_assumed_heights_are_noted_where_there_are_any(assumed):
    city = make_city("town")
    flags = [n < assumed for n in range(len(city.buildings))]
    notes = city_notes(replace(city, buildings=city.buildings.assign(height_assumed=flags)))
    assert ["heights.assumed" in {note.kind for note in notes}] == [bool(assumed)]
