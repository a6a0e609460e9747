"""Where the rows of an inventory are, and which positions cannot be right."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray, ObjectArray
from civicsight.core.errors import N_, Fault, InputError, Text, refuse
from civicsight.io.crs import LONLAT, NEAR_DEG, centre_bounds, in_degrees, moved, working_crs
from civicsight.io.datums import (
    DATUM_NAMES,
    DATUMS,
    SHIFTED,
    Datum,
    ground_distance,
    in_shift_area,
    to_wgs84,
)
from civicsight.io.faults import fault, reject
from civicsight.io.georeference import unshift
from civicsight.io.nearness import far_faults
from civicsight.io.source_options import NOTHING, Declared, assumed_datum, hold_datum, remarks_of
from civicsight.io.tables.coordinates import (
    coarse_places,
    degree_faults,
    easting_first,
    metre_faults,
    read_pairs,
    source_crs,
    unread_metres,
)
from civicsight.io.tables.sheet import Sheet, address_columns, cell_notes
from civicsight.io.tables.source_schema import MANY, content_of
from civicsight.io.tables.synonyms import PLACE_HEADERS, normal
from civicsight.io.tables.words import DATUM_OF, header_datums
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


NO_PLACE: Final = "lon, lat"
"""Field of the refusal of a table without columns for a place."""


class Located(NamedTuple):
    """The place of each row in the working CRS, what is wrong with some, and what was done."""

    places: gpd.GeoSeries
    faults: list[Fault]
    notes: tuple[Note, ...] = ()


class _Placed(NamedTuple):
    """Places in the CRS of the source."""

    series: gpd.GeoSeries
    faults: list[Fault]
    notes: tuple[Note, ...]


def locate(
    sheet: Sheet,
    found: dict[str, str],
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    *,
    placed: bool = True,
) -> Located:
    """Return the place of each row in the working CRS, and the rows that have none to trust.

    Longitudes and latitudes are in the system that the row names in its own column, else in the
    declared one, else in WGS 84. ``x`` and ``y`` are in the declared local system, else in the
    declared CRS, else in the zone whose number the easting carries (CGCS2000), else in the working
    CRS. Where all rows say that X counts to the north, as surveyors write it, they are read so.

    Parameters
    ----------
    sheet
        The rows; those of a vector layer bring their geometry, in its true CRS.
    found
        Column by meaning; used are ``lon`` and ``lat``, else ``x`` and ``y``; and ``datum``.
    crs
        Working CRS; by default chosen from the rows that have a place to trust.
    near
        Extent of the city in the working CRS, or None.
    declared
        Datum and CRS of the source.
    placed
        Whether every row needs a place; where not, rows without one have None.

    Raises
    ------
    InputError
        If there are no columns for a place, their CRS is unknown, or no row has a place from
        which a working CRS could be chosen.
    """
    got = _read(sheet, found, crs, declared, placed=placed)
    bad = {fault.where for fault in (*sheet.faults, *got.faults)}
    good = np.array([where not in bad for where in sheet.where], bool)
    good &= got.series.notna().to_numpy()
    working = crs if crs is not None else _own_crs(sheet, got, good)
    places = moved(got.series, working)
    far = far_faults(sheet, got.series, places, good, near)
    return Located(places, got.faults + far, got.notes)


def _read(
    sheet: Sheet, found: dict[str, str], crs: CRS | None, declared: Declared, *, placed: bool
) -> _Placed:
    """Read the places by whatever the rows have of them."""
    if sheet.geometry is not None:
        return _from_shapes(sheet, found, declared, placed=placed)
    measured = declared.local is not None and {"x", "y"} <= found.keys()
    if {"lon", "lat"} <= found.keys() and not measured:
        got = _from_degrees(sheet, found, declared, placed=placed)
        return got._replace(notes=(*got.notes, *unread_metres(sheet, found)))
    if {"x", "y"} <= found.keys():
        return _from_metres(sheet, found, crs, declared, placed=placed)
    if placed:
        _missing_place(sheet, declared)
    nowhere = gpd.GeoSeries(np.full(len(sheet.rows), None, object), crs=crs or LONLAT)
    return _Placed(nowhere, [], ())


def _own_crs(sheet: Sheet, got: _Placed, good: BoolArray) -> CRS:
    """Choose the working CRS from the good rows alone."""
    if not good.any():
        if got.faults or sheet.faults:
            raise InputError([*sheet.faults, *got.faults])
        reject("crs.unknown:table", sheet.source)
    frame = got.series[good].to_frame("geometry")
    return working_crs(centre_bounds(in_degrees(frame), NEAR_DEG))


def _points(xy: FloatArray) -> ObjectArray:
    out = np.full(len(xy), None, object)
    known = np.isfinite(xy).all(axis=1)
    out[known] = shapely.points(xy[known])
    return out


def _from_degrees(
    sheet: Sheet, found: dict[str, str], declared: Declared, *, placed: bool
) -> _Placed:
    headers = (found["lon"], found["lat"])
    declared = with_header_datum(sheet, headers, declared)
    pairs, faults = read_pairs(sheet, headers, degrees=True, placed=placed)
    faults += degree_faults(sheet, headers, pairs, {fault.where for fault in faults})
    datums, wrong = _datums(sheet, found.get("datum"), declared.datum)
    unshifted, notes = _on_wgs84(pairs, datums)
    series = gpd.GeoSeries(_points(unshifted), crs=LONLAT)
    bad = {fault.where for fault in faults + wrong}
    unusable = np.array([where in bad for where in sheet.where], bool)
    series[unusable] = None
    said = (*_hold_datum(sheet, found, datums, declared), *coarse_places(pairs))
    return _Placed(series, faults + wrong, (*said, *notes))


def _hold_datum(
    sheet: Sheet, found: dict[str, str], datums: ObjectArray, declared: Declared
) -> tuple[Note, ...]:
    """Hold what the page says of the datum against what is taken, and say what is assumed."""
    known = "datum" in found or declared.datum is not None
    named = hold_datum(
        sheet.source,
        [
            *remarks_of(sheet.source, sheet.header, sheet.beside),
            *cell_notes(sheet, {found["datum"]} if "datum" in found else ()),
        ],
        datums.tolist() if known else (),
        declared,
    )
    return _silent(sheet, found, declared) if named is None or known else (named,)


def _silent(sheet: Sheet, found: dict[str, str], declared: Declared) -> tuple[Note, ...]:
    """Say how many rows name no datum where nothing is declared; the source may have no word."""
    header = found.get("datum")
    if declared.datum is not None:
        return ()
    if header is None:
        return (assumed_datum(),)
    count = sum(row[header] is None for row in sheet.rows)
    note = noted(
        "datum.assumed",
        N_(
            "%(count)s rows name no datum and were taken as WGS 84: declare it if they are in "
            "another",
            count=count,
        ),
    )
    return (note,) if count else ()


def _from_metres(
    sheet: Sheet, found: dict[str, str], crs: CRS | None, declared: Declared, *, placed: bool
) -> _Placed:
    headers = (found["x"], found["y"])
    if declared.local is None and declared.crs is not None and declared.crs.is_geographic:
        return _from_degrees(
            sheet, {**found, "lon": headers[0], "lat": headers[1]}, declared, placed=placed
        )
    declared = with_header_datum(sheet, headers, declared)
    pairs, faults = read_pairs(sheet, headers, degrees=False, placed=placed)
    pairs, turned = easting_first(headers, pairs, declared)
    if declared.local is None:
        faults += metre_faults(sheet, headers, pairs)
    bad = {fault.where for fault in faults}
    good = np.array([where not in bad for where in sheet.where], bool)
    if faults and not good.any():
        raise InputError([*sheet.faults, *faults])
    xy = np.where(good[:, None], pairs, np.nan)
    if declared.local is not None:
        xy = declared.local.out_of(xy)
    own, notes = source_crs(sheet, xy, crs, declared)
    datums, wrong = _datums(sheet, found.get("datum"), declared.datum)
    expected = N_("CGCS2000 or WGS 84")
    wrong += [
        _datum_fault(sheet, row, found.get("datum", ""), DATUM_NAMES[datums[row]], expected)
        for row in np.flatnonzero(_is_shifted(datums)).tolist()
    ]
    return _Placed(gpd.GeoSeries(_points(xy), crs=own), faults + wrong, (*turned, *notes))


def _from_shapes(
    sheet: Sheet, found: dict[str, str], declared: Declared, *, placed: bool
) -> _Placed:
    """Take the places of a layer; only what its rows say about their datum is still to be done."""
    assert sheet.geometry is not None  # noqa: S101 - only called for layers
    faults = _shape_faults(sheet) if placed else []
    header = found.get("datum")
    series = sheet.geometry.reset_index(drop=True)
    # What is declared about the whole layer was done when it was read.
    datums, wrong = _datums(sheet, header, None)
    if header is None or not _is_shifted(datums).any():
        return _Placed(series, faults + wrong, ())
    if declared.datum in SHIFTED:
        said = N_("the declared datum %(datum)s", datum=DATUM_NAMES[declared.datum])
        wrong += [
            _datum_fault(sheet, row, header, DATUM_NAMES[datums[row]], said)
            for row in np.flatnonzero(datums != declared.datum).tolist()
            if sheet.rows[row][header] is not None
        ]
        return _Placed(series, faults + wrong, ())
    values = moved(series, LONLAT).to_numpy().copy()
    notes = []
    for datum in DATUMS:
        mine = datums == datum
        if datum in SHIFTED and mine.any():
            values[mine] = unshift(values[mine], datum)
            notes.append(
                noted(
                    "read.coordinates",
                    N_(
                        "rows that name %(datum)s as their datum: %(count)s",
                        datum=DATUM_NAMES[datum],
                        count=int(mine.sum()),
                    ),
                )
            )
    return _Placed(gpd.GeoSeries(values, crs=LONLAT), faults + wrong, tuple(notes))


def _datums(
    sheet: Sheet, header: str | None, declared: Datum | None
) -> tuple[ObjectArray, list[Fault]]:
    """Return the datum of each row: its own word, else the declared one, else WGS 84."""
    if header is None:
        return np.full(len(sheet.rows), declared or "wgs84", object), []
    words = pd.Series([row[header] for row in sheet.rows], dtype=object)
    meant = {word: DATUM_OF.get(normal(word)) for word in words.dropna().unique()}
    unknown = words.isin([word for word, datum in meant.items() if datum is None])
    known = N_("WGS 84, CGCS2000, GCJ-02 or BD-09")
    faults = [
        _datum_fault(sheet, row, header, str(words[row]), known)
        for row in np.flatnonzero(unknown).tolist()
    ]
    datums = words.map(lambda word: meant[word] or "wgs84", na_action="ignore")
    return datums.where(words.notna(), declared or "wgs84").to_numpy(object), faults


def _is_shifted(datums: ObjectArray) -> BoolArray:
    """Tell which rows are in a system that shifts places on purpose."""
    return np.isin(datums, list(SHIFTED))


def with_header_datum(sheet: Sheet, headers: tuple[str, ...], declared: Declared) -> Declared:
    """Return what is declared, with the system that the headers of the coordinates name.

    Raises
    ------
    InputError
        If they name several, or another one than is declared.
    """
    named = header_datums(headers)
    if not named or named == {declared.datum}:
        return declared
    if len(named) > 1 or declared.datum is not None:
        reject(
            "place.datum",
            sheet.source,
            field=", ".join(headers),
            found=", ".join(DATUM_NAMES[datum] for datum in DATUMS if datum in named),
        )
    return replace(declared, datum=named.pop())


def _datum_fault(sheet: Sheet, row: int, header: str, found: str, expected: Text) -> Fault:
    return Fault(
        "place.datum",
        sheet.source,
        sheet.where[row],
        header,
        found,
        expected,
        N_("Convert the coordinates of the row, or correct the column."),
    )


def _on_wgs84(pairs: FloatArray, datums: ObjectArray) -> tuple[FloatArray, tuple[Note, ...]]:
    """Undo the shift of each row, and say how many were moved and how far."""
    out = pairs.copy()
    notes = []
    for datum in DATUMS:
        mine = datums == datum
        lon, lat = pairs[mine, 0], pairs[mine, 1]
        if datum not in SHIFTED or not mine.any():
            continue
        out[mine, 0], out[mine, 1] = to_wgs84(lon, lat, datum)
        inside = in_shift_area(lon, lat)
        apart = ground_distance(lon, lat, out[mine, 0], out[mine, 1])[inside]
        notes.append(
            noted(
                "read.coordinates",
                N_(
                    "%(count)s rows in %(datum)s moved to WGS 84, by %(offset)s m",
                    count=int(inside.sum()),
                    datum=DATUM_NAMES[datum],
                    offset=f"{np.median(apart) if len(apart) else 0.0:.0f}",
                ),
            )
        )
    return out, tuple(notes)


def _shape_faults(sheet: Sheet) -> list[Fault]:
    assert sheet.geometry is not None  # noqa: S101 - only called for layers
    known = {fault.where for fault in sheet.faults}
    return [
        fault("place.missing", sheet.source, where, "geometry")
        for where, shape in zip(sheet.where, sheet.geometry, strict=True)
        if where not in known
        and (shape is None or shape.is_empty or not np.isfinite(shape.bounds).all())
    ]


def _missing_place(sheet: Sheet, declared: Declared) -> NoReturn:
    """Refuse a table without columns that say where its rows are."""
    words = [word for names in PLACE_HEADERS.values() for word in names]
    near = [
        f"{name} ~ {close[0]}"
        for name in sheet.header
        if (close := difflib.get_close_matches(name.lower(), words, n=1, cutoff=0.7))
    ]
    columns = {name: pd.Series([row[name] for row in sheet.rows[:MANY]]) for name in sheet.header}
    near += [
        f"{name} ~ {content.meaning}"
        for name, cells in columns.items()
        if (content := content_of(cells, ("lon", "lat")))
    ]
    found = ", ".join(sheet.header) + (f" ({', '.join(near)}?)" if near else "")
    remedy = N_("Rename or add the columns.")
    if "address" in address_columns(sheet, declared):
        remedy = N_(
            "Add the columns, or have the rows placed by their addresses: --gazetteer FILE with "
            "address, lon and lat, or --into a project that has addresses."
        )
    refuse(
        "table.missing_column",
        sheet.source,
        N_("columns lon and lat, or x and y"),
        remedy,
        found=found,
        where="row 1",
        field=NO_PLACE,
    )
