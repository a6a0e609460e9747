"""Names of the columns of a month's report of the works, in Chinese and English."""

from __future__ import annotations

from civicsight.io.tables.lexicon import Headers

PROGRESS_HEADERS: Headers = {
    "camera_id": ("camera id", "id", "点位编号", "设备编号", "摄像机编号", "编号"),
    "contractor": ("contractor", "施工单位", "承建单位", "实施单位"),
    "pole_on": ("pole on", "立杆日期", "立杆", "立杆时间", "立杆完成日期"),
    "power_on": ("power on", "通电日期", "通电", "通电时间"),
    "online_on": ("online on", "上线日期", "上线", "上线时间", "联网日期"),
    "accepted_on": ("accepted on", "验收日期", "验收", "验收时间"),
    "filed_on": ("filed on", "备案日期", "备案", "备案时间"),
    "remark": ("remark", "备注", "说明"),
}
