"""Rule packs and mappings in YAML: anchors that multiply, what nests, and values of wrong kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bad_packs import PACK
from tests.spoilt.case import ADDRESS, Case, Make, pointing
from tests.spoilt.sound import MAPPING

Change = Callable[[str], str]
DEEP: Final = 50_000
LAUGHS: Final = "a0: &a0 [ha, ha]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


def front(more: str) -> Change:
    return lambda text: more + text


def back(more: str) -> Change:
    return lambda text: text + more


def instead(more: str) -> Change:
    return lambda _: more


ANY: Final[dict[str, Change]] = {
    "anchors that multiply": back(LAUGHS),
    "anchors that multiply alone": instead(LAUGHS),
    "an anchor of itself": back("zz: &a [*a]\n"),
    "an anchor that is its own key": back("? &a {*a : 1}\n: 2\n"),
    "keys that are merged": back("zz: &a {b: 1}\nyy:\n  <<: *a\n"),
    "a merge of itself": back("zz: &a\n  <<: *a\n"),
    "a merge of no mapping": back("<<: 5\n"),
    "an anchor that is not there": back("zz: *gone\n"),
    "100,000 anchors": back("".join(f"z{n}: &z{n} 1\n" for n in range(100_000))),
    "lists 50,000 deep": back("zz: " + "[" * DEEP + "]" * DEEP + "\n"),
    "lists without end": back("zz: " + "[" * DEEP),
    "mappings 50,000 deep": back("zz: " + "{a: " * DEEP),
    "blocks 3,000 deep": back("\n".join(" " * n + "a:" for n in range(3_000)) + "\n"),
    "dashes 20,000 deep": back("zz: \n " + "- " * 20_000 + "\n"),
    "keys within keys": back("? " * 20_000 + "a\n"),
    "a text of ten megabytes": back("zz: " + "x" * (10 << 20) + "\n"),
    "a key of a megabyte": back("z" * (1 << 20) + ": 1\n"),
    "100,000 keys": back("".join(f"z{n}: 1\n" for n in range(100_000))),
    "one key twice": back("format: x\nformat: y\ncolumns: {}\ncolumns: {}\n"),
    "a key that is a list": back("[a, b]: 1\n"),
    "a key that is a mapping": back("{a: 1}: 1\n"),
    "a key of nothing": back("~: 1\n: 2\n"),
    "a key that is a number": back("5: 1\n1e999: 2\n"),
    "a value that makes an object": back("zz: !!python/object/apply:os.system [id]\n"),
    "a value that imports": back("zz: !!python/name:os.system\n"),
    "a value that is a module": back("zz: !!python/module:subprocess\n"),
    "a value of a kind of its own": back("zz: !evil {a: 1}\n"),
    "a kind at an address": front(f"%TAG ! {ADDRESS}\n---\n"),
    "a version of later": front("%YAML 9.9\n---\n"),
    "a directive that nobody knows": front("%EVIL a\n---\n"),
    "two documents": back("\n---\na: 1\n"),
    "1,000 documents": instead("---\na\n" * 1_000),
    "a number of 5,000 digits": back("zz: " + "9" * 5_000 + "\n"),
    "a number of base sixty": back("zz: " + ":".join(["59"] * 5_000) + "\n"),
    "a number beyond all": back("zz: 1e999\nyy: .inf\nxx: -.inf\nww: .nan\n"),
    "a number in hexadecimal of 10,000 digits": back("zz: 0x" + "f" * 10_000 + "\n"),
    "a number of bits": back("zz: 0b" + "1" * 100_000 + "\n"),
    "a day that does not exist": back("zz: 2026-99-99\nyy: 2026-01-01T99:99:99Z\n"),
    "a day beyond all": back("zz: 9999-12-31T23:59:59.999999-23:59\n"),
    "bytes": back("zz: !!binary '!!!!'\n"),
    "a set": back("zz: !!set {a, b}\n"),
    "pairs in order": back("zz: !!omap [a: 1, a: 2]\n"),
    "a text from right to left": back("zz: \u202egpj\u2066\n"),
    "escape sequences": back('"\\e[2J": "\\e]0;owned\\a"\n'),
    "halves of characters": back('zz: "\\uD800\\uDC00"\n'),
    "a NUL": back("zz: \0\n"),
    "signs that YAML forbids": back("zz: \x01\x02\ufffe\n"),
    "line ends of all kinds": lambda text: text.replace("\n", "\x85", 3).replace("\n", "\r", 3),
    "tabs": lambda text: text.replace("  ", "\t"),
    "blanks alone": instead(" " * 100_000),
    "line ends alone": instead("\n" * 190_000),
    "remarks alone": instead("# a\n" * 40_000),
    "a number alone": instead("5\n"),
    "a list alone": instead("- 1\n- 2\n"),
    "a text alone": instead("format\n"),
    "nothing": instead("~\n"),
    "JSON without end": instead('{"columns": ' * DEEP),
    "a quote without end": back('zz: "' + "x" * 100_000),
    "a text in blocks without end": back("zz: |9\n x\n"),
    "100,000 commas": back("zz: [" + "," * 100_000 + "]\n"),
    "100,000 colons": back(": " * 100_000 + "\n"),
    "100,000 question marks": back("?" * 100_000 + "\n"),
    "another file": instead("SECRET\n"),
    "a value in another file": back("zz: !include SECRET\nyy: file://SECRET\n"),
}  # fmt: skip
"""What is done to any text of YAML."""


def swapped(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


NUMBER: Final = "{value: 30, unit: m, "
VALUES: Final = {
    "1e999": "a value beyond all",
    ".inf": "a value without end",
    ".nan": "a value that is no number",
    "-30": "a value below zero",
    "9" * 5_000: "a value of 5,000 digits",
    "1e308": "a value at the end of all",
    "5e-324": "a value of next to nothing",
    "true": "a value that is logical",
    "~": "a value of nothing",
    "[30]": "a value that is a list",
    "{value: 30}": "a value that is a mapping",
    "2026-12-02": "a value that is a day",
    "'=1+1'": "a value that is a formula",
    "0x1e": "a value in hexadecimal",
    "1_000": "a value with a line in it",
    "1:30": "a value of base sixty",
    "!!float 30": "a value of a kind",
    "!!python/object/apply:os.system [id]": "a value that calls",
}
OF_PACKS: Final[dict[str, Change]] = {
    **{said: swapped(NUMBER, NUMBER.replace("30", value)) for value, said in VALUES.items()},
    "a format of later": swapped("format_version: 2", "format_version: 99"),
    "a format of nothing": swapped("format_version: 2", "format_version: ~"),
    "a format beyond all": swapped("format_version: 2", "format_version: 1e999"),
    "a format that is a list": swapped("format_version: 2", "format_version: [2]"),
    "another format": swapped("format: civicsight-rulepack", "format: [civicsight-rulepack]"),
    "a version without end": swapped("version: 1.0.0", "version: " + "1." * 50_000),
    "a version of a line break": swapped("version: 1.0.0", 'version: "1.0.0\\n\\e[2J"'),
    "a pack that needs itself": swapped("load_with: [", "load_with: [cn-nanchang, "),
    "a pack that needs a path": swapped("load_with: [", "load_with: [../../../etc/passwd, "),
    "a pack that needs 10,000": swapped(
        "load_with: [", "load_with: [" + ", ".join(f"p{n}" for n in range(10_000)) + ", "),
    "zones that are a text": back("zones: all\n"),
    "rules that are none": back("rules: [1, ~, [], {}]\n"),
    "profiles that are a list": back("profiles: [1]\n"),
}  # fmt: skip
OF_MAPPINGS: Final[dict[str, Change]] = {
    "columns that are a list": instead("columns: [1, 2]\n"),
    "columns that are a text": instead("columns: camera_id\n"),
    "columns of nothing": instead("columns: ~\n"),
    "a column that is a list": instead("columns:\n  a: [camera_id]\n"),
    "a column that is a mapping": instead("columns:\n  a: {b: camera_id}\n"),
    "a column that is a number": instead("columns:\n  a: 1e999\n  camera_id: .nan\n"),
    "a column that nobody knows": instead("columns:\n  a: <script>alert(1)</script>\n"),
    "a column that is two": instead("columns:\n  lon: a\n  lat: a\n  camera_id: a\n"),
    "words that are a list": instead(MAPPING + "words: [1]\n"),
    "words of wrong kinds": instead(MAPPING + "words:\n  state: {a: [1], b: {c: 1}}\n"),
    "words that are a pattern": instead(MAPPING + "words:\n  state:\n    in_use: '(a+)+$'\n"),
    "words of a column that nobody knows": instead(MAPPING + "words:\n  zz: {a: b}\n"),
    "units that are a list": instead(MAPPING + "units: [1]\n"),
    "units that nobody knows": instead(MAPPING + "units:\n  height_m: parsec\n"),
    "units that are numbers": instead(MAPPING + "units:\n  height_m: 1e999\n"),
    "a key that nobody knows": instead(MAPPING + "run: id\n"),
}  # fmt: skip
PAPERS: Final = {
    "pack": ("law.yaml", PACK, ANY | OF_PACKS),
    "mapping": ("words.yaml", MAPPING, ANY | OF_MAPPINGS),
}


def _made(name: str, text: str, change: Change) -> Make:
    def make(folder: Path) -> Path:
        return pointing(name, change(text))(folder)

    return make


CASES: Final = tuple(
    Case(kind, f"YAML, {said}", kind, _made(name, text, change))
    for kind, (name, text, changes) in PAPERS.items()
    for said, change in changes.items()
)
