"""Words that people write for the closed lists of values, in Chinese and English."""

from __future__ import annotations

from civicsight.io.tables.lexicon import Words, joined_values

VALUES: Words = joined_values(
    {
        "kind": {
            "fixed": (
                "bullet",
                "box",
                "turret",
                "turret camera",
                "bullet camera",
                "box camera",
                "fixed camera",
                "gun",
                "枪机",
                "枪式",
                "筒机",
                "固定",
                "固定枪机",
                "卡口",
                "电警",
                "人脸抓拍",
                "抓拍",
                "高清枪机",
                "网络枪机",
                "枪型",
                "枪型摄像机",
            ),
            "dome": ("dome camera", "mini dome", "半球", "半球机", "半球型", "半球摄像机"),
            "ptz": (
                "ball",
                "ptz camera",
                "speed dome",
                "panning",
                "球机",
                "球型",
                "云台",
                "快球",
                "高速球",
                "高清球机",
                "网络球机",
                "球型摄像机",
                "遥控枪机",
                "遥控半球",
            ),
            "panorama": (
                "panoramic",
                "360 camera",
                "panoramic camera",
                "全景",
                "全景机",
                "多目全景",
            ),
            "fisheye": ("鱼眼", "鱼眼机"),
            "multi_head": ("multi", "multi sensor", "多目", "多目拼接", "分割"),
            "unknown": ("未知", "不详"),
        },
        "mount": {
            "wall": ("facade", "building", "墙", "墙装", "壁装", "附墙", "墙壁", "壁挂", "墙面"),
            "pole": (
                "mast",
                "street lamp",
                "立杆",
                "杆",
                "杆装",
                "借杆",
                "灯杆",
                "立杆安装",
                "抱杆",
                "监控杆",
            ),
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
    }
)
"""Words for the closed lists of values, by column."""
