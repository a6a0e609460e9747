"""What is chosen when a project is made: its boundary, and the years that it plans for."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.intake import DATUM_LABELS
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.settings import present_day
from civicsight.io.datums import DATUMS
from civicsight.io.source_options import Declared
from civicsight.model.provenance import years_of
from civicsight.planning.aims.boundary import (
    describe_left_out,
    named_area,
    read_boundary,
    with_years,
    within,
)
from civicsight.planning.area.districts import find_districts
from civicsight.presentation.lexicon import number
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visitor
from civicsight.ui.local_system import ask_local

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from civicsight.application.beginning import Beginning
    from civicsight.model import City

WHERE, DATUM, CHOSEN_YEARS = "start.boundary", "start.boundary.datum", "start.years"
"""Keys of the fields: which boundary, its datum, which years."""

REFUSED: Final = "start.boundary.refused"
"""Key of why the last file was refused."""

WHOLE, OF_FILE = "", "\0file"
"""Choices beside the names of districts: all that was read, and areas of a file."""

TYPES: Final = ("geojson", "json", "gpkg", "kml", "zip", "csv", "xlsx")
YEARS_AHEAD: Final = 6


def ask_frame(who: Visitor, begun: Beginning, city: City) -> City | None:
    """Ask for boundary and years; return the city as the project would be, None where it cannot."""
    area = _ask_boundary(who, begun, city)
    if area is not None:
        try:
            city = within(city, *area)
        except CivicsightError as error:
            show_refusal(error, who.language)
            return None
        for text in describe_left_out(city):
            st.text(who.translate(text))
    first = present_day().year
    years = list(range(first, first + YEARS_AHEAD))
    chosen = st.multiselect(
        who.translate(N_("Years that are planned for")),
        years,
        default=[first + 1],
        key=CHOSEN_YEARS,
    )
    return with_years(city, chosen)


def show_frame(who: Visitor, city: City) -> None:
    """Say of a project what its boundary left out, and which years it plans for."""
    for text in describe_left_out(city):
        st.text(who.translate(text))
    years = years_of(city.provenance)
    if years:
        named = ", ".join(map(str, years))
        st.text(who.translate(N_("Years that are planned for: %(years)s", years=named)))


def _ask_boundary(who: Visitor, begun: Beginning, city: City) -> tuple[BaseGeometry, str] | None:
    """Return the boundary that was chosen with its name; None for all that was read."""
    districts = find_districts(city)
    label = districts["name"].where(districts["name"].notna(), districts["code"])
    names = list(dict.fromkeys(map(str, label)))
    whole = N_(
        "all that was read: %(buildings)s buildings, %(places)s places and areas",
        buildings=number(len(city.buildings)),
        places=number(len(city.places)),
    )
    said = {
        WHOLE: who.translate(whole),
        **{name: name for name in names},
        OF_FILE: who.translate(N_("areas of a file")),
    }
    chosen = st.selectbox(
        who.translate(N_("Boundary of the project")),
        list(said),
        key=WHERE,
        format_func=said.__getitem__,
    )
    if chosen == OF_FILE:
        _ask_file(who, begun, city)
        return begun.boundary
    area = named_area(districts, chosen) if chosen else None
    return None if area is None else (area, chosen)


def _ask_file(who: Visitor, begun: Beginning, city: City) -> None:
    """Take a boundary from a file; one that is refused changes nothing."""
    datums = {code: who.translate(text) for code, text in DATUM_LABELS.items()}
    label = who.translate(N_("Datum of the longitudes and latitudes of the boundary"))
    datum = st.selectbox(label, list(datums), format_func=datums.__getitem__, key=DATUM)
    known = next((one for one in DATUMS if one == datum), None)
    declared = Declared(datum=known, local=ask_local(who, "start.boundary"))
    asked = who.translate(
        N_("Boundary as areas (GeoJSON, GeoPackage, KML, Shapefile as ZIP, table)")
    )
    entitled = Entitled(who.actor.name, standing(who.actor))
    take_file(asked, "start.boundary.file", entitled, TYPES, partial(_take, begun, city, declared))
    refused = st.session_state.get(REFUSED)
    if refused is not None:
        show_refusal(refused, who.language)
    if begun.boundary is not None:
        st.text(begun.boundary[1])


def _take(begun: Beginning, city: City, declared: Declared, name: str, content: bytes) -> None:
    """Take a boundary; one that is refused changes nothing."""
    st.session_state.pop(REFUSED, None)
    try:
        begun.boundary = (_read(city, name, content, declared), name)
    except CivicsightError as error:
        st.session_state[REFUSED] = error


def _read(city: City, name: str, content: bytes, declared: Declared) -> BaseGeometry:
    """Read a boundary that a browser sent, in a process of its own."""
    end = Path(name).suffix.lower()
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / f"boundary{end if end[1:] in TYPES else '.geojson'}"
        path.write_bytes(content)
        return read_boundary(city, path, declared)
