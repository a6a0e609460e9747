"""What a person settles about a census, by hand, by rule or in a workbook, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest

from civicsight.core.errors import InputError, Text
from civicsight.inventory import read_rule, reconcile, settle, take_census, take_over
from civicsight.inventory.decision_table import SHEET, headings, read_decisions
from civicsight.inventory.difference import kept_apart_in
from civicsight.io.apart.reading import read_apart
from civicsight.io.project_file import load_city, save_city
from civicsight.model import CHANGES
from civicsight.model.notes import Note
from civicsight.report.census import BOOK, write_census
from tests.inventory_made import make_register, make_year
from tests.result_town import make_city

DAY = "2026-03-01"


def city_of(cameras):
    made = make_city("town")
    box = gpd.GeoSeries(cameras.geometry).union_all().envelope.buffer(1_000.0)
    return replace(made, crs=cameras.crs, extent=box, cameras=cameras, **{
        name: getattr(made, name).set_crs(cameras.crs, allow_override=True)
        for name in ("buildings", "obstacles", "canopies", "roads", "places", "entrances",
                     "barriers", "districts", "private_places", "signs", "projects", "plans",
                     "documents", "answers", "changes", "consent_areas", "proposals")
    })  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_what_the_list_says_taken_over_leaves_no_difference(seed):
    year = make_year(300, share=0.3, seed=seed)
    city = city_of(year.known)
    found = settle(reconcile(city.cameras, year.listed, source="census.csv"),
                   rules=[read_rule("*=take")], by="李", on=DAY)  # fmt: skip
    taken = take_over(city, found)
    assert reconcile(taken.cameras, year.listed).is_same
    assert len(taken.changes) == len(found.differences)
    CHANGES.check(taken.changes)
    assert set(taken.changes["decided_by"]) == {"李"}
    assert set(taken.changes["decided_on"]) == {DAY}
    assert set(taken.changes["reason"]) == {"*=take"}
    missing = found.differences.loc[found.differences["what"].eq("missing"), "known_id"]
    assert set(taken.cameras.loc[missing, "status"]) == {"removed"}
    assert taken.provenance[-1].source == "census.csv"


@pytest.mark.slow
def test_what_is_open_or_kept_changes_nothing_and_what_is_kept_is_on_record(tmp_path):
    year = make_year(100)
    city = city_of(year.known)
    found = reconcile(city.cameras, year.listed)
    assert take_over(city, found) is city
    kept = settle(found, rules=[read_rule("missing=keep")], by="李", on=DAY, reason="只是分局清单")
    again = load_city(save_city(take_over(city, kept), tmp_path / "p.gpkg"))
    assert again.cameras["status"].eq("existing").all()
    assert again.changes["what"].eq("missing").all()
    assert set(again.changes["reason"]) == {"只是分局清单"}
    assert len(again.changes) == len(year.done["gone"])


def test_rules_hold_in_their_order_and_for_sure_pairs_only():
    year = make_year(300)
    found = reconcile(year.known, year.listed)
    table = found.differences
    rules = [
        read_rule("changed:height_m=keep"),
        read_rule("changed=take@0.9"),
        read_rule("added=take"),
    ]
    settled = settle(found, rules=rules, by="李", on=DAY).differences
    height = table["what"].eq("changed") & table["field"].eq("height_m")
    assert set(settled.loc[height, "decision"]) == {"keep"}
    other = table["what"].eq("changed") & ~height & table["certainty"].ge(0.9)
    assert set(settled.loc[other, "decision"]) == {"take"}
    assert settled.loc[table["what"].eq("missing"), "decision"].eq("").all()


def test_nobody_settles_without_a_name():
    year = make_year(100)
    city = city_of(year.known)
    found = settle(reconcile(city.cameras, year.listed), rules=[read_rule("*=take")])
    with pytest.raises(InputError, match="who settled"):
        take_over(city, found)


def test_a_new_number_goes_to_whatever_names_the_camera():
    year = make_year(100)
    old = min(year.done["renumbered"])
    city = city_of(year.known)
    signs = city.signs.iloc[:0]
    signs.loc["s1", "camera_id"] = old
    signs = signs.set_geometry(
        gpd.GeoSeries([year.known.geometry.loc[old]], index=["s1"], crs=city.crs)
    )
    city = replace(city, signs=signs)
    found = settle(reconcile(city.cameras, year.listed), rules=[read_rule("renumbered=take")],
                   by="李", on=DAY)  # fmt: skip
    new = year.truth.index[year.truth.eq(old)][0]
    taken = take_over(city, found)
    assert taken.signs.loc["s1", "camera_id"] == new
    assert new in taken.cameras.index
    assert old not in taken.cameras.index
    record = taken.changes[taken.changes["subject"].eq(new)].iloc[0]
    assert (record["what"], record["old"], record["new"]) == ("renumbered", old, new)


def test_two_cameras_never_get_one_number():
    known = make_register(2).set_axis(pd.Index(["a", "b"], dtype=object))
    known = known.set_geometry(gpd.points_from_xy([0.0, 900.0], [0.0, 0.0], crs=known.crs))
    listed = known.iloc[1:].set_axis(pd.Index(["a"], dtype=object))
    found = settle(reconcile(known, listed), rules=[read_rule("renumbered=take")], by="李", on=DAY)
    assert list(found.matches["known_id"]) == ["b"]
    with pytest.raises(InputError, match="no other camera"):
        take_over(city_of(known), found)


def read_back(path):
    return read_decisions(read_apart("sheet", path, layer_of(), headings()))


def layer_of():
    from civicsight.core.i18n import in_all
    from civicsight.io.source_options import Declared

    return Declared(layer=in_all(SHEET))


def fill_in(path, decide):
    """Fill the workbook as a person would: `decide` returns the last cells of a row."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    heads = [cell.value for cell in sheet[1]]
    at = {name: heads.index(title) + 1 for name, title in titles().items()}
    for row in range(2, sheet.max_row + 1):
        cells = {name: sheet.cell(row, column).value for name, column in at.items()}
        for name, value in (decide(cells) or {}).items():
            sheet.cell(row, at[name]).value = value
    book.save(path)


def titles():
    from civicsight.core.i18n import in_all
    from civicsight.inventory.decision_table import TITLES

    return {name: in_all(text) for name, text in TITLES.items()}


def test_the_workbook_is_filled_in_and_read_back(tmp_path):
    year = make_year(120, share=0.3)
    found = reconcile(year.known, year.listed, source="list.csv")
    files = write_census(found, tmp_path, name="town")
    book = tmp_path / BOOK
    assert book in files

    def decide(cells):
        if cells["known_id"] in year.done["gone"]:
            return {
                "decision": "按台账",
                "decided_by": "王",
                "decided_on": "2026-02-27",
                "reason": "在用",
            }
        return {"decision": "take"} if "位置变动" in cells["what"] else None

    fill_in(book, decide)
    settled = settle(found, decisions=read_back(book), by="李", on=DAY).differences
    gone = settled[settled["what"].eq("missing")]
    assert set(gone["decision"]) == {"keep"}
    assert set(gone["decided_by"]) == {"王"}
    assert set(gone["decided_on"]) == {"2026-02-27"}
    moved = settled[settled["what"].eq("moved")]
    assert set(zip(moved["decision"], moved["decided_by"], strict=True)) == {("take", "李")}
    assert settled.loc[~settled["what"].isin(["missing", "moved"]), "decision"].eq("").all()
    page = (tmp_path / "page.zh-CN.html").read_text("utf-8")
    assert "清单缺失" in page


def test_a_pair_that_is_two_cameras_is_pulled_apart():
    year = make_year(60, share=0.3)
    note = Note("camera.altitude", Text("3 of 60 rows"), 3)
    found = reconcile(year.known, year.listed, reading=[note])
    row = found.differences[found.differences["what"].eq("renumbered")].iloc[0]
    decisions = pd.DataFrame([{**row, "decision": "apart"}])
    again = settle(found, decisions=decisions, by="李", on=DAY)
    pairs = set(zip(again.matches["known_id"], again.matches["listed_id"], strict=True))
    assert (row["known_id"], row["listed_id"]) not in pairs
    census = take_census(again)
    assert census.states["missing"] + census.states["same"] + census.states["different"] == 60
    pair = (row["known_id"], row["listed_id"])
    assert pair in again.apart
    assert again.reading == (note,)
    city = take_over(city_of(year.known), again)
    record = city.changes.iloc[0]
    assert (record["what"], record["old"], record["new"]) == ("apart", *pair)
    assert (record["decided_by"], record["decided_on"]) == ("李", DAY)
    later = reconcile(city.cameras, year.listed, apart=kept_apart_in(city.changes))
    assert pair not in set(zip(later.matches["known_id"], later.matches["listed_id"], strict=True))


def test_a_decision_about_what_is_no_longer_there_is_refused():
    year = make_year(60, share=0.3)
    found = reconcile(year.known, year.listed)
    row = found.differences[found.differences["field"].eq("height_m")].iloc[0]
    for change in ({"known_id": "nobody"}, {"new": "99"}):
        with pytest.raises(InputError, match="as it is now"):
            settle(
                found,
                decisions=pd.DataFrame([{**row, "decision": "take", **change}]),
                by="李",
                on=DAY,
            )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("known_id,listed_id,what,field\n1,,missing,\n", "Decision"),
        ("known_id,listed_id,what,field,decision\n1,,lost,,keep\n", "lost"),
        ("known_id,listed_id,what,field,decision\n1,,missing,,perhaps\n", "perhaps"),
        ("known_id,listed_id,what,field,decision,decided_on\n1,,missing,,keep,soon\n", "soon"),
    ],
)
def test_what_cannot_be_read_of_a_table_is_named(tmp_path, text, said):
    path = tmp_path / "d.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_decisions(read_apart("sheet", path))
