"""What the server writes by itself: each sentence is known to it, and exchanged both ways."""

from __future__ import annotations

import json
import re
from pathlib import Path

import streamlit

from civicsight.i18n import translate
from civicsight.ui.words import WORDS, tell_language

COMPOSED = {
    "The page that you have requested does not seem to exist. Running the app's main page.",
    "Show password text",
    "Hide password text",
}
"""Put together in the browser, or part of a library that the server's script is built from."""


def words_of(script):
    (text,) = re.findall(r"Object\.entries\((\{.*\})\)\);", script)
    return json.loads(text)


def test_every_word_is_one_that_the_server_writes():
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    written = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    assert not [
        str(word) for word in WORDS if f"`{word}`" not in written and str(word) not in COMPOSED
    ]


def test_words_are_exchanged_from_the_other_language():
    chinese, english = words_of(tell_language("zh_CN")), words_of(tell_language("en"))
    assert chinese["Page not found"] == translate("Page not found", "zh_CN")
    assert {value: key for key, value in chinese.items()} == english
    assert len(english) == len(WORDS)


def test_the_browser_is_told_the_language():
    assert 'document.documentElement.lang = "zh-CN";' in tell_language("zh_CN")
    assert 'document.documentElement.lang = "en";' in tell_language("en")


def test_a_word_cannot_end_the_script(monkeypatch):
    monkeypatch.setattr("civicsight.ui.words.translate", lambda *_: "</script><b>")
    assert tell_language("en").count("</script>") == 1
