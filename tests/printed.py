"""Every value that a test lets a command print for a program, held against its published schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import pytest

from civicsight.cli import session
from civicsight.cli.tree import Command

PRINTED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "tests/test_cli_json.py::test_what_is_written_is_listed": ("template", "quality", "export"),
    "tests/test_cli_json.py::test_accounts_and_tokens_are_told": (
        "app-user add",
        "app-user list",
        "app-user remove",
        "app-token add",
        "app-token list",
        "app-token revoke",
    ),
    "tests/test_cli_json.py::test_keys_are_told": (
        "key show",
        "key list",
        "key trust",
        "key forget",
        "key check",
    ),
    "tests/test_cli_json.py::test_plans_are_backed_up_copied_and_brought_back": (
        "plan new",
        "plan backup",
        "plan copy",
        "plan restore",
    ),
    "tests/test_cli_json.py::test_what_a_town_gives_is_told": (
        "specify",
        "survey out",
        "gates ask",
        "privacy",
        "catalogue",
    ),
    "tests/test_cli_json.py::test_a_region_is_told": (
        "region import",
        "region check",
        "region report",
    ),
    "tests/test_region_cluster.py::test_a_budget_is_split_from_the_command_line": ("region plan",),
    "tests/test_cli_json.py::test_what_asks_a_network_or_serves_is_told": (
        "fetch",
        "store init",
        "prepare",
        "app",
    ),
    "tests/test_cli_json.py::test_a_review_is_told": (
        "plan submit",
        "plan opinion",
        "plan remark",
        "plan remarks",
        "plan file",
        "plan adoption",
        "plan settle",
        "plan return",
        "plan approve",
    ),
    "tests/test_cli_json.py::test_the_schema_is_printed": ("schema",),
    "tests/test_permits.py::test_a_harmful_board_ends_with_one_and_a_sheet_that_says_why": (
        "obstruct",
    ),
    "tests/test_report_compliance.py::test_the_command_writes_a_report_and_ends_with_violations": (
        "report",
    ),
    "tests/test_exchange.py::test_through_the_command_line": ("import",),
    "tests/test_cli.py::test_a_real_check_of_a_tiny_town": ("check",),
    "tests/test_cli.py::test_coverage_writes_rasters_and_nothing_else": ("coverage",),
    "tests/test_cli.py::test_demo_runs_what_is_there": ("demo",),
    "tests/test_cli_plan.py::test_the_frontier_begins_from_a_kept_plan_and_is_written": (
        "plan frontier",
    ),
    "tests/test_cli_plan.py::test_candidates_are_counted_and_written": ("plan candidates",),
    "tests/test_cli_plan.py::test_a_table_of_budgets_limits_each_year": (
        "plan optimise",
        "plan verify",
    ),
    "tests/test_cli_plan.py::test_everything_is_written_and_kept": ("plan ledger",),
    "tests/test_cli_plan.py::test_the_way_from_draft_to_approval": ("plan audit",),
    "tests/test_cli_plan.py::test_differences_of_two_plans": ("plan diff",),
    "tests/test_cli_plan.py::test_what_was_built_is_accepted_against_the_version_that_is_kept": (
        "accept",
    ),
    "tests/test_cli_plan.py::test_a_kept_plan_is_exported_and_says_what_changed": ("plan export",),
    "tests/test_cli_plan.py::test_duplicates_are_judged": ("plan duplicates",),
    "tests/test_planning_years.py::test_the_command_prints_the_years": ("plan years",),
    "tests/test_cli_rules.py::test_lint_names_what_a_user_weakens": ("rules lint",),
    "tests/test_cli_rules.py::test_show_a_rule_with_its_classes_and_numbers": ("rules show",),
    "tests/test_cli_rules.py::test_diff_of_a_users_pack_with_ours": ("rules diff",),
    "tests/test_gate_list.py::test_on_the_command_line_answers_come_into_a_project_once_accepted": (
        "gates answer",
        "gates register",
    ),
    "tests/test_survey.py::test_the_list_goes_out_is_filled_in_and_comes_back": ("survey in",),
    "tests/test_progress.py::test_the_command_follows_a_kept_plan": ("plan progress",),
    "tests/test_migrations.py::test_the_command_says_what_it_does": ("migrate",),
    "tests/test_cli_inventory.py::test_what_is_missing_is_said_and_nothing_is_written": (
        "inventory reconcile",
    ),
    "tests/test_editions.py::test_editions_and_marks_on_the_command_line": ("plan edition",),
    "tests/test_consultation_settled.py::test_the_commands_lead_from_asking_to_the_table": (
        "plan consult",
        "plan replies",
    ),
    "tests/test_planning_funding.py::test_the_command_sums_writes_and_keeps": ("plan fund",),
    "tests/test_planning_options.py::test_one_command_computes_keeps_and_compares_three_options": (
        "plan options",
    ),
    "tests/test_handover.py::test_a_plan_goes_is_worked_on_and_comes_back_with_conflicts": (
        "plan handover",
        "plan takeover",
    ),
}
"""Tests, and the commands that each lets print their figures: together all that there are."""


class Watch:
    """What one test printed, by which commands, and what was wrong with it."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the test before."""
        self.words = ""
        self.printed = 0
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def enter(self, words: str) -> None:
        """Hear that a command begins."""
        self.words, self.printed = words, 0

    def hear(self, value: Any) -> None:
        """Hear what it prints: one value, as its schema has it.

        Where no command runs an error is compared too; figures then belong to a test that calls
        the printer by itself.
        """
        self.printed += 1
        if self.words and self.printed > 1:
            self.wrong.append(f"{self.words}: prints more than one value")
        is_figures = not isinstance(value, dict) or value.keys() not in ({"faults"}, ERROR)
        if is_figures:
            if not self.words:
                return
            self.seen.add(self.words)
        for found in _validator(self.words, is_figures=is_figures).iter_errors(value):
            error = found
            while error.context:  # of several branches the one that gets farthest
                error = max(error.context, key=lambda each: len(each.absolute_path))
            place = "/".join(map(str, error.absolute_path))
            self.wrong.append(f"{self.words or 'error'}, {place}: {error.message[:300]}")


ERROR: Final = {"error", "message"}


@cache
def _validator(words: str, *, is_figures: bool) -> Any:
    """Return what checks the figures of a command, or an error in their place."""
    from jsonschema import Draft202012Validator

    from civicsight.cli.outputs import OUTPUTS
    from civicsight.cli.schema import STOPPED_BY, schema_of, schema_of_all
    from civicsight.cli.shapes import shared, to_schema

    if not words:
        failures = {"anyOf": [shared(name) for name in STOPPED_BY]}
        return Draft202012Validator({**failures, "$defs": schema_of_all("en")["$defs"]})
    published = schema_of(words, "en")
    if is_figures:  # the branch that is meant: messages of all branches say nothing
        del published["anyOf"]
        published |= to_schema(OUTPUTS[words], "en")
    return Draft202012Validator(published)


@contextmanager
def watching() -> Iterator[Watch]:
    """Listen to every command of this process."""
    watch = Watch()
    make_context, as_json = Command.make_context, session.as_json

    def begin(self: Command, *words: Any, **extra: Any) -> Any:
        context = make_context(self, *words, **extra)
        watch.enter(context.command_path.partition(" ")[2])
        return context

    def write(value: Any) -> str:
        written = as_json(value)
        watch.hear(json.loads(written))
        return written

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Command, "make_context", begin)
        patch.setattr(session, "as_json", write)
        yield watch


def least(words: str) -> Any:
    """Return the least that a command may print as its figures."""
    from civicsight.cli.outputs import OUTPUTS

    return _least(OUTPUTS[words])


def _least(shape: Mapping[str, Any]) -> Any:
    from civicsight.cli.outputs import SHARED
    from civicsight.cli.shapes import DEFS

    if "$ref" in shape:
        return _least(SHARED[shape["$ref"].removeprefix(DEFS)])
    if "anyOf" in shape:
        return _least(shape["anyOf"][-1])
    if "enum" in shape:
        return shape["enum"][-1]
    named = shape["type"]
    if named == "object":
        return {name: _least(shape["properties"][name]) for name in shape.get("required", ())}
    values: dict[str, Any] = {"array": [], "boolean": False, "integer": 0, "number": 0.0}
    return values.get(named if isinstance(named, str) else named[0], "")
