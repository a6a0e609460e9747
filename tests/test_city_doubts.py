"""Values that can be read and are hardly meant are said with their count."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.io.tables.inventory import read_cameras


def notes_of(tmp_path, rows, header="id,lon,lat,azimuth"):
    path = tmp_path / "c.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    table, report = read_cameras(path)
    return table, report, " ".join(map(str, report.notes))


KINDS = {"camera.zero_direction", "camera.radians", "camera.narrow_view", "camera.coarse_picture",
         "camera.future"}  # fmt: skip


def doubts(report):
    """Return the count of each kind of note."""
    return {one.kind: one.count for one in report.notes}


def directions(tmp_path, values):
    rows = [f"c{n},{115.90351 + n * 1e-4:.6f},28.67423,{v}" for n, v in enumerate(values)]
    return notes_of(tmp_path, rows)


def test_a_direction_of_zero_is_doubted_where_others_vary(tmp_path):
    """18 of 152 rows say 0, as a form does that nobody filled in."""
    varied = np.random.default_rng(2).permutation(np.arange(1, 360))[:134]
    table, report, told = directions(tmp_path, [0] * 18 + list(varied))
    assert "18 of 152 directions are exactly 0 while the others vary" in told
    assert doubts(report)["camera.zero_direction"] == 18
    assert table["azimuth_deg"].notna().all(), "they are kept"


@pytest.mark.parametrize(
    "values",
    [
        [0, 90, 180, 270] * 20,
        ["北"] * 18 + list(range(1, 135)),
        [0] * 4 + list(range(1, 135)),
        [0] * 40 + [90] * 40,
    ],
)
def test_other_zeros_are_north(tmp_path, values):
    assert "exactly 0" not in directions(tmp_path, values)[2]


@pytest.mark.parametrize(("digits", "metres"), [(2, 1_000), (3, 100)])
def test_coordinates_that_were_cut_are_doubted(tmp_path, digits, metres):
    rng = np.random.default_rng(3)
    rows = [
        f"c{n},{115.9 + x:.{d}f},{28.6 + y:.{d}f},"
        for n, (x, y) in enumerate(rng.uniform(0.01, 0.09, (20, 2)))
        for d in [digits if n < 7 else 6]
    ]
    told = notes_of(tmp_path, rows)[2]
    assert f"7 rows have coordinates cut to {digits} decimals" in told
    assert f"by {metres} m" in told
    assert "cut to" not in notes_of(tmp_path, rows[7:])[2]


def column(tmp_path, header, values):
    rows = [f"c{n},{115.90351 + n * 1e-4:.6f},28.67423,{v}" for n, v in enumerate(values)]
    return notes_of(tmp_path, rows, f"id,lon,lat,{header}")


@pytest.mark.parametrize(
    ("header", "values", "said"),
    [
        ("azimuth", [0.12, 3.14, 6.27, 1.5, 2.0], "all 5 directions lie between 0 and 6.28"),
        ("hfov", [1.2, 80, 1.4], "2 angles of view are below 3 degrees"),
        ("resolution", ["19x10", "1920x1080"], "1 pictures are less than 320 pixels wide"),
        ("installed on", ["2999-01-01", "2020-01-01"], "1 cameras are recorded as existing, and"),
    ],
)
def test_what_looks_like_another_unit_or_time_is_doubted_and_kept(tmp_path, header, values, said):
    table, report, told = column(tmp_path, header, values)
    assert said in told
    assert len(table) == len(values)
    assert set(doubts(report)) & KINDS


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("azimuth", [0.5, 3.1, 90.0, 1.5, 2.0]),
        ("azimuth", [0, 10, 20, 3, 4, 5]),
        ("hfov", [4.0, 80, 100]),
        ("resolution", ["352x288", "1920x1080"]),
        ("installed on", ["2019-01-01", "2020-01-01"]),
    ],
)
def test_what_may_well_be_meant_is_not_doubted(tmp_path, header, values):
    assert not set(doubts(column(tmp_path, header, values)[1])) & KINDS
