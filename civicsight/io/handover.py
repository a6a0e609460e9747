"""A hand-over package as it came: its files looked at one by one and handed out, none decoded."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

from civicsight.core.errors import InputError, Text
from civicsight.io.faults import ANEW, reject
from civicsight.io.vectors.archive import unpacked
from civicsight.io.vectors.files import require_file

END: Final = b"PK\x05\x06"
END_BYTES: Final = 22


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
            _require_bare(file)
            if len({member.parent for member in members}) > 1:
                reject("handover.folders", file.name)
            return {one.name: np.frombuffer(one.read_bytes(), np.uint8) for one in members}
    except InputError as error:
        # An archive of layers is packed again by whoever has it; a package is bound by its list.
        raise InputError([replace(fault, remedy=Text(ANEW)) for fault in error.faults]) from None


def _require_bare(file: Path) -> None:
    """Refuse an archive with anything before its first file or behind its list of files.

    References
    ----------
    PKWARE, APPNOTE.TXT 6.3.10, 4.3.16: end of central directory, 22 bytes without a comment.
    """
    with ZipFile(file) as archive, file.open("rb") as content:
        begins = min((entry.header_offset for entry in archive.infolist()), default=0)
        content.seek(-END_BYTES, os.SEEK_END)
        if begins or not content.read().startswith(END):
            found = f"{begins} bytes before" if begins else "bytes behind"
            reject("handover.bytes", file.name, found=found)
