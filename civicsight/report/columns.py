"""What the columns and sheets of the written tables are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.errors import N_, Text

SHEETS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cameras": N_("Cameras"),
        "zones": N_("Mandatory places"),
        "parts": N_("Gates and key parts"),
        "findings": N_("Findings"),
    }
)

HEADINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera_id": N_("Camera number"),
        "name": N_("Name"),
        "kind": N_("Kind"),
        "mount": N_("Mount"),
        "setting": N_("Setting"),
        "status": N_("State"),
        "height_m": N_("Height [m]"),
        "azimuth_deg": N_("Azimuth [deg]"),
        "tilt_deg": N_("Tilt [deg]"),
        "roll_deg": N_("Roll [deg]"),
        "hfov_deg": N_("Horizontal field [deg]"),
        "vfov_deg": N_("Vertical field [deg]"),
        "width_px": N_("Width [px]"),
        "height_px": N_("Height [px]"),
        "reach_m": N_("Reach [m]"),
        "near_m": N_("Nearest focus [m]"),
        "night_reach_m": N_("Reach at night [m]"),
        "usable": N_("Usable"),
        "purpose": N_("Purpose"),
        "owner": N_("Owner"),
        "pole_id": N_("Pole"),
        "source": N_("Source"),
        "tags": N_("Tags"),
        "direction_known": N_("How the direction is known"),
        "shift_m": N_("Moved off a wall by [m]"),
        "zone_id": N_("Place number"),
        "item": N_("Item of Article 8"),
        "pack": N_("Rule pack"),
        "standing": N_("Standing"),
        "confidence": N_("Confidence"),
        "qualifiers": N_("Open words of the law"),
        "place_id": N_("Made from"),
        "part_id": N_("Part number"),
        "article": N_("Article"),
        "rule": N_("Rule"),
        "profile": N_("Quality asked for"),
        "need_px_m": N_("Density asked for [px/m]"),
        "fraction": N_("Share to be met"),
        "k": N_("Cameras asked for"),
        "max_tilt_deg": N_("Greatest tilt [deg]"),
        "max_yaw_deg": N_("Greatest angle off the way [deg]"),
        "inferred": N_("Inferred"),
        "confirmed": N_("Confirmed"),
        "how": N_("How it was found"),
        "fraction_sure": N_("Met for sure"),
        "fraction_assumed": N_("Met as assumed"),
        "fraction_possible": N_("Met at best"),
        "best_px_m": N_("Best to be had [px/m]"),
        "cameras": N_("Cameras"),
        "blockers": N_("Blocked by"),
        "required": N_("Share to be met"),
        "weight": N_("Length or area [m, m²]"),
        "presets_only": N_("Rests on turning cameras alone"),
        "finding_id": N_("Finding number"),
        "subject": N_("What it is about"),
        "outcome": N_("Outcome"),
        "severity": N_("Severity"),
        "readings": N_("Readings in which it holds"),
        "certainty": N_("Certainty"),
        "assumptions": N_("Assumptions"),
        "evidence": N_("Evidence"),
        "lon": N_("Longitude WGS 84 [deg]"),
        "lat": N_("Latitude WGS 84 [deg]"),
        "x": N_("Easting [m]"),
        "y": N_("Northing [m]"),
    }
)
