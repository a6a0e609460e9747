"""What leaves is what a commit has: an export of it, and what is built of that.

Files that lie beside those that git tracks (an `.env`, a real inventory put into `data` to try
something) go into no wheel, no archive of sources and no bundle, whether git ignores them or not.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from tools.browser_assets import SUMS, VENDOR, read_sums

EPOCH: Final = 1_577_836_800
"""2020-01-01, the time of every file that leaves: ZIP knows none before 1980."""

ROOT: Final = Path(__file__).resolve().parent.parent
AS_COMMITTED: Final = ("-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "tar.umask=0022")
"""Whatever git is set to on this machine, the bytes are those of the commit."""


class NotReadyError(Exception):
    """Something stands in the way of a release."""


def require_clean(root: Path) -> str:
    """Refuse a tree that holds what no commit has.

    Raises
    ------
    NotReadyError
        With the names of what was changed or lies there untracked.
    """
    changed = _git(root, "status", "--porcelain").decode()
    if changed:
        message = f"not committed:\n{changed}Commit it, or move it away; `git status` lists it."
        raise NotReadyError(message)
    return "clean"


def export(root: Path, folder: Path) -> Path:
    """Lay the files of the commit into a new folder, and the browser files that set-up fetched.

    Raises
    ------
    NotReadyError
        If it is no clone, or a browser file is not the one of the list.
    """
    with tarfile.open(fileobj=io.BytesIO(_git(root, *AS_COMMITTED, "archive", "HEAD"))) as packed:
        packed.extractall(folder, filter="data")
    vendor = VENDOR.relative_to(ROOT)
    wrong = []
    for name, digest in read_sums(folder / SUMS.relative_to(ROOT)).items():
        source, target = root / vendor / name, folder / vendor / name
        if source.is_file() and hashlib.sha256(source.read_bytes()).hexdigest() == digest:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        else:
            wrong.append(name)
    if wrong:
        message = f"the browser files lack {', '.join(wrong)}; run `make setup`"
        raise NotReadyError(message)
    return folder


def hatch(source: Path, out: Path, *targets: str) -> None:
    """Build `wheel` or `sdist` of a folder with the locked back end, without the network.

    Raises
    ------
    NotReadyError
        If it cannot be built.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["SOURCE_DATE_EPOCH"] = str(EPOCH)
    for target in targets:
        command = [sys.executable, "-m", "hatchling", "build", "--target", target]
        command += ["--directory", str(out)]
        done = subprocess.run(
            command, cwd=source, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            message = f"{target} was not built: {done.stderr[-2000:]}"
            raise NotReadyError(message)


def _git(root: Path, *words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
    if done.returncode:
        message = f"git {words[-1]} in {root.name}: {done.stderr.decode(errors='replace').strip()}"
        raise NotReadyError(message)
    return done.stdout
