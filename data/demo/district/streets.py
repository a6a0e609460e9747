"""Streets, river, bridge and underpass of the made district, on its plane."""

from __future__ import annotations

from dataclasses import dataclass

from district.plane import Point


@dataclass(frozen=True, slots=True)
class Street:
    """A street by its centre line; `half_m` is half of its carriageway, kerb to middle."""

    name: str
    english: str
    kind: str
    half_m: float
    points: tuple[Point, ...]
    bridge: bool = False
    tunnel: bool = False


TRUNK = "澄川大道"
CROSS = "晴岚路"

STREETS = (
    Street(TRUNK, "Chengchuan Avenue", "primary", 14.0, ((-5, 455), (150, 462))),
    Street(
        TRUNK,
        "Chengchuan Avenue",
        "primary",
        14.0,
        ((150, 462), (330, 470), (496, 460), (700, 448)),
    ),
    Street(TRUNK, "Chengchuan Avenue", "primary", 14.0, ((700, 448), (1005, 430))),
    Street(
        CROSS,
        "Qinglan Road",
        "primary",
        13.0,
        ((506, -5), (498, 250), (496, 460), (514, 700), (522, 788)),
    ),
    Street("沅澄大桥", "Yuancheng Bridge", "primary", 13.0, ((522, 788), (531, 908)), bridge=True),
    Street(CROSS, "Qinglan Road", "primary", 13.0, ((531, 908), (541, 1045))),
    Street(
        "柳浦街",
        "Liupu Street",
        "secondary",
        8.0,
        ((-5, 700), (240, 711), (514, 700), (762, 704), (1005, 670)),
    ),
    Street(
        "渡口街",
        "Dukou Street",
        "secondary",
        7.0,
        ((-5, 180), (245, 192), (500, 178), (755, 188), (1005, 207)),
    ),
    Street(
        "书院街",
        "Shuyuan Street",
        "secondary",
        7.0,
        ((234, -5), (245, 192), (231, 466), (240, 711)),
    ),
    Street(
        "望桥路", "Wangqiao Road", "secondary", 7.0, ((766, -5), (755, 188), (764, 444), (762, 704))
    ),
    Street("桐荫巷", "Tongyin Lane", "tertiary", 4.5, ((238, 334), (497, 322))),
    Street("东篱路", "Dongli Road", "tertiary", 4.5, ((497, 322), (760, 326))),
    Street("云帆路", "Yunfan Road", "tertiary", 4.5, ((763, 562), (880, 560), (1005, 545))),
    Street("槐安里", "Huai'an Alley", "residential", 3.0, ((-5, 316), (238, 327))),
    Street("文馨里", "Wenxin Alley", "residential", 3.0, ((132, 461), (137, 706))),
    Street(
        "北堤路",
        "North Embankment Road",
        "tertiary",
        4.5,
        ((-5, 938), (200, 910), (531, 912), (780, 889), (1005, 858)),
    ),
    Street(
        "澄川大道地下通道",
        "Chengchuan underpass",
        "footway",
        2.5,
        ((310, 440), (310, 499)),
        tunnel=True,
    ),
)

RIVER = (
    "沅澄河",
    "Yuancheng River",
    42.0,
    (
        (-30, 886),
        (120, 868),
        (260, 854),
        (420, 851),
        (527, 852),
        (700, 838),
        (860, 812),
        (1030, 790),
    ),
)

SECTION = ((330, 470), (496, 460), (640, 451.5))
"""Part of the avenue that the register names as important: 310 m with the main crossing."""
