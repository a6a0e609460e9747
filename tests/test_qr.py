"""The root of a plan on paper, once more for a camera: what is drawn is the code."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import segno
from PIL import Image

from civicsight.core.errors import InputError
from civicsight.planning.record.root import roots_in, to_scan, whole_root
from civicsight.presentation.qr import MODULE_PX, QUIET, draw_qr

ROOT = "0123456789abcdef" * 4


def modules_of(canvas):
    """Return which modules of a drawing are dark, looked at in their middle."""
    image = np.array(Image.open(BytesIO(canvas.png())).convert("L"))
    finer = image.shape[0] / canvas.height
    side = canvas.height // MODULE_PX
    at = ((np.arange(side) + 0.5) * MODULE_PX * finer).astype(int)
    return image[np.ix_(at, at)] < 128


@pytest.mark.parametrize("text", [to_scan(ROOT), "x", "根校验码" * 20])
def test_what_is_drawn_is_the_code_with_white_around_it(text):
    dark = modules_of(draw_qr(text))
    code = np.array([list(row) for row in segno.make_qr(text, error="m", boost_error=False).matrix])
    assert (dark[QUIET:-QUIET, QUIET:-QUIET] == code.astype(bool)).all()
    around = dark.copy()
    around[QUIET:-QUIET, QUIET:-QUIET] = False
    assert not around.any()


def test_a_root_is_short_enough_to_be_read_from_three_centimetres():
    side = draw_qr(to_scan(ROOT)).height / MODULE_PX
    assert 32.0 / side >= 0.7  # mm a module


@pytest.mark.parametrize("text", [
    to_scan(ROOT), f"  {to_scan(ROOT)}\n", to_scan(ROOT).lower(), ROOT, ROOT.upper(),
    ROOT.capitalize(), f" {ROOT}\n",
])  # fmt: skip
def test_a_root_is_that_which_is_printed_however_it_is_typed_or_scanned(text):
    assert whole_root(text, "--root") == ROOT
    assert ROOT in roots_in(text.encode())


@pytest.mark.parametrize("text", [
    to_scan(ROOT)[:-1], to_scan(ROOT[:12]), to_scan(""), "", f"{ROOT[:32]} {ROOT[32:]}",
    ROOT.replace("a", "g"), ROOT.replace("1", "１"),
])  # fmt: skip
def test_what_is_no_whole_root_is_refused(text):
    with pytest.raises(InputError, match=r"root\.not_whole"):
        whole_root(text, "--root")
