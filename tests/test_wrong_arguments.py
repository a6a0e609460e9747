"""Something else than what a function takes is refused by name, with what to give instead."""

from __future__ import annotations

import pytest

import civicsight as cs
from civicsight.core.errors import MismatchError
from tests.result_town import TOWN_CRS, make_city

CITY = make_city("town")
CAMERA = cs.Camera(0.0, 0.0, TOWN_CRS)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cs.check((CITY, None)), r"city is tuple, expected City: .*read_city"),
        (lambda: cs.check("town.gpkg"), r"city is str, expected City: .*read_city"),
        (lambda: cs.judge(CITY), r"result is City, expected CheckResult: .*check"),
        (lambda: cs.viewshed((0.0, 0.0), CITY.buildings), r"camera is tuple, expected Camera"),
        (lambda: cs.viewshed(CAMERA, CITY), r"buildings is City, expected Scene or GeoDataFrame"),
        (lambda: cs.viewsheds([CAMERA], CITY), r"scene is City, expected Scene: .*build_scene"),
        (lambda: cs.sightlines([CAMERA], [(1.0, 1.0)], CITY.buildings), r"scene is GeoDataFrame"),
        (lambda: cs.compute_coverage([CAMERA], CITY), r"scene is City, expected Scene"),
    ],
)
def test_a_wrong_argument_is_named_with_what_to_give_instead(call, said):
    with pytest.raises(MismatchError, match=said):
        call()
