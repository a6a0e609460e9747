"""GDAL's viewshed through its Python API, from memory to memory.

Needs the system's GDAL for Python (Debian: python3-gdal); PyPI's has no wheel. GDAL knows no
field of view: it computes the full circle, whatever is asked. Earth's curvature is turned off.
"""

import json
import sys
import time

import numpy as np
from osgeo import gdal

SEEN = 1


def main(job_file: str, answer_file: str) -> None:
    gdal.UseExceptions()
    job = np.load(job_file)
    cell, west, north = float(job["cell"]), float(job["west"]), float(job["north"])
    surface = job["surface"]
    n_row, n_col = surface.shape
    source = gdal.GetDriverByName("MEM").Create("", n_col, n_row, 1, gdal.GDT_Float32)
    source.SetGeoTransform((west, cell, 0.0, north, 0.0, -cell))
    source.GetRasterBand(1).WriteArray(surface)
    start, row, col = job["start"], job["row"], job["col"]
    seen = np.zeros(len(row), bool)
    cpu, wall = [], []
    for k, (x, y) in enumerate(job["snapped"]):
        cpu0, wall0 = time.process_time(), time.perf_counter()
        view = gdal.ViewshedGenerate(
            source.GetRasterBand(1),
            "MEM",
            "",
            [],
            x,
            y,
            float(job["height"]),
            float(job["target"]),
            SEEN,
            0,
            0,
            0,
            0.0,
            gdal.GVM_Edge,
            float(job["reach"]),
        )
        cpu.append(time.process_time() - cpu0)
        wall.append(time.perf_counter() - wall0)
        shift = view.GetGeoTransform()
        image = view.GetRasterBand(1).ReadAsArray()
        part = slice(start[k], start[k + 1])
        r = row[part] - round((north - shift[3]) / cell)
        c = col[part] - round((shift[0] - west) / cell)
        inside = (r >= 0) & (r < image.shape[0]) & (c >= 0) & (c < image.shape[1])
        seen[part][inside] = image[r[inside], c[inside]] == SEEN
    np.savez(answer_file, seen=seen, cpu=cpu, wall=wall)
    print(json.dumps({"version": gdal.__version__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
