"""The token that somebody makes for himself: shown once, with his role, taken away at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicsight.application.tokens import find_token, read_tokens, tokens_path
from civicsight.core import own_files
from civicsight.store import Actor, Role
from civicsight.ui import lending
from civicsight.ui.access.signin import Way
from civicsight.ui.pages import PAGES
from tests.ui_made import add_cheaply, make_project, open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "report")
LI = Actor("Li", Role.PLANNER)


@pytest.fixture
def page(monkeypatch, tmp_path):
    """Open the page as somebody, by whatever way he came in."""
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    project = make_project(tmp_path)

    def opened(actor=LI, way=Way.ACCOUNTS, code="en"):
        monkeypatch.setattr(lending, "way_in", lambda: way)
        monkeypatch.setattr(lending, "chosen_project", lambda: tmp_path / "town.gpkg")
        return open_page(monkeypatch, project, PAGE, code, actor=actor)

    return opened


def told(test):
    return "\n".join(texts_of(test, ("text", "error", "success", "markdown", "warning")))


def test_a_token_is_shown_once_and_stands_for_who_made_it(page, monkeypatch):
    add_cheaply(monkeypatch, own_files.accounts_path(), LI)
    test = page()
    assert "below /ogc/town of the app" in told(test)
    test.button(key="lending.make").click().run()
    (code,) = test.code
    token = find_token(tokens_path(), code.value)
    assert (token.actor, token.has_account, token.project.name) == (LI, True, "town.gpkg")
    assert code.value not in tokens_path().read_text(encoding="utf-8")
    assert f"until {token.until.isoformat()}" in told(test)
    test.run()
    assert not test.code
    test.button(key="lending.revoke").click().run()
    assert read_tokens(tokens_path()) == {}
    assert "lending.revoke" not in {button.key for button in test.button}


def test_who_may_export_nothing_or_came_by_a_provider_is_offered_none(page):
    for test in (page(Actor("Root", Role.ADMIN)), page(way=Way.PROVIDER)):
        assert not [button for button in test.button if button.key == "lending.make"]
        assert not tokens_path().exists()


def test_a_file_that_others_may_read_is_said_on_the_page(page):
    path = Path(tokens_path())
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    test = page(code="zh-CN")
    assert not test.exception
    assert "chmod 600 tokens.json" in told(test)
