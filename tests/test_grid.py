"""The grid of cells: blocks where something is, refused sizes, and closed cells."""

import numpy as np
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.coverage import grid
from civicsight.coverage._kernels.views import BLOCK
from civicsight.coverage.grid import closed_window, lay_blocks, prepare_cells, reach_boxes
from civicsight.scene.bodies import build_scene
from tests.kernel_parts import cells_of, crowns, houses, no_houses, panels

NAN, INF = float("nan"), float("inf")
NOWHERE = np.zeros((0, 4), np.int64)


def touched(boxes):
    """Return the blocks that boxes touch, box by box."""
    return {
        (row, col)
        for col0, row0, col1, row1 in (np.asarray(boxes) // BLOCK).tolist()
        for row in range(row0, row1 + 1)
        for col in range(col0, col1 + 1)
    }


def laid(blocks):
    """Return the blocks that have a number, and the numbers in the order of rows."""
    rows, cols = np.nonzero(blocks.number >= 0)
    places = set(zip((rows + blocks.row0).tolist(), (cols + blocks.col0).tolist(), strict=True))
    return places, blocks.number[rows, cols].tolist()


def test_blocks_are_those_that_boxes_touch_numbered_from_zero(rng):
    for count in (1, 2, 10, 60):
        corners = rng.integers(-9_000, 9_000, (count, 2))
        boxes = np.hstack([corners, corners + rng.integers(0, 900, (count, 2))])
        places, numbers = laid(lay_blocks(boxes))
        assert places == touched(boxes)
        assert numbers == list(range(len(numbers)))


def test_two_spots_27_km_apart_cost_two_spots():
    far = int(27_000 / 0.5)
    blocks = lay_blocks(np.array([[0, 0, 99, 99], [far, far, far + 99, far + 99]]))
    places, numbers = laid(blocks)
    assert numbers == list(range(len(places)))
    assert len(places) <= 5
    assert blocks.number.dtype == np.int32


def test_a_box_within_one_block_takes_one_and_no_box_takes_none():
    assert laid(lay_blocks(np.array([[-1, -256, -1, -1]]))) == ({(-1, -1)}, [0])
    assert lay_blocks(np.zeros((0, 4), np.int64)).number.shape == (0, 0)


@pytest.mark.parametrize("cell_m", [0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.6, 1, 2, 2.5, 5, 10, 64])
def test_sizes_that_divide_the_corner_of_a_scene_are_taken(cell_m):
    cells = cells_of(build_scene(no_houses()), cell_m)
    assert (cells.size, cells.target_height) == (cell_m, 1.5)
    assert (cells.blocks.number == -1).all()
    assert cells.closed.shape[0] == 0


@pytest.mark.parametrize("cell_m", [0.04, 65.0, 0.0, -1.0, 1e-9, 1e9, NAN, INF, None, "1"])
def test_sizes_out_of_bounds_are_refused(cell_m):
    (fault,) = faults_of(cell_m=cell_m)
    assert (fault.field, fault.found) == ("cell_m", str(cell_m))
    assert str(fault.expected) == "a number from 0.05 to 64.0 m"
    assert "0.5 m for streets" in str(fault.remedy)


def test_a_size_that_does_not_divide_the_corner_of_a_scene_is_refused():
    (fault,) = faults_of(cell_m=0.7)
    assert (fault.field, fault.found) == ("cell_m", "0.7")
    assert str(fault.expected).startswith("a size that divides 9600 m")
    assert "0.5, 1, 2" in str(fault.remedy)


@pytest.mark.parametrize("height", [-0.1, 1001.0, NAN, INF, None])
def test_heights_of_targets_out_of_bounds_are_refused(height):
    (fault,) = faults_of(target=height)
    assert (fault.field, fault.found) == ("target_height_m", str(height))
    assert str(fault.expected) == "a number from 0.0 to 1000.0 m"
    assert "above the ground" in str(fault.remedy)


def test_both_are_refused_at_once():
    assert [fault.field for fault in faults_of(cell_m=NAN, target=NAN)] == [
        "cell_m",
        "target_height_m",
    ]


def faults_of(cell_m=0.5, target=1.5, scene=None):
    with pytest.raises(InputError) as caught:
        prepare_cells(scene or build_scene(no_houses()), cell_m, target, NOWHERE)
    return caught.value.faults


def boxes_at(scene, cell_m, *places, reach_m=80.0):
    """Bound what views reach around places, in cells."""
    xy = np.array(places, float) - scene.origin
    return reach_boxes(xy, np.full((len(xy), 1), reach_m), cell_m)


def test_one_camera_does_not_pay_for_buildings_far_away():
    far = shapely.box(8e6, 8e6, 8e6 + 10, 8e6 + 10)
    wide = shapely.box(-70_000, 40, 70_000, 90_000)
    scene = build_scene(houses((shapely.box(0, 0, 10, 10), 9.0), (far, 9.0), (wide, 9.0)))
    cells = prepare_cells(scene, 0.1, 1.5, boxes_at(scene, 0.1, (20.0, 5.0)))
    assert closed_at(cells, scene, 5.0, 5.0)
    assert closed_at(cells, scene, 20.0, 60.0)
    assert not closed_at(cells, scene, 20.0, 5.0)
    assert cells.closed.nbytes < 1e6
    there = prepare_cells(scene, 0.1, 1.5, boxes_at(scene, 0.1, (8e6, 8e6 - 20.0)))
    assert closed_at(there, scene, 8e6 + 5, 8e6 + 5)
    assert there.closed.nbytes < 1e6, "what is too far away for one table is forgotten"


def test_a_block_is_laid_when_the_first_view_reaches_it(monkeypatch):
    calls = []
    lay = grid._lay_more
    monkeypatch.setattr(grid, "_lay_more", lambda *a: calls.append(int(a[3].sum())) or lay(*a))
    scene, other = (build_scene(houses((shapely.box(0, 0, 9, 9), 9.0))) for _ in range(2))
    box = np.array([[0, 0, 300, 99]])
    first = prepare_cells(scene, 1, 1.5, box)
    assert prepare_cells(scene, 1.0, 1.5, box) is first
    assert prepare_cells(scene, 1.0, 1.5, box[:, [0, 1, 0, 1]]) is first
    assert prepare_cells(scene, 1.0, 1.5, NOWHERE) is first
    assert calls == [2]
    prepare_cells(scene, 1.0, 1.5, np.array([[-300, 0, 100, 99], [900, 900, 901, 901]]))
    prepare_cells(other, 1.0, 1.5, box)
    prepare_cells(scene, 2.0, 1.5, box)
    prepare_cells(scene, 2.0, 0.5, box)
    assert calls == [2, 3, 2, 2, 2]


def test_blocks_laid_one_by_one_hold_the_same_as_all_at_once(rng):
    boxes = [shapely.box(x, y, x + 9, y + 7) for x, y in rng.uniform(-300.0, 900.0, (60, 2))]
    rows = [*((box, 9.0) for box in boxes), (shapely.box(-2000, 300, 2000, 420), 9.0)]
    whole, one_by_one = build_scene(houses(*rows)), build_scene(houses(*rows))
    expected = cells_of(whole, 1.0)
    for x, y in rng.uniform(-400.0, 1000.0, (40, 2)):
        cells = prepare_cells(one_by_one, 1.0, 1.5, boxes_at(one_by_one, 1.0, (x, y)))
        col, row = (int(v) for v in np.array([x, y]) - one_by_one.origin)
        window = (row - 80, (col - 80) >> 6, (160, 3))
        assert np.array_equal(closed_window(cells, *window), closed_window(expected, *window))


def closed_at(cells, scene, x, y):
    col = int((x - scene.origin[0]) // cells.size)
    row = int((y - scene.origin[1]) // cells.size)
    return bool(closed_window(cells, row, col >> 6, (1, 1))[0, col & 63])


@pytest.mark.parametrize("place", [(0.0, 0.0), (-20_000.0, 3_170_000.0)])
def test_closed_cells_lie_inside_solids_and_only_there(place):
    east, north = place
    box = shapely.box(east + 10, north + 10, east + 20, north + 30)
    far = shapely.box(east + 27_000, north + 27_000, east + 27_010, north + 27_010)
    scene = build_scene(
        houses((box, 9.0), (far, 3.0)),
        panels((shapely.LineString([(east, north), (east + 99, north)]), 3.0, 0.0)),
        crowns((shapely.box(east + 40, north + 10, east + 50, north + 30), 9.0, 1.0, 0.1)),
    )
    east_of = boxes_at(scene, 1.0, (east, north), (east + 27_000, north + 27_000))
    cells = prepare_cells(scene, 1.0, 1.5, east_of)
    inside = [(10.5, 10.5), (19.5, 29.5), (27_000.5, 27_009.5)]
    outside = [
        (9.5, 10.5),
        (20.5, 29.5),
        (45.5, 20.5),
        (5.5, 0.5),
        (27_000.5, 10.5),
        (-3000.5, 9.5),
    ]
    assert all(closed_at(cells, scene, east + x, north + y) for x, y in inside)
    assert not any(closed_at(cells, scene, east + x, north + y) for x, y in outside)
    assert len(cells.closed) <= 8, "only blocks with a footprint are stored"


def test_a_window_is_cut_out_of_the_same_cells_wherever_it_begins(rng):
    boxes = [shapely.box(x, y, x + 9, y + 7) for x, y in rng.uniform(-300.0, 900.0, (60, 2))]
    cells = cells_of(build_scene(houses(*((box, 9.0) for box in boxes))), 1.0)
    row0, word0 = cells.blocks.row0 * BLOCK - 70, cells.blocks.col0 * 4 - 3
    shape = (1800, 28)
    whole = closed_window(cells, row0, word0, shape)
    assert whole.sum() > 60 * 40
    for _ in range(40):
        row, word = (int(rng.integers(0, size)) for size in shape)
        n_row, n_word = int(rng.integers(0, 700)), int(rng.integers(0, 14))
        n_row, n_word = min(n_row, shape[0] - row), min(n_word, shape[1] - word)
        part = closed_window(cells, row0 + row, word0 + word, (n_row, n_word))
        expected = whole[row : row + n_row, word * 64 : (word + n_word) * 64]
        assert np.array_equal(part, expected)
    for row, word in ((10**6, 0), (-(10**6), 0), (0, 10**5), (0, -(10**5))):
        assert not closed_window(cells, row, word, (300, 5)).any()
