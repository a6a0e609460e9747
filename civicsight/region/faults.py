"""Faults of regions: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

AGAIN: Final = "Import the region again, or fetch an unspoilt copy of it."
CURVE: Final = "Compute the curve of this part again."

declare(
    {
        "cluster.address:form": (
            "local, or tls://host:port",
            "Name the scheduler by host and port.",
        ),
        "cluster.address:plain": (
            "tls://host:port; only this very machine is reached without encryption",
            "Start the scheduler with TLS; see the how-to on clusters.",
        ),
        "region.budget": (
            "at least %(least)s yuan, which the counties need together",
            "Raise the budget, or lower what the plans of the counties have to reach.",
        ),
        "region.curve:bound": ("no plan above its own bound", CURVE),
        "region.curve:budget": ("no plan above its budget", CURVE),
        "region.curve:columns": ("the columns of a curve", CURVE),
        "region.curve:empty": ("at least one row", CURVE),
        "region.curve:falling": ("rising money", CURVE),
        "region.curve:file": (
            "CSV with the columns %(names)s",
            "Write it from the table `curve` of the county's plan.",
        ),
        "region.curve:sum": ("money that is %(of)s", CURVE),
        "region.damaged:bounds": ("west, south, east and north", AGAIN),
        "region.damaged:bytes": ("the bytes that the region was written with", AGAIN),
        "region.damaged:file": ("a file of the region", AGAIN),
        "region.damaged:folder": ("a folder that `civicsight region import` wrote", AGAIN),
        "region.damaged:json": ("JSON", AGAIN),
        "region.damaged:name": ("at most %(most)s letters, digits, - and _", AGAIN),
        "region.damaged:parts": ("a list of parts", AGAIN),
        "region.damaged:tables": ("tables of a city", AGAIN),
        "region.damaged:tile": ("a side of tiles in metres", AGAIN),
        "region.datum": (
            "cameras that fit the roads and buildings of this part",
            "Measured: %(measured)s Convert these cameras, then import the region again.",
        ),
        "region.elsewhere": (
            "rows within this part of the region",
            "Check the coordinate system and datum of this part, then import again.",
        ),
        "region.empty:files": ("at least one row with a place", "Name files with rows."),
        "region.empty:window": (
            "at least one row with a place",
            "Name files with rows, and a window that meets them.",
        ),
        "region.exists": ("a folder that is not there yet", "Choose another folder, or remove it."),
        "region.no_counties": (
            "at least one county",
            "Hand in the outlines of the counties, or cut tiles with --tile-m.",
        ),
        "region.relief": (
            "flat ground: a region has no relief yet",
            "Check it as one city, or import it without --dem.",
        ),
        "region.source": (
            "TABLE=FILE with one of %(choices)s",
            "Name the table, as in buildings=%(name)s.",
        ),
        "region.tags": ("tags by key, as JSON or a map", "Write them as a JSON object."),
        "table.missing_column:ids": ("a column %(name)s", "Give every row an id there."),
        "table.repeated_id": ("each id once", "Give every row an id of its own."),
    }
)
