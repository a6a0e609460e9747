"""Parts that stay keep their numbers, whatever is settled beside them."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from civicsight.coverage.demand.numbers import SAME_M, keep_numbers

CRS = "EPSG:4548"


def parts(*rows):
    """Return parts by id, entrance and middle."""
    return gpd.GeoDataFrame(
        {
            "entrance_id": [entrance for _, entrance, _ in rows],
            "zone_id": [label.partition("#")[0] for label, _, _ in rows],
            "kind": [label.partition("#")[2].rpartition("-")[0] for label, _, _ in rows],
        },
        index=[label for label, _, _ in rows],
        geometry=[LineString([(x - 2, 0), (x + 2, 0)]) for _, _, x in rows],
        crs=CRS,
    ).rename_axis("part_id")


BEFORE = parts(
    ("school#entrance-1", None, 0), ("school#entrance-2", None, 50),
    ("school#entrance-3", "way/7", 90), ("clinic#entrance-1", None, 50),
    ("school#area-1", None, 50),
)  # fmt: skip


def test_nothing_changes_where_nothing_changed():
    assert keep_numbers(BEFORE, BEFORE).equals(BEFORE.index)


def test_those_after_a_settled_gate_do_not_move_up():
    now = parts(("school#entrance-1", None, 50), ("school#entrance-2", "way/7", 90))
    assert [*keep_numbers(now, BEFORE)] == ["school#entrance-2", "school#entrance-3"]


def test_a_new_one_gets_a_number_that_nobody_had():
    now = parts(("school#entrance-1", None, 0), ("school#entrance-2", None, 20),
                ("school#entrance-3", None, 30), ("school#area-1", None, 20),
                ("museum#entrance-1", None, 0))  # fmt: skip
    kept = ["school#entrance-1", "school#entrance-4", "school#entrance-5", "school#area-2"]
    assert [*keep_numbers(now, BEFORE)] == [*kept, "museum#entrance-1"]


def test_a_gate_with_an_entrance_is_known_wherever_it_was_moved():
    now = parts(("school#entrance-1", "way/7", 0.1), ("school#entrance-2", None, 0))
    assert [*keep_numbers(now, BEFORE)] == ["school#entrance-3", "school#entrance-1"]


@pytest.mark.parametrize(("off", "kept"), [(SAME_M - 0.01, 2), (SAME_M + 0.01, 4)])
def test_one_without_is_known_by_its_place(off, kept):
    now = parts(("school#entrance-1", None, 50 + off))
    assert [*keep_numbers(now, BEFORE)] == [f"school#entrance-{kept}"]


def test_two_close_to_one_do_not_share_its_number():
    now = parts(("school#entrance-1", None, 50.2), ("school#entrance-2", None, 50.1))
    assert [*keep_numbers(now, BEFORE)] == ["school#entrance-4", "school#entrance-2"]


def test_none_before_and_none_now():
    assert [*keep_numbers(BEFORE, BEFORE.iloc[:0])] == [
        "school#entrance-1", "school#entrance-2", "school#entrance-3", "clinic#entrance-1",
        "school#area-1",
    ]  # fmt: skip
    assert len(keep_numbers(BEFORE.iloc[:0], BEFORE)) == 0


def test_numbers_stay_apart_in_many_random_places():
    random = np.random.default_rng(3)
    for _ in range(50):
        count = int(random.integers(1, 30))
        x = random.choice(np.arange(0, 300, 3), count, replace=False).astype(float)
        was = parts(*((f"z{at % 3}#entrance-{at // 3 + 1}", None, x[at]) for at in range(count)))
        stays = np.flatnonzero(random.random(count) < 0.7)
        left = was.iloc[stays].reset_index()
        groups = left["part_id"].str.rpartition("-")[0]
        left.index = (groups + "-" + (groups.groupby(groups).cumcount() + 1).astype(str)).to_numpy()
        assert [*keep_numbers(left, was)] == [*was.index[stays]]
