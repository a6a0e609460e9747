"""Places as rings of their parts, against a count made by hand."""

from __future__ import annotations

import json
from collections import Counter

from civicsight.coverage.standing import shown_parts
from civicsight.maps.live import live_map
from civicsight.maps.rings import place_rings
from civicsight.presentation.names import name_all
from civicsight.presentation.symbols import PART_STYLES
from tests.result_factory import make_result


def test_each_place_counts_its_parts_by_state():
    result = make_result("x")
    rings = place_rings(result, name_all(result, "en"))
    states, status = list(PART_STYLES), shown_parts(result)
    assert set(rings["ids"]) == set(result.parts["zone_id"])
    for zone, counts in zip(rings["ids"], rings["counts"], strict=True):
        expected = Counter(
            status.loc[part] for part, of in result.parts["zone_id"].items() if of == zone
        )
        assert dict(zip(states, counts, strict=True)) == {s: expected[s] for s in states}
    assert sum(map(sum, rings["counts"])) == len(result.parts)
    parts = rings["parts"]
    assert parts["ids"] == list(result.parts.index)
    assert [rings["ids"][k] for k in parts["of"]] == list(result.parts["zone_id"])
    assert [states[k] for k in parts["state"]] == list(status)


def test_what_is_not_covered_for_sure_is_open():
    result = make_result("x")
    rings = place_rings(result, name_all(result, "en"))
    is_open = dict(zip(PART_STYLES, rings["open"], strict=True))
    assert [state for state, value in is_open.items() if not value] == ["covered", "unbuilt"]


def test_a_place_without_a_name_has_a_title_and_no_name_to_draw():
    result = make_result("x")
    first = result.parts["zone_id"].iloc[0]
    result.zones.loc[first, "name"] = None
    rings = place_rings(result, name_all(result, "en"))
    at = rings["ids"].index(first)
    assert rings["names"][at] == ""
    assert rings["titles"][at]


def test_without_parts_there_are_no_rings():
    result = make_result("x")
    result.parts = result.parts.iloc[:0]
    assert place_rings(result, name_all(make_result("x"), "en")) is None


def test_the_document_of_the_app_carries_them():
    result = make_result("x")
    told = json.loads(live_map(result, "zh_CN").document)
    assert told["places"] == place_rings(result, name_all(result, "zh_CN"))
    assert any("圆环" in note for note in told["panel"]["notes"])
