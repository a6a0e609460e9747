"""Build the documentation site, in both languages and without any network: `make docs`.

What is written (README, `docs/`, notebooks) is staged beside what the product says of itself
(`reference`), so that no page can name a command, a column or a code that is not there. Links
between pages are those of the repository: they lead somewhere in both places. Warnings are errors.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from tools.site.reference import reference

ROOT: Final = Path(__file__).resolve().parents[2]
OUT: Final = ROOT / "out" / "site"
WRITTEN: Final = (
    *("*.md", "docs/**/*.md", "docs/pictures/*", "notebooks/*.ipynb"),
    *("benchmarks/*.md", "data/*.md", "data/demo/*.*"),  # notebooks read the made district
)
"""What the pages consist of; anything else that they link to is staged with them as it is."""

INDEX: Final[dict[Language, str]] = {"en": "docs/index", "zh_CN": "docs/index.zh-CN"}
TRANSLATED: Final = ".zh-CN.md"

JOINED: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u4e00-\u9fff\[])")
"""A line that ends and goes on in Chinese: a browser would show a blank there."""

FRONT: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>civicsight</title>
<meta http-equiv="refresh" content="0; url=zh-CN/docs/index.zh-CN.html"></head>
<body><p><a href="zh-CN/docs/index.zh-CN.html">简体中文</a> ·
<a href="en/docs/index.html">English</a></p></body></html>
"""


def main() -> None:
    """Build the site and say where it lies."""
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--as-kept", action="store_true", help="do not run the notebooks")
    asked = parser.parse_args()
    out = asked.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    for language in LANGUAGES:
        source = out / ".source" / HTML_LANGUAGE[language]
        stage(source, language)
        build(source, out / HTML_LANGUAGE[language], language, run=not asked.as_kept)
    (out / "index.html").write_text(FRONT, encoding="utf-8")
    print(out / "index.html")


def stage(source: Path, language: Language) -> None:
    """Lay out the source of one language: written pages, generated ones, and what they link to."""
    for path in (path for pattern in WRITTEN for path in ROOT.glob(pattern)):
        if path.suffix != ".md" or is_of(path, language):
            copy(path, source)
    for name, text in reference(language).items():
        to = source / "docs" / "reference" / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
    for page in sorted(source.rglob("*.md")):
        resolve_links(page, source, language)


def is_of(path: Path, language: Language) -> bool:
    """Tell whether a page belongs to the site of a language: its own, or the only one there is."""
    if path.name.endswith(TRANSLATED):
        return language == "zh_CN"
    return language == "en" or not path.with_name(path.stem + TRANSLATED).exists()


def copy(path: Path, source: Path) -> None:
    """Copy a file of the repository to its place in a source."""
    to = source / path.relative_to(ROOT)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def resolve_links(page: Path, source: Path, language: Language) -> None:
    """Lead links to the other language over to its site, and bring files that are no pages."""
    text = page.read_text(encoding="utf-8")
    for target in sorted(set(links_of(text))):
        path = (page.parent / target).resolve()
        kept = ROOT / path.relative_to(source) if source in path.parents else path
        if kept.is_dir() and (path / "README.md").exists():  # a folder is shown by its first page
            text = text.replace(f"]({target})", f"]({target}/README.md)")
        elif path.exists() or not kept.exists():
            continue
        elif kept.suffix == ".md":
            other = HTML_LANGUAGE["en" if language == "zh_CN" else "zh_CN"]
            up = "../" * (len(page.relative_to(source).parts))
            html = f"{up}{other}/{kept.relative_to(ROOT).with_suffix('.html').as_posix()}"
            link = re.compile(rf"\[([^\]]*)\]\({re.escape(target)}(#[^)]*)?\)")
            text = link.sub(rf'<a href="{html}">\1</a>', text)
        elif kept.is_file():
            copy(kept, source)
        else:  # a folder has no page
            text = re.sub(rf"\[([^\]]*)\]\({re.escape(target)}\)", r"\1", text)
    page.write_text(JOINED.sub("", text), encoding="utf-8")


def links_of(text: str) -> list[str]:
    """Return what a page links to within the repository, without the place in the page."""
    tokens = [child for token in MarkdownIt().parse(text) for child in token.children or ()]
    targets = [str(token.attrGet("href") or "").partition("#")[0] for token in tokens]
    return [target for target in targets if target and "://" not in target]


def build(source: Path, out: Path, language: Language, *, run: bool) -> None:
    """Run Sphinx over one language; end with its code where it warns."""
    command = [
        *(sys.executable, "-m", "sphinx", "--builder", "html", "--fail-on-warning"),
        *("--keep-going", "--quiet", "--conf-dir", str(Path(__file__).parent)),
        *("-D", f"language={language}", "-D", f"root_doc={INDEX[language]}"),
        *("-D", f"nb_execution_mode={'cache' if run else 'off'}"),
        *("-D", f"nb_execution_cache_path={out.parent / '.notebooks'}"),
        *("--doctree-dir", str(out.parent / ".doctrees" / language), str(source), str(out)),
    ]
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main()
