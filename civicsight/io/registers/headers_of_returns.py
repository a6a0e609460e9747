"""Names of the columns of lists that go out and come back: gates, surveys, works, answers.

The first Chinese word of a column is the one that lists and templates use.
"""

from __future__ import annotations

from typing import Final

from civicsight.io.tables.lexicon import Headers, Words
from civicsight.io.tables.synonyms import PLACE_HEADERS

GATE_HEADERS: Final[Headers] = {
    "gate_id": ("gate id", "出入口编号"),
    "place": ("place", "场所"),
    "gate": ("gate", "出入口"),
    "chance": ("chance", "可能性"),
    "settles": ("settles", "核实的作用"),
    "presumed_lon": ("presumed lon", "推定经度"),
    "presumed_lat": ("presumed lat", "推定纬度"),
    "decision": ("decision", "核实结果"),
    "decided_by": ("decided by", "经办人"),
    "decided_on": ("decided on", "办理日期"),
    "basis": ("basis", "核实依据"),
}
MOVED_HEADERS: Final[Headers] = {
    "lon": ("moved lon", "实际经度"),
    "lat": ("moved lat", "实际纬度"),
    "datum": PLACE_HEADERS["datum"],
}
"""Where a gate really is. Plain longitude and latitude are no such columns: the list is no
register, and where a gate is only presumed is never read as where one is."""

GATE_WORDS: Final[Words] = {
    "decision": {
        "yes": ("是", "有", "存在", "y"),
        "no": ("否", "无", "没有", "不存在", "n"),
        "moved": ("移位", "位置不符", "在别处", "moved to", "elsewhere"),
    }
}

SURVEYED_HEADERS: Final[Headers] = {
    "camera_id": ("camera id", "id", "点位编号", "设备编号", "摄像机编号", "编号"),
    "height_m": ("height m", "实测高度", "安装高度", "高度", "height"),
    "azimuth_deg": ("azimuth deg", "实测方位角", "方位角", "朝向", "azimuth"),
    "tilt_deg": ("tilt deg", "实测俯角", "俯角", "tilt"),
    "usable": ("usable", "是否在用", "是否完好", "working"),
    "power": ("power", "具备供电", "是否有电"),
    "network": ("network", "具备传输", "是否有网络"),
    "power_source": ("power source", "取电方式", "取电", "取电点"),
    "pole_work": ("pole work", "立杆方式", "立杆", "杆件"),
    "duct": ("duct", "管道", "管线"),
    "consent": ("consent", "权属意见", "权属单位意见", "产权意见"),
    "buildable": ("buildable", "能否建设", "可否建设"),
    "why_not": ("why not", "不能建设原因", "原因"),
    "remark": ("remark", "备注", "说明"),
    "surveyed_on": ("surveyed on", "踏勘日期", "日期"),
    "surveyed_by": ("surveyed by", "踏勘人", "踏勘人员"),
}

PROGRESS_HEADERS: Final[Headers] = {
    "camera_id": ("camera id", "id", "点位编号", "设备编号", "摄像机编号", "编号"),
    "contractor": ("contractor", "施工单位", "承建单位", "实施单位"),
    "pole_on": ("pole on", "立杆日期", "立杆", "立杆时间", "立杆完成日期"),
    "power_on": ("power on", "通电日期", "通电", "通电时间"),
    "online_on": ("online on", "上线日期", "上线", "上线时间", "联网日期"),
    "accepted_on": ("accepted on", "验收日期", "验收", "验收时间"),
    "filed_on": ("filed on", "备案日期", "备案", "备案时间"),
    "remark": ("remark", "备注", "说明"),
}

REPLY_HEADERS: Final[Headers] = {
    "reply_id": ("reply id", "点位编号", "编号"),
    "reply": ("reply", "是否同意", "答复", "反馈"),
    "opinion": ("opinion", "具体意见", "修改意见", "意见"),
    "replied_by": ("replied by", "经办人", "联系人"),
    "replied_on": ("replied on", "办理日期", "反馈日期"),
    "body": ("body", "反馈部门", "部门", "department"),
    "root": ("root", "规划校验码", "校验码"),
}
REPLY_WORDS: Final[Words] = {
    "reply": {
        "agree": ("同意", "无意见", "agreed", "no objection"),
        "disagree": ("不同意", "反对", "disagreed"),
        "remark": ("有修改意见", "修改意见", "原则同意", "remarks"),
    }
}
"""What a department may answer; to agree in principle is to want something changed."""
