"""One value behind every number: each has a key or is on the closed list, and is counted again.

The quick run opens all pages and papers of one plan in one language; the long proofs those of every
city and of all that may be asked of a plan. ``python -m tests.figures trace`` prints the numbers.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from civicsight.core.figure import tracing
from civicsight.core.i18n import LANGUAGES
from civicsight.planning.statement.figures import figures_of
from tests.figures import recount
from tests.figures.cities import CITIES, DATA, NEEDED, PLANS, draw
from tests.figures.surfaces import Desk, Row, lines_of_workbook, surfaces
from tests.figures.tracing import all_of, listed, says, trace, trace_all

QUICK = "school/least"
PLANNED = [f"{city}/{variant}" for city in CITIES for variant in PLANS]
LONG = [
    pytest.param(one, marks=(pytest.mark.slow, pytest.mark.xdist_group(one.partition("/")[0])))
    for one in PLANNED
    if one != QUICK
]
"""Plans of a city stay on one worker: the cheapest is drawn up once for all that ask less."""

STATES = ("covered", "assumed", "gap", "not_judged")
STANDING = ("compliant", "open", "not_judged")


@pytest.fixture(scope="module", params=[QUICK, *LONG])
def desk(request, tmp_path_factory, test_data):
    """Everything of one plan."""
    city, _, variant = request.param.partition("/")
    if city in NEEDED:
        test_data(NEEDED[city].relative_to(DATA).as_posix())
    with tracing():  # a plan keeps what its documents say
        drawn = draw(city, variant)
    return Desk(drawn, tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def told(desk, counted):
    """What became of the numbers of all pages and papers."""
    languages = ("zh_CN",) if desk.drawn.label == QUICK else tuple(LANGUAGES)
    with tracing():
        found = surfaces(desk, languages)
    return trace_all(desk, found, counted)


@pytest.fixture(scope="module")
def counted(desk):
    """The figures of a plan, counted again by a program that knows nothing of the product."""
    command = [sys.executable, "-I", recount.__file__, str(desk.tables())]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def unit_of(key, known):
    """Return what the number of a key is of, be it one of the version before."""
    own = key.removeprefix("earlier.").removeprefix("compared.")
    if own in known.entries:
        return str(known[own].unit)
    return "yuan" if own.startswith("spent.") or own.endswith("yuan") else "count"


def test_every_number_has_a_key_or_is_on_the_closed_list(desk, told):
    print(desk.drawn.label, told)  # noqa: T201
    assert not told.untraced, "\n".join(f"{where}: {number} in {text}"
                                        for where, text, number in told.untraced)  # fmt: skip


def test_what_matters_most_is_traced_wherever_it_stands(told):
    for entry in listed()["required"]:
        for key in entry["keys"]:
            for surface in entry["surfaces"]:
                assert told.where[key] & {surface}, f"{key} stands on {surface} without its key"


BILL = {
    "Device": ("3", "camera", "1,600", "4,800"),
    "Pole": ("2", "pole", "500", "1,000"),
    "Sub-total": ("", "", "", "5,800"),
    "Tax": ("9", "per cent", "5,800", "522"),
    "Years": ("10", "years", "", ""),
}


@pytest.mark.parametrize(
    ("item", "column", "wrong"),
    [("Device", 0, "4"), ("Device", 2, "1,700"), ("Pole", 3, "1,100"), ("Sub-total", 3, "5,900")],
)
def test_a_line_of_a_bill_is_listed_only_where_it_multiplies_or_adds_up(item, column, wrong):
    heads = ("Item of work", "Quantity", "Unit", "Price or base [yuan]", "Sum [yuan]")

    def lines(bill):
        return {"html:en": tuple(Row.of((name, *cells), heads) for name, cells in bill.items())}

    assert not trace(lines(BILL)).untraced
    cells = list(BILL[item])
    cells[column] = wrong
    told = trace(lines(BILL | {item: cells})).untraced
    assert wrong in {number for _, _, number in told}
    page = ("Item of work", "Quantity", "Sum (10,000 yuan)")
    for total, is_listed in (("0.48", True), ("0.58", False)):
        found = lines(BILL) | {"page:draw:en": (Row.of(("Device", "3", total), page),)}
        assert (not trace(found).untraced) is is_listed


def test_every_figure_is_counted_again_from_the_tables(desk, counted):
    found = all_of(desk.drawn, desk.account).to_dict()
    assert found == {key: pytest.approx(recount.value_of(counted, key)) for key in found}


def test_every_key_is_counted_again(told, counted):
    """What no table keeps are the answers of an open draft; a year without works has no money."""
    known = {key for key in told.keys if recount.value_of(counted, key) is not None}
    unknown = told.keys.keys() - known - counted.keys() - {"gates.settled"}
    assert {key for key in unknown if told.values[key] - {"0", "0.00"}} == set()
    assert all(key.startswith("money.") for key in unknown)


def test_json_and_workbook_hold_the_same(desk, counted):
    found = desk.told_json("en")["figures"]
    assert {key: found[key] for key in counted if key in found} == pytest.approx(
        {key: counted[key] for key in counted if key in found}, nan_ok=True
    )
    assert figures_of(desk.drawn.plan).entries.keys() <= counted.keys() & found.keys()
    bill = [row.cells for row in lines_of_workbook(desk.papers(("zh_CN",))["plan.xlsx"])
            if row.heads and "cost_yuan" not in row]  # fmt: skip
    sums = [float(cells[5]) for cells in bill if "合计 In all" in cells]
    assert sums == [counted["cost.investment"]]


def test_every_surface_says_what_was_counted(desk, told, counted):
    known = all_of(desk.drawn, desk.account)
    values = {key: recount.value_of(counted, key) for key in told.values}
    wrong = [
        (key, text, values[key])
        for key, texts in told.values.items()
        if values[key] is not None or key in counted
        for text in texts
        if not says(key, text, values[key], unit_of(key, known))
    ]
    assert wrong == []


def test_the_figures_add_up(desk, counted):
    n = counted
    for what in ("places", "parts", "gates"):
        for when in ("before", "after"):
            whole = n[f"{what}.count.{when}"]
            assert sum(n[f"{what}.{state}.{when}"] for state in STATES) == whole
            assert sum(n[f"{what}.{name}.{when}"] for name in STANDING) == whole
    left = n["parts.open.before"] - n["gaps.closed"] + n["gaps.opened"]
    assert left == n["parts.open.after"]
    bill = desk.drawn.plan.bill["cost_yuan"].sum()
    assert bill == n["cost.works"] == desk.drawn.plan.measures["cost_yuan"].sum()


def test_no_share_reads_all_while_one_is_open(desk, told):
    entries = figures_of(desk.drawn.plan).entries
    for when in ("before", "after"):
        if entries[f"parts.open.{when}"].value:
            assert "100 %" not in told.values.get(f"share.covered.{when}", set())
