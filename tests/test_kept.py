"""Kept files of published formats: the code of today reads what their civicsight wrote."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from civicsight.application.accounts import find_actor, read_accounts
from civicsight.application.handing_over import begin_with, desk_at, open_package
from civicsight.application.tokens import find_token
from civicsight.editing.session import from_json
from civicsight.io.project_file import load_city
from civicsight.model import CITY_TABLES
from civicsight.model.format_versions import FORMATS, MAPPING, PLAN, RESULT, RULE_PACK, STORE
from civicsight.planning.proof import certificate
from civicsight.planning.record.documents import from_documents, from_record, to_documents
from civicsight.planning.record.root import root_of
from civicsight.region.folder import around, open_region
from civicsight.store import approvals, open_store, stale_inputs, verify
from tests.app_town import DIGEST, app_city, app_guard
from tests.kept.__main__ import HERE, MAKERS, PASSWORD
from tests.store_parts import LI, SUN

MAX_BYTES = 200_000


def facts(name: str) -> dict:
    return json.loads((HERE / f"{name}.facts.json").read_text(encoding="utf-8"))


def unpacked(name: str, folder: Path) -> Path:
    """Put a kept database where it may be opened; return it."""
    target = folder / name
    target.write_bytes(gzip.decompress((HERE / f"{name}.gz").read_bytes()))
    return target


def require_project(path: Path, wanted: dict) -> None:
    city = load_city(path)
    assert (city.name, city.crs.to_epsg()) == (wanted["name"], wanted["crs"])
    assert {t.name: len(getattr(city, t.name)) for t in CITY_TABLES} == {
        **dict.fromkeys((t.name for t in CITY_TABLES), 0),  # of tables that came later
        **wanted["rows"],
    }
    assert sorted(city.cameras.index) == wanted["cameras"]
    assert float(city.terrain.z.sum()) == pytest.approx(wanted["terrain_sum"], abs=1e-9)


def kept_of(name: str) -> list[str]:
    """Return what is kept of each number of a format."""
    return [f"{name}-v{number}" for number in range(1, FORMATS[name].number + 1)]


def require_store(path: Path, wanted: dict, *, more: int = 0) -> None:
    """Compare a store with what was in it; it may have more entries at the end."""
    with open_store(path) as store:
        proof = verify(store, SUN, expect_head=wanted["head"])
        assert (proof.versions, proof.entries) == (wanted["versions"], wanted["entries"] + more)
        plans = {p.plan_id: p for p in store.list_plans(SUN)}
        told = {i: [str(p.state), p.rev, p.version, p.digest] for i, p in plans.items()}
        assert told == wanted["plans"]
        for name, entries in wanted["approvals"].items():
            found = approvals(store, SUN, name)
            assert [[a.digest, a.document_number] for a in found] == entries
        approved = store.read_version(SUN, "approved")
        assert approved.head.digest == wanted["approvals"]["approved"][0][0]
        assert not stale_inputs(approved.head, {"city.gpkg": "c" * 64})
        documents = store.read_version(SUN, "optimised").documents
        assert from_record(documents).proof.bound == facts("plan-v1")["bound"]
        require_session(documents["session"], facts("session-v1"))


def require_session(text: str, wanted: dict) -> None:
    again = from_json(text, app_city(), app_guard(), DIGEST)
    assert (len(again.done), len(again.undone)) == (wanted["done"], wanted["undone"])
    assert again.digest == wanted["digest"]
    assert sorted(again.draft.cameras.index) == wanted["cameras"]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_number_of_every_format_is_kept():
    """A number that is raised needs its files, and the old ones stay."""
    for name, known in FORMATS.items():
        if name in (RULE_PACK, MAPPING, RESULT):
            assert name not in MAKERS
            continue
        numbers = {
            int(path.name.split("-v")[1].split(".")[0]) for path in HERE.glob(f"{name}-v*.json")
        }
        assert numbers == set(range(1, known.number + 1)), name
    assert all(path.stat().st_size < MAX_BYTES for path in HERE.rglob("*") if path.is_file())


def test_the_kept_project_opens(tmp_path):
    require_project(unpacked("project-v1.gpkg", tmp_path), facts("project-v1"))


@pytest.mark.parametrize("name", kept_of(STORE))
def test_the_kept_store_opens_whole_with_its_approvals(tmp_path, name):
    require_store(unpacked(f"{name}.gpkg", tmp_path), facts(name))


@pytest.mark.parametrize("name", kept_of(PLAN))
def test_the_kept_plan_opens(name):
    kept = files_of(HERE / name)
    plan = from_documents(kept)
    wanted = facts(name)
    assert plan.measures["measure"].to_dict() == wanted["measures"]
    assert plan.proof.bound == wanted["bound"]
    assert root_of(kept) == wanted.get("root", root_of(kept))
    assert (to_documents(plan) == kept) == (name != "plan-v1")
    assert json.loads(to_documents(plan)["plan.json"])["format"] == max(2, int(name[-1]))


def test_the_kept_certificate_is_counted_again():
    one = certificate.load(HERE / "certificate-v1")
    assert {"cost": one.cost, "bound": one.bound, "problem": one.problem.sha256} == facts(
        "certificate-v1"
    )


def test_the_kept_region_opens():
    region = open_region(HERE / "region-v1")
    cameras = sorted(name for part in region.parts for name in region.read_ids(part, "cameras"))
    digests = {name: part.digest for name, part in sorted(region.parts.items())}
    assert {"parts": digests, "cameras": cameras} == facts("region-v1")
    assert (
        sorted(
            region.read_window(
                around([part.bounds for part in region.parts.values()])
            ).cameras.index
        )
        == cameras
    )


@pytest.mark.parametrize("number", [1, 2])
def test_the_kept_draft_opens(number):
    name = f"session-v{number}"
    require_session((HERE / f"{name}.json").read_text(encoding="utf-8"), facts(name))


def test_the_kept_token_is_known(tmp_path):
    path = Path(shutil.copy(HERE / "tokens-v1.json", tmp_path / "tokens.json"))
    path.chmod(0o600)
    told = facts("tokens-v1")
    token = find_token(path, told["token"])
    assert (token.until.isoformat(), token.project.name) == (told["until"], told["project"])
    assert (token.actor.district, token.plan_id) == ("West", "plan")
    assert find_token(path, told["token"][:-1]) is None


@pytest.mark.parametrize("name", ["handover-v1", "handover-v2"])
def test_the_kept_package_is_taken_over(tmp_path, name):
    """Its project opens, its draft goes on, and what it was compared with is what was packed."""
    wanted = facts(name)
    package = open_package(HERE / f"{name}.zip", root=wanted["root"])
    assert (package.head.digest, package.project_digest) == (wanted["version"], wanted["base"])
    assert bool(package.proof.key) is (name == "handover-v2")  # before, nobody signed
    assert open_package(HERE / f"{name}.zip").proof.by == "unproven"
    with open_store(tmp_path / "plans.gpkg", create=True) as store:
        plan = begin_with(store, LI, package, f"{name}.zip")
        text = store.read_version(LI, plan.plan_id).documents["session"]
    project = tmp_path / "town.gpkg"
    project.write_bytes(package.project)
    desk = desk_at(project)
    draft = from_json(text, desk.city, desk.guard, desk.base).draft
    assert draft.cameras.loc["south", "azimuth_deg"] == 5.0


@pytest.mark.slow
def test_the_kept_accounts_let_their_people_in(tmp_path):
    path = Path(shutil.copy(HERE / "accounts-v1.json", tmp_path / "accounts.json"))
    path.chmod(0o600)
    assert {n: str(a.actor.role) for n, a in read_accounts(path).items()} == facts("accounts-v1")
    assert find_actor(path, "Li", PASSWORD).name == "Li"
    assert find_actor(path, "Zhou", PASSWORD) is None
