"""A region of counties side by side, checked by one, two and four workers of this machine.

Called as ``python -m benchmarks.region --counties 20 --workers 2``. A county is New York, or a
square cut from it, with cameras, places and gates seeded beside its buildings; they say so. The
next county stands where it ends, so that cameras look across. Tables of every run are compared to
the bit, and at last one camera of one county is taken away and the region checked again.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from benchmarks.bars import print_table
from benchmarks.chain import MIB_IN_KIB, cut
from benchmarks.cities import ROOT, data_folder
from civicsight.io import read_city
from civicsight.model import CITY_TABLES, City
from civicsight.region.gather import Origin, import_region, pieces_of_city
from civicsight.region.page import TABLES
from tests.made import with_made
from tests.test_cities import SEED

GAP_M = 12.0
"""Between the last building of a county and the first of the next: a street."""


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(measure(Path(options.one), options.out_of_one, options.workers[0])))
        return
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folder = Path(scratch)
        began = time.process_time()
        sizes = lay_out(folder / "region", options)
        print_table(("of the region", ""), [(name, f"{many:,}") for name, many in sizes.items()])
        print(f"import: {time.process_time() - began:.0f} s of CPU\n", flush=True)
        runs = []
        for count in options.workers:
            found = _ask(folder / "region", folder / f"found-{count}", count)
            runs.append((f"{count} workers", found))
            print(f"{count} workers: {found}", file=sys.stderr, flush=True)
        last = folder / f"found-{options.workers[-1]}"
        runs.append(("again", _ask(folder / "region", last, options.workers[-1])))
        lay_out(folder / "changed", options, changed=True)
        runs.append(("one camera less", _ask(folder / "changed", last, options.workers[-1])))
        _print_runs(runs)


def _print_runs(runs: list[tuple[str, dict[str, Any]]]) -> None:
    """Print time, memory and what was computed; whether tables of all runs of a region agree."""
    first = runs[0][1]
    print_table(
        ("run", "wall s", "CPU s", "of a worker MiB", "speed-up", "computed", "same tables"),
        [
            (
                name,
                f"{found['wall_s']:.0f}",
                f"{found['cpu_s']:.0f}",
                f"{found['peak_mib']:,.0f}",
                f"{first['wall_s'] / found['wall_s']:.2f}",
                f"{found['computed']} of {found['judged']}",
                "yes" if found["digest"] == first["digest"] else "no",
            )
            for name, found in runs
        ],
    )


def lay_out(folder: Path, options: argparse.Namespace, *, changed: bool = False) -> dict[str, int]:
    """Write a region of counties side by side, and return how much is in it."""
    city = cut(read_city(data_folder() / "nyc_buildings", name="nyc")[0], options.share)
    west, south, east, north = shapely.total_bounds(city.buildings.geometry.to_numpy())
    width = float(east - west) + GAP_M
    names = [f"county{number:02}" for number in range(options.counties)]
    outlines = gpd.GeoDataFrame(
        {"title": names},
        geometry=[
            shapely.box(west + width * k - GAP_M / 2, south - 500, east + width * k + GAP_M / 2,
                        north + 500)
            for k in range(len(names))
        ],
        index=names,
        crs=city.crs,
    )  # fmt: skip
    sizes = dict.fromkeys(("buildings", "cameras", "places", "entrances"), 0)
    sizes = {"counties": len(names), **sizes}

    def pieces() -> Iterator[tuple[str, gpd.GeoDataFrame]]:
        for number, name in enumerate(names):
            made = with_made(city, options.cameras, SEED + number, per_item=options.per_item)
            county = moved(made, name, width * number)
            if changed and number == 0:
                county = replace(county, cameras=county.cameras.iloc[1:])
            for table, rows in pieces_of_city(county):
                sizes[table] = sizes.get(table, 0) + len(rows)
                yield table, rows

    origin = Origin("counties", city.crs, counties=outlines, synthetic=True)
    import_region(pieces(), origin, folder)
    return sizes


def moved(city: City, name: str, east_m: float) -> City:
    """Return a city so far to the east, every id with a name before it."""
    tables = {}
    for table in CITY_TABLES:
        rows = getattr(city, table.name)
        if rows is None or not len(rows):
            continue
        rows = rows.set_axis(rows.index.astype(str).map(f"{name}:{{}}".format), axis=0)
        rows.index.name = table.index
        if isinstance(rows, gpd.GeoDataFrame) and rows.active_geometry_name:
            rows = rows.set_geometry(rows.geometry.translate(east_m))
        tables[table.name] = rows
    return replace(city, **tables)


def measure(region: Path, out: Path, workers: int) -> dict[str, Any]:
    """Check a region in this process with so many workers; return time, memory and a digest."""
    from civicsight.region.cluster import LOCAL, workers_at
    from civicsight.region.folder import open_region
    from civicsight.region.page import write_result
    from civicsight.region.run import check_region

    opened, began = open_region(region), time.perf_counter()
    with workers_at(LOCAL, workers) as executor:
        found = check_region(opened, out, executor=executor, samples=False)
    write_result(found, out)
    wall_s = time.perf_counter() - began
    own, apart = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    digest = sha256()
    for name in TABLES:
        digest.update((out / f"{name}.parquet").read_bytes())
    return {
        "wall_s": wall_s,
        "cpu_s": own.ru_utime + own.ru_stime + apart.ru_utime + apart.ru_stime,
        "peak_mib": apart.ru_maxrss / MIB_IN_KIB,
        "own_mib": own.ru_maxrss / MIB_IN_KIB,
        "judged": len(found.parts),
        "refused": len(found.refused),
        "computed": int(found.parts["computed"].sum()),
        "digest": digest.hexdigest(),
    }


def _ask(region: Path, out: Path, workers: int) -> dict[str, Any]:
    """Measure one run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.region", "--one", str(region),
               "--out-of-one", str(out), "--workers", str(workers)]  # fmt: skip
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.region", description=__doc__)
    parser.add_argument("--counties", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.1, help="of the buildings of New York")
    parser.add_argument("--cameras", type=int, default=2_000, help="of a county")
    parser.add_argument("--per-item", type=int, default=45, help="places of a class of a county")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--scratch", type=Path, help="a folder with room; by default that of /tmp")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--out-of-one", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
