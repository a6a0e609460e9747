"""What is measured of a camera when it is accepted."""

from __future__ import annotations

from typing import Final

from civicsight.core.errors import N_
from civicsight.core.table import Table, day, maybe, number, text

MEASURED: Final = Table(
    "measured",
    "camera_id",
    "Point",
    (
        number("height_m", "m", str(N_("Height of the lens, as measured")), 0, 500),
        number("azimuth_deg", "deg", str(N_("Direction of view, as measured")), -360, 360),
        number("tilt_deg", "deg", str(N_("Angle below the horizontal, as measured")), -90, 90),
        number("hfov_deg", "deg", str(N_("Horizontal field of view, as measured")), 0.1, 360),
        number("chart_px_m", "px/m", str(N_("Pixel density on the test chart")), 0, 100_000),
        number("chart_distance_m", "m", str(N_("Distance of the test chart")), 0, 10_000),
        number("blind_m", "m", str(N_("Distance below which nothing is in the picture")), 0, 1_000),
        maybe("sign_up", str(N_("Whether the sign stands"))),
        maybe("mask_set", str(N_("Whether the masks are set as planned"))),
        maybe("night_ok", str(N_("Whether the night picture was accepted"))),
        day("measured_on", str(N_("Day of the measurement"))),
        text("measured_by", str(N_("Who measured"))),
    ),
    placed=False,
)
"""Measurements at acceptance, one row a camera; what was not measured stays empty."""
