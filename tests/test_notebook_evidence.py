"""The walk from a rule to its evidence finds what was designed into the district, and mends it."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import numpy as np
import pytest
import shapely

from tests.test_notebooks import CHINESE, ROOT, TOUR, plots_and_complaints, run_tour

WALK = TOUR.with_name("02_evidence.ipynb")
DEMO = ROOT / "data" / "demo"

ASKED = """
import json
from civicsight.coverage.obstruction import Outlook, gather_views, greatest_heights
targets = samples[samples["part_id"].eq(harmed["part_id"])]
lines = [shapely.LineString([start, point]) for point in targets.geometry]
outlook = Outlook(gather_views(dossier.result))
print(json.dumps({
    "outcomes": {
        name: {
            label: own["subject"][own["outcome"].eq(label)].tolist()
            for label in ("fail", "undetermined")
        }
        for name, own in private.groupby("rule")
    },
    "refused": [both((text,)) for text in forbidden.set_index("subject")["because"]["C186"]],
    "exposed": exposed.loc[["C046", CAMERA, "C189"]].drop(columns="unplaced").to_dict("index"),
    "allowed_m2": rules.value("private_view_area"),
    "evidence": asked.loc[CAMERA, "evidence"],
    "hits_m2": float(hits["area_m2"].sum()),
    "walls": corners(walls).tolist(),
    "wall_m2": walls["area_m2"].tolist(),
    "shown": shown.tolist(),
    "mask": found.mask,
    "levers": [[change.lever, change.amount, change.cost.lost] for change in found.changes],
    "costs": {name: cost.lost for name, cost in costs.items()},
    "hidden": int(hidden.sum()),
    "own_lost": found.mask_cost.own_lost,
    "after": outcomes.to_dict("index"),
    "harmed": harmed.to_dict(),
    "falls": sure["falls"].to_dict(),
    "limit": limit,
    "covered_up_to": greatest_heights(outlook, permit.facility, 1.0)["sure"],
    "crossing": [line.project(line.intersection(board)) / line.length for line in lines],
    "eye_m": float(dossier.result.cameras.loc[harmed["camera_id"], "height_m"]),
    "target_m": targets["height_m"].tolist(),
    "ground": [ground.before_m2, ground.lost_m2],
    "permits": permits["outcome"].to_dict(),
    "indices": {name: each.to_dict() for name, each in summary.items()},
    "folder": str(Path.cwd()),
}, default=float))
"""


@pytest.fixture(scope="module")
def shown():
    return run_tour(WALK, ASKED)


@pytest.fixture(scope="module")
def found(shown):
    return json.loads(shown.cells[-1].outputs[0].text)


@pytest.fixture(scope="module")
def breaches():
    known = json.loads((DEMO / "compliance.json").read_text(encoding="utf-8"))
    return known["rules"]["nanchang"]


def test_it_has_ten_cells():
    book = nbformat.read(WALK, as_version=4)
    assert sum(cell.cell_type == "code" for cell in book.cells) == 10


@pytest.mark.slow
def test_every_plot_is_drawn_and_nothing_is_complained_of(shown):
    assert plots_and_complaints(shown) == (4, "")


@pytest.mark.slow
def test_the_rule_is_told_in_both_languages(shown):
    (cell,) = [cell for cell in shown.cells if cell.id == "rule"]
    english, chinese = cell.outputs[0].text.strip().split("\n\n")
    assert not CHINESE.search(english)
    for text in (english, chinese):
        assert "R9.3" in text
        assert "25 px/m" in text
    assert all(CHINESE.search(line) for line in chinese.splitlines())


@pytest.mark.slow
def test_the_article_comes_out_as_was_designed(found, breaches):
    for rule, outcomes in found["outcomes"].items():
        known = breaches[rule]
        for outcome, subjects in outcomes.items():
            listed = set(known.get(outcome, []))
            assert listed <= set(subjects)
            assert known.get("partial") or listed == set(subjects)
    assert len(found["refused"]) == 2


@pytest.mark.slow
def test_who_sees_what_is_the_evidence_of_the_verdict(found):
    seen, allowed = found["exposed"], found["allowed_m2"]
    assert seen["C046"]["sure_m2"] == 0.0
    assert seen["C046"]["possible_m2"] > allowed
    assert seen["C189"]["possible_m2"] < seen["C189"]["before_m2"]
    assert found["evidence"]["area_sure_m2"] == pytest.approx(found["hits_m2"], abs=0.001)
    assert found["hits_m2"] == pytest.approx(sum(found["wall_m2"]))


@pytest.mark.slow
def test_the_walls_are_drawn_in_their_size_within_the_picture_and_under_the_mask(found):
    walls, shown = np.array(found["walls"]), np.array(found["shown"])
    width = np.linalg.norm(walls[:, 1] - walls[:, 0], axis=1)
    height = np.linalg.norm(walls[:, 2] - walls[:, 1], axis=1)
    np.testing.assert_allclose(width * height, found["wall_m2"], rtol=1e-6)
    middle = shown.mean(axis=1)
    assert ((middle >= 0) & (middle <= 1)).all()
    mask = shapely.from_wkt(found["mask"])
    assert shapely.intersects_xy(mask, *middle.T).all()
    assert 0 < mask.area < 0.2


@pytest.mark.slow
def test_a_change_that_costs_nothing_comes_first_and_the_mask_costs_what_it_hides(found):
    lost = [cost for _, _, cost in found["levers"]]
    assert lost == sorted(lost)
    assert lost[0] == 0.0 < found["costs"]["mask"] <= found["own_lost"]
    assert found["hidden"] > 0


@pytest.mark.slow
def test_either_clears_the_camera_at_the_cost_that_was_said(found):
    before, changed, masked = found["after"].values()
    assert [each["outcome"] for each in (before, changed, masked)] == ["fail", "pass", "pass"]
    assert before["sees_m2"] > found["allowed_m2"] >= max(changed["sees_m2"], masked["sees_m2"])
    lever, amount, cost = found["levers"][0]
    assert f"{lever} {amount:+g}" in found["after"]
    assert before["met"] - changed["met"] == pytest.approx(cost)
    assert before["met"] - masked["met"] == pytest.approx(found["costs"]["mask"])


@pytest.mark.slow
def test_the_board_takes_the_gate_and_may_be_as_high_as_the_lowest_sight_line(found, breaches):
    """By hand: each sight line to the gate is that high where it crosses the board."""
    assert breaches["R10.3"]["fail"] == ["F001"]
    assert found["falls"] == {found["harmed"]["part_id"]: True}
    target, eye = np.array(found["target_m"]), found["eye_m"]
    by_hand = (eye + (target - eye) * np.array(found["crossing"])).min()
    assert by_hand - 0.011 <= found["covered_up_to"] <= by_hand
    assert 0 < found["limit"] < found["covered_up_to"]  # so much of the view is lost before
    before_m2, lost_m2 = found["ground"]
    assert 0 < lost_m2 <= before_m2


@pytest.mark.slow
def test_a_lower_board_and_one_moved_are_permitted(found):
    assert found["permits"] == {"as applied for": "fail", "lower": "pass", "moved": "pass"}


@pytest.mark.slow
def test_the_indices_say_what_the_mask_has_changed(found):
    before, after = found["indices"]["before"], found["indices"]["after"]
    assert before["privacy_warnings"] - after["privacy_warnings"] == 1
    gone = before["exposed_after_m2"] - after["exposed_after_m2"]
    assert 0 < gone <= found["hits_m2"] + 1e-6
    assert before["exposed_before_m2"] == after["exposed_before_m2"]
    for reading in ("sure", "assumed", "possible"):
        assert after[f"compliance_{reading}"] == before[f"compliance_{reading}"]
        assert after[f"conformance_{reading}"] <= before[f"conformance_{reading}"] + 1e-3


@pytest.mark.slow
def test_a_run_writes_no_file(shown, found):
    assert Path(found["folder"]) == WALK.parent
    assert shown.metadata["written"] == []
