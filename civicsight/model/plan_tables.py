"""Tables about a plan: candidates, measures taken, measurements at acceptance, proposals."""

from __future__ import annotations

from typing import Final

from civicsight.core.column import Column, day, flag, identifier, maybe, must, number, text, thing
from civicsight.core.errors import N_, Text
from civicsight.core.table import Table
from civicsight.model.records import TAGS

# A column is an entry of a few lines; the formatter would give each word one.
# fmt: off

MEASURE_KINDS = ("keep", "reaim", "refurbish", "connect", "new", "drop")
"""From what costs nothing to what is built; what is dropped is not built after all."""

MEASURES = Table(
    "measures",
    identifier("camera_id"),
    "Point",
    (
        text("measure", "What the plan does with it", MEASURE_KINDS, required=True,
             heading=N_("Measure")),
        text("camera_class", "Neutral class of the camera, without a maker",
             heading=N_("Neutral class")),
        text("site_id", "Site that carries it", heading=N_("Site")),
        text("host", "What carries it"),
        number("height_m", "m", "Height of the lens above the ground", 0, 500),
        number("azimuth_deg", "deg", "Direction of view, clockwise from grid north", -360, 360),
        number("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        number("hfov_deg", "deg", "Horizontal field of view", 0.1, 360),
        must("cost_yuan", "yuan", "What the measure costs", 0, heading=N_("Works [yuan]")),
        must("saved_yuan", "yuan", "What is not spent because it is dropped", 0,
             heading=N_("Saved [yuan]")),
        flag("new_site", "Whether it needs a site that does not exist yet", heading=N_("New site")),
        Column("year", "int", Text("Year in which it is done; 0 where nothing is to be done"),
               nullable=False, low=0, high=2200, heading=N_("Year")),
        text("district", "District in which it stands", heading=N_("District")),
        must("serves", "", "Metres of gate or square metres of area that it meets", 0,
             heading=N_("Met by it [m, m²]")),
        must("alone", "", "The same, met by no other camera of the plan", 0,
             heading=N_("Met by it alone [m, m²]")),
        thing("parts", "Parts of places that it is credited with", heading=N_("What it is for")),
        number("exposure_m2", "m2", "Private wall that it could see, masks counted", 0,
               heading=N_("Private wall in view [m²]")),
        thing("assumptions", "What was assumed, by name"),
        text("article", "Article of law that asks for it, beside the demand"),
    ),
)


CANDIDATE_MEASURES: Final = ("keep", "reaim", "refurbish", "connect", "new")
"""Leave a camera as it is, set it anew, replace its device, connect it, or build one."""

HOSTS: Final = ("camera", "pole", "lamp", "facade", "gate", "corner", "ground")
"""What carries a candidate; the last two need a pole that is not there yet."""

CANDIDATES = Table(
    "candidates",
    identifier("candidate_id", heading=N_("Candidate number")),
    "Point",
    (
        text("measure", "What is done", CANDIDATE_MEASURES, required=True),
        text("camera_id", "Camera that it is about; none for a new one"),
        text("site_id", "Site; the variants of one camera share one", required=True),
        text("host", "What carries it", HOSTS, required=True),
        text(
            "host_id",
            "Camera, pole, building or entrance that carries it",
            heading=N_("Number of the carrier"),
        ),
        text("camera_class", "Neutral class of the device; none for one that stays"),
        must("height_m", "m", "Height of the lens above the ground", 0, 500),
        number("azimuth_deg", "deg", "Direction of view of its first head, from grid north"),
        number("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        must("cost_yuan", "yuan", "What it costs, in whole yuan", 0),
        thing(
            "items",
            "Items of the price table and how many of each",
            required=True,
            heading=N_("Items of the price table"),
        ),
        flag("new_site", "Whether nothing of the kind stands there yet"),
        must("exposure_m2", "m2", "Private wall that it could see, masks counted", 0),
        text("mask_plan", "Mask of its picture (polygons, from 0 to 1)"),
        text("district", "District that it stands in"),
        thing("assumptions", "What was assumed, by name"),
    ),
)


LEDGER: Final = Table(
    "ledger",
    identifier("candidate_id"),
    "",
    (
        text("camera_id", str(N_("Camera that the measure is about")), required=True),
        text("measure", str(N_("What is done")), required=True),
        must("cost_yuan", "yuan", str(N_("What it costs")), 0),
        must("serves", "", str(N_("Weight that it meets, in m or m2")), 0),
        must("alone", "", str(N_("Weight that the plan loses without it, in m or m2")), 0),
        thing("parts", str(N_("Parts that it meets, alone or with others"))),
        thing("parts_alone", str(N_("Parts that lose something without it"))),
        thing("zones", str(N_("Listed places of these parts"))),
        thing("articles", str(N_("Articles of law behind these parts"))),
        thing("instead", str(N_("Cameras that would do instead, the cheapest way")),
              heading=N_("What would do instead")),
        thing("instead_measures", str(N_("What would be done to them"))),
        number("instead_yuan", "yuan", str(N_("What that would cost")), 0),
        number("saved_yuan", "yuan", str(N_("How much dearer the plan would be without it"))),
        flag("proven", str(N_("Whether the solver reports that no cheaper way exists"))),
    ),
    placed=False,
)
"""One row for each measure of a plan; without another way `instead_yuan` is unknown."""


MEASURED: Final = Table(
    "measured",
    identifier("camera_id", example="0001",
               headers="camera id | id | 设备编号 | 摄像机编号 | 点位编号 | 编号"),
    "Point",
    (
        number("height_m", "m", str(N_("Height of the lens, as measured")), 0, 500, example="6.1",
               headers="height m | 实测高度 | 高度 | 安装高度 | height"),
        number("azimuth_deg", "deg", str(N_("Direction of view, as measured")), -360, 360,
               example="92", headers="azimuth deg | 实测方位角 | 方位角 | azimuth"),
        number("tilt_deg", "deg", str(N_("Angle below the horizontal, as measured")), -90, 90,
               example="12", headers="tilt deg | 实测俯角 | 俯角 | tilt"),
        number("hfov_deg", "deg", str(N_("Horizontal field of view, as measured")), 0.1, 360,
               example="60", headers="hfov deg | 实测水平视场角 | 水平视场角 | hfov"),
        number("chart_px_m", "px/m", str(N_("Pixel density on the test chart")), 0, 100_000,
               example="166", headers="chart px m | 测试卡像素密度 | 像素密度"),
        number("chart_distance_m", "m", str(N_("Distance of the test chart")), 0, 10_000,
               example="10", headers="chart distance m | 测试卡距离 | 测试距离"),
        number("blind_m", "m", str(N_("Distance below which nothing is in the picture")), 0, 1_000,
               example="4", headers="blind m | 盲区距离 | 盲区"),
        maybe("sign_up", str(N_("Whether the sign stands")), example="true",
              headers="sign up | 标识已设置 | 标识 | 提示标识"),
        maybe("mask_set", str(N_("Whether the masks are set as planned")), example="true",
              headers="mask set | 遮蔽已设置 | 隐私遮蔽"),
        maybe("night_ok", str(N_("Whether the night picture was accepted")), example="true",
              headers="night ok | 夜间画面合格 | 夜间合格"),
        day("measured_on", str(N_("Day of the measurement")), example="2026-08-10",
            headers="measured on | 测量日期 | 验收日期 | 日期"),
        text("measured_by", str(N_("Who measured")), example={"zh": "李四", "en": "Li Si"},
             headers="measured by | 测量人 | 验收人"),
    ),
    placed=False,
)
"""Measurements at acceptance, one row a camera; what was not measured stays empty."""


PROGRESS: Final = Table(
    "progress",
    identifier("camera_id", example="0001",
               headers="camera id | id | 点位编号 | 设备编号 | 摄像机编号 | 编号"),
    "Point",
    (
        text("contractor", str(N_("Who carries out the works")),
             example={"zh": "某工程公司", "en": "Works Ltd"},
             headers="contractor | 施工单位 | 承建单位 | 实施单位"),
        day("pole_on", str(N_("Day on which its pole was put up")), example="2027-03-10",
            headers="pole on | 立杆日期 | 立杆 | 立杆时间 | 立杆完成日期"),
        day("power_on", str(N_("Day on which it got power")), example="2027-03-20",
            headers="power on | 通电日期 | 通电 | 通电时间"),
        day("online_on", str(N_("Day on which its pictures arrived on the platform")),
            example="2027-04-01", headers="online on | 上线日期 | 上线 | 上线时间 | 联网日期"),
        day("accepted_on", str(N_("Day on which it was accepted")), example="2027-05-15",
            headers="accepted on | 验收日期 | 验收 | 验收时间"),
        day("filed_on", str(N_("Day on which it was filed with the police")), example="2027-04-20",
            headers="filed on | 备案日期 | 备案 | 备案时间"),
        text("remark", str(N_("Remark")), example={"zh": "借用路灯杆", "en": "on a lamp post"},
             headers="remark | 备注 | 说明"),
    ),
    placed=False,
)
"""What a month's report of the works says of each measure; what is not reached yet stays empty."""


GATE_LIST: Final = Table(
    "gate_list",
    identifier("gate_id", str(N_("Id of the gate; leave it as it is")),
               headers="gate id | 出入口编号"),
    "Point",
    (
        text("place", str(N_("The mandatory place")), headers="place | 场所"),
        text("gate", str(N_("The gate that is asked for")), headers="gate | 出入口"),
        number("chance", "", str(N_("Chance that a gate is there, 0 to 1")), 0, 1,
               headers="chance | 可能性"),
        text("settles", str(N_("What would be settled by knowing it")),
             headers="settles | 核实的作用"),
        number("presumed_lon", "deg", str(N_("Longitude where it is presumed, WGS 84")), -180, 180,
               headers="presumed lon | 推定经度"),
        number("presumed_lat", "deg", str(N_("Latitude where it is presumed, WGS 84")), -90, 90,
               headers="presumed lat | 推定纬度"),
        text("decision",
             str(N_("Whether it is there: yes, no, or moved where it is elsewhere; empty as "
                    "long as nobody knows")),
             headers="decision | 核实结果",
             choices={
                 "yes": "是 | 有 | 存在 | y",
                 "no": "否 | 无 | 没有 | 不存在 | n",
                 "moved": "移位 | 位置不符 | 在别处 | moved to | elsewhere",
             }),
        text("decided_by", str(N_("Who found out")), headers="decided by | 经办人"),
        day("decided_on", str(N_("Day on which it was found out")),
            headers="decided on | 办理日期"),
        text("basis", str(N_("On what that relies")), headers="basis | 核实依据"),
        text("row", str(N_("Row of the file"))),
    ),
    placed=False,
)
"""The list of gates that nobody has confirmed, to be filled in; a row's place is where its gate
really is, if elsewhere than presumed."""

GATE_MOVED: Final = (
    number("moved_lon", "deg", str(N_("Longitude where it really is, if moved")), -180, 180,
           headers="moved lon | 实际经度"),
    number("moved_lat", "deg", str(N_("Latitude where it really is, if moved")), -90, 90,
           headers="moved lat | 实际纬度"),
    text("datum", str(N_("Geodetic system of these two: WGS 84, CGCS2000, GCJ-02 or BD-09")),
         headers="datum | coordinate system | crs | 坐标系 | 坐标系统"),
)
"""Columns of that list that say where a gate really is."""


SURVEYED: Final = Table(
    "surveyed",
    identifier("camera_id", example="0001",
               headers="camera id | id | 点位编号 | 设备编号 | 摄像机编号 | 编号"),
    "Point",
    (
        number("height_m", "m", str(N_("Height of the lens, as measured")), 0, 500, example="5.5",
               headers="height m | 实测高度 | 安装高度 | 高度 | height"),
        number("azimuth_deg", "deg", str(N_("Direction of view, as measured")), -360, 360,
               example="120", headers="azimuth deg | 实测方位角 | 方位角 | 朝向 | azimuth"),
        number("tilt_deg", "deg", str(N_("Angle below the horizontal, as measured")), -90, 90,
               example="15", headers="tilt deg | 实测俯角 | 俯角 | tilt"),
        maybe("usable", str(N_("Whether it works")), example="true",
              headers="usable | 是否在用 | 是否完好 | working"),
        maybe("power", str(N_("Whether power is at hand")), example="true",
              headers="power | 具备供电 | 是否有电"),
        maybe("network", str(N_("Whether a network is at hand")), example="true",
              headers="network | 具备传输 | 是否有网络"),
        text("power_source", str(N_("Where its power can be taken from")),
             example={"zh": "路灯取电", "en": "street lamp"},
             headers="power source | 取电方式 | 取电 | 取电点"),
        text("pole_work", str(N_("What becomes of its pole: new, borrowed, as it is")),
             example={"zh": "借杆", "en": "borrowed"},
             headers="pole work | 立杆方式 | 立杆 | 杆件"),
        text("duct", str(N_("Duct or pipe for its cables")),
             example={"zh": "有管道", "en": "at hand"}, headers="duct | 管道 | 管线"),
        text("consent", str(N_("What the owner of the place agreed to")),
             example={"zh": "同意", "en": "agreed"},
             headers="consent | 权属意见 | 权属单位意见 | 产权意见"),
        maybe("buildable", str(N_("Whether it can be built there")), example="true",
              headers="buildable | 能否建设 | 可否建设"),
        text("why_not", str(N_("Why it cannot be built there")), example={"zh": "无", "en": "none"},
             headers="why not | 不能建设原因 | 原因"),
        text("remark", str(N_("Remark")),
             example={"zh": "南侧有树", "en": "trees on the south side"},
             headers="remark | 备注 | 说明"),
        day("surveyed_on", str(N_("Day of the survey")), example="2026-08-10",
            headers="surveyed on | 踏勘日期 | 日期"),
        text("surveyed_by", str(N_("Who surveyed")), example={"zh": "李四", "en": "Li Si"},
             headers="surveyed by | 踏勘人 | 踏勘人员"),
    ),
    placed=False,
)
"""What was found at each stop of a survey; what was not found out stays empty."""


REPLIES: Final = Table(
    "replies",
    identifier("reply_id", str(N_("Number of the point; leave it as it is")),
               headers="reply id | 点位编号 | 编号"),
    "Point",
    (
        text("reply",
             str(N_("Whether the department agrees: agree, disagree, or remark where something "
                    "is to be changed; empty where nothing is said of a point")),
             headers="reply | 是否同意 | 答复 | 反馈",
             choices={
                 "agree": "同意 | 无意见 | agreed | no objection",
                 "disagree": "不同意 | 反对 | disagreed",
                 "remark": "有修改意见 | 修改意见 | 原则同意 | remarks",
             }),
        text("opinion", str(N_("What is to be changed, and why")),
             headers="opinion | 具体意见 | 修改意见 | 意见"),
        text("replied_by", str(N_("Who answers for the department")),
             headers="replied by | 经办人 | 联系人"),
        day("replied_on", str(N_("Day of the answer")), headers="replied on | 办理日期 | 反馈日期"),
        text("body", str(N_("Department that answers; leave it as it is")), required=True,
             headers="body | 反馈部门 | 部门 | department"),
        text("root", str(N_("Version that was seen; leave it as it is")), required=True,
             headers="root | 规划校验码 | 校验码"),
        text("row", str(N_("Row of the file"))),
    ),
    placed=False,
)
"""What a department answers to a plan that it was asked about, point by point."""


PROPOSALS: Final = Table(
    "proposals",
    identifier("proposal_id", example="S-001",
               headers="proposal id | id | 申请编号 | 编号 | 序号 | 设施编号 | 许可编号"),
    "Any",
    (
        text("kind", "Kind of facility", required=True, asked=True, example="advert",
             headers="kind | 设施类别 | 设施类型 | 类型 | type | 类别",
             choices={
                 "advert": "广告牌 | 户外广告 | 户外广告牌 | 大型广告牌 | 灯箱 | 电子屏 | led屏 | "
                           "显示屏 | 宣传栏 | 指示牌 | 店招 | billboard | advertising | sign | "
                           "screen",
                 "tree": "树木 | 树 | 乔木 | 行道树 | 绿化树 | 大树 | trees",
                 "pipeline": "管线 | 管道 | 架空管线 | 管廊 | 电缆 | 架空线 | pipe | cable",
                 "building": "建筑 | 建筑物 | 房屋 | 楼 | 临时建筑 | house",
                 "structure": "构筑物 | 其他设施 | 立柱 | 杆塔 | 铁塔 | 岗亭 | 报刊亭 | 候车亭 | "
                              "天桥 | 围挡 | 围墙 | 雕塑 | 其他 | other | kiosk | tower | wall",
             }),
        text("name", "Name of the facility",
             example={"zh": "路口广告牌", "en": "Billboard at the crossing"},
             headers="name | 设施名称 | 名称 | 项目名称 | 树种"),
        must("height_m", "m", "Top above the ground", 0, 1_000, asked=True),
        number("base_m", "m", "Underside above the ground, of a crown too", 0, 1_000, asked=True,
               example="3",
               headers="base m | 底部高度 | 离地高度 | 底高 | 净空高度 | 枝下高 | base | "
                       "min height | crown base"),
        number("summer", "", "Share of a sight line that passes in summer", 0, 1, example="0",
               headers="summer | 夏季透光率 | 透光率 | 通透率 | transmittance | "
                       "summer transmittance"),
        number("winter", "", "Share of a sight line that passes in winter", 0, 1, example="0",
               headers="winter | 冬季透光率 | winter transmittance"),
        number("height_growth_m", "m", "Growth of a tree's height a year", 0, 20, example="0",
               headers="height growth m | 年增高 | 每年增高 | 年高生长量 | height growth"),
        number("crown_growth_m", "m", "Growth of its crown's radius a year", 0, 10, example="0",
               headers="crown growth m | 冠幅半径年增长 | 树冠年增长 | 年冠幅生长量 | "
                       "crown growth"),
        day("planned_on", "Day on which it is to stand", asked=True, example="2026-06-01",
            headers="planned on | 计划设置日期 | 计划日期 | 拟建日期 | 开工日期 | date"),
        text("source", "Where the record comes from",
             example={"zh": "某广告公司", "en": "an advertiser"},
             headers="source | 数据来源 | 来源 | 申请人 | applicant"),
        TAGS,
    ),
)
"""A footprint is a line or an area; the applicant has to state the height, it is never assumed."""

LISTED_PROPOSALS = Table(
    PROPOSALS.name,
    PROPOSALS.identifier,
    PROPOSALS.shape,
    (
        *(column for column in PROPOSALS if column.name != "height_m"),
        number("height_m", "m", str(N_("Top above the ground")), 0, 1_000, required=True,
               example="6",
               headers="height m | 顶部高度 | 高度 | 总高 | 树高 | height | top | 顶高"),
        number("width_m", "m", str(N_("Width of a panel, or of a square structure")), 0.01, 1_000,
               example="6", headers="width m | 宽度 | 长度 | 面宽 | width | length"),
        number("crown_m", "m", str(N_("Diameter of a crown or a round structure")), 0.01, 1_000,
               headers="crown m | 冠幅 | 树冠直径 | 外径 | crown diameter | crown"),
        number("facing_deg", "deg", str(N_("Direction that a panel faces")), -360, 360,
               example="180", headers="facing deg | 朝向 | facing | direction | 方位角"),
    ),
)
"""What a list may say of a facility; its shape follows from it where only a point is given."""
