"""What the columns and sheets of the written tables are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGE_NAMES, columns_of
from civicsight.model import CAMERAS, TABLES
from civicsight.model.inputs import POSITION
from civicsight.model.plan_tables import CANDIDATES, LEDGER, MEASURED, PROGRESS, SURVEYED
from civicsight.planning.judging.verdicts import VERDICTS

SHEETS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cameras": N_("Cameras"),
        "zones": N_("Mandatory places"),
        "parts": N_("Gates and key parts"),
        "findings": N_("Findings"),
        "quality": N_("Layers and columns"),
        "limits": N_("Limits"),
        "cells": N_("Cells"),
        "verdicts": N_("Judgements of rules"),
        "rules": N_("Rules"),
        "measures": N_("Measures of the plan"),
        "bill": N_("Bill of quantities"),
        "phases": N_("Phases"),
        "planned_parts": N_("Parts with the plan"),
        "ledger": N_("Ledger"),
        "funds": N_("Budgets"),
        "plans": N_("Plans, by cost"),
        "differences": N_("Differences"),
        "inventory": N_("Every camera"),
        "kinds": N_("Counts"),
        "sums": N_("By class"),
        "surveyed": N_("Results"),
        "stops": N_("Stops"),
        "works": N_("Works"),
        "by_contractor": N_("By contractor"),
        "filing": N_("To be filed"),
        "projects": N_("Project list"),
        "by_source": N_("By source of money"),
        "by_district": N_("By district"),
        "lease": N_("Lease beside building"),
        "options": N_("Options side by side"),
        "answers": N_("Answers"),
        "points": N_("Points one by one"),
        "opinions": N_("Adoption of opinions"),
        "departments": N_("Departments"),
        "districts": N_("By district"),
    }
)

DECLARED: Final = (CAMERAS, *TABLES, VERDICTS, LEDGER, CANDIDATES, MEASURED, SURVEYED, PROGRESS)
"""Tables whose columns say what they are called; of two columns of one name the first one does."""

HEADINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **{
            column.name: column.heading
            for table in reversed(DECLARED)
            for column in (*table, table.identifier, *POSITION)
            if column.heading is not None
        },
        "dated_on": N_("Day of the price"),
        "reason": N_("Why it was placed so"),
        "shares": N_("Works that it shares"),
        "direction_known": N_("How the direction is known"),
        "road_class": N_("Class of the road"),
        "drawn": N_("Reading in which it is drawn"),
        "classes": N_("Classes in all laws"),
        "bases": N_("Legal bases"),
        "least_px_m": N_("Least density [px/m]"),
        "fraction_sure": N_("Met for sure"),
        "fraction_assumed": N_("Met as assumed"),
        "fraction_possible": N_("Met at best"),
        "best_px_m": N_("Best to be had [px/m]"),
        "cameras": N_("Cameras"),
        "blockers": N_("Blocked by"),
        "required": N_("Share to be met"),
        "presets_only": N_("Rests on turning cameras alone"),
        "time_share": N_("Share of time for which a turning camera looks at it"),
        "entry": N_("Number"),
        "meaning": N_("Meaning"),
        "unit": N_("Unit"),
        "role": N_("What it is for"),
        "rows": N_("Rows"),
        "known": N_("Known"),
        "assumed": N_("Assumed"),
        "missing": N_("Missing"),
        "share_known": N_("Share known"),
        "verdict": N_("Verdict"),
        "sources": N_("Sources"),
        "imported_on": N_("Imported on"),
        "crs_found": N_("Coordinate system found"),
        "encoding": N_("Text encoding"),
        "read": N_("Rows read"),
        "kept": N_("Rows kept"),
        "repaired": N_("Mended"),
        "rejected": N_("Rejected"),
        "edited": N_("Changes by hand"),
        "licence": N_("Licence"),
        "limit_id": N_("Limit"),
        "count": N_("How many"),
        "of": N_("Of how many"),
        "share": N_("Share"),
        "lack": N_("What is lacking"),
        "effect": N_("What that means for findings"),
        "remedy": N_("What would lift it"),
        "cell_id": N_("Cell"),
        "buildings": N_("Buildings"),
        "heights_assumed": N_("Buildings of assumed height"),
        "cameras_incomplete": N_("Cameras without a complete record"),
        "cameras_no_direction": N_("Cameras without a direction"),
        "places": N_("Mandatory places"),
        "places_candidate": N_("Places not settled"),
        "gates": N_("Gates and key parts"),
        "gates_inferred": N_("Gates inferred"),
        "entrances": N_("Entrances"),
        "share_heights": N_("Share of buildings of assumed height"),
        "share_cameras": N_("Share of cameras without a complete record"),
        "share_gates": N_("Share of gates inferred"),
        "share_places": N_("Share of places not settled"),
        **{
            column: N_("Reasons, in %(language)s", language=LANGUAGE_NAMES[language])
            for column, language in columns_of("because").items()
        },
        **{
            column: N_("Note, in %(language)s", language=LANGUAGE_NAMES[language])
            for column, language in columns_of("note").items()
        },
        "action": N_("What is done"),
        "number": N_("Number on the maps"),
        "section": N_("Section"),
        "work": N_("Item of work"),
        "quantity": N_("Quantity"),
        "unit_yuan": N_("Price or base [yuan]"),
        "state": N_("State"),
        "status_before": N_("State that the plan credits"),
        "status_after": N_("State with the plan"),
        "share_before": N_("Met, as the plan credits"),
        "share_after": N_("Met with the plan"),
        "budget_yuan": N_("Budget [yuan]"),
        "budget_of": N_("Sum that is limited"),
        "spent_yuan": N_("Spent [yuan]"),
        "floor": N_("Least share"),
        "placed": N_("What became of its place"),
        "facade_deg": N_("Direction of its wall [deg]"),
        "looks_deg": N_("Direction of view where it has one [deg]"),
        "also": N_("Other places that share it"),
        "best_px_m_sure": N_("Density had for sure [px/m]"),
        "best_px_m_assumed": N_("Density had as assumed [px/m]"),
        "best_px_m_possible": N_("Density had at best [px/m]"),
        "built": N_("Covered by what stands"),
        "selector": N_("Mark by which it was found"),
        "via_pack": N_("Rule pack by which it was found"),
        "via_item": N_("Item by which it was found"),
        "duty": N_("Share of time for which a preset is held"),
        "stop": N_("Number of the preset in its tour, 0 without one"),
        "edge_gain": N_("Density at the edge of the picture, as a multiple"),
        "class_heights": N_("Class by share of buildings of assumed height"),
        "class_cameras": N_("Class by share of cameras without a complete record"),
        "class_gates": N_("Class by share of gates inferred"),
        "class_places": N_("Class by share of places not settled"),
    }
)
"""Short names of columns: what their declarations say, and those that no table declares."""

MEANINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        column.name: column.meaning
        for table in reversed((*TABLES, VERDICTS, LEDGER))
        for column in table
    }
)
"""What declared tables say of their columns; of two, that of the first table."""

NONE: Final[Mapping[str, Text]] = MappingProxyType({})


def heading(name: str, own: Mapping[str, Text] = NONE) -> Text:
    """Return what a column is called in a table; `own` goes before what all tables share.

    Examples
    --------
    >>> str(heading("height_m")), str(heading("builder"))
    ('Height [m]', 'Who builds it')
    """
    return own.get(name) or HEADINGS.get(name) or MEANINGS.get(name) or Text(name)
