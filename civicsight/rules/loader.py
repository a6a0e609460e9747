"""Load rule packs: our own by id, a user's from a file, checked in full before anything is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from civicsight.core.errors import Fault, PackError
from civicsight.core.extensions import added
from civicsight.core.regular import require_regular
from civicsight.model.format_versions import RULE_PACK, steps_from
from civicsight.rules.build import build_pack, read_params, read_profiles
from civicsight.rules.composition import Rules
from civicsight.rules.consultation import find_place_faults
from civicsight.rules.document import (
    MAX_BYTES,
    MAX_FAULTS,
    Document,
    in_order,
    read_document,
    time_limit,
)
from civicsight.rules.faults import fault
from civicsight.rules.functions import (
    delivered,
    delivered_names,
    find_function_faults,
    read_delivered,
    with_functions,
)
from civicsight.rules.ladders import Ladder, read_ladder
from civicsight.rules.linter import find_link_faults
from civicsight.rules.overriding import (
    find_overrides,
    find_refused_overrides,
    find_silencing_faults,
    is_user,
)
from civicsight.rules.pack import Pack, Param
from civicsight.rules.shape import find_shape_faults

DEFAULT_PACKS: Final = ("nanchang", "cn-national-799")
"""Packs that the city's planners work under."""

Read = Callable[[Path], Document]


def builtin_packs() -> tuple[str, ...]:
    """Return the ids of the packs that come with the program."""
    return delivered_names()


@cache
def added_packs() -> Mapping[str, Path]:
    """Return the files of packs that other installed packages bring, by their ids.

    They are packs of users: linted like any file, below every law, bound to the closed lists.
    """
    paths = added("packs", Path, delivered_names(), attrgetter("stem"))
    return {path.stem: path for path in paths}


def read_pack(path: str | Path) -> Document:
    """Read and check the file of a pack, in this process.

    Raises
    ------
    PackError
        If it cannot be read, or has faults.
    """
    path = require_regular(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PackError(
            [fault("pack.unreadable", path.name, found=error.strerror or type(error).__name__)]
        ) from error
    return _checked(content, path.name)


def lint_pack(
    source: str | Path | bytes, *, name: str = "pack.yaml", read: Read = read_pack
) -> tuple[Fault, ...]:
    """Return everything that is wrong with a pack; empty if nothing is.

    Parameters
    ----------
    source
        Path of a YAML file, its bytes, or the id of a pack that another package brings.
    name
        What to call bytes in a message.
    read
        Reads the file of a user's pack; `civicsight.io.packs` has it read apart.
    """
    try:
        _of_user(source, name, read)
    except PackError as error:
        return error.faults
    return ()


def open_pack(source: str | Path, *, read: Read = read_pack) -> Document:
    """Read and check one pack, ours by its id or any by its file; `read` as for `lint_pack`.

    Raises
    ------
    PackError
        If it is unknown, cannot be read, or has faults.
    """
    if str(source) in builtin_packs():
        return _builtin((str(source),))[0]
    if str(source) in added_packs():
        return read(added_packs()[str(source)])
    if not Path(source).exists() and not Path(source).suffix:
        _builtin((str(source),))  # says which packs there are
    return read(Path(source))


def load_packs(
    names: Sequence[str] = DEFAULT_PACKS,
    user: Iterable[str | Path | bytes] = (),
    *,
    read: Read = read_pack,
) -> Rules:
    """Load packs so that they speak together.

    A pack brings in those that it names under ``load_with``. A user's pack may set parameters and
    profiles of the others and add classes and rules; it cannot replace, remove or silence one, so
    what a higher rank demands stays. It can loosen what is an assumption, and every such value is
    listed; what a law states and what protects the private it can only tighten.

    Parameters
    ----------
    names
        Ids of packs that come with the program.
    user
        Files, or bytes, of further packs, or ids of those that other packages bring, in the order
        in which their values apply.
    read
        As for `lint_pack`.

    Raises
    ------
    PackError
        If a pack is unknown or has faults; all are listed, each with line and field.
    """
    documents = {document.data["pack"]["id"]: document for document in _builtin(tuple(names))}
    own = set(documents)
    faults: list[Fault] = []
    for index, source in enumerate(user):
        document = _of_user(source, f"user pack {index + 1}", read)
        pack_id = document.data["pack"]["id"]
        if pack_id in documents:
            faults.append(_repeated(document, pack_id))
        documents[pack_id] = document
    faults += _foreign_faults(documents, own) or [
        *find_refused_overrides(list(documents.values())),
        *find_silencing_faults(list(documents.values()), own),
        *find_place_faults(documents.values()),
    ]
    if faults:
        raise PackError(faults)
    return _compose(list(documents.values()))


@cache
def _builtin(names: tuple[str, ...]) -> tuple[Document, ...]:
    """Read our own packs and those that they load with them."""
    found: dict[str, Document] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        if name not in builtin_packs():
            raise PackError(
                [fault("pack.unknown", name, found=name, choices=", ".join(builtin_packs()))]
            )
        # Ours are linted before they are shipped: nobody waits for that at each start.
        found[name] = up_to_date(read_delivered(name))
        head: Any = found[name].data["pack"]
        waiting += head["load_with"]
    return tuple(found.values())


def _of_user(source: str | Path | bytes, name: str, read: Read) -> Document:
    if isinstance(source, bytes):
        return _checked(source, name)
    return read(added_packs().get(str(source), Path(source)))


def _checked(content: bytes, name: str) -> Document:
    with time_limit(name):
        document = read_document(content, name)
        faults = find_shape_faults(document)
        if not faults and document.sha256 in {own.sha256 for own in delivered()}:
            faults = find_link_faults(document)
        elif not faults:
            free = find_function_faults(document)
            document = with_functions(document)
            found = chain(find_link_faults(document), free)
            faults = in_order(islice(found, MAX_FAULTS))
    if faults:
        raise PackError(faults)
    return up_to_date(document)


def up_to_date(document: Document) -> Document:
    """Return a document of an earlier format as today's has it; its digest and lines stay."""
    steps = steps_from(RULE_PACK, document.data["format_version"], document.file)
    data = document.data
    for step in steps:
        data = {**step.apply(data), "format_version": step.start + 1}
    return replace(document, data=data) if steps else document


def _repeated(document: Document, pack_id: str) -> Fault:
    return document.fault("pack.repeated_id:pack", ("pack", "id"), pack_id)


def _foreign_faults(documents: dict[str, Document], own: set[str]) -> list[Fault]:
    """Return the faults of packs that say again what another says, or lack one they build on."""
    faults: list[Fault] = []
    taken: dict[tuple[str, str], str] = {}
    units = {
        param.name: param.unit
        for pack_id in own
        for param in read_params(documents[pack_id]).values()
    }
    for pack_id, document in documents.items():
        faults += _replaced(document, taken, pack_id)
        if pack_id not in own:
            faults += _changed_units(document, units)
            faults += _missing_packs(document, set(documents))
    return faults


def _replaced(
    document: Document, taken: dict[tuple[str, str], str], pack_id: str
) -> Iterator[Fault]:
    """Yield a fault for every class and rule whose id another pack has, and note the others."""
    entries = [
        (section, index, entry["id"])
        for section in ("zones", "rules")
        for index, entry in enumerate(document.data.get(section, ()))
    ]
    for section, index, name in entries:
        if taken.setdefault((section, name), pack_id) != pack_id:
            yield document.fault(
                "pack.replaces", (section, index, "id"), name, pack=taken[section, name]
            )


def _changed_units(document: Document, units: dict[str, str]) -> Iterator[Fault]:
    for name, entry in document.data.get("params", {}).items():
        if units.get(name, entry["unit"]) != entry["unit"]:
            yield document.fault(
                "pack.wrong_unit:own", ("params", name, "unit"), entry["unit"], unit=units[name]
            )


def _missing_packs(document: Document, loaded: set[str]) -> Iterator[Fault]:
    for index, name in enumerate(document.data["pack"]["load_with"]):
        if name not in loaded:
            yield document.fault(
                "pack.missing",
                ("pack", "load_with", index),
                name,
                choices=", ".join(sorted(loaded)),
            )


def _compose(documents: list[Document]) -> Rules:
    """Build the packs with the values that users set, sorted by rank."""
    params: dict[str, Param] = {}
    profiles: dict[str, Mapping[str, Any]] = {}
    ladder: Ladder | None = None
    for document in documents:
        if is_user(document):
            params |= read_params(document)
            profiles |= read_profiles(document)
            ladder = read_ladder(document) or ladder
    packs = _by_rank(
        [
            replace(build_pack(document, params, profiles), ladder=ladder or read_ladder(document))
            for document in documents
        ]
    )
    overrides = tuple(find_overrides(documents))
    if not overrides:
        return Rules(packs)
    own = _by_rank([build_pack(document, {}, {}) for document in documents])
    return Rules(packs, overrides, Rules(own))


def _by_rank(packs: list[Pack]) -> tuple[Pack, ...]:
    return tuple(sorted(packs, key=lambda pack: (pack.instrument.rank, pack.id)))
