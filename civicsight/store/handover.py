"""A plan that leaves for another installation and comes back: one version, and what both know.

A package is a few files and their list, as `planning.record.root` writes it, and a reader
compares it with ``sha256sum`` alone. The list covers everything, id, name and author among it. Its
root stands on the sheet that both sides sign, and the installation that wrote it signs the list: a
package with neither is compared with itself only, and taken over as unproven or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from types import NoneType
from typing import Any, Final
from urllib.parse import quote, unquote

import pandas as pd
from sqlalchemy import Connection

from civicsight.core.bounded.text import load_crs, load_json
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.settings import read_resident
from civicsight.model.format_versions import FORMATS, HANDOVER, brought_up, own_version
from civicsight.planning.record.documents import UNREADABLE
from civicsight.planning.record.root import (
    LIST_FILE,
    SHORT,
    compare,
    list_of,
    read_list,
    roots_in,
    whole_root,
)
from civicsight.store import keys
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import Head, append, end_faults, entries, now, own_end
from civicsight.store.faults import fault, reject
from civicsight.store.frames import PackedLayer, Row, pack_layer, unpack_layer
from civicsight.store.handover_proof import (
    ROOT,
    SIGNATURE_FILE,
    UNPROVEN,
    Proof,
    proof_of,
    value_faults,
)
from civicsight.store.records import Plan, VersionHead, as_text
from civicsight.store.remarks import Remark, remarks_of, threads_of
from civicsight.store.store import Store
from civicsight.store.tables import AUDIT
from civicsight.store.transactions import doing, moving
from civicsight.store.version_contents import digests_of, row_digest
from civicsight.store.versions import TAKEN, load_heads, load_packed, root_of_content

ABOUT_FILE: Final = "handover.json"
PROJECT_FILE: Final = "project.gpkg"
LAW_FILE: Final = "law.yaml"
LAYER, DOCUMENT, END = "layer-", "document-", ".json"

HANDED: Final = "handover"
"""What an entry of the audit says of a package that went."""

EXPORTED: Final = "exported"
"""What one says of another file that left."""

NAMED: Final = "definition"
"""What is known of a layer and says its system once more, for other programs."""

SHOWN: Final = 12
"""Signs of a digest that a fault shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """What was handed over.

    Parameters
    ----------
    plan, head
        The plan and its version as they stood where it was packed.
    exchanged
        Roots of versions that went either way before, the latest last: both sides know them.
    by, at, to, note
        Who handed it over, when (UTC, ISO 8601), to whom, and what he said.
    root
        Root of the package.
    proof
        By what it is proved.
    packed, documents
        What the version holds: its layers as they are kept, and its documents.
    project, law
        The project that it was made in, as a file, and a rule pack of its own; empty without one.
    ends
        Ends of the audits of stores that the plan came through, as they were when it was packed.
    remarks
        What was remarked on the plan, and answered.
    """

    plan: Plan
    head: VersionHead
    exchanged: tuple[str, ...]
    by: str
    at: str
    to: str
    note: str
    root: str
    proof: Proof
    packed: Mapping[str, PackedLayer]
    documents: Mapping[str, Any]
    project: bytes
    law: bytes = b""
    ends: tuple[Head, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def layers(self) -> dict[str, pd.DataFrame]:
        """Tables of the version, by name."""
        return {name: unpack_layer(one.about, one.rows) for name, one in self.packed.items()}

    @property
    def project_digest(self) -> str:
        """Digest of the project file, by which drafts know what they were drawn in."""
        return sha256(self.project).hexdigest()


def hand_over(
    store: Store,
    actor: Actor,
    plan_id: str,
    *,
    project: bytes,
    law: bytes = b"",
    to: str = "",
    note: str = "",
) -> dict[str, bytes]:
    """Return the files of a package of the latest version of a plan; the audit keeps its root.

    The list of them is signed with the key of this installation, which is made with the first.

    Parameters
    ----------
    store, actor, plan_id
        Where, who hands over, and which plan.
    project, law
        The project file as it is, and the rule pack that lies beside it.
    to, note
        To whom it goes, and what is said with it.

    Raises
    ------
    Denied
        If somebody may not take the plan out; it is in the audit.
    InputError
        If the plan has no version, a name has signs that nobody sees, or the key is damaged.
    WriteError
        If there is no key yet, and it cannot be written.
    """
    with moving(store.database, actor, Act.EXPORT, plan_id) as deed:
        plan = deed.before
        if not plan.version:
            reject("store.empty_plan", store.name, plan_id)
        head, layers, documents = load_packed(deed.connection, store.name, plan_id, plan.version)
        before = exchanged_in(deed.connection, store.name, plan_id)
        exchanged = [root for root in before if root != head.digest] + [head.digest]
        ends = _ends_known(deed.connection, store.name, plan_id)
        done = entries(deed.connection, store.name, AUDIT.c.plan_id == plan_id)
        remarks = remarks_of(threads_of(done))
        handed = {"by": actor.name, "at": now(), "to": to, "note": note}
        about = {
            "format": FORMATS[HANDOVER].number,
            "civicsight": own_version(),
            "plan": asdict(plan),
            "version": asdict(head) | {"inputs": dict(head.inputs)},
            "exchanged": exchanged,
            "audit": [asdict(end) for end in ends],
            "remarks": [asdict(one) for one in remarks],
            "handed": handed,
        }
        remedy = N_("Begin a plan with a name that can be read, and commit the version there.")
        wrong = value_faults(plan, head, exchanged, handed, store.name)
        faults = [replace(one, remedy=remedy) for one in wrong]
        if faults:
            raise InputError(faults)
        files = {ABOUT_FILE: _written(about), PROJECT_FILE: project}
        files |= ({LAW_FILE: law} if law else {}) | _content(layers, documents)
        files[LIST_FILE] = list_of(files)
        files[SIGNATURE_FILE] = keys.sign(files[LIST_FILE], keys.HANDOVER)
        said = {
            "package": sha256(files[LIST_FILE]).hexdigest(),
            "root": head.digest,
            "version": head.n,
            "to": to,
            "note": note,
        }
        append(deed.connection, actor, Act.EXPORT, {HANDED: said}, plan_id=plan_id)
    return files


def note_export(
    store: Store, actor: Actor, file: str, content: bytes, of: VersionHead | None
) -> None:
    """Keep in the audit who took out which file, and of which version it tells.

    A store where nothing can be written keeps nothing: whoever took its file could read it.

    Parameters
    ----------
    store, actor
        Where, and who.
    file, content
        Name of the file and what is in it; its digest is kept.
    of
        The version that it tells of; None: the project as it stands.

    Raises
    ------
    Denied
        If somebody may take nothing out; it is in the audit.
    """
    if store.database.closed is not None:
        return
    said: dict[str, Any] = {"file": file, "sha256": sha256(content).hexdigest()}
    if of is None:
        with doing(store.database, actor, Act.EXPORT) as connection:
            append(connection, actor, Act.EXPORT, {EXPORTED: said})
        return
    said |= {"version": of.n, "root": of.digest}
    with moving(store.database, actor, Act.EXPORT, of.plan_id) as deed:
        append(deed.connection, actor, Act.EXPORT, {EXPORTED: said}, plan_id=of.plan_id)


def _content(layers: Mapping[str, PackedLayer], documents: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of what a version holds."""
    files = {f"{LAYER}{name}{END}": _layer(layer) for name, layer in layers.items()}
    return files | {
        f"{DOCUMENT}{quote(name, safe='')}{END}": body.encode() for name, body in documents.items()
    }


def exchanged_in(connection: Connection, file: str, plan_id: str) -> list[str]:
    """Return the roots of versions of a plan that went or came, each once, the latest last."""
    found: dict[str, None] = {}
    for entry in entries(connection, file, AUDIT.c.plan_id == plan_id):
        said = entry.says.get(HANDED) or entry.says.get(TAKEN) or {}
        if "root" in said:
            found.pop(said["root"], None)
            found[said["root"]] = None
    return list(found)


def _ends_known(connection: Connection, file: str, plan_id: str) -> tuple[Head, ...]:
    """Return the end of the own audit, and the last that packages of a plan told of others."""
    found = {
        end["store"]: Head(**end)
        for entry in entries(connection, file, AUDIT.c.plan_id == plan_id)
        for end in entry.says.get(TAKEN, {}).get("audit", ())
    }
    own = own_end(connection)
    return tuple((found | {own.store: own}).values())


def lost_ends(store: Store, package: Package) -> dict[int, Fault]:
    """Name the entry of this audit that a package knows and that is not here any more."""
    with store.database.reading() as connection:
        own = own_end(connection).store
        return {
            end.seq: fault
            for end in package.ends
            if end.store == own
            for fault in end_faults(connection, store.name, [end])
        }


def known_versions(connection: Connection, file: str, plan_id: str) -> dict[str, int]:
    """Return the numbers of the versions of a plan by root, also by that of what was taken whole.

    What is kept of a package has its root, unless another release writes the same otherwise.
    """
    heads = load_heads(connection, file, plan_id)
    by_rev = {head.rev: head.n for head in heads}
    taken = {
        said["root"]: by_rev[entry.rev]
        for entry in entries(connection, file, AUDIT.c.plan_id == plan_id)
        if (said := entry.says.get(TAKEN, {})).get("whole") and entry.rev in by_rev
    }
    return taken | {head.digest: head.n for head in heads}


def describe_exchange(says: Mapping[str, Any]) -> list[Text]:
    """Say what an entry of the audit says of a package that went or came; nothing of others."""
    if out := says.get(EXPORTED):
        return [N_("%(file)s, SHA-256 %(hash)s", file=out["file"], hash=out["sha256"])]
    went, came = says.get(HANDED), says.get(TAKEN)
    if went:
        to = went.get("to") or "–"
        return [N_("hand-over package to %(to)s, root %(root)s", to=to, root=went["package"])]
    if not came:
        return []
    sides = Counter(side for _, _, side in came.get("settled", ()))
    told = [
        N_(
            "taken over from %(file)s of %(by)s, root %(root)s",
            file=came["file"],
            by=came["by"],
            root=came["package"],
        )
    ]
    told.append(
        Proof(**came["proof"]).describe()
        if "proof" in came
        else N_("Whether it was proved was not recorded.")
    )
    if "lost" in came:
        told.append(
            N_(
                "taken over although this audit does not hold entry %(entry)s, which the "
                "package knows",
                entry=came["lost"],
            )
        )
    if sides:
        told.append(
            N_(
                "as in the package: %(theirs)s, as here: %(ours)s, both: %(both)s",
                theirs=sides["theirs"],
                ours=sides["ours"],
                both=sides["both"],
            )
        )
    return [*told, *([N_("Reason: %(reason)s", reason=came["reason"])] if "reason" in came else [])]


def _layer(layer: PackedLayer) -> bytes:
    """Write a layer, a line a row: each with its digest, so that a changed row can be named."""
    rows = [
        [
            row.position,
            row.feature_id,
            row.properties,
            None if row.geom is None else row.geom.hex(),
            row_digest(row),
        ]
        for row in layer.rows
    ]
    return _written({"about": layer.about, "rows": rows})


def _written(value: Mapping[str, Any]) -> bytes:
    return as_text(value).encode()


def read_package(files: Mapping[str, bytes], source: str, *, root: str = "") -> Package:
    """Return what a package holds, compared with its list and, if it is given, with its root.

    Parameters
    ----------
    files
        From the reader ``handover``.
    source
        Name of the package for a fault.
    root
        Root of the package from its sheet, all 64 digits.

    Raises
    ------
    InputError
        If a file is missing, changed or not of the package, each with its name and, in a layer, its
        rows; if the signature is of another list; if the version is not that of its root; if a
        value is none that civicsight writes; or if it cannot be read.
    """
    signature = files.get(SIGNATURE_FILE)
    files = {name: content for name, content in files.items() if name != SIGNATURE_FILE}
    listing = files.get(LIST_FILE, b"")
    try:
        listed = read_list(listing)
    except ValueError:
        raise InputError(
            [fault("handover.list", source, LIST_FILE, found=", ".join(sorted(files)[:4])[:80])]
        ) from None
    own = sha256(listing).hexdigest()
    faults = [*_root_faults(source, root, own), *_file_faults(source, listed, files)]
    if faults:
        raise InputError(faults)
    proof = proof_of(signature, listing, source, given=bool(root))
    try:
        package = _parsed(files, own, proof)
    except InputError:
        raise
    except UNREADABLE as error:
        raise InputError([fault("handover.damaged", source, found=str(error)[:80])]) from None
    handed = {"by": package.by, "at": package.at, "to": package.to, "note": package.note}
    digests = (*package.exchanged, *(end.hash for end in package.ends))
    said = handed | {f"remarks.{n}": "\n".join(one.key) for n, one in enumerate(package.remarks)}
    faults = list(value_faults(package.plan, package.head, digests, said, source))
    heads = {n for n, one in enumerate(package.remarks) if one.to is None}
    faults += [
        fault("handover.remark", source, f"remarks.{n}", "to", str(one.to))
        for n, one in enumerate(package.remarks)
        if one.to is not None and one.to not in heads
    ]
    if faults:
        raise InputError(faults)
    return package


def prove_by_sheet(package: Package, name: str, content: bytes) -> Package:
    """Return a package as proved by its sheet; refuse one whose root does not stand on it.

    Parameters
    ----------
    package
        What was read.
    name, content
        The sheet as a file.

    Raises
    ------
    InputError
        If it is the sheet of another package.
    """
    if package.root not in roots_in(content):
        reject("handover.sheet", name, start=package.root[:SHORT])
    return replace(package, proof=replace(package.proof, by=ROOT))


def require_proof(package: Package, source: str, *, unproven: bool) -> None:
    """Refuse a package that nothing proves, unless it was said to be taken over as unproven.

    Raises
    ------
    InputError
        With the ways in which it can be proved.
    """
    if package.proof.by == UNPROVEN and not unproven:
        found = package.proof.key or "–"
        reject("handover.unproven", source, field="proof", found=found)


def _root_faults(source: str, root: str, own: str) -> Iterator[Fault]:
    if root and whole_root(root, source) != own:
        yield fault("handover.root", source, field="root", found=own, root=root)


def _file_faults(
    source: str, listed: Mapping[str, str], files: Mapping[str, bytes]
) -> Iterator[Fault]:
    """Name everything that is not as the list has it."""
    found = compare(listed, files)
    for name in found.changed:
        now_is = sha256(files[name]).hexdigest()[:SHOWN]
        yield from _row_faults(source, name, files[name])
        yield fault("handover.changed", source, name, found=now_is, digest=listed[name][:SHOWN])
    for name in found.missing:
        yield fault("handover.missing", source, name, digest=listed[name][:SHOWN])
    for name in found.foreign:
        yield fault("handover.foreign", source, name)


def _row_faults(source: str, name: str, content: bytes) -> Iterator[Fault]:
    """Name the rows of a changed layer that are not what was packed, as far as they tell."""
    if not name.startswith(LAYER):
        return
    try:
        rows = list(_rows_of(name, _json(content)))
    except UNREADABLE:
        return
    for row, digest in rows:
        if row_digest(row) != digest:
            where = f"{row.layer} {row.feature_id}"
            yield fault("handover.row", source, where)


def _parsed(files: Mapping[str, bytes], root: str, proof: Proof) -> Package:
    """Read the files of a package, each value of its type.

    Raises
    ------
    InputError
        If it is of a later format.
    ValueError, KeyError, TypeError, AttributeError, RecursionError
        If it is none.
    """
    about = brought_up(HANDOVER, _json(files[ABOUT_FILE]), ABOUT_FILE)
    told, handed = about["version"], about["handed"]
    plan = Plan(**about["plan"] | {"departments": tuple(map(_text, about["plan"]["departments"]))})
    head = VersionHead(**told | {"inputs": {_text(k): _text(v) for k, v in told["inputs"].items()}})
    for text in (
        plan.plan_id,
        plan.name,
        plan.district,
        head.author,
        head.created_at,
        head.note,
        head.digest,
        *handed.values(),
        *about["exchanged"],
    ):
        _text(text)
    abouts, rows = {}, []
    for name in sorted(files):
        if name.startswith(LAYER):
            layer = _json(files[name])
            abouts[_inner(name, LAYER)] = layer["about"]
            rows += [row for row, _ in _rows_of(name, layer)]
    texts = {
        unquote(_inner(name, DOCUMENT)): files[name].decode()
        for name in sorted(files)
        if name.startswith(DOCUMENT)
    }
    abouts_text = {name: as_text(value) for name, value in abouts.items()}
    if root_of_content(abouts_text, digests_of(rows), texts) != head.digest:
        raise ValueError(head.digest[:SHOWN])
    layers = {
        name: _kept(name, PackedLayer(value, [row for row in rows if row.layer == name]))
        for name, value in abouts.items()
    }
    documents = {name: _json(text) for name, text in texts.items()}
    ends = tuple(
        Head(int(one["seq"]), _text(one["hash"]), _text(one["store"]))
        for one in about.get("audit", ())
    )
    return Package(
        plan,
        head,
        tuple(about["exchanged"]),
        **handed,
        root=root,
        proof=proof,
        packed=layers,
        documents=documents,
        project=files[PROJECT_FILE],
        law=files.get(LAW_FILE, b""),
        ends=ends,
        remarks=tuple(map(_remark, about.get("remarks", ()))),
    )


def _remark(said: Mapping[str, Any]) -> Remark:
    """Return a remark of a package, each value of its type.

    Raises
    ------
    ValueError, TypeError
        If one is not, or nobody can have said it then.
    """
    one = Remark(**said)
    if not (all(map(_text, (one.by, one.at, one.text))) and one.text.strip()):
        raise ValueError(one.by)
    _text(one.subject)
    if type(one.to) not in (int, NoneType) or type(one.settled) not in (bool, NoneType):
        raise TypeError(str(one.to))
    return one


def _kept(name: str, layer: PackedLayer) -> PackedLayer:
    """Return a layer as it is kept: as it came, where this civicsight would write the same of it.

    Of a system the registry may name more codes than its text does, and either is sound.
    """
    again = pack_layer(name, unpack_layer(layer.about, layer.rows))
    told, own = ({k: v for k, v in one.about.items() if k != NAMED} for one in (layer, again))
    if told != own or layer.rows != again.rows:
        return again
    if NAMED in own and load_crs(layer.about[NAMED]) != load_crs(again.about[NAMED]):
        return again
    return layer


def _rows_of(name: str, layer: Any) -> Iterator[tuple[Row, str]]:
    for position, label, properties, geom, digest in layer["rows"]:
        shape = None if geom is None else bytes.fromhex(geom)
        row = Row(_inner(name, LAYER), int(position), _text(label), _text(properties), shape)
        yield row, _text(digest)


def _inner(name: str, start: str) -> str:
    return name.removeprefix(start).removesuffix(END)


def _json(content: bytes | str) -> Any:
    return load_json(content, limit=read_resident())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
