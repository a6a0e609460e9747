"""A survey as it is carried out: a workbook to fill in, stops for maps, a sheet to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core import i18n
from civicsight.core.arrays import FloatArray
from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.hues import INK
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language, in_all
from civicsight.core.progress import Progress
from civicsight.core.shown import shown
from civicsight.coverage.demand.find import REASONS
from civicsight.coverage.pose.assumptions import ASSUMPTIONS
from civicsight.inventory.survey import NO_VIEW, STOPS, are_cameras
from civicsight.inventory.survey_results import Survey
from civicsight.inventory.walk import length_m
from civicsight.io.datums import DATUM_NAMES, Datum, from_wgs84
from civicsight.io.registers.template_files import headers_of
from civicsight.io.registers.templates import list_columns
from civicsight.maps.encode import lon_lat
from civicsight.model import City
from civicsight.model.plan_tables import SURVEYED
from civicsight.presentation.document import Cell, Document, Figure, Section, Table
from civicsight.presentation.drawing import Canvas, View
from civicsight.presentation.lexicon import number
from civicsight.presentation.qr import draw_qr
from civicsight.report.files import Write, write_bytes, write_files
from civicsight.report.html import render_sheet
from civicsight.report.licence import MADE_UP
from civicsight.report.tables import write_workbook

BOOK, SHEET = "survey.xlsx", "sheet.{}.html"
KML, KMZ, GPX = "survey.kml", "survey.kmz", "survey.gpx"

OWN: Final = {
    "stop": N_("Stop"),
    "kind": N_("What it is"),
    "subject": N_("Number"),
    "name": N_("Name"),
    "street": N_("Street"),
    "assumed": N_("What is assumed"),
    "lon": N_("Longitude [deg]"),
    "lat": N_("Latitude [deg]"),
}
"""Headings of a list of stops, by column."""


def summary_of(found: Survey) -> list[Text]:
    """Say what a survey found, where nothing came back, and what cannot be built."""
    told = [
        N_(
            "Values found: %(values)s of %(cameras)s cameras; stops without a result: %(silent)s.",
            values=number(len(found.changes)),
            cameras=number(found.changes["subject"].nunique()),
            silent=number(len(found.silent)),
        )
    ]
    return told + [
        N_("cannot be built, taken out of the plan: %(point)s (%(why)s)", point=label, why=why)
        for label, why in found.unbuildable.items()
    ]


ORDER: Final = N_(
    "Ordered street by street by the nearest next stop, crossings undone, in straight lines: a "
    "short walk, not the shortest."
)
GATES: Final = N_(
    "Gates and places are listed so that the walk passes them; what is found of gates goes back by "
    "the list of gates."
)
OFF: Final = N_("off any named street")

MEANINGS: Final = {
    NO_VIEW: N_("its record puts it where it sees nothing: inside a house, or off the map"),
    **{code: reason for code, (reason, _) in REASONS.items()},
    **{code: one.meaning for code, one in ASSUMPTIONS.items()},
}
"""What a code of a stop means: an assumption, or why a place was not judged."""

MAP_PX: Final = 640
MARGIN_M: Final = 40.0
HOUSE, HOUSE_EDGE, ROAD = "#d8d2c6", "#8a8272", "#b9b3a6"


def write_survey(
    stops: gpd.GeoDataFrame,
    city: City,
    out_dir: str | Path,
    *,
    datum: Datum = "wgs84",
    languages: Sequence[Language] = LANGUAGES,
    progress: Progress | None = None,
) -> list[Path]:
    """Write a survey: the workbook, KML, KMZ, GPX, and a sheet to print in each language.

    Parameters
    ----------
    stops, city
        From `survey_stops`, and whose streets and houses are drawn.
    datum
        System of the places in KML and GPX: their standards know WGS 84 alone; a map program of a
        Chinese vendor shows them in the right place only in its own.
    out_dir, languages
        Folder, made if it is missing; languages of the sheet.
    progress
        Called with files done and in all.
    """
    places = _degrees(stops, datum)
    marks = [
        (
            f"{stop} {row.name_ or row.subject}",
            "\n".join(
                filter(
                    None,
                    (in_all(STOPS[row.kind]), row.subject, row.street, _assumed(row.assumed, None)),
                )
            ),
            float(lon),
            float(lat),
        )
        for (stop, row), (lon, lat) in zip(
            ((row.Index, row) for row in stops.rename(columns={"name": "name_"}).itertuples()),
            places,
            strict=True,
        )
    ]
    files: dict[str, Write] = {
        BOOK: partial(_write_book, stops=stops, city=city),
        KML: partial(write_bytes, content=_kml(city.name, marks)),
        KMZ: partial(_write_kmz, content=_kml(city.name, marks)),
        GPX: partial(write_bytes, content=_gpx(city.name, marks)),
    }
    for language in languages:
        page = render_sheet(survey_document(stops, city, language, datum), "survey.css")
        files[SHEET.format(HTML_LANGUAGE[language])] = partial(write_bytes, content=page)
    return write_files(out_dir, files, progress)


def _degrees(stops: gpd.GeoDataFrame, datum: Datum) -> FloatArray:
    """Return longitude and latitude of each stop in a datum [deg], shape ``(n, 2)``."""
    places = np.array(lon_lat(stops.geometry), float).reshape(-1, 2)[:, ::-1]
    if datum == "wgs84":
        return places
    return np.column_stack(from_wgs84(places[:, 0], places[:, 1], datum))


def _assumed(codes: Sequence[str], language: Language | None) -> str:
    """Return what is assumed, or why a place was not judged, in one language or in all."""
    texts = [MEANINGS[code] for code in codes]
    said = (in_all(text) if language is None else i18n.translate(text, language) for text in texts)
    return "; ".join(said)


def _write_book(path: Path, *, stops: gpd.GeoDataFrame, city: City) -> None:
    """Write the workbook: cameras to fill in, under the headings of the template, and all stops."""
    places = pd.DataFrame(_degrees(stops, "wgs84").round(7), stops.index, ["lon", "lat"])
    listed = pd.DataFrame(stops.drop(columns="geometry")).join(places)
    listed["kind"] = listed["kind"].map(lambda code: in_all(STOPS[code]))
    listed["assumed"] = [_assumed(codes, None) for codes in stops["assumed"]]
    entries = list_columns("surveyed")
    headings = dict(
        zip([entry.column.name for entry in entries], headers_of(entries, LANGUAGES), strict=True)
    )
    own = listed[are_cameras(stops)].rename_axis("stop").reset_index()
    asked = own.rename(columns={"subject": SURVEYED.index}).assign(datum="WGS84")
    shown = ["stop", "kind", "name", "street", "assumed"]
    table = asked.reindex(columns=[*headings, *shown]).set_index(SURVEYED.index)
    choices = {
        name: [i18n.translate(word, LANGUAGES[0]) for word in (N_("yes"), N_("no"))]
        for name in ("usable", "power", "network", "buildable")
    }
    notes = {
        in_all(N_("Project")): city.name,
        in_all(N_("Order")): in_all(ORDER),
        in_all(N_("Gates")): in_all(GATES),
    }
    write_workbook(
        path,
        {"surveyed": table, "stops": listed},
        notes,
        {**OWN, **{name: Text(heading) for name, heading in headings.items()}},
        choices=choices,
    )


Mark = tuple[str, str, float, float]
"""Title, description, longitude and latitude of a stop."""


def _xml(text: str) -> str:
    """Return text as XML holds it."""
    return escape(shown(text))


def _kml(name: str, marks: Sequence[Mark]) -> str:
    """Return the stops as KML 2.2, points and the way between them."""
    points = "".join(
        f"<Placemark><name>{_xml(title)}</name><description>{_xml(told)}</description>"
        f"<Point><coordinates>{lon:.7f},{lat:.7f}</coordinates></Point></Placemark>\n"
        for title, told, lon, lat in marks
    )
    way = " ".join(f"{lon:.7f},{lat:.7f}" for _, _, lon, lat in marks)
    line = f"<Placemark><LineString><coordinates>{way}</coordinates></LineString></Placemark>\n"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
        f"<name>{_xml(name)}</name>\n{points}{line if len(marks) > 1 else ''}</Document></kml>\n"
    )


def _write_kmz(path: Path, content: str) -> None:
    """Write KML into a ZIP file as KMZ has it, the same bytes each time."""
    with written_whole(path) as scratch, ZipFile(scratch, "w", ZIP_DEFLATED) as package:
        package.writestr(ZipInfo("doc.kml"), content)


def _gpx(name: str, marks: Sequence[Mark]) -> str:
    """Return the stops as GPX 1.1: waypoints, and a route through them."""
    body = "".join(
        f'<wpt lat="{lat:.7f}" lon="{lon:.7f}"><name>{_xml(title)}</name>'
        f"<desc>{_xml(told)}</desc></wpt>\n"
        for title, told, lon, lat in marks
    )
    way = "".join(
        f'<rtept lat="{lat:.7f}" lon="{lon:.7f}"><name>{_xml(title)}</name></rtept>\n'
        for title, _, lon, lat in marks
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="civicsight" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<metadata><name>{_xml(name)}</name></metadata>\n{body}"
        f"<rte><name>{_xml(name)}</name>\n{way}</rte></gpx>\n"
    )


HEADINGS: Final = (N_("Stop"), N_("What it is"), N_("Name and number"), N_("What is assumed"),
                N_("Found on site"), N_("Place, to be scanned"))  # fmt: skip


def survey_document(
    stops: gpd.GeoDataFrame, city: City, language: Language, datum: Datum
) -> Document:
    """Return what the sheet says: a section a street, with a small map and a code for each stop."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    spots = shapely.get_coordinates(stops.geometry.to_numpy())
    metres = length_m(spots, np.arange(len(spots)))
    counts = [
        N_("%(what)s: %(value)s", what=STOPS[kind], value=number(int(count)))
        for kind, count in stops["kind"].value_counts().items()
    ]
    head = N_(
        "Stops: %(count)s; in straight lines %(km)s km.",
        count=number(len(stops)),
        km=number(metres / 1000.0, 1),
    )
    lead = (
        head,
        *counts,
        ORDER,
        GATES,
        N_("Codes and files for maps are in %(datum)s.", datum=DATUM_NAMES[datum]),
    )
    codes = _degrees(stops, datum)
    sections = [
        _section(str(street), own, city, codes[own.index.to_numpy() - 1], translate, language)
        for street, own in stops.groupby("street", sort=False)
    ]
    return Document(
        language,
        translate(N_("Survey: %(place)s", place=city.name)),
        tuple(map(translate, lead)),
        (translate(MADE_UP),) if city.synthetic else (),
        tuple(sections),
        foot=(translate(N_("Surveyed by ____________________   Day ____________________")),),
    )


def _section(
    street: str,
    stops: gpd.GeoDataFrame,
    city: City,
    codes: FloatArray,
    translate: Callable[[Text], str],
    language: Language,
) -> Section:
    rows = tuple(
        (
            str(row.Index),
            translate(STOPS[row.kind]),
            Cell(row.name_ or "–", small=row.subject),
            _assumed(row.assumed, language) or "–",
            Cell("", tone="blank"),
            Cell("", drawing=code),
        )
        for row, code in zip(
            stops.rename(columns={"name": "name_"}).itertuples(),
            (
                draw_qr(f"geo:{lat:.6f},{lon:.6f}").svg(translate(N_("Place, to be scanned")))
                for lon, lat in codes
            ),
            strict=True,
        )
    )
    table = Table("", tuple(map(translate, HEADINGS)), rows, frozenset({0}))
    figure = Figure(translate(N_("The stops of this street")), draw_stops(city, stops))
    return Section(street or translate(OFF), [figure, table])


def draw_stops(city: City, stops: gpd.GeoDataFrame) -> Canvas:
    """Draw stops with their numbers over houses and roads."""
    west, south, east, north = stops.total_bounds + np.array([-1, -1, 1, 1]) * MARGIN_M
    wide, high = east - west, north - south
    scale = min(MAP_PX / wide, MAP_PX / high)
    window = shapely.box(west, south, east, north)
    view = View(west, north, scale, window)
    canvas = Canvas(round(wide * scale), round(high * scale))
    for frame, fill, edge, width in (
        (city.roads, "", ROAD, 1.5),
        (city.buildings, HOUSE, HOUSE_EDGE, 0.6),
    ):
        for shape in frame.geometry.iloc[np.sort(frame.sindex.query(window))]:
            canvas.shape(view, shape, fill, edge, width=width)
    for row in stops.itertuples():
        x, y = view.at(row.geometry.x, row.geometry.y)
        corners = [(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4)]
        canvas.area(corners, INK, "#ffffff", width=0.8)
        canvas.word(x + 6, y + 4, str(row.Index))
    return canvas


def rows_of(stops: gpd.GeoDataFrame, language: Language) -> list[tuple[Any, ...]]:
    """Return the stops as rows of words, for a screen."""
    return [
        (
            row.Index,
            i18n.translate(STOPS[row.kind], language),
            row.subject,
            row.name_,
            row.street,
            _assumed(row.assumed, language),
        )
        for row in stops.rename(columns={"name": "name_"}).itertuples()
    ]
