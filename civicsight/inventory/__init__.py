"""The living register of cameras: a new list held against it, what differs, what was settled.

`reconcile` finds which row of a list is which camera of the register and how surely, and lists each
difference; `settle` takes what people decided, singly or by rule; `take_over` puts it into the
project with who, when and why; `take_census` counts.
"""

from __future__ import annotations

from civicsight.inventory.census import Census, take_census
from civicsight.inventory.difference import Reconciliation, reconcile
from civicsight.inventory.settling import Rule, read_rule, settle
from civicsight.inventory.taking import take_over

__all__ = ["Census", "Reconciliation", "Rule", "read_rule", "reconcile", "settle", "take_census",
           "take_over"]  # fmt: skip
