"""A plan handed over, worked on by a second installation, and brought back; hostile packages."""

from __future__ import annotations

import json
import stat
import zipfile
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest

from civicsight.application.handing_over import desk_at, open_package
from civicsight.application.workflow import open_session, perform, save
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.editing.commands import Add, Aim, Comment, DrawZone, Move, Remove
from civicsight.editing.project import Project
from civicsight.editing.projects import law_beside, plans_beside
from civicsight.io import save_city
from civicsight.planning.record.documents import to_record
from civicsight.planning.record.root import LIST_FILE, list_of
from civicsight.store import Actor, Role, leave_remark, open_store, threads, verify
from civicsight.store.frames import Row
from civicsight.store.handover_proof import SIGNATURE_FILE
from civicsight.store.records import as_text
from civicsight.store.version_contents import digests_of, row_digest
from civicsight.store.versions import root_of_content
from tests.app_town import RULES, app_city, app_result
from tests.plan_made import hand_plan
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS, new_database, serving
from tests.store_parts import SUN
from tests.test_rules_overriding import pack, param
from tests.test_store_damage import foreign

LI, WEI = Actor("Li", Role.PLANNER), Actor("Wei", Role.PLANNER)
SQUARE = ((60.0, 40.0), (80.0, 40.0), (80.0, 60.0), (60.0, 60.0))
NEAR, FAR = Add("new/1", 30.0, 48.0, 180.0), Add("new/1", 55.0, 48.0, 90.0)


def project_at(path, place=None):
    """Return the project of a file as the app has it open."""
    desk = desk_at(path)
    return Project(desk.city, RULES, app_result(), "digest", place or plans_beside(path),
                   data_digest=desk.base)  # fmt: skip


def draw(path, actor, *commands, place=None):
    """Draw and save as the app does; return the number of the version."""
    project, guard = project_at(path, place), desk_at(path).guard
    session = open_session(project, actor, guard)
    for command in commands:
        session = perform(project, actor, session, command)
    return save(project, actor, session)[0].version


def cameras_of(path, place=None):
    """Return the cameras of the latest version."""
    with open_store(place or plans_beside(path)) as store:
        return store.read_version(LI, "plan").layers["cameras"]


def hand(path, out, *more, who="Li"):
    """Hand the plan over on the command line; return the package and its root."""
    words = ["plan", "handover", str(path), "plan", "--as", who, "--out", str(out), "--json", *more]
    assert run(words) == OK
    return next(out.glob("*.zip"))


def told(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def ours(tmp_path):
    """Our installation: a project with a plan of two versions."""
    path = save_city(app_city(), tmp_path / "ours" / "town.gpkg")
    draw(path, LI, Aim("south", 170.0))
    draw(path, LI, Move("away", 10.0, 60.0))
    return path


@pytest.fixture(scope="module")
def server():
    if not (WITH_POSTGIS and HAS_DRIVER):
        pytest.skip("PostgreSQL with PostGIS and psycopg are not installed")
    with serving(WITH_POSTGIS[-1]) as url:
        yield url


@pytest.fixture
def there(ours, tmp_path):
    """A second installation that has taken the plan over."""
    return taken_there(ours, tmp_path)


def taken_there(ours, tmp_path, place=None):
    """Take the plan over in another folder, its plans beside the project or where it is said."""
    package = hand(ours, tmp_path / "out", "--to", "second office")
    path = tmp_path / "theirs" / "town.gpkg"
    words = ["plan", "takeover", str(package), str(path), "--as", "Wei"]
    words += ["--store", place] if place else []
    assert run(words) == OK
    assert not path.exists()
    assert run([*words, "--accept"]) == OK
    return path


@pytest.mark.parametrize("where", ["file", pytest.param("server", marks=pytest.mark.slow)])
def test_a_plan_goes_is_worked_on_and_comes_back_with_conflicts(
    capsys, ours, tmp_path, where, request
):
    place = None
    if where == "server":
        place = new_database(request.getfixturevalue("server"), "handover")
    more = ["--store", place] if place else []
    there = taken_there(ours, tmp_path, place)
    assert there.read_bytes() == ours.read_bytes()
    assert cameras_of(there, place).equals(cameras_of(ours))
    roots = set()
    for one in (plans_beside(ours), place or plans_beside(there)):
        with open_store(one) as store:
            roots.add(store.plan(LI, "plan").digest)
    assert len(roots) == 1
    draw(there, WEI, Aim("south", 200.0), FAR, Remove("twin"), Comment("south", "too low"),
         DrawZone("zone/1", SQUARE, "8.5", name="Drawn"), place=place)  # fmt: skip
    draw(ours, LI, Aim("south", 90.0), NEAR, Aim("away", 45.0))
    before = cameras_of(ours)
    capsys.readouterr()
    package = hand(there, tmp_path / "back", *more, who="Wei")
    root = told(capsys)["root"]
    words = ["plan", "takeover", str(package), str(ours), "--as", "Li", "--root", root]

    assert run([*words, "--json"]) == OK
    states = {one["id"]: one["state"] for one in told(capsys)["subjects"]}
    assert states == {"south": "conflict", "new/1": "conflict", "twin": "theirs",
                      "zone/1": "theirs", "away": "ours", "remark/1": "conflict"}  # fmt: skip
    assert run([*words, "--accept"]) == BAD_INPUT
    said = capsys.readouterr().err
    assert "south" in said
    assert "new/1" in said
    assert cameras_of(ours).equals(before)

    settled = ["--settle", "south=theirs", "--settle", "new/1=both", "--settle", "remark/1=theirs",
               "--reason", "looked on site"]  # fmt: skip
    assert run([*words, *settled, "--accept", "--json"]) == OK
    assert told(capsys)["version"] == 4
    now = cameras_of(ours)
    assert now.loc["south", "azimuth_deg"] == 200.0
    assert now.loc["away", "azimuth_deg"] == 45.0
    assert "twin" not in now.index or now.loc["twin", "status"] == "removed"
    assert now.loc["new/1"].geometry.equals(before.loc["new/1"].geometry)
    assert (now.loc["new/2"].geometry.x, now.loc["new/2", "azimuth_deg"]) == (55.0, 90.0)
    with open_store(plans_beside(ours)) as store:
        version = store.read_version(LI, "plan")
        assert list(version.layers["places"].index.difference(app_city().places.index)) == [
            "zone/1"
        ]
        assert [list(one) for one in version.documents["comments"]] == [["south", "too low"]]
        last = store.history(LI, "plan")[-1]
        assert (last.actor, last.action) == ("Li", "commit")
        taken = last.says["taken"]
        assert (taken["by"], taken["package"], taken["reason"]) == ("Wei", root, "looked on site")
        assert {tuple(one) for one in taken["settled"]} >= {
            ("south", "conflict", "theirs"), ("new/1", "conflict", "both"),
            ("away", "ours", "ours"), ("twin", "theirs", "theirs"),
        }  # fmt: skip
        verify(store, SUN)
    # A draft of the app goes on from there, and what was merged can go back.
    draw(ours, LI, Aim("wall", 10.0))
    package = hand(ours, tmp_path / "again")
    words = ["plan", "takeover", str(package), str(there), "--as", "Wei", "--accept", *more]
    assert run(words) == OK
    assert cameras_of(there, place).equals(cameras_of(ours))


@pytest.mark.slow
def test_a_tampered_package_is_refused_with_what_differs(capsys, ours, tmp_path):
    package = hand(ours, tmp_path / "out")
    root = told(capsys)["root"]
    files = members(package)

    def refused(changed, *more, listed=False):
        if listed:  # by somebody who has no key that is trusted here
            changed = {k: v for k, v in changed.items() if k not in {LIST_FILE, SIGNATURE_FILE}}
            changed |= {LIST_FILE: list_of(changed)}
            more = (*more, "--unproven")
        path = packed(tmp_path / "changed.zip", changed)
        words = ["plan", "takeover", str(path), str(tmp_path / "new.gpkg"), "--as", "Wei", *more]
        assert run([*words, "--accept"]) == BAD_INPUT
        assert not list(tmp_path.glob("new.*"))
        said = capsys.readouterr().err
        assert "Traceback" not in said
        return " ".join(said.split())

    layer = files["layer-cameras.json"]
    assert b"170.0" in layer
    turned = files | {"layer-cameras.json": layer.replace(b"170.0", b"171.0")}
    said = refused(turned)
    assert "cameras south" in said
    assert "layer-cameras.json" in said
    assert "cameras away" not in said
    assert "root" in refused(turned, "--root", root, listed=True)
    refused(turned, listed=True)  # the version is not that of its root
    # Whoever makes a whole package with a version of its own: its layers are not what it draws.
    forged = repacked(turned)
    assert "what the commands of the draft draw" in refused(forged, "--lang", "en", listed=True)
    assert "project.gpkg" in refused({k: v for k, v in files.items() if k != "project.gpkg"})
    assert "more.txt" in refused(files | {"more.txt": b"1"})
    assert "root.sha256" in refused(files | {LIST_FILE: b"nothing"})
    later = json.loads(files["handover.json"]) | {"format": 99}
    assert "format" in refused(files | {"handover.json": json.dumps(later).encode()}, listed=True)


def repacked(files):
    """Return the files of a package with digests of rows and the root of the version made anew."""
    layer = json.loads(files["layer-cameras.json"])
    rows = [Row("cameras", at, label, told, None if shape is None else bytes.fromhex(shape))
            for at, label, told, shape, _ in layer["rows"]]  # fmt: skip
    for row, one in zip(rows, layer["rows"], strict=True):
        one[4] = row_digest(row)
    about = json.loads(files["handover.json"])
    texts = {name.removeprefix("document-").removesuffix(".json"): content.decode()
             for name, content in files.items() if name.startswith("document-")}  # fmt: skip
    root = root_of_content({"cameras": as_text(layer["about"])}, digests_of(rows), texts)
    about["version"]["digest"] = about["plan"]["digest"] = root
    written = {"layer-cameras.json": layer, "handover.json": about}
    return files | {name: as_text(value).encode() for name, value in written.items()}


def members(package):
    with zipfile.ZipFile(package) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def linked():
    entry = zipfile.ZipInfo("root.sha256")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return entry


def nested():
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a", "1")
    return inner.getvalue()


HOSTILE = {
    "a path that leads out": ("../../evil.json", b"1"),
    "an absolute path": ("/etc/passwd", b"1"),
    "a link": (linked(), b"/etc/passwd"),
    "a bomb": ("layer-cameras.json", bytes(120 << 20)),
    "an archive within": ("document-plan.json", nested()),
    "a device": ("con.json", b"1"),
    "deep JSON": ("handover.json", b"[" * 100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_is_refused_and_leaves_nothing(tmp_path, name):
    member, content = HOSTILE[name]
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
        if name == "deep JSON":
            archive.writestr(LIST_FILE, list_of({"handover.json": content}))
    with pytest.raises(InputError) as error:
        open_package(path)
    assert all(str(fault.remedy) for fault in error.value.faults)
    assert [one.name for one in tmp_path.iterdir()] == ["hostile.zip"]


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "none.zip"
    path.write_bytes(b"not an archive")
    with pytest.raises(InputError, match="ZIP"):
        open_package(path)


@pytest.mark.slow
def test_a_package_of_another_project_or_plan_is_refused(capsys, ours, there, tmp_path):
    other = save_city(replace(app_city(), name="Other"), tmp_path / "other" / "town.gpkg")
    draw(other, LI, Aim("south", 10.0))
    package = hand(ours, tmp_path / "out2")
    words = ["plan", "takeover", str(package), str(other), "--as", "Li", "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "a plan of the project that is open" in " ".join(capsys.readouterr().err.split())
    draw(there, WEI, Aim("south", 20.0))
    alone = save_city(app_city(), tmp_path / "alone" / "town.gpkg")
    alone.write_bytes(ours.read_bytes())
    draw(alone, LI, Aim("south", 10.0))
    package = hand(there, tmp_path / "out3", who="Wei")
    words = ["plan", "takeover", str(package), str(alone), "--as", "Li", "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "began with a version of this plan" in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_who_may_not_bring_files_in_takes_nothing_over(ours, there, tmp_path):
    package = hand(there, tmp_path / "out4", who="Wei")
    words = ["plan", "takeover", str(package), str(ours), "--as", "Wang", "--role", "reviewer"]
    assert run([*words, "--accept"]) == BAD_INPUT
    words = ["plan", "handover", str(ours), "plan", "--as", "Xi", "--role", "district_planner"]
    assert run([*words, "--out", str(tmp_path / "no")]) == BAD_INPUT
    assert not (tmp_path / "no").exists()


@pytest.mark.slow
def test_a_plan_of_the_optimiser_is_taken_or_left_as_a_whole(capsys, ours, tmp_path):
    def keep(path, plan, who):
        with open_store(plans_beside(path)) as store:
            known = [one.plan_id for one in store.list_plans(who)]
            if "east" not in known:
                store.new_plan(who, "east", name="East")
            store.commit_version(
                who, "east", base_rev=store.plan(who, "east").rev, documents=to_record(plan),
                layers={"measures": plan.measures}, inputs=plan.inputs,
            )  # fmt: skip

    def root_of(path):
        with open_store(plans_beside(path)) as store:
            return store.plan(LI, "east").digest

    plan = hand_plan()
    years = plan.measures["year"]
    later, latest = (
        replace(plan, measures=plan.measures.assign(year=years.where(years.eq(0), years + step)))
        for step in (1, 2)
    )
    keep(ours, plan, LI)
    words = ["plan", "handover", str(ours), "east", "--as", "Li", "--out", str(tmp_path / "o")]
    assert run(words) == OK
    there = tmp_path / "there.gpkg"
    take = [
        "plan",
        "takeover",
        str(next((tmp_path / "o").glob("*.zip"))),
        str(there),
        "--as",
        "Wei",
    ]
    assert run([*take, "--accept"]) == OK
    assert root_of(there) == root_of(ours)
    keep(there, latest, WEI)
    keep(ours, later, LI)
    words = ["plan", "handover", str(there), "east", "--as", "Wei", "--out", str(tmp_path / "b")]
    assert run(words) == OK
    package = next((tmp_path / "b").glob("*.zip"))
    take = ["plan", "takeover", str(package), str(ours), "--as", "Li"]
    capsys.readouterr()
    assert run([*take, "--json"]) == OK
    assert told(capsys)["subjects"] == [{"id": "plan", "state": "conflict", "decision": ""}]
    assert run([*take, "--lang", "en"]) == OK
    assert "changed on both sides" in " ".join(capsys.readouterr().out.split())
    assert run([*take, "--settle", "plan=theirs", "--accept"]) == OK
    assert root_of(ours) == root_of(there)
    assert sha256(b"").hexdigest() != root_of(ours)


@pytest.mark.slow
def test_a_remark_on_a_plan_of_the_optimiser_is_a_change_to_settle(capsys, ours, tmp_path):
    """It travels with the package, is shown with its text, and is kept under who said it."""
    plan = hand_plan()

    def keep(path, who, made):
        with open_store(plans_beside(path)) as store:
            if "east" not in [one.plan_id for one in store.list_plans(who)]:
                store.new_plan(who, "east", name="East")
            store.commit_version(
                who, "east", base_rev=store.plan(who, "east").rev, documents=to_record(made),
                layers={"measures": made.measures}, inputs=made.inputs,
            )  # fmt: skip

    def say(path, who, text, **more):
        with open_store(plans_beside(path)) as store:
            digest = store.plan(who, "east").digest
            return leave_remark(store, who, "east", text, digest=digest, **more)

    def sent(path, who, name):
        out = tmp_path / name
        words = ["plan", "handover", str(path), "east", "--as", who, "--out", str(out)]
        assert run(words) == OK
        capsys.readouterr()
        return str(next(out.glob("*.zip")))

    def taken(package, path, who, *more, code=OK):
        words = ["plan", "takeover", package, str(path), "--as", who, "--json", *more]
        assert run(words) == code
        out = capsys.readouterr().out
        return json.loads(out) if code == OK else out

    def known(path):
        with open_store(plans_beside(path)) as store:
            return [
                (thread.subject, thread.is_open, [(str(one.who), one.text) for one in thread.said])
                for thread in threads(store, LI, "east")
            ]

    keep(ours, LI, plan)
    say(ours, LI, "why here?", subject="away")
    there = tmp_path / "there.gpkg"
    taken(sent(ours, "Li", "one"), there, "Wei", "--accept")
    assert known(there) == [("away", True, [("Li (taken over by Wei)", "why here?")])]
    with open_store(plans_beside(there)) as store:
        (thread,) = threads(store, WEI, "east")
    say(there, WEI, "for the gate", to=thread.seq, settled=True)
    say(there, WEI, "too dear")
    package = sent(there, "Wei", "two")
    found = taken(package, ours, "Li")
    assert found["remarks"] == 2
    assert [(one["subject"], one["text"], one["state"]) for one in found["subjects"]] == [
        ("away", "for the gate", "theirs"), ("", "too dear", "theirs")]  # fmt: skip
    version = found["version"]
    assert taken(package, ours, "Li", "--accept")["version"] == version  # nothing was redrawn
    assert known(ours) == [
        ("away", False, [("Li", "why here?"), ("Wei (taken over by Li)", "for the gate")]),
        ("", True, [("Wei (taken over by Li)", "too dear")])]  # fmt: skip
    assert taken(package, ours, "Li")["subjects"] == []  # it is not asked twice
    with open_store(plans_beside(ours)) as store:
        verify(store, SUN)

    years = plan.measures["year"]
    keep(
        ours,
        LI,
        replace(plan, measures=plan.measures.assign(year=years.where(years.eq(0), years + 1))),
    )
    say(there, WEI, "still too dear")
    package = sent(there, "Wei", "three")
    (remark,) = [one for one in taken(package, ours, "Li")["subjects"] if "text" in one]
    assert (remark["text"], remark["state"]) == ("still too dear", "conflict")
    before = known(ours)
    taken(package, ours, "Li", "--accept", code=BAD_INPUT)
    taken(package, ours, "Li", "--accept", "--settle", f"{remark['id']}=ours")
    assert known(ours) == before


@pytest.mark.slow
def test_a_package_tells_that_the_end_of_the_audit_was_cut_off(capsys, ours, tmp_path):
    """Nobody here kept anything: the other office brings back what it was told."""
    with open_store(plans_beside(ours)) as store:
        store.new_plan(LI, "west", name="West")
        begun = store.end(LI).seq
    there = taken_there(ours, tmp_path)
    draw(there, WEI, Aim("south", 200.0))
    package = str(hand(there, tmp_path / "back", who="Wei"))
    foreign(plans_beside(ours), f"DELETE FROM audit WHERE seq >= {begun}",  # noqa: S608
            "DELETE FROM plan WHERE plan_id = 'west'")  # fmt: skip
    with open_store(plans_beside(ours)) as store:
        verify(store, SUN)
    words = ["plan", "takeover", package, str(ours), "--as", "Li", "--accept", "--lang", "en"]
    capsys.readouterr()
    assert run(words) == BAD_INPUT
    assert "was cut off after entry" in " ".join(capsys.readouterr().err.split())
    audit = ["plan", "audit", str(plans_beside(ours)), "--as", "Sun", "--lang", "en"]
    assert run([*audit, "--pin", package]) == BAD_INPUT
    assert run([*words, "--unproven"]) == OK
    with open_store(plans_beside(ours)) as store:
        assert store.history(LI, "plan")[-1].says["taken"]["lost"] == begun
    capsys.readouterr()
    assert run(audit) == OK
    assert "although this audit does not hold entry" in " ".join(capsys.readouterr().out.split())


@pytest.mark.slow
def test_a_law_of_its_own_goes_along_and_nothing_is_written_over(ours, tmp_path):
    law = pack(param("sign_standard", 1, "count"))
    law_beside(ours).write_bytes(law)
    package = hand(ours, tmp_path / "out")
    there = tmp_path / "there" / "town.gpkg"
    words = ["plan", "takeover", str(package), str(there), "--as", "Wei", "--accept"]
    there.parent.mkdir()
    law_beside(there).write_bytes(b"of another")
    assert run(words) == BAD_INPUT
    assert [one.name for one in there.parent.iterdir()] == [law_beside(there).name]
    law_beside(there).unlink()
    assert run(words) == OK
    assert law_beside(there).read_bytes() == law
    assert cameras_of(there).equals(cameras_of(ours))


@pytest.mark.slow
def test_a_project_without_the_plan_takes_it_and_keeps_its_own(ours, tmp_path):
    package = hand(ours, tmp_path / "out")
    there = tmp_path / "there.gpkg"
    there.write_bytes(ours.read_bytes())
    words = ["plan", "takeover", str(package), str(there), "--as", "Wei"]
    assert run(words) == OK
    assert not plans_beside(there).exists()
    assert run([*words, "--accept"]) == OK
    assert cameras_of(there).equals(cameras_of(ours))
    assert there.read_bytes() == ours.read_bytes()
