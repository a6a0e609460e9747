"""xarray-spatial's viewshed on an array in memory.

Needs Python 3.12 or later (older ones get a release from years ago). It computes the full circle.
Its first call compiles and is reported apart.
"""

import json
import sys
import time

import numpy as np
import xarray as xr
import xrspatial

HIDDEN = -1.0


def main(job_file: str, answer_file: str) -> None:
    job = np.load(job_file)
    cell = float(job["cell"])
    surface = job["surface"].astype(np.float64)
    n_row, n_col = surface.shape
    x = float(job["west"]) + (np.arange(n_col) + 0.5) * cell
    y = float(job["north"]) - (np.arange(n_row) + 0.5) * cell
    raster = xr.DataArray(surface, coords={"y": y, "x": x}, dims=("y", "x"))
    start, row, col = job["start"], job["row"], job["col"]
    seen = np.zeros(len(row), bool)
    options = {
        "observer_elev": float(job["height"]),
        "target_elev": float(job["target"]),
        "max_distance": float(job["reach"]),
    }
    began = time.perf_counter()
    view_from(raster, job["snapped"][0], options)
    first = time.perf_counter() - began
    cpu, wall = [], []
    for k, place in enumerate(job["snapped"]):
        cpu0, wall0 = time.process_time(), time.perf_counter()
        image = view_from(raster, place, options)
        cpu.append(time.process_time() - cpu0)
        wall.append(time.perf_counter() - wall0)
        part = slice(start[k], start[k + 1])
        r = row[part] - round((y[0] - float(image.y[0])) / cell)
        c = col[part] - round((float(image.x[0]) - x[0]) / cell)
        inside = (r >= 0) & (r < image.shape[0]) & (c >= 0) & (c < image.shape[1])
        seen[part][inside] = image.to_numpy()[r[inside], c[inside]] != HIDDEN
    np.savez(answer_file, seen=seen, cpu=cpu, wall=wall)
    print(json.dumps({"version": xrspatial.__version__, "first_call_s": first}))


def view_from(raster: xr.DataArray, place: np.ndarray, options: dict[str, float]) -> xr.DataArray:
    return xrspatial.viewshed(raster, float(place[0]), float(place[1]), **options)


if __name__ == "__main__":
    main(*sys.argv[1:])
