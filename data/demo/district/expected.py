"""Gather what is known of the district into one document."""

from __future__ import annotations

from collections import Counter

from district.camera import Camera
from district.cases import CASES
from district.demand import GATE_SHARE, MAX_YAW_DEG, PX_M, Part, gate_profile
from district.draw import Drawing
from district.files import SYNTHETIC, camera_ids
from district.known import Verdict
from district.repeats import NOT_REPEATS, PRIVATE, REPEATS

ORDINARY = (
    "一台枪机正对，像素、俯角和夹角都满足。",
    "One camera faces it with enough pixels and within the angles.",
)


def describe(
    drawing: Drawing,
    cameras: list[Camera],
    verdicts: dict[str, Verdict],
    others: list[tuple[Part, Verdict]],
    gains: dict[str, float],
    obstructions: dict[str, str],
) -> dict[str, object]:
    """Return every finding known beforehand, each with a sentence why."""
    ids = camera_ids(cameras)
    rows = drawing.district.rows
    return {
        "synthetic": SYNTHETIC,
        "district": {"zh": "云渚示范片区（虚构）", "en": "Yunzhu demonstration district (made up)"},
        "rule": {
            "gate_fraction": GATE_SHARE,
            "need_px_m": PX_M,
            "max_off_walking_deg": MAX_YAW_DEG,
        },
        "counts": {
            "layers": {layer: len(layer_rows) for layer, layer_rows in sorted(rows.items())},
            "cameras": dict(sorted(Counter(camera.status for camera in cameras).items())),
            "cameras_without_direction": sum(camera.azimuth_deg is None for camera in cameras),
            "cameras_unusable": sum(not camera.usable for camera in cameras),
            "cameras_indoor": sum(camera.setting == "indoor" for camera in cameras),
            "buildings_of_assumed_height": sum(
                bool(row["height_assumed"]) for row in rows["buildings"]
            ),
            "places": _by_item(row["item"] for row in rows["places"] if row["item"]),
            "gates": _by_item(gate.item for gate in drawing.gates.values()),
            "gate_status": dict(
                sorted(Counter(verdict.status for verdict in verdicts.values()).items())
            ),
        },
        "gates": [_gate(drawing, key, verdicts[key], ids, obstructions) for key in drawing.gates],
        "private_doors": [
            {"entrance": row["id"], "name": row["name"]}
            for row in rows["entrances"]
            if row["id"] not in {gate.entrance_id for gate in drawing.gates.values()}
        ],
        "other_parts": [_part(part, verdict) for part, verdict in others],
        "repeats": [_repeat(key, ids, gains) for key in REPEATS],
        "not_repeats": [
            {"camera": ids[key], "why": {"zh": zh, "en": en}}
            for key, (zh, en) in NOT_REPEATS.items()
        ],
        "private": [
            {"camera": ids[key], "kind": kind, "why": {"zh": zh, "en": en}}
            for key, (kind, zh, en) in PRIVATE.items()
        ],
    }


def _by_item(items: object) -> dict[str, int]:
    counts = Counter(str(item) for item in items)
    return dict(
        sorted(
            counts.items(), key=lambda pair: (float(pair[0].rstrip("abc").split(".")[1]), pair[0])
        )
    )


def _gate(
    drawing: Drawing, key: str, verdict: Verdict, ids: dict[str, str], obstructions: dict[str, str]
) -> dict[str, object]:
    gate, case = drawing.gates[key], CASES.get(key)
    name = next(
        row["name"] for row in drawing.district.rows["entrances"] if row["id"] == gate.entrance_id
    )
    zh, en = (case.zh, case.en) if case else ORDINARY
    out: dict[str, object] = {
        "entrance": gate.entrance_id,
        "place": gate.place_id,
        "item": gate.item,
        "name": name,
        "vehicle": gate.door.vehicle,
        "profile": gate_profile(gate),
        "status": verdict.status,
        "cameras": [ids[camera] for camera in verdict.by],
    }
    if case and case.status == "gap":
        out |= {"reason": case.reason, "best_px_m": round(verdict.best_px_m, 1)}
        out |= {"blocker": obstructions[case.blocker]} if case.blocker else {}
    return out | {"why": {"zh": zh, "en": en}}


def _part(part: Part, verdict: Verdict) -> dict[str, object]:
    """Return what is known of a perimeter, ground, way, portal or junction."""
    return {
        "name": part.key,
        "place": part.place or None,
        "item": part.item,
        "kind": part.kind,
        "profile": part.profile,
        "share_needed": part.share,
        "share_met": round(verdict.share, 2),
        "status": verdict.status,
    }


def _repeat(key: str, ids: dict[str, str], gains: dict[str, float]) -> dict[str, object]:
    repeat = REPEATS[key]
    return {
        "camera": ids[key],
        "kind": repeat.kind,
        "severity": repeat.severity,
        "gain": round(gains[key], 3),
        "beside": [ids[other] for other in repeat.beside],
        "why": {"zh": repeat.zh, "en": repeat.en},
    }
