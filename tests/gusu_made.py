"""The files of one office of a real city of which only the buildings are known: Gusu in Suzhou.

Inventory and registers are made (`tests.made`): cameras on real facades and on poles before them,
places of every item of the law in real buildings with a gate each, subdistricts, dormitories. They
are written in Chinese, numbers as numbers and days as days, as an office hands them in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.model import City
from tests.made import with_made

CAMERAS, SEED, PER_ITEM = 150, 20_260_101, 2

CLASSES: Final = {
    "8.1": "国家机关",
    "8.2a": "汽车站",
    "8.3": "自来水厂",
    "8.4": "银行",
    "8.5": "学校",
    "8.6": "博物馆",
    "8.7": "商场",
    "8.8": "加油站",
    "8.9": "国家重点建设工程单位",
    "8.10": "住宅小区",
    "8.11": "其他场所",
}
"""What the register calls the places of each item."""

STREETS: Final = ("平江街道", "金阊街道")
MOUNTS: Final = {"wall": "壁装", "pole": "立杆"}
STATES: Final = {"existing": "现有", "approved": "已批复", "planned": "规划"}
FLAGS: Final = {True: "是", False: "否"}


def write_office_files(city: City, folder: Path) -> Mapping[str, Path]:
    """Write the tables of the office of a city; return them by what they hold."""
    made = with_made(city, CAMERAS, SEED, PER_ITEM)
    middle = float(np.median(shapely.get_coordinates(city.buildings.geometry.to_numpy())[:, 0]))
    tables = {
        "districts": _districts(city, middle),
        "places": _places(made),
        "entrances": _entrances(made),
        "private": _private(made),
        "cameras": _cameras(made, middle),
    }
    paths = {name: folder / f"{name}.xlsx" for name in tables}
    for name, table in tables.items():
        table.to_excel(paths[name], index=False)
    return paths


def _degrees(table: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return table.geometry.to_crs("EPSG:4490")


def _wkt(table: gpd.GeoDataFrame) -> list[str]:
    return [shapely.to_wkt(shape, rounding_precision=7) for shape in _degrees(table)]


def _at(table: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    places = _degrees(table)
    return {"经度": places.x.round(7), "纬度": places.y.round(7)}


def _districts(city: City, middle: float) -> pd.DataFrame:
    west, south, east, north = city.buildings.total_bounds
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    frame = gpd.GeoDataFrame(geometry=halves, crs=city.crs)
    return pd.DataFrame(
        {
            "行政区划代码": ["320508001", "320508002"],
            "行政区名称": STREETS,
            "行政级别": "街道",
            "边界": _wkt(frame),
        }
    )


def _places(made: City) -> pd.DataFrame:
    kinds = made.places["item"].map(CLASSES)
    nth = made.places.groupby("item").cumcount() + 1
    return pd.DataFrame(
        {
            "编号": made.places.index,
            "名称": [f"姑苏第{n}{kind}" for n, kind in zip(nth, kinds, strict=True)],
            "第八条类别": kinds,
            "认定状态": "已指定",
            "边界": _wkt(made.places),
        }
    )


def _entrances(made: City) -> pd.DataFrame:
    gates = made.entrances
    return pd.DataFrame(
        {
            "编号": gates.index,
            "名称": [f"大门{n}" for n in range(1, len(gates) + 1)],
            **_at(gates),
            "车行": gates["vehicle"].map(FLAGS),
            "是否确认": "是",
            "确认人": "陆某",
            "确认日期": dt.date(2026, 3, 2),
            "确认依据": "现场查看",
            "宽度(米)": gates["width_m"],
        }
    )


def _private(made: City) -> pd.DataFrame:
    """Return dormitories in some buildings that are no place of the register."""
    free = made.buildings[~made.buildings.intersects(made.places.union_all())]
    chosen = free[free.area.between(200.0, 600.0)].iloc[::40].head(8)
    return pd.DataFrame(
        {
            "编号": [f"S-{n:03d}" for n in range(1, len(chosen) + 1)],
            "场所类型": "宿舍",
            "涉及范围": "室内房间",
            "起始楼层": 1,
            "终止楼层": 3,
            "边界": _wkt(chosen),
        }
    )


def _cameras(made: City, middle: float) -> pd.DataFrame:
    rows = made.cameras
    count = len(rows)
    east = rows.geometry.x.to_numpy() > middle
    street = np.where(east, STREETS[1], STREETS[0])
    months = pd.Series(range(count)) % 12 + 1
    return pd.DataFrame(
        {
            "点位编号": [f"GS{n:04d}" for n in range(1, count + 1)],
            "点位名称": [f"{name}{n}号枪机" for n, name in enumerate(street, 1)],
            **{name: list(values) for name, values in _at(rows).items()},
            "类型": "枪机",
            "安装方式": list(rows["mount"].map(MOUNTS)),
            "室内外": "室外",
            "建设状态": list(rows["status"].map(STATES)),
            "安装高度(米)": [
                None if n % 8 == 0 else value for n, value in enumerate(rows["height_m"])
            ],
            "方位角": list(rows["azimuth_deg"]),
            "俯角": [None if n % 8 == 0 else value for n, value in enumerate(rows["tilt_deg"])],
            "水平视场角": list(rows["hfov_deg"]),
            "垂直视场角": list(rows["vfov_deg"]),
            "水平像素": [int(value) for value in rows["width_px"]],
            "垂直像素": [int(value) for value in rows["height_px"]],
            "可视距离(米)": list(rows["reach_m"]),
            "补光距离(米)": list(rows["night_reach_m"]),
            "是否可用": "是",
            "产权": np.where(np.arange(count) % 3 == 0, "社会单位", "公安"),
            "点位类别": np.where(np.arange(count) % 2 == 0, "一类点", "二类点"),
            "派出所": np.where(east, "金阊派出所", "平江派出所"),
            "街道": street,
            "接入平台": np.where(np.arange(count) % 3 == 0, "社会", "公安专网"),
            "安装日期": [dt.date(2024, month, 15) for month in months],
            "保存天数": 30,
        }
    )
