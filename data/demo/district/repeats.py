"""What is known beforehand about cameras: which repeat others, which look at private places."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repeat:
    """A camera, what is to be said of it for Article 7, beside which others, and why.

    `kind` is twin, dominated, redundant, shared, adds_nothing or either. `severity` is info for
    what exists and warning or violation for what is only planned.
    """

    kind: str
    severity: str
    beside: tuple[str, ...]
    zh: str
    en: str


REPEATS: dict[str, Repeat] = {
    "twin-1": Repeat(
        "twin",
        "info",
        ("twin-2",),
        "同杆同向同型，与另一台完全重复。",
        "Same pole, direction and lens as the other.",
    ),
    "twin-2": Repeat(
        "twin",
        "info",
        ("twin-1",),
        "同杆同向同型，与另一台完全重复。",
        "Same pole, direction and lens as the other.",
    ),
    "dominated": Repeat(
        "dominated",
        "info",
        ("dominating",),
        "它看到的，旁边的全景车牌枪机都以同等级看到。",
        "Whatever it meets, the wide camera beside it meets as well.",
    ),
    "ring-a": Repeat(
        "redundant",
        "info",
        ("ring-b", "ring-c"),
        "三台中去掉任一台，三扇门仍各有一台；不能同时去掉两台。",
        "Any one of the three can go and every door keeps a camera; two cannot.",
    ),
    "ring-b": Repeat(
        "redundant",
        "info",
        ("ring-a", "ring-c"),
        "三台中去掉任一台，三扇门仍各有一台；不能同时去掉两台。",
        "Any one of the three can go and every door keeps a camera; two cannot.",
    ),
    "ring-c": Repeat(
        "redundant",
        "info",
        ("ring-a", "ring-b"),
        "三台中去掉任一台，三扇门仍各有一台；不能同时去掉两台。",
        "Any one of the three can go and every door keeps a camera; two cannot.",
    ),
    "adds-nothing": Repeat(
        "adds_nothing",
        "violation",
        ("post-existing",),
        "规划点位的门口已由现有枪机满足，没有新增，也未说明理由。",
        "The door it is planned for is already met; it adds nothing and gives no reason.",
    ),
    "adds-nothing-justified": Repeat(
        "adds_nothing",
        "warning",
        ("library-existing",),
        "没有新增，但已说明理由，由审查人判断。",
        "It adds nothing but gives a reason; a reviewer decides.",
    ),
    "either-1": Repeat(
        "either",
        "warning",
        ("either-2",),
        "两台规划枪机只需一台。",
        "One of the two planned cameras is enough.",
    ),
    "either-2": Repeat(
        "either",
        "warning",
        ("either-1",),
        "两台规划枪机只需一台。",
        "One of the two planned cameras is enough.",
    ),
    "watch-coach-in": Repeat(
        "shared",
        "info",
        (),
        "进站口只靠它识别，但它看到的地面大多另有枪机；不是可以拆除的理由。",
        "Alone at the way in it identifies; most ground it sees others see too.",
    ),
    "watch-coach-out": Repeat(
        "shared",
        "info",
        (),
        "出站口只靠它识别，但它看到的地面大多另有枪机；不是可以拆除的理由。",
        "Alone at the way out it identifies; most ground it sees others see too.",
    ),
    "watch-coach-v": Repeat(
        "shared",
        "info",
        (),
        "班车口只靠它识别，但它看到的地面大多另有枪机；不是可以拆除的理由。",
        "Alone at the coach gate it identifies; most ground it sees others see too.",
    ),
}

NOT_REPEATS: dict[str, tuple[str, str]] = {
    "median-w": (
        "同杆反向，看的是另一扇门。",
        "Same pole, but it looks the other way, at another gate.",
    ),
    "median-e": (
        "同杆反向，看的是另一扇门。",
        "Same pole, but it looks the other way, at another gate.",
    ),
    "same-view-fine": (
        "同杆同向的现有枪机只够观察，达不到识别。",
        "The existing camera beside it only gives an overview, not identification.",
    ),
    "adds-all": ("车行门没有别的摄像机。", "No other camera meets the vehicle gate."),
    "approved": ("正门没有别的摄像机。", "No other camera meets the door."),
    "dominating": ("它还看到场区其他部分。", "It sees other parts of the yard as well."),
}

PRIVATE: dict[str, tuple[str, str, str]] = {
    "dorm-inside": (
        "inside",
        "学生宿舍内，台账写明走廊。",
        "Inside a dormitory; the record says corridor.",
    ),
    "hotel-inside": (
        "inside",
        "酒店客房层内，用途未写明。",
        "Inside a hotel, its use not declared.",
    ),
    "bath-inside": (
        "inside",
        "公共浴室内部，禁止安装。",
        "Inside a public bath, where none may be.",
    ),
    "toilet-inside": (
        "inside",
        "公共卫生间内部，禁止安装。",
        "Inside a public toilet, where none may be.",
    ),
    "dorm-facade": ("facade", "正对学生宿舍立面。", "Looks at the facade of a dormitory."),
    "hotel-facade": ("facade", "朝上正对酒店客房立面。", "Looks up at the facade of a hotel."),
    "bath-door": ("door", "十五米内正对浴室门。", "Faces the door of a bath within 15 m."),
    "toilet-door": ("door", "十五米内正对卫生间门。", "Faces the door of a toilet within 15 m."),
}
