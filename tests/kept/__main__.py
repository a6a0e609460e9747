"""Write the kept files of today's formats: ``python -m tests.kept``, once for each new number.

Files that are there already are left alone: they are what the civicsight of their time wrote.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from unittest import mock

import numpy as np

from civicsight.application.accounts import add_account
from civicsight.application.tokens import add_token
from civicsight.application.workflow import commit_draft
from civicsight.editing.commands import Add, Aim, Comment, Remove
from civicsight.editing.session import begin
from civicsight.io import save_city
from civicsight.io.project_file import load_city
from civicsight.model import CITY_TABLES
from civicsight.model.format_versions import (
    ACCOUNTS,
    CERTIFICATE,
    FORMATS,
    HANDOVER,
    PLAN,
    PROJECT,
    REGION,
    SESSION,
    STORE,
    TOKENS,
)
from civicsight.model.terrain import Terrain
from civicsight.planning.record.documents import to_documents, to_record
from civicsight.planning.record.root import LIST_FILE, root_of
from civicsight.region.gather import import_region, origin_of_city, pieces_of_city
from civicsight.report.handover import package_of
from civicsight.store import (
    Actor,
    File,
    Role,
    appoint,
    approvals,
    give_opinion,
    hand_over,
    implement,
    leave_remark,
    open_store,
    send_back,
    start_review,
    submit,
    verify,
)
from tests.app_town import app_city, app_guard, session
from tests.plan_made import hand_plan
from tests.region_made import random_town
from tests.scans import pdf
from tests.store_parts import DEPARTMENT, LI, ROOT, SUN, WANG, ZHOU, approve_latest, commit
from tests.test_check import town
from tests.test_planning_certificate import ring_certificate

HERE = Path(__file__).parent
CLOCK = "2026-03-01T00:00:00.000Z"
STATES = ("draft", "joint_review", "submitted", "returned", "approved", "in_implementation")
TILE_M = 200.0
PASSWORD = "quiet river stones"  # noqa: S105 - of nobody


def kept(name: str, end: str) -> Path:
    """Return where the kept file of today's number of a format is."""
    return HERE / f"{name}-v{FORMATS[name].number}{end}"


def make_project(path: Path) -> dict[str, object]:
    """Write a project; return what is in it."""
    ground = Terrain(np.arange(12.0).reshape(3, 4) / 3, -60.0, -60.0, 40.0)
    save_city(town(terrain=ground), path)
    city = load_city(path)
    return {
        "name": city.name,
        "crs": city.crs.to_epsg(),
        "rows": {table.name: len(getattr(city, table.name)) for table in CITY_TABLES},
        "terrain_sum": round(float(city.terrain.z.sum()), 9),
        "cameras": sorted(city.cameras.index),
    }


def make_store(path: Path) -> dict[str, object]:
    """Write a store with a plan in every state, answers and appointments; return what is in it."""
    with (
        mock.patch("civicsight.store.audit.now", return_value=CLOCK),
        mock.patch("civicsight.store.store.now", return_value=CLOCK),
        mock.patch("civicsight.store.store.uuid4", return_value=mock.Mock(hex="0" * 32)),
        open_store(path, create=True) as store,
    ):
        for state in STATES:
            _bring_to(store, state)
        begun = store.new_plan(LI, "optimised", name="Optimised")
        store.commit_version(
            LI,
            "optimised",
            base_rev=begun.rev,
            layers={},
            documents=to_record(hand_plan()) | {"session": drawn().to_json()},
        )
        for one in (ROOT, LI, WANG, ZHOU, SUN):
            appoint(store, ROOT, one)
        proof = verify(store, SUN)
        plans = store.list_plans(SUN)
        facts = {
            "versions": proof.versions,
            "entries": proof.entries,
            "head": proof.head.hash,
            "plans": {p.plan_id: [str(p.state), p.rev, p.version, p.digest] for p in plans},
            "approvals": {
                p.plan_id: [[a.digest, a.document_number] for a in approvals(store, SUN, p.plan_id)]
                for p in plans
            },
        }
    with closing(sqlite3.connect(path)) as file:
        file.execute("VACUUM")
    return facts


SIGNED = File("signed.pdf", pdf())


def _bring_to(store, state: str) -> None:
    """Begin a plan that is called as the state it is brought to."""
    plan = store.new_plan(LI, state, name=state, departments=(DEPARTMENT,))
    plan = commit(store, plan, count=3)
    plan = commit(store, plan, seed=1, count=3)
    if state == "draft":
        return
    plan = start_review(store, LI, state, base_rev=plan.rev)
    if state == "joint_review":
        return
    said = {"department": DEPARTMENT, "dated_on": "2026-03-01", "text": "ok", "reply": "agree"}
    give_opinion(store, WANG, state, digest=plan.digest, **said)
    plan = submit(store, LI, state, base_rev=plan.rev)
    if state == "returned":
        send_back(store, ZHOU, state, base_rev=plan.rev, reason="costs")
    if state in ("approved", "in_implementation"):
        approve_latest(store, plan.digest, plan_id=state, scan=SIGNED)
        first = leave_remark(store, WANG, state, "too low", digest=plan.digest, subject="camera-1")
        leave_remark(store, LI, state, "raised", digest=plan.digest, to=first, settled=True)
    if state == "in_implementation":
        implement(store, LI, state, base_rev=store.plan(LI, state).rev)


def drawn():
    """Return a draft with commands done and taken back."""
    begun = session().do(Add("new/1", 30.0, 48.0, 180.0, name="North")).do(Aim("south", 5.0))
    return begun.do(Comment("new/1", "see the site")).do(Remove("away")).undo()


def make_plan(folder: Path) -> dict[str, object]:
    """Write the folder of a plan; return what is in it."""
    plan = hand_plan()
    for name, content in to_documents(plan).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return {
        "measures": plan.measures["measure"].to_dict(),
        "root": root_of(to_documents(plan)),
        "bound": plan.proof.bound,
    }


def make_certificate(folder: Path) -> dict[str, object]:
    """Write a certificate; return what is in it."""
    one = ring_certificate()
    one.save(folder)
    return {"cost": one.cost, "bound": one.bound, "problem": one.problem.sha256}


def make_session(path: Path) -> dict[str, object]:
    """Write a draft of the app; return what is in it."""
    path.write_text(drawn().to_json(), encoding="utf-8")
    return {
        "done": len(drawn().done),
        "undone": len(drawn().undone),
        "digest": drawn().digest,
        "cameras": sorted(drawn().draft.cameras.index),
    }


def make_accounts(path: Path) -> dict[str, object]:
    """Write a file of accounts; return what is in it."""
    add_account(path, Actor("Li", Role.PLANNER), PASSWORD)
    add_account(path, Actor("Zhou", Role.APPROVER), PASSWORD + "!")
    return {"Li": "planner", "Zhou": "municipal_approver"}


def make_tokens(path: Path) -> dict[str, object]:
    """Write a file with a token; return the token and what it opens."""
    west = Actor("West", Role.DISTRICT_PLANNER, "West")
    told, token = add_token(path, west, Path("/plans/town.gpkg"), days=30, plan_id="plan")
    return {"token": told, "until": token.until.isoformat(), "project": "town.gpkg"}


def make_region(folder: Path) -> dict[str, object]:
    """Write a region of two tiles; return what is in it."""
    city = random_town(1, side_m=360.0, places=3, cameras=6)
    region = import_region(pieces_of_city(city), origin_of_city(city, tile_m=TILE_M), folder)
    return {
        "parts": {name: part.digest for name, part in sorted(region.parts.items())},
        "cameras": sorted(
            str(name) for part in region.parts for name in region.read_ids(part, "cameras")
        ),
    }


def make_handover(path: Path) -> dict[str, object]:
    """Write a hand-over package of a draft and the project that it is drawn in."""
    with tempfile.TemporaryDirectory() as scratch:
        project = save_city(app_city(), Path(scratch) / "town.gpkg").read_bytes()
        base = sha256(project).hexdigest()
        draft = begin(app_city(), app_guard(), base).do(Aim("south", 5.0))
        with open_store(Path(scratch) / "plans.gpkg", create=True) as store:
            plan = store.new_plan(LI, "plan", name="Town")
            plan = commit_draft(store, LI, draft, "plan", plan.rev, "first")
            files = hand_over(store, LI, "plan", project=project, to="second office")
    path.write_bytes(package_of(files))
    return {"root": sha256(files[LIST_FILE]).hexdigest(), "version": plan.digest, "base": base}


MAKERS = {
    PROJECT: (".gpkg", make_project),
    STORE: (".gpkg", make_store),
    PLAN: ("", make_plan),
    CERTIFICATE: ("", make_certificate),
    SESSION: (".json", make_session),
    ACCOUNTS: (".json", make_accounts),
    TOKENS: (".json", make_tokens),
    REGION: ("", make_region),
    HANDOVER: (".zip", make_handover),
}
"""What is kept of each format, and the end of its name; databases are compressed."""


def main() -> None:
    """Write what is not there yet."""
    for name, (end, make) in MAKERS.items():
        facts = HERE / f"{name}-v{FORMATS[name].number}.facts.json"
        if facts.exists():
            continue
        target = kept(name, end)
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / target.name
            told = make(made)
            if made.is_dir():
                shutil.copytree(made, target)
            elif end == ".gpkg":
                packed = gzip.compress(made.read_bytes(), mtime=0)
                target.with_name(f"{target.name}.gz").write_bytes(packed)
            else:
                shutil.copyfile(made, target)
        text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
        facts.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{target.name}\n")


if __name__ == "__main__":
    main()
