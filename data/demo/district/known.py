"""What is known of the district before anything computes it, proved camera by camera."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from district.camera import Camera
from district.cases import CASES, Case
from district.demand import MAX_DEPRESSION_DEG, MAX_YAW_DEG, PX_M, Part, gate_part, other_parts
from district.draw import Drawing
from district.proof import Eye, Solid, Solids, density, depression_deg, yaw_deg
from district.repeats import NOT_REPEATS, REPEATS

MARGIN = 0.05
"""Every verdict on a gate still stands if the need is this much higher or lower."""

SPARE_SHARE = 0.015
"""Other parts are met by at least this share more than the law asks for."""

READINGS = ("sure", "assumed", "possible")
SHED_TOP_M = {"sure": 1e9, "assumed": None, "possible": 2.5}
"""Top of a building of unknown height, by reading; None: as stated."""

ENTRANCE_RANGE_M = 15.0
"""A camera of unknown direction is assumed to look at a gate this near."""

LEAST_GAIN, TRIVIAL_GAIN, SPARE_GAIN = 0.20, 0.05, 0.01
"""A camera that adds less than the first repeats others; none is closer to it than the last."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was proved of a part."""

    status: str
    by: tuple[str, ...]
    share: float
    best_px_m: float
    blockers: tuple[str, ...]


class Prover:
    """The finished map, ready to prove what is seen."""

    def __init__(self, drawing: Drawing, cameras: list[Camera]) -> None:
        self.drawing = drawing
        self.cameras = [
            c for c in cameras if c.status != "removed" and c.usable and c.setting == "outdoor"
        ]
        self.solids = {reading: Solids(_solids(drawing, reading)) for reading in READINGS}

    def prove(self, part: Part, scale: float = 1.0) -> Verdict:
        """Return status of a part, the cameras that each meet it alone, and what blocks others."""
        best, blockers, share = 0.0, [], 0.0
        for reading in READINGS:
            met, met_by = np.zeros(len(part.points), bool), []
            for camera in self.cameras:
                seen, px, hidden = self.look(camera, part, reading, scale)
                best = max(best, px)
                blockers += hidden
                met |= seen
                if seen.mean() >= part.share:
                    met_by.append(camera.key)
            share = float(met.mean())
            if share >= part.share:
                status = "covered" if reading == "sure" else reading
                return Verdict(status, tuple(met_by), share, best, tuple(dict.fromkeys(blockers)))
        return Verdict("gap", (), share, best, tuple(dict.fromkeys(blockers)))

    def look(
        self, camera: Camera, part: Part, reading: str, scale: float = 1.0
    ) -> tuple[np.ndarray, float, list[str]]:
        """Return which points a camera meets, its best density in the open, and what hides some."""
        need, max_yaw = PX_M[part.profile] * scale, MAX_YAW_DEG.get(part.profile)
        met, best, hidden = np.zeros(len(part.points), bool), 0.0, []
        for eye in poses(camera, part, reading):
            px = density(eye, part.points, part.target_m)
            fit = np.ones(len(px), bool)
            if max_yaw is not None:
                fit = depression_deg(eye, part.points, part.target_m) <= MAX_DEPRESSION_DEG
                fit &= yaw_deg(eye, part.points, part.normal_deg) <= max_yaw
            for i in np.flatnonzero(px > 0 if max_yaw is not None else px >= need):
                point = tuple(part.points[i])
                blocking = self.solids[reading].blockers(eye, point, part.target_m)
                if blocking and px[i] >= need and fit[i]:
                    hidden.append(blocking[0])
                elif not blocking:
                    best = max(best, float(px[i]))
                    met[i] |= bool(px[i] >= need and fit[i])
        return met, best, hidden


def poses(camera: Camera, part: Part, reading: str) -> list[Eye]:
    """Return how a camera may look in a reading, as far as a part is concerned."""
    eye = camera.eye
    if camera.key == "in-wall":
        # Recorded 0.3 m inside the wall it looks out of; moved to 0.3 m outside.
        a = math.radians(camera.azimuth_deg or 0.0)
        eye = replace(eye, x=eye.x + 0.6 * math.sin(a), y=eye.y + 0.6 * math.cos(a))
    if camera.azimuth_deg is not None:
        return [eye]
    x, y = part.points.mean(axis=0)
    bearing = math.degrees(math.atan2(x - eye.x, y - eye.y)) % 360
    near = part.kind == "gate" and math.dist((eye.x, eye.y), (x, y)) <= ENTRANCE_RANGE_M
    if reading == "possible" or (reading == "assumed" and near):
        return [replace(eye, azimuth_deg=bearing)]
    return []


def _solids(drawing: Drawing, reading: str) -> list[Solid]:
    rows = drawing.district.rows
    out = []
    for row in rows["buildings"]:
        top = SHED_TOP_M[reading] if row["height_assumed"] else None
        top = row["height_m"] if top is None else top
        out.append(Solid(row["id"], row["geometry"], row["base_m"], top))
    return out + [
        Solid(row["id"], row["geometry"], row["base_m"], row["height_m"], row.get("summer", 0.0))
        for row in (*rows["obstacles"], *rows["canopies"])
    ]


def prove_all(
    drawing: Drawing, cameras: list[Camera], obstructions: dict[str, str]
) -> tuple[dict[str, Verdict], list[tuple[Part, Verdict]], dict[str, float]]:
    """Prove every part and every repeat against what was decided beforehand.

    Returns
    -------
    tuple
        The verdict on each gate; the other parts with theirs; and what each camera adds to the
        existing and approved others, as a share of what it meets.

    Raises
    ------
    AssertionError
        If the map does not bear out what was decided; the message lists everything.
    """
    prover = Prover(drawing, cameras)
    gates = {key: gate_part(key, gate) for key, gate in drawing.gates.items()}
    verdicts, wrong = {}, []
    for key, part in gates.items():
        verdicts[key] = prover.prove(part)
        wrong += _check_gate(prover, part, verdicts[key], obstructions)
    others = [(part, prover.prove(part)) for part in other_parts(drawing)]
    wrong += [
        f"{part.key}: {verdict}"
        for part, verdict in others
        if verdict.status != "covered" or verdict.share < min(1.0, part.share + SPARE_SHARE)
    ]
    gains = measure_gains(prover, [*gates.values(), *(part for part, _ in others)])
    wrong += _check_gains(gains)
    if wrong:
        raise AssertionError("\n".join(wrong))
    return verdicts, others, gains


def _check_gate(
    prover: Prover, part: Part, verdict: Verdict, obstructions: dict[str, str]
) -> list[str]:
    case = CASES.get(part.key, Case("covered", "", (), "", ""))
    wrong = []
    for scale in (1 - MARGIN, 1 + MARGIN):
        other = prover.prove(part, scale)
        if other.status != verdict.status or set(other.by) != set(verdict.by):
            wrong.append(f"{part.key}: {verdict} but {other} at {scale} of the need")
    named = case.status != "gap" and case.cameras
    if verdict.status != case.status or (named and set(case.cameras) != set(verdict.by)):
        wrong.append(f"{part.key}: expected {case.status} by {case.cameras}, proved {verdict}")
    if case.blocker and obstructions[case.blocker] not in verdict.blockers:
        wrong.append(f"{part.key}: {case.blocker} does not block it, {verdict.blockers} do")
    return wrong


def measure_gains(prover: Prover, parts: list[Part]) -> dict[str, float]:
    """Return for each camera the share of what it meets that no other existing one meets."""
    meets = {
        camera.key: np.concatenate([prover.look(camera, part, "sure")[0] for part in parts])
        for camera in prover.cameras
    }
    weight = np.concatenate([np.full(len(part.points), part.weight) for part in parts])
    built = [c.key for c in prover.cameras if c.status in ("existing", "approved")]
    count = np.sum([meets[key] for key in built], axis=0)
    gains = {}
    for camera in prover.cameras:
        own = meets[camera.key]
        total = float(weight[own].sum())
        if total > 0:
            alone = own & (count - (camera.key in built) == 0)
            gains[camera.key] = float(weight[alone].sum()) / total
    return gains


def _check_gains(gains: dict[str, float]) -> list[str]:
    """Tell which cameras add little but are not said to, or are said to but add something."""
    wrong = []
    for key, gain in gains.items():
        repeat = REPEATS.get(key)
        low = gain < LEAST_GAIN
        if abs(gain - LEAST_GAIN) < SPARE_GAIN:
            wrong.append(f"{key}: its gain of {gain:.3f} is too close to {LEAST_GAIN}")
        if low and repeat is None:
            wrong.append(f"{key}: adds only {gain:.3f} and is no known repeat")
        if repeat is not None and repeat.kind == "either":
            if low:
                wrong.append(f"{key}: adds only {gain:.3f} to what exists")
        elif repeat is not None and not low:
            wrong.append(f"{key}: adds {gain:.3f} but is a known repeat")
        if repeat is not None and repeat.kind == "adds_nothing" and gain >= TRIVIAL_GAIN:
            wrong.append(f"{key}: adds {gain:.3f}")
    wrong += [f"{key}: meets nothing" for key in (*REPEATS, *NOT_REPEATS) if key not in gains]
    return wrong
