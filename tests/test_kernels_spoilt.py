"""A cache of compiled kernels of which a file was cut off or exchanged ends no command."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.drawn import a_few

pytestmark = pytest.mark.compiled_only

RUN = """
import logging, sys
import numpy as np
logging.basicConfig(format="%(levelname)s %(message)s")
from civicsight.coverage._kernels import apart
from civicsight.planning.solver._kernels import cover
heard = []
with apart.reported_to(heard.append):
    ends = np.zeros(4, np.int64)
    cover.count_entries(np.array([2, 0, 2], np.int32), ends)
    cover.count_entries(np.array([2, 0, 2], np.int64), ends)
apart.end()
print(ends.tolist(), len(heard))
"""


def run(cache: Path) -> tuple[str, str]:
    """Run one kernel for two kinds of numbers; return what it said, and what it complained of."""
    env = {**os.environ, "CIVICSIGHT_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", RUN], capture_output=True, text=True, check=False, cwd=ROOT, env=env
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.strip(), done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    cache = tmp_path_factory.mktemp("made")
    assert run(cache)[0].endswith(" 2")
    return cache


def files(cache: Path) -> dict[str, Path]:
    return {path.name: path for path in (cache / "kernels").rglob("*.code")}


def cut(share: float):
    return lambda path: os.truncate(path, int(path.stat().st_size * share))


def turned(path: Path) -> None:
    """Turn over one bit in the middle: whole as a file, and other code."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


SPOILT = {
    **{f"cut to {share:.0%}": cut(share) for share in (0.0, 0.001, 0.01, 0.5, 0.9)},
    "a byte short": lambda path: os.truncate(path, path.stat().st_size - 1),
    "one bit": turned,
    "garbage": lambda path: path.write_bytes(bytes(range(256)) * 9),
    "another pickle": lambda path: path.write_bytes(pickle.dumps({"none": "of ours"})),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "no right": lambda path: path.chmod(0),
}


@pytest.mark.parametrize("how", a_few(SPOILT))
def test_a_spoilt_file_is_made_anew_and_that_is_said_once(made, tmp_path, how):
    cache = tmp_path / "cache"
    shutil.copytree(made, cache)
    kept = files(cache)
    assert len(kept) == 2
    for path in kept.values():
        SPOILT[how](path)
    said, complained = run(cache)
    if how == "no right" and os.getuid() == 0:
        assert (said, complained) == ("[0, 2, 3, 8] 0", "")  # root reads it
        return
    assert said == "[0, 2, 3, 8] 2", "both were compiled"
    assert complained.count("damaged") == 1
    assert "compiled again" in complained
    again, complained = run(cache)
    if how != "a folder":  # which nothing of ours removes
        assert (again, complained) == ("[0, 2, 3, 8] 0", "")
        assert files(cache).keys() == kept.keys()


@pytest.mark.slow
def test_the_command_line_goes_on_and_says_so_in_chinese(made, tmp_path):
    env = {**os.environ, "CIVICSIGHT_CACHE_DIR": str(tmp_path / "cache")}
    shutil.copytree(made, tmp_path / "cache")
    for path in files(tmp_path / "cache").values():
        os.truncate(path, 100)
    code = (
        "import sys\nfrom civicsight.cli import entry\nimport numpy as np\n"
        "from civicsight.planning.solver._kernels import cover\n"
        "entry._command_in = lambda _: type('Command', (), {'main': lambda *a, **k: "
        "cover.count_entries(np.array([0], np.int32), np.zeros(2, np.int64)) or 0})()\n"
        "sys.exit(entry.run(['--lang', 'zh_CN']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env=env
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("已损坏") == 1
