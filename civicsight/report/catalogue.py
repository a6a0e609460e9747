"""Catalogues in the form of GB/T 28181-2022, for the platform that keeps the cameras.

What the reader never keeps (address, contact) is left as a marked place for the clerk who files the
catalogue. Everything that came from a catalogue and still holds is written as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, NoReturn
from xml.sax.saxutils import escape

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Fault, InputError, Text, refuse
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.io.catalogue.fields import (
    BY_NAME,
    DEVICE_ID,
    EDITION,
    FIELDS,
    MAX_CHARACTERS,
    SYSTEM_TAG,
    WITHHELD,
    kind_of,
    mandatory,
)
from civicsight.io.catalogue.mapping import record_of
from civicsight.io.catalogue.messages import MARK
from civicsight.io.catalogue.words import ID_TAGS
from civicsight.io.crs import LONLAT, grid_azimuth, moved
from civicsight.model import CAMERAS
from civicsight.report.faults import fault

Encoding = Literal["GB18030", "GBK", "GB2312", "UTF-8"]

AFTER: Final[Mapping[str, str]] = {"Address": "Block", "ContactInfo": "ManagementUnit"}
"""Where the standard has the fields that are not kept: behind which of the others."""


REMARK: Final = N_("to be filled in by the clerk who files the catalogue")


class Export(NamedTuple):
    """What was written, how many cameras are not built or removed, and what is still to be done.

    `left_out` are cameras that cannot stand in a catalogue, `to_fill` mandatory fields that are not
    known here, with their camera.
    """

    path: Path
    written: int
    not_existing: int
    left_out: tuple[Fault, ...]
    to_fill: tuple[Fault, ...]


def write_catalogue(
    cameras: gpd.GeoDataFrame,
    path: str | Path,
    *,
    system: str | None = None,
    encoding: Encoding = "GB18030",
    language: Language = DEFAULT_LANGUAGE,
    keep_good: bool = False,
) -> Export:
    """Write existing cameras as the answer to a catalogue query, edition of 2022.

    Parameters
    ----------
    cameras
        Table `model.CAMERAS`; ids of 20 digits, here or in a tag such as ``gb_id``. Coordinates
        are written in WGS 84.
    path
        File to write; it is whole or not there.
    system
        Id of the system whose catalogue it is; by default that of the catalogue they came from.
    encoding
        Of the file; characters that it lacks are written as references.
    language
        Of the remark in places that are to be filled in.
    keep_good
        Whether to leave out cameras that cannot be written; by default all or nothing.

    Raises
    ------
    InputError
        If a camera cannot be written and not `keep_good`, or the system is not known.
    SchemaError, CrsError
        If the table is not as declared.
    """
    CAMERAS.check(cameras)
    file = Path(path)
    there = cameras[~cameras["status"].isin(["approved", "planned", "removed"])]
    whose = _system(there, file.name) if system is None else system
    if not DEVICE_ID.fits(whose):
        _no_system(file.name, DEVICE_ID.expected, whose[:40])
    records, left_out = _records(there, file.name)
    if left_out and not keep_good:
        raise InputError(left_out)
    missing = [
        [name for name in mandatory(record, edition=EDITION) if name not in record]
        for record in records
    ]
    text = "\n".join(_lines_of(records, missing, whose, encoding, language))
    with written_whole(file) as scratch:
        scratch.write_bytes(text.encode(encoding, "xmlcharrefreplace"))
    # A fault for each mandatory field that neither the table nor its source has.
    to_fill = tuple(
        fault("catalogue.mandatory", file.name, record["DeviceID"], name)
        for record, names in zip(records, missing, strict=True)
        for name in names
        if f"{name}?" not in record
    )
    return Export(file, len(records), len(cameras) - len(there), tuple(left_out), to_fill)


def _lines_of(
    records: list[dict[str, str]],
    missing: list[list[str]],
    system: str,
    encoding: Encoding,
    language: Language,
) -> Iterator[str]:
    """Yield the lines of the answer."""
    yield f'<?xml version="1.0" encoding="{encoding}"?>'
    yield "<Response>"
    yield "  <CmdType>Catalog</CmdType>"
    yield "  <SN>1</SN>"
    yield f"  <DeviceID>{system}</DeviceID>"
    yield f"  <SumNum>{len(records)}</SumNum>"
    yield f'  <DeviceList Num="{len(records)}">'
    for record, names in zip(records, missing, strict=True):
        remark = translate(REMARK, language)
        outer = list(_lines(record, names, remark, inner=False))
        inner = list(_lines(record, names, remark, inner=True))
        yield "    <Item>"
        yield from (f"      {line}" for line in outer)
        if inner:
            yield "      <Info>"
            yield from (f"        {line}" for line in inner)
            yield "      </Info>"
        yield "    </Item>"
    yield from ("  </DeviceList>", "</Response>", "")


def _system(cameras: gpd.GeoDataFrame, file: str) -> str:
    """Return the system that all cameras came from."""
    held = {tags.get(SYSTEM_TAG) for tags in cameras["tags"] if isinstance(tags, Mapping)}
    known = sorted(text for text in held if text)
    if len(known) != 1:
        _no_system(file, N_("cameras of one system"), ", ".join(known))
    return str(known[0])


def _no_system(file: str, expected: Text, found: str) -> NoReturn:
    refuse(
        "catalogue.system",
        file,
        expected,
        N_("Name the system whose catalogue it is with --system: an id of 20 digits."),
        found=found,
    )


def _records(cameras: gpd.GeoDataFrame, file: str) -> tuple[list[dict[str, str]], list[Fault]]:
    """Return the record of each camera that can be written, and why others cannot.

    A field that is withheld stands as its name with a question mark where its source has it.
    """
    degrees = moved(cameras.geometry, LONLAT)
    lonlat = np.column_stack([degrees.x, degrees.y])
    # From true north [deg].
    grid = pd.to_numeric(cameras["azimuth_deg"]).to_numpy(np.float64)
    turn = grid_azimuth(np.zeros(len(grid)), cameras.geometry)
    azimuths: npt.NDArray[np.float64] = np.mod(grid - turn, 360.0)
    records, faults = [], []
    for (label, row), (lon, lat), azimuth in zip(cameras.iterrows(), lonlat, azimuths, strict=True):
        record = record_of(
            _device(str(label), row["tags"]), row, (float(lon), float(lat)), float(azimuth)
        )
        wrong = list(_wrong(record, file))
        faults += wrong
        if not wrong:
            records.append(record)
    return records, faults


def _device(label: str, tags: object) -> str:
    """Return the id of GB/T 28181 of a camera: its own, else the one that a tag holds."""
    if DEVICE_ID.fits(label) or not isinstance(tags, Mapping):
        return label
    return next((str(tags[name]).strip() for name in ID_TAGS if tags.get(name)), label)


def _wrong(record: Mapping[str, str], file: str) -> Iterator[Fault]:
    """Yield why a camera cannot stand in a catalogue."""
    device = record.get("DeviceID", "")
    if kind_of(device) != "camera":
        yield fault("catalogue.id", file, device[:40], "DeviceID", device[:40])
    if record.get("Secrecy") == "1":
        yield fault("catalogue.secret", file, device, "Secrecy")
    for name, text in record.items():
        field = BY_NAME.get(name)
        if field is None or name == "DeviceID":
            continue
        if len(text) > MAX_CHARACTERS or (field.vital and not field.check.fits(text)):
            yield Fault(
                "catalogue.value",
                file,
                device,
                name,
                text[:40],
                field.check.expected,
                N_("Correct the value."),
            )


def _lines(
    record: Mapping[str, str], missing: list[str], remark: str, *, inner: bool
) -> Iterator[str]:
    """Yield the fields of an item, or of its ``Info``, in the order of the standard."""
    for field in FIELDS:
        if field.inner == inner:
            yield from _line(field.name, record, missing, remark)
            yield from (
                line
                for name in WITHHELD
                if AFTER[name] == field.name
                for line in _line(name, record, missing, remark)
            )


def _line(name: str, record: Mapping[str, str], missing: list[str], remark: str) -> Iterator[str]:
    held = f"{name}?" in record
    if name in record:
        text = escape(record[name], {"\r": "&#13;"})
        yield f"<{name}>{text}</{name}>"
    elif held or name in missing:
        yield f"<{name}><!-- {MARK}{held:d}: {remark} --></{name}>"
