"""Plans and versions as rows: written once, and compared with their digests whenever read.

The digest of a version is its root, over what it holds; the digest of its row, which says who wrote
it and when, is in the entry of the audit that committed it. In stores of format 1 the digest of the
row was that of the version.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row as DbRow

from civicsight.core.errors import N_, Fault, InputError
from civicsight.planning.proof.root import LIST_FILE, read_list, write_list
from civicsight.store.audit import entries
from civicsight.store.database import Database
from civicsight.store.frames import PackedLayer, Row, unpack_layer
from civicsight.store.records import Plan, Version, VersionHead, as_text, digest_of
from civicsight.store.refusals import Damaged, changed, refuse
from civicsight.store.tables import AUDIT, DOCUMENT, FEATURE, PLAN, PLAN_VERSION

RECORD: Final = frozenset({"plan", "arrays"})
"""Documents that are the record of a plan; see `planning.documents.to_record`."""

ROW: Final = "row"
"""What the entry that commits a version says of its row: its digest."""

UNREADABLE: Final = (ValueError, KeyError, TypeError, RecursionError)
"""What reading rows raises that somebody else wrote, digests and all."""


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
        refuse(
            "store.no_plan",
            file,
            N_("a plan of this store"),
            N_("List the plans of the store."),
            where=plan_id,
        )
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
    """Write a plan whose revision is one more than `base_rev`; return how many rows it met."""
    if not base_rev:
        return connection.execute(insert(PLAN), described(plan)).rowcount
    here = (PLAN.c.plan_id == plan.plan_id) & (PLAN.c.rev == base_rev)
    return connection.execute(update(PLAN).where(here).values(described(plan))).rowcount


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
    numbers = database.backend.number(connection, len(rows))
    features = [key | {"fid": fid, **asdict(row)} for fid, row in zip(numbers, rows, strict=True)]
    if features:
        connection.execute(insert(FEATURE), features)
        database.backend.place(connection, features)
    if documents:
        bodies = [key | {"name": name, "body": body} for name, body in documents.items()]
        connection.execute(insert(DOCUMENT), bodies)
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
        "manifest": as_text(_manifest(rows, documents)),
    }
    bound = digest_of(list(values.values()))
    abouts = {name: as_text(layer.about) for name, layer in layers.items()}
    values["digest"] = root_of_content(abouts, rows, documents)
    connection.execute(insert(PLAN_VERSION), values)
    return VersionHead(**{**asdict(head), "digest": values["digest"]}), bound


def _manifest(rows: Sequence[Row], documents: Mapping[str, str]) -> dict[str, Any]:
    layers = {
        name: {row.feature_id: row_digest(row) for row in group}
        for name, group in groupby(rows, key=lambda row: row.layer)
    }
    bodies = {name: digest_of([name, body]) for name, body in documents.items()}
    return {"layers": layers, "documents": bodies}


def row_digest(row: Row) -> str:
    """Return the digest of a feature: everything in its row, and the blob with its header."""
    return digest_of([row.layer, row.position, row.feature_id, row.properties], row.geom)


def known_crs(connection: Connection, file: str) -> list[str]:
    """Return the CRS of the layers of all current versions, as WKT."""
    current = (PLAN.c.plan_id == PLAN_VERSION.c.plan_id) & (PLAN.c.version == PLAN_VERSION.c.n)
    rows = connection.execute(select(PLAN_VERSION).join(PLAN, current)).all()
    for row in rows:
        _head(connection, file, row)
    abouts = [about for row in rows for about in json.loads(row.layers).values()]
    return [about["crs"] for about in abouts if "crs" in about]


def load_heads(connection: Connection, file: str, plan_id: str) -> list[VersionHead]:
    """Return what is known of all versions of a plan, oldest first."""
    rows = connection.execute(
        select(PLAN_VERSION).where(PLAN_VERSION.c.plan_id == plan_id).order_by(PLAN_VERSION.c.n)
    ).all()
    return [_head(connection, file, row) for row in rows]


def load_version(connection: Connection, file: str, plan_id: str, n: int) -> Version:
    """Return a version with its content.

    Raises
    ------
    InputError
        If there is no such version.
    Damaged
        If a layer, row or document is not what was written; each is named.
    """
    here = (PLAN_VERSION.c.plan_id == plan_id) & (PLAN_VERSION.c.n == n)
    row = connection.execute(select(PLAN_VERSION).where(here)).first()
    if row is None:
        refuse(
            "store.no_version",
            file,
            N_("a version of the plan"),
            N_("List the versions of the plan."),
            where=plan_id,
            found=str(n),
        )
    head = _head(connection, file, row)
    rows, bodies = _content(connection, plan_id, n)
    faults = _content_faults(file, head, json.loads(row.manifest), rows, bodies)
    faults = faults or _root_faults(file, row, rows, bodies)
    if faults:
        raise Damaged(faults)
    by_layer = {name: list(group) for name, group in groupby(rows, key=lambda entry: entry.layer)}
    try:
        layers = {
            name: unpack_layer(about, by_layer.get(name, []))
            for name, about in json.loads(row.layers).items()
        }
        documents = {name: json.loads(body) for name, body in bodies.items()}
    except UNREADABLE as error:
        raise Damaged([changed(file, f"{plan_id} {n}", found=str(error)[:80])]) from error
    return Version(head, layers, documents)


def version_faults(
    connection: Connection, file: str, plan_id: str, n: int, *, rooted: bool = True
) -> list[Fault]:
    """Name what is wrong with a version, without building its tables.

    With `rooted` its root is counted again too, which takes as long as writing it did.
    """
    here = (PLAN_VERSION.c.plan_id == plan_id) & (PLAN_VERSION.c.n == n)
    row = connection.execute(select(PLAN_VERSION).where(here)).first()
    if row is None:
        return [changed(file, f"{plan_id} {n}", "plan_version")]
    try:
        head = _head(connection, file, row)
    except Damaged as error:
        return list(error.faults)
    content = _content(connection, plan_id, n)
    faults = _content_faults(file, head, json.loads(row.manifest), *content)
    return faults or (_root_faults(file, row, *content) if rooted else [])


def _head(connection: Connection, file: str, row: DbRow[Any]) -> VersionHead:
    """Read the row of a version, and compare it with its digest and with the audit."""
    committed = entries(connection, file, AUDIT.c.plan_id == row.plan_id, AUDIT.c.rev == row.rev)
    said = [entry.says for entry in committed if entry.action == "commit"]
    told = [(entry["plan"]["digest"], entry.get(ROW, row.digest)) for entry in said]
    if told != [(row.digest, digest_of(row[:-1]))]:
        raise Damaged([changed(file, f"{row.plan_id} {row.n}", "plan_version")])
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
    abouts: Mapping[str, str], rows: Sequence[Row], documents: Mapping[str, str]
) -> str:
    """Return the root of a version: that of the folder of its plan, where it holds nothing else.

    Layers follow from the record of a plan; of a version without one they are what it holds.

    Parameters
    ----------
    abouts
        What is known of each layer beside its rows, as text.
    rows, documents
        What is in the layers, and documents as text.
    """
    digests = _listed(documents)
    rest = {name: body for name, body in documents.items() if not digests or name not in RECORD}
    if not digests:
        digests |= {f"layer {as_text(name)}": digest_of([text]) for name, text in abouts.items()}
        digests |= {
            f"row {as_text(row.layer)} {as_text(row.feature_id)}": row_digest(row) for row in rows
        }
    digests |= {f"document {as_text(name)}": digest_of([body]) for name, body in rest.items()}
    return sha256(write_list(digests)).hexdigest()


def _listed(documents: Mapping[str, str]) -> dict[str, str]:
    """Return the list of the files of a plan; nothing if a version holds the record of none."""
    if not documents.keys() >= RECORD:
        return {}
    from civicsight.planning.documents import documents_of

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
    if root_of_content(abouts, rows, bodies) == row.digest:
        return []
    return [changed(file, f"{row.plan_id} {row.n}", "root")]


def _content(connection: Connection, plan_id: str, n: int) -> tuple[list[Row], dict[str, str]]:
    here = (FEATURE.c.plan_id == plan_id) & (FEATURE.c.version == n)
    columns = FEATURE.c
    query = select(
        columns.layer, columns.position, columns.feature_id, columns.properties, columns.geom
    )
    found = connection.execute(query.where(here).order_by(columns.layer, columns.position))
    there = (DOCUMENT.c.plan_id == plan_id) & (DOCUMENT.c.version == n)
    bodies = connection.execute(select(DOCUMENT.c.name, DOCUMENT.c.body).where(there))
    return [Row(*row) for row in found], {row.name: row.body for row in bodies}


def _content_faults(
    file: str,
    head: VersionHead,
    manifest: Mapping[str, Any],
    rows: Sequence[Row],
    bodies: Mapping[str, str],
) -> list[Fault]:
    """Name every row and document that was changed, added or removed."""
    wanted = {
        (layer, label): digest
        for layer, labels in manifest["layers"].items()
        for label, digest in labels.items()
    }
    found = [((row.layer, row.feature_id), row_digest(row)) for row in rows]
    bad = {key for key, digest in found if wanted.get(key) != digest}
    bad |= wanted.keys() - dict(found).keys()
    bad |= {key for key, count in Counter(key for key, _ in found).items() if count > 1}
    papers = manifest["documents"]
    wrong = {name for name, body in bodies.items() if papers.get(name) != digest_of([name, body])}
    wrong |= papers.keys() - bodies.keys()
    version = f"{head.plan_id} {head.n}"
    return [
        *(
            changed(file, f"{version}, {layer}", found=str(label))
            for layer, label in sorted(bad, key=str)
        ),
        *(changed(file, f"{version}, document {name}") for name in sorted(wrong, key=str)),
    ]
