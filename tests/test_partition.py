"""Everything there is, is in one state; what was not judged is never silent nor costs a camera."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from civicsight.core.i18n import LANGUAGES, translate
from civicsight.coverage.check import check
from civicsight.coverage.demand.find import REASONS
from civicsight.coverage.findings.evidence import NO_INVENTORY, NOT_LOOKED
from civicsight.coverage.findings.withheld import PRESUMED_GATE
from civicsight.coverage.result import (
    ASSUMED,
    COVERED,
    GAP,
    NOT_JUDGED,
    OPEN_WORD,
    STATES,
    partition,
)
from civicsight.coverage.standing import status_of_parts
from civicsight.editing.gates import open_gates
from civicsight.maps.plan import feature_layers
from civicsight.model import CAMERAS
from civicsight.model.provenance import Provenance
from civicsight.planning.compliance import judge
from civicsight.planning.make import Aims, make_plan
from civicsight.planning.statement.figures import (
    DOUBLE_TEXTS,
    classes_in,
    figures_by_district,
    figures_of_check,
)
from civicsight.presentation.evidence import finding_sentence
from civicsight.presentation.names import name_all, name_judged
from civicsight.presentation.numbers import all_findings, statuses_in
from civicsight.report.brief import brief_result, list_steps, write_headline
from civicsight.report.check_page import render_page
from civicsight.report.compliance import give_account
from civicsight.report.compliance.front import front_page
from civicsight.report.geopackage import layers_of
from civicsight.report.partition import UNTOLD, WAYS, worst_places
from civicsight.report.tables import make_tables
from civicsight.rules.predicates import OF_INVENTORY
from tests import town
from tests.drawn import LONG, a_few
from tests.silent_town import HOLES, city_of, holey_town, vanished_places, watching

SEEDS = range(400) if LONG else a_few(range(12), 3)
CAMERA = ("cameras", 0)


@pytest.fixture(scope="module")
def vanished():
    return check(vanished_places(), raster=False)


class TestVanishedPlaces:
    def test_every_place_of_the_register_is_in_the_partition(self, vanished):
        counts = partition(vanished).counts()["places"]
        assert counts["count"] == 35
        assert sum(counts[state] for state in STATES) == 35
        assert counts[NOT_JUDGED] == 0  # each has a front, all along which its gate may be
        assert vanished.parts["how"].eq("front").sum() == 35

    def test_no_planned_camera_is_dropped_that_another_position_of_a_gate_may_need(self, vanished):
        behind = set(vanished.cameras.index[7::8])
        assert behind <= set(vanished.withheld.index)
        assert set(vanished.withheld["reason"]) == {PRESUMED_GATE}
        against = vanished.duplicates[vanished.duplicates["kind"].eq("duplicate")]
        assert not behind & set(against["subject"])

    def test_a_twin_that_adds_nothing_at_any_position_is_still_found(self, vanished):
        beside = set(vanished.cameras.index[3::8])
        certain = vanished.duplicates["evidence"].map(lambda one: one["verdict"] == "certain")
        assert set(vanished.duplicates.loc[certain, "subject"]) == beside

    def test_the_plan_drops_none_of_them_and_says_what_it_could_not_weigh(self):
        city = vanished_places(4, 8)
        result = check(city, raster=False)
        plan = make_plan(result, Aims(extras=False))
        dropped = plan.measures.index[plan.measures["measure"].eq("drop")]
        assert list(dropped) == ["c03"]  # its twin stands, and sees every position that it does

    def test_known_gates_bring_the_findings_back(self, vanished):
        doors = {f"d{n}": (town.point(60 * (n % 7) + 12, 60 * (n // 7)), "main") for n in range(35)}
        city = replace(vanished.city, entrances=town.entrances(**doors))
        known = check(city, raster=False)
        assert known.withheld.empty
        assert known.parts["how"].eq("mapped").all()


def test_a_gate_of_unknown_position_is_covered_only_if_all_its_positions_are():
    shape = town.rect(0, 0, 6, 4)
    listed = {"item": "8.4", "standing": "designated", "source": "register"}
    place = {"p": (town.point(3, 2), {"name": "P"}, listed)}
    near = {"hfov_deg": 60.0, "width_px": 7680.0}
    around = {
        "south": watching(3, -10, 0.0, **near),
        "north": watching(3, 14, 180.0, **near),
        "east": watching(16, 2, 270.0, **near),
        "west": watching(-10, 2, 90.0, **near),
    }

    def state(names, roads=None):
        cameras = {name: around[name] for name in names}
        city = city_of(places=place, buildings={"h": (shape,)}, cameras=cameras, roads=roads)
        result = check(city, raster=False)
        return partition(result).places["state"].iloc[0]

    street = {"street": (town.line((-50, -10), (90, -10)), "residential")}
    assert state(around) == COVERED
    assert state(["south", "north", "east"]) == ASSUMED  # possibly, if the gate is not in the west
    assert state(["south"], street) == ASSUMED  # presumed towards the street, which is seen
    assert state(["north"], street) == ASSUMED  # the presumed one is not, another position is
    away = {"south": watching(12, -12, 180.0)}
    around["south"] = away["south"]
    assert state(["south"], street) == GAP


def test_what_cannot_be_judged_says_why_and_what_would_settle_it():
    listed = {"item": "8.4", "standing": "designated", "source": "register"}
    city = city_of(
        places={"open": (town.point(300, 300), {"name": "Kiosk"}, listed)},
        buildings={"h": (town.rect(0, 0, 24, 16),), "around": (town.yard(300, 300),)},
        cameras={"c": watching(12, -12, 0.0)},
    )
    result = check(city, raster=False)
    found = partition(result)
    assert found.places["state"].tolist() == [NOT_JUDGED]
    assert found.places["reasons"].tolist() == [("indoors",)]
    assert {reason for reason in found.parts["reason"] if reason} <= set(REASONS)
    assert all(str(text) for texts in REASONS.values() for text in texts)
    steps = [str(step) for step in steps_of(result)]
    headline = str(write_headline(figures_of_check(result)))
    assert headline == "Of 1 places that were found, no gate or key part could be judged."
    assert any(step.startswith("Settle what 1 places lack") for step in steps)


def steps_of(result):
    return list_steps(result, name_all(result, "en"), figures_of_check(result))


def test_what_to_do_first_begins_with_gates_that_are_only_presumed(vanished):
    steps = [str(step) for step in steps_of(vanished)]
    assert "List or confirm 35 gates that are only presumed: each may save a camera." in steps


def test_the_places_at_which_most_is_open_are_named_first(vanished):
    names = name_all(vanished, "en")
    worst = [str(text) for text in worst_places(vanished, names)]
    gaps = partition(vanished).places
    assert len(worst) == 3
    named = {f"{name}: 1 of 1 gates and key parts are not covered."
             for name in gaps.loc[gaps["state"].eq(GAP), "name"]}  # fmt: skip
    assert set(worst) <= named


def test_without_an_inventory_nothing_of_it_was_judged():
    city = replace(vanished_places(4, 0), provenance=())
    result = check(city, raster=False)
    found, counted = partition(result), figures_of_check(result)
    assert found.parts["state"].eq(NOT_JUDGED).all()
    for name in ("places", "parts"):  # a page says no gap where nobody looked
        figures = [counted.of(f"{name}.{state}.before") for state in ("not_judged", "gap", "open")]
        assert figures == [len(getattr(found, name)), 0, 0]
    assert set(found.parts["reason"]) == {NO_INVENTORY}
    empty = partition(check(vanished_places(4, 0), raster=False))  # a list that says: none stands
    assert empty.parts["state"].eq(GAP).all()
    given = partition(check(city, CAMERAS.empty(city.crs), raster=False))
    assert given.parts["state"].eq(GAP).all()


def test_a_map_in_which_nobody_drew_a_camera_is_no_inventory():
    drawn = tuple(Provenance(layer, "city.osm.pbf", read=n) for layer, n in (("roads", 9), CAMERA))
    city = replace(vanished_places(4, 0), provenance=drawn)
    assert partition(check(city, raster=False)).parts["state"].eq(NOT_JUDGED).all()
    listed = replace(city, provenance=(*drawn, Provenance("cameras", "inventory.csv")))
    assert partition(check(listed, raster=False)).parts["state"].eq(GAP).all()


def test_without_an_inventory_no_gap_and_no_rule_is_a_verdict():
    city = replace(vanished_places(4, 0), provenance=())
    gates = {f"d{n}": (town.point(60 * n + 12, 0), "main") for n in range(4)}
    city = replace(city, entrances=town.entrances(**gates))
    listed = check(city, CAMERAS.empty(city.crs), raster=False)
    assert listed.summary["findings"]["violations"] == 4
    result = check(city, raster=False)
    assert result.summary["findings"]["violations"] is None
    assert set(result.gaps["outcome"]) == {"undetermined"}
    assert set(result.gaps["assumptions"]) == {(NO_INVENTORY,)}
    assert set(status_of_parts(result)) == {"unknown"}
    said = [finding_sentence(row, name_all(result, "en")) for row in result.gaps.itertuples()]
    assert not any("No camera in use covers it" in text for text in said)
    verdicts = judge(result, today=date(2026, 11, 28)).verdicts
    asked = {rule.id for name in OF_INVENTORY for rule in result.rules.by_predicate(name)}
    about = verdicts[verdicts["rule"].isin(asked) & verdicts["outcome"].ne("not_applicable")]
    assert len(about) >= 4
    assert set(about["outcome"]) == {"undetermined"}
    assert about["because"].map(lambda texts: NOT_LOOKED in texts).all()
    assert not verdicts["severity"].eq("violation").any()


def test_without_an_inventory_no_table_layer_or_page_counts_a_gap():
    city = replace(vanished_places(4, 0), provenance=())
    gates = {f"d{n}": (town.point(60 * n + 12, 0), "main") for n in range(4)}
    city = replace(city, entrances=town.entrances(**gates))
    result = check(city, raster=False)
    assert len(result.gaps) == 4  # what a plan would have to close
    counted = result.summary
    assert (counted["findings"]["gaps"]["count"], counted["parts"]["judged"]) == (None, 0)
    assert set(counted["parts"]["by_status"].values()) == {0}
    assert counted["parts"]["count"] == counted["partition"]["parts"][NOT_JUDGED] == 4
    assert make_tables(result)["findings"].empty
    assert layers_of(result)["gaps"].empty
    assert all_findings(result).empty
    assert not [one for one in feature_layers(result, name_all(result, "en")) if one.key == "gaps"]
    listed = check(city, CAMERAS.empty(city.crs), raster=False)
    assert len(all_findings(listed)) == listed.summary["findings"]["gaps"]["count"] == 4
    assert listed.summary["parts"]["by_status"]["gap"] == 4


@pytest.mark.parametrize("edition", a_few(["reviewer", "public"]))
def test_without_an_inventory_page_one_says_so_with_the_articles(edition):
    city = replace(vanished_places(4, 0), provenance=())
    account = give_account(city, today=date(2026, 11, 28), edition=edition)
    front = front_page(account, name_judged(account.dossier, "en"))
    first = front["judged"]["first"][0]
    assert first.startswith("No inventory of cameras was given: nothing was judged")
    assert "7, 8, 9, 10" in first
    assert {row["value"] for row in front["indices"]} == {"–"}
    assert {row[way] for row in front["doubles"] for way in WAYS} == {"cannot be told"}
    assert set(front["privacy"].values()) == {"–"}


@pytest.mark.hypothesis
@pytest.mark.parametrize("seed", SEEDS)
def test_the_states_sum_to_what_register_and_map_hold(seed):
    rng = np.random.default_rng(seed)
    holes = [hole for hole in HOLES if rng.random() < 0.35]
    city = holey_town(rng, holes)
    result = check(city, raster=False)
    found = partition(result)
    places, cameras = found.counts()["places"], found.counts()["cameras"]
    assert places["count"] == len(result.zones) + len(result.left_out)
    assert places["count"] == sum(places[state] for state in STATES)
    assert set(result.zones["place_id"].dropna()) <= set(city.places.index)
    parts = found.counts()["parts"]
    assert parts["count"] == sum(parts[state] for state in STATES)
    assert parts["count"] >= len(result.parts)
    told = statuses_in(figures_of_check(result))
    assert (told.total, told.unknown) == (parts["count"], parts[NOT_JUDGED])
    counted = figures_of_check(result)
    of_law = [f"class.{one.pack}.{one.id}" for one in classes_in(result.rules)
              if one.pack in result.rules.demanding]  # fmt: skip
    assert sum(counted.of(f"{key}.places") for key in of_law) == places["count"]
    assert sum(counted.of(f"{key}.parts") for key in of_law) == parts["count"]
    assert sum(statuses_in(counted, key).total for key in of_law) == parts["count"]
    towns = figures_by_district(result)
    assert sum(own.of("parts") for own in towns.values()) == (parts["count"] if towns else 0)
    assert cameras["count"] == len(city.cameras) == cameras["judged"] + cameras[NOT_JUDGED]
    unjudged = found.places[found.places["state"].eq(NOT_JUDGED)]
    assert all(reasons for reasons in unjudged["reasons"])
    assert result.summary["partition"]["places"] == places
    known = {OPEN_WORD, NO_INVENTORY, *REASONS}
    assert {reason for reasons in found.places["reasons"] for reason in reasons} <= known
    # Less data offers no more actions.
    for row in result.duplicates.itertuples():
        if row.subject in result.withheld.index and row.kind == "duplicate":
            assert row.outcome == "undetermined"
            assert not row.evidence.get("drop")


def unlisted_city():
    """Return a school on its street; nobody handed in an inventory."""
    school = (
        town.rect(0, 0, 20, 14),
        {"name": "School", "amenity": "school"},
        {"item": "8.4", "standing": "designated", "source": "register"},
    )
    return city_of(
        places={"p0": school},
        buildings={"h0": (town.rect(0, 0, 20, 14),)},
        cameras={},
        roads={"street": (town.line((-40, -8), (200, -8)), "residential")},
        given=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_an_inventory_no_double_is_counted_as_none(language):
    result = check(unlisted_city(), raster=False)
    untold = translate(UNTOLD, language)
    brief = brief_result(result, language)
    assert len(brief.rows) == len(DOUBLE_TEXTS)
    assert {cell for _, *cells in brief.rows for cell in cells} == {untold}
    page = render_page(
        result, language, files_beside={}, other_languages=(), imports=(), made_on=date(2026, 12, 3)
    )
    doubles = re.search('id="article7">.*?</section>', page, re.DOTALL)[0]
    cells = re.findall("<td>(.*?)</td>", doubles)
    assert (set(cells), len(cells)) == ({untold}, 12)
    account = give_account(unlisted_city(), today=date(2026, 12, 3), edition="reviewer")
    front = front_page(account, name_judged(account.dossier, language))
    assert {row[way] for row in front["doubles"] for way in WAYS} == {untold}
    assert len(front["doubles"]) == 6


def test_without_an_inventory_no_number_says_what_cameras_see():
    counted = check(unlisted_city(), raster=False)
    told = counted.summary

    def numbers(own):
        if isinstance(own, dict):
            return [one for value in own.values() for one in numbers(value)]
        return [] if own is None else [own]

    assert told["cameras"]["read"] == 0
    assert told["samples"]["count"] > 0
    told["cameras"].pop("read"), told["samples"].pop("count")
    for name in ("cameras", "samples", "findings", "redundant"):
        assert numbers(told[name]) == []
    shown = figures_of_check(counted)
    assert {one.value for key, one in shown.entries.items() if key.startswith("doubles.")} == {None}
    assert str(shown["data.direction_sure"]) == str(shown["cameras.used"]) == "–"
    assert "cannot be told" in repr(counted)
    assert all(not one.is_gap for one in open_gates(counted, ()))


def test_an_empty_inventory_says_that_nothing_is_built_twice():
    city = replace(unlisted_city(), provenance=(Provenance("cameras", "empty.csv"),))
    brief = brief_result(check(city, raster=False), "en")
    assert {cell for _, *cells in brief.rows for cell in cells} == {"0"}


def test_what_adds_little_is_not_told_where_nothing_that_the_law_asks_for_was_found():
    city = city_of(places={}, buildings={}, cameras={"a": watching(0, 0, 0.0)})
    rows = brief_result(check(city, raster=False), "en").rows
    assert [cells for _, *cells in rows] == [["cannot be told"] * 2, ["0", "0"], ["0", "0"]]


def test_cameras_of_which_none_has_a_view_are_no_pairs_that_were_looked_at():
    city = city_of(places={}, buildings={}, cameras={"a": watching(0, 0, 0.0, usable=False)})
    rows = brief_result(check(city, raster=False), "en").rows
    assert {cell for _, *cells in rows for cell in cells} == {"cannot be told"}
