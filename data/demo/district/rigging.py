"""Setting up cameras one after the other."""

from __future__ import annotations

from district.camera import FACE, Camera, Lens, bearing_deg, tilt_to_deg
from district.draw import Drawing
from district.plane import Point
from district.sites import SITES


class Inventory:
    """Cameras in the order they are set up."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.cameras: list[Camera] = []
        self.frames = {site.key: site.frame for site in SITES}
        self.buildings = {door.key for site in SITES if site.height_m for door in site.doors}

    def aim(
        self,
        key: str,
        name: str,
        at: Point,
        to: Point,
        height_m: float,
        lens: Lens,
        reach_m: float = 40.0,
        tilt_deg: float | None = None,
        **record: object,
    ) -> Camera:
        """Set up a camera at a point of the map that looks at another one."""
        tilt = tilt_to_deg(at, to, height_m) if tilt_deg is None else tilt_deg
        azimuth = record.pop("azimuth_deg", bearing_deg(at, to))
        camera = Camera(
            key or f"c{len(self.cameras) + 1:03d}",
            name,
            *at,
            height_m,
            azimuth,
            tilt,
            lens,
            reach_m,
            **record,
        )
        self.cameras.append(camera)
        return camera

    def watch(
        self,
        gate_key: str,
        *,
        key: str = "",
        out_m: float = 8.0,
        aside_m: float = 0.0,
        height_m: float = 4.0,
        lens: Lens = FACE,
        to: tuple[float, float] = (0.0, 0.0),
        name: str = "枪机",
        **record: object,
    ) -> Camera:
        """Set up a camera `out_m` in front of a gate (behind it if negative) that looks at it."""
        gate = self.drawing.gates[gate_key]
        row = next(
            r for r in self.drawing.district.rows["entrances"] if r["id"] == gate.entrance_id
        )
        return self.aim(
            key,
            f"{row['name']}{name}",
            gate.frame.at(aside_m, out_m),
            gate.frame.at(*to),
            height_m,
            lens,
            **record,
        )

    def inside(
        self,
        site: str,
        at: Point,
        to: Point,
        name: str,
        height_m: float,
        lens: Lens,
        **record: object,
    ) -> Camera:
        """Set up a camera within the frame of a site."""
        frame = self.frames[site]
        place = next(s.name for s in SITES if s.key == site)
        key = str(record.pop("key", ""))
        return self.aim(
            key, f"{place}{name}", frame.at(*at), frame.at(*to), height_m, lens, **record
        )
