"""Article by article: where what a reviewer would ask for is shown."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from civicsight.coverage.check import check
from civicsight.model import DISTRICTS, TABLES
from civicsight.model.plan_tables import MEASURED
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.judging.verdicts import department_of
from tests.test_check import table, town

TESTS = Path(__file__).parent

HIDDEN = "test_demo_compliance.py::"
HIDDEN += "test_one_secret_camera_alone_meets_a_gate_and_no_public_edition_has_it"

FROZEN = "test_store_acts.py::"
FROZEN += "test_an_edit_makes_an_approved_plan_a_draft_and_leaves_the_approval_with_its_version"

SHOWN = {
    "1-2": [
        "test_compliance.py::test_inside_of_the_jurisdiction_and_of_one_county",
        "test_articles.py::test_no_column_holds_an_image_a_stream_or_an_identity",
    ],
    "3": ["test_articles.py::test_every_part_counts_in_one_district_and_the_sum_is_the_whole"],
    "4": [
        "test_articles.py::test_findings_go_to_the_department_that_can_mend_them",
        "test_store_acts.py::test_a_district_planner_stays_in_the_own_district",
        "test_store_acts.py::test_every_act_asks_for_the_right_and_every_denial_is_audited",
    ],
    "5": ["test_report_compliance.py::test_an_independent_script_recounts_every_index"],
    "6": [
        HIDDEN,
        "test_report_public.py::test_no_place_camera_gate_or_position_is_named",
        "test_report_public.py::test_no_count_under_five_stands_on_the_page",
        "test_store_sequences.py::test_a_long_audit_is_verified_in_seconds",
    ],
    "7": [
        "test_duplicates.py::test_twin_on_the_same_pole_is_flagged_and_its_cost_saved",
        "test_duplicates.py::test_same_pole_facing_away_is_not",
        "test_duplicates.py::test_coarse_view_of_an_existing_camera_suggests_an_upgrade_instead",
        FROZEN,
    ],
    "8": [
        "test_demo_district.py::test_every_gate_counted_by_hand_is_a_part_and_there_are_no_others",
        "test_demo_district.py::test_a_camera_taken_away_opens_exactly_its_gates",
        "test_demo_district.py::test_a_house_put_into_a_sight_line_is_named",
    ],
    "9": [
        "test_compliance.py::test_a_prohibition_is_not_waived",
        "test_privacy_position.py::test_by_scope_and_setting",
        "test_editing_refusals.py::test_camera_in_a_toilet_is_refused_with_the_article",
        "test_clearing.py::test_the_mask_clears_it",
        "test_privacy_clear.py::test_through_an_opening_it_ends_what_was_seen",
        "test_privacy_exposure.py::test_behind_the_wall_it_is_not",
        "test_privacy_clear.py::test_nor_in_a_thousand",
        "test_planning_candidates_law.py::test_no_candidate_breaks_article_nine",
    ],
    "10": [
        "test_obstruction.py::test_a_billboard_costs_its_analytic_shadow_within_a_cell",
        "test_obstruction.py::test_at_the_limits_nothing_is_lost_and_a_step_beyond_something_is",
        "test_obstruction.py::test_a_tree_begins_to_harm_in_the_year_that_is_worked_out_by_hand",
    ],
    "11": [
        "test_compliance_papers.py::test_projects_that_come_too_late",
        "test_schema_standing.py::test_the_shadow_of_a_building_comes_and_vanishes_with_it",
        "test_planning_years.py::test_each_year_has_its_buildings_and_its_gates",
    ],
    "12": [
        "test_specification.py::test_no_maker_is_named_whatever_the_inventory_says",
        "test_specification.py::test_products_that_fit_are_counted",
        "test_demo_compliance.py::test_every_rule_finds_the_breaches_written_down_beforehand",
    ],
    "13": [
        "test_compliance.py::test_thirty_calendar_days_to_file",
        "test_acceptance.py::test_a_camera_built_the_wrong_way_round_loses_its_gate",
    ],
    "14": [
        "test_catalogue.py::test_points_of_the_first_class_need_more",
        "test_catalogue_secrets.py::test_a_direction_lies_in_its_sector",
        "test_report_catalogue.py::test_table_and_fields_come_back_as_they_were",
    ],
}  # fmt: skip
"""What each article asks of the software, and the tests that show it."""


@cache
def functions_of(name: str) -> frozenset[str]:
    tree = ast.parse((TESTS / name).read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


@pytest.mark.parametrize("article", SHOWN)
def test_what_is_said_to_be_shown_is(article):
    for entry in SHOWN[article]:
        name, _, test = entry.partition("::")
        assert not test or test in functions_of(name), entry


FORBIDDEN = re.compile(
    r"(^|_)(image|picture|photo|video|stream|url|rtsp|ip|port|password|face|person|owner_name"
    r"|license_plate|number_plate|gait|voice|phone)(_|$)"
)


@pytest.mark.parametrize("declared", [*TABLES, MEASURED], ids=lambda table: table.name)
def test_no_column_holds_an_image_a_stream_or_an_identity(declared):
    assert not [column.name for column in declared if FORBIDDEN.search(column.name)]


def test_every_part_counts_in_one_district_and_the_sum_is_the_whole():
    """A gate on the line between two districts counts once, in the lower code."""
    rows = {
        "a": {"code": "360103", "name": "A", "level": "county"},
        "b": {"code": "360102", "name": "B", "level": "county"},
    }
    districts = table(DISTRICTS, rows, [box(-50, -50, 30, 100), box(30, -50, 150, 100)])
    result = check(replace(town(), districts=districts), raster=False)
    names = name_districts(result.parts.geometry, find_districts(result.city))
    assert len(names) == len(result.parts)
    assert set(names) <= {"A", "B"}
    edge = gpd.GeoSeries([box(29, 0, 31, 1).centroid], crs=result.city.crs)
    assert name_districts(edge, find_districts(result.city)) == ["B"]


@pytest.mark.parametrize(
    ("kind", "facility", "department"),
    [("obstacle", "tree", "landscaping"), ("obstacle", "advert", "urban_management"),
     ("obstacle", "pipeline", "utilities"), ("project", None, "construction"),
     ("plan", None, "finance"), ("camera", None, "owner")],
)  # fmt: skip
def test_findings_go_to_the_department_that_can_mend_them(kind, facility, department):
    predicates = {"plan": ("no_terms",), "camera": ("sign_visible",)}.get(kind, ("keeps_coverage",))
    assert department_of(kind, predicates, facility) == department
