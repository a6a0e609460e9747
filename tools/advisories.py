"""Compare the locks with a snapshot of published advisories that a person brings along.

`python -m tools.advisories PATH` reads a folder or a ZIP of advisories in the OSV format, YAML or
JSON: the advisory database of PyPA, or the archive of one ecosystem that OSV publishes. Nothing is
asked of the network. Exit code 0: audited, nothing found; 1: something found; 3: NOT AUDITED.

`--keep tools/advisories.json` keeps what the snapshot says of the names that the locks pin, with
its day: it is committed and goes with the release, so that an office compares it anew.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS: Final = ("requirements.lock", "requirements-dev.lock")
BROWSER_LOCK: Final = "package-lock.json"
KEPT: Final = Path("tools", "advisories.json")
"""Where the snapshot of a release is kept, below the folder of the sources."""

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
    """Compare pins with the advisories of a folder, a ZIP or what `keep` wrote.

    Raises
    ------
    OSError, BadZipFile, ValueError
        If it cannot be read at all.
    """
    if snapshot.suffix == ".json":
        return _audit_kept(json.loads(snapshot.read_text(encoding="utf-8")), wanted)
    return _audit(_files(snapshot), wanted)


def _audit_kept(kept: Any, wanted: set[tuple[str, str, str]]) -> Audit:
    """Compare pins with what was kept of a snapshot; a name that it did not look for is unknown.

    Raises
    ------
    ValueError
        If `keep` did not write it.
    """
    try:
        day, known = str(date.fromisoformat(kept["as_of"])), int(kept["advisories"])
        names = set(map(tuple, kept["names"]))
        files = [(str(one["id"]) + ".json", json.dumps(one).encode()) for one in kept["entries"]]
    except (KeyError, TypeError) as error:
        raise ValueError(error) from error
    found = _audit(files, wanted)
    later = {
        f"not in the snapshot: {name}" for kind, name, _ in wanted if (kind, name) not in names
    }
    return replace(found, advisories=known, newest=day,
                   unknown=tuple(sorted({*found.unknown, *later})))  # fmt: skip


def keep(snapshot: Path, wanted: set[tuple[str, str, str]], path: Path) -> Audit:
    """Keep what a snapshot says of the pinned names, of whatever version; return its audit.

    What could not be audited is not kept.
    """
    found = audit(snapshot, wanted)
    if statement(found, len(wanted))[0] == NOT_AUDITED:
        return found
    names = sorted({(kind, name) for kind, name, _ in wanted})
    read = (_parsed(place, text) for place, text in _files(snapshot))
    entries = [one for one in read if one and any(_key(e) in names for e in one["affected"])]
    kept = {"as_of": found.newest, "advisories": found.advisories, "names": names,
            "entries": sorted(entries, key=lambda one: str(one["id"]))}  # fmt: skip
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    path.write_text(text + "\n", encoding="utf-8")
    return found


def _audit(files: Iterable[tuple[str, bytes]], wanted: set[tuple[str, str, str]]) -> Audit:
    by_name: dict[tuple[str, str], set[str]] = {}
    for ecosystem, name, version in wanted:
        by_name.setdefault((ecosystem, name), set()).add(version)
    known, newest = 0, ""
    unreadable: list[str] = []
    unknown: set[str] = set()
    hits: set[Hit] = set()
    for place, text in files:
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


def statement(found: Audit, count: int) -> tuple[int, list[str]]:
    """Return the exit code of an audit, and what it says line by line."""
    lines = [f"{hit.package} {hit.version}: {hit.advisory} {hit.summary}" for hit in found.hits]
    lines += [f"cannot be read: {name}" for name in found.unreadable[:20]]
    lines += [f"cannot be compared, look yourself: {name}" for name in found.unknown]
    if not found.advisories or not found.newest:
        return NOT_AUDITED, [
            *lines,
            "NOT AUDITED: the snapshot holds no dated advisory about PyPI or npm",
        ]
    lines.append(
        f"{count} pins against {found.advisories} advisories as of {found.newest}: "
        f"{len(found.hits)} hits"
    )
    if found.hits:
        return HIT, lines
    if found.unreadable or found.unknown:
        return NOT_AUDITED, [
            *lines,
            "NOT AUDITED: part of the snapshot could not be read or compared",
        ]
    return CLEAN, [*lines, f"Nothing later than {found.newest} is known to this snapshot."]


def state_of_release(kept: Path) -> tuple[int, str, list[str]]:
    """Return how a release stands by its kept snapshot: exit code, day, and what is said of it."""
    if not kept.exists():
        return NOT_AUDITED, "", ["no snapshot of advisories came with this release"]
    wanted = pins()
    try:
        found = audit(kept, wanted)
    except (OSError, ValueError) as error:
        return NOT_AUDITED, "", [f"{kept.name} cannot be read ({type(error).__name__})"]
    code, lines = statement(found, len(wanted))
    return code, found.newest, lines


def audit_text(kept: Path) -> str:
    """Return what goes with a release: by what it was audited, or that it was not, and a remedy."""
    code, day, lines = state_of_release(kept)
    if code == NOT_AUDITED:
        return NOT_AUDITED_TEXT.format(why="; ".join(lines[-3:]))
    return AUDITED_TEXT.format(day=day, told="\n".join(lines))


NOT_AUDITED_TEXT: Final = """NOT AUDITED / 未经审查

Nobody compared the libraries of this release with published advisories: {why}.
To do it: on a machine with internet and the sources of this release, fetch the archives of PyPI and
npm that osv.dev publishes, unpack both into one folder, and run python -m tools.advisories FOLDER.
Or give sbom.cdx.json to the scanner of your office.

本版本所用的库未与已公布的安全公告比对。
处理办法：在可上网且有本版本源代码的机器上，下载 osv.dev 发布的 PyPI 和 npm 公告归档，
解压到同一文件夹，运行 python -m tools.advisories 文件夹。
也可将 sbom.cdx.json 交由本单位的扫描工具检查。
"""
AUDITED_TEXT: Final = """AUDITED as of {day} / 已审查，截至 {day}

{told}

What was published after that day is not in it. advisories.json holds what was compared.
此日之后公布的内容不在其中。比对所依据的公告见 advisories.json。
"""


def main(arguments: list[str] | None = None) -> int:
    """Compare the locks with what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tools.advisories", description=__doc__)
    parser.add_argument("snapshot", type=Path, nargs="?", help="folder, ZIP or kept file")
    parser.add_argument("--keep", type=Path, help=f"keep what concerns the pins, in {KEPT}")
    asked = parser.parse_args(arguments)
    if asked.snapshot is None:
        print("NOT AUDITED: no snapshot of advisories was given")
        return NOT_AUDITED
    wanted = pins()
    try:
        found = (
            keep(asked.snapshot, wanted, asked.keep) if asked.keep
            else audit(asked.snapshot, wanted)
        )  # fmt: skip
    except (OSError, BadZipFile, ValueError) as error:
        print(f"NOT AUDITED: {asked.snapshot.name} cannot be read ({type(error).__name__})")
        return NOT_AUDITED
    code, lines = statement(found, len(wanted))
    print(*lines, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
