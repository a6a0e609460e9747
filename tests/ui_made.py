"""A project by hand for the pages: what they show can be read off `result_factory`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from civicsight.application import accounts
from civicsight.editing.project import Opening, Project
from civicsight.rules import load_packs
from civicsight.store import Actor, leave_remark, open_store
from civicsight.ui import config, frame
from civicsight.ui.access.signin import USER_COOKIE
from civicsight.ui.page import Page
from tests.cheap_app import CHEAP
from tests.result_factory import make_result

# A test of a page would look through all packages that are installed, again for each of its runs.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

PASSWORD = "Marble-lantern-42"  # noqa: S105 - made up


def named_by_provider(name: str) -> str:
    """Return the cookie by which the server knows whom an identity provider named."""
    return create_signed_value(get_cookie_secret(), USER_COOKIE, name).decode()


def make_project(folder: Path, label: str = "豫章中学") -> Project:
    """Return a project whose every name is `label`."""
    result = make_result(label)
    return Project(result.city, load_packs(), result, f"digest of {label}", folder / "plans.gpkg")


def opened(project: Any) -> Opening:
    """Return an opening that is done."""
    done = Opening()
    done.future.set_result(project)
    return done


def add_cheaply(monkeypatch: Any, path: Path, *actors: Actor) -> None:
    """Add accounts whose hash costs nothing, as `tests.cheap_app` expects them."""
    monkeypatch.setattr(accounts, "COST_N", CHEAP)
    for actor in actors:
        accounts.add_account(path, actor, PASSWORD)


def open_page(
    monkeypatch: Any, project: Project, page: Page, code: str, *, actor: Any = None, **query: str
) -> AppTest:
    """Open one page of a project in a language, as somebody or as the local planner."""
    monkeypatch.setattr(frame, "PAGES", (page,))
    monkeypatch.setattr(frame, "opening", lambda _path: opened(project))
    monkeypatch.setattr(frame, "chosen_project", lambda: Path("chosen.gpkg"))
    if actor is not None:
        monkeypatch.setattr(frame, "current_actor", lambda: actor)
    test = AppTest.from_file(str(config.SCRIPT), default_timeout=60)
    test.query_params["lang"] = code
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def remarked(project: Project, actor: Any, subject: str, text: str, **more: Any) -> int:
    """Leave a remark on the latest version of the plan of a project; return its number."""
    with open_store(project.store_path) as store:
        digest = store.plan(actor, project.plan_id).digest
        return leave_remark(store, actor, project.plan_id, text, digest=digest, subject=subject,
                            **more)  # fmt: skip


def texts_of(test: AppTest, kinds: tuple[str, ...]) -> list[str]:
    """Return what elements of some kinds say."""
    found = [element for kind in kinds for element in test.get(kind)]
    return [str(getattr(entry, "label", "") or getattr(entry, "value", "")) for entry in found]
