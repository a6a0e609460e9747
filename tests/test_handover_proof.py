"""What proves a package: the root of its sheet, a trusted signature, or nobody; and odd values."""

from __future__ import annotations

import json
import zipfile
from hashlib import sha256
from io import BytesIO

import pytest

from civicsight.application.review import log_rows
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.editing.commands import Aim
from civicsight.editing.projects import plans_beside
from civicsight.io import save_city
from civicsight.io.handover import read_handover
from civicsight.planning.record.root import LIST_FILE, list_of
from civicsight.report.handover import package_of
from civicsight.store import open_store, read_package
from civicsight.store.handover_proof import SIGNATURE_FILE
from civicsight.store.keys import own_key, trust
from tests.app_town import app_city
from tests.test_handover import LI, draw, hand, members, told

ABOUT = "handover.json"


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def here(keyring, monkeypatch):
    """The installation that acts: a second one that trusts nobody."""
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(keyring / "here" / "accounts.json"))


def settle(monkeypatch, keyring, name):
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(keyring / name / "accounts.json"))


@pytest.fixture(scope="module")
def went(keyring, tmp_path_factory):
    """A package that another installation wrote: its files and its root."""
    folder = tmp_path_factory.mktemp("ours")
    path = save_city(app_city(), folder / "town.gpkg")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, keyring, "there")
        draw(path, LI, Aim("south", 170.0))
        files = members(hand(path, folder / "out"))
        (folder / "there.pub").write_text(own_key().line, encoding="utf-8")
    return files, folder / "there.pub"


def faults_of(files, root=""):
    """Return why a package is refused; nothing where it is not."""
    try:
        read_package(files, "p", root=root)
    except InputError as error:
        return error.faults
    return ()


def rewritten(files, change, *, signed=False):
    """Return the files with a changed handover.json and its list made anew, as a forger does."""
    about = json.loads(files[ABOUT])
    change(about)
    new = files | {ABOUT: json.dumps(about).encode()}
    new = {name: one for name, one in new.items() if name not in {LIST_FILE, SIGNATURE_FILE}}
    kept = {SIGNATURE_FILE: files[SIGNATURE_FILE]} if signed else {}
    return new | {LIST_FILE: list_of(new)} | kept


def put(place, **values):
    def change(about):
        about[place].update(values)

    return change


RELABELLED = {
    "its name": put("plan", name="Another"),
    "its author": put("plan", author="Somebody"),
    "its id": lambda about: (put("plan", plan_id="x")(about), put("version", plan_id="x")(about)),
    "the author of the version": put("version", author="Somebody"),
    "whom it is from": put("handed", by="Somebody"),
    "what both know": lambda about: about["exchanged"].insert(0, "0" * 64),
}


def test_whatever_is_rewritten_is_under_the_root_and_under_the_signature(went):
    files, _ = went
    root = sha256(files[LIST_FILE]).hexdigest()
    assert read_package(files, "p", root=root.upper()).proof.by == "root"
    for what, change in RELABELLED.items():
        for signed, given, code in ((False, root, "root"), (True, "", "signature")):
            faults = faults_of(rewritten(files, change, signed=signed), root=given)
            assert [one.code for one in faults] == [f"handover.{code}"], what
        assert read_package(rewritten(files, change), "p").proof.by == "unproven", what


def test_what_nothing_proves_is_taken_over_only_as_unproven_and_that_is_kept(
    went, tmp_path, capsys
):
    files, _ = went
    forged = tmp_path / "forged.zip"
    forged.write_bytes(package_of(rewritten(files, RELABELLED["its author"])))
    strange = tmp_path / "strange.zip"
    strange.write_bytes(package_of(files))
    for package in (forged, strange):
        path = tmp_path / f"{package.stem}.gpkg"
        words = ["plan", "takeover", str(package), str(path), "--as", "Wei", "--lang", "en"]
        assert run(words) == OK
        assert "Unproven: no root was given" in " ".join(capsys.readouterr().out.split())
        assert run([*words, "--accept"]) == BAD_INPUT
        said = " ".join(capsys.readouterr().err.split())
        assert all(word in said for word in ("--root", "key trust", "--unproven"))
        assert not list(tmp_path.glob(f"{package.stem}.*gpkg*"))
    path = tmp_path / "forged.gpkg"
    words = ["plan", "takeover", str(forged), str(path), "--as", "Wei", "--lang", "en"]
    assert run([*words, "--accept", "--unproven", "--json"]) == OK
    assert told(capsys)["proof"] == {"by": "unproven", "signer": "", "key": ""}
    by, log = kept(path)
    assert (by, "Unproven: no root was given, and nobody signed it." in log) == ("unproven", True)
    audit = ["plan", "audit", str(plans_beside(path)), "--as", "Sun", "--lang", "en"]
    assert run(audit) == OK
    assert "Unproven: no root was given" in " ".join(capsys.readouterr().out.split())


def kept(path):
    """Return what the audit of a project keeps of a proof, and what the log of the app says."""
    with open_store(plans_beside(path)) as store:
        entries = store.history(LI, "plan")
        rows = log_rows(tuple(entries), str)
    (said,) = [one.says["taken"] for one in entries if "taken" in one.says]
    return said["proof"]["by"], "\n".join(cell for row in rows for cell in row)


def test_a_trusted_signature_proves_it_and_a_key_that_is_forgotten_does_not(
    went, tmp_path, capsys, keyring, monkeypatch
):
    files, public = went
    settle(monkeypatch, keyring, "third")
    package = tmp_path / "plan.zip"
    package.write_bytes(package_of(files))
    trust("housing", public)
    path = tmp_path / "town.gpkg"
    words = ["plan", "takeover", str(package), str(path), "--as", "Wei"]
    assert run([*words, "--accept", "--json"]) == OK
    proof = told(capsys)["proof"]
    assert (proof["by"], proof["signer"]) == ("key", "housing")
    by, log = kept(path)
    assert (by, "Proved by the signature of housing." in log) == ("key", True)
    settle(monkeypatch, keyring, "there")
    assert str(read_package(files, "p").proof.describe()).endswith("of this installation.")
    settle(monkeypatch, keyring, "fourth")
    assert read_package(files, "p").proof.by == "unproven"


VALUES = {
    "an escape sequence in a name": (put("plan", name="\x1b[2Jtown"), "text"),
    "a name that reads backwards": (put("plan", name="a\u202etxt"), "text"),
    "a mark of direction": (put("version", author="Li\u200f"), "text"),
    "a bell in a note": (put("version", note="\x07"), "text"),
    "an isolate in whom it is from": (put("handed", by="\u2066Li"), "text"),
    "a separator of lines": (put("handed", to="a\u2028b"), "text"),
    "half a sign": (put("plan", name="\ud800"), "text"),
    "a very long note": (put("handed", note="x" * 20_000), "text"),
    "a hidden department": (put("plan", departments=["a\u202eb"]), "text"),
    "version -5": (lambda a: (put("plan", version=-5)(a), put("version", n=-5)(a)), "number"),
    "version 0": (lambda a: (put("plan", version=0)(a), put("version", n=0)(a)), "number"),
    "a version that is true": (lambda a: (put("plan", version=True)(a), put("version", n=True)(a)),
                               "number"),
    "half a revision": (put("plan", rev=1.5), "number"),
    "a version as text": (put("version", rev="1"), "number"),
    "the year 1": (put("version", created_at="0001-01-01T00:00:00.000Z"), "time"),
    "the year 9999": (put("handed", at="9999-01-01T00:00:00.000Z"), "time"),
    "no day": (put("handed", at="tomorrow"), "time"),
    "a day without a time zone": (put("handed", at="2026-01-01T00:00:00"), "time"),
    "a root that is none": (lambda about: about["exchanged"].insert(0, "x"), "digest"),
    "a parent that is none": (put("version", parent="x"), "digest"),
    "the version of another plan": (put("version", plan_id="other"), "plan"),
    "a version that is not the latest": (put("plan", version=7), "plan"),
    "a state that no plan has": (put("plan", state="done"), "plan"),
    "no id": (lambda a: (put("plan", plan_id="")(a), put("version", plan_id="")(a)), "plan"),
    "one more field": (put("plan", more=1), "damaged"),
    "a number as a name": (put("plan", name=5), "damaged"),
}  # fmt: skip


def test_values_that_civicsight_never_writes_are_refused_each_by_its_place(went):
    files, _ = went
    for what, (change, code) in VALUES.items():
        faults = faults_of(rewritten(files, change))
        assert faults, what
        assert faults[0].code == f"handover.{code}", what
        assert str(faults[0].remedy), what
        assert str(InputError(faults)).replace("\n", "").isprintable(), what


def with_duplicate(files):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(ABOUT, b"{}")
    return packed.getvalue()


def with_one_name_in_two_codes(files):
    """A name that says that it is UTF-8, and the same bytes without that."""
    packed, name, other = (
        BytesIO(),
        "document-\u65b9.json".encode(),
        "document-\u65b9.jsoN".encode(),
    )
    with zipfile.ZipFile(packed, "w") as archive:
        for each in (*files, name.decode(), other.decode()):
            archive.writestr(each, files.get(each, b"1"))
    raw = packed.getvalue()
    for mark, flags, start in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = raw.index(other, raw.index(mark)) if flags == 6 else raw.rindex(other)
        begin = at - start
        assert raw[begin:].startswith(mark)
        raw = raw[: begin + flags] + b"\x00\x00" + raw[begin + flags + 2 :]
    return raw.replace(other, name)


ARCHIVES = {
    "bytes before it": lambda files: b"#!/bin/sh\n" + package_of(files),
    "another archive before it": lambda files: package_of({"a": b"1"}) + package_of(files),
    "bytes behind it": lambda files: package_of(files) + b"more",
    "a comment": lambda files: commented(package_of(files)),
    "a file twice": with_duplicate,
    "one name in two codes": with_one_name_in_two_codes,
}


def commented(content):
    packed = BytesIO(content)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.comment = b"\x1b[2J"
    return packed.getvalue()


@pytest.mark.parametrize("what", ARCHIVES)
def test_an_archive_that_another_program_reads_otherwise_is_refused(went, tmp_path, what):
    path = tmp_path / "odd.zip"
    path.write_bytes(ARCHIVES[what](went[0]))
    with pytest.raises(InputError) as error:
        read_handover(path)
    assert str(error.value.faults[0].remedy)
