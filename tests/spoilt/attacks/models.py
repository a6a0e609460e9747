"""GeoJSON and CityJSON that hold to JSON and break what it stands for."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from tests.spoilt.case import ADDRESS, Case, Make, pointing
from tests.spoilt.sound import CITYJSON, ORIGIN

Change = Callable[[dict[str, Any]], object]
DEEP: Final = 100_000
WIDE: Final = 200_000
X, Y = ORIGIN
SQUARE: Final = [[X, Y], [X + 1e-4, Y], [X + 1e-4, Y + 1e-4], [X, Y + 1e-4], [X, Y]]


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"height": 9} | properties, "geometry": geometry}


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


SOUND: Final = feature(polygon(SQUARE))


def layer(*features: object, **members: object) -> str:
    """Return a collection with a sound house and other features."""
    return json.dumps({"type": "FeatureCollection", "features": [SOUND, *features]} | members)


def house(geometry: object, **properties: object) -> str:
    return layer(feature(geometry, **properties))


def spelt(geometry: str) -> str:
    """Return a collection one of whose geometries is spelt as given."""
    return house("HERE").replace('"HERE"', geometry)


def place(coordinates: str) -> str:
    return spelt(f'{{"type": "Point", "coordinates": {coordinates}}}')


def ring(coordinates: str) -> str:
    return spelt(f'{{"type": "Polygon", "coordinates": [{coordinates}]}}')


def collections(depth: int) -> str:
    """Return collections of geometries within each other."""
    opener = '{"type": "GeometryCollection", "geometries": ['
    return opener * depth + '{"type": "Point", "coordinates": [115.9, 28.68]}' + "]}" * depth


GEOJSON: Final[dict[str, Callable[[], str]]] = {
    "a number for a geometry": lambda: house(5),
    "a list for a geometry": lambda: house([1, 2]),
    "a text for a geometry": lambda: house("POLYGON"),
    "a geometry that nobody knows": lambda: house({"type": "Donut", "coordinates": SQUARE}),
    "a kind of geometry that is no text": lambda: house({"type": ["Polygon"], "coordinates": []}),
    "a geometry without a kind": lambda: house({"coordinates": SQUARE}),
    "a geometry without coordinates": lambda: house({"type": "Polygon"}),
    "a geometry of itself": lambda: house(SOUND),
    "coordinates that are a text": lambda: house({"type": "Point", "coordinates": "115.9,28.68"}),
    "coordinates that are objects": lambda: house({"type": "Point", "coordinates": {"x": 1}}),
    "coordinates that are logical": lambda: place("[true, false]"),
    "coordinates that are null": lambda: place("[null, null]"),
    "coordinates that are texts": lambda: place('["115.9", "28.68"]'),
    "no coordinates": lambda: place("[]"),
    "one coordinate": lambda: place("[115.9]"),
    "a thousand coordinates": lambda: place(json.dumps([115.9] * 1_000)),
    "coordinates without end": lambda: place("[1e999, -1e999]"),
    "coordinates of infinity": lambda: place("[Infinity, -Infinity]"),
    "coordinates that are no numbers": lambda: place("[NaN, NaN]"),
    "a height that is no number": lambda: place("[115.9, 28.68, NaN]"),
    "a corner with a height that is no number": lambda: ring(
        "[[115.9, 28.68, NaN], [115.91, 28.68, 0], [115.91, 28.69, 1e999], [115.9, 28.68, NaN]]"
    ),
    "coordinates of 5,000 digits": lambda: place(f"[{'9' * 5_000}, 1]"),
    "coordinates of a power of nine digits": lambda: place("[1e-999999999, 1e999999999]"),
    "coordinates beyond the globe": lambda: place("[1e15, -1e15]"),
    "a house around the globe": lambda: ring(
        "[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]"
    ),
    "a house at the largest numbers": lambda: ring(
        "[[-1e308,-1e308],[1e308,-1e308],[1e308,1e308],[-1e308,-1e308]]"
    ),
    "a ring of no points": lambda: ring("[]"),
    "a ring of one point": lambda: ring("[[115.9, 28.68]]"),
    "a ring of two points": lambda: ring("[[115.9, 28.68], [115.9, 28.68]]"),
    "a ring of one point 10,000 times": lambda: ring(json.dumps([[X, Y]] * 10_000)),
    "a ring of one line": lambda: ring(
        "[[115.9,28.68],[115.91,28.68],[115.92,28.68],[115.9,28.68]]"
    ),
    "a ring that crosses itself 2,000 times": lambda: ring(
        json.dumps([[X + n * 1e-7, Y + (n % 2) * 1e-3] for n in range(2_000)] + [[X, Y]])
    ),
    "a star of 4,000 corners": lambda: ring(
        json.dumps(
            [[X + (n * 1_999 % 4_001) * 1e-7, Y + n * n % 4_001 * 1e-7] for n in range(4_000)]
        )
    ),
    "20,000 holes in one another": lambda: house(polygon(*[SQUARE] * 20_000)),
    "a hole outside": lambda: house(polygon(SQUARE, [[0, 0], [1, 0], [1, 1], [0, 0]])),
    "20,000 parts in one place": lambda: house(
        {"type": "MultiPolygon", "coordinates": [[SQUARE]] * 20_000}
    ),
    "parts that are none": lambda: house({"type": "MultiPolygon", "coordinates": [5, None, "x"]}),
    "coordinates 100,000 deep": lambda: place("[" * DEEP + "]" * DEEP),
    "coordinates 900 deep": lambda: place("[" * 900 + "]" * 900),
    "collections 100,000 deep": lambda: spelt(collections(DEEP)),
    "collections 300 deep": lambda: spelt(collections(300)),
    "collections without end": lambda: spelt(
        '{"type": "GeometryCollection", "geometries": [' * DEEP
    ),
    "a collection of no list": lambda: house({"type": "GeometryCollection", "geometries": 5}),
    "properties 100,000 deep": lambda: house(None, a="HERE").replace('"HERE"', '{"a":' * DEEP),
    "properties 400 deep": lambda: house(None, a="HERE").replace('"HERE"', "[" * 400 + "]" * 400),
    "properties that are a list": lambda: layer(
        {"type": "Feature", "properties": [1], "geometry": None}
    ),
    "properties of all kinds": lambda: layer(
        *(feature(polygon(SQUARE), height=value) for value in ({}, [], None, True, "9", 9e9, "x"))
    ),
    "a height beyond all": lambda: layer(SOUND).replace('"height": 9', '"height": 1e999', 1),
    "a height without end": lambda: layer(SOUND).replace('"height": 9', '"height": 1e999999999', 1),
    "an id that is an object": lambda: layer(SOUND | {"id": {"a": [1]}}),
    "an id that is logical": lambda: layer(*[SOUND | {"id": True}] * 2),
    "one key twice": lambda: layer(SOUND).replace('"height": 9', '"height": 9, "height": 10', 1),
    "one key in two spellings": lambda: layer(SOUND).replace(
        '"height": 9', '"height": 9, "hei\\u0067ht": 10', 1
    ),
    "two geometries": lambda: layer(SOUND).replace('"geometry"', '"geometry": null, "geometry"', 1),
    "two lists of features": lambda: layer(SOUND).replace(
        '"features"', '"features": [], "features"', 1
    ),
    "200,000 keys that are one": lambda: layer(SOUND).replace(
        '"height": 9', ",".join(['"height": 9'] * WIDE), 1
    ),
    "200,000 properties": lambda: house(None, **{f"n{n}": 1 for n in range(WIDE)}),
    "a property with a name of a megabyte": lambda: house(polygon(SQUARE), **{"n" * (1 << 20): 1}),
    "a property with a name of escape sequences": lambda: house(None, **{"\x1b[2J\u202e": 1}),
    "a property without a name": lambda: house(polygon(SQUARE), **{"": 1}),
    "a property called geometry": lambda: layer(
        SOUND | {"properties": {"geometry": "x", "fid": -1}}
    ),
    "features that are no objects": lambda: layer(1, None, "x", [], True),
    "a feature in a feature": lambda: layer(SOUND | {"geometry": SOUND, "features": [SOUND]}),
    "a list of features that is an object": lambda: (
        '{"type":"FeatureCollection","features":{"a":1}}'
    ),
    "200,000 features of nothing": lambda: layer(*[{}] * WIDE),
    "no features": lambda: '{"type":"FeatureCollection","features":[]}',
    "a topology": lambda: json.dumps({"type": "Topology", "arcs": [[0]], "objects": {}}),
    "a system at an address": lambda: layer(
        crs={"type": "link", "properties": {"href": ADDRESS, "type": "proj4"}}
    ),
    "a system in a file": lambda: layer(crs={"type": "name", "properties": {"name": "SECRET"}}),
    "a system that PROJ would open": lambda: layer(
        crs={"type": "name", "properties": {"name": "+init=SECRET:1"}}
    ),
    "a system with a number without end": lambda: layer(
        crs={"type": "name", "properties": {"name": "EPSG:" + "9" * 10_000}}
    ),
    "a system of the moon": lambda: layer(
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:IAU_2015::30100"}}
    ),
    "a system of nothing": lambda: layer(crs={"type": "name", "properties": {"name": "EPSG:0"}}),
    "a system of heights": lambda: layer(crs={"type": "name", "properties": {"name": "EPSG:5773"}}),
    "a system of time and place": lambda: layer(crs=[{"type": "name"}]),
    "halves of characters": lambda: house(polygon(SQUARE), name="HERE").replace("HERE", "\\ud800"),
    "a frame that lies": lambda: layer(bbox=[1e308, -1e308, float("nan"), "x"]),
    "a sequence of separators": lambda: "\x1e" * WIDE,
    "a sequence with one that is none": lambda: f"\x1e{json.dumps(SOUND)}\n\x1e[\n\x1e5\n",
    "lines that are no features": lambda: f"{json.dumps(SOUND)}\n5\nnull\n[]\n",
}

CITY: Final = "CityObjects"


def model(change: Change, **swapped: str) -> Callable[[], str]:
    """Return what writes a sound model, changed, with texts swapped for what JSON cannot say."""

    def write() -> str:
        city = deepcopy(CITYJSON)
        change(city)
        text = json.dumps(city)
        for old, new in swapped.items():
            text = text.replace(f'"{old}"', new)
        return text

    return write


def solid(**members: object) -> Callable[[], str]:
    """Return what writes a model whose solid has other members."""
    return model(lambda city: city[CITY]["b"]["geometry"][0].update(members))


def faces(*rings: object) -> Callable[[], str]:
    return solid(boundaries=[[[face] for face in rings]])


def block(**members: object) -> Callable[[], str]:
    """Return what writes a model whose building has other members."""
    return model(lambda city: city[CITY]["b"].update(members))


def head(**members: object) -> Callable[[], str]:
    return model(lambda city: city.update(members))


def placed(scale: object, translate: object = (0, 0, 0)) -> Callable[[], str]:
    return head(transform={"scale": scale, "translate": translate})


INSTANCE: Final = {
    "type": "GeometryInstance",
    "template": 0,
    "boundaries": [0],
    "transformationMatrix": [1e308] * 16,
}
TEMPLATES: Final = {"templates": [INSTANCE], "vertices-templates": [[0, 0, 0]]}
MODELS: Final[dict[str, Callable[[], str]]] = {
    "a corner that is not there": faces([0, 1, 99]),
    "a corner beyond all numbers": faces([0, 1, 10**30]),
    "a corner before the first": faces([0, 1, -1]),
    "a corner that is no whole number": faces([0, 1, 2.5]),
    "a corner that is logical": faces([True, False, True]),
    "a corner that is a list": faces([0, 1, [2]]),
    "a corner without end": model(
        lambda city: city[CITY]["b"]["geometry"][0].update(boundaries=[[[["E", 1, 2]]]]), E="1e999"
    ),
    "a ring of one corner": faces([0]),
    "a ring of one corner 100,000 times": faces([0] * DEEP),
    "a ring of no corners": faces([]),
    "faces that are numbers": solid(boundaries=[0, 1, 2]),
    "faces that are a text": solid(boundaries="[[[0,1,2]]]"),
    "faces that are an object": solid(boundaries={"0": [[0, 1, 2]]}),
    "no faces": solid(boundaries=[]),
    "no shells": solid(boundaries=[[]]),
    "faces one level too deep": solid(boundaries=[[[[[0, 1, 2]]]]]),
    "faces 100,000 deep": model(
        lambda city: city[CITY]["b"]["geometry"][0].update(boundaries="E"),
        E="[" * DEEP + "]" * DEEP,
    ),
    "faces 900 deep": model(
        lambda city: city[CITY]["b"]["geometry"][0].update(boundaries="E"), E="[" * 900 + "]" * 900
    ),
    "one face 20,000 times": faces(*[[0, 1, 2, 3]] * 20_000),
    "20,000 shells": solid(boundaries=[[[[0, 1, 2]]]] * 20_000),
    "a solid that is open": faces([0, 3, 2, 1]),
    "a solid turned inside out": faces([1, 2, 3, 0], [4, 7, 6, 5]),
    "a kind of geometry that is a list": solid(type=["Solid"]),
    "a kind of geometry that nobody knows": solid(type="Donut"),
    "a level of detail that is none": solid(lod="x"),
    "a level of detail without end": solid(lod="1e999"),
    "a level of detail that is an object": solid(lod={}),
    "20,000 levels of detail": block(
        geometry=[
            {"type": "MultiSurface", "lod": f"1.{n}", "boundaries": [[[0, 1, 2]]]}
            for n in range(20_000)
        ]
    ),
    "roofs that are not there": solid(semantics={"surfaces": [], "values": [[99] * 6]}),
    "roofs that are fewer": solid(
        semantics={"surfaces": [{"type": "RoofSurface"}], "values": [[0]]}
    ),
    "roofs of wrong kinds": solid(semantics={"surfaces": 5, "values": "x"}),
    "roofs that are roofs of each other": solid(
        semantics={
            "surfaces": [
                {"type": "RoofSurface", "parent": 1, "children": [1]},
                {"type": "RoofSurface", "parent": 0, "children": [0]},
            ],
            "values": [[0, 1, 0, 1, 0, 1]],
        }
    ),
    "a template of itself": model(
        lambda city: (
            city.update({"geometry-templates": TEMPLATES})
            or city[CITY]["b"].update(geometry=[INSTANCE])
        )
    ),
    "a template that is not there": block(geometry=[INSTANCE | {"template": 10**9}]),
    "templates of wrong kinds": head(**{"geometry-templates": [5, None]}),
    "a building that is its own part": block(parents=["b"], children=["b"], type="BuildingPart"),
    "a parent that is not there": block(parents=["gone"], type="BuildingPart"),
    "parents that are a number": block(parents=5),
    "a circle of 20,000 parts": model(
        lambda city: city[CITY].update(
            {
                f"p{n}": city[CITY]["b"]
                | {"type": "BuildingPart", "parents": [f"p{(n + 1) % 20_000}"]}
                for n in range(20_000)
            }
        )
    ),
    "a scale without end": model(
        lambda city: city.update(transform={"scale": ["E", 1, 1], "translate": [0, 0, 0]}),
        E="1e999",
    ),
    "a scale of the largest number": placed([1e308] * 3),
    "a scale of nothing": placed([0, 0, 0]),
    "a scale below zero": placed([-0.01, -0.01, -0.01]),
    "a scale of two numbers": placed([1, 1]),
    "a scale that is a text": placed("x"),
    "a scale that is an object": placed({"x": 1}),
    "a place beyond all": placed([1, 1, 1], [1e308, -1e308, 1e308]),
    "a transform that is a list": head(transform=[1, 2]),
    "a transform without a place": head(transform={"scale": [1, 1, 1]}),
    "corners of two numbers": head(vertices=[[1, 2]] * 8),
    "corners of all kinds": head(vertices=[[1, None, "x"], {}, [[1]], True]),
    "corners that are a text": head(vertices="x"),
    "corners beyond 64 bits": head(vertices=[[10**400, 0, 0]] * 8),
    "corners of texts": head(vertices=[["1", "2", "3"]] * 8),
    "no corners": head(vertices=[]),
    "objects that are a list": head(**{CITY: [1, 2]}),
    "objects of all kinds": head(**{CITY: {"a": 5, "b": None, "c": [], "d": "Building"}}),
    "an object without a kind": head(**{CITY: {"b": {}}}),
    "an object twice": lambda: json.dumps(CITYJSON).replace('"b":', '"b": {}, "b":', 1),
    "200,000 objects of nothing": head(
        **{CITY: {f"b{n}": {"type": "Building"} for n in range(WIDE)}}
    ),
    "a name of a megabyte": model(
        lambda city: city[CITY].update({"n" * (1 << 20): city[CITY].pop("b")})
    ),
    "a name of escape sequences": model(
        lambda city: city[CITY].update({"\x1b[2J\u202egpj": city[CITY].pop("b")})
    ),
    "attributes that are a list": block(attributes=[1]),
    "attributes of all kinds": block(
        attributes={"measuredHeight": {"a": []}, "storeysAboveGround": []}
    ),
    "a height beyond all": model(
        lambda city: city[CITY]["b"].update(attributes={"measuredHeight": "E"}), E="1e999"
    ),
    "a height of 5,000 digits": model(
        lambda city: city[CITY]["b"].update(attributes={"measuredHeight": "E"}), E="9" * 5_000
    ),
    "attributes 100,000 deep": model(
        lambda city: city[CITY]["b"].update(attributes="E"), E='{"a":' * DEEP
    ),
    "a height that is no number": model(
        lambda city: city[CITY]["b"].update(attributes={"measuredHeight": "E"}), E="NaN"
    ),
    "a system at an address": head(metadata={"referenceSystem": ADDRESS}),
    "a system in a file": head(metadata={"referenceSystem": "+init=SECRET:1"}),
    "a system that is an object": head(metadata={"referenceSystem": {"a": 1}}),
    "a system of two axes": head(
        metadata={"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/4326"}
    ),
    "metadata that are a list": head(metadata=[1]),
    "a version that is a list": head(version=[1]),
    "a version of 5,000 digits": head(version="1." + "0" * 5_000),
    "an extension at an address": head(extensions={"Noise": {"url": ADDRESS, "version": "1.0"}}),
    "pictures in other files": head(
        appearance={"textures": [{"type": "PNG", "image": "SECRET"}] * 9}
    ),
    "a sequence of heads": lambda: (json.dumps(CITYJSON) + "\n") * 3,
    "a sequence of wrong kinds": lambda: json.dumps(CITYJSON) + '\n5\n{"type":"CityJSONFeature"}\n',
}


def _made(name: str, content: Callable[[], str]) -> Make:
    def make(folder: Path) -> Path:
        return pointing(name, content())(folder)

    return make


CASES: Final = (
    *(
        Case("GeoJSON", f"feature, {said}", "buildings", _made("blocks.geojson", content))
        for said, content in GEOJSON.items()
    ),
    *(
        Case("CityJSON", f"model, {said}", "buildings", _made("model.city.json", content))
        for said, content in MODELS.items()
    ),
)
