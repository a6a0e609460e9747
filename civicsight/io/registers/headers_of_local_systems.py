"""Names of what a file of parameters says about a local system of coordinates."""

from __future__ import annotations

from typing import Final

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "parameter": ("parameter", "参数", "参数名称", "项目"),
    "value": ("value", "数值", "参数值", "取值", "值"),
}
"""Headings of its two columns."""

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "model": ("model", "转换模型", "转换方法", "模型"),
    "axes": ("axes", "坐标轴", "坐标顺序", "轴向"),
    "crs": ("crs", "目标坐标系", "目标坐标系统"),
    "shift_north_m": ("shift_north_m", "北平移", "x平移", "北向平移", "Δx"),
    "shift_east_m": ("shift_east_m", "东平移", "y平移", "东向平移", "Δy"),
    "rotation_s": ("rotation_s", "旋转角", "旋转", "旋转参数"),
    "scale_ppm": ("scale_ppm", "尺度", "尺度参数", "尺度变化", "尺度改正"),
    "scale_factor": ("scale_factor", "尺度比", "尺度因子", "缩放比例"),
    "convention": ("convention", "旋转约定", "旋转方向约定"),
    "ellipsoid": ("ellipsoid", "椭球", "原椭球", "参考椭球"),
    "meridian_deg": ("meridian_deg", "中央子午线", "中央经线"),
    "false_easting_m": ("false_easting_m", "东加常数", "横坐标加常数"),
    "false_northing_m": ("false_northing_m", "北加常数", "纵坐标加常数"),
    "projection_scale": ("projection_scale", "投影尺度", "投影比例因子"),
    "tx_m": ("tx_m", "三维x平移"),
    "ty_m": ("ty_m", "三维y平移"),
    "tz_m": ("tz_m", "三维z平移"),
    "rx_s": ("rx_s", "三维x旋转"),
    "ry_s": ("ry_s", "三维y旋转"),
    "rz_s": ("rz_s", "三维z旋转"),
}
"""Names of the parameters by code; the first is the code itself."""

WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "model": {"four": ("four", "四参数", "4"), "seven": ("seven", "七参数", "7")},
    "axes": {
        "north_east": ("north_east", "x北y东", "北东"),
        "east_north": ("east_north", "x东y北", "东北"),
    },
    "convention": {
        "coordinate_frame": ("coordinate_frame", "坐标框架旋转", "坐标框架"),
        "position_vector": ("position_vector", "位置矢量旋转", "位置矢量"),
    },
    "ellipsoid": {
        "krass": ("krass", "克拉索夫斯基", "北京54", "1954北京坐标系"),
        "iag75": ("iag75", "iag1975", "iag-75", "西安80", "1980西安坐标系"),
        "cgcs2000": ("cgcs2000", "国家2000", "2000国家大地坐标系"),
    },
}
"""Words of the parameters that are no numbers."""
