"""Bad inputs: cameras."""

from __future__ import annotations

from tests.bad_input.case import Case, Outcome
from tests.bad_input.tables import case, text_of


def cell(
    number: int,
    title: str,
    headers: str,
    cells: str,
    outcome: Outcome = "rows",
    says: tuple[str, ...] = (),
    code: str = "cell.value",
) -> Case:
    """Return a case of cells in the first row of an inventory."""
    empty = "," * cells.count(",")
    text = f"id,lon,lat,{headers}\nA1,115.86,28.68,{cells}\nA2,115.861,28.68,{empty}\n"
    named = ("cameras.csv", "2", *says) if outcome == "rows" else says
    return case(number, title, text_of(text), outcome, code if outcome == "rows" else "", named)


CASES: tuple[Case, ...] = (
    cell(95, "focal length of zero", "focal length", "0", says=("focal length",)),
    cell(95, "negative focal length", "focal length", "-4", says=("-4",)),
    cell(95, "field of view of zero", "fov", "0", says=("fov",)),
    cell(95, "field of view above a full turn", "fov", "400", says=("400",)),
    cell(95, "pan range as field of view", "fov,type", "360,ptz", says=("fov", "360", "180"),
         code="camera.view"),
    cell(95, "field of view that is no number", "fov", "NaN", "read"),
    cell(96, "focal length without a sensor", "focal length", "4", "read", ("focal length",)),
    cell(96, "no pixels", "width px", "0", says=("width px",)),
    cell(96, "a thousand million pixels", "width px", "1e9", says=("1e9",)),
    cell(97, "tilt above a right angle", "tilt", "91", says=("tilt", "91")),
    cell(97, "tilt straight down", "tilt", "90", "read"),
    cell(97, "turned twice", "azimuth", "725", "read", ("725", "5°")),
    cell(97, "turned ten times", "azimuth", "7250", says=("7250",)),
    cell(98, "below the ground", "height", "-3", says=("height", "-3")),
    cell(98, "above every mast", "height", "900", says=("900",)),
    cell(98, "on a tower", "height", "120", "read", ("120",)),
    cell(98, "range of zero", "range", "0", says=("range",)),
    cell(98, "range of a thousand kilometres", "range", "1e6", "read", ("1e6", "10000")),
    cell(99, "limits of the pan exchanged", "pan min,pan max", "90,-90", says=("pan min", "-90"),
         code="camera.limits"),
    cell(99, "limits of the tilt exchanged", "tilt min,tilt max", "60,10", says=("tilt min",),
         code="camera.limits"),
    cell(100, "lens below the heads of people", "height", "0.5", "read", ("0.5",)),
    cell(100, "near above far", "near,range", "50,30", says=("near", "50", "30"),
         code="camera.near"),
    cell(100, "no number anywhere", "height,tilt,range,near,fov", "NaN,nan,NaN,nan,NaN", "read"),
    cell(100, "infinity", "height", "inf", says=("inf",)),
)  # fmt: skip
