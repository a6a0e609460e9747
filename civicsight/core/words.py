"""What people write for yes and no, and between the entries of a list.

A module of its own, because Chinese stands in modules of words alone.
"""

from __future__ import annotations

from typing import Final

TRUE_WORDS: Final = frozenset(
    {"true", "t", "yes", "y", "on", "1", "1.0", "是", "有", "可用", "在用", "在线", "完好", "需要"}
    | {"√", "✓", "✔"}
)

FALSE_WORDS: Final = frozenset(
    {"false", "f", "no", "n", "off", "0", "0.0", "否", "无", "不可用", "停用", "离线", "损坏"}
    | {"不需要", "×", "✗", "✕"}
)

LIST_COMMA: Final = "、"
"""Comma between the entries of a list."""
