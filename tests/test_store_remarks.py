"""Remarks as threads with files, and the scan of an approval that is kept with the plan."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from civicsight.core.errors import InputError
from civicsight.store import (
    Conflict,
    Damaged,
    Denied,
    File,
    answers,
    approvals,
    approve,
    backup,
    copy_store,
    leave_remark,
    open_store,
    read_attachment,
    restore,
    threads,
    verify,
)
from civicsight.store.attachments import MAX_BYTES, MAX_FILES, require_scan_file
from tests.scans import ofd, pdf, picture
from tests.store_parts import DECIDED, LI, ROOT, SUN, WANG, ZHOU, begun, commit, submitted

PDF = File("批复 (扫描).pdf", pdf())
PICTURE = File("C:\\desk\\wall.png", b"\x89PNG\r\n\x1a\n.....")


@pytest.fixture
def store(tmp_path):
    with begun(tmp_path / "plans.gpkg") as opened:
        yield opened


def remark(store, text="太低", **more):
    digest = store.plan(LI, "donghu").digest
    return leave_remark(store, more.pop("actor", WANG), "donghu", text, digest=digest, **more)


def test_a_remark_is_answered_settled_and_opened_again(store):
    first = remark(store, subject="camera-3")
    other = remark(store, "整体可行")
    remark(store, "已改为4米", actor=LI, to=first, settled=True)
    here, whole = threads(store, WANG, "donghu")
    assert (here.seq, here.subject, here.is_open) == (first, "camera-3", False)
    assert [(one.name, one.text) for one in here.said] == [
        (WANG.name, "太低"),
        (LI.name, "已改为4米"),
    ]
    assert (whole.seq, whole.subject, whole.is_open) == (other, "", True)
    remark(store, "仍偏低", to=first, settled=False)
    remark(store, "补充说明", to=first)
    assert threads(store, SUN, "donghu")[0].is_open
    # What reads answers to rules finds them as it found remarks of before.
    assert [one.subject for one in answers(store, LI, "donghu")] == [
        "camera-3",
        "",
        *3 * ["camera-3"],
    ]


def test_a_remark_stays_with_the_version_that_it_was_made_on(store):
    before = store.plan(LI, "donghu")
    first = remark(store, subject="camera-3")
    commit(store, store.plan(LI, "donghu"), seed=5)
    remark(store, "见新版", actor=LI, to=first)
    (thread,) = threads(store, WANG, "donghu")
    assert thread.said[0].digest == before.digest != thread.said[1].digest
    with pytest.raises(Conflict):
        leave_remark(store, WANG, "donghu", "late", digest=before.digest)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "  "}, "store.empty"),
        ({"to": 1}, "store.no_remark"),
        ({"files": [File("run.exe", b"MZ")]}, "store.attachment"),
        ({"files": [File("a.pdf", b"<html>")]}, "store.attachment"),
        ({"files": [File("a.pdf", b"%PDF-" + bytes(MAX_BYTES))]}, "store.attachment"),
        ({"files": [PDF] * (MAX_FILES + 1)}, "store.attachments"),
    ],
)
def test_what_is_not_taken_is_said_and_nothing_is_kept(store, change, code):
    entries = len(store.history(LI, "donghu"))
    with pytest.raises(InputError) as error:
        remark(store, **change)
    assert error.value.faults[0].code == code
    assert len(store.history(LI, "donghu")) == entries


def test_who_may_not_remark_leaves_only_his_attempt(store):
    with pytest.raises(Denied):
        remark(store, actor=SUN, files=[PDF])
    assert threads(store, SUN, "donghu") == []
    verify(store, SUN)


def test_a_file_is_kept_once_and_read_by_who_may_read_the_plan(store):
    remark(store, files=[PDF, PICTURE])
    remark(store, files=[PDF])
    (one, two), (again,) = (thread.said[0].files for thread in threads(store, LI, "donghu"))
    assert (one.name, two.name, two.size) == (PDF.name, "wall.png", len(PICTURE.content))
    assert again == one
    assert read_attachment(store, LI, "donghu", one.sha256) == PDF.content
    store.new_plan(LI, "xihu", name="西湖区规划")
    for plan, digest in (("xihu", one.sha256), ("donghu", "0" * 64)):
        with pytest.raises(InputError, match=r"store\.no_attachment"):
            read_attachment(store, LI, plan, digest)
    verify(store, SUN)


def test_the_scan_is_kept_with_the_approval_and_goes_where_the_store_goes(store, tmp_path):
    digest = submitted(store).digest
    said = {"digest": digest, "body": "市政府", "document_number": "7", "dated_on": DECIDED}
    with pytest.raises(InputError, match=r"store\.scan"):
        approve(store, ZHOU, "donghu", **said)
    for name, content in (("a.pdf", b""), ("a.pdf", b"no"), ("a.docx", b"PK\x03\x04 word"),
                          ("a.ofd", b"PK\x03\x04 no such part"), ("a", PDF.content)):  # fmt: skip
        with pytest.raises(InputError, match=r"store\.scan") as caught:
            approve(store, ZHOU, "donghu", scan=File(name, content), **said)
        assert caught.value.faults[0].field == name
        assert "64" not in str(caught.value)
    for name, content in (("a.ofd", ofd()), ("a.TIF", picture("tiff"))):
        require_scan_file("plans", "donghu", File(name, content))
    found = approve(store, ZHOU, "donghu", scan=PDF, **said)
    assert found.scan_sha256 == found.scan.sha256 == sha256(PDF.content).hexdigest()
    assert found.scan.name == PDF.name
    kept = backup(store, ROOT, tmp_path / "kept")
    copy_store(store, tmp_path / "copy.gpkg", ROOT)
    restore(kept, tmp_path / "again.gpkg", ROOT)
    for name in ("copy.gpkg", "again.gpkg"):
        with open_store(tmp_path / name) as copied:
            assert approvals(copied, LI, "donghu") == [found]
            assert read_attachment(copied, LI, "donghu", found.scan.sha256) == PDF.content


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE attachment SET body = x'00'",
        "DELETE FROM attachment",
        "INSERT INTO attachment VALUES ('00', x'00')",
    ],
)
def test_files_are_sealed_and_a_change_below_that_is_found(store, tmp_path, change):
    remark(store, files=[PDF])
    path = tmp_path / "plans.gpkg"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        if not change.startswith("INSERT"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                file.execute(change)
        guards = file.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'attachment'"
        ).fetchall()
        for name, _ in guards:
            file.execute(f"DROP TRIGGER {name}")
        file.execute(change)
        for _, made in guards:
            file.execute(made)
    with pytest.raises(Damaged) as error:
        verify(store, SUN)
    assert {fault.where for fault in error.value.faults} == {"attachment"}
    if not change.startswith("INSERT"):
        with pytest.raises(Damaged):
            read_attachment(store, LI, "donghu", sha256(PDF.content).hexdigest())
