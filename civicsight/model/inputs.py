"""The tables that come from outside: a city, what stands in it, and what registers say of it."""

from __future__ import annotations

from civicsight.core.column import (
    IDENTIFIER,
    Choice,
    day,
    flag,
    identifier,
    maybe,
    must,
    number,
    require_tables,
    text,
    thing,
)
from civicsight.core.errors import N_
from civicsight.core.table import Table
from civicsight.model.plan_tables import PROPOSALS
from civicsight.model.records import CAMERA_RECORD, RECORD_TABLES, TAGS

# A column is an entry of a few lines; the formatter would give each word one.
# fmt: off

POSITION = (
    must("lon", "deg", str(N_("Longitude")), -180, 180, heading=N_("Longitude WGS 84 [deg]"),
         headers="lon | lng | long | longitude | 经度 | 东经 | 经度坐标 | gps经度 | 点位经度 | "
                 "安装经度 | 所在经度 | 高德经度 | 百度经度"),
    must("lat", "deg", str(N_("Latitude")), -90, 90, heading=N_("Latitude WGS 84 [deg]"),
         headers="lat | latitude | 纬度 | 北纬 | 纬度坐标 | gps纬度 | 点位纬度 | 安装纬度 | "
                 "所在纬度 | 高德纬度 | 百度纬度"),
    number("x", "m", str(N_("Easting in metres")), heading=N_("Easting [m]"),
           headers="x | easting | x坐标 | 东坐标 | 横坐标"),
    number("y", "m", str(N_("Northing in metres")), heading=N_("Northing [m]"),
           headers="y | northing | y坐标 | 北坐标 | 纵坐标"),
    text("datum",
         str(N_("Geodetic system of longitude and latitude: WGS 84, CGCS2000, GCJ-02 or BD-09")),
         heading=N_("Datum"), example="WGS84",
         headers="datum | coordinate system | crs | 坐标系 | 坐标系统"),
)
"""Columns that say where a row of a file is, and in which geodetic system; no table keeps them."""

SHAPE = (
    text("wkt",
         str(N_("Shape as well-known text, longitude before latitude; instead of this table a "
                "vector layer of the areas with its other columns can be imported")),
         required=True,
         headers="wkt | 边界 | 几何 | 图形 | 范围坐标 | geometry | geom | the geom | shape"),
    text("location", str(N_("Both coordinates in one cell")),
         headers="location | 坐标 | 经纬度 | 经纬度坐标 | gps坐标 | 位置坐标 | 点位坐标 | 坐标点 | "
                 "高德坐标 | 百度坐标 | lonlat | lnglat | lon,lat | lng,lat | 经度,纬度 | "
                 "经度纬度 | latlon | latlng | lat,lon | lat,lng | 纬度,经度 | 纬度经度 | "
                 "coordinates"),
)
"""Columns that hold a whole shape, or longitude and latitude in one cell."""

CAMERAS = Table(
    "cameras",
    identifier("camera_id", heading=N_("Camera number"), example="0001",
               headers="camera id | id | device id | code | 编号 | 设备编号 | 设备编码 | "
                       "摄像机编号 | 摄像头编号 | 点位编号 | 国标编码 | number | no | 序号"),
    "Point",
    (
        text("name", "Name of the camera", asked=True, heading=N_("Name"),
             example={"zh": "东门球机", "en": "East gate"},
             headers="name | camera name | 名称 | 设备名称 | 点位名称 | 摄像机名称 | 点位"),
        text("kind", "Build of the camera", asked=True, heading=N_("Kind"), example="ptz",
             headers="kind | type | camera type | build | 类型 | 摄像机类型 | 设备类型 | 结构形式",
             choices={
                 "fixed": Choice(N_("fixed"), "bullet | box | turret | turret camera | "
                                              "bullet camera | box camera | fixed camera | gun | "
                                              "枪机 | 枪式 | 筒机 | 固定 | 固定枪机 | 卡口 | "
                                              "电警 | 人脸抓拍 | 抓拍 | 高清枪机 | 网络枪机 | "
                                              "枪型 | 枪型摄像机 | 枪"),
                 "dome": Choice(N_("dome"), "dome camera | mini dome | 半球 | 半球机 | 半球型 | "
                                            "半球摄像机"),
                 "ptz": Choice(N_("turning (PTZ)"), "ball | ptz camera | speed dome | panning | "
                                                    "球机 | 球型 | 云台 | 快球 | 高速球 | "
                                                    "高清球机 | 网络球机 | 球型摄像机 | "
                                                    "遥控枪机 | 遥控半球 | 球 | 云台球机 | "
                                                    "云台摄像机 | 云台机"),
                 "panorama": Choice(N_("panorama"), "panoramic | 360 camera | panoramic camera | "
                                                    "全景 | 全景机 | 多目全景"),
                 "fisheye": Choice(N_("fisheye"), "鱼眼 | 鱼眼机"),
                 "multi_head": Choice(N_("several heads"), "multi | multi sensor | 多目 | "
                                                           "多目拼接 | 分割"),
                 "thermal": Choice(N_("thermal"), "thermal camera | thermal imager | "
                                                  "infrared thermal | 热成像 | 热像仪 | "
                                                  "热成像摄像机 | 红外热成像"),
                 "unknown": Choice(N_("unknown"), "未知 | 不详"),
             }),
        text("mount", "What carries it", heading=N_("Mount"), example="pole",
             headers="mount | mounting | camera mount | 安装方式 | 杆件类型 | 载体",
             choices={
                 "wall": Choice(N_("wall"), "facade | building | 墙 | 墙装 | 壁装 | 附墙 | "
                                            "墙壁 | 壁挂 | 墙面"),
                 "pole": Choice(N_("pole"), "mast | street lamp | 立杆 | 杆 | 杆装 | 借杆 | "
                                            "灯杆 | 立杆安装 | 抱杆 | 监控杆"),
                 "gate": Choice(N_("gate"), "gantry | 龙门架 | 门 | 门架"),
                 "ceiling": Choice(N_("ceiling"), "吊装 | 吸顶 | 顶装"),
                 "roof": Choice(N_("roof"), "rooftop | 屋顶 | 楼顶"),
                 "unknown": Choice(N_("unknown"), "未知 | 不详"),
             }),
        text("setting", "Indoors or outdoors", asked=True, heading=N_("Setting"), example="outdoor",
             headers="setting | indoor outdoor | room type | 室内外 | 安装位置类型",
             choices={
                 "outdoor": Choice(N_("outdoors"), "outdoors | outside | 室外 | 户外"),
                 "indoor": Choice(N_("indoors"), "indoors | inside | 室内"),
                 "unknown": Choice(N_("unknown"), "未知 | 不详"),
             }),
        text("status", "State in the plan", asked=True, shown=True, heading=N_("State"),
             example="existing",
             headers="status | state | 状态 | 建设状态",
             choices={
                 "existing": Choice(N_("existing"), "in use | built | operational | 现有 | "
                                                    "已建 | 在用 | 正常 | 建成"),
                 "approved": Choice(N_("approved"), "已批复 | 已批准 | 批准 | 在建 | 建设中 | "
                                                    "施工中"),
                 "planned": Choice(N_("planned"), "plan | proposed | 规划 | 拟建 | 新建 | 待建"),
                 "removed": Choice(N_("removed"), "dismantled | 拆除 | 已拆除"),
             }),
        number("height_m", "m", "Height of the lens above the ground", 0, 500, asked=True,
               heading=N_("Height [m]"), example="6",
               headers="height m | mounting height | 安装高度 | 架设高度 | 挂高 | 离地高度 | "
                       "height | 高度"),
        number("azimuth_deg", "deg", "Direction of view, clockwise from grid north", -360, 360,
               asked=True, heading=N_("Azimuth [deg]"), example="90",
               headers="azimuth deg | azimuth | bearing | heading | direction | camera direction | "
                       "方位角 | 方向 | 朝向 | 监控方向 | 水平角 | 镜头朝向 | 安装朝向 | "
                       "拍摄方向 | 监视方位 | 监控方位"),
        number("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90, asked=True,
               heading=N_("Tilt [deg]"), example="12",
               headers="tilt deg | tilt | pitch | 俯角 | 俯仰角 | 倾角 | 垂直角"),
        number("roll_deg", "deg", "Rotation about the axis of view", -180, 180,
               heading=N_("Roll [deg]"), example="0", headers="roll deg | roll | 横滚角"),
        number("hfov_deg", "deg", "Horizontal field of view", 0.1, 360, asked=True,
               heading=N_("Horizontal field [deg]"), example="60",
               headers="hfov deg | hfov | fov | horizontal fov | horizontal field of view | "
                       "水平视场角 | 水平视角 | 视场角"),
        number("vfov_deg", "deg", "Vertical field of view", 0.1, 360, asked=True,
               heading=N_("Vertical field [deg]"), example="36",
               headers="vfov deg | vfov | vertical fov | vertical field of view | 垂直视场角 | "
                       "垂直视角"),
        number("width_px", "px", "Horizontal pixels of the recorded stream", 1, 100_000, asked=True,
               heading=N_("Width [px]"), example="1920",
               headers="width px | horizontal pixels | 水平像素 | 图像宽度"),
        number("height_px", "px", "Vertical pixels of the recorded stream", 1, 100_000, asked=True,
               heading=N_("Height [px]"), example="1080",
               headers="height px | vertical pixels | 垂直像素 | 图像高度"),
        number("reach_m", "m", "Greatest distance at which the view is used", 0.1, 10_000,
               asked=True, heading=N_("Reach [m]"), example="80",
               headers="reach m | reach | range | range m | view distance | max view distance | "
                       "可视距离 | 监控距离 | 最大可视距离 | 有效距离"),
        number("near_m", "m", "Least distance in focus", 0, 1_000, heading=N_("Nearest focus [m]"),
               example="1", headers="near m | near | 最近距离 | 最近对焦距离"),
        number("night_reach_m", "m", "Range of its own light at night; 0: none", 0, 10_000,
               asked=True, heading=N_("Reach at night [m]"), example="30",
               headers="night reach m | night reach | ir range | 补光距离 | 夜视距离 | 红外距离"),
        number("detection_range_m", "m",
               "Range at which a thermal camera detects a person, by its data sheet", 0.1, 10_000,
               heading=N_("Range at which it detects a person [m]"), example="150",
               headers="detection range m | detection range | 探测距离 | 人员探测距离"),
        maybe("usable", "Whether it works and can be networked: true, false or unknown",
              heading=N_("Usable"), example="true",
              headers="usable | working | in use | 是否可用 | 是否在用 | 是否完好 | 在线"),
        text("purpose", "Purpose of the camera", asked=True, heading=N_("Purpose"),
             example={"zh": "出入口监控", "en": "Watching the gate"},
             headers="purpose | use | function | 用途 | 功能"),
        text("owner", "Owner: government, government_leased or non_government", asked=True,
             heading=N_("Owner"), example="government",
             headers="owner | owner type | ownership | 产权 | 产权类型 | 权属 | 建设主体",
             choices={
                 "government": Choice(N_("funded by the government"),
                     "public | police | 政府 | 公安 | 政府自建"),
                 "government_leased": Choice(N_("leased by the government"),
                     "leased | 政府租用 | 租用 | 租赁"),
                 "non_government": Choice(N_("not the government's"),
                     "private | company | 社会 | 社会单位 | 企业 | 非政府"),
                 "unknown": Choice(N_("unknown"), "未知 | 不详"),
             }),
        text("pole_id", "Pole that several heads share", asked=True, heading=N_("Pole"),
             example="G-12", headers="pole id | pole | 杆号 | 立杆编号 | 杆件编号"),
        *CAMERA_RECORD,
        text("source", "Where the record comes from", heading=N_("Source"),
             example={"zh": "2026年普查", "en": "survey of 2026"},
             headers="source | 来源 | 数据来源"),
        TAGS,
    ),
)

CAMERA_SOURCE = (
    number("count", "", str(N_("Number of cameras that the row stands for")), 0, 64,
           headers="number of cameras | camera count | cameras | 摄像机数 | 摄像头数 | "
                   "摄像机数量 | 摄像头数量 | 相机数 | 相机数量"),
    number("count_fixed", "", str(N_("Number of cameras of this build")), 0, 64,
           headers="count fixed | fixed cameras | bullets | 枪机数 | 枪机数量 | 固定枪机数量 | "
                   "枪机台数"),
    number("count_dome", "", str(N_("Number of cameras of this build")), 0, 64,
           headers="count dome | dome cameras | domes | 半球数 | 半球数量 | 半球机数量 | 半球台数"),
    number("count_ptz", "", str(N_("Number of cameras of this build")), 0, 64,
           headers="count ptz | ptz cameras | 球机数 | 球机数量 | 球机台数 | 云台数量"),
    number("count_panorama", "", str(N_("Number of cameras of this build")), 0, 64,
           headers="count panorama | panoramic cameras | 全景数量 | 全景机数量"),
    number("direction_code", "", str(N_("Direction by DirectionType of GB/T 28181")), 0, 9,
           headers="direction type | 监视方位代码 | 监控方位代码 | 方位代码"),
    number("kind_code", "", str(N_("Build by PTZType of GB/T 28181")), 0, 99,
           headers="ptz type | 摄像机类型代码 | 摄像机类型编码 | 摄像机结构类型代码"),
    number("altitude_m", "m", str(N_("Altitude of the lens above the sea")), -500, 9_000,
           headers="altitude m | altitude | 海拔 | 海拔高度 | 高程 | above sea level"),
    number("focal_mm", "mm", str(N_("Focal length")), 0.1, 5_000,
           headers="focal mm | focal length | focal length mm | 焦距 | 镜头焦距"),
    number("sensor_mm", "mm", str(N_("Width of the sensor")), 0.5, 100,
           headers="sensor mm | sensor width | sensor width mm | 靶面宽度 | 传感器宽度"),
    text("resolution", str(N_("Picture size, such as 1920x1080 or 1080P")),
         headers="resolution | 分辨率 | 像素"),
    text("condition", str(N_("State of the device")),
         headers="condition | device status | 设备状态 | 设备状况 | 运行状态 | 工作状态 | 在线状态",
         choices={
             "working": "normal | ok | online | 正常 | 完好 | 良好 | 在用 | 在线 | 启用 | 运行 | "
                        "运行中 | 正常运行",
             "broken": "faulty | damaged | offline | 损坏 | 已损坏 | 故障 | 离线 | 停用 | 异常 | "
                       "维修 | 维修中 | 待修 | 报修",
             "in_building": "under construction | 在建 | 建设中 | 施工中 | 安装中 | 调试中 | "
                            "待验收",
             "removed": "scrapped | 拆除 | 已拆除 | 报废 | 已报废",
         }),
    number("pan_min_deg", "deg", str(N_("Least pan")), -720, 720,
           headers="pan min | pan min deg | 最小水平角"),
    number("pan_max_deg", "deg", str(N_("Greatest pan")), -720, 720,
           headers="pan max | pan max deg | 最大水平角"),
    number("tilt_min_deg", "deg", str(N_("Least tilt")), -180, 180,
           headers="tilt min | tilt min deg | 最小俯仰角"),
    number("tilt_max_deg", "deg", str(N_("Greatest tilt")), -180, 180,
           headers="tilt max | tilt max deg | 最大俯仰角"),
)
"""Columns of an inventory that its table has no place for, and that other columns follow from."""

BUILDINGS = Table(
    "buildings",
    identifier("building_id", heading=N_("Building number")),
    "Polygon",
    (
        must("height_m", "m", "Top above the ground at the foot", 0, 1_000),
        number("base_m", "m", "Underside above the ground; 0 for a building that stands on it", 0,
               1_000),
        flag("height_assumed", "Whether the height is a default"),
        text("height_source", "What the height was read from",
             ("height", "levels", "surface", "filled", "default")),
        text("kind", "Kind of building, as the source names it",
             example={"zh": "school", "en": "school"},
             headers="building | kind | building type | type | class | use | 类型 | 用途 | "
                     "建筑类型 | 建筑用途"),
        text("name", "Name of the building", example={"zh": "教学楼", "en": "Teaching block"},
             headers="name | 名称 | 建筑名称 | 楼名 | names | names primary | @name"),
        number("built_from", "year", "First year in which it stands", 1_000, 3_000, example="2028",
               headers="built from | stands from | 建成年份 | 启用年份"),
        number("removed_by", "year", "First year in which it no longer stands", 1_000, 3_000,
               example="2098", headers="removed by | demolished in | 拆除年份"),
        thing("tags", "What the source said, as text by key"),
    ),
)

BUILDING_SOURCE = (
    text("id", IDENTIFIER, example="J-001",
         headers="osm id | osmid | id | building id | gml id | fid | objectid | 编号 | 建筑编号"),
    number("height", "m", str(N_("Top above the ground at the foot")), 0, 1_000, example="18",
           headers="height | height m | building height | bldg height | hgt | measured height | "
                   "elevation m | 高度 | 建筑高度 | 楼高 | 房高 | height ft | height feet | "
                   "building height ft | bldg height ft | height roof ft"),
    number("building:levels", "", str(N_("Storeys above the ground")), 0, 200, example="6",
           headers="building levels | levels | floors | floor | num floors | storeys | stories | "
                   "层数 | 楼层 | 楼层数 | 总层数 | 地上层数"),
    number("roof:levels", "", str(N_("Storeys in the roof")), 0, 200, headers="roof levels"),
    number("roof:height", "m", str(N_("Height of the roof alone")), 0, 1_000,
           headers="roof height"),
    number("min_height", "m",
           str(N_("Underside above the ground; 0 for a building that stands on it")), 0, 1_000,
           example="0", headers="min height | base height | 底高"),
    number("building:min_level", "", str(N_("Storeys that are left out below it")), 0, 200,
           headers="building min level | min level"),
    text("coarse kind", str(N_("Kind, where no finer one is given")), headers="subtype"),
    text("underground", str(N_("Whether it lies below the ground")),
         headers="is underground | underground | 地下"),
)
"""Attributes of a layer of buildings from which its table is made, in OSM's names; among their
headers are some in feet, and those of Overture Maps. A greater height or count is a slip."""

OBSTACLES = Table(
    "obstacles",
    identifier("obstacle_id", example="Z-001", headers="obstacle id | id | 编号 | 设施编号 | 序号"),
    "Any",
    (
        text("kind", "What it is", example="panel",
             headers="kind | 设施类型 | 类型 | type | 障碍物类型",
             choices={
                 "wall": "围墙 | 院墙 | 墙 | 墙体 | 声屏障 | 隔音墙 | noise barrier",
                 "fence": "围栏 | 围挡 | 施工围挡 | 栅栏 | 护栏 | 篱笆 | 绿篱 | hoarding",
                 "panel": "广告牌 | 户外广告 | 户外广告牌 | 大型广告牌 | 灯箱 | 广告灯箱 | "
                          "电子屏 | led屏 | 显示屏 | 宣传栏 | 指示牌 | 标识牌 | 标牌 | 展板 | "
                          "店招 | billboard | advertising | advert | screen",
                 "structure": "构筑物 | 管线 | 管道 | 架空管线 | 管廊 | 电缆 | 立柱 | 广告柱 | "
                              "水塔 | 铁塔 | 塔 | 雕塑 | 烟囱 | 岗亭 | 报刊亭 | 公交站亭 | "
                              "候车亭 | 配电箱 | 变电箱 | 临时建筑 | 天桥 | 其他 | other | "
                              "pipeline | pipe | column | kiosk | tower",
                 "unknown": "",
             }),
        must("height_m", "m", "Top above the ground", 0, 1_000),
        number("base_m", "m", "Underside above the ground, as a panel on legs", 0, 1_000,
               example="2.5",
               headers="base m | 底部高度 | 离地高度 | 底高 | 净空高度 | base | min height"),
        flag("height_assumed", "Whether the height is a default"),
        text("name", "Name of the obstacle",
             example={"zh": "路口广告牌", "en": "Billboard at the crossing"},
             headers="name | 名称 | 设施名称"),
        text("source", "Where the record comes from",
             example={"zh": "城管部门", "en": "urban management"},
             headers="source | 数据来源 | 来源"),
        TAGS,
    ),
)

LISTED_OBSTACLES = Table(
    OBSTACLES.name,
    OBSTACLES.identifier,
    OBSTACLES.shape,
    (
        *(column for column in OBSTACLES if column.name not in ("height_m", "height_assumed")),
        number("height_m", "m", str(N_("Top above the ground")), 0, 1_000, example="6",
               headers="height m | 顶部高度 | 高度 | 总高 | height | top | 顶高"),
        number("width_m", "m", str(N_("Width of a panel, or of a square structure")), 0.01, 1_000,
               example="6", headers="width m | 宽度 | 长度 | 面宽 | width | length"),
        number("diameter_m", "m", str(N_("Diameter of a round structure")), 0.01, 1_000,
               headers="diameter m | 直径 | diameter"),
        number("facing_deg", "deg", str(N_("Direction that a panel faces")), -360, 360,
               example="180", headers="facing deg | 朝向 | facing | direction | 方位角"),
    ),
)
"""What a register may say of an obstacle; its shape follows from it where only a point is given."""

CANOPIES = Table(
    "canopies",
    identifier("canopy_id", example="T-001",
               headers="canopy id | tree id | id | 树木编号 | 古树编号 | 编号 | 序号"),
    "Polygon",
    (
        text("kind", "What it is", ("tree", "row", "wood")),
        must("height_m", "m", "Top of the crown above the ground", 0, 150),
        number("base_m", "m", "Underside of the crown above the ground", 0, 150),
        number("summer", "", "Share of a sight line that passes with leaves", 0, 1),
        number("winter", "", "Share of a sight line that passes without leaves", 0, 1),
        flag("height_assumed", "Whether the height is a default"),
    ),
)

LISTED_TREES = Table(
    CANOPIES.name,
    CANOPIES.identifier,
    "Any",
    (
        text("kind", str(N_("What it is")), example="tree", headers="kind | 类型 | type | 类别",
             choices={
                 "tree": "树 | 树木 | 乔木 | 行道树 | 古树 | single tree",
                 "row": "行列树 | 树列 | tree row | 绿篱",
                 "wood": "林地 | 片林 | 树林 | forest | grove",
             }),
        number("height_m", "m", str(N_("Top of the crown above the ground")), 0, 150, example="9",
               headers="height m | 树高 | 高度 | height | tree height"),
        number("base_m", "m", str(N_("Underside of the crown above the ground")), 0, 150,
               example="2.5",
               headers="base m | 枝下高 | 枝下高度 | 分枝点高 | crown base | clear height"),
        number("crown_m", "m", str(N_("Width of the crown")), 0.1, 60, example="6",
               headers="crown m | 冠幅 | 树冠直径 | crown | crown diameter | diameter crown | "
                       "spread"),
        maybe("evergreen", str(N_("Whether it keeps its leaves in winter")), example="true",
              headers="evergreen | 常绿 | 是否常绿"),
        text("source", str(N_("Where the record comes from")),
             example={"zh": "园林部门", "en": "parks department"},
             headers="source | 数据来源 | 来源"),
        TAGS,
    ),
)
"""What a register may say of a tree; the crown follows from it where only a point is given."""

ROADS = Table(
    "roads",
    identifier("road_id", heading=N_("Road")),
    "LineString",
    (
        text("kind", "OSM highway class", required=True),
        text("name", "Name of the road"),
        flag("bridge", "Whether it is on a bridge"),
        flag("tunnel", "Whether it is in a tunnel"),
        thing("tags", "What the source said, as text by key"),
    ),
)

LAND_COVER = Table(
    "land_cover",
    identifier("land_id"),
    "Polygon",
    (
        text("kind", "What it is: shown on maps, and nothing computed from it", ("water", "green")),
        text("name", "Name of the water or the park"),
    ),
)

PLACES = Table(
    "places",
    identifier("place_id", example="X-001",
               headers="place id | id | code | 编号 | 场所编号 | 序号"),
    "Any",
    (
        text("name", "Name of the place", example={"zh": "第一中学", "en": "First Middle School"},
             headers="name | place | 名称 | 场所名称 | 单位名称"),
        thing("tags", "What the source said, as text by key", required=True, headers="tags"),
        text("amap", "AMap type code, six digits; several are separated by |", example="141202",
             headers="amap | 高德编码 | typecode | type code | amap code | poi code | "
                     "高德分类编码"),
        text("baidu", "Baidu class, two levels; several are separated by |",
             example={"zh": "教育培训;中学", "en": "教育培训;中学"},
             headers="baidu | 百度分类 | std tag | standard tag | baidu tag | 百度行业分类 | tag"),
        text("industry", "GB/T 4754 code", example="P8334",
             headers="industry | 行业代码 | 国民经济行业代码 | gb t 4754 | gbt4754 | "
                     "industry code | 行业类别代码 | 行业编码"),
        text("item",
             "Item of the law's list of places that a register gives it, by its number or name",
             example={"zh": "学校", "en": "8.5"},
             headers="item | 第八条类别 | 条目 | article 8 item | 场所类别 | 单位类别 | "
                     "重点单位类别 | 类别名称"),
        text("kind", "Kind within the item, such as school or square", example="education",
             headers="kind | 具体类型 | 场所类型"),
        text("standing", "Whether the class is settled", heading=N_("Standing"),
             example="designated", headers="standing | confirmation | 认定状态 | 认定",
             choices={
                 "designated": Choice(N_("designated by the authority"), "已指定 | 指定"),
                 "confirmed": Choice(N_("confirmed by a person"), "已确认 | 确认"),
                 "candidate": Choice(N_("candidate from map data"), "候选 | 待定"),
             }),
        text("source", "osm, amap or the name of the register",
             example={"zh": "教育局名录", "en": "register of schools"},
             headers="source | 来源 | 数据来源"),
    ),
)

ENTRANCES = Table(
    "entrances",
    identifier("entrance_id", heading=N_("Entrance number"), example="E-001",
               headers="entrance id | id | code | 编号 | 出入口编号 | 序号"),
    "Point",
    (
        text("kind", "main, yes, secondary, service, shop, exit, gate, parking_entrance ...",
             required=True, example={"zh": "main", "en": "main"},
             headers="kind | type | entrance | 类型 | 出入口类型"),
        text("name", "Name of the entrance", example={"zh": "南门", "en": "South gate"},
             headers="name | 名称 | 出入口名称"),
        flag("vehicle", "Whether vehicles pass", example="true",
             headers="vehicle | vehicles | for vehicles | 车行 | 是否车行 | 机动车"),
        flag("confirmed", "Whether a person confirmed it", heading=N_("Confirmed"), example="true",
             headers="confirmed | 是否确认 | 已确认"),
        number("width_m", "m", "Width of the opening", 0, 200, example="6",
               headers="width m | width | 宽度 | 净宽"),
        text("confirmed_by", "Who confirmed it", example={"zh": "李四", "en": "Li Si"},
             headers="confirmed by | 确认人"),
        day("confirmed_on", "Day of the confirmation", example="2026-08-10",
            headers="confirmed on | 确认日期"),
        text("basis", "On what the confirmation relies",
             example={"zh": "现场查看", "en": "seen on site"}, headers="basis | 确认依据"),
        text("source", "osm or the name of the register",
             example={"zh": "现场踏勘", "en": "site visit"}, headers="source | 来源 | 数据来源"),
        TAGS,
    ),
)

BARRIERS = Table(
    "barriers",
    identifier("barrier_id", headers="barrier id | id | 编号 | 围墙编号 | 序号"),
    "LineString",
    (
        text("kind", "wall, fence, hedge ...", required=True),
        number("height_m", "m", "Height above the ground", 0, 100),
    ),
)

LISTED_BARRIERS = Table(
    BARRIERS.name,
    BARRIERS.identifier,
    "Any",
    (
        text("kind", str(N_("What it is")), required=True,
             headers="barrier | kind | 设施类型 | 类型 | type | 障碍物类型 | 围墙类型",
             choices={
                 "wall": "围墙 | 院墙 | 墙 | 实体围墙 | 砖墙 | city_wall | retaining_wall",
                 "fence": "围栏 | 栅栏 | 护栏 | 栏杆 | 铁艺围栏 | 通透围栏 | 围挡 | 篱笆 | "
                          "wire_fence | railing | guard_rail | handrail",
                 "hedge": "绿篱 | 树篱",
             }),
        number("height_m", "m", str(N_("Top above the ground")), 0, 100,
               headers="height m | height | 高度 | 墙高 | 围墙高度"),
    ),
)
"""What a layer may say of a wall; one that is drawn as an area is its outline."""

DISTRICTS = Table(
    "districts",
    identifier("district_id", example="360102", headers="district id | id | 编号 | 序号"),
    "Polygon",
    (
        text("code", "GB/T 2260 code, six digits", required=True, example="360102",
             headers="code | 行政区划代码 | 区划代码 | 行政代码 | 区划编码 | adcode | ad code | "
                     "admin code | gb t 2260 | 代码 | pac | xzqdm"),
        text("name", "Name of the district", example={"zh": "东湖区", "en": "Donghu"},
             headers="name | 行政区名称 | 名称 | 行政区 | 区县 | 区县名称 | adname | cname | "
                     "xzqmc"),
        text("level", "Level of the administration", example="county",
             headers="level | 行政级别 | 级别 | 等级",
             choices={
                 "province": "省级 | 省 | 自治区 | 直辖市",
                 "city": "地级 | 市级 | 市 | 地级市",
                 "county": "县级 | 区县级 | 区县 | 县 | 区 | district | 县级市",
                 "street": "乡级 | 乡镇级 | 街道 | 乡镇 | 镇 | 乡 | township | subdistrict",
                 "other": "其他 | 开发区 | 管委会",
             }),
        text("source", "Where the record comes from",
             example={"zh": "民政部门（示例）", "en": "civil affairs (example)"},
             headers="source | 数据来源 | 来源"),
        TAGS,
    ),
)

PRIVATE_PLACES = Table(
    "private_places",
    identifier("private_id", example="S-001", headers="private id | id | 编号 | 序号"),
    "Any",
    (
        text("kind", "Kind of private place", required=True, example="dormitory",
             headers="kind | 场所类型 | 类型 | type | 用途 | 部位 | 部位类型 | 房间用途",
             choices={
                 "dormitory": "宿舍 | 学生宿舍 | 学生公寓 | 职工宿舍 | 员工宿舍 | 集体宿舍 | "
                              "休息室 | dorm | dormitories",
                 "lodging_room": "旅馆客房 | 客房 | 宾馆客房 | 酒店客房 | 宾馆 | 酒店 | 旅馆 | "
                                 "包间 | 包房 | hotel room | guest room | hotel",
                 "bath": "浴室 | 公共浴室 | 淋浴间 | 洗浴场所 | 桑拿 | shower | baths | sauna",
                 "changing_room": "更衣室 | 试衣间 | 更衣间 | changing | fitting room",
                 "toilet": "卫生间 | 厕所 | 公共厕所 | 公厕 | 洗手间 | 盥洗室 | toilets | "
                           "restroom | wc",
                 "other_private": "其他隐私场所 | 其他 | 住宅 | 病房 | 哺乳室 | 母婴室 | 诊室 | "
                                  "other | home | ward | nursing room",
             }),
        text("name", "Name of the place", example={"zh": "三号宿舍楼", "en": "Dormitory 3"},
             headers="name | 名称 | 场所名称 | 单位名称 | 建筑名称"),
        text("scope", "How far it reaches", example="interior_rooms",
             headers="scope | 涉及范围 | 范围 | 保护范围",
             choices={
                 "whole_interior": "全部室内 | 整体 | 整栋 | 室内 | whole | interior",
                 "interior_rooms": "室内房间 | 房间 | 各房间 | rooms | room",
                 "facade": "外立面 | 立面 | 门窗 | 窗户 | façade | windows",
             }),
        number("from_floor", "", "Lowest storey that it takes", -20, 300, example="1",
               headers="from floor | 起始楼层 | 起始层 | 最低楼层"),
        number("to_floor", "", "Highest storey that it takes", -20, 300, example="6",
               headers="to floor | 终止楼层 | 终止层 | 最高楼层"),
        text("source", "Where the record comes from",
             example={"zh": "学校提供", "en": "told by the school"},
             headers="source | 数据来源 | 来源"),
        TAGS,
    ),
)

PRIVATE_SOURCE = (
    text("floors", str(N_("Storeys in one cell, such as 1-6F")),
         headers="floors | 楼层 | 所在楼层 | 所在层 | floor"),
)
"""What a register of private places may say in place of the lowest and the highest storey."""

SIGNS = Table(
    "signs",
    identifier("sign_id", example="B-001",
               headers="sign id | id | 编号 | 标识编号 | 标牌编号 | 序号"),
    "Point",
    (
        number("facing_deg", "deg", "Direction it faces, clockwise from grid north", -360, 360,
               example="180", headers="facing deg | 朝向 | 标识朝向 | facing | direction | 方位角"),
        text("approach", "Approach that it serves",
             example={"zh": "南门入口", "en": "south approach"},
             headers="approach | 服务通道 | 来向 | 进入方向 | 通道"),
        text("camera_id", "Camera that it announces", example="0001",
             headers="camera id | 对应摄像机编号 | 摄像机编号 | 摄像机 | camera | 点位编号"),
        text("text", "What it says",
             example={"zh": "公共安全视频图像采集区域", "en": "Public-safety video in use"},
             headers="text | 标识内容 | 内容 | 文字 | 文字内容"),
        number("height_m", "m", "Height of its centre above the ground", 0, 50, example="2.2",
               headers="height m | 中心高度 | 高度 | 安装高度 | height"),
        day("surveyed_on", "Day on which it was seen", heading=N_("Surveyed on"),
            example="2026-03-01",
            headers="surveyed on | 勘查日期 | 调查日期 | 采集日期 | surveyed | date | 日期"),
        text("source", "Where the record comes from",
             example={"zh": "现场踏勘", "en": "site visit"}, headers="source | 数据来源 | 来源"),
        TAGS,
    ),
)

PROJECTS = Table(
    "projects",
    identifier("project_id", example="P-001",
               headers="project id | id | 项目编号 | 编号 | 项目代码 | 序号"),
    "Any",
    (
        text("name", "Name of the project", example={"zh": "新校区工程", "en": "New campus"},
             headers="name | 项目名称 | 名称 | 工程名称"),
        text("kind", "Kind of works", asked=True, example="new",
             headers="kind | 建设性质 | 项目类型 | 工程性质 | type",
             choices={
                 "new": "新建 | 新建项目 | new build",
                 "rebuilt": "改建 | 改建项目 | 改造 | rebuild",
                 "extended": "扩建 | 扩建项目 | 改扩建 | extension",
             }),
        text("authority", "Competent police organ", asked=True,
             example={"zh": "东湖区公安分局", "en": "Donghu District Public Security Sub-bureau"},
             headers="authority | 主管公安机关 | 属地公安机关"),
        maybe("system_required", "Whether it needs a video system: true, false or unknown",
              asked=True, example="true",
              headers="system required | 是否需要建设系统 | 是否应建 | 应建系统"),
        day("main_design_approved_on", "Day on which the design of the main works was approved",
            asked=True, past=True, example="2025-05-20",
            headers="main design approved on | 主体设计批准日期 | 主体工程设计批准日期 | "
                    "主体设计批复日期"),
        day("system_design_on", "Day of the design of the video system", asked=True,
            example="2025-05-10",
            headers="system design on | 系统设计日期 | 视频系统设计日期 | 技防设计日期"),
        day("main_started_on", "Day on which the main works began", asked=True,
            example="2025-06-15", headers="main started on | 主体开工日期 | 主体工程开工日期"),
        day("main_completed_on", "Day on which the main works were completed", asked=True,
            example="2026-08-05",
            headers="main completed on | 主体竣工日期 | 主体工程竣工日期 | 主体完工日期"),
        day("system_started_on", "Day on which works on the video system began", asked=True,
            example="2026-03-02",
            headers="system started on | 系统施工开始日期 | 系统开工日期 | 视频系统开工日期"),
        day("system_completed_on", "Day on which works on the video system were completed",
            asked=True, example="2026-07-20",
            headers="system completed on | 系统施工完成日期 | 系统完工日期 | 视频系统完工日期"),
        day("main_in_use_on", "Day on which the main works were put into use", asked=True,
            example="2026-09-01",
            headers="main in use on | 主体投入使用日期 | 主体工程投入使用日期"),
        day("system_in_use_on", "Day on which the video system was put into use", asked=True,
            example="2026-08-20",
            headers="system in use on | 系统投入使用日期 | 视频系统投入使用日期 | 系统启用日期"),
        day("acceptance_on", "Day of the completion acceptance", asked=True, past=True,
            example="2026-08-10",
            headers="acceptance on | 竣工验收日期 | 验收日期 | acceptance date"),
        text("acceptance_result", "Result of the acceptance", asked=True, example="passed",
             headers="acceptance result | 验收结果 | 验收结论 | acceptance",
             choices={
                 "passed": "合格 | 通过 | 验收合格 | pass | ok",
                 "failed": "不合格 | 未通过 | fail",
                 "pending": "待验收 | 未验收 | 整改中 | open",
             }),
        maybe("police_attended", "Whether the police attended the acceptance", asked=True,
              example="true",
              headers="police attended | 公安机关是否参加验收 | 公安是否参加 | 公安机关参加"),
        text("police_unit", "Police organ that attended the acceptance", asked=True,
             example={"zh": "东湖区公安分局", "en": "Donghu District Public Security Sub-bureau"},
             headers="police unit | 参加验收的公安机关 | 验收公安机关"),
        text("shares", "What of its works a camera may share", example="trench",
             headers="shares | 可共用工程 | 共用工程 | 共建内容 | shared works",
             choices={
                 "trench": "管沟 | 管道 | 开挖 | trenching | duct",
                 "pole": "杆件 | 立杆 | 杆 | poles",
                 "both": "管沟和杆件 | 管沟与杆件 | 管沟、杆件 | trench and pole",
             }),
        text("documents", "Papers in the file, separated by semicolons",
             example={"zh": "设计文件;验收记录", "en": "design papers;minutes of acceptance"},
             headers="documents | 档案材料 | 材料 | 文件 | 附件 | papers"),
        text("source", "Where the record comes from",
             example={"zh": "住建部门", "en": "housing authority"},
             headers="source | 数据来源 | 来源"),
        TAGS,
    ),
    placed=False,
)

CITY_TABLES = (
    BUILDINGS,
    OBSTACLES,
    CANOPIES,
    ROADS,
    PLACES,
    ENTRANCES,
    BARRIERS,
    CAMERAS,
    DISTRICTS,
    PRIVATE_PLACES,
    SIGNS,
    PROJECTS,
    *RECORD_TABLES,
    PROPOSALS,
    LAND_COVER,
)
"""Tables of a city, in the order in which they are reported."""

require_tables([table.name for table in CITY_TABLES])
