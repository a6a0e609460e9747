"""The end of the audit is kept outside: whoever cuts it off, or writes it anew, is found by it."""

from __future__ import annotations

import json
import shutil

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.store import Damaged, approvals, export_version, hand_over, open_store, verify
from civicsight.store.attestation import write_entry
from civicsight.store.audit import Head
from civicsight.store.ends import describe_outside, keep_outside, read_ends
from civicsight.store.handover import lost_ends, read_package
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS, serving
from tests.store_parts import LI, SUN, approved, begun
from tests.test_store_damage import foreign


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("ends") / "plans.gpkg"
    with begun(path, versions=2) as store:
        approved(store)
        store.new_plan(LI, "west", name="West")
    return path


def last_of(path):
    with open_store(path) as store:
        return store.history(SUN)[-1]


def cut(path):
    """Delete the last entry, and the plan that it began, with the triggers put back."""
    foreign(path, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
            "DELETE FROM plan WHERE plan_id = 'west'")  # fmt: skip


def rewritten(path):
    """Cut the end off and go on, so that there are as many entries as before."""
    cut(path)
    with open_store(path) as store:
        store.new_plan(LI, "east", name="East")


def printed(end, language):
    return f"<dd>{translate(end.describe(), language)}</dd>".encode()


FORMS = {
    "typed digest": lambda end: f" {end.hash.upper()} ".encode(),
    "number and digest": lambda end: f"{end.seq} {end.hash}".encode(),
    "page": lambda end: printed(end, LANGUAGES[0]),
    "Chinese page": lambda end: printed(end, LANGUAGES[1]),
    "record beside papers": keep_outside,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_off_or_rewritten_end_is_found_by_what_was_kept_outside(original, tmp_path, form):
    last = last_of(original)
    ends = read_ends(FORMS[form](Head(last.seq, last.hash)), "paper")
    assert [end.hash for end in ends] == [last.hash]
    for change, code in ((None, ""), (cut, "store.cut"), (rewritten, "store.rewritten")):
        path = shutil.copy(original, tmp_path / f"{form}-{code}.gpkg")
        if change is None:
            with open_store(path) as store:
                assert verify(store, SUN, ends=ends).head.hash == last.hash
            continue
        change(path)
        with open_store(path) as store:
            verify(store, SUN)  # from inside nothing shows it
            with pytest.raises(Damaged) as error:
                verify(store, SUN, ends=ends)
        fault = error.value.faults[0]
        assert fault.code == (code if ends[0].seq else "store.cut")
        if ends[0].seq and change is cut:
            assert f"cut off after entry {last.seq - 1}." in str(fault.remedy)


def test_the_record_of_an_approval_is_an_end(original):
    with open_store(original) as store:
        (given,) = approvals(store, LI, "donghu")
        (entry,) = [one for one in store.history(SUN) if one.hash == given.head_hash]
        (end,) = read_ends(write_entry(entry), "approval.json")
        assert (end.seq, end.hash) == (given.head_entry, given.head_hash)
        verify(store, SUN, ends=[end])


@pytest.mark.parametrize("content", [b"", b"no end", b"12 abc", b"\xff\xfe", b"{}", b"[" * 9_999,
                                     b"Audit up to entry 12, digest 12"])  # fmt: skip
def test_what_says_no_end_is_refused_with_how_one_looks(content):
    with pytest.raises(InputError) as error:
        read_ends(content, "paper.html")
    assert error.value.faults[0].code == "store.no_end"
    assert "Audit up to entry 12" in str(error.value.faults[0].expected)


def test_a_package_and_a_copy_carry_the_end(original, tmp_path):
    """Whoever sends a package back brings the end along: the office needs to keep nothing."""
    path = shutil.copy(original, tmp_path / "plans.gpkg")
    with open_store(path) as store:
        before = store.end(LI)
        files = hand_over(store, LI, "donghu", project=b"project")
        export_version(store, LI, "donghu", tmp_path / "copy.gpkg")
        after = store.end(LI)
    package = read_package(files, "package.zip")
    assert package.ends == (before,)
    assert before.store
    assert after.seq == before.seq + 1
    (kept,) = read_ends((tmp_path / "copy.gpkg").read_bytes(), "copy")
    assert (kept.seq, kept.hash) == (after.seq, after.hash)
    with open_store(path) as store:
        assert lost_ends(store, package) == {}
    foreign(path, f"DELETE FROM audit WHERE seq >= {before.seq}",  # noqa: S608
            "DELETE FROM plan WHERE plan_id = 'west'")  # fmt: skip
    with open_store(path) as store:
        verify(store, SUN)
        assert lost_ends(store, package)[before.seq].code == "store.cut"
    with begun(tmp_path / "other.gpkg") as other:
        assert lost_ends(other, package) == {}  # of another store it knows nothing


def test_the_terminal_never_calls_an_audit_whole_that_was_compared_with_nothing(
    original, tmp_path, capsys
):
    path = shutil.copy(original, tmp_path / "plans.gpkg")
    last = last_of(path)
    pin = tmp_path / "audit.json"
    pin.write_bytes(keep_outside(Head(last.seq, last.hash)))
    words = ["plan", "audit", str(path), "--as", "Sun"]

    def said(*more, code=OK):
        capsys.readouterr()
        assert run([*words, *more]) == code
        out, err = capsys.readouterr()
        return out if "--json" in more else " ".join((out + err).split())

    alone = said("--lang", "en")
    assert "Nothing kept outside was compared" in alone
    assert f"Audit up to entry {last.seq}, digest {last.hash}" in alone
    assert "hole" not in alone
    assert "完整" not in said("--lang", "zh-CN")
    for more in (["--pin", str(pin)], ["--expect-head", f"{last.seq} {last.hash}"]):
        assert f"the audit still holds entry {last.seq}" in said(*more, "--lang", "en")
    told = json.loads(said("--pin", str(pin), "--json"))
    assert told["outside"] == [{"entry": last.seq, "digest": last.hash}]
    assert json.loads(said("--json"))["outside"] == []
    cut(path)
    assert "Nothing kept outside was compared" in said("--lang", "en")
    assert "was cut off after entry" in said("--pin", str(pin), "--lang", "en", code=BAD_INPUT)


@pytest.mark.skipif(not (HAS_DRIVER and WITH_POSTGIS), reason="needs a server with PostGIS")
def test_a_server_is_held_against_the_same_ends():
    from sqlalchemy import text

    with serving(WITH_POSTGIS[-1]) as url, begun(url) as store:
        store.new_plan(LI, "west", name="West")
        end = store.end(LI)
        verify(store, SUN, ends=[end])
        with store.database.engine.connect() as connection, connection.begin():
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE plan DISABLE TRIGGER USER"))
            connection.execute(text("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"))
            connection.execute(text("DELETE FROM plan WHERE plan_id = 'west'"))
            connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE plan ENABLE TRIGGER USER"))
        verify(store, SUN)
        with pytest.raises(Damaged, match="cut off"):
            verify(store, SUN, ends=[end])


def test_what_was_compared_is_said_in_both_languages():
    for ends in ((), (Head(0, "a" * 64),), (Head(3, "b" * 64),)):
        text = describe_outside(ends)
        assert {translate(text, language) for language in LANGUAGES} != {str(text)}
