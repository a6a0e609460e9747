"""What a plan asks for where it is not everything: known gates alone, or some districts.

What is met today is asked for in any case, so that no camera is turned away from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.coverage.result import CheckResult, is_presumed
from civicsight.planning.area.districts import find_named, labels_of, name_districts

MET: Final = ("covered", "assumed")
"""Statuses of parts that what stands meets where they are known or presumed to be."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which parts a plan asks for.

    Parameters
    ----------
    known_gates
        Whether gates that are only presumed are left out until somebody confirms them.
    districts
        Names or codes of the districts whose parts are asked for, of one level; by default all.
    """

    known_gates: bool = False
    districts: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Scope:
        """Read what the parameters of a plan say; older ones, and those of all, say nothing."""
        told = parameters.get("scope") or {}
        return cls(bool(told.get("known_gates")), tuple(map(str, told.get("districts") or ())))

    def __bool__(self) -> bool:
        """Tell whether anything may be left out."""
        return self.known_gates or bool(self.districts)

    def left_out(self, result: CheckResult) -> pd.Index:
        """Return the ids of the parts that are not asked for.

        Raises
        ------
        MismatchError
            If the city has no district of a name, or they are not of one level.
        """
        parts = result.parts
        out = pd.Series(data=False, index=parts.index)
        if self.known_gates:
            out |= is_presumed(parts)
        if self.districts:
            areas = find_named(result.city, self.districts)
            own = areas[labels_of(areas).isin(self.districts) | areas["code"].isin(self.districts)]
            out |= pd.Index(name_districts(parts.geometry, gpd.GeoDataFrame(own))).isin([""])
        is_met = result.part_status["status"].reindex(parts.index).isin(MET)
        return parts.index[out & ~is_met]

    def asked_for(self, result: CheckResult) -> pd.Index:
        """Return the ids of the parts that are asked for; errors are those of `left_out`."""
        parts = result.parts.index
        return parts.difference(self.left_out(result)) if self else parts
