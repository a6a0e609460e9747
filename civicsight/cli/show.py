"""What the commands print for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rich.table import Table
from rich.text import Text as Line

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.raster import CoverageRaster
    from civicsight.coverage.result import CheckResult
    from civicsight.io import ImportReport
    from civicsight.io.tables.column_matching import ColumnDescription
    from civicsight.model.notes import Note
    from civicsight.report.catalogue import Export
    from civicsight.rules.ladders import Ladder


FIGURE_WIDTH: Final = 9
"""Columns of a terminal for a figure; its heading is folded into them."""


def show_brief(session: Session, result: CheckResult) -> None:
    """Print a result: three columns, the classes of places, what the data are like."""
    from civicsight.report.brief import brief_result

    brief = brief_result(result, session.language)
    session.out.rule(Line(brief.name))
    for note in brief.notes:
        session.out.print(note, style="bold", markup=False)
    width = session.out.width
    session.out.print(_table(("", *brief.states), brief.stand, width))
    session.out.print(_table(("", *brief.columns), brief.rows, width))
    session.out.print(_table(brief.class_columns, brief.classes, width))
    for fact in brief.facts:
        session.out.print(fact, markup=False, highlight=False)


def show_files(session: Session, files: Sequence[Path], *, json_: bool = False) -> None:
    """Say where the files are, and which one to open: the page in the language of the session."""
    if json_:
        session.show_json({}, files)
        return
    page = f"page.{HTML_LANGUAGE[session.language]}.html"
    first = [file for file in files if file.name == page]
    if first:
        session.out.print(
            session.translate(N_("Open %(file)s", file=first[0])), markup=False, soft_wrap=True
        )
        rest = ", ".join(file.name for file in files if file != first[0])
        folder = N_("Beside it: %(files)s", files=rest)
        session.out.print(session.translate(folder), markup=False, highlight=False)
        return
    for file in files:
        session.out.print(
            session.translate(N_("Written: %(file)s", file=file)), markup=False, soft_wrap=True
        )


def show_import(session: Session, report: ImportReport, *, json_: bool) -> None:
    """Print what happened to an input."""
    if json_:
        session.show_json(report.to_dict())
    else:
        session.out.print(report.summary(session.language), markup=False, highlight=False)


def print_notes(session: Session, notes: Iterable[Note]) -> None:
    """Tell how lists were read, a line a note, those that weigh most first."""
    from civicsight.model.notes import in_order, sentence_of

    for one in in_order(tuple(notes)):
        said = sentence_of(one)
        session.print(
            N_("Warning: %(text)s", text=said) if one.is_loud else N_("Note: %(text)s", text=said)
        )


def show_export(session: Session, written: Export) -> None:
    """Say what a catalogue holds, what it leaves out, and what is to be filled in by hand."""
    from civicsight.io import describe_faults

    count = N_("cameras in the catalogue: %(count)s", count=written.written)
    session.out.print(session.translate(count), markup=False, highlight=False)
    datum = N_("coordinates are in WGS 84, directions are sectors of 45 degrees from true north")
    session.out.print(session.translate(datum), markup=False, highlight=False)
    for title, faults in (
        (N_("left out"), written.left_out),
        (N_("to be filled in by hand"), written.to_fill),
    ):
        if faults:
            head = N_("%(what)s: %(value)s", what=title, value=len(faults))
            session.out.print(session.translate(head), markup=False, highlight=False)
            for line in describe_faults(faults, session.language):
                session.out.print("  " + line, markup=False, highlight=False)


def show_understood(session: Session, title: Text, columns: Sequence[ColumnDescription]) -> None:
    """Print what is understood of a table, a line a column."""
    session.out.rule(Line(session.translate(title)))
    from civicsight.presentation.column_profiles import HEADINGS, understood_rows

    show_table(session, HEADINGS, understood_rows(columns, session.language))


def show_areas(
    session: Session, raster: CoverageRaster, ladder: Ladder, *, json_: bool, files: Sequence[Path]
) -> None:
    """Print the area that is seen at each level of detail."""
    levels = ladder.levels
    areas = raster.area_by_class({level.name: level.px_m for level in levels})
    if json_:
        rows = areas.to_dict("records")
        session.show_json({"areas": rows}, files)
        return
    headings = (
        session.translate(N_("Level of detail")),
        session.translate(N_("from [px/m]")),
        session.translate(N_("Area seen [m²]")),
    )
    rows = [
        (session.translate(level.label), f"{row.px_per_m:g}", f"{row.area_m2:,.0f}")
        for level, row in zip(levels, areas.itertuples(), strict=True)
    ]
    session.out.print(_table(headings, rows, session.out.width))
    show_files(session, files)


def show_table(
    session: Session,
    headings: Sequence[Text],
    rows: Iterable[Sequence[object]],
    figures: Iterable[int] = (),
) -> None:
    """Print rows under headings, columns of figures to the right; what is unknown as a dash."""
    table = Table(show_edge=False, pad_edge=False, collapse_padding=True)
    right = set(figures)
    for k, heading in enumerate(headings):
        side: Literal["left", "right"] = "right" if k in right else "left"
        table.add_column(Line(session.translate(heading)), justify=side, overflow="fold")
    for row in rows:
        cells = [session.translate(each) if isinstance(each, Text) else each for each in row]
        table.add_row(*(Line("–" if cell is None else str(cell)) for cell in cells))
    session.out.print(table)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Table:
    """Lay out rows: text left, figures right; names of places are text, never markup."""
    table = Table(show_edge=False, pad_edge=False, collapse_padding=True)
    first = max(FIGURE_WIDTH, width - (FIGURE_WIDTH + 2) * (len(headings) - 1))
    table.add_column(Line(headings[0]), overflow="fold", max_width=first)
    for heading in headings[1:]:
        table.add_column(Line(heading), justify="right", width=FIGURE_WIDTH, overflow="fold")
    for row in rows:
        table.add_row(*(Line(cell) for cell in row))
    return table
