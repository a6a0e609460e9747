"""Plans forged with care: whatever digests the forger counts anew, the root finds him out.

Each case changes one thing in the folder of a plan and then counts every digest in it again, as the
writer of the plan would have. What is compared is held against the root that was printed before.
"""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy.sparse import csr_array, load_npz

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.planning.proof import evidence
from civicsight.planning.record.root import LIST_FILE
from tests.drawn import a_few
from tests.forgeries_made import (  # noqa: F401 - fixtures
    FORGED,
    LANG,
    change_density,
    city,
    cut_cost,
    drawn_up,
    folder,
    listed,
    made,
    read_json,
    record,
    reseal,
    verify,
    write_json,
)


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


@pytest.mark.slow
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


@pytest.mark.parametrize("what", a_few(FORGED, 2))
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


@pytest.mark.slow
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
