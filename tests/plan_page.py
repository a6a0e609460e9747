"""The page of the plan map on the town of the app, and what a browser would tell it."""

from __future__ import annotations

import pytest
from pyproj import Transformer

from civicsight.editing.project import Project
from civicsight.store import Actor, Role
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.caches import own_cache
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "plan")


LI, WU = Actor("Li", Role.PLANNER), Actor("Wu", Role.PLANNER)


SAYS = ("text", "error", "warning", "info")


FIRST = ("zh_CN", pytest.param("en", marks=pytest.mark.slow))


SECOND = (pytest.param("zh_CN", marks=pytest.mark.slow), "en")

"""Languages in turn; all in the long proofs."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def opened(monkeypatch, project):
    def open_as(code="en", actor=LI, **query):
        test = open_page(monkeypatch, project, PAGE, code, actor=actor, **query)
        assert not test.exception
        return test

    return open_as


TO_DEGREES = Transformer.from_crs(app_city().crs, "EPSG:4326", always_xy=True)


def degrees(x, y):
    lng, lat = TO_DEGREES.transform(x, y)
    return {"lng": lng, "lat": lat}


def tell(test, kind, place=(0.0, 0.0), **more):
    """Do on the map what a browser would tell of."""
    seq = test.session_state["count"] + 1 if "count" in test.session_state else 1
    test.session_state["count"] = seq
    test.session_state["plan.event"] = {"kind": kind, "seq": seq, **degrees(*place), **more}
    test.run()
    assert not test.exception
    return editor_of(test)


def editor_of(test):
    return test.session_state["plan.desk"][1]


def said(test):
    return " ".join(texts_of(test, SAYS))


def press(test, key):
    next(button for button in test.button if str(button.key).endswith(key)).click().run()
    assert not test.exception
    return editor_of(test)
