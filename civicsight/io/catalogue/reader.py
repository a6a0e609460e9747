"""Cameras from the catalogue of a GB/T 28181 platform."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
from pyproj import CRS

from civicsight.core.errors import N_, CrsError, Fault, InputError
from civicsight.io.catalogue.fields import (
    BY_NAME,
    DEVICE_ID,
    OLD_PREFIX,
    ONLY_2016,
    PREFIX,
    PRESENT,
    SYSTEM_TAG,
    WITHHELD,
    Kind,
    cleaned,
    edition_of,
    is_unset,
    kind_of,
    mandatory,
)
from civicsight.io.catalogue.mapping import SECTORS, columns_of, tags_of
from civicsight.io.catalogue.messages import (
    Content,
    Item,
    field_fault,
    is_catalogue,
    misfit,
    no_crs,
    nothing_left,
    read_messages,
    repeated_id,
    sum_faults,
    wrong_id,
)
from civicsight.io.faults import reject
from civicsight.io.report import Count, ImportReport
from civicsight.io.safe_xml import read_xml
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.directions import SECTOR_TAG
from civicsight.io.tables.inventory import CAMERA_SCHEMA, fill
from civicsight.io.tables.sheet import Sheet
from civicsight.io.vectors.files import require_file
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(slots=True)
class Found:
    """What the items of one or several files come to."""

    source: str
    rows: list[dict[str, str | None]]
    where: list[str]
    kinds: Counter[str]
    rejected: list[Fault]
    incomplete: list[Fault]
    masked: list[Fault]


def read_catalogue(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read the cameras of a catalogue that a GB/T 28181 platform answered.

    Parameters
    ----------
    path
        XML of the edition of 2016 or 2022 with one answer or several, or a folder with such files.
    crs
        Working CRS; by default chosen from the cameras.
    near
        Extent of the city in the working CRS: cameras far from it are rejected.
    declared
        Encoding, and the geodetic system of a platform that does not keep to WGS 84.
    keep_good
        Whether to take the good cameras where others are rejected; by default all or nothing.

    Returns
    -------
    cameras
        `model.CAMERAS`; the whitelisted fields stand in ``tags`` behind ``gb28181:``.
    report
        Cameras read and kept, items that are none, fields that were left unread, every fault.

    Raises
    ------
    InputError
        If a file is not a catalogue or not safe to read, or cameras are rejected and not
        `keep_good`.
    """
    found, notes, encoding = _read(Path(path).absolute(), declared)
    if not found.kinds["camera"] + found.kinds[""]:
        reject("catalogue.empty", found.source, found="0")
    table, report = _placed(found, crs, near, declared)
    # How columns were understood is not told of a catalogue: its fields are those of the standard.
    notes += [note for note in report.notes if not note.kind.startswith("columns.")]
    report = replace(report, notes=tuple(notes), encoding=encoding)
    return table, report.raise_rejected(keep_good=keep_good and len(table) > 0)


def _read(path: Path, declared: Declared) -> tuple[Found, list[Note], str]:
    """Return what the files say, notes on how they were read, and their encodings."""
    contents: dict[str, Content] = {}
    encodings: list[str] = []
    doubts: list[Note] = []
    for file in _files(path):
        source = read_xml(file, declared.encoding)
        contents[file.name] = read_messages(source)
        encodings.append(source.encoding)
        doubts += source.notes
    found = _gather(path.name, contents)
    unread = sum((content.unread for content in contents.values()), Counter[str]())
    return found, [*_notes(unread, found), *doubts], ", ".join(dict.fromkeys(encodings))


def _placed(
    found: Found, crs: CRS | None, near: BaseGeometry | None, declared: Declared
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn the rows that were found into the table, with all faults in the report."""
    if not found.rows:
        raise InputError(found.rejected or [nothing_left(found.source)])
    sheet = Sheet(found.source, list(found.rows[0]), found.rows, found.where)
    try:
        table, report = fill(
            sheet, CAMERA_SCHEMA, crs, near=near, declared=declared, keep_good=True
        )
    except CrsError as error:
        raise InputError([*found.rejected, no_crs(found.source)]) from error
    return table, replace(
        report,
        # An answer of which items were lost is refused as a whole: it counts as a row itself.
        read=found.kinds["camera"] + found.kinds[""] + found.kinds["short"],
        counts=_counts(table, found),
        repaired=(*found.masked, *report.repaired),
        incomplete=(*found.incomplete, *report.incomplete),
        rejected=(*found.rejected, *report.rejected),
    )


def _files(path: str | Path) -> list[Path]:
    folder = Path(path).absolute()
    if not folder.is_dir():
        file = require_file(path)
        if not is_catalogue(file):
            _no_catalogue(file.name)
        return [file]
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and is_catalogue(file)]
    if not files:
        _no_catalogue(folder.name)
    return files


def _no_catalogue(name: str) -> None:
    reject("catalogue.format", name)


def _gather(source: str, contents: dict[str, Content]) -> Found:
    """Sort the items of all files into cameras and others, and check them."""
    found = Found(source, [], [], Counter(), [], [], [])
    cameras: list[tuple[str, Item]] = []
    several = len(contents) > 1
    for name, content in contents.items():
        prefix = f"{name}: " if several else ""
        found.kinds["message"] += sum(not message.is_answer for message in content.messages)
        answers = [message for message in content.messages if message.is_answer]
        short = sum_faults(source, prefix, answers)
        found.kinds["short"] += len({fault.where for fault in short})
        found.rejected += short
        for item in (item for message in answers for item in message.items):
            where = f"{prefix}item {item.number}, line {item.line}"
            kind: Kind = kind_of(item.values.get("DeviceID", ""))
            found.kinds[kind] += 1
            if kind == "camera":
                cameras.append((where, item))
            elif not kind:
                found.rejected.append(wrong_id(source, where, item))
    for where, item in _single(cameras, found):
        _take(where, item, found)
    return found


def _single(cameras: list[tuple[str, Item]], found: Found) -> Iterator[tuple[str, Item]]:
    """Yield each camera once; entries that contradict each other are rejected."""
    by_id: dict[str, list[tuple[str, Item]]] = {}
    for where, item in cameras:
        by_id.setdefault(item.values["DeviceID"], []).append((where, item))
    for device, entries in by_id.items():
        first = entries[0][1]
        if all(
            item.values == first.values and item.withheld == first.withheld for _, item in entries
        ):
            found.kinds["twice"] += len(entries) - 1
            yield entries[0]
            continue
        for where, _ in entries:
            others = ", ".join(other for other, _ in entries if other != where)
            found.rejected.append(repeated_id(found.source, where, device, others))


def _take(where: str, item: Item, found: Found) -> None:
    """Check a camera and add it to the rows, unless it is left out or rejected."""
    values, rejected = _checked(where, item, found)
    if values.get("Secrecy") == "1":
        found.kinds["secret"] += 1
        return
    if "MobileDeviceType" in values:
        found.kinds["mobile"] += 1
        return
    found.rejected += rejected
    for name in mandatory(values, edition=edition_of(values)):
        if name in values or name in item.withheld:
            continue
        placeless = name in {"Longitude", "Latitude"}
        fault = field_fault("catalogue.mandatory", found.source, where, name)
        (found.rejected if placeless else found.incomplete).append(fault)
        rejected = [*rejected, fault] if placeless else rejected
    if not rejected:
        found.rows.append(_row(item, values))
        found.where.append(where)


def _checked(where: str, item: Item, found: Found) -> tuple[dict[str, str], list[Fault]]:
    """Return the values of a camera that can be used, and the faults that reject it."""
    rejected = [
        field_fault("catalogue.repeated_field", found.source, where, name) for name in item.repeated
    ]
    rejected += [
        field_fault("catalogue.too_long", found.source, where, name) for name in item.too_long
    ]
    values: dict[str, str] = {}
    for name, text in item.values.items():
        if name in ONLY_2016:
            if ONLY_2016[name].fits(text):
                values[name] = text
            continue
        field = BY_NAME[name]
        if is_unset(name, text):
            continue
        clean = cleaned(name, text)
        if clean != text:
            found.masked.append(field_fault("catalogue.masked", found.source, where, name))
        values[name] = clean
        if not field.check.fits(clean):
            faults = rejected if field.vital else found.incomplete
            faults.append(misfit(found.source, where, name, clean))
    return values, rejected


def _row(item: Item, values: dict[str, str]) -> dict[str, str | None]:
    """Return a camera as a row of text, headed as `model.CAMERAS` is."""
    record = {name: text for name, text in values.items() if name not in ONLY_2016}
    tags = tags_of(record)
    tags |= {f"{OLD_PREFIX}{name}": values[name] for name in ONLY_2016 if name in values}
    tags |= {f"{PREFIX}{name}": PRESENT for name in WITHHELD if name in item.withheld}
    if DEVICE_ID.fits(item.system):
        tags[SYSTEM_TAG] = item.system
    if "DirectionType" in values:
        tags[SECTOR_TAG] = f"{SECTORS[values['DirectionType']]:g}"
    columns = {
        name: None if value is None else str(value) for name, value in columns_of(record).items()
    }
    place = {"lon": values.get("Longitude"), "lat": values.get("Latitude")}
    ordered = json.dumps(tags, ensure_ascii=False)
    return {"camera_id": values["DeviceID"], **columns, **place, "tags": ordered}


def _counts(table: gpd.GeoDataFrame, found: Found) -> tuple[Count, ...]:
    kinds, tags = found.kinds, table["tags"]
    return (
        Count(
            "direction.sector",
            N_("with a direction known to a sector of 45 degrees"),
            sum(SECTOR_TAG in entry for entry in tags),
        ),
        Count("kind", N_("of known build"), int((table["kind"] != "unknown").sum())),
        Count(
            "offline",
            N_("off line or faulty, taken as out of use"),
            int(table["usable"].map(lambda value: value is False).sum()),
        ),
        Count("excluded.secret", N_("marked as secret, left out"), kinds["secret"]),
        Count("excluded.mobile", N_("carried or driven about, left out"), kinds["mobile"]),
        Count("excluded.twice", N_("listed twice alike, counted once"), kinds["twice"]),
        Count("items.region", N_("items that are regions"), kinds["region"]),
        Count("items.group", N_("items that are business groups"), kinds["group"]),
        Count(
            "items.organisation", N_("items that are virtual organisations"), kinds["organisation"]
        ),
        Count("items.platform", N_("items that are platforms"), kinds["platform"]),
        Count("items.device", N_("items that are recorders and other devices"), kinds["device"]),
        Count(
            "messages.other",
            N_("messages that are no answers to a catalogue query"),
            kinds["message"],
        ),
    )


def _notes(unread: Counter[str], found: Found) -> list[Note]:
    named = ", ".join(f"{name} {count}" for name, count in sorted(unread.items()) if name)
    notes = [
        noted(
            "read.as",
            N_(
                "Never read: network address, port, password, certificate, MAC, address and "
                "contact."
            ),
        )
    ]
    if named:
        notes.append(
            noted(
                "columns.unread",
                N_("fields left unread: %(fields)s", fields=named),
                sum(bool(name) for name in unread),
            )
        )
    if unread[""]:
        notes.append(
            noted(
                "file.unread",
                N_("elements that the standard does not know: %(count)s", count=unread[""]),
            )
        )
    if found.kinds["secret"]:
        notes.append(
            noted(
                "map.secret",
                N_("Secret cameras are left out, so coverage may be better than it is shown here."),
                found.kinds["secret"],
            )
        )
    return notes
