"""What a worker does for a part: its own cameras and demand first, then its findings.

Both are pure functions of files: a result lies under the digest of all that it hangs on, so that
who is killed and begins again finds what was done, and nothing that changed is taken for the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, CrsError, InputError, MismatchError
from civicsight.coverage.check import build_scenes, check_part
from civicsight.coverage.demand.find import Demand
from civicsight.coverage.findings.camera_set import build_camera_set, shares_beside, with_status
from civicsight.coverage.findings.case import COUNTED
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.result import CheckResult
from civicsight.io.datum_fit import measure_fit
from civicsight.io.vectors.windows import Box
from civicsight.model import READINGS
from civicsight.model.city import standing_in
from civicsight.model.format_versions import own_version
from civicsight.region.faults import reject
from civicsight.region.folder import Region, around, grown, meet, open_region
from civicsight.region.neighbours import Near, find_near, turn_m
from civicsight.region.own import CONTEXT_M, Frames, Options, find_own
from civicsight.region.results import about, joined, keep_frames, kept_frames, shelf_in
from civicsight.rules import Rules, load_packs
from civicsight.scene.nearness import OUTSIDE, find_outside

OWN: Final = ("cameras", "heads", "zones", "parts", "samples", "missing", "left_out")
FOUND: Final = (
    "part_status",
    "gaps",
    "duplicates",
    "overlaps",
    "withheld",
    "rivals",
    "counts",
    "outside",
)
ROOMS: Final = ("core", "coverage", "io", "model", "region", "rules", "scene")
"""What of the package decides about a result."""


class Task(NamedTuple):
    """What all workers are told: folder of the region and of results, packs of the user, how.

    Where only ``kept`` results count, a part without one is refused, and nothing is computed. Rows
    of parts that are ``left_out`` cannot be used, and are read by nobody.
    """

    region: str
    out: str
    packs: tuple[bytes, ...]
    options: Options
    kept: bool = False
    left_out: tuple[str, ...] = ()


class Owned(NamedTuple):
    """Where the own rows of a part lie: their key, the digest of what they say, and their box.

    Beside them the parts whose rows they were made with; of those that were left out, the ones that
    were needed, and the box of the own rows that they may have changed.
    """

    part: str
    key: str
    sha256: str
    box: Box | None
    made: bool
    read: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    doubtful: Box | None = None


class Checked(NamedTuple):
    """Where the findings of a part lie, the parts that they hang on, and whether they are new.

    Where one of these cannot be used there are no findings, and ``lacking`` names it.
    """

    part: str
    key: str
    beside: tuple[str, ...]
    made: bool
    lacking: tuple[str, ...] = ()


@cache
def engine() -> str:
    """Return the digest of the program, as far as it decides about results."""
    digest = sha256(own_version().encode())
    home = Path(__file__).resolve().parent.parent
    for path in sorted(home.rglob("*.py")):
        if path.relative_to(home).parts[0] in ROOMS:
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _rules(packs: tuple[bytes, ...]) -> Rules:
    return load_packs(user=packs)


@cache
def _region(folder: str, _stamp: int) -> Region:
    return open_region(folder)


def region_of(task: Task) -> Region:
    """Return the region of a task, opened once a process as long as it stays what it is."""
    stamp = (Path(task.region) / "region.json").stat().st_mtime_ns
    opened = _region(task.region, stamp)
    return replace(opened, left_out=frozenset(task.left_out)) if task.left_out else opened


def key_of(task: Task, what: str, region: Region, inputs: Iterable[Any]) -> str:
    """Return the digest of all that a result hangs on."""
    rules = _rules(task.packs)
    told = [
        what,
        engine(),
        dict(rules.sha256),
        rules.versions,
        asdict(task.options),
        region.crs.to_wkt(),
        region.origin,
        region.area.wkt,
        region.name,
        *inputs,
    ]
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def rows_in(region: Region, window: Box) -> list[list[str]]:
    """Return the digests of all rows that may meet a window; of a part left out, none."""
    common = json.dumps({name: layer.sha256 for name, layer in sorted(region.common.items())})
    near = region.near(window)
    digests = [[n, "" if n in region.left_out else region.parts[n].digest] for n in near]
    return [["", common], *digests]


def own_part(task: Task, part: str) -> Owned:
    """Find what a part owns, or find it done; of too small a window, what it needs is kept.

    Raises
    ------
    InputError
        If rows of it, or of a part beside it, cannot be used; the fault names the file.
    MismatchError
        If nothing is to be computed, and it is not done.
    """
    region, shelf, made = region_of(task), shelf_in(task.out), False
    window = grown(region.parts[part].bounds, CONTEXT_M)
    while True:
        key = key_of(task, "own", region, [part, window, rows_in(region, window)])
        told = about(shelf, key)
        near = region.near(window)
        if told is None:
            region.require_sound(part)
            _require_work(task)
            with _blaming(region, near):
                _require_datum(region, part, window)
                frames, needed = find_own(region, part, window, _rules(task.packs), task.options)
            more = {"box": None, "needed": needed, "doubtful": None}
            if frames is not None:
                bad = [_extent(region, name) for name in near if name in region.left_out]
                more |= {"box": _box_of(frames), "doubtful": _doubtful(frames, bad)}
            keep_frames(shelf, key, frames or {}, more)
            made, told = True, about(shelf, key)
            assert told is not None  # noqa: S101 - it was written just now
        if told["columns"]:
            kept = told["more"]
            return Owned(
                part,
                key,
                told["sha256"],
                _as_box(kept["box"]),
                made,
                tuple(name for name in near if name not in region.left_out),
                tuple(name for name in near if name in region.left_out),
                _as_box(kept["doubtful"]),
            )
        window = around([window, told["more"]["needed"]])


def _require_datum(region: Region, part: str, window: Box) -> None:
    """Refuse a part whose cameras fit roads and facades in another datum than they are said in.

    Raises
    ------
    InputError
        With the distance that was measured.
    """
    city = region.read_window(window)
    own = city.cameras[city.cameras.index.isin(region.read_own(part, "cameras").index)]
    fit = measure_fit(gpd.GeoDataFrame(own), city.roads, city.buildings, layer="cameras")
    warning = None if fit is None else fit.warning()
    if warning is not None:
        reject("region.datum", f"parts/{part}/cameras.parquet", measured=warning)


@contextmanager
def _blaming(region: Region, near: Iterable[str]) -> Iterator[None]:
    """Where rows cannot be used, let the part say so that they stand in."""
    try:
        yield
    except (InputError, CrsError):
        for name in near:
            if name not in region.left_out:
                region.require_sound(name)
        raise


def _extent(region: Region, part: str) -> Box:
    """Return the box of all rows of a part and of what they may change, as far as is known."""
    boxes = [layer.bounds for layer in region.parts[part].layers.values() if layer.bounds]
    return grown(around([region.parts[part].bounds, *boxes]), CONTEXT_M)


def _doubtful(frames: Frames, bad: Sequence[Box]) -> Box | None:
    """Return the box of the own rows that rows of parts left out may have changed."""
    boxes = [
        frames[name].bounds.to_numpy(np.float64)
        for name in ("cameras", "zones", "parts", "samples")
        if len(frames[name])
    ]
    if not bad or not boxes:
        return None
    own = np.vstack(boxes)
    met = shapely.STRtree(shapely.box(*own.T)).query(shapely.box(*np.array(bad).T))[1]
    if not len(met):
        return None
    west, south = own[met, :2].min(axis=0)
    east, north = own[met, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _require_work(task: Task) -> None:
    """Refuse to compute what has to be there."""
    if task.kept:
        raise MismatchError(
            N_("not checked as it stands now; run civicsight region check, which goes on from here")
        )


def _as_box(told: Sequence[float] | None) -> Box | None:
    return None if told is None else (told[0], told[1], told[2], told[3])


def _box_of(frames: Frames) -> Box | None:
    """Return the box of what a part reaches and of what has to be seen of it."""
    heads, found = frames["heads"], []
    if len(heads):
        reach = heads["reach_m"].to_numpy(np.float64)[:, None]
        xy = shapely.get_coordinates(heads.geometry.to_numpy())
        found.append(np.hstack([(xy - reach).min(axis=0), (xy + reach).max(axis=0)]))
    found += [
        frames[name].total_bounds
        for name in ("cameras", "samples", "parts", "zones")
        if len(frames[name])
    ]
    return around([(b[0], b[1], b[2], b[3]) for b in found]) if found else None


def check_own(task: Task, part: str, owned: Mapping[str, Owned]) -> Checked:
    """Check a part, or find it done.

    Parameters
    ----------
    task, part
        What is checked.
    owned
        What `own_part` found of each part.

    Raises
    ------
    InputError
        If rows of a part that it reads cannot be used; the fault names the file.
    MismatchError
        If nothing is to be computed, and it is not done.
    """
    region, shelf = region_of(task), shelf_in(task.out)
    rows = _Rows(task, region, part, owned)
    beside, window = _look(rows)
    lacking = _lacking(rows, beside, window)
    if lacking:
        return Checked(part, "", beside, made=False, lacking=lacking)
    read = rows_in(region, window or region.parts[part].bounds)
    inputs = [part, [owned[name].sha256 for name in beside], read, region.has_cameras]
    key = key_of(task, "check", region, inputs)
    if about(shelf, key) is not None:
        return Checked(part, key, beside, made=False)
    _require_work(task)
    frames, near = rows.near(beside)
    with _blaming(region, region.near(window or region.parts[part].bounds)):
        found = _findings(region, task, part, frames, near, owned[part])
    keep_frames(shelf, key, found, {})
    return Checked(part, key, beside, made=True)


def _lacking(rows: _Rows, beside: Sequence[str], window: Box | None) -> tuple[str, ...]:
    """Return the parts without own rows that the findings of a part hang on.

    These are the parts whose rows its own were made without, those that may reach what it looks at,
    and those without which own rows of parts beside it were made that lie there.
    """
    region, owned = rows.region, rows.owned
    found = set(owned[rows.part].lacking)
    if window is None:
        return tuple(sorted(found))
    reached = grown(window, turn_m(_rules(rows.task.packs)))
    found |= {
        name for name in region.parts if name not in owned and meet(_extent(region, name), reached)
    }
    for name in beside:
        if meet(owned[name].doubtful, reached):
            found |= set(owned[name].lacking)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The own rows of a part and of those beside it, each read once, when they are asked for."""

    task: Task
    region: Region
    part: str
    owned: Mapping[str, Owned]
    kept: dict[str, Frames] = field(default_factory=dict)

    def near(self, beside: Sequence[str]) -> tuple[Frames, Near | None]:
        """Join the rows of some parts, and find what the findings of the own one hang on."""
        shelf = shelf_in(self.task.out)
        for name in beside:
            if name not in self.kept:
                key = self.owned[name].key
                self.kept[name] = kept_frames(shelf, key, self.region.crs, OWN)
        parts = [self.kept[name] for name in beside]
        tables = in_order({name: joined([one[name] for one in parts]) for name in OWN})
        mine, rules = self.kept[self.part], _rules(self.task.packs)
        return tables, find_near(tables, mine["cameras"].index, mine["zones"].index, rules)


def _look(rows: _Rows) -> tuple[tuple[str, ...], Box | None]:
    """Return the parts that the findings of one may hang on, and the window they are read by.

    How far a part looks hangs on the rows of those known to be beside it, so it is kept by their
    digests: where none of them changed, none is read.
    """
    task, region, part, owned = rows.task, rows.region, rows.part, rows.owned
    shelf, beside, turn = shelf_in(task.out), [part], turn_m(_rules(task.packs))
    while True:
        digests = [[name, owned[name].sha256] for name in sorted(beside)]
        key = key_of(task, "near", region, [part, digests])
        told = about(shelf, key)
        if told is None:
            _require_work(task)
            near = rows.near(sorted(beside))[1]
            told = {"more": {"window": None if near is None else near.window}}
            keep_frames(shelf, key, {}, told["more"])
        window = _as_box(told["more"]["window"])
        if window is None:
            return (part,), None
        reached = shapely.box(*grown(window, turn))
        more = [
            name
            for name, other in sorted(owned.items())
            if name not in beside and other.box and reached.intersects(shapely.box(*other.box))
        ]
        if not more:
            return tuple(sorted(beside)), window
        beside += more


def in_order(tables: Frames) -> Frames:
    """Put rows in the order in which a check of the whole has them."""
    zones = _by(tables["zones"], _zone_key(tables["zones"]))
    left_out = tables["left_out"]
    keys = list(zip(left_out["pack"], left_out["item"], left_out.index, strict=True))
    missing = tables["missing"]
    rows = list(missing.itertuples(index=False, name=None))
    parts = _after(tables["parts"], "zone_id", zones.index)
    heads = tables["heads"]
    cameras = tables["cameras"].sort_index()
    return tables | {
        "cameras": cameras,
        "heads": _after(heads, "camera_id", cameras.index),
        "zones": zones,
        "parts": parts,
        "samples": _after(tables["samples"], "part_id", parts.index),
        "missing": _by(missing, rows).reset_index(drop=True),
        "left_out": _by(left_out, keys),
    }


def _zone_key(zones: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return by what places are sorted: pack, item, and what names the place within it."""
    return [
        (pack, item, str(label)[len(item) + 1 :])
        for label, pack, item in zip(zones.index, zones["pack"], zones["item"], strict=True)
    ]


def _by(frame: pd.DataFrame, keys: list[Any]) -> pd.DataFrame:
    return frame.iloc[sorted(range(len(keys)), key=keys.__getitem__)]


def _after(frame: pd.DataFrame, name: str, labels: pd.Index) -> pd.DataFrame:
    """Sort rows like the labels that a column names, those of one as they stand."""
    return frame.iloc[np.argsort(labels.get_indexer(frame[name]), kind="stable")]


def _findings(
    region: Region, task: Task, part: str, tables: Frames, near: Near | None, owned: Owned
) -> Frames:
    """Check what the findings of a part hang on, and keep what the part owns."""
    shelf = shelf_in(task.out)
    mine = kept_frames(shelf, owned.key, region.crs, ("cameras", "parts"))
    own, parts = mine["cameras"].index, mine["parts"].index
    window = region.parts[part].bounds if near is None else near.window
    city = standing_in(region.read_window(window), task.options.year)
    chosen = near or Near(own, parts, np.zeros(len(tables["missing"]), bool), window)
    cameras = tables["cameras"].loc[tables["cameras"].index.isin(chosen.cameras)]
    demanded = tables["parts"][tables["parts"].index.isin(chosen.parts)]
    missing = tables["missing"][chosen.missing].reset_index(drop=True)
    zones = tables["zones"]
    zones = zones[zones.index.isin(demanded["zone_id"]) | zones.index.isin(missing["zone_id"])]
    demand = Demand(
        gpd.GeoDataFrame(zones),
        gpd.GeoDataFrame(tables["left_out"]),
        gpd.GeoDataFrame(tables["parts"][_of(tables["parts"], demanded, missing)]),
        gpd.GeoDataFrame(tables["samples"][tables["samples"]["part_id"].isin(demanded.index)]),
        missing,
    )
    heads = tables["heads"][tables["heads"]["camera_id"].isin(cameras.index)]
    result, rivals = check_part(
        city,
        gpd.GeoDataFrame(cameras),
        gpd.GeoDataFrame(heads),
        demand,
        build_scenes(city, season=task.options.season, origin=region.origin),  # type: ignore[arg-type]
        _rules(task.packs),
        night=task.options.night,
        looked=region.has_cameras,
    )
    outside = [
        (layer, label)
        for layer in OUTSIDE
        for label in find_outside(region.read_own(part, layer).geometry, region.area)
    ]
    return _kept(result, rivals, part, own, parts) | {
        "outside": pd.DataFrame(outside, columns=["layer", "label"], dtype=object)
    }


def _of(parts: pd.DataFrame, demanded: pd.DataFrame, missing: pd.DataFrame) -> BoolArray:
    """Tell which parts are looked at, or were not judged."""
    chosen: BoolArray = parts.index.isin(demanded.index) | parts.index.isin(missing["part_id"])
    return chosen


def _kept(
    result: CheckResult, rivals: pd.DataFrame, part: str, own: pd.Index, parts: pd.Index
) -> Frames:
    """Return the rows of findings that a part owns, and what it adds to the numbers of all."""
    # Count samples that are met, and cameras without a share of their own, in each reading.
    samples = result.samples[result.samples["part_id"].isin(parts)]
    k = result.parts["k"].reindex(samples["part_id"]).to_numpy(np.int64)
    row: dict[str, Any] = {"samples": len(samples)}
    for reading in READINGS:
        matrix = result.matrices[reading]
        row[f"met_{reading}"] = int(matrix.select(samples=samples.index).met(samples, k).sum())
        camera_set = build_camera_set(result.cameras, result.parts, result.samples, matrix)
        shares = shares_beside(camera_set, with_status(camera_set, COUNTED))
        mine = camera_set.camera_ids.isin(own)
        serves = mine & (shares.total > 0.0)
        row[f"serve_{reading}"] = int(serves.sum())
        row[f"spare_{reading}"] = int((serves & (shares.unique <= TOLERANCE)).sum())
    row["barred"] = tuple(name for name in result.barred if name in own)
    return {
        "part_status": result.part_status[result.part_status.index.isin(parts)],
        "gaps": result.gaps[result.gaps["subject"].isin(parts)],
        "duplicates": result.duplicates[result.duplicates["subject"].isin(own)],
        "overlaps": result.overlaps[result.overlaps["subject"].isin(own)],
        "withheld": result.withheld[result.withheld.index.isin(own)],
        "rivals": rivals[rivals["camera_id"].isin(own)].reset_index(drop=True),
        "counts": pd.DataFrame([row], index=pd.Index([part], name="part")),
    }
