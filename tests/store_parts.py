"""What the tests of the store share: people, made layers, and work for other processes."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.settings import present_day
from civicsight.store import (
    Actor,
    Answer,
    Conflict,
    File,
    Plan,
    Role,
    Store,
    approve,
    give_opinion,
    open_store,
    start_review,
    submit,
)

LI = Actor("李规划", Role.PLANNER)
WANG = Actor("王会签", Role.REVIEWER)
ZHOU = Actor("周批准", Role.APPROVER)
ROOT = Actor("管理员", Role.ADMIN)
SUN = Actor("孙审计", Role.AUDITOR)

DEPARTMENT = "市住房和城乡建设局"
SCAN = "5" * 64
OPINED, DECIDED = ((present_day() - timedelta(days)).isoformat() for days in (20, 10))
"""Days on which departments answered and a plan was approved."""

CRS = "EPSG:4547"


def layers(count: int = 12, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Make a layer of points, one of polygons with a missing place, and one without any."""
    random = np.random.default_rng(seed)
    places = random.random((count, 2)) * 4_000 + (500_000, 3_160_000)
    cameras = gpd.GeoDataFrame(
        {
            "name": [f"东湖区{i}号" for i in range(count)],
            "height_m": np.where(random.random(count) < 0.2, np.nan, random.random(count) * 9),
            "heads": random.integers(1, 5, count),
            "ptz": random.random(count) < 0.5,
            "power": [None, True, False] * (count // 3) + [None] * (count % 3),
            "tags": [{"街道": f"第{i}街", "n": [i, 0.1]} for i in range(count)],
        },
        index=pd.Index([f"camera-{i}" for i in range(count)], name="camera_id"),
        geometry=shapely.points(places),
        crs=CRS,
    )
    shapes = shapely.buffer(shapely.points(places[::2]), 3.0)
    shapes[-1] = None
    measures = gpd.GeoDataFrame(
        {"measure": "new", "cost_yuan": random.integers(1, 90, len(shapes)) * 1_000.0},
        index=pd.Index([f"m{i}" for i in range(len(shapes))], name="measure_id"),
        geometry=shapes,
        crs=CRS,
    )
    phases = pd.DataFrame(
        {"cost_yuan": [5e5, np.nan]}, index=pd.Index(["2026", "2027"], name="year")
    )
    return {"cameras": cameras, "measures": measures, "phases": phases}


def begun(path: Path, *, versions: int = 1, departments: tuple[str, ...] = (DEPARTMENT,)) -> Store:
    """Make a store with one plan."""
    store = open_store(path, create=True)
    plan = store.new_plan(LI, "donghu", name="东湖区规划", departments=departments)
    for n in range(versions):
        plan = commit(store, plan, seed=n)
    return store


def commit(store: Store, plan: Plan, *, seed: int = 0, count: int = 12, note: str = "") -> Plan:
    return store.commit_version(
        LI,
        plan.plan_id,
        base_rev=plan.rev,
        layers=layers(count, seed),
        documents={"ledger": {"事项": [seed, 2.5, None]}, "parameters": {"seed": seed}},
        inputs={"city.gpkg": "c" * 64},
        note=note,
    )


def submitted(store: Store) -> Plan:
    """Bring the plan from a draft to the approver."""
    plan = start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
    give_opinion(
        store,
        WANG,
        "donghu",
        digest=plan.digest,
        department=DEPARTMENT,
        dated_on=OPINED,
        text="同意",
        reply="agree",
    )
    return submit(store, LI, "donghu", base_rev=plan.rev)


def approved(store: Store) -> Plan:
    approve_latest(store, submitted(store).digest)
    return store.plan(LI, "donghu")


def approve_latest(
    store: Store,
    digest: str,
    actor: Actor = ZHOU,
    plan_id: str = "donghu",
    scan: File | None = None,
):
    return approve(
        store,
        actor,
        plan_id,
        digest=digest,
        body="南昌市人民政府",
        document_number="洪府字〔2026〕12号",
        dated_on=DECIDED,
        scan=scan,
        scan_sha256="" if scan else SCAN.upper(),
    )


def answered(digest: str, value: str = "yes") -> Answer:
    return Answer("", "nanchang", "R9.4", "", value, "现场核查", "", "2026-03-02", digest)


def commit_forever(path: str, log: str, seed: int) -> None:
    """Commit, submit, approve and start again; write down what was acknowledged, and sync it."""
    with open(log, "ab", buffering=0) as notes, open_store(path) as store:  # noqa: PTH123
        while True:
            plan = commit(store, store.plan(LI, "donghu"), seed=seed, note=str(seed))
            _acknowledge(notes, f"{plan.rev} {plan.digest}")
            if seed % 3 == 0:
                plan = submitted(store)
                _acknowledge(notes, f"{plan.rev} {plan.digest}")
                approve_latest(store, plan.digest)
                _acknowledge(notes, f"{plan.rev + 1} {plan.digest}")
            seed += 1


def _acknowledge(notes, line: str) -> None:
    notes.write(f"{line}\n".encode())
    os.fsync(notes.fileno())


def commit_often(path: str, name: str, times: int, gate, results) -> None:
    """Commit a number of times on one plan, reading it again after each conflict."""
    import time

    conflicts, seconds = [], []
    me = Actor(name, Role.PLANNER)
    tables = layers(6)
    with open_store(path) as store:
        gate.wait()
        done = 0
        plan = store.plan(me, "donghu")
        while done < times:
            start = time.perf_counter()
            try:
                plan = store.commit_version(
                    me, "donghu", base_rev=plan.rev, layers=tables, note=f"{name} {done}"
                )
            except Conflict as error:
                conflicts.append((error.who, error.at))
                plan = store.plan(me, "donghu")
            else:
                seconds.append(time.perf_counter() - start)
                done += 1
    results.put((name, conflicts, seconds))
