"""Limits of what counts as another place, and as another system: at, below and above each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from civicsight.inventory import reconcile
from civicsight.inventory.difference import _shift
from tests.inventory_made import make_register


def apart(count: int) -> gpd.GeoDataFrame:
    """Return cameras 500 m from each other, each with a name and a direction of its own."""
    register = make_register(count, seed=1)
    places = gpd.points_from_xy(500.0 * np.arange(count), np.zeros(count))
    named = register.assign(
        name=[f"{n} road" for n in "ABCDEFGH"[:count]], azimuth_deg=40.0 * np.arange(count)
    )
    return named.set_geometry(gpd.GeoSeries(places, named.index, crs=named.crs))


def moved(register: gpd.GeoDataFrame, *steps: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return cameras moved by steps east and north [m]."""
    east, north = np.array(steps).T
    xy = register.get_coordinates().to_numpy()
    places = gpd.points_from_xy(xy[:, 0] + east, xy[:, 1] + north)
    return register.set_geometry(gpd.GeoSeries(places, register.index, crs=register.crs))


@pytest.mark.parametrize(("step", "is_moved"), [(0.9, False), (1.0, False), (1.1, True)])
def test_a_metre_itself_is_the_same_place(step, is_moved):
    register = apart(3)
    found = reconcile(register, moved(register, (step, 0.0), (0.0, 0.0), (0.0, 0.0)))
    assert found.differences["what"].eq("moved").sum() == is_moved


def notes(register, listed, **more):
    return [str(note) for note in reconcile(register, listed, **more).notes]


@pytest.mark.parametrize(
    ("count", "step", "is_said"), [(5, 20.0, True), (5, 19.9, False), (4, 20.0, False)]
)
def test_a_list_that_lies_off_in_one_direction_is_in_another_system(count, step, is_said):
    register = apart(count)
    told = notes(register, moved(register, *[(step, 0.0)] * count))
    assert any(f"{step:.0f} m off in one direction" in note for note in told) is is_said


@pytest.mark.parametrize(("around", "is_said"), [(19.9, True), (20.0, False), (20.1, False)])
def test_steps_that_differ_by_half_are_no_system(around, is_said):
    """All lie 40 m off in the middle, and each so much more or less."""
    register = apart(6)
    listed = moved(register, *[(40.0 + around * (-1) ** n, 0.0) for n in range(6)])
    same = register.index.to_numpy(object)
    matches = pd.DataFrame({"known_id": same, "listed_id": same})
    assert bool(list(_shift(register, listed, matches))) is is_said


@pytest.mark.parametrize(("anew", "is_said"), [(2, False), (3, False), (4, True)])
def test_a_list_is_numbered_anew_where_fewer_than_half_keep_their_number(anew, is_said):
    register = apart(6)
    labels = [f"X{n}" if n < anew else label for n, label in enumerate(register.index)]
    found = reconcile(register, register.set_axis(pd.Index(labels, dtype=object)))
    assert len(found.matches) == 6
    assert any("numbered anew" in str(note) for note in found.notes) is is_said


def test_without_numbers_of_its_own_nothing_is_numbered_anew():
    register = apart(3)
    listed = register.set_axis(pd.Index(["1", "2", "3"], dtype=object))
    found = reconcile(register, listed, given={"name", "azimuth_deg", "kind", "status"})
    assert len(found.matches) == 3
    assert not found.differences["what"].eq("renumbered").any()
    assert "no numbers of its own" in str(found.notes[0])


@pytest.mark.parametrize("status", ["planned", "approved", "removed"])
def test_what_does_not_stand_is_not_missed_and_that_is_said(status):
    register = apart(3)
    register = register.assign(status=[status, "existing", "existing"])
    found = reconcile(register, register.iloc[2:])
    assert list(found.differences["known_id"]) == [register.index[1]]
    assert list(found.differences["what"]) == ["missing"]
    assert any(
        str(note).startswith("1 cameras of the register are planned") for note in found.notes
    )
    both = reconcile(register, register)
    assert not any("are planned" in str(note) for note in both.notes)


def test_a_pair_that_somebody_kept_apart_has_no_chance():
    register = apart(3)
    same = str(register.index[0])
    found = reconcile(register, register, apart=[(same, same), ("none", same)])
    assert list(found.matches["known_id"]) == list(register.index[1:])
    assert list(found.differences["what"]) == ["missing", "added"]
