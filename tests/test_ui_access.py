"""Who gets in: accounts hold hashes alone, weak passwords are refused, groups give one role."""

from __future__ import annotations

import io
import json
import stat
from hashlib import scrypt
from threading import Barrier, Event, Thread
from types import SimpleNamespace

import pytest

from civicsight.application import accounts
from civicsight.cli.entry import BAD_INPUT, OK
from civicsight.cli.entry import run as run_command
from civicsight.core import own_files
from civicsight.core.errors import InputError
from civicsight.store import Actor, File, Role, approvals, approve, describe_name, verify
from civicsight.ui.access import signin
from civicsight.ui.access.addresses import own_address
from civicsight.ui.access.signin import (
    AT_A_TIME,
    MAX_FAILURES,
    PAUSE_S,
    Attempts,
    actor_of_groups,
    parse_role,
)
from civicsight.ui.access.visits import COOKIE, VISITS
from tests.scans import pdf
from tests.store_parts import DECIDED, SUN, ZHOU, begun, submitted
from tests.ui_made import named_by_provider

PASSWORD = "Marble-lantern-42"  # noqa: S105 - made up
COST = (accounts.COST_N, accounts.COST_R, accounts.COST_P)
WANG = Actor("Wang", Role.REVIEWER)


@pytest.fixture(autouse=True)
def cheap(monkeypatch, tmp_path):
    """Make a hash cheap, and keep the accounts of the test apart."""
    monkeypatch.setattr(accounts, "COST_N", 2**4)
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    monkeypatch.setattr(signin, "ATTEMPTS", Attempts())


@pytest.fixture
def path():
    return own_files.accounts_path()


def test_the_file_holds_a_scrypt_hash_and_never_the_password(path):
    accounts.add_account(path, WANG, PASSWORD)
    text = path.read_text(encoding="utf-8")
    assert PASSWORD not in text
    (entries,) = json.loads(text).values()
    salt = bytes.fromhex(entries["Wang"]["salt"])
    # hashlib itself is the oracle, with the parameters written out.
    key = scrypt(PASSWORD.encode(), salt=salt, n=16, r=8, p=1, dklen=32)
    assert bytes.fromhex(entries["Wang"]["key"]) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_equal_passwords_have_different_hashes(path):
    accounts.add_account(path, WANG, PASSWORD)
    accounts.add_account(path, Actor("Zhou", Role.APPROVER), PASSWORD)
    found = accounts.read_accounts(path)
    assert found["Wang"].key != found["Zhou"].key
    assert found["Zhou"].actor == Actor("Zhou", Role.APPROVER)


def test_the_hash_costs_what_owasp_asks():
    """At least N = 2^17, r = 8, p = 1: OWASP Password Storage Cheat Sheet."""
    assert COST == (2**17, 8, 1)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 11,
        "aaaaaaaaaaaaaaa",
        "abababababab",
        "Password12345678",
        "my-wang-is-42xyz",
    ],
)
def test_weak_passwords_are_refused_and_not_repeated(path, password):
    with pytest.raises(InputError) as caught:
        accounts.add_account(path, WANG, password)
    assert not path.exists()
    assert not password or password not in str(caught.value)


def test_only_name_and_password_together_open(path):
    accounts.add_account(path, WANG, PASSWORD)
    assert accounts.find_actor(path, "Wang", PASSWORD) == WANG
    assert accounts.find_actor(path, "Wang", PASSWORD + "x") is None
    assert accounts.find_actor(path, "wang", PASSWORD) is None
    assert accounts.find_actor(path, "", "") is None
    assert accounts.find_actor(path, "Wang", "x" * 10_000) is None


def test_an_unknown_name_costs_a_hash_too(path, monkeypatch):
    accounts.add_account(path, WANG, PASSWORD)
    calls = []
    real = accounts._hash
    monkeypatch.setattr(accounts, "_hash", lambda *args: calls.append(1) or real(*args))
    accounts.find_actor(path, "nobody", PASSWORD)
    assert calls == [1]


def test_a_file_that_others_may_read_is_refused(path):
    accounts.add_account(path, WANG, PASSWORD)
    path.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        accounts.read_accounts(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"civicsight accounts 1": {"a": {}}}', "\x00"])
def test_a_foreign_file_is_refused(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(InputError, match="a file that civicsight wrote"):
        accounts.read_accounts(path)


@pytest.mark.parametrize(
    "actor",
    [
        Actor(" Wang", Role.REVIEWER),
        Actor("", Role.REVIEWER),
        Actor("Wang", Role.DISTRICT_PLANNER),
        Actor("Wang", Role.REVIEWER, "donghu"),
    ],
)
def test_names_and_districts_have_to_fit(path, actor):
    with pytest.raises(InputError):
        accounts.add_account(path, actor, PASSWORD)


def test_removing_an_account_closes_it_and_never_opens_the_app(path):
    accounts.add_account(path, WANG, PASSWORD)
    assert accounts.remove_account(path, "Wang")
    assert not accounts.remove_account(path, "Wang")
    assert accounts.find_actor(path, "Wang", PASSWORD) is None
    assert signin.way_in() is signin.Way.ACCOUNTS


def test_after_five_failures_even_the_right_password_waits(path, monkeypatch):
    accounts.add_account(path, WANG, PASSWORD)
    now = [1000.0]
    monkeypatch.setattr(signin, "ATTEMPTS", Attempts(lambda: now[0]))
    for _ in range(MAX_FAILURES):
        assert "do not fit" in str(signin.try_password("Wang", "wrong"))
    assert "Too many" in str(signin.try_password("Wang", PASSWORD))
    now[0] += PAUSE_S + 1
    assert signin.try_password("Wang", PASSWORD) is None
    assert signin.try_password("Wang", PASSWORD) is None


def test_who_knows_a_name_keeps_its_owner_elsewhere_from_nothing(path, monkeypatch):
    accounts.add_account(path, WANG, PASSWORD)
    monkeypatch.setattr(signin, "ATTEMPTS", Attempts(lambda: 0.0))
    for place in ("10.0.0.66", "10.0.0.67"):
        for _ in range(MAX_FAILURES):
            signin.try_password("Wang", "wrong", place)
        assert "Too many" in str(signin.try_password("Wang", PASSWORD, place))
        assert "do not fit" in str(signin.try_password("Zhou", "wrong", place))
    assert signin.try_password("Wang", PASSWORD, "10.0.0.7") is None
    assert "Too many" in str(signin.try_password("Wang", PASSWORD, "10.0.0.66"))


def test_an_unknown_name_waits_like_a_known_one(path, monkeypatch):
    accounts.add_account(path, WANG, PASSWORD)
    monkeypatch.setattr(signin, "ATTEMPTS", Attempts(lambda: 0.0))
    for name in ("Wang", "nobody"):
        said = [str(signin.try_password(name, "wrong")) for _ in range(MAX_FAILURES + 1)]
        assert ["Too many" in text for text in said] == [False] * MAX_FAILURES + [True]


def test_whoever_tries_on_and_on_fills_no_others_queue():
    """A hundred attempts of one address, the first of which is stuck, keep no other waiting."""
    attempts, stuck, begun = Attempts(), Event(), Event()

    def hang():
        begun.set()
        return stuck.wait(60)

    mob = [
        Thread(target=attempts.weigh, args=((f"name {k}", "10.0.0.66"), hang)) for k in range(100)
    ]
    for one in mob:
        one.start()
    assert begun.wait(60)
    assert attempts.weigh(("Wang", "10.0.0.7"), lambda: True)
    stuck.set()
    for one in mob:
        one.join(60)
    assert not attempts.trying


def test_behind_a_proxy_that_hides_addresses_an_account_waits_for_itself_alone():
    """Attempts at one account, the first of which is stuck, keep no other account waiting."""
    attempts, stuck, begun = Attempts(), Event(), Event()

    def hang():
        begun.set()
        return stuck.wait(60)

    mob = [Thread(target=attempts.weigh, args=(("Zhou", ""), hang)) for _ in range(50)]
    for one in mob:
        one.start()
    assert begun.wait(60)
    done = Thread(target=attempts.weigh, args=(("Wang", ""), lambda: True), daemon=True)
    done.start()
    done.join(10)
    waits = done.is_alive()
    stuck.set()
    for one in mob:
        one.join(60)
    assert not waits
    for _ in range(MAX_FAILURES):
        attempts.weigh(("Zhou", ""), lambda: False)
    assert attempts.weigh(("Zhou", ""), lambda: True) is None
    assert attempts.weigh(("Wang", ""), lambda: True)


@pytest.mark.parametrize(
    ("address", "headers", "counted_as"),
    [
        ("10.0.0.7", {}, "10.0.0.7"),
        ("10.0.0.7", {"x-forwarded-for": "10.0.0.7"}, "10.0.0.7"),  # told by a proxy we trust
        ("127.0.0.1", {}, ""),
        ("10.0.0.1", {"x-forwarded-for": "10.0.0.7"}, ""),  # of a proxy that we do not
        ("10.0.0.1", {"forwarded": "for=_hidden"}, ""),
    ],
)
def test_the_address_of_a_proxy_tells_nobody_apart(address, headers, counted_as):
    assert own_address(address, headers) == counted_as


def test_only_a_few_attempts_are_weighed_at_a_time():
    attempts, at_work, most, gate = Attempts(), [], [], Barrier(AT_A_TIME)

    def work():
        at_work.append(1)
        most.append(len(at_work))
        gate.wait(60)
        at_work.pop()
        return False

    places = [f"10.0.0.{k}" for k in range(2 * AT_A_TIME)]
    tries = [Thread(target=attempts.weigh, args=(("Wang", place), work)) for place in places]
    for one in tries:
        one.start()
    for one in tries:
        one.join(60)
    assert max(most) == AT_A_TIME
    assert len(attempts.failures) == len(places)


def test_the_memory_of_failures_is_bounded(monkeypatch):
    monkeypatch.setattr("civicsight.ui.access.signin.MAX_KNOWN", 3)
    attempts = Attempts()
    for name in "abcdef":
        attempts.weigh((name, ""), lambda: False)
    assert [name for name, _ in attempts.failures] == ["d", "e", "f"]


@pytest.mark.parametrize(
    ("groups", "mapping", "expected"),
    [
        (["planner"], None, Actor("Li", Role.PLANNER)),
        (["staff", "auditor"], None, Actor("Li", Role.AUDITOR)),
        (["district_planner:donghu"], None, Actor("Li", Role.DISTRICT_PLANNER, "donghu")),
        (["district_planner"], None, None),
        (["reviewer:donghu"], None, None),
        (["planner", "municipal_approver"], None, None),
        (["planner", "planner"], None, Actor("Li", Role.PLANNER)),
        ([], None, None),
        (["root", "admins"], None, None),
        (["gov-7"], {"gov-7": "municipal_approver"}, Actor("Li", Role.APPROVER)),
        (["planner"], {"gov-7": "municipal_approver"}, None),
    ],
)
def test_groups_give_one_role_or_none(groups, mapping, expected):
    assert actor_of_groups("Li", groups, mapping) == expected


def test_nobody_without_a_name_has_a_role():
    assert actor_of_groups(" ", ["planner"]) is None


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DISTRICT_PLANNER])
def test_every_role_of_the_store_has_its_word(role):
    assert parse_role("Li", str(role)) == Actor("Li", role)


def test_the_command_adds_lists_and_removes(path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    words = ["app-user", "add", "Wang", "--role", "reviewer", "--password-stdin", "--lang", "en"]
    assert run_command(words) == OK
    assert accounts.find_actor(path, "Wang", PASSWORD) == WANG
    assert run_command(["app-user", "list", "--lang", "en"]) == OK
    assert run_command(["app-user", "remove", "Wang", "--lang", "en"]) == OK
    assert run_command(["app-user", "remove", "Wang", "--lang", "en"]) == BAD_INPUT
    assert run_command(["app-user", "list", "--lang", "en"]) == OK
    told = capsys.readouterr()
    assert PASSWORD not in told.out + told.err
    assert "Wang  reviewer" in told.err
    assert "nobody can sign in" in told.err


def test_the_command_asks_twice(path, monkeypatch):
    typed = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
    monkeypatch.setattr("typer.prompt", lambda *_args, **_kw: next(typed))
    words = ["app-user", "add", "Wang", "--role", "reviewer"]
    assert run_command(words) == OK
    assert run_command(words) == BAD_INPUT
    assert accounts.find_actor(path, "Wang", PASSWORD) == WANG


def test_an_address_of_a_picture_opens_for_who_may_still_read(path, monkeypatch):
    mine = signin.may_read(Actor(signin.local_name(), Role.PLANNER))
    wangs = signin.may_read(WANG)
    assert mine(signin.local_name())
    assert not wangs("Wang")
    accounts.add_account(path, WANG, PASSWORD)
    assert wangs("Wang")
    assert not mine(signin.local_name())
    accounts.add_account(path, Actor("Wang", Role.DISTRICT_PLANNER, "donghu"), PASSWORD)
    assert not wangs("Wang")
    accounts.add_account(path, WANG, PASSWORD)
    assert wangs("Wang")
    accounts.remove_account(path, "Wang")
    assert not wangs("Wang")
    monkeypatch.setattr(signin, "_secrets", lambda: {"auth": {}})
    assert signin.may_read(Actor("Zhou", Role.APPROVER))("Zhou")


def test_a_visit_is_marked_by_its_cookie_until_it_ends(path, monkeypatch):
    assert signin.visit_of({}) == signin.this_visit() == ""
    accounts.add_account(path, WANG, PASSWORD)
    token, other = (VISITS.begin(("Wang", b"salt"))[0] for _ in range(2))
    monkeypatch.setattr(signin, "_token", lambda: token)
    assert signin.visit_of({COOKIE: token}) == signin.this_visit()
    assert signin.visit_of({COOKIE: other}) not in {None, signin.this_visit()}
    assert token not in signin.this_visit()
    for cookies in ({}, {COOKIE: ""}, {COOKIE: "guessed"}):
        assert signin.visit_of(cookies) is None
    monkeypatch.setattr(signin.st, "session_state", {})
    signin.sign_out()
    assert signin.visit_of({COOKIE: token}) is None
    assert signin.visit_of({COOKIE: other}) is not None


def test_a_visit_by_a_provider_ends_with_the_sign_out_too(monkeypatch):
    named = named_by_provider("Li")
    kept = {signin.USER_COOKIE: named, f"{signin.USER_COOKIE}__1": "b"}
    kept["_streamlit_user_tokens"] = "t"
    monkeypatch.setattr(signin, "_secrets", lambda: {"auth": {}})
    monkeypatch.setattr(signin, "_OVER", {})
    monkeypatch.setattr(signin.st, "context", SimpleNamespace(cookies=kept))
    monkeypatch.setattr(signin.st, "session_state", {})
    monkeypatch.setattr(signin.st, "logout", lambda: None)
    assert signin.visit_of(kept) == signin.this_visit()
    assert signin.visit_of(kept | {"_streamlit_user_tokens": "new"}) == signin.this_visit()
    assert signin.visit_of(kept | {f"{signin.USER_COOKIE}__1": "c"}) != signin.this_visit()
    assert signin.visit_of({}) is None
    assert signin.visit_of({signin.USER_COOKIE: "made up"}) is None
    signin.sign_out()
    assert signin.visit_of(kept) is None


@pytest.mark.parametrize(
    ("claims", "secrets", "expected"),
    [
        ({}, {}, None),
        ({"email": "a@b", "groups": ["planner"]}, {}, Actor("a@b", Role.PLANNER)),
        ({"sub": "7", "groups": "auditor"}, {}, Actor("7", Role.AUDITOR)),
        ({"sub": "7", "groups": {"planner": 1}}, {}, None),
        ({"sub": "7"}, {}, None),
        ({"groups": ["planner"]}, {}, None),
        (
            {"preferred_username": "zhou", "sub": "7", "departments": ["gov-7"]},
            {"groups_claim": "departments", "roles": {"gov-7": "municipal_approver"}},
            Actor("zhou", Role.APPROVER),
        ),
    ],
)
def test_the_claims_of_a_provider_give_name_and_role(monkeypatch, claims, secrets, expected):
    class User:
        is_logged_in = bool(claims)

        def to_dict(self):
            return claims

    monkeypatch.setattr(signin, "_secrets", lambda: {"auth": {}, "civicsight": secrets})
    monkeypatch.setattr(signin.st, "user", User())
    assert signin.way_in() is signin.Way.PROVIDER
    assert signin.current_actor() == expected
    assert expected is None or signin.current_actor().signed_in == "provider"


def test_whoever_signed_in_by_password_has_a_verified_name_that_the_approval_keeps(
    path, monkeypatch, tmp_path
):
    accounts.add_account(path, ZHOU, PASSWORD)
    salt = accounts.read_accounts(path)[ZHOU.name].salt
    token, _ = VISITS.begin((ZHOU.name, salt))
    monkeypatch.setattr(signin, "_token", lambda: token)
    actor = signin.current_actor()
    assert (actor, actor.signed_in) == (ZHOU, "password")
    with begun(tmp_path / "plans.gpkg") as store:
        digest = submitted(store).digest
        found = approve(store, actor, "donghu", digest=digest, body="市政府", document_number="1",
                        dated_on=DECIDED, scan=File("scan.pdf", pdf()))  # fmt: skip
        assert approvals(store, ZHOU, "donghu") == [found]
        assert str(describe_name(found)) == (
            f"{ZHOU.name} signed in by password; the name is verified."
        )
        verify(store, SUN)


def test_without_a_file_there_is_one_local_planner(path, monkeypatch, capsys):
    assert not path.exists()
    assert signin.way_in() is signin.Way.LOCAL
    actor = signin.current_actor()
    assert actor is not None
    assert actor.role is Role.PLANNER
    monkeypatch.setattr("getpass.getuser", lambda: "")
    assert signin.local_name() == "planner"
    assert run_command(["app-user", "list", "--lang", "en"]) == OK
    assert "this machine alone" in capsys.readouterr().err
