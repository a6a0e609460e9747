"""The app as a process of its own, and a browser that notes every request that it attempts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from civicsight.ui.access.start import cookie_of

ROOT = Path(__file__).resolve().parent.parent
START_S = 180.0
WAIT_S = 120.0
POLL_MS = 20
TOKEN = "token-of-the-tests"  # noqa: S105 - made up
STARTED: list[int] = []
"""Ports on which the app was started here; a browser of the tests has brought its token."""


def until(page: Page, state: str, seconds: float = WAIT_S) -> None:
    """Wait until an expression in a page gives true.

    Playwright's own ``wait_for_function`` asks again from inside of the page, by ``eval``, which
    the rules of our pages forbid: it only works where it need not wait.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(state):
        if time.monotonic() > end:
            message = f"not within {seconds:g} s: {state}"
            raise TimeoutError(message)
        page.wait_for_timeout(POLL_MS)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    folder: Path,
    port: int,
    base: str = "",
    hosts: tuple[str, ...] = (),
    program: str = "civicsight",
    **environment: str,
) -> Iterator[str]:
    """Run the app from a folder, which may hold `.streamlit/secrets.toml`; give its address."""
    settings = {"PYTHONPATH": str(ROOT), "HOME": str(folder), **environment}
    settings.setdefault("CIVICSIGHT_TOKEN", TOKEN)
    STARTED.append(port)
    settings.setdefault("CIVICSIGHT_ACCOUNTS", str(folder / "accounts.json"))
    options = ["--base-path", base] if base else []
    options += [part for host in hosts for part in ("--host", host)]
    address = f"http://127.0.0.1:{port}{base}"
    command = [sys.executable, "-m", program, "app", "--port", str(port), *options]
    with answering(command, folder, folder, address, settings):
        yield address


def process_of(port: int | None) -> int:
    """Return the id of the process that serves the app on a port."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended
            words = path.read_bytes().split(b"\0")
            if str(port).encode() in words and b"app" in words:
                return int(path.parent.name)
    raise AssertionError(port)


def processor_time(process: int) -> float:
    """Return what a process and all that it started have taken of the processor [s].

    What has ended counts with the process that waited for it.
    """
    parents, ticks = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended
            words = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            number = int(path.parent.name)
            parents[number], ticks[number] = int(words[1]), sum(map(int, words[11:15]))
    total, wanted = 0, {process}
    while wanted:
        total += sum(ticks.get(one, 0) for one in wanted)
        wanted = {one for one, parent in parents.items() if parent in wanted}
    return total / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving_map(folder: Path) -> Iterator[str]:
    """Run the pages of `tests.map_app`, which show a map alone; give their address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "tests.map_app.server:app", "--port", str(port)]
    quiet = {"STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
    with answering([*command, "--log-level", "error"], ROOT, folder, address, quiet):
        yield address


@contextmanager
def answering(
    command: list[str], within: Path, folder: Path, address: str, settings: dict[str, str]
) -> Iterator[None]:
    """Run a server of ours until the end of the block, which begins when it answers."""
    log = folder / "app.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=within, env=os.environ | settings, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            wait_for(process, address, log)
            yield
        finally:
            process.terminate()
            process.wait(20)


def wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the app answers; fail with what it said if it does not."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{address}/_stcore/health", timeout=1) as answer:  # noqa: S310 - our own
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


NAVIGATION_MS = 120_000
"""A first page on a machine that does much else takes longer than the half minute of Playwright."""


@contextmanager
def browsing(browser: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open a browser; give a page and the list of all requests of all frames, sockets included."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        context = running.new_context(viewport={"width": 1366, "height": 768}, **options)
        context.set_default_navigation_timeout(NAVIGATION_MS)
        context.add_cookies([known(port) for port in STARTED])
        requests: list[str] = []
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("websocket", lambda opened: requests.append(opened.url))
        try:
            yield page, requests
        finally:
            running.close()


def known(port: int) -> Any:
    """Return the cookie of who came with the token of the tests."""
    name, value = cookie_of(TOKEN, port)
    return {"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}


def leaving(requests: list[str], address: str) -> list[str]:
    """Return the requests that go anywhere but to the app."""
    own = (address, address.replace("http", "ws", 1), "data:", "blob:", "about:")
    return [url for url in requests if not url.startswith(own)]
