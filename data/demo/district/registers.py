"""Registers and papers of the made district: areas, doors, signs, projects, plan, answers.

None of them moves a camera or a gate. What they lack or say wrongly is told in `breaches`.
"""

from __future__ import annotations

import json

import shapely

from district import plane
from district.camera import Camera
from district.draw import SOURCE, Drawing
from district.plane import to_map
from district.repeats import REPEATS
from district.sites import SITES

RIVER_Y = 836.0
"""The two counties meet along the river."""

CONSENT = (
    ("北岸涉密单位（虚构）", "secret_related", ((806, 850), (850, 850), (850, 878), (806, 878))),
    ("东郊军事管理区（虚构）", "military", ((1015, 660), (1040, 660), (1040, 680), (1015, 680))),
    ("南岭涉密单位（虚构）", "secret_related", ((905, 126), (925, 126), (925, 133), (905, 133))),
)
"""C180 looks into the first, C034, C179 and C181 stand beside it; C137 looks into the second; C085
into the third from afar, and `NEIGHBOURS` stand beside that one."""

NEIGHBOURS = ("C005", "C086", "C087", "C146")

CITY_GOVERNMENT = "云渚市人民政府"

DEPARTMENTS = ("发展和改革", "财政", "自然资源和规划", "住房和城乡建设")
SILENT = "住房和城乡建设"
"""Department of which no note is on file."""

UNLISTED = ("工业和信息化", "市场监督管理", "城市管理")
"""Departments that the law names, the plan does not, and that were heard; nobody asked landscaping,
which the law names too."""

SIGNED = ("school-n", "primary-n", "zhuxi-n")
"""Gates with a sign on either side of them."""

PLAN_TEXT = "一期采用海康威视球机，其余点位按国家标准选型。"


def write_registers(drawing: Drawing, cameras: list[Camera], ids: dict[str, str]) -> None:
    """Write all registers into the drawing."""
    _districts(drawing)
    _consent(drawing)
    _private(drawing)
    _doors(drawing)
    _signs(drawing, cameras, ids)
    _projects(drawing)
    _plans(drawing)
    _documents(drawing)
    _answers(drawing, ids)
    _proposals(drawing)


def _polygon(points: tuple[tuple[float, float], ...]) -> shapely.Polygon:
    return shapely.Polygon([to_map(point) for point in points])


def _districts(drawing: Drawing) -> None:
    """Draw the city without its north-east corner, and its two counties on either bank."""
    low, high, cut = -400.0, 1400.0, 950.0
    south = ((low, low), (high, low), (high, RIVER_Y), (low, RIVER_Y))
    north = ((low, RIVER_Y), (cut, RIVER_Y), (cut, high), (low, high))
    whole = (*south[:3], (cut, RIVER_Y), *north[2:])
    for code, name, level, ring in (
        ("990100", "云渚市（虚构）", "city", whole),
        ("990102", "青岚区（虚构）", "county", south),
        ("990103", "沅北区（虚构）", "county", north),
    ):
        drawing.district.add(
            "districts", "D", code=code, name=name, level=level, source=SOURCE,
            geometry=_polygon(ring),
        )  # fmt: skip


def _consent(drawing: Drawing) -> None:
    for name, kind, ring in CONSENT:
        drawing.district.add(
            "consent_areas", "M", kind=kind, name=name, source=SOURCE, geometry=_polygon(ring)
        )


def _private(drawing: Drawing) -> None:
    """Register rooms that no map shows: a changing room, and the rooms of a hotel."""
    frames = {site.key: site.frame for site in SITES}
    room = plane.rectangle(frames["school"].inner(150.0, 20.0), 8.0, 6.0)
    drawing.district.add(
        "private_places", "X", kind="changing_room", name="体育馆更衣室", scope="whole_interior",
        source=SOURCE, geometry=room,
    )  # fmt: skip


def _doors(drawing: Drawing) -> None:
    """Mark the doors of a bath and of a toilet; nothing has to be seen there."""
    frames = {site.key: site.frame for site in SITES}
    for name, spot in (
        ("槐安浴室门", frames["oldtown"].at(186.0, 10.0)),
        ("柳浦公共卫生间门", frames["boathouse"].at(5.0, 0.0)),
    ):
        drawing.district.add(
            "entrances", "G", kind="yes", name=name, vehicle=False, confirmed=True, width_m=1.2,
            source=SOURCE, tags=json.dumps({"entrance": "yes"}), geometry=shapely.Point(spot),
        )  # fmt: skip


def _signs(drawing: Drawing, cameras: list[Camera], ids: dict[str, str]) -> None:
    """Put up signs at a few gates, one for whoever comes in and one for whoever comes out."""
    names = {camera.key: ids[camera.key] for camera in cameras}
    for key in SIGNED:
        frame = drawing.gates[key].frame
        for out_m, toward in ((9.0, 1.0), (3.0, 1.0), (-1.0, -1.0), (0.5, -1.0)):
            drawing.district.add(
                "signs", "S",
                facing_deg=round(frame.azimuth(0.0, toward), 2), camera_id=names[f"watch-{key}"],
                approach=key, text="您已进入视频图像采集区域", height_m=2.2,
                surveyed_on="2026-10-08", source=SOURCE,
                geometry=shapely.Point(frame.at(1.2, out_m)),
            )  # fmt: skip


def _projects(drawing: Drawing) -> None:
    full = (
        "设计专章;设计文件;施工文件;检验报告;验收报告;"
        "安全管理制度;权限管理制度;调取登记制度;培训记录"
    )
    add = drawing.district.add
    good = {
        "authority": "青岚区公安分局", "system_required": True, "acceptance_result": "passed",
        "police_attended": True, "police_unit": "青岚区公安分局", "source": SOURCE,
        "geometry": None,
    }  # fmt: skip
    add(
        "projects", "J", **good | {
            "name": "青岚疾控中心迁建", "kind": "new", "documents": full,
            "main_design_approved_on": "2025-05-20", "system_design_on": "2025-05-20",
            "main_started_on": "2025-06-10", "main_completed_on": "2026-05-15",
            "system_started_on": "2025-12-01", "system_completed_on": "2026-05-10",
            "main_in_use_on": "2026-06-01", "system_in_use_on": "2026-06-01",
            "acceptance_on": "2026-05-28",
        },
    )  # fmt: skip
    add(
        "projects", "J", **good | {
            "name": "云集广场商场扩建", "kind": "extended", "authority": None,
            "documents": "设计文件;施工文件;验收报告;安全管理制度;权限管理制度;调取登记制度",
            "main_design_approved_on": "2025-03-01", "system_design_on": "2025-08-15",
            "main_started_on": "2025-04-01", "main_completed_on": "2026-03-20",
            "system_started_on": "2026-04-10", "system_completed_on": "2026-06-20",
            "police_unit": "云集商场保安部",
            "main_in_use_on": "2026-04-01", "system_in_use_on": "2026-07-01",
            "acceptance_on": "2026-07-20",
        },
    )  # fmt: skip
    add(
        "projects", "J", **good | {
            "name": "书院街小学改建", "kind": "rebuilt", "documents": full,
            "main_design_approved_on": "2025-11-01", "system_design_on": "2025-10-20",
            "main_started_on": "2025-12-01", "main_completed_on": "2026-11-10",
            "system_started_on": "2026-08-01", "system_completed_on": "2026-11-08",
            "police_unit": None,
            "main_in_use_on": None, "system_in_use_on": None, "acceptance_on": "2026-11-20",
        },
    )  # fmt: skip
    done = {
        "main_design_approved_on": "2025-02-01", "system_design_on": "2025-01-15",
        "main_in_use_on": "2026-02-01", "system_in_use_on": "2026-02-01",
        "main_started_on": "2025-03-01", "main_completed_on": "2026-01-10",
        "system_started_on": "2025-09-01", "system_completed_on": "2026-01-08",
        "acceptance_on": "2026-01-20", "documents": full,
    }  # fmt: skip
    add(
        "projects", "J",
        **good | done | {"name": "东岸泵站", "kind": "new", "acceptance_result": "failed",
                         "main_started_on": "2025-01-20"},
    )  # fmt: skip
    add(
        "projects", "J",
        **good | done | {"name": "青岚停车楼", "kind": "new", "police_attended": False,
                         "police_unit": None, "system_started_on": "2026-01-12",
                         "system_completed_on": "2026-01-18"},
    )  # fmt: skip


def _plans(drawing: Drawing) -> None:
    add = drawing.district.add
    shared = {"lead": "云渚市公安局", "co_departments": ";".join(DEPARTMENTS), "source": SOURCE,
              "approved_by": CITY_GOVERNMENT, "changed": True, "geometry": None}  # fmt: skip
    add(
        "plans", "H", name="云渚市公共安全视频建设规划（2021）", status="superseded",
        plan_date="2021-04-01", inventory_date="2021-02-01", approved_on="2021-06-01",
        changed_on="2023-05-04", change_approved_on="2023-06-20",
        change_approved_by=CITY_GOVERNMENT, text="", **shared,
    )  # fmt: skip
    add(
        "plans", "H", name="云渚市公共安全视频建设规划（2026）", status="in_implementation",
        plan_date="2026-03-01", inventory_date="2024-12-01", approved_on="2026-04-10",
        changed_on="2026-07-01", change_approved_on="2026-06-20",
        change_approved_by=CITY_GOVERNMENT, text=PLAN_TEXT, **shared,
    )  # fmt: skip


def _documents(drawing: Drawing) -> None:
    rows = [
        ("征求意见", "", name, "2026-02-10", f"{name}部门意见")
        for name in DEPARTMENTS
        if name != SILENT
    ]
    rows += [
        ("交通工具清单", "", "交通运输", "2026-01-15", "公交、客运车辆和渡船清单"),
        ("协调记录", "C181", "沅北区人民政府", "2025-04-02", "跨区协调纪要"),
        ("同意书", "C181", "北岸涉密单位", "2025-05-01", "安装前同意"),
        ("同意书", "C137", "东郊军事管理区", "2025-06-15", "安装后补办的同意"),
    ]
    rows += [("同意书", label, "南岭涉密单位", "2021-12-01", "安装前同意") for label in NEIGHBOURS]
    rows += [("征求意见", "", name, "2026-02-12", f"{name}部门意见") for name in UNLISTED]
    kinds = {
        "征求意见": "consultation",
        "交通工具清单": "fleet_list",
        "协调记录": "coordination_record",
        "同意书": "consent",
    }
    for kind, subject, department, day, title in rows:
        drawing.district.add(
            "documents", "W", kind=kinds[kind], subject=subject, department=department,
            dated_on=day, title=title, source=SOURCE, geometry=None,
        )  # fmt: skip


def _answers(drawing: Drawing, ids: dict[str, str]) -> None:
    """Write what people decided; of one repeated camera nobody has said anything."""
    plan, nation = "nanchang", "cn-national-799"
    rows = [
        (nation, "N6.1", ids[key], "justified", "门口人流大，保留冗余")
        for key in REPEATS
        if key != "adds-nothing"
    ]
    rows += [
        (nation, "N6.1", ids["same-view-fine"], "justified", "识别级别高于现有点位"),
        (plan, "R12.2", "J001", "yes", "公开招标，三家比选"),
        (plan, "R12.2", "J002", "no", "招标文件由部门指定施工单位"),
        (plan, "R12.2", "J004", "yes", "公开招标"),
        (plan, "R12.2", "J005", "yes", "公开招标"),
        (plan, "R14.2", "C039", "waived", "设备故障停用，更换时预留接口"),
        (plan, "R9.1", "C186", "waived", "场所要求保留"),
        (nation, "N8.3", "C188", "confirmed", "现场查看，可看清宿舍窗内"),
    ]
    for pack, rule, subject, answer, reason in rows:
        drawing.district.add(
            "answers", "K", pack=pack, rule=rule, subject=subject, answer=answer,
            answered_by="审查员甲", answered_on="2026-10-20", reason=reason, geometry=None,
        )  # fmt: skip


def _proposals(drawing: Drawing) -> None:
    """Propose two billboards of 6 x 3 m and two trees; of each one harms and one does not."""
    first, second = drawing.gates["expo-1"].frame, drawing.gates["expo-2"].frame
    add = drawing.district.add
    board = {"kind": "advert", "base_m": 1.2, "height_m": 4.2, "planned_on": "2027-03-01",
             "source": SOURCE}  # fmt: skip
    tree = {"kind": "tree", "base_m": 2.0, "height_m": 5.0, "summer": 0.15, "winter": 0.6,
            "planned_on": "2027-03-01", "source": SOURCE}  # fmt: skip
    add(
        "proposals", "F", name="会展中心一号门前广告牌（申请）", **board,
        geometry=shapely.LineString([first.at(-3.0, 4.0), first.at(3.0, 4.0)]),
    )  # fmt: skip
    add(
        "proposals", "F", name="会展中心北侧广告牌（申请）", **board,
        geometry=plane.line(((700.0, 1030.0), (706.0, 1030.0))),
    )  # fmt: skip
    add(
        "proposals", "F", name="会展中心二号门前新植香樟（申请）", **tree,
        height_growth_m=0.6, crown_growth_m=0.5, geometry=plane.disc(second.at(3.2, 4.0), 0.8),
    )  # fmt: skip
    add(
        "proposals", "F", name="会展中心北侧新植香樟（申请）", **tree,
        height_growth_m=0.6, crown_growth_m=0.5, geometry=plane.disc(to_map((712.0, 1034.0)), 0.8),
    )  # fmt: skip
