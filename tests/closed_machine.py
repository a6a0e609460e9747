"""What is done on a machine without any network.

Run by `tests.test_bundle_closed` in namespaces of its own: an empty network, where only the
loopback device is up, and mounts that nobody else sees. Writes what was seen as `seen.json`. The
browser looks from a second empty network, for browsers knock at the internet by themselves: what is
counted in the first is the app's own. Bytes pass between the two through a socket that is a file.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from tests.ui_server import TOKEN, browsing, free_port, leaving, wait_for

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
ELSEWHERE = "192.0.2.53"
"""A documentation address (RFC 5737): nobody has it."""

WAIT_MS = 900_000  # a busy machine, and nothing compiled yet
PANGO = "libpango*"


def raise_loopback():
    """Bring the loopback device up, which a new namespace has down."""
    with socket.socket() as handle:
        request = struct.pack("16sh14x", b"lo", IFF_UP)
        fcntl.ioctl(handle, SIOCSIFFLAGS, request)


def name_resolver_elsewhere(folder: Path):
    """Let every look-up of a name leave the machine, so that it is counted."""
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {ELSEWHERE}\n", encoding="ascii")
    subprocess.run(["mount", "--bind", str(file), "/etc/resolv.conf"], check=True)


def attempts():
    """Return how often anybody in this namespace tried to send where no way leads (RFC 4293)."""
    heads, figures = [
        line.split()
        for line in Path("/proc/net/snmp").read_text().splitlines()
        if line[:3] == "Ip:"
    ]
    four = int(dict(zip(heads, figures, strict=True))["OutNoRoutes"])
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return four + int(six["Ip6OutNoRoutes"])


def knock():
    """Try to leave in the ways that there are; every one has to be counted."""
    before = attempts()
    ways = [(socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)]
    for family, kind in ways:
        with socket.socket(family, kind) as handle:
            handle.connect_ex((ELSEWHERE, 80))
    with socket.socket(socket.AF_INET6) as handle:
        handle.connect_ex(("2001:db8::1", 80))
    counted = attempts() - before
    before = attempts()
    try:
        socket.getaddrinfo("example.org", 80)
    except OSError:
        counted += attempts() > before
    return counted


def without_pango(command):
    """Return a command that runs where the libraries which set the text of a PDF are broken."""
    files = sorted({str(path.resolve()) for path in Path("/usr/lib").glob(f"**/{PANGO}.so*")})
    binds = [f"mount --bind /dev/null {file}" for file in files]
    return ["unshare", "-m", "sh", "-c", " && ".join([*binds, 'exec "$@"']), "sh", *command]


@contextmanager
def app(call, settings, folder):
    """Run the app on the demo; give its address and how long it took to answer."""
    port = free_port()
    address, log = f"http://127.0.0.1:{port}", folder / "app.log"
    with log.open("wb") as out:
        command = without_pango([*call, "app", "--port", str(port)])
        began = time.monotonic()
        process = subprocess.Popen(command, env=settings, cwd=folder, stdout=out, stderr=out)
        try:
            wait_for(process, address, log)
            yield address, time.monotonic() - began
        finally:
            process.terminate()
            process.wait(20)


def relay(listening, connect):
    """Hand every connection on, both ways, until the process ends."""

    def accept():
        while True:
            near, _ = listening.accept()
            far = connect()
            for source, target in ((near, far), (far, near)):
                Thread(target=pour, args=(source, target), daemon=True).start()

    Thread(target=accept, daemon=True).start()


def pour(source, target):
    """Pass on bytes until one side has ended."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def connect_file(path: str):
    """Return a connection to a socket that is a file."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    return line


def visit_from_elsewhere(address, folder, browser):
    """Let a browser in another empty network look at the app; return what it saw."""
    door = str(folder / "door")
    port = int(address.rpartition(":")[2])
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(door)
        listening.listen(64)
        relay(listening, lambda: socket.create_connection(("127.0.0.1", port)))
        command = [sys.executable, "-m", "tests.closed_machine", "look", address, door, browser]
        done = subprocess.run(
            ["unshare", "--net", *command], capture_output=True, encoding="utf-8", check=False
        )
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return json.loads(done.stdout)


def look(address, door, browser):
    """Try the made district and look at the plan on the map; write what was asked, from where."""
    raise_loopback()
    listening = socket.create_server(("127.0.0.1", int(address.rpartition(":")[2])))
    relay(listening, lambda: connect_file(door))
    began = time.monotonic()
    with browsing(browser) as (page, requests):
        page.goto(f"{address}/?lang=zh-CN&token={TOKEN}")
        page.get_by_role("button", name="虚构城区").click(timeout=WAIT_MS)
        tile = page.locator(".civicsight-live img.leaflet-tile-loaded").first
        tile.wait_for(state="attached", timeout=WAIT_MS)
        seconds = time.monotonic() - began
        project = page.evaluate("new URLSearchParams(location.search).get('project')")
        page.goto(f"{address}/plan?lang=en&project={quote(project)}")
        page.get_by_role("heading", name="Plan on the map").wait_for(timeout=WAIT_MS)
        page.wait_for_load_state("networkidle")
        seen = {
            "page_s": seconds,
            "requests": len(requests),
            "leaving": leaving(requests, address),
            "faults": page.locator("[data-testid=stException]").count(),
        }
    sys.stdout.write(json.dumps(seen))


def main(bundle: Path, folder: Path, browser: str):
    """Install, compute, serve and look; write down what was seen."""
    raise_loopback()
    name_resolver_elsewhere(folder)
    seen = {"knocks": knock()}
    before = attempts()
    settings = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    settings["HOME"] = str(folder / "home")
    settings["CIVICSIGHT_TOKEN"] = TOKEN
    Path(settings["HOME"]).mkdir()
    call = ["/bin/sh", str(bundle / "civicsight.sh")]

    def run(*command):
        began = time.monotonic()
        done = subprocess.run(
            command, env=settings, cwd=folder, capture_output=True, encoding="utf-8", check=False
        )
        return {
            "code": done.returncode,
            "said": done.stdout[-2000:] + done.stderr[-2000:],
            "s": time.monotonic() - began,
        }

    seen["install"] = run(*call, "rules", "--help")
    seen["check"] = run(str(bundle / "env/bin/python"), "-I", "-m", "pip", "check")
    data = bundle / "data" / "demo"
    city = [str(data / "district.gpkg"), str(data / "cameras.csv")]
    seen["coverage"] = run(*call, "coverage", *city, "--out", str(folder / "coverage"))
    seen["rasters"] = sorted(path.name for path in (folder / "coverage").glob("*.tif"))
    report = [*call, "report", *city, "--lang", "en", "--out", str(folder / "report")]
    seen["pdf"] = run(*without_pango(report))
    with app(call, settings, folder) as (address, seconds):
        seen["visit"] = visit_from_elsewhere(address, folder, browser)
        seen["health_s"] = seconds
    seen["attempts"] = attempts() - before
    (folder / "seen.json").write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "look":
        look(*sys.argv[2:])
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
