"""The queue of gates as a table to fill in, what comes back, and the register of the confirmed.

What a row says is what the app makes of the same answer: the same commands, and the same records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import Geometries
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.i18n import LANGUAGES, Language, label_in_all, translate
from civicsight.coverage.demand.numbers import spot_of
from civicsight.editing.commands import Command
from civicsight.editing.draft import Draft
from civicsight.editing.faults import fault, reject
from civicsight.editing.gates import (
    BASES,
    FARTHEST_M,
    OpenGate,
    confirmed_with,
    distance_m,
    open_gates,
    rejected_with,
    settled_gates,
    what_settles,
)
from civicsight.io.crs import LONLAT, moved
from civicsight.io.registers.gates import gate_entries
from civicsight.io.registers.template_files import flag_word, write_rows
from civicsight.io.registers.templates import list_columns
from civicsight.model import ANSWERS, City
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import name_all

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.io.report import ImportReport

DIGITS: Final = 8
"""Of longitude and latitude: a millimetre."""

SAME_M: Final = 1.0
"""A gate is still the one of a row if it is this near to where that has it [m]."""

NONE_HERE: Final = "none_here"
"""What is answered where there is no gate; see `model.ANSWERS`."""


def write_gate_list(
    path: Path,
    result: CheckResult,
    done: Iterable[Command],
    language: Language,
    *,
    hidden: Collection[str] = (),
) -> list[Path]:
    """Write the gates that nobody has confirmed, that first which would settle most.

    Parameters
    ----------
    path
        A file .xlsx, or .csv with its explanation beside it.
    result, done
        The project as it was checked, and the commands of a draft.
    language
        Of headers and sentences.
    hidden
        Places whose gates are left out.

    Raises
    ------
    InputError
        If the file ends otherwise.
    """
    queue, names = list(asked_gates(result, done, hidden).values()), name_all(result, language)
    parts = result.parts.loc[[one.part_id for one in queue]]
    lon, lat = _degrees(spot_of(parts), result.city)
    rows = [
        {
            "gate_id": gate.gate_id,
            "place": names.zones.get(gate.zone_id, gate.zone_id),
            "gate": names.parts.get(gate.part_id, gate.part_id),
            "chance": round(float(chance), 2),
            "settles": " ".join(translate(text, language) for text in what_settles(gate)),
            "presumed_lon": at_lon,
            "presumed_lat": at_lat,
        }
        for gate, chance, at_lon, at_lat in zip(queue, parts["confidence"], lon, lat, strict=True)
    ]
    bases = {code: label_in_all(partial(translate, text)) for code, text in BASES.items()}
    entries = gate_entries(bases)
    cells = [[row.get(entry.column.name) for entry in entries] for row in rows]
    return write_rows(path, "gates", entries, _first(language), cells)


def write_register(path: Path, city: City, language: Language) -> list[Path]:
    """Write the gates that somebody confirmed as a register that `read_entrances` takes in again.

    Parameters
    ----------
    path
        A file .xlsx, or .csv with its explanation beside it.
    city
        Whose entrances; those of a draft are in its city.
    language
        Of headers.

    Raises
    ------
    InputError
        If the file ends otherwise.
    """
    confirmed = city.entrances[city.entrances["confirmed"].astype(bool)]
    lon, lat = _degrees(confirmed.geometry.to_numpy(), city)
    table = pd.DataFrame(confirmed.drop(columns="geometry")).assign(
        **{confirmed.index.name: confirmed.index, "lon": lon, "lat": lat, "datum": "WGS84"}
    )
    words = [flag_word(text, language) for text in (N_("no"), N_("yes"))]
    for name in ("vehicle", "confirmed"):
        table[name] = np.array(words)[table[name].astype(int)]
    entries = list_columns("entrances")
    held = table[[entry.column.name for entry in entries]].astype(object)
    cells = held.where(held.notna(), None).to_numpy().tolist()
    return write_rows(path, "entrances", entries, _first(language), cells)


@dataclass(frozen=True, slots=True)
class GateAnswers:
    """What comes back of a list.

    Parameters
    ----------
    answers
        The commands of each row that is filled in, in the order of the rows.
    rows
        These rows of the table.
    settled
        Rows that are filled in for gates that were settled before; they change nothing.
    left_open
        Rows without a decision.
    faults
        What cannot be taken of the others, as they were read or as they are meant.
    """

    answers: tuple[tuple[Command, ...], ...]
    rows: gpd.GeoDataFrame
    settled: int
    left_open: int
    faults: tuple[Fault, ...]

    @property
    def told(self) -> tuple[Text, ...]:
        """Say how many rows were taken, and how many not."""
        texts = (
            N_("gates settled: %(count)s", count=number(len(self.answers))),
            N_("settled before, and left as they are: %(count)s", count=number(self.settled)),
            N_("not filled in, and still open: %(count)s", count=number(self.left_open)),
        )
        return texts[:1] + tuple(
            t for t, n in zip(texts[1:], (self.settled, self.left_open), strict=True) if n
        )


def answer_gates(
    result: CheckResult,
    done: Iterable[Command],
    table: gpd.GeoDataFrame,
    report: ImportReport,
    *,
    keep_good: bool = False,
    hidden: Collection[str] = (),
) -> GateAnswers:
    """Make of a list what the app makes of the same answers.

    Parameters
    ----------
    result, done
        The project as it is checked today, and the commands of a draft.
    table, report
        Table `GATE_LIST` in the CRS of the city, as its reader returns it where bad rows are let
        go, and what it says of the others.
    keep_good
        Whether to take the good rows where others are bad; by default all or nothing.
    hidden
        Places whose gates nobody is asked for here.

    Raises
    ------
    InputError
        With every row that was not read, is about no gate that is asked for, or says what cannot
        be; or if no row says anything and none is about a gate of the project.
    """
    done = tuple(done)
    filled = table[table["decision"].notna()]
    # The ids of the gates that the project itself has settled.
    city = result.city
    confirmed = city.entrances.index[city.entrances["confirmed"].astype(bool)]
    none = city.answers.loc[city.answers["answer"].eq(NONE_HERE), "subject"].dropna()
    settled = settled_gates(done) | {*map(str, confirmed), *map(str, none)}
    fresh = filled[~filled.index.isin(settled)]
    asked = asked_gates(result, done, hidden)
    if len(table) and filled.empty and not table.index.isin({*asked, *settled}).any():
        reject("gates.list", report.source)
    spots = gpd.points_from_xy(fresh["presumed_lon"], fresh["presumed_lat"])
    spots = moved(gpd.GeoSeries(spots, crs=LONLAT), result.city.crs)
    answers, kept, faults = [], [], list(report.rejected)
    for row, spot in zip(fresh.itertuples(), spots, strict=True):
        gate = asked.get(row.Index)
        part = None if gate is None else result.parts.loc[gate.part_id]
        fault = _stranger(row, spot, part) or _misfit(result, row, gate)
        if fault is None:
            answers.append(_commands(part, row))
            kept.append(row.Index)
        else:
            faults.append(replace(fault, file=report.source))
    if faults and not keep_good:
        raise InputError(faults)
    left_open = len(table) - len(filled)
    rows = gpd.GeoDataFrame(filled.loc[kept])
    return GateAnswers(tuple(answers), rows, len(filled) - len(fresh), left_open, tuple(faults))


def with_answers(result: CheckResult, found: GateAnswers) -> City:
    """Return the city of a project with the answers in it.

    What is confirmed says so itself; that somewhere there is no gate, and who says so, when and
    on what basis, stands among the answers.
    """
    draft = Draft(result.city)
    for commands in found.answers:
        for command in commands:
            draft = command.apply(draft)
    none = found.rows[found.rows["decision"].eq("no")]
    if none.empty:
        return draft.city
    asked = asked_gates(result, ())
    parts = result.parts.loc[[asked[label].part_id for label in none.index]]
    said = pd.DataFrame(
        {
            "pack": parts["pack"].to_numpy(),
            "rule": parts["rule"].to_numpy(),
            "subject": none.index,
            "answer": NONE_HERE,
            "answered_by": none["decided_by"].to_numpy(),
            "answered_on": none["decided_on"].to_numpy(),
            "reason": none["basis"].to_numpy(),
        },
        index=("gate/" + none.index).rename(ANSWERS.index),
    )
    rows = ANSWERS.complete(gpd.GeoDataFrame(said, geometry=[None] * len(said), crs=draft.city.crs))
    old = draft.city.answers
    both = rows if old.empty else pd.concat([old[~old.index.isin(rows.index)], rows])
    return replace(draft.city, answers=gpd.GeoDataFrame(both, crs=draft.city.crs))


def _commands(part: Any, row: Any) -> tuple[Command, ...]:
    """Return the commands of one answer; the remark says who gave it and when as well."""
    if row.decision == "no":
        return rejected_with(part, f"{row.basis} ({row.decided_by}, {row.decided_on})")
    at = (float(row.geometry.x), float(row.geometry.y)) if row.decision == "moved" else None
    return confirmed_with(part, row.basis, at, by=row.decided_by, on=row.decided_on)


def _stranger(row: Any, spot: shapely.Point, part: Any) -> Fault | None:
    """Say why a row is about no gate that is asked for."""
    if part is None:
        return fault("gate.unknown", where=row.row, field="gate_id", found=row.Index)
    far = spot_of(part).distance(spot)
    if far <= SAME_M:
        return None
    found = f"{row.presumed_lon:g}, {row.presumed_lat:g}"
    return fault("gate.another", where=row.row, field="presumed_lon", found=found, far=number(far))


def _misfit(result: CheckResult, row: Any, gate: Any) -> Fault | None:
    """Say why a decision cannot be about its gate."""
    if row.decision == "no" and gate.is_presumed:
        return fault("gate.front", where=row.row, field="decision", found="no")
    if row.decision == "moved":
        far = distance_m(result, gate.zone_id, (row.geometry.x, row.geometry.y))
        if far > FARTHEST_M:
            return fault(
                "gate.far",
                where=row.row,
                field="moved_lon",
                most=number(FARTHEST_M),
                far=number(far),
            )
    return None


def asked_gates(
    result: CheckResult, done: Iterable[Command], hidden: Collection[str] = ()
) -> dict[str, OpenGate]:
    """Return the queue by the ids of its gates; of one that several laws ask for, the first.

    Those of `hidden` places are left out.
    """
    asked: dict[str, OpenGate] = {}
    for gate in open_gates(result, done):
        if gate.zone_id not in hidden:
            asked.setdefault(gate.gate_id, gate)
    return asked


def _degrees(spots: Geometries, city: City) -> tuple[list[float], list[float]]:
    """Return longitude and latitude of points of a city [deg, WGS 84]."""
    series = moved(gpd.GeoSeries(spots, crs=city.crs), LONLAT)
    return series.x.round(DIGITS).tolist(), series.y.round(DIGITS).tolist()


def _first(language: Language) -> tuple[Language, ...]:
    """Return all languages, this one first: the headers are in it."""
    return (language, *(other for other in LANGUAGES if other != language))
