"""What a version holds, of what it and those before it brought: rows, documents, their digests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.engine import Row as DbRow

from civicsight.core.errors import Fault
from civicsight.store.frames import Row
from civicsight.store.records import digest_of
from civicsight.store.refusals import changed
from civicsight.store.tables import DOCUMENT, FEATURE

CONTENT: Final = tuple(
    FEATURE.c[name] for name in ("layer", "position", "feature_id", "properties", "geom")
)
"""Columns of a feature that are its own, in the order of `Row`."""

GONE: Final = ""
"""Digest in a manifest, and properties in a row, of what a version no longer holds."""

SINCE: Final = "since"
"""What a manifest says of differences; one of before format 3 says all, and has no such word."""

Key = tuple[str, str]
"""Layer and id of a row."""


def digests_of(rows: Sequence[Row]) -> dict[Key, str]:
    """Return the digests of features, by what each is."""
    return {(row.layer, row.feature_id): row_digest(row) for row in rows}


def row_digest(row: Row) -> str:
    """Return the digest of a feature: everything in its row, and the blob with its header."""
    return digest_of([row.layer, row.position, row.feature_id, row.properties], row.geom)


def held_by(manifests: Sequence[Mapping[str, Any]]) -> dict[Key, str]:
    """Return the digests of the rows that the last of versions holds, of which these are all."""
    held: dict[Key, str] = {}
    for manifest in manifests:
        if SINCE not in manifest:
            held = {}
        for layer, labels in manifest["layers"].items():
            held |= {(layer, label): digest for label, digest in labels.items()}
    return {key: digest for key, digest in held.items() if digest != GONE}


def content_of(connection: Connection, row: DbRow[Any]) -> tuple[list[Row], dict[str, str]]:
    """Return the rows and documents of a version, wherever each lies."""
    plan_id, n = row.plan_id, row.n
    later = FEATURE.alias()
    replaced = exists().where(
        later.c.plan_id == FEATURE.c.plan_id,
        later.c.layer == FEATURE.c.layer,
        later.c.feature_id == FEATURE.c.feature_id,
        later.c.version > FEATURE.c.version,
        later.c.version <= n,
    )
    here = (FEATURE.c.plan_id == plan_id) & (FEATURE.c.version <= n)
    query = select(*CONTENT).where(here, FEATURE.c.properties != GONE, ~replaced)
    found = connection.execute(query.order_by(FEATURE.c.layer, FEATURE.c.position))
    papers, columns = json.loads(row.manifest)["documents"], DOCUMENT.c
    there = (columns.plan_id == plan_id) & (columns.version <= n)
    latest = select(columns.name, func.max(columns.version)).where(there).group_by(columns.name)
    held = [(name, v) for name, v in connection.execute(latest) if name in papers or v == n]
    body = select(columns.body).where(columns.plan_id == plan_id)
    return [Row(*values) for values in found], {
        name: connection.execute(
            body.where(columns.name == name, columns.version == version)
        ).scalar_one()
        for name, version in sorted(held)
    }


def content_faults(
    file: str, bound: Sequence[DbRow[Any]], rows: Sequence[Row], bodies: Mapping[str, str]
) -> list[Fault]:
    """Name every row and document of the last of versions that was changed, added or removed."""
    manifests = [json.loads(row.manifest) for row in bound]
    wanted = held_by(manifests)
    found = [((row.layer, row.feature_id), row_digest(row)) for row in rows]
    bad = {key for key, digest in found if wanted.get(key) != digest}
    bad |= wanted.keys() - dict(found).keys()
    bad |= {key for key, count in Counter(key for key, _ in found).items() if count > 1}
    papers = manifests[-1]["documents"]
    wrong = {name for name, body in bodies.items() if papers.get(name) != digest_of([name, body])}
    wrong |= papers.keys() - bodies.keys()
    version = f"{bound[-1].plan_id} {bound[-1].n}"
    return [
        *(
            changed(file, f"{version}, {layer}", found=str(label))
            for layer, label in sorted(bad, key=str)
        ),
        *(changed(file, f"{version}, document {name}") for name in sorted(wrong, key=str)),
    ]
