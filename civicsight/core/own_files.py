"""Files of this user alone: where they lie, and that nobody else reads or writes them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import platformdirs

from civicsight.core.errors import N_, refuse
from civicsight.core.settings import setting

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def accounts_path() -> Path:
    """Return the file of accounts: the setting, or the user's configuration folder.

    Tokens, the key of the installation and the keys that it trusts lie beside it.
    """
    chosen = setting("accounts")
    if chosen:
        return Path(chosen)
    return Path(platformdirs.user_config_dir("civicsight", appauthor=False)) / "accounts.json"


def require_closed(path: Path, name: str) -> None:
    """Refuse a file that others may read or write.

    Parameters
    ----------
    path, name
        The file, and how the code of its faults begins.

    Raises
    ------
    InputError
        If others may read or write it.
    """
    if os.name == "posix" and path.stat().st_mode & OTHERS:
        refuse(
            f"{name}.open",
            path.name,
            N_("a file that only its owner may read"),
            N_("Close it: chmod 600 %(file)s", file=path.name),
        )
