"""What the server writes by itself: each sentence is known to it, and exchanged both ways."""

from __future__ import annotations

from pathlib import Path

import streamlit

from civicsight.core.i18n import translate
from civicsight.ui.language import WORDS, words_in
from civicsight.ui.pages import PAGES

COMPOSED = {
    "The page that you have requested does not seem to exist. Running the app's main page.",
    "Show password text",
    "Hide password text",
}
"""Put together in the browser, or part of a library that the server's script is built from."""


def test_every_word_is_one_that_the_server_writes():
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    written = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    assert not [
        str(word) for word in WORDS if f"`{word}`" not in written and str(word) not in COMPOSED
    ]


def test_words_are_exchanged_from_the_other_language():
    chinese, english = words_in("zh_CN")["words"], words_in("en")["words"]
    assert chinese["Page not found"] == translate("Page not found", "zh_CN")
    assert {value: key for key, value in chinese.items()} == english
    assert len(english) == len(WORDS) + len(PAGES) + 1
    assert chinese["5 more"] == "另有 5 项"  # pages that do not fit into the bar above


def test_the_browser_is_told_the_language():
    assert (words_in("zh_CN")["code"], words_in("en")["code"]) == ("zh-CN", "en")
