"""What a draft drawn by hand costs: each change by its measure, by the price table alone."""

from __future__ import annotations

import pytest

from civicsight.editing.commands import Add, Aim, Move, Remove, SetOptics
from civicsight.editing.draft import Draft
from civicsight.editing.draft_costs import MEASURES, draft_costs, sum_costs
from civicsight.planning.prices.price_table import read_prices
from tests.app_town import app_city

PRICES = read_prices()
STANDARD = {"hfov_deg": 60.0, "vfov_deg": 36.0, "width_px": 2560.0}


@pytest.fixture(scope="module")
def draft():
    return Draft(app_city())


def yuan(*items):
    return sum(PRICES.price_yuan(item) for item in items)


def costs_of(draft, *commands):
    after = draft
    for command in commands:
        after = command.apply(after)
    return draft_costs(draft, after, PRICES)


def standing(draft):
    cameras = draft.cameras
    return str(cameras.index[cameras["status"].fillna("existing").eq("existing")][0])


@pytest.mark.parametrize(
    ("mount", "carrier"),
    [("pole", ("pole", "mount.new_pole", "supply.new")), ("wall", ("mount.facade", "supply.new")),
     ("gate", ("mount.gate", "supply.near"))],
)  # fmt: skip
def test_a_new_camera_takes_a_device_its_carrier_and_power(draft, mount, carrier):
    found = costs_of(draft, Add("new/1", 30.0, 2.0, 0.0, mount=mount, **STANDARD))
    assert found.loc["new/1"].tolist() == ["new", "standard", yuan("device.standard", *carrier)]


def test_a_standing_camera_is_turned_replaced_moved_or_taken_down(draft):
    label = standing(draft)
    spot = draft.cameras.geometry[label]
    for command, measure, device, items in [
        (Aim(label, 123.0), "reaim", "", ("reaim",)),
        (SetOptics(label, height_m=4.75), "reaim", "", ("reaim",)),
        (SetOptics(label, **STANDARD | {"width_px": 3840.0, "hfov_deg": 90.0}), "refurbish", "fine",
         ("dismantle", "device.fine", "mount.camera")),
        (Remove(label), "dismantle", "", ("dismantle",)),
        (Move(label, spot.x + 0.1, spot.y), "record", "", ()),
    ]:  # fmt: skip
        assert costs_of(draft, command).loc[label].tolist() == [measure, device, yuan(*items)]
    both = costs_of(draft, Move(label, spot.x + 2.0, spot.y), SetOptics(label, **STANDARD))
    moved = costs_of(draft, Move(label, spot.x + 2.0, spot.y)).loc[label]
    assert both.loc[label, ["measure", "device"]].tolist() == ["replace", "standard"]
    assert both.loc[label, "yuan"] == moved["yuan"] + yuan("device.standard")
    assert (moved["measure"], moved["device"]) == ("move", "")
    assert moved["yuan"] > yuan("dismantle")


def test_what_is_drawn_and_given_up_again_costs_nothing(draft):
    new = Add("new/1", 30.0, 2.0, 0.0, **STANDARD)
    assert costs_of(draft, new, Remove("new/1")).empty
    assert costs_of(draft).empty
    assert sum_costs(costs_of(draft)).empty


def test_sums_by_measure_are_those_of_the_rows(draft):
    label = standing(draft)
    found = costs_of(
        draft,
        *(Add(f"new/{n}", 30.0 + n, 2.0, 0.0, **STANDARD) for n in range(3)),
        Aim(label, 200.0),
    )
    sums = sum_costs(found)
    assert sums["count"].to_dict() == {"new": 3, "reaim": 1}
    assert sums["yuan"].sum() == found["yuan"].sum()
    assert list(sums.index) == [name for name in MEASURES if name in set(found["measure"])]
