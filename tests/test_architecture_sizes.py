"""The shape of the package: how big its pieces may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.package_modules import MODULES, ROOT, walk

MAX_MODULE_LINES = 400


MAX_FUNCTION_LINES = 50


MAX_KERNEL_LINES = 60  # a kernel cannot hand its local state to a helper without copying it


MAX_NESTING = 3


MAX_KERNEL_NESTING = 4  # two loops over a grid and two over what may stand in the way


BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)


HOLDERS = (ast.stmt, ast.excepthandler, ast.match_case)


def test_modules_fit_on_a_few_screens():
    counts = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in MODULES}
    assert not {name: count for name, count in counts.items() if count > MAX_MODULE_LINES}


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Yield every function with its address, and whether it may be as long as a kernel."""
    for module in MODULES:
        for node in walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}:{node.lineno} {node.name}", node, "_kernels" in module


def test_functions_fit_on_one_screen():
    long = {
        address: node.end_lineno - node.lineno + 1
        for address, node, is_kernel in functions()
        if node.end_lineno - node.lineno >= (MAX_KERNEL_LINES if is_kernel else MAX_FUNCTION_LINES)
    }
    assert not long


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
