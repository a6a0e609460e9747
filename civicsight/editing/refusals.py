"""What the law does not let anybody draw: cameras in private places, and where consent comes first.

It is asked of every command before it takes effect, whoever gives it and from wherever it comes;
there is no way around it. Of a dormitory or hotel the map knows the house, not the rooms, so the
use of the room is asked for; an answer holds in that house alone.

References
----------
Articles and uses of rooms come from the rule packs; of several laws the strictest counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.keyed_difference import compare
from civicsight.coverage.pose.placement import place_cameras
from civicsight.coverage.privacy.places import find_areas
from civicsight.coverage.privacy.position import OUTSIDE
from civicsight.editing.commands import Command, DrawZone, Remove, camera_of
from civicsight.editing.draft import Draft
from civicsight.editing.faults import fault, reject
from civicsight.model import City
from civicsight.rules import Rule, Rules, select_zones
from civicsight.rules.dossier import INTERIORS
from civicsight.rules.vocabulary import join, word
from civicsight.scene.nearness import ON_WALL_M

WHOLE, ROOMS = INTERIORS
CONSENT: Final = "consent"
"""Kind of the document that shows a consent."""

ABOVE: Final = "above_roof"
"""Reason of a place over a building (`pose.placement`)."""

NEAR_M: Final = 100.0
"""Buildings farther away have no part in where a camera is placed [m]."""


class Refused(InputError):  # noqa: N818 - what happened
    """The law does not allow it: `articles` as (pack, article), the most local law first."""

    def __init__(
        self, camera_id: str, laws: tuple[Rule, ...], place: Text, expected: Text, remedy: Text
    ) -> None:
        self.articles = tuple((rule.pack, rule.article) for rule in laws)
        self.article, self.rule, self.place = laws[0].article, laws[0].id, place
        fault = Fault("refused", laws[0].pack, camera_id, self.rule, "", expected, remedy)
        super().__init__([fault])


class RoomUseAsked(InputError):  # noqa: N818 - what happened
    """Before the command is taken, somebody has to say what the room is used for.

    `command` is what waits; give it again as `AnswerRoomUse(camera_id, use, placing=command)`.
    """

    def __init__(self, command: Command, rule: Rule, place: Text, choices: tuple[str, ...]) -> None:
        self.command, self.article, self.place = command, rule.article, place
        self.choices, self.camera_id = choices, camera_of(command)
        super().__init__([fault("room_use", rule.pack, self.camera_id, rule.id, place=place)])


@dataclass(frozen=True, slots=True)
class Question:
    """Something that nobody can decide from a map, left with the plan for whoever reviews it."""

    camera_id: str
    article: str
    pack: str
    rule: str
    text: Text


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """The bans of the packs over one city.

    Parameters
    ----------
    rules
        The packs.
    areas
        Table `privacy.places.PRIVATE` of the city.
    """

    rules: Rules
    areas: gpd.GeoDataFrame

    def check(self, draft: Draft, command: Command) -> None:
        """Refuse a command by the draft that it would lead to.

        Raises
        ------
        Refused
            If the law forbids it.
        RoomUseAsked
            If it depends on the use of a room that nobody has said.
        InputError
            If a drawn place is of no class of the packs.
        """
        if isinstance(command, DrawZone):
            self._require_class(draft, command)
        camera_id = camera_of(command)
        if camera_id and not isinstance(command, Remove):
            self.check_camera(draft, camera_id, command)

    def check_camera(self, draft: Draft, camera_id: str, command: Command) -> None:
        """Refuse where a camera stands; see `check`."""
        camera = draft.cameras.loc[camera_id]
        self._check_consent(draft, camera)
        held = self._holding(draft, camera)
        for label, area in held.iterrows():
            if area["scope"] == WHOLE and self._is_sure(area):
                self._refuse_inside(camera_id, name_private(label, area))
        for label, area in held.iterrows():
            if area["scope"] == ROOMS and self._is_sure(area):
                self._check_room(draft, command, camera_id, label, area)

    def questions(self, draft: Draft) -> tuple[Question, ...]:
        """Return what is left for a person: of rooms that were answered, and of unsure places."""
        found = []
        changed = changed_cameras(Draft(draft.base), draft)
        for camera_id in sorted(set(changed) & set(draft.cameras.index)):
            for label, area in self._holding(draft, draft.cameras.loc[camera_id]).iterrows():
                found.append(self._question(draft, camera_id, name_private(label, area), area))
        return tuple(question for question in found if question is not None)

    @property
    def room_uses(self) -> tuple[str, ...]:
        """Return the uses of a room that every law of the packs allows."""
        allowed = [
            tuple(map(str, check.values["values"]))  # noqa: PD011 - the field of a Check
            for rule in self.rules.by_predicate("one_of")
            for check in rule.check.predicates()
            if check.name == "one_of" and check.values["field"] == "room_use"  # noqa: PD011
        ]
        first = allowed[0] if allowed else ()
        return tuple(use for use in first if all(use in some for some in allowed))

    def _question(
        self, draft: Draft, camera_id: str, place: Text, area: pd.Series
    ) -> Question | None:
        laws = self._laws(str(area["scope"]))
        if not laws:
            return None
        use = draft.rooms.get(camera_id, (0.0, 0.0, ""))[2]
        if use and area["scope"] == ROOMS:
            text = N_(
                "It was said that the room of %(camera)s in %(place)s is a %(use)s. Check on site "
                "that its picture shows no room.",
                camera=camera_id,
                place=place,
                use=word(use),
            )
        else:
            text = N_(
                "%(camera)s stands in %(place)s, which may be private inside. Check on site.",
                camera=camera_id,
                place=place,
            )
        return Question(camera_id, laws[0].article, laws[0].pack, laws[0].id, text)

    def _holding(self, draft: Draft, camera: pd.Series) -> gpd.GeoDataFrame:
        """Return the private places in whose inside a camera stands."""
        point = camera["geometry"]
        if camera["status"] == "removed":
            return self.areas.iloc[:0]
        inner = self.areas[self.areas["scope"].isin(INTERIORS)]
        shapes = inner.geometry.to_numpy()
        at = shapely.STRtree(shapes).query(point, predicate="intersects")
        solid = shapely.get_dimensions(shapes[at]) == 2
        held = inner.iloc[np.sort(at[solid])]
        if held.empty or self._is_outside(draft, camera):
            return held.iloc[:0]
        if camera["setting"] == "indoor":
            return held
        # Whoever draws on a wall means the outer side of it.
        deep = shapely.distance(shapely.boundary(held.geometry.to_numpy()), point) > ON_WALL_M
        return held[deep]

    def _is_outside(self, draft: Draft, camera: pd.Series) -> bool:
        """Tell whether a camera is above or below what it stands in; an indoor one is in it.

        Only one that is mounted on a roof is on it: a pole begins at the ground.
        """
        if camera["setting"] == "indoor":
            return False
        buildings = draft.table("buildings")
        near = buildings.iloc[
            buildings.sindex.query(camera["geometry"], predicate="dwithin", distance=NEAR_M)
        ]
        row = draft.cameras.loc[[camera.name]]
        reason = str(place_cameras(row, near)["reason"].iloc[0])
        return reason in OUTSIDE and (reason != ABOVE or camera["mount"] == "roof")

    def _is_sure(self, area: pd.Series) -> bool:
        least = self.rules.policy.confirmed_confidence
        return bool(area["registered"]) or float(area["confidence"]) >= least

    def _refuse_inside(self, camera_id: str, place: Text) -> None:
        laws = self._laws(WHOLE)
        if not laws:
            return
        expected = N_(
            "a camera outside of %(place)s: %(articles)s forbids cameras inside it",
            place=place,
            articles=self._cite(laws),
        )
        remedy = N_("Put it outside, where it does not look in; the plan stays as it was.")
        raise Refused(camera_id, laws, place, expected, remedy)

    def _check_room(
        self, draft: Draft, command: Command, camera_id: str, label: Any, area: pd.Series
    ) -> None:
        laws = self._laws(ROOMS)
        if not laws:
            return
        place, uses = name_private(label, area), self.room_uses
        x, y, use = draft.rooms.get(camera_id, (np.nan, np.nan, ""))
        here = bool(use) and bool(shapely.intersects_xy(area.geometry, x, y))
        if not here or draft.cameras["room_use"].get(camera_id) != use:
            raise RoomUseAsked(command, laws[0], place, (*uses, "room"))
        if use in uses:
            return
        expected = N_(
            "no camera in such a room of %(place)s: %(articles)s allows only %(uses)s",
            place=place,
            articles=self._cite(laws),
            uses=join(map(word, uses)),
        )
        remedy = N_("Put it in a part that all use, or outside; the plan stays as it was.")
        raise Refused(camera_id, laws, place, expected, remedy)

    def _check_consent(self, draft: Draft, camera: pd.Series) -> None:
        """Refuse a camera in an area of prior consent; it is not named, since it is secret."""
        areas, camera_id = draft.table("consent_areas"), str(camera.name)
        laws = self._layer_rules("sees_at_most", "consent_layer")
        if not laws or areas.empty or camera["status"] == "removed":
            return
        papers = draft.table("documents")
        subject = papers["subject"].fillna("").astype(str)
        consented = papers["kind"].eq(CONSENT) & subject.isin(["", camera_id])
        if consented.any() or not shapely.intersects(areas.geometry, camera["geometry"]).any():
            return
        expected = N_(
            "a consent on file: %(articles)s asks for it before a camera is put here",
            articles=self._cite(laws),
        )
        remedy = N_("Record the consent among the documents first; the plan stays as it was.")
        raise Refused(camera_id, laws, N_("an area of prior consent"), expected, remedy)

    def _laws(self, scope: str) -> tuple[Rule, ...]:
        """Return the rules that keep cameras out of private places of a scope."""
        return self._layer_rules("outside", "privacy", scope)

    def _layer_rules(self, predicate: str, layer: str, scope: str = "") -> tuple[Rule, ...]:
        """Return the rules that ask a predicate of a layer, the most local law first."""
        found = []
        for rule in self.rules.by_predicate(predicate):
            asked = [c.values for c in rule.check.predicates() if c.name == predicate]  # noqa: PD011
            fits = [v for v in asked if v.get("layer") == layer]
            if any(not scope or scope in v.get("scope", ()) for v in fits):
                found.append(rule)
        return tuple(reversed(found))

    def _cite(self, laws: tuple[Rule, ...]) -> Text:
        """Name articles, each with whose law it is of."""
        return join(
            N_(
                "Article %(article)s (%(where)s)",
                article=rule.article,
                where=self.rules.pack(rule.pack).jurisdiction,
            )
            for rule in laws
        )

    def _require_class(self, draft: Draft, command: DrawZone) -> None:
        """Refuse a drawn place of a class that the packs do not have."""
        drawn = gpd.GeoDataFrame(draft.table("places").loc[[command.zone_id]])
        roads = gpd.GeoDataFrame(draft.table("roads").iloc[:0])
        if select_zones(drawn, roads, self.rules).zones.empty:
            reject("edit.class", where=command.zone_id, found=command.item)


def make_guard(city: City, rules: Rules, areas: gpd.GeoDataFrame | None = None) -> Guard:
    """Lay the bans of the packs over a city; `areas` from `find_areas`, if they are at hand."""
    return Guard(rules, find_areas(city, rules)[0] if areas is None else areas)


def changed_cameras(before: Draft, after: Draft) -> list[str]:
    """Return the cameras of a draft that differ from those of another, or are not in both."""
    old, new = before.cameras, after.cameras
    if new is old:
        return []
    known = new.index.intersection(old.index)
    columns = [name for name in old.columns if name in new.columns]
    changed = known.isin(compare(old, new, columns)["key"])
    return [*map(str, known[changed]), *map(str, new.index.symmetric_difference(old.index))]


def name_private(label: Any, area: pd.Series) -> Text:
    """Return what a private place is called, or else its class."""
    names = [value for value in (area["name"], area["label"]) if isinstance(value, str | Mapping)]
    called = names[0] if names else word(str(area["kind"]))
    return N_("%(name)s (%(id)s)", name=called, id=area["building_id"] or label)
