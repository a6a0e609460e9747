"""How much is drawn at random: the quick run and the long proofs differ by one factor."""

from __future__ import annotations

import os

LONG = os.environ.get("CIVICSIGHT_TEST_PROFILE") == "long"
LONGER = 20 if LONG else 1
"""What a test multiplies its own number of cases by."""
