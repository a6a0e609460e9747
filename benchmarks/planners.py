"""Twenty planners on one PostGIS at human pace, while clients and the server are killed.

Run ``python -m benchmarks.planners --minutes 4``; it starts a server of its own and needs
PostgreSQL with PostGIS. What was acknowledged is written down by each planner outside of the store,
and counted there afterwards with SQL and SHA-256 alone, without any code of civicsight.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import psycopg

from benchmarks.bars import print_table
from civicsight.core.errors import InputError
from civicsight.store import Actor, Conflict, Role, Store, open_store
from civicsight.store.server_roles import init_store
from tests.postgres_made import WITH_POSTGIS, new_database, serving
from tests.store_parts import commit, layers

PLANS: Final = 10
"""Two planners share a plan, so that there are conflicts too."""

ROWS: Final = 400
CHANGED: Final = 5
"""Cameras that somebody changes between two versions."""

LONG: Final = 10
"""A program with more acts than this shows whether its memory grows."""

WAIT_S: Final = 20.0
"""Between two kills of a planner's program [s]."""


@dataclass(frozen=True, slots=True)
class Act:
    """One line of what a planner wrote down."""

    planner: int
    kind: str
    seconds: float
    outcome: str
    plan: str
    note: str
    digest: str
    megabytes: float


def work(url: str, log: str, planner: int, pace_s: float, seed: int) -> None:
    """Read and commit like somebody who thinks in between, until killed."""
    chance = random.Random(seed)
    me, plan_id = Actor(f"planner {planner}", Role.PLANNER), f"plan-{planner % PLANS}"
    tables = layers(ROWS, seed)
    with Path(log).open("ab", buffering=0) as notes, opened(url) as store:
        for number in range(1_000_000):
            time.sleep(chance.uniform(0.4, 1.6) * pace_s)
            kind = chance.choice(("read", "commit", "commit", "list"))
            note = f"{planner} {seed} {number}"
            start, outcome, digest = time.perf_counter(), "done", ""
            try:
                if kind == "read":
                    store.read_version(me, plan_id)
                elif kind == "list":
                    store.list_plans(me)
                else:
                    rev = store.plan(me, plan_id).rev
                    tables = with_changes(tables, note)
                    time.sleep(chance.random() * 0.2)  # what is kept was made from what was read
                    start = time.perf_counter()
                    done = store.commit_version(me, plan_id, base_rev=rev, layers=tables, note=note)
                    digest = done.digest
            except Conflict:
                outcome = "conflict"
            except InputError as error:
                outcome = error.faults[0].code
            seconds = time.perf_counter() - start
            act = [planner, kind, seconds, outcome, plan_id, note, digest, _megabytes()]
            notes.write(json.dumps(act).encode() + b"\n")
            os.fsync(notes.fileno())


def with_changes(tables: dict[str, pd.DataFrame], note: str) -> dict[str, pd.DataFrame]:
    """Change a few cameras, as somebody who goes on with a plan does."""
    cameras = tables["cameras"].copy()
    cameras.loc[cameras.index[sum(note.encode()) % ROWS :][:CHANGED], "name"] = note
    return tables | {"cameras": cameras}


def opened(url: str) -> Store:
    """Open the store as soon as its server answers."""
    while True:
        try:
            return open_store(url)
        except InputError:
            time.sleep(1.0)


def _megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def acts_in(folder: Path) -> Iterator[Act]:
    """Yield what was written down; a torn last line was not acknowledged."""
    for log in sorted(folder.glob("*.log")):
        for line in log.read_bytes().split(b"\n")[:-1]:
            yield Act(*json.loads(line))


def kill_server(url: str) -> None:
    """End the server as a power cut would, and start it again on the same files."""
    with psycopg.connect(url) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    postmaster = int((Path(folder) / "postmaster.pid").read_text(encoding="ascii").split()[0])
    os.kill(postmaster, signal.SIGKILL)
    user: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    control = WITH_POSTGIS[-1].parent / "pg_ctl"
    words = [control, "-D", folder, "-l", str(Path(folder).parent / "log"), "-w", "restart"]
    for _ in range(20):
        time.sleep(0.5)
        if not subprocess.run(
            words, check=False, capture_output=True, cwd=folder, **user
        ).returncode:
            return
    msg = "the server does not start again"
    raise RuntimeError(msg)


def run(url: str, admin: str, folder: Path, options: argparse.Namespace) -> Counter[str]:
    """Let planners work for a time; kill one every so often, and the server a few times."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.planners"])
    chance, kills, starts = random.Random(3), Counter[str](), 0

    def begin(planner: int) -> Any:
        nonlocal starts
        starts += 1
        log = str(folder / f"{planner}-{starts}.log")
        member = context.Process(target=work, args=(url, log, planner, options.pace, starts))
        member.start()
        return member

    team = {planner: begin(planner) for planner in range(options.planners)}
    began = time.monotonic()
    end = began + 60 * options.minutes
    parts = np.linspace(0.0, 1.0, options.server_kills + 2)[1:-1]
    server_at = list(began + 60 * options.minutes * parts)
    while time.monotonic() < end:
        time.sleep(min(WAIT_S, max(0.0, end - time.monotonic())))
        for planner, member in team.items():
            if not member.is_alive():
                kills["programs that ended by themselves"] += 1
                team[planner] = begin(planner)
        victim = chance.choice(list(team))
        team[victim].kill()
        team[victim].join()
        team[victim] = begin(victim)
        kills["programs killed"] += 1
        if server_at and time.monotonic() > server_at[0]:
            server_at.pop(0)
            kill_server(admin)
            kills["servers killed"] += 1
    for member in team.values():
        member.kill()
        member.join()
    return kills


def count(admin: str, acts: list[Act]) -> list[str]:
    """Return what is wrong with the database, counted from outside; nothing is the goal."""
    with psycopg.connect(admin) as connection:
        chain = connection.execute("SELECT * FROM audit ORDER BY seq").fetchall()
        rows = connection.execute(
            "SELECT plan_id, n, note, parent, digest FROM plan_version ORDER BY plan_id, n"
        ).fetchall()
        heads = dict(connection.execute("SELECT plan_id, version FROM plan").fetchall())
    wrong, before = [], "0" * 64
    for number, entry in enumerate(chain, start=1):
        text = json.dumps([*entry[:-1], None], separators=(",", ":"))
        linked = entry[0] == number and entry[9] == before
        if not linked or sha256(text.encode("ascii")).hexdigest() != entry[10]:
            wrong.append(f"entry {entry[0]} of the audit")
        before = entry[10]
    by_plan: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_plan.setdefault(row[0], []).append(row)
    for plan, versions in by_plan.items():
        if [row[1] for row in versions] != list(range(1, heads[plan] + 1)):
            wrong.append(f"versions of {plan}")
        parents = ["", *(row[4] for row in versions[:-1])]
        wrong += [
            f"{plan} {row[1]}" for row, was in zip(versions, parents, strict=True) if row[3] != was
        ]
    kept = Counter((row[0], row[2], row[4]) for row in rows)
    told = Counter(
        (act.plan, act.note, act.digest) for act in acts if act.kind == "commit" and act.digest
    )
    wrong += [f"acknowledged and not there once: {key}" for key in told if kept[key] != 1]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planners", description=__doc__)
    parser.add_argument("--planners", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--server-kills", type=int, default=2)
    parser.add_argument("--pace", type=float, default=5.0, help="seconds to think")
    options = parser.parse_args()
    with serving(WITH_POSTGIS[-1]) as server, tempfile.TemporaryDirectory() as place:
        admin = new_database(server, "planners").replace("+psycopg", "")
        url = init_store(admin, user="works").url
        with open_store(url) as store:
            for number in range(PLANS):
                boss = Actor("begins", Role.PLANNER)
                commit(store, store.new_plan(boss, f"plan-{number}", name=str(number)))
        kills = run(url, admin, Path(place), options)
        acts = list(acts_in(Path(place)))
        wrong = count(admin, acts)
        with open_store(url) as store:
            versions = sum(plan.version for plan in store.list_plans(Actor("x", Role.AUDITOR)))
        with psycopg.connect(admin) as connection:
            asked = "SELECT pg_database_size(current_database())"
            (size,) = connection.execute(asked).fetchone() or (0,)
    _tell(acts, kills, wrong, versions, float(size) / 1e6)


def _tell(
    acts: list[Act], kills: Counter[str], wrong: list[str], versions: int, megabytes: float
) -> None:
    rows = []
    for kind in ("commit", "read", "list", ""):
        seconds = [act.seconds for act in acts if kind in ("", act.kind) and act.outcome == "done"]
        name = f"{kind or 'all acts'}: {len(seconds)}"
        rows.append((name, *(f"{np.quantile(seconds, q) * 1e3:.0f} ms" for q in (0.5, 0.95, 1.0))))
    print_table(("what", "median", "95 %", "longest"), rows)
    print(f"outcomes: {dict(Counter(act.outcome for act in acts))}; {dict(kills)}")
    programs: dict[tuple[int, str], list[float]] = {}
    for act in acts:
        programs.setdefault((act.planner, act.note.split()[1]), []).append(act.megabytes)
    grown = [(told[2], told[-1]) for told in programs.values() if len(told) > LONG]
    first, last = np.median(grown or [(np.nan, np.nan)], axis=0)
    print(f"memory of a program after its third act {first:.0f} MB, after its last {last:.0f} MB")
    print(f"{versions} versions in a database of {megabytes:.0f} MB")
    print("counted from outside:", *(wrong[:20] or ["nothing lost, one whole chain"]), sep="\n  ")


if __name__ == "__main__":
    main()
