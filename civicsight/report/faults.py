"""Faults of what is written: by code, what was expected and how to mend it."""

from __future__ import annotations

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

declare(
    {
        "catalogue.id": (
            "the id of a camera: 20 digits, 131 or 132 in digits 11 to 13",
            (
                "Enter the id of GB/T 28181 as the identifier of the camera, or in a column gb_id "
                "of the inventory."
            ),
        ),
        "catalogue.mandatory": (
            "a value: the standard asks for it at a point of this class",
            "Fill it in where the file is marked.",
        ),
        "catalogue.secret": (
            "a camera that is no secret",
            "Secret cameras belong into no file of this tool.",
        ),
        "edition.hidden": (
            "a plan that rests on no hidden record, and has no hidden point",
            (
                "Draw up the plan for the public from the public inventory, and publish that one: "
                "civicsight plan optimise --public."
            ),
        ),
        "plan.told": (
            "what the documents say, as it was written",
            "Take the version from the project file or from a backup.",
        ),
    }
)
