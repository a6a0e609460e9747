"""Words for the closed lists of values, and headers of a camera's record, Chinese and English."""

from __future__ import annotations

from typing import Final

from civicsight.io.tables.lexicon import Headers, Words, joined, joined_values

VALUES: Words = joined_values(
    {
        "kind": {
            "fixed": ("bullet", "box", "turret", "turret camera", "bullet camera", "box camera",
                      "fixed camera", "gun", "枪机", "枪式", "筒机", "固定", "固定枪机", "卡口",
                      "电警", "人脸抓拍", "抓拍", "高清枪机", "网络枪机", "枪型", "枪型摄像机"),
            "dome": ("dome camera", "mini dome", "半球", "半球机", "半球型", "半球摄像机"),
            "ptz": ("ball", "ptz camera", "speed dome", "panning", "球机", "球型", "云台", "快球",
                    "高速球", "高清球机", "网络球机", "球型摄像机", "遥控枪机", "遥控半球"),
            "panorama": ("panoramic", "360 camera", "panoramic camera", "全景", "全景机",
                         "多目全景"),
            "fisheye": ("鱼眼", "鱼眼机"),
            "multi_head": ("multi", "multi sensor", "多目", "多目拼接", "分割"),
            "unknown": ("未知", "不详"),
        },
        "mount": {
            "wall": ("facade", "building", "墙", "墙装", "壁装", "附墙", "墙壁", "壁挂", "墙面"),
            "pole": ("mast", "street lamp", "立杆", "杆", "杆装", "借杆", "灯杆", "立杆安装",
                     "抱杆", "监控杆"),
            "gate": ("gantry", "龙门架", "门", "门架"),
            "ceiling": ("吊装", "吸顶", "顶装"),
            "roof": ("rooftop", "屋顶", "楼顶"),
            "unknown": ("未知", "不详"),
        },
        "setting": {
            "outdoor": ("outdoors", "outside", "室外", "户外"),
            "indoor": ("indoors", "inside", "室内"),
            "unknown": ("未知", "不详"),
        },
        "status": {
            "existing": ("in use", "built", "operational", "现有", "已建", "在用", "正常", "建成"),
            "approved": ("已批准", "已批复", "批准"),
            "planned": ("plan", "proposed", "规划", "拟建", "新建", "待建"),
            "removed": ("dismantled", "拆除", "已拆除"),
        },
        "owner": {
            "government": ("public", "police", "政府", "公安", "政府自建"),
            "government_leased": ("leased", "政府租用", "租用", "租赁"),
            "non_government": ("private", "company", "社会", "社会单位", "企业", "非政府"),
            "unknown": ("未知", "不详"),
        },
        "standing": {
            "designated": ("已指定", "指定"),
            "confirmed": ("已确认", "确认"),
            "candidate": ("候选", "待定"),
        },
    },
)  # fmt: skip
"""Words for the closed lists of values, by column."""


RECORD_HEADERS: Final[Headers] = joined(
    {
        "setting_class": ("setting class", "场所性质", "公共场所类别"),
        "room_use": ("room use", "所在部位", "房间用途", "室内部位"),
        "necessity": ("necessity", "必要性说明", "必要性", "建设必要性"),
        "builder": ("builder", "建设主体类型", "建设主体性质"),
        "authority": ("authority", "主管公安机关", "属地公安机关", "管辖单位", "所属派出所"),
        "owner_unit": ("owner unit", "权属单位", "产权单位", "管理单位", "使用单位", "建设单位",
                       "management unit"),
        "installed_on": ("installed on", "安装日期", "安装时间", "建设日期", "install time"),
        "in_use_on": ("in use on", "投入使用日期", "启用日期", "启用时间", "投用日期"),
        "filed_on": ("filed on", "备案日期", "备案时间"),
        "retention_days": ("retention days", "保存天数", "录像保存天数", "存储天数", "保存期限"),
        "network_state": ("network state", "联网状态", "是否联网", "联网情况"),
        "interface_standard": ("interface standard", "接口标准", "联网接口", "接口协议",
                               "联网协议"),
        "standards": ("standards", "符合标准", "执行标准"),
        "capture_profile": ("capture profile", "采集质量", "采集要求"),
        "mask_plan": ("mask plan", "遮蔽方案", "隐私遮蔽", "隐私遮挡"),
        "secrecy": ("secrecy", "是否涉密", "涉密", "保密属性"),
        "key_target": ("key target", "反恐重点目标", "是否反恐重点目标"),
        "justification": ("justification", "重复建设理由", "建设理由"),
        "power": ("power", "具备供电", "供电条件", "是否有电"),
        "network": ("network", "具备传输", "传输条件", "网络条件"),
        "device_count": ("device count", "备案设备数量", "备案设备数"),
        "device_type": ("device type", "备案设备类型"),
        "filed_with": ("filed with", "备案机关", "备案公安机关", "受理备案机关"),
        "filing_changed": ("filing changed", "备案后是否变更", "备案事项是否变更"),
        "changed_on": ("changed on", "filing changed on", "备案事项变更日期", "备案变更日期"),
        "change_filed_on": ("change filed on", "变更备案日期", "备案更新日期"),
    },
    "records",
)  # fmt: skip
"""Columns of an inventory of cameras beside those of its geometry."""

RECORD_WORDS: Final[Words] = {
    "setting_class": {
        "listed_public": ("条例所列公共场所", "所列公共场所", "第七条场所", "列明场所"),
        "other_public": ("其他公共场所", "其他"),
        "non_public": ("非公共场所", "内部场所"),
    },
    "room_use": {
        "lobby": ("大堂", "大厅", "门厅"),
        "corridor": ("走廊", "走道", "过道"),
        "stairs": ("楼梯", "楼梯间", "电梯厅"),
        "reception": ("前台", "接待", "接待处"),
        "dining_hall": ("餐厅", "食堂"),
        "plant_room": ("机房", "设备间", "设备房"),
        "room": ("房间", "客房", "宿舍房间", "包间"),
        "other": ("其他",),
    },
    "builder": {
        "government_department": ("政府部门", "政府", "公安机关"),
        "responsible_operator": ("经营管理单位", "经营管理者", "运营单位"),
        "duty_holder": ("安全防范义务人", "负有安全防范义务者"),
        "other": ("其他",),
    },
    "network_state": {
        "connected": ("已联网", "联网", "已接入", "是", "yes"),
        "scheduled": ("计划联网", "待联网", "拟联网"),
        "not_connected": ("未联网", "未接入", "否", "no"),
    },
}
"""Words for the closed lists of a record."""
