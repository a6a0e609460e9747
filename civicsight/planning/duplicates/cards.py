"""Evidence cards: all that a reviewer needs to decide on one planned camera.

References
----------
Article 7: the tool assists the approval of a plan, and never takes it. A finding is never more
certain than its data.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from civicsight.core.errors import MismatchError, Text
from civicsight.core.progress import Progress
from civicsight.coverage.findings.case import Belief
from civicsight.coverage.findings.evidence import heads_trust, weigh_parts
from civicsight.planning.duplicates.appraise import MEANINGS, REASONS, Verdict
from civicsight.planning.duplicates.find import Duplicates
from civicsight.planning.duplicates.reliance import StandIn, describe, dominators, find_reliance
from civicsight.planning.duplicates.what_if import WhatIf, what_if
from civicsight.planning.judging.indices import SURE


def make_cards(
    found: Duplicates, cameras: Collection[str] | None = None, *, progress: Progress | None = None
) -> tuple[Card, ...]:
    """Write the cards of planned cameras, by id.

    Parameters
    ----------
    found
        From `duplicates`.
    cameras
        Which; by default those that a reviewer should look at.
    progress
        Called with cards done and in all.

    Raises
    ------
    MismatchError
        If a camera has no verdict.
    """
    chosen = found.flagged if cameras is None else sorted(cameras)
    case = _Case(
        found,
        Belief(
            found.camera_set,
            heads_trust(found.result.heads, SURE),
            weigh_parts(found.result.parts, found.result.zones, found.result.rules),
        ),
        csc_array(found.found.asked.meets),
        _upgrades(found),
        found.camera_set.sha256,
    )
    cards = []
    for camera in chosen:
        if found.table["verdict"].get(camera) is None:
            msg = f"{camera!r} has no verdict: it is not planned, or meets no demand"
            raise MismatchError(msg)
        cards.append(_card(case, str(camera)))
        if progress is not None:
            progress(len(cards), len(chosen))
    return tuple(cards)


def _card(case: _Case, camera: str) -> Card:
    """Write one card."""
    found, measures = case.found, case.found.found
    row, c = found.table.loc[camera], int(found.camera_set.camera_ids.get_loc(camera))
    verdict = Verdict(row["verdict"])
    background = measures.staying_all if verdict is Verdict.NETWORK else measures.staying
    cover = find_reliance(measures, case.by_requirement, c, background)
    certainty, grounds = case.belief.certainty(c, cover.names)
    only, shared, surplus = _footprint(found, c)
    zones = found.by_zone[found.by_zone["camera_id"].eq(camera)]
    return Card(
        camera_id=camera,
        verdict=verdict,
        reasons=tuple(row["reasons"]),
        only=only,
        shared=shared,
        surplus=surplus,
        relies_on=describe(found.result, found.camera_set, c, cover.names),
        relies_on_exact=cover.exact,
        dominated_by=dominators(measures, case.by_requirement, c, background),
        total=float(row["total"]),
        unique=float(row["unique"]),
        fair=float(row["fair"]),
        gain=float(row["gain"]),
        kept=float(row["kept"]),
        by_zone=tuple(
            ZoneShare(*(one[name] for name in ZoneShare.__slots__))
            for one in zones.to_dict("records")
        ),
        without=what_if(found, [camera]),
        goes=bool(row["goes"]),
        cost_yuan=_known(row["cost_yuan"]),
        saving_yuan=_known(row["saving_yuan"]),
        instead=_instead(row),
        upgrades=case.upgrades.get(camera, ()),
        certainty=certainty * (1.0 - float(row["flips"])),
        flips=float(row["flips"]),
        scenarios=found.scenarios,
        assumptions=(*grounds, "building_height") if row["hidden"] else grounds,
        rules=measures.thresholds.rules,
        articles=measures.thresholds.articles,
        versions=measures.thresholds.versions,
        inputs_sha256=case.digest,
    )


def _footprint(found: Duplicates, c: int) -> tuple[tuple[str, ...], ...]:
    """Split the samples of a camera: only it, shared and needed, more than asked for."""
    camera_set = found.camera_set
    samples = camera_set.columns_of(c)
    cover, k = found.incremental.cover[samples], camera_set.k[samples]
    masks = (cover == 1, (cover > 1) & (cover <= k), (cover > 1) & (cover > k))
    # By day and by night a sample may differ: it is then as needed as at the worse time.
    taken: set[Any] = set()
    split = []
    for mask in masks:
        labels = dict.fromkeys(camera_set.sample_ids[samples[mask]])
        split.append(tuple(label for label in labels if label not in taken))
        taken.update(labels)
    return tuple(split)


def _upgrades(found: Duplicates) -> dict[str, tuple[str, ...]]:
    """Return by planned camera the existing ones that see the same, only too coarsely."""
    rows = found.result.duplicates
    chosen = rows[rows["kind"].eq("overlap")]
    upgrades: dict[str, tuple[str, ...]] = {}
    for subject, evidence in zip(chosen["subject"], chosen["evidence"], strict=True):
        if evidence.get("verdict") == "upgrade":
            upgrades.setdefault(str(subject), tuple(evidence["cameras"]))
    return upgrades


def _instead(row: pd.Series) -> Instead | None:
    if row["instead"] is None:
        return None
    return Instead(str(row["measure"]), str(row["instead"]), float(row["instead_yuan"]))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What all cards are written from."""

    found: Duplicates
    belief: Belief
    by_requirement: csc_array
    upgrades: dict[str, tuple[str, ...]]
    digest: str


@dataclass(frozen=True, slots=True)
class Instead:
    """Work on an existing camera that does as well, and its price [yuan]."""

    measure: str
    camera_id: str
    cost_yuan: float


@dataclass(frozen=True, slots=True)
class ZoneShare:
    """Shares of one listed place, in metres of gate or square metres."""

    zone_id: str
    article: str
    item: str
    total: float
    unique: float
    fair: float


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one planned camera.

    Parameters
    ----------
    camera_id, verdict, reasons
        Which camera, its verdict, and why a redundancy is meant (keys of `appraise.REASONS`).
    only, shared, surplus
        Its samples in three: nobody else meets them; others do and all are needed; more meet them
        than is asked for.
    relies_on, relies_on_exact
        Who replaces it, as far as others can; whether no fewer could.
    dominated_by
        Cameras that alone meet all that it meets and cost no more.
    total, unique, fair
        Shares among all cameras in use [m or m2].
    gain, kept
        Share of its own that it adds to what exists, and that the plan loses without it [0-1].
    by_zone
        The same by listed place and article.
    without
        What falls if it alone is dropped.
    goes
        Whether it is among those that can go together.
    cost_yuan, saving_yuan
        What it costs and what is saved, None where nobody says.
    instead, upgrades
        Work on an existing camera that does as well for less; existing cameras that see the same
        too coarsely.
    certainty, flips, scenarios, assumptions
        Chance that the verdict is right, from its data and from disturbed poses; share of the
        disturbed poses that change it; how many there were; what it stands on.
    rules, articles, versions, inputs_sha256
        Rules behind it, packs and versions, and the digest of everything it was computed from.
    """

    camera_id: str
    verdict: Verdict
    reasons: tuple[str, ...]
    only: tuple[str, ...]
    shared: tuple[str, ...]
    surplus: tuple[str, ...]
    relies_on: tuple[StandIn, ...]
    relies_on_exact: bool
    dominated_by: tuple[str, ...]
    total: float
    unique: float
    fair: float
    gain: float
    kept: float
    by_zone: tuple[ZoneShare, ...]
    without: WhatIf
    goes: bool
    cost_yuan: float | None
    saving_yuan: float | None
    instead: Instead | None
    upgrades: tuple[str, ...]
    certainty: float
    flips: float
    scenarios: int
    assumptions: tuple[str, ...]
    rules: tuple[str, ...]
    articles: tuple[str, ...]
    versions: str
    inputs_sha256: str

    @property
    def statements(self) -> tuple[Text, ...]:
        """The verdict, why a redundancy is meant, and what falls without it, for a person."""
        why = (REASONS[name] for name in self.reasons)
        return (MEANINGS[self.verdict], *why, self.without.statement)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON holds."""
        return asdict(self)
