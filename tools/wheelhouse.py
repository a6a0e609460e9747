"""Gather the locked wheels for one platform and one Python, whichever machine this is.

pip judges markers such as ``sys_platform == "win32"`` by the Python that it runs on, so they are
judged here, for the target; pip then fetches what is named, by hash and without asking for more.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name, parse_wheel_filename

OLDEST_GLIBC, EARLIEST_TAG = 28, 17
"""Systems of the target have glibc 2.28 or later: Debian 10, RHEL 8, Kylin V10, UOS 20, openEuler.
"""


@dataclass(frozen=True, slots=True)
class Platform:
    """What a machine is called by pip, by markers, by its own Python and by uv."""

    tags: tuple[str, ...]
    system: str
    os_name: str
    sys_platform: str
    machine: str
    own_name: str
    uv_name: str


def _linux(machine: str) -> Platform:
    minors = range(OLDEST_GLIBC, EARLIEST_TAG - 1, -1)
    tags = (*(f"manylinux_2_{minor}_{machine}" for minor in minors), f"manylinux2014_{machine}")
    uv_name = f"{machine}-manylinux_2_{OLDEST_GLIBC}"
    return Platform(tags, "Linux", "posix", "linux", machine, f"linux-{machine}", uv_name)


PLATFORMS: Mapping[str, Platform] = {
    "linux_x86_64": _linux("x86_64"),
    "linux_aarch64": _linux("aarch64"),
    "win_amd64": Platform(
        ("win_amd64",), "Windows", "nt", "win32", "AMD64", "win-amd64", "x86_64-pc-windows-msvc"
    ),
}
PYTHONS = ("3.11", "3.12", "3.13")


@dataclass(frozen=True, slots=True)
class Target:
    """The machine that a bundle is for: a key of `PLATFORMS`, and a minor version of Python."""

    platform: str
    python: str

    @property
    def tag(self) -> str:
        """Return the tag of its Python, as ``cp311``."""
        return "cp" + self.python.replace(".", "")

    @property
    def markers(self) -> dict[str, str]:
        """Return what markers ask about (PEP 508)."""
        machine = PLATFORMS[self.platform]
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": machine.os_name,
            "platform_machine": machine.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": machine.system,
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": machine.sys_platform,
        }


def this_platform() -> str:
    """Return the platform that this runs on; end with an error if no bundle is for it."""
    own = sysconfig.get_platform()
    names = [name for name, machine in PLATFORMS.items() if machine.own_name == own]
    if not names:
        sys.exit(f"no bundle for {own}: name a target with --platform, of {', '.join(PLATFORMS)}")
    return names[0]


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package, and the SHA-256 of each of its files."""

    name: str
    version: str
    hashes: frozenset[str]


def read_pins(lock: Path, target: Target) -> list[Pin]:
    """Return what a lock holds for a target."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    pins = []
    for line in filter(str.strip, text.splitlines()):
        spec, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
        pinned, _, marker = spec.partition(" ; ")
        if marker and not Marker(marker).evaluate(target.markers):
            continue
        name, _, version = pinned.partition("==")
        pins.append(Pin(canonicalize_name(name.partition("[")[0]), version, frozenset(hashes)))
    return pins


def fetch(pins: Iterable[Pin], target: Target, folder: Path) -> list[Path]:
    """Bring a folder to hold one wheel a package and nothing else; return them by name.

    What is there and right is not asked for again, so a second bundle needs no network.
    """
    pins = list(pins)
    folder.mkdir(parents=True, exist_ok=True)
    held = _held(pins, folder)
    lacking = [pin for pin in pins if pin not in held]
    if lacking:
        _download(lacking, target, folder)
        held |= _held(lacking, folder)
    missing = [f"{pin.name} {pin.version}" for pin in pins if pin not in held]
    if missing:
        sys.exit(f"no wheel for {target.platform} and Python {target.python}: {', '.join(missing)}")
    for stranger in set(folder.iterdir()) - set(held.values()):
        stranger.unlink()
    return sorted(held.values())


def _held(pins: Iterable[Pin], folder: Path) -> dict[Pin, Path]:
    """Return the wheels of a folder that are what the lock says."""
    wheels = {}
    for path in folder.glob("*.whl"):
        name, version, _, _ = parse_wheel_filename(path.name)
        wheels[name, str(version)] = path
    found = {pin: wheels.get((pin.name, pin.version)) for pin in pins}
    return {pin: path for pin, path in found.items() if path and sha256_of(path) in pin.hashes}


def _download(pins: Iterable[Pin], target: Target, folder: Path) -> None:
    lines = [
        " ".join(
            [f"{pin.name}=={pin.version}", *(f"--hash=sha256:{h}" for h in sorted(pin.hashes))]
        )
        for pin in pins
    ]
    options = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--quiet"]
    options += ["--disable-pip-version-check", "--dest", str(folder)]
    options += ["--python-version", target.python, "--implementation", "cp"]
    for abi in (target.tag, "abi3", "none"):
        options += ["--abi", abi]
    for tag in PLATFORMS[target.platform].tags:
        options += ["--platform", tag]
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch, "wanted.txt")
        wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", *options, "-r", str(wanted)]
        if subprocess.run(command, check=False).returncode:
            sys.exit("pip could not fetch the wheels of the bundle; its message stands above")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
