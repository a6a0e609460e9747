"""Opinions and approvals that cannot be: bodies, numbers, days, scans and what is not settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civicsight.core.errors import InputError
from civicsight.core.settings import present_day
from civicsight.rules import load_packs
from civicsight.store import File, approve, give_opinion, send_back, settle_opinion, start_review
from civicsight.store import submit as hand_in
from tests.scans import bad_png, ofd, pdf, picture
from tests.store_parts import DEPARTMENT, LI, WANG, ZHOU, begun, commit

TODAY = present_day()
DAY, LATER = TODAY.isoformat(), (TODAY + timedelta(days=1)).isoformat()
EARLIER, OLD = (TODAY - timedelta(days=30)).isoformat(), (TODAY - timedelta(days=400)).isoformat()
SCAN = File("a.pdf", pdf())
GOOD = {"body": "南昌市人民政府", "document_number": f"洪府字〔{TODAY.year}〕12号",
        "dated_on": DAY, "scan": SCAN}  # fmt: skip


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """A plan in review, and one that is submitted: what is refused leaves both as they are."""
    folder = tmp_path_factory.mktemp("due")
    with begun(folder / "a.gpkg") as review, begun(folder / "b.gpkg") as decision:
        for store in (review, decision):
            plan = store.plan(LI, "donghu")
            start_review(store, LI, "donghu", base_rev=plan.rev)
        say(decision)
        submit(decision)
        yield review, decision


def say(store, **changes):
    said = {"department": DEPARTMENT, "dated_on": EARLIER, "text": "同意", "reply": "agree"}
    digest = store.plan(LI, "donghu").digest
    return give_opinion(store, WANG, "donghu", digest=digest, **said | changes)


def submit(store):
    return hand_in(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)


def decide(store, **changes):
    digest = store.plan(LI, "donghu").digest
    return approve(store, ZHOU, "donghu", digest=digest, **GOOD | changes)


def codes(error):
    return [fault.code for fault in error.value.faults]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dated_on": "1999-01-01"}, "store.day"),
        ({"dated_on": OLD}, "store.day"),
        ({"dated_on": LATER}, "store.day"),
        ({"dated_on": "2931-01-01"}, "store.day"),
        ({"department": "面包店"}, "store.department"),
        ({"department": "假冒部门"}, "store.department"),
    ],
)
def test_an_opinion_that_cannot_be_is_refused(reviewed, changes, code):
    with pytest.raises(InputError) as refused:
        say(reviewed[0], **changes)
    assert codes(refused) == [code]


def cut(content, kind):
    return File(f"a.{kind}", content[: len(content) // 2])


SCANS = [
    File("a.pdf", b"%PDF-1.7"), File("a.pdf", b"%PDF-1.7 scan"), cut(pdf(), "pdf"),
    File("a.png", b"\x89PNG\r\n\x1a\n1234"), cut(picture("png"), "png"), File("a.png", bad_png()),
    File("a.png", picture("png", 20)), File("a.jpg", b"\xff\xd8\xff"), cut(picture("jpeg"), "jpg"),
    File("a.tif", b"II*\x00"), cut(picture("tiff"), "tif"), cut(ofd(), "ofd"), File("a.pdf", b""),
    File("a.exe", pdf()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        *(({"body": name}, "store.body") for name in ("面包店", "东湖区公安分局", "x")),
        *(({"document_number": said}, "store.number") for said in (
            "x", "无", f"洪府字〔{TODAY.year + 1}〕12号")),
        *(({"dated_on": day, "document_number": "12"}, "store.day")
          for day in (LATER, OLD, "1999-01-01")),
        ({"dated_on": (TODAY - timedelta(days=31)).isoformat(), "document_number": "12"},
         "store.day"),  # before the opinion
        *(({"scan": scan}, "store.scan") for scan in SCANS),
    ],
)  # fmt: skip
def test_an_approval_that_cannot_be_is_refused(reviewed, changes, code):
    with pytest.raises(InputError) as refused:
        decide(reviewed[1], **changes)
    assert code in codes(refused)


@pytest.mark.parametrize(("name", "good"), [("南昌市人民政府", True), ("上海市人民政府", False)])
def test_with_the_packs_that_judge_the_body_is_of_the_jurisdiction(tmp_path, name, good):
    law = load_packs()
    with begun(tmp_path / "p.gpkg", departments=()) as store:
        start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
        submit(store)
        if good:
            assert decide(store, body=name, rules=law, places=law.places).body == name
            return
        with pytest.raises(InputError) as refused:
            decide(store, body=name, rules=law, places=law.places)
        assert codes(refused) == ["store.body"]


@pytest.mark.parametrize(
    "scan",
    [SCAN, *(File(f"a.{kind}", picture(kind)) for kind in ("png", "jpeg", "tiff")),
     File("a.ofd", ofd())],
    ids=lambda scan: scan.name,
)  # fmt: skip
def test_a_whole_scan_of_every_format_is_taken(tmp_path, scan):
    with begun(tmp_path / "p.gpkg", departments=()) as store:
        start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
        submit(store)
        assert decide(store, scan=scan).scan.name == scan.name


def test_what_is_not_settled_is_not_submitted_and_says_so(tmp_path):
    with begun(tmp_path / "p.gpkg") as store:
        start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
        said = [say(store, text=f"意见 {n}", reply=reply)
                for n, reply in enumerate(("", "remark", "disagree", ""))]  # fmt: skip
        with pytest.raises(InputError) as refused:
            submit(store)
        assert codes(refused) == ["store.unsettled"]
        assert str(refused.value.faults[0].found).count(DEPARTMENT) == len(said)
        for one in said:
            settle_opinion(store, LI, "donghu", one.seq, digest=store.plan(LI, "donghu").digest,
                           adopted="adopted", reason="已改")  # fmt: skip
        assert submit(store).state == "submitted"


def test_a_plan_that_was_returned_is_heard_anew_though_nothing_changed(tmp_path):
    with begun(tmp_path / "p.gpkg") as store:
        start_review(store, LI, "donghu", base_rev=store.plan(LI, "donghu").rev)
        say(store)
        plan = send_back(store, ZHOU, "donghu", base_rev=submit(store).rev, reason="改")
        start_review(store, LI, "donghu", base_rev=plan.rev)
        with pytest.raises(InputError) as refused:
            submit(store)
        assert codes(refused) == ["store.opinions"]
        say(store, text="仍同意")
        assert decide_after(store) == "approved"
        commit(store, store.plan(LI, "donghu"), seed=5)
        assert store.plan(LI, "donghu").state == "draft"


def decide_after(store):
    submit(store)
    decide(store)
    return str(store.plan(LI, "donghu").state)
