"""The page of the documentation on formats, made from their table."""

from __future__ import annotations

from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, own_name, translate
from civicsight.io.file_formats import FORMATS
from civicsight.io.format import HOLDS, Format

COMMAND: Final = "python -m tools.formats_page"

NAMES: Final[dict[Language, str]] = {"en": "docs/formats.md", "zh_CN": "docs/formats.zh-CN.md"}
"""Page by language."""

TITLE = N_("Formats of files")
INTRO = N_(
    "What a file is called does not matter: its content decides. This page is made by "
    "`%(command)s` from the table by which files are recognised; a test holds that it is up to "
    "date.",
    command=COMMAND,
)
READ = N_("What is read")
REFUSED = N_("What is refused, and what to do instead")
HEADINGS = (
    N_("format"),
    N_("known by"),
    N_("read by"),
    N_("may hold"),
    N_("at most"),
    N_("advice"),
)
DETAILS = N_("What becomes of what is in them")
POINTS: Final[tuple[Text, ...]] = (
    N_("Each file is read by a process of its own that sees no other file and no network. Links of "
       "KML, schemas and references of GML, external references of DXF and everything else that "
       "leads out of a file are not followed."),
    N_("Where a file holds several layers, `--layer` says which one is meant; empty ones do not "
       "count. A folder of KML, a feature class of a FileGDB and a layer of a drawing are layers. "
       "A drawing is read whole without it."),
    N_("KML and GPX are in WGS 84; GML, MapInfo and FileGDB carry their coordinate system; a DXF "
       "has none, and is refused until `--source-crs` declares it. KML from AMap or Baidu is "
       "shifted: declare it with `--datum`."),
    N_("Columns: `ExtendedData` of KML with or without a schema; of a DXF `layer`, `text`, "
       "`elevation`, and for a block that stands somewhere `block`, `block_angle` and each of its "
       "attributes under its tag. A mapping file says what they mean, such as the height of a "
       "building by `elevation`."),
    N_("Closed lines of a drawing are areas where areas are wanted. Everything in it that a table "
       "cannot hold is counted in the report, with the reason: open lines, texts, solids, what "
       "lies on the sheet or on other layers."),
    N_("Text of a DXF is UTF-8 since AutoCAD 2007, else in the code page that it names; of MapInfo "
       "in the character set that it names, else UTF-8 or GB18030. `--encoding` says otherwise."),
    N_("MBTiles is not read, because GDAL reads it through a database that runs what is stored in "
       "it; PMTiles hold the same tiles."),
)  # fmt: skip


def page(language: Language) -> str:
    """Return the page in one language, as Markdown."""
    other = next(key for key in NAMES if key != language)
    link = f"[{own_name(other)}]({NAMES[other].removeprefix('docs/')})"
    read = [entry for entry in FORMATS if entry.holds]
    refused = [entry for entry in FORMATS if not entry.holds]
    parts = [
        f"# {translate(TITLE, language)}",
        link,
        translate(INTRO, language),
        f"## {translate(READ, language)}",
        _table(HEADINGS, [_row(entry, language) for entry in read], language),
        f"## {translate(REFUSED, language)}",
        _table(
            (HEADINGS[0], HEADINGS[1], HEADINGS[5]),
            [(e.label, e.mark, translate(e.advice, language)) for e in refused],
            language,
        ),
        f"## {translate(DETAILS, language)}",
        "\n".join(f"- {translate(point, language)}" for point in POINTS),
    ]
    return "\n\n".join(parts) + "\n"


def _row(entry: Format, language: Language) -> tuple[str, ...]:
    drivers = f" ({', '.join(entry.drivers)})" if entry.drivers else ""
    holds = ", ".join(translate(HOLDS[name], language) for name in entry.holds)
    limits, advice = translate(entry.limits, language), translate(entry.advice, language)
    return entry.label, entry.mark, entry.reader + drivers, holds, limits, advice


def _table(headings: tuple[Text, ...], rows: list[tuple[str, ...]], language: Language) -> str:
    lines = [
        tuple(translate(heading, language) for heading in headings),
        ("---",) * len(headings),
        *rows,
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
