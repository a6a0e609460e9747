"""Settling differences in the app: what is asked, what is chosen, what becomes of the project."""

from __future__ import annotations

from civicsight.application.settling import USUAL, Choice, put_in, settled_by
from civicsight.inventory import reconcile
from tests.inventory_made import make_year
from tests.test_inventory_settling import city_of

DAY = "2026-03-01"


def test_what_only_adds_and_corrects_is_taken_and_nothing_is_dropped():
    year = make_year(80, share=0.4)
    city = city_of(year.known)
    found = reconcile(city.cameras, year.listed)
    taken = put_in(city, found=found, choice=Choice(USUAL, "Li", DAY))
    assert set(taken.cameras.index) >= set(city.cameras.index)
    assert taken.cameras["status"].eq("existing").all()
    assert set(taken.changes["decision"]) == {"take"}
    assert not set(taken.changes["what"]) & {"missing", "renumbered", "emptied"}


def test_single_decisions_go_before_the_choice_of_a_kind():
    year = make_year(80, share=0.4)
    city = city_of(year.known)
    found = reconcile(city.cameras, year.listed)
    label = found.differences.index[found.differences["what"].eq("missing")][0]
    choice = Choice({"missing": "keep"}, "Li", DAY, "why", {label: ("take", "gone")})
    table = settled_by(found, choice).differences
    assert tuple(table.loc[label, ["decision", "reason"]]) == ("take", "gone")
    others = table[table["what"].eq("missing")].drop(index=label)
    assert set(others["decision"]) == {"keep"}
    assert set(others["reason"]) == {"why"}


def test_a_project_that_another_list_changed_is_held_against_the_list_anew():
    year = make_year(80, share=0.4)
    city = city_of(year.known)
    found = reconcile(city.cameras, year.listed)
    choice = Choice(dict.fromkeys(USUAL, "take"), "Li", DAY)
    once = put_in(city, found=found, choice=choice)
    twice = put_in(once, found=found, choice=choice)
    assert len(twice.cameras) == len(once.cameras)
