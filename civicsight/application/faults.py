"""Faults of what is asked of the application: by code, what was expected and how to mend it."""

from __future__ import annotations

from civicsight.core.faults import declare, fault, reject
from civicsight.io.faults import ANEW

__all__ = ["fault", "reject"]

declare(
    {
        "app.columns": (
            "one column for each field",
            "Say of all but one of them what else they are, or that they are not used.",
        ),
        "app.crs": (
            "a coordinate system by its number in EPSG, such as EPSG:4548",
            "Ask who made the file for the number. Nothing was read.",
        ),
        "app.day": ("a date such as 2026-03-01", "Write year, month and day."),
        "app.denied:role": (
            "a role that has the right to do this",
            "Ask somebody who has the right.",
        ),
        "app.denied:visit": ("a visit that stands", "Sign in again."),
        "app.district": (
            "an output that holds nothing of other districts",
            "Take the public edition, or ask a municipal planner.",
        ),
        "app.full:files": (
            "at most %(count)s files of yours that wait",
            "Wait until one of them is read, or cancel one; then send this one again.",
        ),
        "app.full:server": (
            "room for files that wait: the server has none left",
            (
                "Send it again in a few minutes. If that is often so, ask the administrator of the "
                "server to raise %(name)s."
            ),
        ),
        "app.full:size": (
            "at most %(size)s MB of yours, with those that were read and not put away",
            "Put one of them away, or cancel one; then send this one again.",
        ),
        "app.import:city": (
            "one table or layer, not a whole city",
            "Say above what it holds, or open a city on the command line: civicsight import.",
        ),
        "app.import:size": (
            "at most %(size)s MB",
            "Import it on the command line: civicsight import.",
        ),
        "app.import:twice": (
            "files that change different rows",
            "Put one of them away, or take the project with the first and open it.",
        ),
        "app.no_cameras": (
            "a version that keeps cameras",
            "Take the plan itself, or choose another version.",
        ),
        "app.no_plan": (
            "a plan with a version",
            "Save a draft as a version first, or optimise a plan.",
        ),
        "app.not_latest": (
            "the latest version of the plan",
            "Choose it: opinions hold for the version that was seen.",
        ),
        "app.released": (
            "a file that is still here",
            "Its room was needed, or its visit is over. Send it again.",
        ),
        "approval.city": (
            "the city that the version was made of, to compare it with what is there now",
            "Add --city with the project file, and --rules with the packs of the plan.",
        ),
        "draft.overtaken": (
            "the draft as this window shows it; %(who)s changed it in another window at %(at)s",
            (
                "Show the newer draft in this window and repeat what you did last; nothing of it "
                "was lost."
            ),
        ),
        "edit.other:app": (
            "a version that was drawn in the app",
            "Choose another plan, or begin a new one.",
        ),
        "handover.base": (
            "a package that began with a version of this plan",
            "Hand this plan over first, and have its package worked on and sent back.",
        ),
        "handover.decision": (
            "something that differs, and one of %(choices)s",
            "Look at the differences again: one side may have changed since.",
        ),
        "handover.drawn": ("what the commands of the draft draw", ANEW),
        "handover.open": ("a decision: %(choices)s", "Look at both, and say which one holds."),
        "handover.project": (
            "a plan of the project that is open",
            (
                "Take the changes of its project over first (civicsight import project.gpkg "
                "--into), or open the project that the plan was handed over with."
            ),
        ),
        "handover.stale": (
            "the project in which the version was drawn",
            "Hand it over with the project file that it was drawn in.",
        ),
        "handover.twice": (
            "ours or theirs: what is theirs is here already, since this package was taken over",
            "Say which of the two holds, or take one of them out of the draft.",
        ),
        "job.project": ("the project as it was when it was opened", "Open the project again."),
        "review.paper": (
            "a file that was written of one version of this plan",
            "Choose the sheet of the decision, the page of the plan, or its package.",
        ),
        "store.no_end:package": (
            "a package that was handed over from these plans",
            "Give a package that left these plans, or that came back to them.",
        ),
        "tokens.account": (
            "role and district of the account of that name",
            "Leave out --role and --district, or choose another name.",
        ),
        "tokens.days": ("1 to %(most)s days", "Make another token when this one ends."),
        "tokens.role:right": (
            "a role that may take something out of a project",
            "Choose another role.",
        ),
    }
)
