"""Install civicsight from this folder, once, and start it; nothing is asked of any network.

Without arguments the app starts; with arguments they are those of the command `civicsight`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"
ENVIRONMENT = "env"
INSTALLED = "installed.txt"
"""Written into the environment when it is whole, with the digest of the sums it was made from."""


def main(arguments: list[str], here: Path = HERE) -> int:
    """Install what is not installed yet, and run the command; return its exit code."""
    environment = here / ENVIRONMENT
    mark = environment / INSTALLED
    digest = sha256_of(here / SUMS)
    if not mark.is_file() or mark.read_text(encoding="ascii") != digest:
        wrong = wrong_files(here)
        if wrong:
            return tell(here, "damaged", files="\n  ".join(wrong))
        tell(here, "installing")
        if not install(here, environment):
            return tell(here, "failed", folder=str(environment))
        mark.write_text(digest, encoding="ascii")
        tell(here, "installed")
    return run([str(python_of(environment)), "-I", "-m", "civicsight", *(arguments or ["app"])])


def wrong_files(here: Path) -> list[str]:
    """Return the files of the bundle that are missing or not what the list of sums says."""
    lines = (here / SUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    return [
        name
        for name, digest in sums.items()
        if not (here / name).is_file() or sha256_of(here / name) != digest
    ]


def install(here: Path, environment: Path) -> bool:
    """Make the environment anew from the wheels of the bundle; tell whether it worked."""
    try:
        shutil.rmtree(environment, ignore_errors=True)
        venv.create(environment, symlinks=os.name == "posix", with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return False
    # Nobody's settings of pip count, nor an address in them; every wheel has to have its hash.
    settings = {**clean(), "PIP_CONFIG_FILE": os.devnull}
    pip = [str(python_of(environment)), "-I", "-m", "pip", "install", "--quiet"]
    options = ["--no-index", "--find-links", "wheels", "--no-deps", "--require-hashes"]
    options += ["--no-input", "--disable-pip-version-check", "-r", "requirements.txt"]
    return subprocess.run([*pip, *options], cwd=here, env=settings, check=False).returncode == 0


def run(command: list[str]) -> int:
    """Run a command in the place of this one; Windows has no such thing and waits for it."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, clean())  # noqa: S606 - no shell is wanted
    try:
        return subprocess.run(command, env=clean(), check=False).returncode
    except KeyboardInterrupt:
        return 130


def clean() -> Mapping[str, str]:
    """Return the environment without what would mix another Python, or its pip, into ours."""
    other = ("PYTHON", "PIP_")
    return {name: value for name, value in os.environ.items() if not name.startswith(other)}


def python_of(environment: Path) -> Path:
    """Return the Python of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def tell(here: Path, key: str, **values: str) -> int:
    """Say something in both languages; return 1, the exit code of a refusal."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console may lack the characters
    texts = json.loads((here / "words.json").read_text(encoding="utf-8"))
    for text in texts[key]:
        print(text.format(**values), file=sys.stderr)
    return 1


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
