"""Deployment settings: one table, read from the environment; analysis parameters are arguments."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import NamedTuple

import platformdirs

from civicsight.core.errors import N_, MismatchError

MEGABYTE = 1_000_000

RESIDENT = 2
"""Memory of a process that reads, as a multiple of the values: they are copied into a table."""


class Setting(NamedTuple):
    """One setting, its default and its meaning."""

    name: str
    default: str
    help: str

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"CIVICSIGHT_{self.name.upper()}"


SETTINGS = (
    Setting(
        "cache_dir",
        "",
        "Folder for compiled kernels and downloads; empty: the user's cache folder.",
    ),
    Setting("threads", "0", "Worker threads; 0: one per core this process may use."),
    Setting("language", "zh_CN", "Language of command-line output, such as zh_CN or en."),
    Setting("debug", "", "Whether internal errors show where they arose; empty: no."),
    Setting("project", "", "Project file that the app opens; empty: it begins with its projects."),
    Setting("projects", "", "Folder of the app's projects; empty: the user's folder for data."),
    Setting("read_memory", "2000", "Megabytes that the values of one file may take when read."),
    Setting(
        "plan_memory", "4000", "Megabytes that finding candidates may take beside the city itself."
    ),
    Setting("read_seconds", "900", "Seconds after which the reading of one file is given up."),
    Setting("read_scratch", "4000", "Megabytes that reading one file may write to the disk."),
    Setting(
        "unfenced",
        "",
        "Whether files are read where Linux fences off neither other files nor calls: yes or no; "
        "empty: only where nobody signs in to the app.",
    ),
    Setting("accounts", "", "File of the app's accounts; empty: the user's configuration folder."),
    Setting("token", "", "Token of the app without accounts; empty: a new one; none: none."),
    Setting("visit_uploads", "120", "Files that one visit of the app may hold in memory [MB]."),
    Setting("all_uploads", "480", "Files that all its visits may hold together [MB]."),
    Setting(
        "person_uploads",
        "200",
        "Files that one person may have on the server, also read ones [MB].",
    ),
    Setting("person_files", "10", "Files of one person that may wait or be read."),
    Setting("upload_scratch", "1000", "Files of all that may wait or be read [MB]."),
    Setting("reads", "3", "Files that the app reads at once, one of each person."),
    Setting("today", "", "Day that results are dated and judged by, YYYY-MM-DD; empty: today."),
    Setting(
        "basemaps",
        "",
        "Own basemaps of the app, NAME=FILE or NAME=ADDRESS with | between them; empty: none.",
    ),
    Setting("solver", "highs", "Solver of plans, by its name: highs, or one of another package."),
    Setting(
        "extensions",
        "",
        "What other installed packages add: formats, pages, commands and others; empty: all of it; "
        "none: nothing.",
    ),
    Setting("frame_origins", "", "Origins that may show the app in a frame; empty: none."),
)


def setting(name: str) -> str:
    """Return a setting from the environment, or its default."""
    for entry in SETTINGS:
        if entry.name == name:
            return os.environ.get(entry.variable, entry.default)
    raise KeyError(name)


def chosen(names: Collection[str]) -> dict[str, str]:
    """Return those of some settings that are in the environment, by their variables."""
    variables = [entry.variable for entry in SETTINGS if entry.name in names]
    return {name: os.environ[name] for name in variables if name in os.environ}


def cache_dir() -> Path:
    """Return the folder for caches; it is created on first write, for this user only."""
    chosen = setting("cache_dir") or platformdirs.user_cache_dir("civicsight", appauthor=False)
    return Path(chosen).absolute()


def projects_dir() -> Path:
    """Return the folder of the app's projects; it is created with the first one."""
    chosen = setting("projects")
    if not chosen:
        chosen = str(Path(platformdirs.user_data_dir("civicsight", appauthor=False)) / "projects")
    return Path(chosen).absolute()


def upload_bytes() -> tuple[int, int]:
    """Return how much of files one visit of the app may hold, and all together [bytes]."""
    visit, every = (int(setting(name)) * MEGABYTE for name in ("visit_uploads", "all_uploads"))
    return visit, every


def inbox_bounds() -> tuple[int, int, int, int]:
    """Return what may wait or be read: bytes and files of a person, bytes of all; and reads."""
    person, every = (int(setting(name)) * MEGABYTE for name in ("person_uploads", "upload_scratch"))
    return person, int(setting("person_files")), every, int(setting("reads"))


def read_memory() -> int:
    """Return how many bytes the values of one file may take when they are read."""
    return int(setting("read_memory")) * 1_000_000


def read_resident() -> int:
    """Return how many bytes of memory a process that reads one file may take."""
    return RESIDENT * read_memory()


def plan_memory() -> int:
    """Return how much finding candidates may take beside the city [MB]."""
    return int(setting("plan_memory"))


def read_seconds() -> float:
    """Return after how long the reading of one file is given up [s]."""
    return float(setting("read_seconds"))


def read_scratch() -> int:
    """Return how many bytes the reading of one file may write to the disk."""
    return int(setting("read_scratch")) * MEGABYTE


def reads_unfenced(*, of_others: bool) -> bool:
    """Tell whether a file is read where the system lacks a fence that guards other files.

    Parameters
    ----------
    of_others
        Whether it may be the file of another person than the one who runs the program.

    Raises
    ------
    MismatchError
        If the setting is neither yes nor no.
    """
    said = setting("unfenced")
    if said not in ("", "yes", "no"):
        raise MismatchError(
            N_(
                "the setting CIVICSIGHT_UNFENCED is %(found)s; expected yes, no, or nothing",
                found=repr(said),
            )
        )
    return not of_others if said == "" else said == "yes"


def worker_count() -> int:
    """Return how many worker threads to use."""
    chosen = int(setting("threads"))
    if chosen > 0:
        return chosen
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def present_day() -> date:
    """Return the local day that results are dated and deadlines are judged by.

    What the audit of a store and its backups write is the time itself, whatever the setting says.

    Raises
    ------
    MismatchError
        If the setting is no day.
    """
    chosen = setting("today")
    try:
        return date.fromisoformat(chosen) if chosen else date.today()  # noqa: DTZ011 - local
    except ValueError:
        raise MismatchError(
            N_(
                "the setting CIVICSIGHT_TODAY is %(found)s; expected a day, such as 2026-03-01",
                found=repr(chosen),
            )
        ) from None
