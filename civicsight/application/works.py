"""The works of a plan: a month's report against it, and what was measured of what was built."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from civicsight.application.faults import fault
from civicsight.application.report_subject import (
    Reported,
    list_reported,
    plan_of,
    project_left,
    read_reported,
)
from civicsight.core.errors import InputError
from civicsight.inventory.filled_in import read_filled_in
from civicsight.io.source_options import Declared
from civicsight.planning.works.acceptance import accept
from civicsight.planning.works.progress import NO_WORKS, follow_works
from civicsight.report.acceptance import PROTOCOL, write_acceptance
from civicsight.report.progress import BOOK, FILLED, write_progress, write_to_fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from civicsight.core.progress import Progress as Tick
    from civicsight.editing.project import Project
    from civicsight.io.local_systems import LocalSystem
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.works.acceptance import Acceptance
    from civicsight.planning.works.progress import Progress
    from civicsight.presentation.names import Names
    from civicsight.store import Actor

PROGRESS, MEASURED = "progress", "measured"
"""Tables that come back, by the name of their reader and template."""

TABLES: Final = ("xlsx", "csv")


def list_built(project: Project, actor: Actor) -> list[Reported]:
    """Return the versions whose works can be followed: those that were approved, newest first."""
    approved = [one for one in list_reported(project, actor) if one.approved]
    return sorted(approved, key=lambda one: one.head.created_at, reverse=True)


def read_built(project: Project, actor: Actor, one: Reported) -> Plan:
    """Read the plan of a version; the store asks the right.

    Raises
    ------
    Denied
        If it is not open to somebody.
    InputError
        If the version keeps no cameras.
    """
    return plan_of(project, read_reported(project, actor, *one.key))


def follow(plan: Plan, name: str, content: bytes, day: str) -> Progress:
    """Hold a month's report against a plan, read in a process of its own.

    Parameters
    ----------
    plan, name, content
        Which plan, and the table as it was sent.
    day
        Day on which it is judged, ISO 8601.

    Raises
    ------
    InputError
        If the table cannot be used, or the day is none.
    """
    on = _day(day)
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = _written(Path(scratch), PROGRESS, name, content)
        reported, _ = read_filled_in(PROGRESS, path, FILLED, crs=plan.measures.crs)
    return follow_works(plan.measures, reported, on, source=name)


def book_of(found: Progress, name: str, root: str, changed: Sequence[str] = ()) -> bytes:
    """Return the workbook of a report of the works."""
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        write_progress(found, scratch, name=name, root=root, languages=(), changed=changed)
        return (Path(scratch) / BOOK).read_bytes()


def protocol_of(found: Acceptance) -> bytes:
    """Return the protocol of an acceptance as a table."""
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / PROTOCOL
        write_acceptance(path, found)
        return path.read_bytes()


def template_of(
    table: str, plan: Plan, of: Reported, names: Names, changed: Sequence[str] = ()
) -> bytes:
    """Return the table that is filled in and comes back, with the points that a plan builds."""
    measures = plan.measures
    works = measures[~measures["measure"].isin(NO_WORKS)]
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / f"{table}.xlsx"
        called = [names.label(label) for label in works.index]
        write_to_fill(
            path, table, works, called, name=of.plan.name, root=of.head.digest, changed=changed
        )
        return path.read_bytes()


def accept_built(
    project: Project,
    actor: Actor,
    one: Reported,
    name: str,
    content: bytes,
    *,
    local: LocalSystem | None = None,
    progress: Tick | None = None,
) -> Acceptance:
    """Compare what was measured with what a version planned, and compute the coverage as built.

    Parameters
    ----------
    project, actor, one
        Which version, and who asks.
    name, content
        What was measured, a table as it was sent.
    local
        The local system of its X and Y; without it they are in the CRS of the city.
    progress
        Called with the share that is computed.

    Raises
    ------
    Denied
        If the version is not open to somebody.
    InputError
        If the table cannot be used, or names a camera that the plan does not have.
    """
    version = read_reported(project, actor, *one.key)
    plan = plan_of(project, version)
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = _written(Path(scratch), MEASURED, name, content)
        city = project.city
        measured, _ = read_filled_in(
            MEASURED, path, FILLED, Declared(local=local), crs=city.crs, near=city.extent
        )
    planned = project_left(project, version, one.plan.name, progress).result
    wanted = plan.works.index[plan.works["measure"].ne("drop")]
    return accept(planned, measured, wanted=map(str, wanted))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError([fault("app.day", found=text[:20])]) from None


def _written(folder: Path, table: str, name: str, content: bytes) -> Path:
    """Write a table that a browser sent, under a name of ours."""
    end = Path(name).suffix.lower().lstrip(".")
    path = folder / f"{table}.{end if end in TABLES else TABLES[0]}"
    path.write_bytes(content)
    return path
