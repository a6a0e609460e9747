"""One camera alone on a map, and two results parted by a line."""

from __future__ import annotations

import re

import numpy as np
import pytest

from civicsight.core.errors import InputError
from civicsight.coverage.check import MAP_READING, build_scenes
from civicsight.coverage.raster import compute_coverage
from civicsight.maps import plan_map
from civicsight.maps.alone import camera_alone
from civicsight.maps.assets import take_apart
from tests.app_town import app_result
from tests.result_factory import make_result


@pytest.fixture(scope="module")
def result():
    return app_result()


@pytest.mark.parametrize("label", ["south", "twin", "away"])
def test_one_camera_has_its_own_picture_and_the_parts_that_it_sees(result, label):
    alone = camera_alone(result, label)
    assert list(alone.cameras.index) == [label]
    assert set(alone.heads["camera_id"]) <= {label}
    row = list(result.cameras.index).index(label)
    seen = set()
    for reading in ("sure", "assumed"):
        matrix = result.matrices[reading].q.toarray()
        seen |= set(result.samples["part_id"][matrix[row] > 0.0])
    assert set(alone.parts.index) == seen
    assert set(alone.zones.index) == set(alone.parts["zone_id"])
    assert list(alone.part_status.index) == list(alone.parts.index)
    heads = result.heads[result.heads["camera_id"].eq(label)]
    heads = heads[heads["reading"].eq(MAP_READING)]
    scene = build_scenes(result.city)[MAP_READING]
    own = compute_coverage(heads, scene, cell_m=result.raster.cell_m)
    assert (alone.raster.best > 0).sum() == (own.best > 0).sum()


def test_a_camera_that_counts_for_nothing_has_a_map_without_a_picture(result):
    unused = [
        label for label in result.cameras.index if label not in set(result.heads["camera_id"])
    ]
    assert unused
    assert camera_alone(result, unused[0]).raster is None
    assert '"cameras"' in take_apart(plan_map(result, "en", camera=unused[0])).script


def test_the_picture_of_one_is_no_larger_than_that_of_all(result):
    everything = result.raster.to_dense()[0]
    alone = camera_alone(result, "south").raster.to_dense(result.raster.bounds)[0]
    assert (alone <= everything + 1e-6).all()
    assert 0 < np.count_nonzero(alone) < np.count_nonzero(everything)


def test_an_unknown_camera_is_refused(result):
    with pytest.raises(InputError) as caught:
        plan_map(result, camera="nobody")
    (fault,) = caught.value.faults
    assert (fault.field, fault.found) == ("camera", "nobody")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_two_results_are_parted_and_nothing_is_loaded(language):
    first, second = make_result(), make_result(raster=False)
    drawn = plan_map(second, language, before=first)
    html = drawn.get_root().render()
    assert all(link.startswith("data:") for link in re.findall(r'(?:src|href)="([^"]{0,60})', html))
    script = take_apart(drawn).script
    left = re.search(r'images\(\s*"left", (\{.*?\})\);', script)[1]
    right = re.search(r'images\(\s*"right", (\{.*?\})\);', script)[1]
    assert "data:image/png" in left
    assert '"images": []' in right
    assert '"coverage"' not in re.sub(r'"keys": \[[^\]]*\]', "", script)
    assert "civicsight.swipe(" in script


def test_layers_can_be_off_when_the_map_opens():
    drawn = plan_map(make_result(), "en", hidden=("zones", "coverage"))
    off = {layer.key for layer in drawn._children.values() if hasattr(layer, "key")}
    off = {key for key in off if not drawn._children[f"plan_layer_{key}"].show}
    assert off == {"zones", "coverage", "overlaps"}


def test_a_notebook_shows_the_map_and_a_file_holds_it(tmp_path):
    drawn = plan_map(make_result(), "en")
    shown = drawn._repr_html_()
    assert "srcdoc=" in shown
    path = tmp_path / "plan.html"
    drawn.save(path)
    text = path.read_text(encoding="utf-8")
    assert "civicsight.start(" in text
    assert "https://cdn" not in text
