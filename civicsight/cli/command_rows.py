"""What is known of a command before it is called: the row of the table of commands."""

from __future__ import annotations

from typing import Any, NamedTuple

from civicsight.core.errors import Text


class Listed(NamedTuple):
    """A command: its words, its function as ``package.module:function``, and what it does.

    Parameters
    ----------
    printed
        What it prints with ``--json`` (`civicsight.cli.shapes`); of our own that stands in
        `civicsight.cli.outputs`.
    """

    words: str
    home: str
    does: Text
    printed: dict[str, Any] | None = None
