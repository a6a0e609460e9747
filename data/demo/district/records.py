"""What the inventory says of each camera beyond its picture: who, when, how long, by what standard.

Every camera has a complete record unless `BREACHES` takes something out or changes it. A value of
"" means that the record says nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from district.camera import GOVERNMENT, LEASED, Camera
from district.sites import SITES

CITY_POLICE, SOUTH_POLICE, NORTH_POLICE = "云渚市公安局", "青岚区公安分局", "沅北区公安分局"
INTERFACE = "GB/T 28181-2022"
STANDARDS = "GB 37300-2018;GB 35114-2017"

RECORD_COLUMNS = (
    "justification",
    "room_use",
    "setting_class",
    "necessity",
    "builder",
    "authority",
    "owner_unit",
    "installed_on",
    "in_use_on",
    "filed_on",
    "retention_days",
    "network_state",
    "interface_standard",
    "standards",
    "capture_profile",
    "mask_plan",
    "secrecy",
    "key_target",
    "power",
    "network",
    "device_count",
    "device_type",
    "filed_with",
    "filing_changed",
    "changed_on",
    "change_filed_on",
)

NOT_PUBLIC = ("substation", "archive", "water", "fuel", "cdc", "project", "exchange")
"""Places that are not open to the public."""

HOMES = ("lanting", "meili", "zhuxi")
"""Residential quarters: public to their residents, and on no list of the national regulation."""

FIRST_USE = date(2022, 3, 15)
STEP = timedelta(days=5)

NEWER = ("square", "park", "parking")
"""Places whose systems were put into use after the national regulation took effect."""

CHANGED = {"filing_changed": "true", "changed_on": "2026-06-01"}

BREACHES: dict[str, dict[str, str]] = {
    # A record with next to nothing in it.
    "C183": dict.fromkeys(
        (
            "purpose",
            "authority",
            "in_use_on",
            "filed_on",
            "retention_days",
            "standards",
            "capture_profile",
            "device_count",
        ),
        "",
    ),
    # Who builds, why, under whose eyes.
    "C093": {"builder": "other"},
    "C094": {"builder": ""},
    "C003": {"builder": "other"},
    "C033": {"builder": "government_department"},  # where the operator has to build
    "C128": {"necessity": ""},
    "C129": {"authority": ""},
    "C130": {"standards": ""},
    "C131": {"device_count": ""},
    # Names that are on no list of the law: a guard company, praise, a makers' interface.
    "C132": {"authority": "望桥保安公司"},
    "C133": {"standards": "质量可靠"},
    "C096": {"interface_standard": "ONVIF"},
    # Filing: thirty calendar days, one more, none at all, still in time; older systems.
    "C120": {"in_use_on": "2026-01-30", "filed_on": "2026-03-02"},
    "C121": {"in_use_on": "2026-01-30", "filed_on": "2026-03-01"},
    "C122": {"in_use_on": "2026-09-01", "filed_on": ""},
    "C123": {"in_use_on": "2026-11-10", "filed_on": ""},
    "C124": {"filed_on": "2025-07-01"},
    "C125": {"filed_on": "2025-06-30"},
    "C126": {"in_use_on": "2024-02-29", "filed_on": "2025-06-30"},
    "C127": {"filed_on": ""},
    # With whom it was filed, and whether a change was: in time, a day late, never, still in time.
    "C145": {"filed_with": CITY_POLICE},
    "C147": {"filed_with": ""},
    "C140": CHANGED | {"change_filed_on": "2026-07-01"},
    "C141": CHANGED | {"change_filed_on": "2026-07-02"},
    "C142": CHANGED,
    "C143": CHANGED | {"changed_on": "2026-11-10"},
    "C144": {"filing_changed": ""},
    # Retention in two tiers.
    "C015": {"retention_days": "29"},
    "C020": {"key_target": "true", "retention_days": "90"},
    "C021": {"key_target": "true", "retention_days": "60"},
    "C022": {"key_target": ""},
    "C023": {"key_target": "", "retention_days": "90"},
    # Network and interface.
    "C110": {"network_state": "not_connected"},
    "C111": {"network_state": ""},
    "C112": {"network_state": "scheduled"},
    "C031": {"interface_standard": ""},
    "C039": {"interface_standard": ""},
    # Planned: power and network.
    "C053": {"power": "false"},
    "C055": {"network": "", "pole_id": ""},
    # One record is secret, and its camera alone meets a gate.
    "C028": {"secrecy": "true"},
    # Masked where the picture shows rooms of a hotel.
    "C189": {"mask_plan": "POLYGON ((0 0, 1 0, 1 0.9, 0 0.9, 0 0))"},
    # Beside areas that need consent (see `registers.CONSENT`).
    "C137": {"installed_on": "2025-05-20", "in_use_on": "2025-06-20", "filed_on": "2025-07-01"},
    "C181": {"installed_on": "2025-05-20", "in_use_on": "2025-06-20", "filed_on": "2025-07-01"},
}
"""By number in the inventory: what its record lacks or says otherwise."""


def fill_records(cameras: list[Camera], ids: dict[str, str]) -> None:
    """Write a record for every camera into its extra columns."""
    for number, camera in enumerate(cameras):
        label = ids[camera.key]
        record = {**_public(camera), **_papers(camera, number), **camera.extra}
        camera.extra.clear()
        camera.extra.update(record | BREACHES.get(label, {}))


def _place_of(camera: Camera) -> tuple[str, str]:
    """Return key and name of the place that a camera's name begins with; empty for a street."""
    for site in sorted(SITES, key=lambda site: -len(site.name)):
        if camera.name.startswith(site.name):
            return site.key, site.name
    return "", ""


def _public(camera: Camera) -> dict[str, str]:
    """Return kind of place, builder, owner and who is competent."""
    place, name = _place_of(camera)
    state = camera.owner in (GOVERNMENT, LEASED)
    kind = "listed_public"
    if camera.setting == "indoor" or place in NOT_PUBLIC or "dorm" in camera.key:
        kind = "non_public"
    elif place in HOMES and not state:
        kind = "other_public"
    builder = "government_department" if state else "responsible_operator"
    builder = "duty_holder" if kind == "other_public" else builder
    return {
        "setting_class": kind,
        "builder": builder,
        "authority": SOUTH_POLICE if "北堤路" not in camera.name else NORTH_POLICE,
        "owner_unit": CITY_POLICE if state else name or camera.name,
        "necessity": "公共安全防范",
        "interface_standard": INTERFACE,
        "network_state": "connected" if state else "",
        "standards": STANDARDS,
        "capture_profile": "recognise",
        "mask_plan": "",
        "secrecy": "false",
        "key_target": "false",
        "device_count": "1",
        "device_type": "网络摄像机",
    }


def _papers(camera: Camera, number: int) -> dict[str, str]:
    """Return days, retention and what a planned camera has at hand."""
    if camera.status in ("planned", "approved"):
        state = "scheduled" if camera.owner == GOVERNMENT else ""
        at_hand = {"power": "true", "network": "true"}
        return {**at_hand, "network_state": state, "retention_days": "30"}
    place, _ = _place_of(camera)
    used = date(2025, 9, 1) if place in NEWER else FIRST_USE + number * STEP
    filed = used + timedelta(days=20) if place in NEWER else date(2025, 5, 20)
    return {
        "installed_on": (used - timedelta(days=30)).isoformat(),
        "in_use_on": used.isoformat(),
        "filed_on": filed.isoformat(),
        "retention_days": "30",
        "filed_with": SOUTH_POLICE if "北堤路" not in camera.name else NORTH_POLICE,
        "filing_changed": "false",
    }
