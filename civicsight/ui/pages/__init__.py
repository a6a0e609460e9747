"""The pages of the app, in the order of the navigation; each is imported when it is opened."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from threading import Lock
from typing import Final

from civicsight.core.errors import N_
from civicsight.core.extensions import added
from civicsight.ui.page import START_CODE, Page

START: Final = Page(
    START_CODE,
    N_("Projects"),
    "civicsight.ui.pages.start",
    (
        N_("Projects lie here, and what waits for you in each of them."),
        N_("Try the made-up district first, or begin a project from files of your own."),
    ),
)
"""What opens while no project is chosen."""

OPENING: Final = Page("opening", START.title, "civicsight.ui.opening")
"""What is drawn in place of any page while the chosen project is opened; it has no address."""

OWN_PAGES: Final = (
    Page(
        "home",
        N_("Overview"),
        "civicsight.ui.pages.home",
        (
            N_("How all places, gates and key parts stand, and what to do first."),
            N_(
                "A ring on the map is a place; its number is how many of its parts are not yet "
                "covered. Come closer, and every sign stands for itself."
            ),
        ),
    ),
    Page(
        "plan",
        N_("Plan on the map"),
        "civicsight.ui.pages.plan_map",
        (
            N_(
                "Draft by hand: add a camera and drag it, turn it by its handle, draw places and "
                "obstacles, confirm gates."
            ),
            N_(
                "Nothing is changed for others until you save a version; "
                "each step can be taken back."
            ),
        ),
    ),
    Page(
        "draw",
        N_("Draw up a plan"),
        "civicsight.ui.pages.draw_up",
        (
            N_(
                "Let the program look for a cheap compliant plan, or for "
                "what your money buys, and say "
                "how far from the best it can be."
            ),
            N_(
                "Stop it when you are satisfied: what it has found by then "
                "is a plan, and the bound "
                "says how much better any plan could be."
            ),
        ),
    ),
    Page(
        "view3d",
        N_("3D view"),
        "civicsight.ui.pages.view3d",
        (
            N_(
                "The plan map tilted: the same draft and panel; look through "
                "a camera to check a view."
            ),
            N_(
                "Drag to turn, the wheel to come closer, the right button to shift; with a tool a "
                "click on the ground or a wall says where."
            ),
        ),
    ),
    Page(
        "findings",
        N_("Findings"),
        "civicsight.ui.pages.findings",
        (
            N_("All gaps and duplicates, the worst first."),
            N_("Choose a row, and the map shows what it stands on and which cameras could help."),
        ),
    ),
    Page(
        "complete",
        N_("Complete the data"),
        "civicsight.ui.pages.complete",
        (
            N_("What nobody has settled yet, one after the other."),
            N_(
                "Each answer is kept with your name and what it relies on; "
                "the next one is that with "
                "which most is settled."
            ),
        ),
    ),
    Page(
        "compliance",
        N_("Article by article"),
        "civicsight.ui.pages.compliance",
        (
            N_(
                "Every article with its rules, what was found, and the "
                "questions that people decide."
            ),
            N_("An answer given here stands in the report."),
        ),
    ),
    Page(
        "duplicates",
        N_("Duplicates"),
        "civicsight.ui.pages.duplicates",
        (
            N_("Cameras that others could replace, by whom, and what would be lost."),
            N_("A duplicate is no proof that a camera can go: people weigh that."),
        ),
    ),
    Page(
        "review",
        N_("Review"),
        "civicsight.ui.pages.review",
        (
            N_(
                "One version on the map and what is decided about it: money, "
                "changes, gaps, opinions."
            ),
            N_("Click on the map to remark; who approves is told what is still missing."),
        ),
    ),
    Page(
        "works",
        N_("Follow the works"),
        "civicsight.ui.pages.works",
        (
            N_(
                "How far the works of a plan are, month by month, what is "
                "late and what is to be filed."
            ),
            N_(
                "Hand in the table that contractors fill in, and after the works the measurements: "
                "they say which gates were promised and are not met."
            ),
        ),
    ),
    Page(
        "compare",
        N_("Compare"),
        "civicsight.ui.pages.compare",
        (
            N_("Two versions side by side: measures, money, places."),
            N_("Move the line on the map between the one and the other."),
        ),
    ),
    Page(
        "report",
        N_("Report"),
        "civicsight.ui.pages.report",
        (
            N_("Documents, tables and layers of the project or of a version."),
            N_("The edition for the public leaves out what may not be shown."),
        ),
    ),
    Page(
        "data",
        N_("Data"),
        "civicsight.ui.pages.data",
        (
            N_("What is lacking in the data, and what cannot be said because of it."),
            N_("Bring files in here: nothing is taken over before you have seen it."),
        ),
    ),
)
"""The pages of a project that we have."""

PAGES: Final = (
    *OWN_PAGES,
    *added("pages", Page, {page.code for page in (*OWN_PAGES, START)}, attrgetter("code")),
    START,
)
"""All pages that have an address; the first one opens with the app."""


_ONE_BY_ONE: Final = Lock()
"""Two threads that import pages at once may each wait for what the other is at (Python 3.11)."""


def load_page(page: Page) -> object:
    """Return the module of a page."""
    with _ONE_BY_ONE:
        return import_module(page.module)
