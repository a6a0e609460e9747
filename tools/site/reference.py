"""What the product says of itself, as pages: made from its declarations, never written by hand."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from babel.messages.pofile import read_po

import civicsight
from civicsight.cli.outputs import OUTPUTS, SHARED
from civicsight.cli.schema import schema_of_all
from civicsight.cli.session import as_json
from civicsight.cli.shapes import rows_of
from civicsight.cli.tree import program
from civicsight.core.faults import DECLARED, VARIANT
from civicsight.core.i18n import Language, translate
from civicsight.core.settings import SETTINGS
from civicsight.model import RECORD_TABLES, TABLES
from civicsight.model.format_versions import FORMATS
from civicsight.rules.ladders import LADDERS
from civicsight.rules.predicates import PREDICATES

WORDS: Final = Path(__file__).with_name("zh_CN.po")
PACKAGE: Final = Path(civicsight.__file__).parent

ROOMS: Final = (
    "civicsight",
    "civicsight.model",
    "civicsight.io",
    "civicsight.rules",
    "civicsight.scene",
    "civicsight.coverage.findings",
    "civicsight.coverage.obstruction",
    "civicsight.planning.candidates",
    "civicsight.planning.duplicates",
    "civicsight.maps",
    "civicsight.report",
    "civicsight.report.compliance",
    "civicsight.report.plan",
    "civicsight.report.quality",
    "civicsight.store",
)
"""Rooms whose public names are documented, each name where it is met first."""

Rows = Sequence[Sequence[object]]


def reference(language: Language) -> dict[str, str]:
    """Return the pages of the reference in one language by name."""
    return {
        "commands.md": commands(language),
        "output.md": output(language),
        "output.schema.json": as_json(schema_of_all(language)) + "\n",
        "tables.md": tables(language),
        "predicates.md": predicates(language),
        "ladders.md": ladders(language),
        "faults.md": faults(language),
        "settings.md": settings(language),
        "versions.md": versions(language),
        **api(language),
    }


@cache
def _words() -> Mapping[str, str]:
    """Read the Chinese of what only these pages say, keyed by the English."""
    with WORDS.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


def say(text: str, language: Language) -> str:
    """Return a sentence of these pages in a language."""
    return text if language == "en" else _words()[text]


def page(language: Language, title: str, says: str, *parts: str) -> str:
    """Return a page: its title, what it is, and its parts."""
    return "\n\n".join((f"# {say(title, language)}", say(says, language), *parts)) + "\n"


def table(language: Language, heads: Sequence[str], rows: Rows) -> str:
    """Return a table of Markdown; what breaks a cell is escaped."""
    lines = [[say(head, language) for head in heads], ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def code(value: object) -> str:
    """Return a value as code, nothing if it is empty."""
    return f"`{value}`" if str(value) else ""


def commands(language: Language) -> str:
    """Return every command with its arguments and options."""
    root = program(language, whole=True)
    parts = [_command(name, entry, language) for name, entry in _commands(root, "civicsight")]
    says = (
        "Exit codes: 0 done, 1 a violation was found, 2 the input cannot be used, 3 an "
        "internal error, 130 stopped."
    )
    return page(language, "Commands", says, *parts)


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, entry in sorted(group.commands.items()):
        if getattr(entry, "commands", None):
            yield from _commands(entry, f"{before} {name}")
        elif not entry.hidden:
            yield f"{before} {name}", entry


def _command(name: str, entry: Any, language: Language) -> str:
    rows = [
        (
            ", ".join(code(word) for word in (*given.opts, *given.secondary_opts)),
            given.help or "",
            code("" if given.default is None or callable(given.default) else given.default),
        )
        for given in sorted(entry.params, key=lambda given: given.param_type_name != "argument")
        if given.name != "help"
    ]
    heads = ("Argument or option", "Meaning", "Default")
    return f"## {name}\n\n{entry.help}\n\n{table(language, heads, rows)}"


def output(language: Language) -> str:
    """Return what each command prints for a program, value by value."""
    heads = ("Key", "Type", "Unit", "Values", "Meaning")
    parts = []
    for name, shape in {**OUTPUTS, **SHARED}.items():
        rows = [
            (
                code(row.key),
                code(row.kind),
                row.unit,
                ", ".join(map(code, row.values)),
                translate(row.meaning, language),
            )
            for row in rows_of(shape)
        ]
        is_told = "properties" in shape and "description" in shape
        told = (translate(shape["description"], language),) if is_told else ()
        parts.append("\n\n".join((f"## {name}", *told, table(language, heads, rows))))
    says = (
        "What a command prints with --json: `a.b` is in a record, `a[]` in a list, `a.*` under a "
        "name that is data; a key with `?` may be absent. With exit code 2 or 3 a command prints "
        "Faults or Error instead. The same as JSON Schema 2020-12: "
        "[output.schema.json](output.schema.json), or `civicsight schema COMMAND --json`."
    )
    return page(language, "Output for programs", says, *parts)


def tables(language: Language) -> str:
    """Return every table that crosses a room, column by column."""
    heads = ("Column", "Kind", "Unit", "Meaning", "Values")
    parts = []
    for declared in {entry.name: entry for entry in (*TABLES, *RECORD_TABLES)}.values():
        rows = [
            (
                code(column.name), code(column.kind), column.unit,
                translate(column.meaning, language), ", ".join(map(code, column.choices)),
            )
            for column in declared
        ]  # fmt: skip
        shape = code(declared.shape) or "-"
        parts.append(
            f"## {declared.name}\n\n{say('Index', language)} `{declared.index}`, "
            f"{say('geometry', language)} {shape}.\n\n{table(language, heads, rows)}"
        )
    says = (
        "Tables share one metric CRS; lengths are metres, azimuths degrees clockwise from "
        "grid north."
    )
    return page(language, "Tables and columns", says, *parts)


def predicates(language: Language) -> str:
    """Return the closed list of what a rule may ask."""
    heads = ("Parameter", "Kind", "Unit", "Values", "Needed")
    parts = []
    for name, asked in sorted(PREDICATES.items()):
        rows = [
            (
                code(key), code(given.kind), given.unit, ", ".join(map(code, given.choices)),
                "✓" if given.required else "",
            )
            for key, given in asked.parameters.items()
        ]  # fmt: skip
        below = table(language, heads, rows) if rows else ""
        seen = [
            (code(look.layer), ", ".join(code(group[0]) for group in look.columns),
             "" if look.when is None else f"{code(look.when[0])}: {', '.join(look.when[1])}",
             "" if look.beside else "✓")
            for look in asked.looks
        ]  # fmt: skip
        if seen:
            looks = table(language, ("Layer", "Columns", "Where", "Needed"), seen)
            below = f"{below}\n\n{say('It looks at', language)}\n\n{looks}"
        parts.append(f"## {name}\n\n{translate(asked.meaning, language)}\n\n{below}")
    says = "A rule of a pack combines these with all and any; a pack can bring no code."
    return page(language, "Predicates", says, *parts)


def ladders(language: Language) -> str:
    """Return the ladders of detail that a pack may choose."""
    heads = ("Level", "Label", "At least [px/m]")
    parts = []
    for ladder in LADDERS.values():
        rows = [
            (code(level.name), translate(level.label, language), f"{level.px_m:g}")
            for level in ladder.levels
        ]
        parts.append(f"## {ladder.name}\n\n{ladder.standard}\n\n{table(language, heads, rows)}")
    says = "A pack names the ladder by which views are shown."
    return page(language, "Ladders of detail", says, *parts)


def settings(language: Language) -> str:
    """Return the settings of a deployment."""
    heads = ("Variable", "Default", "Meaning")
    rows = [
        (code(entry.variable), code(entry.default), translate(entry.help, language))
        for entry in SETTINGS
    ]
    says = "Settings are read from the environment."
    return page(language, "Settings", says, table(language, heads, rows))


def versions(language: Language) -> str:
    """Return the formats of what the product keeps, with their numbers."""
    heads = ("Format", "Number", "Name")
    rows = [
        (translate(entry.label, language), entry.number, code(entry.name))
        for entry in FORMATS.values()
    ]
    says = "A number is raised when a reader of before could not read what is written."
    return page(language, "Versions of formats", says, table(language, heads, rows))


def faults(language: Language) -> str:
    """Return the codes of faults, with what was expected and how to mend it."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for path in PACKAGE.glob("*/faults.py"):
        import_module(f"civicsight.{path.parent.name}.faults")
    for key, sentences in DECLARED.items():
        expected, remedy = (translate(text, language) for text in sentences)
        found[key.partition(VARIANT)[0]].add((expected, remedy))
    for path in PACKAGE.rglob("*.py"):
        if "vendor" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) == "Fault":
                given = {word.arg: word.value for word in node.keywords}
                name = node.args[0] if node.args else given.get("code")
                if isinstance(name, ast.Constant):
                    texts = (_sentence(given.get(key), language) for key in ("expected", "remedy"))
                    found[str(name.value)].add(tuple(texts))
    heads = ("Code", "Expected", "How to mend it")
    rows = [(code(name), *texts) for name in sorted(found) for texts in sorted(found[name])]
    says = (
        "Every fault names its file, place and field, what was found, what was expected and "
        "how to mend it."
    )
    return page(language, "Codes of faults", says, table(language, heads, rows))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _sentence(node: ast.expr | None, language: Language) -> str:
    """Return the sentence that a mark of translation holds; what is made elsewhere says nothing."""
    if isinstance(node, ast.Call) and _name(node.func) == "N_" and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant):
            return translate(str(first.value), language)
    return ""


def api(language: Language) -> dict[str, str]:
    """Return a page a room with its public names, and the page that leads to them."""
    pages: dict[str, str] = {}
    seen: set[tuple[str, int]] = set()
    for name in ROOMS:
        room = import_module(name)
        names = [key for key in room.__all__ if (key, id(getattr(room, key))) not in seen]
        seen |= {(key, id(getattr(room, key))) for key in names}
        pages[f"api/{name}.md"] = _room(name, room, names)
    toc = "\n".join(f"api/{name}" for name in ROOMS)
    says = "Public names by room. They keep working, or are found for one release with a warning."
    pages["api.md"] = page(language, "Python interface", says, f"```{{toctree}}\n{toc}\n```")
    return pages


def _room(name: str, room: Any, names: Sequence[str]) -> str:
    parts = [f"# {name}", f"```{{eval-rst}}\n.. automodule:: {name}\n   :no-members:\n```"]
    for key in names:
        value = getattr(room, key)
        kind = "class" if isinstance(value, type) else "function" if callable(value) else "data"
        options = (
            "\n   :members:" if kind == "class" else "\n   :no-value:" if kind == "data" else ""
        )
        parts.append(f"```{{eval-rst}}\n.. auto{kind}:: {name}.{key}{options}\n```")
    return "\n\n".join(parts) + "\n"
