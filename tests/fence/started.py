"""Starts the process that plays the program, as some user."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import civicsight
from tests.fence.app import SECRET, Row

ROOT = Path(__file__).resolve().parents[2]
OTHER_USER = 65_534
"""A user without rights, by convention."""


def start(user: int, **asked: Any) -> list[tuple[Any, list[Row]]]:
    """Have the acts tried by a program of a user; return rows by configuration.

    Raises
    ------
    OSError
        If this system does not let it become that user.
    """
    product = Path(civicsight.__file__).parents[1]
    secret = f"secret-{secrets.token_hex(8)}"
    words = {"user": user, "landlock": [], "unfenced": False, "bombs": []}
    reached = [sys.prefix, sys.base_prefix, str(product), str(ROOT)]
    with tempfile.TemporaryDirectory(prefix="civicsight-cache-") as cache:
        os.chown(cache, user, user)
        environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join([str(product), str(ROOT)]),
            "CIVICSIGHT_CACHE_DIR": cache, "CIVICSIGHT_TOKEN": secret, SECRET: secret,
            "AWS_SECRET_ACCESS_KEY": secret,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tests.fence.app",
             json.dumps({**words, "reached": reached, **asked})],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise OSError(done.stderr[-2000:])
    lines = map(json.loads, done.stdout.splitlines())
    return [(name, rows if name == "bomb" else [Row(*row) for row in rows]) for name, rows in lines]
