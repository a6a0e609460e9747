"""Fields of a record that a rule may read, by what the record is about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INDICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "index_compliance": "ratio",
        "index_conformance": "ratio",
        "index_reuse": "ratio",
        "index_shared_ready": "ratio",
        "index_privacy_violations": "count",
    }
)
"""Indices of a plan that a check computes and no record holds, with the unit of each."""

DONE_ON: Final = frozenset(
    {
        "filed_on",
        "changed_on",
        "change_filed_on",
        "approved_on",
        "change_approved_on",
        "plan_date",
        "inventory_date",
        "acceptance_on",
        "main_design_approved_on",
    }
)
"""Days of what was done: none is after today, as that of works that are still to come may be."""

FOLLOWS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {("plan", "changed_on"): "approved_on", ("plan", "change_approved_on"): "approved_on"}
)
"""By subject and day: the day that it cannot come before, where that is on record."""

_CAMERA_FIELDS = frozenset(
    {
        "id",
        "name",
        "kind",
        "lon",
        "lat",
        "height_m",
        "azimuth_deg",
        "tilt_deg",
        "hfov_deg",
        "vfov_deg",
        "width_px",
        "height_px",
        "reach_m",
        "setting",
        "setting_class",
        "room_use",
        "purpose",
        "necessity",
        "status",
        "owner",
        "owner_unit",
        "builder",
        "authority",
        "installed_on",
        "in_use_on",
        "filed_on",
        "retention_days",
        "network_state",
        "interface_standard",
        "standards",
        "capture_profile",
        "night_reach_m",
        "pole_id",
        "mask_plan",
        "privacy_exposure",
        "secrecy",
        "justification",
        "power",
        "network",
        "device_count",
        "device_type",
        "filed_with",
        "filing_changed",
        "changed_on",
        "change_filed_on",
    }
)

FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "camera": _CAMERA_FIELDS,
        "zone": frozenset({"item", "standing", "confidence", "qualifiers", "authority", "source"}),
        "obstacle": frozenset(
            {"kind", "height_m", "base_m", "opacity", "planned_on", "crown_growth"}
        ),
        "project": frozenset(
            {
                "kind",
                "authority",
                "system_required",
                "main_design_approved_on",
                "system_design_on",
                "main_started_on",
                "main_completed_on",
                "system_started_on",
                "system_completed_on",
                "main_in_use_on",
                "system_in_use_on",
                "acceptance_on",
                "acceptance_result",
                "police_attended",
                "police_unit",
            }
        ),
        "plan": frozenset(
            {
                *INDICES,
                "status",
                "lead",
                "co_departments",
                "approved_on",
                "approved_by",
                "changed",
                "changed_on",
                "change_approved_on",
                "change_approved_by",
                "plan_date",
                "inventory_date",
                "text",
            }
        ),
    }
)
"""Fields of a record that a rule may read, by subject; any other name is a slip of the pen."""
