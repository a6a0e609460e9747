"""Thirty people who look through Helsinki at once: waiting, errors, the server's time and memory.

Run ``python -m benchmarks.app.reviewers``. Every reviewer is a session of its own over the socket
that a browser would use: it opens a page, thinks, goes to the next. No browser is started, so the
figures are the server's alone. Memory is taken when the first page is ready, after every round of
visits, and when all have left.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.app.serving import free_port, machine_load
from benchmarks.bars import print_table
from civicsight.editing.examples import HELSINKI, read_example
from civicsight.io import save_city

PAGES = ("plan", "findings", "duplicates", "compliance", "review", "findings", "plan")
OPENED_S, ANSWER_S, PAUSE_S, LEFT_S = 300.0, 120.0, 0.5, 15.0
MB, PAGE_B, TICKS = 1e6, os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


@dataclass
class Seen:
    """What all reviewers saw: seconds and bytes of every page, errors by kind."""

    waited_s: dict[str, list[float]] = field(default_factory=dict)
    sent_b: list[int] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    maps: int = 0

    def all_waits(self) -> list[float]:
        """Return the seconds of every visit of a page."""
        return [value for values in self.waited_s.values() for value in values]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app.reviewers", description=__doc__)
    parser.add_argument("--reviewers", type=int, default=30)
    parser.add_argument("--think", type=float, default=5.0, help="mean pause of a reviewer [s]")
    parser.add_argument("--rounds", type=int, default=3, help="times through all pages")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        port = free_port()
        server = _start(port, Path(folder))
        try:
            asyncio.run(_measure(f"127.0.0.1:{port}", server.pid, asked))
        finally:
            server.terminate()
            server.wait(30)


def _start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    project = save_city(read_example(HELSINKI), folder / "helsinki.gpkg")
    command = [sys.executable, "-m", "civicsight", "app", "--no-token", "--port", str(port)]
    command += ["--project", str(project)]
    keep = {"CIVICSIGHT_CACHE_DIR": str(folder)}
    return subprocess.Popen(
        command, env={**keep, **os.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


async def _measure(host: str, pid: int, asked: argparse.Namespace) -> None:
    print(f"{os.cpu_count()} cores, load before {machine_load()}")
    await _wait_until_open(host)
    seen, memory = Seen(), [_memory_mb(pid)]
    cpu_s, began = _cpu_s(pid), time.perf_counter()
    for turn in range(asked.rounds):
        visits = [
            _review(host, seen, random.Random(f"{asked.seed} {turn} {k}"), asked.think)
            for k in range(asked.reviewers)
        ]
        await asyncio.gather(*visits)
        memory.append(_memory_mb(pid))
    cpu_s, took_s = _cpu_s(pid) - cpu_s, time.perf_counter() - began
    await asyncio.sleep(LEFT_S)
    memory.append(_memory_mb(pid))
    _tell(seen, memory, cpu_s, took_s)


async def _wait_until_open(host: str) -> None:
    """Wait until the server is up and the first page of the project can be drawn."""
    async with httpx.AsyncClient() as client:
        for _ in range(int(OPENED_S / PAUSE_S)):
            with suppress(httpx.TransportError):
                if (await client.get(f"http://{host}/_stcore/health")).is_success:
                    break
            await asyncio.sleep(PAUSE_S)
        else:
            sys.exit("the server did not start")
    for _ in range(int(OPENED_S / PAUSE_S)):
        seen = Seen()
        async with _session(host) as session:
            await _visit(session, "findings", seen)
        if "findings" in seen.waited_s and seen.maps and not seen.errors:
            return
        await asyncio.sleep(PAUSE_S)
    sys.exit("the project did not open")


def _session(host: str) -> connect:
    return connect(
        f"ws://{host}/_stcore/stream",
        origin=f"http://{host}",  # type: ignore[arg-type]  # a plain word is what is sent
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    )


async def _review(host: str, seen: Seen, dice: random.Random, think_s: float) -> None:
    """Look through all pages once, with a pause of a random length before each."""
    try:
        async with _session(host) as session:
            for page in PAGES:
                await asyncio.sleep(dice.uniform(0, 2 * think_s))
                await _visit(session, page, seen)
    except (OSError, TimeoutError) as error:
        seen.errors[type(error).__name__] += 1


async def _visit(session: ClientConnection, page: str, seen: Seen) -> None:
    """Open a page; wait until the run of it has ended."""
    ask = BackMsg()
    ask.rerun_script.query_string = "lang=en"
    ask.rerun_script.page_name = page
    ask.rerun_script.context_info.timezone = "Asia/Shanghai"
    began, sent, waiting = time.perf_counter(), 0, False
    await session.send(ask.SerializeToString())
    async with asyncio.timeout(ANSWER_S):
        while True:
            raw = await session.recv()
            sent += len(raw)
            message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = message.WhichOneof("type")
            if kind == "delta":
                element = message.delta.new_element.WhichOneof("type")
                waiting = waiting or element == "progress"
                shown = message.delta.new_element.bidi_component.component_name
                seen.maps += shown.endswith("civicsight_map")
                if element == "exception":
                    seen.errors[message.delta.new_element.exception.type] += 1
            if kind == "script_finished":
                break
    seen.sent_b.append(sent)
    key = "opening" if waiting else page
    seen.waited_s.setdefault(key, []).append(time.perf_counter() - began)


def _tell(seen: Seen, memory: list[float], cpu_s: float, took_s: float) -> None:
    waits = seen.all_waits()
    rows = [
        (page, str(len(values)), *(f"{np.quantile(values, q):.2f}" for q in (0.5, 0.95, 1)))
        for page, values in [*sorted(seen.waited_s.items()), ("all", waits)]
    ]
    print_table(("page", "visits", "median s", "95 % s", "longest s"), rows)
    print(f"errors: {dict(seen.errors) or 'none'}")
    print(f"{len(waits)} pages in {took_s:.0f} s; processor time a page {cpu_s / len(waits):.3f} s")
    print(f"sent a page: {np.mean(seen.sent_b) / 1e3:.0f} KB; pages with the map: {seen.maps}")
    told = ", ".join(f"{value:.0f}" for value in memory)
    print(f"memory of the server [MB] before, after each round, when all have left: {told}")
    print(f"load after {machine_load()}")


def _processes(pid: int) -> list[int]:
    """Return the server and what it has started."""
    found = [pid]
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if int(_stat(int(entry.name))[1]) == pid:
                found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of a process after its name: state, parent, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu_s(pid: int) -> float:
    return sum(sum(map(int, _stat(one)[11:13])) for one in _processes(pid)) / TICKS


def _memory_mb(pid: int) -> float:
    return sum(int(_stat(one)[21]) * PAGE_B for one in _processes(pid)) / MB


if __name__ == "__main__":
    main()
