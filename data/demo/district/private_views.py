"""Cameras inside private places and before them, for the articles on privacy."""

from __future__ import annotations

from district.camera import CLOSE, FACE, GOVERNMENT, Lens
from district.rigging import Inventory


def watch_private_places(inventory: Inventory) -> None:
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
