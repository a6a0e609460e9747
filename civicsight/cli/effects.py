"""Options that change nothing by themselves: whoever gives one alone is told, before any work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import typer

from civicsight.cli.faults import fault
from civicsight.core.errors import InputError

TYPED: Final = "COMMANDLINE"
"""Name of the source of a value that a person typed, as the reader of command lines calls it."""


def require_effect(context: typer.Context, needs: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse every option that was typed and changes nothing without another that was not.

    Parameters
    ----------
    context
        Of the command, with its options.
    needs
        Names of parameters, each with those of which one gives it an effect.

    Raises
    ------
    InputError
        With all such options at once.
    """
    options = {each.name: each.opts[0] for each in context.command.params}
    typed = {
        name
        for name in options
        if (source := context.get_parameter_source(name or "")) and source.name == TYPED
    }
    faults = [
        fault(
            "option.no_effect",
            field=options[name],
            found=str(context.params[name]),
            others=" / ".join(options[each] for each in others),
        )
        for name, others in needs.items()
        if name in typed and not typed & set(others)
    ]
    if faults:
        raise InputError(faults)
