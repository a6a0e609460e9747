"""Names of the columns in which a survey comes back, in Chinese and English.

The first Chinese word of a column is the one that lists and templates use.
"""

from __future__ import annotations

from civicsight.io.tables.lexicon import Headers

SURVEYED_HEADERS: Headers = {
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
