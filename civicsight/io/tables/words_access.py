"""Words of headers over what no table may bring in: network, access and telephones."""

from __future__ import annotations

import re
from typing import Final

WHOLE: Final = frozenset(
    {"ip", "ipaddr", "ipaddress", "ipv4", "ipv6", "devip", "deviceip", "cameraip", "port",
     "ipport", "rtspport", "httpport", "sdkport", "user", "username", "login", "loginname",
     "mac", "macaddr", "macaddress", "gateway", "netmask", "subnetmask", "streamurl", "mainstream",
     "certnum", "certifiable", "contact", "contactinfo", "contactperson", "contactphone", "phone",
     "phoneno", "phonenumber", "tel", "telephone", "mobile", "mobilephone", "mac地址", "网关",
     "登录名", "取流地址", "视频流地址", "码流地址"}
)  # fmt: skip
"""Headers as `synonyms.normal` writes them."""

PARTS: Final = re.compile(
    r"password|passwd|pwd|rtsp|ip地址|密码|口令|端口|用户名|账号|帐号|子网掩码|联系人|联系方式|"
    r"联系电话|电话|手机|^(?:设备|摄像机|相机|网络)?ip$"
)
"""What makes a header one of these wherever it stands in it."""


def is_access(header: str) -> bool:
    """Tell whether a header, as `synonyms.normal` writes it, is over such a column.

    Examples
    --------
    >>> is_access("ipaddress"), is_access("camera_id")
    (True, False)
    """
    return header in WHOLE or PARTS.search(header) is not None
