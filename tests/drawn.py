"""How much is drawn at random: the quick run and the long proofs differ by one factor."""

from __future__ import annotations

import os
import re

LONG = os.environ.get("CIVICSIGHT_TEST_PROFILE") == "long"
LONGER = 20 if LONG else 1
"""What a test multiplies its own number of cases by."""

HIGH_RUN = re.compile("[\u00a1-\u00fe]{4}")


def is_unspoilt(text: str) -> bool:
    """Tell whether a text cannot be taken for GBK that was read as Latin, which is refused."""
    return HIGH_RUN.search(text) is None
