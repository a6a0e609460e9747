"""What whoever asks for a plan rules out is left alone, told, and never a slip of the pen."""

from __future__ import annotations

import geopandas as gpd
import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.io.crs import LONLAT
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.candidates import generate
from civicsight.planning.candidates.ruled_out import Circle, RuledOut
from civicsight.planning.make import make_plan
from civicsight.planning.record.documents import from_record, to_record
from civicsight.planning.solver.outcome import Limits
from tests.test_check import CAMS, town

RUN = Run(Limits(steps=200), seed=3)


@pytest.fixture(scope="module")
def result():
    return check(town(CAMS), raster=False)


@pytest.fixture(scope="module")
def free(result):
    return generate(result)


@pytest.fixture(scope="module")
def bare():
    """The same town with one camera, so that the north gate takes something new."""
    return check(town(CAMS.loc[["south", "gone"]]), raster=False)


def around(point, result, metres):
    """Return a circle about a point of a city, as it is typed."""
    at = gpd.GeoSeries([point], crs=result.city.crs).to_crs(LONLAT).iloc[0]
    return f"{at.x},{at.y},{metres}"


def test_names_and_circles_are_told_apart():
    found = RuledOut.of(["b", "24.9,60.1,25", " a ", "b", "24.9,60.1,25", "", "12"])
    assert found.names == ("12", "a", "b")
    assert found.circles == (Circle(24.9, 60.1, 25.0),)
    assert not RuledOut.of([])
    assert found


@pytest.mark.parametrize("text", [
    "1,2", "1,2,3,4", "181,0,5", "0,-91,5", "0,0,0", "0,0,-1", "0,0,10001", "0,0,nan", "inf,0,5",
])  # fmt: skip
def test_what_looks_like_a_circle_and_is_none_is_refused(text):
    with pytest.raises(MismatchError, match="is no circle"):
        RuledOut.of([text])


def test_a_candidate_of_another_plan_stands_for_its_site():
    names = ["new:facade:b/2.5/3@4.6/standard/90/10", "reaim:camera:c1/mask", "planned:p", "x:y@1"]
    assert RuledOut.of(names).carriers == {"facade:b/2.5/3", "camera:c1", "p", "x:y@1"}


def test_nothing_new_hangs_on_a_building_that_is_ruled_out(result, free):
    hosts = free.sites["host_id"].reindex(free.table["site_id"]).to_numpy(object)
    walls = free.table["host"].eq("facade").to_numpy(bool)
    building = hosts[walls][0]
    found = generate(result, ruled_out=RuledOut.of([building]))
    left = found.sites["host_id"].reindex(found.table["site_id"])
    assert not left.eq(building).any()
    assert len(found.table)


def test_nothing_new_stands_in_a_circle_and_what_stands_there_stays(result, free):
    new = free.table[free.table["measure"].eq("new")]
    centre, metres = new.geometry.iloc[0], 12.0
    found = generate(result, ruled_out=RuledOut.of([around(centre, result, metres)]))
    near = found.table[found.table.distance(centre) <= metres - 0.01]
    assert not near["measure"].eq("new").any()
    before = free.table[free.table["measure"].isin(["keep", "connect"])].index
    assert set(before) <= set(found.table.index)


def test_a_camera_that_is_ruled_out_is_left_as_it_is(result, free):
    touched = free.table[free.table["measure"].isin(["reaim", "refurbish"])]
    label = touched["site_id"].iloc[0].removeprefix("camera:")
    found = generate(result, ruled_out=RuledOut.of([label]))
    own = found.table[found.table["site_id"].eq(f"camera:{label}")]
    assert set(own["measure"]) <= {"keep"}
    kept = free.table[free.table["site_id"].eq(f"camera:{label}")]
    assert set(own.index) == set(kept.index[kept["measure"].eq("keep")])


@pytest.mark.parametrize("name", [
    "bulding 1", "p", "facade:nowhere/2.5/1", "ground:12", "camera:", "new:lamp:none@3/a/1/2",
])  # fmt: skip
def test_a_name_that_nothing_has_is_refused_before_any_work(result, name):
    with pytest.raises(MismatchError, match=f"nothing is called '{name}'"):
        generate(result, ruled_out=RuledOut.of([name]))


def test_an_inventory_beside_the_city_is_known():
    city = town(CAMS.iloc[:0])
    beside = check(city, CAMS, raster=False)
    RuledOut.of(["south"]).require_known(beside.city, beside.cameras)


def test_every_candidate_and_site_of_a_plan_may_be_named(result, free):
    names = [*free.table.index, *free.sites.index]
    RuledOut.of(names).require_known(result.city, result.cameras)
    assert generate(result, ruled_out=RuledOut.of(names)).table.index.isin(free.table.index).any()


def test_a_plan_without_the_sites_of_the_one_before_says_what_was_ruled_out(bare):
    first = make_plan(bare, Aims(extras=False), run=RUN)
    built = first.measures[first.measures["measure"].eq("new")]
    assert len(built)
    asked = RuledOut.of([*built["site_id"], around(built.geometry.iloc[0], bare, 3.0)])
    second = make_plan(bare, Aims(extras=False, ruled_out=asked), run=RUN)
    assert not set(second.measures["site_id"]) & set(built["site_id"])
    assert second.cost_yuan >= first.cost_yuan - 1e-6 or len(second.unreachable)
    assert "ruled_out" not in first.parameters
    told = second.parameters["ruled_out"]
    assert tuple(told["names"]) == asked.names
    assert from_record(to_record(second)).parameters["ruled_out"]["circles"][0]["radius_m"] == 3.0


def test_where_all_is_ruled_out_what_cannot_be_met_says_so(bare):
    new = bare.samples.geometry.iloc[0]
    found = generate(bare, ruled_out=RuledOut.of([around(new, bare, 500.0)]))
    assert not found.table["measure"].eq("new").any()
    assert set(found.unreachable["reason"]) == {"asked"}
