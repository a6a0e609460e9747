"""What a proposed facility costs, in the few figures that rules ask for."""

from __future__ import annotations

from typing import NamedTuple

from civicsight.coverage.obstruction import Permit
from civicsight.schema import READINGS


class LostCoverage(NamedTuple):
    """What a facility costs: share of the required coverage by reading, cameras, parts uncovered.

    `cameras` lose something in any reading; `dropped` are the parts that were met for sure.
    """

    shares: dict[str, float]
    cameras: list[str]
    dropped: list[str]


def measure_loss(permit: Permit, years: int = 0) -> LostCoverage:
    """Read the figures of a permit check, on the first day or at worst within some years."""
    loss = permit.loss
    totals = loss.totals.set_index("reading")
    shares = {name: float(totals.loc[name, "share_lost"]) for name in READINGS}
    cameras = set(loss.cameras["camera_id"])
    if years:
        worst = permit.growth.groupby("reading")["share_lost"].max()
        shares |= {name: max(shares[name], float(share)) for name, share in worst.items()}
    falls = loss.parts["falls"].astype(bool) & loss.parts["holds"].eq("sure")
    dropped = sorted(loss.parts.loc[falls, "part_id"])
    return LostCoverage(shares, sorted(cameras), dropped)
