"""What both measurements of the app share: a free port, and how busy the machine is."""

from __future__ import annotations

import os
import socket


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def machine_load() -> str:
    """Return the processes that wanted a core in the last 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())
