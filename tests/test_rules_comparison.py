"""Another law is another file: European and British guidance, alone and beside China's law."""

import pytest

from civicsight.coverage.check import check
from civicsight.report.check_page import write_page
from civicsight.rules import load_packs, select_zones
from tests import town
from tests.result_factory import make_city

ALONE = load_packs(["eu-uk-video"])


def test_it_stands_alone_and_prints_its_version():
    assert ALONE.versions == "eu-uk-video 1.0.0"
    assert len(ALONE.sha256["eu-uk-video"]) == 64
    assert ALONE.conflicts == ()
    assert ALONE.policy.confirmed_confidence == 0.8


def test_it_demands_no_place():
    places = town.places(
        a=(town.point(0, 0), {"amenity": "bank"}),
        b=(town.point(50, 0), {"amenity": "school"}),
        c=(town.point(90, 0), {"amenity": "townhall"}),
    )
    selection = select_zones(places, town.roads(), ALONE)
    assert ALONE.zone_classes == ()
    assert len(selection.zones) == len(selection.left_out) == 0
    assert len(select_zones(places, town.roads(), load_packs()).zones) == 3


@pytest.mark.parametrize(
    ("rule", "subject", "predicates", "on_fail"),
    [
        ("E1.1", "camera", ["has"], "violation"),
        ("E2.1", "camera", ["on_target"], "warning"),
        ("E2.2", "plan", ["document"], "violation"),
        ("E3.1", "camera", ["sign_visible"], "violation"),
        ("E6.1", "camera", ["compare", "has"], "warning"),
    ],
)
def test_its_five_rules(rule, subject, predicates, on_fail):
    found = ALONE.rule("eu-uk-video", rule)
    assert found.subjects == (subject,)
    assert [check.name for check in found.check.predicates()] == predicates
    assert found.on_fail == on_fail
    assert len(ALONE.pack("eu-uk-video").rules) == 5


def test_a_city_is_judged_and_shown_by_it_alone(tmp_path):
    """The law says nothing of duplicates, so the page shows none, and no place is demanded."""
    city = make_city("town")
    result = check(city, city.cameras.iloc[:0], rules=ALONE, raster=False)
    assert result.summary["zones"]["count"] == result.summary["findings"]["violations"] == 0
    assert set(result.summary["rules_sha256"]) == {"eu-uk-video"}
    write_page(tmp_path / "page.html", result, "en", files_beside={})
    html = (tmp_path / "page.html").read_text("utf-8")
    assert ALONE.versions in html
    assert "add less than" not in html
    assert ALONE.limit("dup_min_gain") is None
    assert load_packs().limit("dup_min_gain") == 0.2


def test_its_twelve_principles_have_rules_or_a_reason():
    articles = ALONE.pack("eu-uk-video").articles
    spans = [article.n.split("-") for article in articles]
    assert [n for span in spans for n in range(int(span[0]), int(span[-1]) + 1)] == [*range(1, 13)]
    assert all(article.rules or article.no_rule for article in articles)


def test_beside_chinas_law_it_says_where_the_two_oppose_each_other_and_changes_nothing():
    both = load_packs(["nanchang", "eu-uk-video"])
    assert both.packs[-1].id == "eu-uk-video"
    opposed = [conflict for conflict in both.conflicts if conflict.pack == "eu-uk-video"]
    assert [(c.other_pack, c.there, c.effect) for c in opposed] == [
        ("cn-national-799", ("17",), "opposite")
    ]
    assert both.zone_classes == load_packs().zone_classes
    assert both.value("retention_min") == 30
