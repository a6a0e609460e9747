"""Names that people give to the columns of an acceptance protocol."""

from __future__ import annotations

from civicsight.io.registers.headers import Headers

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
