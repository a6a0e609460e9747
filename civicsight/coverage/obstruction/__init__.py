"""What a proposed facility takes from the cameras that stand: loss, limits, the year of a tree."""

from civicsight.coverage.obstruction.bodies import Facility, read_facilities, with_facility
from civicsight.coverage.obstruction.limits import Offset, greatest_heights, smallest_offsets
from civicsight.coverage.obstruction.loss import Loss, lose, matrices_after
from civicsight.coverage.obstruction.outlook import LostGround, Outlook, lost_ground, worst_share
from civicsight.coverage.obstruction.permit import Permit, followed_years, obstruct
from civicsight.coverage.obstruction.rays import Views, gather_views, place
from civicsight.model.plan_tables import PROPOSALS

__all__ = [
    "PROPOSALS",
    "Facility",
    "Loss",
    "LostGround",
    "Offset",
    "Outlook",
    "Permit",
    "Views",
    "followed_years",
    "gather_views",
    "greatest_heights",
    "lose",
    "lost_ground",
    "matrices_after",
    "obstruct",
    "place",
    "read_facilities",
    "smallest_offsets",
    "with_facility",
    "worst_share",
]
