"""Room in memory for what a stranger sent: taken before anything is built of it."""

from __future__ import annotations

LIST, OBJECT, VALUE = 128, 256, 64
"""Bytes that a list, an object and any other value of JSON take, made and copied once: measured."""

TEXT_CELL, SHAPE_CELL = 56, 192
"""Bytes that a text and a geometry take beside their content, in a table: measured."""


class Room:
    """Bytes that may still be built.

    Parameters
    ----------
    size
        How many there are.
    """

    def __init__(self, size: int) -> None:
        self.left = size

    def take(self, size: int) -> None:
        """Take bytes that are about to be built.

        Raises
        ------
        MemoryError
            If there are not so many left.
        """
        self.left -= size
        if self.left < 0:
            msg = f"{-self.left} bytes more than there is room for"
            raise MemoryError(msg)


def size_built(text: str | bytes) -> int:
    """Return how many bytes the values of JSON take at most once they are built.

    Examples
    --------
    >>> size_built("[[],[]]") > 40 * len("[[],[]]")
    True
    """
    if isinstance(text, bytes):
        lists, objects, commas = text.count(b"["), text.count(b"{"), text.count(b",")
    else:
        lists, objects, commas = text.count("["), text.count("{"), text.count(",")
    return len(text) + LIST * lists + OBJECT * objects + VALUE * (commas + 1)
