"""What derives repairs itself: whatever lies in a cache, it is made anew, and that is said once."""

from __future__ import annotations

import json
import logging

import pytest

from civicsight.core import damage
from civicsight.core.cache import SEAL, Shelf
from civicsight.coverage.check import check
from civicsight.coverage.shared_memory import keep, take
from civicsight.editing.result_file import is_kept, keep_result, keep_table, kept_result, kept_table
from civicsight.io.download import _clear_damaged
from civicsight.rules import load_packs
from tests.test_check import CAMS, town

SPOILT = {
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "foreign": lambda _: b"\x89PNG\r\n" + bytes(200),
    "one bit": lambda data: data[:-30] + bytes([data[-30] ^ 1]) + data[-29:],
    "a text": lambda _: b'{"format": 99}',
    "nested": lambda _: b"[" * 100_000,
}
DIGEST = "a" * 64


@pytest.fixture
def said(monkeypatch, caplog):
    monkeypatch.setattr(damage, "_told", set())
    caplog.set_level(logging.WARNING)

    def count() -> int:
        return sum("is damaged" in record.getMessage() for record in caplog.records)

    return count


@pytest.fixture
def spoil(request):
    return SPOILT[request.param]


EACH = pytest.mark.parametrize("spoil", SPOILT, indirect=True)


def filled(shelf: Shelf, text: str = "whole") -> None:
    with shelf.filling(DIGEST) as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "rows.bin").write_bytes(text.encode() * 100)
        (folder / "about.json").write_text(json.dumps({"text": text * 20}))


@EACH
@pytest.mark.parametrize("name", ["sub/rows.bin", "about.json", SEAL])
def test_a_folder_that_is_not_what_was_written_is_made_anew(tmp_path, said, spoil, name):
    shelf = Shelf(tmp_path / "found")
    filled(shelf)
    assert shelf.find(DIGEST) is not None
    path = shelf.place(DIGEST) / name
    path.write_bytes(spoil(path.read_bytes()))
    assert shelf.find(DIGEST) is None
    assert shelf.find(DIGEST) is None
    assert said() == 1
    filled(shelf)
    assert shelf.find(DIGEST) is not None


@pytest.mark.parametrize("lacks", ["sub/rows.bin", "about.json", SEAL, "all", "a file"])
def test_a_folder_that_lacks_something_is_made_anew(tmp_path, lacks):
    shelf = Shelf(tmp_path / "found")
    filled(shelf)
    place = shelf.place(DIGEST)
    for path in [p for p in place.rglob("*") if p.is_file()]:
        if lacks in {"all", "a file", path.relative_to(place).as_posix()}:
            path.unlink()
    if lacks == "a file":
        (place / "sub").rmdir()
        place.rmdir()
        place.write_text("something else")
    assert shelf.find(DIGEST) is None
    filled(shelf)
    assert shelf.find(DIGEST) is not None


@EACH
def test_what_jobs_share_is_written_anew(tmp_path, said, spoil):
    things = ({"a": [1, 2]}, b"x" * 500)
    kept = keep(things, tmp_path)
    (path,) = [p for p in tmp_path.rglob("*") if p.is_file() and p.name != SEAL]
    path.write_bytes(spoil(path.read_bytes()))
    again = keep(things, tmp_path)
    assert again == kept
    assert take(again) == things
    assert said() == 1


@pytest.fixture(scope="module")
def result():
    return check(town(CAMS), raster=False)


@EACH
def test_a_kept_result_is_computed_anew(tmp_path, said, spoil, result):
    path, rules = tmp_path / "r.zip", load_packs()
    keep_result(result, DIGEST, path)
    assert is_kept(path, DIGEST)
    assert kept_result(path, DIGEST, rules) is not None
    whole = path.read_bytes()
    for look in (lambda: kept_result(path, DIGEST, rules), lambda: is_kept(path, DIGEST)):
        path.write_bytes(spoil(whole))
        assert not look()
        assert not path.exists()
    assert said() == 1
    assert not is_kept(path, DIGEST)
    keep_result(result, "b" * 64, path)
    assert not is_kept(path, DIGEST)  # of another project: whole, and another's


@EACH
def test_a_kept_table_is_none(tmp_path, spoil, result):
    path = tmp_path / "t.zip"
    keep_table(result.city.cameras, path)
    path.write_bytes(spoil(path.read_bytes()))
    assert kept_table(path, result.city.crs) is None


@EACH
def test_an_answer_of_the_map_that_is_none_is_asked_for_again(tmp_path, said, spoil):
    good, list_ = tmp_path / "good.json", tmp_path / "list.json"
    good.write_text('{"elements": []}')
    list_.write_text("[]")
    bad = tmp_path / "bad.json"
    bad.write_bytes(spoil(b'{"elements": [{"type": "node", "id": 1, "tags": {"a": "b"}}]}'))
    _clear_damaged(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert {"good.json", "list.json"} <= left
    if "bad.json" in left:  # a changed letter of a name is JSON still, and nobody can tell
        assert json.loads(bad.read_bytes())["elements"]
    else:
        assert said() == 1


def test_a_folder_of_results_that_was_whole_is_not_read_again(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path / "found")
    filled(shelf)
    shelf.find(DIGEST)
    monkeypatch.setattr("civicsight.core.cache._contents", lambda _place: pytest.fail("read again"))
    for _ in range(3):
        assert shelf.find(DIGEST) is not None
    assert [path.name for path in (tmp_path / "found").iterdir()] == [DIGEST]
