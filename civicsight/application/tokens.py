"""Tokens by which other programs read one project: what is kept of each is a hash and an end.

A token stands for a name with a role, as an account does, for one project and until a day. It is
shown once, when it is made. Where the name has an account too, or is appointed in the store of
plans, the token is worth what these are at that moment: nothing once they are gone.

References
----------
RFC 6750 (bearer tokens go into a header: an address is kept in logs and histories); NIST SP 800-63B
5.1.2 (a secret of 112 random bits or more needs no slow hash).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from civicsight.application.accounts import read_accounts
from civicsight.application.faults import reject
from civicsight.application.own_file import (
    read_entries,
    refuse_foreign,
    require_actor,
    write_entries,
)
from civicsight.core.own_files import accounts_path
from civicsight.core.settings import present_day
from civicsight.model.format_versions import TOKENS
from civicsight.store import ALLOWED, Act, Actor, Role

BEGINS: Final = "civicsight_"
"""How every token begins: who finds one in a file knows what it is."""

OGC_PATH: Final = "/ogc"
"""Below which path of the app programs read; behind it stands the code of a project."""

RANDOM_BYTES: Final = 32
USUAL_DAYS: Final = 90
MOST_DAYS: Final = 366


def tokens_path() -> Path:
    """Return the file of tokens: it lies beside that of the accounts."""
    return accounts_path().with_name("tokens.json")


def read_tokens(path: Path) -> dict[str, Token]:
    """Return the tokens of a file by name; a file that is not there has none.

    Raises
    ------
    InputError
        If others may read the file, or it is not what `add_token` writes.
    """
    entries = read_entries(path, TOKENS)
    try:
        return {name: _token(name, entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        refuse_foreign(path, TOKENS)


def add_token(
    path: Path, actor: Actor, project: Path, *, days: int = USUAL_DAYS, plan_id: str = ""
) -> tuple[str, Token]:
    """Make a token, in the place of the one of the same name if there is one.

    Parameters
    ----------
    path, actor
        The file of tokens, and for whom the token stands.
    project
        The one file that it opens.
    days
        For how many days, this one among them.
    plan_id
        Plan whose latest version it shows; empty: what is approved.

    Returns
    -------
    str, Token
        The token itself, which is kept nowhere, and what is kept of it.

    Raises
    ------
    InputError
        If there can be none for this name, role and time.
    """
    require_actor(path, TOKENS, actor)
    if actor.role not in ALLOWED[Act.EXPORT]:
        reject("tokens.role:right", path.name)
    account = read_accounts(accounts_path()).get(actor.name)
    if account is not None and account.actor != actor:
        reject("tokens.account", path.name)
    if not 1 <= days <= MOST_DAYS:
        reject("tokens.days", path.name, most=MOST_DAYS)
    told = BEGINS + secrets.token_urlsafe(RANDOM_BYTES)
    until = present_day() + timedelta(days=days - 1)
    token = Token(actor, project, until, digest_of(told), plan_id, account is not None)
    _write(path, read_tokens(path) | {actor.name: token})
    return told, token


def revoke_token(path: Path, name: str) -> bool:
    """Take a token away; tell whether there was one."""
    tokens = read_tokens(path)
    found = tokens.pop(name, None)
    if found is not None:
        _write(path, tokens)
    return found is not None


def find_token(path: Path, told: str) -> Token | None:
    """Return what is kept of a token, by its hash; None of one that is not known."""
    digest = digest_of(told)
    return next((one for one in read_tokens(path).values() if one.digest == digest), None)


def digest_of(told: str) -> str:
    """Return what is kept of a token: a hash by which nobody can come in."""
    return sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Parameters
    ----------
    actor, project, until
        For whom it stands, which file it opens, and its last day.
    digest
        SHA-256 of it.
    plan_id
        Plan whose latest version it shows; empty: what is approved.
    has_account
        Whether the name had an account: without that one it is worth nothing.
    """

    actor: Actor
    project: Path
    until: date
    digest: str
    plan_id: str
    has_account: bool

    @property
    def is_over(self) -> bool:
        """Tell whether its last day is past."""
        return present_day() > self.until

    @property
    def stands(self) -> bool:
        """Tell whether whom it stands for is still who he was when it was made."""
        account = read_accounts(accounts_path()).get(self.actor.name)
        if account is None:
            return not self.has_account
        return account.actor == self.actor


def _token(name: str, entry: Mapping[str, Any]) -> Token:
    actor = Actor(name, Role(entry["role"]), str(entry["district"]))
    until = date.fromisoformat(entry["until"])
    digest, plan = str(entry["sha256"]), str(entry["plan"])
    has_account = entry["has_account"] is True
    return Token(actor, Path(entry["project"]), until, digest, plan, has_account)


def _write(path: Path, tokens: Mapping[str, Token]) -> None:
    entries = {
        name: {
            "role": str(one.actor.role),
            "district": one.actor.district,
            "project": str(one.project),
            "until": one.until.isoformat(),
            "sha256": one.digest,
            "plan": one.plan_id,
            "has_account": one.has_account,
        }
        for name, one in tokens.items()
    }
    write_entries(path, TOKENS, entries)
