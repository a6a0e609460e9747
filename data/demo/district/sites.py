"""Places of the made district: compounds with walls and gates, single buildings, open spaces.

Each place stands in a frame of its own. Gates lie on an edge (S, E, N or W), so many metres from
its western or southern end. Blocks are ``(x, y, width, depth, height, name, kind)``; a height of
None is stated as unknown in the files, and a negative wing turns a block into an L.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from district.plane import Frame


@dataclass(frozen=True, slots=True)
class Door:
    """A gate of a site or a door of a building."""

    key: str
    edge: str
    along_m: float
    width_m: float
    name: str
    vehicle: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A building within a site."""

    x: float
    y: float
    width: float
    depth: float
    height_m: float | None
    name: str = ""
    kind: str = "yes"
    wing: float = 0.0
    base_m: float = 0.0
    turn_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """A place with an outline, perhaps a wall, gates and buildings.

    `height_m` makes the outline itself a building; `item` is empty for a place that no register
    names; `ways` are walks or drives inside, from point to point of the frame.
    """

    key: str
    name: str
    english: str
    item: str
    frame: Frame
    width: float
    depth: float
    tags: dict[str, str]
    enclosure: str = ""
    doors: tuple[Door, ...] = ()
    blocks: tuple[Block, ...] = ()
    height_m: float | None = None
    ways: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = field(default=())


def slabs(
    columns: tuple[float, ...],
    rows: tuple[float, ...],
    size: tuple[float, float],
    heights: tuple[float, ...],
    first: int = 1,
) -> tuple[Block, ...]:
    """Return the numbered slabs of a housing estate, row by row."""
    places = [(x, y) for y in rows for x in columns]
    return tuple(
        Block(x, y, size[0], size[1], heights[i % len(heights)], f"{first + i}号楼", "apartments")
        for i, (x, y) in enumerate(places)
    )


SOUTH = (
    Site(
        "school",
        "澄川中学",
        "Chengchuan Middle School",
        "8.5",
        Frame(20, 12, 2.5),
        198,
        150,
        {"amenity": "school"},
        "wall",
        (
            Door("school-n", "N", 60, 4, "北门（人行）"),
            Door("school-v", "N", 112, 7, "北门（车行）", vehicle=True),
            Door("school-e", "E", 72, 4, "东门（人行）"),
        ),
        (
            Block(18, 96, 72, 14, 20, "明德楼", "school"),
            Block(18, 66, 72, 14, 20, "致远楼", "school"),
            Block(130, 94, 52, 15, 16, "实验楼", "school"),
            Block(132, 10, 52, 36, 14, "体育馆", "sports_hall"),
            Block(18, 10, 64, 14, 21, "学生宿舍一号楼", "dormitory"),
            Block(18, 36, 64, 13, 21, "学生宿舍二号楼", "dormitory"),
            Block(94, 12, 26, 30, 9, "食堂", "school"),
            Block(100, 118, 6, 4, 3, "北门门卫室", "guardhouse"),
        ),
    ),
    Site(
        "lanting",
        "兰亭苑小区",
        "Lanting Court",
        "8.10",
        Frame(268, 18, -2.5),
        210,
        148,
        {"landuse": "residential", "residential": "apartments"},
        "wall",
        (
            Door("lanting-v", "N", 150, 7, "北门（车行）", vehicle=True),
            Door("lanting-n", "N", 112, 4, "北门（人行）"),
            Door("lanting-w", "W", 62, 3, "西门（人行）"),
            Door("lanting-e", "E", 92, 4, "东门（人行）"),
        ),
        (
            *slabs((16, 82, 148), (12, 50, 88), (50, 13), (18, 33, 33, 54, 18, 33)),
            Block(104, 128, 12, 5, 4, "物业服务站", "service"),
        ),
        ways=(("service", ((150, 148), (140, 116), (140, 40))),),
    ),
    Site(
        "hospital",
        "仁泽医院",
        "Renze Hospital",
        "8.5",
        Frame(532, 14, 3.0),
        200,
        142,
        {"amenity": "hospital"},
        "wall",
        (
            Door("hospital-w", "W", 104, 5, "西门（人行）"),
            Door("hospital-v", "W", 62, 7, "西门（车行）", vehicle=True),
            Door("hospital-er", "N", 150, 6, "急诊通道（车行）", vehicle=True),
        ),
        (
            Block(44, 84, 62, 28, 24, "门诊楼", "hospital"),
            Block(60, 18, 92, 18, 60, "住院楼", "hospital"),
            Block(128, 70, 52, 34, 18, "急诊医技楼", "hospital"),
            Block(166, 14, 22, 34, 12, "行政楼", "hospital"),
            Block(44, 46, 40, 16, 15, "体检中心", "hospital", wing=9),
        ),
    ),
    Site(
        "depot",
        "望桥物流中心",
        "Wangqiao Logistics Centre",
        "8.7",
        Frame(788, 8, 3.5),
        196,
        108,
        {"landuse": "commercial", "building": "warehouse"},
        "wall",
        (
            Door("depot-v", "W", 36, 8, "西门（车行）", vehicle=True),
            Door("depot-w", "W", 74, 3, "西门（人行）"),
        ),
        (
            Block(48, 8, 138, 34, 12, "一号库", "warehouse"),
            Block(48, 64, 138, 36, 12, "二号库", "warehouse"),
            Block(18, 84, 16, 10, 8, "调度楼", "office"),
        ),
    ),
    Site(
        "fuel",
        "望桥加油站",
        "Wangqiao Filling Station",
        "8.8",
        Frame(786, 136, 3.5),
        54,
        36,
        {"amenity": "fuel"},
        "",
        (
            Door("fuel-in", "N", 9, 7, "入口（车行）", vehicle=True),
            Door("fuel-out", "N", 44, 7, "出口（车行）", vehicle=True),
        ),
        (
            Block(18, 3, 20, 8, 4, "站房", "retail"),
            Block(14, 13, 28, 13, 6.5, "罩棚", "roof", base_m=5.2),
        ),
    ),
    Site(
        "workshop",
        "南岭机修厂宿舍",
        "Nanling works housing",
        "",
        Frame(862, 132, 3.5),
        128,
        46,
        {},
        "",
        (),
        (
            Block(4, 6, 54, 13, 15, "厂宿舍1号楼", "apartments"),
            Block(68, 6, 54, 13, 15, "厂宿舍2号楼", "apartments"),
            Block(30, 28, 60, 12, 12, "厂宿舍3号楼", "apartments"),
        ),
    ),
)

MIDDLE_WEST = (
    Site(
        "meili",
        "梅里北区",
        "Meili North",
        "8.10",
        Frame(16, 342, 2.5),
        192,
        86,
        {"landuse": "residential", "residential": "apartments"},
        "wall",
        (
            Door("meili-n", "N", 96, 4, "北门（人行）"),
            Door("meili-v", "E", 44, 6, "东门（车行）", vehicle=True),
            Door("meili-s", "S", 96, 3, "南门（人行）"),
        ),
        (
            Block(10, 12, 72, 62, 18, "梅里围合一号院", "apartments", wing=12),
            Block(112, 12, 66, 62, 18, "梅里围合二号院", "apartments", wing=12),
        ),
    ),
    Site(
        "oldtown",
        "槐安老街坊",
        "Huai'an old quarter",
        "",
        Frame(16, 208, 2.5),
        206,
        104,
        {},
        "",
        (),
        (
            *(
                Block(
                    6 + 32 * i,
                    8 + 34 * j,
                    26,
                    28,
                    4.5 + (i + j) % 3,
                    f"槐安{1 + i + 5 * j}号院",
                    "house",
                    wing=6,
                )
                for j in range(3)
                for i in range(5)
            ),
            Block(172, 10, 28, 18, 7, "槐安浴室", "public_bath"),
            Block(176, 40, 9, 6, 3.6, "槐安公共卫生间", "toilets"),
            Block(170, 58, 30, 34, None, "槐安里仓房", "shed"),
        ),
    ),
    Site(
        "primary",
        "书院街小学",
        "Shuyuan Street Primary School",
        "8.5",
        Frame(266, 210, -2.6),
        212,
        92,
        {"amenity": "school"},
        "wall",
        (
            Door("primary-n", "N", 76, 5, "北门（人行）"),
            Door("primary-v", "N", 132, 6, "北门（车行）", vehicle=True),
            Door("primary-s", "S", 100, 4, "南门（人行）"),
        ),
        (
            Block(16, 54, 84, 13, 16, "启蒙楼", "school"),
            Block(16, 20, 70, 13, 16, "博雅楼", "school"),
            Block(142, 40, 56, 17, 16, "综合楼", "school"),
            Block(150, 10, 40, 18, 8, "风雨操场", "school"),
        ),
    ),
    Site(
        "tongyin",
        "桐荫里",
        "Tongyin Li",
        "",
        Frame(258, 350, -2.6),
        220,
        36,
        {},
        "",
        (),
        (
            Block(4, 8, 62, 13, 18, "桐荫里1号楼", "apartments"),
            Block(76, 8, 62, 13, 18, "桐荫里2号楼", "apartments"),
            Block(148, 8, 62, 13, 21, "桐荫里3号楼", "apartments"),
        ),
    ),
    Site(
        "bank",
        "澄川银行",
        "Chengchuan Bank",
        "8.4",
        Frame(258, 404, 1.5),
        40,
        34,
        {"amenity": "bank"},
        "",
        (Door("bank", "N", 20, 4, "营业厅大门"),),
        height_m=22,
    ),
    Site(
        "post",
        "澄川邮政支局",
        "Chengchuan Post Office",
        "8.4",
        Frame(322, 405, -1.0),
        32,
        33,
        {"amenity": "post_office"},
        "",
        (Door("post", "N", 16, 3, "营业厅大门"),),
        height_m=15,
    ),
    Site(
        "hotel",
        "望江楼酒店",
        "Wangjiang House Hotel",
        "",
        Frame(360, 404, -2.5),
        48,
        32,
        {"tourism": "hotel"},
        "",
        (),
        height_m=45,
    ),
    Site(
        "netcafe",
        "极光网咖",
        "Aurora Internet Café",
        "8.5",
        Frame(412, 401, -3.2),
        28,
        33,
        {"amenity": "internet_cafe"},
        "",
        (Door("netcafe", "N", 14, 3, "正门"),),
        height_m=12,
    ),
    Site(
        "tower",
        "澄川大厦",
        "Chengchuan Tower",
        "",
        Frame(446, 398, -3.2),
        31,
        33,
        {},
        "",
        (),
        height_m=96,
    ),
)

MIDDLE_EAST = (
    Site(
        "substation",
        "东篱110千伏变电站",
        "Dongli 110 kV Substation",
        "8.3",
        Frame(534, 212, 1.5),
        70,
        84,
        {"power": "substation", "voltage": "110000"},
        "wall",
        (
            Door("substation-v", "W", 52, 6, "西门（车行）", vehicle=True),
            Door("substation-w", "W", 20, 3, "西门（人行）"),
        ),
        (Block(34, 34, 22, 30, 11, "主控楼", "industrial"),),
    ),
    Site(
        "archive",
        "青岚区档案馆",
        "Qinglan Archives",
        "8.6",
        Frame(622, 214, 1.5),
        108,
        86,
        {"amenity": "archive"},
        "wall",
        (
            Door("archive-n", "N", 40, 4, "北门（人行）"),
            Door("archive-v", "N", 80, 6, "北门（车行）", vehicle=True),
        ),
        (Block(18, 14, 72, 44, 24, "档案主楼", "civic", wing=18),),
    ),
    Site(
        "mall",
        "云集广场商场",
        "Yunji Mall",
        "8.7",
        Frame(532, 346, -3.0),
        138,
        72,
        {"shop": "mall"},
        "",
        (
            Door("mall-1", "N", 56.5, 3, "一号门"),
            Door("mall-2", "N", 69, 3, "二号门"),
            Door("mall-3", "N", 81.5, 3, "三号门"),
            Door("mall-v", "E", 24, 7, "地下车库口（车行）", vehicle=True),
        ),
        height_m=24,
    ),
    Site(
        "telecom",
        "澄川电信营业厅",
        "Chengchuan Telecom Shop",
        "8.4",
        Frame(696, 352, -3.0),
        40,
        58,
        {"office": "telecommunication"},
        "",
        (Door("telecom", "N", 20, 3, "营业厅大门"),),
        height_m=30,
    ),
    Site(
        "zhuxi",
        "竹溪花园",
        "Zhuxi Garden",
        "8.10",
        Frame(784, 224, 2.0),
        204,
        176,
        {"landuse": "residential", "residential": "gated"},
        "wall",
        (
            Door("zhuxi-v", "W", 60, 7, "西门（车行）", vehicle=True),
            Door("zhuxi-w", "W", 104, 3, "西门（人行）"),
            Door("zhuxi-n", "N", 100, 4, "北门（人行）"),
            Door("zhuxi-s", "S", 84, 3, "南门（人行）"),
        ),
        (
            *slabs((40, 106, 172), (132,), (24, 24), (78, 78, 66)),
            *slabs((46, 124), (22,), (58, 13), (33, 33), 4),
            *slabs((46, 124), (76,), (58, 13), (33, 36), 6),
            Block(10.5, 100, 5, 8, None, "自行车棚", "shed"),
        ),
        ways=(("service", ((0, 60), (14, 60), (110, 60), (190, 60))),),
    ),
)

NORTH_WEST = (
    Site(
        "museum",
        "沅澄博物馆",
        "Yuancheng Museum",
        "8.6",
        Frame(20, 492, 2.5),
        92,
        110,
        {"tourism": "museum"},
        "fence",
        (
            Door("museum-s", "S", 46, 6, "南门（人行）"),
            Door("museum-v", "E", 74, 6, "东门（车行）", vehicle=True),
        ),
        (Block(18, 30, 56, 52, 20, "博物馆主馆", "museum", wing=16),),
    ),
    Site(
        "library",
        "澄川图书馆",
        "Chengchuan Library",
        "8.5",
        Frame(156, 500, 1.5),
        60,
        56,
        {"amenity": "library"},
        "",
        (Door("library", "S", 30, 4, "正门"),),
        height_m=22,
    ),
    Site(
        "wenxin",
        "文馨里住宅",
        "Wenxin Li",
        "",
        Frame(152, 576, 1.5),
        76,
        108,
        {},
        "",
        (),
        (
            Block(4, 6, 64, 13, 18, "文馨里1号楼", "apartments"),
            Block(4, 40, 64, 13, 18, "文馨里2号楼", "apartments"),
            Block(4, 74, 64, 13, 21, "文馨里3号楼", "apartments"),
        ),
    ),
    Site(
        "liupu",
        "柳浦里住宅",
        "Liupu Li",
        "",
        Frame(16, 622, 2.0),
        98,
        64,
        {},
        "",
        (),
        (
            Block(4, 6, 84, 13, 18, "柳浦里1号楼", "apartments"),
            Block(4, 40, 84, 13, 21, "柳浦里2号楼", "apartments"),
        ),
    ),
    Site(
        "square",
        "澄川广场",
        "Chengchuan Square",
        "8.7",
        Frame(268, 500, -1.0),
        112,
        92,
        {"place": "square"},
        "",
        (Door("square-s", "S", 76, 8, "南入口"), Door("square-w", "W", 46, 6, "西入口")),
    ),
    Site(
        "government",
        "青岚区政务中心",
        "Qinglan Government Centre",
        "8.1",
        Frame(264, 612, -1.5),
        222,
        66,
        {"amenity": "townhall", "office": "government"},
        "wall",
        (
            Door("government-s", "S", 60, 5, "南门（人行）"),
            Door("government-v", "N", 140, 7, "北门（车行）", vehicle=True),
            Door("government-w", "W", 34, 3, "西门（人行）"),
        ),
        (
            Block(36, 22, 90, 20, 45, "政务主楼", "government"),
            Block(156, 14, 48, 16, 24, "政务服务大厅", "government"),
            Block(156, 40, 48, 14, 18, "会议楼", "government"),
        ),
    ),
    Site(
        "press",
        "青岚日报社",
        "Qinglan Daily",
        "8.1",
        Frame(398, 505, -2.5),
        78,
        34,
        {"office": "newspaper"},
        "",
        (Door("press", "S", 39, 3, "正门"),),
        height_m=40,
    ),
    Site(
        "culture",
        "群艺楼",
        "Arts house",
        "",
        Frame(400, 552, -2.0),
        76,
        40,
        {},
        "",
        (),
        height_m=18,
    ),
)

NORTH_EAST = (
    Site(
        "coach",
        "青岚汽车客运站",
        "Qinglan Coach Station",
        "8.2a",
        Frame(536, 482, -3.4),
        116,
        96,
        {"amenity": "bus_station"},
        "fence",
        (
            Door("coach-in", "S", 34, 5, "进站口"),
            Door("coach-out", "S", 82, 5, "出站口"),
            Door("coach-v", "W", 70, 8, "班车出入口（车行）", vehicle=True),
        ),
        (Block(6, 22, 104, 22, 15, "候车大楼", "transportation"),),
    ),
    Site(
        "parking",
        "客运站社会停车场",
        "Station Car Park",
        "8.7",
        Frame(676, 474, -3.4),
        64,
        92,
        {"amenity": "parking", "access": "yes"},
        "fence",
        (
            Door("parking-s", "S", 30, 3, "南门（人行）"),
            Door("parking-in", "E", 28, 6, "入口（车行）", vehicle=True),
            Door("parking-out", "E", 62, 6, "出口（车行）", vehicle=True),
        ),
    ),
    Site(
        "dongjiao",
        "东郊公寓",
        "Dongjiao apartments",
        "",
        Frame(540, 592, -1.0),
        206,
        96,
        {},
        "",
        (),
        (
            Block(4, 8, 26, 24, 66, "东郊公寓1号楼", "apartments"),
            Block(48, 8, 26, 24, 66, "东郊公寓2号楼", "apartments"),
            Block(92, 8, 26, 24, 54, "东郊公寓3号楼", "apartments"),
            Block(140, 8, 58, 13, 18, "东郊公寓4号楼", "apartments"),
            Block(4, 62, 84, 14, 24, "柳浦商务楼", "office"),
            Block(104, 60, 40, 26, 33, "柳浦宾馆", "hotel"),
            Block(156, 60, 42, 14, None, "东郊旧厂房", "industrial"),
        ),
    ),
    Site(
        "project",
        "国家重点工程青岚项目部",
        "National Project Office Qinglan",
        "8.9",
        Frame(786, 467, -3.4),
        92,
        68,
        {},
        "wall",
        (Door("project-s", "S", 46, 5, "南门（人行）"),),
        (
            Block(16, 28, 60, 16, 15, "项目办公楼", "office"),
            Block(60, 48, 24, 12, 8, "材料试验室", "industrial"),
        ),
    ),
    Site(
        "cdc",
        "青岚疾控中心",
        "Qinglan Disease Control Centre",
        "8.8",
        Frame(898, 460, -3.4),
        86,
        66,
        {"healthcare": "laboratory"},
        "wall",
        (
            Door("cdc-s", "S", 24, 3, "南门（人行）"),
            Door("cdc-v", "S", 62, 6, "南门（车行）", vehicle=True),
        ),
        (Block(16, 26, 56, 24, 18, "检验楼", "civic"),),
    ),
    Site(
        "exchange",
        "青岚通信枢纽楼",
        "Qinglan Exchange",
        "8.4",
        Frame(794, 582, -0.5),
        58,
        40,
        {"telecom": "exchange"},
        "",
        (Door("exchange", "S", 29, 3, "正门"),),
        height_m=36,
    ),
    Site(
        "yunfan",
        "云帆家园",
        "Yunfan Homes",
        "",
        Frame(868, 578, -4.0),
        122,
        96,
        {},
        "",
        (),
        (*slabs((4, 70), (6, 40, 74), (50, 13), (33, 33, 24, 18)),),
    ),
)

RIVERSIDE = (
    Site(
        "park",
        "沅澄河滨公园",
        "Yuancheng Riverside Park",
        "8.7",
        Frame(40, 727, 2.0),
        296,
        60,
        {"leisure": "park"},
        "fence",
        (Door("park-w", "S", 48, 5, "西入口"), Door("park-e", "S", 246, 5, "东入口")),
        (Block(138, 40, 14, 10, 6, "听澜亭", "pavilion"),),
        ways=(
            ("footway", ((48, 0), (48, 28))),
            ("footway", ((48, 28), (246, 28))),
            ("footway", ((246, 28), (246, 0))),
        ),
    ),
    Site(
        "boathouse",
        "柳浦公共卫生间",
        "Liupu toilets",
        "",
        Frame(420, 724, -2.0),
        10,
        7,
        {"amenity": "toilets"},
        "",
        (),
        height_m=3.8,
    ),
    Site(
        "eastbank",
        "东岸商铺",
        "East bank shops",
        "",
        Frame(560, 724, 0.5),
        190,
        24,
        {},
        "",
        (),
        (
            Block(4, 4, 54, 14, 9, "东岸商铺一", "retail"),
            Block(66, 4, 54, 14, 9, "东岸商铺二", "retail"),
            Block(130, 4, 50, 14, 9, "东岸商铺三", "retail"),
        ),
    ),
    Site(
        "eastbank2",
        "桥东住宅",
        "Qiaodong homes",
        "",
        Frame(784, 712, -6.0),
        200,
        50,
        {},
        "",
        (),
        (
            Block(4, 4, 58, 13, 18, "桥东1号楼", "apartments"),
            Block(72, 4, 58, 13, 18, "桥东2号楼", "apartments"),
            Block(140, 4, 52, 13, 18, "桥东3号楼", "apartments"),
        ),
    ),
    Site(
        "water",
        "沅澄水厂",
        "Yuancheng Water Works",
        "8.3",
        Frame(40, 954, -8.0),
        146,
        66,
        {"man_made": "water_works"},
        "wall",
        (
            Door("water-v", "S", 96, 6, "南门（车行）", vehicle=True),
            Door("water-s", "S", 40, 3, "南门（人行）"),
        ),
        (
            Block(12, 40, 40, 16, 9, "送水泵房", "industrial"),
            Block(62, 36, 26, 20, 6, "沉淀池", "industrial"),
            Block(100, 36, 34, 20, 6, "滤池", "industrial"),
        ),
    ),
    Site(
        "northbank",
        "北岸新村",
        "Beian New Village",
        "",
        Frame(250, 934, 0.0),
        260,
        100,
        {},
        "",
        (),
        (
            *slabs((4, 74, 144), (8, 44, 78), (56, 13), (18, 18, 24)),
            Block(214, 10, 30, 24, 60, "北岸新村10号楼", "apartments"),
            Block(214, 62, 30, 24, 60, "北岸新村11号楼", "apartments"),
        ),
    ),
    Site(
        "expo",
        "青岚会展中心",
        "Qinglan Exhibition Centre",
        "8.11",
        Frame(600, 934, -5.0),
        168,
        78,
        {"amenity": "exhibition_centre"},
        "",
        (Door("expo-1", "S", 50, 5, "一号门"), Door("expo-2", "S", 118, 5, "二号门")),
        height_m=26,
    ),
    Site(
        "northeast",
        "河湾公寓",
        "Hewan apartments",
        "",
        Frame(820, 912, -7.0),
        170,
        100,
        {},
        "",
        (),
        (*slabs((4, 66, 128), (20, 62), (40, 14), (33, 42, 33)),),
    ),
)

SITES = SOUTH + MIDDLE_WEST + MIDDLE_EAST + NORTH_WEST + NORTH_EAST + RIVERSIDE
