"""The protocol of an acceptance: what was measured of each camera, beside what was planned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from civicsight.core.i18n import in_all
from civicsight.planning.works.acceptance import CHECKS, WHAT
from civicsight.report.tables import write_csv

if TYPE_CHECKING:
    from civicsight.planning.works.acceptance import Acceptance

PROTOCOL: Final = "acceptance.csv"


def write_acceptance(path: Path, found: Acceptance) -> None:
    """Write every camera and thing measured as a table, words in all languages."""
    protocol = found.checks.set_index("camera_id")
    protocol["what"] = [in_all(WHAT[code]) for code in protocol["what"]]
    write_csv(path, protocol, CHECKS)
