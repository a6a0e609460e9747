"""Local accounts: one file of scrypt hashes, for a bureau without an identity provider.

References
----------
RFC 7914 (scrypt); OWASP Password Storage Cheat Sheet (N = 2^17, r = 8, p = 1); NIST SP 800-63B
5.1.1.2 (length before composition, refusal of common and context-bound passwords).
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import scrypt
from pathlib import Path
from typing import Any, Final, NoReturn

import platformdirs

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.settings import setting
from civicsight.model.format_versions import ACCOUNTS, FORMATS, steps_from
from civicsight.store import Actor, Role

KEY: Final = "civicsight accounts "
"""Beginning of the key under which a file lists its accounts; its format stands behind."""

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

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def accounts_path() -> Path:
    """Return the file of accounts: the setting, or the user's configuration folder."""
    chosen = setting("accounts")
    if chosen:
        return Path(chosen)
    return Path(platformdirs.user_config_dir("civicsight", appauthor=False)) / "accounts.json"


def read_accounts(path: Path) -> dict[str, Account]:
    """Return the accounts of a file by name; a file that is not there has none.

    Raises
    ------
    InputError
        If others may read the file, or it is not what `add_account` writes.
    """
    if not path.exists():
        return {}
    if os.name == "posix" and path.stat().st_mode & OTHERS:
        _refuse(
            "accounts.open",
            path,
            N_("a file that only its owner may read"),
            N_("Close it: chmod 600 %(file)s", file=path.name),
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        key = next(name for name in data if name.startswith(KEY))
        number = int(key.removeprefix(KEY))
    except (ValueError, StopIteration, TypeError, AttributeError):
        _refuse_foreign(path)
    for step in steps_from(ACCOUNTS, number, path.name):
        data = step.apply(data)
    try:
        return {name: _account(name, entry) for name, entry in data[key_of_today()].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        _refuse_foreign(path)


def add_account(path: Path, actor: Actor, password: str) -> None:
    """Add an account, or replace the one of the same name.

    Raises
    ------
    InputError
        If the name or the password cannot be taken; the password is never repeated.
    """
    if not actor.name.strip() or actor.name != actor.name.strip():
        _refuse("accounts.name", path, N_("a name without blanks around it"), N_("Mend the name."))
    if actor.role.is_bound is not bool(actor.district):
        _refuse(
            "accounts.district",
            path,
            N_("a district with a district planner, and with nobody else"),
            N_("Name the district with --district, or leave it out."),
        )
    weak = weakness(password, actor.name)
    if weak is not None:
        _refuse("accounts.password", path, weak, N_("Choose another password."))
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
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    entries = {
        name: {
            "role": str(account.actor.role),
            "district": account.actor.district,
            "scrypt": [COST_N, COST_R, COST_P],
            "salt": account.salt.hex(),
            "key": account.key.hex(),
        }
        for name, account in sorted(accounts.items())
    }
    text = json.dumps({key_of_today(): entries}, ensure_ascii=False, indent=1)
    with written_whole(path) as scratch:
        scratch.touch(mode=0o600)
        scratch.write_text(text, encoding="utf-8")


def key_of_today() -> str:
    """Return the key under which a file of today lists its accounts."""
    return f"{KEY}{FORMATS[ACCOUNTS].number}"


def _refuse_foreign(path: Path) -> NoReturn:
    _refuse(
        "accounts.format",
        path,
        N_("a file that 'civicsight app-user' wrote"),
        N_("Move it away and add the accounts again."),
    )


def _refuse(code: str, path: Path, expected: Text, remedy: Text) -> NoReturn:
    raise InputError([Fault(code, path.name, expected=expected, remedy=remedy)]) from None


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in, and the hash of the password."""

    actor: Actor
    salt: bytes
    key: bytes
