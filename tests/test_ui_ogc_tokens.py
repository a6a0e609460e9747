"""Tokens by which other programs read: made, listed, revoked, and what each opens."""

from __future__ import annotations

import base64
import re
import stat

import pytest

from civicsight.application.tokens import (
    MOST_DAYS,
    OGC_PATH,
    add_token,
    read_tokens,
    revoke_token,
    tokens_path,
)
from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core import own_files
from civicsight.core.errors import InputError
from civicsight.core.settings import present_day
from civicsight.store import Actor, Role
from tests.app_town import app_city
from tests.ogc_made import ADDRESS, ANALYST, ITEMS, WEST, project_at, serve
from tests.ui_made import add_cheaply


@pytest.fixture
def service(monkeypatch, tmp_path):
    return serve(monkeypatch, project_at(tmp_path), tmp_path)


class TestTokens:
    """What a token is, and when it is none."""

    def test_without_one_nothing_is_told(self, service):
        for path in ("", "/api", "/conformance", ITEMS, "/tiles", "/nowhere"):
            answer = service.ask(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["code"] == "TokenMissing"
            assert "app-token add" in answer.json()["description"]
            assert "Hand" not in answer.text

    def test_it_comes_in_a_header_as_bearer_or_password(self, service):
        token = service.token()
        basic = base64.b64encode(f"anybody:{token}".encode()).decode()
        for header in (f"Bearer {token}", f"bearer {token}", f"Basic {basic}"):
            assert service.ask(authorization=header).status_code == 200
        wrong = (token, f"Token {token}", f"Bearer {token[:-1]}", f"Bearer {token}x", "Bearer")
        for header in (*wrong, "Basic x", "Basic " + basic[:-4], f"Basic {token}"):
            assert service.ask(authorization=header).status_code == 401, header

    @pytest.mark.parametrize("name", ["token", "access_token", "api_key", "Token", "key"])
    def test_in_an_address_it_is_refused_even_beside_a_good_one(self, service, name):
        token = service.token()
        for sent in (None, token):
            answer = service.ask(f"{ITEMS}?{name}={token}", sent)
            assert answer.status_code == 400
            assert "addresses are kept in logs" in answer.json()["description"]
            assert token not in answer.text

    def test_a_revoked_one_opens_nothing_at_once(self, service):
        token = service.token()
        assert service.ask(ITEMS, token).status_code == 200
        assert revoke_token(tokens_path(), ANALYST.name)
        answer = service.ask(ITEMS, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "TokenUnknown")
        assert "revoked" in answer.json()["description"]

    def test_another_one_of_the_name_takes_its_place(self, service):
        old, new = service.token(), service.token()
        assert service.ask(ITEMS, old).status_code == 401
        assert service.ask(ITEMS, new).status_code == 200

    def test_it_ends_with_its_last_day(self, service, monkeypatch):
        monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-03-01")
        token = service.token(days=3)
        for day, status in (("2026-03-03", 200), ("2026-03-04", 401)):
            monkeypatch.setenv("CIVICSIGHT_TODAY", day)
            assert service.ask(ITEMS, token).status_code == status
        assert "until 2026-03-03" in service.ask(ITEMS, token).json()["description"]

    def test_it_opens_one_project_alone(self, service):
        token = service.token()
        for code in ("other", "..", "town.plans", "", "%2e%2e/town", "town/../other", "TOWN"):
            answer = service.ask(f"{ADDRESS}{OGC_PATH}/{code}/collections", token)
            assert answer.status_code in {403, 404}, code
            assert "Hand" not in answer.text

    def test_what_is_kept_of_it_opens_nothing(self, service):
        token = service.token()
        text = tokens_path().read_text(encoding="utf-8")
        assert token not in text
        assert token.removeprefix("civicsight_") not in text
        assert stat.S_IMODE(tokens_path().stat().st_mode) == 0o600
        (kept,) = read_tokens(tokens_path()).values()
        assert service.ask(ITEMS, kept.digest).status_code == 401

    def test_a_file_that_others_may_read_opens_nothing(self, service, caplog):
        token = service.token()
        tokens_path().chmod(0o640)
        answer = service.ask(ITEMS, token)
        assert (answer.status_code, answer.json()["code"]) == (503, "NotReadable")
        assert "chmod 600 tokens.json" in caplog.text
        tokens_path().chmod(0o600)
        tokens_path().write_text('{"civicsight tokens 1": {"x": 1}}')
        assert service.ask(ITEMS, token).status_code == 503

    @pytest.mark.parametrize(
        ("actor", "more", "code"),
        [
            (Actor(" x", Role.ANALYST), {}, "tokens.name"),
            (Actor("x", Role.ANALYST, "West"), {}, "tokens.district"),
            (Actor("x", Role.DISTRICT_PLANNER), {}, "tokens.district"),
            (Actor("x", Role.ADMIN), {}, "tokens.role"),
            (Actor("x", Role.ANALYST), {"days": 0}, "tokens.days"),
            (Actor("x", Role.ANALYST), {"days": MOST_DAYS + 1}, "tokens.days"),
        ],
    )
    def test_none_is_made_for_what_can_be_none(self, service, actor, more, code):
        with pytest.raises(InputError) as error:
            add_token(tokens_path(), actor, service.file, **more)
        assert error.value.faults[0].code == code
        assert not tokens_path().exists()


def test_the_command_makes_lists_and_revokes(monkeypatch, tmp_path, capsys):
    from civicsight.io.project_file import save_city

    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    file = str(save_city(app_city(), tmp_path / "town.gpkg"))
    make = ["app-token", "add", "platform", "--project", file, "--lang", "en"]
    assert run([*make, "--days", "2"]) == BAD_INPUT
    assert "--role" in capsys.readouterr().err
    assert run([*make, "--role", "analyst", "--days", "2"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch(r"civicsight_[\w-]{43}\n", out)
    assert f"{OGC_PATH}/town" in " ".join(err.split())
    assert read_tokens(tokens_path())["platform"].until > present_day()
    assert run(["app-token", "list", "--lang", "en"]) == 0
    assert "platform  analyst  town.gpkg" in capsys.readouterr().err
    assert run(["app-token", "revoke", "platform", "--lang", "en"]) == 0
    assert run(["app-token", "revoke", "platform", "--lang", "en"]) == BAD_INPUT
    assert "app-token list" in capsys.readouterr().err
    assert run(["app-token", "list", "--lang", "zh"]) == 0
    assert "没有令牌" in capsys.readouterr().err


def test_the_command_takes_the_role_of_the_account(monkeypatch, tmp_path):
    from civicsight.io.project_file import save_city

    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    add_cheaply(monkeypatch, own_files.accounts_path(), WEST)
    file = str(save_city(app_city(), tmp_path / "town.gpkg"))
    assert run(["app-token", "add", "West", "--project", file]) == 0
    assert read_tokens(tokens_path())["West"].actor == WEST
