"""Names that people give to columns and values, in Chinese and English, and what they mean here.

Headers are compared without case, spaces, punctuation and units in brackets, in simplified
characters. To teach a new word, add it to the list of its column; those of further languages are
files of data (`lexicon`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from civicsight.io.tables.lexicon import Headers, Words, joined, simplified
from civicsight.io.tables.words_values import VALUES

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
                        "camera direction", "方位角", "方向", "朝向", "监控方向", "水平角"),
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
        "usable": ("usable", "working", "in use", "是否可用", "是否在用", "是否完好", "在线"),
        "purpose": ("purpose", "use", "function", "用途", "功能"),
        "owner": ("owner", "owner type", "ownership", "产权", "产权类型", "权属", "建设主体"),
        "pole_id": ("pole id", "pole", "杆号", "立杆编号", "杆件编号"),
        "source": ("source", "来源", "数据来源"),
        "tags": ("tags",),
        "count": ("number of cameras", "camera count", "cameras", "摄像机数", "摄像头数",
                  "摄像机数量", "摄像头数量", "相机数", "相机数量"),
        "direction_code": ("direction type", "监视方位代码", "方位代码"),
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

__all__ = ["BUILDING_HEADERS", "CAMERA_HEADERS", "ENTRANCE_HEADERS", "PLACE_HEADERS",
           "REGISTER_HEADERS", "SILENT_WORDS", "UNKNOWN_WORDS", "VALUES", "Headers", "Words",
           "match_headers", "match_value", "normal"]  # fmt: skip

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


def match_headers(columns: Iterable[object], headers: Headers) -> dict[str, str]:
    """Find the column for each meaning; the earlier word of a list wins, a column serves once.

    Returns
    -------
    dict
        Column of the file by meaning; meanings without a column are missing.
    """
    present: dict[str, str] = {}
    for column in columns:
        present.setdefault(normal(column), str(column))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for meaning, words in headers.items():
        for word in words:
            column = present.get(normal(word))
            if column is not None and column not in taken:
                found[meaning] = column
                taken.add(column)
                break
    return found


def match_value(column: str, text: str, values: Words = VALUES) -> str | None:
    """Return the value of a closed list that a word stands for, None if it stands for none."""
    plain = normal(text)
    for value, words in values.get(column, {}).items():
        if plain == normal(value) or any(plain == normal(word) for word in words):
            return value
    return None


ADDRESS_HEADERS: Final[Headers] = {
    "address": ("address", "地址", "详细地址", "安装地址", "点位地址", "设备地址", "单位地址",
                "门牌地址", "门牌", "安装位置", "full address", "street address", "addr full",
                "adresse", "dirección", "住所", "주소"),
    "within_m": ("within m", "accuracy m", "accuracy", "精度", "定位精度", "误差"),
}  # fmt: skip
"""Columns of an inventory without coordinates, and of a gazetteer."""
