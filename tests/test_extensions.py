"""A package of somebody else adds a row to each registry, through the door that is open to all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
POINTS = {
    "formats": "kelp.rows:FORMAT",
    "columns": "kelp.rows:COLUMN",
    "packs": "kelp.rows:PACK",
    "commands": "kelp.rows:COMMAND",
    "pages": "kelp.rows:PAGE",
    "outputs": "kelp.outputs:OUTPUT",
    "solvers": "kelp.soft",
}

CHILD = """
import json, tempfile, time
from pathlib import Path

import kelp.rows  # whoever is first: the package or ours
import numpy as np
import pytest

from civicsight import check, read_cameras, write_report
from civicsight.core.extensions import extensions
from civicsight.io.packs import load_packs
from civicsight.planning.solver import worker
from civicsight.planning.solver.highs import Programme
from civicsight.planning.solver.outcome import Limits
from civicsight.ui.pages import PAGES
from tests.plan_made import checked
from tests.ui_made import make_project, open_page

found = {"extensions": extensions()}
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "list.kelp"
    path.write_text("KELP\\nk1 115.86 28.68 12\\nk2 115.87 28.68 0\\n", "utf-8")
    read, _ = read_cameras(path)
    found["read"] = [*read.index, *read["kelp_mm"]]
    written = write_report(checked(), Path(folder) / "out", languages=("en",))
    found["written"] = (Path(folder) / "out" / "kelp.txt").read_text("utf-8")
    found["told"] = "kelp.txt" in written[0].read_text("utf-8")
    texts = {path.name: path.read_text("utf-8-sig", "replace") for path in written}
    found["named"] = [name for name, text in texts.items() if "kelp 1.0" in text]
    rules = load_packs(user=["kelp-rules"])
    found["rules"] = [rules.versions, *(rule.id for rule in rules.packs[-1].rules)]
    (page,) = [page for page in PAGES if page.code == "kelp"]
    with pytest.MonkeyPatch.context() as patch:
        app = open_page(patch, make_project(Path(folder)), page, "zh")
    found["page"] = [text.value for text in app.markdown if text.value.startswith("kelp")]
found["solver"] = worker.SOLVER.NAME
ones, every = np.ones(worker.SMALL_ENTRIES), np.arange(worker.SMALL_ENTRIES + 1, dtype=np.int32)
problem = Programme(ones, ones, every, every[:-1], ones, ones, np.full(len(ones), np.inf), True,
                    "simplex", np.empty(0), 1e-6, 0.0, 20.0, 1000)
answer = worker.ask(problem, lambda *_: None, Limits(seconds=20.0), time.perf_counter())
found["solved"] = float(answer["values"].sum())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The package as an installer leaves it."""
    site = tmp_path_factory.mktemp("stranger") / "site-packages"
    shutil.copytree(ROOT / "tests" / "stranger" / "kelp", site / "kelp")
    told = site / "kelp-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: kelp\nVersion: 1.0\n")
    return site


def run(site, *words, points=POINTS, **settings):
    """Run Python with the package, which has some entry points."""
    lines = [f"[civicsight.{group}]\nkelp = {value}\n" for group, value in points.items()]
    (site / "kelp-1.0.dist-info" / "entry_points.txt").write_text("".join(lines))
    path = os.pathsep.join([str(site), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, **settings}
    called = [sys.executable, *words]
    return subprocess.run(
        called, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )


def command(site, *words, **more):
    return run(site, "-m", "civicsight", *words, "--lang", "en", **more)


def test_each_registry_takes_a_row_from_outside(installed):
    done = run(installed, "-c", CHILD, CIVICSIGHT_SOLVER="soft")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("rules")[1:] == ["K1.1"]
    assert sorted(found.pop("extensions").pop("kelp 1.0")) == sorted(POINTS)
    assert found == {
        "read": ["k1", "k2", 12.0, 0.0],
        "written": "cameras: 4\n",
        "told": True,
        "named": ["page.en.html", "civicsight.gpkg", "about.csv", "summary.json"],
        "page": ["kelp: 4"],
        "solver": "Soft 1.0",
        "solved": 200.0,
    }


@pytest.mark.slow
def test_a_command_of_another_package_is_listed_runs_and_has_a_schema(installed):
    assert "kelp" in command(installed, "--help").stdout
    assert json.loads(command(installed, "kelp", "count", "a", "b").stdout) == {"kelp": 2}
    schema = json.loads(command(installed, "schema", "kelp", "count", "--json").stdout)
    assert schema["anyOf"][0] == {"type": "object"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("points", "why"),
    [
        ({"commands": "kelp.nowhere:COMMAND"}, "it does not load (ModuleNotFoundError"),
        ({"commands": "kelp.rows:PAGE"}, "it is of class Page"),
        ({"formats": "kelp.nowhere:FORMAT"}, "it does not load (ModuleNotFoundError"),
        ({"columns": "kelp.rows:NOWHERE"}, "its table is none of buildings, "),
        ({"columns": "kelp.rows:TWICE"}, "there is owner already"),
        ({"format": "kelp.rows:FORMAT"}, "there are formats, columns, "),
    ],
    ids=["commands", "class", "formats", "table", "column", "registry"],
)
def test_what_cannot_be_added_is_said_with_a_remedy_that_works(installed, points, why):
    done = command(installed, "template", "nothing-of-the-kind", points=points)
    said = " ".join(done.stderr.split())
    (group,) = points
    assert done.returncode == 2
    assert f"The package kelp 1.0 cannot add kelp to civicsight.{group}: {why}" in said
    assert "CIVICSIGHT_EXTENSIONS=none" in said
    off = command(installed, "schema", "demo", points=points, CIVICSIGHT_EXTENSIONS="none")
    assert off.returncode == 0


def test_a_pack_of_another_package_is_asked_for_by_its_name(installed):
    done = command(installed, "rules", "show", "kelp-rules")
    assert done.returncode == 0
    assert "A keeper is on record" in done.stdout
