"""Faults of drafts: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

AGAIN: Final = "Do it again in the app."

declare(
    {
        "edit.base": (
            "a draft of the project that is open",
            "Open the project that it was drawn in.",
        ),
        "edit.class": ("a class of places that has to be covered", "Choose another class."),
        "edit.command:flag": ("true or false", AGAIN),
        "edit.command:id": ("an id, which inventories write as they like", AGAIN),
        "edit.command:missing": ("a value", AGAIN),
        "edit.command:none": ("a command", AGAIN),
        "edit.command:number": ("a finite number", AGAIN),
        "edit.command:point": ("two coordinates", AGAIN),
        "edit.command:points": ("at most %(count)s points", AGAIN),
        "edit.command:strange": ("no field of this name", AGAIN),
        "edit.command:text": ("a text of at most %(count)s characters", AGAIN),
        "edit.command:word": ("one of %(choices)s", AGAIN),
        "edit.draft": (
            "a draft as the app keeps it",
            "Begin anew, or open the version saved last.",
        ),
        "edit.empty": ("a text", "Write the remark."),
        "edit.far": ("a sound shape in the city or within %(metres)s m of it", "Draw it again."),
        "edit.flat": ("a top above its underside", "Correct both heights."),
        "edit.foreign": ("changes that the commands of the draft made", "Open the plan again."),
        "edit.front": (
            "a gate that the map or a way shows; this is only the front of the place",
            "Confirm the gate where it really is, then this guess goes.",
        ),
        "edit.many": ("at most %(count)s commands", "Save the plan and open it again."),
        "edit.other:answer": (
            "one camera in the answer and in what it allows",
            "Answer for this camera.",
        ),
        "edit.points": ("at least %(count)s points", "Draw it again."),
        "edit.removed": ("a camera that stands", "Undo its removal."),
        "edit.taken": ("an id that is not taken", "Choose another id."),
        "edit.unknown": ("the id of a row of %(table)s", "Choose one on the map."),
        "gate.another": (
            "the gate of this id, which is presumed %(far)s m from there now",
            (
                "Nothing was taken from the row. Write the list anew and answer there, or add the "
                "gate to the register of entrances."
            ),
        ),
        "gate.far": (
            "a place up to %(most)s m from its own, not %(far)s m",
            "Correct longitude and latitude, or name their geodetic system.",
        ),
        "gate.front": (
            "yes or moved: this is only the front of the place, which has a gate somewhere",
            "Say moved and where the gate really is, or leave the row empty.",
        ),
        "gate.unknown": (
            "a gate that is asked for",
            (
                "Nothing was taken from the row. Write the list anew and answer there, or add the "
                "gate to the register of entrances."
            ),
        ),
        "gates.list": (
            "the list of gates that was written from this project",
            "Hand that list in as it was filled in.",
        ),
        "project.gone": (
            "a project of the list",
            "Look at the list again: somebody may have moved it.",
        ),
        "project.name": ("a name for the project", "Say what it is called."),
        "project.there": (
            "a name that no project has yet",
            "Give another name; nothing that is there is written over.",
        ),
        "room_use": (
            "what the room of %(place)s is used for",
            "Say it; inside a room where people live or sleep no camera may stand.",
        ),
    }
)
