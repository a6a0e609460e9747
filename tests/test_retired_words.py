"""Words that an office does not use are shown nowhere: in no sentence, rule or page of the docs.

The pairs are those of the glossary (`docs/glossary.zh-CN.md`); the law's own terms win, so words
that it uses itself are not among them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_i18n import catalogue

ROOT = Path(__file__).resolve().parent.parent
PACKS = sorted((ROOT / "civicsight/rules/packs").glob("*.yaml"))
PAGES = sorted([*(ROOT / "docs").rglob("*.zh-CN.md"), ROOT / "README.zh-CN.md"])

RETIRED = {
    "缺口": "覆盖盲区",
    "门卡": "大门、出入口",
    "无法判断": "资料不足，暂无法判定",
    "推定成立才算": "待核实",
    "最有利也不行": "未覆盖",
    "备选措施": "备选点位",
    "现有资源清单": "点位台账",
    "保持现状": "利旧",
    "原位更换": "更新改造",
    "遮罩": "隐私遮挡",
    "私密场所": "涉及公民个人隐私的场所和区域",
    "会签": "征求部门意见、联合审查",
    "报送": "报审",
    "摘要": "校验码",
    "来向": "进入方向",
    "最优性证明": "方案比选与测算说明",
}
"""What is not said, and what is said for it."""


@pytest.mark.parametrize("word", RETIRED)
def test_no_sentence_has_a_retired_word(word):
    assert not [text for text in catalogue().values() if word in text], RETIRED[word]


@pytest.mark.parametrize("word", RETIRED)
def test_no_rule_has_a_retired_word(word):
    assert PACKS
    said = {pack.name for pack in PACKS if word in pack.read_text(encoding="utf-8")}
    assert not said, RETIRED[word]


@pytest.mark.parametrize("word", RETIRED)
def test_no_page_of_the_docs_has_a_retired_word(word):
    said = {page.name for page in PAGES if word in page.read_text(encoding="utf-8")}
    assert not said - {"glossary.zh-CN.md"}, RETIRED[word]
