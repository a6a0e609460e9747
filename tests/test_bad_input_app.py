"""Every case of the catalogue of bad inputs that is one file, sent to the app from a browser.

``python -m tests.test_bad_input_app`` prints a line a case: what command line, Python and app made
of it, and the processor time of each [s].
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Page

from civicsight.application.intake import KIND_LABELS
from civicsight.cli.entry import OK, run
from civicsight.core.errors import CivicsightError
from civicsight.core.i18n import translate
from civicsight.core.settings import MEGABYTE
from civicsight.io import read_city, save_city
from tests.bad_input.case import Case
from tests.bad_input.catalogue import CASES
from tests.conftest import find_browser
from tests.test_bad_input import NAMES, REFUSED
from tests.ui_server import browsing, free_port, process_of, processor_time, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT_MS = 300_000
"""How long a state is waited for [ms] that never comes; what a case may take is counted."""

MOST_MB = 50
HERE = ((115.860, 28.680, 115.861, 28.681), (115.900, 28.600, 115.901, 28.601))
"""Two houses where the cameras of the catalogue stand: west, south, east, north of each."""

END = "[class*='st-key-end-']"
SENT = ("--out", "--dry-run", "{input}", "{out}")
"""Words of a command that change nothing of what is read."""


NO_SYSTEM = "without a CRS"
"""In titles of cases whose numbers mean nothing by themselves, but something in an open project."""


class Answer(NamedTuple):
    """What a way made of a case: whether it was taken, the words, and processor time [s]."""

    taken: bool
    text: str
    seconds: float


def kind_of(case: Case) -> str:
    """Return the kind as which the app can be given a case as well, or empty."""
    verb, *words = case.command
    rest = [word for word in words if word not in SENT]
    fits = verb == "import" and len(rest) == 2 and rest[0] == "--as" and rest[1] in KIND_LABELS
    return rest[1] if fits and NO_SYSTEM not in case.title else ""


def is_sendable(folder: Path, source: Path) -> bool:
    """Tell whether a case is one file, of a size that the app takes."""
    alone = list(folder.iterdir()) == [source] and source.is_file()
    return alone and source.stat().st_size <= MOST_MB * MEGABYTE


SENDABLE = {name: case for name, case in zip(NAMES, CASES, strict=True) if kind_of(case)}


@contextmanager
def app(folder: Path, browser: str) -> Iterator[Page]:
    """Open the page for files of an app on a made town, as the planner at the machine."""
    corner = gpd.GeoDataFrame(geometry=[shapely.box(*one) for one in HERE], crs=4326)
    corner.to_file(folder / "house.geojson")
    project = save_city(read_city(folder / "house.geojson")[0], folder / "town.gpkg")
    with (
        serving(folder, free_port(), CIVICSIGHT_PROJECT=str(project)) as address,
        browsing(browser) as (page, _),
    ):
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{address}/data?lang=en")
        page.locator("input[type=file]").first.wait_for(state="attached")
        yield page


def send(page: Page, case: Case, source: Path) -> Answer:
    """Send one file, wait for its end, and put it away."""
    server = process_of(urlsplit(page.url).port)
    before = processor_time(server)
    choose(page, translate(KIND_LABELS[kind_of(case)], "en"))
    page.locator("input[type=file]").first.set_input_files(source)
    page.get_by_test_id("stFileChipName").wait_for()
    page.get_by_test_id("stFileChipIconSpinner").wait_for(state="detached")
    page.get_by_role("button", name="Read and show").click()
    end = page.locator(END)
    end.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    text = page.get_by_test_id("stMain").inner_text()
    seconds = processor_time(server) - before
    end.get_by_role("button", name="Put away").click()
    end.wait_for(state="detached")
    read = "rows can be used" in text or "taken apart into" in text
    return Answer(read, text, seconds)


def choose(page: Page, label: str) -> None:
    """Say what the file holds; the choice stays from file to file."""
    box = page.get_by_test_id("stSelectbox").filter(has_text="What they hold")
    if label in box.inner_text():
        return
    box.locator("[role=combobox], input").first.click()
    page.get_by_role("option", name=label, exact=True).click()


@pytest.fixture(scope="module")
def page(tmp_path_factory, browser):
    with app(tmp_path_factory.mktemp("app"), browser) as opened:
        yield opened


@pytest.mark.parametrize("case", SENDABLE.values(), ids=SENDABLE)
def test_through_the_app(page, case, tmp_path):
    source = case.make(tmp_path)
    if not is_sendable(tmp_path, source):
        pytest.skip("not one file that a browser may send")
    answer = send(page, case, source)
    assert answer.taken == (case.outcome not in REFUSED), answer.text
    assert "Traceback" not in answer.text
    assert "Internal" not in answer.text
    assert str(tmp_path) not in answer.text
    if not answer.taken:
        flat = " ".join(answer.text.split())
        for piece in case.says:
            assert piece in flat or piece in answer.text.replace("\n", ""), (piece, answer.text)
    assert answer.seconds < 30


def through_python(case: Case, source: Path) -> Answer:
    before = processor_time(os.getpid())
    try:
        case.call(source)
    except CivicsightError as error:
        return Answer(False, str(error), processor_time(os.getpid()) - before)
    return Answer(True, "", processor_time(os.getpid()) - before)


def through_command(case: Case, source: Path, out: Path) -> Answer:
    before = processor_time(os.getpid())
    printed, stdout, stderr = StringIO(), sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed
    try:
        code = run([word.format(input=source, out=out) for word in case.command])
    finally:
        sys.stdout, sys.stderr = stdout, stderr
    return Answer(code == OK, printed.getvalue(), processor_time(os.getpid()) - before)


def main() -> None:
    """Print what each way makes of each case."""
    browser = find_browser()
    if browser is None:
        sys.exit("no Chromium was found")
    with tempfile.TemporaryDirectory() as root, app(Path(root), browser) as page:
        for name, case in zip(NAMES, CASES, strict=True):
            with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
                source = case.make(Path(folder))
                ways = [
                    through_command(case, source, Path(other) / "out.gpkg"),
                    through_python(case, source),
                ]
                if name in SENDABLE and is_sendable(Path(folder), source):
                    ways.append(send(page, case, source))
            said = [f"{'taken' if way.taken else 'refused'} {way.seconds:.2f}" for way in ways]
            wanted = "refused" if case.outcome in REFUSED else "taken"
            good = all(re.match(wanted, word) for word in said)
            said += ["not one file"] * (3 - len(said))
            sys.stdout.write(f"{name:60} {'  '.join(f'{word:14}' for word in said)} {good}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
