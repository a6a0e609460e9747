"""The rows: they name what works, which is imported when it is needed."""

from __future__ import annotations

from pathlib import Path

from civicsight.cli.command_rows import Listed
from civicsight.core.column import AddedColumn, number
from civicsight.core.errors import in_languages
from civicsight.io.format import LAYER, Format
from civicsight.io.signatures import begins
from civicsight.ui.page import Page

SAYS = in_languages({"zh": "海藻", "en": "Kelp"})

FORMAT = Format(
    "kelp",
    "Kelp",
    "`KELP`",
    begins(b"KELP\n"),
    SAYS,
    "kelp",
    (LAYER,),
    names=(".kelp",),
    read_layer="kelp.work:read",
)
COLUMN = AddedColumn(
    "cameras",
    number("kelp_mm", "mm", "Kelp on the dome", 0, 90, heading=SAYS, headers="kelp | 海藻"),
)
PACK = Path(__file__).with_name("kelp-rules.yaml")
COMMAND = Listed("kelp count", "kelp.work:count", SAYS, {"type": "object"})
PAGE = Page("kelp", SAYS, "kelp.work", (SAYS,))

NOWHERE = AddedColumn("kelps", COLUMN.column)
TWICE = AddedColumn("cameras", number("owner", "", "Whose kelp it is"))
