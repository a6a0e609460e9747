"""The tours run from end to end, show what they say, and are stored without what they showed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import civicsight as cs
from civicsight.io import helsinki_path

ROOT = Path(__file__).resolve().parent.parent
TOUR = ROOT / "notebooks" / "01_coverage.ipynb"
EVERY_TOUR = sorted(TOUR.parent.glob("*.ipynb"))
LONGEST_S = 600
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ELSEWHERE = re.compile(r"/(home|root|tmp|work|Users|usr)/|[A-Z]:\\")

ASKED = """
import json
print(json.dumps({
    "cameras": [int(n) for n in imported.loc["cameras"]],
    "directions": directions,
    "assumed_share": assumed_share,
    "camera": [camera.x, camera.y],
    "seen_m2": seen.area_m2,
    "areas": areas.to_numpy().tolist(),
    "best_hfov": {str(k): int(v) for k, v in best_hfov.items()},
    "headline": headline.to_dict("list"),
    "heads": len(sure),
    "best": float(best.max()),
    "count": int(count.max()),
    "worst": worst["hidden_by"].to_dict(),
    "article_7": article_7["severity"].to_dict(),
    "relies_on": article_7["relies_on"].to_dict(),
    "weakest": weakest.value_counts().to_dict(),
    "met_share": met_share,
    "hangs_on": hangs_on.head(3).to_dict(),
    "folder": str(Path.cwd()),
}))
"""


def code_of(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def run_tour(tour, asked):
    """Run a notebook and a cell more, in a process of its own as a reader's would be."""
    book = nbformat.read(tour, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(asked))
    before = set(TOUR.parent.iterdir())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("MPLBACKEND", raising=False)  # Streamlit sets it where it is imported
        place = {"metadata": {"path": str(TOUR.parent)}}
        client = NotebookClient(
            book, timeout=LONGEST_S, kernel_name="python3", resources=place, coalesce_streams=True
        )
        client.execute()
    book.metadata["written"] = [path.name for path in set(TOUR.parent.iterdir()) - before]
    return book


def plots_and_complaints(book):
    """Return how many plots a run has drawn, and what it has written to standard error."""
    outputs = [output for cell in code_of(book) for output in cell.outputs]
    plots = [output for output in outputs if "image/png" in output.get("data", {})]
    loud = [output.text for output in outputs if output.get("name") == "stderr"]
    return len(plots), "".join(loud)


@pytest.fixture(scope="module", params=EVERY_TOUR, ids=lambda path: path.stem)
def stored(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(scope="module")
def shown():
    return run_tour(TOUR, ASKED)


@pytest.fixture(scope="module")
def found(shown):
    return json.loads(shown.cells[-1].outputs[0].text)


@pytest.fixture(scope="module")
def expected():
    return json.loads((ROOT / "data" / "demo" / "expected.json").read_text(encoding="utf-8"))


def test_it_has_ten_cells_and_is_valid(stored):
    nbformat.validate(stored)
    assert len(code_of(stored)) == 10


def test_it_is_stored_without_outputs(stored):
    assert all(not cell.outputs and cell.execution_count is None for cell in code_of(stored))
    assert set(stored.metadata) == {"kernelspec", "language_info"}
    assert not any(cell.metadata for cell in stored.cells)


@pytest.mark.parametrize("tour", EVERY_TOUR, ids=lambda path: path.stem)
def test_every_name_of_ours_that_it_takes_is_there(tour):
    code = "\n".join(cell.source for cell in code_of(nbformat.read(tour, as_version=4)))
    taken = set(re.findall(r"\bcs\.([A-Za-z_]+)", code))
    assert taken
    assert not {name for name in taken if not hasattr(cs, name)}


@pytest.mark.parametrize("tour", EVERY_TOUR, ids=lambda path: path.stem)
def test_it_names_no_place_on_anybodys_machine(tour):
    assert not ELSEWHERE.search(tour.read_text(encoding="utf-8"))


def test_every_heading_reads_in_both_languages(stored):
    prose = [cell.source.splitlines() for cell in stored.cells if cell.cell_type == "markdown"]
    assert len(prose) == 11
    for heading, chinese, *_ in prose:
        assert heading.startswith("#")
        assert not CHINESE.search(heading)
        assert CHINESE.search(chinese)


def test_a_viewshed_takes_three_lines_and_a_sweep_at_most_ten():
    cells = {cell.id: cell.source for cell in code_of(nbformat.read(TOUR, as_version=4))}
    before_the_plot = {name: source.split("\n\n")[0] for name, source in cells.items()}
    assert len(before_the_plot["viewshed"].splitlines()) == 3
    assert len(before_the_plot["sweep"].splitlines()) <= 10


@pytest.mark.compiled_only
@pytest.mark.slow
def test_every_plot_is_drawn_and_nothing_is_complained_of(shown):
    assert plots_and_complaints(shown) == (8, "")


@pytest.mark.compiled_only
@pytest.mark.slow
def test_helsinki_is_read_as_the_text_says(found):
    assert found["cameras"][:2] == [221, 221]
    assert found["directions"] == 0
    assert round(found["assumed_share"], 2) == 0.55


@pytest.mark.compiled_only
@pytest.mark.slow
def test_the_view_is_that_of_the_same_three_lines_here(found):
    city, _ = cs.read_city(helsinki_path())
    scene = cs.build_scene(city.buildings, city.obstacles, city.canopies)
    camera = cs.Camera(*found["camera"], city.crs, azimuth_deg=60, height_m=5, reach_m=120)
    assert cs.viewshed(camera, scene).area_m2 == found["seen_m2"]
    assert 0 < found["seen_m2"] < np.pi * 120**2 / 4


@pytest.mark.compiled_only
@pytest.mark.slow
def test_the_sweep_has_its_best_in_between_and_higher_cameras_want_narrower_lenses(found):
    areas = np.array(found["areas"])
    assert areas.shape == (23, 3)
    assert (areas > 0).all()
    best = areas.argmax(axis=0)
    assert ((best > 0) & (best < len(areas) - 1)).all()
    lenses = [found["best_hfov"][height] for height in ("3.0", "5.0", "8.0")]
    assert lenses == sorted(lenses, reverse=True)


@pytest.mark.compiled_only
@pytest.mark.slow
def test_the_made_district_comes_out_as_is_known_beforehand(found, expected):
    by_gate = [gate["status"] for gate in expected["gates"]]
    covered, _, _, gaps = (values[1] for values in zip(*found["headline"].values(), strict=True))
    assert gaps == by_gate.count("gap") == len(found["worst"])
    assert covered == by_gate.count("covered") + sum(
        part["status"] == "covered" for part in expected["other_parts"]
    )
    assert sum("B148" in names for names in found["worst"].values()) == 1
    assert sum(1 for names in found["worst"].values() if names) == 3


@pytest.mark.compiled_only
@pytest.mark.slow
def test_helsinki_has_nothing_sure_without_directions(found):
    assert found["headline"]["Helsinki"][0] == 0
    assert sum(found["headline"]["Helsinki"]) > 200


@pytest.mark.compiled_only
@pytest.mark.slow
def test_coverage_counts_the_cameras_of_a_full_record(found, expected):
    assert found["heads"] == 182
    assert found["best"] > 250
    assert 2 <= found["count"] <= 20
    assert sum(found["weakest"].values()) == len(expected["gates"])


@pytest.mark.compiled_only
@pytest.mark.slow
def test_only_a_planned_camera_that_repeats_another_breaks_article_7(found, expected):
    violations = {name for name, how in found["article_7"].items() if how == "violation"}
    known = {each["camera"] for each in expected["repeats"] if each["severity"] == "violation"}
    assert violations == known
    named = {each["camera"]: each["beside"] for each in expected["repeats"] if each["beside"]}
    assert named.keys() <= found["relies_on"].keys()
    for camera, beside in named.items():
        assert set(found["relies_on"][camera].split(", ")) <= set(beside)


@pytest.mark.compiled_only
@pytest.mark.slow
def test_the_matrix_says_what_hangs_on_one_camera(found):
    assert 0.8 < found["met_share"] < 1.0
    amounts = list(found["hangs_on"].values())
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[-1] > 0


@pytest.mark.compiled_only
@pytest.mark.slow
def test_a_run_writes_no_file(shown, found):
    assert Path(found["folder"]) == TOUR.parent
    assert shown.metadata["written"] == []
