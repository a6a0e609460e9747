"""The service held to its standards: what each document must have, links, pages, boxes, systems.

References
----------
OGC 17-069r4 (Features, Part 1), 18-058r1 (Part 2), 20-057 (Tiles, Part 1); the schemas below say
in short what theirs demand.
"""

from __future__ import annotations

import gzip
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from jsonschema import Draft202012Validator
from pyproj import Transformer
from shapely.geometry import shape

from civicsight.maps.vectortiles import MAX_ZOOM, MIN_ZOOM
from civicsight.ui.ogc import documents
from civicsight.ui.ogc.definition import PATHS
from civicsight.ui.ogc.query import CRS84, MOST_LIMIT, USUAL_LIMIT
from tests.ogc_made import ADDRESS, CODE, ground_of, project_at, serve

TEXT = {"type": "string", "minLength": 1}
LINKS = {"type": "array", "minItems": 1, "items": {
    "type": "object", "required": ["href", "rel", "type"],
    "properties": {"href": {"type": "string", "pattern": "^http://127"}, "rel": TEXT, "type": TEXT},
}}  # fmt: skip
COLLECTION = {
    "type": "object", "required": ["id", "title", "links", "crs", "storageCrs", "itemType"],
    "properties": {
        "id": TEXT, "links": LINKS, "itemType": {"const": "feature"}, "storageCrs": TEXT,
        "crs": {"type": "array", "contains": {"const": CRS84}},
        "extent": {"type": "object", "required": ["spatial"], "properties": {"spatial": {
            "type": "object", "required": ["bbox"], "properties": {"crs": {"const": CRS84},
                "bbox": {"type": "array", "minItems": 1, "items": {
                    "type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}}}},
        }}},
    },
}  # fmt: skip
FEATURE = {
    "type": "object", "required": ["type", "id", "properties", "geometry"],
    "properties": {
        "type": {"const": "Feature"}, "id": TEXT, "properties": {"type": "object"},
        "geometry": {"type": "object", "required": ["type", "coordinates"]},
    },
}  # fmt: skip
SCHEMAS = {
    "": {"type": "object", "required": ["title", "description", "links"],
         "properties": {"links": LINKS}},
    "/conformance": {"type": "object", "required": ["conformsTo"], "properties": {
        "conformsTo": {"type": "array", "items": {"type": "string", "pattern": "^http"}}}},
    "/collections": {"type": "object", "required": ["links", "collections"], "properties": {
        "links": LINKS, "collections": {"type": "array", "items": COLLECTION}}},
    "/collections/cameras": COLLECTION,
    "/collections/cameras/items": {
        "type": "object",
        "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
        "properties": {
            "type": {"const": "FeatureCollection"}, "links": LINKS,
            "features": {"type": "array", "items": FEATURE},
            "timeStamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
            "numberMatched": {"type": "integer"}, "numberReturned": {"type": "integer"},
        },
    },
    "/collections/cameras/items/south": {
        **FEATURE, "required": [*FEATURE["required"], "links"],
        "properties": FEATURE["properties"] | {"links": LINKS},
    },
    "/collections/buildings/schema": {
        "type": "object", "required": ["$schema", "$id", "properties"],
        "properties": {"type": {"const": "object"}}},
    "/tiles": {"type": "object", "required": ["tilesets"], "properties": {
        "tilesets": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["dataType", "crs", "links"]}}}},
    "/tiles/WebMercatorQuad": {
        "type": "object", "required": ["dataType", "crs", "links", "tileMatrixSetURI"],
        "properties": {"dataType": {"const": "vector"}, "links": LINKS}},
    "/tileMatrixSets": {"type": "object", "required": ["tileMatrixSets"]},
    "/tileMatrixSets/WebMercatorQuad": {
        "type": "object", "required": ["id", "crs", "tileMatrices"],
        "properties": {"tileMatrices": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["id", "scaleDenominator", "cellSize", "pointOfOrigin",
                                           "tileWidth", "tileHeight", "matrixWidth",
                                           "matrixHeight"]}}}},
    "/api": {"type": "object", "required": ["openapi", "info", "paths"],
             "properties": {"openapi": {"pattern": r"^3\.0\.\d$"}}},
}  # fmt: skip


@pytest.fixture
def service(monkeypatch, tmp_path):
    return serve(monkeypatch, project_at(tmp_path), tmp_path)


@pytest.fixture
def get(service):
    token = service.token()
    return lambda path="", **headers: service.ask(path, token, **headers)


@pytest.mark.parametrize("path", SCHEMAS)
def test_every_document_has_what_the_standard_demands(get, path):
    answer = get(path)
    assert answer.status_code == 200, answer.text
    Draft202012Validator(SCHEMAS[path]).validate(answer.json())
    head = get(path, method="HEAD")
    assert head.status_code == 200


def test_the_first_page_leads_to_definition_conformance_and_data(get):
    links = {link["rel"]: link for link in get().json()["links"]}
    assert links["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert {"self", "conformance", "data", documents.TILESETS} <= links.keys()
    assert set(get("/conformance").json()["conformsTo"]) == set(documents.CONFORMS)


def test_every_link_leads_to_what_it_says(get):
    seen, ways = set(), [f"{ADDRESS}/ogc/{CODE}"]
    while ways:
        address = ways.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = get(address)
        assert answer.status_code == 200, address
        found = answer.json()
        entries = [found, *found.get("collections", ()), *found.get("tilesets", ()),
                   *found.get("tileMatrixSets", ()), *found.get("features", ())[:1]]  # fmt: skip
        for link in (link for entry in entries for link in entry.get("links", ())):
            if link.get("templated") or "/ogc/" not in link["href"]:
                continue
            kind = get(link["href"]).headers["content-type"].replace(" ", "")
            assert kind == link["type"], link
            ways.append(link["href"])
    paths = {re.sub(r"\?.*", "", one).removeprefix(f"{ADDRESS}/ogc/{CODE}") for one in seen}
    assert {"", "/api", "/conformance", "/collections", "/tiles"} <= paths
    assert any(path.startswith("/collections/parts_") for path in paths)
    assert "/collections/parts/items" not in paths


def test_pages_hold_every_feature_once_and_in_order(get):
    whole = get("/collections/cameras/items").json()
    ids = [one["id"] for one in whole["features"]]
    assert ids == sorted(ids) == sorted(app_ids())
    seen, address = [], f"{ADDRESS}/ogc/{CODE}/collections/cameras/items?limit=2"
    while address:
        page = get(address).json()
        assert page["numberMatched"] == len(ids)
        assert page["numberReturned"] == len(page["features"]) <= 2
        seen += [one["id"] for one in page["features"]]
        address = {link["rel"]: link["href"] for link in page["links"]}.get("next")
    assert seen == ids
    back = {link["rel"] for link in get("/collections/cameras/items?offset=3").json()["links"]}
    assert "prev" in back
    past = get("/collections/cameras/items?offset=999").json()
    assert past["features"] == []
    assert "next" not in {link["rel"] for link in past["links"]}


def app_ids():
    from tests.app_town import app_city

    return [str(label) for label in app_city().cameras.index]


@pytest.mark.parametrize("limit", ["1", "3", "10000", "10001", "99999999999999999999", "9" * 400])
def test_a_limit_above_the_greatest_is_the_greatest(get, limit):
    answer = get(f"/collections/cameras/items?limit={limit}")
    assert answer.status_code == 200
    assert answer.json()["numberReturned"] == min(int(limit), len(app_ids()), MOST_LIMIT)


@pytest.mark.parametrize("layer", ["cameras", "buildings", "parts"])
def test_a_box_finds_what_geometry_says(service, get, layer):
    frame = getattr(service.project.result, layer, service.project.city.buildings)
    degrees = frame.to_crs(4326)
    west, south, east, north = degrees.total_bounds
    rng = np.random.default_rng(4)
    for _ in range(12):
        x, y = np.sort(rng.uniform(west, east, 2)), np.sort(rng.uniform(south, north, 2))
        box = shapely.box(x[0], y[0], x[1], y[1])
        wanted = set(degrees.index[degrees.intersects(box)].astype(str))
        text = ",".join(map(repr, map(float, (x[0], y[0], x[1], y[1]))))
        flat = get(f"/collections/{layer}/items?bbox={text}").json()
        assert {one["id"] for one in flat["features"]} == wanted
        high = ",".join(map(repr, map(float, (x[0], y[0], -5, x[1], y[1], 900))))
        assert get(f"/collections/{layer}/items?bbox={high}").json()["numberMatched"] == len(wanted)
    over = get(f"/collections/{layer}/items?bbox=170,-10,{east},{north}").json()
    assert over["numberMatched"] == len(frame)  # across 180 degrees
    assert get(f"/collections/{layer}/items?bbox=0,80,1,81").json()["features"] == []


def test_the_working_system_is_written_in_the_order_of_its_axes(service, get):
    code = service.project.city.crs.to_epsg()
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    assert get("/collections/cameras").json()["crs"] == [CRS84, uri]
    plain = get("/collections/cameras/items")
    assert plain.headers["content-crs"] == f"<{CRS84}>"
    turned = get("/collections/cameras/items", method="GET").json()
    answer = get(f"/collections/cameras/items?crs={uri}")
    assert answer.headers["content-crs"] == f"<{uri}>"
    way = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")  # by the authority: north first
    for one, two in zip(turned["features"], answer.json()["features"], strict=True):
        wanted = way.transform(*one["geometry"]["coordinates"])
        assert two["geometry"]["coordinates"] == pytest.approx(wanted, abs=2e-3)
    alone = get(f"/collections/cameras/items/south?crs={uri}")
    assert alone.headers["content-crs"] == f"<{uri}>"
    x, y = service.project.city.cameras.loc["south", "geometry"].coords[0]
    box = f"{y - 0.1},{x - 0.1},{y + 0.1},{x + 0.1}"
    found = get(f"/collections/cameras/items?bbox={box}&bbox-crs={uri}").json()["features"]
    assert [one["id"] for one in found] == ["south"]


def test_features_are_where_and_what_the_tables_say(service, get):
    found = get("/collections/buildings/items").json()
    frame = service.project.city.buildings.to_crs(4326)
    for one in found["features"]:
        row = frame.loc[one["id"]]
        assert shape(one["geometry"]).hausdorff_distance(row.geometry) < 2e-8
        assert shapely.is_ccw(shape(one["geometry"]).exterior)
        assert one["properties"]["height_m"] == row["height_m"]
    states = {one["id"]: one["properties"]["status"] for one in
              get("/collections/parts/items").json()["features"]}  # fmt: skip
    from civicsight.presentation.names import judge_parts

    assert states == judge_parts(service.project.result)["status"].to_dict()


def test_parts_are_listed_by_shape_and_all_together_under_the_name_of_before(get):
    listed = [one["id"] for one in get("/collections").json()["collections"]]
    whole = get("/collections/parts/items").json()["features"]
    found = []
    for name in (name for name in listed if name.startswith("parts_")):
        some = get(f"/collections/{name}/items").json()["features"]
        kinds = {one["geometry"]["type"].removeprefix("Multi") for one in some}
        assert len(kinds) == 1
        found += [one["id"] for one in some]
    assert sorted(found) == [one["id"] for one in whole]
    assert "parts" not in listed


def test_the_schema_names_every_property_in_the_language_asked_for(get):
    for layer in ("buildings", "cameras", "parts"):
        columns = get(f"/collections/{layer}/schema").json()["properties"]
        sent = get(f"/collections/{layer}/items?limit=1").json()["features"][0]["properties"]
        assert columns.keys() == {"geometry", *sent}
    name = get("/collections/cameras/schema", Accept_Language="zh-CN,en;q=0.5")
    assert name.json()["properties"]["height_m"]["title"] == "高度 [米]"
    assert name.headers["content-language"] == "zh-CN"
    assert get("/collections/cameras?lang=zh").json()["title"] == "摄像机"


@pytest.mark.parametrize(
    "moment",
    ["2026-01-01", "2026-01-01T00:00:00Z", "../2026-01-01", "2026-01-01/..", "/2026-01-01"],
)
def test_what_has_no_time_is_found_at_every_time(get, moment):
    assert get(f"/collections/cameras/items?datetime={moment}").json()["numberMatched"] == 5


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ("bbox=nan,nan,nan,nan", "bbox"), ("bbox=0,0,inf,1", "bbox"), ("bbox=0,0,1", "bbox"),
        ("bbox=", "bbox"), ("bbox=a,b,c,d", "bbox"), ("bbox=0,1,1,0", "bbox"),
        ("bbox=1,2,3,4,5", "bbox"), ("bbox=1e999,0,0,1", "bbox"), ("bbox=0,0,1,1;x", "bbox"),
        ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=1.5", "limit"), ("limit=", "limit"),
        ("limit=1e3", "limit"), ("limit=%D9%A3", "limit"), ("limit=1&limit=2", "limit"),
        ("offset=-1", "offset"), ("offset=x", "offset"), ("crs=EPSG:4326", "crs"),
        ("bbox-crs=../../etc/passwd", "bbox-crs"), ("datetime=yesterday", "datetime"),
        ("datetime=2026-01-01/x", "datetime"), ("f=html", "f"), ("name=South", "name"),
        ("filter=1%3D1", "filter"), ("%3Cscript%3E=1", "<script>"),
    ],
)  # fmt: skip
def test_what_no_parameter_can_be_is_refused_in_words(get, wrong, name):
    answer = get(f"/collections/cameras/items?{wrong}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "InvalidParameterValue"
    assert f"The parameter {name} is not as expected" in answer.json()["description"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_definition_names_every_path_and_parameter(get):
    found = get("/api").json()
    assert found["paths"].keys() == PATHS.keys()
    known = found["components"]["parameters"]
    for path, methods in found["paths"].items():
        assert methods.keys() == {"get"}
        names = [entry["$ref"].rpartition("/")[2] for entry in methods["get"]["parameters"]]
        assert set(names) <= known.keys()
        assert set(re.findall(r"\{(\w+)\}", path)) == {
            known[name]["name"] for name in names if known[name]["in"] == "path"
        }
    limit = known["limit"]["schema"]
    assert (limit["maximum"], limit["default"]) == (MOST_LIMIT, USUAL_LIMIT)
    names = {one["operationId"] for path in found["paths"].values() for one in path.values()}
    assert len(names) == len(PATHS)


class TestTiles:
    """The ground plan, row before column."""

    def places(self, get, z):
        limits = get("/tiles/WebMercatorQuad").json()["tileMatrixSetLimits"]
        return next(one for one in limits if one["tileMatrix"] == str(z))

    @pytest.mark.parametrize("z", range(MIN_ZOOM, MAX_ZOOM + 1))
    def test_what_is_there_lies_within_the_limits(self, service, get, z):
        source, own = ground_of(service.project), self.places(get, z)
        rows = range(own["minTileRow"], own["maxTileRow"] + 1)
        columns = range(own["minTileCol"], own["maxTileCol"] + 1)
        for row in rows:
            for column in columns:
                wanted = source.tile(z, column, row)
                answer = get(f"/tiles/WebMercatorQuad/{z}/{row}/{column}")
                assert answer.status_code == (200 if wanted else 204)
                assert answer.content == wanted
        for row in (rows[0] - 1, rows[-1] + 1):
            assert get(f"/tiles/WebMercatorQuad/{z}/{row}/{columns[0]}").status_code == 204

    def test_who_cannot_unpack_gets_it_plain(self, get):
        own = self.places(get, 16)
        path = f"/tiles/WebMercatorQuad/16/{own['minTileRow']}/{own['minTileCol']}"
        packed, plain = get(path), get(path, Accept_Encoding="identity")
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert plain.content == packed.content != gzip.compress(plain.content)
        assert plain.headers["content-type"] == "application/vnd.mapbox-vector-tile"

    @pytest.mark.parametrize(
        "path",
        ["9/1/1", "17/1/1", "12/99999/1", "12/-1/1", "12/1/1.5", "x/1/1", "12/1", "12/1/1/1",
         "12/1/%D9%A3", "12//1", "1e1/1/1", "12/" + "9" * 40 + "/1"],
    )  # fmt: skip
    def test_what_is_no_tile_is_not_there(self, get, path):
        assert get(f"/tiles/WebMercatorQuad/{path}").status_code == 404

    def test_the_grid_is_that_of_web_mercator(self, get):
        matrices = get("/tileMatrixSets/WebMercatorQuad").json()["tileMatrices"]
        assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-9)
        assert matrices[0]["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
        assert [one["matrixWidth"] for one in matrices] == [2**z for z in range(len(matrices))]


def test_sources_and_made_up_data_are_said(monkeypatch, tmp_path):
    from dataclasses import replace

    project = project_at(tmp_path)
    city = replace(project.city, synthetic=True, sources=("OpenStreetMap, 2026",))
    service = serve(monkeypatch, replace(project, city=city), tmp_path)
    token = service.token()
    for path in ("", "/collections/cameras", "/collections/cameras/items"):
        said = service.ask(path, token).json()
        assert "© OpenStreetMap contributors" in said["attribution"]
        assert "Open Database License" in said["licence"] + said["licence_zh"]
        assert "Made-up" in said["synthetic"]


def test_an_empty_layer_is_a_layer(monkeypatch, tmp_path):
    from dataclasses import replace

    project = project_at(tmp_path)
    nothing = gpd.GeoDataFrame(project.result.cameras.iloc[:0])
    heads = project.result.heads.iloc[:0]
    result = replace(project.result, cameras=nothing, heads=heads)
    service = serve(monkeypatch, replace(project, result=result), tmp_path)
    token = service.token()
    assert "extent" not in service.ask("/collections/cameras", token).json()
    assert service.ask("/collections/cameras/items", token).json()["features"] == []
