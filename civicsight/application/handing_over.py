"""A plan handed over to another installation, and begun with there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import pandas as pd

from civicsight.application.comparing import changes_of
from civicsight.application.faults import fault, reject
from civicsight.application.workflow import PROJECT, SESSION
from civicsight.core.errors import N_, Text
from civicsight.editing.draft import DECLARED
from civicsight.editing.projects import law_beside, packs_beside
from civicsight.editing.refusals import Guard, make_guard
from civicsight.editing.session import from_json
from civicsight.io.apart.reading import read_apart
from civicsight.io.packs import load_packs
from civicsight.io.vectors.files import require_file
from civicsight.model import City
from civicsight.planning.record.root import LIST_FILE
from civicsight.presentation.lexicon import clock
from civicsight.report.handover import package_name
from civicsight.store import (
    Act,
    Actor,
    Damaged,
    Denied,
    Package,
    Plan,
    Store,
    hand_over,
    open_store,
    prove_by_sheet,
    read_package,
    require_proof,
)
from civicsight.store.audit import now
from civicsight.store.handover import lost_ends
from civicsight.store.keys import own_key
from civicsight.store.remarks import bring_remarks
from civicsight.store.store import is_server
from civicsight.store.transactions import NOBODYS, doing, looking


def open_package(path: Path, *, root: str = "", sheet: tuple[str, bytes] | None = None) -> Package:
    """Read a package in a process of its own, and compare it with its list and what proves it.

    Parameters
    ----------
    path
        The package.
    root, sheet
        Root of the package from its sheet; or the sheet as a file, name and content.

    Raises
    ------
    InputError
        As the reader, `store.read_package` and `store.prove_by_sheet`.
    """
    found: Mapping[str, Any] = read_apart("handover", path)
    files = {name: content.tobytes() for name, content in found.items()}
    package = read_package(files, path.name, root=root)
    return package if sheet is None else prove_by_sheet(package, *sheet)


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """The project that both sides work in: city, what the law forbids there, digest of its file."""

    city: City
    guard: Guard
    base: str


def project_files(path: Path) -> tuple[bytes, bytes]:
    """Return a project file and the rule pack beside it as they are; empty without one.

    Raises
    ------
    InputError
        If there is no such project.
    """
    law = law_beside(path)
    return require_file(path).read_bytes(), law.read_bytes() if law.is_file() else b""


def desk_at(path: Path) -> Desk:
    """Return what versions of the plans of a project file are drawn on.

    Raises
    ------
    InputError
        If it is no project.
    """
    city = read_apart("project", path)
    rules = load_packs(user=packs_beside(path))
    return Desk(city, make_guard(city, rules), sha256(project_files(path)[0]).hexdigest())


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A package that is ready to go: its files, its name, and what its sheet says of it."""

    files: Mapping[str, bytes]
    name: str
    told: Mapping[str, str | Text]

    @property
    def root(self) -> str:
        """Root of the package."""
        return sha256(self.files[LIST_FILE]).hexdigest()


def pack_plan(
    store: Store, actor: Actor, plan_id: str, path: Path, *, to: str = "", note: str = ""
) -> Packed:
    """Pack the latest version of a plan with the project that it was drawn in.

    Raises
    ------
    Denied
        If somebody may not take the plan out; it is in the audit.
    InputError
        If there is no project or no version, or that was drawn in another state of the project.
    """
    if actor.role.is_bound:
        _refuse_bound(store, actor)
    content, law = project_files(path)
    heads = store.list_versions(actor, plan_id)
    drawn_in = heads[-1].inputs.get(PROJECT) if heads else None
    own = sha256(content).hexdigest()
    if drawn_in not in (None, own):
        reject("handover.stale", path.name, found=own[:12])
    files = hand_over(store, actor, plan_id, project=content, law=law, to=to, note=note)
    plan = store.plan(actor, plan_id)
    told: dict[str, str | Text] = {
        "project": path.name,
        "plan": plan.name,
        "version": str(plan.version),
        "by": actor.name,
        "to": to,
        "at": clock(now()),
        "note": note,
        "key": own_key().fingerprint,
        "audit": store.end(actor).describe(),
    }
    return Packed(files, package_name(plan_id, plan.version), told)


def _refuse_bound(store: Store, actor: Actor) -> NoReturn:
    """Refuse whoever may not see all districts; the store keeps the attempt."""
    with suppress(Denied), doing(store.database, actor, Act.EXPORT, NOBODYS):
        pass
    raise Denied([fault("app.district", found=actor.district)])


def describe(package: Package) -> list[Text]:
    """Say what a package is, and from whom."""
    said = [
        N_(
            "Hand-over package of %(plan)s, version %(number)s, drawn by %(author)s.",
            plan=package.plan.name,
            number=package.head.n,
            author=package.head.author,
        ),
        N_("Handed over by %(by)s at %(at)s.", by=package.by, at=clock(package.at)),
    ]
    if package.to:
        said.append(N_("Handed over to %(to)s.", to=package.to))
    if package.note:
        said.append(N_("Note: %(note)s", note=package.note))
    said.append(N_("Root of the package: %(root)s", root=package.root))
    return [*said, package.proof.describe()]


def has_plan(place: str | Path, actor: Actor, plan_id: str) -> bool:
    """Tell whether a file of plans or a database has a plan of this id that is open to somebody."""
    if not (is_server(place) or Path(place).exists()):
        return False
    with open_store(place) as store:
        return plan_id in {one.plan_id for one in store.list_plans(actor)}


def begin_with(
    store: Store, actor: Actor, package: Package, source: str, *, unproven: bool = False
) -> Plan:
    """Keep the plan of a package in a store that does not have it.

    Parameters
    ----------
    store, actor, package, source
        Where, who takes it over, what came, and the name of its file.
    unproven
        Whether it is taken over even if nothing proves it; the audit keeps that.

    Raises
    ------
    Denied
        If somebody may not bring files in, or begin a plan.
    InputError
        If there is such a plan, or nothing proves the package.
    """
    with looking(store.database, actor, Act.IMPORT):
        pass
    require_proof(package, source, unproven=unproven)
    lost = require_whole(store, package, unproven=unproven)
    require_drawn(package, _desk_of(package), source)
    told = package.plan
    begun = store.new_plan(
        actor, told.plan_id, name=told.name, district=told.district, departments=told.departments
    )
    kept = store.commit_version(
        actor,
        told.plan_id,
        base_rev=begun.rev,
        layers=package.packed,
        documents=package.documents,
        inputs=package.head.inputs,
        note=package.head.note,
        taken=taken_of(package, source) | {"whole": True} | lost,
    )
    if package.remarks:
        bring_remarks(store, actor, told.plan_id, package.remarks, range(len(package.remarks)))
    return kept


def _desk_of(package: Package) -> Desk:
    """Return what versions of the plans of the project of a package are drawn on."""
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / "project.gpkg"
        path.write_bytes(package.project)
        if package.law:
            law_beside(path).write_bytes(package.law)
        return desk_at(path)


def require_drawn(package: Package, desk: Desk, source: str) -> None:
    """Refuse a draft that is not lawful, or whose layers are not what its commands draw.

    Raises
    ------
    Refused, RoomUseAsked
        If the law forbids a command of the draft.
    InputError
        If the draft is none, is drawn on something else, or says other things than its layers.
    """
    text = package.documents.get(SESSION)
    if not isinstance(text, str):
        return  # an optimiser made it: its proof is compared with itself wherever it is read
    draft = from_json(text, desk.city, desk.guard, desk.base).draft
    layers = package.layers
    for name in sorted({"cameras", *draft.changed, *layers}):
        drawn = draft.table(name) if name in DECLARED else pd.DataFrame()
        differing = changes_of(name, drawn, layers.get(name, pd.DataFrame()))
        if differing:
            where = f"{name} {differing[0].row_id}"
            reject("handover.drawn", source, where, found=differing[0].what)


def taken_of(package: Package, source: str) -> dict[str, Any]:
    """Return what the audit keeps of a package."""
    return {
        "file": source,
        "package": package.root,
        "root": package.head.digest,
        "version": package.head.n,
        "by": package.by,
        "at": package.at,
        "proof": asdict(package.proof),
        "audit": [asdict(end) for end in package.ends],
    }


def require_whole(store: Store, package: Package, *, unproven: bool) -> dict[str, Any]:
    """Refuse a package that knows an entry of this audit which is not here any more.

    Returns what the audit keeps where it is taken over all the same.

    Raises
    ------
    Damaged
        If the audit was cut off or rewritten since the plan left.
    """
    lost = lost_ends(store, package)
    if lost and not unproven:
        raise Damaged(list(lost.values()))
    return {"lost": max(lost)} if lost else {}
