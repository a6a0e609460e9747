"""The languages in which a person reads every sentence: zh-CN (default) and English.

English sentences are the keys; `locale/CODE/LC_MESSAGES/civicsight.po` holds those of another
language. A catalogue is read through Babel at first use, so no compiled file is kept. A language
more is its catalogue, its code in `Language` and its row in `_SPOKEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal, NamedTuple

from babel import Locale
from babel.messages.pofile import read_po

from civicsight.core.errors import N_, Text
from civicsight.core.shown import shown

Language = Literal["zh_CN", "en"]
Label = Mapping[str, str]
"""A text by language, ``{"zh": ..., "en": ...}``."""


class _Spoken(NamedTuple):
    """A language: its code in pages, its key in labels of data, its name, what joins sentences."""

    html: str
    label: str
    name: Text
    between: str = " "


_SPOKEN: Final[dict[Language, _Spoken]] = {
    "zh_CN": _Spoken("zh-CN", "zh", N_("Chinese"), between=""),
    "en": _Spoken("en", "en", N_("English")),
}
LANGUAGES: Final[tuple[Language, ...]] = tuple(_SPOKEN)
DEFAULT_LANGUAGE: Final[Language] = "zh_CN"
SOURCE_LANGUAGE: Final[Language] = "en"
"""The language of the sentences in the code, and of whatever a catalogue or a label lacks."""

HTML_LANGUAGE: Final[dict[Language, str]] = {code: spoken.html for code, spoken in _SPOKEN.items()}
LANGUAGE_NAMES: Final[dict[Language, Text]] = {code: own.name for code, own in _SPOKEN.items()}


CATALOGUES: Final = files("civicsight").joinpath("locale")


@cache
def _catalogue(language: Language) -> dict[str, str]:
    """Read the sentences of a language, keyed by the English ones."""
    data = CATALOGUES.joinpath(language, "LC_MESSAGES", "civicsight.po").read_bytes()
    return {
        str(message.id): str(message.string)
        for message in read_po(BytesIO(data), locale=language)
        if message.id and message.string
    }


def own_name(language: Language) -> str:
    """Return what a language calls itself."""
    locale = Locale(language.partition("_")[0])
    return str(locale.get_display_name(locale)).capitalize()


def translate(text: Text | str, language: Language = DEFAULT_LANGUAGE) -> str:
    """Render a sentence in one language.

    Parameters
    ----------
    text
        A marked sentence (`errors.N_`), or a plain one that needs no values.
    language
        One of `LANGUAGES`. A sentence that its catalogue lacks stays English; a test holds the
        catalogues complete.
    """
    if isinstance(text, str):
        text = Text(text)
    template = text.template
    if language != SOURCE_LANGUAGE:
        template = _catalogue(language).get(template, template)
    if not text.values:
        return template
    return template % {key: _in_language(value, language) for key, value in text.values.items()}


def _in_language(value: object, language: Language) -> object:
    """Return a value of a sentence as it is read in one language, and obeyed by nobody."""
    if isinstance(value, Text):
        return translate(value, language)
    if isinstance(value, str):
        return shown(value)
    return shown(pick(value, language)) if isinstance(value, Mapping) else value


def pick(label: Label, language: Language) -> str:
    """Choose from a label, a text by language; what it lacks is said in English."""
    found = label.get(_SPOKEN[language].label)
    return label[_SPOKEN[SOURCE_LANGUAGE].label] if found is None else found


def label_in_all(said: Callable[[Language], str]) -> dict[str, str]:
    """Return as a label what is said in each language."""
    return {spoken.label: said(language) for language, spoken in _SPOKEN.items()}


def listed(names: Iterable[Text | str]) -> dict[str, str]:
    """Join names to one value of a sentence, in every language."""
    said, comma = list(names), N_(", ")
    return label_in_all(
        lambda language: translate(comma, language).join(
            one if isinstance(one, str) else translate(one, language) for one in said
        )
    )


def in_all(text: Text, between: str = " ") -> str:
    """Return a sentence in every language, one behind the other, each wording once."""
    return between.join(dict.fromkeys(translate(text, language) for language in LANGUAGES))


def columns_of(name: str, plain: Language = DEFAULT_LANGUAGE) -> dict[str, Language]:
    """Return what a column of sentences is called in each language; in one by its plain name.

    Examples
    --------
    >>> columns_of("note")
    {'note': 'zh_CN', 'note_en': 'en'}
    """
    others = {f"{name}_{spoken.label}": language for language, spoken in _SPOKEN.items()}
    return {name: plain} | {column: own for column, own in others.items() if own != plain}


def join_sentences(sentences: Iterable[str], language: Language) -> str:
    """Put sentences behind each other, with a blank where the language has one."""
    return _SPOKEN[language].between.join(sentences)
