"""The pages of the documentation, taken apart into what a reader would type, save or run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PAIRS = tuple(
    (page, page.removesuffix(".md") + ".zh-CN.md")
    for page in (
        "README.md",
        "SECURITY.md",
        "docs/app.md",
        "docs/closed-network.md",
        "docs/formats.md",
        "docs/how-to/another-law.md",
        "docs/how-to/cluster.md",
        "docs/how-to/confirm-gates.md",
        "docs/how-to/consult-departments.md",
        "docs/how-to/extend.md",
        "docs/how-to/hand-over.md",
        "docs/how-to/other-programs.md",
        "docs/how-to/postgis.md",
        "docs/how-to/rule-pack.md",
        "docs/how-to/views-in-python.md",
        "docs/importing.md",
        "docs/obstruction.md",
        "docs/planning.md",
        "docs/tutorials/first-plan.md",
    )
)
"""Pages in English, each with its twin in Chinese."""

EXPLAINED = tuple(
    (page, page.removesuffix(".md") + ".zh-CN.md")
    for page in (
        "docs/explanation/architecture.md",
        "docs/explanation/certificate.md",
        "docs/explanation/confidence.md",
        "docs/explanation/growth.md",
        "docs/explanation/peers.md",
        "docs/explanation/privacy.md",
        "docs/explanation/viewshed.md",
        "docs/glossary.md",
        "docs/index.md",
    )
)
"""Pairs that explain and lead on: nothing in them is typed, and each language draws for itself."""

ALONE = ("CONTRIBUTING.md", "benchmarks/README.md", "data/README.md")
PAGES = (*(page for pair in PAIRS for page in pair), *ALONE)

HELD_ELSEWHERE = ("docs/bad-input.md", "docs/evidence.md")
"""Pages with tests of their own: `tests.test_bad_input` writes one, whose sentences are cut short;
`tests.test_evidence_page` reads the other, and names verbs together that are sisters."""

PROGRAMS = ("civicsight", "make", "python", "sh", "streamlit")
"""What begins a line that is typed; a block of other lines is a file."""

CHINESE = {
    '"东区"': '"East"',
    "--as 李": "--as Li",
    "--as 王": "--as Wang",
    "--as 孙": "--as Sun",
    "--as 周": "--as Zhou",
    "住建": "housing",
    "--department 交通运输": "--department transport",
    "--department 财政": "--department finance",
    "城管": "urban",
    "备份.gpkg": "COPY.gpkg",
    "import 文件": "import FILE",
    "add 姓名": "add NAME",
    "--role 角色": "--role ROLE",
    "年度,区县,预算(元),最低满足率,预算口径": "year,district,budget_yuan,floor,budget_of",
    ",,800000,,工程费": ",,800000,,works",
    "参数,数值\n转换模型,四参数\n": "parameter,value\nmodel,four\n",
    "坐标轴,X北Y东\n目标坐标系,": "axes,north_east\ncrs,",
    "\n北平移,": "\nshift_north_m,",
    "\n东平移,": "\nshift_east_m,",
    "\n旋转角,": "\nrotation_s,",
    "\n尺度,": "\nscale_ppm,",
    "东湖区": "East Lake",
    "西湖区": "West Lake",
    "至少 32 个随机字符": "at least 32 random characters",
    "check(city)).save": 'check(city), "en").save',
}
"""Words in blocks of a Chinese page, and what stands for them in the English one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a page shows as code: ``typed``, ``python``, ``file`` or ``inline``."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def at(self) -> str:
        """Return where it stands."""
        return f"{self.page}:{self.line}"


def read_pieces(page: str) -> tuple[Piece, ...]:
    """Return every line that is typed, every other block and every inline code, in their order."""
    return tuple(_pieces(page, (ROOT / page).read_text(encoding="utf-8")))


def _pieces(page: str, text: str) -> Iterator[Piece]:
    blocks = r"^```(?P<language>\w*)\n(?P<fenced>.*?)^```$|(?<=\n\n)(?P<indented>(?: {4}\S.*\n)+)"
    inline = r"(?<!`)`(?P<inline>[^`]+)`(?!`)"
    for found in re.finditer(f"{blocks}|{inline}", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, found.start()) + 1
        if found["inline"] is not None:
            yield Piece(page, line, "inline", " ".join(found["inline"].split()))
        else:
            body = found["fenced"] or re.sub("^ {4}", "", found["indented"], flags=re.MULTILINE)
            yield from _block(page, line, found["language"] or "", body)


def _block(page: str, line: int, language: str, body: str) -> Iterator[Piece]:
    rows = [without_comment(row) for row in body.splitlines()]
    if language in ("", "sh", "console") and all(_is_typed(row) for row in rows if row):
        for number, row in enumerate(rows, line + 1):
            if row:
                yield Piece(page, number, "typed", row)
    else:
        yield Piece(page, line, "python" if language == "python" else "file", body)


def _is_typed(row: str) -> bool:
    return row.partition(" ")[0] in PROGRAMS


def without_comment(row: str) -> str:
    """Return a line without what is said beside it, after a sign or a gap."""
    return re.sub(r"(?:^|\s+)# .*$|(?<=\S)\s{2,}\S.*$", "", row)


def in_english(text: str) -> str:
    """Return a block of a Chinese page in the words of the English one."""
    for chinese, english in CHINESE.items():
        text = text.replace(chinese, english)
    return text


def is_command(piece: Piece) -> bool:
    """Tell whether this is a whole command: inline code that names a verb alone is none."""
    named = piece.kind == "inline" and piece.text.startswith("civicsight ")
    return piece.kind == "typed" or (named and len(piece.text.split()) > 2)
