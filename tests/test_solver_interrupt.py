"""A solver that waits for work hears no key: a notebook that ends interrupts its whole group."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

CODE = """
import os, signal, time
from civicsight.planning.solver import worker
process = worker._take()
worker._give_back(process)
time.sleep(5)  # until it has started
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.killpg(os.getpgid(0), signal.SIGINT)
time.sleep(1)
print("alive" if process.process.poll() is None else "gone")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are those of POSIX")
def test_an_interrupt_of_the_group_leaves_an_idle_solver_alone():
    run = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, start_new_session=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert run.stderr == ""
    assert run.stdout.split() == ["alive"]
    assert run.returncode != -signal.SIGINT
