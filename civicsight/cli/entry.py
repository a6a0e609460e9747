"""From the words of a command line to an exit code; every way to fail says what to do."""

from __future__ import annotations

import codecs
import gc
import io
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, Final
from uuid import uuid4

import typer
from rich.console import Console

from civicsight.cli.session import Session, choose_language, inert_console
from civicsight.cli.usage import explain, what_is_wrong
from civicsight.core.damage import damage_reported_to
from civicsight.core.errors import (
    MAX_LISTED_FAULTS,
    N_,
    CivicsightError,
    InputError,
    MismatchError,
    SetupError,
    Text,
)
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language
from civicsight.core.settings import setting
from civicsight.core.shown import ShownFormatter
from civicsight.coverage._kernels.apart import reported_to

OK, VIOLATION, BAD_INPUT, INTERNAL, STOPPED = 0, 1, 2, 3, 130
"""Exit codes; a command returns `VIOLATION` by raising `typer.Exit`."""

SELDOM: Final = 50_000
"""New values between two looks for garbage. Libraries make hundreds of thousands when they are
imported, and keep them: Python's own 700 cost the start of the app a sixth of its time."""

LANGUAGE_OPTION: Final = "--lang"
MACHINE_OPTION: Final = "--json"

USAGE_ERROR: Final[type[Exception]] = typer.BadParameter.mro()[2]
"""Base of all errors of usage; typer brings it along or takes it from click, by its version."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    if arguments is None and codecs.lookup(sys.getfilesystemencoding()).name == "ascii":
        _begin_in_utf8()
    gc.set_threshold(SELDOM)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # of GBK or Latin letters, say
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def _begin_in_utf8() -> None:
    """Run the same command again in the UTF-8 mode of Python (PEP 540), also for its children.

    The locale C makes ASCII of names of files and of all that is printed where that mode was
    switched off; what lies on the disk and is shown by the terminal is UTF-8 there all the same.
    """
    os.environ["PYTHONUTF8"] = "1"
    words = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    os.execv(sys.executable, words)  # noqa: S606 - this very program, without a shell


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    # Take the language out of the words, wherever it stands.
    words: list[str] = []
    name: str | None = None
    waiting = False
    for word in arguments:
        if waiting:
            name, waiting = word, False
        elif word == LANGUAGE_OPTION:
            waiting = True
        elif word.startswith(LANGUAGE_OPTION + "="):
            name = word.partition("=")[2]
        else:
            words.append(word)
    out, err = Console(emoji=False), Console(stderr=True, emoji=False)
    session = Session(DEFAULT_LANGUAGE, inert_console(out), inert_console(err))
    try:
        session = replace(session, language=choose_language(name))
    except MismatchError as error:
        session.print(_error_text(error))
        _print_for_program(session, words, error, _error_text(error))
        return BAD_INPUT
    code = _answer(words, session)
    _print_lacks(session)
    return code


def _answer(words: Sequence[str], session: Session) -> int:
    """Run the command that words say, and tell what stopped it."""
    handler = logging.StreamHandler()
    handler.setFormatter(ShownFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    try:
        command = _command_in(session.language)
        with reported_to(session.print_compiling), damage_reported_to(session.print):
            code = command.main(words, prog_name="civicsight", standalone_mode=False, obj=session)
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except USAGE_ERROR as error:
        for text in explain(error):
            session.print(text)
        _print_for_program(session, words, error, what_is_wrong(error))
        return BAD_INPUT
    except InputError as error:
        _print_faults(error, session)
        if MACHINE_OPTION in words:
            session.show_json({"faults": [fault.to_dict() for fault in error.faults]})
        return BAD_INPUT
    except (CivicsightError, OSError) as error:
        session.print(_error_text(error))
        _print_for_program(session, words, error, _error_text(error))
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - the border of the process: nobody above can catch it
        said = _incident(error)
        session.print(said)
        _print_for_program(session, words, error, said)
        return INTERNAL
    if code == STOPPED:  # typer may turn the key press into this code by itself
        session.print(N_("Stopped. Nothing was left half-written."))
    return code if isinstance(code, int) else OK


def _print_for_program(
    session: Session, words: Sequence[str], error: Exception, said: Text | str
) -> None:
    """Tell a program what stopped a command, where one asks."""
    if MACHINE_OPTION in words:
        session.show_json({"error": type(error).__name__, "message": str(said)})


def _print_lacks(session: Session) -> None:
    """Say once what protection files were read without, if any were read apart."""
    reading = sys.modules.get("civicsight.io.apart.reading")
    if reading is None:
        return  # nothing was
    with suppress(SetupError):  # then nothing was read, and that is said
        for text in reading.describe_lacks(start=False):
            session.print(text)


@cache
def _command_in(language: Language) -> Any:
    """Return the whole program with its help in a language.

    Raises
    ------
    SetupError
        If another package cannot add its commands.
    """
    from civicsight.cli.tree import program

    _fold_help()
    return program(language)


def _fold_help() -> None:
    """Let help break between any two signs: typer cuts a run that is too long, as Chinese is."""
    from typer import rich_utils

    plain = rich_utils.OptionHighlighter()

    def fold(text: Any) -> Any:
        out = plain(text)
        out.overflow = "fold"
        return out

    rich_utils.highlighter = fold  # type: ignore[assignment]


def _print_faults(error: InputError, session: Session) -> None:
    from civicsight.io import describe_faults

    count = len(error.faults)
    session.print(N_("The input cannot be used; faults: %(count)s", count=count))
    lines = list(describe_faults(error.faults, session.language))
    for line in lines[:MAX_LISTED_FAULTS]:
        session.print("  " + line)
    if len(lines) > MAX_LISTED_FAULTS:
        session.print(N_("... and %(count)s more", count=len(lines) - MAX_LISTED_FAULTS))


def _error_text(error: CivicsightError | OSError) -> Text | str:
    if isinstance(error, OSError) and not isinstance(error, CivicsightError):
        name = str(error.filename or "").replace("\\", "/").rpartition("/")[2]
        reason = error.strerror or type(error).__name__
        if name:
            return N_("%(file)s cannot be used: %(reason)s", file=name, reason=reason)
        return N_("The system refused: %(reason)s", reason=reason)
    text = error.args[0] if error.args else type(error).__name__
    return text if isinstance(text, Text) else str(text)


def _incident(error: Exception) -> Text:
    """Return the sentence about an error of ours; a log and the setting keep the rest."""
    if setting("debug"):
        traceback.print_exception(error)
    incident = uuid4().hex[:8]
    logging.getLogger(__name__).debug("incident %s", incident, exc_info=error)
    return N_(
        "Internal error %(incident)s (%(kind)s). The input was not at fault; set "
        "CIVICSIGHT_DEBUG=1 and run the same command again to see where it arose.",
        incident=incident,
        kind=type(error).__name__,
    )
