"""The made inventory: who watches which gate, and who watches what else.

Each gate is watched properly unless `cases.CASES` says otherwise. Cameras that belong to a case
carry a key, by which the case and the tests name them.
"""

from __future__ import annotations

import math
from itertools import pairwise

from district.camera import (
    CLOSE,
    EDGE,
    FACE,
    FINE_PLATE,
    GOVERNMENT,
    LEASED,
    LONG,
    OTHER,
    OVERVIEW,
    PLATE,
    STREET,
    WIDE,
    YARD,
    Camera,
    Lens,
    bearing_deg,
    tilt_to_deg,
)
from district.cases import CASES
from district.draw import Drawing
from district.plane import Frame, Point, to_map
from district.sites import SITES
from district.streets import STREETS

IDENTIFY = ("8.2a", "8.4", "8.6", "8.8")
"""Classes at whose doors a person has to be identified, not only recognised."""


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


def make_inventory(drawing: Drawing) -> list[Camera]:
    """Return all cameras of the district."""
    inventory = Inventory(drawing)
    _gates(inventory)
    _special_gates(inventory)
    _duplicates(inventory)
    _perimeters(inventory)
    _open_spaces(inventory)
    _crossings(inventory)
    _streets(inventory)
    _private(inventory)
    return inventory.cameras


def _gates(inventory: Inventory) -> None:
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
                out_m=out,
                height_m=5.5,
                lens=FINE_PLATE if gate.item in IDENTIFY else PLATE,
                name="车牌枪机",
                mount="gate",
                owner=owner,
                purpose="车辆出入管理",
                reach_m=35.0,
            )
        else:
            lens = CLOSE if gate.item in IDENTIFY else STREET if gate.door.width_m > 6 else FACE
            inventory.watch(
                key, owner=owner, lens=lens, reach_m=35.0, out_m=8.5 if lens is CLOSE else 8.0
            )


def _special_gates(inventory: Inventory) -> None:
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
        reach_m=35.0,
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
        reach_m=35.0,
    )
    inventory.watch("depot-w", key="removed", status="removed", name="枪机（已拆除）", reach_m=35.0)
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


def _duplicates(inventory: Inventory) -> None:
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
            reach_m=35.0,
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
        "post", key="post-existing", lens=CLOSE, out_m=8.5, reach_m=35.0, owner=GOVERNMENT
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
    inventory.watch("library", key="library-existing", out_m=8.0, reach_m=35.0)
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
        reach_m=35.0,
    )
    inventory.watch("netcafe", key="approved", status="approved", name="待建枪机", reach_m=35.0)
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
            reach_m=35.0,
        )
    # A camera that does no more than a better one beside it.
    inventory.watch(
        "parking-in",
        key="dominating",
        out_m=-13.0,
        height_m=6.0,
        lens=Lens(3840, 2160, 70.0),
        mount="pole",
        reach_m=60.0,
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


def _perimeters(inventory: Inventory) -> None:
    """Corner cameras along the fences of places whose perimeter counts."""
    for key in ("substation", "water", "museum", "archive", "cdc", "fuel"):
        site = next(s for s in SITES if s.key == key)
        w, d, o = site.width, site.depth, 1.2
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
                EDGE,
                tilt_deg=6.0,
                reach_m=130.0,
                purpose="周界防范",
            )


def _open_spaces(inventory: Inventory) -> None:
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
    for number, (x, y, tx, ty) in enumerate(((2, 2, 44, 56), (62, 90, 20, 36)), 1):
        inventory.inside(
            "parking", (x, y), (tx, ty), f"场区枪机{number}", 7.0, YARD, tilt_deg=14.0, reach_m=90.0
        )
    for number, x in enumerate((16, 46, 70, 100), 1):
        inventory.inside(
            "coach",
            (x, 21.6),
            (x, 0),
            f"站前枪机{number}",
            5.5,
            Lens(3840, 2160, 95.0),
            tilt_deg=22.0,
            reach_m=40.0,
            mount="wall",
        )
    inventory.inside(
        "coach", (4, 92), (14, 62), "班车场枪机1", 6.0, WIDE, tilt_deg=15.0, reach_m=60.0
    )
    inventory.inside(
        "coach", (30, 48), (4, 72), "班车场枪机2", 6.0, WIDE, tilt_deg=15.0, reach_m=60.0
    )
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


def _crossings(inventory: Inventory) -> None:
    """Watch main crossings, the important section, the bridge and the underpass."""
    for name, (x, y), half_x, half_y in (
        ("澄川大道晴岚路口", (496, 460), 18, 19),
        ("澄川大道书院街口", (231, 466), 12, 19),
        ("澄川大道望桥路口", (764, 444), 12, 19),
        ("晴岚路渡口街口", (500, 178), 18, 12),
        ("晴岚路柳浦街口", (514, 700), 18, 13),
    ):
        for number, (sx, sy) in enumerate(((-1, -1), (1, 1), (1, -1), (-1, 1)), 1):
            at, to = to_map((x + sx * half_x, y + sy * half_y)), to_map((x, y))
            inventory.aim(
                "",
                f"{name}枪机{number}",
                at,
                to,
                6.5,
                WIDE,
                60.0,
                tilt_deg=16.0,
                owner=GOVERNMENT,
                purpose="道路交通和治安监控",
            )
    for number, x in enumerate(range(335, 640, 62), 1):
        y = 470 - (x - 330) * 0.06
        east = number % 2 == 1
        at = to_map((x if east else x + 62, y + (-12 if east else 12)))
        to = to_map((x + 62 if east else x, y - 3.7))
        inventory.aim(
            "",
            f"澄川大道路段枪机{number}",
            at,
            to,
            6.8,
            STREET,
            100.0,
            tilt_deg=7.0,
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
            to_map((x, y)),
            6.8,
            STREET,
            60.0,
            tilt_deg=14.0,
            owner=GOVERNMENT,
            purpose="道路交通和治安监控",
        )
        inventory.aim(
            "",
            f"沅澄大桥{name}侧桥面枪机",
            at,
            to_map((tx, ty)),
            6.8,
            Lens(3840, 2160, 35.0),
            180.0,
            tilt_deg=4.0,
            owner=GOVERNMENT,
            purpose="道路交通和治安监控",
        )
    tunnel = next(s for s in STREETS if s.tunnel)
    for name, (x, y), step in (("南", tunnel.points[0], -9.0), ("北", tunnel.points[1], 9.0)):
        inventory.aim(
            "",
            f"地下通道{name}口枪机",
            to_map((x, y + step)),
            to_map((x, y)),
            3.8,
            FACE,
            35.0,
            owner=GOVERNMENT,
            purpose="治安监控",
        )


def _streets(inventory: Inventory) -> None:
    """Cameras along streets, of general use and at no mandatory place."""
    for street in STREETS:
        if street.bridge or street.tunnel or street.kind == "primary":
            continue
        line = street.points
        for number, (x, y, turn) in enumerate(
            _stations(line, 96.0 if street.kind != "residential" else 120.0), 1
        ):
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


def _private(inventory: Inventory) -> None:
    """Cameras inside private places and cameras that look at them; for the articles on privacy."""
    frames = inventory.frames
    indoor = {"setting": "indoor", "mount": "ceiling", "reach_m": 15.0, "kind": "dome"}
    dome = Lens(1920, 1080, 90.0)
    rows = (
        (
            "dorm-inside",
            "学生宿舍一号楼走廊半球",
            "school",
            (24, 17),
            (80, 17),
            {"room_use": "corridor"},
        ),
        ("bath-inside", "槐安浴室内半球", "oldtown", (186, 19), (190, 19), {}),
        ("toilet-inside", "槐安公共卫生间内半球", "oldtown", (180, 43), (183, 43), {}),
    )
    for key, name, site, at, to, extra in rows:
        inventory.aim(
            key,
            name,
            frames[site].at(*at),
            frames[site].at(*to),
            2.8,
            dome,
            purpose="内部管理",
            extra=extra,
            **indoor,
        )
    hotel = frames["hotel"]
    inventory.aim(
        "hotel-inside",
        "望江楼酒店客房层半球",
        hotel.at(24, 16),
        hotel.at(40, 16),
        2.8,
        dome,
        purpose="内部管理",
        **indoor,
    )
    school = frames["school"]
    inventory.aim(
        "dorm-facade",
        "宿舍区枪机",
        school.at(90, 30),
        school.at(50, 26),
        6.0,
        CLOSE,
        60.0,
        tilt_deg=2.0,
        purpose="校园管理",
    )
    inventory.aim(
        "hotel-facade",
        "桐荫里枪机",
        frames["tongyin"].at(120, 32),
        hotel.at(24, 0),
        6.0,
        CLOSE,
        40.0,
        tilt_deg=-8.0,
        owner=GOVERNMENT,
        purpose="治安监控",
    )
    inventory.aim(
        "bath-door",
        "槐安浴室门前枪机",
        frames["oldtown"].at(186, 2),
        frames["oldtown"].at(186, 10),
        3.5,
        FACE,
        20.0,
        owner=GOVERNMENT,
        purpose="治安监控",
    )
    inventory.aim(
        "toilet-door",
        "柳浦卫生间门前枪机",
        frames["boathouse"].at(5, -9),
        frames["boathouse"].at(5, 0),
        4.0,
        FACE,
        20.0,
        owner=GOVERNMENT,
        purpose="治安监控",
    )
