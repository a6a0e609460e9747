"""Indices of a plan: one plan, one standard, shared resources, lawful use, in five numbers.

Every index is a reduction over pixel densities and needs, never over verdicts, so that anybody can
compute it again from the exported tables. In all formulas each part of a place counts once, however
long or large it is, since metres of a gate and square metres of a yard do not add up.

For a part ``p`` with samples ``s`` of weight ``w_s`` and need ``n_s`` [px/m], the required share
``f_p`` and number of cameras ``k_p``, and for a set of cameras ``C``::

    met(p, C)  = sum of w_s where at least k_p cameras c of C have q[c, s] >= n_s and q[c, s] > 0,
                 as a share of the sum of all w_s of p; 0 for a part without samples
    seen(p, C) = the same with any camera of C that has q[c, s] > 0

References
----------
The principles of unified planning and standards, coordinated building, shared resources and lawful
use; design of the packs' article of that kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.privacy.exposure import Exposure
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS
from civicsight.rules import Rules
from civicsight.rules.closed import entries_of, find_term, lists_of
from civicsight.rules.dossier import CONTRADICTED
from civicsight.rules.pack import Vocabulary

SURE: Final = READINGS[0]

EXISTING: Final = "existing"
"""Status of a camera that stands."""

CONNECTED: Final = "connected"
"""State of a camera in the shared network that counts as shared already."""

INTERFACE: Final = "interface_standard"
"""Field of a camera's record that a shared network is joined by."""

INDOORS: Final = ("indoor", CONTRADICTED)
WHOLE: Final = "whole_interior"


@dataclass(frozen=True, slots=True)
class Indices:
    """The indices of a plan; a share is NaN where what it is a share of is nothing.

    Parameters
    ----------
    compliance
        By reading: parts with ``met(p, all) >= f_p``, as a share of all parts [0-1]. A part that
        could not be judged counts as not met.
    conformance
        By reading: sum over parts of ``met(p, all)`` as a share of the sum of ``seen(p, all)``
        [0-1]: of what is seen at all, how much is seen as finely as the standard of the part asks.
    reuse
        Sum over parts of ``met(p, existing cameras of any owner)`` as a share of the sum of
        ``met(p, all)``, in the reading ``sure`` [0-1].
    shared_ready
        The same for cameras that are in the shared network or have a standard interface on record.
    privacy_violations
        Cameras that stand indoors within a place whose whole inside is private. It has to be 0.
    privacy_warnings
        Other cameras of which the reading ``sure``, masks counted, sees more private facade at or
        above the density of private views than allowed. It has to be 0.
    privacy_open
        Others that could see more of it than allowed, as far as their record goes (reading
        ``possible``): nobody can say.
    exposed_before_m2, exposed_after_m2
        Private facade that any camera could see (reading ``possible``), each piece once, without
        masks and with them [m2].
    parts, judged
        All parts, and those with samples.
    """

    compliance: Mapping[str, float]
    conformance: Mapping[str, float]
    reuse: float
    shared_ready: float
    privacy_violations: int
    privacy_warnings: int
    privacy_open: int
    exposed_before_m2: float
    exposed_after_m2: float
    parts: int
    judged: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON holds; NaN becomes None."""
        plain: dict[str, Any] = {
            f"{name}_{reading}": getattr(self, name)[reading]
            for name in ("compliance", "conformance")
            for reading in READINGS
        }
        for name in self.__slots__[2:]:
            plain[name] = getattr(self, name)
        return {key: None if np.isnan(value) else value for key, value in plain.items()}

    def of_rule(self, name: str) -> float | None:
        """Return an index by the name that rules use, of what is sure; None if nothing counts."""
        plain = self.to_dict()
        key = name.removeprefix("index_")
        value = plain[key] if key in plain else plain[f"{key}_{SURE}"]
        return None if value is None else float(value)


def measure_indices(result: CheckResult, exposure: Exposure, inside_hits: pd.DataFrame) -> Indices:
    """Measure the indices of what was checked.

    Parameters
    ----------
    result, exposure
        What was checked, and what the cameras see of private façades.
    inside_hits
        Cameras within private places, as `find_inside`.
    """
    facts = camera_facts(result, inside_hits)
    met = {name: met_shares(result, name) for name in READINGS}
    seen = {name: seen_shares(result, name) for name in READINGS}
    least = result.parts["fraction"].to_numpy(np.float64) - TOLERANCE
    judged = judged_parts(result)
    total = float(met[SURE].sum())
    allowed = allowed_m2(result.rules)
    within = facts["inside_private"]
    sees, could = (
        exposure.area_m2(name).reindex(facts.index).fillna(0.0).gt(allowed) & ~within
        for name in (SURE, READINGS[-1])
    )
    return Indices(
        compliance={
            name: _ratio(float((judged & (met[name] >= least)).sum()), len(least))
            for name in READINGS
        },
        conformance={
            name: _ratio(float(met[name].sum()), float(seen[name].sum())) for name in READINGS
        },
        reuse=_ratio(_met_by(result, facts["stands"]), total),
        shared_ready=_ratio(_met_by(result, facts["shared"]), total),
        privacy_violations=int(within.sum()),
        privacy_warnings=int(sees.sum()),
        privacy_open=int((could & ~sees).sum()),
        exposed_before_m2=exposure.plan_m2(masked=False),
        exposed_after_m2=exposure.plan_m2(),
        parts=len(least),
        judged=int(judged.sum()),
    )


def allowed_m2(rules: Rules) -> float:
    """Return the private facade that a camera may see: the least of all packs [m2]."""
    areas = [
        float(check.values["area"])  # noqa: PD011 - the field of a Check, not of a table
        for rule in rules.by_predicate("sees_at_most")
        for check in rule.check.predicates()
        if check.name == "sees_at_most" and check.values["layer"] == "privacy"  # noqa: PD011
    ]
    return min(areas, default=0.0)


def camera_facts(result: CheckResult, inside_hits: pd.DataFrame) -> pd.DataFrame:
    """Return of each camera whether it ``stands``, is ``shared`` and is ``inside_private``.

    What is not recorded is not so.
    """
    cameras = result.cameras
    status = cameras["status"].where(cameras["status"].notna(), EXISTING)
    lists = lists_of(result.rules.by_predicate("has"), INTERFACE)
    standard = cameras[INTERFACE].map(lambda entry: _is_standard(lists, entry))
    inside = inside_hits.loc[
        inside_hits["setting"].isin(INDOORS) & inside_hits["scope"].eq(WHOLE), "camera_id"
    ]
    return pd.DataFrame(
        {
            "stands": status.eq(EXISTING).astype(bool),
            "shared": (cameras["network_state"].eq(CONNECTED) | standard.astype(bool)).astype(bool),
            "inside_private": cameras.index.isin(inside),
        },
        index=cameras.index,
    )


def _is_standard(lists: Sequence[Vocabulary], interface: object) -> bool:
    """Tell whether an interface on record is a standard one: on the lists of the packs, if any."""
    entries = entries_of(str(interface)) if isinstance(interface, str) else []
    return bool(entries) and (not lists or all(find_term(each, lists) for each in entries))


def met_shares(result: CheckResult, reading: str, cameras: pd.Index | None = None) -> FloatArray:
    """Return ``met(p, cameras)`` of every part, in the order of the parts."""
    matrix = result.matrices[reading]
    if cameras is not None:
        matrix = matrix.select(cameras=cameras)
    k = result.parts["k"].reindex(result.samples["part_id"]).to_numpy(np.int64)
    return _share(result, matrix.met(result.samples, k))


def seen_shares(result: CheckResult, reading: str) -> FloatArray:
    """Return ``seen(p, all)`` of every part, in the order of the parts."""
    return _share(result, result.matrices[reading].best() > 0.0)


def judged_parts(result: CheckResult) -> npt.NDArray[np.bool_]:
    """Tell which parts have samples, in the order of the parts."""
    judged: npt.NDArray[np.bool_] = result.parts.index.isin(set(result.samples["part_id"]))
    return judged


def _met_by(result: CheckResult, chosen: pd.Series) -> float:
    return float(met_shares(result, SURE, chosen.index[chosen]).sum())


def _share(result: CheckResult, good: npt.NDArray[np.bool_]) -> FloatArray:
    code = result.parts.index.get_indexer(result.samples["part_id"])
    weight = result.samples["weight"].to_numpy(np.float64)
    total = np.bincount(code, weight, len(result.parts))
    done = np.bincount(code[good], weight[good], len(result.parts))
    share: FloatArray = np.divide(done, total, out=np.zeros(len(total)), where=total > 0.0)
    return share


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
