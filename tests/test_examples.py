"""The examples in docstrings run and give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import civicsight

PACKAGE = Path(civicsight.__file__).parent
FEWEST = 80
"""There are more; fewer would mean that they are not found any more."""


def test_every_example_gives_what_it_says():
    tried, wrong = 0, []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "vendor" in path.parts or ">>> " not in path.read_text(encoding="utf-8"):
            continue
        name = ".".join(("civicsight", *path.relative_to(PACKAGE).with_suffix("").parts))
        found = doctest.testmod(import_module(name.removesuffix(".__init__")))
        tried += found.attempted
        wrong += [name] * found.failed
    assert not wrong
    assert tried >= FEWEST
