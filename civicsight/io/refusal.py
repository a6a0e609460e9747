"""One sentence for an input that is refused as a whole."""

from __future__ import annotations

from typing import NoReturn

from civicsight.core.errors import Fault, InputError, Text


def refuse(
    code: str,
    file: str,
    expected: Text,
    remedy: Text,
    *,
    found: str = "",
    where: str = "",
    field: str = "",
) -> NoReturn:
    """Refuse an input for one reason; arguments as of `errors.Fault`.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError([Fault(code, file, where, field, found, expected, remedy)])


def is_panic(error: BaseException) -> bool:
    """Tell whether a library written in Rust failed by its own fault.

    What it raises then is no `Exception`, and its type cannot be imported from anywhere.
    """
    return type(error).__name__ == "PanicException"
