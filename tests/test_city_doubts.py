"""Values that can be read and are hardly meant are said with their count."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.city.tables.inventory import read_cameras


def notes_of(tmp_path, rows, header="id,lon,lat,azimuth"):
    path = tmp_path / "c.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    table, report = read_cameras(path)
    return table, report, " ".join(map(str, report.notes))


def directions(tmp_path, values):
    rows = [f"c{n},{115.90351 + n * 1e-4:.6f},28.67423,{v}" for n, v in enumerate(values)]
    return notes_of(tmp_path, rows)


def test_a_direction_of_zero_is_doubted_where_others_vary(tmp_path):
    """18 of 152 rows say 0, as a form does that nobody filled in."""
    varied = np.random.default_rng(2).permutation(np.arange(1, 360))[:134]
    table, report, told = directions(tmp_path, [0] * 18 + list(varied))
    assert "18 of 152 directions are exactly 0 while the others vary" in told
    assert report.count("doubtful.azimuth") == 18
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
