"""The files that a command leaves in a folder, made together or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from civicsight.core.atomic import flush, written_together, written_whole
from civicsight.core.progress import Progress

Write = Callable[[Path], object]
Files = Mapping[str, Write]
"""What writes each file, by its name, in the order in which they are made."""


def write_files(
    out_dir: str | Path,
    files: Files,
    progress: Progress | None = None,
    *,
    stale: Collection[str] = (),
) -> list[Path]:
    """Write files into a folder, which is made if it is missing.

    All are made in a folder beside it first; those of the same name are replaced only when all are
    whole, others stay.

    Parameters
    ----------
    out_dir, files
        Where, and what.
    progress
        Called with files done and files in all.
    stale
        Files of an earlier run that this one contradicts: they go, unless it writes them.
    """
    out = Path(out_dir)
    with written_together(out) as scratch:
        for done, (name, write) in enumerate(files.items(), start=1):
            write(scratch / name)
            if progress is not None:
                progress(done, len(files))
    for name in set(stale) - files.keys():
        (out / name).unlink(missing_ok=True)
    flush(out)
    return [out / name for name in files]


def write_bytes(path: Path, content: bytes | str) -> None:
    """Write a file as a whole, text as UTF-8."""
    with written_whole(path) as scratch:
        scratch.write_bytes(content.encode() if isinstance(content, str) else content)


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON that a person can read."""
    write_bytes(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
