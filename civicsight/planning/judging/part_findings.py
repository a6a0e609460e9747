"""What a check found of the parts of places, by part.

Rules ask place by place; what they look up is laid out once, so that a place costs as much to judge
in a city as in a block.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from civicsight.coverage.demand.needs import in_class
from civicsight.coverage.result import CheckResult
from civicsight.rules.dossier import Gap


class Demanded:
    """How the parts of places stand.

    Parameters
    ----------
    result
        What `check` found.
    """

    def __init__(self, result: CheckResult) -> None:
        self._result = result
        self._of_places: dict[str | None, dict[str, tuple[str, ...]]] = {}

    def parts_of(self, place: str, pack: str | None = None) -> tuple[str, ...]:
        """Return the parts of a place, or those that its class of one law demands."""
        if pack not in self._of_places:
            parts = self._result.parts
            asked = parts if pack is None else parts[in_class(parts, pack)]
            groups = asked["zone_id"].groupby(asked["zone_id"], sort=False).groups
            self._of_places[pack] = {str(zone): tuple(own) for zone, own in groups.items()}
        return self._of_places[pack].get(place, ())

    @cached_property
    def status(self) -> Mapping[str, str]:
        """Return the status of each part that could be judged."""
        return dict(self._result.part_status["status"].items())

    @cached_property
    def cameras(self) -> Mapping[str, tuple[str, ...]]:
        """Return the cameras that are credited with each part."""
        return dict(self._result.part_status["cameras"].items())

    @cached_property
    def gaps(self) -> Mapping[str, Gap]:
        """Return what was found of each part that is not covered for sure, the gravest first."""
        found = self._result.gaps
        columns = (found[name] for name in ("subject", "severity", "certainty", "evidence"))
        return {
            str(part): Gap(
                rank,
                severity,
                float(certainty),
                tuple(entry["camera"] for entry in evidence.get("reuse", None) or ()),
            )
            for rank, (part, severity, certainty, evidence) in enumerate(zip(*columns, strict=True))
        }
