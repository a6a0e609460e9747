"""Rule packs as a command or a notebook loads them: ours here, each of a user read apart.

Beside `apart.public` and not in it: whoever loads our own packs needs no reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from civicsight.core.errors import Fault
from civicsight.rules import Rules, loader
from civicsight.rules.document import Document


def load_packs(
    names: Sequence[str] = loader.DEFAULT_PACKS, user: Iterable[str | Path | bytes] = ()
) -> Rules:
    """Load packs so that they speak together; see `rules.load_packs`."""
    return loader.load_packs(names, user, read=_read)


def open_pack(source: str | Path) -> Document:
    """Read and check one pack, ours by its id or any by its file; see `rules.open_pack`."""
    return loader.open_pack(source, read=_read)


def lint_pack(source: str | Path | bytes, *, name: str = "pack.yaml") -> tuple[Fault, ...]:
    """Return everything that is wrong with a pack; see `rules.lint_pack`."""
    return loader.lint_pack(source, name=name, read=_read)


def _read(path: Path) -> Document:
    from civicsight.io.apart.reading import read_apart  # our own packs need nothing of it

    found: Document = read_apart("pack", path)
    return found
