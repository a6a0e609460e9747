"""Workbooks that went out to be filled in, read back: the sheet that holds the answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from civicsight.core.errors import InputError, Text
from civicsight.core.i18n import in_all
from civicsight.io.apart.reading import read_apart
from civicsight.io.source_options import NOTHING, Declared


def read_filled_in(
    reader: str, path: Path, sheet: Text, declared: Declared = NOTHING, **asked: Any
) -> Any:
    """Read the sheet that was filled in, or a table that has no sheet of that name.

    Parameters
    ----------
    reader, path
        Name of a reader of `reader_registry.READERS`, and the file.
    sheet
        What the sheet is called, in all languages one behind the other.
    declared, asked
        What a person knows of the file, a sheet of his before ours; what else the reader is asked.

    Raises
    ------
    InputError
        As the reader.
    """
    if declared.layer is not None:
        return read_apart(reader, path, declared=declared, **asked)
    try:
        return read_apart(reader, path, declared=replace(declared, layer=in_all(sheet)), **asked)
    except InputError as error:
        if {fault.code for fault in error.faults} != {"layer.missing"}:
            raise
        return read_apart(reader, path, declared=declared, **asked)
