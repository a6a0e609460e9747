"""Names that people give to the columns and values of registers, in Chinese and English.

Beside registers of places and obstacles: plans, documents, proposals, acceptance. Money has its own
words, `headers_of_money`. The first Chinese word of a column is the one that templates use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from civicsight.io.tables.lexicon import Headers, Words

PLAN_HEADERS: Headers = {
    "plan_id": ("plan id", "id", "规划编号", "编号", "序号"),
    "name": ("name", "规划名称", "名称"),
    "status": ("status", "规划状态", "状态"),
    "lead": ("lead", "牵头单位", "编制单位"),
    "co_departments": ("co departments", "会同部门", "参与部门"),
    "approved_on": ("approved on", "批准日期", "批复日期"),
    "approved_by": ("approved by", "批准机关", "批准单位", "审批机关", "批复单位"),
    "changed": ("changed", "批准后是否变更", "规划是否变更"),
    "changed_on": ("changed on", "规划变更日期", "变更日期"),
    "change_approved_on": ("change approved on", "变更批准日期", "变更批复日期"),
    "change_approved_by": ("change approved by", "变更批准机关", "变更批准单位"),
    "plan_date": ("plan date", "规划日期", "编制日期"),
    "inventory_date": ("inventory date", "底数日期", "现状调查日期", "台账日期"),
    "text": ("text", "规划正文", "招标文本", "正文"),
    "source": ("source", "数据来源", "来源"),
}
PLAN_WORDS: Words = {
    "status": {
        "draft": ("草案", "草稿", "编制中"),
        "joint_review": ("会审", "联审", "征求意见"),
        "submitted": ("已报批", "报批", "已提交"),
        "returned": ("退回", "退回修改"),
        "approved": ("已批复", "已批准", "批准"),
        "in_implementation": ("实施中", "正在实施", "实施"),
        "superseded": ("已被替代", "废止", "失效"),
    }
}

DOCUMENT_HEADERS: Headers = {
    "document_id": ("document id", "id", "文件编号", "编号", "序号"),
    "kind": ("kind", "文件类型", "类型", "材料类型"),
    "subject": ("subject", "对应编号", "对象编号", "涉及对象"),
    "department": ("department", "出具部门", "部门", "单位"),
    "dated_on": ("dated on", "文件日期", "日期", "出具日期"),
    "title": ("title", "文件名称", "文号", "标题"),
    "source": ("source", "数据来源", "来源"),
}
DOCUMENT_WORDS: Words = {
    "kind": {
        "consultation": ("征求意见", "意见函", "部门意见"),
        "coordination_record": ("协调记录", "协调纪要", "跨界协调"),
        "consent": ("同意函", "书面同意", "同意"),
        "sharing_list": ("共享清单", "资源共享清单"),
        "fleet_list": ("车船清单", "车辆清单", "移动载体清单"),
        "design_chapter": ("设计专章", "系统设计专章", "专项设计"),
        "design": ("设计文件", "设计"),
        "works": ("施工文件", "施工"),
        "inspection": ("检验报告", "检验", "检测报告"),
        "acceptance": ("验收记录", "验收", "验收报告"),
        "security_plan": ("安全管理制度", "安全方案"),
        "access_control": ("权限管理制度", "权限管理"),
        "access_log_rule": ("调取登记制度", "调阅登记"),
        "training": ("培训记录", "培训"),
    }
}

ANSWER_HEADERS: Headers = {
    "answer_id": ("answer id", "id", "答复编号", "编号", "序号"),
    "pack": ("pack", "规则包"),
    "rule": ("rule", "规则", "规则编号", "问题编号"),
    "subject": ("subject", "对应编号", "对象编号", "涉及对象"),
    "answer": ("answer", "结论", "答复", "处理结论"),
    "answered_by": ("answered by", "答复人", "签字人", "处理人"),
    "answered_on": ("answered on", "答复日期", "日期", "签字日期"),
    "reason": ("reason", "理由", "说明", "依据"),
}
ANSWER_WORDS: Words = {
    "answer": {
        "yes": ("是", "符合", "满足"),
        "no": ("否", "不符合", "不满足"),
        "waived": ("豁免", "不予追究", "免除"),
        "confirmed": ("确认", "属实"),
        "present": ("存在", "有"),
        "none_here": ("本地没有", "没有", "无"),
        "removed": ("取消", "撤除", "不再建设"),
        "shared": ("共用", "共享"),
        "justified": ("保留并说明理由", "有正当理由", "保留"),
    }
}

CONSENT_HEADERS: Headers = {
    "consent_id": ("consent id", "id", "编号", "序号"),
    "kind": ("kind", "区域类型", "类型"),
    "name": ("name", "名称", "单位名称"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}
CONSENT_WORDS: Words = {
    "kind": {
        "military": ("军事禁区", "军事管理区", "军事"),
        "secret_related": ("涉密单位", "涉密", "保密要害部位"),
    },
}  # fmt: skip

PAPER_HEADERS = (PLAN_HEADERS, DOCUMENT_HEADERS, ANSWER_HEADERS, CONSENT_HEADERS)


PROPOSAL_HEADERS: Mapping[str, tuple[str, ...]] = {
    "proposal_id": ("proposal id", "id", "申请编号", "编号", "序号", "设施编号", "许可编号"),
    "kind": ("kind", "设施类别", "设施类型", "类型", "type", "类别"),
    "name": ("name", "设施名称", "名称", "项目名称", "树种"),
    "height_m": ("height m", "顶部高度", "高度", "总高", "树高", "height", "top", "顶高"),
    "base_m": ("base m", "底部高度", "离地高度", "底高", "净空高度", "枝下高", "base",
               "min height", "crown base"),
    "summer": ("summer", "夏季透光率", "透光率", "通透率", "transmittance", "summer transmittance"),
    "winter": ("winter", "冬季透光率", "winter transmittance"),
    "height_growth_m": ("height growth m", "年增高", "每年增高", "年高生长量", "height growth"),
    "crown_growth_m": ("crown growth m", "冠幅半径年增长", "树冠年增长", "年冠幅生长量",
                       "crown growth"),
    "planned_on": ("planned on", "计划设置日期", "计划日期", "拟建日期", "开工日期", "date"),
    "width_m": ("width m", "宽度", "长度", "面宽", "width", "length"),
    "crown_m": ("crown m", "冠幅", "树冠直径", "外径", "crown diameter", "crown"),
    "facing_deg": ("facing deg", "朝向", "facing", "direction", "方位角"),
    "source": ("source", "数据来源", "来源", "申请人", "applicant"),
    "tags": ("tags",),
}  # fmt: skip
PROPOSAL_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "advert": ("广告牌", "户外广告", "户外广告牌", "大型广告牌", "灯箱", "电子屏", "led屏",
                   "显示屏", "宣传栏", "指示牌", "店招", "billboard", "advertising", "sign",
                   "screen"),
        "tree": ("树木", "树", "乔木", "行道树", "绿化树", "大树", "trees"),
        "pipeline": ("管线", "管道", "架空管线", "管廊", "电缆", "架空线", "pipe", "cable"),
        "building": ("建筑", "建筑物", "房屋", "楼", "临时建筑", "house"),
        "structure": ("构筑物", "其他设施", "立柱", "杆塔", "铁塔", "岗亭", "报刊亭", "候车亭",
                      "天桥", "围挡", "围墙", "雕塑", "其他", "other", "kiosk", "tower", "wall"),
    },
}  # fmt: skip


MEASURED_HEADERS: Headers = {
    "camera_id": ("camera id", "id", "设备编号", "摄像机编号", "点位编号", "编号"),
    "height_m": ("height m", "实测高度", "高度", "安装高度", "height"),
    "azimuth_deg": ("azimuth deg", "实测方位角", "方位角", "azimuth"),
    "tilt_deg": ("tilt deg", "实测俯角", "俯角", "tilt"),
    "hfov_deg": ("hfov deg", "实测水平视场角", "水平视场角", "hfov"),
    "chart_px_m": ("chart px m", "测试卡像素密度", "像素密度"),
    "chart_distance_m": ("chart distance m", "测试卡距离", "测试距离"),
    "blind_m": ("blind m", "盲区距离", "盲区"),
    "sign_up": ("sign up", "标识已设置", "标识", "提示标识"),
    "mask_set": ("mask set", "遮蔽已设置", "隐私遮蔽"),
    "night_ok": ("night ok", "夜间画面合格", "夜间合格"),
    "measured_on": ("measured on", "测量日期", "验收日期", "日期"),
    "measured_by": ("measured by", "测量人", "验收人"),
}

TREE_HEADERS: Final[Headers] = {
    "canopy_id": ("canopy id", "tree id", "id", "树木编号", "古树编号", "编号", "序号"),
    "kind": ("kind", "类型", "type", "类别"),
    "height_m": ("height m", "树高", "高度", "height", "tree height"),
    "base_m": ("base m", "枝下高", "枝下高度", "分枝点高", "crown base", "clear height"),
    "crown_m": ("crown m", "冠幅", "树冠直径", "crown", "crown diameter", "diameter crown",
                "spread"),
    "evergreen": ("evergreen", "常绿", "是否常绿"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}  # fmt: skip

TREE_WORDS: Final[Words] = {
    "kind": {
        "tree": ("树", "树木", "乔木", "行道树", "古树", "single tree"),
        "row": ("行列树", "树列", "tree row", "绿篱"),
        "wood": ("林地", "片林", "树林", "forest", "grove"),
    }
}


SHAPE_HEADERS: Headers = {
    "wkt": ("wkt", "边界", "几何", "图形", "范围坐标", "geometry", "geom", "the geom", "shape"),
    "location": ("location", "坐标", "经纬度", "经纬度坐标", "gps坐标", "位置坐标", "点位坐标",
                 "坐标点", "高德坐标", "百度坐标", "lonlat", "lnglat", "lon,lat", "lng,lat",
                 "经度,纬度", "经度纬度", "latlon", "latlng", "lat,lon", "lat,lng", "纬度,经度",
                 "纬度经度", "coordinates"),
}  # fmt: skip
"""Columns that hold a whole shape, or longitude and latitude in one cell."""

DISTRICT_HEADERS: Headers = {
    "district_id": ("district id", "id", "编号", "序号"),
    "code": ("code", "行政区划代码", "区划代码", "行政代码", "区划编码", "adcode", "ad code",
             "admin code", "gb t 2260", "代码", "pac", "xzqdm"),
    "name": ("name", "行政区名称", "名称", "行政区", "区县", "区县名称", "adname", "cname",
             "xzqmc"),
    "level": ("level", "行政级别", "级别", "等级"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}  # fmt: skip
DISTRICT_WORDS: Words = {
    "level": {
        "province": ("省级", "省", "自治区", "直辖市"),
        "city": ("地级", "市级", "市", "地级市"),
        "county": ("县级", "区县级", "区县", "县", "区", "district", "县级市"),
        "street": ("乡级", "乡镇级", "街道", "乡镇", "镇", "乡", "township", "subdistrict"),
        "other": ("其他", "开发区", "管委会"),
    }
}

PRIVATE_HEADERS: Headers = {
    "private_id": ("private id", "id", "编号", "序号"),
    "kind": ("kind", "场所类型", "类型", "type", "用途", "部位", "部位类型", "房间用途"),
    "name": ("name", "名称", "场所名称", "单位名称", "建筑名称"),
    "scope": ("scope", "涉及范围", "范围", "保护范围"),
    "from_floor": ("from floor", "起始楼层", "起始层", "最低楼层"),
    "to_floor": ("to floor", "终止楼层", "终止层", "最高楼层"),
    "floors": ("floors", "楼层", "所在楼层", "所在层", "floor"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}
PRIVATE_WORDS: Words = {
    "kind": {
        "dormitory": ("宿舍", "学生宿舍", "学生公寓", "职工宿舍", "员工宿舍", "集体宿舍", "休息室",
                      "dorm", "dormitories"),
        "lodging_room": ("旅馆客房", "客房", "宾馆客房", "酒店客房", "宾馆", "酒店", "旅馆",
                         "包间", "包房", "hotel room", "guest room", "hotel"),
        "bath": ("浴室", "公共浴室", "淋浴间", "洗浴场所", "桑拿", "shower", "baths", "sauna"),
        "changing_room": ("更衣室", "试衣间", "更衣间", "changing", "fitting room"),
        "toilet": ("卫生间", "厕所", "公共厕所", "公厕", "洗手间", "盥洗室", "toilets", "restroom",
                   "wc"),
        "other_private": ("其他隐私场所", "其他", "住宅", "病房", "哺乳室", "母婴室", "诊室",
                          "other", "home", "ward", "nursing room"),
    },
    "scope": {
        "whole_interior": ("全部室内", "整体", "整栋", "室内", "whole", "interior"),
        "interior_rooms": ("室内房间", "房间", "各房间", "rooms", "room"),
        "facade": ("外立面", "立面", "门窗", "窗户", "façade", "windows"),
    },
}  # fmt: skip
"""Words for the kinds of private places of Article 9 and how far they reach."""

SIGN_HEADERS: Headers = {
    "sign_id": ("sign id", "id", "编号", "标识编号", "标牌编号", "序号"),
    "facing_deg": ("facing deg", "朝向", "标识朝向", "facing", "direction", "方位角"),
    "approach": ("approach", "服务通道", "来向", "进入方向", "通道"),
    "camera_id": ("camera id", "对应摄像机编号", "摄像机编号", "摄像机", "camera", "点位编号"),
    "text": ("text", "标识内容", "内容", "文字", "文字内容"),
    "height_m": ("height m", "中心高度", "高度", "安装高度", "height"),
    "surveyed_on": ("surveyed on", "勘查日期", "调查日期", "采集日期", "surveyed", "date", "日期"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}

PROJECT_HEADERS: Headers = {
    "project_id": ("project id", "id", "项目编号", "编号", "项目代码", "序号"),
    "name": ("name", "项目名称", "名称", "工程名称"),
    "kind": ("kind", "建设性质", "项目类型", "工程性质", "type"),
    "authority": ("authority", "主管公安机关", "属地公安机关"),
    "system_required": ("system required", "是否需要建设系统", "是否应建", "应建系统"),
    "main_design_approved_on": ("main design approved on", "主体设计批准日期",
                                "主体工程设计批准日期", "主体设计批复日期"),
    "system_design_on": ("system design on", "系统设计日期", "视频系统设计日期", "技防设计日期"),
    "main_started_on": ("main started on", "主体开工日期", "主体工程开工日期"),
    "main_completed_on": ("main completed on", "主体竣工日期", "主体工程竣工日期", "主体完工日期"),
    "system_started_on": ("system started on", "系统施工开始日期", "系统开工日期",
                          "视频系统开工日期"),
    "system_completed_on": ("system completed on", "系统施工完成日期", "系统完工日期",
                            "视频系统完工日期"),
    "main_in_use_on": ("main in use on", "主体投入使用日期", "主体工程投入使用日期"),
    "system_in_use_on": ("system in use on", "系统投入使用日期", "视频系统投入使用日期",
                         "系统启用日期"),
    "acceptance_on": ("acceptance on", "竣工验收日期", "验收日期", "acceptance date"),
    "acceptance_result": ("acceptance result", "验收结果", "验收结论", "acceptance"),
    "police_attended": ("police attended", "公安机关是否参加验收", "公安是否参加", "公安机关参加"),
    "police_unit": ("police unit", "参加验收的公安机关", "验收公安机关"),
    "shares": ("shares", "可共用工程", "共用工程", "共建内容", "shared works"),
    "documents": ("documents", "档案材料", "材料", "文件", "附件", "papers"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}  # fmt: skip
PROJECT_WORDS: Words = {
    "kind": {
        "new": ("新建", "新建项目", "new build"),
        "rebuilt": ("改建", "改建项目", "改造", "rebuild"),
        "extended": ("扩建", "扩建项目", "改扩建", "extension"),
    },
    "acceptance_result": {
        "passed": ("合格", "通过", "验收合格", "pass", "ok"),
        "failed": ("不合格", "未通过", "fail"),
        "pending": ("待验收", "未验收", "整改中", "open"),
    },
    "shares": {
        "trench": ("管沟", "管道", "开挖", "trenching", "duct"),
        "pole": ("杆件", "立杆", "杆", "poles"),
        "both": ("管沟和杆件", "管沟与杆件", "管沟、杆件", "trench and pole"),
    },
}

OBSTACLE_HEADERS: Headers = {
    "obstacle_id": ("obstacle id", "id", "编号", "设施编号", "序号"),
    "kind": ("kind", "设施类型", "类型", "type", "障碍物类型"),
    "name": ("name", "名称", "设施名称"),
    "height_m": ("height m", "顶部高度", "高度", "总高", "height", "top", "顶高"),
    "base_m": ("base m", "底部高度", "离地高度", "底高", "净空高度", "base", "min height"),
    "width_m": ("width m", "宽度", "长度", "面宽", "width", "length"),
    "facing_deg": ("facing deg", "朝向", "facing", "direction", "方位角"),
    "diameter_m": ("diameter m", "直径", "diameter"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}
OBSTACLE_WORDS: Words = {
    "kind": {
        "panel": ("广告牌", "户外广告", "户外广告牌", "大型广告牌", "灯箱", "广告灯箱", "电子屏",
                  "led屏", "显示屏", "宣传栏", "指示牌", "标识牌", "标牌", "展板", "店招",
                  "billboard", "advertising", "advert", "screen"),
        "wall": ("围墙", "院墙", "墙", "墙体", "声屏障", "隔音墙", "noise barrier"),
        "fence": ("围栏", "围挡", "施工围挡", "栅栏", "护栏", "篱笆", "绿篱", "hoarding"),
        "structure": ("构筑物", "管线", "管道", "架空管线", "管廊", "电缆", "立柱", "广告柱",
                      "水塔", "铁塔", "塔", "雕塑", "烟囱", "岗亭", "报刊亭", "公交站亭", "候车亭",
                      "配电箱", "变电箱", "临时建筑", "天桥", "其他", "other", "pipeline", "pipe",
                      "column", "kiosk", "tower"),
    },
}  # fmt: skip
TREES = frozenset(
    {"树", "树木", "乔木", "行道树", "大树", "古树", "绿化树", "灌木", "tree", "trees", "树冠"}
)
"""Kinds that are crowns and no obstacles: a camera sees partly through them."""

SEE_THROUGH = frozenset(
    {"通透围栏", "通透式围墙", "铁艺围栏", "铁栏杆", "栏杆", "网围栏", "railing"}
)
"""Kinds of fences that a camera sees through."""

BARRIER_HEADERS: Headers = {
    "barrier_id": ("barrier id", "id", "编号", "围墙编号", "序号"),
    "kind": ("barrier", *OBSTACLE_HEADERS["kind"], "围墙类型"),
    "height_m": ("height m", "height", "高度", "墙高", "围墙高度"),
}
BARRIER_WORDS: Words = {
    "kind": {
        "wall": ("围墙", "院墙", "墙", "实体围墙", "砖墙", "city_wall", "retaining_wall"),
        "fence": ("围栏", "栅栏", "护栏", "栏杆", "铁艺围栏", "通透围栏", "围挡", "篱笆",
                  "wire_fence", "railing", "guard_rail", "handrail"),
        "hedge": ("绿篱", "树篱"),
    },
}  # fmt: skip

CLASS_HEADERS: Headers = {
    "amap": ("amap", "高德编码", "typecode", "type code", "amap code", "poi code", "高德分类编码"),
    "baidu": ("baidu", "百度分类", "std tag", "standard tag", "baidu tag", "百度行业分类", "tag"),
    "industry": ("industry", "行业代码", "国民经济行业代码", "gb t 4754", "gbt4754",
                 "industry code", "行业类别代码", "行业编码"),
    "item": ("item", "第八条类别", "条目", "article 8 item", "场所类别", "单位类别",
             "重点单位类别", "类别名称"),
    "kind": ("kind", "具体类型", "场所类型"),
}  # fmt: skip
"""Columns that say what a place is."""

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

NAME_HEADERS = ("type", "poitype", "amaptype", "高德分类", "类型", "类别", "分类", "poi类型",
                "poi分类")  # fmt: skip
"""Columns that may hold names of classes, in the form in which words are compared."""

ORDINALS = {word: number for number, word in enumerate((*"一二三四五六七八九十", "十一"), start=1)}
"""Chinese numerals of the items of Article 8."""

ITEM_AFFIXES = ("第八条", "第", "项", "类")
"""What may stand around the number of an item."""

LATITUDE_FIRST = ("lat", "纬")
"""What the header of two coordinates in one cell begins with where the latitude goes first."""

ALL_REGISTER_HEADERS: tuple[Headers, ...] = (SHAPE_HEADERS, CLASS_HEADERS, DISTRICT_HEADERS,
        PRIVATE_HEADERS, SIGN_HEADERS, PROJECT_HEADERS, OBSTACLE_HEADERS, PROPOSAL_HEADERS,
        TREE_HEADERS)  # fmt: skip
"""Every header of every register, by which the row of headers is found on a page."""
