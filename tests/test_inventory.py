"""A new list against the register: what is matched, what differs, what was settled and kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from civicsight.core.errors import CrsError, InputError
from civicsight.inventory import read_rule, reconcile, settle, take_census, take_over
from civicsight.inventory.census import STATES
from civicsight.inventory.decision_table import SHEET, read_decisions
from civicsight.inventory.difference import WHAT
from civicsight.inventory.evidence import Pairs
from civicsight.inventory.matching import chances, choose_pairs
from civicsight.io.apart.reading import read_apart
from civicsight.io.project_file import load_city, save_city
from civicsight.model import CAMERAS, CHANGES
from civicsight.report.census import BOOK, write_census
from tests.inventory_made import make_register, make_year, renumbered, score
from tests.result_town import make_city

DAY = "2026-03-01"


def brute_force(pairs: Pairs) -> tuple[float, np.ndarray]:
    """Return the greatest sum of logarithms of all choices, and the chance of each pair."""
    best, total, each = 0.0, 0.0, np.zeros(len(pairs.known))
    for taken in product((False, True), repeat=len(pairs.known)):
        chosen = np.flatnonzero(taken)
        if len({*pairs.known[chosen]}) == len({*pairs.listed[chosen]}) == len(chosen):
            weight = float(np.exp(pairs.log_odds[chosen].sum()))
            best = max(best, float(pairs.log_odds[chosen].sum()))
            total += weight
            each[chosen] += weight
    return best, each / total


def random_pairs(seed: int, known: int, listed: int, share: float) -> Pairs:
    rng = np.random.default_rng(seed)
    cells = np.flatnonzero(rng.random(known * listed) < share)
    nothing = np.zeros(len(cells))
    return Pairs(
        cells // listed, cells % listed, nothing, nothing > 0, nothing, nothing,
        rng.normal(0.5, 2.5, len(cells)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_the_choice_is_the_likeliest_of_all(seed):
    pairs = random_pairs(seed, 4, 4, 0.6)
    chosen = choose_pairs(pairs, 4, 4)
    assert len({*pairs.known[chosen]}) == len({*pairs.listed[chosen]}) == len(chosen)
    assert pairs.log_odds[chosen].sum() == pytest.approx(brute_force(pairs)[0])


@pytest.mark.parametrize("seed", range(40))
def test_a_chance_counts_every_other_choice(seed):
    few = random_pairs(seed, 4, 4, 0.25)
    exact = brute_force(few)[1]
    graph = csr_array((np.ones(len(few.known)), (few.known, 4 + few.listed)), shape=(8, 8))
    circle = len(few.known) > 8 - connected_components(graph, directed=False)[0]
    assert chances(few, 4, 4) == pytest.approx(exact, abs=0.08 if circle else 1e-6)


def test_of_two_that_are_alike_neither_is_sure():
    known = make_register(2).assign(azimuth_deg=np.nan, kind="fixed", name="人民路1号")
    known = known.set_geometry(gpd.points_from_xy([0.0, 0.0], [0.0, 0.0], crs=known.crs))
    listed = known.set_axis(pd.Index(["a", "b"], dtype=object))
    found = reconcile(known, listed)
    assert found.matches["certainty"].to_numpy() == pytest.approx(0.5, abs=0.05)
    turned = (known.assign(azimuth_deg=[10.0, 200.0]), listed.assign(azimuth_deg=[201.0, 12.0]))
    found = reconcile(*turned)
    assert list(found.matches["listed_id"]) == ["b", "a"]
    assert (found.matches["certainty"] > 0.7).all()


@pytest.mark.parametrize(
    ("noise_m", "numbers", "least"),
    [(1.5, True, 0.995), (15.0, True, 0.99), (1.5, False, 0.9)],
    ids=["numbered", "measured badly", "without numbers"],
)
def test_a_year_later_cameras_are_found_again(noise_m, numbers, least):
    year = make_year(1_000, noise_m=noise_m)
    given = None if numbers else {column.name for column in CAMERAS}
    found = reconcile(year.known, year.listed, given=given)
    precision, recall = score(found.matches, year.truth)
    assert min(precision, recall) >= least
    right = found.matches["listed_id"].map(year.truth).eq(found.matches["known_id"])
    assert right[found.matches["certainty"] > 0.95].mean() > 0.99


def test_numbers_of_rows_in_another_order_do_not_lead_astray():
    year = make_year(600)
    known = year.known.set_axis(pd.Index(map(str, range(1, 601)), dtype=object))
    truth = dict(zip(year.known.index, known.index, strict=True))
    listed = renumbered(year, [str(n + 1) for n in range(len(year.listed))])
    found = reconcile(known, listed.listed)
    precision, _ = score(found.matches, listed.truth.map(truth))
    assert precision > 0.9
    assert any("numbered anew" in str(note) for note in found.notes)


def test_what_was_done_is_what_is_found():
    year = make_year(500, noise_m=0.2)
    found = reconcile(year.known, year.listed)
    by_kind = found.differences.groupby("what")["known_id"].agg(set)
    assert by_kind["missing"] == year.done["gone"]
    assert by_kind["moved"] == year.done["moved"]
    assert by_kind["renumbered"] == year.done["renumbered"]
    assert by_kind["changed"] == year.done["changed"]
    assert len(found.differences[found.differences["what"].eq("added")]) == 10
    assert set(by_kind.index) <= set(WHAT)


def test_a_list_of_59_of_191_says_what_is_missing():
    known = make_register(191)
    census = take_census(reconcile(known, known.iloc[:59]))
    assert census.states == {
        "same": 59,
        "different": 0,
        "missing": 132,
        "not_expected": 0,
        "added": 0,
    }
    assert census.kinds.loc["missing", "open"] == 132


def test_the_counts_add_up():
    year = make_year(400)
    known = year.known.copy()
    known.iloc[:7, known.columns.get_loc("status")] = "planned"
    census = take_census(reconcile(known, year.listed))
    states = census.states
    assert sum(states.values()) - states["added"] == len(known)
    assert states["same"] + states["different"] + states["added"] == len(year.listed)
    assert len(census.state_of) == sum(states.values())
    for _, own in census.dimensions.groupby(level="dimension"):
        assert own.sum().to_dict() == states


def one(known, listed, **asked):
    """Return the differences as kind, column, old and new."""
    rows = reconcile(known, listed, **asked).differences
    return [*rows[["what", "field", "old", "new"]].itertuples(index=False, name=None)]


def test_values_that_say_the_same_are_the_same():
    known = make_register(3).assign(azimuth_deg=[0.0, 359.98, 90.0], height_m=4.0)
    listed = known.assign(azimuth_deg=[359.95, 0.02, 90.04], height_m=4.0000001,
                          name=[f" {name} " for name in known["name"]])  # fmt: skip
    assert one(known, listed) == []


def test_each_value_that_differs_is_a_row():
    known = make_register(2).assign(
        height_m=[4.0, np.nan], purpose=["治安", None], tags=[{"街道": "东湖"}, {}]
    )
    listed = known.assign(
        height_m=[np.nan, 5.5], purpose=["交通", None], tags=[{"街道": "西湖", "备注": "新"}, {}]
    )
    first, second = known.index
    assert one(known, listed) == [
        ("changed", "purpose", "治安", "交通"),
        ("changed", "tags.街道", "东湖", "西湖"),
        ("filled", "tags.备注", None, "新"),
        ("emptied", "height_m", 4.0, None),
        ("filled", "height_m", None, 5.5),
    ]
    assert set(reconcile(known, listed).differences["known_id"]) == {first, second}


def test_a_column_that_the_list_lacks_says_nothing():
    known = make_register(4)
    listed = known.assign(height_m=np.nan, name=None)
    assert one(known, listed, given={"camera_id", "azimuth_deg"}) == []


def test_a_planned_camera_that_the_list_has_stands():
    known = make_register(3)
    known["status"] = ["existing", "planned", "planned"]
    listed = known.iloc[:2].assign(status="existing")
    assert one(known, listed, given={"camera_id", "name"}) == [
        ("changed", "status", "planned", "existing")
    ]
    assert any("not missed" in str(note) for note in reconcile(known, listed).notes)


def test_a_list_that_lies_off_as_a_whole_is_warned_of():
    known = make_register(30)
    moved = known.set_geometry(known.geometry.translate(300.0, -400.0))
    notes = [str(note) for note in reconcile(known, moved).notes]
    assert any("500 m off in one direction (300 m east, -400 m north)" in note for note in notes)
    assert not any("off in one" in str(note) for note in reconcile(known, known).notes)


def test_empty_tables_and_other_systems():
    known, none = make_register(3), make_register(3).iloc[:0]
    assert [row[0] for row in one(known, none)] == ["missing"] * 3
    assert [row[0] for row in one(none, known)] == ["added"] * 3
    with pytest.raises(CrsError):
        reconcile(known, known.to_crs("EPSG:4549"))


def test_rules_are_read_and_refused():
    rule = read_rule(" changed:height_m = take @0.95 ")
    assert (rule.what, rule.field, rule.decision, rule.certain) == (
        "changed",
        "height_m",
        "take",
        0.95,
    )
    assert str(rule) == "changed:height_m=take@0.95"
    for bad in ("lost=keep", "missing", "missing=away", "changed:colour=take", "moved=take@2", ""):
        with pytest.raises(InputError):
            read_rule(bad)


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
    return read_decisions(read_apart("sheet", path, layer_of()))


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
    found = reconcile(year.known, year.listed)
    row = found.differences[found.differences["what"].eq("renumbered")].iloc[0]
    decisions = pd.DataFrame([{**row, "decision": "apart"}])
    again = settle(found, decisions=decisions, by="李", on=DAY)
    pairs = set(zip(again.matches["known_id"], again.matches["listed_id"], strict=True))
    assert (row["known_id"], row["listed_id"]) not in pairs
    census = take_census(again)
    assert census.states["missing"] + census.states["same"] + census.states["different"] == 60
    assert (row["known_id"], row["listed_id"]) in again.apart


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


def test_every_state_has_a_heading():
    from civicsight.report.census import OWN

    assert set(STATES) <= set(OWN)
