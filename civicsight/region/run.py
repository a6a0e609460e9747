"""Check a region: its parts on whatever workers there are, then what spans them.

A part that cannot be used is named, and the rest goes on without its rows; the parts that need them
are not judged, and named as well: half of what a finding rests on is none. Who is killed begins
again and goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from civicsight.core.errors import CivicsightError, InputError, MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage._kernels.apart import workers
from civicsight.coverage.result import CheckResult
from civicsight.region.cluster import lost_by
from civicsight.region.folder import Region
from civicsight.region.merge import merge
from civicsight.region.own import Options
from civicsight.region.rasters import draw_part, publish
from civicsight.region.results import kept_frames, shelf_in
from civicsight.region.work import OWN, Checked, Owned, Task, check_own, own_part
from civicsight.rules import load_packs

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class RegionResult:
    """What was found of a region.

    Parameters
    ----------
    region
        What was checked.
    result
        The tables of all parts that could be judged, as one check has them; without layers of the
        city, matrices and raster. None if no part could be.
    parts
        By part that was judged: its numbers, and ``computed``, whether it was computed this time.
    refused
        Parts that cannot be used, with the error.
    hangs_on
        Parts that were not judged, for they hang on one that cannot be used; by part, which.
    home
        Part that each mandatory place stands in.
    """

    region: Region
    result: CheckResult | None
    parts: pd.DataFrame
    refused: Mapping[str, CivicsightError]
    hangs_on: Mapping[str, tuple[str, ...]]
    home: Mapping[str, str] = field(default_factory=dict)


def check_region(
    region: Region,
    out: str | Path,
    *,
    packs: Iterable[bytes] = (),
    options: Options | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cell_m: float | None = None,
    kept: bool = False,
    samples: bool = True,
) -> RegionResult:
    """Check a region, part by part; the result is that of one machine, however it is cut.

    Parameters
    ----------
    region
        From `folder.open_region`.
    out, kept
        Folder of results. What lies there from before is used as far as it still holds; if nothing
        else counts, nothing is computed, and a part without it is refused.
    packs, options
        Packs of the user, as the bytes of their files; how it is checked.
    executor
        Where parts are worked on; machines of a cluster reach both folders by the same names.
    progress
        Called with parts done and in all; each part is worked on twice, or three times.
    cell_m
        Side of a cell of the rasters, which are drawn only then.
    samples
        Whether the points of all parts are read into one table, eight million for twenty counties;
        page, tables and numbers do without them.

    Raises
    ------
    WriteError, PackError
        If the folder of results cannot be written to, or is full; if a pack cannot be used.
    """
    packs, options = tuple(packs), options or Options()
    rules = load_packs(user=packs)
    task = Task(str(region.folder.resolve()), str(Path(out).resolve()), packs, options, kept)
    names, total = sorted(region.parts), (2 + (cell_m is not None)) * len(region.parts)
    owned: dict[str, Owned] = {}
    refused: dict[str, CivicsightError] = {}
    todo = names
    with _pool(executor) as pool:
        while todo:
            made, failed = _run(pool, own_part, {n: (task, n) for n in todo}, progress, 0, total)
            blamed = _blamed(failed, refused)
            bad = {n for n, error in blamed.items() if not isinstance(error, MismatchError)}
            # What is only not done yet may be done without the rows of those.
            refused |= {n: blamed[n] for n in bad} if bad else blamed
            owned = {n: own for n, own in (owned | made).items() if n not in refused}
            task = task._replace(left_out=tuple(sorted({*task.left_out, *bad})))
            # Those that read, or would have read, rows of a part that cannot be used do so again.
            todo = [
                n
                for n in names
                if n not in refused and (n not in owned or not bad.isdisjoint(owned[n].read))
            ]
        judging = {n: (task, n, owned) for n in owned}
        checked, failed = _run(pool, check_own, judging, progress, len(names), total)
        blamed = _blamed(failed, refused)
        hangs_on = {n: one.lacking for n, one in checked.items() if one.lacking}
        hangs_on |= {n: tuple(sorted(blamed)) for n in failed if n not in blamed}
        refused |= blamed
        checked = {n: one for n, one in checked.items() if n not in hangs_on and n not in refused}
        found = _joined(region, task, rules, (owned, checked), refused, hangs_on, samples=samples)
        if cell_m is None or found.result is None:
            return found
        drawing = {n: (task, n, owned, found.result.barred, cell_m) for n in checked}
        drawn, lost = _run(pool, draw_part, drawing, progress, 2 * len(names), total)
    publish(task, drawn, Path(out) / "rasters")
    return replace(found, refused={**found.refused, **lost})


def packs_of(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """Return packs of a user as what every worker is told: the bytes of their files."""
    return tuple(Path(path).read_bytes() for path in paths)


@contextmanager
def _pool(executor: Executor | None) -> Iterator[Executor]:
    """Give the executor that is there, or one thread that ends with the block."""
    if executor is not None:
        yield executor
        return
    with workers(1) as own:
        yield own


def _run(
    pool: Executor,
    work: Callable[..., T],
    jobs: Mapping[str, tuple[Any, ...]],
    progress: Progress | None,
    before: int,
    total: int,
) -> tuple[dict[str, T], dict[str, CivicsightError]]:
    """Do a piece of work for each part; what is wrong with one stops no other."""
    futures = {pool.submit(work, *job): name for name, job in jobs.items()}
    done: dict[str, T] = {}
    failed: dict[str, CivicsightError] = {}
    try:
        for count, future in enumerate(as_completed(futures), start=1):
            error = _fault_of(future)
            if error is None:
                done[futures[future]] = future.result()
            else:
                failed[futures[future]] = error
            if progress is not None:
                progress(before + count, total)
    finally:
        for future in futures:
            future.cancel()
    return {name: done[name] for name in sorted(done)}, failed


def _fault_of(future: Future[Any]) -> CivicsightError | None:
    """Return what is wrong with a part; raise what is wrong with more than that."""
    error = future.exception()
    if error is None:
        return None
    if isinstance(error, CivicsightError) and not isinstance(error, OSError):  # no full disk
        return error
    lost = lost_by(error)
    if lost is None:
        raise error
    return lost


def _blamed(
    failed: Mapping[str, CivicsightError], known: Mapping[str, CivicsightError]
) -> dict[str, CivicsightError]:
    """Return what is wrong by the part whose file it is, which need not be the one that read it."""
    found: dict[str, CivicsightError] = {}
    for name, error in sorted(failed.items()):
        files = [fault.file for fault in error.faults] if isinstance(error, InputError) else []
        named = {file.split("/")[1] for file in files if file.startswith("parts/")} - {*known}
        for part in named or {name}:
            found.setdefault(part, error)
    return found


def _joined(
    region: Region,
    task: Task,
    rules: Any,
    found: tuple[Mapping[str, Owned], Mapping[str, Checked]],
    refused: Mapping[str, CivicsightError],
    hangs_on: Mapping[str, tuple[str, ...]],
    *,
    samples: bool,
) -> RegionResult:
    owned, checked = found
    shelf = shelf_in(task.out)
    if not checked:
        return RegionResult(region, None, pd.DataFrame(), refused, hangs_on)
    frames: list[dict[str, pd.DataFrame]] = []
    for at, (name, one) in enumerate(sorted(checked.items())):
        # Of the first part their columns, of the others nothing.
        names = [table for table in (*OWN, "buildings") if samples or not at or table != "samples"]
        kept = kept_frames(shelf, owned[name].key, region.crs, tuple(names))
        if not samples:
            kept["samples"] = (kept if not at else frames[0])["samples"].iloc[:0]
        frames.append(kept | kept_frames(shelf, one.key, region.crs))
    result, numbers = merge(region, rules, frames, night=task.options.night)
    new = {name: owned[name].made or one.made for name, one in checked.items()}
    numbers = numbers.join(pd.DataFrame([_numbers(one) for one in frames], index=sorted(checked)))
    numbers = numbers.assign(
        title=[region.parts[name].title for name in numbers.index],
        computed=[new[name] for name in numbers.index],
        beside=pd.Series([checked[name].beside for name in numbers.index], numbers.index),
    )
    home = {
        zone: name
        for name, one in zip(sorted(checked), frames, strict=True)
        for zone in one["zones"].index
    }
    return RegionResult(region, result, numbers, refused, hangs_on, home)


def _numbers(frames: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Count what a part owns, by state."""
    status = frames["part_status"]["status"]
    gaps, judged = int(status.eq("gap").sum()), len(status)
    return {
        "cameras": len(frames["cameras"]),
        "places": len(frames["zones"]),
        "judged": judged,
        "covered": int(status.eq("covered").sum()),
        "assumed": int(status.isin(["assumed", "possible"]).sum()),
        "gap": gaps,
        "gap_share": gaps / judged if judged else 0.0,
        "missing": len(frames["missing"]),
    }
