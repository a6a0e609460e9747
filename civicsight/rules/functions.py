"""Public functions: the closed vocabulary of what a pack from a file may choose and be called by.

A file from anywhere may carry any word in any script, so nothing is looked up in lists of bad
words: whatever chooses a place or names a class is an entry of `functions.yaml` or is refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from civicsight.core.errors import Fault
from civicsight.core.words import LIST_COMMA
from civicsight.rules.closed import STAR, find_term, nearest_term, plain
from civicsight.rules.document import Document, Path, check_time, read_document
from civicsight.rules.pack import Term, Vocabulary, label_of
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import COMBINERS
from civicsight.rules.vocabulary import WORDS

FILE: Final = "functions.yaml"
SYSTEMS: Final = ("osm", "amap", "baidu", "industry")
"""How maps and registers mark a place."""

SECTIONS: Final = MappingProxyType({"zones": "public", "privacy": "private"})
"""Which functions each section of a pack chooses among."""

LANGUAGES: Final = ("zh", "en")

TAKEN: Final = ("label", "select", "register", "derive")
"""Keys of a class that follow from its functions."""

NEAR: Final = 5
"""Entries that a message offers; assumed."""

LIKE: Final = 0.4
"""How much alike a word and what is offered for it are at least; assumed."""

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its label, what registers call it, and the selectors that find it."""

    name: str
    label: Mapping[str, str]
    words: tuple[str, ...]
    select: tuple[Entry, ...]
    atoms: frozenset[str]


@cache
def _data() -> Entry:
    return read_document(files("civicsight.rules").joinpath(FILE).read_bytes(), FILE).data


def delivered_names() -> tuple[str, ...]:
    """Return the ids of the packs that come with the program."""
    folder = files("civicsight.rules").joinpath("packs")
    names = (entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


@cache
def read_delivered(name: str) -> Document:
    """Return a pack that comes with the program, as data."""
    entry = files("civicsight.rules").joinpath(f"packs/{name}.yaml")
    return read_document(entry.read_bytes(), f"{name}.yaml")


def delivered() -> tuple[Document, ...]:
    """Return every pack that comes with the program, as data."""
    return tuple(map(read_delivered, delivered_names()))


@cache
def _words_of_laws() -> frozenset[str]:
    """Return what delivered laws call their own classes, in comparable form."""
    zones = [zone for law in delivered() for zone in law.data.get("zones", ())]
    words = (
        name for zone in zones for entry in zone.get("register", ()) for name in entry["names"]
    )
    return frozenset(
        map(plain, (*words, *(text for zone in zones for text in zone["label"].values())))
    )


@cache
def functions(section: str) -> Mapping[str, Function]:
    """Return the functions that a section of a pack, ``zones`` or ``privacy``, chooses among."""
    entries: Entry = _data()[SECTIONS[section]]
    return MappingProxyType({name: _function(name, entry) for name, entry in entries.items()})


@cache
def _called(section: str) -> Mapping[str, str]:
    """Return the function of each name and word, in comparable form."""
    known = functions(section).values()
    return MappingProxyType(
        {
            plain(word): one.name
            for one in known
            for word in (one.name, *one.label.values(), *one.words)
        }
    )


@cache
def _marked(section: str) -> Mapping[str, str]:
    """Return the function of each single mark."""
    return MappingProxyType(
        {atom: one.name for one in functions(section).values() for atom in one.atoms}
    )


def _function(name: str, entry: Entry) -> Function:
    words = tuple(entry.get("words", ()))
    label = {language: entry[language] for language in LANGUAGES}
    if "like" in entry:
        zones = (zone for law in delivered() for zone in law.data.get("zones", ()))
        (zone,) = (zone for zone in zones if zone["id"] == entry["like"])
        marks = [mark for mark in zone["select"] if mark["kind"] == name and "where" not in mark]
        alone = frozenset(atom for mark in marks if _is_single(mark) for _, atom in _atoms(mark))
        return Function(name, label, words, tuple(marks), alone)
    conf, marks = _data()["confidence"], []
    for tag in entry.get("osm", ()):
        key, _, value = tag.partition("=")
        marks.append({"kind": name, "osm": {key: value}, "conf": conf["osm"]})
    for system in SYSTEMS[1:]:
        if system in entry:
            marks.append({"kind": name, system: entry[system], "conf": conf[system]})
    atoms = frozenset(atom for mark in marks for _, atom in _atoms(mark))
    return Function(name, label, words, tuple(marks), atoms)


def _is_single(mark: Entry) -> bool:
    """Tell whether each mark of a selector finds places by itself."""
    return set(mark) <= {"kind", "conf", *SYSTEMS} and len(mark.get("osm", ())) <= 1


def _atoms(selector: Entry) -> Iterator[tuple[Path, str]]:
    """Yield the single marks of a selector, each with its place in it."""
    for key in ("osm", "exclude"):
        for tag, values in selector.get(key, {}).items():
            for value in values if isinstance(values, list) else [values]:
                yield (key, tag), f"{tag}={value}"
    for system in SYSTEMS[1:]:
        for at, code in enumerate(selector.get(system, ())):
            yield (system, at), f"{system} {code}"


def find_function_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for everything that a pack from a file chooses or names by its own words."""
    data: Any = document.data
    for section in SECTIONS:
        for index, entry in enumerate(data.get(section, ())):
            check_time()
            if not _is_of_law(entry, section):
                yield from _class_faults(document, (section, index), entry, section)
    yield from _list_faults(document)
    for at, word in enumerate(data.get("policy", {}).get("main_gate_words", ())):
        known = _data()["gates"]
        if plain(word) not in map(plain, known):
            yield _closed(document, ("policy", "main_gate_words", at), word, known)
    for index, rule in enumerate(data.get("rules", ())):
        check_time()
        for path, word in _compared(rule):
            if word not in WORDS and not _ITEM.fullmatch(word) and word not in _asked():
                yield _closed(document, ("rules", index, *path), word, (*WORDS, *_asked()))


def _is_of_law(entry: Entry, section: str) -> bool:
    """Tell whether a class stands word for word in a delivered law."""
    return any(entry in law.data.get(section, ()) for law in delivered())


def _class_faults(document: Document, path: Path, entry: Entry, section: str) -> Iterator[Fault]:
    """Yield what one class has of its own where it should name functions."""
    named = entry.get("functions", ())
    for at, name in enumerate(named):
        if name not in functions(section):
            yield _closed(document, (*path, "functions", at), name, _near(name, section))
    open_words = _data()["qualifiers"]
    for at, word in enumerate(map(label_of, entry.get("qualifiers", ()))):
        if word not in open_words:
            known = [text for each in open_words for text in each.values()]
            yield _closed(document, (*path, "qualifiers", at), ", ".join(word.values()), known)
    own = [key for key in TAKEN if entry.get(key)]
    if not named and not own:
        yield document.fault("pack.missing_key", path, ", ".join(entry), name="functions")
    if own and (named or not _converted(entry, section)):
        yield from _own_words(document, path, entry, section)


def _own_words(document: Document, path: Path, entry: Entry, section: str) -> Iterator[Fault]:
    """Yield each mark that no function has, and each key that functions take the place of."""
    for at, selector in enumerate(entry.get("select", ())):
        for step, atom in _atoms(selector):
            if atom not in _marked(section):
                here = (*path, "select", at, *step)
                yield document.fault("pack.no_function", here, atom)
    # The functions that the marks and words of a class are of, else those that are near.
    atoms = [atom for mark in entry.get("select", ()) for _, atom in _atoms(mark)]
    found = [_marked(section)[atom] for atom in atoms if atom in _marked(section)]
    words = [plain(text) for text in _texts(entry)]
    found += [_called(section)[word] for word in words if word in _called(section)]
    meant = list(
        dict.fromkeys(found or [name for word in words[:1] for name in _near(word, section)])
    )
    for key in TAKEN:
        if entry.get(key):
            yield document.fault(
                "pack.own_words", (*path, key), _text_of(entry[key]), names=", ".join(meant)
            )


def _text_of(value: Any) -> str:
    """Return the texts inside a value, shortened."""
    if isinstance(value, Mapping):
        value = list(value.values())
    text = ", ".join(map(_text_of, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _closed(document: Document, path: Path, found: str, known: Iterable[str]) -> Fault:
    choices = list(known)
    near = difflib.get_close_matches(found, choices, NEAR, LIKE) or choices[:NEAR]
    return document.fault(
        "pack.not_in_vocabulary:function"
        if path[0] in SECTIONS
        else "pack.not_in_vocabulary:closed",
        path,
        found,
        choices=", ".join(near),
    )


def _near(text: str, section: str) -> list[str]:
    """Return the names of the functions that are called most like a text, the nearest first."""
    close = difflib.get_close_matches(plain(text), _called(section), 3 * NEAR, LIKE)
    return list(dict.fromkeys(_called(section)[word] for word in close))[:NEAR] or list(
        functions(section)
    )


def _texts(entry: Entry) -> list[str]:
    """Return what a class of the form of before is called by its pack and by registers."""
    kinds = (mark["kind"] for mark in entry.get("select", ()) if "kind" in mark)
    names = (name for words in entry.get("register", ()) for name in words["names"])
    return [*entry.get("label", {}).values(), *kinds, *names]


def _converted(entry: Entry, section: str) -> list[str]:
    """Return the functions of a class of the form of before; none if a word of it is its own."""
    marks = entry.get("select", ())
    atoms = {atom for mark in marks for _, atom in _atoms(mark)}
    single = all(map(_is_single, marks))
    called = all(plain(text) in _called(section) for text in _texts(entry))
    listed = atoms and atoms <= _marked(section).keys()
    if not (listed and single and called) or entry.get("derive"):
        return []
    return list(dict.fromkeys(_marked(section)[atom] for atom in sorted(atoms)))


def with_functions(document: Document) -> Document:
    """Return a checked pack from a file with label, marks and words of each class filled in."""
    data = dict(document.data)
    for section in SECTIONS:
        if section in data:
            data[section] = [
                entry if _is_of_law(entry, section) else _filled(entry, section)
                for entry in data[section]
            ]
    return replace(document, data=data)


def _filled(entry: Entry, section: str) -> Entry:
    known = functions(section)
    stated = entry.get("functions") or _converted(entry, section)
    named = [name for name in stated if name in known]
    if not named:
        return {"label": {}, "select": [], **entry}  # refused, with what else is wrong with it
    chosen = [known[name] for name in named]
    closed = entry.get("designated_only") or entry.get("mobile")
    texts = {language: [one.label[language] for one in chosen] for language in LANGUAGES}
    names = {
        one.name: [w for w in _registered(one) if plain(w) not in _words_of_laws()]
        for one in chosen
    }
    return {
        **{key: value for key, value in entry.items() if key not in TAKEN},
        "functions": named,
        "label": {"zh": LIST_COMMA.join(texts["zh"]), "en": ", ".join(texts["en"])},
        "select": [] if closed else [mark for one in chosen for mark in one.select],
        "register": [{"kind": one, "names": words} for one, words in names.items() if words],
    }


def _registered(function: Function) -> list[str]:
    """Return what a register may call a function, each once."""
    return list(
        {plain(word): word for word in (*function.label.values(), *function.words)}.values()
    )


_ITEM = re.compile(r"[0-9.]+[a-z]?|\d{4}-\d{2}-\d{2}|instrument\.in_force|\$\w+")


@cache
def _asked() -> tuple[str, ...]:
    """Return the questions that delivered laws leave to a person."""
    found = (
        word
        for law in delivered()
        for rule in law.data.get("rules", ())
        for path, word in _compared(rule)
        if path[-1] == "question"
    )
    return tuple(dict.fromkeys(found))


def _compared(rule: Entry) -> Iterator[tuple[Path, str]]:
    """Yield the words that a rule compares a record with, each with its place."""
    for path, value in (
        (("where",), rule.get("where", {})),
        (("escalate", "when"), rule.get("escalate", {}).get("when", {})),
    ):
        for key, inner in value.items():
            yield from (((*path, key, *step), word) for step, word in _words(inner))
    yield from _of_check(rule["check"], ("check",))


def _of_check(check: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the words of a check that no closed list of its predicate bounds."""
    for name, values in check.items() if isinstance(check, dict) else ():
        if name in COMBINERS and isinstance(values, list):
            for at, inner in enumerate(values):
                yield from _of_check(inner, (*path, name, at))
        elif name in PREDICATES and isinstance(values, dict):
            free = (
                key
                for key, parameter in PREDICATES[name].parameters.items()
                if parameter.kind in ("choices", "word") and not parameter.choices
            )
            yield from (
                ((*path, name, key, *step), word)
                for key in free
                for step, word in _words(values.get(key, ()))
            )


def _words(value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (((key, *step), word) for step, word in _words(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from (((at, *step), word) for step, word in _words(inner))


@cache
def _lists() -> tuple[Vocabulary, ...]:
    """Return the bodies and standards that delivered laws name."""
    entries = [entry for law in delivered() for entry in law.data.get("vocabularies", {}).values()]
    return tuple(
        Vocabulary(
            "",
            label_of(entry),
            tuple(Term(label_of(term), tuple(term.get("names", ()))) for term in entry["terms"]),
        )
        for entry in entries
    )


def _list_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for every body or standard of a pack that no delivered law names."""
    titles = [*_data()["lists"], *(one.label for one in _lists())]
    known = [text for title in titles for text in title.values()]
    data: Any = document.data
    for name, entry in data.get("vocabularies", {}).items():
        path: Path = ("vocabularies", name)
        for language, text in label_of(entry).items():
            if text not in known:
                yield _closed(document, (*path, language), text, known)
        named = (
            ((at, *step), text)
            for at, term in enumerate(entry["terms"])
            for step, text in (
                *(((language,), text) for language, text in label_of(term).items()),
                *((("names", n), text) for n, text in enumerate(term.get("names", ()))),
            )
        )
        for step, text in named:
            if find_term(text.replace(STAR, ""), _lists()) is None:
                near = dict(nearest_term(text, _lists()).label)
                yield document.fault(
                    "pack.not_in_vocabulary", (*path, "terms", *step), text, name=near
                )
