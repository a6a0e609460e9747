"""Cameras whose record leaves open what they see, in the order of what it would settle to know it.

What is missing follows from what the readings had to assume: each assumption stands in for
attributes of the record, and only those that nobody recorded are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from civicsight.coverage.pose.image import FULL_CIRCLE_DEG
from civicsight.coverage.pose.sensor_views import PLACED_BY
from civicsight.coverage.standing import directions_of
from civicsight.editing.commands import Aim, Command, Comment, Move, SetOptics
from civicsight.presentation.evidence import others_of
from civicsight.report.brief import hanging_on_records

if TYPE_CHECKING:
    import geopandas as gpd

    from civicsight.coverage.result import CheckResult

PLACE: Final = "place"
"""Where a camera hangs; the attributes beside it are columns of the table."""

ATTRIBUTES: Final = (PLACE, "kind", "height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg",
                     "width_px", "height_px", "usable")  # fmt: skip
"""What an answer can give, in the order in which it is asked for."""

COLUMNS: Final = [*ATTRIBUTES[1:], "tags", "geometry"]

IN_THE_DATA: Final = ("presets", "heads", "detection_range_m")
"""What only the inventory can give."""

USE: Final = "use_unrecorded"
"""What a finding stands on that takes it that another camera works, of which nothing says so."""

SHAPE: Final = "shape"
DIRECTION: Final = ("azimuth_deg",)

REMOVED: Final = "removed"

STANDS_FOR: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "untyped_as_dome": ("kind",),
        "untyped_as_fixed": ("kind",),
        "all_round": DIRECTION,
        "outward_half": DIRECTION,
        "faces_outward": DIRECTION,
        "faces_entrance": DIRECTION,
        "faces_junction": DIRECTION,
        "direction_by_sector": DIRECTION,
        "any_direction": DIRECTION,
        "tour_all_round": ("presets",),
        "height_by_mount": ("height_m",),
        "height_by_roof": ("height_m",),
        "any_height": ("height_m",),
        "tilt_by_reach": ("tilt_deg",),
        "looks_down": ("tilt_deg",),
        "any_tilt": ("tilt_deg",),
        "angle_by_kind": ("hfov_deg",),
        "pixels_by_kind": ("width_px",),
        "best_optics": ("hfov_deg", "width_px"),
        "shape_of_image": (SHAPE,),
        "heads_by_span": ("heads",),
        "moved_far": (PLACE,),
        "placed_by_address": (PLACE,),
        "range_by_kind": ("detection_range_m",),
        "any_range": ("detection_range_m",),
    }
)
"""Of each assumption about a camera, the attributes that it stands in for."""

TURNED: Final = frozenset({"azimuth_deg", "tilt_deg", "hfov_deg"})
"""What each preset of a camera that turns has of its own."""


@dataclass(frozen=True, slots=True)
class DoubtfulRecord:
    """A camera of whose view nothing is certain.

    Parameters
    ----------
    camera_id
        The camera.
    missing
        Attributes that an answer can give, of `ATTRIBUTES`.
    in_the_data
        What else is missing, of `IN_THE_DATA`.
    assumptions
        What is assumed in their stead, keys of `findings.evidence.GROUNDS`.
    places, findings
        Places and findings that hang on it.
    """

    camera_id: str
    missing: tuple[str, ...]
    in_the_data: tuple[str, ...]
    assumptions: tuple[str, ...]
    places: int
    findings: int


def doubtful_records(
    result: CheckResult, cameras: gpd.GeoDataFrame, heads: pd.DataFrame
) -> list[DoubtfulRecord]:
    """Return the cameras whose record is not complete, those first on which most places hang.

    It is not if no view of the camera is sure, or if a finding stands on its working and nobody
    recorded whether it does.

    Parameters
    ----------
    result
        What `check` found.
    cameras, heads
        Tables of the cameras and their heads as a draft has them, the cameras as far as they are
        open to whoever asks; one is settled if its view is sure in the draft, and its use recorded.
    """
    state = directions_of(heads, cameras.index)
    uses = _hanging_on_use(result)
    idle = cameras.index.isin(uses.index) & cameras["usable"].isna() & cameras["status"].ne(REMOVED)
    own = cameras[state.isin(["assumed", "unknown"]) | idle]
    assumed = _assumptions(heads[~heads["camera_id"].isin(state.index[state.eq("sure")])])
    hangs = _hanging(result, uses).reindex(own.index.astype(str)).fillna(0).astype(int)
    rows = zip(own[COLUMNS].to_dict("records"), hangs.itertuples(), strict=True)
    found = []
    for row, hang in rows:
        label = str(hang.Index)
        was = result.city.cameras.geometry.get(label)
        told = (*assumed.get(label, ()), *([USE] if label in uses.index else ()))
        lacking = {name: lack for name in told if (lack := _lacking(name, row, was))}
        missing = {attribute for lack in lacking.values() for attribute in lack}
        if missing:
            found.append(
                DoubtfulRecord(
                    label,
                    tuple(name for name in ATTRIBUTES if name in missing),
                    tuple(name for name in IN_THE_DATA if name in missing),
                    tuple(lacking),
                    int(hang.places),
                    int(hang.findings),
                )
            )
    return sorted(found, key=lambda one: (-one.places, -one.findings, one.camera_id))


def recorded_with(camera_id: str, given: Mapping[str, Any], reliance: str) -> tuple[Command, ...]:
    """Return the commands that set attributes of a camera, with what they rely on as a remark.

    Parameters
    ----------
    camera_id
        The camera.
    given
        Values by attribute, of `ATTRIBUTES`; the place as x and y in the CRS of the city.
    reliance
        On what somebody relies, in his words.
    """
    commands: list[Command] = []
    values = dict(given)
    if PLACE in values:
        commands.append(Move(camera_id, *values.pop(PLACE)))
    pose = {name: values.pop(name, None) for name in ("azimuth_deg", "tilt_deg")}
    if any(value is not None for value in pose.values()):
        commands.append(Aim(camera_id, **pose))
    if values:
        commands.append(SetOptics(camera_id, **values))
    return (*commands, Comment(camera_id, reliance)) if commands else ()


def _assumptions(heads: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what is assumed of each camera, or where no assumption helps what it may be."""
    told: dict[str, tuple[str, ...]] = {}
    for reading in ("possible", "assumed"):  # the latter over the former
        own = heads[heads["reading"].eq(reading)]
        names = own["assumptions"].explode().dropna()
        pairs = pd.DataFrame({"camera": own["camera_id"].reindex(names.index), "name": names})
        told |= {
            str(camera): tuple(dict.fromkeys(rows))
            for camera, rows in pairs.groupby("camera", sort=False)["name"]
        }
    return told


def _lacking(assumption: str, row: Mapping[str, Any], was: Any) -> list[str]:
    """Return the attributes that an assumption stands in for and a record does not have."""
    turns = row["kind"] == "ptz"
    found = []
    for name in STANDS_FOR.get(assumption, ("usable",)):
        if name == PLACE:
            lacks = _is_by_address(row) or (assumption == "moved_far" and row["geometry"] == was)
        elif turns and name in TURNED:
            name, lacks = "presets", True  # noqa: PLW2901 - each preset has its own
        elif name in IN_THE_DATA:
            lacks = True
        else:
            name = _shape(row) if name == SHAPE else name  # noqa: PLW2901 - by its lens
            lacks = row[name] == "unknown" or bool(pd.isna(row[name]))
        found += [name] * lacks
    return found


def _shape(row: Mapping[str, Any]) -> str:
    """Return what tells how high the image of a camera is: of a plane one its pixels do."""
    round_about = row["kind"] == "panorama" or row["hfov_deg"] >= FULL_CIRCLE_DEG
    return "vfov_deg" if round_about else "height_px"


def _is_by_address(row: Mapping[str, Any]) -> bool:
    tags = row.get("tags")
    return isinstance(tags, Mapping) and bool(tags.get(PLACED_BY))


def _hanging(result: CheckResult, uses: pd.Series) -> pd.DataFrame:
    """Return by camera how many places, and how many findings, hang on its record."""
    pairs = hanging_on_records(result)
    zone = result.parts["zone_id"].reindex(pairs["part_id"]).to_numpy(object)
    places = pairs.assign(zone_id=zone).groupby("camera_id")["zone_id"].nunique()
    doubles = result.duplicates[result.duplicates["outcome"].eq("undetermined")]
    named = [
        label
        for subject, evidence in zip(doubles["subject"], doubles["evidence"], strict=True)
        for label in {str(subject), *others_of(evidence or {})}
    ]
    findings = pd.concat([pairs["camera_id"], pd.Series(named, dtype=object)]).value_counts()
    total = findings.add(uses, fill_value=0)
    return pd.DataFrame({"places": places, "findings": total}).fillna(0)


def _hanging_on_use(result: CheckResult) -> pd.Series:
    """Return by camera how many certain findings stand on its working, which nobody recorded."""
    doubles = result.duplicates
    usable = result.city.cameras["usable"]
    named = [
        label
        for outcome, names, evidence in zip(
            doubles["outcome"], doubles["assumptions"], doubles["evidence"], strict=True
        )
        if outcome == "fail" and USE in (names or ())
        for label in dict.fromkeys(others_of(evidence or {}))
        if label in usable.index and pd.isna(usable[label])
    ]
    return pd.Series(named, dtype=object).value_counts()
