"""Words of GB/T 28181: tags that hold an id.

A module of its own, because Chinese stands in modules of words alone.
"""

from __future__ import annotations

ID_TAGS = ("gb_id", "国标编码", "国标编号", "国标ID", "国标id", "GB28181编码", "gb28181_id")
"""Tags that hold it, the first that is filled counts."""
