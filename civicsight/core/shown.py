"""One escape for every text that a terminal, a log, a page, a paper or a cell shows to a person.

A terminal obeys control characters: colours, the title of the window, a line that is written over.
A reader is deceived by letters that run from right to left. Names of files and what stands in them
may hold both; they are shown by their numbers.

References
----------
Unicode Technical Report 36, "Unicode Security Considerations", 3.6; ECMA-48.
"""

from __future__ import annotations

import logging
import re
from typing import Final

OBEYED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Controls of C0 and C1 but tab and new line, separators of lines, embeddings and overrides; and
what neither UTF-8 nor XML, and so no workbook, can hold."""

_LINES: Final = re.compile("[\t\n]")


def shown(text: str) -> str:
    r"""Return a text without anything that is obeyed; such signs stand as JSON spells them.

    A line that ends as on Windows ends as elsewhere.

    Examples
    --------
    >>> shown("\x1b[31mred\u202e")
    '\\u001b[31mred\\u202e'
    """
    if text.isascii() and text.isprintable():
        return text
    return OBEYED.sub(_number, text.replace("\r\n", "\n"))


def shown_in_line(text: str) -> str:
    r"""Return the same without a tab or a new line: a name makes no line of its own.

    Examples
    --------
    >>> shown_in_line("a\nb")
    'a\\u000ab'
    """
    return _LINES.sub(_number, shown(text))


def _number(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04x}"


class ShownFormatter(logging.Formatter):
    """Lines of a log in which nothing is obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return shown(super().format(record))
