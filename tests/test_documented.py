"""What the documentation says of commands: verbs and options exist, both languages say the same."""

from __future__ import annotations

import re
import shlex

import pytest

from civicsight.cli.entry import LANGUAGE_OPTION
from civicsight.cli.tree import program
from tests.documented import (
    CHINESE,
    EXPLAINED,
    HELD_ELSEWHERE,
    PAGES,
    PAIRS,
    ROOT,
    Piece,
    in_english,
    is_command,
    read_pieces,
    without_comment,
)

COMMAND = program("en", whole=True)
PIECES = tuple(piece for page in PAGES for piece in read_pieces(page))

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*(?![a-z-]|\.\.\.|…)")
OF_TOOLS = {
    "--only-binary",
    "--require-hashes",
    "--no-deps",
    "--nthreads",
    "--protocol",
    "--strict",
    "--no-owner",
    "--dbname",
    "--output",
}
"""Options of pip, mypy, dask, pg_restore and jupyter."""
OF_OTHERS = ("benchmarks/**/*.py", "tools/advisories.py", "tools/bundle.py", "tools/closed/*",
             "tools/golden/*.py", "tools/release.py", "tools/verify.py")  # fmt: skip
"""Programs of this repository with options of their own."""


def below(command, words):
    """Return the command that words lead to, and the words that are left."""
    left = list(words)
    while left and left[0] in getattr(command, "commands", {}):
        command = command.commands[left.pop(0)]
    return command, left


def options_of(command):
    own = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    for each in getattr(command, "commands", {}).values():
        own |= options_of(each)
    return own | {"--help", LANGUAGE_OPTION}


def every_option():
    sources = [path for pattern in OF_OTHERS for path in ROOT.glob(pattern) if path.is_file()]
    others = {name for path in sources for name in OPTION.findall(path.read_text(encoding="utf-8"))}
    return options_of(COMMAND) | others | OF_TOOLS


def ours(piece: Piece) -> str | None:
    """Return what follows the name of the program, where it is ours."""
    found = re.search(r"(?:^|/)civicsight(?:\.sh)? (.+)", piece.text)
    return found[1] if found and piece.kind != "python" else None


@pytest.mark.parametrize("page", PAGES)
def test_every_option_that_a_page_names_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert not set(OPTION.findall(text)) - every_option()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_has_its_verb_and_its_options(page):
    for piece in read_pieces(page):
        words = [] if piece.kind == "file" or ours(piece) is None else shlex.split(ours(piece))
        if not words:
            continue
        command, left = below(COMMAND, words)
        assert not hasattr(command, "commands") or not left, piece.at
        named = {word.partition("=")[0] for word in left if word.startswith("--")}
        assert not named - options_of(command), piece.at


@pytest.mark.parametrize(("page", "twin"), PAIRS)
def test_both_languages_show_the_same_commands_and_blocks(page, twin):
    assert blocks_of(twin) == blocks_of(page)
    commands = [
        sorted({in_english(piece.text) for piece in read_pieces(name) if is_command(piece)})
        for name in (page, twin)
    ]
    assert commands[1] == commands[0]


def blocks_of(page):
    """Return what is typed, run or saved, line by line, in the words of the English page."""
    return [
        [without_comment(line) for line in in_english(piece.text).splitlines()]
        for piece in read_pieces(page)
        if piece.kind != "inline"
    ]


def test_every_word_that_is_taken_for_the_same_stands_somewhere():
    shown = "\n".join(piece.text for piece in PIECES)
    assert not [word for pair in CHINESE.items() for word in pair if word not in shown]


def test_every_page_with_a_twin_is_among_the_pairs():
    found = (*ROOT.glob("*.zh-CN.md"), *ROOT.glob("docs/**/*.zh-CN.md"))
    twins = {path.relative_to(ROOT).as_posix() for path in found}
    assert twins == {twin for _, twin in (*PAIRS, *EXPLAINED)}
    assert all((ROOT / page).is_file() for page, _ in EXPLAINED)
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    explained = {page for pair in EXPLAINED for page in pair}
    assert pages - set(HELD_ELSEWHERE) - explained <= set(PAGES)
