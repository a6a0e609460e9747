"""Faults of registers compared with lists: by code, what was expected and how to mend it."""

from __future__ import annotations

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

declare(
    {
        "cell.value:day": (
            "a date such as 2026-03-01",
            "Correct the cell, or leave it empty to leave the difference open.",
        ),
        "cell.value:word": (
            "one of %(choices)s",
            "Correct the cell, or leave it empty to leave the difference open.",
        ),
        "inventory.decided_on": (
            "a day such as 2026-03-01, not after today (%(today)s)",
            "Enter the day of the decision.",
        ),
        "inventory.gone": (
            "a difference between this list and the register as it is now",
            "The register or the list has changed since: write the table anew, and decide in that.",
        ),
        "inventory.nobody": (
            "who settled %(count)s differences, and on which day",
            "Name the person who answers for it: --by NAME, or a column of the table.",
        ),
        "inventory.number_taken": (
            "a number that no other camera of the register has",
            (
                "Settle the other camera of this number as well, keep the number of before, or "
                "correct the list."
            ),
        ),
        "inventory.rule": (
            (
                "a kind, perhaps a column, and a decision, such as missing=keep, "
                "changed:height_m=take or moved=take@0.95; kinds are %(kinds)s"
            ),
            "Write the rule so; take follows the list, keep the register.",
        ),
        "list.unread": (
            "a list of which rows can be read",
            "Correct the rows that are named, and read the list again. Nothing was compared.",
        ),
        "survey.stands": (
            "a planned point: this camera stands",
            "If it was taken down, say so in the register: civicsight inventory reconcile.",
        ),
        "survey.unknown": (
            "the number of a camera or a planned point of the project",
            "Take the number from the list of the survey; gates go back by their own list.",
        ),
        "table.missing_column:decisions": (
            "a column %(name)s",
            "Fill in the table that was written with the differences, and keep its columns.",
        ),
    }
)
