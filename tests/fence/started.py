"""Starts the process that plays the program, as some user."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import civicsight
from tests.fence.app import NOT_ALLOWED, SECRET, Row

ROOT = Path(__file__).resolve().parents[2]
OTHER_USER = 65_534
"""A user without rights, by convention."""


class OtherUserError(OSError):
    """This system does not let the test become another user."""


def start(
    user: int, *, settings: Mapping[str, str] = MappingProxyType({}), **asked: Any
) -> list[Any]:
    """Have acts and bombs tried by a program of a user; return a line for each that was asked.

    Parameters
    ----------
    user
        Number of the user.
    settings
        Variables for the program.
    asked
        `lacks`: whether to say what the system lacks; `kernels`: kernels to try all acts on;
        `unfenced`: whether to try them without any fence; `bombs`: names of bombs.
    """
    product = Path(civicsight.__file__).parents[1]
    secret = f"secret-{secrets.token_hex(8)}"
    words = {
        "user": user, "reached": [sys.prefix, sys.base_prefix, str(product), str(ROOT)],
        "lacks": False, "kernels": [], "unfenced": False, "bombs": [], **asked,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="civicsight-cache-") as cache:
        if os.getuid() == 0:
            os.chown(cache, user, user)
        environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join([str(product), str(ROOT)]),
            "CIVICSIGHT_CACHE_DIR": cache, "CIVICSIGHT_TOKEN": secret, SECRET: secret,
            "AWS_SECRET_ACCESS_KEY": secret, "TMPDIR": tempfile.gettempdir(), **settings,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tests.fence.app", json.dumps(words)],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode == NOT_ALLOWED:
        raise OtherUserError(done.stderr.strip())
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(said: list[Any]) -> list[Row]:
    """Return one line as what came of each act."""
    return [Row(*row) for row in said]
