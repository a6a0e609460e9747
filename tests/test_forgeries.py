"""Plans forged with care: whatever digests the forger counts anew, the root finds him out.

Each case changes one thing in the folder of a plan and then counts every digest in it again, as the
writer of the plan would have. What is compared is held against the root that was printed before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, load_npz, save_npz

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.cli.plan_inputs import keep_plan
from civicsight.core.errors import InputError
from civicsight.io import save_city
from civicsight.model.format_versions import own_version
from civicsight.planning.proof import evidence
from civicsight.planning.proof import recount as recounting
from civicsight.planning.proof.root import LIST_FILE, list_of
from tests.test_check import CAMS, town

LANG = ["--lang", "en"]


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    return save_city(town(CAMS), tmp_path_factory.mktemp("city") / "town.gpkg")


@pytest.fixture(scope="session")
def made(city, tmp_path_factory):
    """The folder of a plan as the command itself leaves it."""
    out = tmp_path_factory.mktemp("made") / "plan"
    words = ["plan", "optimise", str(city), "--out", str(out), "--no-pdf", "--steps", "200",
             "--years", "2027,2028"]  # fmt: skip
    assert run([*words, *LANG]) == OK
    return out


@pytest.fixture
def folder(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "plan"))


@pytest.fixture
def record(folder):
    """The same folder without documents: a forger renders them anew, which takes its time."""
    keep_only(folder, listed(folder))
    return folder


def keep_only(folder: Path, names: list[str]) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in {*names, LIST_FILE}:
            path.unlink()


@pytest.fixture
def verify(capsys):
    """Verify a folder; return the exit code and what is said."""

    def act(folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["plan", "verify", str(folder), *more, "--json", *LANG])
        return code, json.loads(capsys.readouterr().out)

    return act


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def listed(folder: Path) -> list[str]:
    return [line.split("  ")[1] for line in (folder / LIST_FILE).read_text().splitlines()]


def reseal(folder: Path) -> None:
    """Count every digest in a folder anew: those of the certificate, and the list of the plan."""
    proof = folder / "certificate"
    plan = read_json(proof / "plan.json")
    p = {path.stem: np.load(path) for path in proof.rglob("*.npy")}
    ends = np.append(0, np.cumsum(p["run_length"], dtype=np.int64))
    place = np.repeat(p["run_start"] - ends[:-1], p["run_length"]) + np.arange(ends[-1])
    p |= {"indptr": ends[p["run_ptr"]], "cells": place.astype(np.int32)}
    heads = [f"{n}:{p[n].dtype.str}:{p[n].shape};".encode() + p[n].tobytes()
             for n in recounting.NAMES]  # fmt: skip
    plan["problem"] = hashlib.sha256(b"".join(heads)).hexdigest()
    plan["dual"] = hashlib.sha256(p["dual"].tobytes()).hexdigest()
    rest = json.dumps({k: v for k, v in plan.items() if k != "sha256"}, sort_keys=True)
    plan["sha256"] = hashlib.sha256(rest.encode()).hexdigest()
    write_json(proof / "plan.json", plan)
    files = {name: (folder / name).read_bytes() for name in listed(folder)}
    (folder / LIST_FILE).write_bytes(list_of(files))


# What is forged


def cut_cost(folder: Path) -> None:
    """Let a chosen camera cost a hundred yuan less, wherever its cost stands."""
    proof = folder / "certificate"
    plan, cost = read_json(proof / "plan.json"), np.load(proof / "problem" / "cost.npy")
    one = max(plan["chosen"], key=lambda k: cost[k])
    cost[one] -= 100.0
    np.save(proof / "problem" / "cost.npy", cost)
    for name in ("cost", "bound", "solver_bound"):
        plan[name] -= 100.0
    write_json(proof / "plan.json", plan)
    told = read_json(folder / "plan.json")
    for name in ("value", "bound", "solver_bound"):
        told["proof"][name] -= 100.0
    whose = told["measures"]["columns"]["cost_yuan"]
    dearest = whose.index(max(whose))
    whose[dearest] -= 100.0
    camera = told["measures"]["index"][dearest]
    line = told["bill"]["columns"]["camera_id"].index(camera)
    told["bill"]["columns"]["cost_yuan"][line] -= 100.0
    write_json(folder / "plan.json", told)


def change_density(folder: Path, row: int | None = None) -> None:
    """Let a camera deliver more pixels a metre than it does; by default the first of the chosen."""
    path = folder / "certificate" / "densities.npz"
    matrix = csr_array(load_npz(path))
    chosen = read_json(folder / "certificate" / "plan.json")["chosen"]
    seen = [k for k in chosen if matrix.indptr[k] < matrix.indptr[k + 1]]
    row = seen[0] if row is None else row
    matrix.data[matrix.indptr[row]] *= 1.001
    file = BytesIO()
    save_npz(file, matrix)
    path.write_bytes(file.getvalue())


def change_choice(folder: Path) -> None:
    """Drop a camera from what was chosen."""
    path = folder / "certificate" / "plan.json"
    plan = read_json(path)
    plan["chosen"].pop()
    write_json(path, plan)


def change_price(folder: Path) -> None:
    """Halve a price and double what is bought for it."""
    told = read_json(folder / "plan.json")
    bill = told["bill"]["columns"]
    bill["unit_yuan"][0] /= 2.0
    bill["quantity"][0] *= 2.0
    write_json(folder / "plan.json", told)


FORGED = {"cost": cut_cost, "px/m": change_density, "choice": change_choice, "price": change_price}
"""What is forged, by what it is."""


def test_a_plan_is_proved_from_its_root_and_else_only_by_itself(made, verify):
    code, found = verify(made)
    assert (code, found["wrong"], found["proved_by"]) == (OK, [], "itself")
    digest = hashlib.sha256((made / LIST_FILE).read_bytes()).hexdigest()
    assert found["root"] == digest
    code, found = verify(made, "--root", found["root"])
    assert (code, found["wrong"], found["proved_by"]) == (OK, [], "root")


def test_a_certificate_of_other_measures_is_found_without_a_root(record, verify):
    """Whoever forgets one of the places where a figure stands is found by the record itself."""
    plan = read_json(record / "plan.json")
    cut_cost(record)
    write_json(record / "plan.json", plan)
    reseal(record)
    code, found = verify(record)
    assert (code, found["wrong"]) == (VIOLATION, ["record.differs"])


def test_the_row_of_a_chosen_camera_is_rebuilt_whatever_is_drawn(record, city, verify):
    """Its matrix still gives the problem: only the city tells."""
    labels = read_json(record / "certificate" / "labels.json")["candidates"]
    chosen = read_json(record / "certificate" / "plan.json")["chosen"]
    change_density(record)
    reseal(record)
    assert verify(record)[1]["wrong"] == [], "the forger made no mistake"
    code, found = verify(record, "--city", str(city))
    assert (code, found["wrong"]) == (VIOLATION, ["matrix.differs"])
    assert set(found["differs"]) <= {labels[k] for k in chosen}
    assert len(found["differs"]) == 1


@pytest.mark.slow
def test_of_the_other_rows_some_are_drawn_by_whoever_verifies(record, city, verify, monkeypatch):
    """A row that nobody chose is found by the seeds that draw it, and the seed is told."""
    matrix = csr_array(load_npz(record / "certificate" / "densities.npz"))
    chosen = read_json(record / "certificate" / "plan.json")["chosen"]
    others = [k for k in np.flatnonzero(np.diff(matrix.indptr)) if k not in chosen]
    change_density(record, row=int(others[0]))
    reseal(record)
    monkeypatch.setattr(evidence, "ROWS", 1)
    defaults = {**evidence.rebuild_rows.__kwdefaults__, "rows": 1}
    monkeypatch.setattr(evidence.rebuild_rows, "__kwdefaults__", defaults)
    found = {}
    for seed in range(12):
        code, told = verify(record, "--city", str(city), "--seed", str(seed))
        assert told["seed"] == seed
        found[seed] = code
    assert set(found.values()) == {OK, VIOLATION}
    seeds = {verify(record, "--city", str(city))[1]["seed"] for _ in range(2)}
    assert len(seeds) == 2


@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_with_all_digests_is_found_from_the_root(record, verify, what):
    root = verify(record)[1]["root"]
    FORGED[what](record)
    reseal(record)
    code, found = verify(record)
    assert not found["files"]["changed"], "the forger made no mistake"
    code, found = verify(record, "--root", root)
    assert code == VIOLATION
    assert "root.differs" in found["wrong"]
    assert found["root"] != root


def change_page(folder: Path) -> None:
    """Let the page say another sum."""
    path = folder / "plan.en.html"
    text = path.read_text(encoding="utf-8")
    assert "Cost: " in text
    path.write_text(text.replace("Cost: ", "Cost: 1", 1), encoding="utf-8")


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
    path.write_text(path.read_text(encoding="utf-8").replace("Cost: ", "Cost: 1"), encoding="utf-8")


PAPERS = {
    "plan.en.html": change_page,
    "plan.zh-CN.docx": change_document,
    "measures.csv": change_table,
    "plan.xlsx": change_workbook,
    "plan.gpkg": change_layers,
}
"""What is forged of the documents, by their names."""


@pytest.mark.parametrize("name", PAPERS)
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


def test_documents_that_are_forged_with_what_they_are_rendered_from_are_found(folder, verify):
    from civicsight.planning.documents import documents_in, from_documents
    from civicsight.report.plan.papers import papers
    from civicsight.report.plan.told import read_script

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
    monkeypatch.setattr("civicsight.report.plan.compared.package_version", lambda _: "9.9")
    found = verify(folder)[1]
    assert set(PAPERS) <= found["unproven"].keys()
    assert f"civicsight {own_version()} rendered" in found["unproven"]["plan.xlsx"]
    (folder / "told.json").unlink()
    files = {name: (folder / name).read_bytes() for name in listed(folder) if name != "told.json"}
    (folder / LIST_FILE).write_bytes(list_of(files))
    code, found = verify(folder)
    assert (code, found["wrong"]) == (OK, [])
    assert "does not hold" in found["unproven"]["plan.xlsx"]


@pytest.mark.parametrize(
    "told", [b"", b"[]", b"{}", b'{"civicsight": 1}', b'{"figures": [[1, 1, [[]]]]}']
)
def test_a_script_that_is_none_is_named(record, verify, told):
    folder = record
    (folder / "told.json").write_bytes(told or b" ")
    reseal(folder)
    code, found = verify(folder)
    assert code == VIOLATION
    assert "told.unreadable" in found["wrong"]


def test_files_of_nobody_are_named_wherever_they_lie(record, verify):
    folder = record
    (folder / "more").mkdir()
    (folder / "more" / "note.txt").write_text("x")
    (folder / "note.txt").write_text("x")
    code, found = verify(folder)
    assert (code, found["files"]["foreign"]) == (VIOLATION, ["more/note.txt", "note.txt"])


def test_a_file_that_is_changed_missing_or_foreign_is_named(record, verify):
    folder = record
    for name in listed(folder):
        before = (folder / name).read_bytes()
        if name == "plan.json":
            (folder / name).write_bytes(before.replace(b'"en"', b'"ne"') + b" ")
        else:
            (folder / name).write_bytes(before + b"\0")
        code, found = verify(folder)
        assert (code, found["files"]["changed"]) == (VIOLATION, [name])
        if name != "plan.json":
            (folder / name).unlink()
            code, found = verify(folder)
            assert (code, found["files"]["missing"]) == (VIOLATION, [name])
        (folder / name).write_bytes(before)
    (folder / "certificate" / "more.npy").write_bytes(b"")
    code, found = verify(folder)
    assert (code, found["files"]["foreign"]) == (VIOLATION, ["certificate/more.npy"])


@pytest.mark.parametrize("listing", [None, b"", b"nothing"])
def test_a_plan_without_its_list_is_not_proved(record, verify, listing):
    folder, path = record, record / LIST_FILE
    path.unlink()
    if listing is not None:
        path.write_bytes(listing)
    code, found = verify(folder)
    assert code == VIOLATION
    assert "list.unreadable" in found["wrong"]


def test_a_part_of_a_root_proves_nothing_and_the_refusal_says_what_is_expected(made, capsys):
    digest = hashlib.sha256((made / LIST_FILE).read_bytes()).hexdigest()
    assert run(["plan", "verify", str(made), "--root", digest[:12], *LANG]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert "the whole root of the version: 64 digits" in said
    assert "The first 12 look a version up" in said


# The approval and its scan

SIGNED = b"%PDF-1.7 signed and stamped"


@pytest.fixture(scope="session")
def approved(tmp_path_factory):
    """The record of an approved plan with approval and scan beside it, and the approval's hash."""
    from civicsight.cli.plan_approved import approval_in, write_approval
    from civicsight.planning.documents import to_documents
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
        found = approve(store, zhou, "east", digest=root, body="Council", document_number="7",
                        dated_on="2027-01-05", scan_sha256=digest)  # fmt: skip
    for name, content in to_documents(plan).items():
        (out / "plan" / name).parent.mkdir(parents=True, exist_ok=True)
        (out / "plan" / name).write_bytes(content)
    entry = approval_in(place, "east", root, "Li")
    names = {path.name for path in write_approval(out / "plan", entry, scan)}
    assert names == {"approval.json", "scan.pdf"}
    with pytest.raises(InputError, match=r"approval\.scan"):
        write_approval(out / "plan", entry, Path(place))
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
    from civicsight.planning.documents import to_record
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
