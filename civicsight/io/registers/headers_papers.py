"""Names of the columns and values of plans, documents, answers and areas of consent."""

from __future__ import annotations

from civicsight.io.registers.headers import Headers, Words

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
    }
}

PAPER_HEADERS = (PLAN_HEADERS, DOCUMENT_HEADERS, ANSWER_HEADERS, CONSENT_HEADERS)
