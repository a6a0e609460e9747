"""The documents in the folder of a plan, held against what its record gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, InputError, SetupError, Text
from civicsight.core.i18n import LANGUAGES
from civicsight.io.apart.reading import read_apart
from civicsight.planning.record.documents import UNREADABLE
from civicsight.planning.record.plan import Plan
from civicsight.presentation.changed_inputs import INPUTS, RULES
from civicsight.report.files import Files
from civicsight.report.html import package_version
from civicsight.report.pdf import load_printer
from civicsight.report.plan.papers import COPY, SINCE, names_of_papers, papers
from civicsight.report.plan.script import LAYERS, Script, read_script

NOTHING_TOLD: Final = N_("the record does not hold what it says")
OTHER_VERSION: Final = N_("civicsight %(version)s rendered it, and this is another one")
NO_PRINTER: Final = N_("nothing is here that prints a page")
PACK: Final = re.compile(re.escape(RULES) + r"[\w.-]{1,80}")
"""How a pack of rules is named among inputs."""

COPIED: Final = N_("it is a copy of the version in its file of plans, which is verified there")


@dataclass(frozen=True, slots=True)
class Papers:
    """What became of the documents in a folder.

    Parameters
    ----------
    changed, foreign
        Files that are not as the record gives them, and that no plan has.
    absent
        Documents that are not there; whoever has the record can render them.
    unproven
        Documents that were held against nothing, each with the reason.
    wrong
        Codes of what is wrong with the record that they are rendered from.
    """

    changed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unproven: Mapping[str, Text] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


def compare_papers(folder: Path, record: Collection[str], plan: Plan, root: str) -> Papers:
    """Render the documents that lie in a folder anew, and compare them byte by byte.

    Parameters
    ----------
    folder, record
        The folder, and the names of what in it is record and not document.
    plan, root
        As read from the record, and the root that documents print.
    """
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    found -= set(record)
    known = names_of_papers() | {COPY, SINCE}
    foreign, there = found - known, found & known
    absent = names_of_papers() - found
    told = tuple(sorted(foreign)), tuple(sorted(absent))
    try:
        script = read_script(plan.told) if plan.told else None
    except InputError:
        return Papers((), *told, dict.fromkeys(sorted(there), NOTHING_TOLD), ("told.unreadable",))
    unproven = _unproven(there, script)
    changed = (
        () if script is None else _changed(folder, there - unproven.keys(), plan, script, root)
    )
    return Papers(changed, *told, unproven)


def _unproven(there: Collection[str], script: Script | None) -> dict[str, Text]:
    """Return which documents cannot be held against the record, and why."""
    if script is None:
        return dict.fromkeys(sorted(there), NOTHING_TOLD)
    if script.civicsight != package_version("en"):
        reason = Text(OTHER_VERSION.template, {"version": script.civicsight})
        return dict.fromkeys(sorted(there), reason)
    found = {COPY: COPIED} if COPY in there else {}
    printed = [name for name in sorted(there) if name.endswith(".pdf")]
    if printed:
        try:
            load_printer()
        except SetupError:
            found |= dict.fromkeys(printed, NO_PRINTER)
    return found


def _changed(
    folder: Path, names: AbstractSet[str], plan: Plan, script: Script, root: str
) -> tuple[str, ...]:
    since = _since(folder / SINCE) if SINCE in names else ()
    files = papers(plan, script, root, languages=LANGUAGES, pdf=True, since=since)
    changed = set() if _has_layers(folder, names, script) else {LAYERS}
    changed |= names - files.keys() - {LAYERS}  # a list of what changed that says nothing so
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        changed |= {
            name
            for name in names & files.keys()
            if not _is_same(folder, Path(scratch), files, name)
        }
    return tuple(sorted(changed))


def _since(path: Path) -> tuple[str, ...]:
    """Return the inputs that changed by the time the documents were written; none it cannot name.

    The file is no record: it can say that an input has changed, and nothing else.
    """
    try:
        names = load_json(path.read_bytes())
    except UNREADABLE:
        return ()
    known = isinstance(names, list) and all(
        isinstance(name, str) and (name in INPUTS or PACK.fullmatch(name)) for name in names
    )
    return tuple(names) if known else ()


def _has_layers(folder: Path, names: Collection[str], script: Script) -> bool:
    """Tell whether the layers in a folder, if any, are those that the record has digests of."""
    try:
        return LAYERS not in names or read_apart("layers", folder / LAYERS) == dict(script.layers)
    except InputError:
        return False


def _is_same(folder: Path, scratch: Path, files: Files, name: str) -> bool:
    there, made = folder / name, scratch / name
    files[name](made)
    return there.stat().st_size == made.stat().st_size and there.read_bytes() == made.read_bytes()
