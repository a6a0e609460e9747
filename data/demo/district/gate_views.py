"""Cameras that watch gates: the ordinary ones, and those of which something is known beforehand."""

from __future__ import annotations

import math

from district.camera import (
    CLOSE,
    FACE,
    FINE_PLATE,
    GOVERNMENT,
    LEASED,
    OTHER,
    OVERVIEW,
    PLATE,
    STREET,
    Lens,
)
from district.cases import CASES
from district.plane import Point
from district.rigging import Inventory
from district.sites import SITES

IDENTIFY = ("8.2a", "8.4", "8.6", "8.8")
"""Classes at whose doors a person has to be identified, not only recognised."""


def watch_gates(inventory: Inventory) -> None:
    """Watch every ordinary gate from one pole or arm."""
    for key, gate in inventory.drawing.gates.items():
        if key in CASES:
            continue
        owner = GOVERNMENT if gate.item == "8.1" or "square" in key else OTHER
        if gate.door.vehicle:
            # At the mouth of a garage the arm stands outside.
            out = 11.0 if key in inventory.buildings else -11.0
            inventory.watch(
                key,
                key=f"watch-{key}",
                out_m=out,
                height_m=5.5,
                lens=FINE_PLATE if gate.item in IDENTIFY else PLATE,
                name="车牌枪机",
                mount="gate",
                owner=owner,
                purpose="车辆出入管理",
                reach_m=_just_beyond(11.0, gate.door.width_m, 5.5),
            )
        else:
            lens = CLOSE if gate.item in IDENTIFY else STREET if gate.door.width_m > 6 else FACE
            out = 8.5 if lens is CLOSE else 8.0
            inventory.watch(
                key,
                key=f"watch-{key}",
                owner=owner,
                lens=lens,
                reach_m=_just_beyond(out, gate.door.width_m, 4.0),
                out_m=out,
            )


def _just_beyond(away_m: float, width_m: float, height_m: float) -> float:
    """Return a reach that ends half a metre behind the farthest face in a gate."""
    return round(math.hypot(away_m, width_m / 2, height_m - 1.6) + 0.5, 1)


def watch_special_gates(inventory: Inventory) -> None:
    """Cameras at gates of which something is known beforehand."""
    gates = inventory.drawing.gates
    site = {s.key: s for s in SITES}

    # On the wall of the service house, recorded 0.3 m inside it.
    house = next(b for b in site["lanting"].blocks if b.name == "物业服务站")
    inventory.inside(
        "lanting",
        (112.0, house.y + house.depth - 0.3),
        (112.0, 148.0),
        "北门人行口壁装枪机",
        3.2,
        FACE,
        key="in-wall",
        mount="wall",
        reach_m=18.0,
    )
    # One pole in the median of the road, one camera to each side.
    middle = _median(gates["lanting-e"].middle, gates["hospital-w"].middle)
    for key, gate, name in (
        ("median-w", "lanting-e", "晴岚路中央杆西向枪机"),
        ("median-e", "hospital-w", "晴岚路中央杆东向枪机"),
    ):
        inventory.aim(
            key,
            name,
            middle,
            gates[gate].middle,
            5.0,
            Lens(2560, 1440, 30.0),
            40.0,
            owner=GOVERNMENT,
            pole="L-晴岚路-07",
            purpose="治安监控",
        )
    # Too far and too wide.
    inventory.watch(
        "lanting-w",
        key="too-coarse",
        out_m=33.0,
        height_m=6.0,
        lens=OVERVIEW,
        reach_m=50.0,
        owner=GOVERNMENT,
        name="对面全景枪机",
        purpose="治安监控",
    )
    # Out of order, and no longer there.
    inventory.watch(
        "hospital-er",
        key="broken",
        out_m=-11.0,
        height_m=5.5,
        lens=PLATE,
        mount="gate",
        usable=False,
        name="车牌枪机（故障）",
        reach_m=18.0,
    )
    inventory.watch("depot-w", key="removed", status="removed", name="枪机（已拆除）", reach_m=18.0)
    # Hidden by a crown, a kiosk and a billboard (draw.py and obstructions.py set these up).
    inventory.watch("meili-n", key="behind-crown", out_m=13.0, lens=CLOSE, height_m=4.5)
    inventory.watch(
        "primary-s", key="behind-kiosk", out_m=10.5, aside_m=6.0, height_m=3.6, lens=CLOSE
    )
    inventory.watch(
        "telecom",
        key="behind-billboard",
        out_m=20.0,
        height_m=5.0,
        lens=Lens(3840, 2160, 30.0),
        owner=LEASED,
    )
    # Dense enough, but from the side.
    inventory.watch(
        "government-w", key="from-the-side", out_m=2.2, aside_m=9.0, height_m=3.5, lens=FACE
    )
    # No direction on record: before the gate, and free in a yard.
    inventory.watch(
        "substation-w", key="no-azimuth-pole", out_m=9.0, azimuth_deg=None, reach_m=30.0
    )
    archive = gates["archive-n"]
    inventory.aim(
        "no-azimuth-yard",
        "档案馆院内立杆枪机",
        inventory.frames["archive"].at(46.0, 64.0),
        archive.middle,
        4.0,
        Lens(3840, 2160, 32.0),
        30.0,
        azimuth_deg=None,
    )
    # Over a shed of unknown height.
    inventory.watch(
        "zhuxi-w",
        key="over-shed",
        out_m=-23.0,
        height_m=9.0,
        lens=Lens(2560, 1440, 30.0),
        reach_m=40.0,
    )


def _median(a: Point, b: Point) -> Point:
    return round((a[0] + b[0]) / 2, 2), round((a[1] + b[1]) / 2, 2)


def watch_twice(inventory: Inventory) -> None:
    """Twins, dominated cameras, a ring of three, and planned cameras of every sort."""
    # Two alike on one pole.
    for key in ("twin-1", "twin-2"):
        inventory.watch(
            "hospital-v",
            key=key,
            out_m=-11.0,
            height_m=5.5,
            lens=PLATE,
            mount="pole",
            name=f"车牌枪机{key[-1]}",
            pole="L-仁泽医院-02",
            purpose="车辆出入管理",
            reach_m=18.0,
        )
    # The same view at a lower class, and a planned camera that raises it.
    inventory.watch(
        "bank",
        key="same-view-coarse",
        out_m=12.0,
        height_m=5.0,
        lens=OVERVIEW,
        reach_m=40.0,
        owner=GOVERNMENT,
        pole="L-澄川大道-03",
        name="全景枪机",
        purpose="治安监控",
    )
    inventory.watch(
        "bank",
        key="same-view-fine",
        out_m=12.0,
        height_m=5.0,
        lens=Lens(3840, 2160, 40.0),
        status="planned",
        owner=GOVERNMENT,
        pole="L-澄川大道-03",
        name="规划人脸枪机",
    )
    # A planned camera that adds nothing, without and with a reason on record.
    inventory.watch(
        "post", key="post-existing", lens=CLOSE, out_m=8.5, reach_m=18.0, owner=GOVERNMENT
    )
    inventory.watch(
        "post",
        key="adds-nothing",
        out_m=10.0,
        aside_m=1.5,
        lens=CLOSE,
        status="planned",
        owner=GOVERNMENT,
        name="规划枪机",
        reach_m=14.0,
    )
    inventory.watch("library", key="library-existing", out_m=8.0, reach_m=18.0)
    inventory.watch(
        "library",
        key="adds-nothing-justified",
        out_m=9.5,
        aside_m=-1.5,
        status="planned",
        owner=GOVERNMENT,
        name="规划枪机",
        reach_m=14.0,
        extra={"justification": "夜间闭馆时段需独立供电的备份点位"},
    )
    # Planned or approved, and needed.
    inventory.watch(
        "primary-v",
        key="adds-all",
        out_m=-11.0,
        height_m=5.5,
        lens=PLATE,
        mount="gate",
        status="planned",
        name="规划车牌枪机",
        reach_m=18.0,
    )
    inventory.watch("netcafe", key="approved", status="approved", name="待建枪机", reach_m=18.0)
    # Two planned cameras of which one is enough.
    for key, aside in (("either-1", -1.2), ("either-2", 1.2)):
        inventory.watch(
            "depot-v",
            key=key,
            out_m=-12.0,
            aside_m=aside,
            height_m=5.5,
            lens=Lens(2560, 1440, 53.0),
            mount="gate",
            status="planned",
            name=f"规划车牌枪机{key[-1]}",
            reach_m=18.0,
        )
    # A camera that does no more than a better one beside it.
    inventory.watch(
        "parking-in",
        key="dominating",
        out_m=-13.0,
        height_m=6.0,
        lens=Lens(3840, 2160, 70.0),
        mount="pole",
        reach_m=30.0,
        name="全景车牌枪机",
    )
    inventory.watch(
        "parking-in",
        key="dominated",
        out_m=-12.0,
        aside_m=0.8,
        height_m=5.5,
        lens=Lens(2560, 1440, 55.0),
        mount="gate",
        reach_m=14.5,
        name="车牌枪机",
    )
    # Three doors, three cameras, each of two doors: any one can go, not two.
    doors = inventory.drawing.gates["mall-2"].frame
    for key, place, left in (
        ("ring-a", (-6.25, 13.0), "一、二"),
        ("ring-b", (6.25, 13.0), "二、三"),
    ):
        inventory.aim(
            key,
            f"云集广场商场{left}号门枪机",
            doors.at(*place),
            doors.at(place[0], 0.0),
            4.5,
            Lens(3840, 2160, 70.0),
            30.0,
        )
    inventory.aim(
        "ring-c",
        "云集广场商场一、三号门枪机",
        doors.at(0.0, 16.0),
        doors.at(0.0, 0.0),
        4.5,
        Lens(5120, 2880, 92.0),
        30.0,
    )
