"""Embree's rays against the walls as triangles, one ray a cell, prepared beforehand.

Needs embreex. Only the tracing is timed; the rays are float32, as Embree is.
"""

import importlib.metadata
import json
import sys
import time

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene


def main(job_file: str, answer_file: str) -> None:
    job = np.load(job_file)
    scene = EmbreeScene()
    TriangleMesh(scene, walls_as_triangles(job["walls"], job["origin"]))
    cell, west, north = float(job["cell"]), float(job["west"]), float(job["north"])
    start, row, col = job["start"], job["row"], job["col"]
    seen = np.zeros(len(row), bool)
    cpu, wall, prepare = [], [], []
    down = np.array([[0.0, 0.0, -1.0]], np.float32)
    scene.run(np.zeros((1, 3), np.float32), down, query="OCCLUDED")  # the first ray builds the tree
    for k, eye in enumerate(job["eyes"]):
        part = slice(start[k], start[k + 1])
        cpu0 = time.process_time()
        x, y = west + (col[part] + 0.5) * cell, north - (row[part] + 0.5) * cell
        targets = np.column_stack([x, y, np.full(len(x), float(job["target"]))])
        rays = (targets - eye).astype(np.float32)
        base = np.broadcast_to((eye - job["origin"]).astype(np.float32), rays.shape).copy()
        length = np.ones(len(rays), np.float32)
        cpu1, wall1 = time.process_time(), time.perf_counter()
        hit = scene.run(base, rays, length, query="OCCLUDED")
        cpu.append(time.process_time() - cpu1)
        wall.append(time.perf_counter() - wall1)
        prepare.append(cpu1 - cpu0)
        seen[part] = hit < 0
    np.savez(answer_file, seen=seen, cpu=cpu, wall=wall)
    version = importlib.metadata.version("embreex")
    print(json.dumps({"version": version, "prepare_rays_s": float(np.mean(prepare))}))


def walls_as_triangles(walls: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Turn walls ``x0, y0, x1, y1, base, top`` into two triangles each, shape ``(2 n, 3, 3)``."""
    x0, y0, x1, y1, base, top = walls.T
    corners = [
        np.column_stack(corner) - origin
        for corner in ((x0, y0, base), (x1, y1, base), (x1, y1, top), (x0, y0, top))
    ]
    a, b, c, d = corners
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return np.ascontiguousarray(triangles, np.float32)


if __name__ == "__main__":
    main(*sys.argv[1:])
