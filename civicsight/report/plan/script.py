"""What the documents of a plan say, kept with it: page, DOCX, PDF and tables follow from it alone.

It is part of the record, so that the root covers it; the documents themselves are not, but whoever
has the record renders them anew and compares. Drawings are the same in all languages and stand
once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, InputError, Text
from civicsight.core.i18n import LANGUAGES, Language
from civicsight.coverage.result import CheckResult
from civicsight.io.apart.reading import read_apart
from civicsight.planning.record.actions import ACTIONS, done_in
from civicsight.planning.record.documents import TOLD_FILE, UNREADABLE, from_documents, to_documents
from civicsight.planning.record.plan import Plan
from civicsight.presentation.document import Ask, Block, Document, Figure, Section, Table
from civicsight.presentation.drawing import Canvas, Stroke
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import MEASURE_STYLES, STATUS_LABELS, STATUS_STYLES
from civicsight.report.faults import fault
from civicsight.report.geopackage import STYLES, TITLES, flat_layer, layers_of, write_layers
from civicsight.report.html import package_version
from civicsight.report.licence import describe_origin, notice_of
from civicsight.report.partition import beside_headline, leave_unweighed
from civicsight.report.plan.bill import headline_money
from civicsight.report.plan.chapters import chapters
from civicsight.report.plan.endings import (
    headline,
    open_questions,
    out_of_reach,
    robustness,
    unasked,
)
from civicsight.report.plan.figures import numbered
from civicsight.report.plan.teller import Teller, teller_of
from civicsight.report.qgis_style import Style

LAYERS: Final = "plan.gpkg"
"""File of the layers of a plan; the record has their digests, for the ground is not in it."""

GROUND: Final = ("zones", "buildings")


def write_plan_layers(
    path: Path, plan: Plan, result: CheckResult, *, notice: Mapping[str, str]
) -> None:
    """Write measures and parts as the plan leaves them, over places and buildings."""
    ground = layers_of(result)
    layers = plan_layers(plan, result) | {name: ground[name] for name in GROUND}
    statuses = {name: look for name, look in STATUS_STYLES.items() if name != "unknown"}
    styles = {
        "measures": Style("marker", MEASURE_STYLES, "action", dict(ACTIONS)),
        "planned_parts": Style("any", statuses, "status_after", dict(STATUS_LABELS)),
        **{name: STYLES[name] for name in GROUND},
    }
    titles = {
        "measures": N_("Measures of the plan"),
        "planned_parts": N_("Parts with the plan"),
        **{name: TITLES[name] for name in GROUND},
    }
    write_layers(path, layers, titles, styles, notice=notice)


def plan_layers(plan: Plan, result: CheckResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a plan, with columns that a GeoPackage can hold."""
    numbers = numbered(plan)["number"]
    measures = done_in(plan).assign(number=numbers.reindex(plan.measures.index))
    known = plan.parts[plan.parts.index.isin(result.parts.index)]
    shapes = result.parts.geometry.reindex(known.index)
    parts = gpd.GeoDataFrame(known, geometry=shapes, crs=result.parts.crs)
    return {"measures": flat_layer(measures), "planned_parts": flat_layer(parts)}


COLOUR: Final = re.compile(r"(#[0-9a-fA-F]{3,8})?")


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """What all documents of a plan say.

    Parameters
    ----------
    civicsight
        Version that told it; another one may render it otherwise.
    notice
        What every file says of its origin.
    told
        By language.
    layers
        Digests of the layers of the plan over the ground, by name; see `digest_layers`.
    """

    civicsight: str
    notice: Mapping[str, str]
    told: Mapping[Language, Document]
    layers: Mapping[str, str] = field(default_factory=dict)


def script_of(plan: Plan, result: CheckResult) -> Script:
    """Return what the documents of a plan say: as it is kept, or told now where nothing is kept."""
    return read_script(plan.told) if plan.told else _script_of_now(plan, result)


def with_told(plan: Plan, result: CheckResult) -> Plan:
    """Return a plan whose record holds what its documents say, told as whoever reads it would."""
    kept = from_documents(to_documents(plan))
    script = _script_of_now(kept, result)
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / LAYERS
        write_plan_layers(path, kept, result, notice=script.notice)
        script = replace(script, layers=read_apart("layers", path))
    return replace(plan, told=write_script(script))


def write_script(script: Script) -> bytes:
    """Return a script as JSON."""
    figures: dict[str, int] = {}
    told = {
        language: {
            "title": each.title,
            "lead": [str(line) for line in each.lead],
            "banners": each.banners,
            "sections": [_section_out(section, figures) for section in each.sections],
        }
        for language, each in sorted(script.told.items())
    }
    lines = [
        f'"civicsight": {_text(script.civicsight)}',
        f'"notice": {_text(script.notice)}',
        f'"layers": {_text(dict(sorted(script.layers.items())))}',
        *(f"{_text(language)}: {_text(each)}" for language, each in told.items()),
        '"figures": [\n' + ",\n".join(figures) + "\n]",
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def read_script(content: bytes) -> Script:
    """Read what `write_script` wrote.

    Raises
    ------
    InputError
        If it is anything else.
    """
    try:
        text = load_json(content)
        figures = [_canvas_in(figure) for figure in text["figures"]]
        notice, layers = (
            {str(key): str(value) for key, value in text[name].items()}
            for name in ("notice", "layers")
        )
        told: dict[Language, Document] = {
            language: Document(
                language,
                str(text[language]["title"]),
                tuple(map(str, text[language]["lead"])),
                tuple(map(str, text[language]["banners"])),
                tuple(_section_in(each, figures) for each in text[language]["sections"]),
            )
            for language in LANGUAGES
        }
        return Script(str(text["civicsight"]), notice, told, layers)
    except UNREADABLE as error:
        flaw = fault("plan.told", TOLD_FILE, found=str(error)[:80])
        raise InputError([flaw]) from error


def _script_of_now(plan: Plan, result: CheckResult) -> Script:
    told: dict[Language, Document] = {
        language: plan_document(teller_of(plan, result, language)) for language in LANGUAGES
    }
    return Script(package_version("en"), notice_of(result), told)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _section_out(section: Section, figures: dict[str, int]) -> list[Any]:
    blocks = [_block_out(block, figures) for block in section.blocks]
    return [section.title, blocks, [_section_out(part, figures) for part in section.parts]]


def _block_out(block: Block, figures: dict[str, int]) -> Any:
    if isinstance(block, Table):
        return {"grid": [block.caption, block.headings, block.rows, sorted(block.figures)]}
    if isinstance(block, Ask):
        return {"ask": [block.text, block.about]}
    if isinstance(block, Figure):
        strokes = [
            [
                [[round(float(x), 2), round(float(y), 2)] for x, y in each.points],
                each.fill,
                each.line,
                float(each.width),
                float(each.opacity),
                each.closed,
                each.text,
            ]
            for each in block.canvas.strokes
        ]
        drawn = _text([block.canvas.width, block.canvas.height, strokes])
        return {"figure": [block.caption, figures.setdefault(drawn, len(figures))]}
    return block


def _section_in(kept: Any, figures: Sequence[Canvas]) -> Section:
    title, blocks, parts = kept
    return Section(
        str(title),
        [_block_in(block, figures) for block in blocks],
        [_section_in(part, figures) for part in parts],
    )


def _block_in(kept: Any, figures: Sequence[Canvas]) -> Block:
    if isinstance(kept, str):
        return kept
    ((kind, value),) = kept.items()
    if kind == "grid":
        caption, headings, rows, right = value
        cells = tuple(tuple(map(str, row)) for row in rows)
        return Table(str(caption), tuple(map(str, headings)), cells, frozenset(map(int, right)))
    if kind == "ask":
        text, about = map(str, value)
        return Ask(text, about)
    caption, number = value
    return Figure(str(caption), figures[int(number)])


def _canvas_in(kept: Any) -> Canvas:
    width, height, strokes = kept
    return Canvas(int(width), int(height), [_stroke_in(stroke) for stroke in strokes])


def _stroke_in(kept: Any) -> Stroke:
    points, fill, line, width, opacity, closed, text = kept
    numbers = [float(width), float(opacity), *(float(each) for point in points for each in point)]
    if not all(map(isfinite, numbers)) or not all(map(COLOUR.fullmatch, (fill, line))):
        msg = "a drawing of other things than lines, areas and words"
        raise ValueError(msg)
    corners = tuple((float(x), float(y)) for x, y in points)
    return Stroke(corners, fill, line, float(width), float(opacity), bool(closed), str(text))


OPINION: Final = N_(
    "Computed from data; not a legal opinion. The official text of each law prevails."
)


def plan_document(teller: Teller) -> Document:
    """Return title, lines below it and all sections of a plan."""
    plan, translate = teller.plan, teller.names.translate
    place = teller.result.city.name
    title = translate(N_("Plan of the public-safety video system: %(place)s", place=place))
    first = chapters(teller)
    trials = [robustness(teller)] if len(plan.robustness) else []
    own = [out_of_reach(teller), *trials, open_questions(teller)]
    sections = [*first[:-2], *own, *first[-2:]]
    n = teller.figures
    lead = list(map(translate, (*headline(n), *headline_money(plan, n), *unweighed(teller))))
    return document_in(teller.names, teller.result, title, lead, sections)


def document_in(
    names: Names, result: CheckResult, title: str, lead: Sequence[str], sections: Sequence[Section]
) -> Document:
    """Return what a document says, with what holds for all of it: made-up data, another law."""
    city, language = result.city, names.language
    banners = [*describe_origin(city, result.rules, language), OPINION]
    return Document(
        language, title, tuple(lead), tuple(map(names.translate, banners)), tuple(sections)
    )


def unweighed(teller: Teller) -> list[Text]:
    """Say beside a headline what a plan could not weigh.

    That is what was not judged or is only presumed, what nobody asked for, and the planned cameras
    that it leaves alone.
    """
    texts, left = [*beside_headline(teller.result), *unasked(teller)], teller.plan.not_weighed
    if left:
        names = teller.names.listed(left, teller.names.cameras)
        texts.append(leave_unweighed(teller.plan, teller.figures, names))
    return texts
