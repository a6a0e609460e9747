"""Two languages for every sentence a person reads: zh-CN (default) and English.

English sentences are the keys; `locale/zh_CN/LC_MESSAGES/civicsight.po` holds the Chinese. The
catalogue is read through Babel at first use, so no compiled file is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal

from babel.messages.pofile import read_po

from civicsight.core.errors import Text

Language = Literal["zh_CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")
DEFAULT_LANGUAGE: Final[Language] = "zh_CN"
HTML_LANGUAGE: Final[dict[Language, str]] = {"zh_CN": "zh-CN", "en": "en"}


@cache
def _catalogue() -> dict[str, str]:
    """Read the Chinese sentences, keyed by the English ones."""
    data = files("civicsight").joinpath("locale/zh_CN/LC_MESSAGES/civicsight.po").read_bytes()
    return {
        str(message.id): str(message.string)
        for message in read_po(BytesIO(data), locale="zh_CN")
        if message.id and message.string
    }


def translate(text: Text | str, language: Language = DEFAULT_LANGUAGE) -> str:
    """Render a sentence in one language.

    Parameters
    ----------
    text
        A marked sentence (`errors.N_`), or a plain one that needs no values.
    language
        ``"zh_CN"`` or ``"en"``. A sentence that the catalogue lacks stays English; a test holds
        the catalogue complete.
    """
    if isinstance(text, str):
        text = Text(text)
    template = text.template
    if language == "zh_CN":
        template = _catalogue().get(template, template)
    if not text.values:
        return template
    return template % {key: _said(value, language) for key, value in text.values.items()}


def _said(value: object, language: Language) -> object:
    """Return a value of a sentence as it is read in one language."""
    if isinstance(value, Text):
        return translate(value, language)
    return pick(value, language) if isinstance(value, Mapping) else value


def pick(label: Mapping[str, str], language: Language) -> str:
    """Choose from a ``{zh, en}`` label of a rule pack."""
    return label["zh" if language == "zh_CN" else "en"]
