"""Who reads what through the service: tokens, roles, districts, secrets, limits; and no trace."""

from __future__ import annotations

import logging
import math
import re
from dataclasses import replace
from functools import cache

import geopandas as gpd
import pytest
from pyproj import Transformer
from shapely.geometry import Point

from civicsight.application import accounts
from civicsight.application.tokens import OGC_PATH
from civicsight.application.workflow import open_session, perform, save
from civicsight.core import own_files
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.editing.commands import Add, Aim, Move, Remove, SetOptics
from civicsight.editing.draft import Draft
from civicsight.editing.draft_costs import draft_costs
from civicsight.editing.project import Opening
from civicsight.maps.vectortiles import tile_source
from civicsight.model import MEASURES
from civicsight.planning.prices.price_table import read_prices
from civicsight.store import Actor, Role, appoint, dismiss, open_store, start_review, submit
from civicsight.ui.ogc import door
from civicsight.ui.ogc.limits import Bucket
from tests.app_town import app_city, app_guard
from tests.ogc_made import (
    ADDRESS,
    ANALYST,
    CODE,
    EAST,
    ITEMS,
    SECRETS,
    WEST,
    ids,
    project_at,
    serve,
)
from tests.test_ui_roles_wire import MAYOR, decide
from tests.ui_made import add_cheaply

PRICES = read_prices()
LI, ROOT = Actor("Li", Role.PLANNER), Actor("Root", Role.ADMIN)
ALL = {"south", "twin", "away", "gone", "wall"}


@cache
def town_tile():
    """Return the tile in which the middle of the town lies, by the usual formula of web maps."""
    city, zoom = app_city(), 16
    to_degrees = Transformer.from_crs(city.crs, 4326, always_xy=True)
    lng, lat = to_degrees.transform(*city.buildings.loc["shop"].geometry.centroid.coords[0])
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return zoom, int((lng + 180) / 360 * 2**zoom), int((1 - north) / 2 * 2**zoom)


def drawn_of(**labels):
    """Return the ground plan of the town with some rows of its tables alone."""
    city = app_city()
    tables = {name: getattr(city, name) for name in labels}
    own = {name: table[table.index.isin(labels[name])] for name, table in tables.items()}
    return tile_source(replace(city, **own))


@pytest.fixture
def service(monkeypatch, tmp_path):
    return serve(monkeypatch, project_at(tmp_path), tmp_path)


class TestRights:
    """A token is worth what whom it stands for is worth, at that moment."""

    def test_an_account_that_is_gone_or_another_takes_it_along(self, service, monkeypatch):
        add_cheaply(monkeypatch, own_files.accounts_path(), LI)
        token = service.token(LI)
        assert service.ask(ITEMS, token).status_code == 200
        add_cheaply(monkeypatch, own_files.accounts_path(), replace(LI, role=Role.ANALYST))
        answer = service.ask(ITEMS, token)
        assert (answer.status_code, answer.json()["code"]) == (403, "RoleLost")
        accounts.remove_account(own_files.accounts_path(), LI.name)
        assert service.ask(ITEMS, token).status_code == 403

    def test_none_is_made_beside_the_account_of_the_name(self, service, monkeypatch):
        add_cheaply(monkeypatch, own_files.accounts_path(), LI)
        with pytest.raises(InputError, match=r"tokens\.account"):
            service.token(replace(LI, role=Role.AUDITOR))

    def test_who_is_not_appointed_in_the_store_reads_nothing(self, service):
        token = service.token()
        with open_store(service.project.store_path, create=True) as store:
            appoint(store, ROOT, ROOT)
            appoint(store, ROOT, ANALYST)
        assert service.ask(ITEMS, token).status_code == 200
        with open_store(service.project.store_path) as store:
            dismiss(store, ROOT, ANALYST.name)
        answer = service.ask(ITEMS, token)
        assert (answer.status_code, answer.json()["code"]) == (403, "Denied")
        with open_store(service.project.store_path) as store:
            assert [e.actor for e in store.history(ROOT) if "refused" in e.says] == [ANALYST.name]

    @pytest.mark.parametrize(
        "role", [r for r in Role if r not in {Role.ADMIN, Role.DISTRICT_PLANNER}]
    )
    def test_who_may_export_reads_all_that_is_not_hidden(self, service, role):
        assert ids(service.ask(ITEMS, service.token(Actor("x", role)))) == ALL

    def test_a_district_planner_reads_the_own_district(self, service):
        west, east = service.token(WEST), service.token(EAST)
        assert ids(service.ask(ITEMS, west)) == ALL - {"wall"}
        assert ids(service.ask(ITEMS, east)) == {"wall"}
        assert ids(service.ask("/collections/buildings/items", east)) == {"shop", "dorm", "hostel"}
        assert ids(service.ask("/collections/parts/items", east)) == set()
        assert service.ask(f"{ITEMS}/south", east).status_code == 404
        assert service.ask(f"{ITEMS}/south", west).status_code == 200
        box = "&bbox=-180,-90,180,90&limit=10000"
        assert ids(service.ask(f"{ITEMS}?offset=0{box}", east)) == {"wall"}
        assert "extent" not in service.ask("/collections/parts", east).json()

    def test_the_ground_is_cut_to_the_own_district_as_features_are(self, service):
        """Of each tile a district planner gets what is drawn of the own buildings and roads."""
        own = {
            EAST: {"buildings": {"shop", "dorm", "hostel"}, "roads": set()},
            WEST: {"buildings": {"school", "toilet"}, "roads": {"r", "n"}},
        }
        drawn = {who: drawn_of(**labels) for who, labels in own.items()}
        drawn[ANALYST] = tile_source(service.project.city)
        whole = drawn[ANALYST].tile(*town_tile())
        assert len({source.tile(*town_tile()) for source in drawn.values()}) == len(drawn)
        for who, source in drawn.items():
            z, column, row = town_tile()
            answer = service.ask(f"/tiles/WebMercatorQuad/{z}/{row}/{column}", service.token(who))
            assert answer.status_code == 200
            assert answer.content == source.tile(*town_tile()), who
            assert (answer.content == whole) is (who is ANALYST)
        nobody = service.token(Actor("x", Role.DISTRICT_PLANNER, "Nowhere"))
        z, column, row = town_tile()
        answer = service.ask(f"/tiles/WebMercatorQuad/{z}/{row}/{column}", nobody)
        assert (answer.status_code, answer.content) == (204, b"")

    def test_no_column_is_sent_that_is_not_declared(self, service):
        answer = service.ask(f"{ITEMS}/south", service.token()).json()
        assert (
            not {"tags", "source", "secrecy", "necessity", "pole_id"} & answer["properties"].keys()
        )


class TestSecrets:
    """What a public edition hides never goes out, nor what would tell of it."""

    @pytest.fixture
    def secret(self, monkeypatch, tmp_path):
        return serve(monkeypatch, project_at(tmp_path, secret=True), tmp_path)

    def test_a_secret_camera_is_nowhere(self, secret):
        for actor in (ANALYST, LI, WEST, MAYOR):
            token = secret.token(actor)
            assert ids(secret.ask(ITEMS, token)) <= ALL - set(SECRETS)
            for label in SECRETS:
                assert secret.ask(f"{ITEMS}/{label}", token).status_code == 404
            for path in ("", "/collections", "/collections/parts/items", "/api"):
                told = secret.ask(path, token).text
                assert not [label for label in SECRETS if f'"{label}"' in told]

    def test_the_state_of_a_gate_does_not_tell_of_it(self, secret):
        found = secret.ask("/collections/parts/items", secret.token()).json()["features"]
        told = {part["id"]: part["properties"]["status"] for part in found}
        gate = "8.5:p#entrance-1"
        assert secret.project.result.part_status.loc[gate, "status"] == "covered"
        assert told[gate] == "gap"  # as if nothing stood there
        assert told.keys() == set(secret.project.result.parts.index)

    def test_areas_of_consent_are_no_layer(self, service):
        token = service.token()
        found = {one["id"] for one in service.ask("/collections", token).json()["collections"]}
        assert found >= {"buildings", "cameras"}
        assert {name.partition("_")[0] for name in found} == {"buildings", "cameras", "parts"}
        for name in ("consent_areas", "private_places", "zones", "heads", "__class__"):
            assert service.ask(f"/collections/{name}/items", token).status_code == 404


class TestMeasures:
    """Of plans goes out what is approved, or the one that the token names."""

    @pytest.fixture
    def drawn(self, service):
        """Keep a plan drawn by hand: a camera of its own, and one that is turned."""
        session = open_session(service.project, LI, app_guard())
        session = perform(service.project, LI, session, Add("new/1", 30.0, 48.0, 180.0))
        session = perform(service.project, LI, session, Aim("away", 170.0))
        return save(service.project, LI, session)[0]

    @pytest.mark.usefixtures("drawn")
    def test_a_draft_is_not_shown_unless_it_is_chosen(self, service):
        assert service.ask("/collections/measures", service.token()).status_code == 404
        token = service.token(plan_id="plan")
        answer = service.ask("/collections/measures/items", token).json()
        told = {one["properties"]["camera_id"]: one["properties"] for one in answer["features"]}
        assert {label: one["measure"] for label, one in told.items()} == {
            "new/1": "new", "away": "reaim",
        }  # fmt: skip
        assert told["away"]["azimuth_deg"] == 170.0
        assert told["away"]["cost_yuan"] == PRICES.price_yuan("reaim")
        assert told["new/1"]["cost_yuan"] > told["away"]["cost_yuan"]
        assert told["new/1"]["camera_class"]
        assert {one["state"] for one in told.values()} == {"draft"}
        alone = service.ask("/collections/measures/items/plan/new/1", token).json()
        assert alone["id"] == "plan/new/1"

    def test_each_camera_drawn_by_hand_is_told_by_its_measure_and_cost(self, service):
        session = open_session(service.project, LI, app_guard())
        spot = service.project.city.cameras.geometry["wall"]
        device = {"hfov_deg": 60.0, "vfov_deg": 36.0, "width_px": 2560.0}
        for command in (
            SetOptics("away", **device), Remove("south"), Move("wall", spot.x + 5.0, spot.y),
            Add("new/1", 30.0, 48.0, 180.0),
        ):  # fmt: skip
            session = perform(service.project, LI, session, command)
        save(service.project, LI, session)
        priced = draft_costs(Draft(service.project.city), session.draft, PRICES)
        answer = service.ask("/collections/measures/items", service.token(plan_id="plan")).json()
        told = {one["properties"]["camera_id"]: one["properties"] for one in answer["features"]}
        assert {label: one["measure"] for label, one in told.items()} == {
            "away": "refurbish", "south": "dismantle", "wall": "move", "new/1": "new",
        }  # fmt: skip
        names = {"measure": "measure", "device": "camera_class", "yuan": "cost_yuan"}
        for label, row in priced.iterrows():
            assert {name: told[label][new] for name, new in names.items()} == dict(row)

    def test_a_planned_camera_that_is_given_up_is_dropped(self, monkeypatch, tmp_path):
        project = project_at(tmp_path)
        cameras = project.city.cameras.assign(status="planned")
        project = replace(project, city=replace(project.city, cameras=cameras))
        service = serve(monkeypatch, project, tmp_path)
        save(project, LI, perform(project, LI, open_session(project, LI, app_guard()),
                                  Remove("away")))  # fmt: skip
        answer = service.ask("/collections/measures/items", service.token(plan_id="plan")).json()
        (told,) = answer["features"]
        assert (told["id"], told["properties"]["measure"]) == ("plan/away", "drop")
        assert told["properties"]["cost_yuan"] == 0

    def test_what_is_approved_is_shown_and_stays_while_the_next_is_drawn(self, service, drawn):
        token = service.token()
        with open_store(service.project.store_path) as store:
            plan = start_review(store, LI, "plan", base_rev=drawn.rev)
            submit(store, LI, "plan", base_rev=plan.rev)
            decide(store, MAYOR, plan.digest)
        first = ids(service.ask("/collections/measures/items", token))
        assert first == {"plan/new/1", "plan/away"}
        session = open_session(service.project, LI, app_guard())
        session = perform(service.project, LI, session, Aim("twin", 20.0))
        save(service.project, LI, session)
        assert ids(service.ask("/collections/measures/items", token)) == first
        newest = service.ask("/collections/measures/items", service.token(LI, plan_id="plan"))
        assert ids(newest) == first | {"plan/twin"}

    @pytest.mark.usefixtures("drawn")
    def test_a_plan_of_another_district_is_not_there(self, service):
        west = service.token(WEST, plan_id="plan")
        assert service.ask("/collections/measures", west).status_code == 404
        assert service.ask("/collections/measures", service.token(plan_id="no")).status_code == 404

    def test_measures_of_hidden_cameras_and_places_stay_inside(self, monkeypatch, tmp_path):
        service = serve(monkeypatch, project_at(tmp_path, secret=True), tmp_path)
        crs = service.project.city.crs
        rows = {
            SECRETS[0]: {"measure": "reaim", "parts": []},
            "open": {"measure": "new", "parts": ["8.5:p#entrance-1"]},
            "for_it": {"measure": "new", "parts": ["8.5:p#entrance-1", SECRETS[0]]},
            "once": {"measure": "new", "parts": []},
        }
        numbers = {"cost_yuan": 1.0, "saved_yuan": 0.0, "serves": 0.0, "alone": 0.0, "year": 0}
        measures = MEASURES.complete(gpd.GeoDataFrame(
            [one | numbers for one in rows.values()], index=list(rows),
            geometry=[Point(10 + k, 60) for k in range(len(rows))], crs=crs))  # fmt: skip
        cameras = app_city().cameras.loc[["away"]].set_axis(["once"])
        cameras["secrecy"] = True  # of the version alone: the project knows no such camera
        with open_store(service.project.store_path, create=True) as store:
            plan = store.new_plan(LI, "made", name="Made")
            layers = {"measures": measures, "plan_cameras": cameras}
            store.commit_version(LI, "made", base_rev=plan.rev, documents={}, inputs={},
                                 layers=layers)  # fmt: skip
        token = service.token(plan_id="made")
        assert ids(service.ask("/collections/measures/items", token)) == {"made/open"}


class TestDoor:
    """Only reading, only so often, and nothing is left behind."""

    @pytest.mark.parametrize(
        "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "CONNECT"]
    )
    @pytest.mark.parametrize("path", ["", ITEMS, f"{ITEMS}/south", "/tiles", "/nowhere"])
    def test_nothing_can_be_changed(self, service, method, path):
        answer = service.ask(path, service.token(), method=method)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert "Nothing can be changed" in answer.json()["description"]

    @pytest.mark.parametrize(
        "path",
        ["/../../etc/passwd", "/collections/..%2f..%2fetc/items",
         "/collections/cameras/items/%2e%2e%2f%2e%2e%2ftokens.json", "/collections/cameras/x",
         "/tiles/../../accounts.json", "/collections/cameras/items/%00", "/%00", "/api/x",
         "/collections//items", "/tileMatrixSets/x", "/collections/cameras/schema/x", "/x" * 300],
    )  # fmt: skip
    def test_what_is_no_address_is_not_there(self, service, path):
        answer = service.ask(path, service.token())
        assert answer.status_code in {403, 404}
        assert "root:" not in answer.text
        if OGC_PATH in str(answer.url):  # a client may take two points apart by itself
            assert answer.json()["description"]

    def test_an_endless_address_is_refused(self, service):
        answer = service.ask(f"{ITEMS}?bbox=" + "1" * 3_000, service.token())
        assert (answer.status_code, answer.json()["code"]) == (414, "TooLong")

    def test_every_answer_is_sealed_and_kept_by_nobody(self, service):
        token = service.token()
        for sent, path in ((token, ""), (token, ITEMS), (None, ""), (token, "/nowhere")):
            answer = service.ask(path, sent)
            assert answer.headers["cache-control"] == "no-store"
            assert "Authorization" in answer.headers["vary"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            assert "access-control-allow-origin" not in answer.headers

    def test_refusals_are_said_in_every_language(self, service):
        told = {code: service.ask(Accept_Language=code.replace("_", "-")).json()["description"]
                for code in LANGUAGES}  # fmt: skip
        assert len(set(told.values())) == len(LANGUAGES)
        assert re.search("[\u4e00-\u9fff]", told["zh_CN"])

    def test_a_token_waits_when_it_asks_too_often(self, service):
        clock = [0.0]
        slow = replace(service.door, tokens=Bucket(3, 0.5, lambda: clock[0]))
        service.app.routes[0].app = slow
        token, other = service.token(), service.token(LI)
        assert [service.ask("", token).status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = service.ask("", token)
        assert answer.headers["retry-after"] == "2"
        assert "in 2 seconds" in answer.json()["description"]
        assert service.ask("", other).status_code == 200  # another one waits for nobody
        clock[0] = 2.0
        assert service.ask("", token).status_code == 200

    def test_who_guesses_waits_and_the_good_token_does_not(self, service):
        wrong = replace(service.door, wrong=Bucket(5, 0.1, lambda: 0.0))
        service.app.routes[0].app = wrong
        seen = [service.ask("", f"civicsight_{k}").status_code for k in range(7)]
        assert seen == [401] * 5 + [429] * 2
        assert service.ask("", service.token()).status_code == 200

    def test_no_log_holds_a_token(self, service, caplog):
        caplog.set_level(logging.DEBUG)
        token = service.token()
        asked = [(token, ITEMS), (f"{token}x", ITEMS), (token, f"/{token}")]
        asked += [(None, f"{ITEMS}?token={token}"), (token, f"{ITEMS}?limit=x")]
        for sent, path in asked:
            service.ask(path, sent)
        ours = [line for line in caplog.messages if line.startswith(("platform", "10.0.0.9"))]
        assert any(f"platform read {CODE}/collections/cameras/items" in line for line in ours)
        assert "10.0.0.9 was refused: TokenUnknown" in ours
        kept = [record for record in caplog.records if record.name.startswith("civicsight")]
        assert kept
        assert token not in "\n".join(record.getMessage() for record in kept)

    def test_a_project_that_is_being_opened_is_asked_for_again(self, service, monkeypatch):
        monkeypatch.setattr(door, "opening", lambda _path: Opening())
        answer = service.ask("", service.token())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "being opened" in answer.json()["description"]

    def test_a_project_that_is_gone_is_said_without_its_path(self, service, monkeypatch):
        failed = Opening()
        failed.future.set_exception(InputError([]))
        monkeypatch.setattr(door, "opening", lambda _path: failed)
        answer = service.ask("", service.token())
        assert (answer.status_code, answer.json()["code"]) == (503, "NotReadable")
        assert str(service.file) not in answer.text

    def test_a_link_carries_a_view_and_no_right(self, service):
        token = service.token()
        links = service.ask(f"{ITEMS}/south", token).json()["links"]
        (view,) = [link["href"] for link in links if link["rel"] == "alternate"]
        assert view == f"{ADDRESS}/plan?sel=south&project={CODE}"
        everything = service.ask("/collections", token).text + service.ask(ITEMS, token).text
        assert token not in everything
