"""A hand-over package as it came: its files looked at one by one and handed out, none decoded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from civicsight.core.errors import N_, InputError, Text, refuse
from civicsight.io.vectors.archive import unpacked
from civicsight.io.vectors.files import require_file

ANEW: Final[Text] = N_("Have the package written anew by whoever handed it over.")


def read_handover(path: str | Path) -> dict[str, npt.NDArray[np.uint8]]:
    """Return the bytes of each file of a package, by its name.

    Raises
    ------
    InputError
        As `archive.unpacked`: links, devices, names that lead out, bombs, passwords and archives
        within are refused; also if its files do not lie in one folder.
    """
    file = require_file(path)
    try:
        with unpacked(file) as members:
            if len({member.parent for member in members}) > 1:
                refuse("handover.folders", file.name, N_("a package with all files in one folder"),
                       ANEW)  # fmt: skip
            return {one.name: np.frombuffer(one.read_bytes(), np.uint8) for one in members}
    except InputError as error:
        # An archive of layers is packed again by whoever has it; a package is bound by its list.
        raise InputError([replace(fault, remedy=ANEW) for fault in error.faults]) from None
