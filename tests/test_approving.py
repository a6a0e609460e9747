"""An approval at the terminal is held against the same city, packs and dates as one in the app."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from civicsight.application.approving import describe_known, weigh_grounds
from civicsight.application.workflow import PROJECT
from civicsight.cli import plan_deciding, plan_inputs
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.io import load_city, save_city
from civicsight.planning.judging.secrecy import without_hidden
from civicsight.planning.record.digests import input_digests
from civicsight.planning.record.plan import PRICES
from civicsight.rules import load_packs
from civicsight.rules.departures import describe_weakened
from civicsight.store import (
    Actor,
    File,
    Role,
    State,
    approve,
    file_digest,
    give_opinion,
    open_store,
    start_review,
    submit,
)
from civicsight.store.optimised_plans import keep_plan
from tests.drawn import every_other
from tests.plan_made import hand_plan
from tests.scans import pdf
from tests.test_check import CAMS, town
from tests.test_rules_overriding import pack, param

LI, WANG = Actor("Li", Role.PLANNER), Actor("Wang", Role.REVIEWER)
ZHOU = Actor("Zhou", Role.APPROVER)
ROWS = ["south", "twin", "away", "gone"]


def city_of(path, **columns):
    cameras = CAMS.loc[ROWS].copy()
    for name, values in columns.items():
        cameras[name] = values
    return save_city(town(cameras), path)


MOVED = {"azimuth_deg": [9.0, 0.0, 0.0, 0.0]}
SECRET = {"secrecy": [True, None, None, None]}


@pytest.fixture(scope="module", autouse=True)
def looked_at_once():
    """Let the command find what it reads as it was looked at before; one test reads it anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            plan_deciding,
            "run_check",
            lambda _, reading: looked(
                reading[0].city.parent,
                reading[0].city.stem,
                tuple(path.name for path in reading[1] or ()),
            ),
        )
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the city, others that it became, and a pack that asks for less than the law."""
    out = tmp_path_factory.mktemp("approving")
    (out / "weak.yaml").write_bytes(pack(param("gate_fraction", 0.3, "ratio")))
    (out / "scan.pdf").write_bytes(pdf())
    for name, columns in (("city", {}), ("moved", MOVED), ("secret", SECRET)):
        city_of(out / f"{name}.gpkg", **columns)
    return out


@cache
def looked(folder, city, packs=()):
    rules = load_packs(user=[folder / name for name in packs])
    return check(load_city(folder / f"{city}.gpkg"), rules=rules, raster=False)


def handed_in(store, plan=None, **inputs):
    """Keep a version and take it to its approval; return its root."""
    if plan is None:
        head = store.new_plan(LI, "p", name="P")
        layers = {"measures": hand_plan().measures}
        store.commit_version(LI, "p", base_rev=head.rev, layers=layers, inputs=inputs)
    else:
        keep_plan(store, LI, "p", plan, "P", ("housing",))
    head = start_review(store, LI, "p", base_rev=store.plan(LI, "p").rev)
    for name in head.departments:
        give_opinion(
            store,
            WANG,
            "p",
            digest=head.digest,
            department=name,
            text="yes",
            dated_on=present_day().isoformat(),
            reply="agree",
        )
    return submit(store, LI, "p", base_rev=head.rev).digest


CASES = {
    "as it was": ("city", (), {}, ""),
    "a body of the place": ("city", (), {"body": "南昌市人民政府"}, ""),
    "a body of another place": ("city", (), {"body": "九江市人民政府"}, "store.body"),
    "a body that is none": ("city", (), {"body": "面包店"}, "store.body"),
    "a camera was turned": ("moved", (), {}, "store.stale"),
    "a record became secret": ("secret", (), {}, "store.stale"),
    "a pack came in": ("city", ("weak.yaml",), {}, "store.stale"),
    "a day to come": ("city", (), {"dated_on": "2099-01-01"}, "store.day"),
    "a number without digits": ("city", (), {"document_number": "x"}, "store.number"),
}
"""City and packs at the approval, what differs of the document, and the code of the refusal."""

AT_TERMINAL = ("as it was", "a body of another place", "a camera was turned", "a pack came in")
"""What is tried there too: one function weighs both."""


def at_terminal(folder, store, root, city, packs, said):
    words = ["plan", "approve", str(store), "p", "--as", "Zhou", "--root", root]
    words += ["--body", said["body"], "--number", said["document_number"]]
    words += ["--date", said["dated_on"], "--scan", str(folder / "scan.pdf"), "--lang", "en"]
    words += [] if city is None else ["--city", str(folder / f"{city}.gpkg")]
    for name in packs:
        words += ["--rules", str(folder / name)]
    return run(words)


def in_app(folder, store, root, city, packs, said):
    """Do as the page of the review does, whose project is the file and the packs beside it."""
    base = file_digest(folder / f"{city}.gpkg")
    with open_store(store) as opened:
        found = weigh_grounds(opened.read_version(ZHOU, "p"), looked(folder, city, packs), base)
        approve(
            opened, ZHOU, "p", digest=root, scan=File("scan.pdf", pdf()), **said, **found.held()
        )


@pytest.mark.parametrize("name", every_other(CASES, 0, every=4))
def test_terminal_and_app_refuse_the_same(made, tmp_path, capsys, name):
    city, packs, changes, code = CASES[name]
    said = {
        "body": "市政府",
        "document_number": "府办〔2020〕7号",
        "dated_on": present_day().isoformat(),
    } | changes
    plan = hand_plan(inputs=input_digests(looked(made, "city")) | {PRICES: "cd" * 32})
    for at in (at_terminal, in_app) if name in AT_TERMINAL else (in_app,):
        store = tmp_path / f"{at.__name__}.gpkg"
        with open_store(store, create=True) as opened:
            root = handed_in(opened, plan)
        if at is in_app and code:
            with pytest.raises(InputError) as refused:
                at(made, store, root, city, packs, said)
            assert {fault.code for fault in refused.value.faults} == {code}
        elif at is in_app:
            at(made, store, root, city, packs, said)
        else:
            assert at(made, store, root, city, packs, said) == (BAD_INPUT if code else OK)
            assert "Traceback" not in capsys.readouterr().err
        with open_store(store) as opened:
            state = opened.plan(LI, "p").state
        assert state == (State.SUBMITTED if code else State.APPROVED), at.__name__


def test_without_a_city_it_is_refused_where_a_city_could_tell(made, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(plan_deciding, "run_check", plan_inputs.run_check)
    said = {"body": "市政府", "document_number": "7", "dated_on": present_day().isoformat()}
    now = file_digest(made / "city.gpkg")
    plan = hand_plan(inputs=input_digests(looked(made, "city")) | {PRICES: "cd" * 32})
    cases = {
        "optimised": (plan, {}, None, BAD_INPUT, "--city"),
        "drawn": (None, {PROJECT: now}, None, BAD_INPUT, "--city"),
        "drawn, as it was": (None, {PROJECT: now}, "city", OK, ""),
        "drawn, changed": (None, {PROJECT: "a" * 64}, "city", BAD_INPUT, "data of the project"),
        "of others": (None, {"their.file": "a" * 64}, None, OK, ""),
    }
    for number, (plan, inputs, city, code, told) in enumerate(cases.values()):
        store = tmp_path / f"{number}.gpkg"
        with open_store(store, create=True) as opened:
            root = handed_in(opened, plan, **inputs)
        capsys.readouterr()
        assert at_terminal(made, store, root, city, (), said) == code, number
        assert told in capsys.readouterr().err


def test_what_is_weakened_hidden_or_unsaid_is_told_at_the_approval(
    made, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(plan_deciding, "run_check", plan_inputs.run_check)
    result = looked(made, "secret", ("weak.yaml",))
    plan = hand_plan(inputs=input_digests(result) | {PRICES: "cd" * 32})
    with open_store(tmp_path / "own.gpkg", create=True) as opened:
        root = handed_in(opened, plan)
    words = [
        "plan",
        "approve",
        str(tmp_path / "own.gpkg"),
        "p",
        "--as",
        "Zhou",
        "--root",
        root,
        "--body",
        "市政府",
        "--number",
        "7",
        "--date",
        present_day().isoformat(),
        "--scan",
        str(made / "scan.pdf"),
        "--city",
        str(made / "secret.gpkg"),
        "--rules",
        str(made / "weak.yaml"),
        "--lang",
        "zh_CN",
    ]
    assert run(words) == OK
    told = "".join(capsys.readouterr().err.split())
    weakened, known = describe_weakened(result.rules), describe_known(result)
    assert weakened
    assert len(known) == 2  # records that are hidden, and that do not say so
    assert all("".join(translate(text, "zh_CN").split()) in told for text in weakened + known)


def test_a_plan_for_the_public_is_held_against_the_city_without_hidden_records(made, tmp_path):
    whole = looked(made, "secret")
    public = check(without_hidden(whole.city, whole.rules), rules=whole.rules, raster=False)
    inputs = input_digests(public) | {PRICES: "cd" * 32}
    measures = hand_plan().measures
    asked = hand_plan().parameters | {"public": True, "hidden": 0}
    for rows, code in ((measures.drop(index="south"), ""), (measures, "edition.hidden")):
        plan = hand_plan(measures=rows, inputs=inputs, parameters=asked)
        store = tmp_path / f"public{len(rows)}.gpkg"
        with open_store(store, create=True) as opened:
            handed_in(opened, plan)
            version = opened.read_version(ZHOU, "p")
        if code:
            with pytest.raises(InputError) as refused:
                weigh_grounds(version, whole, "")
            assert refused.value.faults[0].code == code
        else:
            assert weigh_grounds(version, whole, "").inputs == version.head.inputs
    assert weigh_grounds(replace(version, documents={}), whole, "").inputs != version.head.inputs
