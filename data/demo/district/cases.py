"""What is known beforehand about gates that are not simply covered.

Each case was decided when the district was drawn; `make_district` proves it on the finished map
before it is written down, and stops if the map does not bear it out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A gate, what becomes of it, and why, in both languages.

    `status` is covered, assumed, possible or gap; `reason` of a gap is no_camera, removed, broken,
    blocked, density or angle; `cameras` are keys of the inventory that decide it.
    """

    status: str
    reason: str
    cameras: tuple[str, ...]
    zh: str
    en: str
    blocker: str = ""


CASES: dict[str, Case] = {
    "school-e": Case(
        "gap", "no_camera", (), "东门没有任何摄像机。", "No camera looks at the east gate."
    ),
    "zhuxi-s": Case(
        "gap", "no_camera", (), "南门没有任何摄像机。", "No camera looks at the south gate."
    ),
    "meili-s": Case(
        "gap", "no_camera", (), "南门没有任何摄像机。", "No camera looks at the south gate."
    ),
    "depot-w": Case(
        "gap",
        "removed",
        ("removed",),
        "唯一的摄像机已拆除。",
        "Its only camera has been taken down.",
    ),
    "hospital-er": Case(
        "gap", "broken", ("broken",), "唯一的摄像机故障停用。", "Its only camera is out of order."
    ),
    "meili-n": Case(
        "gap",
        "blocked",
        ("behind-crown",),
        "香樟树冠挡住视线。",
        "The crown of a camphor tree stands in the sight line.",
        "crown",
    ),
    "primary-s": Case(
        "gap",
        "blocked",
        ("behind-kiosk",),
        "渡口街报刊亭挡住视线。",
        "The news kiosk on Dukou Street stands in the sight line.",
        "渡口街报刊亭",
    ),
    "telecom": Case(
        "gap",
        "blocked",
        ("behind-billboard",),
        "户外广告牌挡住视线。",
        "The billboard stands in the sight line.",
        "望桥路口户外广告牌",
    ),
    "lanting-w": Case(
        "gap",
        "density",
        ("too-coarse",),
        "对面全景枪机在门口每米不到 40 像素，辨认需 125。",
        "The overview camera across the street gives under 40 px/m; recognition needs 125.",
    ),
    "government-w": Case(
        "gap",
        "angle",
        ("from-the-side",),
        "像素足够，但与通行方向夹角超过 45 度。",
        "Dense enough, but more than 45 degrees off the direction of walking.",
    ),
    "substation-w": Case(
        "assumed",
        "",
        ("no-azimuth-pole",),
        "台账缺方位角；推定朝向门口时满足。",
        "The record has no direction; met if the camera looks at the gate beside it.",
    ),
    "zhuxi-w": Case(
        "assumed",
        "",
        ("over-shed",),
        "视线越过高度未知的自行车棚；按推定高度满足。",
        "The sight line passes over a shed of unknown height; met if the assumed height is right.",
    ),
    "archive-n": Case(
        "possible",
        "",
        ("no-azimuth-yard",),
        "台账缺方位角，附近没有可推定的朝向；只有恰好朝北才能看到门口。",
        "No direction on record and nothing near suggests one; met only if it looks north.",
    ),
    "lanting-n": Case(
        "covered",
        "",
        ("in-wall",),
        "摄像机登记点在物业服务站墙内 0.3 米，移到墙外后满足。",
        "The record lies 0.3 m inside the service house; moved off its wall, it meets the need.",
    ),
    "lanting-e": Case(
        "covered",
        "",
        ("median-w",),
        "中央杆西向枪机满足；同杆东向枪机不是重复。",
        "Met by the westward camera of the median pole; the eastward one is no duplicate.",
    ),
    "hospital-w": Case(
        "covered",
        "",
        ("median-e",),
        "中央杆东向枪机满足。",
        "Met by the eastward camera of the median pole.",
    ),
    "hospital-v": Case(
        "covered",
        "",
        ("twin-1", "twin-2"),
        "同杆两台相同枪机都满足，其中一台多余。",
        "Met by two alike on one pole, one of which is enough.",
    ),
    "bank": Case(
        "covered",
        "",
        ("same-view-fine",),
        "现有全景枪机只够观察；规划人脸枪机满足识别。",
        "The existing camera only gives an overview; the planned one identifies.",
    ),
    "post": Case(
        "covered",
        "",
        ("post-existing", "adds-nothing"),
        "现有枪机已满足。",
        "Met by the existing camera.",
    ),
    "library": Case(
        "covered",
        "",
        ("library-existing", "adds-nothing-justified"),
        "现有枪机已满足。",
        "Met by the existing camera.",
    ),
    "primary-v": Case(
        "covered", "", ("adds-all",), "由规划枪机补足。", "Met by the planned camera alone."
    ),
    "netcafe": Case(
        "covered", "", ("approved",), "由已批准枪机满足。", "Met by an approved camera."
    ),
    "depot-v": Case(
        "covered",
        "",
        ("either-1", "either-2"),
        "两台规划枪机任一台即可满足。",
        "Met by either of two planned cameras.",
    ),
    "parking-in": Case(
        "covered",
        "",
        ("dominating", "dominated"),
        "全景车牌枪机单独即可满足。",
        "Met by the wide camera alone.",
    ),
    "mall-1": Case(
        "covered",
        "",
        ("ring-a", "ring-c"),
        "三台环形互补，去掉任一台仍满足。",
        "Two of the ring of three see it.",
    ),
    "mall-2": Case(
        "covered",
        "",
        ("ring-a", "ring-b"),
        "信息柱挡住第三台。",
        "Two of the ring see it; a column hides it from the third.",
    ),
    "mall-3": Case(
        "covered",
        "",
        ("ring-b", "ring-c"),
        "三台环形互补，去掉任一台仍满足。",
        "Two of the ring of three see it.",
    ),
}
