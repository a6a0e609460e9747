"""Words of registers: classes of AMap, numbers of storeys, and what names a kind of layer.

AMap sorts places on three levels; its exports hold the names, ``科教文化服务;学校;中学``,
or the code, ``141202``, or both. Listed are the classes that the packs select or refuse, and
gates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ANY_THIRD = "*"
"""Stands for every third level of a class, which then all have the code of the second."""

AMAP_CLASSES: Mapping[str, tuple[str, str]] = {
    "汽车服务;加油站": ("0101", "*"),
    "购物服务;商场": ("0601", "商场 购物中心 普通商场"),
    "购物服务;综合市场": (
        "0607",
        "综合市场 小商品市场 旧货市场 农副产品市场 果品市场 蔬菜市场 水产海鲜市场",
    ),
    "生活服务;邮局": ("0704", "邮局 邮政速递"),
    "生活服务;物流速递": ("0705", "- 物流仓储场地"),
    "生活服务;电讯营业厅": ("0706", "*"),
    "生活服务;洗浴推拿场所": ("0714", "洗浴推拿场所"),
    "体育休闲服务;运动场馆": ("0801", "- 综合体育馆"),
    "体育休闲服务;娱乐场所": ("0803", "- 夜总会 KTV 迪厅 - - - - 网吧"),
    "体育休闲服务;影剧院": ("0806", "影剧院相关 电影院 音乐厅 剧场"),
    "医疗保健服务;综合医院": ("0901", "综合医院 三级甲等医院 卫生院"),
    "医疗保健服务;专科医院": (
        "0902",
        (
            "专科医院 整形美容 口腔医院 眼科医院 耳鼻喉医院 胸科医院 骨科医院 肿瘤医院 脑科医院"
            " 妇科医院 精神病医院 传染病医院"
        ),
    ),
    "医疗保健服务;诊所": ("0903", "诊所"),
    "医疗保健服务;急救中心": ("0904", "急救中心"),
    "医疗保健服务;疾病预防机构": ("0905", "疾病预防"),
    "住宿服务;宾馆酒店": (
        "1001",
        "宾馆酒店 六星级及以上宾馆 五星级宾馆 四星级宾馆 三星级宾馆 经济型连锁酒店",
    ),
    "住宿服务;旅馆招待所": ("1002", "旅馆招待所 青年旅舍"),
    "风景名胜;公园广场": ("1101", "公园广场 公园 动物园 植物园 水族馆 城市广场"),
    "风景名胜;风景名胜": (
        "1102",
        "风景名胜 世界遗产 国家级景点 省级景点 纪念馆 寺庙道观 教堂 回教寺",
    ),
    "商务住宅;住宅区": ("1203", "住宅区 别墅 住宅小区 宿舍 社区中心"),
    "政府机构及社会团体;政府机关": (
        "1301",
        (
            "政府机关相关 国家级机关及事业单位 省直辖市级政府及事业单位 地市级政府及事业单位"
            " 区县级政府及事业单位 乡镇级政府及事业单位 乡镇以下级政府及事业单位"
        ),
    ),
    "政府机构及社会团体;民主党派": ("1303", "*"),
    "政府机构及社会团体;社会团体": ("1304", "- - - - - - - - - 教会"),
    "政府机构及社会团体;公检法机构": ("1305", "公检法机关 公安警察 检察院 法院 消防机关"),
    "科教文化服务;博物馆": ("1401", "博物馆"),
    "科教文化服务;展览馆": ("1402", "展览馆"),
    "科教文化服务;会展中心": ("1403", "会展中心"),
    "科教文化服务;美术馆": ("1404", "美术馆"),
    "科教文化服务;图书馆": ("1405", "图书馆"),
    "科教文化服务;科技馆": ("1406", "科技馆"),
    "科教文化服务;天文馆": ("1407", "天文馆"),
    "科教文化服务;文化宫": ("1408", "文化宫"),
    "科教文化服务;档案馆": ("1409", "档案馆"),
    "科教文化服务;传媒机构": ("1411", "- 电视台 电台 报社"),
    "科教文化服务;学校": ("1412", "学校 高等院校 中学 小学 幼儿园 成人教育 职业技术学校"),
    "科教文化服务;科研机构": ("1413", "科研机构"),
    "交通设施服务;机场相关": (
        "1501",
        "机场相关 候机室 摆渡车站 - 飞机场 机场出发/到达 直升机场 机场货运处",
    ),
    "交通设施服务;火车站": (
        "1502",
        "火车站 候车室 进站口/检票口 出站口 站台 售票 退票 改签 公安制证 票务相关 货运火车站",
    ),
    "交通设施服务;港口码头": ("1503", "港口码头 客运港 车渡口 人渡口 货运港口码头"),
    "交通设施服务;长途汽车站": ("1504", "长途汽车站"),
    "交通设施服务;地铁站": ("1505", "地铁站 出入口"),
    "交通设施服务;轻轨站": ("1506", "轻轨站"),
    "交通设施服务;停车场": (
        "1509",
        (
            "停车场相关 - - 换乘停车场 公共停车场 专用停车场 路边停车场 停车场入口 停车场出口"
            " 停车场出入口"
        ),
    ),
    "交通设施服务;过境口岸": ("1510", "过境口岸"),
    "金融保险服务;银行": ("1601", "*"),
    "金融保险服务;自动提款机": ("1603", "*"),
    "金融保险服务;保险公司": ("1604", "*"),
    "金融保险服务;证券公司": ("1605", "证券公司 证券营业厅"),
    "道路附属设施;收费站": ("1802", "收费站 高速收费站 国省道收费站 桥洞收费站"),
    "道路附属设施;服务区": ("1803", "高速服务区 高速加油站服务区 高速停车区"),
    "地名地址信息;交通地名": (
        "1903",
        "- - - - 高速路出口 高速路入口 立交桥 桥 城市快速路出口 城市快速路入口 隧道",
    ),
    "公共设施;公共厕所": (
        "2003",
        "公共厕所 男洗手间 女洗手间 残障洗手间/无障碍洗手间 婴儿换洗间/哺乳室/母婴室",
    ),
    "通行设施;建筑物门": ("9910", "建筑物门 建筑物正门"),
    "通行设施;临街院门": ("9914", "临街院门 临街院正门"),
}
"""Four digits and the third levels in the order of their last two digits, by first and second."""


TO = "~—–至到"
"""Signs between the ends of a range."""

BASEMENT = ("地下室", "地下", "负", "B")
"""What a storey below the ground begins with."""

FLOOR_MARKS = ("地上", "第", "层", "楼", "F", "L")
"""What may stand around the number of a storey."""

LOWEST = ("首", "底")
"""Names of the first storey above the ground."""

NAMES: Final[Mapping[str, frozenset[str]]] = {
    "buildings": frozenset({"building", "footprint", "house", "roof", "建筑", "房屋", "楼栋"}),
    "cameras": frozenset({"camera", "cctv", "摄像", "监控", "探头"}),
    "districts": frozenset({"district", "subdistrict", "county", "区划", "行政区", "区县"}),
    "entrances": frozenset({"entrance", "gate", "出入口", "大门"}),
    "places": frozenset({"place", "poi", "场所"}),
    "signs": frozenset({"sign", "提示标识", "标牌"}),
    "trees": frozenset({"tree", "crown", "canopy", "树", "乔木", "林木", "古木"}),
}
"""Words of the name of a file or a layer by kind: Latin ones whole and in the singular."""

STREET_ENDS: Final = ("街道", "街道办事处", "镇", "乡", "subdistrict", "street", "town")
COUNTY_ENDS: Final = ("区", "县", "自治县", "旗", "county", "district")
"""Last words of the names of streets and towns, and of counties; a zone may be of either level."""

COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "trees": frozenset(
        {"crown", "canopy", "dbh", "species", "genus", "树种", "胸径", "地径", "冠", "树龄"},
    ),
}  # fmt: skip
"""Words of the names of columns that a kind has and a reader need not know."""

KIND_COLUMNS: Final = ("natural", "landcover")
"""Keys of OSM beside the column of kinds whose values say what a row is."""

TREES = frozenset(
    {"树", "树木", "乔木", "行道树", "大树", "古树", "绿化树", "灌木", "tree", "trees", "树冠"}
)
"""Kinds that are crowns and no obstacles: a camera sees partly through them."""

SEE_THROUGH = frozenset(
    {"通透围栏", "通透式围墙", "铁艺围栏", "铁栏杆", "栏杆", "网围栏", "railing"}
)
"""Kinds of fences that a camera sees through."""

LEVEL_HEADERS: tuple[tuple[str, ...], ...] = (
    ("大类", "中类", "小类"),
    ("一级分类", "二级分类", "三级分类"),
    ("一级类别", "二级类别", "三级类别"),
    ("type1", "type2", "type3"),
    ("bigtype", "midtype", "smalltype"),
    ("firstlevel", "secondlevel", "thirdlevel"),
    ("primind", "secind"),
    ("大类", "小类"),
    ("一级分类", "二级分类"),
    ("一级行业", "二级行业"),
)
"""Columns that together spell the levels of a class, in the form in which words are compared."""

NAME_HEADERS = (
    "type",
    "poitype",
    "amaptype",
    "高德分类",
    "类型",
    "类别",
    "分类",
    "poi类型",
    "poi分类",
)
"""Columns that may hold names of classes, in the form in which words are compared."""

ORDINALS = {word: number for number, word in enumerate((*"一二三四五六七八九十", "十一"), start=1)}
"""Chinese numerals of the items of Article 8."""

ITEM_AFFIXES = ("第八条", "第", "项", "类")
"""What may stand around the number of an item."""

LATITUDE_FIRST = ("lat", "纬")
"""What the header of two coordinates in one cell begins with where the latitude goes first."""
