"""A file of secrets that only its owner may read: entries by name below a key with its format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.errors import refuse as refuse_file
from civicsight.core.own_files import require_closed
from civicsight.core.regular import require_regular
from civicsight.model.format_versions import FORMATS, steps_from
from civicsight.store import Actor


def read_entries(path: Path, name: str) -> dict[str, Any]:
    """Return the entries of a file by name; a file that is not there has none.

    Parameters
    ----------
    path, name
        The file, and its format.

    Raises
    ------
    InputError
        If others may read the file, or it is not what `write_entries` writes.
    """
    if not require_regular(path).exists():
        return {}
    require_closed(path, name)
    begins = key_of_today(name).rpartition(" ")[0] + " "
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        number = int(next(key for key in data if key.startswith(begins)).removeprefix(begins))
    except (ValueError, StopIteration, TypeError, AttributeError):
        refuse_foreign(path, name)
    for step in steps_from(name, number, path.name):
        data = step.apply(data)
    entries = data.get(key_of_today(name))
    return entries if isinstance(entries, dict) else refuse_foreign(path, name)


def write_entries(path: Path, name: str, entries: Mapping[str, Any]) -> None:
    """Write a file of today's format, whole, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {key_of_today(name): dict(sorted(entries.items()))}
    with written_whole(path) as scratch:
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def key_of_today(name: str) -> str:
    """Return the key under which a file of today lists its entries."""
    return f"civicsight {name} {FORMATS[name].number}"


def require_actor(path: Path, name: str, actor: Actor) -> None:
    """Refuse a name that is none, and a district of whom none binds, or the lack of it.

    Raises
    ------
    InputError
        If the entry cannot be taken.
    """
    if not actor.name.strip() or actor.name != actor.name.strip():
        refuse(name, "name", path, N_("a name without blanks around it"), N_("Mend the name."))
    if actor.role.is_bound is not bool(actor.district):
        refuse(
            name,
            "district",
            path,
            N_("a district with a district planner, and with nobody else"),
            N_("Name the district with --district, or leave it out."),
        )


def refuse_foreign(path: Path, name: str) -> NoReturn:
    """Refuse a file that none of our commands wrote."""
    refuse(name, "format", path, N_("a file that civicsight wrote"), MEND)


def refuse(name: str, why: str, path: Path, expected: Text, remedy: Text) -> NoReturn:
    """Refuse for one reason; nothing of what stands in the file is repeated."""
    refuse_file(f"{name}.{why}", path.name, expected, remedy)


MEND: Final = N_("Move it away and add its entries again.")
