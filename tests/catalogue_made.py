"""Made catalogues of GB/T 28181: written here by hand, not by the product's own writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

SYSTEM = "36010300002000000001"
SECRETS = {
    "Address": "SECRET-STREET-7",
    "IPAddress": "10.66.77.88",
    "Port": "59661",
    "Password": "SECRET-PASSWORD",
    "CertNum": "SECRET-CERTIFICATE",
    "Certifiable": "SECRET-CERTIFIABLE",
    "EndTime": "2031-SECRET",
    "Owner": "SECRET-OWNER",
}
INNER_SECRETS = {"MAC": "AA-BB-CC-DD-EE-0F", "ContactInfo": "13987654321"}

CLASS_1 = {
    "DeviceID": "36010300001320000001",
    "Name": "八一广场东门",
    "Manufacturer": "Hikvision",
    "Model": "DS-2CD3T46",
    "CivilCode": "360103",
    "Block": "3601",
    "Parental": "0",
    "ParentID": SYSTEM,
    "RegisterWay": "1",
    "SecurityLevelCode": "B",
    "Secrecy": "0",
    "Status": "ON",
    "Longitude": "115.89921",
    "Latitude": "28.67433",
    "BusinessGroupID": "36010300002150000001",
}
INFO_1 = {
    "PTZType": "3",
    "PhotoelectricImagingType": "1/2",
    "CapturePositionType": "1010203",
    "RoomType": "1",
    "SupplyLightType": "1",
    "DirectionType": "6",
    "Resolution": "6",
    "HorizontalFieldAngle": "86.5",
    "VerticalFieldAngle": "47",
    "MaxViewDistance": "80",
    "GrassrootsCode": "000000",
    "PointType": "1",
    "PointCommonName": "老四",
    "FunctionType": "01/03",
    "EncodeType": "2",
    "InstallTime": "2024-05-06T07:08:09",
    "ManagementUnit": "西湖分局",
    "RecordSaveDays": "90",
    "IndustrialClassification": "N78",
}


def item(outer: Mapping[str, str], inner: Mapping[str, str] | None = None) -> str:
    fields = "".join(f"<{name}>{escape(text)}</{name}>\n" for name, text in outer.items())
    if inner is not None:
        rows = "".join(f"<{name}>{escape(text)}</{name}>\n" for name, text in inner.items())
        fields += f"<Info>\n{rows}</Info>\n"
    return f"<Item>\n{fields}</Item>\n"


def answer(
    items: Iterable[str],
    *,
    encoding: str = "GB2312",
    num: int | None = None,
    total: int | None = None,
    declaration: bool = True,
) -> str:
    held = list(items)
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n' if declaration else ""
    count = len(held) if num is None else num
    return (
        f"{head}<Response>\n<CmdType>Catalog</CmdType>\n<SN>17</SN>\n"
        f"<DeviceID>{SYSTEM}</DeviceID>\n<SumNum>{len(held) if total is None else total}</SumNum>\n"
        f'<DeviceList Num="{count}">\n{"".join(held)}</DeviceList>\n</Response>\n'
    )


def camera(number: int = 1, **changes: str | None) -> str:
    """Return an item of class 1 with every secret in it; None takes a field away."""
    outer = {**CLASS_1, "DeviceID": f"3601030000132{number:07d}", **SECRETS}
    inner = {**INFO_1, **INNER_SECRETS}
    for name, text in changes.items():
        target = inner if name in INFO_1 or name in INNER_SECRETS or name[0] == "_" else outer
        target.pop(name, None)
        if text is not None:
            target[name.removeprefix("_")] = text
    return item(outer, inner)
