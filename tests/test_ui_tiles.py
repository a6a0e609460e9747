"""Routes of the map: what they answer, to whom, until when, and what they refuse."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from starlette.applications import Starlette

from civicsight.maps.assets import app_files
from civicsight.maps.live import live_map
from civicsight.maps.vectortiles import tile_source
from civicsight.ui import tiles as module
from civicsight.ui.tiles import LIVES_S, Kept, Tiles, file_address, routes
from tests.result_factory import make_raster, make_result
from tests.test_maps_tiles import town_tile


class Client:
    """A browser without a network: it asks the routes themselves."""

    def __init__(self, tiles, root=""):
        self.app = Starlette(routes=routes(tiles, root))

    def get(self, url, **cookies):
        async def ask():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://testserver", cookies=cookies
            ) as asker:
                return await asker.get(url)

        return asyncio.run(ask())


LEVELS = (25.0, 62.5, 125.0, 250.0)


def anybody(_actor):
    return True


class Clock:
    """A clock that a test sets."""

    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tiles(clock):
    return Tiles(clock=clock)


@pytest.fixture
def client(tiles):
    return Client(tiles)


def at(url, place):
    z, x, y = place
    return url.format(z=z, x=x, y=y)


def test_the_ground_is_served_packed_and_for_ever(tiles, client):
    source = tile_source(make_result().city)
    url = tiles.offer_city(source)
    place = town_tile(16)
    for _ in range(2):  # cut, then kept
        answer = client.get(at(url, place))
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content == source.tile(*place)
    assert client.get(at(url, (16, 0, 0))).status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/base/none/12/1/1.pbf",
        "/tiles/base/{name}/17/1/1.pbf",
        "/tiles/base/{name}/12/9999/1.pbf",
        "/tiles/base/{name}/12/-1/1.pbf",
        "/tiles/base/{name}/12/x/1.pbf",
        "/tiles/base/../12/1/1.pbf",
        "/tiles/solid/none.json",
        "/tiles/files/0/map.js",
        "/tiles/files/0/../../assets.py",
    ],
)
def test_what_is_not_there_is_not_found(path, tiles, client):
    source = tile_source(make_result().city)
    tiles.offer_city(source)
    assert client.get(path.format(name=source.digest)).status_code == 404


def test_coverage_needs_a_token_that_fits(tiles, client):
    url = at(
        tiles.offer("coverage", "run 1", (make_raster(), LEVELS), "wang", anybody), town_tile(18)
    )
    assert client.get(url).headers["content-type"] == "image/png"
    empty = at(
        tiles.offer("coverage", "run 1", (make_raster(), LEVELS), "wang", anybody), (18, 0, 0)
    )
    assert client.get(empty).content == module.CLEAR_PNG
    plain, _, token = url.partition("?token=")
    other = tiles.offer("coverage", "run 2", (make_raster(), LEVELS), "wang", anybody)
    document = tiles.offer("layers", "run 1", b"{}", "wang", anybody)
    for wrong in (
        "",
        "x",
        token[:-1],
        "." + token,
        other.partition("=")[2],
        document.partition("=")[2],
    ):
        assert client.get(f"{plain}?token={wrong}").status_code == 403, wrong
    assert client.get(plain).status_code == 403
    assert client.get(f"{plain.replace('.png', '.pbf')}?token={token}").status_code == 404


def test_a_token_of_another_process_opens_nothing(client, tiles, clock):
    foreign = Tiles(clock=clock)
    tiles.offer("coverage", "r", (make_raster(), LEVELS), "wang", anybody)
    url = foreign.offer("coverage", "r", (make_raster(), LEVELS), "wang", anybody)
    assert client.get(at(url, town_tile(18))).status_code == 403


def test_a_token_stays_the_same_for_a_while_and_then_expires(tiles, client, clock):
    def offer():
        return tiles.offer("layers", "d", b"{}", "wang", anybody)

    clock.now = LIVES_S * 100.0
    url = offer()
    clock.now += LIVES_S - 1
    assert offer() == url
    clock.now += LIVES_S
    assert client.get(url).json() == {}
    clock.now += 1
    assert client.get(url).status_code == 403
    assert client.get(offer()).status_code == 200


def test_a_right_that_is_taken_away_is_gone_at_once(tiles, client):
    allowed = {"wang"}
    url = tiles.offer("layers", "d", b"{}", "wang", lambda actor: actor in allowed)
    assert client.get(url).status_code == 200
    tiles.offer("layers", "d", b"{}", "zhang", anybody)  # what others may is another matter
    allowed.clear()
    assert client.get(url).status_code == 403


def test_an_address_opens_in_its_own_visit_and_dies_with_it(clock):
    standing = {"mine"}
    tiles = Tiles(
        clock=clock,
        this_visit=lambda: "mine",
        visit_of=lambda cookies: found if (found := cookies.get("visit")) in standing else None,
    )
    client = Client(tiles)
    raster = at(
        tiles.offer("coverage", "r", (make_raster(), LEVELS), "wang", anybody), town_tile(18)
    )
    urls = [raster, tiles.offer("layers", "d", b"{}", "wang", anybody),
            tiles.offer("solid", "d", b"{}", "wang", anybody),
            tiles.offer("output", "f", ("a.csv", b"x"), "wang", anybody)]  # fmt: skip
    standing.add("another")
    for url in urls:
        assert client.get(url, visit="mine").status_code == 200
        assert client.get(url, visit="mine").headers["cache-control"] == "no-store"
        assert client.get(url).status_code == 403
        assert client.get(url, visit="another").status_code == 403
    standing.remove("mine")
    for url in urls:
        assert client.get(url, visit="mine").status_code == 403


def test_the_document_arrives_as_it_was_written(tiles, client):
    drawn = live_map(make_result(), "zh_CN")
    answer = client.get(tiles.offer("layers", drawn.digest, drawn.document, "wang", anybody))
    assert answer.content == drawn.document
    assert answer.headers["cache-control"] == "no-store"
    assert {layer["key"] for layer in json.loads(drawn.document)["layers"]} >= {"cameras", "parts"}


@pytest.mark.parametrize("name", ["map.js", "map.css", "three.module.min.js", "three.core.min.js"])
def test_files_of_the_map_are_served_by_their_digest(name, client):
    answer = client.get(file_address(name))
    assert answer.status_code == 200
    assert answer.content == app_files()[name]
    wrong = file_address(name).replace("/tiles/files/", "/tiles/files/0")
    assert client.get(wrong).status_code == 404


def test_the_app_may_run_below_a_path(tiles):
    client = Client(tiles, "/city")
    assert client.get("/city" + file_address("map.css")).status_code == 200


def test_the_longest_unused_is_forgotten_first():
    kept = Kept(limit=10, size=len)
    kept.put("a", b"xxxx")
    kept.put("b", b"xxxx")
    kept.get("a")
    kept.put("c", b"xxxx")
    assert kept.get("b") is None
    assert kept.get("a") == kept.get("c") == b"xxxx"
    kept.put("d", b"x" * 50)
    assert kept.get("d")
    assert kept.get("a") is None
