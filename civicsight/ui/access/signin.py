"""Sign-in: an identity provider, local accounts, or one planner where nobody else can come in."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from threading import BoundedSemaphore, Condition
from time import monotonic
from typing import Any, Final

import streamlit as st
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from civicsight.application.accounts import find_actor, read_accounts
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.core.own_files import accounts_path
from civicsight.store import Actor, Role, system_user
from civicsight.ui.access.addresses import own_address
from civicsight.ui.access.visits import COOKIE, MAX_VISITS, PATH, VISITS
from civicsight.ui.errors import warn

MAX_FAILURES: Final = 5
PAUSE_S: Final = 60.0
MAX_KNOWN: Final = 10_000
AT_A_TIME: Final = 4

Who = tuple[str, str]
"""A name, and the address from which it is tried; empty where it tells nobody apart."""


@dataclass(slots=True, eq=False)
class Attempts:
    """What was tried in vain; `clock` tells the time [s]."""

    clock: Callable[[], float] = monotonic
    failures: dict[Who, tuple[int, float]] = field(default_factory=dict)
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_A_TIME))
    trying: set[str | Who] = field(default_factory=set)
    change: Condition = field(default_factory=Condition)

    def weigh(self, who: Who, fits: Callable[[], bool]) -> bool | None:
        """Return whether an attempt fits, None if there were too many before it."""
        with self._turn_of(who[1] or who):
            with self.change:
                failures, since = self.failures.get(who, (0, 0.0))
            if failures >= MAX_FAILURES and self.clock() - since < PAUSE_S:
                return None
            with self.slots:
                came_in = fits()
            with self.change:
                before, _ = self.failures.pop(who, (0, 0.0))
                if not came_in:
                    self.failures[who] = (before + 1, self.clock())
                while len(self.failures) > MAX_KNOWN:
                    self.failures.pop(next(iter(self.failures)))
            return came_in

    @contextmanager
    def _turn_of(self, queue: str | Who) -> Iterator[None]:
        """Let one attempt of an address be weighed, of an account behind a proxy; others wait."""
        with self.change:
            self.change.wait_for(lambda: queue not in self.trying)
            self.trying.add(queue)
        try:
            yield
        finally:
            with self.change:
                self.trying.remove(queue)
                self.change.notify_all()


ATTEMPTS: Final = Attempts()
"""The attempts at this process."""


DISTRICT_MARK: Final = ":"
"""Separates a role from the district of a district planner: ``district_planner:donghu``."""


def actor_of_groups(
    name: str, groups: Iterable[str], mapping: Mapping[str, str] | None = None
) -> Actor | None:
    """Return who somebody is by his groups, None if they give no role or more than one.

    Parameters
    ----------
    name
        Name by which the audit knows the person.
    groups
        Groups that the provider states.
    mapping
        Role by group; by default a group has the name of its role. A district planner's role
        names his district: ``district_planner:donghu``.

    Notes
    -----
    Two roles are refused, not ranked: whoever plans and approves in one person would undo the
    separation that Articles 4 and 7 ask for.
    """
    wanted = [group if mapping is None else mapping.get(group, "") for group in groups]
    found = {actor for text in wanted if (actor := parse_role(name, text)) is not None}
    return found.pop() if len(found) == 1 and name.strip() else None


def parse_role(name: str, text: str) -> Actor | None:
    """Return the actor of a role such as ``reviewer`` or ``district_planner:donghu``."""
    word, _, district = text.partition(DISTRICT_MARK)
    if word not in set(Role):
        return None
    role = Role(word)
    if role.is_bound is not bool(district.strip()):
        return None
    return Actor(name, role, district.strip())


SIGNED_IN: Final = "signed_in"
"""Key of the session that holds the token of the visit of a local account; after a reload a cookie
brings it. A new password has a new salt, which ends the visits of the old one."""

TICKET: Final = "signed_in.ticket"
"""Key of the session that holds, for one run, the ticket for that cookie; empty after a sign-out,
when the browser gives it back."""

NAME_CLAIMS: Final = ("preferred_username", "email", "sub")
"""What the audit calls somebody: claims that a provider keeps unique, in this order."""

USER_COOKIE: Final = "_streamlit_user"
"""Cookie by which the server knows whom an identity provider named; it signs it."""

KEEPER: Final = """
export default async function (component) {
  const { address, ticket } = component.data;
  const asked = ticket ? { method: "POST", body: ticket } : { method: "DELETE" };
  await fetch(address, asked).catch(() => null);
  component.setTriggerValue("kept", true);
}
"""
"""Hands a ticket in for the cookie, or without one the cookie back, then asks for the page."""

_KEEPER: Final = st.components.v2.component("civicsight_keeper", js=KEEPER, isolate_styles=False)

FORM_PX: Final = 420


class Way(StrEnum):
    """How people sign in."""

    LOCAL = "local"
    ACCOUNTS = "accounts"
    PROVIDER = "provider"


def way_in() -> Way:
    """Return how people sign in, by what is set up at this moment."""
    if "auth" in _secrets():
        return Way.PROVIDER
    return Way.ACCOUNTS if accounts_path().exists() else Way.LOCAL


def current_actor() -> Actor | None:
    """Return who is signed in, asked anew each time: a role that was taken away is gone at once."""
    way = way_in()
    if way is Way.PROVIDER:
        return _actor_of_provider()
    if way is Way.ACCOUNTS:
        return _actor_of_session()
    return Actor(local_name(), Role.PLANNER, user=system_user())


def may_read(actor: Actor) -> Callable[[str], bool]:
    """Return whether somebody is still who he was: what an address made for him asks each time.

    Whoever lost his account, his role or his district has lost what he was shown with it. A
    provider is not asked again, since only its own page can; the address itself soon expires.
    """

    def ask(name: str) -> bool:
        way = way_in()
        if way is Way.ACCOUNTS:
            account = read_accounts(accounts_path()).get(name)
            return account is not None and account.actor == actor
        return way is Way.PROVIDER or name == local_name()

    return ask


def visit_standing() -> Callable[[], bool]:
    """Return whether the visit of this page still stands: what is asked beside the page."""
    token, mark = _token(), this_visit()

    def ask() -> bool:
        ended = way_in() is Way.ACCOUNTS and VISITS.find(token) is None
        return not ended and mark not in _OVER

    return ask


def standing(actor: Actor) -> Callable[[], bool]:
    """Return whether who is signed in now still is, as the same: what is asked beside his page."""
    visit, still = visit_standing(), may_read(actor)
    return lambda: visit() and still(actor.name)


def this_visit() -> str:
    """Return the mark of the visit that a page is drawn for; none where nobody has to sign in."""
    way = way_in()
    if way is Way.LOCAL:
        return ""
    return _mark(_token() if way is Way.ACCOUNTS else _named_by(st.context.cookies))


def visit_of(cookies: Mapping[str, str]) -> str | None:
    """Return the mark of the visit of a browser by its cookies, None if none of it stands.

    What is addressed to a visit opens in the browser of that visit, and as long as it lasts.
    """
    way = way_in()
    if way is Way.LOCAL:
        return ""
    if way is Way.ACCOUNTS:
        token = cookies.get(COOKIE, "")
        return _mark(token) if VISITS.find(token) is not None else None
    mark = _mark(_named_by(cookies))
    signed = decode_signed_value(get_cookie_secret(), USER_COOKIE, cookies.get(USER_COOKIE, ""))
    return None if mark in _OVER or signed is None else mark


def local_name() -> str:
    """Return what the machine calls its user."""
    try:
        return getpass.getuser() or str(Role.PLANNER)
    except (OSError, KeyError, ImportError):  # a container may have no such user
        return str(Role.PLANNER)


def ask_to_sign_in(language: Language) -> None:
    """Show how to come in; nothing else is on the page."""
    with st.container(horizontal_alignment="center"), st.container(width=FORM_PX):
        st.subheader(translate(N_("Sign in"), language))
        if way_in() is Way.PROVIDER:
            _ask_provider(language)
        else:
            _ask_password(language)


def keep_visit(root: str) -> bool:
    """Have the browser keep a fresh sign-in over a reload; tell whether there is one.

    What is drawn before the browser has its cookie would be refused to it: the page waits. After a
    sign-out it has the browser forget the cookie, and what it stored.
    """
    ticket = st.session_state.pop(TICKET, None)
    if ticket is not None:
        data = {"address": root + PATH, "ticket": ticket}
        _KEEPER(key="keeper", data=data, on_kept_change=lambda: None)
    return bool(ticket)


def sign_out() -> None:
    """End the visit, in every window of the browser."""
    VISITS.end(_token())
    st.session_state.pop(SIGNED_IN, None)
    st.session_state[TICKET] = ""
    if way_in() is Way.PROVIDER:
        _OVER[this_visit()] = None
        while len(_OVER) > MAX_VISITS:
            _OVER.pop(next(iter(_OVER)))
        st.logout()


def _ask_provider(language: Language) -> None:
    if not st.user.is_logged_in:
        st.button(
            translate(N_("Sign in with the account of your organisation"), language),
            type="primary",
            key="sign_in",
            on_click=st.login,
        )
        return
    warn(translate(find_lack(st.user.to_dict()), language), "roleless")
    st.button(translate(N_("Sign out"), language), key="sign_out", on_click=sign_out)


def _ask_password(language: Language) -> None:
    with st.form("sign_in_form"):
        name = st.text_input(
            translate(N_("Account name"), language), key="sign_in_name", max_chars=100
        )
        password = st.text_input(
            translate(N_("Password"), language), key="sign_in_password", type="password"
        )
        sent = st.form_submit_button(translate(N_("Sign in"), language), type="primary")
    if not sent:
        return
    address = own_address(st.context.ip_address or "", st.context.headers)
    refusal = try_password(name.strip(), password, address)
    if refusal is not None:
        st.error(translate(refusal, language))
        return
    known = (name.strip(), read_accounts(accounts_path())[name.strip()].salt)
    st.session_state[SIGNED_IN], st.session_state[TICKET] = VISITS.begin(known)
    st.rerun()


def try_password(name: str, password: str, address: str = "") -> Text | None:
    """Return why somebody may not come in with a password from an address, None if he may."""
    fits = ATTEMPTS.weigh(
        (name, address), lambda: find_actor(accounts_path(), name, password) is not None
    )
    if fits is None:
        return N_("Too many attempts. Wait a minute and try again.")
    return None if fits else N_("Name and password do not fit.")


def _actor_of_session() -> Actor | None:
    name, salt = VISITS.find(_token()) or ("", b"")
    account = read_accounts(accounts_path()).get(name)
    if account is None or account.salt != salt:
        return None
    return replace(account.actor, signed_in="password")


def _token() -> str:
    """Return the token of the visit: of this session, or of the cookie that a reload brings."""
    return str(st.session_state.get(SIGNED_IN) or st.context.cookies.get(COOKIE, ""))


def _named_by(cookies: Mapping[str, str]) -> str:
    """Return the cookie by which a provider's word is kept, in one piece or in several."""
    parts = (name for name in cookies if name.partition("__")[0] == USER_COOKIE)
    return "".join(cookies[name] for name in sorted(parts))


def _mark(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:32]


def _actor_of_provider() -> Actor | None:
    if not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    found = actor_of_groups(_name_of(claims), _groups_of(claims) or (), _roles())
    return None if found is None else replace(found, signed_in="provider")


def find_lack(claims: Mapping[str, Any]) -> Text:
    """Say what a provider or its settings lack, so that who signed in is nobody here."""
    name, groups, roles = _name_of(claims), _groups_of(claims), _roles()
    if not name:
        return N_(
            "The identity provider states no name for you that the audit can keep: one of "
            "%(claims)s, verified and in plain signs. Ask an administrator to have it sent.",
            claims=", ".join(NAME_CLAIMS),
        )
    if groups is None:
        return N_(
            "You are signed in as %(name)s, but the identity provider states no groups under "
            "%(claim)s. Ask an administrator to have them sent, or to name another claim "
            "(groups_claim).",
            name=name,
            claim=_groups_claim(),
        )
    wrong = {
        group: role
        for group, role in (roles or {}).items()
        if group in groups and parse_role(name, role) is None
    }
    if wrong or roles == {}:
        return N_(
            "You are signed in as %(name)s, but the setting [civicsight.roles] gives no role: "
            "%(wrong)s. Ask an administrator to write one for each group, such as reviewer or "
            "district_planner:donghu.",
            name=name,
            wrong=", ".join(f"{group} = {role}" for group, role in wrong.items()) or "–",
        )
    return N_(
        "You are signed in as %(name)s, but your groups give you no role here, or more than one. "
        "Ask an administrator to put you into exactly one group.",
        name=name,
    )


def _name_of(claims: Mapping[str, Any]) -> str:
    """Return the first claim that is a plain name for which the provider vouches; else nothing."""
    for key in NAME_CLAIMS:
        name = claims.get(key)
        is_vouched = key != "email" or str(claims.get("email_verified", True)).lower() == "true"
        if is_vouched and isinstance(name, str) and name.strip() and name.isprintable():
            return name
    return ""


def _groups_of(claims: Mapping[str, Any]) -> list[str] | None:
    """Return the groups that a provider states, None where it states none."""
    groups = claims.get(_groups_claim())
    if isinstance(groups, str):
        return [groups]
    return [str(group) for group in groups] if isinstance(groups, list) else None


def _groups_claim() -> str:
    ours = _secrets().get("civicsight")
    return str(ours.get("groups_claim", "groups")) if isinstance(ours, dict) else "groups"


def _roles() -> dict[str, str] | None:
    """Return the role of each group, None where groups have the names of roles.

    Settings that are no such table give nobody a role.
    """
    ours = _secrets().get("civicsight", {})
    roles = ours.get("roles") if isinstance(ours, dict) else {}
    if roles is None:
        return None
    if not isinstance(roles, dict):
        return {}
    return {str(group): str(role) for group, role in roles.items()}


def _secrets() -> dict[str, Any]:
    return st.secrets.to_dict() if st.secrets.load_if_toml_exists() else {}


_OVER: Final[dict[str, None]] = {}
"""Marks of the visits by a provider that were signed out of."""
