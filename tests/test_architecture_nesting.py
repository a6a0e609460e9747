"""The shape of the package: how deep its blocks stand. No test goes by a count of lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.package_modules import MODULES, walk

MAX_NESTING = 3


MAX_KERNEL_NESTING = 4  # two loops over a grid and two over what may stand in the way


BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)


HOLDERS = (ast.stmt, ast.excepthandler, ast.match_case)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Yield every function with its address, and whether it may be as long as a kernel."""
    for module in MODULES:
        for node in walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}:{node.lineno} {node.name}", node, "_kernels" in module


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands right in a node and may hold a block; no expression does."""
    for value in vars(node).values():
        if isinstance(value, list):
            yield from (one for one in value if isinstance(one, HOLDERS))


def nesting_of(node: ast.AST, depth: int = 0) -> int:
    """Return how deep blocks stand in each other; `elif` is as deep as its `if`."""
    deepest = depth
    chained = node.orelse if isinstance(node, ast.If) and len(node.orelse) == 1 else []
    for child in statements(node):
        step = isinstance(child, BLOCKS) and not (isinstance(child, ast.If) and child in chained)
        deepest = max(deepest, nesting_of(child, depth + step))
    return deepest


def test_blocks_do_not_stand_deep_in_each_other():
    depths = {
        address: (nesting_of(node), MAX_KERNEL_NESTING if is_kernel else MAX_NESTING)
        for address, node, is_kernel in functions()
    }
    assert not {address: depth for address, (depth, limit) in depths.items() if depth > limit}


def test_nesting_is_counted_as_a_reader_would():
    chain = "if a:\n  x\nelif b:\n  x\nelif c:\n  for i in j:\n    x\n"
    assert nesting_of(ast.parse(chain)) == 2
    assert nesting_of(ast.parse("for i in j:\n  with k:\n    if l:\n      x\n")) == 3
    assert nesting_of(ast.parse("if a:\n  x\nelse:\n  y\n  if b:\n    z\n")) == 2
