"""The editor of a plan: the session, what is selected, and what waits for an answer.

No page is known here: what a person does comes in as events of the map or as commands, and whatever
is not allowed stays in the editor as the reason, with the plan as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from civicsight.application.drafts import KeptDraft, draft_of
from civicsight.application.obstacles import Judged
from civicsight.application.workflow import open_session, perform, save
from civicsight.core.errors import CivicsightError
from civicsight.editing.commands import (
    Add,
    Aim,
    AnswerRoomUse,
    Command,
    DrawObstacle,
    DrawZone,
    Move,
    Ring,
)
from civicsight.editing.draft import Draft, free_id
from civicsight.editing.edit_context import EditContext, edit_context_of
from civicsight.editing.gap_changes import part_changes
from civicsight.editing.preview import Preview, preview
from civicsight.editing.project import Project
from civicsight.editing.refusals import RoomUseAsked
from civicsight.editing.session import PlanSession, begin
from civicsight.maps.events import Event, azimuth_to, corners_of, place_of
from civicsight.maps.live import Tool
from civicsight.store import ALLOWED, Act, Actor

CAMERAS, PARTS, ZONES = "cameras", "parts", "zones"
"""Layers of the map whose features can be selected."""

WALL: Final = "wall"
"""What is drawn as a line."""


def open_editor(project: Project, actor: Actor, cache_dir: Path) -> EditorState:
    """Lay out the plan as it was saved last, or the draft that somebody left.

    Where the plan cannot be opened, the editor shows the project and says why; nobody draws on it.
    """
    edit_context = edit_context_of(project)
    fresh = begin(project.city, edit_context.guard, project.base)
    editor = EditorState(
        project, edit_context, cache_dir, fresh, draft_of(cache_dir, project, actor)
    )
    renew(editor, actor)
    return editor


def renew(editor: EditorState, actor: Actor) -> None:
    """Lay out in an editor what another window of the same person, or an earlier visit, left."""
    editor.refused = editor.asked = None
    try:
        editor.session = open_session(editor.project, actor, editor.edit_context.guard)
    except CivicsightError as error:
        editor.refused = error
        return
    editor.may_draw = all(actor.role in ALLOWED[act] for act in (Act.CREATE, Act.COMMIT))
    if editor.may_draw:
        _take_up(editor, actor)


def act(editor: EditorState, actor: Actor, *commands: Command) -> bool:
    """Give commands, all or none; what stands in the way is in the editor afterwards."""

    def given() -> PlanSession:
        session = editor.session
        for command in commands:
            session = perform(editor.project, actor, session, command)
        return session

    return _change(editor, actor, given, commands)


def answer_room(editor: EditorState, actor: Actor, use: str) -> bool:
    """Answer what the room is used for, and give again the commands that waited for it."""
    asked = editor.asked
    if asked is None:
        return False
    given: list[Command] = []
    for command in editor.waiting:
        if command is not asked.command:
            given.append(command)
        elif isinstance(command, Add | Move):
            given.append(AnswerRoomUse(asked.camera_id, use, placing=command))
        else:
            given += [AnswerRoomUse(asked.camera_id, use), command]
    done = act(editor, actor, *given)
    if done:
        editor.select(CAMERAS, asked.camera_id)
    return done


def undo(editor: EditorState, actor: Actor, count: int = 1) -> None:
    """Take the last commands back, all or none."""

    def back() -> PlanSession:
        session = editor.session
        for _ in range(count):
            session = session.undo()
        return session

    _change(editor, actor, back)


def redo(editor: EditorState, actor: Actor) -> None:
    """Give the command again that was taken back last."""
    session = editor.session
    if not session.undone:
        return
    command, left = session.undone[-1], session.undone[:-1]

    def again() -> PlanSession:
        return replace(perform(editor.project, actor, session, command), undone=left)

    _change(editor, actor, again, (command,))


def commit(
    editor: EditorState, actor: Actor, name: str, note: str, departments: tuple[str, ...] = ()
) -> bool:
    """Save the draft as the next version; the first one begins the plan (`workflow.save`)."""

    def saved() -> PlanSession:
        told = {"name": name, "note": note}
        return save(editor.project, actor, editor.session, departments=departments, **told)[1]

    return _change(editor, actor, saved)


def reopen(editor: EditorState, actor: Actor) -> None:
    """Put the own draft away for good, and open the version that was saved last."""
    _change(editor, actor, lambda: open_session(editor.project, actor, editor.edit_context.guard))


def handle(editor: EditorState, actor: Actor, event: Event, tool: Tool) -> None:
    """Do what an event of the map asks for; only what can be selected, where nobody draws."""
    crs = editor.project.city.crs
    editor.refused = None
    if event.kind == "select":
        editor.select(event.layer, event.id)
    elif not editor.may_draw:
        editor.selected = None
    elif event.kind == "point":
        _point(editor, actor, event, tool)
    elif event.kind == "move":
        place = place_of(event, crs)
        act(editor, actor, Move(event.id, place.x, place.y))
    elif event.kind == "aim":
        cameras = editor.session.draft.cameras
        if event.id in cameras.index:
            azimuth = azimuth_to(event, cameras.geometry.loc[event.id], crs)
            act(editor, actor, Aim(event.id, round(azimuth, 1)))
    else:
        editor.drawn, editor.selected = (event.what, corners_of(event, crs)), None


def close_drawing(editor: EditorState, actor: Actor, command: DrawZone | DrawObstacle) -> None:
    """Put what was drawn into the plan; it stays on the map where that is refused."""
    if act(editor, actor, command):
        editor.drawn = None


def _point(editor: EditorState, actor: Actor, event: Event, tool: Tool) -> None:
    """Place a camera where somebody clicked, put the chosen one there, or select nothing."""
    place = place_of(event, editor.project.city.crs)
    if tool == "move" and editor.camera_id is not None:
        act(editor, actor, Move(editor.camera_id, place.x, place.y))
        return
    if tool != "add":
        editor.selected = None
        return
    camera_id = free_id("new", editor.session.draft.cameras.index)
    if act(editor, actor, Add(camera_id, place.x, place.y, 0.0)):
        editor.select(CAMERAS, camera_id)


def _take_up(editor: EditorState, actor: Actor) -> None:
    """Go on with a draft that has something that no version has."""
    editor.kept = draft_of(editor.cache_dir, editor.project, actor)
    try:
        kept = editor.kept.take_up(editor.project, editor.edit_context.guard)
    except CivicsightError as error:
        editor.refused = error
        return
    if kept is not None and kept.dirty:
        editor.session = kept


def _change(
    editor: EditorState,
    actor: Actor,
    make: Callable[[], PlanSession],
    commands: tuple[Command, ...] = (),
) -> bool:
    """Go on with another session, kept over a restart; else the editor says what is in the way.

    Parameters
    ----------
    make
        Returns the session; nothing is asked of it where another window has gone on meanwhile.
    commands
        What waits where the use of a room has to be known first.
    """
    editor.refused = editor.asked = None
    kept = draft_of(editor.cache_dir, editor.project, actor)
    if kept.path == editor.kept.path:  # else somebody has another role now, and its own draft
        kept = editor.kept
    try:
        with kept.turn():
            session = make()
            kept.keep(session)
    except RoomUseAsked as asked:
        editor.asked, editor.waiting = asked, commands
        return False
    except CivicsightError as error:
        editor.refused = error
        return False
    editor.session = session
    if editor.selected is not None and editor.selected[0] == CAMERAS and editor.camera_id is None:
        editor.selected = None
    return True


@dataclass(slots=True, eq=False)
class EditorState:
    """What one person has before him.

    Parameters
    ----------
    project, bench, cache_dir
        The project, what editing needs of it, and where drafts are kept.
    session, kept
        The plan under edit, and its file as this window knows it.
    may_draw
        Whether tools are shown; the store is asked again with each act.
    selected
        Layer and id of what is selected.
    refused
        Why the last act was not done.
    asked, waiting
        The question after the use of a room, and the commands that wait for the answer.
    drawn
        What was drawn (a key of `maps.events.DRAWN`) and has no facts yet, in the CRS of the city.
    judged
        The obstacle that the panel says something of, as far as it is open to whoever looks.
    flights, target
        How often the map was sent somewhere, and where the last time: layer and id.
    seen, weighed
        The latest preview and the latest changes of parts, each with what it is of.
    """

    project: Project
    edit_context: EditContext
    cache_dir: Path
    session: PlanSession
    kept: KeptDraft
    may_draw: bool = False
    selected: tuple[str, str] | None = None
    refused: CivicsightError | None = None
    asked: RoomUseAsked | None = None
    waiting: tuple[Command, ...] = ()
    drawn: tuple[str, Ring] | None = None
    judged: Judged | None = None
    flights: int = 0
    target: tuple[str, str] | None = None
    seen: tuple[tuple[str, str], Preview] | None = None
    weighed: tuple[str, pd.DataFrame] | None = None

    @property
    def draft(self) -> Draft:
        """The city as it is now."""
        return self.session.draft

    @property
    def camera_id(self) -> str | None:
        """The camera that is selected, if it is in the draft."""
        layer, label = self.selected or ("", "")
        return label if layer == CAMERAS and label in self.draft.cameras.index else None

    def select(self, layer: str, label: str, *, fly: bool = False) -> None:
        """Select a feature; with `fly` the map goes there."""
        self.selected = (layer, label)
        if fly:
            self.target = (layer, label)
            self.flights += 1

    def preview(self) -> Preview | None:
        """Return what the selected camera does, computed once for each state of the draft."""
        camera_id = self.camera_id
        if camera_id is None or self.draft.cameras.loc[camera_id, "status"] == "removed":
            return None
        key = (self.session.digest, camera_id)
        if self.seen is None or self.seen[0] != key:
            self.seen = (key, preview(self.session, camera_id, self.edit_context))
        return self.seen[1]

    def changes(self) -> pd.DataFrame:
        """Return the parts that the draft changes, computed once for each state of the draft."""
        digest = self.session.digest
        if self.weighed is None or self.weighed[0] != digest:
            self.weighed = (digest, part_changes(self.draft, self.edit_context))
        return self.weighed[1]
