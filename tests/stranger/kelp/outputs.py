"""The file that a check leaves."""

from __future__ import annotations

from civicsight.core.errors import in_languages
from civicsight.report.check_files import Output

OUTPUT = Output(
    "kelp.txt",
    in_languages({"zh": "海藻", "en": "Kelp"}),
    lambda made, path: path.write_text(f"cameras: {len(made.result.cameras)}\n", "utf-8"),
)
