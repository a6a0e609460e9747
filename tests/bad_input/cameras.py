"""Bad inputs: cameras."""

from __future__ import annotations

from tests.bad_input.case import Case

CASES: tuple[Case, ...] = ()
