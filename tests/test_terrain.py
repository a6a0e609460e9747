"""The ground is a surface of bilinear patches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.core.errors import MismatchError
from civicsight.model.terrain import Terrain

COEFFICIENT = st.floats(-5, 5)


def test_bounds_are_those_of_the_outermost_nodes():
    terrain = Terrain(np.zeros((3, 5)), 100.0, 200.0, 10.0)
    assert terrain.bounds == (100.0, 200.0, 140.0, 220.0)


@given(COEFFICIENT, COEFFICIENT, COEFFICIENT, COEFFICIENT)
def test_a_bilinear_surface_is_read_exactly(a, b, c, d):
    """A surface a + bx + cy + dxy is its own interpolation, whatever the grid."""
    x, y = np.meshgrid(np.arange(4) * 2.5 - 3, np.arange(6) * 2.5 + 7)
    terrain = Terrain(a + b * x + c * y + d * x * y, -3.0, 7.0, 2.5)
    at_x, at_y = np.array([-3.0, 0.1, 2.0, 4.5]), np.array([7.0, 11.3, 12.0, 19.5])
    expected = a + b * at_x + c * at_y + d * at_x * at_y
    np.testing.assert_allclose(terrain.height_at(at_x, at_y), expected, atol=1e-9)


def test_rows_run_from_south_to_north():
    terrain = Terrain(np.array([[0.0, 0.0], [8.0, 8.0]]), 0.0, 0.0, 1.0)
    assert terrain.height_at(np.array([0.5]), np.array([0.75])) == [6.0]


def test_outside_and_beside_unknown_nodes_the_ground_is_unknown():
    z = np.zeros((3, 3))
    z[2, 2] = np.nan
    terrain = Terrain(z, 0.0, 0.0, 1.0)
    heights = terrain.height_at(
        np.array([-0.1, 2.1, 1.0, 1.5, 0.5]), np.array([1, 1, 2.1, 1.5, 0.5])
    )
    np.testing.assert_array_equal(np.isnan(heights), [True, True, True, True, False])


def test_the_heights_are_frozen_and_the_input_is_not():
    z = np.zeros((2, 2), np.float32)
    terrain = Terrain(z, 0.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        terrain.z[0, 0] = 1.0
    z[0, 0] = 1.0
    assert terrain.z[0, 0] == 0.0


@pytest.mark.parametrize(
    ("shape", "step"), [((1, 5), 1.0), ((5, 1), 1.0), ((4,), 1.0), ((2, 2), 0.0), ((2, 2), np.nan)]
)
def test_a_grid_has_two_rows_two_columns_and_a_step(shape, step):
    with pytest.raises(MismatchError, match="at least 2 x 2 nodes and a positive step"):
        Terrain(np.zeros(shape), 0.0, 0.0, step)
