"""Plans and versions as rows: written once, and compared with their digests whenever read.

The digest of a version is its root, over what it holds; the digest of its row, which says who wrote
it and when, is in the entry of the audit that committed it. In stores of format 1 the digest of the
row was that of the version.

A row or document lies where a version first had it, and belongs to every later one until a row of
the same id takes its place; one that says nothing takes it away. So versions share what did not
change, and each says in its manifest what differs from the one before: all of them together tell
what a version holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row as DbRow

from civicsight.core.errors import Fault, InputError
from civicsight.planning.record.documents import UNREADABLE
from civicsight.planning.record.root import LIST_FILE, read_list, write_list
from civicsight.store.audit import Entry, entries
from civicsight.store.database import Database
from civicsight.store.faults import reject
from civicsight.store.frames import PackedLayer, Row, unpack_layer
from civicsight.store.records import Plan, Version, VersionHead, as_text, digest_of
from civicsight.store.refusals import Damaged, changed
from civicsight.store.tables import AUDIT, DOCUMENT, FEATURE, PLAN, PLAN_VERSION, STEPPED
from civicsight.store.version_contents import (
    CONTENT,
    GONE,
    SINCE,
    Key,
    content_faults,
    content_of,
    digests_of,
    held_by,
)

MOST: Final = 2**31 - 1
"""Number that no version has."""

RECORD: Final = frozenset({"plan", "arrays"})
"""Documents that are the record of a plan; see `planning.record.documents.to_record`."""

ROW: Final = "row"
"""What the entry that commits a version says of its row: its digest."""

TAKEN: Final = "taken"
"""What it says of a package that the version was taken from."""


def load_plan(connection: Connection, file: str, plan_id: str) -> Plan:
    """Return a plan as it stands, compared with the entry of the audit that made it so.

    Raises
    ------
    InputError
        If there is no such plan.
    Damaged
        If the plan is not what its last act left.
    """
    found = connection.execute(select(PLAN).where(PLAN.c.plan_id == plan_id)).mappings().first()
    if found is None:
        reject("store.no_plan", file, plan_id)
    row = dict(found)
    last = list(entries(connection, file, AUDIT.c.plan_id == plan_id, AUDIT.c.rev == row["rev"]))
    if len(last) != 1 or last[0].says.get("plan") != row:
        raise Damaged([changed(file, "plan", found=plan_id)])
    return Plan(**row | {"departments": tuple(json.loads(row["departments"]))})


def plan_ids(connection: Connection, file: str) -> list[str]:
    """Return the names of all plans, which have to be those that the audit saw begin."""
    found = set(connection.execute(select(PLAN.c.plan_id)).scalars())
    begun = {
        entry.plan_id
        for entry in entries(connection, file, AUDIT.c.action == "create")
        if entry.rev is not None
    }
    faults = [changed(file, "plan", found=str(name)) for name in found ^ begun]
    if faults:
        raise Damaged(faults)
    return sorted(found)


def save_plan(connection: Connection, plan: Plan, base_rev: int) -> int:
    """Write a plan whose revision is one more than `base_rev`; return how many rows it met.

    Its entry in the audit has to be there: the database refuses a plan that none tells.
    """
    if not base_rev:
        return connection.execute(insert(PLAN), described(plan)).rowcount
    here = (PLAN.c.plan_id == plan.plan_id) & (PLAN.c.rev == base_rev)
    values = {name: value for name, value in described(plan).items() if name in STEPPED}
    return connection.execute(update(PLAN).where(here).values(values)).rowcount


def described(plan: Plan) -> dict[str, Any]:
    """Return what the audit keeps of a plan after an act."""
    return asdict(plan) | {"departments": as_text(plan.departments)}


def save_version(
    connection: Connection,
    database: Database,
    head: VersionHead,
    layers: Mapping[str, PackedLayer],
    documents: Mapping[str, str],
) -> tuple[VersionHead, str]:
    """Write a version; return its head with its root, and the digest of its row."""
    key = {"plan_id": head.plan_id, "version": head.n}
    rows = [row for layer in layers.values() for row in layer.rows]
    digests = digests_of(rows)
    before, papers = held_before(connection, database.name, head.plan_id, head.n)
    fresh = [row for row in rows if before.get((row.layer, row.feature_id)) != _of(digests, row)]
    bodies = {name: digest_of([name, body]) for name, body in documents.items()}
    lost = before.keys() - digests.keys()
    fresh += [Row(layer, 0, label, GONE, None) for layer, label in sorted(lost)]
    numbers = database.backend.number(connection, len(fresh))
    features = [
        key | {"fid": fid} | {column.name: getattr(row, column.name) for column in CONTENT}
        for fid, row in zip(numbers, fresh, strict=True)
    ]
    if features:
        connection.execute(insert(FEATURE), features)
        database.backend.place(connection, features)
    new = [name for name, digest in bodies.items() if papers.get(name) != digest]
    if new:
        connection.execute(
            insert(DOCUMENT), [key | {"name": name, "body": documents[name]} for name in new]
        )
    changes: dict[str, dict[str, str]] = {}
    for row in fresh:
        changes.setdefault(row.layer, {})[row.feature_id] = (
            GONE if row.properties == GONE else _of(digests, row)
        )
    manifest = {SINCE: head.n - 1, "layers": changes, "documents": bodies}
    values = {
        "plan_id": head.plan_id,
        "n": head.n,
        "rev": head.rev,
        "parent": head.parent,
        "author": head.author,
        "created_at": head.created_at,
        "note": head.note,
        "inputs": as_text(head.inputs),
        "layers": as_text({name: layer.about for name, layer in layers.items()}),
        "manifest": as_text(manifest),
    }
    bound = digest_of(list(values.values()))
    abouts = {name: as_text(layer.about) for name, layer in layers.items()}
    values["digest"] = root_of_content(abouts, digests, documents)
    connection.execute(insert(PLAN_VERSION), values)
    return VersionHead(**{**asdict(head), "digest": values["digest"]}), bound


def _of(digests: Mapping[Key, str], row: Row) -> str:
    return digests[row.layer, row.feature_id]


def held_before(
    connection: Connection, file: str, plan_id: str, n: int
) -> tuple[dict[Key, str], dict[str, str]]:
    """Return the digests of the rows and documents of the version before, nothing before the first.

    Raises
    ------
    Damaged
        If a version up to there is not what was written.
    """
    manifests = [json.loads(row.manifest) for row in _bound_rows(connection, file, plan_id, n - 1)]
    return held_by(manifests), dict(manifests[-1]["documents"]) if manifests else {}


def _bound_rows(connection: Connection, file: str, plan_id: str, n: int) -> list[DbRow[Any]]:
    """Return the rows of all versions up to one, each compared with its digest and the audit."""
    here = (PLAN_VERSION.c.plan_id == plan_id) & (PLAN_VERSION.c.n <= n)
    rows = connection.execute(select(PLAN_VERSION).where(here).order_by(PLAN_VERSION.c.n)).all()
    told = _stated_of(connection, file, plan_id)
    for row in rows:
        _require_told(file, row, told)
    return list(rows)


def known_crs(connection: Connection, file: str) -> list[str]:
    """Return the CRS of the layers of all current versions, as WKT."""
    current = (PLAN.c.plan_id == PLAN_VERSION.c.plan_id) & (PLAN.c.version == PLAN_VERSION.c.n)
    rows = connection.execute(select(PLAN_VERSION).join(PLAN, current)).all()
    for row in rows:
        _require_told(file, row, _stated_of(connection, file, row.plan_id, row.rev))
    abouts = [about for row in rows for about in json.loads(row.layers).values()]
    return [about["crs"] for about in abouts if "crs" in about]


def load_heads(connection: Connection, file: str, plan_id: str) -> list[VersionHead]:
    """Return what is known of all versions of a plan, oldest first."""
    return [_head(row) for row in _bound_rows(connection, file, plan_id, MOST)]


def load_version(connection: Connection, file: str, plan_id: str, n: int) -> Version:
    """Return a version with its content; errors as of `load_packed`."""
    head, packed, bodies = load_packed(connection, file, plan_id, n)
    try:
        layers = {name: unpack_layer(one.about, one.rows) for name, one in packed.items()}
        documents = {name: json.loads(body) for name, body in bodies.items()}
    except UNREADABLE as error:
        raise Damaged([changed(file, f"{plan_id} {n}", found=str(error)[:80])]) from error
    return Version(head, layers, documents)


def load_packed(
    connection: Connection, file: str, plan_id: str, n: int
) -> tuple[VersionHead, dict[str, PackedLayer], dict[str, str]]:
    """Return a version as it is kept: its head, its layers as rows, its documents as text.

    Raises
    ------
    InputError
        If there is no such version.
    Damaged
        If a layer, row or document is not what was written; each is named.
    """
    bound = _bound_rows(connection, file, plan_id, n)
    if not bound or bound[-1].n != n:
        reject("store.no_version", file, plan_id, found=str(n))
    row, head = bound[-1], _head(bound[-1])
    rows, bodies = content_of(connection, row)
    faults = content_faults(file, bound, rows, bodies)
    faults = faults or _root_faults(file, row, rows, bodies)
    if faults:
        raise Damaged(faults)
    by_layer = {name: list(group) for name, group in groupby(rows, key=lambda entry: entry.layer)}
    try:
        abouts = json.loads(row.layers).items()
    except UNREADABLE as error:
        raise Damaged([changed(file, f"{plan_id} {n}", found=str(error)[:80])]) from error
    layers = {name: PackedLayer(about, by_layer.get(name, [])) for name, about in abouts}
    return head, layers, bodies


def version_faults(
    connection: Connection, file: str, plan_id: str, n: int, *, rooted: bool = True
) -> list[Fault]:
    """Name what is wrong with a version, without building its tables.

    With `rooted` its root is counted again too, which takes as long as writing it did.
    """
    try:
        bound = _bound_rows(connection, file, plan_id, n)
    except Damaged as error:
        return list(error.faults)
    if not bound or bound[-1].n != n:
        return [changed(file, f"{plan_id} {n}", "plan_version")]
    content = content_of(connection, bound[-1])
    faults = content_faults(file, bound, *content)
    return faults or (_root_faults(file, bound[-1], *content) if rooted else [])


def _stated_of(
    connection: Connection, file: str, plan_id: str, rev: int | None = None
) -> dict[int, list[Entry]]:
    """Return the entries that committed versions of a plan, or one, by the revision they made."""
    asked = [AUDIT.c.plan_id == plan_id, AUDIT.c.action == "commit", AUDIT.c.rev.is_not(None)]
    told: dict[int, list[Entry]] = {}
    for entry in entries(connection, file, *asked, *([] if rev is None else [AUDIT.c.rev == rev])):
        told.setdefault(entry.rev or 0, []).append(entry)
    return told


def _require_told(file: str, row: DbRow[Any], told: Mapping[int, Sequence[Entry]]) -> None:
    """Compare the row of a version with its digest and with the audit."""
    says = [entry.says for entry in told.get(row.rev, ())]
    digests = [(one["plan"]["digest"], one.get(ROW, row.digest)) for one in says]
    if digests != [(row.digest, digest_of(row[:-1]))]:
        raise Damaged([changed(file, f"{row.plan_id} {row.n}", "plan_version")])


def _head(row: DbRow[Any]) -> VersionHead:
    return VersionHead(
        row.plan_id,
        row.n,
        row.rev,
        row.parent,
        row.author,
        row.created_at,
        row.note,
        json.loads(row.inputs),
        row.digest,
    )


def root_of_content(
    abouts: Mapping[str, str], rows: Mapping[Key, str], documents: Mapping[str, str]
) -> str:
    """Return the root of a version: that of the folder of its plan, where it holds nothing else.

    Layers follow from the record of a plan; of a version without one they are what it holds.

    Parameters
    ----------
    abouts
        What is known of each layer beside its rows, as text.
    rows, documents
        Digests of what is in the layers, and documents as text.
    """
    digests = _listed(documents)
    rest = {name: body for name, body in documents.items() if not digests or name not in RECORD}
    if not digests:
        digests |= {f"layer {as_text(name)}": digest_of([text]) for name, text in abouts.items()}
        digests |= {
            f"row {as_text(layer)} {as_text(label)}": digest
            for (layer, label), digest in rows.items()
        }
    digests |= {f"document {as_text(name)}": digest_of([body]) for name, body in rest.items()}
    return sha256(write_list(digests)).hexdigest()


def _listed(documents: Mapping[str, str]) -> dict[str, str]:
    """Return the list of the files of a plan; nothing if a version holds the record of none."""
    if not documents.keys() >= RECORD:
        return {}
    from civicsight.planning.record.documents import documents_of

    try:
        return read_list(documents_of({n: json.loads(documents[n]) for n in RECORD})[LIST_FILE])
    except (InputError, ValueError, RecursionError):
        return {}  # others call their documents so


def _root_faults(
    file: str, row: DbRow[Any], rows: Sequence[Row], bodies: Mapping[str, str]
) -> list[Fault]:
    """Name a version whose content has another root; before format 2 its row was its digest."""
    if digest_of(row[:-1]) == row.digest:
        return []
    abouts = {name: as_text(about) for name, about in json.loads(row.layers).items()}
    if root_of_content(abouts, digests_of(rows), bodies) == row.digest:
        return []
    return [changed(file, f"{row.plan_id} {row.n}", "root")]
