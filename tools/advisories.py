"""Compare the locks with a snapshot of published advisories that a person brings along.

`python -m tools.advisories PATH` reads a folder or a ZIP of advisories in the OSV format, YAML or
JSON: the advisory database of PyPA, or the archive of one ecosystem that OSV publishes. Nothing is
asked of the network. Exit code 0: audited, nothing found; 1: something found; 3: NOT AUDITED.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS: Final = ("requirements.lock", "requirements-dev.lock")
BROWSER_LOCK: Final = "package-lock.json"
PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
KINDS: Final = (".json", ".yaml", ".yml")
MAX_BYTES: Final = 4_000_000
"""No advisory is longer."""

CLEAN, HIT, NOT_AUDITED = 0, 1, 3


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One advisory that is about something we ship or work with."""

    package: str
    version: str
    advisory: str
    summary: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What a snapshot says of the locks.

    Parameters
    ----------
    advisories
        How many of the snapshot are about our ecosystems.
    newest
        Day of the last change in the snapshot, which is the day that it speaks of.
    unreadable
        Names of files that are no advisories, as far as they claim to be.
    unknown
        Pins and advisories whose versions cannot be compared.
    hits
        What is affected.
    """

    advisories: int
    newest: str
    unreadable: tuple[str, ...]
    unknown: tuple[str, ...]
    hits: tuple[Hit, ...]


def pins(root: Path = ROOT) -> set[tuple[str, str, str]]:
    """Return ecosystem, name and version of everything that the locks pin."""
    found = {
        ("PyPI", str(canonicalize_name(name)), version)
        for lock in LOCKS
        for name, version in PIN.findall((root / lock).read_text(encoding="utf-8"))
    }
    packages = json.loads((root / BROWSER_LOCK).read_text(encoding="utf-8"))["packages"]
    return found | {
        ("npm", place.rpartition("node_modules/")[2], entry["version"])
        for place, entry in packages.items()
        if place
    }


def audit(snapshot: Path, wanted: set[tuple[str, str, str]]) -> Audit:
    """Compare pins with the advisories of a folder or a ZIP.

    Raises
    ------
    OSError, BadZipFile
        If it cannot be read at all.
    """
    by_name: dict[tuple[str, str], set[str]] = {}
    for ecosystem, name, version in wanted:
        by_name.setdefault((ecosystem, name), set()).add(version)
    known, newest = 0, ""
    unreadable: list[str] = []
    unknown: set[str] = set()
    hits: set[Hit] = set()
    for place, text in _files(snapshot):
        advisory = _parsed(place, text)
        if advisory is None:
            unreadable.append(place)
            continue
        entries = [entry for entry in advisory["affected"] if _key(entry)[0] in ("PyPI", "npm")]
        known += bool(entries)
        newest = max(newest, str(advisory.get("modified") or "")[:10]) if entries else newest
        if advisory.get("withdrawn"):
            continue
        for entry in entries:
            for version in by_name.get(_key(entry), ()):
                affected = is_affected(entry, version)
                name = _key(entry)[1]
                if affected is None:
                    unknown.add(f"{advisory['id']}: {name} {version}")
                elif affected:
                    summary = str(advisory.get("summary") or advisory.get("details") or "")
                    first = (summary.strip().splitlines() or [""])[0][:100]
                    hits.add(Hit(name, version, str(advisory["id"]), first))
    return Audit(known, newest, tuple(unreadable), tuple(sorted(unknown)), tuple(sorted(hits)))


def is_affected(entry: dict[str, Any], version: str) -> bool | None:
    """Tell whether an entry of an advisory is about a version; None where that cannot be told."""
    if version in map(str, entry.get("versions") or ()):
        return True
    spans = [span for span in entry.get("ranges") or () if span.get("type") != "GIT"]
    if not spans and not entry.get("versions"):
        return None
    try:
        at = Version(version)
        return any(_within(span.get("events") or (), at) for span in spans)
    except InvalidVersion:
        return None


def _within(events: Any, at: Version) -> bool:
    """Go through the events of a range in their order, as the OSV schema tells."""
    steps = []
    for event in events:
        for kind, text in event.items():
            place = Version("0.dev0") if str(text) == "0" else Version(str(text))
            steps.append((place, kind))
    inside = False
    for place, kind in sorted(steps):
        if kind == "introduced" and at >= place:
            inside = True
        elif (kind == "fixed" and at >= place) or (kind == "last_affected" and at > place):
            inside = False
    return inside


def _key(entry: Any) -> tuple[str, str]:
    package = entry.get("package") or {}
    ecosystem, name = str(package.get("ecosystem", "")), str(package.get("name", ""))
    return ecosystem, str(canonicalize_name(name)) if ecosystem == "PyPI" else name


def _parsed(place: str, text: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(text) if place.endswith(".json") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        return None
    if not isinstance(data, dict) or "id" not in data:
        return None
    affected = data.get("affected") or []
    if not isinstance(affected, list) or not all(isinstance(entry, dict) for entry in affected):
        return None
    return data | {"affected": affected}


def _files(snapshot: Path) -> Iterator[tuple[str, bytes]]:
    if snapshot.is_dir():
        for path in sorted(snapshot.rglob("*")):
            if path.suffix in KINDS and path.is_file() and ".git" not in path.parts:
                place = path.relative_to(snapshot).as_posix()
                yield place, path.read_bytes() if path.stat().st_size <= MAX_BYTES else b"["
        return
    with ZipFile(snapshot) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(KINDS):
                small = entry.file_size <= MAX_BYTES
                yield entry.filename, archive.read(entry) if small else b"["


def tell(found: Audit, count: int) -> int:
    """Print what was found; return the exit code."""
    for hit in found.hits:
        print(f"{hit.package} {hit.version}: {hit.advisory} {hit.summary}")
    for name in found.unreadable[:20]:
        print(f"cannot be read: {name}")
    for name in found.unknown:
        print(f"cannot be compared, look yourself: {name}")
    if not found.advisories or not found.newest:
        print("NOT AUDITED: the snapshot holds no dated advisory about PyPI or npm")
        return NOT_AUDITED
    print(
        f"{count} pins against {found.advisories} advisories as of {found.newest}: "
        f"{len(found.hits)} hits"
    )
    if found.hits:
        return HIT
    if found.unreadable or found.unknown:
        print("NOT AUDITED: part of the snapshot could not be read or compared")
        return NOT_AUDITED
    print(f"Nothing later than {found.newest} is known to this snapshot.")
    return CLEAN


def main(arguments: list[str] | None = None) -> int:
    """Compare the locks with what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tools.advisories", description=__doc__)
    parser.add_argument("snapshot", type=Path, nargs="?", help="folder or ZIP of advisories")
    asked = parser.parse_args(arguments)
    if asked.snapshot is None:
        print("NOT AUDITED: no snapshot of advisories was given")
        return NOT_AUDITED
    wanted = pins()
    try:
        found = audit(asked.snapshot, wanted)
    except (OSError, BadZipFile) as error:
        print(f"NOT AUDITED: {asked.snapshot.name} cannot be read ({type(error).__name__})")
        return NOT_AUDITED
    return tell(found, len(wanted))


if __name__ == "__main__":
    sys.exit(main())
