"""What is known of the district before anything computes it, proved camera by camera."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from district.camera import Camera
from district.cases import CASES, Case
from district.draw import Drawing, Gate
from district.proof import Eye, Solid, Solids, density, depression_deg, yaw_deg

NEED = {"recognise": (125.0, 45.0), "identify": (250.0, 45.0), "plate": (167.0, 30.0)}
"""Pixels per metre and greatest angle off the way of walking or driving."""

GATE_FRACTION = 0.95
MAX_DEPRESSION_DEG = 30.0
MARGIN = 0.05
"""Every verdict still stands if the need is this much higher or lower."""

READINGS = ("sure", "assumed", "possible")
SHED_TOP_M = {"sure": 1e9, "assumed": None, "possible": 2.5}
"""Top of a building of unknown height, by reading; None: as stated."""

ENTRANCE_RANGE_M = 15.0


def profile_of(gate: Gate) -> str:
    """Return the capture quality that a gate needs."""
    if gate.door.vehicle and gate.item in ("8.1", "8.5", "8.7", "8.8", "8.10"):
        return "plate"
    return "identify" if gate.item in ("8.2a", "8.4", "8.6", "8.8") else "recognise"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was proved of a gate."""

    status: str
    by: tuple[str, ...]
    best_px_m: float
    blockers: tuple[str, ...]


class Prover:
    """The finished map, ready to prove what is seen at a gate."""

    def __init__(self, drawing: Drawing, cameras: list[Camera]) -> None:
        self.drawing = drawing
        self.cameras = [
            c for c in cameras if c.status != "removed" and c.usable and c.setting == "outdoor"
        ]
        self.solids = {reading: Solids(_solids(drawing, reading)) for reading in READINGS}

    def prove(self, gate: Gate, scale: float = 1.0) -> Verdict:
        """Return status of a gate, the cameras that each meet it, and what blocks others."""
        best, blockers = 0.0, []
        for reading in READINGS:
            met_by, met = [], np.zeros(len(samples(gate)), bool)
            for camera in self.cameras:
                seen, density_here, hidden = self._seen(camera, gate, reading, scale)
                best = max(best, density_here)
                blockers += hidden
                met |= seen
                if seen.mean() >= GATE_FRACTION:
                    met_by.append(camera.key)
            if met.mean() >= GATE_FRACTION:
                status = "covered" if reading == "sure" else reading
                return Verdict(status, tuple(met_by), best, tuple(dict.fromkeys(blockers)))
        return Verdict("gap", (), best, tuple(dict.fromkeys(blockers)))

    def _seen(
        self, camera: Camera, gate: Gate, reading: str, scale: float
    ) -> tuple[np.ndarray, float, list[str]]:
        need, max_yaw = NEED[profile_of(gate)]
        points = samples(gate)
        seen, best, hidden = np.zeros(len(points), bool), 0.0, []
        for eye in poses(camera, gate, reading):
            if math.dist((eye.x, eye.y), gate.middle) > eye.reach_m + 10:
                continue
            for i, point in enumerate(points):
                px = density(eye, point)
                steep = depression_deg(eye, point) > MAX_DEPRESSION_DEG
                if px <= 0 or steep:
                    continue
                blocking = self.solids[reading].blockers(eye, point)
                if blocking:
                    hidden += blocking[:1] if px >= need * scale else []
                    continue
                best = max(best, px)
                seen[i] |= px >= need * scale and yaw_deg(eye, point, gate.azimuth_deg) <= max_yaw
        return seen, best, hidden


def samples(gate: Gate, step_m: float = 0.5) -> list[tuple[float, float]]:
    """Return points across a gate, 2 cm in front of its line so that no wall is touched."""
    count = max(2, math.ceil(gate.door.width_m / step_m) + 1)
    xs = np.linspace(-gate.door.width_m / 2, gate.door.width_m / 2, count)
    return [gate.frame.at(float(x), 0.02) for x in xs]


def poses(camera: Camera, gate: Gate, reading: str) -> list[Eye]:
    """Return how a camera may look in a reading, as far as a gate is concerned."""
    eye = camera.eye
    if camera.key == "in-wall":
        # Recorded 0.3 m inside the wall it looks out of; moved to 0.3 m outside.
        a = math.radians(camera.azimuth_deg or 0.0)
        eye = replace(eye, x=eye.x + 0.6 * math.sin(a), y=eye.y + 0.6 * math.cos(a))
    if camera.azimuth_deg is not None:
        return [eye]
    bearing = math.degrees(math.atan2(gate.middle[0] - eye.x, gate.middle[1] - eye.y)) % 360
    near = math.dist((eye.x, eye.y), gate.middle) <= ENTRANCE_RANGE_M
    if reading == "possible" or (reading == "assumed" and near):
        return [replace(eye, azimuth_deg=bearing)]
    return []


def _solids(drawing: Drawing, reading: str) -> list[Solid]:
    rows = drawing.district.rows
    out = []
    for row in rows["buildings"]:
        top = SHED_TOP_M[reading] if row["height_assumed"] else None
        out.append(
            Solid(
                row["id"], row["geometry"], row["base_m"], row["height_m"] if top is None else top
            )
        )
    out += [
        Solid(row["id"], row["geometry"], row["base_m"], row["height_m"])
        for row in rows["obstacles"]
    ]
    out += [
        Solid(row["id"], row["geometry"], row["base_m"], row["height_m"], row["summer"])
        for row in rows["canopies"]
    ]
    return out


def prove_gates(
    drawing: Drawing, cameras: list[Camera], obstructions: dict[str, str]
) -> dict[str, Verdict]:
    """Prove every gate, with margins, against what was decided beforehand.

    Raises
    ------
    AssertionError
        If the map does not bear out a case.
    """
    prover = Prover(drawing, cameras)
    verdicts, wrong = {}, []
    for key, gate in drawing.gates.items():
        case = CASES.get(key, Case("covered", "", (), "", ""))
        verdicts[key] = verdict = prover.prove(gate)
        for scale in (1 - MARGIN, 1 + MARGIN):
            other = prover.prove(gate, scale)
            if other.status != verdict.status or set(other.by) != set(verdict.by):
                wrong.append(f"{key}: {verdict} but {other} at {scale} of the need")
        if verdict.status != case.status or (
            case.cameras and case.status != "gap" and set(case.cameras) != set(verdict.by)
        ):
            wrong.append(f"{key}: expected {case.status} by {case.cameras}, proved {verdict}")
        if case.blocker and obstructions[case.blocker] not in verdict.blockers:
            wrong.append(f"{key}: {case.blocker} does not block it, {verdict.blockers} do")
    if wrong:
        raise AssertionError("\n".join(wrong))
    return verdicts
