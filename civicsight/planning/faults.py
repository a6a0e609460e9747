"""Faults of plans and of what they are made from: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

RESTORE: Final = "Take the version from the project file or from a backup."
TWICE: Final = "Remove one of the rows."

declare(
    {
        "acceptance.camera": ("the id of a camera of the plan", "Use the ids of the inventory."),
        "boundary.empty": (
            "a boundary that lies where the data lie",
            "Choose another district, or look at the coordinate system of the file.",
        ),
        "consultation.drawn": (
            "a version that the optimiser drew up",
            "Write its papers in the app, on the page Report.",
        ),
        "funds.column": (
            "a column budget_yuan or floor",
            "Name the columns year, district, budget_yuan and floor.",
        ),
        "funds.district": (
            "a district of the city, by name or code: %(known)s",
            "Name the district as the register does, or leave the cell empty for all of them.",
        ),
        "funds.row:empty": ("money or a floor", "Fill in the row, or remove it."),
        "funds.row:once": ("each year and district once", TWICE),
        "funds.row:whose": (
            "the district of the floor",
            "Name the district that the floor is for.",
        ),
        "funds.year": (
            "a year of the plan: %(years)s",
            "Ask for this year with --years, or remove the row.",
        ),
        "payers.column": (
            "a column source or unit",
            "Name the columns camera_id, owner, district, measure, source and unit.",
        ),
        "payers.row:nothing": (
            "a source of money or a responsible unit",
            "Fill in the row, or remove it.",
        ),
        "payers.row:once": ("each point once", TWICE),
        "payers.row:shares": (
            "one of %(known)s, several with shares that add up to 100 %%, or nothing",
            "Use one of these words, or leave the cell empty.",
        ),
        "payers.row:word": (
            "one of %(known)s, or nothing",
            "Use one of these words, or leave the cell empty.",
        ),
        "plan.changed": ("the document that the list of the plan has", RESTORE),
        "plan.damaged": ("a plan as it was written", RESTORE),
        "plan.damaged:list": ("the list as it was written", RESTORE),
        "plan.foreign": ("no document that the list of the plan has not", RESTORE),
        "plan.missing": ("the document of this name", RESTORE),
        "plan.pin_forbidden": (
            "a camera that is either pinned to a year or left alone",
            "Take it out of one of the two.",
        ),
        "plan.pin_idle": (
            "a camera that this plan can change, or a candidate, such as %(names)s",
            (
                "Nothing can be done with this camera: it stays as it is. Leave the year out, or "
                "pin one that civicsight plan candidates lists."
            ),
        ),
        "plan.pin_unknown": (
            "a camera of the inventory or a candidate, such as %(names)s",
            "Correct the name, or leave the year out.",
        ),
        "plan.pin_year": (
            "a year of the plan: %(years)s",
            "Ask for this year with --years, or pin the camera to another.",
        ),
        "plan.pin_urgent": (
            "the first year of the plan: %(year)s",
            (
                "The camera breaks the law, and that ends in the first year: pin it to that year, "
                "or leave the year out."
            ),
        ),
        "plan.year": (
            "a year from %(first)s to %(last)s",
            "Works begin this year at the earliest: correct the year.",
        ),
        "policy.row:aim": (
            "one of %(names)s, each once",
            "Name an aim of the list in one row; the rows are their order.",
        ),
        "policy.row:class": (
            "each class of places once",
            "Name a class as the rule pack does, in one row.",
        ),
        "policy.row:columns": (
            "a column aim, or the columns class and weight",
            "Name the columns aim, class and weight.",
        ),
        "policy.row:row": ("an aim, or a class with its weight", "Give each its own row."),
        "policy.row:weight": ("a number above 0", "Give the weight as a number such as 2 or 0.5."),
        "price.column": (
            "a column %(name)s",
            "Name the columns item, unit, price_yuan, source, date and basis.",
        ),
        "price.row:missing": (
            "a row for the item %(item)s",
            "Add a row for it, with the price free where nothing is paid.",
        ),
        "price.row:once": ("each item once", TWICE),
        "price.row:uncounted": (
            "an item that a plan counts, such as %(near)s",
            "Correct the name, or remove the row: it would count for nothing.",
        ),
        "progress.future": (
            "a day up to %(day)s",
            "What is only planned stays empty; or judge on a later day with --on.",
        ),
        "progress.unknown": (
            "a measure of the plan that builds something",
            "Take the numbers from the plan that was approved.",
        ),
        "replies.body": ("a department that was asked", "Leave this column as it was written."),
        "replies.file:several": (
            "the answers of one department",
            "Bring the file of each department in by itself.",
        ),
        "replies.file:silent": (
            "an answer to the plan as a whole, in row %(row)s",
            "Silence is no opinion: ask for it.",
        ),
        "replies.reply_id": (
            "the number of a point of the plan",
            "Leave this column as it was written.",
        ),
        "replies.root": (
            "the version whose root begins with %(start)s",
            "Ask the department about this version: write its package again.",
        ),
        "root.not_whole": (
            (
                "the whole root of the version: 64 digits and letters from a to f, as page one of "
                "its paper has it where the approval is"
            ),
            "Copy all 64. The first %(count)s look a version up and prove nothing.",
        ),
    }
)
