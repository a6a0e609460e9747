"""What is said of a file whose reader did not come back with it."""

from __future__ import annotations

import contextlib
import signal
from typing import Final, NoReturn

from civicsight.core import settings
from civicsight.core.errors import N_, InputError
from civicsight.core.settings import MEGABYTE
from civicsight.io.refusal import refuse

ENDED: Final = -1000
"""No code of any process: nobody has said how it ended."""


def refuse_memory(file: str) -> NoReturn:
    """Refuse a file that needs more memory than the settings allow."""
    refuse(
        "file.too_large",
        file,
        N_("a file that needs at most %(limit)s MB of memory to read",
           limit=settings.read_resident() // MEGABYTE),
        N_("Split the file, or raise %(name)s.", name="CIVICSIGHT_READ_MEMORY"),
    )  # fmt: skip


def refuse_time(file: str) -> NoReturn:
    """Refuse a file that takes longer than the settings allow."""
    refuse(
        "file.endless",
        file,
        N_("a file that is read within %(limit)g seconds", limit=settings.read_seconds()),
        N_("Split the file, or raise %(name)s.", name="CIVICSIGHT_READ_SECONDS"),
    )


def refuse_dead(file: str, code: int) -> NoReturn:
    """Refuse a file of which its reader died, by a signal or with a code."""
    how = f"signal {-code}" if code < 0 and code != ENDED else f"code {code}"
    with contextlib.suppress(ValueError):
        how = f"signal {-code}, {signal.Signals(-code).name}"
    refuse(
        "file.deadly",
        file,
        N_("a file that can be read: the process that read it died"),
        N_("Export or download the file again."),
        found=how,
    )


def refuse_damaged(file: str, found: str, trace: str = "") -> NoReturn:
    """Refuse a file that no reader could read, or of which one returned what it never does."""
    try:
        refuse(
            "file.unreadable",
            file,
            N_("a file that can be read"),
            N_("Export or download the file again."),
            found=found[:200],
        )
    except InputError as error:
        if trace:
            error.add_note(trace)
        raise
