"""Very many cameras over a mirrored city, in a process of its own so that its memory is its own.

Called as ``python -m benchmarks.city N_CAMERA TILES_ACROSS TILES_UP CELL_M REACH_M``; prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from benchmarks.memory import peak_mib
from civicsight.coverage.raster import compute_coverage
from civicsight.scene.bodies import build_scene
from tests import helsinki


def main(n_camera: int, across: int, up: int, cell_m: float, reach_m: float) -> None:
    buildings, heads = helsinki.workload(n_camera, reach_m, tiles=(across, up))
    began = time.perf_counter()
    scene = build_scene(buildings)
    built = time.perf_counter() - began
    compute_coverage(heads.iloc[:20], scene, cell_m=cell_m, density=False)
    before = peak_mib()
    cpu, wall = time.process_time(), time.perf_counter()
    raster = compute_coverage(heads, scene, cell_m=cell_m, density=False)
    print(
        json.dumps(
            {
                "buildings": len(buildings),
                "walls": len(scene.walls.owner),
                "scene_s": built,
                "cpu_s": time.process_time() - cpu,
                "wall_s": time.perf_counter() - wall,
                "peak_before_mib": before,
                "peak_mib": peak_mib(),
                "seen_cells": int(raster.seen.sum()),
            }
        )
    )


def run(n_camera: int, tiles: tuple[int, int], cell_m: float, reach_m: float) -> dict[str, float]:
    """Run `main` in a process of its own and return what it printed."""
    arguments = [str(v) for v in (n_camera, *tiles, cell_m, reach_m)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.city", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main(*(int(v) for v in sys.argv[1:4]), *(float(v) for v in sys.argv[4:6]))
