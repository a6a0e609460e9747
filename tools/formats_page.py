"""Write the page on formats from their table, in both languages; `python -m tools.formats_page`."""

from __future__ import annotations

from pathlib import Path

from civicsight.io.formats_page import NAMES, page

ROOT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    for language, name in NAMES.items():
        (ROOT / name).write_text(page(language), encoding="utf-8")
