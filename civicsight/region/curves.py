"""The curve of a county as a table of text, as its plan wrote it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from civicsight.io.vectors.files import require_file
from civicsight.planning.prices.terms import BudgetOf
from civicsight.region.faults import reject
from civicsight.region.split import COLUMNS

MOST_BYTES = 1_000_000


def read_curve(path: Path) -> pd.DataFrame:
    """Read the curve of a county: CSV with the columns of `cost_coverage_curve.curve`.

    Raises
    ------
    InputError
        If it is no such table.
    """
    file = require_file(path)
    if file.stat().st_size > MOST_BYTES:
        reject(
            "region.curve:file",
            file.name,
            found=f"{file.stat().st_size} bytes",
            names=", ".join(COLUMNS),
        )
    try:
        has_sum = "budget_of" in pd.read_csv(file, nrows=0, encoding="utf-8-sig")
        names = [*COLUMNS, "budget_of"] if has_sum else list(COLUMNS)
        table = pd.read_csv(file, usecols=names, encoding="utf-8-sig")
        known = table[list(COLUMNS)].astype("float64")
        if not has_sum:
            return known
        return known.assign(budget_of=[BudgetOf(str(each)) for each in table["budget_of"]])
    except ValueError as error:  # of pandas as well
        reject("region.curve:file", file.name, found=str(error)[:200], names=", ".join(COLUMNS))
