"""Column names and words of what planning reads: papers, proposals, acceptance, funds, prices.

The first Chinese word of a column is the one that templates use.
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
        "approved": ("已批准", "批准", "已批复"),
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


FUND_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("year", "年度", "年份"),
    "district": ("district", "区县", "行政区", "县区", "辖区"),
    "budget_yuan": ("budget_yuan", "budget", "预算(元)", "资金(元)", "预算", "资金"),
    "floor": ("floor", "最低满足率", "最低达标率", "最低覆盖率"),
}
"""Headings by column; the first is the one that this project writes."""

WEIGHT_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "class": ("class", "类别", "场所类别", "条款项"),
    "weight": ("weight", "权重"),
}
"""The same of a table of weights."""


PRICE_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "item": ("item", "项目编码", "项目", "条目"),
    "unit": ("unit", "单位", "计量单位"),
    "price_yuan": ("price_yuan", "price", "单价(元)", "单价", "综合单价", "价格"),
    "source": ("source", "价格来源", "来源", "出处"),
    "date": ("date", "价格日期", "日期", "基准日期"),
    "basis": ("basis", "依据", "计价依据", "说明"),
}
"""Headers by column; the first is the one that this project writes."""
