"""What the pages say of pixel density, held against the engine."""

from __future__ import annotations

import re

import numpy as np
import pytest

from civicsight.coverage.optics.lens import (
    Frame,
    Optics,
    arc_density_px_m,
    density_px_m,
    plane_density_px_m,
)
from civicsight.coverage.viewshed import sightlines, viewshed
from civicsight.scene.bodies import build_scene
from tests.conftest import INTERPRETED
from tests.documented import ROOT
from tests.kernel_parts import LENSES, camera_at, heads_of, no_houses

FOLDER = ROOT / "docs/explanation"
PROMISED = 2e-7
WIDE = {"lens": "rectilinear", "hfov_deg": 120.0, "vfov_deg": 100.0, "width_px": 2560.0}
AWAY_M, OFF_DEG = 12.0, 60.0
SAID = {
    "viewshed.md": ("the lower of plane and arc within 2e-7", "by the plane", "by the arc"),
    "viewshed.zh-CN.md": ("平面、弧面两者中较低者相差", "按平面为", "按弧面为"),
    "peers.md": ("the lower of plane and arc density, rasters within 2e-7 of it",),
    "peers.zh-CN.md": ("取平面密度与弧面密度中较低者，栅格与之相差不超过 2e-7",),
}


@pytest.mark.parametrize("page", SAID)
def test_pages_state_the_definition_and_the_bound(page):
    text = " ".join((FOLDER / page).read_text(encoding="utf-8").split())
    for words in SAID[page]:
        assert words in text
    assert f"{PROMISED:.0e}".replace("e-07", "e-7") in text


@pytest.mark.parametrize("page", ["viewshed.md", "viewshed.zh-CN.md"])
def test_the_example_of_a_wide_lens_is_what_the_engine_delivers(page):
    text = (FOLDER / page).read_text(encoding="utf-8")
    plane, arc = (round(float(value)) for value in re.findall(r"(\d+) px/m", text)[:2])
    at = np.radians(OFF_DEG)
    spot = (AWAY_M * np.sin(at), AWAY_M * np.cos(at), 6.0)
    camera = camera_at(0.0, 0.0, height_m=6.0, **WIDE)
    (delivered,) = sightlines(heads_of(camera), [spot], build_scene(no_houses())).q.data
    depth = AWAY_M * np.cos(at)
    assert plane == round(float(plane_density_px_m(2560.0, 120.0, depth))) == 123
    assert arc == round(float(arc_density_px_m(2560.0, 120.0, AWAY_M))) == 102
    assert round(float(delivered)) == arc
    assert re.search(rf"(?:delivers|程序给出) {arc}\b", text)


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("wide", [40.0, 90.0, 120.0, 170.0])
def test_rasters_are_within_the_bound_of_the_lower_of_plane_and_arc(lens, wide):
    look = {"lens": lens, "hfov_deg": wide, "vfov_deg": min(wide, 120.0), "width_px": 2560.0}
    pose = {
        "azimuth_deg": 37.0,
        "tilt_deg": 21.0,
        "roll_deg": 0.0 if lens == "cylindrical" else 9.0,
    }
    camera = camera_at(0.3, 0.7, height_m=6.0, reach_m=60.0, **look, **pose)
    cell = 8.0 if INTERPRETED else 0.5
    view = viewshed(camera, build_scene(no_houses()), cell_m=cell)
    row, col = np.nonzero(view.visible)
    x = view.transform.c + (col + 0.5) * cell
    y = view.transform.f - (row + 0.5) * cell
    points = np.column_stack([x, y, np.full(len(x), 1.5)])
    optics = Optics(wide, look["vfov_deg"], 2560.0, lens, reach_m=60.0)
    frame = Frame(0.3, 0.7, 6.0, 37.0, 21.0, pose["roll_deg"])
    formula = density_px_m(optics, frame, points)
    assert len(row) > (4 if INTERPRETED else 1_000)
    np.testing.assert_allclose(view.px_m[row, col], formula, rtol=PROMISED)
    if lens == "rectilinear" and wide >= 120.0:
        plane = density_px_m(optics, frame, points, model="plane")
        assert (formula < 0.9 * plane).any(), "the plane alone is not what is delivered"
