"""Canonical documents: what a reader of HTML, DOCX, XML, JSON and plain text gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from tools.golden.canonical import Pieces, flat, words

HEADINGS: Final = ("h1", "h2")
SAID: Final = ("alt", "aria-label", "content", "href", "lang", "title")
"""Attributes that a reader meets; in a drawing all of them are kept."""

PROGRAM: Final = re.compile(r"\s*(/\*|//|\(function)")
"""How a script begins that is code, ours or Leaflet's; what else a page holds is its data."""

TIMED: Final = (
    *("over time [s]", "随时间 [s] 的变化"),
    *("The root, to be scanned", "根校验码（可扫描）"),
)
"""What names a drawing of seconds, as a clock saw a search, or of the root that covers them."""

FRAME: Final = re.compile(r"[─-╿┃━]+")
SPACE: Final = re.compile(r"\s+")
LONG_LINE: Final = re.compile(r"(?<=[;,])\s*(?=[\[{\"])|\n")
WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class _Page(HTMLParser):
    """Take a page apart into the lines below each of its headings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: Pieces = {"(top)": []}
        self.section = "(top)"
        self.within: list[str] = []
        self.is_timed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a section, or keep what an element says by its attributes."""
        if tag in HEADINGS:
            self.section = ""
        if tag in (*HEADINGS, "svg", "script", "style"):
            self.within.append(tag)
        label = dict(attrs).get("aria-label") or ""
        self.is_timed = ("svg" in self.within and self.is_timed) or label.endswith(TIMED)
        for name, value in sorted(attrs):
            drawn = "svg" in self.within and name != "class" and not self.is_timed
            if value and (name in SAID or drawn):
                self._keep(f"{tag}@{name} {value}")

    def handle_endtag(self, tag: str) -> None:
        """Leave a section's heading, a drawing or a script."""
        if tag in self.within:
            self.within = self.within[: len(self.within) - 1 - self.within[::-1].index(tag)]

    def handle_data(self, data: str) -> None:
        """Keep text, and the data of a script."""
        if "svg" in self.within and self.is_timed:
            return
        if "style" in self.within or ("script" in self.within and PROGRAM.match(data)):
            return
        if self.within[-1:] and self.within[-1] in HEADINGS:
            self.section = SPACE.sub(" ", f"{self.section} {words(data)}").strip()
            return
        for line in LONG_LINE.split(data) if "script" in self.within else [data]:
            self._keep(line)

    def _keep(self, line: str) -> None:
        line = SPACE.sub(" ", words(line)).strip()
        if line:
            self.pieces.setdefault(self.section or "(top)", []).append(line)


def read_page(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield a page by its headings: text, what attributes say, drawings, the data of its map."""
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    yield "", page.pieces


def read_docx(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield the text of a document by its headings, and how many pictures it holds."""
    with ZipFile(path) as archive:
        body = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - our own
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    pieces: Pieces = {"(pictures)": [str(len(pictures))], "(top)": []}
    section = "(top)"
    for paragraph in body.iter(f"{WORD}p"):
        text = words("".join(entry.text or "" for entry in paragraph.iter(f"{WORD}t"))).strip()
        style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
        name = "" if style is None else style.get(f"{WORD}val", "")
        if text and name in ("Heading1", "Heading2"):
            section = text
        pieces.setdefault(section, [])
        if text:
            pieces[section].append(f"{name} {text}".strip())
    yield "", pieces


def read_json(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield a document of JSON by its first two keys."""
    yield "", flat(json.loads(path.read_text(encoding="utf-8")))


def read_xml(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield a document of XML line by line, in whatever encoding it says."""
    raw = path.read_bytes()
    said = re.match(rb'<\?xml[^>]*encoding="([\w-]+)"', raw)
    text = raw.decode(said[1].decode() if said else "utf-8")
    yield "", {"(lines)": [words(line) for line in text.replace("><", ">\n<").splitlines()]}


def read_text(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield a text line by line."""
    yield "", {"(lines)": [words(line) for line in path.read_text("utf-8").splitlines()]}


def console(text: str) -> str:
    """Return what a command printed as a run of words, whatever the width of the terminal."""
    return SPACE.sub(" ", words(FRAME.sub(" ", text))).strip()
