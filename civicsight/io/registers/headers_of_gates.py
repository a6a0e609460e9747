"""Names that the list of gates has for its columns and decisions."""

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
