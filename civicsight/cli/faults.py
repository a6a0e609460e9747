"""Faults of what is typed: by code, what was expected and how to mend it."""

from __future__ import annotations

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

declare(
    {
        "accounts.differ": ("the same password twice", "Run the command again."),
        "accounts.unknown": (
            "a name that has an account",
            "'civicsight app-user list' names them.",
        ),
        "approval.none": (
            "a version that was approved, in its project file",
            "Name the project file that holds the approval, or leave the scan out.",
        ),
        "approval.scan": (
            "the scan whose digest the approval has: %(digest)s",
            "Give the file that was given to plan approve, unchanged.",
        ),
        "option.no_effect": (
            "%(others)s beside it, without which it changes nothing",
            "Add what is expected, or leave this option out.",
        ),
        "option.paper": (
            "either this or --root",
            "Leave one of them out: both say which version was seen.",
        ),
        "option.pin": ("one year for each camera", "Keep one of the two years."),
        "option.settle": ("one decision for each", "Keep one of the two."),
        "option.sum": (
            "investment or works",
            "Name the sum that the money limits, or leave the option out for investment.",
        ),
        "plan.folder": (
            "nothing: a folder has one plan and no versions",
            "Leave the option out, or name the project file that holds the plans.",
        ),
        "plan.other": (
            "the other plan, or an earlier version: --version",
            "Name what it is compared with; else it is compared with itself.",
        ),
        "region.no_results": (
            "a folder of results of a region",
            "Run civicsight region check first, or name its folder with --results.",
        ),
        "tokens.role": (
            "the name of an account, or a role",
            "Say with --role what the token may see, such as analyst.",
        ),
        "tokens.unknown": ("a name that has a token", "'civicsight app-token list' names them."),
    }
)
