"""Local accounts: one file of scrypt hashes, for a bureau without an identity provider.

References
----------
RFC 7914 (scrypt); OWASP Password Storage Cheat Sheet (N = 2^17, r = 8, p = 1); NIST SP 800-63B
5.1.1.2 (length before composition, refusal of common and context-bound passwords).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import scrypt
from pathlib import Path
from typing import Any, Final

from civicsight.application.own_file import (
    read_entries,
    refuse,
    refuse_foreign,
    require_actor,
    write_entries,
)
from civicsight.core.errors import N_, Text
from civicsight.model.format_versions import ACCOUNTS
from civicsight.store import Actor, Role

COST_N: Final = 2**17
COST_R: Final = 8
COST_P: Final = 1
MAX_MEMORY: Final = 2**28
SALT_BYTES: Final = 16
KEY_BYTES: Final = 32

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
MIN_DIFFERENT: Final = 6
COMMON: Final = ("password", "passw0rd", "123456", "qwerty", "abc123", "admin", "111111", "letmein")
"""Beginnings and repetitions that guessing programs try first."""


def read_accounts(path: Path) -> dict[str, Account]:
    """Return the accounts of a file by name; a file that is not there has none.

    Raises
    ------
    InputError
        If others may read the file, or it is not what `add_account` writes.
    """
    entries = read_entries(path, ACCOUNTS)
    try:
        return {name: _account(name, entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        refuse_foreign(path, ACCOUNTS)


def add_account(path: Path, actor: Actor, password: str) -> None:
    """Add an account, or replace the one of the same name.

    Raises
    ------
    InputError
        If the name or the password cannot be taken; the password is never repeated.
    """
    require_actor(path, ACCOUNTS, actor)
    weak = weakness(password, actor.name)
    if weak is not None:
        refuse(ACCOUNTS, "password", path, weak, N_("Choose another password."))
    salt = secrets.token_bytes(SALT_BYTES)
    accounts = read_accounts(path)
    accounts[actor.name] = Account(actor, salt, _hash(password, salt))
    _write(path, accounts)


def remove_account(path: Path, name: str) -> bool:
    """Remove an account; tell whether there was one."""
    accounts = read_accounts(path)
    if name not in accounts:
        return False
    del accounts[name]
    _write(path, accounts)
    return True


def find_actor(path: Path, name: str, password: str) -> Actor | None:
    """Return who signs in, None if name and password do not fit.

    An unknown name takes as long as a wrong password, so that time tells nobody who has an account.
    """
    account = read_accounts(path).get(name)
    if len(password) > MAX_LENGTH:
        return None
    salt = account.salt if account else bytes(SALT_BYTES)
    key = account.key if account else bytes(KEY_BYTES)
    fits = hmac.compare_digest(_hash(password, salt), key)
    return account.actor if account and fits else None


def weakness(password: str, name: str) -> Text | None:
    """Return what a password lacks, None if it will do."""
    low = password.casefold()
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return N_(
            "a password of %(least)s to %(most)s characters", least=MIN_LENGTH, most=MAX_LENGTH
        )
    if len(set(low)) < MIN_DIFFERENT:
        return N_("a password of at least %(least)s different characters", least=MIN_DIFFERENT)
    if low.startswith(COMMON) or name.casefold() in low:
        return N_("a password that is not common and does not hold the name")
    return None


def _hash(password: str, salt: bytes) -> bytes:
    return scrypt(
        password.encode(),
        salt=salt,
        n=COST_N,
        r=COST_R,
        p=COST_P,
        maxmem=MAX_MEMORY,
        dklen=KEY_BYTES,
    )


def _account(name: str, entry: Mapping[str, Any]) -> Account:
    actor = Actor(name, Role(entry["role"]), str(entry["district"]))
    if entry["scrypt"] != [COST_N, COST_R, COST_P]:
        raise ValueError
    return Account(actor, bytes.fromhex(entry["salt"]), bytes.fromhex(entry["key"]))


def _write(path: Path, accounts: Mapping[str, Account]) -> None:
    entries = {
        name: {
            "role": str(account.actor.role),
            "district": account.actor.district,
            "scrypt": [COST_N, COST_R, COST_P],
            "salt": account.salt.hex(),
            "key": account.key.hex(),
        }
        for name, account in accounts.items()
    }
    write_entries(path, ACCOUNTS, entries)


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in, and the hash of the password."""

    actor: Actor
    salt: bytes
    key: bytes
