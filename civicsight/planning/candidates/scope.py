"""What a plan asks for where it is not everything: known gates alone, or some districts.

What is met today is asked for in any case, so that no camera is turned away from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, MismatchError
from civicsight.coverage.result import CheckResult, is_presumed
from civicsight.planning.judging.sightings import areas_of, district_names

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
        Names of the districts whose parts are asked for, by default all.
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
            If the city has no district of a name.
        """
        parts = result.parts
        out = pd.Series(data=False, index=parts.index)
        if self.known_gates:
            out |= is_presumed(parts)
        if self.districts:
            self._require_known(result)
            out |= ~pd.Index(district_names(parts.geometry, result.city)).isin(self.districts)
        is_met = result.part_status["status"].reindex(parts.index).isin(MET)
        return parts.index[out & ~is_met]

    def _require_known(self, result: CheckResult) -> None:
        """Refuse districts that the city does not have."""
        known = district_list(result)
        for name in self.districts:
            if name not in known:
                text = N_("there is no district %(name)s; there are: %(known)s",
                          name=repr(name), known=", ".join(known))  # fmt: skip
                raise MismatchError(text)


def district_list(result: CheckResult) -> list[str]:
    """Return the names of the districts in which something is asked for."""
    found = district_names(areas_of(result.city, "district").geometry, result.city)
    return sorted({name for name in found if name})
