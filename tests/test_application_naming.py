"""What differs is said in words: no code of a closed list is left, nobody's own text is changed."""

from __future__ import annotations

from functools import partial

import pytest

from civicsight.application.comparing import PLANNED, describe_field, describe_layer, describe_value
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.model import BARRIERS, CAMERAS, ENTRANCES, MEASURES, OBSTACLES, PLACES

ENGLISH, CHINESE = (partial(translate, language=code) for code in ("en", "zh_CN"))
EDITED = (CAMERAS, MEASURES, OBSTACLES, PLACES, ENTRANCES, BARRIERS)
LAYERS = [(table.name, table) for table in EDITED] + [(PLANNED, CAMERAS)]


@pytest.mark.parametrize(("layer", "table"), LAYERS)
def test_every_code_and_every_field_has_its_chinese(layer, table):
    assert not describe_layer(layer, CHINESE).isascii()
    for column in table:
        assert not describe_field(layer, column.name, CHINESE).isascii(), column.name
        for code in column.choices:
            assert not describe_value(layer, column.name, code, CHINESE).isascii(), (
                column.name,
                code,
            )


@pytest.mark.parametrize(
    ("column", "value", "chinese", "english"),
    [
        ("status", "removed", "已拆除", "removed"),
        ("height_m", 4.5, "4.5", "4.5"),
        ("height_m", 45.0, "45", "45"),
        ("height_m", float("nan"), "未登记", "not recorded"),
        ("name", None, "未登记", "not recorded"),
        ("name", "fixed", "fixed", "fixed"),  # somebody's own word
        ("usable", True, "是", "yes"),
        ("heads", [{"azimuth_deg": 30.0}, {"azimuth_deg": 90.0}],
         "方位角 [度]：30；方位角 [度]：90", "Azimuth [deg]: 30; Azimuth [deg]: 90"),
        ("foreign", 7, "7", "7"),
    ],
)  # fmt: skip
def test_values_in_both_languages(column, value, chinese, english):
    assert describe_value("cameras", column, value, ENGLISH) == english
    assert describe_value("cameras", column, value, CHINESE) == chinese


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_nobody_declared_keeps_its_name(code):
    say = partial(translate, language=code)
    assert describe_field("cameras", "foreign", say) == "foreign"
    assert describe_layer("foreign", say) == "foreign"
    assert describe_value("foreign", "kind", "fixed", say) == "fixed"
