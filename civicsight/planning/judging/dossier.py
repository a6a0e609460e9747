"""Everything a rule may read: the result of a check, the registers, the papers and the day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.errors import N_
from civicsight.coverage.approaches import approaches, signs_met
from civicsight.coverage.check import scenes_of
from civicsight.coverage.demand.needs import classes_of, possible_labels
from civicsight.coverage.findings.evidence import Trust, first_rule, heads_trust
from civicsight.coverage.obstruction import Outlook
from civicsight.coverage.privacy.exposure import Exposure, expose, lay_out
from civicsight.coverage.privacy.facades import Private, find_private
from civicsight.coverage.privacy.look import WallPoints
from civicsight.coverage.privacy.position import as_recorded, find_doors, find_faced, find_inside
from civicsight.coverage.result import CheckResult, find_unseen, no_inventory
from civicsight.io.tables.synonyms import match_value
from civicsight.model import DOCUMENTS, READINGS, City
from civicsight.planning.judging.credit import lawful_status
from civicsight.planning.judging.indices import Indices, measure_indices
from civicsight.planning.judging.inventory import Inventory
from civicsight.planning.judging.losses import LostCoverage, find_losses
from civicsight.planning.judging.part_findings import Demanded
from civicsight.planning.judging.secrecy import secret_items, without_hidden
from civicsight.planning.judging.sightings import (
    areas_of,
    find_ahead,
    public_shares,
    seen_of_areas_m2,
)
from civicsight.rules import Rules
from civicsight.rules.dossier import GEOMETRY_FIELDS, GUESSED, Subject
from civicsight.rules.pack import Place
from civicsight.rules.predicates.declaration import Look
from civicsight.rules.ruling import Outcome, Ruling, others_see, passed, unknown
from civicsight.scene.bodies import Scene, Season

COUNTY_DIGITS: Final = 6
"""Digits of a code of GB/T 2260 for a county; a street has three more."""

REMARK: Final = re.compile(r"\W.*")
"""What stands behind a name in brackets."""

_first_rule = lru_cache(maxsize=64)(first_rule)  # the same for every subject


def places_of(city: City, rules: Rules) -> tuple[Place, ...]:
    """Return the places that names of authorities may contain: those that the packs list.

    Where no pack lists any, and in a city that is made up, those of the register of districts;
    streets, which no pack lists, are taken from there if their code lies in the jurisdiction.
    """
    law, rows = rules.places, city.districts[["code", "name"]].dropna()
    own = tuple(place.code.rstrip("0") for place in law if place.is_own)
    if law and not city.synthetic:
        code = rows["code"]
        rows = rows[code.str.startswith(own) & code.str.len().gt(COUNTY_DIGITS)]
    named = zip(rows["code"], rows["name"], strict=True)
    return (*law, *(Place(code, (REMARK.sub("", name),)) for code, name in named))


@dataclass(eq=False)
class Dossier:
    """What rules read, computed once and only when asked for.

    Parameters
    ----------
    result
        What `check` found.
    today
        The day on which deadlines are judged.
    """

    result: CheckResult
    today: date

    @property
    def city(self) -> City:
        """Return the tables of the project."""
        return self.result.city

    @property
    def rules(self) -> Rules:
        """Return the rule packs."""
        return self.result.rules

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Return the places that names of authorities may contain."""
        return places_of(self.city, self.rules)

    def subjects(self, kind: str) -> Sequence[Subject]:
        """Return every subject of a kind, in the order of the ids."""
        if kind == "plan":
            return [self.plan]
        if kind not in self._subjects:
            table = self.tables[kind]
            rows = zip(table.index, table.to_dict("records"), strict=True)
            self._subjects[kind] = [Subject(kind, str(label), row) for label, row in rows]
        return self._subjects[kind]

    @cached_property
    def _subjects(self) -> dict[str, list[Subject]]:
        return {}

    @cached_property
    def tables(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Return the table of each kind of subject; cameras without those removed."""
        cameras = self.result.cameras
        status = cameras["status"].where(cameras["status"].notna(), "existing")
        return {
            "camera": cameras.assign(status=status)[status.ne("removed")].sort_index(),
            "zone": self.result.zones.sort_index(),
            "obstacle": self.city.proposals.sort_index(),
            "project": self.city.projects.sort_index(),
            "plan": self.city.plans,
        }

    @cached_property
    def has_inventory(self) -> bool:
        """Return whether anybody said which cameras exist."""
        return not no_inventory(self.result)

    @cached_property
    def demanded(self) -> Demanded:
        """Return how the parts of places stand."""
        return Demanded(self.result)

    def classes_of(self, zone: Any, pack: str) -> list[str]:
        """Return the items of a law of which a place is."""
        return [entry.item for entry in classes_of(zone) if entry.pack == pack]

    @cached_property
    def lawful_status(self) -> Mapping[str, str]:
        """Return how parts stand without the cameras that a plan credits with nothing."""
        found = lawful_status(self.result, self.private.facades, self._walls[READINGS[-1]])
        return dict(found["status"].items())

    @cached_property
    def possibly(self) -> Sequence[Subject]:
        """Return the places that only an open word of the law leaves out: possibly of its class."""
        table = self.result.left_out.assign(standing="candidate")
        table.index = possible_labels(table)
        rows = zip(table.index, table.to_dict("records"), strict=True)
        return sorted(
            (Subject("zone", str(label), row) for label, row in rows), key=lambda one: one.label
        )

    @cached_property
    def plan(self) -> Subject:
        """Return the plan in force, the last by its day; one without fields if there is none."""
        plans = self.city.plans
        live = plans[plans["status"].ne("superseded")].sort_values("plan_date", kind="stable")
        if live.empty:
            return Subject("plan", "", {})
        return Subject("plan", str(live.index[-1]), live.iloc[-1].to_dict())

    def is_recorded(self, kind: str, name: str) -> bool:
        """Tell whether anyone has filled in a field at all.

        Where no record has it, nobody asked, and its absence says nothing of a single subject.
        """
        if name == "id" or name in GEOMETRY_FIELDS:
            return True
        if (kind, name) not in self._recorded:
            table = self.tables[kind]
            known = table[name].notna() & table[name].ne(GUESSED) if name in table else None
            self._recorded[kind, name] = bool(known is not None and known.any())
        return self._recorded[kind, name]

    @cached_property
    def _recorded(self) -> dict[tuple[str, str], bool]:
        return {}

    @cached_property
    def answers(self) -> Mapping[tuple[str, str, str], pd.Series]:
        """Return the last answer by pack, rule and subject; an empty subject means all."""
        answers = self.city.answers.sort_values("answered_on", kind="stable")
        return {
            (row["pack"], row["rule"], row["subject"] or ""): row for _, row in answers.iterrows()
        }

    def answer(self, pack: str, rule: str, subject: str) -> pd.Series | None:
        """Return what a person decided of a subject, or of all; None if nobody did."""
        return self.answers.get((pack, rule, subject), self.answers.get((pack, rule, "")))

    def unseen(self, looks: tuple[Look, ...]) -> tuple[str, ...]:
        """Return the layers and columns in which nothing is to be seen, as `find_unseen`."""
        if looks not in self._unseen:
            self._unseen[looks] = find_unseen(self.result, looks)
        return self._unseen[looks]

    @cached_property
    def _unseen(self) -> dict[tuple[Look, ...], tuple[str, ...]]:
        return {}

    def finding(self, subject: Subject, predicate: str) -> Ruling:
        """Rule as the findings of the check do, which are computed for all cameras at once."""
        rule = _first_rule(self.rules, predicate, subject.kind)
        if rule is None:
            return unknown(N_("no rule pack asks it"), missing=[predicate])
        row = self._duplicates.get((rule.pack, rule.id, subject.label))
        if row is not None:
            outcome: Outcome = "fail" if row["outcome"] == "fail" else "undetermined"
            why, evidence = others_see(row, subject.label), dict(row["evidence"])
            lacks = ("azimuth_deg",) if "undirected" in evidence else ()
            return Ruling(outcome, (why,), row["certainty"], lacks, evidence, row["severity"])
        if predicate != "separation" and subject.label not in self.useful:
            return unknown(N_("it meets no demand of a listed place"), missing=["optics"])
        return passed()

    @cached_property
    def _duplicates(self) -> dict[tuple[str, str, str], Any]:
        """Return the first finding of each pack, rule and subject."""
        found: dict[tuple[str, str, str], Any] = {}
        for row in self.result.duplicates.to_dict("records"):
            found.setdefault((row["pack"], row["rule"], row["subject"]), row)
            if "twin" in row["evidence"]:  # a pair is named once, and both are in it
                found.setdefault((row["pack"], row["rule"], row["evidence"]["twin"]), row)
        return found

    @cached_property
    def useful(self) -> frozenset[str]:
        """Return the cameras that meet the need of some sample for sure; only these can pass."""
        met = self.result.matrices["sure"].meets(self.result.samples)
        return frozenset(self.result.matrices["sure"].camera_ids[np.diff(met.indptr) > 0])

    def areas(self, layer: str) -> gpd.GeoDataFrame:
        """Return the areas of a layer."""
        if layer not in self._areas:
            self._areas[layer] = areas_of(self.city, layer)
        return self._areas[layer]

    @cached_property
    def _areas(self) -> dict[str, gpd.GeoDataFrame]:
        return {}

    @cached_property
    def scenes(self) -> dict[str, Scene]:
        """Return the scene of each reading."""
        return scenes_of(self.result)

    @cached_property
    def private(self) -> Private:
        """Return what is private in the city."""
        return find_private(self.city, self.rules)

    @cached_property
    def exposure(self) -> Exposure:
        """Return what the cameras see of private facades, at the density of the packs."""
        return expose(
            self.result.heads,
            self.scenes,
            self.private,
            self.rules.value("private_view_density"),
            camera_ids=self.result.cameras.index,
            walls=self._walls,
        )

    @cached_property
    def _walls(self) -> dict[str, WallPoints]:
        """Return the private facades laid out in the scene of each reading that has a head."""
        seen, most = {*self.result.heads["reading"]}, self.scenes[READINGS[-1]]
        scenes = {name: one if name in seen else most for name, one in self.scenes.items()}
        return lay_out(self.private.facades, scenes)

    @cached_property
    def exposed(self) -> pd.DataFrame:
        """Return the private facade that each camera sees, by reading [m2]."""
        return self.exposure.cameras()

    @cached_property
    def exposures(self) -> dict[str, dict[str, Any]]:
        """Return the same, row by row."""
        rows: dict[str, dict[str, Any]] = self.exposed.to_dict("index")
        return rows

    def seen_area(self, label: str, layer: str) -> dict[str, float] | None:
        """Return by reading what a camera sees of a layer [m2]; None where there is no layer."""
        if layer == "privacy":
            row = self.exposures[label]
            return {reading: float(row[f"{reading}_m2"]) for reading in READINGS}
        areas = self.areas(layer)
        if not len(areas):
            return None
        if layer not in self._seen:
            self._seen[layer] = seen_of_areas_m2(self.result.heads, self.scenes, areas)
        return {reading: seen.get(label, 0.0) for reading, seen in self._seen[layer].items()}

    @cached_property
    def _seen(self) -> dict[str, dict[str, dict[str, float]]]:
        return {}

    @cached_property
    def _trust(self) -> Trust:
        return heads_trust(self.result.heads, "sure")

    def trust(self, label: str) -> float:
        """Return the chance that a camera's pose is as read for sure."""
        return float(self._trust.get(label, (0.0, ()))[0])

    @cached_property
    def _public_shares(self) -> dict[str, float]:
        heads = self.result.heads
        sure = heads[heads["reading"].eq("sure")]
        return public_shares(sure, self.scenes["sure"], self.city, self.result.zones)

    def public_share(self, label: str) -> float | None:
        """Return the share of the ground a camera sees that is target or street; None if blind."""
        return self._public_shares.get(label)

    @cached_property
    def inside_hits(self) -> pd.DataFrame:
        """Return the cameras within private places of any scope, as `find_inside`."""
        return find_inside(as_recorded(self.result.cameras), self.private.areas)

    def private_hits(self, label: str, scopes: tuple[str, ...]) -> pd.DataFrame | None:
        """Return the private places of some scopes in which a camera stands, as `find_inside`."""
        if scopes not in self._inside:
            hits = self.inside_hits
            self._inside[scopes] = _by_camera(hits[hits["scope"].isin(scopes)])
        return self._inside[scopes].get(label)

    @cached_property
    def _inside(self) -> dict[tuple[str, ...], dict[str, pd.DataFrame]]:
        return {}

    def faced_doors(self, label: str, within_m: float, angle_deg: float) -> pd.DataFrame | None:
        """Return the private doors that a camera faces, or could face, as `find_faced`."""
        key = (within_m, angle_deg)
        if key not in self._faced:
            doors = find_faced(
                self.result.heads,
                self.city.entrances,
                self.private.areas,
                self.scenes,
                within_m=within_m,
                angle_deg=angle_deg,
            )
            self._faced[key] = _by_camera(doors)
        return self._faced[key].get(label)

    @cached_property
    def _faced(self) -> dict[tuple[float, float], dict[str, pd.DataFrame]]:
        return {}

    def doorless(self, label: str, within_m: float, angle_deg: float) -> list[str]:
        """Return the private places without a known door that a camera may face from near by."""
        key = (within_m, angle_deg)
        if key not in self._unknown_doors:
            doors = set(find_doors(self.city.entrances, self.private.areas)["building_id"])
            shut = self.private.areas[~self.private.areas["building_id"].isin(doors)]
            self._unknown_doors[key] = find_ahead(self.result.heads, shut, *key)
        return self._unknown_doors[key].get(label, [])

    @cached_property
    def _unknown_doors(self) -> dict[tuple[float, float], dict[str, list[str]]]:
        return {}

    @cached_property
    def inventory(self) -> Inventory:
        """Return where cameras stand, and what their records say."""
        return Inventory(self.tables["camera"])

    def papers_of(self, label: str) -> pd.DataFrame:
        """Return the documents of a subject and of the whole plan."""
        about, papers = self._papers
        if label not in about:
            return papers[""]
        if label not in papers:
            chosen = self.city.documents["subject"].fillna("").isin(["", label])
            papers[label] = pd.DataFrame(self.city.documents[chosen].drop(columns="geometry"))
        return papers[label]

    @cached_property
    def _papers(self) -> tuple[frozenset[str], dict[str, pd.DataFrame]]:
        """Return who has documents of their own, and the documents of whom was asked for."""
        about = self.city.documents["subject"].fillna("")
        whole = pd.DataFrame(self.city.documents[about.eq("")].drop(columns="geometry"))
        return frozenset(about), {"": whole}

    @cached_property
    def signs(self) -> dict[str, pd.DataFrame]:
        """Return by camera the approaches of its view and whether a sign is met there."""
        return _by_camera(signs_met(self.ways_in, self.city.signs, self.scenes["sure"]))

    @cached_property
    def ways_in(self) -> gpd.GeoDataFrame:
        """Return where walkers and drivers enter the views, as `approaches`."""
        return approaches(self.result)

    @cached_property
    def indices(self) -> Indices:
        """Return the indices of what was checked."""
        return measure_indices(self.result, self.exposure, self.inside_hits)

    def index_of(self, name: str) -> float | None:
        """Return an index by the name that rules use, of what is sure; None if nothing counts."""
        return self.indices.of_rule(name)

    def secret_in_public(self) -> list[str]:
        """Return the secret items that would be left in a public edition."""
        public = without_hidden(self.city, self.rules)
        return secret_items(public, self.rules)

    def document_kind(self, name: str) -> str:
        """Return the kind of document that a name stands for, or the name."""
        return match_value("kind", name, DOCUMENTS.words) or name

    def lost_coverage(self, label: str, statuses: tuple[str, ...], years: int) -> LostCoverage:
        """Return what a proposed facility costs."""
        key = (statuses, years)
        if key not in self._losses:
            self._losses[key] = find_losses(self.result, self.city.proposals, *key, self._outlooks)
        return self._losses[key][label]

    @cached_property
    def _outlooks(self) -> dict[Season, Outlook]:
        return {}

    @cached_property
    def _losses(self) -> dict[tuple[tuple[str, ...], int], dict[str, LostCoverage]]:
        return {}


def _by_camera(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each camera."""
    return {str(label): rows for label, rows in frame.groupby("camera_id", sort=False)}
