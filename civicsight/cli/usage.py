"""What was typed and no command takes, in the language of the program.

The library that reads the words of a command says in English alone what is wrong with them; what it
says is told apart here by its few forms. Whatever it may say besides is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from civicsight.core.errors import N_, Text


def explain(error: Any) -> Iterator[Text]:
    """Yield, line by line, how a command is typed and what is wrong with the words that were.

    Parameters
    ----------
    error
        An error of usage, as typer or click raises it.
    """
    if type(error).__name__ == "NoArgsIsHelpError":  # which has been shown
        return
    if error.ctx is not None:
        yield N_("Usage: %(line)s", line=error.ctx.get_usage().partition(": ")[2])
    yield what_is_wrong(error)
    if error.ctx is not None:
        yield N_("%(command)s --help tells more.", command=error.ctx.command_path)


def what_is_wrong(error: Any) -> Text:
    """Say what was typed or left out: an option as it is typed, an argument by its name."""
    hint, param = getattr(error, "param_hint", None), getattr(error, "param", None)
    if hint is None and param is not None:
        option = param.param_type_name == "option"
        hint = " / ".join(param.opts) if option else param.metavar or param.name
    name = hint if isinstance(hint, str) else " / ".join(hint or ())
    kind = type(error).__name__
    if kind == "MissingParameter":
        return N_("%(name)s: expected: a value, found: none.", name=name)
    if kind == "NoSuchOption":
        near = error.possibilities or ()
        if near:
            return N_(
                "There is no option %(name)s; near it: %(near)s.",
                name=error.option_name,
                near=", ".join(near),
            )
        return N_("There is no option %(name)s.", name=error.option_name)
    for pattern, tell in FORMS:
        found = re.search(pattern, error.message, re.DOTALL)
        if found:
            wrong = tell(found)
            return N_("%(name)s: %(wrong)s", name=name, wrong=wrong) if name else wrong
    return Text(f"{name}: {error.message}" if name else error.message)


def _unknown_command(found: re.Match[str]) -> Text:
    near = re.findall(r"'([^']+)'", found[2])
    if near:
        return N_(
            "There is no command %(name)s; near it: %(near)s.", name=found[1], near=", ".join(near)
        )
    return N_("There is no command %(name)s.", name=found[1])


FORMS: Final[tuple[tuple[str, Callable[[re.Match[str]], Text]], ...]] = (
    (r"^No such command '(.*?)'\.(.*)", _unknown_command),
    (r"^Missing command", lambda _: N_("Expected: a command.")),
    (
        r"^Got unexpected extra argument.*? \(([^()]*)\)$",
        lambda m: N_("Expected: nothing more, found: %(words)s.", words=m[1]),
    ),
    (
        r"^Option '(.*)' requires an argument",
        lambda m: N_("%(name)s: expected: a value, found: none.", name=m[1]),
    ),
    (r"^Option '(.*)' does not take a value", lambda m: N_("%(name)s takes no value.", name=m[1])),
    (r"^Input should be a valid number", lambda _: N_("expected: a number.")),
    (r"^Input should be a valid integer", lambda _: N_("expected: a whole number.")),
    (
        r"^Input should be (greater|less) than or equal to (\S+)",
        lambda m: (
            N_("expected: at least %(limit)s.", limit=m[2])
            if m[1] == "greater"
            else N_("expected: at most %(limit)s.", limit=m[2])
        ),
    ),
)
"""Forms of what the library says, and what a person is told instead."""
