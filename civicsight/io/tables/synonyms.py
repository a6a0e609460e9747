"""Names that people give to columns and values, in Chinese and English, and what they mean here.

Headers are compared without case, spaces, punctuation and units in brackets, in simplified
characters. To teach a new word, add it to the list of its column; those of further languages are
files of data (`lexicon`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from civicsight.io.tables.lexicon import Headers, Words, joined, joined_values, simplified
from civicsight.io.tables.units import without_unit

VALUES: Words = joined_values(
    {
        "kind": {
            "fixed": ("bullet", "box", "turret", "turret camera", "bullet camera", "box camera",
                      "fixed camera", "gun", "枪机", "枪式", "筒机", "固定", "固定枪机", "卡口",
                      "电警", "人脸抓拍", "抓拍", "高清枪机", "网络枪机", "枪型", "枪型摄像机"),
            "dome": ("dome camera", "mini dome", "半球", "半球机", "半球型", "半球摄像机"),
            "ptz": ("ball", "ptz camera", "speed dome", "panning", "球机", "球型", "云台", "快球",
                    "高速球", "高清球机", "网络球机", "球型摄像机", "遥控枪机", "遥控半球"),
            "panorama": ("panoramic", "360 camera", "panoramic camera", "全景", "全景机",
                         "多目全景"),
            "fisheye": ("鱼眼", "鱼眼机"),
            "thermal": ("thermal camera", "thermal imager", "infrared thermal", "热成像", "热像仪",
                        "热成像摄像机", "红外热成像"),
            "multi_head": ("multi", "multi sensor", "多目", "多目拼接", "分割"),
            "unknown": ("未知", "不详"),
        },
        "mount": {
            "wall": ("facade", "building", "墙", "墙装", "壁装", "附墙", "墙壁", "壁挂", "墙面"),
            "pole": ("mast", "street lamp", "立杆", "杆", "杆装", "借杆", "灯杆", "立杆安装",
                     "抱杆", "监控杆"),
            "gate": ("gantry", "龙门架", "门", "门架"),
            "ceiling": ("吊装", "吸顶", "顶装"),
            "roof": ("rooftop", "屋顶", "楼顶"),
            "unknown": ("未知", "不详"),
        },
        "setting": {
            "outdoor": ("outdoors", "outside", "室外", "户外"),
            "indoor": ("indoors", "inside", "室内"),
            "unknown": ("未知", "不详"),
        },
        "status": {
            "existing": ("in use", "built", "operational", "现有", "已建", "在用", "正常", "建成"),
            "approved": ("已批复", "已批准", "批准"),
            "planned": ("plan", "proposed", "规划", "拟建", "新建", "待建"),
            "removed": ("dismantled", "拆除", "已拆除"),
        },
        "owner": {
            "government": ("public", "police", "政府", "公安", "政府自建"),
            "government_leased": ("leased", "政府租用", "租用", "租赁"),
            "non_government": ("private", "company", "社会", "社会单位", "企业", "非政府"),
            "unknown": ("未知", "不详"),
        },
        "standing": {
            "designated": ("已指定", "指定"),
            "confirmed": ("已确认", "确认"),
            "candidate": ("候选", "待定"),
        },
    },
)  # fmt: skip
"""Words for the closed lists of values, by column."""


RECORD_HEADERS: Final[Headers] = joined(
    {
        "setting_class": ("setting class", "场所性质", "公共场所类别"),
        "room_use": ("room use", "所在部位", "房间用途", "室内部位"),
        "necessity": ("necessity", "必要性说明", "必要性", "建设必要性"),
        "builder": ("builder", "建设主体类型", "建设主体性质"),
        "authority": ("authority", "主管公安机关", "属地公安机关", "管辖单位"),
        "owner_unit": ("owner unit", "权属单位", "产权单位", "管理单位", "使用单位",
                       "management unit"),
        "ownership": ("ownership", "产权原文"),
        "point_class": ("point class", "点位类别", "点位分类", "点位等级", "点位级别", "建设类别",
                        "一二三类点", "一、二、三类点", "一/二/三类点"),
        "police_station": ("police station", "派出所", "所属派出所", "辖区派出所", "责任派出所",
                           "管辖派出所"),
        "subdistrict": ("subdistrict", "township", "街道", "所属街道", "街道办", "街道办事处",
                        "街镇", "镇街", "街道(乡镇)", "乡镇街道", "街道乡镇", "乡镇(街道)"),
        "development_zone": ("development zone", "开发区", "所属开发区", "功能区", "园区"),
        "platform": ("platform", "access platform", "接入平台", "所属平台", "接入网络", "承载网络"),
        "build_unit": ("build unit", "建设单位"),
        "fund_source": ("fund source", "funding", "资金来源", "经费来源", "资金渠道"),
        "pole_work": ("pole work", "立杆", "立杆方式", "立杆情况", "杆件情况"),
        "power_source": ("power source", "取电", "取电方式", "取电点", "供电方式"),
        "transmission": ("transmission", "传输", "传输方式", "传输链路", "链路方式"),
        "installed_on": ("installed on", "安装日期", "安装时间", "建设日期", "install time"),
        "in_use_on": ("in use on", "投入使用日期", "启用日期", "启用时间", "投用日期"),
        "filed_on": ("filed on", "备案日期", "备案时间"),
        "retention_days": ("retention days", "保存天数", "录像保存天数", "存储天数", "保存期限"),
        "network_state": ("network state", "联网状态", "是否联网", "联网情况"),
        "interface_standard": ("interface standard", "接口标准", "联网接口", "接口协议",
                               "联网协议"),
        "standards": ("standards", "符合标准", "执行标准"),
        "capture_profile": ("capture profile", "采集质量", "采集要求"),
        "mask_plan": ("mask plan", "遮蔽方案", "隐私遮蔽", "隐私遮挡"),
        "secrecy": ("secrecy", "是否涉密", "涉密", "保密属性"),
        "key_target": ("key target", "反恐重点目标", "是否反恐重点目标"),
        "justification": ("justification", "重复建设理由", "建设理由"),
        "power": ("power", "具备供电", "供电条件", "是否有电"),
        "network": ("network", "具备传输", "传输条件", "网络条件"),
        "device_count": ("device count", "备案设备数量", "备案设备数"),
        "device_type": ("device type", "备案设备类型"),
        "filed_with": ("filed with", "备案机关", "备案公安机关", "受理备案机关"),
        "filing_changed": ("filing changed", "备案后是否变更", "备案事项是否变更"),
        "changed_on": ("changed on", "filing changed on", "备案事项变更日期", "备案变更日期"),
        "change_filed_on": ("change filed on", "变更备案日期", "备案更新日期"),
    },
    "records",
)  # fmt: skip
"""Columns of an inventory of cameras beside those of its geometry."""

RECORD_WORDS: Final[Words] = {
    "setting_class": {
        "listed_public": ("条例所列公共场所", "所列公共场所", "第七条场所", "列明场所"),
        "other_public": ("其他公共场所", "其他"),
        "non_public": ("非公共场所", "内部场所"),
    },
    "room_use": {
        "lobby": ("大堂", "大厅", "门厅"),
        "corridor": ("走廊", "走道", "过道"),
        "stairs": ("楼梯", "楼梯间", "电梯厅"),
        "reception": ("前台", "接待", "接待处"),
        "dining_hall": ("餐厅", "食堂"),
        "plant_room": ("机房", "设备间", "设备房"),
        "room": ("房间", "客房", "宿舍房间", "包间"),
        "other": ("其他",),
    },
    "builder": {
        "government_department": ("政府部门", "政府", "公安机关"),
        "responsible_operator": ("经营管理单位", "经营管理者", "运营单位"),
        "duty_holder": ("安全防范义务人", "负有安全防范义务者"),
        "other": ("其他",),
    },
    "network_state": {
        "connected": ("已联网", "联网", "已接入", "是", "yes"),
        "scheduled": ("计划联网", "待联网", "拟联网"),
        "not_connected": ("未联网", "未接入", "否", "no"),
    },
}
"""Words for the closed lists of a record."""


PLACE_HEADERS: Headers = joined(
    {
        "lon": ("lon", "lng", "long", "longitude", "经度", "东经", "经度坐标", "gps经度",
                "点位经度", "安装经度", "所在经度", "高德经度", "百度经度"),
        "lat": ("lat", "latitude", "纬度", "北纬", "纬度坐标", "gps纬度", "点位纬度", "安装纬度",
                "所在纬度", "高德纬度", "百度纬度"),
        "x": ("x", "easting", "x坐标", "东坐标", "横坐标"),
        "y": ("y", "northing", "y坐标", "北坐标", "纵坐标"),
        "datum": ("datum", "coordinate system", "crs", "坐标系", "坐标系统"),
    },
    "place",
)  # fmt: skip
"""Columns that say where a row is, and in which geodetic system."""

CAMERA_HEADERS: Headers = joined(
    {
        "camera_id": ("camera id", "id", "device id", "code", "编号", "设备编号", "设备编码",
                      "摄像机编号", "摄像头编号", "点位编号", "国标编码", "number", "no", "序号"),
        "name": ("name", "camera name", "名称", "设备名称", "点位名称", "摄像机名称", "点位"),
        "kind": ("kind", "type", "camera type", "build", "类型", "摄像机类型", "设备类型",
                 "结构形式"),
        "mount": ("mount", "mounting", "camera mount", "安装方式", "杆件类型", "载体"),
        "setting": ("setting", "indoor outdoor", "room type", "室内外", "安装位置类型"),
        "status": ("status", "state", "状态", "建设状态"),
        "height_m": ("height m", "mounting height", "安装高度", "架设高度", "挂高", "离地高度",
                     "height", "高度"),
        "azimuth_deg": ("azimuth deg", "azimuth", "bearing", "heading", "direction",
                        "camera direction", "方位角", "方向", "朝向", "监控方向", "水平角",
                        "镜头朝向", "安装朝向", "拍摄方向", "监视方位", "监控方位"),
        "tilt_deg": ("tilt deg", "tilt", "pitch", "俯角", "俯仰角", "倾角", "垂直角"),
        "roll_deg": ("roll deg", "roll", "横滚角"),
        "hfov_deg": ("hfov deg", "hfov", "fov", "horizontal fov", "horizontal field of view",
                     "水平视场角", "水平视角", "视场角"),
        "vfov_deg": ("vfov deg", "vfov", "vertical fov", "vertical field of view", "垂直视场角",
                     "垂直视角"),
        "width_px": ("width px", "horizontal pixels", "水平像素", "图像宽度"),
        "height_px": ("height px", "vertical pixels", "垂直像素", "图像高度"),
        "reach_m": ("reach m", "reach", "range", "range m", "view distance", "max view distance",
                    "可视距离", "监控距离", "最大可视距离", "有效距离"),
        "near_m": ("near m", "near", "最近距离", "最近对焦距离"),
        "night_reach_m": ("night reach m", "night reach", "ir range", "补光距离", "夜视距离",
                          "红外距离"),
        "detection_range_m": ("detection range m", "detection range", "探测距离", "人员探测距离"),
        "usable": ("usable", "working", "in use", "是否可用", "是否在用", "是否完好", "在线"),
        "purpose": ("purpose", "use", "function", "用途", "功能"),
        "owner": ("owner", "owner type", "ownership", "产权", "产权类型", "权属", "建设主体"),
        "pole_id": ("pole id", "pole", "杆号", "立杆编号", "杆件编号"),
        "source": ("source", "来源", "数据来源"),
        "tags": ("tags",),
        "count": ("number of cameras", "camera count", "cameras", "摄像机数", "摄像头数",
                  "摄像机数量", "摄像头数量", "相机数", "相机数量"),
        "direction_code": ("direction type", "监视方位代码", "监控方位代码", "方位代码"),
        "kind_code": ("ptz type", "摄像机类型代码", "摄像机类型编码", "摄像机结构类型代码"),
        "altitude_m": ("altitude m", "altitude", "海拔", "海拔高度", "高程", "above sea level"),
        "focal_mm": ("focal mm", "focal length", "focal length mm", "焦距", "镜头焦距"),
        "sensor_mm": ("sensor mm", "sensor width", "sensor width mm", "靶面宽度", "传感器宽度"),
        "resolution": ("resolution", "分辨率", "像素"),
        "pan_min_deg": ("pan min", "pan min deg", "最小水平角"),
        "pan_max_deg": ("pan max", "pan max deg", "最大水平角"),
        "tilt_min_deg": ("tilt min", "tilt min deg", "最小俯仰角"),
        "tilt_max_deg": ("tilt max", "tilt max deg", "最大俯仰角"),
    },
    "cameras",
)  # fmt: skip
"""Columns of a camera inventory."""

CODED_HEADERS: Final = {
    "azimuth_deg": ("direction_code", ("监视方位", "监控方位", "摄像机监视方位")),
}  # fmt: skip
"""Headers under which standards keep codes, and the meaning that those have, by meaning."""

REGISTER_HEADERS: Headers = {
    "place_id": ("place id", "id", "code", "编号", "场所编号", "序号"),
    "name": ("name", "place", "名称", "场所名称", "单位名称"),
    "amap": ("amap", "amap code", "typecode", "高德编码", "高德分类编码"),
    "industry": ("industry", "gb t 4754", "gbt4754", "industry code", "行业代码",
                 "国民经济行业代码"),
    "item": ("item", "article 8 item", "条目", "第八条类别", "场所类别"),
    "standing": ("standing", "confirmation", "认定状态", "认定"),
    "source": ("source", "来源", "数据来源"),
    "tags": ("tags",),
}  # fmt: skip
"""Columns of a register of places."""

ENTRANCE_HEADERS: Headers = joined(
    {
        "entrance_id": ("entrance id", "id", "code", "编号", "出入口编号", "序号"),
        "kind": ("kind", "type", "entrance", "类型", "出入口类型"),
        "name": ("name", "名称", "出入口名称"),
        "vehicle": ("vehicle", "vehicles", "for vehicles", "车行", "是否车行", "机动车"),
        "confirmed": ("confirmed", "是否确认", "已确认"),
        "width_m": ("width m", "width", "宽度", "净宽"),
        "confirmed_by": ("confirmed by", "确认人"),
        "confirmed_on": ("confirmed on", "确认日期"),
        "basis": ("basis", "确认依据"),
        "source": ("source", "来源", "数据来源"),
        "tags": ("tags",),
    },
    "entrances",
)
"""Columns of a register of entrances."""

BUILDING_HEADERS: Headers = joined(
    {
        "id": ("osm id", "osmid", "id", "building id", "gml id", "fid", "objectid", "编号",
               "建筑编号"),
        "height": ("height", "height m", "building height", "bldg height", "hgt",
                   "measured height", "elevation m", "高度", "建筑高度", "楼高", "房高"),
        "building:levels": ("building levels", "levels", "floors", "floor", "num floors",
                            "storeys", "stories", "层数", "楼层", "楼层数", "总层数", "地上层数"),
        "roof:levels": ("roof levels",),
        "roof:height": ("roof height",),
        "min_height": ("min height", "base height", "底高"),
        "building:min_level": ("building min level", "min level"),
        "kind": ("building", "kind", "building type", "type", "class", "use", "类型", "用途",
                 "建筑类型", "建筑用途"),
        "name": ("name", "名称", "建筑名称", "楼名"),
        "underground": ("is underground", "underground", "地下"),
    },
    "buildings",
)  # fmt: skip
"""Columns of a layer of buildings."""

UNKNOWN_WORDS = frozenset({"", "na", "nan", "null", "none", "unknown", "未知", "不详"})
"""Cells that say nothing."""

REMARK = re.compile(r"[(\[【][^(\[【)\]】]*[)\]】]")
"""What stands in brackets; without brackets in it, so that a row of them is looked through once."""

SILENT_WORDS = UNKNOWN_WORDS | {
    "无", "空", "待定", "待测", "暂无", "待补充", "待核实", "未填", "tbd", "?"
}  # fmt: skip
"""Cells of a number or direction that say nothing."""


def normal(text: object) -> str:
    """Return a header or value in the form in which words are compared."""
    plain = unicodedata.normalize("NFKC", str(text)).lower().translate(simplified())
    plain = REMARK.sub("", plain)
    return re.sub(r"[\s_\-:./*—–―─]+", "", plain)


@lru_cache(maxsize=1 << 14)
def normal_word(word: str) -> str:
    """Return a word of ours as `normal` does, once: each meets every column of every file."""
    return normal(word)


def match_headers(columns: Iterable[object], headers: Headers) -> dict[str, str]:
    """Find the column for each meaning; the earlier word of a list wins, a column serves once.

    Returns
    -------
    dict
        Column of the file by meaning; meanings without a column are missing.
    """
    present: dict[str, str] = {}
    names = [str(column) for column in columns]
    for name in names:
        present.setdefault(normal(name), name)
    known = {normal_word(word) for words in headers.values() for word in words}
    for name in names:
        if normal(name) not in known and (stem := without_unit(name)) != name:
            present.setdefault(normal(stem), name)  # "height_ft" is a height, in feet
    found: dict[str, str] = {}
    taken: set[str] = set()
    for meaning, words in headers.items():
        for word in words:
            column = present.get(normal_word(word))
            if column is not None and column not in taken:
                found[meaning] = column
                taken.add(column)
                break
    return found


def match_value(column: str, text: str, values: Words = VALUES) -> str | None:
    """Return the value of a closed list that a word stands for, None if it stands for none."""
    plain = normal(text)
    for value, words in values.get(column, {}).items():
        if plain == normal_word(value) or any(plain == normal_word(word) for word in words):
            return value
    return None


ADDRESS_HEADERS: Final[Headers] = {
    "address": ("address", "地址", "详细地址", "安装地址", "点位地址", "设备地址", "单位地址",
                "门牌地址", "门牌", "安装位置", "full address", "street address", "addr full",
                "adresse", "dirección", "住所", "주소"),
    "within_m": ("within m", "accuracy m", "accuracy", "精度", "定位精度", "误差"),
}  # fmt: skip
"""Columns of an inventory without coordinates, and of a gazetteer."""
