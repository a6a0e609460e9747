"""Pack one archive from which civicsight installs and starts on a machine without any network.

`python -m tools.bundle [--platform NAME] [--python VERSION] [--out FOLDER]`. It takes what the
commit has, and refuses a tree that holds more. The same commit and the same lock give the same
bytes: names are sorted, times and owners are fixed, and nothing is compressed again, since wheels
are. Beside the archive lies its signature by the key of whoever builds it: that of this user's
civicsight (`civicsight key show`), outside of the sources, made with the first bundle.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from civicsight.store.keys import BUNDLE, SIGNATURE_ENDING, key_path, own_key, sign
from tools.advisories import KEPT, audit_text
from tools.licences import licence_table
from tools.sbom import sbom
from tools.tree import EPOCH, NotReadyError, export, hatch, require_clean
from tools.wheelhouse import PLATFORMS, PYTHONS, Target, fetch, read_pins, sha256_of, this_platform

ROOT = Path(__file__).resolve().parent.parent
CLOSED = Path("tools", "closed")
LOCK = ROOT / "requirements.lock"
CACHE = ROOT / "out" / ".cache" / "wheels"
SUMS = "SHA256SUMS"

FOLDERS = ("data", "docs", "notebooks")
FILES = ("CHANGELOG.md", "LICENSE", "SECURITY.md", "SECURITY.zh-CN.md")

Entry = bytes | Path
"""A file of the bundle: what is in it, or where it lies."""


def build(target: Target, out: Path) -> Path:
    """Build the bundle for a machine; return the archive.

    Parameters
    ----------
    target
        The machine.
    out
        Folder for the archive.

    Raises
    ------
    NotReadyError
        If there is no commit to pack, or a browser file is missing.
    """
    wheels = fetch(read_pins(LOCK, target), target, CACHE / f"{target.platform}-{target.tag}")
    with tempfile.TemporaryDirectory() as scratch:
        tree = export(ROOT, Path(scratch, "tree"))
        hatch(tree, Path(scratch), "wheel")
        (own,) = Path(scratch).glob("*.whl")
        lacking = lacking_files(own, tree)
        if lacking:
            message = f"the wheel lacks {', '.join(lacking)}"
            raise NotReadyError(message)
        entries = bundle_entries(target, [*wheels, own], tree)
        name = f"civicsight-{version()}-{target.tag}-{target.platform}"
        return write_archive(entries, name, out, zipped=target.platform.startswith("win"))


def version() -> str:
    """Return the version of the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def lacking_files(wheel: Path, tree: Path) -> list[str]:
    """Return the files of the exported package that a wheel lacks or has otherwise."""
    own = {
        path.relative_to(tree).as_posix(): sha256_of(path)
        for path in sorted((tree / "civicsight").rglob("*"))
        if path.is_file()
    }
    with ZipFile(wheel) as archive:
        held = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    return [name for name, digest in own.items() if held.get(name) != digest]


def bundle_entries(target: Target, wheels: list[Path], tree: Path) -> dict[str, Entry]:
    """Return every file of the bundle by its path, the list of their sums among them.

    Parameters
    ----------
    target, wheels, tree
        The machine; what is installed on it; the export of the commit.
    """
    entries: dict[str, Entry] = {f"wheels/{wheel.name}": wheel for wheel in wheels}
    entries["requirements.txt"] = _requirements(wheels).encode()
    entries["LICENCES.md"] = licence_table(wheels).encode()
    entries["sbom.cdx.json"] = sbom(wheels).encode()
    entries["AUDIT.txt"] = audit_text(tree / KEPT).encode()
    if (tree / KEPT).exists():
        entries[KEPT.name] = tree / KEPT
    other = ".sh" if target.platform.startswith("win") else ".bat"
    for path in sorted((tree / CLOSED).iterdir()):
        if path.is_file() and path.name != "__init__.py" and path.suffix != other:
            entries[path.name] = _filled(path, target)
    for folder in FOLDERS:
        for path in sorted((tree / folder).rglob("*")):
            if path.is_file():
                entries[path.relative_to(tree).as_posix()] = path
    entries |= {name: tree / name for name in FILES}
    entries[SUMS] = _sums(entries).encode()
    return entries


def _requirements(wheels: list[Path]) -> str:
    """Pin every wheel by its hash, for pip on a machine without the network."""
    lines = []
    for wheel in wheels:
        name, number = wheel.name.split("-", 2)[:2]
        lines.append(f"{name}=={number} --hash=sha256:{sha256_of(wheel)}\n")
    return "".join(sorted(lines))


def _filled(path: Path, target: Target) -> bytes:
    """Return a file that is started or read, with what it says of the target filled in."""
    text = path.read_text(encoding="utf-8")
    major, _, minor = target.python.partition(".")
    values = {
        "VERSION": version(),
        "PYTHON": target.python,
        "MAJOR": major,
        "MINOR": minor,
        "PLATFORM": target.platform,
        "OWN_NAME": PLATFORMS[target.platform].own_name,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    # Where a batch file ends its lines as Unix does, Windows misses labels.
    return text.replace("\n", "\r\n").encode() if path.suffix == ".bat" else text.encode()


def _sums(entries: Mapping[str, Entry]) -> str:
    """List the SHA-256 of every file as `sha256sum --check` reads it."""
    return "".join(
        f"{hashlib.sha256(item).hexdigest() if isinstance(item, bytes) else sha256_of(item)}"
        f"  {name}\n"
        for name, item in sorted(entries.items())
    )


def write_archive(entries: Mapping[str, Entry], name: str, out: Path, *, zipped: bool) -> Path:
    """Write the files below a folder of the archive's name: a ZIP for Windows, else a tar."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}{'.zip' if zipped else '.tar'}"
    scratch = path.with_name(f"{path.name}.part")
    if zipped:
        with ZipFile(scratch, "w", ZIP_STORED) as archive:
            for inner, item in sorted(entries.items()):
                info = ZipInfo(f"{name}/{inner}", (2020, 1, 1, 0, 0, 0))
                info.external_attr = _mode(inner) << 16
                archive.writestr(info, item if isinstance(item, bytes) else item.read_bytes())
    else:
        with tarfile.open(scratch, "w", format=tarfile.PAX_FORMAT) as archive:
            for inner, item in sorted(entries.items()):
                data = item if isinstance(item, bytes) else item.read_bytes()
                member = tarfile.TarInfo(f"{name}/{inner}")
                member.size, member.mtime, member.mode = len(data), EPOCH, _mode(inner)
                archive.addfile(member, io.BytesIO(data))
    scratch.replace(path)
    return path


def _mode(name: str) -> int:
    return 0o755 if name.endswith(".sh") else 0o644


def main() -> None:
    """Build the bundle that the command line asks for, and say how it is proved whole."""
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=__doc__)
    parser.add_argument("--platform", choices=PLATFORMS, help="by default that of this machine")
    parser.add_argument("--python", choices=PYTHONS, default=own, help="by default %(default)s")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bundle")
    asked = parser.parse_args()
    try:
        require_clean(ROOT)
        archive = build(Target(asked.platform or this_platform(), asked.python), asked.out)
    except NotReadyError as error:
        sys.exit(f"no bundle: {error}")
    signature = archive.with_name(f"{archive.name}{SIGNATURE_ENDING}")
    signature.write_bytes(sign(archive, BUNDLE))
    print(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB")
    print(f"SHA-256 {sha256_of(archive)}")
    print(f"signed in {signature.name} with the key {own_key().fingerprint} ({key_path()})")
    print((audit_text(ROOT / KEPT)).partition("\n")[0])


if __name__ == "__main__":
    main()
