"""The languages in which a person reads every sentence: zh-CN (default) and English.

English sentences are the keys; `locale/CODE/LC_MESSAGES/civicsight.po` holds those of another
language. A catalogue is read through Babel at first use, so no compiled file is kept. A language
more is its catalogue, its name in `Language` and its row in `_SPOKEN`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal, NamedTuple

from babel.messages.pofile import read_po

from civicsight.core.errors import Text

Language = Literal["zh_CN", "en"]


class _Spoken(NamedTuple):
    """A language: its code in pages, its key in labels of data, what stands between sentences."""

    html: str
    label: str
    between: str = " "


_SPOKEN: Final[dict[Language, _Spoken]] = {
    "zh_CN": _Spoken("zh-CN", "zh", between=""),
    "en": _Spoken("en", "en"),
}
LANGUAGES: Final[tuple[Language, ...]] = tuple(_SPOKEN)
DEFAULT_LANGUAGE: Final[Language] = "zh_CN"
SOURCE_LANGUAGE: Final[Language] = "en"
"""The language of the sentences in the code, and of whatever a catalogue or a label lacks."""

HTML_LANGUAGE: Final[dict[Language, str]] = {code: spoken.html for code, spoken in _SPOKEN.items()}


@cache
def _catalogue(language: Language) -> dict[str, str]:
    """Read the sentences of a language, keyed by the English ones."""
    path = f"locale/{language}/LC_MESSAGES/civicsight.po"
    data = files("civicsight").joinpath(path).read_bytes()
    return {
        str(message.id): str(message.string)
        for message in read_po(BytesIO(data), locale=language)
        if message.id and message.string
    }


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
    return template % {key: _said(value, language) for key, value in text.values.items()}


def _said(value: object, language: Language) -> object:
    """Return a value of a sentence as it is read in one language."""
    if isinstance(value, Text):
        return translate(value, language)
    return pick(value, language) if isinstance(value, Mapping) else value


def pick(label: Mapping[str, str], language: Language) -> str:
    """Choose from a ``{zh, en}`` label of a rule pack; what it lacks is said in English."""
    found = label.get(_SPOKEN[language].label)
    return label[_SPOKEN[SOURCE_LANGUAGE].label] if found is None else found


def join_sentences(sentences: Iterable[str], language: Language) -> str:
    """Put sentences behind each other, with a blank where the language has one."""
    return _SPOKEN[language].between.join(sentences)
