"""What somebody names for a plan has an effect, or is refused before the search, in words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core.errors import InputError, MismatchError
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.io import save_city
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.candidates.at_hand import candidates_of
from civicsight.planning.candidates.ruled_out import RuledOut
from civicsight.planning.make import make_plan
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.years.pins import refuse_named, refuse_pins
from tests.plan_made import checked
from tests.test_check import CAMS, town

NOW = present_day().year
YEARS = (NOW + 1, NOW + 2)


@cache
def whole_town():
    return check(town(CAMS), raster=False)


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"years": (2019,)}, ["plan.year"]),
        ({"years": (2999,)}, ["plan.year"]),
        ({"years": (NOW - 1, NOW + 51)}, ["plan.year"] * 2),
        ({"years": YEARS, "pinned": {"south": NOW + 3}}, ["plan.pin_year"]),
        ({"pinned": {"south": NOW + 1}}, ["plan.pin_year"]),  # no years are asked for
        ({"years": YEARS, "pinned": {"south": NOW + 1}, "ruled_out": RuledOut.of(["south"])},
         ["plan.pin_forbidden"]),
        ({"years": YEARS, "pinned": {"south": NOW + 1}}, []),
        ({"years": (NOW, NOW + 50)}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_years_and_pins_are_held_against_the_plan(asked, codes):
    if not codes:
        refuse_named(Aims(**asked), checked())
        return
    with pytest.raises(InputError) as refused:
        refuse_named(Aims(**asked), checked())
    assert [fault.code for fault in refused.value.faults] == codes


@pytest.mark.parametrize("year", [2029, 2032])
def test_in_a_later_year_what_nobody_named_is_taken_and_a_year_that_is_over_refused(
    monkeypatch, year
):
    monkeypatch.setenv("CIVICSIGHT_TODAY", f"{year}-06-15")
    for asked in (Aims(), Aims(years=(year, year + 1))):
        refuse_named(asked, checked())
    with pytest.raises(InputError, match=f"a year from {year} to"):
        refuse_named(Aims(years=(2027, year)), checked())


def test_a_pin_of_a_camera_that_nobody_knows_is_refused_before_the_search():
    heard = []
    with pytest.raises(InputError) as refused:
        make_plan(
            checked(), Aims(years=YEARS, pinned={"sout": NOW + 1}, extras=False),
            run=Run(), step=lambda name: heard.append(str(name)),
        )  # fmt: skip
    (fault,) = refused.value.faults
    assert (fault.code, fault.found) == ("plan.pin_unknown", "sout")
    assert "south" in str(fault.expected)
    assert heard == ["Finding permitted candidates"]


@pytest.mark.parametrize(
    ("camera", "year", "code"),
    [
        ("hall", NOW + 1, "plan.pin_idle"),  # indoors
        ("south", NOW + 1, "plan.pin_idle"),  # it stands, and can only stay as it is
        ("gone", NOW + 1, "plan.pin_idle"),
        ("unknown", NOW + 2, ""),  # it can be turned
        ("twin", NOW + 1, ""),  # it is planned
    ],
)
def test_a_pin_of_a_camera_with_which_nothing_can_be_done_is_refused(camera, year, code):
    result = whole_town()
    aims, offers = Aims(years=YEARS, pinned={camera: year}), candidates_of(result)
    if not code:
        refuse_pins(aims, result, offers)
        return
    with pytest.raises(InputError) as refused:
        refuse_pins(aims, result, offers)
    (fault,) = refused.value.faults
    assert (fault.code, fault.found) == (code, camera)
    assert "such as" in str(fault.expected)
    assert "it stays as it is" in str(fault.remedy)


def test_what_ends_a_breach_is_pinned_to_the_first_year_alone():
    result = whole_town()
    barred = pd.DataFrame({"camera_id": ["south"]})
    offers = replace(candidates_of(result), barred=barred)
    refuse_pins(Aims(years=YEARS, pinned={"south": NOW + 1}), result, offers)
    with pytest.raises(InputError) as refused:
        refuse_pins(Aims(years=YEARS, pinned={"south": NOW + 2}), result, offers)
    assert [fault.code for fault in refused.value.faults] == ["plan.pin_urgent"]


@pytest.mark.parametrize("money", [float("inf"), float("nan"), -1.0])
def test_money_is_a_sum(money):
    with pytest.raises(MismatchError):
        Aims(budget_yuan=money)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--pin", f"south={NOW + 1}", "--pin", f"south={NOW + 2}"], BAD_INPUT),
        (["--pin", f"south={NOW + 1}", "--forbid", "south"], BAD_INPUT),
        (["--pin", f"south={NOW + 1}"], BAD_INPUT),
        (["--budget", "inf"], BAD_INPUT),
    ],
)
def test_the_command_refuses_in_words(words, code, tmp_path, capsys):
    city = save_city(town(CAMS), tmp_path / "town.gpkg")
    years = ["--years", f"{NOW + 1},{NOW + 2}", "--no-pdf", "--out", str(tmp_path / "plan")]
    assert run(["plan", "optimise", str(city), *years, *words, "--lang", "en"]) == code
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "south" in said or "inf" in said


def test_a_plan_alone_names_no_step_that_it_leaves_out():
    heard = []
    make_plan(
        checked(),
        Aims(extras=False),
        run=Run(Limits(steps=50)),
        step=lambda name: heard.append(str(name)),
    )
    assert heard[-1] == "Writing the ledger"
