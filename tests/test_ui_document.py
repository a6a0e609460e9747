"""The document of the app: the language that is asked for, and no guess where the server is."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from streamlit.file_util import get_static_dir

from civicsight.ui.config import document, document_routes
from civicsight.ui.pages import PAGES


def get(url, root=""):
    async def ask():
        transport = httpx.ASGITransport(app=Starlette(routes=document_routes(root)))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as asker:
            return await asker.get(url)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("asked", "code"),
    [("en", "en"), ("zh", "zh-CN"), (None, "zh-CN"), ('"><script>', "zh-CN"), ("fr", "zh-CN")],
)
def test_the_document_says_its_language(monkeypatch, asked, code):
    monkeypatch.delenv("CIVICSIGHT_LANGUAGE", raising=False)
    text = document(asked)
    assert f'<html lang="{code}">' in text
    assert text.count("<title>") == 1
    assert "<title>civicsight</title>" in text


def test_a_language_that_is_set_counts_where_none_is_asked_for(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_LANGUAGE", "en")
    assert '<html lang="en">' in document(None)
    assert '<html lang="zh-CN">' in document("zh")


def test_all_else_is_as_the_server_has_it():
    """What the server changes in a later version comes through: the rest is untouched."""
    with open(f"{get_static_dir()}/index.html", encoding="utf-8") as file:  # noqa: PTH123
        plain = file.read().splitlines()
    ours = document("zh").splitlines()
    gone = set(plain) - set(ours)
    assert len([line for line in gone if "<html" in line or "<title" in line]) == 2
    (pointer,) = (line for line in gone if "<link" in line)
    assert "service-desc" in pointer  # to what is closed here; beside it a comment about it
    assert len(gone) == 10
    assert len(set(ours) - set(plain)) == 3


@pytest.mark.parametrize("root", ["", "/city"])
def test_every_page_has_its_address(root):
    for code in ("", *(page.code for page in PAGES[1:])):
        answer = get(f"{root}/{code}?lang=en", root)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"
        assert "BACKEND_BASE_URL" in answer.text
    assert get(f"{root}/elsewhere", root).status_code == 404
