"""Print what five hundred spoilt files and sixty projects came to: ``python -m tests.spoilt``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.spoilt.run import run, table

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="civicsight-spoilt-") as folder:
        each = int(sys.argv[1]) if len(sys.argv) > 1 else None
        sys.stdout.write(table(run(Path(folder), each)))
