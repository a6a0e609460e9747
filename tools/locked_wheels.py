"""Install the wheels of a lock: by the uv that the lock names, and by pip where uv cannot.

pip reads through a page of all releases for each package and unpacks one wheel after the other: 78
seconds of a processor for 218 packages, where uv takes 18. uv is held to the same hashes, and takes
packages from where pip is told to take them. Run by the Python that is installed to, which has
nothing but pip: ``python -m tools.locked_wheels requirements-dev.lock``.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SIDE_BY_SIDE = 6
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
FASTER = "uv=="
AS_UV_SAYS = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
"""Settings of pip that say where packages come from, as options of uv: a closed network has its own
mirror, and neither may ask elsewhere."""


AS_PIP = ("--no-config", "--index-strategy", "unsafe-best-match", "--system-certs")
"""As pip does, uv takes the best of all indices (a hash allows one file), and trusts whom the
machine trusts: an office signs its own mirror."""


def entries_of(lock: str) -> list[str]:
    """Return the entries of a lock, each with its hashes."""
    entries: list[str] = []
    for line in lock.splitlines(keepends=True):
        if line[0].isspace():
            entries[-1] += line
        else:
            entries.append(line)
    return entries


def deal_out(lock: str, hands: int) -> list[str]:
    """Deal the entries of a lock out to so many locks, each entry with its hashes."""
    entries = entries_of(lock)
    return ["".join(entries[hand::hands]) for hand in range(min(hands, len(entries)))]


def sources_of(listed: str) -> list[str]:
    """Return where pip takes packages from, by what ``pip config list`` prints, as options of uv.

    Of a setting that stands in several places a variable wins over a file, though pip lists it
    first.
    """
    settings: dict[str, str] = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        key, is_set, value = line.partition("=")
        if is_set:
            settings[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    options = ["--no-index"] if settings.get("no-index", "").lower() in {"1", "true", "yes"} else []
    for key, option in AS_UV_SAYS.items():
        options += [part for value in settings.get(key, "").split() for part in (option, value)]
    return options


def own_sources() -> list[str]:
    """Return where the pip of this machine takes packages from, as options of uv."""
    asked = (sys.executable, "-m", "pip", "config", "list")  # a quiet one says nothing
    return sources_of(subprocess.check_output(asked, text=True))


def with_uv(lock: Path, folder: Path) -> int:
    """Install the uv of a lock, and with it the rest; return the first exit code that is not 0."""
    entry = [entry for entry in entries_of(lock.read_text("utf-8")) if entry.startswith(FASTER)]
    if not entry:
        return 1
    own = folder / "uv.lock"
    own.write_text(entry[0], encoding="utf-8")
    code = subprocess.call([*PIP, "install", *LOCKED, "--no-compile", "--requirement", str(own)])
    if code:
        return code
    # In one file system with what it installs to, and gone with the folder: nothing is copied.
    where = ("--python", sys.executable, "--cache-dir", str(folder / "uv"), *AS_PIP)
    command = (sys.executable, "-m", "uv", "pip", "install", "--quiet", *LOCKED, *where)
    return subprocess.call([*command, *own_sources(), "--requirement", str(lock)])


def with_pips(lock: Path, folder: Path) -> int:
    """Fetch with several pips, then install with one; return the code of one that failed.

    One pip asks for one wheel after the other and mostly waits. A lock names everything, so nothing
    has to be resolved, and any part of it can be fetched by itself.
    """
    fetching = []
    for hand, text in enumerate(deal_out(lock.read_text(encoding="utf-8"), SIDE_BY_SIDE)):
        part = folder / f"{hand}.lock"
        part.write_text(text, encoding="utf-8")
        command = (*PIP, "download", *LOCKED, "--dest", str(folder), "--requirement", str(part))
        fetching.append(subprocess.Popen(command))
    failed = [code for pip in fetching if (code := pip.wait())]
    if failed:
        return failed[0]
    here = ("--no-index", "--find-links", str(folder), "--requirement", str(lock))
    return subprocess.call([*PIP, "install", *LOCKED, "--no-compile", *here])


def install(lock: Path) -> int:
    """Install what a lock names; return the exit code of what failed, or 0."""
    for way in (with_uv, with_pips):
        with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
            code = way(lock, Path(folder))
        if not code:
            return 0
        if way is with_uv:
            print(
                "uv could not install the wheels; pip does now, which takes longer.",
                file=sys.stderr,
            )
    return code


if __name__ == "__main__":
    os.environ.setdefault("UV_HTTP_TIMEOUT", "180")
    sys.exit(install(Path(sys.argv[1])))
