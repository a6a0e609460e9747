"""Plans on the command line, from candidates to approval, with the exit codes of the others."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import json
import shutil
import signal
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from civicsight.cli import plan_reading, plans
from civicsight.cli.entry import BAD_INPUT, OK, STOPPED, VIOLATION, run
from civicsight.cli.plan_arguments import years_of
from civicsight.cli.plan_output import showing, stopping
from civicsight.cli.session import Session
from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.settings import present_day
from civicsight.io import save_city
from civicsight.planning.aims.boundary import with_years
from civicsight.planning.make import CANDIDATES, CHOICE, Aims, Run, make_plan
from civicsight.planning.money.budgets import Grant
from civicsight.planning.record.plan import FUNDS
from civicsight.planning.solver.outcome import Limits, Progress
from civicsight.store import Actor, Role, open_store
from civicsight.store.optimised_plans import keep_plan
from tests.forgeries_made import city  # noqa: F401 - a fixture
from tests.forgeries_made import drawn_up as made  # noqa: F401 - a fixture
from tests.once import once
from tests.plan_made import checked, hand_plan, plan_in, write_hand
from tests.scans import pdf
from tests.test_check import CAMS, town

LANG = ["--lang", "en"]


@pytest.fixture(scope="module", autouse=True)
def found_once():
    with once():
        yield


def say(capsys, *words):
    code = run([*words, *LANG])
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    return code, output.out, output.err


def told(capsys, *words):
    code, out, _ = say(capsys, *words, "--json")
    return code, json.loads(out)


@pytest.mark.slow
def test_a_plan_alone_is_the_same_without_what_is_told_beside_it(city, made, tmp_path, capsys):
    words = [
        "plan",
        "optimise",
        city,
        "--out",
        tmp_path,
        "--no-pdf",
        "--steps",
        "200",
        "--seconds",
        "3600",
    ]
    words = [*map(str, words), "--years", "2027,2028", "--plan-alone", *LANG]
    assert run(words) == OK, capsys.readouterr().err
    whole, alone = map(plan_in, (made / "plan", tmp_path))
    pd.testing.assert_frame_equal(alone.measures, whole.measures)
    assert len(whole.slider)
    assert alone.slider.empty
    assert len(whole.robustness)
    assert alone.robustness.empty


@pytest.mark.slow
def test_the_frontier_begins_from_a_kept_plan_and_is_written(
    capsys, city, made, tmp_path, monkeypatch
):
    monkeypatch.setattr("civicsight.planning.frontier.SMALL_ENTRIES", -1)
    words = ["plan", "frontier", str(city), "--from", str(made / "plan"), "--out", str(tmp_path),
             "--steps", "50", "--levels", "0,30000"]  # fmt: skip
    code, found = told(capsys, *words)
    assert code == OK
    assert [row["budget_yuan"] for row in found["curve"]] == [0.0, 30_000.0]
    assert found["plans"][0]["cost_yuan"] == 0.0
    assert found["survival"]["spare_yuan"] >= found["survival"]["cost_yuan"]
    assert (tmp_path / "page.zh-CN.html").is_file()
    code, out, _ = say(capsys, *words)
    assert "30,000 yuan: places made compliant" in out
    assert "Open" in out
    assert say(capsys, "plan", "frontier", str(city), "--levels", "1,much")[0] == BAD_INPUT


def test_candidates_are_counted_and_written(capsys, city, tmp_path):
    code, found = told(capsys, "plan", "candidates", str(city), "--out", str(tmp_path))
    assert code == OK
    assert found["measures"]["keep"] == 3
    assert (tmp_path / "candidates.csv").is_file()
    code, out, _ = say(capsys, "plan", "candidates", str(city), "--out", str(tmp_path))
    assert code == OK
    assert "Keep as it is: 3" in out


@pytest.mark.slow
def test_a_table_of_budgets_limits_each_year(capsys, city, tmp_path):
    table = tmp_path / "budgets.csv"
    rows = "year,budget_yuan,budget_of\n2027,0,\n2028,60,works\n"
    table.write_text(rows, encoding="utf-8")
    code, found = told(capsys, "plan", "optimise", str(city), "--budget-table", str(table),
                       "--no-pdf", "--steps", "50", "--out", str(tmp_path / "plan"))  # fmt: skip
    assert (code, found["goal"]) == (OK, "widest")
    assert found["cost_yuan"] <= 60
    kept = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert kept["parameters"]["years"] == []
    assert kept["funds"]["columns"]["budget_yuan"] == [0.0, 60.0]
    assert found["spending"] == [
        {"year": 2027, "district": "", "budget_of": "investment", "budget_yuan": 0.0,
         "spent_yuan": 0.0, "is_kept": True},
        {"year": 2028, "district": "", "budget_of": "works", "budget_yuan": 60.0,
         "spent_yuan": found["works_yuan"], "is_kept": True},
    ]  # fmt: skip
    assert told(capsys, "plan", "verify", str(tmp_path / "plan"))[1]["wrong"] == []


@pytest.mark.parametrize("money", ["inf", "nan", "-5", "9,5", "USD 5", "much"])
def test_a_budget_that_is_no_sum_is_refused_before_any_work(capsys, city, money):
    """Infinity was an internal error."""
    code, _, err = say(capsys, "plan", "optimise", str(city), f"--budget={money}")
    assert code == BAD_INPUT
    assert "--budget" in err
    assert money in err
    code, _, err = say(capsys, "plan", "optimise", str(city), "--budget", "5", "--budget-of", "x")
    assert code == BAD_INPUT
    assert "investment or works" in err


def test_a_plan_that_spends_more_than_it_may_is_said_to_be_wrong(capsys, tmp_path):
    """One that was made while a row for all years and districts counted for nothing."""
    funds = pd.DataFrame([(0, "", 6_000.0, 24_300.0, np.nan, np.nan)], columns=list(FUNDS))
    asked = {
        **hand_plan().parameters,
        "grants": [{"year": None, "district": "", "budget_yuan": 6_000.0}],
    }
    write_hand(tmp_path / "plan", funds=funds, parameters=asked)
    code, found = told(capsys, "plan", "verify", str(tmp_path / "plan"))
    assert code == VIOLATION
    assert "money.exceeded" in found["wrong"]
    _, out, err = say(capsys, "plan", "verify", str(tmp_path / "plan"))
    said = "spends more than there is (Works; all years, all districts): budget 6,000 yuan"
    assert said in " ".join((out + err).split())


def test_everything_is_written_and_kept(made, capsys):
    names = {path.name for path in (made / "plan").iterdir()}
    assert {"plan.en.docx", "plan.zh-CN.docx", "plan.en.html", "plan.xlsx", "plan.gpkg",
            "plan.json", "certificate"} <= names  # fmt: skip
    code, out, _ = say(capsys, "plan", "ledger", str(made / "plan"))
    assert code == OK
    assert "unknown (Re-aim and record" in out
    code, kept = told(capsys, "plan", "ledger", str(made / "plans.gpkg"), "--plan", "east")
    assert code == OK
    assert set(kept["camera_id"]) == {"south", "unknown"}


@pytest.mark.slow
def test_a_plan_is_verified_from_its_files_and_from_its_city(made, city, capsys):
    code, found = told(capsys, "plan", "verify", str(made / "plan"))
    assert (code, found["wrong"]) == (OK, [])
    code, _, err = say(
        capsys, "plan", "verify", str(made / "plans.gpkg"), "--plan", "east", "--city", str(city)
    )
    assert code == OK
    assert "differences: 0" in err


@pytest.mark.slow
def test_a_plan_among_entries_of_a_clock_that_was_set_back_is_said(
    made, tmp_path, capsys, monkeypatch
):
    """The audit said it, the verification of the same plan nothing."""
    store = shutil.copy(made / "plans.gpkg", tmp_path / "plans.gpkg")
    words = ("plan", "verify", str(store), "--plan", "east")
    assert told(capsys, *words)[1]["clock_set_back"] == []
    with monkeypatch.context() as patch, open_store(store) as own:
        patch.setattr("civicsight.store.audit.now", lambda: "2020-03-01T09:00:00.000Z")
        own.new_plan(Actor("Li", Role.PLANNER), "more", name="More")
    last = told(capsys, *words)[1]["clock_set_back"][-1]
    assert last["at"] == "2020-03-01T09:00:00.000Z"
    code, _, err = say(capsys, *words)
    flat = " ".join(err.split())
    said = f"clock was set back between entries {last['seq'] - 1} and {last['seq']} ("
    assert (code, said in flat) == (OK, True)
    _, _, err = say(capsys, "plan", "audit", str(store), "--as", "Sun")
    assert said in " ".join(err.split())


@pytest.mark.slow
def test_a_changed_proof_or_city_is_a_violation(made, capsys, tmp_path):
    import shutil

    shutil.copytree(made / "plan", tmp_path / "plan")
    cost = tmp_path / "plan" / "certificate" / "problem" / "cost.npy"
    changed = bytearray(cost.read_bytes())
    changed[-2] ^= 8
    cost.write_bytes(bytes(changed))
    code, _, err = say(capsys, "plan", "verify", str(tmp_path / "plan"))
    assert code == VIOLATION
    assert "not the one that the certificate was issued for" in err
    moved = CAMS.copy()
    moved.loc["south", "azimuth_deg"] = 9.0
    other = save_city(town(moved), tmp_path / "moved.gpkg")
    code, found = told(capsys, "plan", "verify", str(made / "plan"), "--city", str(other))
    assert code == VIOLATION
    assert "cameras" in found["stale"]


def test_the_way_from_draft_to_approval(made, city, capsys, tmp_path):
    store, scan = str(tmp_path / "own.gpkg"), tmp_path / "scan.pdf"
    scan.write_bytes(pdf())
    begun = told(capsys, "plan", "new", store, "west", "--as", "Li", "--name", "West",
                 "--department", "housing")  # fmt: skip
    assert begun == (OK, {"plan": "west", "state": "draft", "version": 0, "root": ""})
    assert say(capsys, "plan", "submit", store, "west", "--as", "Li")[0] == BAD_INPUT
    from civicsight.store import Actor, Role, open_store

    with open_store(store) as opened:
        keep_plan(opened, Actor("Li", Role.PLANNER), "west", plan_in(made / "plan"), "West")
    code, state = told(capsys, "plan", "submit", store, "west", "--as", "Li")
    assert (code, state["state"], state["version"]) == (OK, "joint_review", 1)
    assert say(capsys, "plan", "submit", store, "west", "--as", "Li")[0] == BAD_INPUT
    paper = ("--root", state["root"], "--date", present_day().isoformat())
    opinion = ("plan", "opinion", store, "west", "--as", "Wang", "--department", "housing", *paper)
    assert say(capsys, *opinion, "--text", "agreed", "--reply", "agree")[0] == OK
    assert told(capsys, "plan", "submit", store, "west", "--as", "Li")[1]["state"] == "submitted"
    decide = (
        "plan",
        "approve",
        store,
        "west",
        *paper,
        "--body",
        "市政府",
        "--number",
        "7",
        "--scan",
        str(scan),
        "--city",
        str(city),
    )
    assert say(capsys, *decide, "--as", "Li")[0] == BAD_INPUT  # nobody approves his own plan
    code, _, err = say(capsys, *decide, "--as", "Zhou")
    assert code == OK
    head = err.split()[-1]
    code, found = told(capsys, "plan", "audit", store, "--as", "Sun", "--expect-head", head)
    assert code == OK
    assert [row["action"] for row in found["entries"]].count("approve") == 2
    assert any(row["refused"] for row in found["entries"])
    copies = tmp_path / "copies"
    assert say(capsys, "plan", "backup", store, "--as", "An", "--out", str(copies))[0] == OK
    (copy,) = copies.iterdir()
    assert say(capsys, "plan", "restore", str(copy), store, "--as", "An")[0] == OK
    other = str(tmp_path / "other.gpkg")
    code, out, _ = say(capsys, "plan", "copy", store, other, "--as", "An")
    assert code == OK
    end = out.split()[-1]
    assert say(capsys, "plan", "audit", other, "--as", "Sun", "--expect-head", end)[0] == OK
    assert say(capsys, "plan", "copy", store, other, "--as", "An")[0] == BAD_INPUT
    code, out, _ = say(capsys, "plan", "audit", store, "--as", "Sun", "--plan", "west")
    assert code == OK
    assert "refused" in out


def test_a_database_is_opened_by_its_url(capsys, monkeypatch):
    opened = []

    def refuse(place, **_):
        opened.append(place)
        raise InputError([Fault("store.server")])

    monkeypatch.setattr("civicsight.store.open_store", refuse)
    url = "postgresql://li:secret@server/plans"
    for words in (("audit", url), ("submit", url, "west"), ("copy", url, "x.gpkg")):
        assert say(capsys, "plan", *words, "--as", "Li")[0] == BAD_INPUT
    assert opened == [url] * 3


def test_a_submitted_plan_is_returned_with_its_reason(capsys, tmp_path):
    store = str(tmp_path / "own.gpkg")
    from civicsight.store import Actor, Role, open_store

    with open_store(store, create=True) as opened:
        keep_plan(opened, Actor("Li", Role.PLANNER), "west", hand_plan(), "West")
    for _ in range(2):
        assert say(capsys, "plan", "submit", store, "west", "--as", "Li")[0] == OK
    back = ("plan", "return", store, "west", "--as", "Zhou", "--reason", "prices")
    code, out, _ = say(capsys, *back)
    assert code == OK
    assert "returned" in out


def test_names_are_printed_as_they_are(capsys, tmp_path):
    """A terminal library takes what stands between colons for a picture."""
    name = "reaim:camera:C1/mask"
    book = hand_plan().ledger.assign(camera_id=[name, "new/1"], measure="new", cost_yuan=1.0)
    code, out, _ = say(capsys, "plan", "ledger", str(write_hand(tmp_path / "one", ledger=book)))
    assert code == OK
    assert name in out


def test_differences_of_two_plans(capsys, tmp_path):
    one = write_hand(tmp_path / "one")
    measures, parts = hand_plan().measures.copy(), hand_plan().parts.copy()
    measures.loc["new/1", "azimuth_deg"] = 170.0
    measures.loc["away", "year"] = 2028
    measures.loc["twin", "measure"] = "keep"
    parts.loc[parts["status_before"].eq("gap"), "status_after"] = "possible"
    two = write_hand(tmp_path / "two", measures=measures, parts=parts, inputs={"prices": "0"})
    code, found = told(capsys, "plan", "diff", str(one), str(two))
    assert code == OK
    assert found["measures"]["what"] == ["year", "azimuth_deg", "measure"]
    code, out, err = say(capsys, "plan", "diff", str(one), str(two))
    lines = [[cell.strip() for cell in line.split("│")] for line in out.splitlines()]
    assert ["new/1", "Azimuth [deg]", "180.0", "170.0"] in lines
    assert ["2027", "East", "800", "0", "-800"] in lines
    assert ["2028", "East", "0", "800", "+800"] in lines
    row = next(line for line in out.splitlines() if line.startswith("twin"))
    assert "Drop from the plan" in row
    assert "Keep as it is" in row
    assert "Parts lost" in out
    assert "Parts gained" not in out
    assert "prices" in err
    assert told(capsys, "plan", "diff", str(one), str(one))[1]["measures"]["what"] == []
    code, out, _ = say(capsys, "plan", "diff", str(two), str(one))
    assert "Parts gained" in out


@pytest.mark.slow
def test_what_was_built_is_accepted_against_the_version_that_is_kept(made, city, capsys, tmp_path):
    """The camera that the plan turned is as planned; the one that it confirms nobody measured."""
    from civicsight.store import Actor, Role, open_store

    with open_store(made / "plans.gpkg") as store:
        version = store.read_version(Actor("Li", Role.ANALYST), "east")
    pose = version.layers["measures"].loc["unknown"]
    sheet = tmp_path / "measured.csv"
    names = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg")
    sheet.write_text(
        f"camera_id,{','.join(names)}\nunknown,{','.join(str(pose[n]) for n in names)}\n",
        encoding="utf-8",
    )
    words = ("accept", str(city), "--measured", str(sheet), "--out", str(tmp_path / "out"))
    store = ("--of-plan", str(made / "plans.gpkg"), "--plan", "east")
    code, found = told(capsys, *words, *store)
    assert (code, found["outcome"]) == (OK, "undetermined")
    assert (found["root"], found["stale"], found["lost"]) == (version.digest, [], [])
    rows = (tmp_path / "out" / "acceptance.csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(row.startswith("south,是否测量过 Whether it was measured") for row in rows)
    assert any("实测视向" in row and row.endswith(" met") for row in rows)
    moved = save_city(town(CAMS.drop(index="broken")), tmp_path / "moved.gpkg")
    words = ("accept", str(moved), *words[2:])
    code, _, err = say(capsys, *words, "--of-plan", str(made / "plan"))
    assert code == OK
    assert "Measured against the plan with the root" in err
    assert "cameras" in err


@pytest.mark.slow
def test_a_kept_plan_is_exported_and_says_what_changed(made, city, capsys, tmp_path, monkeypatch):
    words = ("plan", "export", str(city), "--from", str(made / "plans.gpkg"), "--plan", "east",
             "--no-pdf", "--out", str(tmp_path / "out"))  # fmt: skip
    code, out, _ = say(capsys, *words)
    assert code == OK
    assert "plan.en.html" in out
    other = save_city(town(CAMS.drop(index="broken")), tmp_path / "moved.gpkg")
    monkeypatch.setattr(plan_reading, "write", lambda *_, **__: [])  # once is enough
    end_of_audit = str(tmp_path / "out" / "audit.json")
    assert told(capsys, "plan", "export", str(other), *words[3:]) == (
        OK, {"stale": ["cameras"], "files": [end_of_audit]}
    )  # fmt: skip


def test_duplicates_are_judged(capsys, city, tmp_path):
    code, found = told(capsys, "plan", "duplicates", str(city), "--out", str(tmp_path))
    assert code == OK
    assert found["dropped"] == ["twin"]
    assert found["relies_on"] == {"twin": ["south"]}
    assert found["avoidable_yuan"] > 0  # nobody recorded a cost: it is that of the price table
    (card,) = json.loads((tmp_path / "cards.json").read_text(encoding="utf-8"))
    assert card["relies_on"][0]["camera_id"] == "south"
    words = ("plan", "duplicates", str(city), "--no-offers", "--out", str(tmp_path))
    code, out, _ = say(capsys, *words)
    row = next(line for line in out.splitlines() if "twin" in line and "duplicate" in line)
    assert "south" in row
    assert "–" in row  # without offers nobody says what it costs


def test_what_is_no_file_of_plans_is_refused_before_any_work(capsys, city, monkeypatch):
    monkeypatch.setattr(plans, "run_check", lambda *_, **__: pytest.fail("worked first"))
    words = ("plan", "optimise", str(city), "--no-pdf", "--store", str(city), "--as", "Li")
    code, _, err = say(capsys, *words)
    assert code == BAD_INPUT
    assert ".plans.gpkg" in err


@pytest.mark.parametrize(
    "words",
    [
        ["optimise", "CITY", "--store", "x.gpkg"],
        ["optimise", "CITY", "--no-pdf", "--years", "soon"],
        ["optimise", "CITY", "--no-pdf", "--pin", "c1"],
        ["optimise", "CITY", "--no-pdf", "--budget-table", "none.csv"],
        ["optimise", "CITY", "--no-pdf", "--life-cycle", "--budget", "5"],
        ["audit", "none.gpkg", "--as", "Sun", "--role", "king"],
        ["audit", "none.gpkg", "--as", "Sun"],
        ["verify", "none.gpkg"],
        ["ledger", "."],
    ],
)
def test_wrong_usage_is_bad_input(capsys, city, words):
    code, out, err = say(capsys, "plan", *(str(city) if w == "CITY" else w for w in words))
    assert code == BAD_INPUT
    assert err.strip()
    assert out == ""


def test_the_key_press_stops_the_optimiser_and_keeps_the_plan(monkeypatch, city, tmp_path, capsys):
    def stop_at_once(result, aims, *, run, **more):
        signal.raise_signal(signal.SIGINT)
        assert run.is_stopped
        return make_plan(result, aims, run=run, **more)

    monkeypatch.setattr("civicsight.planning.make.make_plan", stop_at_once)
    code, _, err = say(capsys, "plan", "optimise", str(city), "--no-pdf", "--out", str(tmp_path))
    assert code == STOPPED
    assert "kept" in err
    assert (tmp_path / "plan.json").is_file()


def test_a_second_press_ends_the_command():
    session = Session("en", Console(quiet=True), Console(quiet=True))
    with stopping(session) as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    kept = []
    thread = threading.Thread(target=lambda: kept.append(stopping(session).__enter__()))
    thread.start()
    thread.join()
    assert not kept[0].is_set()


@pytest.mark.slow
def test_what_a_plan_does_not_keep_is_named_and_ends_with_violations(city, tmp_path, capsys):
    """A pinned camera that the plan does otherwise with; verifying says the same."""
    out = str(tmp_path / "plan")
    words = ["plan", "optimise", str(city), "--out", out, "--no-pdf", "--steps", "100",
             "--years", "2027", "--plan-alone", "--pin", "twin=2027"]  # fmt: skip
    code, found = told(capsys, *words)
    assert code == VIOLATION
    assert found["status"] == "missed"
    (missed,) = found["unmet"]
    assert (missed["kind"], missed["of"], missed["reached"]) == ("pin", "twin", None)
    assert "twin is asked for in 2027" in found["statement"][1]
    code, same = told(capsys, "plan", "verify", out)
    assert code == OK
    assert same["statement"] == found["statement"]
    code, _, err = say(capsys, "plan", "verify", out)
    assert all(line in err.replace("\n", " ") for line in found["statement"])
    assert "optimal" not in err


def test_value_and_bound_are_shown_as_they_close(capsys):
    session = Session("en", Console(), Console(stderr=True))
    with showing(session, money=N_("Works")) as shown:
        shown.begin(CANDIDATES)
        shown.hear(Progress(0.0, 0, 1.0, 0.0, "greedy"))  # nobody is listening yet
        shown.begin(CHOICE)
        shown.hear(Progress(0.1, 5, 4_000.0, 3_000.0, "search"))
    assert "Best so far (Works): 4,000 yuan, at least 3,000 needed" in capsys.readouterr().err


def test_years_default_to_those_of_the_project_and_to_the_next():
    assert years_of("2029, 2027,2027") == (2027, 2029)
    assert years_of("") == ()
    found = checked()
    assert plans.with_years(Aims(), found).years == (present_day().year + 1,)
    planned = replace(found, city=with_years(found.city, (2031, 2030)))
    assert plans.with_years(Aims(), planned).years == (2030, 2031)
    assert plans.with_years(Aims(years=(2028,)), planned).years == (2028,)
    granted = Aims(grants=(Grant(2029, "", 1e5),))
    assert plans.with_years(granted, planned).years == ()
    assert Aims().years == ()
    assert not Run(Limits()).is_stopped
