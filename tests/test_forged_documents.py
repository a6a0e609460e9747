"""Documents and approvals forged with care: they are held against record, root and hash."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.core.errors import InputError
from civicsight.core.settings import present_day
from civicsight.model.format_versions import own_version
from civicsight.planning.record.root import LIST_FILE, list_of
from civicsight.store.optimised_plans import keep_plan
from tests.drawn import every_other
from tests.forgeries_made import (  # noqa: F401 - fixtures
    LANG,
    city,
    drawn_up,
    folder,
    keep_only,
    listed,
    made,
    read_json,
    record,
    reseal,
    verify,
)
from tests.scans import pdf


def change_page(folder: Path) -> None:
    """Let the page say another sum."""
    path = folder / "plan.en.html"
    text = path.read_text(encoding="utf-8")
    assert "Works: " in text
    path.write_text(text.replace("Works: ", "Works: 1", 1), encoding="utf-8")


def change_document(folder: Path) -> None:
    """Let the document say another sum, as a word processor would save it."""
    from docx import Document

    path = folder / "plan.zh-CN.docx"
    document = Document(path)
    document.paragraphs[2].add_run("0")
    document.save(str(path))


def change_table(folder: Path) -> None:
    """Let the table of measures have another cost."""
    path = folder / "measures.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines[1] = lines[1].replace(",", ",9", 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def change_workbook(folder: Path) -> None:
    """Let a cell of the workbook have another sum."""
    import openpyxl

    path = folder / "plan.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[1]["B2"] = "another"
    book.save(path)


def change_layers(folder: Path) -> None:
    """Let a layer have another cost."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "plan.gpkg")) as file:
        guards = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute("UPDATE measures SET cost_yuan = cost_yuan + 1 WHERE fid = 1")
        file.commit()


def change_told(folder: Path) -> None:
    """Let all documents say another sum, in the record that they are rendered from as well."""
    path = folder / "told.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Works: ", "Works: 1"), encoding="utf-8"
    )


PAPERS = {
    "plan.en.html": change_page,
    "plan.zh-CN.docx": change_document,
    "measures.csv": change_table,
    "plan.xlsx": change_workbook,
    "plan.gpkg": change_layers,
}
"""What is forged of the documents, by their names."""


@pytest.mark.parametrize("name", every_other(PAPERS, 0, every=4))
def test_a_document_that_says_other_than_the_record_is_named(folder, verify, name):
    """No digest of the record changes: the document is rendered anew and compared."""
    root = hashlib.sha256((folder / LIST_FILE).read_bytes()).hexdigest()
    keep_only(folder, [*listed(folder), name])
    PAPERS[name](folder)
    reseal(folder)
    for more in ((), ("--root", root)):
        code, found = verify(folder, *more)
        assert (code, found["wrong"]) == (VIOLATION, ["files.changed"])
        assert found["files"]["changed"] == [name]


@pytest.mark.slow
def test_documents_that_are_forged_with_what_they_are_rendered_from_are_found(folder, verify):
    from civicsight.planning.record.documents import documents_in, from_documents
    from civicsight.report.plan.papers import papers
    from civicsight.report.plan.script import read_script

    root = hashlib.sha256((folder / LIST_FILE).read_bytes()).hexdigest()
    change_told(folder)
    reseal(folder)
    files = documents_in(folder)
    plan, own = from_documents(files), hashlib.sha256(files[LIST_FILE]).hexdigest()
    script = read_script(plan.told)
    for name, job in papers(plan, script, own, languages=("zh_CN", "en"), pdf=False).items():
        job(folder / name)
    assert verify(folder)[1]["wrong"] == [], "the forger made no mistake"
    code, found = verify(folder, "--root", root)
    assert (code, found["wrong"]) == (VIOLATION, ["root.differs"])


def test_what_was_held_against_nothing_is_said(folder, verify, monkeypatch):
    keep_only(folder, [*listed(folder), *PAPERS])
    assert {"plan.en.pdf", "plan.zh-CN.pdf"} <= set(verify(folder)[1]["absent"])
    monkeypatch.setattr("civicsight.report.plan.folder_comparison.package_version", lambda _: "9.9")
    found = verify(folder)[1]
    assert set(PAPERS) <= found["unproven"].keys()
    assert f"civicsight {own_version()} rendered" in found["unproven"]["plan.xlsx"]
    (folder / "told.json").unlink()
    files = {name: (folder / name).read_bytes() for name in listed(folder) if name != "told.json"}
    (folder / LIST_FILE).write_bytes(list_of(files))
    code, found = verify(folder)
    assert (code, found["wrong"]) == (OK, [])
    assert "does not hold" in found["unproven"]["plan.xlsx"]


# The approval and its scan

SIGNED = pdf("signed and stamped")


@pytest.fixture(scope="session")
def approved(tmp_path_factory):
    """The record of an approved plan with approval and scan beside it, and the approval's hash."""
    from civicsight.cli.plan_approved import approval_in, file_at, write_approval
    from civicsight.planning.record.documents import to_documents
    from civicsight.store import Actor, Role, approve, open_store, start_review, submit
    from tests.plan_made import hand_plan

    out = tmp_path_factory.mktemp("approved")
    plan, place, scan = hand_plan(), str(out / "plans.gpkg"), out / "signed.pdf"
    scan.write_bytes(SIGNED)
    li, zhou = Actor("Li", Role.PLANNER), Actor("Zhou", Role.APPROVER)
    with open_store(place, create=True) as store:
        root = keep_plan(store, li, "east", plan, "East")[1]
        start_review(store, li, "east", base_rev=store.plan(li, "east").rev)
        submit(store, li, "east", base_rev=store.plan(li, "east").rev)
        digest = hashlib.sha256(SIGNED).hexdigest()
        found = approve(store, zhou, "east", digest=root, body="市政府", document_number="7",
                        dated_on=present_day().isoformat(), scan_sha256=digest)  # fmt: skip
    for name, content in to_documents(plan).items():
        (out / "plan" / name).parent.mkdir(parents=True, exist_ok=True)
        (out / "plan" / name).write_bytes(content)
    entry = approval_in(place, "east", root, "Li")
    names = {path.name for path in write_approval(out / "plan", entry, file_at(scan))}
    assert names == {"approval.json", "scan.pdf"}
    with pytest.raises(InputError, match=r"approval\.scan"):
        write_approval(out / "plan", entry, file_at(Path(place)))
    return out, root, found.head_hash


def own(found: dict[str, Any]) -> list[str]:
    """Return what is wrong beside the proof, which a plan by hand has none of."""
    return [code for code in found["wrong"] if code != "unreadable"]


def test_an_approval_proves_root_and_scan(approved, verify):
    out, root, head = approved
    found = verify(out / "plan")[1]
    assert (own(found), found["proved_by"]) == ([], "itself")
    found = verify(out / "plan", "--root", root)[1]
    assert (own(found), found["proved_by"]) == ([], "root")
    assert {"approval.json", "scan.pdf"} <= found["unproven"].keys()
    found = verify(out / "plan", "--root", head)[1]
    assert (own(found), found["proved_by"]) == ([], "approval")
    assert not {"approval.json", "scan.pdf"} & found["unproven"].keys()
    found = verify(out / "plans.gpkg", "--plan", "east", "--root", head)[1]
    assert (own(found), found["proved_by"]) == ([], "approval")


def test_a_forged_scan_is_found_and_with_all_digests_from_the_hash_of_the_approval(
    approved, verify, tmp_path
):
    from civicsight.store.records import digest_of

    folder = Path(shutil.copytree(approved[0] / "plan", tmp_path / "plan"))
    (folder / "scan.pdf").write_bytes(SIGNED + b" by somebody else")
    found = verify(folder)[1]
    assert (own(found), found["files"]["changed"]) == (["files.changed"], ["scan.pdf"])
    entry = read_json(folder / "approval.json")
    said = json.loads(entry["body"])
    said["scan_sha256"] = hashlib.sha256((folder / "scan.pdf").read_bytes()).hexdigest()
    entry["body"] = json.dumps(said, sort_keys=True, separators=(",", ":"))
    text = json.dumps(entry, ensure_ascii=False, indent=1) + "\n"
    (folder / "approval.json").write_text(text, encoding="utf-8")
    found = verify(folder)[1]
    assert found["files"]["changed"] == ["approval.json"]
    entry["hash"] = digest_of(list(entry.values())[:-1])
    text = json.dumps(entry, ensure_ascii=False, indent=1) + "\n"
    (folder / "approval.json").write_text(text, encoding="utf-8")
    assert own(verify(folder)[1]) == [], "the forger made no mistake"
    found = verify(folder, "--root", approved[2])[1]
    assert own(found) == ["root.differs"]
    assert "scan.pdf" in verify(folder, "--root", approved[1])[1]["unproven"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"seq": 1}', b"\xff"])
def test_an_approval_that_is_none_is_named(approved, verify, tmp_path, content):
    folder = Path(shutil.copytree(approved[0] / "plan", tmp_path / "plan"))
    (folder / "approval.json").write_bytes(content)
    found = verify(folder)[1]
    assert found["files"]["changed"] == ["approval.json"]


def test_layers_in_a_file_of_plans_that_are_not_of_the_plan_are_named(tmp_path, verify):
    from civicsight.planning.record.documents import to_record
    from civicsight.store import Actor, Role, open_store
    from tests.plan_made import hand_plan

    plan, li = hand_plan(), Actor("Li", Role.PLANNER)
    with open_store(tmp_path / "plans.gpkg", create=True) as store:
        rev = store.new_plan(li, "east", name="East").rev
        for cost in (0.0, 1.0):
            layers = {"measures": plan.measures.assign(cost_yuan=plan.measures["cost_yuan"] + cost)}
            rev = store.commit_version(
                li, "east", base_rev=rev, layers=layers, documents=to_record(plan)
            ).rev
    for version, changed in (("1", []), ("2", ["layer measures"])):
        found = verify(tmp_path / "plans.gpkg", "--plan", "east", "--version", version)[1]
        assert found["files"]["changed"] == changed


def test_twelve_signs_of_a_root_look_a_version_up(approved, verify):
    out, root, _ = approved
    for text in (root[:12], root, "1"):
        found = verify(out / "plans.gpkg", "--plan", "east", "--version", text)[1]
        assert found["root"] == root
    for text in (root[:11], "f" * 12, "one", ""):
        words = ["plan", "verify", str(out / "plans.gpkg"), "--plan", "east", "--version", text]
        assert run([*words, *LANG]) == BAD_INPUT
