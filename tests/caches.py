"""A cache for a test alone, in which nothing is compiled that is compiled already."""

from __future__ import annotations

import os
from pathlib import Path

KERNELS = ("kernels",)


def own_cache(folder: Path, shared: tuple[str, ...] = KERNELS) -> Path:
    """Make a cache in a folder that has its own of everything but what it shares with the suite."""
    cache = folder / "cache"
    cache.mkdir()
    suite = os.environ.get("CIVICSIGHT_CACHE_DIR")
    for name in shared if suite else ():
        (Path(suite) / name).mkdir(parents=True, exist_ok=True)
        (cache / name).symlink_to(Path(suite).resolve() / name)
    return cache
