"""The modules of the package, and every node of each."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.source_trees import nodes_of

ROOT = Path(__file__).resolve().parent.parent


PACKAGE = ROOT / "civicsight"


MODULES = sorted(
    str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py") if "vendor" not in path.parts
)


def walk(module: str) -> tuple[ast.AST, ...]:
    """Return every node of a module."""
    return nodes_of(ROOT / module)
