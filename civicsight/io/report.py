"""What happened to an input: read, kept, left out, mended and refused, each countable again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pandas as pd

from civicsight.core.errors import N_, Fault, InputError, Text, grouped
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, label_in_all, translate
from civicsight.core.overview import Overview, joined
from civicsight.core.settings import present_day
from civicsight.io.fault_text import (
    Describe,
    describe_fault,
    describe_faults,
    describe_group,
    describe_repair,
    row_text,
)
from civicsight.model.notes import Note, as_kept, noted, placed, sentence_of
from civicsight.model.provenance import DIVIDED, Provenance, count_left_out
from civicsight.rules.vocabulary import LAYER_WORDS

__all__ = [
    "Count",
    "ImportReport",
    "describe_fault",
    "describe_faults",
    "merge",
    "notes_of_reports",
    "row_text",
]  # fmt: skip

MAX_LISTED = 10
"""So many kinds of faults of a layer have a note of their own; the others share one."""

LAYER_LABELS: Mapping[str, Text] = {
    "city": N_("city"),
    **LAYER_WORDS,
    "gate_list": N_("gates to confirm"),
    "surveyed": N_("results of a survey"),
    "terrain": N_("terrain"),
    "features": N_("map features"),
}


def _listed(entries: Iterable[object]) -> dict[str, object]:
    """Return entries by their number."""
    return {str(number): entry for number, entry in enumerate(entries, start=1)}


@dataclass(frozen=True, slots=True)
class Count:
    """One figure of a report.

    Parameters
    ----------
    code
        Stable identifier; everything that was left out begins with ``excluded.``.
    label
        What is counted, for a person.
    number
        How many.
    """

    code: str
    label: Text
    number: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What happened to one layer, or to all layers of a city.

    Parameters
    ----------
    source
        Name of the file or place, never its folder.
    layer
        Table that was filled, ``"city"`` for all together.
    read, kept
        Rows found that concern the layer, and rows of the table made from them.
    counts
        Further figures: kinds of what was kept, reasons for what was left out.
    repaired
        Values and shapes that were mended or replaced by a default.
    rejected
        Rows that could not be used.
    notes
        What a person has to know, as the reader noted it; `told` adds what faults say.
    encoding, crs_found
        Text encoding and coordinate system the source is in; empty where there is none.
    parts
        The reports that this one sums up.
    incomplete
        What is missing or doubtful in rows that were kept all the same.
    given
        Columns of the table that the source fills; None where that was not recorded.
    datum
        Geodetic system that was declared or named, as people call it.
    named
        Ids in the table of the rows that notes and faults are about, by their place in the source.
    """

    source: str
    layer: str
    read: int = 0
    kept: int = 0
    counts: tuple[Count, ...] = ()
    repaired: tuple[Fault, ...] = ()
    rejected: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    encoding: str = ""
    crs_found: str = ""
    parts: tuple[ImportReport, ...] = ()
    incomplete: tuple[Fault, ...] = ()
    given: tuple[str, ...] | None = None
    datum: str = ""
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say how many rows were read, kept, left out, mended and refused, and what to hear."""
        return self._overview().text()

    def _repr_html_(self) -> str:
        """Show the same with every repair and reject in folds, for a notebook."""
        return self._overview().html()

    def _overview(self) -> Overview:
        read = (f"{self.read:,} read", f"{self.kept:,} kept", f"{self.excluded:,} left out")
        facts = {
            "layer": self.layer,
            "rows": ", ".join(read),
            "repaired": len(self.repaired),
            "rejected": len(self.rejected),
            "incomplete": len(self.incomplete),
            "parts": joined({part.layer: part.kept for part in self.parts}) or "none",
            "crs_found": self.crs_found or "none",
            "notes": joined({str(one.title): one.count for one in self.heard()}) or "none",
        }
        folds: dict[str, Mapping[str, object]] = {
            "counts": {str(entry.label): entry.number for entry in self.counts},
            "notes": _listed(sentence_of(one) for one in self.told()),
            "repaired": _listed(self.repaired),
            "rejected": _listed(self.rejected),
        }
        return Overview(f"ImportReport {self.source}", facts, folds)

    def told(self) -> tuple[Note, ...]:
        """Return every note: the reader's own, and what was mended, left open and refused."""
        own = placed(self.notes, self.layer, self.source)
        if self.parts:
            return (*own, *(one for part in self.parts for one in part.told()))
        faults = (
            *_notes_of(self.repaired, "cells.mended", describe_repair),
            *_notes_of(self.incomplete, "cells.incomplete"),
            *_notes_of(self.rejected, "rows.refused"),
        )
        return tuple(
            replace(one, rows=tuple(label for row in one.rows for label in self.named.get(row, ())))
            for one in (*own, *placed(faults, self.layer, self.source))
        )

    def heard(self) -> tuple[Note, ...]:
        """Return the notes that may change a result: all but how the source was read."""
        return tuple(one for one in self.told() if one.weight != "info")

    @property
    def stops(self) -> tuple[Note, ...]:
        """The notes that stop a check until a person has settled them."""
        return tuple(one for one in self.told() if one.weight == "stop")

    def count(self, code: str) -> int:
        """Return one figure, 0 where it is not listed."""
        return sum(entry.number for entry in self.counts if entry.code == code)

    @property
    def excluded(self) -> int:
        """Rows that were left out on purpose."""
        return sum(c.number for c in self.counts if c.code.startswith("excluded."))

    @property
    def unnamed(self) -> int:
        """Rows that were read and are neither kept, nor refused, nor left out by name: none."""
        counts = [(entry.code, entry.number) for entry in self.counts]
        made = sum(map(self.count, DIVIDED)) - count_left_out(counts) - _count_rows(self.rejected)
        return self.read + made - self.kept

    def part(self, layer: str) -> ImportReport:
        """Return the report of one layer.

        Raises
        ------
        KeyError
            If no part is about that layer.
        """
        for report in self.parts:
            if report.layer == layer:
                return report
        raise KeyError(layer)

    def raise_rejected(self, *, keep_good: bool) -> ImportReport:
        """Return the report, or refuse the input if rows were rejected and all are wanted.

        Raises
        ------
        InputError
            With every reject, unless `keep_good`.
        """
        if self.rejected and not keep_good:
            raise InputError(self.rejected)
        return self

    def provenance(
        self,
        *,
        imported_on: str | None = None,
        surveyed_on: str = "",
        datum: str = "",
        licence: str = "",
    ) -> tuple[Provenance, ...]:
        """Return what a project keeps of this import, an entry a layer.

        Parameters
        ----------
        imported_on
            ISO 8601; today by default.
        surveyed_on, datum, licence
            As of `Provenance`, where the source or the person who brings it says so.
        """
        day = present_day().isoformat() if imported_on is None else imported_on
        return tuple(
            Provenance(
                report.layer,
                report.source,
                imported_on=day,
                surveyed_on=surveyed_on,
                datum=datum or report.datum,
                crs_found=report.crs_found or self.crs_found,
                encoding=report.encoding or self.encoding,
                read=report.read,
                kept=report.kept,
                repaired=_count_rows(report.repaired),
                rejected=_count_rows(report.rejected),
                licence=licence,
                counts=tuple((entry.code, entry.number) for entry in report.counts if entry.number),
                notes=as_kept(told),
            )
            for report, told in self._notes_by_leaf()
        )

    def _notes_by_leaf(self) -> list[tuple[ImportReport, tuple[Note, ...]]]:
        """Return each leaf with its notes; the first has those about all of them, too."""
        whole = placed(self.notes, self.layer, self.source) if self.parts else ()
        leaves = [(leaf, leaf.told()) for leaf in self._leaves()]
        return [
            (leaf, (*whole, *told) if n == 0 else told) for n, (leaf, told) in enumerate(leaves)
        ]

    def table(self) -> pd.DataFrame:
        """Return all figures as rows ``source, layer, code, label, number`` (English labels)."""
        rows = [
            (report.source, report.layer, entry.code, str(entry.label), entry.number)
            for report in self._leaves()
            for entry in report.figures()
        ]
        return pd.DataFrame(rows, columns=["source", "layer", "code", "label", "number"])

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can hold, in English."""
        return {
            "source": self.source,
            "layer": self.layer,
            "read": self.read,
            "kept": self.kept,
            "counts": {entry.code: entry.number for entry in self.counts},
            "repaired": [str(fault) for fault in self.repaired],
            "rejected": [str(fault) for fault in self.rejected],
            "incomplete": [str(fault) for fault in self.incomplete],
            "notes": [one.to_dict() for one in self.told()],
            "encoding": self.encoding,
            "crs_found": self.crs_found,
            "parts": [part.to_dict() for part in self.parts],
        }

    def summary(self, language: Language = DEFAULT_LANGUAGE, *, notes: bool = True) -> str:
        """Render the report as lines for a person, with or without its notes."""
        lines = [translate(N_("%(source)s", source=self.source), language)]
        if self.crs_found:
            found = N_("coordinate system found: %(crs)s", crs=self.crs_found)
            lines.append("  " + translate(found, language))
        if self.encoding:
            found = N_("text encoding: %(encoding)s", encoding=self.encoding)
            lines.append("  " + translate(found, language))
        if self.parts and notes:
            lines += [
                "  " + translate(sentence_of(one, named=False), language) for one in self.notes
            ]
        for report in self._leaves():
            lines += _layer_lines(report, language, notes=notes)
        return "\n".join(lines)

    def _leaves(self) -> tuple[ImportReport, ...]:
        return self.parts or (self,)

    def figures(self) -> Iterator[Count]:
        """Iterate over all figures: read, kept, the counts, repaired and rejected."""
        yield Count("read", N_("read"), self.read)
        yield Count("kept", N_("kept"), self.kept)
        yield from self.counts
        yield Count("repaired", N_("mended or replaced by a default"), len(self.repaired))
        yield Count("rejected", N_("rejected"), len(self.rejected))
        if self.incomplete:
            yield Count("incomplete", N_("kept, to be completed"), len(self.incomplete))


def merge(source: str, reports: Iterable[ImportReport], **changes: Any) -> ImportReport:
    """Sum up reports of several layers into one about the city; `changes` set further fields."""
    parts = tuple(reports)
    total = ImportReport(
        source,
        "city",
        read=sum(part.read for part in parts),
        kept=sum(part.kept for part in parts),
        repaired=tuple(fault for part in parts for fault in part.repaired),
        rejected=tuple(fault for part in parts for fault in part.rejected),
        encoding=", ".join(sorted({part.encoding for part in parts} - {""})),
        parts=parts,
        incomplete=tuple(fault for part in parts for fault in part.incomplete),
    )
    return replace(total, **changes)


def unread_rows(report: ImportReport) -> int:
    """Return how many rows of a source could not be used."""
    return _count_rows(report.rejected)


def _count_rows(faults: Iterable[Fault]) -> int:
    """Count the rows of faults; a fault that names no place counts by itself."""
    listed = list(faults)
    named = {fault.where for fault in listed} - {""}
    return len(named) + sum(not fault.where for fault in listed)


def notes_of_reports(reports: Iterable[ImportReport]) -> tuple[Note, ...]:
    """Return the notes of several inputs."""
    return tuple(one for report in reports for one in report.told())


CORRECTED = "cell.corrected"
"""Code of what a person corrected in a cell."""

KIND_OF: Mapping[str, str] = {
    "camera.high": "camera.high",
    "camera.lens": "camera.lens",
    "camera.low": "camera.low",
    "cell.read_as": "cells.read_as",
}
"""Kind of note by the code of what was done to a row; of all others `_notes_of` says it."""


def _notes_of(
    faults: Sequence[Fault], kind: str, describe: Describe = describe_fault
) -> Iterator[Note]:
    """Return a note for each kind of fault, with the rows that share it; of very many the first.

    What a person corrected is a note each.
    """
    by_hand = [(fault,) for fault in faults if fault.code == CORRECTED]
    groups = [*by_hand, *grouped([fault for fault in faults if fault.code != CORRECTED])]
    for group in groups[:MAX_LISTED]:
        said = label_in_all(partial(describe_group, group, describe=describe))
        places = tuple(dict.fromkeys(fault.where for fault in group if fault.where))
        text = Text("%(said)s", {"said": said})
        yield noted(KIND_OF.get(group[0].code, kind), text, _count_rows(group), places)
    if len(groups) > MAX_LISTED:
        rest = [fault for group in groups[MAX_LISTED:] for fault in group]
        more = N_("... and %(count)s more", count=len(groups) - MAX_LISTED)
        yield noted(kind, more, _count_rows(rest))


def _layer_lines(report: ImportReport, language: Language, *, notes: bool) -> list[str]:
    label = LAYER_LABELS.get(report.layer, Text(report.layer))
    head = N_(
        "%(layer)s: %(read)s read, %(kept)s kept", layer=label, read=report.read, kept=report.kept
    )
    lines = ["- " + translate(head, language)]
    told = report.told() if notes else ()
    lines += ["    " + translate(sentence_of(one, named=False), language) for one in told]
    lines += [
        "    "
        + translate(N_("%(what)s: %(value)s", what=entry.label, value=entry.number), language)
        for entry in report.counts
        if entry.number
    ]
    return lines
