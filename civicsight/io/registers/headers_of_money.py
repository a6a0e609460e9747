"""Names that people give to the columns and values of tables of money: budgets, aims, prices."""

from __future__ import annotations

from typing import Final

FUND_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("year", "年度", "年份"),
    "district": ("district", "区县", "行政区", "县区", "辖区"),
    "budget_yuan": ("budget_yuan", "budget", "预算(元)", "资金(元)", "预算", "资金"),
    "floor": ("floor", "最低满足率", "最低达标率", "最低覆盖率"),
    "budget_of": ("budget_of", "budget of", "预算口径", "资金口径", "口径"),
    "currency": ("currency", "币种", "货币"),
}
"""Headings by column; the first is the one that this project writes."""

BUDGET_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "investment": ("investment", "建设投资", "总投资", "投资"),
    "works": ("works", "工程费", "工程费用"),
}
"""What such a table calls the sum that a budget limits."""

POLICY_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "aim": ("aim", "目标"),
    "class": ("class", "类别", "场所类别", "条款项"),
    "weight": ("weight", "权重"),
}
"""The same of a table of aims and weights."""

AIM_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "places": ("场所",), "parts": ("部位",), "metres": ("满足量",), "exposure": ("隐私",),
    "joined": ("纳入",), "surviving": ("抗故障",),
}  # fmt: skip
"""What such a table calls each aim beside its code."""

PRICE_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "item": ("item", "项目编码", "项目", "条目"),
    "unit": ("unit", "单位", "计量单位"),
    "price_yuan": ("price_yuan", "price", "单价(元)", "单价", "综合单价", "价格"),
    "source": ("source", "价格来源", "来源", "出处"),
    "date": ("date", "价格日期", "日期", "基准日期"),
    "basis": ("basis", "依据", "计价依据", "说明"),
}
"""Headers by column; the first is the one that this project writes."""

CURRENCY_HEADERS: Final = ("currency", "币种", "货币")
"""Headers of a column of such a table that says in which money its prices are."""

YUAN_WORDS: Final[dict[int, tuple[str, ...]]] = {
    1: ("元", "圆", "人民币元", "元人民币", "yuan"),
    1_000: ("千元", "thousandyuan", "1000yuan", "1,000yuan"),
    10_000: ("万", "万元", "万圆", "万元人民币", "人民币万元", "wan", "wanyuan", "10000yuan",
             "10,000yuan", "x10,000yuan", "tenthousandyuan"),
    100_000_000: ("亿", "亿元"),
}  # fmt: skip
"""Units of money by how many yuan they are, without spaces and in small letters."""

YUAN_MARKS: Final = ("元", "yuan", "rmb", "cny", "¥", "人民币")
"""What a word of money has in it that may be no word of these."""

OWN_CURRENCY: Final = ("¥", "cny", "rmb", "人民币")
"""Words that name the currency and not how many yuan are counted as one."""

FOREIGN_WORDS: Final = (
    "$", "usd", "dollar", "美元", "美金", "€", "eur", "欧元", "£", "gbp", "pound", "英镑", "jpy",
    "yen", "日元", "日圆", "hkd", "港元", "港币", "mop", "澳门元", "澳门币", "twd", "ntd", "台币",
    "krw", "韩元", "rub", "卢布", "sgd", "新加坡元", "aud", "澳元", "cad", "加元", "chf", "法郎",
)  # fmt: skip
"""Words of other currencies: a sum that has one is no sum of yuan."""

COUNTED_UNITS: Final = (
    "camera", "pole", "piece", "pieces", "pc", "pcs", "each", "unit", "set", "site", "point",
    "mount", "台", "套", "个", "根", "基", "处", "项", "路", "点", "点位", "次", "座", "组", "只",
    "件", "支", "樘",
)  # fmt: skip
"""Units of an item of work: a plan counts pieces, and multiplies by nothing else."""

FREE_WORDS: Final = ("free", "免费", "不计费")
"""What stands in place of the price of an item that costs nothing."""

PRICE_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "camera": ("camera", "路", "台", "个"),
    "day": ("day", "days", "日", "天"),
    "month": ("month", "months", "月", "个月"),
    "year": ("year", "years", "年"),
    "%": ("%", "％", "percent", "百分比"),
}
"""Words of the units of its yearly rows and shares: a camera and a time, years, percent."""

PAYER_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "camera_id": ("camera_id", "点位编号", "摄像机编号", "编号"),
    "owner": ("owner", "产权", "产权类型", "权属"),
    "district": ("district", "区县", "行政区", "县区", "辖区"),
    "measure": ("measure", "建设方式", "措施", "措施类别"),
    "source": ("source", "资金来源", "经费来源", "资金渠道"),
    "unit": ("unit", "责任单位", "建设单位", "实施单位"),
}
"""The same of a table that says who pays for what, and who carries it out."""

PAYER_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "city": ("city", "市级财政", "市", "市级", "市财政", "市本级", "市级资金"),
    "district": (
        "district",
        "区级财政",
        "区",
        "县",
        "区级",
        "县级",
        "区财政",
        "县级财政",
        "区县财政",
    ),
    "own": ("own", "自筹", "单位自筹", "自有资金", "建设单位自筹"),
    "lease": ("lease", "运营商租赁", "租赁", "运营商", "租用"),
}
"""What such a table calls each source of money; the second word is the one that is written."""

MEASURE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "keep": ("keep", "利旧", "保留"),
    "reaim": ("reaim", "调整朝向", "调整", "调整朝向并登记"),
    "refurbish": ("refurbish", "更新改造", "改造", "更新"),
    "connect": ("connect", "联网接入", "整合共享", "联网接入、整合共享"),
    "new": ("new", "新建"),
    "drop": ("drop", "核减", "从方案中核减"),
}
"""What it calls each measure."""

OWNER_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "government": ("government", "政府", "公安", "政府自建"),
    "government_leased": ("government_leased", "政府租用", "租用"),
    "non_government": ("non_government", "社会", "社会单位", "企业", "非政府"),
    "unknown": ("unknown", "不详", "未知"),
}
"""What it calls each class of owners."""
