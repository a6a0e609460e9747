"""Cameras that watch more than a gate: fences, open ground, crossings, bridge and streets."""

from __future__ import annotations

import math
from itertools import pairwise

from district.camera import EDGE, FACE, GOVERNMENT, LONG, OVERVIEW, STREET, WIDE, YARD, Lens
from district.plane import Frame, Point, to_map
from district.rigging import Inventory
from district.sites import SITES
from district.streets import SECTION, STREETS

CROSSINGS = (
    ("澄川大道晴岚路口", (496, 460), 18, 19),
    ("澄川大道书院街口", (231, 466), 12, 19),
    ("澄川大道望桥路口", (764, 444), 12, 19),
    ("晴岚路渡口街口", (500, 178), 18, 12),
    ("晴岚路柳浦街口", (514, 700), 18, 13),
)
"""Main crossings: name, middle, and how far off it their poles stand."""

CLEAR_OF_CROSSING_M = 60.0
"""Cameras of the street stand at least this far from a main crossing."""

CORNER = Lens(2560, 1440, 70.0)


def watch_perimeters(inventory: Inventory) -> None:
    """Corner cameras along the fences of places whose perimeter counts."""
    for key in ("substation", "water", "museum", "archive", "cdc", "fuel"):
        site = next(s for s in SITES if s.key == key)
        # On brackets of the wall, so that they see both sides of it.
        w, d, o = site.width, site.depth, 0.3
        corners = (
            ((o, o), (w - o, o)),
            ((w - o, o), (w - o, d - o)),
            ((w - o, d - o), (o, d - o)),
            ((o, d - o), (o, o)),
        )
        for number, (start, end) in enumerate(corners, 1):
            inventory.inside(
                key,
                start,
                end,
                f"周界枪机{number}",
                4.5,
                EDGE if max(w, d) > 120 else Lens(3840, 2160, 60.0),
                tilt_deg=13.0,
                reach_m=160.0,
                mount="wall",
                purpose="周界防范",
            )


def watch_open_ground(inventory: Inventory) -> None:
    """Square, car park, forecourt, park and the ways of housing estates."""
    square = next(s for s in SITES if s.key == "square")
    w, d = square.width, square.depth
    for number, (x, y) in enumerate(((3, 3), (w - 3, 3), (w - 3, d - 3), (3, d - 3)), 1):
        inventory.inside(
            "square",
            (x, y),
            (w / 2, d / 2),
            f"全景枪机{number}",
            7.0,
            YARD,
            tilt_deg=14.0,
            reach_m=90.0,
            owner=GOVERNMENT,
            purpose="治安监控",
        )
    # They leave the lane from the entrance to the camera that stands there.
    yard = ((2, 2, 20, 60), (62, 90, 10, 50), (62, 2, 10, 20))
    for number, (x, y, tx, ty) in enumerate(yard, 1):
        inventory.inside(
            "parking", (x, y), (tx, ty), f"场区枪机{number}", 7.0, YARD, tilt_deg=14.0, reach_m=58.0
        )
    inventory.inside(
        "coach",
        (58, 21.6),
        (58, 0),
        "候车楼正面枪机",
        5.5,
        Lens(3840, 2160, 95.0),
        tilt_deg=22.0,
        reach_m=40.0,
        mount="wall",
    )
    views = (
        ("站前枪机1", (9.0, 20.5), (38, 9)),
        ("站前枪机2", (107.0, 20.5), (78, 9)),
        ("站前枪机3", (8.0, -11.5), (40, -7)),
        ("站前枪机4", (108.0, -11.5), (76, -7)),
        ("班车口枪机", (-15.0, 97.0), (0, 68)),
        ("班车场枪机", (23.0, 46.0), (0, 68)),
    )
    for name, at, to in views:
        inventory.inside("coach", at, to, name, 6.5, WIDE, tilt_deg=15.0, reach_m=60.0)
    for number, x in enumerate((40, 108, 176), 1):
        inventory.inside(
            "park",
            (x, 29.5),
            (x + 60, 28),
            f"园路枪机{number}",
            4.5,
            Lens(3840, 2160, 45.0),
            tilt_deg=8.0,
            reach_m=80.0,
            owner=GOVERNMENT,
            purpose="治安监控",
        )
    for number, x in enumerate((48, 246), 4):
        inventory.inside(
            "park",
            (x + 1, 36),
            (x, 4),
            f"园路枪机{number}",
            4.5,
            STREET,
            tilt_deg=12.0,
            reach_m=40.0,
            owner=GOVERNMENT,
            purpose="治安监控",
        )
    inventory.inside(
        "lanting", (137, 124), (140, 40), "小区道路枪机", 4.5, FACE, tilt_deg=6.0, reach_m=100.0
    )
    inventory.inside(
        "zhuxi", (3, 62), (190, 60), "小区道路枪机", 4.5, LONG, tilt_deg=5.0, reach_m=200.0
    )


def watch_crossings(inventory: Inventory) -> None:
    """Watch main crossings, the important section, the bridge and the underpass."""
    for name, (x, y), half_x, half_y in CROSSINGS:
        for number, (sx, sy) in enumerate(((-1, -1), (1, 1)), 1):
            at, to = to_map((x + sx * half_x, y + sy * half_y)), to_map((x, y))
            inventory.aim(
                "",
                f"{name}枪机{number}",
                at,
                to,
                6.5,
                CORNER,
                34.0,
                tilt_deg=14.0,
                owner=GOVERNMENT,
                purpose="道路交通和治安监控",
            )
    (west, south), _, (end, _) = SECTION
    # The third stretch lies in the view of the main crossing.
    stations = [x for x in range(int(west), int(end) - 30, 62) if not 440 < x < 500]
    for number, x in enumerate(stations, 1):
        y = south - (x - west) * 0.06
        inventory.aim(
            "",
            f"澄川大道路段枪机{number}",
            to_map((x, y - 12)),
            to_map((x + 62, y - 6.7)),
            6.8,
            STREET,
            84.0,
            tilt_deg=11.0,
            owner=GOVERNMENT,
            purpose="道路交通和治安监控",
        )
    bridge = next(s for s in STREETS if s.bridge)
    (ax, ay), (bx, by) = bridge.points
    for name, (x, y), (tx, ty), aside in (
        ("南", (ax, ay), (bx, by), -12.0),
        ("北", (bx, by), (ax, ay), 12.0),
    ):
        length = math.dist((x, y), (tx, ty))
        ux, uy = (tx - x) / length, (ty - y) / length
        at = to_map((x - 20 * ux + aside * abs(uy), y - 20 * uy))
        inventory.aim(
            "",
            f"沅澄大桥{name}桥头枪机",
            at,
            to_map((x + 30 * ux, y + 30 * uy)),
            6.8,
            Lens(3840, 2160, 60.0),
            80.0,
            tilt_deg=10.0,
            owner=GOVERNMENT,
            purpose="道路交通和治安监控",
        )
    tunnel = next(s for s in STREETS if s.tunnel)
    for name, (x, y), step in (("南", tunnel.points[0], -9.0), ("北", tunnel.points[1], -9.0)):
        inventory.aim(
            "",
            f"地下通道{name}口枪机",
            to_map((x, y + step)),
            to_map((x, y)),
            3.8,
            FACE,
            11.0,
            owner=GOVERNMENT,
            purpose="治安监控",
        )


def watch_streets(inventory: Inventory) -> None:
    """Cameras along streets, of general use and at no mandatory place."""
    for street in STREETS:
        if street.bridge or street.tunnel or street.kind == "primary":
            continue
        line = street.points
        for number, (x, y, turn) in enumerate(
            _stations(line, 96.0 if street.kind != "residential" else 120.0), 1
        ):
            if min(math.dist((x, y), spot) for _, spot, _, _ in CROSSINGS) < CLEAR_OF_CROSSING_M:
                continue
            side = 1 if number % 2 else -1
            frame = Frame(x, y, turn)
            at, to = frame.at(0, side * (street.half_m + 0.8)), frame.at(45 * side, 0)
            inventory.aim(
                "",
                f"{street.name}枪机{number}",
                at,
                to,
                5.5,
                STREET,
                45.0,
                tilt_deg=9.0,
                owner=GOVERNMENT,
                purpose="治安监控",
            )
    shops = next(site.frame for site in SITES if site.key == "eastbank")
    inventory.aim(
        "",
        "东岸商铺半球（方位未登记）",
        shops.at(62.0, 1.5),
        shops.at(62.0, -10.0),
        3.5,
        OVERVIEW,
        25.0,
        kind="dome",
        azimuth_deg=None,
        purpose="治安监控",
    )


def _stations(line: tuple[Point, ...], step: float) -> list[tuple[float, float, float]]:
    """Return points along a line with its direction, half a step from its ends."""
    out, left = [], step / 2
    for (ax, ay), (bx, by) in pairwise(line):
        length = math.dist((ax, ay), (bx, by))
        turn = math.degrees(math.atan2(by - ay, bx - ax))
        while left <= length:
            t = left / length
            out.append((ax + (bx - ax) * t, ay + (by - ay) * t, turn))
            left += step
        left -= length
    return out
