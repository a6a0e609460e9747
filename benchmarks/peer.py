"""Run the peers, each in the Python that has it, and hold their answers to brute force."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.job import Job

FOLDER = Path(__file__).parent / "peers"

INSTALL = {
    "gdal_viewshed": "apt-get install python3-gdal, and --gdal-python for the Python that has it",
    "xarray_spatial": "python3.12 -m venv FOLDER; FOLDER/bin/pip install xarray-spatial embreex; "
    "--peers-python FOLDER/bin/python",
    "embree": "as xarray_spatial",
}
"""How to get each peer; printed where it is missing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer needed for one camera, and how often it was right.

    Parameters
    ----------
    cpu_s, wall_s
        Mean seconds a camera.
    right, right_on_edge
        Share of all open cells in view, and of those along the edges of shadows, that agree with
        brute force.
    falsely_seen, falsely_hidden
        Shares of all open cells in view.
    notes
        Version and whatever else the peer said.
    """

    cpu_s: float
    wall_s: float
    right: float
    right_on_edge: float
    falsely_seen: float
    falsely_hidden: float
    notes: dict[str, object]


def ask(peer: str, python: str, job: Job) -> Answer | str:
    """Return the answer of a peer, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "job.npz"), Path(folder, "answer.npz")
        job.write(question)
        script = FOLDER / f"{peer}.py"
        try:
            done = subprocess.run(
                [python, script, question, answer], capture_output=True, text=True, check=False
            )
        except OSError as error:
            return f"not installed ({error.strerror}: {python}): {INSTALL[peer]}"
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            missing = "ModuleNotFoundError" in last[0]
            return f"not installed: {INSTALL[peer]}" if missing else f"failed: {last[0]}"
        with np.load(answer) as found:
            seen, cpu, wall = found["seen"], found["cpu"], found["wall"]
    truth, edge = np.concatenate(job.truth), np.concatenate(job.on_edge)
    right = seen == truth
    return Answer(
        float(cpu.mean()),
        float(wall.mean()),
        float(right.mean()),
        float(right[edge].mean()),
        float((seen & ~truth).mean()),
        float((~seen & truth).mean()),
        json.loads(done.stdout.splitlines()[-1]),
    )
