"""Who pays for what of a plan: rules, sums that add up to the bill, projects, a lease beside it."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.io.project_file import save_city
from civicsight.planning.money.bill import hundreds_of, spread, statement, sums_of
from civicsight.planning.money.funding import fund
from civicsight.planning.money.lease import compare_lease
from civicsight.planning.money.payers import (
    NOBODY,
    Payer,
    assign,
    payers_of,
    read_payers,
    to_csv,
    with_payers,
)
from civicsight.planning.money.shares import shares_of
from civicsight.planning.prices.price_table import LABELS, read_prices
from civicsight.planning.record.documents import from_documents, to_documents
from civicsight.report.plan.funding import (
    describe_crossing,
    funding_document,
    in_wan,
    source_text,
    summary_of,
    write_funding,
)
from civicsight.report.plan.teller import teller_of
from tests.plan_made import checked, hand_plan
from tests.test_planning_money import ROWS, table_of

OWNERS = pd.Series({"away": "government", "south": "non_government"})


def terms_of(tmp_path, **rows):
    return read_prices(table_of(tmp_path, rows)).terms


@pytest.mark.parametrize("seed", range(20))
def test_shares_are_whole_add_up_and_are_near_what_they_should_be(seed):
    rng = np.random.default_rng(seed)
    weights = [int(n) for n in rng.integers(0, 10_000, rng.integers(1, 30))]
    total = int(rng.integers(0, 1_000_000))
    shares = spread(total, weights)
    assert sum(shares) == (total if sum(weights) else 0)
    for first in range(len(weights)):
        for last in range(first, len(weights) + 1):
            exact = Fraction(total * sum(weights[first:last]), max(sum(weights), 1))
            assert abs(sum(shares[first:last]) - exact) <= 1
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if not weight)


def test_the_first_rule_that_fits_counts_and_a_point_goes_before_all():
    points = pd.DataFrame(
        {"owner": ["government", "", ""], "district": ["East", "East", "West"],
         "measure": ["reaim", "new", "new"]}, index=["a", "b", "c"],
    )  # fmt: skip
    rules = [
        Payer("district", district="East"),
        Payer("city", measure="new"),
        Payer(unit="Station", measure="new"),
        Payer("own", camera_id="b"),
        Payer("city", camera_id="z"),
        Payer("city", district="North"),
        Payer("lease", "Company"),
    ]
    found, idle = assign(points, rules)
    assert found["source"].to_dict() == {"a": "district", "b": "own", "c": "city"}
    assert found["unit"].to_dict() == {"a": "Company", "b": "Station", "c": "Station"}
    assert idle == [rules[4], rules[5]]


def test_every_sum_is_the_bill_to_the_yuan_and_as_printed(tmp_path):
    plan = hand_plan(terms=read_prices(table_of(tmp_path)).terms)
    bill = sums_of(plan).investment
    for rules in ((), (Payer("city", measure="new"),), (Payer("own", district="East"),)):
        funding = fund(plan, rules, OWNERS)
        assert funding.total["cost_yuan"] == funding.points["cost_yuan"].sum() == bill
        assert funding.total["hundreds"] == (2 * bill + 100) // 200
        for keys in (("source",), ("year",), ("district",), ("district", "source")):
            assert funding.by(*keys).sum(numeric_only=True)["hundreds"] == funding.total["hundreds"]
    funding = fund(plan, [Payer("city", measure="new")], OWNERS)
    by_source = funding.by("source").set_index("source")
    assert list(by_source.index) == ["city", NOBODY]
    exact = Fraction(bill) * Fraction(23_500, 24_300)
    assert abs(by_source.loc["city", "cost_yuan"] - exact) <= 1
    assert funding.projects.index.tolist() == ["2027-01", "2028-01"]
    assert funding.points.loc["new/1", "project"] == "2028-01"


def test_rows_of_a_bill_as_printed_add_up_to_its_sums(tmp_path):
    rows = statement(hand_plan(terms=read_prices(table_of(tmp_path)).terms))
    rows["said"] = hundreds_of(rows)
    leaves = rows["quantity"].notna()
    of_item = rows.set_index(["section", "item"])["said"]
    for section in ("devices", "carriers", "supply", "existing", "added"):
        own = rows[rows["section"].eq(section) & leaves]
        assert own["said"].sum() == of_item[section, "subtotal"]
    assert of_item["works", "subtotal"] + of_item["added", "subtotal"] == of_item["added", "total"]
    yearly = rows[rows["section"].eq("yearly") & leaves]
    assert yearly["said"].sum() == of_item["yearly", "total"]
    present = [of_item["present", name] for name in ("works", "later", "present")]
    assert present[0] + present[1] == present[2]
    assert present[0] == of_item["added", "total"]


def test_a_lease_is_counted_year_by_year_until_it_costs_more(tmp_path):
    """Built at 23,500 yuan and 800 a year; leased at 400 a month, storage of a lease is in it."""
    rows = {
        "storage": ("camera-year", "800"), "storage.lease": ("camera-year", "free"),
        "lease": ("camera-month", "400"), "rate": ("%", "3"), "life": ("year", "8"),
    }  # fmt: skip
    plan = hand_plan(terms=terms_of(tmp_path, **rows))
    found = compare_lease(plan, fund(plan, (), OWNERS))
    assert (found.points, found.assigned) == (1, False)
    assert (found.invested_yuan, found.build_yuan, found.lease_yuan) == (23_500, 800, 4_800)
    assert found.years["build_yuan"].tolist() == [23_500 + 800 * n for n in range(1, 9)]
    assert found.years["lease_yuan"].tolist() == [4_800 * n for n in range(1, 9)]
    assert found.crossing == 6  # 4,000 n > 23,500
    worth = [sum(1 / 1.03**n for n in range(1, years + 1)) for years in range(1, 51)]
    assert found.crossing_present == 1 + next(
        n for n, one in enumerate(worth) if 4_000 * one > 23_500
    )
    assert found.years["lease_present_yuan"].iloc[-1] == round(4_800 * worth[7])
    assert "year 6" in str(describe_crossing(found))


def test_without_a_price_of_a_lease_nothing_is_compared_and_without_years_there_is_no_table(
    tmp_path,
):
    plan = hand_plan(terms=read_prices(table_of(tmp_path)).terms)
    assert compare_lease(plan, fund(plan, (), OWNERS)) is None
    plan = hand_plan(terms=terms_of(tmp_path, lease=("camera-year", "100")))
    funding = fund(plan, [Payer("lease", camera_id="new/1")], OWNERS)
    found = compare_lease(plan, funding)
    assert found.assigned
    assert found.years.empty
    assert found.crossing is None  # 50 years of 100 yuan are less than a pole
    assert found.crossing_present is None
    assert "does not cost more" in str(describe_crossing(found))
    assert sums_of(plan).investment == 24_300  # a row of a lease changes no bill


def test_a_row_of_a_lease_names_a_measure_and_a_time(tmp_path):
    with pytest.raises(InputError) as caught:
        terms_of(tmp_path, **{"lease.lease": ("camera-year", "1"), "lease": ("%", "1")})
    assert len(caught.value.faults) == 2
    found = terms_of(tmp_path, **{"lease.new": ("camera-year", "1")})
    assert found["item"].tolist() == ["lease.new"]
    assert set(LABELS).isdisjoint(found["item"])
    assert set(ROWS).isdisjoint(found["item"])


def test_rules_are_read_as_an_office_writes_them_and_read_back(tmp_path):
    path = tmp_path / "who.csv"
    path.write_text(
        "点位编号,产权,区县,建设方式,资金来源,责任单位\n"
        ",,东湖区,新建,区级财政,东湖分局\nC1,,,,市,\n,公安,,,自筹,\n,,,,运营商租赁,\n",
        encoding="utf-8",
    )
    rules = read_payers(path)
    assert rules == (
        Payer("district", "东湖分局", district="东湖区", measure="new"),
        Payer("city", camera_id="C1"),
        Payer("own", owner="government"),
        Payer("lease"),
    )
    for native in (True, False):
        path.write_bytes(to_csv(rules, native=native))
        assert read_payers(path) == rules


def test_several_sources_of_one_point_bear_their_shares_to_the_yuan(tmp_path):
    path = tmp_path / "who.csv"
    path.write_text(
        "点位编号,资金来源,建设方式\nnew/1,市级财政60%；区级财政 40％,\n,市 33.33、区 66.67,调整\n",
        encoding="utf-8",
    )
    rules = read_payers(path)
    assert [one.source for one in rules] == ["city 60;district 40", "city 33.33;district 66.67"]
    for native in (True, False):
        path.write_bytes(to_csv(rules, native=native))
        assert {shares(one) for one in read_payers(path)} == {shares(one) for one in rules}
    plan = with_payers(hand_plan(), rules)
    assert payers_of(from_documents(to_documents(plan))) == rules
    funding = fund(plan, rules[:1], OWNERS)
    assert len(funding.projects) == 2  # what two pay is one project
    by_source = funding.by("source").set_index("source")
    assert by_source["cost_yuan"].to_dict() == {"city": 14_100, "district": 9_400, NOBODY: 800}
    assert by_source["points"].to_dict() == {"city": 1, "district": 0, NOBODY: 1}
    for keys in (("source",), ("year", "source"), ("district", "source")):
        for name in ("points", "cost_yuan", "hundreds"):
            assert funding.by(*keys)[name].sum() == funding.total[name]
    said = str(source_text(rules[0].source))
    assert said == "City budget 60 %, District budget 40 %"


def test_a_half_is_rounded_up_as_offices_do():
    assert [in_wan(yuan) for yuan in (198_950.0, 198_949.0, 50.0, 49.0)] == [
        "19.90", "19.89", "0.01", "0.00",
    ]  # fmt: skip


def shares(one):
    return one.camera_id, one.measure, tuple(sorted(shares_of(one.source).items()))


@pytest.mark.parametrize(
    "cell", ["市 60;区 30", "市 60;市 40", "市;区", "市 0;区 100", "市 60;王 40"]
)
def test_shares_that_are_none_are_refused(tmp_path, cell):
    path = tmp_path / "who.csv"
    path.write_text(f"点位编号,资金来源\nC1,{cell}\n", encoding="utf-8")
    with pytest.raises(InputError, match="100 %"):
        read_payers(path)


def test_all_faults_of_a_table_are_told_at_once(tmp_path):
    path = tmp_path / "who.csv"
    path.write_text(
        "camera_id,measure,source,unit\nC1,paint,city,\nC2,new,,\nC3,new,king,\nC4,,own,\nC4,,own,\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_payers(path)
    assert [(fault.field, fault.found) for fault in caught.value.faults] == [
        ("measure", "paint"), ("source", ""), ("source", "king"), ("camera_id", "C4"),
    ]  # fmt: skip
    path.write_text("camera_id,measure\nC1,new\n", encoding="utf-8")
    with pytest.raises(InputError, match="a column source or unit"):
        read_payers(path)


def test_a_plan_keeps_its_rules_and_one_without_is_as_it_was():
    plan, rules = hand_plan(), (Payer("city", "Office", measure="new"),)
    kept = from_documents(to_documents(with_payers(plan, rules)))
    assert payers_of(kept) == rules
    assert to_documents(with_payers(kept, ())) == to_documents(plan)
    assert payers_of(plan) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_list_projects_by_year_and_no_place(tmp_path, language):
    plan, rules = (
        hand_plan(),
        (Payer("city", "Office", measure="new"), Payer("own", owner="unknown")),
    )
    funding = fund(plan, rules, OWNERS)
    teller = teller_of(plan, checked(), language)
    told = funding_document(teller, funding, None)
    parts = [part for section in told.sections for part in section.parts]
    assert [part.blocks[0].rows[-1][5] for part in parts] == ["0.08", "2.35"]
    assert any("1" in str(text) for text in summary_of(funding, None)[1:])
    files = write_funding(funding, None, [teller], tmp_path, payers=rules, root="ab" * 32)
    code = language.replace("_", "-")
    assert {file.name for file in files} == {
        f"funding.{code}.html", f"funding.{code}.docx", "funding.xlsx", "payers.csv",
    }  # fmt: skip
    assert read_payers(tmp_path / "payers.csv") == rules
    page = (tmp_path / f"funding.{code}.html").read_text("utf-8")
    assert "2028-01" in page


def made(tmp_path):
    plan = tmp_path / "plan"
    for name, content in to_documents(hand_plan()).items():
        (plan / name).parent.mkdir(parents=True, exist_ok=True)
        (plan / name).write_bytes(content)
    city = tmp_path / "city.gpkg"
    save_city(checked().city, city)
    rules = tmp_path / "payers.csv"
    rules.write_bytes(to_csv([Payer("city", "Office", measure="new")], native=True))
    return city, plan, rules


@pytest.mark.slow
def test_the_command_sums_writes_and_keeps(capsys, tmp_path):
    city, plan, rules = made(tmp_path)
    store, out = tmp_path / "plans.gpkg", tmp_path / "out"
    words = ["plan", "fund", str(city), "--from", str(plan), "--sources", str(rules)]
    assert run([*words, "--out", str(out), "--lang", "en"]) == OK
    said = " ".join(capsys.readouterr().out.split())
    assert "Investment: 2.43 (10,000 yuan), 2 points in 2 projects" in said
    assert "not assigned to a source: 0.08, 1 points" in said
    assert run([*words, "--out", str(out), "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert told["cost_yuan"] == 24_300
    assert {row["source"]: row["cost_yuan"] for row in told["by_source"]} == {
        "city": 23_500, "": 800,
    }  # fmt: skip
    assert told["lease"] is None
    assert run([*words, "--store", str(store), "--plan", "p", "--out", str(out)]) == BAD_INPUT
    keep = ["--store", str(store), "--plan", "p", "--as", "Li", "--out", str(out)]
    assert run([*words, *keep, "--lang", "en"]) == OK
    assert "Kept as version 1" in capsys.readouterr().out
    again = ["plan", "fund", str(city), "--from", str(store), "--plan", "p", "--out", str(out)]
    assert run([*again, "--json"]) == OK  # by the rules that the version keeps
    assert json.loads(capsys.readouterr().out)["by_source"] == told["by_source"]
