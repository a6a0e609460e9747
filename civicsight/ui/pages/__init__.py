"""The pages of the app, in the order of the navigation; each is imported when it is opened."""

from __future__ import annotations

from importlib import import_module
from threading import Lock
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Text


class Page(NamedTuple):
    """A page: its address, what it is called, and the module whose ``render(visit)`` draws it."""

    code: str
    title: Text
    module: str

    @property
    def is_start(self) -> bool:
        """Whether it needs no project."""
        return self.code == START_CODE


START_CODE: Final = "start"
START: Final = Page(START_CODE, N_("Projects"), "civicsight.ui.pages.start")
"""What opens while no project is chosen."""

OPENING: Final = Page("opening", START.title, "civicsight.ui.opening")
"""What is drawn in place of any page while the chosen project is opened; it has no address."""

PAGES: Final = (
    Page("home", N_("Overview"), "civicsight.ui.pages.home"),
    Page("plan", N_("Plan on the map"), "civicsight.ui.pages.plan_map"),
    Page("draw", N_("Draw up a plan"), "civicsight.ui.pages.draw_up"),
    Page("view3d", N_("3D view"), "civicsight.ui.pages.view3d"),
    Page("findings", N_("Findings"), "civicsight.ui.pages.findings"),
    Page("complete", N_("Complete the data"), "civicsight.ui.pages.complete"),
    Page("compliance", N_("Article by article"), "civicsight.ui.pages.compliance"),
    Page("duplicates", N_("Duplicates"), "civicsight.ui.pages.duplicates"),
    Page("review", N_("Review"), "civicsight.ui.pages.review"),
    Page("works", N_("Follow the works"), "civicsight.ui.pages.works"),
    Page("compare", N_("Compare"), "civicsight.ui.pages.compare"),
    Page("report", N_("Report"), "civicsight.ui.pages.report"),
    Page("data", N_("Data"), "civicsight.ui.pages.data"),
    START,
)
"""The first one opens with the app."""


_ONE_BY_ONE: Final = Lock()
"""Two threads that import pages at once may each wait for what the other is at (Python 3.11)."""


def load_page(page: Page) -> object:
    """Return the module of a page."""
    with _ONE_BY_ONE:
        return import_module(page.module)
