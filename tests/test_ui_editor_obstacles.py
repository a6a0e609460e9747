"""What an obstacle takes is told of cameras that are open to whoever looks, of no others."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from civicsight.application.obstacles import Judged
from civicsight.core.i18n import translate
from civicsight.ui.editor import obstacles

LOSSES = pd.DataFrame(
    {"share": [0.5, 0.25, 0.1], "lost_m2": [50.0, 25.0, 10.0], "holds": ["sure"] * 3},
    index=["own", "elsewhere", "mine"],
)


def sight(*open_to: str) -> SimpleNamespace:
    return SimpleNamespace(cameras=gpd.GeoDataFrame(index=list(open_to)))


def judged() -> Judged:
    ground = {name: Point(0, n).buffer(1.0) for n, name in enumerate(LOSSES.index)}
    return Judged(SimpleNamespace(verdict="conditional"), LOSSES, pd.Series({"p": "sure"}), ground)


@pytest.mark.parametrize(
    ("open_to", "kept"),
    [(("own", "mine", "idle"), ["own", "mine"]), (("elsewhere",), ["elsewhere"]), ((), [])],
)
def test_cameras_of_other_districts_and_their_ground_are_left_out(open_to, kept):
    found = obstacles._open_to(judged(), sight(*open_to))
    assert list(found.cameras.index) == kept
    assert set(found.ground) == set(kept)
    assert found.falling.equals(judged().falling), "gates are told of to everybody"


@pytest.mark.parametrize(
    ("open_to", "named", "others"),
    [(("own", "mine"), ["own", "mine"], 1), (("own", "elsewhere", "mine"), None, 0), ((), [], 3)],
)
def test_the_table_names_no_camera_of_another_district(monkeypatch, open_to, named, others):
    """Of those it says how many there are."""
    rows, said = [], []
    monkeypatch.setattr(obstacles, "table", lambda given, _widths: rows.extend(given))
    monkeypatch.setattr(obstacles.st, "text", said.append)
    monkeypatch.setattr(obstacles, "HOLDS", {"sure": obstacles.N_("Name")})
    visit = SimpleNamespace(translate=lambda text: translate(text, "en"))
    names = SimpleNamespace(cameras={}, parts={})
    obstacles._table(visit, judged(), sight(*open_to), names)
    assert [row[0] for row in rows] == (list(LOSSES.index) if named is None else named)
    told = [f"{others} cameras in other districts lose view too."] if others else []
    assert said == told


def test_what_is_judged_for_the_map_is_open_to_who_looks(monkeypatch):
    """The map draws what `editor.judged` holds: it is the filtered one."""
    monkeypatch.setattr(obstacles, "warn", lambda *_: None)
    for name in ("headline_of", "verdict_of"):
        monkeypatch.setattr(obstacles, name, lambda _: obstacles.N_("Name"))
    for name in ("_table", "_limits"):
        monkeypatch.setattr(obstacles, name, lambda *_: None)
    shown = SimpleNamespace(
        spinner=lambda _: nullcontext(), text=lambda _: None, caption=lambda _: None
    )
    monkeypatch.setattr(obstacles, "st", shown)
    permit = SimpleNamespace(looked=False, verdict="free")
    monkeypatch.setattr(
        obstacles,
        "judge_obstacle",
        lambda *_: Judged(permit, LOSSES, pd.Series(dtype=object), judged().ground),
    )
    editor = SimpleNamespace(project=None, judged=None)
    visit = SimpleNamespace(translate=str)
    obstacles._show_losses(visit, editor, sight("mine"), None, "", (None, 3.0, 0.0, "wall"))
    assert list(editor.judged.cameras.index) == ["mine"]
    assert set(editor.judged.ground) == {"mine"}
