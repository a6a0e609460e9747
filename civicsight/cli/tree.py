"""The program with its commands, as typer calls them: each is imported when it is called."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from civicsight.cli.command_list import COMMANDS, GROUPS, PROGRAM
from civicsight.core.door import by_address
from civicsight.core.errors import Text
from civicsight.core.i18n import Language, translate
from civicsight.core.regular import require_regular


class Command(TyperCommand):
    """A command whose module is imported when it is called, or its options are asked for."""

    def __init__(self, words: str, language: Language) -> None:
        self.home = COMMANDS[words].home
        self.language = language
        super().__init__(
            words.rsplit(maxsplit=1)[-1], help=translate(COMMANDS[words].does, language)
        )

    @cached_property
    def whole(self) -> Any:
        """The command with its options, as typer makes it of the signature of its function."""
        single = typer.Typer(add_completion=False)
        single.command(self.name, help=self.help)(by_address(self.home))
        command = get_command(single)
        for parameter in command.params:
            text = getattr(parameter, "help", None)
            if text:
                parameter.help = translate(text, self.language)  # type: ignore[attr-defined]
        return command

    def make_context(self, *words: Any, **extra: Any) -> Any:
        """Begin to run the command, on files and folders alone.

        Raises
        ------
        InputError
            If a path leads to a FIFO, a socket or a device.
        """
        context = self.whole.make_context(*words, **extra)
        for parameter in self.whole.params:
            value = context.params.get(parameter.name)
            is_place = parameter.param_type_name == "argument"  # of a store it may be an address
            for one in value if isinstance(value, list | tuple) else [value]:
                if isinstance(one, Path) or (is_place and isinstance(one, str)):
                    require_regular(one)
        return context


def program(language: Language, *, whole: bool = False) -> TyperGroup:
    """Return the whole program with its help in a language.

    Parameters
    ----------
    whole
        Whether each command is there with its options, for whoever looks at all of them.
    """
    root = _group(PROGRAM, language)
    groups = {name: _group(does, language) for name, does in GROUPS.items()}
    for words in COMMANDS:
        *first, name = words.split()
        command = Command(words, language)
        if first and first[0] not in groups:  # of another package
            groups[first[0]] = _group(COMMANDS[words].does, language)
        group = groups[first[0]] if first else root
        group.add_command(command.whole if whole else command, name)
    for name, group in groups.items():
        group.name = name
        root.add_command(group, name)
    return root


def _group(does: Text, language: Language) -> TyperGroup:
    """Return a command that is followed by another."""
    return get_group(
        typer.Typer(no_args_is_help=True, add_completion=False, help=translate(does, language))
    )
