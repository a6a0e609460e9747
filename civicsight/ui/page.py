"""What is known of a page of the app: the row of the table of pages."""

from __future__ import annotations

from typing import Final, NamedTuple

from civicsight.core.errors import Text

START_CODE: Final = "start"


class Page(NamedTuple):
    """A page: its address, what it is called, and the module whose ``render(visit)`` draws it.

    Parameters
    ----------
    about
        Its help: a sentence on what it is for, and one on what one has to know.
    """

    code: str
    title: Text
    module: str
    about: tuple[Text, ...] = ()

    @property
    def is_start(self) -> bool:
        """Whether it needs no project."""
        return self.code == START_CODE
