"""A server of PostgreSQL for tests: its own, reached from this machine alone, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, make_url, text

from civicsight.store import postgis

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
"""One for each version that is installed."""

SHARED = Path("/usr/share/postgresql")

WITH_POSTGIS = [
    server
    for server in SERVERS
    if (SHARED / server.parent.parent.name / "extension" / "postgis.control").exists()
]

HAS_DRIVER = find_spec("psycopg") is not None


@contextmanager
def serving(initdb: Path) -> Iterator[URL]:
    """Start a server that only this machine reaches, and end it."""
    bin_, folder = initdb.parent, Path(tempfile.mkdtemp(prefix="civicsight-"))
    # PostgreSQL refuses to run as root.
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command):
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **user)

    data = str(folder / "data")
    run(bin_ / "initdb", "-D", data, "-A", "trust", "-U", "civicsight", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run(bin_ / "pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield make_url(f"postgresql+psycopg://civicsight@127.0.0.1:{port}/postgres")
    finally:
        run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: URL, name: str) -> str:
    """Make an empty database and return its URL."""
    engine = postgis.connect(server).engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


def without_postgis(patch) -> None:
    """Let a store live in a server that lacks PostGIS: tables and guards, but no layers to see.

    What commands read and write is the same; only other programs would miss the geometries.
    """
    full = postgis.POSTGIS

    class Plain:
        def __init__(self, connection):
            self.connection = connection

        def exec_driver_sql(self, statement):
            if "EXTENSION" not in statement and "gist" not in statement:
                return self.connection.exec_driver_sql(statement)
            return None

    bare = replace(
        full,
        lay_out=lambda connection: full.lay_out(Plain(connection)),
        show=lambda _connection: None,
        shown=lambda _connection, _file: [],
    )
    patch.setattr(postgis, "POSTGIS", bare)
